// The store over the small client that the bundles hold, against the same contract and the same real server of the protocol.
import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';
import { afterAll, beforeAll, vi } from 'vitest';
import { dynamoStore } from '../../../functions/aws/store.ts';
import { storeContract } from '../../store/contract.ts';
import { damageContract } from '../../store/damage.contract.ts';
import { plan, region } from '../../store/samples.ts';

vi.mock('@aws-sdk/client-dynamodb', () => import('../../../functions/aws/slim-dynamodb.ts'));
vi.mock('@aws-sdk/lib-dynamodb', () => import('../../../functions/aws/slim-dynamodb.ts'));

const server = dynalite({ createTableMs: 0 });
let tables = 0;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  vi.unstubAllEnvs();
});

const importSdk = () => vi.importActual<typeof import('@aws-sdk/client-dynamodb')>('@aws-sdk/client-dynamodb');

async function createTable(): Promise<string> {
  const sdk = await importSdk();
  const client = new sdk.DynamoDBClient({ region });
  tables += 1;
  const TableName = `breakwater-${tables}`;
  await client.send(
    new sdk.CreateTableCommand({
      TableName,
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
  await sdk.waitUntilTableExists({ client, minDelay: 1, maxDelay: 1, maxWaitTime: 10 }, { TableName });
  client.destroy();
  return TableName;
}

const name = 'DynamoDB store over the small client';

storeContract(name, async () => dynamoStore(region, await createTable(), plan, () => undefined));

damageContract(name, async (damaged) => {
  const TableName = await createTable();
  const sdk = await importSdk();
  const raw = new sdk.DynamoDBClient({ region });
  return {
    store: dynamoStore(region, TableName, plan, damaged),
    put: async (Item) => void (await raw.send(new sdk.PutItemCommand({ TableName, Item }))),
    items: async () => (await raw.send(new sdk.ScanCommand({ TableName }))).Items ?? [],
  };
});
