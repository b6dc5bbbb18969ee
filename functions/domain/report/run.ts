// What a report says about a drill that the deployment ran: only what the record of the run holds. Pure.
import { scheduledIn } from '../drills/plan.ts';
import { type Asked, type DrillRecord, recoverySecondsOf } from '../drills/record.ts';
import type { Plan } from '../plan/plan.ts';
import { dayOf, isoOf } from '../report-page/times.ts';
import { formatSeconds } from '../words/durations.ts';
import type { Assumption, Phase, Report } from './facts.ts';
import type { Seen } from './seen.ts';

/** What goes into a report beside the incident that the drill made. */
export function seenOfRun(
  run: DrillRecord,
  plan: Plan,
): Pick<
  Seen,
  | 'run'
  | 'id'
  | 'subject'
  | 'title'
  | 'orderedBy'
  | 'why'
  | 'faults'
  | 'faultAt'
  | 'zeroAt'
  | 'missed'
  | 'expectations'
  | 'users'
> {
  const { name, kind, execution, by, region, zone, asset, struck, faultAt } = run;
  return {
    run,
    id: execution,
    subject: name,
    title: `${name}, a drill (${kind}) in ${[region, zone, asset].filter((word) => word !== null).join(', ')}`,
    orderedBy: by === 'schedule' ? 'the schedule of the plan' : by,
    why: whyOf(run, plan),
    faults: kind === 'fault' && struck !== null ? [struck] : [],
    faultAt: kind === 'fault' ? faultAt : null,
    zeroAt: (kind === 'fault' ? faultAt : null) ?? run.startedAt,
    missed: run.outcome === 'failed' ? [...run.why] : null,
    expectations: [inTime(run)],
    users: usersOf(run),
  };
}

function whyOf({ name }: DrillRecord, plan: Plan): string {
  const planned = scheduledIn(plan).find((one) => one.name === name);
  if (planned === undefined) return 'The present plan has no drill of this name.';
  return `The plan asks for it once a ${planned.every}.`;
}

const showsNothing = {
  refused: 'The drill was not started',
  stopped: 'A person stopped the drill',
  'gave-way': 'The drill gave way to a real event',
} as const;

export function verdictOfRun(run: DrillRecord): Report['verdict'] {
  const { outcome, why, withinSeconds } = run;
  const took = recoverySecondsOf(run);
  const reasons = why.join('; ') || 'the reason was not recorded';
  switch (outcome) {
    case null:
      return { state: 'open', line: 'Not over yet: there is no result so far.', missed: [] };
    case 'passed':
      return {
        state: 'passed',
        line: `Passed: it took ${formatSeconds(took)}, the limit is ${formatSeconds(withinSeconds)}.`,
        missed: [],
      };
    case 'failed':
      return { state: 'missed', line: `Failed: ${reasons}.`, missed: [...why] };
    default:
      return { state: 'held', line: `${showsNothing[outcome]}, so it proves nothing: ${reasons}.`, missed: [] };
  }
}

/** Only a fault needs a recovery. */
export function recoveryOfRun(run: DrillRecord): { readonly seconds: number | null; readonly how: string } {
  const seconds = recoverySecondsOf(run);
  if (run.kind !== 'fault' || run.faultAt === null)
    return { seconds: null, how: 'Nothing was broken, so there was nothing to recover from.' };
  if (seconds === null) return { seconds, how: 'No lasting recovery was seen.' };
  return { seconds, how: 'From the fault until the broken part worked again and users were served without a break.' };
}

function inTime(run: DrillRecord): Assumption {
  const { outcome, withinSeconds, why } = run;
  const what = `It is done within ${formatSeconds(withinSeconds)}, and the result lasts`;
  const took = recoverySecondsOf(run);
  if (outcome !== 'passed' && outcome !== 'failed')
    return { what, state: 'not-tested', why: why.join('; ') || (outcome === null ? 'it is not over' : outcome) };
  const broken = outcome === 'failed';
  return { what, state: broken ? 'broken' : 'held', why: broken ? why.join('; ') : `it took ${formatSeconds(took)}` };
}

/** The drill itself sent requests to the service: before the fault, until it had recovered, and after that. */
function usersOf({ startedAt, faultAt, recoveredAt, endedAt, asked }: DrillRecord): Report['users'] {
  const stretches = [
    ['before', startedAt, faultAt ?? endedAt, asked.before],
    ['during', faultAt, recoveredAt ?? endedAt, asked.during],
    ['after', recoveredAt, endedAt, asked.after],
  ] as const;
  const isTimed = stretches.some(([, , , { slowestMs }]) => slowestMs !== null);
  return {
    phases: stretches.flatMap(([phase, from, to, one]) =>
      from === null || to === null || one.asked === 0 ? [] : [phaseOf(phase, from, to, one)],
    ),
    how: 'The drill itself sent requests, as users do. It did not measure for how long users were served. CloudWatch has the runs of the canaries.',
    latency: isTimed
      ? 'Latency: the slowest answer that succeeded. Answers that failed have no time.'
      : 'Latency was not measured: no answer succeeded.',
  };
}

function phaseOf(phase: Phase['phase'], from: number, to: number, { asked, failed, slowestMs }: Asked): Phase {
  return {
    took: slowestMs === null ? null : { medianMs: null, slowestMs: Math.round(slowestMs) },
    ...{ phase, from: isoOf(from), to: isoOf(to), servedPercent: null, runs: null },
    requestsPercent: Number((((asked - failed) / asked) * 100).toFixed(2)),
  };
}

/** What this kind of drill cannot show, whatever its result is. */
export function notTestedByRun({ kind, leg }: DrillRecord): Report['notTested'] {
  switch (kind) {
    case 'tabletop':
      return [{ what: 'Every system', why: 'people discussed it, and nothing was touched' }];
    case 'region':
      return leg === null
        ? [{ what: 'What a region failover changes', why: 'it was a dry run: it changed nothing' }]
        : [{ what: 'The loss of a region', why: 'it was a switchover: both regions were healthy' }];
    case 'approvers':
      return [{ what: 'What an approval starts', why: 'people were asked, but their answers started nothing' }];
    case 'restore':
      return [
        { what: 'Serving users from the backup', why: 'it was restored beside production, and deleted after that' },
      ];
    case 'fault':
      return [];
  }
}

/** The parts of a drill that are known, with their times. */
export function barsOfRun(run: DrillRecord): { name: string; from: number; to: number | null; failed: boolean }[] {
  const { startedAt, faultAt, recoveredAt, endedAt, outcome } = run;
  const failed = outcome === 'failed';
  return [
    { name: 'before', from: startedAt, to: faultAt ?? endedAt, failed: failed && faultAt === null },
    ...(faultAt === null
      ? []
      : [
          {
            name: run.kind === 'fault' ? 'fault to recovered' : 'under way',
            ...{ from: faultAt, to: recoveredAt ?? endedAt, failed: failed && recoveredAt === null },
          },
        ]),
    ...(recoveredAt === null ? [] : [{ name: 'watched after', from: recoveredAt, to: endedAt, failed }]),
  ];
}

/** `isKnown`: whether the record has the incident. */
export function gapsOfRun({ incident, kind, endedAt, startedAt, asked }: DrillRecord, isKnown: boolean): string[] {
  return [
    ...(kind === 'fault' && incident !== null && !isKnown
      ? [`The incident ${incident}, which the drill caused, cannot be read.`]
      : []),
    ...(endedAt === null
      ? [`The drill began at ${dayOf(isoOf(startedAt))}. It is not over, or its end was not recorded.`]
      : []),
    ...(asked.before.asked === 0
      ? ['Before the drill acted, it sent no request to the service: how users were served then is not known.']
      : []),
    'The record does not say who evaluated this drill. Write it into the file of the drill in docs/drills.',
  ];
}

/** What a drill noticed although it passed. */
export function noticedIn({ outcome, why }: DrillRecord): Report['findings'] {
  return outcome === 'passed' ? why.map((what) => ({ severity: 'low' as const, what: `Noticed: ${what}.` })) : [];
}

/** Whether a backup came back. */
export function restoredIn({ kind, outcome, asset, why }: DrillRecord): Assumption | null {
  if (kind !== 'restore' || (outcome !== 'passed' && outcome !== 'failed')) return null;
  const what = 'A backup was restored and read';
  if (outcome === 'failed') return { what, state: 'broken', why: why.join('; ') };
  return { what, state: 'held', why: `${asset ?? 'it'} was restored beside production, checked, and deleted` };
}

type AskedInRun = Pick<DrillRecord, 'answers'> & { readonly roles: readonly string[]; readonly askedAt: number };
export const noneAsked: AskedInRun = { answers: [], roles: [], askedAt: 0 };

/** The people that the drill itself asked, and their answers. The request belongs to no incident: the record of the run has its answers. */
export function askedInRun({ kind, faultAt, answers }: DrillRecord, { approval }: Plan): AskedInRun {
  if (kind !== 'approvers' || faultAt === null) return noneAsked;
  return { answers, roles: approval.roles, askedAt: faultAt };
}
