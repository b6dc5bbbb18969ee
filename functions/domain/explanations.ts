// What releases and planned work explain. Nothing explains a control plane, a heartbeat or an observer.
import type { Plan } from './plan.ts';
import type { Signal } from './types.ts';

type ComponentSignal = Extract<Signal, { kind: 'component' }>;
type Window = {
  readonly from: number;
  readonly until: number;
  /** Components, zones and regions that the work can break, and measures of any component that it moves. */
  readonly targets: readonly string[];
};

export type Explanations = {
  /** Whether a component began to fail in a window of such work, and is one of those that it can break. */
  readonly explains: (signal: ComponentSignal) => boolean;
  /** Whether a release was under way or had just ended at a time (milliseconds). */
  readonly released: (time: number) => boolean;
};

/** Reads the windows of releases and planned work. One that never said it ended is over after its longest time. */
export function readExplanations(signals: readonly Signal[], plan: Plan): Explanations {
  const releases = new Map<string, Window>();
  const works = new Map<string, Window>();
  const { release, maintenance } = plan.explanations;
  for (const signal of signals) {
    if (signal.kind === 'release') {
      const targets = [...release.components, ...release.measures];
      keep(releases, signal.release, signal, targets, release.longestSeconds, release.afterSeconds);
    }
    if (signal.kind === 'maintenance') {
      const targets = signal.targets.flatMap((target) => [target, ...dependentsOf(target, plan)]);
      const longest = signal.plannedSeconds ?? release.longestSeconds;
      keep(works, signal.window, signal, targets, longest, maintenance.afterSeconds);
    }
  }
  const windows = [...releases.values(), ...works.values()];
  return {
    explains: (signal) =>
      windows.some((window) => {
        const names = [signal.component, signal.measure, signal.zone, signal.region, 'all'];
        return covers(window, signal.at) && names.some((name) => name !== null && window.targets.includes(name));
      }),
    released: (time) => [...releases.values()].some((window) => covers(window, time)),
  };
}

/** What fails with a component everywhere. The name may come from an event. */
export function dependentsOf(component: string, plan: Plan): readonly string[] {
  return Object.hasOwn(plan.dependents, component) ? (plan.dependents[component] ?? []) : [];
}

function keep(
  windows: Map<string, Window>,
  name: string,
  { at, phase }: { readonly at: number; readonly phase: 'started' | 'ended' },
  targets: readonly string[],
  longestSeconds: number,
  afterSeconds: number,
): void {
  const known = windows.get(name);
  const longest = longestSeconds * 1000;
  const after = afterSeconds * 1000;
  // Signals come in order of time: a start after an end is another run of the same name.
  if (phase === 'started') windows.set(name, { from: at, until: at + longest + after, targets });
  else windows.set(name, { from: known?.from ?? at - longest, until: at + after, targets });
}

function covers(window: Window, time: number): boolean {
  return time >= window.from && time <= window.until;
}
