// Lives through a history of the campaign: the runner is that of drills, with all invariants; what is broken is shown by the shortest
// history that still breaks it.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { runDrill } from '../drill/drill.ts';
import type { DrillRun } from '../drill/result.ts';
import { createWitness } from '../histories/judging.ts';
import { type CampaignHistory, campaignHistory } from './history.ts';
import { scenarioOf, wordsOf } from './items.ts';
import { shortest } from './shrink.ts';

/**
 * What was broken: an invariant, `rights` where IAM refused the stack's own call, `end` where a history did not come to one, or `judgement` where
 * a zone was left or a region asked about that did not fail its users.
 */
export type Broken = {
  readonly invariant: string;
  readonly detail: string;
  /** The items of the shortest history that shows it, in words. */
  readonly shortest: readonly string[];
};

export type Lived = {
  readonly seed: number;
  /** Zones that were left and regions that were given up. */
  readonly failovers: number;
  /** From the first fault until users were served again for good; null where they were never lost, or not served at the end. */
  readonly recoverySeconds: number | null;
  readonly broken: readonly Broken[];
};

/** A history may be lived through so often to find its shortest form. */
const tries = 40;

/** What is broken in a drill, by the name of what must hold. */
type Seen = ReadonlyMap<string, string>;

/** Makes the history of a seed, lives through it, and looks for the shortest one where something is broken. */
export async function liveThrough(seed: number, plan: Plan): Promise<Lived> {
  const history = campaignHistory(seed, plan);
  const { run, broken: seen } = await play(history, plan);
  const broken: Broken[] = [];
  for (const [invariant, detail] of seen) {
    const left = await shortest(
      history.items,
      async (items) => (await play({ ...history, items }, plan)).broken.has(invariant),
      tries,
    );
    broken.push({ invariant, detail, shortest: left.map(wordsOf) });
  }
  const { executions, clocks } = run.result;
  const failovers = executions.filter(
    ({ stateMachine, status }) => status === 'SUCCEEDED' && /^(az|region)-failover$/.test(stateMachine),
  ).length;
  return { seed, failovers, recoverySeconds: clocks.recoverySeconds, broken };
}

async function play({ seed, items, work }: CampaignHistory, plan: Plan): Promise<{ run: DrillRun; broken: Seen }> {
  const witness = createWitness(plan);
  const run = await runDrill({
    ...{ scenario: `history ${seed}`, written: scenarioOf(items), seed, plan },
    ...witness.hears,
  });
  return { run, broken: brokenIn(run, witness.verdict(work).wrong) };
}

/** `wrong`: what was decided against the truth. That nothing was decided about a loss is no fault here: calls fail and events are lost. */
function brokenIn({ result, misses }: DrillRun, wrong: readonly string[]): Seen {
  const seen = new Map<string, string>();
  for (const { id, held, detail = '' } of result.invariants) if (!held) seen.set(id, detail);
  // What a scenario expects is not known of a history; these two are expected of every one.
  for (const { what, expected, was } of misses)
    if ((what === 'rights' || what === 'end') && !seen.has(what)) seen.set(what, `expected ${expected}, was ${was}`);
  if (wrong[0] !== undefined) seen.set('judgement', wrong[0]);
  return seen;
}
