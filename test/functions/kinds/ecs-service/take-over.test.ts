// The ECS service of the standby takes over, against a mocked ECS.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, describe, expect, test } from 'vitest';
import { stepName } from '../../../../functions/domain/record/step.ts';
import { serviceReady, servicesSeen } from '../../../../functions/kinds/ecs-service/assess.ts';
import { handler as takeOver } from '../../../../functions/kinds/ecs-service/take-over.ts';
import { withService } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident, running, start } from '../../setting.ts';

const ecs = mocked(ECSClient);
beforeEach(() => ecs.reset());

const place = { cluster: 'chatops-dr', service: 'web' };
const input = { incident: regionIncident, asset: 'web' };
const begun = () => running(regionIncident, { plan: withService(plan), region: 'us-west-2' });
const seen = (desiredCount: number, runningCount: number, change: object = {}) =>
  ecs.on(DescribeServicesCommand).resolves({
    services: [{ status: 'ACTIVE', schedulingStrategy: 'REPLICA', desiredCount, runningCount, ...change }],
  });
const refused = (name: string) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode: 400 } });

test('more tasks are asked for once, waited for, and the step is done when they run', async () => {
  const shell = await begun();
  ecs.on(UpdateServiceCommand).resolves({});
  seen(1, 1);
  const asked = await failureOf(takeOver.on(shell)(input));
  expect(asked).toEqual({ name: 'InProgress', message: 'service web was asked to run 4 tasks' });
  expect(ecs).toHaveReceivedCommandWith(UpdateServiceCommand, { ...place, desiredCount: 4 });
  // What is read right after the call may still show the number before it.
  shell.at += 5_000;
  expect(await failureOf(takeOver.on(shell)(input))).toMatchObject({ name: 'InProgress' });
  seen(4, 3);
  shell.at += 30_000;
  expect(await failureOf(takeOver.on(shell)(input))).toEqual({
    name: 'InProgress',
    message: 'service web has not taken over yet: 3 of 4 tasks run',
  });
  seen(4, 4);
  expect(await takeOver.on(shell)(input)).toEqual({ service: 'web', tasks: 4, raised: true });
  expect(ecs).toHaveReceivedCommandTimes(UpdateServiceCommand, 1);
});

test('a service that runs more than it needs is left as it is', async () => {
  seen(9, 8);
  expect(await takeOver.on(await begun())(input)).toEqual({ service: 'web', tasks: 8, raised: false });
  expect(ecs).not.toHaveReceivedCommand(UpdateServiceCommand);
});

test('a person may leave it out, and then nothing is asked', async () => {
  const shell = await begun();
  const left = stepName({ state: 'TakeOver', asset: 'web' });
  await shell.store.keepWaiver(regionIncident.execution, left, 'ana', 'scaled by hand', start);
  expect(await takeOver.on(shell)(input)).toMatchObject({ skipped: true, by: 'ana' });
  expect(ecs.calls()).toEqual([]);
});

test('while frozen nothing is asked for', async () => {
  const shell = await begun();
  await shell.store.freeze('ana', 'moving house', start);
  seen(1, 1);
  expect(await failureOf(takeOver.on(shell)(input))).toMatchObject({ name: 'Frozen' });
  expect(ecs).not.toHaveReceivedCommand(UpdateServiceCommand);
});

test.for([
  [
    'is not in its cluster',
    () => ecs.on(DescribeServicesCommand).resolves({ services: [], failures: [{ reason: 'MISSING' }] }),
    /is not in cluster chatops-dr/,
  ],
  [
    'has no cluster',
    () => ecs.on(DescribeServicesCommand).rejects(refused('ClusterNotFoundException')),
    /is not in cluster/,
  ],
  ['is being deleted', () => seen(1, 1, { status: 'DRAINING' }), /it is DRAINING/],
  ['was deleted', () => seen(0, 0, { status: 'INACTIVE' }), /it is INACTIVE/],
  ['has a number that nobody sets', () => seen(1, 1, { schedulingStrategy: 'DAEMON' }), /one task on each instance/],
  [
    'is refused',
    () => seen(1, 1) && ecs.on(UpdateServiceCommand).rejects(refused('InvalidParameterException')),
    /InvalidParameterException/,
  ],
  [
    'was deleted meanwhile',
    () => seen(1, 1) && ecs.on(UpdateServiceCommand).rejects(refused('ServiceNotActiveException')),
    /ServiceNotActiveException/,
  ],
] as const)('a service that %s needs a person', async ([, answers, why]) => {
  answers();
  expect(await failureOf(takeOver.on(await begun())(input))).toEqual({
    name: 'CannotProceed',
    message: expect.stringMatching(why),
  });
});

test('ECS that does not answer is asked again', async () => {
  ecs.on(DescribeServicesCommand).rejects(Object.assign(new Error('no answer'), { name: 'TimeoutError' }));
  expect(await failureOf(takeOver.on(await begun())(input))).toMatchObject({ name: 'Unavailable' });
});

const service = { status: 'ACTIVE', scheduling: 'REPLICA', desired: 1, running: 1 };

describe('before a takeover', () => {
  const leaving = {
    target: 'us-east-1',
    standby: 'us-west-2',
    mode: 'failover',
    now: start,
    aliveAt: start,
    writesEndedAt: start,
    called: [],
    fenced: [],
  } as const;
  const look = (one: object | null) =>
    servicesSeen([{ service: 'web', desiredCount: 4, seen: one === null ? null : { ...service, ...one } }], leaving);

  test.for([
    ['a service with fewer tasks', {}, []],
    ['a service that was not seen', null, ['service web was not seen in us-west-2']],
    [
      'a service that is deleted',
      { status: 'DRAINING' },
      ['service web in us-west-2 cannot take over: it is DRAINING'],
    ],
  ] as const)('%s', ([, one, obstacles]) => {
    expect(look(one).obstacles).toEqual(obstacles);
    const ready = serviceReady('web', 4, one === null ? null : { ...service, ...one });
    expect(ready.state).toBe(obstacles.length === 0 ? 'ready' : 'not-ready');
  });

  test('people read how many tasks run', () => {
    expect(look({}).merits).toEqual(['service web runs 1 of 4 tasks']);
  });
});
