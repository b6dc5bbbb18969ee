// The table of the incident store: strongly consistent reads of every page, conditional writes of single items.
// There are no transactions: a table with strong consistency over several regions does not offer them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  NumberValue,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { CannotProceed } from '../../domain/errors.ts';
import { isNewer, type Reader, recordFormat, whyNotNumber } from '../../domain/record/recorded.ts';
import type { Damaged } from '../../domain/record/store.ts';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, callingEach, faultName } from '../calls/faults.ts';
import { contended } from '../calls/transient.ts';
import { whyNotKept } from './limits.ts';

export type Key = { readonly pk: string; readonly sk: string };
export type Item = Key & Readonly<Record<string, unknown>>;

/** An expression over `#attribute` and `:value`; every name is written with #, since DynamoDB reserves hundreds of words. */
export type Condition = { readonly expression: string; readonly values?: Readonly<Record<string, unknown>> };

/** Takes the record out of an item, or says what is wrong with it. */
export type Unpack<Record> = (item: Item) => ReturnType<Reader<Record>>;

/** How an item becomes a record. */
export type Unpacking = <Record>(item: Item, unpack: Unpack<Record>) => ReturnType<Reader<Record>>;
const unpacked: Unpacking = (item, unpack) => unpack(item);

/** Of items whose keys alone are asked for. */
export const neverRead: Unpack<null> = () => ({ record: null });

export type Table = ReturnType<typeof openTable>;

/** A number that JavaScript does not hold exactly stays as it was written: reading throws nothing, readers refuse it. */
const unmarshallOptions = {
  wrapNumbers: (text: string) => (whyNotNumber(Number(text)) === null ? Number(text) : NumberValue.from(text)),
};
const clientOf = oneForEachRegion((region) =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ region, ...limits }), { unmarshallOptions }),
);

/**
 * The table as one region sees it. Every method throws Unavailable when DynamoDB throttles, times out or cannot be
 * reached, and CannotProceed when it refuses (no such table, no permission), each with its cause. `damaged` hears of
 * each item that cannot be read, each time. `read`: of a table whose items never change, each can be unpacked once.
 */
export function openTable(region: string, name: string, damaged: Damaged, read: Unpacking = unpacked) {
  const client = clientOf(region);

  const said = (what: string): string => `${what} in table ${name} of ${region}`;

  /** A conditional write: false where the condition does not hold. */
  async function attempt(what: string, request: Promise<unknown>): Promise<boolean> {
    const held = request.then(
      () => true,
      (error: unknown) => {
        if (faultName(error) === 'ConditionalCheckFailedException') return false;
        throw error;
      },
    );
    return calling(said(what), held);
  }

  function write(item: Item, condition: Condition | undefined): Promise<boolean> {
    const command = new PutCommand({ TableName: name, Item: item, ...conditionOf(condition) });
    return attempt(`put ${item.pk} / ${item.sk}`, client.send(command));
  }

  async function* pages(input: Omit<QueryCommandInput, 'TableName'>) {
    let from: QueryCommandInput['ExclusiveStartKey'];
    do {
      const query = new QueryCommand({ TableName: name, ConsistentRead: true, ...input, ExclusiveStartKey: from });
      const page = await client.send(query);
      yield page;
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  return {
    read,

    async get(key: Key): Promise<Item | null> {
      const command = new GetCommand({ TableName: name, Key: key, ConsistentRead: true });
      const { Item } = await calling(said(`get ${key.pk} / ${key.sk}`), client.send(command));
      return Item === undefined ? null : (Item as Item); // a table's keys are in each of its items, and are texts
    },

    /**
     * Writes an item, if what reads it would take it as it comes back. False, and nothing is changed, where the
     * condition does not hold for what is stored. @throws CannotProceed naming the attribute that could not be read.
     */
    async put(item: Item, unpack: Unpack<unknown>, condition?: Condition): Promise<boolean> {
      const why = whyNotKept(item) ?? corruptionIn(unpack(item));
      if (why !== null) throw new CannotProceed(`item ${item.pk} / ${item.sk} cannot be written: ${why}`);
      return write({ ...item, format: recordFormat }, condition);
    },

    /** Copies an item as it stands, damaged or not, to another key that must be free; otherwise nothing is changed. */
    async copy(item: Item, to: Key): Promise<void> {
      await write({ ...item, ...to }, { expression: 'attribute_not_exists(#pk)' });
    },

    /** Adds one to a number of an item. False, and nothing is changed, where the condition does not hold. */
    increment(key: Key, attribute: string, condition: Condition): Promise<boolean> {
      const set = `SET #${attribute} = #${attribute} + :one`;
      const command = new UpdateCommand({
        TableName: name,
        Key: key,
        UpdateExpression: set,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: namesIn(`${set} ${condition.expression}`),
        ExpressionAttributeValues: { ...condition.values, ':one': 1 },
      });
      return attempt(`count ${key.pk} / ${key.sk}`, client.send(command));
    },

    /** Deletes an item. False, and nothing is changed, where the condition does not hold for what is stored. */
    remove(key: Key, condition?: Condition): Promise<boolean> {
      const command = new DeleteCommand({ TableName: name, Key: key, ...conditionOf(condition) });
      return attempt(`delete ${key.pk} / ${key.sk}`, client.send(command));
    },

    /** All items of a partition in the order of their sort keys, of which `prefix` is the beginning. */
    async query(pk: string, { prefix, filter }: { prefix?: string; filter?: Condition } = {}): Promise<Item[]> {
      const keys = prefix === undefined ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :prefix)';
      const input = {
        KeyConditionExpression: keys,
        ExpressionAttributeNames: namesIn(`${keys} ${filter?.expression ?? ''}`),
        ExpressionAttributeValues: { ':pk': pk, ...(prefix !== undefined && { ':prefix': prefix }), ...filter?.values },
        ...(filter !== undefined && { FilterExpression: filter.expression }),
      };
      const items: Item[] = [];
      for await (const { Items } of callingEach(said(`query ${pk}`), pages(input))) {
        items.push(...((Items ?? []) as Item[]));
      }
      return items;
    },

    /** The records of items that can be read. The others are left out, and told of at once. */
    recordsIn<Record>(items: readonly Item[], unpack: Unpack<Record>): Record[] {
      const records: Record[] = [];
      const corrupt: Parameters<Damaged>[0][number][] = [];
      for (const item of items) {
        const found = read(item, unpack);
        if ('record' in found) records.push(found.record);
        else corrupt.push(unreadable(item, found.corrupt));
      }
      if (corrupt.length > 0) damaged(corrupt);
      return records;
    },

    /** The record of an item; where it cannot be read, which is told, what `otherwise` gives or throws. */
    recordIn<Record, Otherwise>(
      item: Item,
      unpack: Unpack<Record>,
      otherwise: (item: Item, why: string) => Otherwise,
    ): Record | Otherwise {
      const found = read(item, unpack);
      if ('record' in found) return found.record;
      damaged([unreadable(item, found.corrupt)]);
      return otherwise(item, found.corrupt);
    },

    /** How many items a partition has. */
    async count(pk: string): Promise<number> {
      const input = {
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: namesIn('#pk'),
        ExpressionAttributeValues: { ':pk': pk },
        Select: 'COUNT' as const,
      };
      let total = 0;
      for await (const { Count } of callingEach(said(`query ${pk}`), pages(input))) total += Count ?? 0;
      return total;
    },
  };
}

/**
 * What an item gives that was asked for by its key and cannot be read, unless something else is safer.
 * @throws CannotProceed naming the item: asking again cannot help, a person must look at it.
 */
export function refused(item: Item, why: string): never {
  const is = isNewer(item) ? 'is of a newer stack: deploy this region' : 'is corrupt';
  throw new CannotProceed(`item ${item.pk} / ${item.sk} ${is}: ${why}`);
}

function unreadable(item: Item, why: string): Parameters<Damaged>[0][number] {
  const { pk, sk } = item;
  return { pk, sk, why, ...(isNewer(item) && { newer: true }) };
}

/** Holds where nothing with as late a time is stored. What has no time, or one that is none, is replaced. */
export function isNewerAt(at: number): Condition {
  return { expression: 'NOT #at >= :at', values: { ':at': at } };
}

function corruptionIn(read: ReturnType<Reader<unknown>>): string | null {
  return 'corrupt' in read ? read.corrupt : null;
}

/** Whether a write failed because another region, or a transaction, was changing the same item. */
export function isConflict(error: unknown): boolean {
  return contended.includes(faultName(error));
}

function conditionOf(condition: Condition | undefined) {
  if (condition === undefined) return {};
  return {
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: namesIn(condition.expression),
    ...(condition.values !== undefined && { ExpressionAttributeValues: condition.values }),
  };
}

/** Expressions are written in the code, a few dozen of them: each is read once. */
function namesIn(expression: string): Readonly<Record<string, string>> {
  const known = namesOf.get(expression);
  if (known !== undefined) return known;
  const found = [...expression.matchAll(/#(\w+)/g)].map(([alias, attribute]) => [alias, attribute ?? ''] as const);
  const names = Object.freeze(Object.fromEntries(found));
  namesOf.set(expression, names);
  return names;
}
const namesOf = new Map<string, Readonly<Record<string, string>>>();
