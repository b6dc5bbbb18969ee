// Lets a Lambda of the user's change something: under the lock, not while frozen, and recorded before it is asked.
import { act, givingUp, lastCallAt } from '../../shared/act.ts';
import type { FlowIncident } from '../../shared/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { type Asked, askLambda, lambdaFor } from './ask.ts';

/** The first call of an execution is the change; those that ask whether it is done are not recorded. */
export async function moveByLambda(asked: Asked, incident: FlowIncident, shell: Shell) {
  const { verb, asset, region } = asked;
  const call = { step: `${verb}/${asset}`, call: 'lambda:Invoke', target: lambdaFor(asked, shell), region };
  const ask = () => askLambda(asked, incident, shell);
  if (incident.dryRun || (await lastCallAt(incident, call, shell)) !== null) return ask();
  return act(incident, { ...call, ...(verb === 'take-over' && { continues: givingUp }) }, shell, ask);
}
