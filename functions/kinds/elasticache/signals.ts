// What ElastiCache tells of caches: messages of node-based groups, as they are forwarded from their topic.
import * as z from 'zod';
import { type Hearing, name } from '../../domain/reading.ts';
import type { CacheChange } from '../../domain/types.ts';

const cacheMessage = z.tuple([name, name]);

export const hears: Hearing<unknown> = {
  source: 'aws.elasticache',
  rule: 'cache',
  read(detail, common) {
    const found = Object.entries(detail).find(([key]) => key.startsWith('ElastiCache:')) ?? [];
    const parsed = cacheMessage.safeParse(found);
    if (!parsed.success)
      return 'detail: is no ElastiCache message, expected a key such as ElastiCache:FailoverComplete and a cache';
    const [message, group] = parsed.data;
    return {
      ...common,
      kind: 'cache',
      observer: `elasticache:${common.region}`,
      key: `cache:${group}:${message}`,
      group,
      change: cacheChange(message),
    };
  },
};

function cacheChange(message: string): CacheChange {
  if (/failover.*complete/i.test(message)) return 'failover-completed';
  if (/failover/i.test(message)) return 'failover-started';
  return /replace/i.test(message) ? 'node-replaced' : 'other';
}
