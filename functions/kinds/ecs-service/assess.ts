// What was seen of ECS services means: whether they can take over, and whether they are ready. Pure.
import type { KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready } from '../../domain/recovery/readiness.ts';
import { type ServiceStanding, whyFixed } from './moves.ts';

/** A service of the standby, and the tasks that it needs; `seen` is null where it is not there, or nothing answered. */
export type ServiceObserved = {
  readonly service: string;
  readonly desiredCount: number;
  readonly seen: ServiceStanding | null;
};

export function servicesSeen(services: readonly ServiceObserved[], { standby }: Leaving): KindSeen {
  const obstacles = services.flatMap(({ service, desiredCount, seen }) => {
    if (seen === null) return `service ${service} was not seen in ${standby}`;
    const why = shortFor(seen, desiredCount);
    return why === null ? [] : `service ${service} in ${standby} cannot take over: ${why}`;
  });
  const merits = services.map(
    ({ service, desiredCount, seen }) => `service ${service} runs ${seen?.running ?? 0} of ${desiredCount} tasks`,
  );
  return { obstacles, merits };
}

/** Null where there is none. Fewer tasks than it needs are no lack: a takeover raises them. */
export function serviceReady(service: string, desiredCount: number, seen: ServiceStanding | null): CheckResult {
  if (seen === null) return notReady(`service ${service} does not exist`);
  const why = shortFor(seen, desiredCount);
  if (why !== null) return notReady(`service ${service} cannot take over: ${why}`);
  return ready(`service ${service} is ${seen.status} with ${seen.running} of ${desiredCount} tasks`);
}

/** Why it can never run as many; null where it does, or can. */
function shortFor(seen: ServiceStanding, wanted: number): string | null {
  return seen.status === 'ACTIVE' && seen.desired >= wanted ? null : whyFixed(seen);
}
