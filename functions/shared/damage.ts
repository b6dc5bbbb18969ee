// Tells of items of the table that cannot be read: one line of the log, which CloudWatch counts as a metric too, so
// that an alarm calls a person.
import { embedded } from '../domain/figures.ts';
import type { Damaged } from '../domain/record/store.ts';
import type { Shell } from './shell.ts';

/** The metric that the alarm `store-damaged` watches, in the namespace of the stack, with its region as dimension. */
export const damageMetric = 'StoreDamaged';
/** How many a line names; it counts all. */
const mostNamed = 20;

/** Names items by their keys, never by what they hold. */
export function damageIn({ prefix, region, now, log }: Pick<Shell, 'prefix' | 'region' | 'now' | 'log'>): Damaged {
  const counted = { name: damageMetric, unit: 'Count', dimensions: { Region: region } } as const;
  return (items) => {
    // What a newer stack has written is no damage, and calls nobody: this region is deployed later in the same upgrade.
    const newer = items.filter((item) => item.newer === true);
    if (newer.length > 0)
      log.warn('items of a newer stack, which this one cannot read', { items: newer.slice(0, mostNamed) });
    const damaged = items.filter((item) => item.newer !== true);
    if (damaged.length === 0) return;
    log.error('items that cannot be read', {
      items: damaged.slice(0, mostNamed),
      ...embedded(prefix, now(), [{ ...counted, value: damaged.length }]),
    });
  };
}
