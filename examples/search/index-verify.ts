// A Lambda of the user's: says whether the index of the region that takes over serves. It changes nothing.
import type { Answer } from './contract.ts';
import { ask, index } from './search-domain.ts';

export async function handler(): Promise<Answer> {
  const { status } = await ask('GET', `/_cluster/health/${index}`);
  const serves = status === 'green' || status === 'yellow'; // red: a shard is missing
  return serves ? { done: true, seen: { index, health: status } } : { done: false, why: `${index} is ${status}` };
}
