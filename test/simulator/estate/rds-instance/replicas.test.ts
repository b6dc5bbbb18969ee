// Replicas that are made in the estate once a database was promoted: what RDS refuses, what it takes where nobody says, how far they are
// behind, and what it costs to promote one.
import { beforeEach, describe, expect, test } from 'vitest';
import { shipped as plan } from '../../../shipped.ts';
import { type Answer, account, primary, type Rehearsal, rehearse, standby } from '../rehearsal.ts';

const here = { in: primary, region: primary };
const there = { in: standby, region: standby };
const writer = 'chatops-dr-replica';
const name = 'chatops-prod-restored';
const source = `arn:aws:rds:${standby}:${account}:db:${writer}`;
const asked = {
  DBInstanceIdentifier: name,
  SourceDBInstanceIdentifier: source,
  DBInstanceClass: 'db.r6g.xlarge',
  MultiAZ: true,
  DBSubnetGroupName: 'chatops-db',
  DBParameterGroupName: 'chatops-postgres16',
  OptionGroupName: 'default:postgres-16',
  VpcSecurityGroupIds: ['sg-0a1chatopsdb'],
  StorageType: 'gp3',
  Iops: 12_000,
  StorageThroughput: 500,
  KmsKeyId: 'alias/chatops-database',
};

let rehearsal: Rehearsal;
const make = async (change = {}): Promise<Answer> =>
  (await rehearsal.call('rds', 'CreateDBInstanceReadReplica', { ...asked, ...change }, here)).DBInstance;
const seen = async (): Promise<Answer> =>
  (await rehearsal.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: name }, here)).DBInstances[0];
const refusal = (change: object) =>
  make(change).then(
    () => expect.fail('it was made'),
    (error: Error) => `${error.name}: ${error.message}`,
  );

/** The replica of the standby region has been promoted, and has its first backup. */
beforeEach(async () => {
  rehearsal = await rehearse(1, 600, plan);
  await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: writer }, there);
  await rehearsal.pass(3_600);
});

test('it is made in its time, follows what was promoted, and keeps no backups of its own', async () => {
  const made = await make();
  expect(made.DBInstanceStatus).toBe('creating');
  expect(made.Endpoint).toBeUndefined();
  await rehearsal.pass(7_500);
  expect(await seen()).toMatchObject({
    ...{ DBInstanceStatus: 'available', MultiAZ: true, ReadReplicaSourceDBInstanceIdentifier: source },
    ...{ BackupRetentionPeriod: 0, StorageEncrypted: true },
    StatusInfos: [{ StatusType: 'read replication', Normal: true, Status: 'replicating' }],
  });
  const metric = {
    namespace: 'AWS/RDS',
    name: 'ReplicaLag',
    dimensions: { DBInstanceIdentifier: name },
    stat: 'Maximum',
  };
  const lag = rehearsal.estate.metrics.read(primary, metric, rehearsal.now() - 120_000, 60);
  expect(lag.value).toBeLessThan(310);
  expect(lag.value).toBeGreaterThanOrEqual(0);
});

test('promoted, it is a writer of its own, and what made it is no source any more', async () => {
  await make();
  await rehearsal.pass(7_500);
  await rehearsal.call('rds', 'PromoteReadReplica', { DBInstanceIdentifier: name }, here);
  await rehearsal.pass(900);
  const promoted = await seen();
  expect(promoted.ReadReplicaSourceDBInstanceIdentifier).toBeUndefined();
  expect(promoted.BackupRetentionPeriod).toBe(1);
});

test('while its source cannot be reached it does not come up, and goes on afterwards', async () => {
  await make();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', region: standby, forSeconds: 9_000 });
  await rehearsal.pass(8_000);
  expect((await seen()).DBInstanceStatus).toBe('creating');
  await rehearsal.pass(2_000);
  expect((await seen()).DBInstanceStatus).toBe('available');
});

describe('RDS refuses', () => {
  test.for([
    ['a name that is taken', { DBInstanceIdentifier: 'chatops-prod' }, /^DBInstanceAlreadyExists/],
    ['an encrypted source without a key of this region', { KmsKeyId: undefined }, /A KMS key of this region is needed/],
    ['a key that is not there', { KmsKeyId: 'alias/nobodys' }, /^KMSKeyNotAccessible/],
    ['a subnet group that is not there', { DBSubnetGroupName: 'nobodys' }, /^DBSubnetGroupNotFound/],
    ['a parameter group that is not there', { DBParameterGroupName: 'nobodys' }, /^DBParameterGroupNotFound/],
    ['a zone beside two zones', { AvailabilityZone: 'us-east-1a' }, /^InvalidParameterCombination/],
    [
      'a source that is not there',
      { SourceDBInstanceIdentifier: source.replace(writer, 'gone') },
      /^DBInstanceNotFound/,
    ],
    ['a group of another network', { VpcSecurityGroupIds: ['sg-0nobodys'] }, /Invalid security group/],
  ] as const)('%s', async ([, change, words]) => {
    expect(await refusal(change)).toMatch(words);
  });

  test('a source that is a replica itself, and one that keeps no backups', async () => {
    await make();
    await rehearsal.pass(7_500);
    const own = { DBInstanceIdentifier: `${name}-2`, SourceDBInstanceIdentifier: name };
    expect(await refusal(own)).toMatch(/^InvalidDBInstanceState.*Automated backups are not enabled/);
  });

  test('what a fault says, and what is made in vain ends as one says', async () => {
    const fault = { kind: 'restore-fails', way: 'create-replica' } as const;
    rehearsal.estate.inject({ ...fault, id: 'quota', error: 'InstanceQuotaExceededFault', forSeconds: 60 });
    expect(await refusal({})).toMatch(/^InstanceQuotaExceeded/);
    await rehearsal.pass(120);
    rehearsal.estate.inject({ ...fault, id: 'ends', ends: 'incompatible-network', forSeconds: 9_000 });
    await make();
    await rehearsal.pass(7_500);
    expect((await seen()).DBInstanceStatus).toBe('incompatible-network');
  });
});
