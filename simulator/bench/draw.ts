// One draw of the bench: an outage lived through in the twin with one seed's luck, and what others would have taken with the same luck.
import type { Machine } from '../../functions/domain/flows.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { runDrill } from '../drill/drill.ts';
import type { DrillResult } from '../drill/result.ts';
import { loadLatencies } from '../estate/chance/latencies.ts';
import { createRandom } from '../estate/chance/random.ts';
import type { Estate, Work } from '../estate/types.ts';
import { byHand, bySourcePlan, type Luck, polling, type Took } from './others.ts';

export const outages = ['zone', 'region'] as const;
export type Outage = (typeof outages)[number];

/** The drill of each outage, its flow, and the state that shows that users are served. */
const drills: Record<Outage, { readonly scenario: string; readonly flow: Machine; readonly proof: string }> = {
  zone: { scenario: 'az-outage', flow: 'az-failover', proof: 'VerifyService' },
  region: { scenario: 'region-outage', flow: 'region-failover', proof: 'VerifyOutside' },
};

/** The other ways of recovering from what Breakwater recovered from. */
export const others = ['serial', 'same-calls', 'polling', 'polling-less'] as const;
export type Other = (typeof others)[number];

export type Draw = {
  readonly seed: number;
  readonly outage: Outage;
  readonly result: DrillResult;
  /** As many as were seen. */
  readonly signals: number;
  /** From the fault to the first signal that there was. */
  readonly detectSeconds: number;
  /** From the start of the flow to verified, without the time of approvers, who answer at once here. */
  readonly executeSeconds: number;
  /** From the fault until users are served and stay served. */
  readonly servedSeconds: number;
  /** From the decision to the flow that it starts. */
  readonly startSeconds: number;
  /** The longest chain of what AWS itself took. */
  readonly pathSeconds: number;
  readonly others: Readonly<Record<Other, Took>>;
};

/** Nobody hesitates: neither the people of others, nor approvers. */
const atOnce = 'after=0s';

/** Runs a draw. @throws Error where the drill did not come to served users, or an invariant was broken: it would be no measure. */
export async function runDraw(outage: Outage, seed: number, plan: Plan): Promise<Draw> {
  const { scenario, flow, proof } = drills[outage];
  let estate: Estate | null = null;
  let signals = 0;
  const { result } = await runDrill({
    ...{ scenario, seed, plan },
    ...(outage === 'region' && { approve: atOnce }),
    looked: (seen) => {
      estate = seen;
    },
    onProgress: ({ kind }) => {
      if (kind === 'signal') signals += 1;
    },
  });
  const works: readonly Work[] = (estate as Estate | null)?.works() ?? [];
  const execution = result.executions.find(({ stateMachine }) => stateMachine === flow);
  const { detectSeconds, executeSeconds, recoverySeconds } = result.clocks;
  const { criticalPathSeconds } = result.overhead;
  const broken = result.invariants.find(({ held }) => !held);
  if (broken !== undefined) throw new Error(`${scenario}, seed ${seed}: ${broken.id} was broken: ${broken.detail}`);
  if (
    execution === undefined ||
    detectSeconds === null ||
    executeSeconds === null ||
    recoverySeconds === null ||
    criticalPathSeconds === null
  )
    throw new Error(`${scenario}, seed ${seed}: users were not seen to be served again`);
  const verifiedAt = result.steps.find((step) => step.execution === execution.name && step.state === proof)?.endedAt;
  const moves = movesOf(works, execution.name, Date.parse(verifiedAt ?? ''));
  const started = Date.parse(execution.startedAt);
  const decided = result.decisions.findLast(
    ({ at, action }) => Date.parse(at) <= started && (action === 'az-failover' || action === 'request-approval'),
  );
  return {
    ...{ seed, outage, result, signals, detectSeconds, executeSeconds },
    servedSeconds: recoverySeconds,
    startSeconds: decided === undefined ? 0 : (started - Date.parse(decided.at)) / 1000,
    pathSeconds: criticalPathSeconds,
    others: othersOf(outage, moves, plan.service.healthPassesNeeded, () => ({
      latencies: loadLatencies(),
      random: createRandom(seed ^ 0xbe4c),
    })),
  };
}

function othersOf(outage: Outage, moves: readonly Work[], passes: number, luck: () => Luck): Draw['others'] {
  // For a zone the source plan has no command: it relies on AWS, which does not act on a zone that is impaired and not dead.
  const serial = outage === 'zone' ? byHand : bySourcePlan;
  return {
    serial: serial(moves, passes, luck()),
    'same-calls': byHand(moves, passes, luck()),
    polling: polling(moves, passes, luck()),
    'polling-less': polling(moves, passes, luck(), (latency) => latency.startsWith('rds-')),
  };
}

/** Steps of a flow that move something; fencing the old region when it returns is nothing that users wait for. */
const moving = /^(LeaveZone|TakeOver|RedirectUsers)(\/|$)/;
const noMove = /^(api-call|api-timeout|health-request)$/;

/** What moved, in the order in which it was begun. */
function movesOf(works: readonly Work[], execution: string, verifiedAt: number): Work[] {
  return works
    .filter((work) => work.execution === execution && moving.test(work.step) && !noMove.test(work.latency))
    .filter(({ startedAt }) => startedAt <= verifiedAt)
    .toSorted((a, b) => a.startedAt - b.startedAt);
}
