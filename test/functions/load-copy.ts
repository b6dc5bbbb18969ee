// One copy of classify in a thread of its own, as Lambda runs each in a process of its own: with its own clients, sockets and event loop.
// It reads the batches that it is sent, and says what failed, what it logged as an error, and how many units of the table it read.
import { parentPort, workerData } from 'node:worker_threads';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { limits } from '../../functions/aws/calls/client.ts';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import { handler as classify } from '../../functions/classify.ts';
import { damageIn } from '../../functions/shared/damage.ts';
import { setting } from './setting.ts';

export type Batch = {
  readonly now: number;
  readonly records: readonly { readonly messageId: string; readonly body: string }[];
};
export type Read = {
  readonly failed: readonly string[];
  readonly errors: readonly string[];
  readonly readUnits: number;
};

// DynamoDB has no single thread that six copies and the rest of this machine share: how soon this one answers says nothing.
Object.assign(limits.requestHandler, { connectionTimeout: 60_000, requestTimeout: 60_000 });

const { region, table } = workerData as { readonly region: string; readonly table: string };
let now = 0;
let errors: string[] = [];
let readUnits = 0;

type Asked = { readonly input: Record<string, unknown>; readonly constructor: { readonly name: string } };
type Answered = { readonly ConsumedCapacity?: { readonly CapacityUnits?: number } };
type Send = (this: unknown, command: Asked, ...rest: unknown[]) => Promise<Answered>;

// The table says what each request cost, where it is asked.
const client = DynamoDBDocumentClient.prototype as unknown as { send: Send };
const { send } = client;
client.send = async function (this: unknown, command, ...rest) {
  command.input['ReturnConsumedCapacity'] = 'TOTAL';
  const answered = await send.call(this, command, ...rest);
  if (/^(Get|Query)/.test(command.constructor.name)) readUnits += answered.ConsumedCapacity?.CapacityUnits ?? 0;
  return answered;
};

const silent = () => undefined;
const base = setting({
  region,
  now: () => now,
  log: {
    info: silent,
    warn: silent,
    error: (message, details) => void errors.push(`${message} ${JSON.stringify(details)}`),
  },
});
const handler = classify.on({ ...base, store: dynamoStore(region, table, base.plan, damageIn(base)) });

parentPort?.on('message', async ({ now: at, records }: Batch) => {
  now = at;
  errors = [];
  readUnits = 0;
  const failed = await handler({ Records: records }).then(
    ({ batchItemFailures }) => batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    () => records.map(({ messageId }) => messageId),
  );
  parentPort?.postMessage({ failed, errors, readUnits } satisfies Read);
});
