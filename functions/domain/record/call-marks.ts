// What the record keeps beside a call, under the time of that call: that it was refused, or made, and under which ids AWS knows it. Pure.
import type { AuditRecord } from './store.ts';

const marks = ['refused', 'made'] as const;
export type CallMark = (typeof marks)[number];

/** The step under which it is kept. */
export function callMark(mark: CallMark, { call, target }: Pick<AuditRecord, 'call' | 'target'>): string {
  return `${mark}/${call}/${target}`;
}

/** Whether a step is such a mark, and tells of nothing that a flow has reached. */
export function isCallMark(step: string): boolean {
  return marks.some((mark) => step.startsWith(`${mark}/`));
}
