// What must always hold, checked on raw observations of a drill by a model that shares nothing with the code under test.
import type { Plan } from '../functions/domain/plan/plan.ts';
import type { InvariantResult } from './drill/result.ts';
import { approved } from './invariants/approval/approved.ts';
import { stillApproved } from './invariants/approval/still-approved.ts';
import { audited } from './invariants/audited.ts';
import { bounded } from './invariants/bounded.ts';
import { honestLoss } from './invariants/honest-loss.ts';
import { inScope } from './invariants/in-scope.ts';
import { createHistory, type Invariant } from './invariants/model/history.ts';
import type { Mutation, Observation } from './invariants/model/observations.ts';
import { neverSilent } from './invariants/never-silent.ts';
import { oneExecution } from './invariants/one-execution.ts';
import { oneWriter } from './invariants/one-writer.ts';
import { repeatable } from './invariants/repeatable.ts';
import { servedThenRedirect } from './invariants/served-then-redirect.ts';
import { watched } from './invariants/watched.ts';

export type Invariants = {
  observe(observation: Observation): void;
  /** All, in the order of the design. `now` in milliseconds: what still has time until then is not held against anybody. */
  verdict(now: number): InvariantResult[];
};

export type InvariantOptions = {
  readonly plan: Plan;
  /** What the same drill changes when no step is killed; a drill with crashes has to change the same. */
  readonly withoutCrash?: readonly Mutation[];
};

/** Watches one drill. Observations may arrive in any order; nothing is judged before the verdict is asked for. */
export function createInvariants({ plan, withoutCrash }: InvariantOptions): Invariants {
  const invariants: readonly (readonly [string, Invariant])[] = [
    ['one-writer', oneWriter],
    ['approved', approved],
    ['in-scope', inScope],
    ['served-then-redirect', servedThenRedirect],
    ['one-execution', oneExecution],
    ['bounded', bounded],
    ['honest-loss', honestLoss],
    ['audited', audited],
    ['never-silent', neverSilent],
    ['still-approved', stillApproved],
    ['watched', watched],
    ['repeatable', repeatable(withoutCrash ?? null)],
  ];
  const observations: Observation[] = [];
  let lastTick: string | null = null;
  return {
    observe(observation) {
      if (observation.kind === 'tick') {
        // A day of ticks that all say the same is one observation.
        const tick = JSON.stringify({ ...observation, at: 0 });
        if (tick === lastTick) return;
        lastTick = tick;
      }
      observations.push(observation);
    },
    verdict(now) {
      const history = createHistory(observations, now);
      return invariants.map(([id, invariant]) => {
        const violations = invariant(history, plan).sort((a, b) => a.at - b.at);
        const first = violations[0];
        if (first === undefined) return { id, held: true };
        const count = violations.length === 1 ? '' : ` (the first of ${violations.length})`;
        return { id, held: false, detail: `At ${new Date(first.at).toISOString()} ${first.what}${count}.` };
      });
    },
  };
}
