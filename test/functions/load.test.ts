// A storm on a real server of DynamoDB's protocol: ten thousand alarms in a minute, read by many copies at once, some of them delivered
// twice and in any order, with poison among them. And what a judgement reads, while the account grows old.
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import type { Store } from '../../functions/domain/record/store.ts';
import { damageIn } from '../../functions/shared/damage.ts';
import { createRandom } from '../../simulator/estate/chance/random.ts';
import { plan } from '../plan.ts';
import type { Batch, Read } from './load-copy.ts';
import { openIncident, setting, start } from './setting.ts';

/** The server has a thread of its own: the copies would not let it answer in time. */
const server = new Worker(
  `const server = require('dynalite')({ createTableMs: 0 });
   server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));`,
  { eval: true },
);
/** Heard from the start: it may listen before a test does. */
const listening = once(server, 'message');

/** Step Functions, SQS and SNS: they take whatever they are sent. */
const started: { readonly name: string; readonly input: string }[] = [];
const others = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    if (String(request.headers['x-amz-target']).endsWith('.StartExecution')) started.push(JSON.parse(body));
    if (String(request.headers['x-amz-target']).endsWith('.SendMessage')) {
      const { MessageBody } = JSON.parse(body);
      return response.end(JSON.stringify({ MD5OfMessageBody: hash('md5', MessageBody) }));
    }
    const isQuery = body.startsWith('Action=') || body.includes('&Action=');
    return response.end(isQuery ? '<PublishResponse><PublishResult/></PublishResponse>' : '{}');
  });
});
const region = 'us-east-1';
let client: DynamoDBClient;

beforeAll(async () => {
  const [port] = await listening;
  others.listen(0, '127.0.0.1');
  await once(others, 'listening');
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(others.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${port}`);
  client = new DynamoDBClient({ region });
}, 60_000);

afterAll(async () => {
  client.destroy();
  await server.terminate();
  others.closeAllConnections();
  others.close();
  vi.unstubAllEnvs();
});

async function createTable(TableName: string): Promise<Store> {
  const AttributeDefinitions = ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const KeySchema = [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions, KeySchema }),
  );
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 10 }, { TableName });
  return dynamoStore(region, TableName, plan, damageIn(setting()));
}

/** A copy of classify, which reads one batch at a time. */
function copyOn(table: string) {
  const copy = new Worker(new URL('load-copy.ts', import.meta.url), { workerData: { region, table } });
  return {
    async read(batch: Batch): Promise<Read> {
      copy.postMessage(batch);
      const [read] = await once(copy, 'message');
      return read;
    },
    end: () => copy.terminate(),
  };
}

const alarms = 10_000;
const names = 100;
const copies = 6;
/** As the queue hands them over. */
const batchSize = 100;
const random = createRandom(1);

/** Alarms of every layer of one zone, each of which changes its state many times in the minute; in the end all are in alarm. */
const layers = ['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'];
const storm = Array.from({ length: alarms }, (_, index) => {
  const name = index % names;
  const layer = layers[name % layers.length];
  const isLast = index >= alarms - names;
  return {
    messageId: `m-${index}`,
    body: JSON.stringify({
      id: `event-${index}`,
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      time: new Date(start + Math.floor((index * 60_000) / alarms)).toISOString(),
      region,
      account: '111122223333',
      detail: {
        alarmName: `chatops-${layer}${name < layers.length ? '' : `-${String(name).padStart(3, '0')}`}-use1-az1`,
        state: {
          value: isLast || random() < 0.8 ? 'ALARM' : 'OK',
          timestamp: new Date(start + index * 6).toISOString(),
        },
      },
    }),
  };
});

const happened = new Map(storm.map(({ messageId }, index) => [messageId, start + index * 6]));

/** What no alarm says, and what stops a careless reader. */
const poison = [
  'no JSON at all',
  '{"__proto__":{"lookAgain":"us-east-1"}}',
  '[]',
  'null',
  JSON.stringify({ id: 'x'.repeat(5_000), source: 'aws.cloudwatch', detail: { alarmName: 7 } }),
].map((body, index) => ({ messageId: `poison-${index}`, body }));

const look = { messageId: 'm', body: `{"lookAgain":"${region}"}` };

test('ten thousand alarms in a minute are one incident and one execution; nothing fails, nothing is lost, and poison costs only itself', {
  timeout: 600_000,
}, async () => {
  const table = 'breakwater-load';
  const store = await createTable(table);
  // One of twenty is delivered twice, and neighbours change places.
  const twice = storm.filter(() => random() < 0.05);
  const delivered = [...storm, ...twice, ...poison]
    .map((record, index) => ({ record, rank: Math.min(index, alarms) + random() * 2_000 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ record }) => record);
  const waiting = Array.from({ length: Math.ceil(delivered.length / batchSize) }, (_, index) =>
    delivered.slice(index * batchSize, (index + 1) * batchSize),
  ).values();
  let now = start;
  const reads: Read[] = [];
  const all = Array.from({ length: copies }, () => copyOn(table));
  await Promise.all(
    all.map(async ({ read }) => {
      for (const records of waiting) {
        // No event is read before it happened.
        now = Math.max(now, ...records.map(({ messageId }) => happened.get(messageId) ?? start));
        reads.push(await read({ now, records }));
      }
    }),
  );
  now = start + 60_000 + plan.evidence.zone.confirmSeconds.costly * 1000;
  for (const one of await Promise.all(all.map(({ read }) => read({ now, records: [look] })))) reads.push(one);
  await Promise.all(all.map(({ end }) => end()));

  expect(reads.flatMap(({ errors }) => errors)).toEqual([]);
  expect(reads.flatMap(({ failed }) => failed)).toEqual([]);
  const signals = await store.readSignals(region, 0);
  const inAlarm = signals.filter((signal) => 'condition' in signal && signal.condition === 'failing');
  expect(inAlarm).toHaveLength(names);
  expect(await store.countStrays()).toBe(poison.length);
  const open = await store.readOpenIncident(region);
  expect(open?.scope).toEqual({ region, zone: 'use1-az1' });
  expect(new Set(started.map(({ name }) => name))).toEqual(new Set([open?.decisions.at(-1)?.execution]));
  expect(new Set(started.map(({ input }) => input)).size).toBe(1);
});

/** Closed incidents with their records, requests that were settled, and events that gave no signal: what years leave in the table. */
async function grow(store: Store, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) {
    const at = start - 400 * 86_400_000 + index * 3_600_000;
    const id = `${region}-old-${index}`;
    const incident = { ...openIncident, id, openedAt: at, lastSignalAt: at, version: 1 };
    expect(await store.writeIncident(incident)).toBe(true);
    expect(await store.writeIncident({ ...incident, closedAt: at + 60_000, version: 2 })).toBe(true);
    const execution = `${id}-az-failover-1`;
    for (const step of ['leave-zone/database', 'verify-service', 'record-recovery'])
      await store.recordStep({ incident: id, execution, step, at, outcome: { said: 'x'.repeat(500) } });
    await store.keepStray({ id, at, reason: 'no rule', event: 'x'.repeat(1_000) });
    await store.markSent(`decision:${id}`, at);
  }
}

test('what a judgement reads stays the same while the account grows ten times as old', {
  timeout: 300_000,
}, async () => {
  const table = 'breakwater-growing';
  const store = await createTable(table);
  const copy = copyOn(table);
  const ofZone = storm.slice(0, names).map((record) => ({ ...record, messageId: `of-zone-${record.messageId}` }));
  await grow(store, 0, 20);
  await copy.read({ now: start + 60_000, records: ofZone });
  const readUnits = async () => (await copy.read({ now: start + 61_000, records: [look] })).readUnits;
  await readUnits(); // once for what it decides
  const young = await readUnits();
  await copy.read({ now: start + 62_000, records: [look] });
  await grow(store, 20, 200);
  const old = await readUnits();
  await copy.end();
  expect(young).toBeGreaterThan(0);
  expect(old).toBe(young);
});
