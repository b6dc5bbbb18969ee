// What a drill may do beside what goes on, whether its target has recovered, and how it came out. Pure.
import type { Tally } from '../approval/approval.ts';
import { manualIncidentId } from '../decision/incident.ts';
import { levelOf } from '../flows.ts';
import { lastDrill, type Readiness } from '../recovery/readiness.ts';
import { readinessCause } from '../signals/unready.ts';
import type { ApprovalRequest, Incident, Standing } from '../types.ts';
import { formatBoth, formatSeconds } from '../words/durations.ts';
import type { DrillKind } from './plan.ts';
import {
  type Asked,
  type DrillOutcome,
  type DrillRecord,
  type Lever,
  nothingAsked,
  recoverySecondsOf,
} from './record.ts';

/** Null where enough have answered: what they answered is theirs. */
export function answersMissing(
  { required, roles }: Pick<ApprovalRequest, 'required' | 'roles'>,
  { outcome, answers, silent }: Tally,
): Missing {
  if (outcome !== 'pending') return null;
  return `${answers.length} of ${required} have answered, of ${roles.join(', ')}; not yet: ${silent.join(', ')}`;
}

/** No execution of a drill takes longer: its state machine ends it. The lock of one that is older is nobody's. */
export const longestMs = 12 * 3_600_000;

/** The region whose stack runs a drill: what is broken is broken where users are; what only looks, looks from where users would go. */
export function runsWhere(kind: DrillKind, primary: string, peer: string | null): string | null {
  return kind === 'fault' || kind === 'tabletop' ? primary : peer;
}

/** What goes on in a region of the plan. */
export type Around = { readonly region: string; readonly open: Incident | null } & Pick<Standing, 'lock' | 'frozen'>;

/**
 * Whether an incident is what the drill's own fault has made: of its region, since then, and no worse than the fault may be. That of a zone
 * may be one of that zone; that of a switchover is the one that its flow has opened.
 */
export function isOwn(
  { id, region, openedAt, level, scope }: Pick<Incident, 'id' | 'region' | 'openedAt' | 'level' | 'scope'>,
  {
    faultAt,
    region: broken,
    zone,
    leg,
    incident,
  }: Pick<DrillRecord, 'faultAt' | 'region' | 'zone' | 'leg' | 'incident'>,
): boolean {
  if (leg !== null) return incident !== null && id === manualIncidentId(incident);
  const isOfZone = level === levelOf['az-failover'] && zone !== null && scope.zone === zone;
  const isMild = level === levelOf['service-degradation'] || isOfZone;
  return faultAt !== null && openedAt >= faultAt && region === broken && isMild;
}

/** What is open because a drill is overdue, or has failed, and for nothing else: a drill ends it, and would never begin beside it. */
function isAboutDrills({ level, decisions }: Incident): boolean {
  const causes = decisions.flatMap((one) => one.causes);
  return level === levelOf['service-degradation'] && causes.length > 0 && causes.every((one) => one === overdue);
}

const overdue = readinessCause(lastDrill);

/** Why nothing of a drill may go on beside what goes on, a line each. `drill`: null before it has begun. */
export function whyGivesWay(around: readonly Around[], drill: DrillRecord | null): string[] {
  return around.flatMap(({ region, open, lock, frozen }) => {
    const own = open !== null && drill !== null && isOwn(open, drill);
    const isInTheWay = open !== null && !own && !isAboutDrills(open);
    const ownLock =
      lock !== null && (lock.execution === drill?.incident || lock.incident === (own ? open.id : drill?.incident));
    return [
      ...(isInTheWay ? [`incident ${open.id} is open in ${region}`] : []),
      ...(lock === null || ownLock ? [] : [`${lock.execution} holds ${region}`]),
      ...(frozen === null ? [] : [`${frozen.by} froze the automation: ${frozen.reason}`]),
    ];
  });
}

/** The lever in words. */
export function leverWords({ by, reason }: Lever): string {
  return `${by} pulled the lever of the drills: ${reason}`;
}

/** Readiness is looked at each five minutes: older, nobody knows. */
const freshMs = 900_000;

/** Why the standby is no net below a drill, a line each. The check of the drills themselves would keep each from ever being run. */
export function whyNotCaught(readiness: Readiness | null, region: string, now: number): string[] {
  if (readiness === null || now - readiness.at > freshMs) return [`the readiness of ${region} is not known`];
  return readiness.checks
    .filter(({ check, state }) => state !== 'ready' && check !== lastDrill)
    .map(({ check, why }) => `${region} could not take over: ${check}: ${why}`);
}

/** What an answer of the service adds; null where it did not pass. */
export function askedMore({ asked, failed, slowestMs }: Asked, tookMs: number | null): Asked {
  if (tookMs === null) return { asked: asked + 1, failed: failed + 1, slowestMs };
  return { asked: asked + 1, failed, slowestMs: Math.max(slowestMs ?? 0, tookMs) };
}

/** What is seen of a drill's target: null where it is whole again, else what is missing. */
export type Missing = string | null;

/** `lasts`: what broke it goes on, however well the rest is. */
export type TargetSeen = { readonly missing: Missing; readonly lasts: boolean };

/** Where the recovery stands. `is-over`: it has held for long enough. */
export type Recovery = { readonly recoveredAt: number | null; readonly next: 'wait' | 'is-over' | 'give-up' };

/**
 * Recovered is what is whole while users are served; a break begins it anew. `goesOn`: its own incident, or what it broke. What was asked for
 * no longer counts is given up. `shiftSeconds`: how long users stay out of a zone that nothing tells of, and its incident open.
 */
export function recoveryOf(
  drill: Pick<DrillRecord, 'faultAt' | 'recoveredAt' | 'withinSeconds' | 'kind' | 'zone'>,
  { missing, served, goesOn }: { readonly missing: Missing; readonly served: boolean; readonly goesOn: boolean },
  {
    now,
    holdsSeconds,
    shiftSeconds,
  }: { readonly now: number; readonly holdsSeconds: number; readonly shiftSeconds: number },
): Recovery {
  const { faultAt, withinSeconds, kind, zone } = drill;
  const recoveredAt = missing === null && served ? (drill.recoveredAt ?? now) : null;
  // What broke nothing has nothing that must hold.
  const holdsMs = kind === 'fault' ? holdsSeconds * 1000 : 0;
  if (recoveredAt !== null && !goesOn && now - recoveredAt >= holdsMs) return { recoveredAt, next: 'is-over' };
  const staysOutSeconds = zone === null ? 0 : shiftSeconds;
  const givenUpMs = Math.min((2 * withinSeconds + 4 * holdsSeconds + staysOutSeconds) * 1000, longestMs * 0.6);
  return { recoveredAt, next: faultAt !== null && now - faultAt > givenUpMs ? 'give-up' : 'wait' };
}

/** So much slower than before the fault is worth a line; below half a second nobody notices. */
const slower = 2;
const noticedMs = 500;

/** What is wrong with a run that came to its end, a line each; empty where it passed. `passes` of `needed` in a row at the end. */
export function whatIsWrong(
  drill: Pick<DrillRecord, 'faultAt' | 'recoveredAt' | 'withinSeconds' | 'asked'>,
  { passes, needed, data }: { readonly passes: number; readonly needed: number; readonly data: readonly string[] },
): string[] {
  const took = recoverySecondsOf(drill);
  const before = drill.asked.before.slowestMs;
  const after = drill.asked.after.slowestMs;
  const [longer, within] =
    took === null
      ? ['longer than anybody looked', formatSeconds(drill.withinSeconds)]
      : formatBoth(took, drill.withinSeconds);
  const isSlow = before !== null && after !== null && after > noticedMs && after > slower * before;
  return [
    ...(took === null || took > drill.withinSeconds ? [`it took ${longer}, and the plan says within ${within}`] : []),
    ...(passes < needed ? [`the service passed ${passes} of ${needed} times in a row afterwards`] : []),
    ...(isSlow ? [`the service answers in ${after} ms afterwards, and did in ${before} ms`] : []),
    ...data,
  ];
}

/** What ended a run before its end, as the state machine caught it. */
export type Problem = { readonly error: string; readonly cause: string };

const outcomes: Readonly<Record<string, DrillOutcome>> = { Aborted: 'stopped', GivesWay: 'gave-way' };

/** How a run came out. `refused`: it has never begun. One that has begun nothing has shown nothing. */
export function outcomeOf(
  { why, faultAt }: Pick<DrillRecord, 'why' | 'faultAt'>,
  refused: boolean,
  problem: Problem | null,
): DrillOutcome {
  if (refused) return 'refused';
  if (problem !== null) return outcomes[problem.error] ?? 'failed';
  return why.length === 0 && faultAt !== null ? 'passed' : 'failed';
}

export const nobodyAsked: DrillRecord['asked'] = { before: nothingAsked, during: nothingAsked, after: nothingAsked };
