// A storm on a real server of DynamoDB's protocol: ten thousand alarms in a minute, read by many copies at once, some of them delivered
// twice and in any order, with poison among them.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { dynamoStore } from '../../functions/aws/store/store.ts';
import { handler as classify } from '../../functions/classify.ts';
import { damageIn } from '../../functions/shared/damage.ts';
import { createRandom } from '../../simulator/estate/chance/random.ts';
import { mocked } from '../mocked.ts';
import { plan } from '../plan.ts';
import { setting, start } from './setting.ts';

/** The server has a thread of its own: the copies would not let it answer in time. */
const server = new Worker(
  `const server = require('dynalite')({ createTableMs: 0 });
   server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));`,
  { eval: true },
);
const [sfn, sqs, sns] = [mocked(SFNClient), mocked(SQSClient), mocked(SNSClient)];
const region = 'us-east-1';
const table = 'breakwater-load';

beforeAll(async () => {
  sfn.on(StartExecutionCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  const [port] = await once(server, 'message');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${port}`);
  const client = new DynamoDBClient({ region });
  const AttributeDefinitions = ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const KeySchema = [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ];
  await client.send(
    new CreateTableCommand({ TableName: table, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions, KeySchema }),
  );
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 10 }, { TableName: table });
  client.destroy();
});

afterAll(async () => {
  await server.terminate();
  vi.unstubAllEnvs();
});

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

test('ten thousand alarms in a minute are one incident and one execution; nothing is lost, and poison costs only itself', {
  timeout: 600_000,
}, async () => {
  let now = start;
  const copy = () => {
    const base = setting({ now: () => now });
    return classify.on({ ...base, store: dynamoStore(region, table, plan, damageIn(base)) });
  };
  // One of twenty is delivered twice, and neighbours change places.
  const twice = storm.filter(() => random() < 0.05);
  const delivered = [...storm, ...twice, ...poison]
    .map((record, index) => ({ record, rank: Math.min(index, alarms) + random() * 2_000 }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ record }) => record);
  const batches = Array.from({ length: Math.ceil(delivered.length / batchSize) }, (_, index) =>
    delivered.slice(index * batchSize, (index + 1) * batchSize),
  );
  const waiting = batches.map((records) => ({ records, deliveries: 0 }));
  const dead: unknown[] = [];
  const reads = async (): Promise<void> => {
    const read = copy();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { records } = next;
      // No event is read before it happened.
      now = Math.max(now, ...records.map(({ messageId }) => happened.get(messageId) ?? start));
      // What a copy could not do is delivered again, as the queue does; after the third time it would lie with the dead letters.
      const failed = await read({ Records: records } as never).then(
        ({ batchItemFailures }) => batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
        () => records.map(({ messageId }) => messageId),
      );
      const again = records.filter(({ messageId }) => failed.includes(messageId));
      if (again.length > 0 && next.deliveries < 2) waiting.push({ records: again, deliveries: next.deliveries + 1 });
      else dead.push(...again);
    }
  };
  await Promise.all(Array.from({ length: copies }, reads));
  now = start + 60_000 + plan.evidence.zone.confirmSeconds.costly * 1000;
  const look = { Records: [{ messageId: 'm', body: `{"lookAgain":"${region}"}` }] } as never;
  const looks = await Promise.all(Array.from({ length: copies }, () => copy()(look)));

  expect(dead).toEqual([]);
  expect(looks.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
  const base = setting();
  const store = dynamoStore(region, table, plan, damageIn(base));
  const signals = await store.readSignals(region, 0);
  const inAlarm = signals.filter((signal) => 'condition' in signal && signal.condition === 'failing');
  expect(inAlarm).toHaveLength(names);
  const open = await store.readOpenIncident(region);
  expect(open?.scope).toEqual({ region, zone: 'use1-az1' });
  const started = sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
  expect(new Set(started.map(({ name }) => name))).toEqual(new Set([open?.decisions.at(-1)?.execution]));
  expect(new Set(started.map(({ input }) => input)).size).toBe(1);
});
