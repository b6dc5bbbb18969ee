// Desired state: the service of the region that was given up runs no tasks, once users have left it: what still runs there works on old data.
// The fence watch asks.

import { describeService, type ServicePlace, setTasks } from '../../aws/ecs.ts';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { act, lastCallAt } from '../../shared/act.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { noteFailing } from '../../shared/failing.ts';
import { isServing, whyOver } from '../../shared/fence-watch.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/flow.ts';
import { onInput, type Shell } from '../../shared/shell.ts';
import { readAbort, readWaiver } from '../../shared/waivers.ts';
import { nextNone } from './moves.ts';

/**
 * Called again until no task runs, or nothing is left to do. A planned switchover leaves them: their region has not failed, and may take over
 * again with what runs there. @throws InProgress.
 */
export const handler = onInput(RegionVerbInput, async ({ incident, asset }, shell) => {
  const { id, execution, region, mode } = incident;
  const { store, plan, now } = shell;
  const place = placeOf(assetNamed(asset, 'ecs-service', plan), region);
  const waived = await readWaiver(incident, 'FenceOnReturn', shell, asset);
  if (waived !== null) return { fenced: false, ...waived };
  const step = `fence-late/${asset}`;
  const end = async (fenced: boolean, why: string) => {
    // It holds no data: what its tasks wrote is the databases'.
    const outcome = { fenced, why, divergedWrites: 0, ...(fenced && { fencedAt: now() }) };
    await store.recordStep({ incident: id, execution, step, at: now(), outcome });
    return outcome;
  };
  if (mode !== 'failover') return end(false, 'a planned switchover leaves its tasks as they are');
  const over = await whyOver(incident, asset, shell);
  if (over !== null) return end(false, over);
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  // A person who left the redirection out has not moved anybody, and users may be seen to be served there again.
  const haveLeft = own.some(({ step: kept, outcome }) => kept === 'redirect-users' && outcome['skipped'] !== true);
  if (!haveLeft || (await isServing(region, shell))) {
    if ((await readAbort(execution, shell)) !== null) return end(false, 'the flow was aborted before users left it');
    throw new InProgress(`users have not left ${region} yet`);
  }
  const move = await nextOf(incident, asset, place, shell);
  if (move.next === 'done') return end(true, 'no task runs');
  if (move.next === 'give-up') return end(false, move.why);
  if (move.next === 'wait') throw new InProgress(`service ${place.service} still runs tasks: ${move.why}`);
  try {
    await act(incident, callOf(asset, place), shell, () => setTasks(region, place, 0));
  } catch (error) {
    if (!(error instanceof CannotProceed)) throw error;
    // A person may mend what keeps it; the sweep tells people, as soon as their patience has ended.
    await noteFailing(incident, step, `tasks of ${region} still run: ${error.message}`, shell);
    throw new InProgress(`tasks of ${place.service} in ${region} still run: ${error.message}`);
  }
  throw new InProgress(`service ${place.service} was asked to run no tasks`);
});

function callOf(asset: string, { service }: ServicePlace) {
  return { step: `fence/${asset}`, call: 'ecs:UpdateService', target: service, watches: true } as const;
}

async function nextOf(incident: RegionIncident, asset: string, place: ServicePlace, shell: Shell) {
  const { region } = incident;
  const seen = await describeService(region, place).catch((error: unknown) => {
    if (error instanceof Unavailable) throw new InProgress(`${region} does not answer: ${error.message}`);
    throw error;
  });
  return nextNone(seen, await lastCallAt(incident, callOf(asset, place), shell), shell.now());
}
