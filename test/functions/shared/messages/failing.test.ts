// A step that fails and is tried again for longer than the plan's patience is told to people, once, and not when it has passed.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, expect, test } from 'vitest';
import { clock } from '../../../../functions/domain/page/page-times.ts';
import { handler as leaveZone } from '../../../../functions/kinds/elasticache/leave-zone.ts';
import { tellFailing } from '../../../../functions/shared/messages/failing.ts';
import { noteMended } from '../../../../functions/shared/recovery/failing.ts';
import { incidentsAtWork } from '../../../../functions/shared/recovery/locks.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf, incident, openIncident, running, type Setting } from '../../setting.ts';

const sns = mocked(SNSClient);
const elastiCache = mocked(ElastiCacheClient);
let shell: Setting;

const told = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
const fail = () => failureOf(leaveZone.on(shell)({ state: 'LeaveZone', incident, asset: 'cache' }));
/** It fails again, and the sweep looks. */
const tell = async (afterSeconds: number) => {
  shell.at += afterSeconds * 1000;
  await fail();
  return tellFailing(await incidentsAtWork(incident.region, shell), shell);
};

beforeEach(async () => {
  for (const client of [sns, elastiCache]) client.reset();
  sns.on(PublishCommand).resolves({});
  elastiCache
    .on(DescribeReplicationGroupsCommand)
    .rejects(Object.assign(new Error('busy'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }));
  // The stack of the other region looks at once; that of the incident's own a while later.
  shell = await running(incident, { region: 'us-west-2' });
  await shell.store.writeIncident(openIncident);
  expect((await fail()).name).toBe('Unavailable');
});

test('people hear of it when their patience has ended, and once', async () => {
  await tell(119);
  expect(told()).toEqual([]);
  for (const later of [1, 60]) await tell(later);
  expect(told()).toHaveLength(shell.plan.notifications.failure.length);
  expect(told()[0]?.Subject).toBe(
    '[Breakwater] For information: moving cache out of use1-az1 fails and is tried again',
  );
  for (const part of [incident.id, incident.execution, 'busy', 'docs/runbook.md#leave-zone'])
    expect(told()[0]?.Message).toContain(part);
});

test('a way that failed is told at once, with what it has left, and once', async () => {
  const { id, execution } = incident;
  const outcome = { way: 'restore-snapshot', why: 'it is incompatible-restore', left: 'chatops-prod-restored' };
  await shell.store.recordStep({
    incident: id,
    execution,
    step: 'way-failed/database/restore-snapshot',
    at: shell.at,
    outcome,
  });
  for (const later of [0, 60]) await tell(later);
  expect(told()).toHaveLength(shell.plan.notifications.failure.length);
  expect(told()[0]?.Subject).toBe(
    '[Breakwater] For information: one way to bring database back failed, the next is tried',
  );
  for (const part of [
    id,
    execution,
    'it is incompatible-restore',
    'look at chatops-prod-restored, then delete it',
    'docs/runbook.md#take-over',
  ])
    expect(told()[0]?.Message).toContain(part);
});

test('it is told since its first failure, however often it failed', async () => {
  await tell(100);
  await tell(20);
  expect(told()[0]?.Message).toContain(
    `Moving cache out of use1-az1 has failed since ${clock(shell.at - 120_000, shell.at)}`,
  );
});

test('a step that gave up before their patience had ended is told by what comes after it alone', async () => {
  shell.at += 600_000;
  await tellFailing(await incidentsAtWork(incident.region, shell), shell);
  expect(told()).toEqual([]);
});

test.for([
  [
    'was reached meanwhile',
    async () => {
      const { id, execution } = incident;
      const step = 'leave-zone/cache';
      await shell.store.recordStep({ incident: id, execution, step, at: shell.at, outcome: {} });
    },
  ],
  ['was mended meanwhile', () => noteMended(incident, 'leave-zone/cache', shell)],
  [
    'is of an incident that is over, as its flow is',
    async () => {
      await shell.store.writeIncident({ ...openIncident, closedAt: shell.at, version: 2 });
      await shell.store.releaseLock(incident.region, incident.execution);
    },
  ],
] as const)('nobody hears of a step that %s', async ([, end]) => {
  shell.at += 600_000;
  await fail();
  await end();
  await tellFailing(await incidentsAtWork(incident.region, shell), shell);
  expect(told()).toEqual([]);
});

test('who cannot be told keeps nothing else from being done, and is told later', async () => {
  sns.on(PublishCommand).rejects(new Error('no answer'));
  await tell(120);
  sns.reset();
  sns.on(PublishCommand).resolves({});
  await tell(60);
  expect(told()).toHaveLength(shell.plan.notifications.failure.length);
});

test('people hear of it also when the incident is over and its flow still holds the region', async () => {
  shell.at += 600_000;
  await fail();
  await shell.store.writeIncident({ ...openIncident, closedAt: shell.at, version: 2 });
  await tellFailing(await incidentsAtWork(incident.region, shell), shell);
  expect(told()).toHaveLength(shell.plan.notifications.failure.length);
});
