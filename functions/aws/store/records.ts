// What was done, in the table: every mutating call and what each step reached, by incident, and which messages were sent.
import { auditRecord, stepRecord } from '../../domain/record/recorded.ts';
import type { AuditRecord, StepRecord, Store } from '../../domain/record/store.ts';
import { auditKey, keyOf, stepKey } from './identity.ts';
import { expiryOf } from './signals.ts';
import { type Item, type Key, neverRead, type Table, type Unpack } from './table.ts';

const once = { expression: 'attribute_not_exists(#pk)' };

type RecordMethods = Pick<Store, 'audit' | 'readAudit' | 'recordStep' | 'readSteps' | 'wasSent' | 'markSent'>;

export function recordsIn(table: Table): RecordMethods {
  return {
    async audit(record) {
      await table.put({ pk: partition(record.incident), sk: auditKey(record), ...record }, auditIn, once);
    },

    async readAudit(incident) {
      const items = await table.query(partition(incident), { prefix: 'audit#' });
      return items.flatMap((item) => table.recordIn(item, auditIn, () => calledBy(item.sk, incident)) ?? []);
    },

    // An outcome is a step's own data, of any shape: it is kept as text.
    async recordStep(record) {
      const outcome = JSON.stringify(record.outcome);
      await table.put({ pk: partition(record.incident), sk: stepKey(record), ...record, outcome }, stepIn, once);
    },

    async readSteps(incident) {
      const items = await table.query(partition(incident), { prefix: 'step#' });
      return table.recordsIn(items, stepIn);
    },

    async wasSent(id) {
      return (await table.get(sentKey(id))) !== null;
    },

    async markSent(id, at) {
      return table.put({ ...sentKey(id), at, expiresAt: expiryOf(at) }, neverRead, once);
    },
  };
}

const auditIn: Unpack<AuditRecord> = auditRecord;
const stepIn: Unpack<StepRecord> = (item) => stepRecord({ ...item, outcome: outcomeIn(item) });

/** A call by its key, for one whose record is damaged: whether a replica was promoted must never be forgotten. */
function calledBy(sk: string, incident: string): AuditRecord | null {
  const [, at, execution, step, call, region, target, actor, ...rest] = sk.split('#');
  if (execution === undefined || step === undefined || call === undefined || rest.length > 0) return null;
  if (region === undefined || target === undefined || actor === undefined) return null;
  return { incident, at: Number(at), execution, step, call, region, target, actor, drill: false };
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
