// The DynamoDB store against the contract, on a real server of the protocol, and against servers that refuse.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { dynamoStore } from '../../../../functions/aws/store/store.ts';
import { CannotProceed, Unavailable } from '../../../../functions/domain/errors.ts';
import { plan } from '../../../plan.ts';
import { storeContract } from '../../../store/contract.ts';
import { damageContract } from '../../../store/damage.contract.ts';
import { alarm, incidentOf, region } from '../../../store/samples.ts';

const endpoint = 'AWS_ENDPOINT_URL_DYNAMODB';
const server = dynalite({ createTableMs: 0 });
let raw: DynamoDBDocumentClient;
let tables = 0;
const hear = (): void => undefined;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv(endpoint, await listen(server));
  raw = DynamoDBDocumentClient.from(new DynamoDBClient({ region }));
});

afterAll(async () => {
  raw.destroy();
  await new Promise((closed) => server.close(closed));
  vi.unstubAllEnvs();
});

async function listen(on: Server): Promise<string> {
  await new Promise<void>((listening) => on.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}`;
}

async function createTable(): Promise<string> {
  tables += 1;
  const name = `breakwater-${tables}`;
  await raw.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const describe = new DescribeTableCommand({ TableName: name });
  while ((await raw.send(describe)).Table?.TableStatus !== 'ACTIVE') await setImmediate();
  return name;
}

storeContract('DynamoDB store', async () => dynamoStore(region, await createTable(), plan, hear));

damageContract('DynamoDB store', async (damaged) => {
  const TableName = await createTable();
  return {
    store: dynamoStore(region, TableName, plan, damaged),
    put: async (Item) => void (await raw.send(new PutItemCommand({ TableName, Item }))),
    items: async () => (await raw.send(new ScanCommand({ TableName }))).Items ?? [],
  };
});

describe('items', () => {
  test('the signals of a storm of 2,000 alarms take well under the 1 MB of one answer', async () => {
    const table = await createTable();
    const name = 'chatops-ingress-target-response-time-123-use1-az1';
    await dynamoStore(region, table, plan, hear).keepSignals([
      alarm({
        id: crypto.randomUUID(),
        key: `alarm:${region}:${name}`,
        component: 'ingress',
        measure: 'target-response-time',
      }),
    ]);
    const { Items } = await raw.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': `signals#${region}` },
      }),
    );
    // Names and values as text are more than DynamoDB counts.
    const bytes = Object.entries(Items?.[0] ?? {})
      .flat()
      .join('').length;
    expect(bytes).toBeGreaterThan(100);
    expect(bytes * 2_000).toBeLessThan(700_000);
  });

  test('a sweep that finds one change among 60 alarms writes one item', async () => {
    const store = dynamoStore(region, await createTable(), plan, hear);
    const alarms = Array.from({ length: 60 }, (_, index) => alarm({ key: `alarm-${index}` }));
    await store.keepSignals(alarms);
    const operations: (string | undefined)[] = [];
    const watch = ({ headers }: IncomingMessage) => operations.push(String(headers['x-amz-target']).split('.')[1]);
    server.on('request', watch);
    await store.keepSignals(alarms.map((signal, index) => (index === 7 ? { ...signal, at: signal.at + 1 } : signal)));
    server.off('request', watch);
    expect(operations).toEqual(['Query', 'PutItem']);
  });

  test('what an alarm says does not expire, and events, strays and sent marks do', async () => {
    const table = await createTable();
    const store = dynamoStore(region, table, plan, hear);
    const at = 1_000_500;
    await store.keepSignals([
      alarm({ key: 'alarm', at }),
      { id: 'b', key: 'beat', at, region, observer: region, kind: 'beat' },
    ]);
    await store.keepStray({ id: 'stray', at, reason: 'unknown', event: '{}' });
    await store.markSent('message', at);
    const expiry = async (pk: string, sk: string) =>
      (await raw.send(new GetCommand({ TableName: table, Key: { pk, sk } }))).Item?.['expiresAt'];
    expect(await expiry(`signals#${region}`, 'alarm')).toBeUndefined();
    const month = 30 * 86_400 + 1_001;
    expect(await expiry(`signals#${region}`, 'beat')).toBe(month);
    expect(await expiry('stray', 'stray')).toBe(month);
    expect(await expiry('sent#message', 'sent')).toBe(month);
  });

  test('every read is strongly consistent', async () => {
    const store = dynamoStore(region, await createTable(), plan, hear);
    const reads: unknown[] = [];
    const watch = (request: IncomingMessage) => {
      let body = '';
      request.on('data', (part: Buffer) => {
        body += part.toString();
      });
      request.on('end', () => reads.push(JSON.parse(body)));
    };
    server.on('request', watch);
    await Promise.all([store.readSignals(region, 0), store.countStrays(), store.readStanding(region)]);
    await Promise.all([store.readOpenIncident(region), store.readIncident('a'), store.listIncidents()]);
    await Promise.all([store.readAudit('a'), store.readSteps('a'), store.wasSent('a')]);
    server.off('request', watch);
    expect(reads).toHaveLength(13);
    for (const read of reads) expect(read).toHaveProperty('ConsistentRead', true);
  });

  test('roles that a failover has moved are read from the table', async () => {
    const table = await createTable();
    const moved = { primary: 'us-west-2', epoch: 4 };
    await raw.send(new PutCommand({ TableName: table, Item: { pk: 'standing', sk: 'roles', ...moved } }));
    expect(await dynamoStore(region, table, plan, hear).readStanding(region)).toMatchObject(moved);
  });

  test('a crash between keeping the closed incident and opening the next one leaves both to be found', async () => {
    const table = await createTable();
    const store = dynamoStore(region, table, plan, hear);
    await store.writeIncident(incidentOf({}));
    const closed = incidentOf({ version: 2, closedAt: 5 });
    await store.writeIncident(closed);
    const key = { pk: 'incidents', sk: `now#${region}` };
    const { Item } = await raw.send(new GetCommand({ TableName: table, Key: key }));
    await raw.send(new PutCommand({ TableName: table, Item: { ...Item, sk: 'past#incident-1' } }));
    expect(await store.listIncidents()).toEqual([closed]);
    expect(await store.readIncident('incident-1')).toEqual(closed);
    const added = { ...closed, version: 3, lastSignalAt: 9 };
    expect(await store.writeIncident(added)).toBe(true);
    expect(await store.writeIncident({ ...added, lastSignalAt: 10 })).toBe(false);
    expect(await store.readIncident('incident-1')).toEqual(added);
    expect(await store.writeIncident(incidentOf({ id: 'incident-2' }))).toBe(true);
    expect(await store.readIncident('incident-1')).toEqual(added);
  });
});

describe('faults', () => {
  /** A store of a region of its own, since clients are kept by region, whose server answers as said. */
  async function storeOn(own: string, answer: (operation: string) => { status: number; type?: string } | null) {
    const failing = createServer((request, response) => {
      const given = answer(String(request.headers['x-amz-target']).split('.')[1] ?? '');
      if (given === null) return request.destroy();
      response.writeHead(given.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(given.type === undefined ? '{}' : JSON.stringify({ __type: `x#${given.type}`, message: 'no' }));
    });
    // The client asks for its endpoint with its first request, so that it must be set until the server closes.
    const dynamo = process.env[endpoint];
    vi.stubEnv(endpoint, await listen(failing));
    const close = () => {
      failing.close();
      vi.stubEnv(endpoint, dynamo);
    };
    return { store: dynamoStore(own, 'breakwater', plan, hear), close };
  }

  test.for([
    ['throttles', { status: 400, type: 'ThrottlingException' }, Unavailable],
    ['throttles a partition', { status: 400, type: 'ProvisionedThroughputExceededException' }, Unavailable],
    ['fails', { status: 500, type: 'InternalServerError' }, Unavailable],
    ['hangs up', null, Unavailable],
    ['has no such table', { status: 400, type: 'ResourceNotFoundException' }, CannotProceed],
    ['forbids it', { status: 400, type: 'AccessDeniedException' }, CannotProceed],
  ] as const)('a table that %s is said with its cause', { timeout: 30_000 }, async ([what, answer, kind]) => {
    const { store, close } = await storeOn(`eu-${what.replaceAll(' ', '-')}-1`, () => answer);
    const error = await store.readOpenIncident(region).catch((thrown: unknown) => thrown);
    close();
    expect(error).toBeInstanceOf(kind);
    expect(error).toHaveProperty(
      'message',
      expect.stringContaining(`get incidents / now#${region} in table breakwater`),
    );
    expect(error).toHaveProperty('cause.name', answer === null ? 'TimeoutError' : answer.type);
  });

  test('a write that meets one of another region was not first, and nothing else is lost to it', async () => {
    const { store, close } = await storeOn('eu-conflict-1', (operation) =>
      operation === 'PutItem' ? { status: 400, type: 'ReplicatedWriteConflictException' } : { status: 200 },
    );
    expect(await store.writeIncident(incidentOf({}))).toBe(false);
    expect(await store.writeIncident(incidentOf({ version: 2 }))).toBe(false);
    await expect(store.keepSignals([alarm({})])).rejects.toThrow(Unavailable);
    close();
  }, 30_000);
});
