// What ElastiCache tells of caches: messages of node-based groups, as they are forwarded from their topic.
import * as z from 'zod';
import { type Hearing, name } from '../../../domain/signals/reading.ts';
import type { CacheChange } from '../../../domain/types.ts';
import { type Restore, restoreNames } from './backup-plan.ts';

type Place = { readonly replicationGroup: string; readonly restore?: Restore | undefined };
type Cache = { readonly regions: Readonly<Record<string, Place>> };

const cacheMessage = z.tuple([name, name]);

export const hears: Hearing<Cache> = {
  source: 'aws.elasticache',
  rule: 'cache',
  read(detail, common, caches) {
    const found = Object.entries(detail).find(([key]) => key.startsWith('ElastiCache:')) ?? [];
    const parsed = cacheMessage.safeParse(found);
    if (!parsed.success)
      return 'detail: is no ElastiCache message, expected a key such as ElastiCache:FailoverComplete and a cache';
    const [message, told] = parsed.data;
    const groups = caches.flatMap(({ regions }) => {
      const { replicationGroup = [], restore } = regions[common.region] ?? {};
      return [replicationGroup, restore === undefined ? [] : restoreNames(restore.replicationGroup)].flat();
    });
    // A node is called after its group: chatops-redis-001, chatops-redis-0001-002.
    const group = groups.find(
      (one) => told === one || (told.startsWith(one) && /^(-\d{3,4}){1,2}$/.test(told.slice(one.length))),
    );
    if (group === undefined) return `no rule knows cache ${told}`;
    const change = cacheChange(message);
    return {
      ...common,
      kind: 'cache',
      observer: `elasticache:${common.region}`,
      key: `cache:${group}:${change}`,
      group,
      change,
    };
  },
};

/** ElastiCache, "Event Notifications and Amazon SNS". A node that is to be replaced in some window is not replaced yet. */
function cacheChange(message: string): CacheChange {
  if (/failover.*complete/i.test(message)) return 'failover-completed';
  if (/failover/i.test(message)) return 'failover-started';
  if (/ReplacementCancell?ed/i.test(message)) return 'replacement-canceled';
  if (/Replacement(Res|S)cheduled/i.test(message)) return 'replacement-scheduled';
  if (/ReplaceStarted/i.test(message)) return 'replacement-started';
  return /ReplaceComplete/i.test(message) ? 'node-replaced' : 'other';
}
