// What others would have taken for the same outage with the same luck: each waits for the very work that AWS did for Breakwater in the
// draw, in its own order and with its own waits. Pure.
import { drawSeconds, type Latencies, type LatencyName } from '../estate/chance/latencies.ts';
import type { Random } from '../estate/chance/random.ts';
import type { Work } from '../estate/types.ts';

/** What one way of recovering took, and what it used of AWS. People use no states and no functions. */
export type Took = { readonly seconds: number; readonly transitions: number; readonly runs: number };

/** What is drawn for others alone: requests, and what Breakwater had no need of. */
export type Luck = { readonly latencies: Latencies; readonly random: Random };

/** What `aws … wait` asks for again, in seconds: botocore's waiters. A command without a waiter is seen to be done at once. */
const waiters = [
  { of: /^rds-/, seconds: 30 },
  { of: /^elasticache-/, seconds: 15 },
] as const;

/**
 * The calls that Breakwater made, by a person who never hesitates: one after another, each waited for with the waiter that the AWS CLI has
 * for it, and at the end the requests that show that users are served.
 */
export function byHand(moves: readonly Work[], passes: number, luck: Luck): Took {
  const seconds = moves.reduce((sum, { latency, seconds }) => {
    const waiter = waiters.find(({ of }) => of.test(latency));
    const waited = waiter === undefined ? seconds : Math.ceil(seconds / waiter.seconds) * waiter.seconds;
    return sum + drawn('api-call', luck) + waited;
  }, 0);
  return { seconds: seconds + requests(passes, luck), transitions: 0, runs: 0 };
}

/** Commands of the source plan beside those that move something: apply the resources, look at pods, at endpoints, and count the rows. */
const otherCommands = 4;

/**
 * The source plan's commands for a region, by the same person: promote, wait, point the application there, restore the cache from its
 * snapshot, wait, apply, look, count, move users. The redirection is that of the draw.
 */
export function bySourcePlan(moves: readonly Work[], passes: number, luck: Luck): Took {
  const restored = moves.map((move) =>
    move.latency.startsWith('elasticache-')
      ? { ...move, latency: 'elasticache-restore', seconds: drawn('elasticache-restore', luck) }
      : move,
  );
  const { seconds, ...used } = byHand(restored, passes, luck);
  const looked = Array.from({ length: otherCommands }, () => drawn('api-call', luck));
  return { seconds: seconds + total(looked), ...used };
}

/** How aws-samples/aws-cross-region-dr-databases waits: a pause inside the function that calls, then a look every so often. */
const pauseSeconds = 60;
const pollSeconds = 15;
/** States of its machine of one resource: imports, call, look, choice, token; with each further look a wait, a look and a choice. */
const statesOfOne = 5;
const statesOfLook = 3;
const runsOfOne = 3;

/**
 * A flow that polls: what is of one layer (one kind of work) side by side, layers one after another. `pauses` says after which
 * calls its function sleeps before it answers.
 */
export function polling(
  moves: readonly Work[],
  passes: number,
  luck: Luck,
  pauses: (latency: string) => boolean = () => true,
): Took {
  const layers = [...Map.groupBy(moves, ({ latency }) => latency)].map(([latency, works]) =>
    works.map((work) => polled(work.seconds, pauses(latency) ? pauseSeconds : 0, luck)),
  );
  const sum = (of: (one: Took) => number) => total(layers.flat().map(of));
  return {
    seconds: total(layers.map((layer) => Math.max(...layer.map(({ seconds }) => seconds)))) + requests(passes, luck),
    transitions: sum(({ transitions }) => transitions),
    runs: sum(({ runs }) => runs),
  };
}

function polled(workSeconds: number, pause: number, luck: Luck): Took {
  const run = () => drawn('function-warm-start', luck) + drawn('api-call', luck);
  const called = run();
  let seconds = called + pause + run();
  let looks = 1;
  // The work began with the call.
  while (seconds - called < workSeconds) {
    seconds += pollSeconds + run();
    looks += 1;
  }
  return { seconds: run() + seconds, transitions: statesOfOne + (looks - 1) * statesOfLook, runs: runsOfOne + looks };
}

function requests(count: number, luck: Luck): number {
  return total(Array.from({ length: count }, () => drawn('health-request', luck)));
}

function drawn(name: LatencyName, { latencies, random }: Luck): number {
  return drawSeconds(latencies[name], random);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
