// What the estate does when a region is given up: promotion and what it costs, the cache's takeover, the application's
// parameters, and the latches that move users.
import { expect, test } from 'vitest';
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { cacheIn, closedGroup, databaseIn, the } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { databaseTruth, primary, type Rehearsal, rehearse, standby } from './rehearsal.ts';

const here = { in: standby, region: standby };
const buckets = Object.entries(plan.redirection.latchBuckets[primary] ?? {});
const { regionalHealthUrls } = plan.service;
const pages = { [primary]: regionalHealthUrls[primary] ?? '', [standby]: regionalHealthUrls[standby] ?? '' };

async function promote(rehearsal: Rehearsal): Promise<void> {
  await rehearsal.call(
    'rds',
    'PromoteReadReplica',
    { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) },
    here,
  );
  await rehearsal.pass(620);
}

async function failCacheOver(rehearsal: Rehearsal): Promise<void> {
  const input = {
    GlobalReplicationGroupId: the('elasticache', plan).globalDatastore,
    PrimaryRegion: standby,
    PrimaryReplicationGroupId: cacheIn(plan.roles.standby, plan),
  };
  await rehearsal.call('elasticache', 'FailoverGlobalReplicationGroup', input, here);
  await rehearsal.pass(70);
}

async function repoint(rehearsal: Rehearsal): Promise<void> {
  const { DBInstances } = await rehearsal.call(
    'rds',
    'DescribeDBInstances',
    { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) },
    here,
  );
  const { ReplicationGroups } = await rehearsal.call('elasticache', 'DescribeReplicationGroups', {}, here);
  const endpoints: Readonly<Record<string, string>> = {
    database: DBInstances[0].Endpoint.Address,
    cache: ReplicationGroups[0].NodeGroups[0].PrimaryEndpoint.Address,
  };
  for (const { name, endpointOf } of assetsOf('ssm-parameters', plan).flatMap((asset) => asset.parameters))
    await rehearsal.call('ssm', 'PutParameter', { Name: name, Value: endpoints[endpointOf], Overwrite: true }, here);
  await rehearsal.pass(40);
}

/** Five answers of a region's own page: a healthy one fails one request in a thousand or so. */
async function statuses(rehearsal: Rehearsal, url: string, times = 5): Promise<number[]> {
  const found: number[] = [];
  for (let request = 0; request < times; request += 1) {
    const asked = rehearsal.estate.fetch(url, standby).then(
      ({ status }) => found.push(status),
      () => found.push(0),
    );
    await rehearsal.pass(10);
    await asked;
  }
  return found;
}

async function closeLatches(rehearsal: Rehearsal, which = buckets): Promise<void> {
  for (const [region, Bucket] of which)
    await rehearsal.call('s3', 'PutObject', { Bucket, Key: `latch/${primary}`, Body: '' }, { ...here, in: region });
}

test('a promotion loses what had not arrived when the writer was last alive, and no more by waiting', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const { lagAtOutageSeconds, lastCommittedSequence, lastReplicatedSequence } = databaseTruth(rehearsal);
  await rehearsal.pass(1800);
  await promote(rehearsal);
  const { lostWrites, lostSeconds, divergedWrites, writableRegions } = rehearsal.estate.truth();
  expect(lostWrites).toBe(lastCommittedSequence - lastReplicatedSequence);
  expect(lostWrites).toBeGreaterThan(0);
  expect(lostSeconds).toBeGreaterThan(0);
  expect(lostSeconds).toBeLessThanOrEqual((lagAtOutageSeconds ?? 0) + 0.001);
  expect({ divergedWrites, writableRegions }).toEqual({ divergedWrites: 0, writableRegions: [standby] });
});

test('a replica that was broken before costs all that was written since', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'replica', kind: 'replica-broken' });
  await rehearsal.pass(600);
  expect(rehearsal.estate.truth().replicaLagSeconds).toBeNull();
  const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances', {}, here);
  expect(DBInstances[0].StatusInfos).toMatchObject([{ Normal: false }]);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(databaseTruth(rehearsal).lagAtOutageSeconds).toBeNull();
  await promote(rehearsal);
  expect(rehearsal.estate.truth().lostSeconds).toBeGreaterThan(590);
  expect(rehearsal.estate.truth().lostWrites).toBeGreaterThan(20_000);
});

test('a replica that caught up with a fenced writer is promoted without a loss', async () => {
  const rehearsal = await rehearse();
  const fence = {
    DBInstanceIdentifier: databaseIn(plan.roles.primary, plan),
    VpcSecurityGroupIds: [closedGroup(primary, plan)],
  };
  const during = await rehearsal.call('rds', 'ModifyDBInstance', fence);
  expect(during.DBInstance.VpcSecurityGroups).toHaveLength(2);
  await rehearsal.pass(70);
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan) });
  await rehearsal.pass(120);
  expect(rehearsal.estate.truth()).toMatchObject({ writableRegions: [], replicaLagSeconds: 0 });
  await promote(rehearsal);
  expect(rehearsal.estate.truth()).toMatchObject({ lostWrites: 0, lostSeconds: 0, writableRegions: [standby] });
});

test('a region that comes back takes writes beside the new writer until it is fenced, and they are counted', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', forSeconds: 900 });
  await promote(rehearsal);
  const back = rehearsal.now() + 280_000;
  await rehearsal.pass(400);
  const { estate } = rehearsal;
  expect(estate.truth().writableRegions).toEqual([primary, standby]);
  expect(estate.truth().divergedWrites).toBeGreaterThan(0);
  expect(estate.divergedBetween('database', 0, back - 30_000)).toBe(0);
  expect(estate.divergedBetween('database', back - 30_000, rehearsal.now())).toBe(estate.truth().divergedWrites);
});

test('the cache of the other region takes over in a minute, asked there while its primary is dark', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const look = async () => {
    const input = { GlobalReplicationGroupId: the('elasticache', plan).globalDatastore, ShowMemberInfo: true };
    const { GlobalReplicationGroups } = await rehearsal.call(
      'elasticache',
      'DescribeGlobalReplicationGroups',
      input,
      here,
    );
    const { Status, Members } = GlobalReplicationGroups[0];
    return [Status, ...Members.map((one: Record<string, string>) => `${one['ReplicationGroupRegion']} ${one['Role']}`)];
  };
  expect(await look()).toEqual(['available', `${primary} PRIMARY`, `${standby} SECONDARY`]);
  const asked = failCacheOver(rehearsal);
  await asked;
  expect(await look()).toEqual(['available', `${primary} SECONDARY`, `${standby} PRIMARY`]);
  expect(rehearsal.estate.truth().cacheRegion).toBe(standby);
  await expect(failCacheOver(rehearsal)).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
});

/** As the flow does: asks the user's Lambda until it is done. */
async function moveSearch(rehearsal: Rehearsal): Promise<void> {
  const Payload = JSON.stringify({ verb: 'take-over', asset: 'search', dryRun: false });
  const ask = async () => {
    const answer = await rehearsal.call('lambda', 'Invoke', { FunctionName: 'chatops-search-move', Payload }, here);
    return JSON.parse(Buffer.from(answer['Payload']).toString('utf8'));
  };
  expect(await ask()).toEqual({ done: false, why: `it is not yet in ${standby}` });
  await rehearsal.pass(310);
  expect(await ask()).toEqual({ done: true, seen: { region: standby } });
}

test("the standby serves only with a promoted database, a cache that took over, parameters that name both, and what the user's Lambdas move", async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(await statuses(rehearsal, pages[primary] ?? '')).toEqual([0, 0, 0, 0, 0]);
  await promote(rehearsal);
  await failCacheOver(rehearsal);
  const before = await statuses(rehearsal, pages[standby] ?? '');
  expect(before.filter((status) => status === 503).length).toBeGreaterThanOrEqual(3);
  await repoint(rehearsal);
  expect(await statuses(rehearsal, pages[standby] ?? '')).toEqual([503, 503, 503, 503, 503]);
  await moveSearch(rehearsal);
  expect(await statuses(rehearsal, pages[standby] ?? '')).toEqual([200, 200, 200, 200, 200]);
});

test('a standby that is bad answers with failures, and its replica has failed', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'bad', kind: 'standby-bad', forSeconds: 900 });
  expect(await statuses(rehearsal, pages[standby] ?? '')).toEqual([503, 503, 503, 503, 503]);
  const { DBInstances } = await rehearsal.call('rds', 'DescribeDBInstances', {}, here);
  expect(DBInstances[0].DBInstanceStatus).toBe('failed');
  const input = { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) };
  await expect(rehearsal.call('rds', 'PromoteReadReplica', input, here)).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await rehearsal.pass(900);
  expect(rehearsal.estate.truth().replicaLagSeconds).toBeLessThan(60);
});

test('users leave when any latch can be read, and stay away while one of them can', async () => {
  const rehearsal = await rehearse();
  await closeLatches(rehearsal, buckets.slice(1));
  await rehearsal.pass(160);
  expect(rehearsal.estate.truth().usersRegion).toBe(standby);
  await closeLatches(rehearsal, buckets.slice(0, 1));
  rehearsal.estate.inject({ id: 'lost', kind: 'bucket-lost', bucket: buckets[1]?.[1] ?? '' });
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().usersRegion).toBe(standby);
  const [region, Bucket] = buckets[0] ?? ['', ''];
  await rehearsal.call('s3', 'DeleteObject', { Bucket, Key: `latch/${primary}` }, { ...here, in: region });
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().usersRegion).toBe(primary);
});

test('a lost bucket holds nothing and takes nothing', async () => {
  const rehearsal = await rehearse();
  await closeLatches(rehearsal);
  const [region, Bucket] = buckets[0] ?? ['', ''];
  rehearsal.estate.inject({ id: 'lost', kind: 'bucket-lost', bucket: Bucket });
  const object = { Bucket, Key: `latch/${primary}` };
  const from = { ...here, in: region };
  await expect(rehearsal.call('s3', 'HeadObject', object, from)).rejects.toMatchObject({ name: 'NotFound' });
  await expect(rehearsal.call('s3', 'PutObject', object, from)).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('a bucket that is private moves nobody: what lies in it is there for who signs, and nobody else reads it', async () => {
  const rehearsal = await rehearse();
  const statusOf = (Bucket: string, region: string, key: string) =>
    statuses(rehearsal, `http://${Bucket}.s3.${region}.amazonaws.com/latch/${key}`, 1);
  const [region, Bucket] = buckets[0] ?? ['', ''];
  expect(await statusOf(Bucket, region, 'readable')).toEqual([200]);
  expect(await statusOf(Bucket, region, primary)).toEqual([403]);
  expect(await statusOf('chatops-exports-us-west-2', region, 'readable')).toEqual([404]);
  rehearsal.estate.inject({ id: 'blocked', kind: 'bucket-private' });
  await closeLatches(rehearsal);
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().usersRegion).toBe(primary);
  const from = { ...here, in: region };
  await rehearsal.call('s3', 'HeadObject', { Bucket, Key: `latch/${primary}` }, from);
  expect(await statusOf(Bucket, region, primary)).toEqual([403]);
  rehearsal.estate.heal('blocked');
  await rehearsal.pass(300);
  expect(await statusOf(Bucket, region, primary)).toEqual([200]);
  expect(rehearsal.estate.truth().usersRegion).toBe(standby);
});

test('one bucket of two that is private keeps nobody back', async () => {
  const rehearsal = await rehearse();
  const [, Bucket] = buckets[0] ?? ['', ''];
  rehearsal.estate.inject({ id: 'blocked', kind: 'bucket-private', bucket: Bucket });
  await closeLatches(rehearsal);
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().usersRegion).toBe(standby);
});

test('nobody reads a latch of a region that is dark', async () => {
  const rehearsal = await rehearse();
  const [region, Bucket] = Object.entries(plan.redirection.latchBuckets[standby] ?? {})[0] ?? ['', ''];
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', region });
  expect(await statuses(rehearsal, `http://${Bucket}.s3.${region}.amazonaws.com/latch/readable`, 1)).toEqual([0]);
});

test('the records cannot be changed from anywhere while us-east-1 is dark', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const call = rehearsal.call('route-53', 'GetChange', { Id: '/change/C1' }, here);
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  rehearsal.estate.heal('dark');
  await expect(rehearsal.call('route-53', 'GetChange', { Id: '/change/C1' }, here)).rejects.toMatchObject({
    name: 'NoSuchChange',
  });
});

test('a SecureString is ciphertext to who does not decrypt it, keeps its type, and is not made a String', async () => {
  const rehearsal = await rehearse();
  const Name = assetsOf('ssm-parameters', plan).flatMap((asset) => asset.parameters)[0]?.name;
  rehearsal.estate.inject({ id: 'sealed', kind: 'parameter-sealed', region: standby });
  const read = async (WithDecryption?: boolean) =>
    (await rehearsal.call('ssm', 'GetParameter', { Name, WithDecryption }, here)).Parameter;
  expect(await read()).toMatchObject({ Type: 'SecureString', Value: expect.not.stringContaining(primary) });
  expect((await read(true)).Value).toContain(primary);
  const put = (more: object) =>
    rehearsal.call('ssm', 'PutParameter', { Name, Value: 'elsewhere', Overwrite: true, ...more }, here);
  await expect(put({ Type: 'String' })).rejects.toMatchObject({ name: 'HierarchyTypeMismatchException' });
  await put({});
  expect(await read(true)).toMatchObject({ Type: 'SecureString', Value: 'elsewhere' });
  // In the other region it is a String, as before.
  const other = await rehearsal.call('ssm', 'GetParameter', { Name }, { in: primary, region: primary });
  expect(other.Parameter).toMatchObject({ Type: 'String' });
});

test('a new parameter needs a type', async () => {
  const rehearsal = await rehearse();
  const put = (more: object) => rehearsal.call('ssm', 'PutParameter', { Name: '/new', Value: 'v', ...more }, here);
  await expect(put({ Overwrite: true })).rejects.toMatchObject({ name: 'ValidationException' });
  expect(await put({ Type: 'String' })).toMatchObject({ Version: 1 });
});

test('a parameter is read as it was written, and one that is not there is named', async () => {
  const rehearsal = await rehearse();
  const Name = assetsOf('ssm-parameters', plan).flatMap((asset) => asset.parameters)[0]?.name;
  const read = async () => (await rehearsal.call('ssm', 'GetParameter', { Name }, here)).Parameter;
  expect((await read()).Value).toContain(primary);
  const written = rehearsal.call('ssm', 'PutParameter', { Name, Value: 'elsewhere' }, here);
  await expect(written).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  await rehearsal.call('ssm', 'PutParameter', { Name, Value: 'elsewhere', Overwrite: true }, here);
  expect(await read()).toMatchObject({ Value: 'elsewhere', Version: 2 });
  await expect(rehearsal.call('ssm', 'GetParameter', { Name: '/none' }, here)).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
});
