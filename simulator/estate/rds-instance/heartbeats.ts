// The rows of our own in a database, and what of its tables an instance holds: as far as writes had come in what it was made from.
import type { Beat } from '../../../functions/domain/data/ledger.ts';
import type { Watermark } from '../../../functions/domain/data/watermarks.ts';
import type { World } from '../world.ts';
import type { Instance } from './database.ts';
import type { Replication } from './replication.ts';

export type Heartbeats = {
  /** Writes a row; its being there already is no fault. False where another row has its number. */
  keep(instance: Instance, beat: Beat): boolean;
  /** The rows that an instance has. */
  rowsOf(instance: Instance): readonly Beat[];
  /** Each write of a user is a row of each table. */
  watermarkOf(instance: Instance, table: string): Watermark;
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
  return {
    rowsOf,
    keep(instance, beat) {
      const known = rowsOf(instance).find(({ id }) => id === beat.id);
      if (known !== undefined) return known.at === beat.at;
      kept.set(instance, [...(kept.get(instance) ?? []), { ...beat, writtenAt: world.now() }]);
      return true;
    },
    watermarkOf: (instance, table) => ({
      table,
      count: instance.sequence,
      greatestKey: String(instance.sequence),
      newestAt: replication.lastWriteIn(instance),
    }),
  };
}
