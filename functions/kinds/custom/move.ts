// Lets a Lambda of the user's change something: under the lock, not while frozen, and recorded before it is asked.
import { act, expectLock, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import type { FlowIncident } from '../../shared/recovery/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { type Asked, callLambda, lambdaFor } from './ask.ts';

/** The first call of an execution is the change. Those that ask whether it is done are not recorded, and need the lock too. */
export async function moveByLambda(asked: Asked, incident: FlowIncident, shell: Shell) {
  const { verb, asset, region } = asked;
  // One function may do the work of several assets, each of which is another thing that changes.
  const target = `${lambdaFor(asked, shell)} for ${asset}`;
  const call = { step: `${verb}/${asset}`, call: 'lambda:Invoke', target, region };
  const ask = () => callLambda(asked, incident, shell);
  if (incident.dryRun) return ask();
  if ((await lastCallAt(incident, call, shell)) !== null) {
    expectLock(incident, await shell.store.readStanding(incident.region));
    return ask();
  }
  // What it changes is seen by that Lambda alone.
  const change = null;
  return act(incident, { ...call, change, ...(verb === 'take-over' && { continues: givingUp }) }, shell, ask);
}
