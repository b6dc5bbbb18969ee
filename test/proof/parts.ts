// The numbers of docs/proof.md: each part with the command that makes it, and how what that printed becomes a table. Pure.

import type { Bench } from '../../cli/bench/bench.ts';
import { flowWords } from '../../cli/bench/compared.ts';
import type { Campaign } from '../../cli/campaign/campaign.ts';
import { formatCount } from '../../cli/screen/layout.ts';
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import { decisions, type Judgement, type Times, truths, whats } from '../../simulator/histories/judging.ts';

/** `small`: made again by the gate, and compared; the others take from minutes to an hour. */
export type Part = {
  readonly name: string;
  readonly command: string;
  readonly small: boolean;
  readonly render: (printed: string) => string;
};

type Row = readonly (string | number | null)[];
function table(head: readonly string[], rows: readonly Row[]): string {
  const line = (cells: Row) => `| ${cells.map((cell) => cell ?? '.').join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
const times = (all: Times): string[] => [all.p50, all.p95, all.p99].map(formatSeconds);
const ratio = (value: number | null): string => (value === null ? '' : value.toFixed(3));

/** Of virtual time, the same on every machine. */
function outages({ outages, targets, broken }: Bench): string {
  const each = outages.flatMap(({ outage, draws, overhead, startSeconds, flows }) => [
    `**${outage === 'zone' ? 'A zone' : 'A region'}**, ${formatCount(draws)} ${draws === 1 ? 'draw' : 'draws'}:`,
    table(
      [
        'way',
        'execution p50',
        'p95',
        'p99',
        'fault to served p50',
        'p95',
        'p99',
        'execution, of Breakwater',
        'fault to served, of Breakwater',
        'states',
        'runs',
        'dollars',
      ],
      flows.map(({ flow, execute, served, ratio: of, transitions, runs, dollars }) => [
        flowWords[flow],
        ...times(execute),
        ...times(served),
        ratio(of.execute.p50),
        ratio(of.served.p50),
        transitions,
        runs,
        dollars === null ? null : dollars.toFixed(4),
      ]),
    ),
    `Over the critical path: p50 ${ratio(overhead.p50)}, p95 ${ratio(overhead.p95)}, p99 ${ratio(overhead.p99)}, the most with seed ${overhead.worstSeed}. From the decision to the flow that it starts: ${times(startSeconds).join(', ')}.`,
  ]);
  const broke = broken.map(({ outage, seed, why }) => `Broken: ${outage}, seed ${seed}: ${why}`);
  const met = table(
    ['target', 'expected', 'was', ''],
    targets.map(({ what, limit, was, met }) => [what, limit, was, met ? 'met' : '**missed**']),
  );
  return [...each, ...broke, met].join('\n\n');
}

function bench(printed: string): string {
  const read = JSON.parse(printed) as Bench;
  const { speed } = read;
  const own = [
    ['events classified in a second', formatCount(speed.eventsPerSecond)],
    ['from an event to the call that starts the flow', `${speed.eventToStartMs} ms`],
    ...speed.judgements.map(({ signals, ms }) => [
      `a judgement of ${formatCount(signals)} ${signals === 1 ? 'signal' : 'signals'}`,
      `${ms} ms`,
    ]),
    ['drills in a second', String(speed.drillsPerSecond)],
  ];
  return `${outages(read)}\n\n${table(['on the machine of that run', ''], own)}`;
}

function judgement(printed: string): string {
  const { seeds, wrong, missed, lost, secondsToDecide, matrix } = JSON.parse(printed) as Judgement;
  const counted = (truth: string, decided: string) =>
    matrix.find((one) => one.truth === truth && one.decided === decided)?.count || null;
  return [
    `${formatCount(seeds)} histories: ${wrong.length} wrong, ${missed.length} missed.`,
    table(
      ['lost', 'how often', 'answered in five minutes', 'p50', 'p95', 'p99'],
      whats.map((what) => [what, lost[what].count, lost[what].inTime, ...times(secondsToDecide[what])]),
    ),
    table(
      ['truth', ...decisions],
      truths.map((truth) => [truth, ...decisions.map((one) => counted(truth, one))]),
    ),
  ].join('\n\n');
}

type Told = Readonly<Record<string, unknown>>;
type PlanRun<Line> = { readonly plan: string; readonly lines: readonly Line[] };

/** What a command printed for each plan: a line with the plan's file, and one for each drill of it. */
function byPlan<Line>(printed: string): PlanRun<Line>[] {
  const runs: { plan: string; lines: Line[] }[] = [];
  for (const line of printed.split('\n').filter((one) => one !== '')) {
    const read = JSON.parse(line) as Told;
    if (typeof read['plan'] === 'string') runs.push({ plan: read['plan'], lines: [] });
    else runs.at(-1)?.lines.push(read as Line);
  }
  return runs;
}

/** A command for each of the plans that are shipped. */
function forEachPlan(command: string): string {
  const plans = ['plan.yml', 'examples/shop/plan.yml', 'examples/session-store/plan.yml'].join(' ');
  return `for plan in ${plans}; do echo "{\\"plan\\":\\"$plan\\"}"; ${command} --plan $plan --json; done`;
}

/** A run of tests that prints its counts and nothing else. */
function counted(run: string): string {
  const file = 'node_modules/.cache/counted.json';
  return `${run} --reporter=json --outputFile=${file} >/dev/null; cat ${file}`;
}

/** What was missed, a line each; nothing where nothing was. */
function list(lines: readonly string[]): string {
  return lines.map((line) => `\n- ${line}`).join('');
}

type Scenario = { readonly scenario: string; readonly passed?: boolean; readonly missed?: readonly string[] };

function scenarios(printed: string): string {
  const runs = byPlan<Scenario>(printed);
  const rows = runs.map(({ plan, lines }) => {
    const played = lines.filter(({ passed }) => passed !== undefined);
    return [plan, played.length, played.filter(({ passed }) => passed).length, lines.length - played.length];
  });
  const missed = runs.flatMap(({ plan, lines }) =>
    lines.flatMap(({ scenario, missed: what = [] }) => what.map((one) => `${plan}, ${scenario}: ${one}`)),
  );
  return `${table(['plan', 'scenarios', 'passed', 'left out: the plan has no such assets'], rows)}\n${list(missed)}`.trimEnd();
}

type Faulted = {
  readonly scenario: string;
  readonly fault: string;
  readonly resumed: number;
  readonly missed: readonly string[];
};

function faults(printed: string): string {
  const runs = byPlan<Faulted>(printed);
  const rows = runs.flatMap(({ plan, lines }) =>
    [...Map.groupBy(lines, ({ scenario }) => scenario)].map(([scenario, of]) => [
      ...[scenario, plan, of.length, of.filter(({ resumed }) => resumed > 0).length],
      of.filter(({ missed }) => missed.length > 0).length,
    ]),
  );
  const missed = runs.flatMap(({ plan, lines }) =>
    lines.flatMap(({ scenario, fault, missed: what }) =>
      what.slice(0, 1).map((one) => `${plan}, ${scenario}, ${fault}: ${one}`),
    ),
  );
  return `${table(['scenario', 'plan', 'driven', 'resumed by a person', 'missed'], rows)}\n${list(missed)}`.trimEnd();
}

function campaign(printed: string): string {
  const { seeds, from, failovers, violations, recoverySeconds } = JSON.parse(printed) as Campaign;
  const kept = seeds - new Set(violations.map(({ seed }) => seed)).size;
  const [p50, p95, p99] = times(recoverySeconds);
  const broken = violations.map(({ seed, invariant, detail }) => `seed ${seed}, ${invariant}: ${detail}`);
  return `Seeds ${from} to ${from + seeds - 1}: ${kept} of ${seeds} histories kept every invariant; ${failovers} failovers, served again p50 ${p50}, p95 ${p95}, p99 ${p99}.\n${list(broken)}`.trimEnd();
}

type Suite = {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
};

function suite(printed: string): string {
  const read = JSON.parse(printed) as Suite;
  const { numTotalTests: all, numPassedTests: passed, numFailedTests: failed } = read;
  const count = (tests: number) => formatCount(tests);
  return `${count(all)} tests: ${count(passed)} passed, ${count(failed)} failed, ${count(all - passed - failed)} skipped.`;
}

/** So many survivors are listed one by one; of more it is said how many each file has. */
const fewSurvivors = 20;

/** It prints survivors first, then the count. */
function mutation(printed: string): string {
  const lines = printed.trimEnd().split('\n');
  const survivors = lines.slice(0, -1);
  const count = lines.at(-1) ?? '';
  if (survivors.length <= fewSurvivors)
    return `${count}\n${list(survivors.map((line) => `\`${line.replaceAll('`', "'")}\``))}`.trimEnd();
  const files = [...Map.groupBy(survivors, (line) => line.split(':')[0] ?? '')].toSorted(
    ([, a], [, b]) => b.length - a.length,
  );
  return `${count}\n\n${table(
    ['file', 'mutants that lived'],
    files.map(([file, lived]) => [file, lived.length]),
  )}`;
}

export const parts: readonly Part[] = [
  { name: 'suite', command: counted('npm -s test --'), small: false, render: suite },
  { name: 'scenarios', command: forEachPlan('npm run -s drill -- all'), small: false, render: scenarios },
  {
    name: 'faults',
    command: forEachPlan('npm run -s faults -- --situations --sample 60'),
    small: false,
    render: faults,
  },
  { name: 'operators', command: forEachPlan('npm run -s faults -- --operators'), small: false, render: faults },
  {
    name: 'put-back',
    command: counted('npx vitest run test/simulator/put-back/put-back.test.ts'),
    small: false,
    render: suite,
  },
  { name: 'campaign', command: 'npm run -s campaign -- --seeds 200 --json', small: false, render: campaign },
  {
    name: 'mutation-moves',
    command: 'npm run -s mutation -- functions/kinds/*/moves.ts',
    small: false,
    render: mutation,
  },
  { name: 'mutation', command: 'npm run -s mutation', small: false, render: mutation },
  {
    name: 'bench-sample',
    command: 'npm run -s bench -- --draws 1 --json',
    small: true,
    render: (printed) => outages(JSON.parse(printed) as Bench),
  },
  { name: 'bench', command: 'npm run -s bench -- --json', small: false, render: bench },
  { name: 'judge', command: 'npm run -s judge -- --seeds 2000 --json', small: false, render: judgement },
];

/** The text between the marks of a part, and the command that made it above. @throws Error where the document has no such marks */
export function replaced(document: string, { name, command }: Part, text: string): string {
  const [before, after] = marks(name);
  const [start, end] = [document.indexOf(before), document.indexOf(after)];
  if (start < 0 || end < start) throw new Error(`docs/proof.md: has no marks ${before} and ${after}, expected both`);
  return `${document.slice(0, start)}${before}\n\`${command}\`\n\n${text}\n\n${document.slice(end)}`;
}

export function marks(name: string): readonly [before: string, after: string] {
  return [`<!-- ${name}: made by npm run proof -- ${name} -->`, `<!-- end of ${name} -->`];
}
