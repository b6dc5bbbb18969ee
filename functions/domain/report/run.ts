// What a report says of a drill that the deployment ran: of the run as it was kept, and of nothing else. Pure.
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
  if (planned === undefined) return 'The plan as it is now asks for no drill of this name.';
  return `The plan asks for it once a ${planned.every}.`;
}

const showsNothing = {
  refused: 'It was not begun',
  stopped: 'It was stopped by a person',
  'gave-way': 'It gave way to something real',
} as const;

export function verdictOfRun(run: DrillRecord): Report['verdict'] {
  const { outcome, why, withinSeconds } = run;
  const took = recoverySecondsOf(run);
  const reasons = why.join('; ') || 'why was not kept';
  switch (outcome) {
    case null:
      return { state: 'open', line: 'Not over yet: nothing is shown so far.', missed: [] };
    case 'passed':
      return {
        state: 'passed',
        line: `Passed: it took ${formatSeconds(took)}, and ${formatSeconds(withinSeconds)} were allowed.`,
        missed: [],
      };
    case 'failed':
      return { state: 'missed', line: `Failed: ${reasons}.`, missed: [...why] };
    default:
      return { state: 'held', line: `${showsNothing[outcome]}, and shows nothing: ${reasons}.`, missed: [] };
  }
}

/** Only of a fault there is something to recover from. */
export function recoveryOfRun(run: DrillRecord): { readonly seconds: number | null; readonly how: string } {
  const seconds = recoverySecondsOf(run);
  if (run.kind !== 'fault' || run.faultAt === null)
    return { seconds: null, how: 'Nothing was broken, so there was nothing to recover from.' };
  if (seconds === null) return { seconds, how: 'It was not seen that it recovered and stayed so.' };
  return { seconds, how: 'From the fault until what was broken was whole and users were served, without a break.' };
}

function inTime(run: DrillRecord): Assumption {
  const { outcome, withinSeconds, why } = run;
  const what = `It is done within ${formatSeconds(withinSeconds)}, and stays so`;
  const took = recoverySecondsOf(run);
  if (outcome !== 'passed' && outcome !== 'failed')
    return { what, state: 'not-tested', why: why.join('; ') || (outcome === null ? 'it is not over' : outcome) };
  const broken = outcome === 'failed';
  return { what, state: broken ? 'broken' : 'held', why: broken ? why.join('; ') : `it took ${formatSeconds(took)}` };
}

/** The drill itself asked the service, before the fault, until it had recovered, and after that. */
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
    how: 'The drill asked the service itself, as users do. For how long users were served was not measured; the canaries in CloudWatch have their runs.',
    latency: isTimed
      ? 'How long an answer took is told of the slowest that passed. One that failed has no time.'
      : 'How long answers took was not measured: none passed.',
  };
}

function phaseOf(phase: Phase['phase'], from: number, to: number, { asked, failed, slowestMs }: Asked): Phase {
  return {
    took: slowestMs === null ? null : { medianMs: null, slowestMs: Math.round(slowestMs) },
    ...{ phase, from: isoOf(from), to: isoOf(to), servedPercent: null, runs: null },
    requestsPercent: Number((((asked - failed) / asked) * 100).toFixed(2)),
  };
}

/** What this kind of drill cannot show, whatever it came to. */
export function notTestedByRun({ kind, leg }: DrillRecord): Report['notTested'] {
  switch (kind) {
    case 'tabletop':
      return [{ what: 'Every system', why: 'people talked it through, and nothing was touched' }];
    case 'region':
      return leg === null
        ? [{ what: 'What a region failover changes', why: 'it was a dry run: it looked, and changed nothing' }]
        : [{ what: 'The loss of a region', why: 'it was a switchover: both regions were well' }];
    case 'approvers':
      return [{ what: 'What an approval starts', why: 'people were asked, and nothing was bound to their answers' }];
    case 'restore':
      return [{ what: 'Serving users from the backup', why: 'it came up beside production, and was thrown away' }];
    case 'fault':
      return [];
  }
}

/** Where each drill stands in its own time; the parts of it that are known. */
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
    ...(recoveredAt === null ? [] : [{ name: 'stays so', from: recoveredAt, to: endedAt, failed }]),
  ];
}

/** `isKnown`: whether the record has the incident. */
export function gapsOfRun({ incident, kind, endedAt, startedAt, asked }: DrillRecord, isKnown: boolean): string[] {
  return [
    ...(kind === 'fault' && incident !== null && !isKnown
      ? [`The incident ${incident}, which the drill made, cannot be read.`]
      : []),
    ...(endedAt === null
      ? [`The drill began ${dayOf(isoOf(startedAt))} and is not over, or its end was not kept.`]
      : []),
    ...(asked.before.asked === 0 ? ['The service was not asked before it: how users fared then is not known.'] : []),
    'Who evaluated this drill is not recorded: its file in docs/drills is for that.',
  ];
}

/** What was noticed of a drill that passed. */
export function noticedIn({ outcome, why }: DrillRecord): Report['findings'] {
  return outcome === 'passed' ? why.map((what) => ({ severity: 'low' as const, what: `Noticed: ${what}.` })) : [];
}

/** Whether a backup came back. */
export function restoredIn({ kind, outcome, asset, why }: DrillRecord): Assumption | null {
  if (kind !== 'restore' || (outcome !== 'passed' && outcome !== 'failed')) return null;
  const what = 'A backup was restored and read';
  if (outcome === 'failed') return { what, state: 'broken', why: why.join('; ') };
  return { what, state: 'held', why: `${asset ?? 'it'} came back beside production, was checked and thrown away` };
}

type AskedInRun = Pick<DrillRecord, 'answers'> & { readonly roles: readonly string[]; readonly askedAt: number };
export const noneAsked: AskedInRun = { answers: [], roles: [], askedAt: 0 };

/** Who was asked by the drill itself, and has answered. The request is no incident's: the record of the run has its answers. */
export function askedInRun({ kind, faultAt, answers }: DrillRecord, { approval }: Plan): AskedInRun {
  if (kind !== 'approvers' || faultAt === null) return noneAsked;
  return { answers, roles: approval.roles, askedAt: faultAt };
}
