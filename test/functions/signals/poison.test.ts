// A poisoned table, on a real server of DynamoDB's protocol: what one item holds stops neither the judging of its region nor
// the steps of a flow, and a person hears of it.
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { dynamoStore } from '../../../functions/aws/store/store.ts';
import { handler as classify } from '../../../functions/classify.ts';
import { damageIn } from '../../../functions/shared/damage.ts';
import type { Details, Shell } from '../../../functions/shared/shell.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { setting, start } from '../setting.ts';

const server = dynalite({ createTableMs: 0 });
const sfn = mocked(SFNClient);
const sqs = mocked(SQSClient);
mocked(SNSClient);
const region = 'us-east-1';
let client: DynamoDBClient;
let tables = 0;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client = new DynamoDBClient({ region });
});

afterAll(async () => {
  client.destroy();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  vi.unstubAllEnvs();
});

beforeEach(() => {
  sfn.reset();
  sfn.on(StartExecutionCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
});

/** A stack over an empty table, and what its log was told with the level error. */
async function stack(): Promise<{ shell: Shell; table: string; errors: [string, Details | undefined][] }> {
  tables += 1;
  const table = `breakwater-poison-${tables}`;
  const AttributeDefinitions = ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
  const KeySchema = [
    { AttributeName: 'pk', KeyType: 'HASH' as const },
    { AttributeName: 'sk', KeyType: 'RANGE' as const },
  ];
  const BillingMode = 'PAY_PER_REQUEST';
  await client.send(new CreateTableCommand({ TableName: table, BillingMode, AttributeDefinitions, KeySchema }));
  await waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 10 }, { TableName: table });
  const errors: [string, Details | undefined][] = [];
  const silent = () => undefined;
  const base = setting({
    log: { info: silent, warn: silent, error: (message, details) => void errors.push([message, details]) },
    now: () => start + plan.evidence.zone.confirmSeconds.costly * 1000,
  });
  return { shell: { ...base, store: dynamoStore(region, table, plan, damageIn(base)) }, table, errors };
}

const zoneFails = ['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'].map((name, index) => ({
  messageId: `m-${index}`,
  body: JSON.stringify({
    id: `event-${index}`,
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time: new Date(start).toISOString(),
    region,
    account: '111122223333',
    detail: { alarmName: `chatops-${name}-use1-az1`, state: { value: 'ALARM' } },
  }),
}));

/** What a version before this one wrote of `plannedMinutes: 1e15`. */
const window = {
  pk: { S: `signals#${region}` },
  sk: { S: 'maintenance:mw-1:started' },
  id: { S: 'e-1' },
  at: { N: String(start) },
  observer: { S: region },
  kind: { S: 'maintenance' },
  window: { S: 'S3CR3T' },
  phase: { S: 'started' },
  targets: { L: [{ S: 'all' }] },
  plannedSeconds: { N: '60000000000000000' },
};

test('a window of a million million hours stops nothing, and is told of with its key', async () => {
  const { shell, table, errors } = await stack();
  await client.send(new PutItemCommand({ TableName: table, Item: window }));
  expect(await classify.on(shell)({ Records: zoneFails } as never)).toEqual({ batchItemFailures: [] });
  expect(sfn.commandCalls(StartExecutionCommand)).toHaveLength(1);
  expect(errors[0]).toEqual([
    'items that cannot be read',
    {
      items: [
        { pk: `signals#${region}`, sk: 'maintenance:mw-1:started', why: expect.stringContaining('plannedSeconds') },
      ],
      StoreDamaged: 1,
      Region: region,
      _aws: {
        Timestamp: shell.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'breakwater-test',
            Dimensions: [['Region']],
            Metrics: [{ Name: 'StoreDamaged', Unit: 'Count' }],
          },
        ],
      },
    },
  ]);
  expect(JSON.stringify(errors)).not.toContain('S3CR3T');
});

test('an open incident that is damaged is judged afresh, and its lock keeps a second flow from starting', async () => {
  const { shell, table } = await stack();
  const { store, now } = shell;
  await classify.on(shell)({ Records: zoneFails } as never);
  const opened = await store.readOpenIncident(region);
  const execution = opened?.decisions.at(-1)?.execution ?? '';
  const id = opened?.id ?? '';
  await store.takeLock({ target: region, execution, incident: id, action: 'az-failover', at: now() });
  const broken = { pk: { S: 'incidents' }, sk: { S: `now#${region}` }, id: { S: id }, version: { N: '1' } };
  await client.send(new PutItemCommand({ TableName: table, Item: broken }));
  await classify.on(shell)({ Records: [{ messageId: 'm', body: `{"lookAgain":"${region}"}` }] } as never);
  const again = await store.readOpenIncident(region);
  expect(again?.decisions.map(({ action, hold }) => [action, hold])).toEqual([['hold', 'another-execution-active']]);
  expect(new Set(sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input.name))).toEqual(
    new Set([execution]),
  );
});

test('of a hundred damaged items a line counts all and names a few', async () => {
  const { shell, table, errors } = await stack();
  for (let index = 0; index < 100; index += 1) {
    const sk = { S: `alarm-${index}` };
    await client.send(new PutItemCommand({ TableName: table, Item: { ...window, sk } }));
  }
  expect(await shell.store.readSignals(region, 0)).toEqual([]);
  expect(errors).toHaveLength(1);
  expect(errors[0]?.[1]).toMatchObject({ StoreDamaged: 100 });
  expect(errors[0]?.[1]?.['items']).toHaveLength(20);
});
