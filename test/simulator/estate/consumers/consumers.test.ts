// The twin of consumers: how each service answers, refuses and resets, and what works in a region while it is switched.
import { expect, test } from 'vitest';
import { withConsumers } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { primary, rehearse, standby } from '../rehearsal.ts';

const of = withConsumers(plan);
const uuid = '00000000-0000-4000-8000-000000000001';
const digest = { Name: 'digest', GroupName: 'jobs' };
const nightly = { Name: 'nightly', EventBusName: 'default' };
const begin = () => rehearse(1, 0, of);
type Rehearsal = Awaited<ReturnType<typeof begin>>;
const working = ({ estate }: Rehearsal) => estate.glance().consuming['workers'];

test('a mapping is on its way for a while, takes no call then, and polls until it is disabled', async () => {
  const rehearsal = await begin();
  const state = async () => (await rehearsal.call('lambda', 'GetEventSourceMapping', { UUID: uuid })).State;
  expect(await state()).toBe('Enabled');
  await rehearsal.call('lambda', 'UpdateEventSourceMapping', { UUID: uuid, Enabled: false });
  expect(await state()).toBe('Disabling');
  const again = rehearsal.call('lambda', 'UpdateEventSourceMapping', { UUID: uuid, Enabled: true });
  await expect(again).rejects.toMatchObject({ name: 'ResourceInUseException' });
  await rehearsal.pass(60);
  expect(await state()).toBe('Disabled');
});

test('a schedule is what it was given last: what is left out is reset', async () => {
  const rehearsal = await begin();
  const read = () => rehearsal.call('scheduler', 'GetSchedule', digest);
  const { Target, FlexibleTimeWindow, ScheduleExpression } = await read();
  const short = { ...digest, Target, FlexibleTimeWindow, ScheduleExpression };
  await rehearsal.call('scheduler', 'UpdateSchedule', { ...short, State: 'DISABLED' });
  const changed = await read();
  expect(changed).toMatchObject({ State: 'DISABLED', ScheduleExpressionTimezone: 'UTC' });
  expect(changed).not.toHaveProperty('Description');
  await rehearsal.call('scheduler', 'UpdateSchedule', short);
  expect(await read()).toMatchObject({ State: 'ENABLED' });
});

test('a rule that is disabled goes on matching for a short time', async () => {
  const rehearsal = await begin();
  await rehearsal.call('eventbridge', 'DisableRule', nightly);
  expect(await rehearsal.call('eventbridge', 'DescribeRule', nightly)).toMatchObject({ State: 'DISABLED' });
});

test('consumers work in the primary alone, until the last of them is off', async () => {
  const rehearsal = await begin();
  expect(working(rehearsal)).toEqual([primary]);
  await rehearsal.call('lambda', 'UpdateEventSourceMapping', { UUID: uuid, Enabled: false });
  await rehearsal.call('eventbridge', 'DisableRule', nightly);
  await rehearsal.call('ecs', 'UpdateService', { cluster: 'chatops-prod', service: 'worker', desiredCount: 0 });
  const {
    Arn: _arn,
    CreationDate: _made,
    LastModificationDate: _last,
    StartDate: _start,
    ...kept
  } = await rehearsal.call('scheduler', 'GetSchedule', digest);
  await rehearsal.call('scheduler', 'UpdateSchedule', { ...kept, State: 'DISABLED' });
  expect(working(rehearsal)).toEqual([primary]);
  await rehearsal.pass(70);
  expect(working(rehearsal)).toEqual([]);
  await rehearsal.call('eventbridge', 'EnableRule', nightly, { in: standby });
  await rehearsal.pass(70);
  expect(working(rehearsal)).toEqual([standby]);
});

const schedule = { ...digest, ScheduleExpression: 'rate(1 day)', FlexibleTimeWindow: { Mode: 'OFF' } };
const target = { Arn: 'arn:t', RoleArn: 'arn:r' };

test.for([
  ['lambda', 'GetEventSourceMapping', { UUID: 'other' }, 'ResourceNotFoundException'],
  ['lambda', 'UpdateEventSourceMapping', { UUID: 'other', Enabled: true }, 'ResourceNotFoundException'],
  ['scheduler', 'GetSchedule', { Name: 'digest' }, 'ResourceNotFoundException'],
  ['scheduler', 'UpdateSchedule', schedule, 'ValidationException'],
  ['scheduler', 'UpdateSchedule', { ...schedule, Name: 'other', Target: target }, 'ResourceNotFoundException'],
  ['scheduler', 'UpdateSchedule', { ...schedule, Target: target, StartDate: 1 }, 'ValidationException'],
  ['eventbridge', 'DescribeRule', { Name: 'other' }, 'ResourceNotFoundException'],
  ['eventbridge', 'EnableRule', { Name: 'nightly', EventBusName: 'other' }, 'ResourceNotFoundException'],
] as const)('%s %s of %o is refused: %s', async ([service, operation, input, name]) => {
  const rehearsal = await begin();
  await expect(rehearsal.call(service, operation, input)).rejects.toMatchObject({ name });
});
