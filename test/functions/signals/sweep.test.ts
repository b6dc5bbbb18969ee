// The sweep: whatever cannot be judged, people who have been asked are reminded.
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { Unavailable } from '../../../functions/domain/errors.ts';
import { pausePage } from '../../../functions/domain/flows.ts';
import { alarmSignal } from '../../../functions/domain/signals/signals.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import { askPeople } from '../../../functions/shared/approval/ask.ts';
import { handler } from '../../../functions/sweep.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { request } from '../../store/samples.ts';
import { mockLinkKey } from '../door/visitors.ts';
import { setting, start } from '../setting.ts';

const cloudWatch = mocked(CloudWatchClient);
const sns = mocked(SNSClient);
const sqs = mocked(SQSClient);
const sfn = mocked(SFNClient);

test.for([
  ['all is well', false],
  ['no region can be judged', true],
] as const)('when %s, people who have not answered are reminded', async ([, broken]) => {
  cloudWatch.reset();
  sns.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  mockLinkKey();
  const shell = setting({ region: 'us-west-2' });
  const { store } = shell;
  const asked = { ...request, askedAt: start, expiresAt: start + 3_600_000 };
  await store.openRequest(asked, 'token');
  await askPeople(asked, shell);
  sns.resetHistory();
  shell.at = start + plan.approval.reminderSeconds * 1000;
  if (broken) store.readSignals = () => Promise.reject(new Unavailable('throttled'));
  const swept = await handler
    .on(shell)({})
    .then(
      () => 'done',
      (error: Error) => error.name,
    );
  expect(swept).toBe(broken ? 'Unavailable' : 'done');
  const told = sns
    .commandCalls(PublishCommand)
    .map(({ args: [{ input }] }) => input.TopicArn?.split('breakwater-test-')[1]);
  expect(told.toSorted()).toEqual([...request.roles, plan.approval.escalation[0]].toSorted());
});

test('a region that cannot be judged keeps no other one from being judged', async () => {
  cloudWatch.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  const shell = setting({ region: 'us-west-2' });
  const { store } = shell;
  const [first = '', ...others] = Object.keys(plan.regions);
  const judged: string[] = [];
  const read = store.readSignals;
  store.readSignals = (region, since) => {
    if (region === first) return Promise.reject(new Unavailable('throttled'));
    judged.push(region);
    return read(region, since);
  };
  await expect(handler.on(shell)({})).rejects.toThrow('throttled');
  expect([...new Set(judged)]).toEqual(others);
});

test('an alarm that was deleted while it failed is forgotten by the next sweep, and one that nobody lists is not', async () => {
  cloudWatch.reset();
  sqs.on(SendMessageCommand).resolves({});
  const shell = setting({ region: 'us-west-2' });
  const { store } = shell;
  const alarmOf = (zone: string) =>
    alarmSignal(
      `chatops-cache-latency-${zone}`,
      'failing',
      { id: zone, at: start, region: 'us-east-1', observer: 'us-east-1' },
      plan,
    ) as Signal;
  await store.keepSignals([alarmOf('use1-az1'), alarmOf('use1-az2')]);
  const conditions = async () =>
    (await store.readSignals('us-east-1', 0)).map((signal) => ('condition' in signal ? signal.condition : null));
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  shell.at = start + 300_000;
  await handler.on(shell)({});
  expect(await conditions()).toEqual(['failing', 'failing']);
  cloudWatch.on(DescribeAlarmsCommand).resolves({
    MetricAlarms: [
      {
        AlarmName: 'chatops-cache-latency-use1-az2',
        StateValue: 'ALARM',
        StateTransitionedTimestamp: new Date(start),
      },
    ],
  });
  shell.at = start + 360_000;
  await handler.on(shell)({});
  expect(await conditions()).toEqual(['gone', 'failing']);
});

test.for([
  ['nothing else goes on', null, ['failing']],
  ['a flow holds the other region', 'us-east-1', []],
] as const)('what of readiness is lost is kept once while %s', async ([, held, conditions]) => {
  cloudWatch.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  const region = 'us-west-2';
  const shell = setting({ region });
  const { store } = shell;
  await store.keepReadiness({
    region,
    at: start,
    checks: [{ check: 'replica', state: 'not-ready', why: 'it is gone' }],
  });
  if (held !== null)
    await store.takeLock({ target: held, execution: 'one', incident: 'one', action: 'request-approval', at: start });
  await handler.on(shell)({});
  shell.at = start + 60_000;
  await handler.on(shell)({});
  const kept = (await store.readSignals(region, 0)).flatMap((one) => (one.kind === 'readiness' ? [one] : []));
  expect(kept.map(({ condition }) => condition)).toEqual(conditions);
  expect(kept.every(({ at }) => at === start)).toBe(true);
});

test.for([
  ['a restore makes a new standby necessary, which was told with it', 'chatops-prod-restored', []],
  ["a person's word that the plan's own holds again makes none: what is lost stays lost", null, ['failing']],
] as const)('%s', async ([, instance, conditions]) => {
  cloudWatch.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  const region = 'us-west-2';
  const shell = setting({ region });
  const { store } = shell;
  const check = { check: 'replica', state: 'not-ready', why: 'it is gone', readyAt: start - 60_000 } as const;
  await store.keepReadiness({ region, at: start, checks: [check] });
  await store.keepHolder({ asset: 'database', region, instance, execution: 'one', at: start - 1000 });
  await handler.on(shell)({});
  const kept = (await store.readSignals(region, 0)).flatMap((one) => (one.kind === 'readiness' ? [one] : []));
  expect(kept.map(({ condition }) => condition)).toEqual(conditions);
});

test.for([
  ['failed', 'FAILED', 'us-east-1', 'az-failover', false, 1],
  ['ran out of time', 'TIMED_OUT', 'us-east-1', 'az-failover', false, 1],
  ['answers a degradation and failed', 'FAILED', 'us-east-1/degradation', 'notify', false, 1],
  ['failed, which people were told,', 'FAILED', 'us-east-1', 'az-failover', true, 0],
  ['is at work', 'RUNNING', 'us-east-1', 'az-failover', false, 0],
] as const)('people hear once, after their patience, of a flow that holds a lock and %s', async (one) => {
  const [, status, target, action, wasTold, times] = one;
  for (const client of [cloudWatch, sns, sqs, sfn]) client.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  const shell = setting();
  const { store } = shell;
  const { patienceSeconds, failure } = plan.notifications;
  await store.takeLock({ target, execution: 'one', incident: 'i', action, at: start - 3_600_000 });
  const stoppedAt = status === 'RUNNING' ? undefined : new Date(start);
  sfn.on(DescribeExecutionCommand).resolves({
    ...{ status, redriveCount: 1, input: '{"incidentId":"i"}', error: 'LockLost', cause: 'gone' },
    ...(stoppedAt !== undefined && { stopDate: stoppedAt }),
  });
  sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  const flow = action === 'notify' ? 'service-degradation' : 'az-failover';
  const arn = `arn:aws:states:us-east-1:111122223333:execution:breakwater-test-${flow}:one`;
  if (wasTold) for (const role of failure) await store.markSent(`message:stopped/${arn}/${start}:${role}`, start);
  const told = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Message ?? '');
  shell.at = start + patienceSeconds * 1000 - 1;
  await handler.on(shell)({});
  expect(told()).toEqual([]);
  for (const later of [1, 60_000]) {
    shell.at += later;
    await handler.on(shell)({});
  }
  expect(told()).toHaveLength(times * failure.length);
  for (const message of told())
    for (const part of ['Incident i', 'Error: gone', 'npm run resume -- one', 'npm run abort -- one'])
      expect(message).toContain(part);
});

test('a pause that has paged is not told again by the sweep', async () => {
  for (const client of [cloudWatch, sns, sqs, sfn]) client.reset();
  cloudWatch.on(DescribeAlarmsCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  const shell = setting();
  const lock = { target: 'us-east-1', execution: 'one', incident: 'i', action: 'az-failover', at: start } as const;
  await shell.store.takeLock(lock);
  for (const role of plan.notifications.failure)
    await shell.store.markSent(`message:${pausePage('one', 2)}:${role}`, start);
  const stopDate = new Date(start);
  sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED', stopDate, redriveCount: 2, error: 'Paused' });
  sfn.on(GetExecutionHistoryCommand).resolves({ events: [] });
  shell.at = start + 600_000;
  await handler.on(shell)({});
  expect(sns.commandCalls(PublishCommand)).toEqual([]);
});
