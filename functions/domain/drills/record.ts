// What is kept of each run of a drill, and what follows from all runs: which drill is due, which is overdue, which has failed. Pure.
import { firstDayOf, localTime, periodOf } from './calendar.ts';
import type { DrillKind, PlannedDrill, ScheduledDrill } from './plan.ts';

/**
 * passed, failed: it has shown something. refused: it has not begun; stopped: a person pulled the lever; gave-way: something real went
 * first. The last three show nothing, and the drill stays due.
 */
export const drillOutcomes = ['passed', 'failed', 'refused', 'stopped', 'gave-way'] as const;
export type DrillOutcome = (typeof drillOutcomes)[number];

/** Questions to the service in one phase: how many were asked and failed, and the slowest answer of those that passed. */
export type Asked = { readonly asked: number; readonly failed: number; readonly slowestMs: number | null };
export const nothingAsked: Asked = { asked: 0, failed: 0, slowestMs: null };

/** A switchover of a drill leads away, and days later home. */
export const legs = ['away', 'home'] as const;
export type Leg = (typeof legs)[number];

/** The execution of the region failover that a drill starts: of a drill that stays its switchover, else its dry run. */
export function flowOfDrill({ execution, leg }: Pick<DrillRecord, 'execution' | 'leg'>): string {
  return `${execution.slice(-60)}-${leg ?? 'dry-run'}`;
}

/** An answer of an approver who was asked in a drill. */
export type DrillAnswer = { readonly approver: string; readonly answer: 'approve' | 'reject'; readonly at: number };

/** One run. Times are milliseconds since 1970; null where that was not, or not yet. */
export type DrillRecord = {
  /** As the plan names it. */
  readonly name: string;
  readonly kind: DrillKind;
  readonly execution: string;
  /** Of a switchover: whether users move away, or come home; null of any other. */
  readonly leg: Leg | null;
  /** Who started it: `schedule`, or a person. */
  readonly by: string;
  /** What is broken, and so what belongs to the drill: its region, and the zone or asset in it. */
  readonly region: string;
  readonly zone: string | null;
  readonly asset: string | null;
  readonly withinSeconds: number;
  readonly startedAt: number;
  /** The state as it was, a line each. */
  readonly before: readonly string[];
  /** When the fault was injected, or what is rehearsed was begun: the clock of the drill. */
  readonly faultAt: number | null;
  /** What shows that the fault has struck, such as the zone that a database was in; null where nothing was broken. */
  readonly struck: string | null;
  /** The experiment of AWS FIS that breaks it; null where none does, or not yet. */
  readonly experiment: string | null;
  /** The incident that it made, or the execution that it started. */
  readonly incident: string | null;
  /** Who has answered a request of the drill, with what, and when, in that order; empty where nobody was asked. */
  readonly answers: readonly DrillAnswer[];
  /** Since when what was broken is whole and users are served, without a break. */
  readonly recoveredAt: number | null;
  readonly asked: { readonly before: Asked; readonly during: Asked; readonly after: Asked };
  readonly endedAt: number | null;
  /** Null while it runs. */
  readonly outcome: DrillOutcome | null;
  /** Why it did not pass, and whatever else was noticed, a line each. */
  readonly why: readonly string[];
};

/** Pulled by a person: nothing of a drill begins or goes on. */
export type Lever = { readonly by: string; readonly reason: string; readonly at: number };

/** From the fault until users were served and stayed served; null where that is not known. */
export function recoverySecondsOf({
  faultAt,
  recoveredAt,
}: Pick<DrillRecord, 'faultAt' | 'recoveredAt'>): number | null {
  return faultAt === null || recoveredAt === null ? null : Math.max(0, recoveredAt - faultAt) / 1000;
}

type Run = Pick<DrillRecord, 'name' | 'startedAt' | 'outcome'>;

/**
 * What a switchover of the plan is to do next. Home, once it has led away: from `homeFrom` on, in milliseconds since 1970, and on each open day
 * until it has. Null where it is at home.
 */
export function homeFrom(
  { name, staysDays = 0 }: Pick<PlannedDrill, 'name' | 'staysDays'>,
  runs: readonly Pick<DrillRecord, 'name' | 'startedAt' | 'outcome' | 'leg'>[],
): number | null {
  const moved = runs.filter((run) => run.name === name && run.leg !== null && run.outcome === 'passed');
  const last = moved.toSorted((a, b) => a.startedAt - b.startedAt).at(-1);
  return last?.leg === 'away' ? last.startedAt + staysDays * 86_400_000 : null;
}

/** How a drill stands. `due`: it has shown nothing yet in this period. `overdueFrom`: the day from which it is overdue, past or to come. */
export type DrillStanding = {
  readonly due: boolean;
  readonly overdue: boolean;
  /** Null where nobody has tried yet. */
  readonly overdueFrom: string | null;
  /** The last run that has shown something. */
  readonly last: { readonly at: number; readonly outcome: 'passed' | 'failed' } | null;
};

/** What a failed run has found is to be mended in this time; then the drill is due again. */
export const retestDays = 14;

/**
 * One run that shows something in each period. Overdue where a whole period has passed without one; a drill that has never shown anything
 * is overdue when the period is over in which it was first tried. One that has failed is due again when what it found is to be mended.
 */
export function drillStanding(drill: PlannedDrill, runs: readonly Run[], now: number): DrillStanding {
  const timeZone = drill.window?.timeZone ?? 'UTC';
  const period = (at: number) => periodOf(localTime(at, timeZone).day, drill.every);
  const own = runs.filter(({ name }) => name === drill.name).toSorted((a, b) => a.startedAt - b.startedAt);
  const shown = own.flatMap(({ startedAt: at, outcome }) =>
    outcome === 'passed' || outcome === 'failed' ? [{ at, outcome }] : [],
  );
  const last = shown.at(-1) ?? null;
  const [first] = own;
  if (first === undefined) return { due: true, overdue: false, overdueFrom: null, last };
  const overdueFrom = firstDayOf(last === null ? period(first.startedAt) + 1 : period(last.at) + 2, drill.every);
  return {
    due: last === null || period(now) > period(last.at) || (last.outcome === 'failed' && isMended(last.at, now)),
    overdue: localTime(now, timeZone).day >= overdueFrom,
    overdueFrom,
    last,
  };
}

function isMended(failedAt: number, now: number): boolean {
  return now - failedAt >= retestDays * 86_400_000;
}

/** What speaks against relying on the drills, a line each with its date; none where each has passed in time, or nobody has tried it yet. */
export function drillsLacking(drills: readonly ScheduledDrill[], runs: readonly Run[], now: number): string[] {
  return drills.flatMap((drill) => {
    const { overdue, overdueFrom, last } = drillStanding(drill, runs, now);
    const since = last === null ? 'it has never shown anything' : `its last run was on ${dayOf(last.at, drill)}`;
    if (overdue) return [`drill "${drill.name}" is overdue since ${overdueFrom}: ${since}`];
    return last?.outcome === 'failed' ? [`drill "${drill.name}" failed on ${dayOf(last.at, drill)}`] : [];
  });
}

function dayOf(at: number, { window }: ScheduledDrill): string {
  return localTime(at, window.timeZone).day;
}
