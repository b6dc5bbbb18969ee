// Decides what to do about what was classified. Every reason to hold comes first; acting is what is left.
import type { Plan } from '../plan/plan.ts';
import {
  type Action,
  type Classification,
  type Decision,
  type HoldReason,
  type Incident,
  type RecordedDecision,
  type Standing,
  targetOf,
  unknownRoles,
} from '../types.ts';
import { returnedTo } from './kept-out.ts';

/** What a decision needs to know of a classification. */
export type Classified = Pick<Classification, 'level' | 'scope' | 'reason' | 'causes'>;

/**
 * Total: every classification and standing gives one decision, always with its reason. `now` in milliseconds. `incident`: says whether users
 * were sent back to the zone a short while ago. A zone that fails again then is left again, which costs users nothing, and stays left.
 */
export function decide(
  found: Classified,
  standing: Standing,
  plan: Plan,
  now: number,
  incident: Pick<Incident, 'returned'> = {},
): Decision {
  const { level, scope } = found;
  if (level === 0) return { action: 'none', reason: found.reason };
  if (level === 'unknown') return hold('evidence-incomplete', found);
  if (level === 1)
    return toldRecently(found, standing, plan, now)
      ? { action: 'none', reason: `${found.reason}; people were told of the same a short while ago` }
      : { action: 'notify', reason: found.reason };
  if (standing.frozen !== null) return hold('frozen', found);
  if (plan.levels[`level${level}`].mode === 'observe') return hold('observe-only', found);
  if (standing.epoch === unknownRoles.epoch) return hold('roles-unknown', found);
  if (scope.region !== standing.primary) return hold('not-primary', found);
  // A flow of the region goes first, whatever it was started for; one of a zone gives way.
  if (level === 3 && standing.lock?.action === 'request-approval') return hold('another-execution-active', found);
  const action = level === 3 ? 'request-approval' : 'az-failover';
  const isBack = returnedTo(scope.zone, incident, plan, now) !== null;
  if (!isBack && actedRecently(action, targetOf(scope), plan.levels[`level${level}`].cooldownSeconds, standing, now))
    return hold('cooling-down', found);
  if (level === 3) return { action, reason: `region ${scope.region} failed: ${found.reason}` };
  if (standing.lock !== null) return hold('another-execution-active', found);
  return { action, reason: `zone ${scope.zone} failed: ${found.reason}` };
}

function hold(why: HoldReason, found: Classified): Decision {
  return { action: 'hold', hold: why, reason: found.reason };
}

/** What is no component with a threshold of its own: people hear of it every time. */
const alwaysTold = ['users', 'heartbeat', 'control-plane', 'telemetry', 'replica', 'aws-event'];

/** A lone cause that comes and goes is a threshold badly set: people hear of it once in a while, not at each rise. */
function toldRecently(found: Classified, standing: Standing, plan: Plan, now: number): boolean {
  return (
    found.causes.length === 1 &&
    !found.causes.some((cause) => alwaysTold.includes(cause)) &&
    actedRecently('notify', noticeTarget(found), plan.levels.level1.cooldownSeconds, standing, now)
  );
}

/** What a message was about, so that the same is not told again and again. */
export function noticeTarget(found: Pick<Classified, 'scope' | 'causes'>): string {
  return `${found.scope.region}/${found.causes.join('+')}`;
}

/** When the cooldown ends that holds a decision back, or will when another flow does so no more, in milliseconds since 1970; null where none does. */
export function coolsUntil(
  { level, scope, hold }: Pick<RecordedDecision, 'level' | 'scope' | 'hold'>,
  standing: Pick<Standing, 'lastActions'>,
  { levels }: Pick<Plan, 'levels'>,
): number | null {
  const waits = hold === 'cooling-down' || (hold === 'another-execution-active' && level === 3);
  if (!waits || (level !== 2 && level !== 3)) return null;
  const acted = lastActed(level === 3 ? 'request-approval' : 'az-failover', targetOf(scope), standing);
  return acted === null ? null : acted + levels[`level${level}`].cooldownSeconds * 1000;
}

function actedRecently(
  action: Action,
  target: string,
  cooldownSeconds: number,
  standing: Standing,
  now: number,
): boolean {
  const acted = lastActed(action, target, standing);
  return acted !== null && now - acted < cooldownSeconds * 1000;
}

function lastActed(action: Action, target: string, { lastActions }: Pick<Standing, 'lastActions'>): number | null {
  const times = lastActions.flatMap((last) => (last.action === action && last.target === target ? [last.at] : []));
  return times.length === 0 ? null : Math.max(...times);
}
