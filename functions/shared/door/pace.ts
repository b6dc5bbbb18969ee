// Keeps a pace: counts what fails with one key, and says whether it was within its limit.
import { addressBlock, type Limit, limits, windowStart } from '../../domain/approval/hits.ts';
import type { Shell } from '../shell.ts';

/** Counts one hit. @throws Unavailable where it cannot be counted: then nothing goes on. */
export async function isWithin(limit: Limit, key: string, { store, now, log }: Shell): Promise<boolean> {
  const within = await store.countHit(key, windowStart(now(), limit), limit.most);
  if (!within) log.warn('too many requests', { key });
  return within;
}

/** Counts a stranger's request: a link that opens nothing, a caller that is no contact. @throws Unavailable. */
export function mayGuess({ address }: { readonly address: string }, shell: Shell): Promise<boolean> {
  return isWithin(limits.address, `address ${addressBlock(address)}`, shell);
}
