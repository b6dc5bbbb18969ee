// Names things by their content: a plan, so that an approval holds for the one that people were shown and for no other.
import { createHash } from 'node:crypto';
import type { Plan } from '../../domain/plan/plan.ts';
import type { ApprovalRequest } from '../../domain/types.ts';

/** The SHA-256 of a plan as JSON, in hexadecimal. */
export function planHash(plan: Plan): string {
  return sha256(JSON.stringify(plan));
}

/** The SHA-256 of a request: of everything that people are shown of it. */
export function requestHash(request: ApprovalRequest): string {
  return sha256(JSON.stringify(ordered(request)));
}

/** Whether two values hold the same, in whatever order. */
export function isSameContent(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}

/** A short name for a secret that does not give it away. */
export function shortHash(secret: string): string {
  return sha256(secret).slice(0, 12);
}

/** The same content gives the same text, in whatever order a store gives its parts back. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(parts.map(([name, part]) => [name, ordered(part)]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
