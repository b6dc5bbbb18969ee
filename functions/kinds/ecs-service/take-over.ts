// Desired state: the service of the region that takes over runs as many tasks as the plan wants there.
import { describeService, setTasks } from '../../aws/workloads/ecs.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { act, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { nextTasks, tasksChange } from './moves.ts';

/** Called again until they run. `raised`: this flow asked for them, and nobody before. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const place = placeOf(assetNamed(asset, 'ecs-service', shell.plan), region);
  const { service, desiredCount } = place;
  const step = `take-over/${asset}`;
  const call = { step, call: 'ecs:UpdateService', target: service, region, continues: givingUp };
  const seen = await describeService(region, place);
  if (seen === null) throw new CannotProceed(`service ${service} is not in cluster ${place.cluster} of ${region}`);
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextTasks(seen, desiredCount, calledAt, shell.now());
  if (move.next === 'done') return { service, tasks: seen.running, raised: calledAt !== null };
  if (move.next === 'give-up') throw new CannotProceed(`service ${service} cannot take over: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`service ${service} has not taken over yet: ${move.why}`);
  const change = tasksChange(seen, desiredCount);
  await act(incident, { ...call, change }, shell, () => setTasks(region, place, desiredCount));
  throw new InProgress(`service ${service} was asked to run ${desiredCount} tasks`);
});
