// What is known about one region now: the newest signal of each key, folded into opinions of components and observers.
// Order and duplication of signals cannot matter here: only the newest of each key is looked at.
import type { Plan } from './plan.ts';
import type { Signal } from './types.ts';

type ComponentSignal = Extract<Signal, { kind: 'component' }>;

/** A component that fails, with one cause, in one zone or (null) over the region. Many alarms are one opinion. */
export type Opinion = {
  readonly component: string;
  readonly cause: string;
  readonly zone: string | null;
  readonly since: number;
  readonly id: string;
  readonly explained: boolean;
};

/** An observer, a control plane or a heartbeat that reports failure. */
export type Report = { readonly name: string; readonly observer: string; readonly since: number; readonly id: string };

/** Something that happened and needs no more than telling people. */
export type Happening = { readonly what: string; readonly at: number; readonly id: string };

export type Picture = {
  readonly failing: readonly Opinion[];
  /** When a component of a zone last became healthy: before that it may have failed. */
  readonly healed: readonly { readonly component: string; readonly zone: string | null; readonly at: number }[];
  /** Components without data, by zone: neither failing nor healthy. */
  readonly dark: readonly {
    readonly component: string;
    readonly zone: string | null;
    readonly since: number;
    readonly id: string;
  }[];
  /** Canaries outside the region whose users' journey fails. */
  readonly observers: readonly Report[];
  /** Control planes of hard dependencies that do not answer. */
  readonly probes: readonly Report[];
  readonly heartbeat: Report | null;
  readonly replica: Report | null;
  readonly happenings: readonly Happening[];
  /** Zones that AWS itself speaks of: traffic moved out by autoshift, or named by an open issue. */
  readonly noticedZones: ReadonlySet<string>;
  readonly releasedRecently: boolean;
  /** Time of the newest sign that something became well again. */
  readonly lastCleared: number;
};

/** Folds the signals about a region into a picture at a time. Signals of the future are not read. */
export function drawPicture(signals: Iterable<Signal>, region: string, plan: Plan, now: number): Picture {
  const newest = newestByKey(signals, region, now);
  const passedAt = latest(newest, (signal) => (signal.kind === 'canary-run' && signal.passed ? signal.observer : null));
  const beatAt = latest(newest, (signal) => (signal.kind === 'beat' ? signal.region : null));
  const explains = explanations(newest, plan, now);
  const failing = new Map<string, Opinion>();
  const healed = new Map<string, { component: string; zone: string | null; at: number }>();
  const dark = new Map<string, { component: string; zone: string | null; since: number; id: string }>();
  const observers: Report[] = [];
  const probes = new Map<string, Report>();
  const happenings: Happening[] = [];
  const noticedZones = new Set<string>();
  let heartbeat: Report | null = null;
  let replica: Report | null = null;
  let lastCleared = 0;

  for (const signal of newest) {
    if ('condition' in signal && signal.condition === 'healthy') lastCleared = Math.max(lastCleared, signal.at);
    const report = (name: string): Report => ({ name, observer: signal.observer, since: signal.at, id: signal.id });
    switch (signal.kind) {
      case 'component': {
        const place = `${signal.component} ${signal.zone}`;
        if (signal.condition === 'healthy')
          keepLater(healed, place, { component: signal.component, zone: signal.zone, at: signal.at });
        if (signal.condition === 'unknown')
          keepEarlier(dark, place, { component: signal.component, zone: signal.zone, since: signal.at, id: signal.id });
        if (signal.condition === 'failing') {
          const explained = explains(signal);
          const cause = causeOf(signal, plan);
          keepEarlier(failing, `${place} ${cause} ${explained}`, {
            component: signal.component,
            cause,
            zone: signal.zone,
            since: signal.at,
            id: signal.id,
            explained,
          });
        }
        break;
      }
      case 'canary':
        // A run that passed after the alarm rose contradicts it: then this observer has no clear opinion.
        if (
          signal.condition === 'failing' &&
          signal.observer !== region &&
          (passedAt.get(signal.observer) ?? 0) <= signal.at
        )
          observers.push(report(signal.observer));
        break;
      case 'probe':
        if (signal.condition === 'failing' && plan.dependencies.hard.includes(signal.service))
          keepEarlier(probes, signal.service, report(signal.service));
        break;
      case 'heartbeat':
        if (signal.condition === 'failing' && (beatAt.get(region) ?? 0) <= signal.at) heartbeat = report('heartbeat');
        break;
      case 'replica':
        if (signal.condition === 'failing') replica = report('replica');
        break;
      case 'health':
        if (signal.open && signal.category === 'issue') for (const zone of signal.zones) noticedZones.add(zone);
        break;
      case 'shift':
        if (signal.cause !== 'autoshift') break;
        if (signal.active) noticedZones.add(signal.zone);
        happenings.push({
          what: `AWS ${signal.active ? 'moved traffic out of' : 'let traffic back into'} ${signal.zone}`,
          at: signal.at,
          id: signal.id,
        });
        break;
      case 'database':
        if (signal.change === 'failover-started' || signal.change === 'failover-completed')
          happenings.push({ what: `AWS failed ${signal.instance} over`, at: signal.at, id: signal.id });
        if (signal.change === 'replication-stopped')
          happenings.push({ what: `replication of ${signal.instance} stopped`, at: signal.at, id: signal.id });
        break;
      case 'cache':
        if (signal.change === 'failover-completed')
          happenings.push({ what: `AWS failed ${signal.group} over`, at: signal.at, id: signal.id });
        break;
      default: // beats, runs, instances, scaling, releases and windows are read above or only kept as evidence
    }
  }
  const releasedRecently = newest.some(
    (signal) => signal.kind === 'release' && now - signal.at <= plan.explanations.release.afterSeconds * 1000,
  );
  return {
    failing: [...failing.values()],
    healed: [...healed.values()],
    dark: [...dark.values()],
    observers,
    probes: [...probes.values()],
    heartbeat,
    replica,
    happenings,
    noticedZones,
    releasedRecently,
    lastCleared,
  };
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

/** Whether a signal counts instead of another one with the same key. */
export function supersedes(signal: Signal, known: Signal): boolean {
  return signal.at > known.at || (signal.at === known.at && signal.id > known.id);
}

/** What several components share counts as one cause: the pods and the readiness of one lost node. */
function causeOf(signal: ComponentSignal, plan: Plan): string {
  for (const [cause, measures] of Object.entries(plan.sharedCauses))
    if (measures.includes(signal.measure)) return cause;
  return signal.component;
}

/**
 * Whether a release or planned work explains a failing component: it began within the window, and is one of the
 * components that such work can break. Nothing explains a control plane, a heartbeat or an observer.
 */
function explanations(signals: readonly Signal[], plan: Plan, now: number): (signal: ComponentSignal) => boolean {
  const windows = new Map<string, { from: number; until: number; targets: readonly string[] }>();
  for (const signal of signals) {
    if (signal.kind !== 'release' && signal.kind !== 'maintenance') continue;
    const { release, maintenance } = plan.explanations;
    const key = signal.kind === 'release' ? `release ${signal.release}` : `maintenance ${signal.window}`;
    const targets = signal.kind === 'release' ? release.components : withDependents(signal.targets, plan);
    const after = (signal.kind === 'release' ? release.afterSeconds : maintenance.afterSeconds) * 1000;
    const planned = signal.kind === 'maintenance' ? signal.plannedSeconds : null;
    const longest = (planned ?? release.longestSeconds) * 1000;
    const known = windows.get(key);
    if (signal.phase === 'started')
      windows.set(key, { from: signal.at, until: known?.until ?? signal.at + longest + after, targets });
    else windows.set(key, { from: known?.from ?? signal.at - longest, until: signal.at + after, targets });
  }
  const open = [...windows.values()].filter((window) => window.from <= now);
  return (signal) =>
    open.some(
      ({ from, until, targets }) =>
        signal.at >= from &&
        signal.at <= until &&
        [signal.component, signal.zone, signal.region, 'all'].some((name) => name !== null && targets.includes(name)),
    );
}

function withDependents(targets: readonly string[], plan: Plan): string[] {
  return targets.flatMap((target) => [target, ...(plan.dependents[target] ?? [])]);
}

function latest(signals: readonly Signal[], group: (signal: Signal) => string | null): Map<string, number> {
  const times = new Map<string, number>();
  for (const signal of signals) {
    const name = group(signal);
    if (name !== null) times.set(name, Math.max(times.get(name) ?? 0, signal.at));
  }
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
