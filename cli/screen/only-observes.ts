// Of a drill with a plan that only observes: that this is why it missed what it missed, and how to rehearse the move itself.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { DrillRun } from '../../simulator/drill/result.ts';

/** What is missed whether or not anything is moved: what was found, and who was told. */
const found = /^(level|zone|served|sent|message to .*)$/;

/** The misses that follow from it, with what it is; null where the plan acts, or nothing was missed for that. `plan`: as it was played. */
export function onlyObserves(
  plan: Pick<Plan, 'levels'>,
  { result, misses }: Pick<DrillRun, 'result' | 'misses'>,
): { readonly line: string; readonly follow: readonly string[] } | null {
  const keys = ([2, 3] as const)
    .filter((level) => result.decisions.some((one) => one.action === 'hold' && one.level === level))
    .map((level) => `level${level}` as const)
    .filter((level) => plan.levels[level].mode === 'observe')
    .map((level) => `levels.${level}.mode`);
  const follow = [...new Set(misses.map(({ what }) => what))].filter((what) => !found.test(what));
  if (keys.length === 0 || follow.length === 0) return null;
  const modes = `${keys.join(' and ')} ${keys.length === 1 ? 'is' : 'are'} observe`;
  return { line: `The plan only observes (${modes}), and from that follow the misses of ${follow.join(', ')}`, follow };
}

/** Of a plan that --plan named, where every invariant held: what its misses may mean. Null where one was broken, or nothing was missed. */
export function seesLess(
  named: string | undefined,
  { result, misses }: Pick<DrillRun, 'result' | 'misses'>,
): string | null {
  if (named === undefined || misses.length === 0 || result.invariants.some(({ held }) => !held)) return null;
  return 'What scenarios expect was written for the shipped plan. Yours may see less: docs/deploy.md#what-your-plan-cannot-see';
}

/** What to do to see the move. */
export function howToAct(scenario: string): string {
  return `to rehearse the move, set the mode to act in a copy of the plan: npx breakwater drill ${scenario} --plan <copy>`;
}
