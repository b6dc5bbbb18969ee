// What people are told of drills: before one begins, and how it came out.
import { clock, day } from '../page/page-times.ts';
import { formatSeconds } from '../words/durations.ts';
import { plainText } from '../words/plain-text.ts';
import { type Message, messageOf } from '../words/words.ts';
import type { Finding } from './findings.ts';
import type { DrillKind } from './plan.ts';
import { type Asked, type DrillOutcome, type DrillRecord, type Leg, recoverySecondsOf } from './record.ts';

const dayOf = (at: number | null): string => (at === null ? 'not' : day(at));

const doing: Readonly<Record<DrillKind, string>> = {
  fault:
    'The drill breaks something on purpose. What follows is part of the drill and is handled as in a real incident.',
  region: 'The drill makes a dry run of the region failover. Nothing is changed.',
  restore: 'The drill restores a backup beside production, checks it and deletes it.',
  approvers: 'The drill asks the approvers as in a real incident. Nothing is changed, whatever they answer.',
  tabletop:
    'The drill touches nothing. Talk it through: who would do what, by which section of docs/runbook.md, and what is missing?',
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
  return messageOf({
    marks: '[DRILL] ',
    headline: `${drill.name} begins in ${drill.region}`,
    needed: ['Nothing, unless the drill must not run now. This line stops all drills:', stopLine(stage)],
    happened: [
      `Drill ${drill.name} begins at ${clock(drill.startedAt, drill.startedAt)}, started by ${plainText(drill.by)}.`,
    ],
    done: [drill.leg === null ? doing[drill.kind] : moving[drill.leg]],
    follows: [
      `You hear how the drill ends. It passes if all recovers within ${formatSeconds(drill.withinSeconds)} and stays well.`,
    ],
    more: ['State before the drill:', ...drill.before.map((line) => `  ${line}`), `Execution ${drill.execution}.`],
  });
}

const came: Readonly<Record<DrillOutcome, { readonly out: string; readonly next: string }>> = {
  passed: { out: 'PASSED', next: 'Nothing.' },
  failed: { out: 'FAILED', next: 'Find out why, and mend it (docs/runbook.md#drill-failed). Then repeat the drill:' },
  refused: {
    out: 'was not begun',
    next: 'Nothing: the drill is tried again on its next open day. It touched nothing.',
  },
  stopped: {
    out: 'was stopped',
    next: 'Check that what the drill broke has recovered: npm run status. The drill stays due.',
  },
  'gave-way': {
    out: 'gave way to something real',
    next: 'Treat what goes on now as real: it is no drill. The drill stays due.',
  },
};

/** How it came out, by the clock. */
function cameSentence(drill: DrillRecord, out: string): string {
  const { name, faultAt, recoveredAt, withinSeconds } = drill;
  const begun = faultAt === null ? '' : ` The drill acted at ${clock(faultAt, faultAt)}.`;
  const recovered =
    recoveredAt === null || faultAt === null
      ? ''
      : ` All was well again at ${clock(recoveredAt, faultAt)}, after ${formatSeconds(recoverySecondsOf(drill))}. The limit was ${formatSeconds(withinSeconds)}.`;
  return `Drill ${name} ${out}.${begun}${recovered}`;
}

/** What a person has to name where a drill breaks something. */
function breaking({ kind, asset, zone }: DrillRecord): string {
  return kind === 'fault' ? ` --break ${asset ?? zone}` : '';
}

const stays =
  'Users stay here for the days of the plan. Then this drill moves them home, after people are asked again. Breakwater makes the region that users left a standby again.';

export function drillEndsMessage(
  drill: DrillRecord,
  outcome: DrillOutcome,
  [finding]: readonly Finding[],
  { report, stage }: { readonly report: string | null; readonly stage: string },
): Message {
  const { out, next } = came[outcome];
  const took = recoverySecondsOf(drill);
  const inTime = outcome === 'passed' && took !== null ? ` in ${formatSeconds(took)}` : '';
  return messageOf({
    marks: '[DRILL] ',
    canWait: outcome === 'failed',
    headline: `${drill.name} ${out}${inTime}`,
    needed: [
      next,
      ...(outcome === 'failed' ? [`  npm run drill -- --aws "${drill.name}"${breaking(drill)} --stage ${stage}`] : []),
      ...(finding === undefined
        ? []
        : [`Owner: ${finding.owner}. Repair it by ${finding.due}: from then on the drill is due again.`]),
    ],
    happened: [
      cameSentence(drill, out),
      ...drill.why.map((line) => `${outcome === 'passed' ? 'Noticed' : 'WHY'}: ${line}.`),
    ],
    done:
      outcome === 'gave-way'
        ? []
        : [outcome === 'passed' && drill.leg === 'away' ? stays : 'Nothing: the drill is over.'],
    follows: [],
    more: [...(report === null ? [] : [`The report is ready in some minutes: ${report}`]), ...drillFacts(drill)],
  });
}

const said = { approve: 'approved', reject: 'rejected' } as const;

/** The facts of a run, a line each. */
export function drillFacts(drill: DrillRecord): string[] {
  const { faultAt, recoveredAt, struck, incident, asked, answers } = drill;
  return [
    `Drill kind: ${drill.kind}, in ${[drill.region, drill.zone, drill.asset].filter((word) => word !== null).join(', ')}; started by ${drill.by} at ${dayOf(drill.startedAt)}.`,
    `Acted: ${dayOf(faultAt)}${struck === null ? '' : ` (${struck})`}. Recovered: ${recoveredAt === null ? 'no' : `${day(recoveredAt)}, after ${formatSeconds(recoverySecondsOf(drill))}`}. Limit: ${formatSeconds(drill.withinSeconds)}.`,
    ...answers.map(
      ({ approver, answer, at }) =>
        `${approver} ${said[answer]} after ${formatSeconds((at - (faultAt ?? at)) / 1000)}.`,
    ),
    ...(incident === null ? [] : [`The incident, execution or request of the drill: ${incident}.`]),
    `Execution ${drill.execution}${drill.experiment === null ? '' : `, experiment ${drill.experiment}`}.`,
    `Visits to the service before: ${askedWords(asked.before)}; during: ${askedWords(asked.during)}; after: ${askedWords(asked.after)}.`,
  ];
}

function askedWords({ asked, failed, slowestMs }: Asked): string {
  if (asked === 0) return 'none';
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
