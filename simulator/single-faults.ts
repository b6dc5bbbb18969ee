// Every single fault: what can be struck in a drill, each way in which it can be, and what a drill must come to in spite of it.
import type { Plan } from '../functions/domain/plan.ts';
import type { DrillOptions } from './drill.ts';
import type { Fault } from './estate/types.ts';
import type { DrillRun } from './result.ts';

/** The scenarios that are driven with every single fault. */
export const driven = ['az-outage', 'region-outage', 'manual-switchover', 'second-zone'] as const;

/** How often each thing was met that can be struck: the runs of a function, and each of its operations. */
export type Met = {
  readonly runs: ReadonlyMap<string, number>;
  /** By function, service and operation, with a space between. */
  readonly calls: ReadonlyMap<string, number>;
  /** The functions that a flow called; the others are started by schedules, events and people. */
  readonly ofFlows: ReadonlySet<string>;
};

/** What a drill without faults of its own meets. `watch` is the drill's option `met`. */
export function countMet(): { readonly met: Met; readonly watch: NonNullable<DrillOptions['met']> } {
  const runs = new Map<string, number>();
  const calls = new Map<string, number>();
  const ofFlows = new Set<string>();
  const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
  return {
    met: { runs, calls, ofFlows },
    watch(caller, call) {
      if (call === null) return add(runs, caller);
      add(calls, `${caller} ${call.service} ${call.operation}`);
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

/**
 * Each thing that was met, struck at each of its times, in each way. What schedules start comes again within a minute: it is struck
 * at three of its times.
 */
export function singleFaults({ runs, calls, ofFlows }: Met): SingleFault[] {
  const ofCalls = [...calls].flatMap(([key, count]) => {
    const [caller = '', service = '', operation = ''] = key.split(' ');
    return timesOf(count, ofFlows.has(caller)).flatMap((time) =>
      Object.entries(callWays)
        .filter(([, { error }]) => error !== 'timeout-after-acting' || !looking.test(operation))
        .map(([way, how]) => ({
          said: `${caller}: ${service} ${operation}, time ${time}, ${way}`,
          fault: {
            id: 'single',
            kind: 'api-failure',
            service,
            operation,
            caller,
            after: time - 1,
            times: 1,
            ...how,
          } as const,
        })),
    );
  });
  const ofRuns = [...runs].flatMap(([name, count]) =>
    timesOf(count, ofFlows.has(name)).flatMap((time) =>
      (['before', 'after'] as const).map((when) => ({
        said: `${name}: run ${time}, killed ${when} it acted`,
        fault: { id: 'single', kind: 'function-crash', function: name, when, after: time - 1, times: 1 } as const,
      })),
    ),
  );
  return [...ofCalls, ...ofRuns];
}

function timesOf(count: number, all: boolean): number[] {
  if (all) return Array.from({ length: count }, (_, index) => index + 1);
  return [...new Set([1, 2, 3].map((quarter) => Math.max(1, Math.round((count * quarter) / 4))))];
}

/** What a fault may change: how long it took, how often people were asked or told, and what else they were told of. */
const mayDiffer = [
  'added to what AWS takes',
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
