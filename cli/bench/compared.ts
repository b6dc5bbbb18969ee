// What many draws come to: for each way of recovering its percentiles and its ratio to Breakwater, and whether the targets are met. Pure.
import { incidentBill } from '../../functions/domain/cost/bill.ts';
import { type Other, type Outage, others } from '../../simulator/bench/draw.ts';
import { type Times, times } from '../../simulator/histories/judging.ts';
import type { Drawn } from './worker.ts';

/** `path`: the longest chain of what AWS itself took, begun when Breakwater decided; `bound`: the same, begun at the first signal. */
export type Flow = 'breakwater' | Other | 'path' | 'bound';

export const flowWords: Readonly<Record<Flow, string>> = {
  breakwater: 'Breakwater',
  serial: "the source plan's commands by hand",
  'same-calls': 'the same calls by hand, in turn',
  polling: 'a flow that pauses and polls',
  'polling-less': 'the same, pausing for databases only',
  path: 'the critical path',
  bound: 'the bound: first signal, then the path',
};

/** Execution, and fault to served. */
type Two = { readonly execute: Times; readonly served: Times };

export type Compared = {
  readonly outage: Outage;
  readonly draws: number;
  /** From the decision to the flow that it starts. */
  readonly startSeconds: Times;
  /** Breakwater's execution over the critical path, and the seed of the longest. */
  readonly overhead: Times & { readonly worstSeed: number };
  readonly flows: readonly (Two & {
    readonly flow: Flow;
    /** How many times as long as Breakwater, draw by draw. */
    readonly ratio: Two;
    /** The usual number; null where there is nothing that would have any. */
    readonly transitions: number | null;
    readonly runs: number | null;
    readonly dollars: number | null;
  })[];
};

export type Target = {
  readonly outage: Outage;
  readonly what: string;
  readonly limit: string;
  readonly was: string;
  readonly met: boolean;
};

type Used = { readonly transitions: number; readonly runs: number; readonly dollars: number };
type One = { readonly execute: number; readonly served: number; readonly used: Used | null };

/** Null where an outage has no draw. */
export function compared(outage: Outage, drawn: readonly Drawn[]): Compared | null {
  const draws = drawn.filter((draw) => draw.outage === outage);
  const [first, ...rest] = draws;
  if (first === undefined) return null;
  const worst = rest.reduce((most, draw) => (overheadOf(draw) > overheadOf(most) ? draw : most), first);
  const all: readonly Flow[] = ['breakwater', ...others, 'path', 'bound'];
  return {
    ...{ outage, draws: draws.length },
    startSeconds: rounded(draws.map(({ startSeconds }) => startSeconds)),
    overhead: { ...rounded(draws.map(overheadOf)), worstSeed: worst.seed },
    flows: all.map((flow) => {
      const ones = draws.map((draw) => oneOf(flow, draw));
      const over = (of: (one: One) => number) =>
        rounded(ones.map((one, index) => of(one) / of(oneOf('breakwater', draws[index] ?? first))));
      const use = (name: keyof Used, digits: number) => {
        const some = ones.flatMap(({ used }) => (used === null ? [] : [used[name]]));
        return times(some.map((value) => Number(value.toFixed(digits)))).p50;
      };
      return {
        flow,
        execute: rounded(ones.map(({ execute }) => execute)),
        served: rounded(ones.map(({ served }) => served)),
        ratio: { execute: over(({ execute }) => execute), served: over(({ served }) => served) },
        transitions: use('transitions', 0),
        runs: use('runs', 0),
        dollars: use('dollars', 4),
      };
    }),
  };
}

function overheadOf({ executeSeconds, pathSeconds }: Drawn): number {
  return executeSeconds / pathSeconds;
}

/** People begin at the first signal, and nobody asks them whether they may. */
function oneOf(flow: Flow, draw: Drawn): One {
  const { detectSeconds, executeSeconds, servedSeconds, pathSeconds, counts } = draw;
  const paid = (some: typeof counts): Used => ({
    transitions: some.transitions,
    runs: some.runs,
    dollars: incidentBill(some).dollars,
  });
  switch (flow) {
    case 'breakwater':
      return { execute: executeSeconds, served: servedSeconds, used: paid(counts) };
    case 'path':
      return { execute: pathSeconds, served: servedSeconds - executeSeconds + pathSeconds, used: null };
    case 'bound':
      return { execute: pathSeconds, served: detectSeconds + pathSeconds, used: null };
    default: {
      const { seconds, transitions, runs } = draw.others[flow];
      return {
        execute: seconds,
        served: detectSeconds + seconds,
        used: paid({ transitions, runs, signals: 0, messages: 0 }),
      };
    }
  }
}

function rounded(numbers: readonly number[]): Times {
  return times(numbers.map((one) => Number(one.toFixed(3))));
}

/** What the execution must come to. */
export function targetsOf({ outage, overhead, flows }: Compared): Target[] {
  const slower = (flow: Flow) => flows.find((one) => one.flow === flow)?.ratio.execute.p50 ?? 0;
  const most = (what: string, was: number | null, limit: number): Target => ({
    ...{ outage, what: `${outage}: ${what}`, limit: `at most ${limit}`, was: String(was) },
    met: was !== null && was <= limit,
  });
  const least = (what: string, was: number, limit: number): Target => ({
    ...{ outage, what: `${outage}: ${what}`, limit: `at least ${limit}`, was: String(was), met: was >= limit },
  });
  return [
    most('Breakwater over the critical path, median', overhead.p50, 1.03),
    most('Breakwater over the critical path, p99', overhead.p99, 1.1),
    least('the source plan by hand over Breakwater, median', slower('serial'), 1.5),
    least('a flow that pauses and polls over Breakwater, median', slower('polling'), 1.2),
  ];
}
