// What was done, in the table: every mutating call and what each step reached, by incident, and which messages were sent.
import { auditRecord, stepRecord } from '../domain/recorded.ts';
import type { Store } from '../domain/store.ts';
import { auditKey, keyOf, stepKey } from './store-identity.ts';
import { expiryOf } from './store-signals.ts';
import { type Item, type Key, recordIn, type Table } from './store-table.ts';

const once = { expression: 'attribute_not_exists(#pk)' };

type RecordMethods = Pick<Store, 'audit' | 'readAudit' | 'recordStep' | 'readSteps' | 'wasSent' | 'markSent'>;

export function recordsIn(table: Table): RecordMethods {
  return {
    async audit(record) {
      await table.put({ pk: partition(record.incident), sk: auditKey(record), ...record }, once);
    },

    async readAudit(incident) {
      const items = await table.query(partition(incident), { prefix: 'audit#' });
      return items.map((item) => recordIn(item, auditRecord));
    },

    // An outcome is a step's own data, of any shape: it is kept as text.
    async recordStep(record) {
      const outcome = JSON.stringify(record.outcome);
      await table.put({ pk: partition(record.incident), sk: stepKey(record), ...record, outcome }, once);
    },

    async readSteps(incident) {
      const items = await table.query(partition(incident), { prefix: 'step#' });
      return items.map((item) => recordIn(item, stepRecord, { ...item, outcome: outcomeIn(item) }));
    },

    async wasSent(id) {
      return (await table.get(sentKey(id))) !== null;
    },

    async markSent(id, at) {
      await table.put({ ...sentKey(id), at, expiresAt: expiryOf(at) }, once);
    },
  };
}

function partition(incident: string): string {
  return `incident#${keyOf(incident)}`;
}

function sentKey(id: string): Key {
  return { pk: `sent#${keyOf(id)}`, sk: 'sent' };
}

/** What is no text of JSON is null, which is no outcome. */
function outcomeIn(item: Item): unknown {
  try {
    return JSON.parse(String(item['outcome']));
  } catch {
    return null;
  }
}
