// What an aborted or stopped flow leaves behind, and what people are told of it.
import { expect, test } from 'vitest';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import {
  abortedSentences,
  changedBy,
  doneSentences,
  frozenSentence,
  leftBehind,
} from '../../../../functions/domain/recovery/left-behind.ts';
import { at, call } from '../../../store/samples.ts';

const stands = { primary: 'us-east-1', epoch: 1 };
const moved = { primary: 'us-west-2', epoch: 2 };
const made = (name: string, target: string, change: Partial<AuditRecord> = {}): AuditRecord => ({
  ...call,
  ...{ call: name, target, step: 'take-over/database', region: 'us-west-2' },
  ...change,
});
const left = (...calls: AuditRecord[]) => leftBehind(calls, [], stands, null);

test.for([
  [
    's3:PutObject',
    'latch-bucket/latch/us-east-1',
    'users are kept away from their region: the latch latch-bucket/latch/us-east-1 is closed',
  ],
  [
    's3:DeleteObject',
    'b/latch/us-east-1',
    'users may come back to their region: the latch b/latch/us-east-1 was taken away',
  ],
  ['route-53:ChangeResourceRecordSets', 'api.example.com', 'api.example.com points to the other region'],
  [
    'arc-zonal-shift:StartZonalShift',
    'ingress',
    'traffic of ingress stays out of the zone until its zonal shift expires or is cancelled',
  ],
  [
    'rds:PromoteReadReplica',
    'dr',
    'dr in us-west-2 was asked to be promoted: once it is, it takes writes and replicates no more',
  ],
  [
    'codebuild:StartBuild',
    'rebuild',
    'build project rebuild in us-west-2 was started: what it made there stays, and a build that runs goes on',
  ],
  ['x:DoSomething', 'y', 'x:DoSomething was asked of y in us-west-2'],
] as const)('%s of %s is said', ([name, target, line]) => {
  expect(left(made(name, target))).toEqual([line]);
});

test('a promotion that was seen done is said as that', () => {
  const calls = [made('rds:PromoteReadReplica', 'dr')];
  const done = {
    incident: 'i',
    execution: 'e',
    step: 'take-over/database',
    at: 1,
    outcome: { database: 'dr', promoted: true },
  };
  expect(leftBehind(calls, [done], stands, null)).toEqual([
    'dr in us-west-2 was promoted, takes writes and replicates no more',
  ]);
});

test('what only goes on with another call, a fence, and what the abort itself does are not said', () => {
  expect(
    left(
      made('arc-zonal-shift:UpdateZonalShift', 'ingress'),
      made('arc-zonal-shift:CancelZonalShift', 'ingress'),
      made('rds:ModifyDBInstance', 'x', { step: 'fence/database' }),
      made('rds:ModifyDBInstance', 'x', { step: 'abort' }),
    ),
  ).toEqual([]);
});

test('a shift that was cancelled since has ended, and that of another has not', () => {
  const start = (target: string) => made('arc-zonal-shift:StartZonalShift', target);
  expect(left(start('ingress'), start('cluster'), made('arc-zonal-shift:CancelZonalShift', 'ingress'))).toEqual([
    'traffic of cluster stays out of the zone until its zonal shift expires or is cancelled',
  ]);
});

test('what was asked twice is one change, and the move of the role is the last', () => {
  const put = made('s3:PutObject', 'b/latch/us-east-1');
  const closed = 'users are kept away from their region: the latch b/latch/us-east-1 is closed';
  expect(leftBehind([put, put], [], moved, 'us-east-1')).toEqual([
    closed,
    'us-west-2 is the primary region now, in epoch 2',
  ]);
  expect(leftBehind([put], [], stands, 'us-east-1')).toEqual([closed]);
  expect(leftBehind([put], [], moved, null)).toEqual([closed]);
});

test('a flow that goes on has its fences too, as long as they were not opened again', () => {
  const fence = (target: string, time: number) =>
    made('rds:ModifyDBInstance', target, { step: 'fence/database', region: 'us-east-1', at: time });
  const open = (target: string, time: number) =>
    made('rds:ModifyDBInstance', target, { step: 'unfence/database', region: 'us-east-1', at: time });
  const closed = (target: string) =>
    `${target} in us-east-1 was fenced, or is about to be fenced: ${target} takes no writes`;
  const changed = (...calls: AuditRecord[]) => changedBy(calls, [], stands, 'us-east-1');
  expect(changed(fence('prod', at))).toEqual([closed('prod')]);
  expect(changed(fence('prod', at), fence('prod', at + 1))).toEqual([closed('prod')]);
  expect(changed(fence('prod', at), open('prod', at + 1))).toEqual([]);
  expect(changed(fence('prod', at), open('orders', at + 1))).toEqual([closed('prod')]);
  expect(changed(fence('prod', at), open('prod', at + 1), fence('prod', at + 2))).toEqual([closed('prod')]);
  expect(changed(open('prod', at), fence('prod', at))).toEqual([closed('prod')]);
  expect(changed(made('route-53:ChangeResourceRecordSets', 'api'), fence('prod', at))).toEqual([
    closed('prod'),
    'api points to the other region',
  ]);
});

test('the cache tells by what its steps reached whether another primary was chosen', () => {
  const modify = made('elasticache:ModifyReplicationGroup', 'redis');
  const step: StepRecord = {
    ...{ incident: 'i', execution: 'e', step: 'leave-zone/cache/promote', at },
    outcome: { group: 'redis' },
  };
  const [without] = leftBehind([modify], [], stands, null);
  const [chosen] = leftBehind([modify], [step], stands, null);
  expect(without).toContain('the primary of redis stays');
  expect(chosen).toContain('another primary of redis was chosen');
});

test('who has a flow go on is told what stays', () => {
  expect(doneSentences([])).toEqual(['The flow has changed nothing that stays.']);
  expect(doneSentences(['a', 'b'])).toEqual(['These changes stay:', '  a', '  b']);
});

const goesOn =
  'This flow has begun to give its region up. It goes on until everything has taken over, and stops before users are sent there.';
const stops = 'This flow stops before the next step that would change something. A step that has begun is finished.';
test.for([
  ['a fence watch', 'fence-watch', ['fence/database'], 'This watch goes on: a freeze does not stop it.'],
  ['a flow that did nothing yet', 'region-failover', [], stops],
  ['a flow that has begun to fence', 'region-failover', ['fence/database'], goesOn],
  ['a flow that takes over', 'region-failover', ['take-over/database'], goesOn],
  ['a flow that has sent users', 'region-failover', ['fence/database', 'take-over/database', 'redirect-users'], stops],
  ['a zone flow', 'az-failover', ['leave-zone/database'], stops],
] as const)('what a freeze does to %s', ([, flow, steps, sentence]) => {
  expect(
    frozenSentence(
      flow,
      steps.map((step) => ({ step })),
    ),
  ).toBe(sentence);
});

test('who aborts is told what may be done again, and what stays', () => {
  expect(abortedSentences({ released: [], unfenced: null, stays: '', left: [] })).toEqual([
    'The flow held no region.',
    'The flow has changed nothing else.',
  ]);
  expect(
    abortedSentences({
      released: ['us-east-1', 'us-east-1/fence'],
      unfenced: 'chatops-prod',
      stays: 'orders is fenced',
      left: ['a', 'b'],
    }),
  ).toEqual([
    'Given back: us-east-1, us-east-1/fence. Other flows may act there.',
    'Database chatops-prod admits its applications again.',
    'This stays as it is: orders is fenced.',
    'The flow has made changes that nobody undoes:',
    '  a',
    '  b',
  ]);
});
