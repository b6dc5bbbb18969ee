// What every part of the estate shares: the plan, time, chance, active faults, and the way out for events.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { drawSeconds, type Latencies, type LatencyName, loadLatencies } from './chance/latencies.ts';
import { createRandom, fork, hash, type Random, uuid } from './chance/random.ts';
import { canReach, createFaults, type Faults, isDark } from './faults/faults.ts';
import type { Caller, EstateOptions, Mutation, Work } from './types.ts';

/** How many seconds pass between two looks of physics at the estate. */
export const tickSeconds = 10;

/** One sequence for each purpose: an API call more or less does not change the weather. */
type Chances = {
  readonly physics: Random;
  readonly durations: Random;
  readonly observers: Random;
  readonly calls: Random;
  readonly ids: Random;
  /** Of backups and restores. It draws nothing from the others: without a restore a history stays as it was. */
  readonly backups: Random;
  /** Of reading latches as health checks do, for the same reason. */
  readonly latches: Random;
};

/** What is sent from a region; the world adds the envelope. */
export type Notice = {
  readonly region: string;
  readonly source: string;
  readonly type: string;
  readonly resources?: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
};

export type World = {
  readonly plan: Plan;
  readonly account: string;
  readonly faults: Faults;
  readonly chances: Chances;
  /** What answers hold beside what is modelled is drawn from it. */
  readonly shapeSeed: number;
  now(): number;
  /** Seconds that something takes, drawn from latencies.yml. */
  draw(latency: LatencyName, chance?: Random): number;
  /** Runs something later; stopping the estate cancels it. */
  after(seconds: number, run: () => void): void;
  stop(): void;
  isDark(region: string): boolean;
  /** Whether nothing that is measured in a region arrives at its CloudWatch. */
  isBlind(region: string): boolean;
  canReach(from: string, to: string): boolean;
  /** Puts an event on the bus of its region and gives its id; null from a dark region: it is lost. */
  emit(notice: Notice): string | null;
  /** What a cache tells the notification topic of its region. */
  cacheMessage(region: string, message: string): void;
  readonly mutations: Mutation[];
  readonly works: Work[];
  /** Notes what a call set going; without a caller AWS did it by itself, and nothing is noted. */
  recordWork(latency: string, target: string, seconds: number, caller: Caller | null): void;
  /** What was noted has come to an end before its time. */
  endWork(latency: string, target: string): void;
};

/** A world in which nothing has happened yet. */
export function createWorld({ plan, clock, random, account, latencies, emit, cacheMessage }: EstateOptions): World {
  const known: Latencies = latencies ?? loadLatencies();
  const faults = createFaults();
  const primary = plan.roles.primary;
  const drawn = {
    physics: fork(random),
    durations: fork(random),
    observers: fork(random),
    calls: fork(random),
    ids: fork(random),
  };
  const shapeSeed = Math.floor(drawn.ids() * 2 ** 32);
  const chances: Chances = {
    ...drawn,
    backups: createRandom(hash(`backups ${shapeSeed}`)),
    latches: createRandom(hash(`latches ${shapeSeed}`)),
  };
  const timers = new Set<unknown>();
  const works: Work[] = [];
  return {
    plan,
    account,
    faults,
    chances,
    shapeSeed,
    mutations: [],
    works,
    now: () => clock.now(),
    draw: (latency, chance = chances.durations) => drawSeconds(known[latency], chance),
    after(seconds, run) {
      const timer = clock.setTimeout(
        () => {
          timers.delete(timer);
          run();
        },
        Math.round(seconds * 1000),
      );
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
    isDark: (region) => isDark(faults, region, primary),
    isBlind: (region) =>
      isDark(faults, region, primary) ||
      faults.of('telemetry-loss').some((fault) => (fault.region ?? primary) === region),
    canReach: (from, to) => canReach(faults, from, to, primary),
    emit({ region, source, type, resources = [], detail }) {
      if (isDark(faults, region, primary)) return null;
      const id = uuid(chances.ids);
      const time = eventTime(clock.now());
      emit({ version: '0', id, 'detail-type': type, source, account, time, region, resources, detail });
      return id;
    },
    cacheMessage(region, message) {
      if (!isDark(faults, region, primary)) cacheMessage(region, message);
    },
    recordWork(latency, target, seconds, caller) {
      if (caller === null) return;
      const { step, execution } = caller;
      works.push({ latency, target, startedAt: clock.now(), seconds, step, execution });
    },
    endWork(latency, target) {
      const index = works.findLastIndex((work) => work.latency === latency && work.target === target);
      const work = works[index];
      if (work !== undefined) works[index] = { ...work, seconds: (clock.now() - work.startedAt) / 1000 };
    },
  };
}

/** A time as EventBridge writes it: whole seconds. */
export function eventTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** Source and detail type of an event of the application itself, as the plan names them. */
export function ownEvent(plan: Plan, kind: 'release' | 'maintenance'): { source: string; type: string } {
  const rule = plan.signals.events.find((known) => known.kind === kind);
  return { source: rule?.source ?? `${plan.application}.${kind}`, type: rule?.detailType ?? kind };
}
