// Links and counted hits in the table: what the approval page's door needs to know before it opens.
import { linkRecord } from '../../domain/record/recorded.ts';
import type { Store } from '../../domain/record/store.ts';
import { keyOf } from './identity.ts';
import { expiryOf } from './signals.ts';
import { type Key, neverRead, refused, type Table } from './table.ts';

const once = { expression: 'attribute_not_exists(#pk)' };

export function doorIn(table: Table): Pick<Store, 'keepLink' | 'readLink' | 'countHit'> {
  return {
    async keepLink({ id, request, approver, expiresAt }) {
      const item = { ...linkKey(id), request, approver, until: expiresAt, expiresAt: expiryOf(expiresAt) };
      await table.put(item, linkRecord, once);
    },

    async readLink(id) {
      const item = await table.get(linkKey(id));
      if (item === null) return null;
      const { request, approver, until } = table.recordIn(item, linkRecord, refused);
      return { id, request, approver, expiresAt: until };
    },

    // One item for each key, which the next window takes over: there are as many as there were addresses and links.
    async countHit(key, windowStart, most) {
      const item = { pk: `hits#${keyOf(key)}`, sk: 'hits' };
      const inside = {
        expression: '#windowStart >= :windowStart AND #hits < :most',
        values: { ':windowStart': windowStart, ':most': most },
      };
      if (await table.increment(item, 'hits', inside)) return true;
      const begins = {
        // What says no window, or none that is one, is of an old one.
        expression: 'NOT #windowStart >= :windowStart',
        values: { ':windowStart': windowStart },
      };
      const first = { ...item, windowStart, hits: 1, expiresAt: expiryOf(windowStart) };
      if (most > 0 && (await table.put(first, neverRead, begins))) return true;
      // Full, or another one began the window a moment ago.
      return table.increment(item, 'hits', inside);
    },
  };
}

function linkKey(id: string): Key {
  return { pk: `link#${keyOf(id)}`, sk: 'link' };
}
