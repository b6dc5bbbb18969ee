// The state table's server: what DynamoDB does with the commands of the incident store, in memory. One table, strongly
// consistent, shared by the stacks of all regions; which of them reach it is decided before a command gets here.
import type { Unpacking } from '../../../functions/aws/store/table.ts';
import { refusal } from '../../estate/calls/aws-error.ts';
import { type Attributes, holds, updated } from './table-expressions.ts';

/**
 * Reads what is stored once: an item of this table never changes, another one takes its place. All who read it get the same record,
 * which is frozen like it: whoever would change it fails.
 */
export const readOnce: Unpacking = (item, unpack) => {
  const ofUnpack = unpacked.get(unpack) ?? new WeakMap<object, unknown>();
  unpacked.set(unpack, ofUnpack);
  const known = ofUnpack.get(item) as ReturnType<typeof unpack> | undefined;
  if (known !== undefined) return known;
  const found = unpack(item);
  // Else a copy, as of an answer that is stale.
  if (storedItems.has(item)) ofUnpack.set(item, deeplyFrozen(found));
  return found;
};
/** What has been read of each item that is stored, by what reads it. */
const unpacked = new WeakMap<object, WeakMap<object, unknown>>();
const storedItems = new WeakSet<object>();

type Item = { readonly pk: string; readonly sk: string } & Readonly<Record<string, unknown>>;
type Input = Readonly<Record<string, unknown>>;

export type TableServer = {
  /** Answers a command of the document client by its name, such as Get. @throws DynamoDB's errors */
  answer(operation: string, input: Input): Record<string, unknown>;
};

/** DynamoDB's limit for an item, names included. */
const mostItemBytes = 400 * 1024;
/** A page of a query holds so much at most. */
const mostPageBytes = 1024 * 1024;

/** An empty table. */
export function createTableServer(tableName: string): TableServer {
  const partitions = new Map<string, Partition>();
  const partitionOf = (pk: string): Partition => {
    const known = partitions.get(pk) ?? createPartition();
    partitions.set(pk, known);
    return known;
  };

  const check = (input: Input, stored: Item | null): void => {
    const { ConditionExpression } = input;
    if (typeof ConditionExpression !== 'string') return;
    if (!reading(() => holds(ConditionExpression, stored, attributesOf(input))))
      throw refusal('ConditionalCheckFailedException', 'The conditional request failed');
  };
  const put = (item: Item): void => {
    const bytes = sizeOf(item);
    if (bytes > mostItemBytes) throw refusal('ValidationException', 'Item size has exceeded the maximum allowed size');
    const stored = frozen(item);
    storedItems.add(stored);
    partitionOf(item.pk).put(stored, bytes);
  };

  const operations: Readonly<Record<string, (input: Input) => Record<string, unknown>>> = {
    DescribeTable: () => ({ Table: { TableName: tableName, TableStatus: 'ACTIVE' } }),
    Get(input) {
      const { pk, sk } = keyIn(input['Key']);
      const item = partitions.get(pk)?.get(sk);
      return item === undefined ? {} : { Item: item };
    },
    Put(input) {
      const item = input['Item'] as Item;
      const { pk, sk } = keyIn(item);
      check(input, partitions.get(pk)?.get(sk) ?? null);
      put(item);
      return {};
    },
    Update(input) {
      const key = keyIn(input['Key']);
      const stored = partitions.get(key.pk)?.get(key.sk) ?? null;
      check(input, stored);
      const item = reading(() => updated(String(input['UpdateExpression']), stored ?? key, attributesOf(input)));
      put(item as Item);
      return {};
    },
    Delete(input) {
      const { pk, sk } = keyIn(input['Key']);
      check(input, partitions.get(pk)?.get(sk) ?? null);
      partitions.get(pk)?.remove(sk);
      return {};
    },
    Query(input) {
      const attributes = attributesOf(input);
      const keys = String(input['KeyConditionExpression']);
      const pk = attributes.values[':pk'];
      if (!keys.startsWith('#pk = :pk') || typeof pk !== 'string')
        throw refusal('ValidationException', `Query condition missed key schema element: ${keys}`);
      const from = input['ExclusiveStartKey'] as { sk: string } | undefined;
      const page = partitions.get(pk)?.pageAfter(from?.sk) ?? { entries: [], more: false };
      const { FilterExpression: filter } = input;
      // All of a partition have its key: what asks for no more need not be asked of each item.
      const inKeys = (item: Item) => keys === '#pk = :pk' || reading(() => holds(keys, item, attributes));
      const passes = (item: Item) => typeof filter !== 'string' || reading(() => holds(filter, item, attributes));
      const isWhole = keys === '#pk = :pk' && typeof filter !== 'string';
      const wanted = isWhole ? page.entries : page.entries.filter(({ item }) => inKeys(item) && passes(item));
      const last = page.more ? page.entries.at(-1)?.item : undefined;
      return {
        Count: wanted.length,
        ScannedCount: page.entries.length,
        ...(input['Select'] === 'COUNT' ? {} : { Items: wanted.map(({ item }) => item) }),
        ...(last === undefined ? {} : { LastEvaluatedKey: { pk: last.pk, sk: last.sk } }),
      };
    },
  };

  return {
    answer(operation, input) {
      if (input['TableName'] !== tableName)
        throw refusal(
          'ResourceNotFoundException',
          `Requested resource not found: Table: ${input['TableName']} not found`,
        );
      const run = operations[operation];
      if (run === undefined) throw new Error(`the state table of the simulator does not answer ${operation}`);
      return run(input);
    },
  };
}

type Entry = { readonly item: Item; readonly bytes: number };
type Partition = ReturnType<typeof createPartition>;

/** The items of one partition key, read in the order of their sort keys. */
function createPartition() {
  const entries = new Map<string, Entry>();
  const sorted: Entry[] = [];
  let allBytes = 0;
  const placeOf = (sk: string): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sorted[middle]?.item.sk ?? '') < sk) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get: (sk: string): Item | undefined => entries.get(sk)?.item,
    put(item: Item, bytes: number): void {
      const entry = { item, bytes };
      const before = entries.get(item.sk);
      sorted.splice(placeOf(item.sk), before === undefined ? 0 : 1, entry);
      entries.set(item.sk, entry);
      allBytes += bytes - (before?.bytes ?? 0);
    },
    remove(sk: string): void {
      const before = entries.get(sk);
      if (before === undefined) return;
      entries.delete(sk);
      sorted.splice(placeOf(sk), 1);
      allBytes -= before.bytes;
    },
    pageAfter(sk: string | undefined): Page {
      if (sk !== undefined) return pageOf(sorted.slice(placeOf(sk)).filter(({ item }) => item.sk !== sk));
      // Nearly every partition is one page.
      return allBytes <= mostPageBytes ? { entries: sorted, more: false } : pageOf(sorted);
    },
  };
}

type Page = { readonly entries: readonly Entry[]; readonly more: boolean };

function pageOf(entries: readonly Entry[]): Page {
  let bytes = 0;
  const end = entries.findIndex((entry) => {
    bytes += entry.bytes;
    return bytes > mostPageBytes;
  });
  // The item that reaches the limit is still of the page.
  return end === -1 || end === entries.length - 1
    ? { entries, more: false }
    : { entries: entries.slice(0, end + 1), more: true };
}

function keyIn(value: unknown): { readonly pk: string; readonly sk: string } {
  const { pk, sk } = value as Record<string, unknown>;
  for (const [name, part, most] of [
    ['pk', pk, 2048],
    ['sk', sk, 1024],
  ] as const) {
    if (typeof part !== 'string')
      throw refusal('ValidationException', `One or more parameter values were invalid: Type mismatch for key ${name}`);
    if (part === '' || Buffer.byteLength(part) > most)
      throw refusal(
        'ValidationException',
        `One or more parameter values are not valid. The size of key ${name} is wrong`,
      );
  }
  return { pk: String(pk), sk: String(sk) };
}

function attributesOf(input: Input): Attributes {
  return {
    names: (input['ExpressionAttributeNames'] ?? {}) as Attributes['names'],
    values: (input['ExpressionAttributeValues'] ?? {}) as Attributes['values'],
  };
}

function reading<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof SyntaxError) throw refusal('ValidationException', `Invalid expression: ${error.message}`);
    throw error;
  }
}

/**
 * Bytes of a value as DynamoDB counts them: names and texts in UTF-8, binary as it is, a number by its digits, one for a boolean or null, three
 * for a list or map and one for each of its elements. @throws what the document client throws for values it cannot send
 */
export function sizeOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'boolean':
      return 1;
    case 'number':
      return sizeOfNumber(value);
    case 'object':
      break;
    default:
      throw new Error(
        `Unsupported type passed: ${String(value)}. Pass options.convertClassInstanceToMap=true to marshall typeof object as map attribute.`,
      );
  }
  if (value === null) return 1;
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + sizeOf(element) + 1, 3);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Error(
      'Unsupported type passed: a class instance. Pass options.convertClassInstanceToMap=true to marshall typeof object as map attribute.',
    );
  return Object.entries(value).reduce((sum, [name, part]) => {
    if (part === undefined)
      throw new Error('Pass options.removeUndefinedValues=true to remove undefined values from map/array/set.');
    return sum + Buffer.byteLength(name) + sizeOf(part) + 1;
  }, 3);
}

function sizeOfNumber(value: number): number {
  if (!Number.isFinite(value)) throw new Error(`Special numeric value ${value} is not allowed`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER)
    throw new Error(
      `Number ${value} is greater than Number.MAX_SAFE_INTEGER. Use NumberValue from @aws-sdk/lib-dynamodb.`,
    );
  if (value !== 0 && Math.abs(value) < 1e-130)
    throw refusal(
      'ValidationException',
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  const digits = String(Math.abs(value)).replace(/[.eE+-]/g, '').length;
  return Math.ceil(digits / 2) + 1;
}

/** What is stored is handed out again and again: nobody may change it. */
function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deeplyFrozen(part);
  return Object.freeze(value);
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Uint8Array.from(value) as typeof value;
  if (Array.isArray(value)) return Object.freeze(value.map(frozen)) as typeof value;
  const copy: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(value)) copy[name] = frozen(part);
  return Object.freeze(copy) as typeof value;
}
