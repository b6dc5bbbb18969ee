// Every single fault: what can be struck in a drill, each way in which it can be, and what a drill must come to in spite of it.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { DrillOptions } from '../drill/drill.ts';
import type { DrillRun } from '../drill/result.ts';
import type { Fault, Run } from '../estate/types.ts';

/** The scenarios that are driven with every single fault. */
export const driven = ['az-outage', 'region-outage', 'manual-switchover', 'second-zone'] as const;

/** A run of a function, and the calls that it made: service and operation, and which of that function's such calls it was. */
type MetRun = { readonly of: string; readonly calls: { readonly key: string; readonly time: number }[] };

/** What was met that can be struck: the runs of each function, in the order in which they began. */
export type Met = {
  readonly runs: ReadonlyMap<string, readonly MetRun[]>;
  /** The functions that a flow called; the others are started by schedules, events and people. */
  readonly ofFlows: ReadonlySet<string>;
};

/** What a drill without faults of its own meets. `watch` is the drill's option `met`. */
export function countMet(): { readonly met: Met; readonly watch: NonNullable<DrillOptions['met']> } {
  const runs = new Map<string, MetRun[]>();
  const byId = new Map<string, MetRun>();
  const counts = new Map<string, number>();
  const ofFlows = new Set<string>();
  const begin = (caller: string, { id, of }: Run): void => {
    const run: MetRun = { of, calls: [] };
    byId.set(id, run);
    runs.set(caller, [...(runs.get(caller) ?? []), run]);
  };
  return {
    met: { runs, ofFlows },
    watch(caller, call, run) {
      if (call === null) return begin(caller, run);
      const key = `${call.service} ${call.operation}`;
      const time = (counts.get(`${caller} ${key}`) ?? 0) + 1;
      counts.set(`${caller} ${key}`, time);
      byId.get(run.id)?.calls.push({ key, time });
      if (call.caller.execution !== '') ofFlows.add(caller);
    },
  };
}

/** One fault, and how people call it. */
export type SingleFault = { readonly said: string; readonly fault: Fault };

const looking = /^(Describe|Get|List|Batch|Head|Query)/;

/** The ways in which a call fails. Of one that only looks, to act and not to answer is to time out. */
const callWays = {
  refused: { error: 'refuse', name: 'ValidationException', status: 400, message: 'the drill refuses it' },
  denied: { error: 'deny' },
  'timed out before it acted': { error: 'timeout' },
  'timed out after it acted': { error: 'timeout-after-acting' },
} as const;

/** Of what repeats, first, middle and last stand for all. */
export type Which = 'every' | 'situations';

/**
 * Each thing that was met, struck at each of its times, in each way. What schedules start comes again within a minute: it is struck
 * at three of its times. `situations`: so are runs in which a step looks again and finds nothing new, for they are one situation.
 */
export function singleFaults({ runs, ofFlows }: Met, which: Which): SingleFault[] {
  return [...runs].flatMap(([caller, met]) => {
    const isOfFlow = ofFlows.has(caller);
    const struck = isOfFlow && which === 'situations' ? situationsIn(met) : new Set(met);
    const calls = [...struck].flatMap((run) => run.calls);
    const ofCalls = [...Map.groupBy(calls, ({ key }) => key)].flatMap(([key, times]) =>
      chosen(
        times.map(({ time }) => time),
        isOfFlow,
      ).flatMap((time) => callFaults(caller, key, time)),
    );
    const numbers = met.flatMap((run, index) => (struck.has(run) ? [index + 1] : []));
    return [...ofCalls, ...chosen(numbers, isOfFlow).flatMap((number) => crashes(caller, number))];
  });
}

function callFaults(caller: string, key: string, time: number): SingleFault[] {
  const [service = '', operation = ''] = key.split(' ');
  return Object.entries(callWays)
    .filter(([, { error }]) => error !== 'timeout-after-acting' || !looking.test(operation))
    .map(([way, how]) => ({
      said: `${caller}: ${key}, time ${time}, ${way}`,
      fault: { id: 'single', kind: 'api-failure', service, operation, caller, after: time - 1, times: 1, ...how },
    }));
}

function crashes(caller: string, number: number): SingleFault[] {
  return (['before', 'after'] as const).map((when) => ({
    said: `${caller}: run ${number}, killed ${when} it acted`,
    fault: { id: 'single', kind: 'function-crash', function: caller, when, after: number - 1, times: 1 },
  }));
}

/** Runs for the same that follow each other and make the same calls are one wait: of each its first, its middle and its last. */
function situationsIn(met: readonly MetRun[]): Set<MetRun> {
  const waits: MetRun[][] = [];
  for (const runs of Map.groupBy(met, ({ of }) => of).values()) {
    let before = '';
    for (const run of runs) {
      const made = run.calls.map(({ key }) => key).join();
      if (made === before) waits.at(-1)?.push(run);
      else waits.push([run]);
      before = made;
    }
  }
  return new Set(waits.flatMap((wait) => [0, wait.length >> 1, wait.length - 1].flatMap((place) => wait[place] ?? [])));
}

/** All of a flow's; of others a quarter, half and three quarters. */
function chosen(times: readonly number[], all: boolean): readonly number[] {
  if (all) return times;
  const places = [1, 2, 3].map((quarter) => Math.max(1, Math.round((times.length * quarter) / 4)) - 1);
  return [...new Set(places)].flatMap((place) => times[place] ?? []);
}

/** What a fault may change: how long it took, how often people were asked or told, and what else they were told of. */
const mayDiffer = [
  'overhead',
  'recovery',
  'requests',
  'valid answers',
  'actions',
  'executions',
  'messages to one role',
];

/** What a drill missed that had a single fault, and a person who resumed what stopped. */
export function missedInSpite({ result, misses, resumed = 0 }: DrillRun, { notifications }: Plan): string[] {
  const missed = misses
    .filter(({ what }) => !mayDiffer.includes(what))
    .map(({ what, expected, was }) => `${what}: expected ${expected}, was ${was}`);
  const unfinished = result.executions
    .filter(({ status }) => status !== 'SUCCEEDED')
    .map(({ name, status }) => `execution ${name} is ${status}`);
  const broken = result.invariants
    .filter(({ held }) => !held)
    .map(({ id, detail = '' }) => `invariant ${id} does not hold: ${detail}`);
  const isTold = result.notifications.some(({ role }) => notifications.failure.includes(role));
  const silent = resumed > 0 && !isTold ? ['it stopped, and nobody was told'] : [];
  return [...missed, ...unfinished, ...broken, ...silent];
}
