// What the functions that ask databases with SQL may do besides, where the plan has one asked: read the two secrets of its region, and
// compare with what was published.
import { expect, test } from 'vitest';
import { readPolicies } from '../../../simulator/iam/policies.ts';
import { madeOf } from '../../permissions/packaged.ts';
import { resolver } from '../../permissions/resolve.ts';
import { plan } from '../../plan.ts';
import { dataKey, planWithData } from '../../with-data.ts';

const region = 'us-west-2';

const roles = ['RdsInstanceVerifyRole', 'KeepLedgerRole'] as const;

function rightsOf(of: typeof plan, role: (typeof roles)[number] = 'RdsInstanceVerifyRole') {
  const resources = madeOf(of, region);
  return readPolicies(resources, role, resolver(resources, region));
}

test.for(roles)('%s may read the secrets of its region and use their key, and the key of the stack not', (role) => {
  const found = rightsOf(planWithData(), role).filter((right) => JSON.stringify(right).includes('secretsmanager'));
  const secret = (name: string) => `arn:aws:secretsmanager:us-west-2:111122223333:secret:${name}-??????`;
  expect(found).toEqual([
    expect.objectContaining({
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [secret('chatops/reader'), secret('chatops/writer')],
    }),
    expect.objectContaining({
      Action: ['kms:Decrypt'],
      Resource: [dataKey],
      Condition: { StringEquals: { 'kms:ViaService': 'secretsmanager.us-west-2.amazonaws.com' } },
    }),
  ]);
});

test('without data in the plan it may read no secret', () => {
  expect(JSON.stringify(rightsOf(plan))).not.toContain('secretsmanager');
});

test.for(roles)('%s stands in the network of the plan, where the database can be reached', (role) => {
  const joined = madeOf(planWithData(), region)['VpcRights'];
  expect(JSON.stringify(joined)).toContain(role);
  expect(JSON.stringify(madeOf({ ...plan, vpc: planWithData().vpc }, region)['VpcRights'])).not.toContain(role);
});

test('a ledger is written by who keeps it, and read by who verifies; without data nobody is there to keep one', () => {
  const table = (role: (typeof roles)[number]) =>
    rightsOf(planWithData(), role).flatMap((right) => {
      const text = JSON.stringify(right);
      return text.includes('"ledger"') ? [text.match(/dynamodb:(?:Get|Put|Query)Item|dynamodb:Query/g)] : [];
    });
  expect(table('KeepLedgerRole').flat()).toContain('dynamodb:PutItem');
  expect(table('RdsInstanceVerifyRole').flat()).toContain('dynamodb:GetItem');
  expect(table('RdsInstanceVerifyRole').map((one) => one?.includes('dynamodb:PutItem'))).not.toContain(true);
  expect(Object.keys(madeOf(plan, region))).not.toContain('KeepLedgerRole');
});

test('who rehearses and compares restores under two names alone, and deletes them while it bears the tag of this stack', () => {
  const raw = planWithData();
  const assets = raw.assets.map((asset) => {
    const place = asset.kind === 'rds-instance' ? asset.regions[region] : undefined;
    if (asset.kind !== 'rds-instance' || place?.restore === undefined) return asset;
    const rehearsal = { everyDays: 7, securityGroups: ['sg-closed'] };
    return {
      ...asset,
      regions: { ...asset.regions, [region]: { ...place, restore: { ...place.restore, rehearsal } } },
    };
  });
  const resources = madeOf({ ...raw, assets }, region);
  const all = readPolicies(resources, 'RehearseRestoresRole', resolver(resources, region));
  const own = ['rehearsal', 'compared'].map(
    (what) => `arn:aws:rds:us-west-2:111122223333:db:chatops-prod-restored-${what}`,
  );
  const may = (action: string) => all.filter(({ Action }) => [Action].flat().includes(action));
  expect(may('rds:DeleteDBInstance')).toEqual([
    expect.objectContaining({
      Resource: own,
      Condition: { StringEquals: { 'aws:ResourceTag/breakwater:rehearsal': ['breakwater-rehearsal/database'] } },
    }),
  ]);
  for (const action of ['rds:RestoreDBInstanceToPointInTime', 'rds:RestoreDBInstanceFromDBSnapshot'])
    expect(may(action).flatMap(({ Resource = [] }) => [Resource].flat().filter((one) => one.includes(':db:')))).toEqual(
      own,
    );
  expect(may('rds:PromoteReadReplica')).toEqual([]);
  expect(may('rds:ModifyDBInstance')).toEqual([]);
  // Where nothing is rehearsed it only compares: it sees the database that serves, and asks it as its roles.
  const other = madeOf({ ...raw, assets }, 'us-east-1');
  const actions = readPolicies(other, 'RehearseRestoresRole', resolver(other, 'us-east-1')).flatMap(
    ({ Action = [] }) => Action,
  );
  expect(actions.filter((action) => /^(rds|secretsmanager):/.test(action))).toEqual([
    'rds:DescribeDBInstances',
    'secretsmanager:GetSecretValue',
  ]);
  expect(Object.keys(madeOf(raw, region))).not.toContain('RehearseRestoresRole');
});
