// What AWS does by itself in the estate, what it does when asked, and what it does not do.
import { expect, test } from 'vitest';
import { balancersIn } from '../../../../functions/shared/estate.ts';
import { databaseIn } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { alarmsTo, databaseEvents, primary, rehearse, rehearseStacks, standby } from '../rehearsal.ts';

const reboot = { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan), ForceFailover: true };

test('a reboot with failover moves the writer to the other zone in one to two minutes and says so', async () => {
  const rehearsal = await rehearse();
  const before = await rehearsal.call('rds', 'DescribeDBInstances', {
    DBInstanceIdentifier: databaseIn(plan.roles.primary, plan),
  });
  expect(before.DBInstances[0]).toMatchObject({
    DBInstanceStatus: 'available',
    AvailabilityZone: 'us-east-1a',
    SecondaryAvailabilityZone: 'us-east-1b',
  });
  const asked = rehearsal.now();
  const answer = await rehearsal.call('rds', 'RebootDBInstance', reboot);
  expect(answer.DBInstance.DBInstanceStatus).toBe('rebooting');
  await rehearsal.pass(50);
  expect(rehearsal.estate.truth()).toMatchObject({ writerZone: 'use1-az1', served: false, writableRegions: [] });
  await rehearsal.pass(80);
  expect(rehearsal.estate.truth()).toMatchObject({ writerZone: 'use1-az2', served: true, writableRegions: [primary] });
  const after = await rehearsal.call('rds', 'DescribeDBInstances', {});
  expect(after.DBInstances[0]).toMatchObject({
    DBInstanceStatus: 'available',
    AvailabilityZone: 'us-east-1b',
    SecondaryAvailabilityZone: 'us-east-1a',
  });
  expect(databaseEvents(rehearsal, asked)).toEqual([
    'RDS-EVENT-0013',
    'RDS-EVENT-0015',
    'RDS-EVENT-0006',
    'RDS-EVENT-0049',
  ]);
  const described = await rehearsal.call('rds', 'DescribeEvents', {
    SourceIdentifier: databaseIn(plan.roles.primary, plan),
  });
  expect(described.Events).toHaveLength(4);
  expect(rehearsal.estate.mutations()).toMatchObject([
    {
      service: 'rds',
      operation: 'RebootDBInstance',
      target: databaseIn(plan.roles.primary, plan),
      scope: { region: primary, zone: 'use1-az1' },
    },
  ]);
  const works = rehearsal.estate.works().filter(({ latency }) => latency !== 'api-call');
  expect(works).toMatchObject([{ latency: 'rds-failover', step: 'Step', execution: 'execution' }]);
  const [work] = works;
  expect(work?.seconds).toBeGreaterThanOrEqual(60);
  expect(work?.seconds).toBeLessThanOrEqual(120);
});

test('a database that is rebooting refuses a second reboot', async () => {
  const rehearsal = await rehearse();
  await rehearsal.call('rds', 'RebootDBInstance', reboot);
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
    $metadata: { httpStatusCode: 400 },
  });
  expect(rehearsal.estate.mutations()).toHaveLength(1);
});

test('AWS moves database and cache out of a zone without power by itself', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'power', kind: 'zone-power', zone: 'use1-az1' });
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth()).toMatchObject({ writerZone: 'use1-az2', cachePrimaryZone: 'use1-az2' });
  expect(databaseEvents(rehearsal)).toContain('RDS-EVENT-0049');
  expect(rehearsal.messages.some(({ body }) => body.includes('ElastiCache:FailoverComplete'))).toBe(true);
  expect(rehearsal.events.some((event) => event['detail-type'] === 'EC2 Instance Launch Unsuccessful')).toBe(true);
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('AWS leaves database and cache in a zone that is slow and not dead, and users suffer', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(1800);
  expect(rehearsal.estate.truth()).toMatchObject({
    writerZone: 'use1-az1',
    cachePrimaryZone: 'use1-az1',
    served: false,
    writableRegions: [primary],
  });
  expect(databaseEvents(rehearsal)).toEqual([]);
});

test('an impaired zone alarms by its own zone and never by another', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(1800);
  const alarms = new Set(alarmsTo(rehearsal, 'ALARM'));
  for (const name of ['api-5xx', 'ingress-5xx', 'database-latency', 'cache-latency', 'worker-errors']) {
    expect(alarms).toContain(`chatops-${name}`);
    expect(alarms).toContain(`chatops-${name}-use1-az1`);
  }
  expect(alarms).toContain('chatops-cluster-nodes-notready-use1-az1');
  expect([...alarms].filter((name) => /use1-az[24]$/.test(name))).toEqual([]);
});

test('moving database, cache and traffic out of an impaired zone serves users again while it lasts', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(180);
  await rehearsal.call('rds', 'RebootDBInstance', reboot);
  for (const name of balancersIn(plan.roles.primary, plan)) {
    const resourceIdentifier = `arn:aws:elasticloadbalancing:${primary}:111122223333:loadbalancer/${name}`;
    const input = { resourceIdentifier, awayFrom: 'use1-az1', expiresIn: '60m', comment: 'test' };
    await rehearsal.call('arc-zonal-shift', 'StartZonalShift', input);
  }
  await rehearsal.pass(180);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, shiftedZones: ['use1-az1'] });
  expect(rehearsal.estate.servedHistory().map(({ served }) => served)).toEqual([true, false, true]);
});

test('a crashed database is failed over by AWS and users are served again', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'crash', kind: 'database-crash' });
  await rehearsal.pass(240);
  expect(rehearsal.estate.truth()).toMatchObject({
    writerZone: 'use1-az2',
    cachePrimaryZone: 'use1-az1',
    served: true,
  });
  expect(databaseEvents(rehearsal)[0]).toBe('RDS-EVENT-0013');
});

test('a lost cache node is failed over in seconds, announced over SNS, and replaced in minutes', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'node', kind: 'cache-node-loss' });
  await rehearsal.pass(40);
  expect(rehearsal.estate.truth()).toMatchObject({ cachePrimaryZone: 'use1-az2', served: true });
  await rehearsal.pass(700);
  const notices = rehearsal.events.filter((event) => event.source === 'chatops.elasticache');
  expect(notices.map((event) => [event['detail-type'], event.detail])).toEqual([
    [
      'ElastiCache Notification',
      { 'ElastiCache:FailoverComplete': 'chatops-redis', 'Cache Cluster ID': 'chatops-redis-002' },
    ],
    [
      'ElastiCache Notification',
      { 'ElastiCache:CacheNodeReplaceComplete': 'chatops-redis-001', 'Cache Cluster ID': 'chatops-redis-001' },
    ],
  ]);
});

test('the promoted replica is a writer only when its source is gone, minutes later', async () => {
  const rehearsal = await rehearse();
  const replica = { DBInstanceIdentifier: databaseIn(plan.roles.standby, plan) };
  const describe = async () => {
    const answer = await rehearsal.call('rds', 'DescribeDBInstances', replica, { in: standby, region: standby });
    return answer.DBInstances[0];
  };
  expect((await describe()).ReadReplicaSourceDBInstanceIdentifier).toContain(databaseIn(plan.roles.primary, plan));
  await rehearsal.call('rds', 'PromoteReadReplica', replica, { in: standby, region: standby });
  await rehearsal.pass(150);
  expect(rehearsal.estate.truth().writableRegions).toEqual([primary]);
  await rehearsal.pass(480);
  expect(await describe()).not.toHaveProperty('ReadReplicaSourceDBInstanceIdentifier');
  expect(rehearsal.estate.truth()).toMatchObject({ writableRegions: [primary, standby], replicaLagSeconds: null });
});

test('security groups that admit nobody stop writes only after the sessions were ended', async () => {
  const rehearsal = await rehearse();
  const fence = { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan), VpcSecurityGroupIds: ['sg-nobody'] };
  await rehearsal.call('rds', 'ModifyDBInstance', fence);
  await rehearsal.pass(90);
  expect(rehearsal.estate.truth().writableRegions).toEqual([primary]);
  await rehearsal.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan) });
  await rehearsal.pass(120);
  expect(rehearsal.estate.truth()).toMatchObject({ writableRegions: [], served: false });
});
