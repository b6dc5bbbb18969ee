// Says which states of a flow a person may leave out. Pure.
import type { ApprovalRequest } from './types.ts';

/** States that read a waiver before they do anything. All others have to be done: lock, approval, promotion, verification. */
const skippable = [
  'FailoverCache',
  'CheckCluster',
  'RepointApplication',
  'RedirectUsers',
  'VerifyOutside',
  'FenceOldRegion',
];

/** Every state that a waiver can be signed for: a fence too, where an approval names what stays unfenced. */
export const waivable: readonly string[] = [...skippable, 'FenceDatabase'];

/**
 * Null where a state may be left out; else why it may not. `approved` are the execution's requests that were approved:
 * a fence is left out only where one of them names the region that stays unfenced.
 */
export function whyNotSkipped(
  state: string,
  approved: readonly Pick<ApprovalRequest, 'target' | 'unfenced'>[],
): string | null {
  if (skippable.includes(state)) return null;
  if (state !== 'FenceDatabase') return `${state} cannot be left out, expected one of ${skippable.join(', ')}`;
  const named = approved.some(({ target, unfenced }) => unfenced.includes(target));
  return named ? null : 'FenceDatabase cannot be left out: no approval names the region as unfenced';
}
