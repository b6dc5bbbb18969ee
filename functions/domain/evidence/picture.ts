// What is known about one region now: the newest signal of each key, folded into opinions of components and observers.
// Order and duplication of signals cannot matter here: only the newest of each key is looked at.
import { assetsThat } from '../../kinds/verbs.ts';
import { type Asset, saidOf, shiftedIn, standsIn } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import type { Condition, DatabaseChange, Signal } from '../types.ts';
import { type Explanations, readExplanations } from './explanations.ts';
import {
  beatMissed,
  beatsMissing,
  countsFrom,
  failingByProbes,
  failingByRuns,
  hasJustFailed,
  hasJustPassed,
  is,
  keepEarlier,
  type LastRuns,
  lastRunsOf,
  latest,
  longestSeriesMs,
  newestRunMs,
  type Of,
  type Report,
  reportWhere,
  secondRunMs,
  toReport,
} from './runs.ts';

/** A component that fails, with one cause, in one zone or (null) over the region. Many alarms are one opinion. */
export type Opinion = {
  readonly component: string;
  readonly cause: string;
  readonly zone: string | null;
  readonly since: number;
  readonly id: string;
  /** Whether it began in a window of work that can break it, and whether it has outlasted that work: then it is no longer clear why. */
  readonly explained: boolean;
  readonly overdue: boolean;
  /** All that it fails by. */
  readonly measures: readonly string[];
};

/** Something that would say whether the region is well, and has no data. `name`: an observer, a service, or the heartbeat. */
export type Silent = Report;

/** A component of a zone, or (null) of the region, none of whose alarms has data: neither failing nor healthy. */
export type Blind = {
  readonly component: string;
  readonly zone: string | null;
  readonly since: number;
  readonly id: string;
};

/** In milliseconds since 1970. */
export type Failover = { readonly component: string; readonly from: number; readonly until: number };

/** Something that happened and needs no more than telling people. It is news for a while, or lasts until its opposite. */
export type Happening = {
  readonly what: string;
  readonly at: number;
  readonly id: string;
  readonly lasts: boolean;
  /** Whether it was told by way of a topic, to which others may publish: then it is news, and keeps no incident open. */
  readonly isHearsay: boolean;
};

export type Picture = {
  readonly failing: readonly Opinion[];
  /** When a component of a zone last became healthy: before that it may have failed. */
  readonly healed: readonly { readonly component: string; readonly zone: string | null; readonly at: number }[];
  readonly dark: readonly Blind[];
  /**
   * The same, where at least one of its alarms has no data, or was deleted a short while ago: what the others say of it may be about a place
   * that nobody uses any more. An alarm on the share of requests that fail is well where there are none.
   */
  readonly halfDark: readonly Blind[];
  /** What planned work names now, zones among it. */
  readonly inWork: ReadonlySet<string>;
  /** Canaries outside the region whose users' journey fails. */
  readonly observers: readonly Report[];
  /** Canaries outside the region that say nothing at all. */
  readonly silentObservers: readonly Silent[];
  /** Whether an alarm of such a canary says that users are well, and when one of its runs last passed; 0 where none did. */
  readonly usersSeenWell: boolean;
  /** Observers outside the region that see users well by all that they say: their alarm, and a run of a short while ago. */
  readonly seeingWell: readonly string[];
  /** Observers outside whose newest run has just failed, while some of its visits were answered. */
  readonly answered: readonly string[];
  readonly lastPassedAt: number;
  /** The observers that fail so, or whose newest run has just failed: what fails for some users flickers. */
  readonly failingNow: ReadonlySet<string>;
  /** Of each observer outside the region, when its newest runs passed and failed; 0 where none did. An alarm's state is that of minutes ago. */
  readonly lastRuns: ReadonlyMap<string, LastRuns>;
  /** Control planes of hard dependencies that do not answer. */
  readonly probes: readonly Report[];
  readonly heartbeat: Report | null;
  /** The heartbeat's alarm where beats that come contradict it: it speaks of the way of the beats, or they are not true. */
  readonly doubtedHeartbeat: Report | null;
  /** Beats that do not come, by what the last one said: the way of one region's events may be broken as well. */
  readonly missedBeat: Report | null;
  /** Probes of hard dependencies, and the heartbeat's alarm, without data. */
  readonly silentPlatform: readonly Silent[];
  readonly replica: Report | null;
  /** A replica whose lag is not known. */
  readonly replicaUnknown: Report | null;
  /** Checks of readiness that have failed, by name. */
  readonly unready: readonly Report[];
  readonly happenings: readonly Happening[];
  /** When RDS failed databases over: what depends on them fails in every zone from then on. `until`: when that ended, or counts for nothing any more. */
  readonly failovers: readonly Failover[];
  /** Zones that AWS itself speaks of: traffic moved out by autoshift, or named by an open issue. */
  readonly noticedZones: ReadonlySet<string>;
  readonly explainsUsers: Explanations['explainsUsers'];
  /** When what planned work explains is explained no longer. */
  readonly explanationsEnd: readonly number[];
  /** When a control plane or the heartbeat last became well again; 0 where none did. */
  readonly lastPlatformCleared: number;
  /** Time of the newest sign that something became well again. */
  readonly lastCleared: number;
  /** When something in a zone last became well, or AWS let traffic back into it: by zone. */
  readonly zonesWellAt: Readonly<Record<string, number>>;
  /** When something that is not seen now was last lost from sight; null while all is seen. */
  readonly lastLost: number | null;
};

/** Folds the signals about a region into a picture at a time. Signals of the future are not read. */
export function drawPicture(signals: Iterable<Signal>, region: string, plan: Plan, now: number): Picture {
  const all = newestByKey(signals, region, now);
  const newest = all.filter((signal) => conditionOf(signal) !== 'gone');
  const { explains, explainsUsers, inWork, ends } = readExplanations(newest, plan);
  const components = all
    .filter(is('component'))
    .filter((one) => one.condition !== 'gone' || now - one.at < longestSeriesMs);
  const { failing, healed, dark, halfDark } = foldComponents(components, explains, plan, now);
  const { clearedAt, ...observed } = foldObservers(newest, region, plan, now);
  const replica = newest.filter(is('replica'));
  // What was deleted is no recovery either.
  const lost = all.filter((signal) => {
    const condition = conditionOf(signal);
    if (signal.kind === 'readiness') return false; // taken back, and nothing that anybody saw with
    return condition === 'gone' || (signal.kind !== 'component' && condition === 'unknown');
  });
  const lostAt = [...lost.map((signal) => signal.at), ...dark.map((one) => one.since)];
  const cleared = newest.filter(
    (signal) => conditionOf(signal) === 'healthy' || (signal.kind === 'database' && endsStop(signal.change)),
  );
  const platform = cleared.filter(({ kind }) => kind === 'probe' || kind === 'heartbeat');
  return {
    failing,
    healed,
    dark,
    halfDark,
    inWork: inWork(now),
    ...observed,
    replica: reportWhere(replica, 'failing', plan),
    replicaUnknown: reportWhere(replica, 'unknown', plan),
    unready: newest
      .filter(is('readiness'))
      .flatMap((signal) => (signal.condition === 'failing' ? toReport(signal, signal.check, plan) : [])),
    happenings: newest.flatMap((signal) => happeningOf(signal, newest, plan, now) ?? []),
    failovers: failoversIn(newest, region, plan),
    noticedZones: new Set(newest.flatMap((signal) => noticedBy(signal, plan, now))),
    explainsUsers,
    explanationsEnd: ends,
    lastPlatformCleared: Math.max(0, ...platform.map(({ at }) => at)),
    lastCleared: Math.max(0, ...cleared.map(({ at }) => at), ...clearedAt),
    zonesWellAt: zonesWellIn(newest, region, plan),
    lastLost: lostAt.length === 0 ? null : Math.max(...lostAt),
  };
}

/** What leaves a zone by itself, such as a database, becomes well by leaving: that says nothing of the zone. */
function zonesWellIn(newest: readonly Signal[], region: string, plan: Plan): Record<string, number> {
  const wellAt: Record<string, number> = {};
  const leaving = assetsThat('leave-zone', plan).filter((asset) => shiftedIn(region, '', asset).length === 0);
  const moving = leaving.filter((asset) => saidOf(asset).staysInZone?.(asset) !== true);
  const moves = new Set(moving.flatMap(componentsOf));
  for (const signal of newest) {
    if (signal.kind === 'component' && moves.has(signal.component)) continue;
    const isWell =
      signal.kind === 'shift' ? signal.cause === 'autoshift' && !signal.active : conditionOf(signal) === 'healthy';
    const zone = isWell && 'zone' in signal ? signal.zone : null;
    if (zone !== null) wellAt[zone] = Math.max(wellAt[zone] ?? 0, signal.at);
  }
  return wellAt;
}

/** What an asset's alarms may call it: by its name, or by what such an asset is called. */
function componentsOf(asset: Asset): string[] {
  return [...new Set([asset.name, saidOf(asset).called ?? []].flat())];
}

function foldComponents(
  signals: readonly Of<'component'>[],
  explains: Explanations['explains'],
  plan: Plan,
  now: number,
): Pick<Picture, 'failing' | 'healed' | 'dark' | 'halfDark'> {
  const failing = new Map<string, Opinion>();
  const healed = new Map<string, Picture['healed'][number]>();
  const halfDark = new Map<string, Blind>();
  const dark = new Set<string>();
  const shared = sharedCausesOf(plan);
  for (const signal of signals) {
    const { component, zone, at, id } = signal;
    const place = `${component} ${zone}`;
    if (signal.condition === 'healthy') healed.set(place, { component, zone, at }); // they come in order of time
    if (signal.condition === 'unknown') dark.add(place);
    if (signal.condition === 'unknown' || signal.condition === 'gone')
      keepEarlier(halfDark, place, { component, zone, since: at, id });
    if (signal.condition === 'failing') {
      const until = explains(signal);
      const explained = until !== null;
      const overdue = until !== null && until < now;
      const cause = shared.get(signal.measure) ?? component;
      const since = overdue ? Math.max(countsFrom(signal, plan), until + 1) : countsFrom(signal, plan);
      const key = `${place} ${cause} ${explained} ${overdue}`;
      const known = failing.get(key);
      const measures = [...new Set([...(known?.measures ?? []), signal.measure])];
      const opinion = { component, cause, zone, since, id, explained, overdue, measures };
      failing.set(key, known === undefined || since < known.since ? opinion : { ...known, measures });
    }
  }
  const seen = new Set([...healed.keys(), ...[...failing.values()].map((one) => `${one.component} ${one.zone}`)]);
  return {
    failing: [...failing.values()],
    healed: [...healed.values()],
    dark: [...halfDark].filter(([place]) => dark.has(place) && !seen.has(place)).map(([, one]) => one),
    halfDark: [...halfDark.values()],
  };
}

function foldObservers(
  newest: readonly Signal[],
  region: string,
  plan: Plan,
  now: number,
): Pick<
  Picture,
  | 'observers'
  | 'silentObservers'
  | 'usersSeenWell'
  | 'seeingWell'
  | 'answered'
  | 'lastPassedAt'
  | 'failingNow'
  | 'lastRuns'
  | 'probes'
  | 'heartbeat'
  | 'doubtedHeartbeat'
  | 'missedBeat'
  | 'silentPlatform'
> & { clearedAt: number[] } {
  const runs = newest.filter(is('canary-run'));
  const passedAt = latest(runs.filter((run) => run.passed));
  const ranAt = latest(runs);
  const beats = newest.filter(is('beat'));
  const beatAt = Math.max(0, ...beats.map((beat) => beat.at));
  const failsAgain = failingByRuns(runs, passedAt, region, plan);
  const isRecent = ({ name }: Report) => {
    const at = ranAt.get(name) ?? 0;
    return now - at < newestRunMs && at - (passedAt.get(name) ?? 0) <= longestSeriesMs;
  };
  const byRuns = new Map([...failsAgain].filter(([, report]) => isRecent(report)));
  const observers: Report[] = [...byRuns.values()];
  const silentObservers: Silent[] = [];
  let usersSeenWell = false;
  const probes = failingByProbes(newest.filter(is('probe-run')), plan, now);
  const silentPlatform: Silent[] = [];
  const clearedAt: number[] = [];
  const contradiction = contradictionIn(newest, region, plan, now);
  let heartbeat: Report | null = null;
  let doubtedHeartbeat: Report | null = null;
  for (const signal of newest) {
    const condition = conditionOf(signal);
    if (signal.kind === 'canary' && signal.observer !== region && condition !== 'failing') {
      const at = ranAt.get(signal.observer) ?? 0;
      if (condition === 'unknown' && at <= signal.at) silentObservers.push(toReport(signal, signal.observer, plan));
      else if (!byRuns.has(signal.observer))
        usersSeenWell ||= condition === 'healthy' || (passedAt.get(signal.observer) ?? 0) === at;
    }
    if (condition === 'unknown') {
      if (signal.kind === 'probe' && plan.dependencies.hard.includes(signal.service))
        silentPlatform.push(toReport(signal, signal.service, plan));
      if (signal.kind === 'heartbeat' && beatAt <= signal.at) silentPlatform.push(toReport(signal, 'heartbeat', plan));
    }
    if (condition !== 'failing') continue;
    if (signal.kind === 'canary' && signal.observer !== region) {
      // A run that passed after the alarm rose contradicts it: then this observer has no clear opinion, unless its runs fail again.
      const passed = passedAt.get(signal.observer) ?? 0;
      const report = toReport(signal, signal.observer, plan);
      const holds = contradiction.observer(signal);
      if (passed <= signal.at) observers.push(report);
      else if (failsAgain.has(signal.observer)) observers.push(failsAgain.get(signal.observer) ?? report);
      else if (holds !== null) observers.push({ ...report, since: holds });
      else {
        clearedAt.push(passed);
        usersSeenWell = true;
      }
    }
    if (signal.kind === 'probe' && plan.dependencies.hard.includes(signal.service)) {
      keepEarlier(probes, signal.service, toReport(signal, signal.service, plan));
    }
    if (signal.kind === 'heartbeat') {
      const report = toReport(signal, 'heartbeat', plan);
      const stands = beatsMissing(signal, beats, now) ?? contradiction.heartbeat(signal);
      if (stands !== null) heartbeat = { ...report, since: Math.max(report.since, stands) };
      else {
        doubtedHeartbeat = report;
        clearedAt.push(beatAt);
      }
    }
  }
  const outside = [...new Set(runs.map((run) => run.observer))].filter((observer) => observer !== region);
  const lastRuns = new Map(outside.map((name) => [name, lastRunsOf(name, runs)]));
  const healthy = newest.filter(is('canary')).filter(({ condition }) => condition === 'healthy');
  const seeingWell = healthy.flatMap(({ observer }) => {
    const runs = lastRuns.get(observer);
    return runs !== undefined && hasJustPassed(runs, now) ? observer : [];
  });
  // Where nothing else is heard in time either, it is the way of the events that is broken.
  const isHeard = [...lastRuns.values()].some((one) => now - Math.max(one.passedAt, one.failedAt) < newestRunMs / 2);
  const missedBeat = isHeard ? beatMissed(beats, region, plan, now) : null;
  const justFailed = [...lastRuns].filter(([, runs]) => hasJustFailed(runs, now));
  const answered = justFailed.flatMap(([name, { wasAnswered }]) => (wasAnswered ? name : [])).sort();
  const failingNow = new Set([...observers.map(({ observer }) => observer), ...justFailed.map(([name]) => name)]);
  return {
    observers,
    silentObservers,
    usersSeenWell,
    seeingWell,
    answered,
    lastPassedAt: Math.max(0, ...[...passedAt].filter(([observer]) => observer !== region).map(([, at]) => at)),
    failingNow,
    lastRuns,
    probes: [...probes.values()],
    heartbeat,
    doubtedHeartbeat,
    missedBeat,
    silentPlatform,
    clearedAt,
  };
}

/**
 * Good news comes as events of the application, and may be forged; alarms do not. It makes one instrument's opinion unclear for as long
 * as it likes. Where several observers' alarms say that users fail, it makes them unclear, if the region says of itself that it fails,
 * and the heartbeat's beside control planes that fail, for no longer than alarms take to clear where the news is true; the heartbeat's for
 * longer only while the region's own canary sees every visit answered as well. That counts from the alarm's rise, or from when the
 * instrument was last heard to fail (`wellFrom`), whichever is later. Gives since when such an alarm counts against the news; null where
 * it does not.
 */
function contradictionIn(newest: readonly Signal[], region: string, plan: Plan, now: number) {
  const { observers, hardDependencies, unconfirmedSeconds } = plan.evidence.region;
  const runs = newest.filter(is('canary-run'));
  const probed = newest.filter(is('probe-run'));
  const failing = newest.filter((signal) => conditionOf(signal) === 'failing');
  const canaries = failing.filter(is('canary')).filter((one) => one.observer !== region);
  const usersFail = new Set(canaries.map(({ observer }) => observer)).size >= observers;
  const standsAgainst = (signal: Signal, wellAt: number): number =>
    Math.max(countsFrom(signal, plan), wellAt) + unconfirmedSeconds * 1000;
  const answersFrom = ({ service, observer }: Of<'probe'>): number => {
    const seen = probed.filter((run) => run.observer === observer);
    const failed = seen.findLast((run) => run.services.includes(service));
    return wellFrom(
      seen.findLast((run) => !run.services.includes(service)),
      failed,
      now,
    );
  };
  // A control plane that answers again says no more that the region fails, as long as its alarm may only be late.
  const alarmed = failing.filter(is('probe')).filter(({ service }) => plan.dependencies.hard.includes(service));
  const isLate = (one: Of<'probe'>): boolean => answersFrom(one) > 0 && standsAgainst(one, answersFrom(one)) > now;
  const planes = new Set(alarmed.filter((one) => !isLate(one)).map(({ service }) => service));
  // Another role sends this than sends beats: that both are forged takes two.
  const own = lastRunsOf(region, runs);
  const servesItself = own.tellsAll && hasJustPassed(own, now);
  const ofInfrastructure = failing
    .filter(is('component'))
    .some(({ component }) => plan.infrastructureComponents.includes(component));
  const saysItself = planes.size > 0 || ofInfrastructure || failing.some(({ kind }) => kind === 'heartbeat');
  const holds = (signal: Signal, wellAt = 0): number | null => {
    const since = standsAgainst(signal, wellAt);
    return since <= now ? since : null;
  };
  const seesWellFrom = (name: string): number => {
    const own = runs.filter(({ observer }) => observer === name);
    const passed = own.findLast((run) => run.passed);
    const isClean = (passed?.value ?? 1) === 1;
    return isClean
      ? wellFrom(
          passed,
          own.findLast((run) => !run.passed),
          now,
        )
      : 0;
  };
  return {
    observer: (signal: Signal) => (usersFail && saysItself ? holds(signal, seesWellFrom(signal.observer)) : null),
    heartbeat: (signal: Signal) =>
      usersFail && planes.size >= hardDependencies && !servesItself ? holds(signal) : null,
  };
}

/**
 * When an instrument was last heard to fail, whose runs have passed since: in milliseconds since 1970, and 0 where it was never heard
 * to fail, or may go on failing. One run that passed between two that failed is no recovery, and no news that could be repeated for
 * ever; an instrument that nobody hears fail any more has recovered, or is silenced for no longer than an alarm takes to clear.
 */
function wellFrom(passed: Signal | undefined, failed: Signal | undefined, now: number): number {
  if (passed === undefined || failed === undefined || passed.at <= failed.at) return 0;
  return now - failed.at >= secondRunMs ? failed.at : 0;
}

function happeningOf(signal: Signal, newest: readonly Signal[], plan: Plan, now: number): Happening | null {
  const { at, id } = signal;
  const news = (what: string): Happening => ({ what, at, id, lasts: false, isHearsay: signal.kind === 'cache' });
  const lasting = (what: string): Happening => ({ what, at, id, lasts: true, isHearsay: false });
  if (signal.kind === 'shift' && signal.cause === 'autoshift') {
    const isOut = noticedBy(signal, plan, now).length > 0;
    if (signal.active) return isOut ? lasting(`AWS moved traffic out of ${signal.zone}`) : null;
    return news(`AWS let traffic back into ${signal.zone}`);
  }
  if (signal.kind === 'database') {
    if (signal.change === 'replication-stopped')
      return replicatesAgain(signal, newest) ? null : lasting(`replication of ${signal.instance} stopped`);
    const failedOver = signal.change === 'failover-started' || signal.change === 'failover-completed';
    return failedOver ? news(`AWS failed ${signal.instance} over`) : null;
  }
  const movedCache = signal.kind === 'cache' && signal.change === 'failover-completed';
  return movedCache ? news(`AWS failed ${signal.group} over`) : null;
}

/** The end of a failover may be lost: RDS's own take one to two minutes, and longer where much has to be recovered. */
const longestFailoverMs = 300_000;

/** What people may publish to a topic of ElastiCache is no evidence that could keep a zone from being left: only RDS itself is heard. */
function failoversIn(newest: readonly Signal[], region: string, plan: Plan): Failover[] {
  const events = newest.filter(is('database'));
  const databases = plan.assets.filter((asset) => saidOf(asset).services.includes('rds'));
  return events.flatMap(({ at: from, change, instance }) => {
    if (change !== 'failover-started') return [];
    const ends = events.filter((one) => one.instance === instance && one.change === 'failover-completed');
    const until = Math.min(from + longestFailoverMs, ...ends.flatMap(({ at }) => (at >= from ? at : [])));
    const moved = databases.filter((asset) => standsIn(region, asset).includes(instance));
    return moved.flatMap((asset) => componentsOf(asset).map((component) => ({ component, from, until })));
  });
}

/** Whether replication runs again, or is needed no more, after it stopped: RDS says so, or the alarm on the lag has cleared since. */
function replicatesAgain(stopped: Of<'database'>, newest: readonly Signal[]): boolean {
  return newest.some((signal) => {
    if (signal.at < stopped.at) return false;
    if (signal.kind === 'replica') return signal.condition === 'healthy';
    return signal.kind === 'database' && signal.instance === stopped.instance && endsStop(signal.change);
  });
}

function endsStop(change: DatabaseChange): boolean {
  return change === 'replication-resumed' || change === 'promoted';
}

/**
 * Zones that AWS has moved traffic out of by itself, not too long ago: the end of an autoshift may be lost. What bulletins
 * say of zones is for people: their text may name the zones that are well, and their end may never come.
 */
function noticedBy(signal: Signal, plan: Plan, now: number): readonly string[] {
  if (signal.kind !== 'shift' || signal.cause !== 'autoshift' || !signal.active) return [];
  return now - signal.at < plan.evidence.retentionSeconds * 1000 ? [signal.zone] : [];
}

/** Of the signals with one key the newest, in a fixed order. Of two at the same time, the one with the greater id. */
export function newestByKey(signals: Iterable<Signal>, region: string, now: number): Signal[] {
  const newest = new Map<string, Signal>();
  for (const signal of signals) {
    if (signal.region !== region || signal.at > now) continue;
    const known = newest.get(signal.key);
    if (known === undefined || supersedes(signal, known)) newest.set(signal.key, signal);
  }
  return [...newest.values()].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}

/** Whether a signal replaces another one with its key. Of two at one time the greater id wins, in any order of arrival. */
export function supersedes(signal: Pick<Signal, 'at' | 'id'>, known: Pick<Signal, 'at' | 'id'>): boolean {
  return signal.at > known.at || (signal.at === known.at && signal.id > known.id);
}

/** Whether a signal says that something is well, and nothing more: a run that passed, or a stack that is alive. */
export function isGoodNews(signal: Signal): boolean {
  if (signal.kind === 'probe-run') return signal.services.length === 0;
  return signal.kind === 'beat' || (signal.kind === 'canary-run' && signal.passed);
}

/** What several components share counts as one cause: the pods and the readiness of one lost node. By measure. */
function sharedCausesOf(plan: Plan): ReadonlyMap<string, string> {
  const causes = Object.entries(plan.sharedCauses).toReversed(); // the first that names a measure counts
  return new Map(causes.flatMap(([cause, measures]) => measures.map((measure) => [measure, cause] as const)));
}

function conditionOf(signal: Signal): Condition | null {
  return 'condition' in signal ? signal.condition : null;
}
