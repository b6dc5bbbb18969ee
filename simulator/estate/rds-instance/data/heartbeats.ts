// The rows of our own in a database, and what of its tables an instance holds: as far as writes had come in what it was made from.
import { createHash } from 'node:crypto';
import type { Beat } from '../../../../functions/domain/data/ledger.ts';
import type { RowHash, Since } from '../../../../functions/domain/data/only-old.ts';
import type { Watermark } from '../../../../functions/domain/data/watermarks.ts';
import type { World } from '../../world.ts';
import type { Instance } from '../database.ts';
import type { Replication } from '../replication.ts';

export type Heartbeats = {
  /** Writes a row; its being there already is no fault. False where another row has its number. */
  keep(instance: Instance, beat: Beat): boolean;
  /** The rows that an instance has. */
  rowsOf(instance: Instance): readonly Beat[];
  /** Each write of a user is a row of each table. */
  watermarkOf(instance: Instance, table: string): Watermark;
  /** The rows that are as new as that. Two instances have the same where they have it from the same writer. */
  newerIn(instance: Instance, since: Since): RowHash[];
  /** The row with a key; nothing where there is none. */
  rowOf(instance: Instance, key: string): RowHash[];
};

type Kept = Beat & { readonly writtenAt: number };

export function createHeartbeats(world: World, replication: Replication): Heartbeats {
  const kept = new Map<Instance, Kept[]>();
  const rowsOf: Heartbeats['rowsOf'] = (instance) =>
    replication
      .heldBy(instance)
      .flatMap(({ of, at }) => (kept.get(of) ?? []).filter(({ writtenAt }) => writtenAt <= at))
      .map(({ id, at }) => ({ id, at }))
      .toSorted((a, b) => a.id - b.id);
  const rowOf = (instance: Instance, sequence: number) => {
    const { of, at } = replication.originOf(instance, sequence);
    const hash = createHash('sha256').update(`${of.id} in ${of.region}: ${sequence}`).digest('hex').slice(0, 32);
    return { key: String(sequence), hash, at: Math.round(at) };
  };
  return {
    rowsOf,
    keep(instance, beat) {
      const known = rowsOf(instance).find(({ id }) => id === beat.id);
      if (known !== undefined) return known.at === beat.at;
      kept.set(instance, [...(kept.get(instance) ?? []), { ...beat, writtenAt: world.now() }]);
      return true;
    },
    newerIn(instance, { key, at }) {
      const rows: RowHash[] = [];
      // Numbers grow with time: from the newest on, until one is older than both.
      for (let sequence = instance.sequence; sequence > 0; sequence -= 1) {
        const row = rowOf(instance, sequence);
        if ((key === null || sequence <= Number(key)) && (at === null || row.at < at)) break;
        rows.push(row);
      }
      return rows;
    },
    rowOf: (instance, key) =>
      /^\d+$/.test(key) && Number(key) > 0 && Number(key) <= instance.sequence ? [rowOf(instance, Number(key))] : [],
    watermarkOf: (instance, table) => ({
      table,
      count: instance.sequence,
      greatestKey: String(instance.sequence),
      newestAt: replication.lastWriteIn(instance),
    }),
  };
}
