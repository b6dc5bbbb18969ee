// The table of the incident store: strongly consistent reads of every page, conditional writes of single items.
// There are no transactions: a table with strong consistency over several regions does not offer them.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { CannotProceed } from '../domain/errors.ts';
import type { Reader } from '../domain/recorded.ts';
import { limits, oneForEachRegion } from './client.ts';
import { asking, askingEach, faultName } from './faults.ts';

export type Key = { readonly pk: string; readonly sk: string };
export type Item = Key & Readonly<Record<string, unknown>>;

/** An expression over `#attribute` and `:value`; every name is written with #, since DynamoDB reserves hundreds of words. */
export type Condition = { readonly expression: string; readonly values?: Readonly<Record<string, unknown>> };

export type Table = ReturnType<typeof openTable>;

const clientOf = oneForEachRegion((region) => DynamoDBDocumentClient.from(new DynamoDBClient({ region, ...limits })));

/**
 * The table as one region sees it. Every method throws Unavailable when DynamoDB throttles, times out or cannot be
 * reached, and CannotProceed when it refuses (no such table, no permission), each with its cause.
 */
export function openTable(region: string, name: string) {
  const client = clientOf(region);

  const said = (what: string): string => `${what} in table ${name} of ${region}`;

  /** A conditional write: false where the condition does not hold. */
  async function attempt(what: string, request: Promise<unknown>): Promise<boolean> {
    try {
      await asking(said(what), request);
      return true;
    } catch (error) {
      if (faultName(error) === 'ConditionalCheckFailedException') return false;
      throw error;
    }
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
    async get(key: Key): Promise<Item | null> {
      const command = new GetCommand({ TableName: name, Key: key, ConsistentRead: true });
      const { Item } = await asking(said(`get ${key.pk} / ${key.sk}`), client.send(command));
      return Item === undefined ? null : { ...Item, ...key };
    },

    /** Writes an item. False, and nothing is changed, where the condition does not hold for what is stored. */
    put(item: Item, condition?: Condition): Promise<boolean> {
      const command = new PutCommand({ TableName: name, Item: item, ...conditionOf(condition) });
      return attempt(`put ${item.pk} / ${item.sk}`, client.send(command));
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
      for await (const { Items } of askingEach(said(`query ${pk}`), pages(input))) {
        for (const item of Items ?? []) items.push({ ...item, pk, sk: String(item['sk']) });
      }
      return items;
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
      for await (const { Count } of askingEach(said(`query ${pk}`), pages(input))) total += Count ?? 0;
      return total;
    },
  };
}

/**
 * The record an item holds. `raw` is what to check where that is not the item itself.
 * @throws CannotProceed naming the item when it is damaged: asking again cannot help, a person must look at it.
 */
export function recordIn<Record>(item: Item, read: Reader<Record>, raw: unknown = item): Record {
  const found = read(raw);
  if ('record' in found) return found.record;
  throw new CannotProceed(`item ${item.pk} / ${item.sk} is corrupt: ${found.corrupt}`);
}

/** Whether a write failed because another region, or a transaction, was changing the same item. */
export function isConflict(error: unknown): boolean {
  const name = faultName(error);
  return name === 'ReplicatedWriteConflictException' || name === 'TransactionConflictException';
}

function conditionOf(condition: Condition | undefined) {
  if (condition === undefined) return {};
  return {
    ConditionExpression: condition.expression,
    ExpressionAttributeNames: namesIn(condition.expression),
    ...(condition.values !== undefined && { ExpressionAttributeValues: condition.values }),
  };
}

function namesIn(expression: string): Record<string, string> {
  return Object.fromEntries([...expression.matchAll(/#(\w+)/g)].map(([alias, attribute]) => [alias, attribute ?? '']));
}
