// What DynamoDB keeps of an item: the limits of its keys, numbers and size. The shape of a record is a reader's matter.
import { whyNotNumber } from '../../domain/record/recorded.ts';
import type { Item } from './table.ts';

/** Of a partition key and of a sort key, in bytes of UTF-8. */
const longestKeyBytes = { pk: 2_048, sk: 1_024 };
/** DynamoDB takes 409,600. What is counted here is never less than what it counts; the rest is room for its own. */
const mostBytes = 400_000;

/** Why an item would not come back as it is, naming the attribute; null where it would. Values are not named. */
export function whyNotKept(item: Item): string | null {
  for (const [key, most] of Object.entries(longestKeyBytes)) {
    const bytes = Buffer.byteLength(String(item[key]));
    if (bytes < 1 || bytes > most) return `${key}: a key of ${bytes} bytes, expected 1 to ${most}`;
  }
  for (const [name, value] of Object.entries(item)) {
    const why = whyNotValue(value, name);
    if (why !== null) return why;
  }
  const bytes = Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value), 0);
  return bytes > mostBytes ? `an item of ${bytes} bytes, expected at most ${mostBytes}` : null;
}

function whyNotValue(value: unknown, path: string): string | null {
  if (typeof value === 'number') {
    const why = whyNotNumber(value);
    return why === null ? null : `${path}: ${why}`;
  }
  if (typeof value === 'string') return value.isWellFormed() ? null : `${path}: a text with half a letter in it`;
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return null;
  if (!isListOrMap(value)) return `${path}: ${typeof value}, which is no value of DynamoDB`;
  for (const [name, inner] of Object.entries(value)) {
    const why = whyNotValue(inner, `${path}.${name}`);
    if (why !== null) return why;
  }
  return null;
}

function isListOrMap(value: unknown): value is object {
  if (Array.isArray(value)) return true;
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/**
 * The bytes of a value as DynamoDB counts them: letters in UTF-8, a list or map as 3 and 1 for each element. A number
 * has a byte for two digits and 1 or 2 more; here each counts as the longest.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value === 'number') return 21;
  if (typeof value !== 'object' || value === null) return 1;
  const parts = Object.entries(value).map(
    ([name, inner]) => 1 + (Array.isArray(value) ? 0 : Buffer.byteLength(name)) + sizeOf(inner),
  );
  return parts.reduce((sum, part) => sum + part, 3);
}
