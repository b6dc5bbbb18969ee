// Drills in the table: each run with what came of it, and the lever that ends them all.
import { drillRecord, leverRecord } from '../../domain/drills/recorded.ts';
import type { Store } from '../../domain/record/store.ts';
import { type Key, refused, type Table } from './table.ts';

type DrillMethods = Pick<Store, 'keepDrill' | 'readDrill' | 'listDrills' | 'pullLever' | 'releaseLever' | 'readLever'>;

const runs = 'drills';
/** A partition of its own: functions look at it, and people alone write it. */
const leverKey: Key = { pk: 'lever', sk: 'drills' };

export function drillsIn(table: Table): DrillMethods {
  return {
    async keepDrill(drill) {
      const phase = drill.outcome === null ? 0 : 1;
      await table.put({ pk: runs, sk: drill.execution, ...drill, phase }, drillRecord, {
        expression: 'attribute_not_exists(#phase) OR NOT #phase > :phase',
        values: { ':phase': phase },
      });
    },

    // One that cannot be read is refused: a fault would be injected a second time.
    async readDrill(execution) {
      const item = await table.get({ pk: runs, sk: execution });
      return item === null ? null : table.recordIn(item, drillRecord, refused);
    },

    listDrills: async () => table.recordsIn(await table.query(runs), drillRecord),

    async pullLever(by, reason, at) {
      await table.put({ ...leverKey, by, reason, at }, leverRecord);
    },

    async releaseLever() {
      await table.remove(leverKey);
    },

    async readLever() {
      const item = await table.get(leverKey);
      return item === null ? null : table.recordIn(item, leverRecord, () => unknownLever);
    },
  };
}

const unknownLever = { by: 'somebody', reason: 'the record of the lever is damaged', at: 0 };
