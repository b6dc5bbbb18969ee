// Signals and strays in the table: the newest signal of each key of a region, and each event that gave none, once.
import { CannotProceed } from '../../domain/errors.ts';
import { supersedes } from '../../domain/evidence/picture.ts';
import { signalRecord, storedSignal } from '../../domain/record/recorded.ts';
import type { Store } from '../../domain/record/store.ts';
import type { Signal } from '../../domain/types.ts';
import { keyOf, newestOfEach } from './identity.ts';
import { type Item, neverRead, type Table, type Unpack } from './table.ts';

const writesAtOnce = 32;
/** From so many signals of a region on, one query and the few writes left are cheaper than a write for each. */
const lookFirstFrom = 3;
const expireDays = 30;
/** An item holds 400 KB, and a letter takes at most three bytes. */
const longestStray = { reason: 1_000, event: 100_000 };

/** What an alarm or a check of readiness says stands until it says otherwise; all else is an event, and an old one says nothing. */
const standing: readonly Signal['kind'][] = ['component', 'canary', 'probe', 'heartbeat', 'replica', 'readiness'];

/** When an item may go, in seconds since 1970; only tables of one region, or eventually consistent ones, expire items. */
export function expiryOf(at: number): number {
  return Math.ceil(at / 1000) + expireDays * 86_400;
}

export function signalsIn(table: Table): Pick<Store, 'keepSignals' | 'readSignals' | 'keepStray' | 'countStrays'> {
  return {
    // A signal that is refused keeps no other from being kept; a table that does not answer is asked once.
    async keepSignals(signals) {
      const refusals: CannotProceed[] = [];
      for (const [region, keys] of newestOfEach(signals)) {
        const offered = [...keys.values()];
        const fresh = offered.length < lookFirstFrom ? offered : await newerThanStored(offered, region, table);
        await eachOf(fresh, (signal) =>
          keep(signal, table).catch((error: unknown) => {
            if (!(error instanceof CannotProceed)) throw error;
            refusals.push(error);
          }),
        );
      }
      if (refusals[0] !== undefined) throw refusals[0];
    },

    async readSignals(region, since) {
      // Not `#at >= :since`: that leaves out what has no time before anybody hears of it.
      const filter = { expression: 'NOT #at < :since', values: { ':since': since } };
      const items = await table.query(partition(region), since > 0 ? { filter } : {});
      return table.recordsIn(items, signalIn);
    },

    async keepStray({ id, at, reason, event }) {
      const cut =
        event.length > longestStray.event ? `; of ${event.length} letters the first ${longestStray.event}` : '';
      const item = {
        pk: 'stray',
        sk: keyOf(id),
        at,
        reason: `${reason.slice(0, longestStray.reason)}${cut}`.toWellFormed(),
        event: event.slice(0, longestStray.event).toWellFormed(),
        expiresAt: expiryOf(at),
      };
      await table.put(item, neverRead, { expression: 'attribute_not_exists(#pk)' });
    },

    countStrays: () => table.count('stray'),
  };
}

const signalIn: Unpack<Signal> = (item) => {
  const read = storedSignal(item);
  if ('corrupt' in read) return read;
  const region = item.pk.slice(partition('').length);
  // Not a copy: copies of thousands of signals take longer than all else that is done with them.
  return { record: Object.assign(read.record, { key: read.record.key ?? item.sk, region }) };
};

function partition(region: string): string {
  return `signals#${region}`;
}

/** A sweep offers every alarm's state each minute, and nearly all of them are stored. */
async function newerThanStored(offered: readonly Signal[], region: string, table: Table): Promise<Signal[]> {
  const stored = new Map((await table.query(partition(region))).map((item) => [item.sk, item]));
  return offered.filter((signal) => {
    const known = stored.get(keyOf(signal.key));
    const at = known?.['at'];
    const id = known?.['id'];
    return typeof at !== 'number' || typeof id !== 'string' || supersedes(signal, { at, id });
  });
}

/** What the keys say is not repeated in the item: a storm's signals are read together, many times. */
async function keep(signal: Signal, table: Table): Promise<void> {
  const { key, region, ...rest } = signal;
  const sk = keyOf(key);
  const item: Item = {
    pk: partition(region),
    sk,
    ...(sk !== key && { key }),
    ...rest,
    ...(!standing.includes(signal.kind) && { expiresAt: expiryOf(signal.at) }),
  };
  // What has no time, or one that is none, is replaced by any.
  await table.put(item, () => signalRecord(signal), {
    expression: 'NOT (#at > :at OR (#at = :at AND #id >= :id))',
    values: { ':at': signal.at, ':id': signal.id },
  });
}

async function eachOf<Element>(elements: readonly Element[], run: (element: Element) => Promise<void>): Promise<void> {
  const rest = elements.values();
  const work = async () => {
    for (const element of rest) await run(element);
  };
  await Promise.all(Array.from({ length: Math.min(writesAtOnce, elements.length) }, work));
}
