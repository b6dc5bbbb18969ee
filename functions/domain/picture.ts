// What is known about one region now: the newest signal of each key, folded into opinions of components and observers.
// Order and duplication of signals cannot matter here: only the newest of each key is looked at.
import { type Explanations, readExplanations } from './explanations.ts';
import type { Plan } from './plan.ts';
import type { Condition, Signal } from './types.ts';

type Of<Kind extends Signal['kind']> = Extract<Signal, { kind: Kind }>;

/** A component that fails, with one cause, in one zone or (null) over the region. Many alarms are one opinion. */
export type Opinion = {
  readonly component: string;
  readonly cause: string;
  readonly zone: string | null;
  readonly since: number;
  readonly id: string;
  readonly explained: boolean;
};

/** A component of a zone, or (null) of the region, none of whose alarms has data: neither failing nor healthy. */
export type Blind = {
  readonly component: string;
  readonly zone: string | null;
  readonly since: number;
  readonly id: string;
};

/** An observer, a control plane or a heartbeat that reports failure. */
export type Report = { readonly name: string; readonly observer: string; readonly since: number; readonly id: string };

/** Something that happened and needs no more than telling people. */
export type Happening = { readonly what: string; readonly at: number; readonly id: string };

export type Picture = {
  readonly failing: readonly Opinion[];
  /** When a component of a zone last became healthy: before that it may have failed. */
  readonly healed: readonly { readonly component: string; readonly zone: string | null; readonly at: number }[];
  readonly dark: readonly Blind[];
  /** Canaries outside the region whose users' journey fails. */
  readonly observers: readonly Report[];
  /** The observers that fail so, or whose newest run has just failed: what fails for some users flickers. */
  readonly failingNow: ReadonlySet<string>;
  /** Control planes of hard dependencies that do not answer. */
  readonly probes: readonly Report[];
  readonly heartbeat: Report | null;
  readonly replica: Report | null;
  /** A replica whose lag is not known. */
  readonly replicaUnknown: Report | null;
  readonly happenings: readonly Happening[];
  /** Zones that AWS itself speaks of: traffic moved out by autoshift, or named by an open issue. */
  readonly noticedZones: ReadonlySet<string>;
  readonly released: Explanations['released'];
  /** Time of the newest sign that something became well again. */
  readonly lastCleared: number;
  /** When something that is not seen now was last lost from sight; null while all is seen. */
  readonly lastLost: number | null;
};

/** Canaries run once a minute: an older run is not the newest one, it is the last that was heard of. */
const newestRunMs = 180_000;

/** Folds the signals about a region into a picture at a time. Signals of the future are not read. */
export function drawPicture(signals: Iterable<Signal>, region: string, plan: Plan, now: number): Picture {
  const newest = newestByKey(signals, region, now);
  const { explains, released } = readExplanations(newest, plan);
  const { failing, healed, dark } = foldComponents(newest.filter(is('component')), explains, plan);
  const others = foldObservers(newest, region, plan, now);
  const replica = newest.filter(is('replica'));
  const lost = newest.filter((signal) => signal.kind !== 'component' && conditionOf(signal) === 'unknown');
  const lostAt = [...lost.map((signal) => signal.at), ...dark.map((one) => one.since)];
  const cleared = newest.filter((signal) => conditionOf(signal) === 'healthy').map((signal) => signal.at);
  return {
    failing,
    healed,
    dark,
    observers: others.observers,
    failingNow: others.failingNow,
    probes: others.probes,
    heartbeat: others.heartbeat,
    replica: reportWhere(replica, 'failing', plan),
    replicaUnknown: reportWhere(replica, 'unknown', plan),
    happenings: newest.flatMap((signal) => happeningOf(signal) ?? []),
    noticedZones: new Set(newest.flatMap((signal) => noticedBy(signal, plan, now))),
    released,
    lastCleared: Math.max(0, ...cleared, ...others.clearedAt),
    lastLost: lostAt.length === 0 ? null : Math.max(...lostAt),
  };
}

function foldComponents(
  signals: readonly Of<'component'>[],
  explains: Explanations['explains'],
  plan: Plan,
): Pick<Picture, 'failing' | 'healed' | 'dark'> {
  const failing = new Map<string, Opinion>();
  const healed = new Map<string, Picture['healed'][number]>();
  const dark = new Map<string, Blind>();
  const shared = sharedCausesOf(plan);
  for (const signal of signals) {
    const { component, zone, at, id } = signal;
    const place = `${component} ${zone}`;
    if (signal.condition === 'healthy') keepLater(healed, place, { component, zone, at });
    if (signal.condition === 'unknown') keepEarlier(dark, place, { component, zone, since: at, id });
    if (signal.condition === 'failing') {
      const explained = explains(signal);
      const cause = shared.get(signal.measure) ?? component;
      const opinion = { component, cause, zone, since: countsFrom(signal, plan), id, explained };
      keepEarlier(failing, `${place} ${cause} ${explained}`, opinion);
    }
  }
  const seen = new Set([...healed.keys(), ...[...failing.values()].map((one) => `${one.component} ${one.zone}`)]);
  return {
    failing: [...failing.values()],
    healed: [...healed.values()],
    dark: [...dark].filter(([place]) => !seen.has(place)).map(([, one]) => one),
  };
}

function foldObservers(
  newest: readonly Signal[],
  region: string,
  plan: Plan,
  now: number,
): Pick<Picture, 'observers' | 'failingNow' | 'probes' | 'heartbeat'> & { clearedAt: number[] } {
  const runs = newest.filter(is('canary-run'));
  const passedAt = latest(runs.filter((run) => run.passed));
  const failedAt = latest(runs.filter((run) => !run.passed));
  const beatAt = Math.max(0, ...newest.filter(is('beat')).map((beat) => beat.at));
  const observers: Report[] = [];
  const probes = new Map<string, Report>();
  const clearedAt: number[] = [];
  let heartbeat: Report | null = null;
  for (const signal of newest) {
    if (conditionOf(signal) !== 'failing') continue;
    if (signal.kind === 'canary' && signal.observer !== region) {
      // A run that passed after the alarm rose contradicts it: then this observer has no clear opinion, until its runs
      // have failed for a while without another that passed.
      const passed = passedAt.get(signal.observer) ?? 0;
      const failsAgain = passed + plan.evidence.region.unconfirmedSeconds * 1000;
      const report = toReport(signal, signal.observer, plan);
      if (passed <= signal.at) observers.push(report);
      else if ((failedAt.get(signal.observer) ?? 0) >= failsAgain) observers.push({ ...report, since: failsAgain });
      else clearedAt.push(passed);
    }
    if (signal.kind === 'probe' && plan.dependencies.hard.includes(signal.service)) {
      keepEarlier(probes, signal.service, toReport(signal, signal.service, plan));
    }
    if (signal.kind === 'heartbeat') {
      if (beatAt <= signal.at) heartbeat = toReport(signal, 'heartbeat', plan);
      else clearedAt.push(beatAt);
    }
  }
  const justFailed = [...failedAt].filter(
    ([observer, at]) => observer !== region && at > (passedAt.get(observer) ?? 0) && now - at < newestRunMs,
  );
  const failingNow = new Set([
    ...observers.map(({ observer }) => observer),
    ...justFailed.map(([observer]) => observer),
  ]);
  return { observers, failingNow, probes: [...probes.values()], heartbeat, clearedAt };
}

function happeningOf(signal: Signal): Happening | null {
  const happening = (what: string): Happening => ({ what, at: signal.at, id: signal.id });
  if (signal.kind === 'shift' && signal.cause === 'autoshift') {
    return happening(`AWS ${signal.active ? 'moved traffic out of' : 'let traffic back into'} ${signal.zone}`);
  }
  if (signal.kind === 'database') {
    if (signal.change === 'replication-stopped') return happening(`replication of ${signal.instance} stopped`);
    const failedOver = signal.change === 'failover-started' || signal.change === 'failover-completed';
    return failedOver ? happening(`AWS failed ${signal.instance} over`) : null;
  }
  const movedCache = signal.kind === 'cache' && signal.change === 'failover-completed';
  return movedCache ? happening(`AWS failed ${signal.group} over`) : null;
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

/** Whether a signal says that something is well, and nothing more: a run of a canary that passed, or a stack that is alive. */
export function isGoodNews(signal: Signal): boolean {
  return signal.kind === 'beat' || (signal.kind === 'canary-run' && signal.passed);
}

/** What several components share counts as one cause: the pods and the readiness of one lost node. By measure. */
function sharedCausesOf(plan: Plan): ReadonlyMap<string, string> {
  const causes = Object.entries(plan.sharedCauses).toReversed(); // the first that names a measure counts
  return new Map(causes.flatMap(([cause, measures]) => measures.map((measure) => [measure, cause] as const)));
}

function is<Kind extends Signal['kind']>(kind: Kind): (signal: Signal) => signal is Of<Kind> {
  return (signal): signal is Of<Kind> => signal.kind === kind;
}

function conditionOf(signal: Signal): Condition | null {
  return 'condition' in signal ? signal.condition : null;
}

function toReport(signal: Signal, name: string, plan: Plan): Report {
  return { name, observer: signal.observer, since: countsFrom(signal, plan), id: signal.id };
}

/**
 * From when a failure counts towards being believed: its own time, but its arrival where that was much later. In a
 * burst of late events the next one may say that it has long been over.
 */
function countsFrom({ at, seenAt = at }: Signal, plan: Plan): number {
  return seenAt - at > plan.evidence.lateSeconds * 1000 ? seenAt : at;
}

function reportWhere(signals: readonly Of<'replica'>[], condition: 'failing' | 'unknown', plan: Plan): Report | null {
  const first = signals.find((signal) => signal.condition === condition);
  return first === undefined ? null : toReport(first, 'replica', plan);
}

/** The newest run of each observer. */
function latest(runs: readonly Of<'canary-run'>[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { observer, at } of runs) times.set(observer, Math.max(times.get(observer) ?? 0, at));
  return times;
}

function keepEarlier<Item extends { since: number }>(items: Map<string, Item>, key: string, item: Item): void {
  const known = items.get(key);
  if (known === undefined || item.since < known.since) items.set(key, item);
}

function keepLater<Item extends { at: number }>(items: Map<string, Item>, key: string, item: Item): void {
  const known = items.get(key);
  if (known === undefined || item.at > known.at) items.set(key, item);
}
