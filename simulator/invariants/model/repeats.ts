// Finds mutations that were made again although the world had not left the state that the first one brought about.
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { callOf, sameTarget } from './history.ts';
import type { Mutation } from './observations.ts';

/** A mutation without need, and those that had changed the same thing by the same call, the last one first. */
export type Repeat = { readonly again: Mutation; readonly earlier: readonly [Mutation, ...Mutation[]] };

/**
 * The repeats within a group, such as what one execution did. `all` is what anybody did: what somebody else undid may
 * be done again. Both lists are in order of time.
 */
export function findRepeats(group: readonly Mutation[], all: readonly Mutation[], plan: Plan): Repeat[] {
  return group.flatMap((again, index) => {
    const earlier = group
      .slice(0, index)
      .filter((past) => sameTarget(past, again) && past.operation === again.operation);
    const [last, ...others] = earlier.toReversed();
    return last === undefined || !isRepeat(again, earlier, all, plan) ? [] : [{ again, earlier: [last, ...others] }];
  });
}

function isRepeat(again: Mutation, earlier: readonly Mutation[], all: readonly Mutation[], plan: Plan): boolean {
  const zone = again.scope.zone;
  const inSameZone = earlier.filter((past) => past.scope.zone === zone);
  const between = all.filter((one) => one !== again && sameTarget(one, again) && one.at <= again.at);
  const since = (past: Mutation | undefined): Mutation[] =>
    past === undefined ? [] : between.filter((one) => one.at >= past.at);
  const before = inSameZone.at(-1);
  switch (callOf(again)) {
    case 'elasticache:ModifyReplicationGroup':
      // Off and promote while the primary is in the zone where it stood at first, on again once it is elsewhere.
      return inSameZone.length >= (zone === earlier[0]?.scope.zone ? 2 : 1);
    case 'rds:ModifyDBInstance':
      // Fenced, opened by an abort or by a switchover that gave up, and fenced again: never twice the same way.
      return earlier.slice(-1).some((last) => closes(last) === closes(again));
    case 'lambda:UpdateEventSourceMapping':
    case 'scheduler:UpdateSchedule':
    case 'eventbridge:DisableRule':
    case 'eventbridge:EnableRule':
    case 'ecs:UpdateService':
      // Off and on, and off again: never twice the same way.
      return between.slice(-1).some((last) => closes(last) === closes(again));
    case 'arc-zonal-shift:StartZonalShift':
      return before !== undefined && !hasEnded(again, since(before), plan);
    case 'arc-zonal-shift:CancelZonalShift':
      return (
        before !== undefined &&
        !since(before).some((one) => one.operation === 'StartZonalShift' && one.scope.zone === zone)
      );
    case 'arc-zonal-shift:UpdateZonalShift':
      return before !== undefined && again.at - before.at < leastExtensionMs(plan);
    case 'codebuild:StartBuild':
      // One that failed is started again after people have looked; the same token is the same build for five minutes.
      return before !== undefined && again.at - before.at < 300_000;
    default:
      // A second one elsewhere undoes the first. In the same place it is a repeat unless the thing was elsewhere meanwhile.
      return before === undefined || !since(before).some((one) => one.scope.zone !== zone || reopens(one));
  }
}

/** Whether a change fences. */
function closes({ step }: Mutation): boolean {
  return /^Fence/.test(step);
}

/** A switchover that gave up undoes its fence: the sessions of a later one have to be ended afresh. */
function reopens(mutation: Mutation): boolean {
  return callOf(mutation) === 'rds:ModifyDBInstance' && !closes(mutation);
}

/** Whether a shift was cancelled or expired, of everything done to its resource since it began. */
function hasEnded(again: Mutation, since: readonly Mutation[], plan: Plan): boolean {
  const sameShift = since.filter((one) => one.scope.zone === again.scope.zone);
  if (sameShift.some((one) => one.operation === 'CancelZonalShift')) return true;
  const keptAt = Math.max(...sameShift.map((one) => one.at));
  return again.at >= keptAt + Math.ceil(plan.zonalShift.expirySeconds / 60) * 60_000; // the service takes whole minutes
}

/** An extension is due when most of a shift's time is over; sooner than half of that it repeats the one before. */
function leastExtensionMs({ zonalShift }: Plan): number {
  return ((zonalShift.expirySeconds - zonalShift.extendBeforeSeconds) / 2) * 1000;
}
