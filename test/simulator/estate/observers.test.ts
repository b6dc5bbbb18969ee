// What the alarms, canaries, probes and the heartbeat of the estate see, and what they cannot see.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRandom } from '../../../simulator/estate/chance/random.ts';
import type { Event, Fault } from '../../../simulator/estate/types.ts';
import { account, alarmsTo, databaseTruth, primary, type Rehearsal, rehearseStacks, standby } from './rehearsal.ts';

/** The state that an alarm event tells of. */
function stateOf(event: Event | undefined): { value: string; reason: string; reasonData: string; timestamp: string } {
  return event?.detail['state'] as ReturnType<typeof stateOf>;
}

test('nothing alarms in a quiet hour', async () => {
  const rehearsal = await rehearseStacks(5, 3600);
  expect(new Set(rehearsal.events.map((event) => event.source))).toEqual(
    new Set(['chatops.canary', 'chatops.heartbeat', 'chatops.probe']),
  );
  expect(rehearsal.estate.servedHistory().map(({ served }) => served)).toEqual([true]);
});

test('an alarm changes after two whole periods, once, and back when a period was well', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.now();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az4', forSeconds: 600 });
  await rehearsal.pass(1200);
  const name = 'chatops-cluster-nodes-notready-use1-az4';
  const changes = rehearsal.events.filter((event) => event.detail['alarmName'] === name);
  expect(changes.map((event) => stateOf(event).value)).toEqual(['ALARM', 'OK']);
  const [raised, cleared] = changes.map((event) => (Date.parse(event.time) - began) / 1000);
  expect(raised).toBeGreaterThanOrEqual(120);
  expect(raised).toBeLessThan(180);
  expect(cleared).toBeGreaterThanOrEqual(660);
  expect(cleared).toBeLessThan(720);
});

test('an alarm event says why in the words of CloudWatch', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: 'use1-az4' });
  await rehearsal.pass(300);
  const event = rehearsal.events.find((one) => one.detail['alarmName'] === 'chatops-ingress-5xx-use1-az4');
  const { reason, reasonData, timestamp } = stateOf(event);
  expect(reason).toMatch(
    /^Threshold Crossed: 2 out of the last 2 datapoints \[\d+\.\d+ \(23\/11\/26 09:11:00\), \d+\.\d+ \(23\/11\/26 09:10:00\)\] were greater than the threshold \(20\.0\) \(minimum 2 datapoints for OK -> ALARM transition\)\.$/,
  );
  expect(JSON.parse(reasonData)).toMatchObject({ version: '1.0', period: 60, threshold: 20 });
  expect(timestamp).toMatch(/^2026-11-23T09:1\d:\d\d\.\d{3}\+0000$/);
  expect(event?.detail['previousState']).toMatchObject({ value: 'OK' });
});

test('a dark region is missed by heartbeat, probes and every outside canary, and says nothing itself', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.now();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await rehearsal.pass(600);
  const alarms = alarmsTo(rehearsal, 'ALARM');
  for (const observer of [standby, 'eu-west-1', 'ap-southeast-1'])
    expect(alarms).toContain(`chatops-canary-${observer}`);
  for (const service of ['ec2', 'rds', 'sts', 'dynamodb'])
    expect(alarms).toContain(`chatops-probe-${service}-${primary}`);
  expect(alarms).toContain(`chatops-heartbeat-${primary}`);
  expect(rehearsal.events.filter((event) => event.region === primary && Date.parse(event.time) > began)).toEqual([]);
  expect(rehearsal.estate.truth()).toMatchObject({ served: false, writableRegions: [], replicaLagSeconds: null });
  rehearsal.estate.heal('dark');
  await rehearsal.pass(600);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, writableRegions: [primary] });
  expect(alarmsTo(rehearsal, 'OK')).toContain(`chatops-heartbeat-${primary}`);
});

test('the heartbeat alarm needs three missing beats and says that they were missing', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.now();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  await rehearsal.pass(400);
  const event = rehearsal.events.find((one) => one.detail['alarmName'] === `chatops-heartbeat-${primary}`);
  expect((Date.parse(event?.time ?? '') - began) / 1000).toBeGreaterThanOrEqual(180);
  expect(stateOf(event).reason).toBe(
    'Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints were treated as [Breaching].',
  );
});

test('a partition blinds the standby while users and the other observers are fine', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'cut', kind: 'partition', between: [primary, standby] });
  expect(rehearsal.estate.canReach(primary, standby)).toBe(false);
  expect(rehearsal.estate.canReach(standby, primary)).toBe(false);
  expect(rehearsal.estate.canReach('eu-west-1', primary)).toBe(true);
  await rehearsal.pass(900);
  const alarms = alarmsTo(rehearsal, 'ALARM');
  expect(alarms).toContain(`chatops-canary-${standby}`);
  expect(alarms).toContain(`chatops-heartbeat-${primary}`);
  expect(alarms.filter((name) => /canary-(eu|ap|us-east)/.test(name))).toEqual([]);
  expect(rehearsal.estate.truth()).toMatchObject({ served: true, replicaLagSeconds: null });
  const { lastCommittedSequence, lastReplicatedSequence } = databaseTruth(rehearsal);
  expect(lastCommittedSequence - lastReplicatedSequence).toBeGreaterThan(30_000);
  const call = rehearsal.call('rds', 'DescribeDBInstances', {}, { in: primary, region: standby });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(rehearsal.call('rds', 'DescribeDBInstances', {})).resolves.toHaveProperty('DBInstances');
  rehearsal.estate.heal('cut');
  await rehearsal.pass(600);
  expect(rehearsal.estate.truth().replicaLagSeconds).toBeLessThan(60);
});

test('a way cut in one direction lets beats through and answers not', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'cut', kind: 'partition', between: [standby, primary], oneWay: true });
  expect(rehearsal.estate.canReach(primary, standby)).toBe(true);
  await rehearsal.pass(600);
  const alarms = alarmsTo(rehearsal, 'ALARM');
  expect(alarms).not.toContain(`chatops-heartbeat-${primary}`);
  expect(alarms).toContain(`chatops-probe-rds-${primary}`);
});

test('lost telemetry leaves every alarm of the region without data and users served', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'blind', kind: 'telemetry-loss', forSeconds: 600 });
  await rehearsal.pass(400);
  const dark = alarmsTo(rehearsal, 'INSUFFICIENT_DATA');
  const answer = await rehearsal.call('cloudwatch', 'DescribeAlarms', { MaxRecords: 100 });
  type Shown = { AlarmName: string; TreatMissingData: string };
  const shown = (treated: string) =>
    answer.MetricAlarms.flatMap((alarm: Shown) => (alarm.TreatMissingData === treated ? alarm.AlarmName : []));
  // A writer has no lag: the alarm on it has never had data.
  expect(dark.toSorted()).toEqual(shown('missing').filter((name: string) => !name.endsWith('replica-lag')));
  expect(rehearsal.estate.servedHistory().map(({ served }) => served)).toEqual([true]);
  // Where silence is bad news, it is told as bad news: of the other region's heartbeat, and of the automation's own schedules.
  const breaching = shown('breaching').filter((name: string) => !name.endsWith('readiness-missing')); // it looks back further
  expect(alarmsTo(rehearsal, 'ALARM').toSorted()).toEqual(breaching);
  await rehearsal.pass(600);
  expect(alarmsTo(rehearsal, 'OK').toSorted()).toEqual([...dark, ...breaching].toSorted());
});

test('a broken canary fails alone', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'canary', kind: 'canary-broken', observer: 'eu-west-1' });
  await rehearsal.pass(600);
  expect(alarmsTo(rehearsal, 'ALARM')).toEqual(['chatops-canary-eu-west-1']);
  const failed = rehearsal.events.filter((event) => event.detail['passed'] === false);
  expect(failed.length).toBeGreaterThanOrEqual(9);
  expect(new Set(failed.map((event) => event.detail['observer']))).toEqual(new Set(['eu-west-1']));
});

test('a service whose whole API fails is seen by its probe alone', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({
    id: 'api',
    kind: 'api-failure',
    service: 'elasticache',
    operation: '*',
    error: 'internal',
    region: primary,
  });
  await rehearsal.pass(600);
  expect(alarmsTo(rehearsal, 'ALARM')).toEqual([`chatops-probe-elasticache-${primary}`]);
});

test('a bad release fails requests in every zone and is over when it was rolled back', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'release', kind: 'bad-release' });
  await rehearsal.pass(300);
  const alarms = alarmsTo(rehearsal, 'ALARM');
  for (const zone of ['use1-az1', 'use1-az2', 'use1-az4']) expect(alarms).toContain(`chatops-api-5xx-${zone}`);
  expect(alarms.filter((name) => /probe|heartbeat|database|cache|cluster/.test(name))).toEqual([]);
  const { build } = await rehearsal.call('codebuild', 'StartBuild', { projectName: 'chatops-rollback' });
  expect(build.buildStatus).toBe('IN_PROGRESS');
  await rehearsal.pass(300);
  const { builds } = await rehearsal.call('codebuild', 'BatchGetBuilds', { ids: [build.id] });
  expect(builds[0]).toMatchObject({ buildStatus: 'SUCCEEDED', buildComplete: true });
  expect(rehearsal.estate.truth().served).toBe(true);
  await rehearsal.pass(300);
  const releases = rehearsal.events.filter((event) => event.source === 'chatops.deploy');
  expect(releases.map((event) => [event.detail['phase'], event.detail['note']])).toEqual([
    ['STARTED', ''],
    ['COMPLETED', ''],
    ['STARTED', 'rollback'],
    ['COMPLETED', 'rollback'],
  ]);
});

test('a release that is well and planned work are told by those who do them, and break nothing', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'release', kind: 'release' });
  rehearsal.estate.inject({
    id: 'night work',
    kind: 'maintenance',
    targets: ['database'],
    plannedMinutes: 5,
    forSeconds: 300,
  });
  await rehearsal.pass(600);
  const told = rehearsal.events.filter(({ source }) => ['chatops.deploy', 'chatops.maintenance'].includes(source));
  const work = { windowId: 'night work', targets: ['database'], plannedMinutes: 5 };
  expect(told.filter(({ source }) => source === 'chatops.deploy').map(({ detail }) => detail['phase'])).toEqual([
    'STARTED',
    'COMPLETED',
  ]);
  expect(told.filter(({ source }) => source === 'chatops.maintenance')).toMatchObject([
    { 'detail-type': 'Chatops Maintenance Window', region: primary, detail: { ...work, phase: 'STARTED' } },
    { 'detail-type': 'Chatops Maintenance Window', region: primary, detail: { ...work, phase: 'COMPLETED' } },
  ]);
  expect(alarmsTo(rehearsal, 'ALARM')).toEqual([]);
  expect(rehearsal.estate.servedHistory()).toHaveLength(1);
});

test('what decides about requests is told of each region, in any condition', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'power', kind: 'zone-power', zone: 'use1-az1' });
  const { zones, databases, caches, isDown, releaseFailure } = rehearsal.estate.conditions(primary);
  expect({ isDown, releaseFailure }).toEqual({ isDown: false, releaseFailure: 0 });
  expect(zones.map(({ zone, runs, localFailure }) => [zone, runs, localFailure >= 1])).toEqual([
    ['use1-az1', false, true],
    ['use1-az2', true, false],
    ['use1-az4', true, false],
  ]);
  const away = { zone: 'use1-az1', condition: 'down', replaceable: true };
  expect(databases).toMatchObject([{ name: 'database', writable: false, ...away }]);
  expect(caches).toMatchObject([{ name: 'cache', ...away }]);
  rehearsal.estate.inject({ id: 'second', kind: 'zone-power', zone: 'use1-az2' });
  expect(rehearsal.estate.conditions(primary).databases).toMatchObject([{ replaceable: false }]);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(rehearsal.estate.conditions(primary).isDown).toBe(true);
});

test('a storm is as many alarms as it says, of one component, within a minute, and users notice nothing', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.now();
  rehearsal.estate.inject({
    id: 'storm',
    kind: 'alarm-storm',
    component: 'worker',
    count: 300,
    zone: 'use1-az2',
    forSeconds: 600,
  });
  await rehearsal.pass(61);
  const raised = alarmsTo(rehearsal, 'ALARM');
  expect(raised).toHaveLength(300);
  expect(raised[6]).toBe('chatops-worker-status-007-use1-az2');
  await rehearsal.pass(700);
  expect(alarmsTo(rehearsal, 'OK', began)).toHaveLength(300);
  expect(rehearsal.estate.servedHistory()).toHaveLength(1);
});

test('an alarm of a storm that ends while its region is lost becomes well after that', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.now();
  rehearsal.estate.inject({ id: 'storm', kind: 'alarm-storm', component: 'worker', count: 3, forSeconds: 600 });
  await rehearsal.pass(590);
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', forSeconds: 100 });
  const well = () => alarmsTo(rehearsal, 'OK', began).filter((name) => name.includes('-worker-status-'));
  await rehearsal.pass(99);
  expect(well()).toEqual([]);
  await rehearsal.pass(180);
  expect(well().toSorted()).toEqual(['001', '002', '003'].map((one) => `chatops-worker-status-${one}`));
});

test('a flapping alarm toggles as long as the fault lasts and ends well', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({
    id: 'flap',
    kind: 'alarm-flapping',
    alarm: 'chatops-cache-evictions',
    everySeconds: 90,
    forSeconds: 800,
  });
  await rehearsal.pass(1600);
  const values = rehearsal.events
    .filter((event) => event.detail['alarmName'] === 'chatops-cache-evictions')
    .map((event) => stateOf(event).value);
  expect(values).toEqual(['ALARM', 'OK', 'ALARM', 'OK', 'ALARM', 'OK', 'ALARM', 'OK', 'ALARM', 'OK']);
});

test('a lost node is one of its zone, named by EC2 and Auto Scaling, and replaced within minutes', async () => {
  const rehearsal = await rehearseStacks();
  rehearsal.estate.inject({ id: 'node', kind: 'node-loss', zone: 'use1-az2' });
  await rehearsal.pass(700);
  const types = rehearsal.events
    .filter((event) => /aws\.(ec2|autoscaling)/.test(event.source))
    .map((event) => event['detail-type']);
  expect(types).toContain('EC2 Instance Launch Successful');
  expect(types).toContain('EC2 Instance Terminate Successful');
  const alarms = alarmsTo(rehearsal, 'ALARM');
  expect(alarms).not.toEqual([]);
  for (const name of alarms) expect(name).toMatch(/(nodes-notready|pods-unready)-use1-az2$/);
  expect(rehearsal.estate.truth().served).toBe(true);
});

test('the health endpoint answers by the state of the service, and not at all from a dark region', async () => {
  const rehearsal = await rehearseStacks();
  const ask = async (): Promise<Response | Error> => {
    const asked = rehearsal.estate
      .fetch('https://api.chatops.example.com/health', standby)
      .catch((error: Error) => error);
    await rehearsal.pass(10);
    return asked;
  };
  expect(await ask()).toMatchObject({ status: 200 });
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark' });
  expect(await ask()).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
});

const everything: Fault[] = [
  { id: 'grey', kind: 'zone-impaired', zone: 'use1-az4', forSeconds: 900 },
  { id: 'power', kind: 'zone-power', zone: 'use1-az1', forSeconds: 1200 },
  { id: 'node', kind: 'node-loss', zone: 'use1-az2' },
  { id: 'release', kind: 'bad-release', forSeconds: 600 },
  { id: 'shift', kind: 'autoshift', zone: 'use1-az1', forSeconds: 900 },
  { id: 'canary', kind: 'canary-broken', observer: 'eu-west-1', forSeconds: 300 },
  { id: 'blind', kind: 'telemetry-loss', region: standby, forSeconds: 600 },
];

async function troubled(seed: number): Promise<Rehearsal> {
  const rehearsal = await rehearseStacks(seed);
  for (const fault of everything) rehearsal.estate.inject(fault);
  await rehearsal.call('codebuild', 'StartBuild', { projectName: 'chatops-rollback' });
  const resourceIdentifier = `arn:aws:eks:${primary}:${account}:cluster/chatops-prod`;
  const shift = { resourceIdentifier, awayFrom: 'use1-az1', expiresIn: '1h', comment: 'test' };
  await rehearsal.call('arc-zonal-shift', 'StartZonalShift', shift);
  await rehearsal.pass(1800);
  return rehearsal;
}

/** All bytes of a history in a few: a difference is shown in a line and not in megabytes. */
function digest({ events }: Rehearsal): string {
  return createHash('sha256').update(JSON.stringify(events)).digest('hex');
}

test('one seed gives one history to the byte, and another seed another one', async () => {
  const [first, again, other] = await Promise.all([troubled(7), troubled(7), troubled(8)]);
  expect(first.events.length).toBeGreaterThan(200);
  expect(digest(again)).toBe(digest(first));
  expect(again.estate.truth()).toEqual(first.estate.truth());
  expect(digest(other)).not.toBe(digest(first));
});

/** Fields of `detail` in the reference envelopes (incidents/reference), by detail type. */
const fields: Record<string, string[]> = {
  'CloudWatch Alarm State Change': ['alarmName', 'configuration', 'previousState', 'state'],
  'RDS DB Instance Event': [
    'Date',
    'EventCategories',
    'EventID',
    'Message',
    'SourceArn',
    'SourceIdentifier',
    'SourceType',
  ],
  'Chatops Canary Run': ['observer', 'passed', 'share'],
  'Chatops Probe Run': ['failing', 'observer', 'region'],
  'EC2 Instance State-change Notification': ['instance-id', 'state'],
  'EC2 Instance Launch Successful': scalingFields(),
  'EC2 Instance Launch Unsuccessful': scalingFields(),
  'EC2 Instance Terminate Successful': scalingFields(),
  'Autoshift In Progress': ['data', 'metadata', 'version'],
  'Autoshift Completed': ['data', 'metadata', 'version'],
  'Manual Shift Started': ['data', 'metadata', 'version'],
  'CodeBuild Build State Change': [
    'additional-information',
    'build-id',
    'build-status',
    'current-phase',
    'current-phase-context',
    'project-name',
    'version',
  ],
  'Chatops Heartbeat': ['application', 'everySeconds', 'sentBy', 'sourceRegion'],
  'Chatops Deployment': ['application', 'deploymentId', 'note', 'phase', 'targetRegion', 'version'],
  'ElastiCache Notification': ['Cache Cluster ID', 'ElastiCache:FailoverComplete'],
};

function scalingFields(): string[] {
  const common = [
    'ActivityId',
    'AutoScalingGroupName',
    'Cause',
    'Description',
    'Destination',
    'Details',
    'EC2InstanceId',
  ];
  return [...common, 'EndTime', 'Origin', 'RequestId', 'StartTime', 'StatusCode', 'StatusMessage'];
}

test('every event has the envelope and the fields of the reference', async () => {
  const { events } = await troubled(9);
  expect(events.length).toBeGreaterThan(10);
  for (const event of events) {
    expect(Object.keys(event).sort()).toEqual(
      ['account', 'detail', 'detail-type', 'id', 'region', 'resources', 'source', 'time', 'version'].sort(),
    );
    expect(event).toMatchObject({
      version: '0',
      account,
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    expect(event.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect([event['detail-type'], Object.keys(event.detail).sort()]).toEqual([
      event['detail-type'],
      fields[event['detail-type']],
    ]);
  }
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  expect(new Set(events.map((event) => event['detail-type']))).toEqual(new Set(Object.keys(fields)));
});

test('seeded chance is between 0 and 1 and repeats itself', () => {
  const [first, again] = [createRandom(42), createRandom(42)];
  const numbers = Array.from({ length: 1000 }, () => first());
  expect(numbers).toEqual(Array.from({ length: 1000 }, () => again()));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(new Set(numbers).size).toBeGreaterThan(990);
});
