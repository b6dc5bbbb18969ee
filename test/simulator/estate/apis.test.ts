// How the estate's APIs answer, refuse, fail and deceive.
import { DBInstanceNotFoundFault } from '@aws-sdk/client-rds';
import { expect, test } from 'vitest';
import { balancersIn } from '../../../functions/shared/estate.ts';
import { databaseIn } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { account, primary, rehearse, rehearseStacks, standby } from './rehearsal.ts';

const balancer = `arn:aws:elasticloadbalancing:${primary}:${account}:loadbalancer/${balancersIn(plan.roles.primary, plan)[0]}`;
const reboot = { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan), ForceFailover: true };

test('a zonal shift drains the zone, is extended, and expires', async () => {
  const rehearsal = await rehearse();
  const input = { resourceIdentifier: balancer, awayFrom: 'use1-az2', expiresIn: '10m', comment: 'breakwater' };
  const shift = await rehearsal.call('arc-zonal-shift', 'StartZonalShift', input);
  expect(shift).toMatchObject({ resourceIdentifier: balancer, awayFrom: 'use1-az2', status: 'ACTIVE' });
  expect((shift.expiryTime.getTime() - shift.startTime.getTime()) / 1000).toBe(600);
  const managed = await rehearsal.call('arc-zonal-shift', 'GetManagedResource', { resourceIdentifier: balancer });
  expect(managed).toMatchObject({
    arn: balancer,
    appliedWeights: { 'use1-az1': 1, 'use1-az2': 0, 'use1-az4': 1 },
    zonalShifts: [{ appliedStatus: 'APPLIED', zonalShiftId: shift.zonalShiftId, awayFrom: 'use1-az2' }],
    autoshifts: [],
  });
  await rehearsal.pass(500);
  await rehearsal.call('arc-zonal-shift', 'UpdateZonalShift', { zonalShiftId: shift.zonalShiftId, expiresIn: '10m' });
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().shiftedZones).toEqual(['use1-az2']);
  await rehearsal.pass(400);
  expect(rehearsal.estate.truth().shiftedZones).toEqual([]);
  const { items } = await rehearsal.call('arc-zonal-shift', 'ListZonalShifts', {});
  expect(items).toMatchObject([{ zonalShiftId: shift.zonalShiftId, status: 'EXPIRED' }]);
  const cancel = rehearsal.call('arc-zonal-shift', 'CancelZonalShift', { zonalShiftId: shift.zonalShiftId });
  await expect(cancel).rejects.toMatchObject({ name: 'ConflictException', reason: 'ZonalShiftStatusNotActive' });
});

test('one shift at a time: a second one conflicts, and after a cancellation another may start', async () => {
  const rehearsal = await rehearse();
  const input = { resourceIdentifier: balancer, awayFrom: 'use1-az2', expiresIn: '2h', comment: 'breakwater' };
  const { zonalShiftId } = await rehearsal.call('arc-zonal-shift', 'StartZonalShift', input);
  await expect(rehearsal.call('arc-zonal-shift', 'StartZonalShift', input)).rejects.toMatchObject({
    name: 'ConflictException',
    reason: 'ZonalShiftAlreadyExists',
  });
  await rehearsal.call('arc-zonal-shift', 'CancelZonalShift', { zonalShiftId });
  await expect(rehearsal.call('arc-zonal-shift', 'StartZonalShift', input)).resolves.toMatchObject({
    status: 'ACTIVE',
  });
});

test('an autoshift is announced, shown on the resource, and does not prevent a shift of our own', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'auto', kind: 'autoshift', zone: 'use1-az4', forSeconds: 900 });
  const look = () => rehearsal.call('arc-zonal-shift', 'GetManagedResource', { resourceIdentifier: balancer });
  expect((await look()).autoshifts).toMatchObject([{ awayFrom: 'use1-az4', appliedStatus: 'APPLIED' }]);
  const input = { resourceIdentifier: balancer, awayFrom: 'use1-az4', expiresIn: '60m', comment: 'breakwater' };
  await rehearsal.call('arc-zonal-shift', 'StartZonalShift', input);
  expect((await look()).autoshifts).toMatchObject([{ appliedStatus: 'NOT_APPLIED' }]);
  await rehearsal.pass(900);
  expect((await look()).autoshifts).toEqual([]);
  const types = rehearsal.events
    .filter((event) => event.source === 'aws.arc-zonal-shift')
    .map((event) => event['detail-type']);
  expect(types.filter((type) => type === 'Autoshift In Progress')).toHaveLength(3);
  expect(types.filter((type) => type === 'Autoshift Completed')).toHaveLength(2);
});

test.for([
  [
    'a resource that is not managed',
    'arn:aws:eks:us-east-1:111122223333:cluster/another',
    'use1-az1',
    '60m',
    'ResourceNotFoundException',
  ],
  ['a zone of another region', balancer, 'usw2-az1', '60m', 'ValidationException'],
  ['an expiry beyond three days', balancer, 'use1-az1', '73h', 'ValidationException'],
  ['an expiry in seconds', balancer, 'use1-az1', '3600', 'ValidationException'],
] as const)('ARC refuses %s', async ([, resourceIdentifier, awayFrom, expiresIn, name]) => {
  const rehearsal = await rehearse();
  const call = rehearsal.call('arc-zonal-shift', 'StartZonalShift', {
    resourceIdentifier,
    awayFrom,
    expiresIn,
    comment: '',
  });
  await expect(call).rejects.toMatchObject({ name });
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('a call that times out after having acted has acted once', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({
    id: 'api',
    kind: 'api-failure',
    service: 'rds',
    operation: 'RebootDBInstance',
    error: 'timeout-after-acting',
    times: 1,
  });
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(rehearsal.estate.mutations()).toHaveLength(1);
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await rehearsal.pass(130);
  expect(rehearsal.estate.truth().writerZone).toBe('use1-az2');
  expect(rehearsal.estate.mutations()).toHaveLength(1);
});

test.for([
  ['throttle', { name: 'Throttling', $retryable: { throttling: true } }],
  ['internal', { name: 'InternalFailure', $fault: 'server', $metadata: { httpStatusCode: 500 } }],
  ['timeout', { name: 'TimeoutError' }],
] as const)('an API that fails with %s does nothing, as often as it was told to', async ([error, expected]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({
    id: 'api',
    kind: 'api-failure',
    service: 'rds',
    operation: 'RebootDBInstance',
    error,
    times: 2,
  });
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).rejects.toMatchObject(expected);
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).rejects.toMatchObject(expected);
  expect(rehearsal.estate.mutations()).toEqual([]);
  await expect(rehearsal.call('rds', 'RebootDBInstance', reboot)).resolves.toHaveProperty('DBInstance');
});

test('a stale read shows what was before the change until it ends', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({
    id: 'stale',
    kind: 'stale-reads',
    service: 'rds',
    operation: 'DescribeDBInstances',
    forSeconds: 300,
  });
  const look = async () => {
    const answer = await rehearsal.call('rds', 'DescribeDBInstances', {
      DBInstanceIdentifier: databaseIn(plan.roles.primary, plan),
    });
    return answer.DBInstances[0].AvailabilityZone;
  };
  expect(await look()).toBe('us-east-1a');
  await rehearsal.call('rds', 'RebootDBInstance', reboot);
  await rehearsal.pass(150);
  expect(rehearsal.estate.truth().writerZone).toBe('use1-az2');
  expect(await look()).toBe('us-east-1a');
  await rehearsal.pass(200);
  expect(await look()).toBe('us-east-1b');
});

test('a call into a dark region never answers and gives up after some seconds', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  const began = rehearsal.now();
  const call = rehearsal.call('rds', 'RebootDBInstance', reboot, { in: primary, region: standby });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(rehearsal.now() - began).toBeGreaterThanOrEqual(4_000);
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('an answer that is lost on the way back has been acted on', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'cut', kind: 'partition', between: [primary, standby], oneWay: true });
  const call = rehearsal.call('rds', 'RebootDBInstance', reboot, { in: primary, region: standby });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(rehearsal.estate.mutations()).toHaveLength(1);
});

test('what is not there is named by the error class of the SDK', async () => {
  const rehearsal = await rehearse();
  const call = rehearsal.call('rds', 'DescribeDBInstances', { DBInstanceIdentifier: 'another' });
  await expect(call).rejects.toSatisfy((error) => error instanceof DBInstanceNotFoundFault);
});

test('alarms are listed page by page, by prefix, each with the time of its last change', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az1' });
  await rehearsal.pass(300);
  const names: string[] = [];
  let token: string | undefined;
  do {
    const page = { MaxRecords: 10, AlarmNamePrefix: 'chatops-', ...(token === undefined ? {} : { NextToken: token }) };
    const answer = await rehearsal.call('cloudwatch', 'DescribeAlarms', page);
    expect(answer.MetricAlarms.length).toBeLessThanOrEqual(10);
    names.push(...answer.MetricAlarms.map((alarm: { AlarmName: string }) => alarm.AlarmName));
    token = answer.NextToken;
  } while (token !== undefined);
  expect(names.length).toBeGreaterThan(30);
  expect(names).toEqual([...new Set(names)].sort());
  const one = await rehearsal.call('cloudwatch', 'DescribeAlarms', {
    AlarmNames: ['chatops-cluster-nodes-notready-use1-az1'],
  });
  const event = rehearsal.events.find(
    (found) => found.detail['alarmName'] === 'chatops-cluster-nodes-notready-use1-az1',
  );
  expect(one.MetricAlarms[0].StateValue).toBe('ALARM');
  const changed = one.MetricAlarms[0].StateTransitionedTimestamp.toISOString();
  expect(changed.slice(0, 19)).toBe(event?.time.slice(0, 19));
  expect(await rehearsal.call('cloudwatch', 'DescribeAlarms', { AlarmNamePrefix: 'other-' })).toMatchObject({
    MetricAlarms: [],
  });
});

test('a published message reaches its topic, and a topic of another region refuses it', async () => {
  const rehearsal = await rehearseStacks();
  const TopicArn = `arn:aws:sns:${primary}:${account}:breakwater-sim-on-call`;
  await rehearsal.call('sns', 'Publish', { TopicArn, Subject: 'zone failed', Message: 'look' });
  expect(rehearsal.messages).toMatchObject([
    { region: primary, role: 'on-call', channel: 'page', subject: 'zone failed', body: 'look' },
  ]);
  const elsewhere = rehearsal.call('sns', 'Publish', { TopicArn, Message: 'look' }, { in: standby });
  await expect(elsewhere).rejects.toMatchObject({ name: 'InvalidParameterException' });
  const unknown = rehearsal.call('sns', 'Publish', { TopicArn: `${TopicArn}-2`, Message: 'look' });
  await expect(unknown).rejects.toMatchObject({ name: 'NotFoundException' });
});

test.for([
  ['of more than 256 KB', 'x'.repeat(262_145), 'Message too long'],
  ['of nothing', '', 'Empty message'],
] as const)('a topic refuses a message %s', async ([, Message, why]) => {
  const rehearsal = await rehearseStacks(1, 0);
  const TopicArn = `arn:aws:sns:${primary}:${account}:breakwater-sim-on-call`;
  const refused = { name: 'InvalidParameterException', message: `Invalid parameter: ${why}` };
  await expect(rehearsal.call('sns', 'Publish', { TopicArn, Message })).rejects.toMatchObject(refused);
});

test('a custom event appears on the bus of its region', async () => {
  const rehearsal = await rehearseStacks();
  const Entries = [
    { Source: 'chatops.maintenance', DetailType: 'Chatops Maintenance Window', Detail: '{"phase":"STARTED"}' },
  ];
  const answer = await rehearsal.call('eventbridge', 'PutEvents', { Entries });
  expect(answer).toMatchObject({ FailedEntryCount: 0 });
  expect(rehearsal.events.find(({ source }) => source === 'chatops.maintenance')).toMatchObject({
    source: 'chatops.maintenance',
    region: primary,
    detail: { phase: 'STARTED' },
  });
});

test.for([
  ['rds', 'DeleteDBInstance'],
  ['kinesis', 'PutRecord'],
] as const)('%s %s is not answered, and the error names it', async ([service, operation]) => {
  const rehearsal = await rehearse();
  await expect(rehearsal.call(service, operation)).rejects.toThrow(`${service} ${operation}`);
});

test('a fault in a zone that the plan does not have is refused', async () => {
  const rehearsal = await rehearse();
  const fault = { id: 'grey', kind: 'zone-impaired', zone: 'use1-az9' } as const;
  expect(() => rehearsal.estate.inject(fault)).toThrow('expected one of use1-az1');
});

test('an estate that was stopped stands still', async () => {
  const rehearsal = await rehearse();
  const before = rehearsal.events.length;
  rehearsal.estate.stop();
  await rehearsal.pass(600);
  expect(rehearsal.events).toHaveLength(before);
});
