// The numbers of docs/proof.md: each part with the command that makes it, and how what that printed becomes a table. Pure.

import type { Bench } from '../../cli/bench/bench.ts';
import { flowWords } from '../../cli/bench/compared.ts';
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

export const parts: readonly Part[] = [
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
