// What people are told of drills: before one begins, and how it came out.
import { clock, day } from '../page/page-times.ts';
import { formatSeconds } from '../words/durations.ts';
import { plainText } from '../words/plain-text.ts';
import { composed, type Message, subject } from '../words/words.ts';
import type { Finding } from './findings.ts';
import type { DrillKind } from './plan.ts';
import { type Asked, type DrillOutcome, type DrillRecord, type Leg, recoverySecondsOf } from './record.ts';

const dayOf = (at: number | null): string => (at === null ? 'not' : day(at));

const doing: Readonly<Record<DrillKind, string>> = {
  fault: 'Something is broken on purpose. What follows is part of the drill, and is handled as on the day.',
  region: 'A dry run of the region failover is made. Nothing is changed.',
  restore: 'A backup is restored beside production, checked, and thrown away.',
  approvers: 'Approvers are asked as on the day. Nothing is changed, whatever they answer.',
  tabletop:
    'Nothing is touched. Talk it through: who would do what, by which section of docs/runbook.md, and what is missing?',
};

const moving: Readonly<Record<Leg, string>> = {
  away: 'Users move here by a planned switchover, once people have approved it. They stay for the days of the plan, and come home.',
  home: 'Users come home by a planned switchover, once people have approved it.',
};

/** How people end it. `stage`: as they type it. */
function stopLine(stage: string): string {
  return `  npm run drill -- --aws stop --stage ${stage} --reason "<why>"`;
}

export function drillBeginsMessage(drill: DrillRecord, stage: string): Message {
  return {
    subject: subject(`[Breakwater] [DRILL] ${drill.name} begins in ${drill.region}`),
    body: composed({
      needed: ['Nothing, unless it must not go on now. This stops it, and every other drill:', stopLine(stage)],
      happened: [
        `Drill ${drill.name} begins at ${clock(drill.startedAt, drill.startedAt)}, started by ${plainText(drill.by)}.`,
      ],
      done: [drill.leg === null ? doing[drill.kind] : moving[drill.leg]],
      follows: [
        `You hear how it came out. Passed is what has recovered within ${formatSeconds(drill.withinSeconds)}, and stays so.`,
      ],
      more: ['As it stands before:', ...drill.before.map((line) => `  ${line}`), `Execution ${drill.execution}.`],
    }),
  };
}

const came: Readonly<Record<DrillOutcome, { readonly out: string; readonly next: string }>> = {
  passed: { out: 'PASSED', next: 'Nothing.' },
  failed: { out: 'FAILED', next: 'Find out why, and repeat it: docs/runbook.md#drill-failed.' },
  refused: { out: 'was not begun', next: 'It is tried again on its next open day. Nothing was touched.' },
  stopped: { out: 'was stopped', next: 'It stays due. Look whether what was broken has recovered: npm run status.' },
  'gave-way': { out: 'gave way to something real', next: 'It stays due. What goes on is no drill.' },
};

/** How it came out, by the clock. */
function cameSentence(drill: DrillRecord, out: string): string {
  const { name, faultAt, recoveredAt, withinSeconds } = drill;
  const begun = faultAt === null ? '' : ` What it did began at ${clock(faultAt, faultAt)}.`;
  const recovered =
    recoveredAt === null || faultAt === null
      ? ''
      : ` All was well again at ${clock(recoveredAt, faultAt)}, after ${formatSeconds(recoverySecondsOf(drill))}; ${formatSeconds(withinSeconds)} were expected.`;
  return `Drill ${name} ${out}.${begun}${recovered}`;
}

const stays =
  'Users stay here for the days of the plan. Then this drill takes them home: people are asked again. The region that was left is armed by itself.';

export function drillEndsMessage(
  drill: DrillRecord,
  outcome: DrillOutcome,
  [finding]: readonly Finding[] = [],
  report: string | null = null,
): Message {
  const { out, next } = came[outcome];
  const took = recoverySecondsOf(drill);
  const inTime = outcome === 'passed' && took !== null ? ` in ${formatSeconds(took)}` : '';
  return {
    subject: subject(`[Breakwater] [DRILL] ${drill.name} ${out}${inTime}`),
    body: composed({
      needed: [
        next,
        ...(finding === undefined
          ? []
          : [`Owner: ${finding.owner}. To be mended until ${finding.due}; from then on the drill is due again.`]),
      ],
      happened: [
        cameSentence(drill, out),
        ...drill.why.map((line) => `${outcome === 'passed' ? 'Noticed' : 'WHY'}: ${line}.`),
      ],
      done: outcome === 'passed' && drill.leg === 'away' ? [stays] : [],
      follows: [],
      more: [...(report === null ? [] : [`The report, some minutes from now: ${report}`]), ...drillFacts(drill)],
    }),
  };
}

const said = { approve: 'approved', reject: 'rejected' } as const;

/** The facts of a run, a line each. */
export function drillFacts(drill: DrillRecord): string[] {
  const { faultAt, recoveredAt, struck, incident, asked, answers } = drill;
  return [
    `Kind ${drill.kind}, in ${[drill.region, drill.zone, drill.asset].filter((word) => word !== null).join(', ')}; started by ${drill.by} at ${dayOf(drill.startedAt)}.`,
    `Clock: begun ${dayOf(faultAt)}${struck === null ? '' : ` (${struck})`}, recovered ${dayOf(recoveredAt)}: ${formatSeconds(recoverySecondsOf(drill))}, expected within ${formatSeconds(drill.withinSeconds)}.`,
    ...answers.map(
      ({ approver, answer, at }) =>
        `${approver} ${said[answer]} after ${formatSeconds((at - (faultAt ?? at)) / 1000)}.`,
    ),
    ...(incident === null ? [] : [`Its incident, execution or request: ${incident}.`]),
    `Execution ${drill.execution}${drill.experiment === null ? '' : `, experiment ${drill.experiment}`}.`,
    `The service before: ${askedWords(asked.before)}; during: ${askedWords(asked.during)}; after: ${askedWords(asked.after)}.`,
  ];
}

function askedWords({ asked, failed, slowestMs }: Asked): string {
  if (asked === 0) return 'not asked';
  return `${asked - failed} of ${asked} passed${slowestMs === null ? '' : `, the slowest in ${Math.round(slowestMs)} ms`}`;
}

/** A run as a file for docs/drills, as it is committed. */
export function drillFile(drill: DrillRecord, outcome: DrillOutcome, findings: readonly Finding[]): string {
  return [
    `# ${drill.name}: ${came[outcome].out}, ${new Date(drill.startedAt).toISOString().slice(0, 10)}`,
    '',
    ...drillFacts(drill).map((line) => `- ${line}`),
    '',
    '## Before',
    ...drill.before.map((line) => `- ${line}`),
    '',
    '## Findings',
    '| finding | owner | due | repeated from |',
    '|---|---|---|---|',
    ...(findings.length === 0
      ? ['| none | | | |']
      : findings.map(({ what, owner, due }) => `| ${what.replaceAll('|', '/')} | ${owner} | ${due} | ${due} |`)),
    '',
  ].join('\n');
}
