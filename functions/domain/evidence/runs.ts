// What single observers report: the last runs of canaries and probes, beats that are missing, and since when. Pure.
import type { Plan } from '../plan/plan.ts';
import type { Signal } from '../types.ts';

export type Of<Kind extends Signal['kind']> = Extract<Signal, { kind: Kind }>;

/** An observer, a control plane or a heartbeat that reports failure. */
export type Report = { readonly name: string; readonly observer: string; readonly since: number; readonly id: string };

/** `isClean`: no visit failed in the newest run that passed, as far as it says. `tellsAll`: it says that each was answered. */
export type LastRuns = {
  readonly passedAt: number;
  readonly failedAt: number;
  readonly isClean: boolean;
  readonly tellsAll: boolean;
  /** Whether a visit of the newest run that failed was answered. */
  readonly wasAnswered: boolean;
};

/** Canaries and probes run once a minute: an older run is not the newest one, it is the last that was heard of. */
export const newestRunMs = 180_000;

/** A run that follows the last good one by so much is the second that fails: one alone flickers. */
export const secondRunMs = 110_000;

const twoRunsMs = 120_000;

/** A last run that passed longer ago than this is not the one before: what happened between was lost. An alarm has risen by then. */
export const longestSeriesMs = 600_000;

/** For so long a beat that does not come is news; by then the alarm on the measure has spoken, or it is the way of the beats that is broken. */
const missingBeatMs = 300_000;

/** So many beats may be missing, as parts of their distance: two did not come, and had their time on the way. */
const missedBeats = 2.5;

/** An observer's newest runs. Of those that passed, and of those that failed, only the newest is kept. */
export function lastRunsOf(observer: string, runs: readonly Of<'canary-run'>[]): LastRuns {
  const own = runs.filter((run) => run.observer === observer);
  const passed = own.findLast((run) => run.passed);
  const failed = own.findLast((run) => !run.passed);
  const times = { passedAt: passed?.at ?? 0, failedAt: failed?.at ?? 0 };
  const wasAnswered = (failed?.value ?? 0) > 0;
  return { ...times, isClean: (passed?.value ?? 1) === 1, tellsAll: passed?.value === 1, wasAnswered };
}

/** Whether an observer's newest run failed a short while ago. */
export function hasJustFailed({ passedAt, failedAt }: LastRuns, now: number): boolean {
  return failedAt > passedAt && now - failedAt < newestRunMs;
}

/** Whether that is news: an observer that has failed for long may be broken itself. */
export function hasBegunToFail(runs: LastRuns, now: number): boolean {
  return hasJustFailed(runs, now) && now - runs.passedAt <= longestSeriesMs;
}

/**
 * Whether an observer is known to have seen a visit fail by a time, and not long before it: by a run that says so, or by one that was due
 * by then and did not pass, as it has failed since the last that did.
 */
export function failedBefore({ passedAt, failedAt, isClean }: LastRuns, time: number): boolean {
  const wasSeen = (at: number) => at <= time && time - at <= longestSeriesMs;
  if (wasSeen(failedAt) || (!isClean && wasSeen(passedAt))) return true;
  return failedAt > passedAt && wasSeen(passedAt + secondRunMs);
}

/** Whether an observer has run a short while ago. */
export function hasJustRun({ passedAt, failedAt }: LastRuns, now: number): boolean {
  return now - Math.max(passedAt, failedAt) < newestRunMs;
}

/** Whether an observer's newest run passed a short while ago, and saw every visit answered. */
export function hasJustPassed({ passedAt, failedAt, isClean }: LastRuns, now: number): boolean {
  return isClean && passedAt > failedAt && now - passedAt < newestRunMs;
}

/** Observers speak by their runs as they happen, not two periods of an alarm later: two in a row that failed are an opinion. */
export function failingByRuns(
  runs: readonly Of<'canary-run'>[],
  passedAt: ReadonlyMap<string, number>,
  region: string,
  plan: Plan,
): Map<string, Report> {
  const failing = runs.flatMap((run): Report[] => {
    const { observer, at } = run;
    const passed = passedAt.get(observer);
    // Only a run that tells its share is known to be one of every minute: of others, the last that passed may be the one before.
    if (run.passed || run.value === undefined || observer === region || passed === undefined) return [];
    if (at < passed + secondRunMs) return [];
    return [{ ...toReport(run, observer, plan), since: secondFailureAt(run, passed, plan) }];
  });
  return new Map(failing.map((report) => [report.observer, report]));
}

/**
 * Probes speak by their runs likewise, of each service by itself: that another one had failed for long says nothing of when this one
 * answered last. What they see well contradicts no alarm.
 */
export function failingByProbes(runs: readonly Of<'probe-run'>[], plan: Plan, now: number): Map<string, Report> {
  const failing = new Map<string, Report>();
  for (const observer of new Set(runs.map((run) => run.observer))) {
    const seen = runs.filter((run) => run.observer === observer);
    for (const service of plan.dependencies.hard) {
      const answered = seen.findLast((run) => !run.services.includes(service));
      const failed = seen.findLast((run) => run.services.includes(service));
      if (answered === undefined || failed === undefined) continue;
      if (failed.at < answered.at + secondRunMs || failed.at > answered.at + longestSeriesMs) continue;
      if (now - failed.at >= newestRunMs) continue;
      const since = secondFailureAt(failed, answered.at, plan);
      keepEarlier(failing, service, { ...toReport(failed, service, plan), since });
    }
  }
  return failing;
}

/** When the second of a series of runs failed; what came late counts from when it came, as its end may be the next to come. */
function secondFailureAt(failed: Signal, passedAt: number, plan: Plan): number {
  const counts = countsFrom(failed, plan);
  return counts > failed.at ? counts : Math.min(failed.at, passedAt + twoRunsMs);
}

/**
 * Since when an alarm that misses the heartbeat is right by what is known of the beats; null while these contradict it. A beat that came
 * after it rose does. So does one that was sent before, for as long as two more need not have come by what it says of the next: the
 * alarm has missed three in a row, and one of these was sent.
 */
export function beatsMissing(alarm: Signal, beats: readonly Of<'beat'>[], now: number): number | null {
  const newest = beats.at(-1);
  if (newest === undefined) return alarm.at;
  if (newest.at > alarm.at) return null;
  const due = overdueAt(newest);
  if (due === null) return alarm.at;
  return due <= now ? due : null;
}

/** When two beats more should have come, by what one says of the next; null where it says nothing. */
function overdueAt({ at, everySeconds }: Of<'beat'>): number | null {
  return everySeconds === undefined ? null : at + everySeconds * missedBeats * 1000;
}

/** A beat says when the next one follows: its absence is seen before the alarm on the measure rises. The peer looks. */
export function beatMissed(beats: readonly Of<'beat'>[], region: string, plan: Plan, now: number): Report | null {
  const { primary, standby } = plan.roles;
  const missed = beats.flatMap((beat): Report[] => {
    const { at, id } = beat;
    const since = overdueAt(beat);
    if (since === null || since > now || now - at >= missingBeatMs) return [];
    return [{ name: 'heartbeat', observer: region === primary ? standby : primary, since, id }];
  });
  return missed.length === beats.length ? (missed.at(-1) ?? null) : null;
}

export function is<Kind extends Signal['kind']>(kind: Kind): (signal: Signal) => signal is Of<Kind> {
  return (signal): signal is Of<Kind> => signal.kind === kind;
}

export function toReport(signal: Signal, name: string, plan: Plan): Report {
  return { name, observer: signal.observer, since: countsFrom(signal, plan), id: signal.id };
}

/**
 * From when a failure counts towards being believed: its own time, but its arrival where that was much later. In a
 * burst of late events the next one may say that it has long been over.
 */
export function countsFrom({ at, seenAt = at }: Signal, plan: Plan): number {
  return seenAt - at > plan.evidence.lateSeconds * 1000 ? seenAt : at;
}

export function reportWhere(
  signals: readonly Of<'replica'>[],
  condition: 'failing' | 'unknown',
  plan: Plan,
): Report | null {
  const first = signals.find((signal) => signal.condition === condition);
  return first === undefined ? null : toReport(first, 'replica', plan);
}

/** The newest run of each observer. */
export function latest(runs: readonly Of<'canary-run'>[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { observer, at } of runs) times.set(observer, Math.max(times.get(observer) ?? 0, at));
  return times;
}

export function keepEarlier<Item extends { since: number }>(items: Map<string, Item>, key: string, item: Item): void {
  const known = items.get(key);
  if (known === undefined || item.since < known.since) items.set(key, item);
}
