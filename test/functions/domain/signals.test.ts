// Tests of reading events: each kind gives its signal, and what no rule knows or is malformed gives a stray.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../../functions/domain/classify.ts';
import { alarmSignal, newestDatapoint, readEvent } from '../../../functions/domain/signals.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import { plan, start } from './sightings.ts';

const reference = '/work/shared/incidents/reference';
const time = '2026-11-23T03:00:00Z';

type Json = { readonly [key: string]: unknown };

function event(source: string, type: string, detail: unknown, change: Json = {}): Json {
  return { id: 'e-1', source, 'detail-type': type, time, region: 'us-east-1', detail, ...change };
}

function alarm(alarmName: unknown, value: unknown = 'ALARM', change: Json = {}, state: Json = {}): Json {
  return event('aws.cloudwatch', 'CloudWatch Alarm State Change', { alarmName, state: { value, ...state } }, change);
}

function health(detail: Json, change: Json = {}): Json {
  return event(
    'aws.health',
    'AWS Health Event',
    {
      eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/1',
      service: 'EC2',
      eventTypeCategory: 'issue',
      statusCode: 'open',
      ...detail,
    },
    change,
  );
}

function database(EventID: string, SourceIdentifier = 'chatops-prod', change: Json = {}): Json {
  return event('aws.rds', 'RDS DB Instance Event', { EventID, SourceIdentifier }, change);
}

function shift(type: string, awayFrom: unknown): Json {
  return event('aws.arc-zonal-shift', type, { metadata: { awayFrom } });
}

function scaling(type: string, zone: string): Json {
  const detail = { AutoScalingGroupName: 'chatops-nodes', Details: { 'Availability Zone': zone } };
  return event('aws.autoscaling', type, detail);
}

const run = (name: string, status: string, region = 'eu-west-1') =>
  event(
    'aws.synthetics',
    'Synthetics Canary TestRun Successful',
    { 'canary-name': name, 'test-run-status': status },
    { region },
  );
const beat = event('chatops.heartbeat', 'Chatops Heartbeat', { sourceRegion: 'us-east-1' }, { region: 'us-west-2' });
const release = (phase: string, detail: Json = {}) =>
  event('chatops.deploy', 'Chatops Deployment', { phase, deploymentId: 'd-1', targetRegion: 'us-east-1', ...detail });
const maintenance = (detail: Json) =>
  event('chatops.maintenance', 'Chatops Maintenance Window', {
    phase: 'STARTED',
    windowId: 'mw-1',
    targets: ['database'],
    ...detail,
  });
const cache = (detail: Json) => event('chatops.elasticache', 'ElastiCache Notification', detail);

function signalOf(raw: unknown): Signal {
  const reading = readEvent(raw, plan);
  if ('stray' in reading) throw new Error(reading.stray);
  return reading.signal;
}

function strayOf(raw: unknown): string {
  const reading = readEvent(raw, plan);
  return 'stray' in reading ? reading.stray : `a signal: ${JSON.stringify(reading.signal)}`;
}

const west = { region: 'us-west-2' };

test.for([
  [
    'an alarm over the region',
    alarm('chatops-api-5xx'),
    { kind: 'component', component: 'api', measure: '5xx', zone: null, condition: 'failing' },
  ],
  [
    'an alarm of a zone',
    alarm('chatops-database-connections-use1-az4', 'OK'),
    { component: 'database', measure: 'connections', zone: 'use1-az4', condition: 'healthy' },
  ],
  [
    'an alarm of one resource',
    alarm('chatops-worker-errors-0042'),
    { component: 'worker', measure: 'errors', zone: null },
  ],
  [
    'an alarm of one resource in a zone',
    alarm('chatops-cluster-nodes-notready-117-use1-az2'),
    { component: 'cluster', measure: 'nodes-notready', zone: 'use1-az2' },
  ],
  [
    'an alarm without data',
    alarm('chatops-cache-evictions', 'INSUFFICIENT_DATA'),
    { component: 'cache', condition: 'unknown' },
  ],
  [
    'an alarm of the standby',
    alarm('chatops-api-5xx-usw2-az1', 'ALARM', west),
    { region: 'us-west-2', zone: 'usw2-az1' },
  ],
  [
    'a canary alarm',
    alarm('chatops-canary-eu-west-1', 'ALARM', { region: 'eu-west-1' }),
    { kind: 'canary', observer: 'eu-west-1', region: 'us-east-1', condition: 'failing' },
  ],
  [
    'a probe',
    alarm('chatops-probe-dynamodb-us-east-1', 'ALARM', west),
    { kind: 'probe', service: 'dynamodb', observer: 'us-west-2', region: 'us-east-1' },
  ],
  [
    'a missing heartbeat',
    alarm('chatops-heartbeat-us-east-1', 'ALARM', west),
    { kind: 'heartbeat', observer: 'us-west-2', region: 'us-east-1', condition: 'failing' },
  ],
  [
    'a replica that lags',
    alarm('chatops-database-replica-lag', 'ALARM', west),
    { kind: 'replica', observer: 'us-west-2', region: 'us-east-1', condition: 'failing' },
  ],
  [
    'a run that passed',
    run('chatops-eu-west-1', 'PASSED'),
    { kind: 'canary-run', observer: 'eu-west-1', region: 'us-east-1', passed: true },
  ],
  ['a run that failed', run('chatops-eu-west-1', 'FAILED'), { kind: 'canary-run', passed: false }],
  [
    'an open issue',
    health({}),
    { kind: 'health', observer: 'aws-health', service: 'ec2', open: true, category: 'issue', zones: [] },
  ],
  ['a closed issue', health({ statusCode: 'closed' }), { kind: 'health', open: false }],
  ['an issue that has an end, whatever its status says', health({ endTime: time }), { kind: 'health', open: false }],
  [
    'an issue that names zones in its text',
    health({ eventDescription: [{ latestDescription: 'Power in USE1-AZ4, network in use1-az1.' }] }),
    { zones: ['use1-az1', 'use1-az4'] },
  ],
  [
    'a scheduled change',
    health({ eventTypeCategory: 'scheduledChange', statusCode: 'upcoming' }),
    { kind: 'health', open: false, category: 'scheduledChange' },
  ],
  [
    'a failover that began',
    database('RDS-EVENT-0013'),
    { kind: 'database', instance: 'chatops-prod', change: 'failover-started', region: 'us-east-1' },
  ],
  ['a failover that ended', database('RDS-EVENT-0049'), { change: 'failover-completed' }],
  [
    'an event of the replica, sent from its own region',
    database('RDS-EVENT-0045', 'chatops-dr-replica', west),
    { region: 'us-east-1', observer: 'rds:us-west-2', change: 'replication-stopped' },
  ],
  ['a database event without a meaning here', database('RDS-EVENT-0001'), { change: 'other' }],
  [
    'a database event named like a property of every object',
    database('constructor'),
    { kind: 'database', change: 'other' },
  ],
  [
    'patching of the database',
    database('RDS-EVENT-0026'),
    { kind: 'maintenance', window: 'chatops-prod', phase: 'started', targets: ['database'] },
  ],
  ['the end of patching', database('RDS-EVENT-0027'), { kind: 'maintenance', phase: 'ended' }],
  [
    'an autoshift',
    shift('Autoshift In Progress', 'use1-az2'),
    { kind: 'shift', zone: 'use1-az2', cause: 'autoshift', active: true, observer: 'aws-zonal-shift' },
  ],
  ['the end of an autoshift', shift('Autoshift Completed', 'use1-az2'), { cause: 'autoshift', active: false }],
  [
    'an autoshift that names the zone as this account does',
    shift('Autoshift In Progress', 'us-east-1b'),
    { zone: 'use1-az2' },
  ],
  ['a practice run', shift('Practice Run Started', 'use1-az1'), { cause: 'practice', active: true }],
  ['an experiment', shift('FIS Experiment Autoshift In Progress', 'use1-az1'), { cause: 'experiment', active: true }],
  ['a shift by hand', shift('Manual Shift Started', 'use1-az1'), { cause: 'manual', active: true }],
  [
    'a stopped instance',
    event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': 'i-1', state: 'stopped' }),
    { kind: 'instance', instance: 'i-1', state: 'stopped' },
  ],
  [
    'a failed launch',
    scaling('EC2 Instance Launch Unsuccessful', 'us-east-1c'),
    { kind: 'scaling', change: 'launch-failed', zone: 'use1-az4' },
  ],
  ['a launch', scaling('EC2 Instance Launch Successful', 'us-east-1a'), { change: 'launched', zone: 'use1-az1' }],
  [
    'a termination in a zone the plan lacks',
    scaling('EC2 Instance Terminate Successful', 'us-east-1f'),
    { change: 'terminated', zone: null },
  ],
  ['a beat, sent through another region', beat, { kind: 'beat', region: 'us-east-1' }],
  [
    'a release that begins',
    release('STARTED'),
    { kind: 'release', release: 'd-1', phase: 'started', region: 'us-east-1' },
  ],
  ['a release of the standby', release('STARTED', { targetRegion: 'us-west-2' }), { region: 'us-west-2' }],
  ['a release that ends', release('COMPLETED'), { phase: 'ended' }],
  ['a release that failed', release('FAILED'), { phase: 'ended' }],
  [
    'planned work',
    maintenance({ plannedMinutes: 45 }),
    { kind: 'maintenance', window: 'mw-1', phase: 'started', targets: ['database'], plannedSeconds: 2700 },
  ],
  ['planned work of unknown length', maintenance({}), { plannedSeconds: null }],
  [
    'a cache failover',
    cache({ 'ElastiCache:FailoverComplete': 'chatops-redis' }),
    { kind: 'cache', group: 'chatops-redis', change: 'failover-completed', observer: 'elasticache:us-east-1' },
  ],
  [
    'a cache failover that begins',
    cache({ 'ElastiCache:TestFailoverAPICalled': 'chatops-redis' }),
    { change: 'failover-started' },
  ],
  [
    'a replaced cache node',
    cache({ 'ElastiCache:CacheNodeReplaceComplete': 'chatops-redis' }),
    { change: 'node-replaced' },
  ],
  ['another cache message', cache({ 'ElastiCache:SnapshotComplete': 'chatops-redis' }), { change: 'other' }],
] as const)('%s is understood', ([, raw, signal]) => {
  expect(signalOf(raw)).toMatchObject({ id: 'e-1', at: start, ...signal });
});

test.for([
  ['nothing', undefined, 'event'],
  ['null', null, 'event'],
  ['text', 'ALARM', 'event'],
  ['a number', 7, 'event'],
  ['a list', [alarm('chatops-api-5xx')], 'event'],
  ['an empty object', {}, 'event.id'],
  ['an event without an id', { ...alarm('chatops-api-5xx'), id: '' }, 'event.id'],
  ['an event without a detail', event('aws.cloudwatch', 'CloudWatch Alarm State Change', null), 'event.detail'],
  ['an event with a list as detail', event('aws.cloudwatch', 'CloudWatch Alarm State Change', []), 'event.detail'],
  ['an event without a region', alarm('chatops-api-5xx', 'ALARM', { region: '' }), 'event.region'],
  ['an event whose time is no time', alarm('chatops-api-5xx', 'ALARM', { time: 'yesterday' }), 'event.time'],
  ['an event whose time is a number', alarm('chatops-api-5xx', 'ALARM', { time: 1_700_000_000 }), 'event.time'],
  ['an unknown source', event('aws.sns', 'Message', {}), 'no rule knows aws.sns "Message"'],
  [
    'another kind of event of CloudWatch',
    event('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', {}),
    'no rule knows aws.cloudwatch',
  ],
  ['an unknown alarm', alarm('billing-too-high'), 'no rule knows alarm billing-too-high'],
  ['an alarm of an unknown component', alarm('chatops-mailer-errors'), 'no rule knows alarm chatops-mailer-errors'],
  [
    'an alarm of a zone the plan lacks',
    alarm('chatops-api-5xx-use1-az6'),
    'alarm chatops-api-5xx-use1-az6 names zone use1-az6, which us-east-1 does not have in the plan',
  ],
  [
    'an alarm of a zone of another region',
    alarm('chatops-api-5xx-usw2-az1'),
    'alarm chatops-api-5xx-usw2-az1 names zone usw2-az1',
  ],
  [
    'a canary of an observer the plan lacks',
    alarm('chatops-canary-eu-west-1-checkout'),
    'alarm chatops-canary-eu-west-1-checkout names observer eu-west-1-checkout',
  ],
  ['an alarm without a name', alarm(undefined), 'detail.alarmName'],
  ['an alarm named by a number', alarm(7), 'detail.alarmName'],
  ['an alarm in a state that is none', alarm('chatops-api-5xx', 'BAD'), 'detail.state.value'],
  [
    'an alarm without a state',
    event('aws.cloudwatch', 'CloudWatch Alarm State Change', { alarmName: 'chatops-api-5xx' }),
    'detail.state',
  ],
  ['a run of an unknown canary', run('events-bb-1', 'PASSED'), 'no rule knows canary events-bb-1'],
  ['a run of an observer the plan lacks', run('chatops-sa-east-1', 'PASSED'), 'no rule knows canary chatops-sa-east-1'],
  [
    'a run without a result',
    event('aws.synthetics', 'Synthetics Canary TestRun Failure', { 'canary-name': 'chatops-eu-west-1' }),
    'detail.test-run-status',
  ],
  ['a bulletin without an ARN', health({ eventArn: undefined }), 'detail.eventArn'],
  ['a bulletin whose text is none', health({ eventDescription: 'bad' }), 'detail.eventDescription'],
  ['an unknown database', database('RDS-EVENT-0006', 'billing'), 'no rule knows database billing'],
  [
    'a database event without an id',
    event('aws.rds', 'RDS DB Instance Event', { SourceIdentifier: 'chatops-prod' }),
    'detail.EventID',
  ],
  [
    'a shift away from a zone the plan lacks',
    shift('Autoshift In Progress', 'use1-az6'),
    'zonal shift away from use1-az6, which is no zone of us-east-1 in the plan',
  ],
  ['a shift from nowhere', shift('Autoshift In Progress', null), 'detail.metadata.awayFrom'],
  [
    'an instance without a state',
    event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': 'i-1' }),
    'detail.state',
  ],
  [
    'another kind of event of EC2',
    event('aws.ec2', 'EC2 Spot Instance Interruption Warning', {}),
    'no rule knows aws.ec2',
  ],
  [
    'scaling of no group',
    event('aws.autoscaling', 'EC2 Instance Launch Successful', {}),
    'detail.AutoScalingGroupName',
  ],
  ['a release without a name', release('STARTED', { deploymentId: null }), 'detail.deploymentId'],
  ['a release without a phase', release('STARTED', { phase: undefined }), 'detail.phase'],
  ['planned work on nothing', maintenance({ targets: 'database' }), 'detail.targets'],
  ['planned work that takes less than no time', maintenance({ plannedMinutes: -5 }), 'detail.plannedMinutes'],
  [
    'a cache message without a cache',
    cache({ 'ElastiCache:FailoverComplete': 7 }),
    'detail: is no ElastiCache message',
  ],
  ['a cache message without a message', cache({ note: 'x' }), 'detail: is no ElastiCache message'],
] as const)('%s is a stray with its reason', ([, raw, reason]) => {
  expect(strayOf(raw).slice(0, reason.length)).toBe(reason);
});

test.for([
  ['the backup copy of a bulletin', health({ eventRegion: 'us-east-1' }), health({ eventRegion: 'us-east-1' }, west)],
  ['a bulletin and its update', health({}), health({ communicationId: 'second' })],
  ['a bulletin and its end', health({}), health({ statusCode: 'closed' })],
  ['an alarm and its recovery', alarm('chatops-api-5xx'), alarm('chatops-api-5xx', 'OK')],
  [
    'an autoshift for us and for observers',
    shift('Autoshift In Progress', 'use1-az2'),
    shift('Autoshift In Progress', 'us-east-1b'),
  ],
  ['an autoshift and its end', shift('Autoshift In Progress', 'use1-az2'), shift('Autoshift Completed', 'use1-az2')],
] as const)('%s share a key: the newest counts', ([, one, other]) => {
  expect(signalOf(one).key).toBe(signalOf(other).key);
  expect(signalOf(one).region).toBe(signalOf(other).region);
});

test.for([
  ['two pages of a bulletin', health({ page: '1' }), health({ page: '2' })],
  [
    'two bulletins',
    health({}),
    health({ eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/2' }),
  ],
  ['one alarm name in two regions', alarm('chatops-api-5xx'), alarm('chatops-api-5xx', 'ALARM', west)],
  ['a run that passed and one that failed', run('chatops-eu-west-1', 'PASSED'), run('chatops-eu-west-1', 'FAILED')],
  ['the begin and the end of a release', release('STARTED'), release('COMPLETED')],
  ['two events of one failover', database('RDS-EVENT-0013'), database('RDS-EVENT-0049')],
] as const)('%s differ in key: both count', ([, one, other]) => {
  expect(signalOf(one).key).not.toBe(signalOf(other).key);
});

test('a page may be a number or text', () => {
  expect(signalOf(health({ page: 2 })).key).toBe(signalOf(health({ page: '2' })).key);
});

test('a bulletin without a region speaks about the region of its ARN, not the one it came through', () => {
  expect(signalOf(health({}, west)).region).toBe('us-east-1');
});

test.for([
  ['is below the threshold', 'OK', [640, 2], 'healthy'],
  ['is zero', 'OK', [640, 0], 'healthy'],
  ['is -1: nothing is replicated', 'OK', [640, -1], 'unknown'],
  ['was -1 and is not any more', 'OK', [-1, 3], 'healthy'],
  ['is above the threshold', 'ALARM', [-1, 640], 'failing'],
  ['is not reported', 'OK', [], 'healthy'],
] as const)('a replica whose lag %s', ([, value, recentDatapoints, condition]) => {
  const reasonData = JSON.stringify({ recentDatapoints });
  const signal = signalOf(alarm('chatops-database-replica-lag', value, west, { reasonData }));
  expect(signal).toMatchObject({ kind: 'replica', condition });
});

test.for([undefined, '', 'null', '{', '[]', '{"recentDatapoints":"-1"}'])(
  'reason data %s holds no datapoint',
  (data) => {
    expect(newestDatapoint(data)).toBe(null);
  },
);

test('reason data that is no text spoils no alarm', () => {
  expect(signalOf(alarm('chatops-api-5xx', 'ALARM', {}, { reasonData: 7 }))).toMatchObject({ condition: 'failing' });
});

test('reading an alarm gives the key of the event of its change', () => {
  const common = { id: 'read', at: start, region: 'us-east-1', observer: 'us-east-1' };
  const read = alarmSignal('chatops-api-5xx-use1-az1', 'failing', common, plan);
  expect(read).toEqual({ ...signalOf(alarm('chatops-api-5xx-use1-az1')), id: 'read' });
});

test('every documented envelope gives a signal or a stray with a reason', ({ skip }) => {
  if (!existsSync(reference)) return skip(`${reference} is not here: the documented envelopes are not read`);
  const files = readdirSync(reference).filter((file) => file.endsWith('.json'));
  expect(files.length).toBeGreaterThan(40);
  const kinds: Record<string, string> = {};
  for (const file of files) {
    const reading = readEvent(JSON.parse(readFileSync(`${reference}/${file}`, 'utf8')), plan);
    if ('stray' in reading) expect(reading.stray, file).not.toBe('');
    kinds[file] = 'signal' in reading ? reading.signal.kind : 'stray';
  }
  expect(kinds).toMatchObject({
    'arc-autoshift-completed.json': 'shift',
    'arc-autoshift-in-progress-observer.json': 'shift',
    'arc-fis-autoshift-in-progress.json': 'shift',
    'arc-manual-shift-started.json': 'shift',
    'arc-practice-run-started.json': 'shift',
    'arc-region-switch-step.json': 'stray',
    'autoscaling-launch-unsuccessful.json': 'scaling',
    'cloudwatch-metric-alarm-to-alarm.json': 'stray',
    'deployment-custom-event.json': 'release',
    'ec2-instance-state-change.json': 'instance',
    'elasticache-sns-message.json': 'stray',
    'health-account-specific-entities-page-1-of-2.json': 'health',
    'health-public-issue-backup-copy.json': 'health',
    'health-scheduled-change.json': 'health',
    'heartbeat-custom-event.json': 'beat',
    'heartbeat-missing-alarm.json': 'heartbeat',
    'maintenance-custom-event.json': 'maintenance',
    'rds-event-catalogue.json': 'stray',
    'rds-instance-0013.json': 'stray',
    'route53-health-check-alarm.json': 'component',
    'synthetics-canary-alarm.json': 'canary',
    'synthetics-canary-run-passed.json': 'stray',
  });
});

const wellFormed: readonly Json[] = [
  alarm('chatops-api-5xx-use1-az1'),
  alarm('chatops-canary-eu-west-1'),
  alarm('chatops-probe-ec2-us-east-1'),
  alarm('chatops-heartbeat-us-east-1'),
  alarm('chatops-database-replica-lag'),
  run('chatops-eu-west-1', 'FAILED'),
  health({}),
  database('RDS-EVENT-0013'),
  shift('Autoshift In Progress', 'use1-az2'),
  scaling('EC2 Instance Launch Unsuccessful', 'us-east-1a'),
  beat,
  release('STARTED'),
  maintenance({ plannedMinutes: 5 }),
  cache({ 'ElastiCache:FailoverComplete': 'chatops-redis' }),
];

/** Names that every object has, beside anything else. */
const nasty = fc.oneof(
  fc.constantFrom('constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'us-east-1', 'use1-az1'),
  fc.jsonValue(),
);

/** An event with something put in place of one of its values, at any depth. */
const spoiled = fc.tuple(fc.constantFrom(...wellFormed), fc.nat(), nasty).map(([raw, index, value]) => {
  const copy = structuredClone(raw) as { [key: string]: unknown };
  const places: [{ [key: string]: unknown }, string][] = [];
  const visit = (at: { [key: string]: unknown }) => {
    for (const [key, one] of Object.entries(at)) {
      places.push([at, key]);
      if (typeof one === 'object' && one !== null) visit(one as { [key: string]: unknown });
    }
  };
  visit(copy);
  const [at, key] = places[index % places.length] ?? [copy, 'id'];
  at[key] = value;
  return copy;
});

test('no event, however malformed, is more than a stray, and no signal breaks the classification', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.jsonValue(), spoiled), (raw) => {
      const reading = readEvent(raw, plan);
      if ('stray' in reading) return reading.stray.length > 0;
      const { id, key, region, at } = reading.signal;
      classify([reading.signal], region, plan, at + 1000);
      return id !== '' && key !== '' && Number.isFinite(at);
    }),
    { seed: 20_261_123, numRuns: 3000 },
  );
});
