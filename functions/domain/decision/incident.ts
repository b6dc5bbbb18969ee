// The life of an incident: it opens, rises or falls, is decided about again while it is held, and closes after recovery has held.
import { rank } from '../evidence/classify.ts';
import { isTold } from '../evidence/degradation.ts';
import type { Plan } from '../plan/plan.ts';
import type { Classification, Found, Incident, Mode, RecordedDecision, Standing } from '../types.ts';
import { decide } from './decide.ts';
import { type KeptOut, keptOut, returnOf } from './kept-out.ts';

/** What changed: an incident to write, a decision that is new in it, and when to look again. */
export type Progress = {
  readonly incident: Incident | null;
  readonly decision: RecordedDecision | null;
  readonly lookAgainAt: number | null;
  /** The zone that users stay out of, where the incident would be over otherwise. */
  readonly keptOut?: KeptOut;
};

/**
 * Moves an incident on. `open` is the region's open incident or null, `before` the last one where it has closed. Pure: the same arguments give the same progress,
 * so copies that work side by side agree on ids, names and bytes.
 */
export function advance(
  open: Incident | null,
  found: Classification,
  standing: Standing,
  plan: Plan,
  now: number,
  before: Incident | null = null,
): Progress {
  const unchanged = { incident: null, decision: null, lookAgainAt: found.lookAgainAt };
  if (open === null) {
    if (found.level === 0 || waitsForStronger(found, plan, now)) return unchanged;
    return decideAbout(newIncident(found, before, now), found, standing, plan, now);
  }
  if (found.level === 0) {
    if (!recovered(open, found, plan, now)) return unchanged;
    const kept = keptOut(open, found, standing, plan, now);
    if (kept !== null) return { ...unchanged, lookAgainAt: soonest(found.lookAgainAt, kept.until), keptOut: kept };
    return isUnderWay(open, standing) ? unchanged : close(open, found, standing, now);
  }
  // What still fails then is an incident of its own, under which an approval is looked at again.
  if (isPlanDone(open, standing.lock) && standing.primary === open.region) {
    // The newest alarms may be minutes old: of what was proved served until then they say nothing. An end that nobody kept was after the last news.
    const at = (open.doneAt ?? open.lastSignalAt) + plan.evidence.recoverySeconds * 1000;
    return at <= now
      ? { ...unchanged, incident: ended(open, now), lookAgainAt: now }
      : { ...unchanged, lookAgainAt: soonest(found.lookAgainAt, at) };
  }
  const news = [found, ...found.others].find((one) => isNews(open, one, found, plan, now));
  if (news === undefined) return reconsider(open, found, standing, plan, now);
  if (news.level !== 2 && waitsForStronger({ ...found, ...news }, plan, now)) return unchanged;
  // What goes beyond a zone is said at once, and the zone is dealt with all the same.
  if (open.level === 2 && news.level === 'unknown')
    return decideAbout(open, { ...found, ...news }, standing, plan, now);
  const moved = { ...open, level: news.level, scope: news.scope, lastSignalAt: now };
  return decideAbout(moved, { ...found, ...news }, standing, plan, now);
}

/** When it was decided to start an execution; null where nobody decided that, as of a manual start. */
export function decidedAt(incident: Pick<Incident, 'decisions'> | null, execution: string): number | null {
  return incident?.decisions.find((one) => one.execution === execution)?.at ?? null;
}

/** An incident that a manual start opened is named after its execution. */
export function isManual(incident: { readonly id: string }): boolean {
  return incident.id.startsWith(manual);
}

const manual = 'manual-';

/** What a region flow is for, as it was started. */
type Wanted = {
  readonly id: string;
  readonly mode?: Mode | undefined;
  readonly corruptedSince?: number | undefined;
};

/**
 * When the incident ended for whose sake a region flow gives a region up, in milliseconds since 1970; null while it lasts. A person's start alone is no exception: what
 * was planned has no such end, nor has what a person started where nobody had found anything, nor corrupted data, of which no signal says that it is well.
 */
export function endedAt(wanted: Wanted, incident: Pick<Incident, 'closedAt'> | null): number | null {
  return endsWithIncident(wanted) ? (incident?.closedAt ?? null) : null;
}

/** Whether a region flow is for an incident, and loses its reason with it. */
export function endsWithIncident({ id, mode, corruptedSince }: Wanted): boolean {
  return mode === 'failover' && corruptedSince === undefined && !isManual({ id });
}

/**
 * Whether a plan that nobody has approved yet gives way to what has failed beside it. It was for a region that works; and a zone is left without
 * asking anybody, which cannot wait for an answer to something else. What a restore mends goes on beside the loss of a zone.
 */
export function givesWay(incident: Pick<Incident, 'planned' | 'decisions'>): boolean {
  return heldAt(incident) !== null;
}

/** Since when that waits for the plan, in milliseconds since 1970; null where nothing does. */
export function heldAt({ planned, decisions }: Pick<Incident, 'planned' | 'decisions'>): number | null {
  return decisions.find((one) => givesWayTo({ planned }, one))?.at ?? null;
}

/** What was found, and what holds it back; undefined where nothing does. */
export type Held = Pick<RecordedDecision, 'level'> & { readonly hold?: RecordedDecision['hold'] | undefined };

/** Whether a decision is one that such a plan gives way to: of what is unclear, and of what the plan may mend, it is none. */
export function givesWayTo(
  { planned }: { readonly planned?: Incident['planned'] | undefined },
  { level, hold }: Held,
): boolean {
  const isLoss = level === 3 || (level === 2 && planned === 'switchover');
  return planned !== undefined && isLoss && (hold === 'another-execution-active' || hold === 'frozen');
}

/** The id of the incident that a manual start opens. */
export function manualIncidentId(execution: string): string {
  return `${manual}${execution}`;
}

/** The execution that opened the incident of a manual start. */
export function flowOfManual(id: string): string {
  return id.slice(manual.length);
}

/**
 * While a stronger level is forming, saying the weaker one would call people for half the story. The wait has a limit:
 * evidence that keeps starting anew must not keep people from hearing what is certain.
 */
function waitsForStronger(found: Classification, plan: Plan, now: number): boolean {
  const { degradation, region } = plan.evidence;
  const limit = (degradation.aloneSeconds + region.unconfirmedSeconds) * 1000;
  return found.rising !== null && now - (found.since ?? now) < limit;
}

/** What was held, or not said again, ends when its reason does, after an unfreeze, a cooldown or another execution: each sweep looks whether it has. */
function reconsider(open: Incident, found: Classification, standing: Standing, plan: Plan, now: number): Progress {
  const unchanged = {
    incident: null,
    decision: null,
    lookAgainAt: soonest(found.lookAgainAt, fallsAt(open, found, plan)),
  };
  if (tellsMore(open, found, plan, now)) return decideAbout(open, found, standing, plan, now, 'told');
  const last = open.decisions.findLast(
    ({ level, scope }) => level === open.level && (level !== 2 || scope.zone === open.scope.zone),
  );
  if (last === undefined || !isWaiting(last) || found.level !== open.level) return unchanged;
  const again = decide(found, standing, plan, now, open);
  if (again.action === last.action && again.hold === last.hold) return unchanged;
  return decideAbout(open, found, standing, plan, now);
}

/**
 * Whether people must hear again: a degradation has a cause that they were not told of, or a zone failure has become
 * unclear. Not more often than the plan says.
 */
function tellsMore(open: Incident, found: Classification, plan: Plan, now: number): boolean {
  const grows = found.level === 1 && open.level === 1;
  const blurs = found.level === 'unknown' && open.level === 2;
  const lastTold = Math.max(...open.decisions.filter((one) => one.action !== 'none').map((one) => one.at));
  if (!(grows || blurs) || now - lastTold < plan.evidence.degradation.againSeconds * 1000) return false;
  // What appeared before people were told is part of the same story: they find it when they look.
  if (found.newestSince === null || found.newestSince <= lastTold) return false;
  const told = new Set(open.decisions.flatMap((one) => one.causes));
  return found.causes.some((cause) => !isTold(cause, told));
}

function isWaiting({ action }: RecordedDecision): boolean {
  return action === 'hold' || action === 'none';
}

/**
 * Whether something goes beyond what an open incident deals with, and so is decided about at once: more than its level, another
 * zone, an `unknown` that people were not told of by its name and that is not about the zone that is left. A region that has come back
 * without one of its zones is a zone case again, once that has held.
 */
function isNews(open: Incident, one: Found, found: Classification, plan: Plan, now: number): boolean {
  if (one.level === 'unknown' && (open.level === 'unknown' || open.level === 2)) {
    const isTheZone = one.scope.zone !== null && one.scope.zone === open.scope.zone;
    const isKnown = open.decisions.some(
      ({ indication, scope }) => indication === one.indication && scope.zone === one.scope.zone,
    );
    return !isTheZone && !isKnown;
  }
  // What a person planned is no disaster: people hear at once of one beside it, and what becomes of the plan.
  if (open.planned !== undefined && open.decisions.length === 0 && (one.level === 2 || one.level === 3)) return true;
  if (open.level === 3) {
    const at = fallsAt(open, found, plan);
    return at !== null && at <= now;
  }
  if (one.level === 2 && open.level === 2) return one.scope.zone !== open.scope.zone;
  return rank(one.level) > rank(open.level);
}

/**
 * When a region disaster has fallen to a zone case: one zone alone has failed, and the platform has been well, for as long as recovery
 * takes. What users see tells nothing here: of a zone that is impaired it comes and goes.
 */
function fallsAt(open: Incident, found: Classification, plan: Plan): number | null {
  if (open.level !== 3 || found.level !== 2 || found.since === null || found.platformWellSince === null) return null;
  return Math.max(found.since, found.platformWellSince) + plan.evidence.recoverySeconds * 1000;
}

function newIncident(found: Classification, before: Incident | null, now: number): Incident {
  const openedAt = found.since ?? now;
  // Named by when it was found: late evidence may be as old as that of an incident that has closed.
  const id = `${found.region}-${new Date(now).toISOString().replace(/[-:]/g, '').replace('.', '')}`;
  return {
    id,
    region: found.region,
    level: found.level,
    scope: found.scope,
    openedAt,
    lastSignalAt: now,
    closedAt: null,
    decisions: [],
    ...(before?.returned !== undefined && { returned: before.returned }),
    version: 0,
  };
}

/** `told`: the incident's flow runs already, so that this decision reaches people as a message. */
function decideAbout(
  incident: Incident,
  found: Classification,
  standing: Standing,
  plan: Plan,
  now: number,
  how: 'started' | 'told' = 'started',
): Progress {
  const attempt = incident.decisions.length + 1;
  const made = decide(found, standing, plan, now, incident);
  const starts = how === 'started' && made.action !== 'none' && made.action !== 'hold';
  const decision: RecordedDecision = {
    ...made,
    at: now,
    level: found.level,
    ...(found.indication !== null && { indication: found.indication }),
    scope: found.scope,
    evidence: found.evidence,
    facts: found.facts,
    causes: found.causes,
    attempt,
    execution: starts ? `${incident.id}-${made.action}-${attempt}` : null,
  };
  return {
    incident: { ...incident, decisions: [...incident.decisions, decision], version: incident.version + 1 },
    decision,
    lookAgainAt: found.lookAgainAt,
  };
}

/** Whether an incident is that of a plan whose flow holds the region no more. */
export function isPlanDone({ id, planned }: Pick<Incident, 'id' | 'planned'>, lock: Standing['lock']): boolean {
  return planned !== undefined && lock?.incident !== id;
}

/** An incident that ends without a decision of its own. */
export function ended(open: Incident, now: number): Incident {
  return { ...open, closedAt: now, lastSignalAt: now, version: open.version + 1 };
}

/** What a person started while all was well is not over because all is well: its flow ends it. */
function isUnderWay({ id }: Incident, { lock }: Standing): boolean {
  return isManual({ id }) && lock?.incident === id;
}

function recovered(open: Incident, found: Classification, plan: Plan, now: number): boolean {
  const held = plan.evidence.recoverySeconds * 1000;
  return found.wellSince !== null && now - Math.max(found.wellSince, open.openedAt) >= held;
}

function close(open: Incident, found: Classification, { lock }: Standing, now: number): Progress {
  const attempt = open.decisions.length + 1;
  const decision: RecordedDecision = {
    action: 'none',
    reason: 'recovered: all has been well for long enough',
    at: now,
    level: 0,
    scope: { region: open.region, zone: null },
    evidence: [],
    causes: [],
    attempt,
    execution: null,
  };
  return {
    incident: {
      ...open,
      closedAt: now,
      lastSignalAt: now,
      decisions: [...open.decisions, decision],
      ...returnOf(open, lock, now),
      version: open.version + 1,
    },
    decision,
    lookAgainAt: found.lookAgainAt,
  };
}

function soonest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

/** Takes back a decision that nobody has begun to carry out; the hold in its place ends at the next look. */
export function withdraw(
  incident: Incident,
  { level, indication, scope, evidence, facts, causes, execution }: RecordedDecision,
  now: number,
): Incident {
  const attempt = incident.decisions.length + 1;
  const reason = notStarted(execution);
  const decision = {
    action: 'hold',
    hold: 'not-started',
    reason,
    at: now,
    level,
    ...(indication !== undefined && { indication }),
    scope,
    evidence,
    ...(facts !== undefined && { facts }),
    causes,
    attempt,
    execution: null,
  } as const;
  return { ...incident, decisions: [...incident.decisions, decision], version: incident.version + 1 };
}

/** Whether the decision that names an execution was taken back: who starts that all the same starts it by hand. */
export function isWithdrawn({ decisions }: Pick<Incident, 'decisions'>, execution: string): boolean {
  return decisions.some(({ hold, reason }) => hold === 'not-started' && reason === notStarted(execution));
}

function notStarted(execution: string | null): string {
  return `${execution} was not started in time`;
}

/**
 * The zone that a flow of an incident is about: an incident may be about another one by now. Null where it is about none, or nobody knows which.
 */
export function zoneOfFlow(
  {
    scope,
    decisions,
  }: Pick<Incident, 'scope'> & { readonly decisions: readonly Pick<RecordedDecision, 'execution' | 'scope'>[] },
  execution: string,
): string | null {
  const started = decisions.findLast((one) => one.execution === execution);
  if (started !== undefined) return started.scope.zone;
  const zones = new Set([scope, ...decisions.map((one) => one.scope)].map(({ zone }) => zone));
  return zones.size === 1 ? scope.zone : null;
}
