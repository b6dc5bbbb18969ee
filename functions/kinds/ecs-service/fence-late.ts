// Desired state: the service of the region that was given up runs no tasks, once users have left it. The fence watch asks.
import { describeService, setTasks } from '../../aws/workloads/ecs.ts';
import { InProgress } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { holdsFence } from '../../shared/fencing/fence-lock.ts';
import { stoppingLate } from '../../shared/fencing/stop-late.ts';
import { act, lastCallAt } from '../../shared/recovery/act.ts';
import { nextNone, tasksChange } from './moves.ts';

export const handler = stoppingLate({
  kind: 'ecs-service',
  what: 'tasks',
  async stop(incident, asset, shell) {
    const { region } = incident;
    const place = placeOf(assetNamed(asset, 'ecs-service', shell.plan), region);
    const { service } = place;
    const call = { step: `fence/${asset}`, call: 'ecs:UpdateService', target: service, watches: holdsFence };
    const seen = await describeService(region, place);
    const move = nextNone(seen, await lastCallAt(incident, call, shell), shell.now());
    if (move.next === 'done') return { stopped: true, why: 'no task runs' };
    if (move.next === 'give-up') return { stopped: false, why: move.why };
    if (move.next === 'wait') throw new InProgress(`service ${service} still runs tasks: ${move.why}`);
    await act(incident, { ...call, change: tasksChange(seen, 0) }, shell, () => setTasks(region, place, 0));
    throw new InProgress(`service ${service} was asked to run no tasks`);
  },
});
