// Names things by their content: a plan, so that an approval holds for the one that people were shown and for no other.
import { createHash } from 'node:crypto';
import type { Plan } from '../domain/plan.ts';

/** The SHA-256 of a plan as JSON, in hexadecimal. */
export function planHash(plan: Plan): string {
  return sha256(JSON.stringify(plan));
}

/** A short name for a secret that does not give it away. */
export function shortHash(secret: string): string {
  return sha256(secret).slice(0, 12);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
