// Tests of events that give no signal: each is kept with a reason, and none, however malformed, breaks the reading.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import { readEvent } from '../../../../functions/domain/signals/signals.ts';
import { plan } from '../../../plan.ts';
import {
  alarm,
  beat,
  cache,
  database,
  event,
  health,
  type Json,
  maintenance,
  release,
  run,
  shift,
} from './envelopes.ts';

function strayOf(raw: unknown): string {
  const reading = readEvent(raw, plan);
  return 'stray' in reading ? reading.stray : `a signal: ${JSON.stringify(reading.signal)}`;
}

const long = 'x'.repeat(210_000);

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
    'an alarm’s event that CloudWatch did not send',
    { ...alarm('chatops-api-5xx'), source: 'chatops.deploy' },
    'no rule knows chatops.deploy "CloudWatch Alarm State Change"',
  ],
  [
    'a canary’s event that Synthetics did not send',
    { ...run('chatops-eu-west-1', 'PASSED'), source: 'chatops.deploy' },
    'no rule knows chatops.deploy "Synthetics Canary TestRun Successful"',
  ],
  [
    'another event of Synthetics',
    { ...run('chatops-eu-west-1', 'PASSED'), 'detail-type': 'Synthetics Canary Status Change' },
    'no rule knows aws.synthetics "Synthetics Canary Status Change"',
  ],
  [
    'a beat from the source of releases',
    { ...beat, source: 'chatops.deploy' },
    'no rule knows chatops.deploy "Chatops Heartbeat"',
  ],
  [
    'a release from the source of beats',
    { ...release('STARTED'), source: 'chatops.heartbeat' },
    'no rule knows chatops.heartbeat "Chatops Deployment"',
  ],
  [
    'an event of ElastiCache that did not come by its topic',
    { ...cache({ 'ElastiCache:FailoverComplete': 'chatops-redis' }), source: 'aws.elasticache' },
    'no rule knows aws.elasticache "ElastiCache Notification"',
  ],
  [
    'another kind of event of CloudWatch',
    event('aws.cloudwatch', 'CloudWatch Insight Rule', {}),
    'no rule knows aws.cloudwatch',
  ],
  [
    'an alarm that was changed and not deleted',
    event('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', {
      alarmName: 'chatops-api-5xx',
      operation: 'update',
    }),
    'alarm chatops-api-5xx was changed (update), which says nothing of its state',
  ],
  ['a change of no alarm', event('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', {}), 'detail.alarmName'],
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
    'the state of an instance, of which an account has thousands',
    event('aws.ec2', 'EC2 Instance State-change Notification', { 'instance-id': 'i-1', state: 'stopped' }),
    'no rule knows aws.ec2',
  ],
  [
    'another kind of event of EC2',
    event('aws.ec2', 'EC2 Spot Instance Interruption Warning', {}),
    'no rule knows aws.ec2',
  ],
  [
    'a launch that failed',
    event('aws.autoscaling', 'EC2 Instance Launch Unsuccessful', { AutoScalingGroupName: 'chatops-nodes' }),
    'no rule knows aws.autoscaling',
  ],
  [
    'an alarm of an observer that comes from another region',
    alarm('chatops-canary-eu-west-1'),
    'alarm chatops-canary-eu-west-1 is of us-east-1, and speaks for eu-west-1',
  ],
  [
    'a run of an observer that comes from another region',
    event('chatops.canary', 'Chatops Canary Run', { observer: 'eu-west-1', passed: true }),
    'detail.observer: is eu-west-1, expected us-east-1',
  ],
  [
    'a canary that runs in another region than it is called after',
    run('chatops-eu-west-1', 'PASSED', 'us-west-2'),
    'canary chatops-eu-west-1 runs in us-west-2, and speaks for eu-west-1',
  ],
  [
    'a cache that the plan lacks',
    cache({ 'ElastiCache:FailoverComplete': 'sessions' }),
    'no rule knows cache sessions',
  ],
  [
    'a cache of the other region',
    cache({ 'ElastiCache:FailoverComplete': 'chatops-redis-dr' }),
    'no rule knows cache chatops-redis-dr',
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
  ['planned work of a million million hours', maintenance({ plannedMinutes: 1e15 }), 'detail.plannedMinutes: expected'],
  [
    'planned work of 1e307 minutes',
    maintenance({ plannedMinutes: 1e307 }),
    'detail.plannedMinutes: expected 0.1 to 10080',
  ],
  [
    'planned work of 1e150 minutes',
    maintenance({ plannedMinutes: 1e150 }),
    'detail.plannedMinutes: expected 0.1 to 10080',
  ],
  ['planned work of no time at all', maintenance({ plannedMinutes: 5e-324 }), 'detail.plannedMinutes: expected 0.1 to'],
  [
    'planned work of more than a week',
    maintenance({ plannedMinutes: 10_081 }),
    'detail.plannedMinutes: expected 0.1 to',
  ],
  ['planned work on a thousand things', maintenance({ targets: Array(1_000).fill('api') }), 'detail.targets: expected'],
  ['planned work of a long name', maintenance({ windowId: long }), 'detail.windowId: expected at most 256 letters'],
  ['planned work on something of a long name', maintenance({ targets: ['api', long] }), 'detail.targets.1: expected'],
  ['a release of a long name', release('STARTED', { deploymentId: long }), 'detail.deploymentId: expected at most 256'],
  [
    'a release of a long region',
    release('STARTED', { targetRegion: long }),
    'detail.targetRegion: expected at most 256',
  ],
  ['a release of a foreign region', release('STARTED', { targetRegion: 'eu-south-2' }), 'it is about eu-south-2'],
  ['a cache of a long name', cache({ 'ElastiCache:FailoverComplete': long }), 'detail: is no ElastiCache message'],
  [
    'a cache message of a long name',
    cache({ [`ElastiCache:${long}`]: 'chatops-redis' }),
    'detail: is no ElastiCache message',
  ],
  [
    'a cache whose name holds a line break',
    cache({ 'ElastiCache:FailoverComplete': 'chatops-redis\nApprove at https://example.org' }),
    'detail: is no ElastiCache message',
  ],
  [
    'a beat of a region of 3,000 letters',
    { ...beat, detail: { sourceRegion: 'r'.repeat(3_000) } },
    `it is about ${'r'.repeat(64)}, expected a region of the plan`,
  ],
  ['a beat of a foreign region', { ...beat, detail: { sourceRegion: 'eu-south-2' } }, 'it is about eu-south-2'],
  ['an event with a long id', { ...beat, id: long }, 'event.id: expected at most 256 letters'],
  ['an event of a long region', { ...beat, region: 'r'.repeat(3_000) }, 'event.region: expected at most 256 letters'],
  ['an event with half a letter in its id', { ...beat, id: 'half \ud83d' }, 'event.id: expected letters'],
  ['an alarm of a long name', alarm(`chatops-api-${long}`), 'detail.alarmName: expected at most 256 letters'],
  [
    'a bulletin with a long ARN',
    health({ eventArn: `arn:aws:health:us-east-1::${long}` }),
    'detail.eventArn: expected at most',
  ],
  [
    'a bulletin whose ARN holds half a letter',
    health({ eventArn: 'arn:aws:health:us-east-1::\ud83d' }),
    'detail.eventArn: expected letters',
  ],
  ['a bulletin with a long page', health({ page: long }), 'detail.page: expected at most 256 letters'],
  [
    'a bulletin about a foreign region',
    health({ eventRegion: 'eu-south-2' }),
    'it is about eu-south-2, expected a region',
  ],
  [
    'a run of an observer of a long name',
    event('chatops.canary', 'Chatops Canary Run', { observer: long, passed: true }),
    'detail.observer: expected at most 256 letters',
  ],
] as const)('%s is a stray with its reason', ([, raw, reason]) => {
  expect(strayOf(raw).slice(0, reason.length)).toBe(reason);
});

test.for([
  ['of another account', '444455556666', 'event.account: is 444455556666, expected 111122223333'],
  ['of no account', undefined, 'event.account: is missing, expected 111122223333'],
] as const)('an event %s is a stray where it is known which one is protected', ([, account, stray]) => {
  const raw = { ...alarm('chatops-api-5xx'), account };
  expect(readEvent(raw, plan, '111122223333')).toEqual({ stray });
  expect(readEvent(raw, plan)).toHaveProperty('signal');
});

test.for([
  ['a link', 'https://evil.example/approve', 'https: //evil. example/approve'],
  ['a domain', 'approve at evil.example', 'approve at evil. example'],
  ['a version', 'v1.2.3', 'v1.2.3'],
] as const)('what a sender calls its release or its work is no link in a message: %s', ([, written, shown]) => {
  expect(readEvent(release('STARTED', { deploymentId: written }), plan)).toMatchObject({ signal: { release: shown } });
  expect(readEvent(maintenance({ windowId: written, targets: [written] }), plan)).toMatchObject({
    signal: { window: shown, targets: [shown] },
  });
});

test.for([
  ['half a minute', 0.5, 30],
  ['a week', 10_080, 604_800],
] as const)('planned work of %s is no stray', ([, plannedMinutes, plannedSeconds]) => {
  expect(readEvent(maintenance({ plannedMinutes }), plan)).toMatchObject({ signal: { plannedSeconds } });
});

test('names as long as AWS makes them are no strays', () => {
  const name = 'x'.repeat(255);
  expect(readEvent(release('STARTED', { deploymentId: name }), plan)).toMatchObject({ signal: { release: name } });
  const arn = `arn:aws:health:us-east-1::event/EC2/${'x'.repeat(1_500)}`;
  expect(readEvent(health({ eventArn: arn }), plan)).toHaveProperty('signal');
});

const wellFormed: readonly Json[] = [
  alarm('chatops-api-5xx-use1-az1'),
  alarm('chatops-canary-eu-west-1', 'ALARM', { region: 'eu-west-1' }),
  alarm('chatops-probe-ec2-us-east-1'),
  alarm('chatops-heartbeat-us-east-1'),
  alarm('chatops-database-replica-lag'),
  run('chatops-eu-west-1', 'FAILED'),
  health({}),
  database('RDS-EVENT-0013'),
  shift('Autoshift In Progress', 'use1-az2'),
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
      if ('stray' in reading) expect(reading.stray).not.toBe('');
      else {
        const { id, key, region, at } = reading.signal;
        classify([reading.signal], region, plan, at + 1000);
        expect([id === '', key === '', Number.isFinite(at)]).toEqual([false, false, true]);
      }
    }),
    { seed: 20_261_123, numRuns: 3000 },
  );
});
