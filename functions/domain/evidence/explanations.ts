// What releases and planned work explain. Nothing explains a control plane or a heartbeat.
import type { Plan } from '../plan/plan.ts';
import { slotOf } from '../signals/reading.ts';
import type { Signal } from '../types.ts';

type ComponentSignal = Extract<Signal, { kind: 'component' }>;
type Window = { readonly from: number; readonly until: number };
type Work = Window & {
  /** Components, zones and regions that the work can break, and what fails with them. */
  readonly targets: readonly string[];
};

/** Until when something is explained, in milliseconds since 1970; null where it is not. What a release broke is so until it is well. */
export type Explained = number | null;

export type Explanations = {
  /** What began to fail in a window of work that can break it. */
  readonly explains: (signal: ComponentSignal) => Explained;
  /** Users who began to fail at a time, in a window of work on what serves them. */
  readonly explainsUsers: (time: number) => Explained;
  /** What planned work at a time names, zones among it: what fails there is explained, and is not well. */
  readonly inWork: (time: number) => ReadonlySet<string>;
  /** When the windows of planned work end, and with them what they explain. */
  readonly ends: readonly number[];
};

/** Reads the windows of releases and planned work. One that never said it ended is over after its longest time. */
export function readExplanations(signals: readonly Signal[], plan: Plan): Explanations {
  const releases = new Map<string, Window>();
  const works = new Map<string, Work>();
  const { release, maintenance } = plan.explanations;
  // Signals come in order of time: a start after an end is another run of the same name.
  for (const signal of signals) {
    if (signal.kind === 'release') {
      const began = signal.phase === 'started' ? signal.at : releases.get(signal.release)?.from;
      const from = began ?? signal.at - release.longestSeconds * 1000;
      const end = signal.phase === 'started' ? from + release.longestSeconds * 1000 : signal.at;
      const until = end + release.afterSeconds * 1000;
      if (signal.phase === 'ended') endSharing(signal.release, releases, until);
      releases.set(signal.release, { from, until });
    }
    if (signal.kind === 'maintenance') {
      const planned = (signal.plannedSeconds ?? release.longestSeconds) * 1000;
      const longest = maintenance.longestSeconds * 1000;
      const from = signal.phase === 'started' ? signal.at : (works.get(signal.window)?.from ?? signal.at - planned);
      const end = signal.phase === 'started' ? from + planned : signal.at;
      // Work that lasts for longer than the plan allows explains no longer than that.
      const until = Math.min(end, from + longest) + maintenance.afterSeconds * 1000;
      const targets = signal.targets.flatMap((target) => [target, ...failingWith(target, plan)]);
      if (signal.phase === 'ended') endSharing(signal.window, works, until);
      works.set(signal.window, { from, until, targets });
    }
  }
  const isReleased = (time: number) => [...releases.values()].some((window) => covers(window, time));
  const worksAt = (time: number) => [...works.values()].filter((window) => covers(window, time));
  return {
    explains: (signal) => {
      if (isReleased(signal.at) && canBreak(signal, plan)) return Number.POSITIVE_INFINITY;
      const names = [signal.component, signal.zone, signal.region, 'all'];
      return endOf(worksAt(signal.at).filter(({ targets }) => targets.some((target) => names.includes(target))));
    },
    explainsUsers: (time) => {
      if (isReleased(time)) return Number.POSITIVE_INFINITY;
      return endOf(worksAt(time).filter(({ targets }) => targets.some((target) => isServing(target, plan))));
    },
    inWork: (time) => new Set(worksAt(time).flatMap(({ targets }) => targets)),
    ends: [...works.values()].map(({ until }) => until),
  };
}

/**
 * Two of other names that share a place in the table share its end too: that of the one which ended first was lost to the other's.
 * What is not known to have ended explains no longer than what did. The end of the one that is named is kept after this.
 */
function endSharing<Kind extends Window>(named: string, windows: Map<string, Kind>, until: number): void {
  for (const [name, window] of windows)
    if (slotOf(name) === slotOf(named)) windows.set(name, { ...window, until: Math.min(window.until, until) });
}

/** What fails with a component everywhere. The name may come from an event. */
export function dependentsOf(component: string, plan: Plan): readonly string[] {
  const own = Object.hasOwn(plan.dependents, component) ? plan.dependents[component] : undefined;
  return own ?? [];
}

/** Whether something is infrastructure that says, by one of its measures, what no broken application can make it say. */
export function isBeyondApplication(
  { component, measures }: { readonly component: string; readonly measures: readonly string[] },
  plan: Plan,
): boolean {
  return isBelow(component, plan) && measures.some((measure) => !plan.explanations.release.measures.includes(measure));
}

/** Whether a component is infrastructure below the application: what a release breaks belongs to the application. */
export function isBelow(component: string, plan: Plan): boolean {
  return plan.infrastructureComponents.includes(component) && !plan.explanations.release.components.includes(component);
}

/**
 * Whether a release can do this: break its own components, and move what broken pods move. It takes no node, cache or database of
 * one zone away: what they say of themselves in a zone is their own, but for what pods and nodes say together.
 */
function canBreak({ component, measure, zone }: ComponentSignal, plan: Plan): boolean {
  const { components, measures } = plan.explanations.release;
  if (components.includes(component)) return true;
  const isOfPods = Object.values(plan.sharedCauses).some((shared) => shared.includes(measure));
  const isOfZone = zone !== null && plan.infrastructureComponents.includes(component);
  return measures.includes(measure) && (isOfPods || !isOfZone);
}

/** What fails with a target of planned work: what depends on it, and with infrastructure the application that runs on it. */
function failingWith(target: string, plan: Plan): readonly string[] {
  const application = plan.infrastructureComponents.includes(target) ? plan.explanations.release.components : [];
  return [...dependentsOf(target, plan), ...application];
}

/** Whether users can feel work on a target. */
function isServing(target: string, plan: Plan): boolean {
  const places = Object.entries(plan.regions).flatMap(([region, { zones }]) => [region, ...Object.keys(zones)]);
  const components = [...plan.infrastructureComponents, ...plan.explanations.release.components];
  return ['all', ...places, ...components].includes(target);
}

function covers(window: Window, time: number): boolean {
  return time >= window.from && time <= window.until;
}

function endOf(windows: readonly Window[]): Explained {
  return windows.length === 0 ? null : Math.max(...windows.map(({ until }) => until));
}
