// A Lambda of the user's: makes the index of the region that takes over take writes, by ending its replication from the
// other region (OpenSearch, "Cross-cluster replication API"). It keeps the contract in docs/custom-kind.md: called again
// until it says that it is done, it asks before it acts, and a dry run changes nothing.
import type { Answer, Asked } from './contract.ts';
import { ask, index } from './search-domain.ts';

export async function handler({ dryRun }: Pick<Asked, 'dryRun'>): Promise<Answer> {
  const replication = `/_plugins/_replication/${index}`;
  const { status } = await ask('GET', `${replication}/_status`);
  if (status === 'REPLICATION NOT IN PROGRESS') return { done: true, seen: { index, writable: true } };
  if (dryRun) return { done: true, seen: { index, would: 'take writes' } };
  await ask('POST', `${replication}/_stop`);
  return { done: false, why: `${index} was told to follow no more` };
}
