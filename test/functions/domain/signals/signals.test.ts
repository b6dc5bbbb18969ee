// Tests of reading events: each kind gives its signal, under the key by which the newest is found.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { newestByKey } from '../../../../functions/domain/evidence/picture.ts';
import { alarmSignal, readEvent } from '../../../../functions/domain/signals/signals.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { start } from '../evidence/sightings.ts';
import {
  alarm,
  beat,
  cache,
  database,
  event,
  health,
  maintenance,
  release,
  run,
  shift,
  time,
  west,
} from './envelopes.ts';

const reference = '/work/shared/incidents/reference';
function signalOf(raw: unknown): Signal {
  const reading = readEvent(raw, plan);
  if ('stray' in reading) throw new Error(reading.stray);
  return reading.signal;
}

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
  ['a shift by hand that lasts longer', shift('Manual Shift Updated', 'use1-az1'), { cause: 'manual', active: true }],
  ['a shift by hand that was ended', shift('Manual Shift Canceled', 'use1-az1'), { cause: 'manual', active: false }],
  ['an interrupted practice run', shift('Practice Run Interrupted', 'use1-az1'), { cause: 'practice', active: false }],
  ['a beat, sent through another region', beat, { kind: 'beat', region: 'us-east-1' }],
  [
    'a release that begins',
    release('STARTED'),
    { kind: 'release', release: 'd-1', phase: 'started', region: 'us-east-1' },
  ],
  ['a release of the standby', release('STARTED', { targetRegion: 'us-west-2' }), { region: 'us-west-2' }],
  [
    'a release of where it was sent from',
    release('STARTED', { targetRegion: undefined }, west),
    { region: 'us-west-2' },
  ],
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
  ...(
    [
      ['CacheNodeReplaceStarted', 'replacement-started'],
      ['NodeReplacementScheduled', 'replacement-scheduled'],
      ['NodeReplacementRescheduled', 'replacement-scheduled'],
      ['NodeReplacementCanceled', 'replacement-canceled'],
    ] as const
  ).map(
    ([message, change]) =>
      [
        `a cache node of which ${message} is told`,
        cache({ [`ElastiCache:${message}`]: 'chatops-redis' }),
        { change },
      ] as const,
  ),
  [
    'a node of a group',
    cache({ 'ElastiCache:FailoverComplete': 'chatops-redis-0001-002' }),
    { group: 'chatops-redis' },
  ],
  ['another cache message', cache({ 'ElastiCache:SnapshotComplete': 'chatops-redis' }), { change: 'other' }],
] as const)('%s is understood', ([, raw, signal]) => {
  expect(signalOf(raw)).toMatchObject({ id: 'e-1', at: start, ...signal });
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
  ['two releases', release('STARTED'), release('STARTED', { deploymentId: 'd-2' })],
  ['the begin and the end of planned work', maintenance({}), maintenance({ phase: 'COMPLETED' })],
  ['two windows of planned work', maintenance({}), maintenance({ windowId: 'mw-2' })],
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
  'a replica with reason data %s, which hold no value, is what its alarm says',
  (reasonData) => {
    const common = { id: 'read', at: start, region: 'us-west-2', observer: 'us-west-2' };
    const read = alarmSignal('chatops-database-replica-lag', 'healthy', common, plan, reasonData);
    expect(read).toMatchObject({ kind: 'replica', condition: 'healthy' });
  },
);

test('reason data that is no text spoils no alarm', () => {
  expect(signalOf(alarm('chatops-api-5xx', 'ALARM', {}, { reasonData: 7 }))).toMatchObject({ condition: 'failing' });
});

test.for([
  ['its own milliseconds tell', '700', undefined],
  ['its own are those of the one before it, which it names', '100', '100'],
])(
  'of two changes of an alarm within a second the later one counts, in whatever order they come: %s',
  ([, own, before]) => {
    const at = (milliseconds: string | undefined) => milliseconds && time.replace('Z', `.${milliseconds}+0000`);
    // The envelopes have whole seconds, and their ids say nothing of their order.
    const changed = (id: string, value: string, timestamp: string | undefined, previous: string | undefined) =>
      signalOf(
        event(
          'aws.cloudwatch',
          'CloudWatch Alarm State Change',
          { alarmName: 'chatops-api-5xx', state: { value, timestamp }, previousState: { timestamp: previous } },
          { id },
        ),
      );
    const first = changed('e-9', 'ALARM', at('100'), undefined);
    const second = changed('e-1', 'OK', at(own), at(before));
    for (const order of [
      [first, second],
      [second, first],
    ])
      expect(newestByKey(order, 'us-east-1', start + 60_000)).toMatchObject([{ condition: 'healthy' }]);
  },
);

test('reading an alarm gives the key of the event of its change', () => {
  const common = { id: 'read', at: start, region: 'us-east-1', observer: 'us-east-1' };
  const read = alarmSignal('chatops-api-5xx-use1-az1', 'failing', common, plan);
  expect(read).toEqual({ ...signalOf(alarm('chatops-api-5xx-use1-az1')), id: 'read' });
});

test('an alarm that was deleted says nothing any more, from its deletion on', () => {
  const deleted = (state: object = {}) =>
    signalOf(
      event('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', {
        alarmName: 'chatops-api-5xx-use1-az1',
        operation: 'delete',
        ...state,
      }),
    );
  expect(deleted()).toStrictEqual({
    ...{ id: 'e-1', at: start, region: 'us-east-1', observer: 'us-east-1' },
    key: 'alarm:us-east-1:chatops-api-5xx-use1-az1',
    ...{ kind: 'component', component: 'api', measure: '5xx', zone: 'use1-az1', condition: 'gone' },
  });
  expect(deleted({ state: { timestamp: '2026-11-23T03:00:00.700Z' } }).at).toBe(start + 701);
});

test.for([
  ['its own, within the second of the envelope', '2026-11-23T03:00:00.999Z', start + 999],
  ['not its own, which is after that', '2026-11-23T03:00:01.000Z', start],
  ['its own, of less than a minute before', '2026-11-23T02:59:00.001Z', start - 59_999],
  ['not its own, which is of a minute before', '2026-11-23T02:59:00.000Z', start],
  ['not its own, which is none', 'yesterday', start],
  ['not its own, which is no text', 7, start],
] as const)('the time of a state is %s', ([, timestamp, at]) => {
  expect(signalOf(alarm('chatops-api-5xx', 'ALARM', {}, { timestamp })).at).toBe(at);
});

test.for([
  ['long before', '2026-11-23T02:00:00.000Z', start],
  ['just before', '2026-11-23T02:59:59.999Z', start],
  ['at the same time', '2026-11-23T03:00:00.000Z', start + 1],
  ['at the end of the second', '2026-11-23T03:00:00.999Z', start + 1_000],
  ['more than a second later, which cannot be', '2026-11-23T03:00:01.000Z', start],
] as const)('a state is later than the one before it, of %s', ([, timestamp, at]) => {
  const detail = { alarmName: 'chatops-api-5xx', state: { value: 'OK' }, previousState: { timestamp } };
  expect(signalOf(event('aws.cloudwatch', 'CloudWatch Alarm State Change', detail)).at).toBe(at);
});

test.for<[string, unknown, object]>([
  ['the newest', { recentDatapoints: [1, 2, 3] }, { value: 3 }],
  ['none, of none', { recentDatapoints: [] }, {}],
  ['none, of what cannot be kept', { recentDatapoints: [1e300] }, {}],
  ['none, of what is no number', { recentDatapoints: ['3'] }, {}],
])('an alarm tells a value: %s', ([, reasonData, told]) => {
  expect(signalOf(alarm('chatops-api-5xx', 'ALARM', {}, { reasonData: JSON.stringify(reasonData) }))).toStrictEqual({
    ...{ id: 'e-1', at: start, region: 'us-east-1', observer: 'us-east-1', key: 'alarm:us-east-1:chatops-api-5xx' },
    ...{ kind: 'component', component: 'api', measure: '5xx', zone: null, condition: 'failing', ...told },
  });
});

test('a replica whose lag is -1 fails where its alarm says so, and is not known where that says nothing', () => {
  const lag = (value: string) =>
    signalOf(alarm('chatops-database-replica-lag', value, west, { reasonData: '{"recentDatapoints":[-1]}' }));
  expect(lag('ALARM')).toMatchObject({ condition: 'failing', value: -1 });
  expect(lag('INSUFFICIENT_DATA')).toMatchObject({ condition: 'unknown' });
});

test.for<[string, unknown, object]>([
  ['how soon the next one follows', { everySeconds: 60 }, { everySeconds: 60 }],
  ['nothing', {}, {}],
  ['what is too soon', { everySeconds: 0.9 }, {}],
  ['what is too late', { everySeconds: 3_601 }, {}],
  ['what is no number, and no region', { everySeconds: 'soon', sourceRegion: 7 }, {}],
])('a beat says %s', ([, detail, told]) => {
  expect(signalOf(event('chatops.heartbeat', 'Chatops Heartbeat', detail))).toStrictEqual({
    ...{ id: 'e-1', at: start, region: 'us-east-1', observer: 'us-east-1' },
    ...{ kind: 'beat', key: 'beat:us-east-1', ...told },
  });
});

test.for<[string, unknown, object]>([
  ['the share of its visits', { share: 0.9 }, { value: 0.9 }],
  ['that none was answered', { share: 0 }, { value: 0 }],
  ['no share', {}, {}],
  ['more than all', { share: 1.1 }, {}],
  ['less than none', { share: -0.1 }, {}],
])('a run of our own canary tells %s', ([, detail, told]) => {
  const raw = event(
    'chatops.canary',
    'Chatops Canary Run',
    { observer: 'eu-west-1', passed: true, ...(detail as object) },
    { region: 'eu-west-1' },
  );
  expect(signalOf(raw)).toStrictEqual({
    ...{ id: 'e-1', at: start, region: 'us-east-1', observer: 'eu-west-1' },
    ...{ kind: 'canary-run', key: 'run:eu-west-1:true', passed: true, ...told },
  });
});

test.for([
  ['STARTED', 'started'],
  ['Begin', 'started'],
  ['in progress', 'started'],
  ['IN_PROGRESS', 'started'],
  ['inprogress', 'started'],
  ['restarted', 'ended'],
  ['not begun', 'ended'],
  ['succeeded', 'ended'],
] as const)('a release in phase %s has %s', ([phase, told]) => {
  expect(signalOf(release(phase))).toMatchObject({ phase: told });
});

test('an event about an observer’s region, the witness or a main region is about the plan', () => {
  for (const sourceRegion of ['eu-west-1', 'us-east-2', 'us-west-2'])
    expect(signalOf({ ...beat, detail: { sourceRegion } })).toMatchObject({ region: sourceRegion });
});

test('a bulletin without a page is its first', () => {
  expect(signalOf(health({})).key).toBe(signalOf(health({ page: '1' })).key);
});

test('a zone is not named by the end of one text and the beginning of the next', () => {
  const eventDescription = [{ latestDescription: 'of use1-' }, { latestDescription: 'az1' }];
  expect(signalOf(health({ eventDescription }))).toMatchObject({ zones: [] });
});

test('an event of the account that is protected is read', () => {
  const raw = { ...alarm('chatops-api-5xx'), account: '111122223333' };
  expect(readEvent(raw, plan, '111122223333')).toHaveProperty('signal');
});

/** What the plan of the tests makes of each; a name that it does not know makes a stray. */
const ofShipped = {
  'arc.autoshift-completed.json': 'shift',
  'arc.autoshift-in-progress-resource.json': 'shift',
  'arc.manual-shift-started.json': 'shift',
  'arc.practice-run-started.json': 'shift',
  'chatops.heartbeat.json': 'beat',
  'chatops.maintenance-started.json': 'maintenance',
  'chatops.release-started.json': 'release',
  'cloudwatch.composite-alarm-suppressed.json': 'stray',
  'cloudwatch.heartbeat-missing.json': 'heartbeat',
  'cloudwatch.metric-alarm-to-alarm.json': 'stray',
  'cloudwatch.metric-alarm-to-insufficient-data.json': 'stray',
  'cloudwatch.metric-alarm-to-ok.json': 'stray',
  'codebuild.build-failed.json': 'stray',
  'elasticache.sns-message.json': 'stray',
  'health.account-specific-entities.json': 'health',
  'health.public-issue-backup-copy.json': 'health',
  'health.public-issue-closed.json': 'health',
  'health.public-issue-open.json': 'health',
  'health.scheduled-change.json': 'health',
  'rds.cluster-0071.json': 'stray',
  'rds.instance-0006.json': 'stray',
  'rds.instance-0013.json': 'stray',
  'rds.instance-0045.json': 'stray',
  'rds.instance-0049.json': 'stray',
  'states.execution-failed.json': 'stray',
  'synthetics.canary-run-failed.json': 'stray',
  'synthetics.canary-run-passed.json': 'stray',
};

test.for([
  ['rds.instance-0013.json', 'my-db-instance', 'chatops-prod', 'database'],
  ['rds.instance-0049.json', 'my-db-instance', 'chatops-prod', 'database'],
  ['cloudwatch.metric-alarm-to-alarm.json', 'ServerCpuTooHigh', 'chatops-api-5xx', 'component'],
  ['cloudwatch.metric-alarm-to-ok.json', 'ServerCpuTooHigh', 'chatops-api-5xx', 'component'],
] as const)('%s is a signal where %s has a name of the plan', ([file, theirs, ours, kind]) => {
  expect(signalOf(JSON.parse(readFileSync(`events/${file}`, 'utf8').replaceAll(theirs, ours)))).toMatchObject({ kind });
});

/** What each envelope in a folder is read as, by its file. */
function kindsIn(folder: string, isEnvelope: (file: string) => boolean): Record<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json') && isEnvelope(file));
  return Object.fromEntries(
    files.map((file) => {
      const reading = readEvent(JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')), plan);
      if ('stray' in reading) expect(reading.stray, file).not.toBe('');
      return [file, 'signal' in reading ? reading.signal.kind : 'stray'];
    }),
  );
}

test('every event that the project ships gives the signal of its kind, or a stray with a reason', () => {
  const isStart = (file: string) => /\.(manual|dry-run|switchover|restore)\.json$/.test(file);
  expect(kindsIn('events', (file) => !isStart(file))).toEqual(ofShipped);
});

test('every documented envelope gives a signal or a stray with a reason', ({ skip }) => {
  if (!existsSync(reference)) return skip(`${reference} is not here: only the project's own events are read`);
  const kinds = kindsIn(reference, () => true);
  expect(Object.keys(kinds).length).toBeGreaterThan(40);
  expect(kinds).toMatchObject({
    'arc-autoshift-completed.json': 'shift',
    'arc-autoshift-in-progress-observer.json': 'shift',
    'arc-fis-autoshift-in-progress.json': 'shift',
    'arc-manual-shift-started.json': 'shift',
    'arc-practice-run-started.json': 'shift',
    'arc-region-switch-step.json': 'stray',
    'autoscaling-launch-unsuccessful.json': 'stray',
    'cloudwatch-metric-alarm-to-alarm.json': 'stray',
    'deployment-custom-event.json': 'release',
    'ec2-instance-state-change.json': 'stray',
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

test('a run of our own canary is one opinion of its region, and a region that the plan does not have has none', () => {
  const ran = (observer: string, passed: unknown) =>
    event('chatops.canary', 'Chatops Canary Run', { observer, passed }, { region: 'eu-west-1' });
  expect(signalOf(ran('eu-west-1', true))).toMatchObject({
    kind: 'canary-run',
    region: 'us-east-1',
    observer: 'eu-west-1',
    key: 'run:eu-west-1:true',
    passed: true,
  });
  expect(signalOf(ran('eu-west-1', false))).toMatchObject({ key: 'run:eu-west-1:false', passed: false });
  expect(readEvent(ran('sa-east-1', true), plan)).toEqual({
    stray: 'detail.observer: is sa-east-1, expected a region of the plan',
  });
  expect(readEvent(ran('eu-west-1', 'yes'), plan)).toHaveProperty('stray');
  expect(readEvent(ran('ap-southeast-1', true), plan)).toEqual({
    stray: 'detail.observer: is ap-southeast-1, expected eu-west-1, where the event is from',
  });
});

test('a run of the probes says which control planes of another region do not answer, each of them by the plan', () => {
  const ran = (failing: unknown, detail: object = {}) =>
    event(
      'chatops.probe',
      'Chatops Probe Run',
      { observer: 'us-west-2', region: 'us-east-1', failing, ...detail },
      west,
    );
  const about = { kind: 'probe-run', region: 'us-east-1', observer: 'us-west-2' };
  expect(signalOf(ran([]))).toMatchObject({ ...about, key: 'probe-run:us-west-2:us-east-1:none', services: [] });
  // What failed is in the key: of one service the newest run that failed, and the newest that did not, are both kept.
  const failed = { ...about, key: 'probe-run:us-west-2:us-east-1:ec2+rds', services: ['ec2', 'rds'] };
  for (const failing of [
    ['ec2', 'rds'],
    ['rds', 'ec2', 'rds', 'kinesis'],
  ])
    expect(signalOf(ran(failing))).toMatchObject(failed);
  const strayOf = (raw: object) => (readEvent(raw, plan) as { stray: string }).stray;
  expect(strayOf(ran([], { observer: 'sa-east-1' }))).toBe(
    'detail.observer: is sa-east-1, expected a region of the plan',
  );
  expect(strayOf(ran([], { observer: 'us-east-1' }))).toBe(
    'detail.observer: is us-east-1, expected us-west-2, where the event is from',
  );
  expect(strayOf(ran([], { region: 'us-west-2' }))).toBe(
    'detail.region: is us-west-2, which the observer is in, expected another one',
  );
  expect(strayOf(ran([], { region: 'sa-east-1' }))).toBe('it is about sa-east-1, expected a region of the plan');
  expect(strayOf(ran([], { region: undefined }))).toMatch(/^detail\.region: /);
  expect(strayOf(ran('rds'))).toMatch(/^detail\.failing: /);
  expect(strayOf(ran(['rds', 7]))).toMatch(/^detail\.failing\.1: /);
  expect(strayOf(ran(Array(101).fill('rds')))).toBe('detail.failing: expected at most 100');
  expect(strayOf(ran(['r'.repeat(257)]))).toBe('detail.failing.0: expected at most 256 letters');
  expect(strayOf(ran(['rds\nec2']))).toBe('detail.failing.0: expected letters without line breaks and other controls');
});
