// What makes two records one, and in which order records are read: the rules
// that every store keeps, whatever it keeps them in.
import { createHash } from 'node:crypto';
import { supersedes } from '../../domain/evidence/picture.ts';
import type { AuditRecord, StepRecord } from '../../domain/record/store.ts';
import type { Action, ApprovalRequest, RecordedAnswer, Signal } from '../../domain/types.ts';

/** DynamoDB allows 1,024 bytes in a sort key; the rest is room for what stands before. */
const longestKeyBytes = 900;

/** The newest signal of each key of each region. */
export function newestOfEach(signals: readonly Signal[]): Map<string, Map<string, Signal>> {
  const regions = new Map<string, Map<string, Signal>>();
  for (const signal of signals) {
    const keys = regions.get(signal.region) ?? new Map<string, Signal>();
    const known = keys.get(signal.key);
    if (known === undefined || supersedes(signal, known)) keys.set(signal.key, signal);
    regions.set(signal.region, keys);
  }
  return regions;
}

/** One mutating call, in order of time. */
export function auditKey({ at, execution, step, call, region, target, actor }: AuditRecord): string {
  return `audit#${sortable(at)}#${keyOf([execution, step, call, region, target, actor].join('#'))}`;
}

/** One outcome of a step, in order of time. */
export function stepKey({ at, execution, step }: StepRecord): string {
  return `step#${sortable(at)}#${keyOf([execution, step].join('#'))}`;
}

/** The last action of one kind on one target. */
export function actionKey(action: Action, target: string): string {
  return `action#${action}#${keyOf(target)}`;
}

/** A person's one valid answer to a request; of those that do not count, each is kept. */
export function answerKey(answer: RecordedAnswer, person: string): string {
  if (answer.valid) return `valid#${keyOf(person)}`;
  const { approver, answer: said, why, reason, from, who } = answer;
  return `invalid#${sortable(answer.at)}#${keyOf(JSON.stringify([approver, said, why, reason, from, who]))}`;
}

/** In the order in which answers were given. */
export function byAnswered(a: RecordedAnswer, b: RecordedAnswer): number {
  return a.at - b.at || Number(b.valid) - Number(a.valid) || compare(a.approver, b.approver) || compare(a.why, b.why);
}

/** In the order in which people were asked. */
export function byAsked(a: ApprovalRequest, b: ApprovalRequest): number {
  return a.askedAt - b.askedAt || compare(a.id, b.id);
}

/** The region of a target such as us-east-1 or us-east-1/use1-az1. */
export function regionOf(target: string): string {
  return target.split('/', 1)[0] ?? target;
}

/** A text from outside as part of a key. DynamoDB refuses an empty, a too long and a broken one. */
export function keyOf(text: string): string {
  if (text !== '' && Buffer.byteLength(text) <= longestKeyBytes && text.isWellFormed()) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Milliseconds as text that sorts as numbers do. */
function sortable(at: number): string {
  return String(at).padStart(15, '0');
}
