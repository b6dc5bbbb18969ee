// The first state of every flow: who may begin, on what, and what a second try changes.
import 'aws-sdk-client-mock-vitest/extend';
import { readFileSync } from 'node:fs';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import { parsePlan } from '../../../check/plan.ts';
import { withdraw } from '../../../functions/domain/decision/incident.ts';
import type { DrillRecord } from '../../../functions/domain/drills/record.ts';
import { Unavailable } from '../../../functions/domain/errors.ts';
import { flowMessage } from '../../../functions/domain/flow-words/flow-message.ts';
import { degradationLock, type RecordedDecision } from '../../../functions/domain/types.ts';
import { noteGivenBack, signAbort } from '../../../functions/shared/recovery/waivers.ts';
import { handler } from '../../../functions/take-lock.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { drill } from '../../store/samples.ts';
import { failureOf, openIncident, type Setting, setting, start } from '../setting.ts';

const sfn = mocked(SFNClient);
const target = { region: 'us-east-1', zone: 'use1-az1' };
const reasoned = { reason: 'yearly rehearsal', requestedBy: 'operator' };
const byHand = { target, reason: 'power loss', requestedBy: 'infra-lead' };

function take(shell: Setting, input: object, flow = 'az-failover', execution = 'by-hand'): Promise<unknown> {
  return handler.on(shell)({ flow, execution, startedAt: new Date(start).toISOString(), input });
}

test.for([
  ['az-failover', 'events/az-failover.manual.json'],
  ['az-failover', 'events/az-failover.dry-run.json'],
  ['service-degradation', 'events/service-degradation.manual.json'],
] as const)('%s can be started by hand with %s', async ([flow, file]) => {
  const taken = await take(setting(), JSON.parse(readFileSync(file, 'utf8')), flow);
  expect(taken).toMatchObject({ id: 'manual-by-hand', region: 'us-east-1', execution: 'by-hand', startedAt: start });
});

test('a manual start opens an incident of its own, locks the region and records the action', async () => {
  const shell = setting();
  const taken = await take(shell, byHand);
  expect(taken).toEqual({
    id: 'manual-by-hand',
    flow: 'az-failover',
    region: 'us-east-1',
    zone: 'use1-az1',
    reason: 'power loss',
    requestedBy: 'infra-lead',
    dryRun: false,
    drill: false,
    execution: 'by-hand',
    since: start,
    startedAt: start,
  });
  expect(await shell.store.readOpenIncident('us-east-1')).toMatchObject({
    id: 'manual-by-hand',
    level: 2,
    scope: target,
  });
  const standing = await shell.store.readStanding('us-east-1');
  expect(standing.lock).toMatchObject({ target: 'us-east-1', execution: 'by-hand', action: 'az-failover' });
  expect(standing.lastActions).toEqual([{ action: 'az-failover', target: 'us-east-1/use1-az1', at: start }]);
});

describe('a flow that answers what a drill has broken', () => {
  const window = { days: ['mon'], from: '00:00', to: '23:00', timeZone: 'UTC' };
  const broken = { fault: 'zone', zone: 'use1-az1', seconds: 600 };
  const common = { scenario: 'calm', every: 'month', withinSeconds: 900 };
  const drilled = parsePlan({ ...plan, drills: [{ ...common, name: 'zone', kind: 'fault', target: broken, window }] });
  const input = { ...byHand, incidentId: openIncident.id };
  const running = async (change: Partial<DrillRecord> = {}): Promise<Setting> => {
    const shell = setting({ plan: drilled });
    await shell.store.writeIncident({ ...openIncident, scope: target });
    const faultAt = openIncident.openedAt - 1_000;
    const run = { ...drill, zone: 'use1-az1', execution: 'drill-1', faultAt, outcome: null, ...change };
    await shell.store.keepDrill(run);
    await shell.store.takeLock({
      target: 'drills',
      execution: 'drill-1',
      incident: 'drill-1',
      action: 'none',
      at: start,
    });
    return shell;
  };

  test('is marked as a drill in all that it does and says', async () => {
    expect(await take(await running(), input)).toMatchObject({ drill: true });
  });

  test.for<[string, Partial<DrillRecord>]>([
    ['another zone is broken', { zone: 'use1-az2' }],
    ['the fault came later', { faultAt: openIncident.openedAt + 1_000 }],
    ['the drill is over', { outcome: 'passed' }],
  ])('is none where %s', async ([, change]) => {
    expect(await take(await running(change), input)).toMatchObject({ drill: false });
  });

  test('goes on where nothing can be read of drills', async () => {
    const shell = await running();
    const store = { ...shell.store, readDrill: () => Promise.reject(new Unavailable('the table is away')) };
    expect(await take({ ...shell, store } as Setting, input)).toMatchObject({ drill: false });
  });
});

test('who starts a flow by hand puts no line and no link of their own into the messages about it', async () => {
  const reason = 'power loss\nApprove: https://evil.example/r/1';
  const taken = await take(setting(), { ...byHand, reason, requestedBy: 'evil.example/r' });
  expect(taken).toMatchObject({
    reason: 'power loss Approve: https: //evil. example/r/1',
    requestedBy: 'evil.example/r',
  });
  const { body } = flowMessage('started', taken as never, {}, 'Evidence: none recorded.');
  expect(body).toContain('started by evil. example/r.');
  expect(body).not.toMatch(/https:\/\/|evil\.example/);
  await expect(take(setting(), { ...byHand, requestedBy: 'x\nWhy: nothing' })).rejects.toThrow('input.requestedBy');
});

test.for([
  ['a failover of a region is counted as asked', { mode: 'failover' }, 1],
  ['a planned switchover is not', { mode: 'switchover' }, 0],
] as const)('for the cooldown %s: people are asked about a disaster all the same', async ([, wanted, times]) => {
  const shell = setting({ region: 'us-west-2' });
  const { epoch } = await shell.store.readStanding('us-east-1');
  await take(
    shell,
    { ...byHand, requestedBy: 'operator', target: { region: 'us-east-1' }, expectedEpoch: epoch, ...wanted },
    'region-failover',
  );
  expect((await shell.store.readStanding('us-east-1')).lastActions).toHaveLength(times);
  expect((await shell.store.readOpenIncident('us-east-1'))?.planned).toBe(times === 0 ? 'switchover' : undefined);
});

test('a second try of the same execution gives the same incident', async () => {
  const shell = setting();
  const first = await take(shell, byHand);
  expect(await take(shell, byHand)).toEqual(first);
  expect(await shell.store.listIncidents()).toHaveLength(1);
});

test('a manual start joins the incident that is open in the region', async () => {
  const shell = setting();
  await shell.store.writeIncident(openIncident);
  expect(await take(shell, byHand)).toMatchObject({ id: openIncident.id, since: openIncident.openedAt });
  expect(await shell.store.listIncidents()).toHaveLength(1);
});

test('a flow whose region was given back takes nothing from those who act there since, and leaves nothing behind', async () => {
  const shell = setting({ region: 'us-west-2' });
  const input = { target: { region: 'us-east-1' }, mode: 'switchover', expectedEpoch: 1, ...reasoned };
  await noteGivenBack('by-hand', shell);
  const zone = { target: 'us-east-1', execution: 'zone', incident: 'i', action: 'az-failover', at: start } as const;
  await shell.store.takeLock(zone);
  expect(await failureOf(take(shell, input, 'region-failover'))).toEqual({
    name: 'Aborted',
    message: 'the region was given back for by-hand, which did not answer: nothing of it goes on',
  });
  expect((await shell.store.readStanding('us-east-1')).lock).toEqual(zone);
  // Given back at the very moment that it takes the lock.
  const other = setting({ region: 'us-west-2' });
  const { supersedeLock } = other.store;
  other.store.supersedeLock = async (lock) => {
    await noteGivenBack('by-hand', other);
    return supersedeLock(lock);
  };
  expect((await failureOf(take(other, input, 'region-failover'))).name).toBe('Aborted');
  expect((await other.store.readStanding('us-east-1')).lock).toBeNull();
  expect(await other.store.readOpenIncident('us-east-1')).toBeNull();
});

describe('the incident of a plan that is over', () => {
  const plan = {
    id: 'manual-restore',
    level: 3,
    scope: { region: 'us-east-1', zone: null },
    planned: 'restore',
  } as const;

  test('is joined by no later start, which would hear only of the plan: it is closed', async () => {
    const shell = setting();
    await shell.store.writeIncident({ ...openIncident, ...plan });
    expect(await take(shell, byHand)).toMatchObject({ id: 'manual-by-hand', zone: 'use1-az1' });
    expect((await shell.store.readIncident(plan.id))?.closedAt).toBe(start);
    expect(await shell.store.readOpenIncident('us-east-1')).toMatchObject({ id: 'manual-by-hand', level: 2 });
    expect(await take(shell, byHand)).toMatchObject({ id: 'manual-by-hand' });
  });

  test('stays open beside a dry run, and where the start is not allowed', async () => {
    const shell = setting();
    await shell.store.writeIncident({ ...openIncident, ...plan });
    expect(await take(shell, { ...byHand, dryRun: true }, 'az-failover', 'dry')).toMatchObject({ id: 'manual-dry' });
    const lock = {
      target: 'us-east-1',
      execution: 'other',
      incident: 'other',
      action: 'az-failover',
      at: start,
    } as const;
    await shell.store.takeLock(lock);
    expect(await failureOf(take(shell, byHand))).toMatchObject({ name: 'LockHeld' });
    expect((await shell.store.readIncident(plan.id))?.closedAt).toBeNull();
  });

  test('is written by others at the same moment: the start is tried again', async () => {
    const shell = setting();
    await shell.store.writeIncident({ ...openIncident, ...plan });
    const { writeIncident } = shell.store;
    shell.store.writeIncident = async () => false;
    expect(await failureOf(take(shell, byHand))).toEqual({
      name: 'Unavailable',
      message: 'incident manual-restore was written by others at the same moment',
    });
    shell.store.writeIncident = writeIncident;
    expect(await take(shell, byHand)).toMatchObject({ id: 'manual-by-hand' });
  });

  test('is joined while its flow holds the region: no other one begins', async () => {
    const shell = setting();
    await shell.store.writeIncident({ ...openIncident, ...plan });
    const lock = {
      target: 'us-east-1',
      execution: 'restore',
      incident: plan.id,
      action: 'request-approval',
      at: start,
    } as const;
    await shell.store.takeLock(lock);
    expect(await failureOf(take(shell, byHand))).toMatchObject({ name: 'LockHeld' });
    expect((await shell.store.readIncident(plan.id))?.closedAt).toBeNull();
  });
});

test('an incident that opens at the same moment is joined at the next try', async () => {
  const shell = setting();
  const { store } = shell;
  const racing = { ...shell, store: { ...store, readOpenIncident: async () => null } };
  await store.writeIncident(openIncident);
  expect((await failureOf(take(racing, byHand))).name).toBe('Unavailable');
  expect(await take(shell, byHand)).toMatchObject({ id: openIncident.id });
});

test('two zones of a region are never moved at once', async () => {
  const shell = setting();
  await take(shell, byHand, 'az-failover', 'first');
  expect((await failureOf(take(shell, byHand, 'az-failover', 'second'))).name).toBe('LockHeld');
});

test('a degradation does not keep a zone flow from starting', async () => {
  const shell = setting();
  await take(shell, { ...byHand, target: { region: 'us-east-1' } }, 'service-degradation', 'first');
  expect(await take(shell, byHand, 'az-failover', 'second')).toMatchObject({ execution: 'second' });
});

describe('a degradation whose lock is held', () => {
  const degradation = { ...byHand, target: { region: 'us-east-1' } };
  const fault = Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
  const gone = Object.assign(new Error('no'), { name: 'ExecutionDoesNotExist', $metadata: { httpStatusCode: 400 } });
  beforeEach(() => sfn.reset());

  test.for([
    ['has failed', () => sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED' }), 'second'],
    ['ran out of time', () => sfn.on(DescribeExecutionCommand).resolves({ status: 'TIMED_OUT' }), 'second'],
    ['is not there any more', () => sfn.on(DescribeExecutionCommand).rejects(gone), 'second'],
    ['cannot be looked at', () => sfn.on(DescribeExecutionCommand).rejects(fault), 'first'],
    [
      'is at work for another incident',
      () => sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' }),
      'first',
    ],
  ] as const)('is told where its holder %s', async ([, arrange, holder]) => {
    const shell = setting();
    await shell.store.takeLock({
      ...{ target: degradationLock('us-east-1'), execution: 'first', incident: 'another', action: 'notify', at: start },
    });
    arrange();
    expect(await take(shell, degradation, 'service-degradation', 'second')).toMatchObject({ execution: 'second' });
    expect((await shell.store.readStanding('us-east-1')).degradation?.execution).toBe(holder);
    const executionArn = 'arn:aws:states:us-east-1:111122223333:execution:breakwater-test-service-degradation:first';
    expect(sfn).toHaveReceivedCommandWith(DescribeExecutionCommand, { executionArn });
  });

  test('waits for its holder where that has told people of the same incident', async () => {
    const shell = setting();
    sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
    await take(shell, degradation, 'service-degradation', 'first');
    expect((await failureOf(take(shell, degradation, 'service-degradation', 'second'))).name).toBe('LockHeld');
  });
});

test('a dry run takes no lock, opens no incident and starts no cooldown', async () => {
  const shell = setting();
  await take(shell, { ...byHand, dryRun: true });
  expect(await shell.store.listIncidents()).toEqual([]);
  expect(await shell.store.readStanding('us-east-1')).toMatchObject({ lock: null, lastActions: [] });
});

test('a freeze holds a zone flow, also a manual one, and lets people be told of a degradation', async () => {
  const shell = setting();
  await shell.store.freeze('dba', 'migration', start);
  expect(await failureOf(take(shell, byHand))).toEqual({
    name: 'Frozen',
    message: 'dba froze the automation: migration',
  });
  const degradation = { ...byHand, target: { region: 'us-east-1' } };
  expect(await take(shell, degradation, 'service-degradation')).toMatchObject({ zone: null });
});

test.for([
  ['an unknown key', { ...byHand, force: true }, 'force'],
  ['an unknown key of the target', { ...byHand, target: { ...target, cluster: 'x' } }, 'cluster'],
  ['no reason', { target, requestedBy: 'x' }, 'input.reason'],
  ['a dry run that is not true or false', { ...byHand, dryRun: 'true' }, 'input.dryRun'],
  [
    'a region that is not in the plan',
    { ...byHand, target: { ...target, region: 'eu-west-1' } },
    'us-east-1, us-west-2',
  ],
  [
    'a region where this flow does not run',
    { ...byHand, target: { region: 'us-west-2', zone: 'usw2-az1' } },
    'where this flow runs',
  ],
  ['a zone of another region', { ...byHand, target: { ...target, zone: 'usw2-az1' } }, 'use1-az1, use1-az2, use1-az4'],
  ['a zone by its name', { ...byHand, target: { ...target, zone: 'us-east-1a' } }, 'use1-az1, use1-az2, use1-az4'],
  [
    'a zone that every object has',
    { ...byHand, target: { ...target, zone: 'constructor' } },
    'use1-az1, use1-az2, use1-az4',
  ],
  ['an epoch of the past', { ...byHand, expectedEpoch: 0 }, 'expected 1'],
  ['an incident that does not exist', { ...byHand, incidentId: 'no-such' }, 'no-such'],
  ['no zone', { ...byHand, target: { region: 'us-east-1' } }, 'input.target.zone'],
] as const)('a start with %s is refused for good', async ([, input, says]) => {
  const shell = setting();
  expect(await failureOf(take(shell, input))).toEqual({ name: 'InvalidInput', message: expect.stringContaining(says) });
  expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
  expect(await shell.store.listIncidents()).toEqual([]);
});

test('an incident that is over is not acted on', async () => {
  const shell = setting();
  await shell.store.writeIncident(openIncident);
  await shell.store.writeIncident({ ...openIncident, closedAt: start, version: 2 });
  expect((await failureOf(take(shell, { ...byHand, incidentId: openIncident.id }))).name).toBe('InvalidInput');
});

test('a degradation names no zone', async () => {
  expect((await failureOf(take(setting(), byHand, 'service-degradation'))).name).toBe('InvalidInput');
});

test('a dry run looks also while the automation is frozen, and a zone of the region that serves nobody is not moved out of', async () => {
  const shell = setting();
  await shell.store.freeze('me', 'work', start);
  expect(await take(shell, { ...byHand, dryRun: true })).toMatchObject({ dryRun: true });
  expect((await failureOf(take(shell, byHand))).name).toBe('Frozen');
  const west = setting({ region: 'us-west-2' });
  const refused = await failureOf(take(west, { ...byHand, target: { region: 'us-west-2', zone: 'usw2-az1' } }));
  expect([refused.name, refused.message]).toEqual(['InvalidInput', expect.stringContaining('expected us-east-1')]);
});

const region = { target: { region: 'us-east-1' }, expectedEpoch: 1, reason: 'it is lost', requestedBy: 'on-call' };
const decided = 'us-east-1-20261123T025900000Z-request-approval-1';
const regionOpen = {
  ...openIncident,
  level: 3 as const,
  scope: { region: 'us-east-1', zone: null },
  decisions: [
    {
      action: 'request-approval' as const,
      reason: 'lost',
      at: start,
      level: 3 as const,
      scope: { region: 'us-east-1', zone: null },
      evidence: ['e-1'],
      causes: [],
      attempt: 1,
      execution: decided,
    },
  ],
};
const west = (change: Parameters<typeof setting>[0] = {}) => setting({ region: 'us-west-2', ...change });

test.for([
  'events/region-failover.manual.json',
  'events/region-failover.dry-run.json',
  'events/region-failover.switchover.json',
])('a region flow can be started by hand with %s, in the region that takes over', async (file) => {
  const input: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const taken = await take(west(), input as object, 'region-failover');
  expect(taken).toMatchObject({ region: 'us-east-1', zone: null, standby: 'us-west-2', epoch: 1, manual: true });
});

test('what was corrupted is restored where it stands, by the file that the project ships, in the stack of that region', async () => {
  const input = JSON.parse(readFileSync('events/region-failover.restore.json', 'utf8')) as object;
  const corruptedSince = new Date(start - 300_000).toISOString();
  expect(await take(setting(), { ...input, corruptedSince }, 'region-failover')).toMatchObject({
    region: 'us-east-1',
    standby: 'us-east-1',
    mode: 'restore',
    asset: 'database',
    corruptedSince: start - 300_000,
    manual: true,
  });
  const { name, message } = await failureOf(take(west(), { ...input, corruptedSince }, 'region-failover'));
  expect([name, message]).toEqual([
    'InvalidInput',
    expect.stringContaining('expected us-west-2, where this flow runs'),
  ]);
});

test('a failover of what is corrupted is a manual start, whoever decided: one approver more', async () => {
  const shell = west();
  await shell.store.writeIncident(regionOpen);
  const input = { ...region, incidentId: openIncident.id, corruptedSince: '2026-11-02T03:00:00+01:00' };
  const taken = await take(shell, input, 'region-failover', decided);
  expect(taken).toMatchObject({ manual: true, mode: 'failover', corruptedSince: Date.UTC(2026, 10, 2, 2) });
});

test.for([
  ['a restore without a time', { mode: 'restore' }, 'input.corruptedSince: is missing'],
  [
    'a restore from before tomorrow',
    { mode: 'restore', corruptedSince: '2036-11-03T03:00:00Z' },
    'a time before the start',
  ],
  ['a time that is none', { mode: 'restore', corruptedSince: 'yesterday' }, 'input.corruptedSince: '],
  [
    'a switchover of what is corrupted',
    { mode: 'switchover', corruptedSince: '2026-11-02T03:00:00Z' },
    'copies what is corrupted',
  ],
  ['a failover of one asset', { mode: 'failover', asset: 'database' }, 'input.asset: is database, expected none'],
  [
    'a restore of a cache',
    { mode: 'restore', asset: 'cache', corruptedSince: '2026-11-02T03:00:00Z' },
    'input.asset: is cache, expected one of database',
  ],
  [
    'a restore of what is not there',
    { mode: 'restore', asset: 'orders', corruptedSince: '2026-11-02T03:00:00Z' },
    'input.asset: is orders, expected one of database',
  ],
] as const)('%s is refused for good, in one line', async ([, input, says]) => {
  const shell = input.mode === 'restore' ? setting() : west();
  const { name, message } = await failureOf(take(shell, { ...region, ...input }, 'region-failover'));
  expect([name, message]).toEqual(['InvalidInput', expect.stringContaining(says)]);
  expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
});

test('a region flow that the record decided is automatic, joins its incident and starts the cooldown', async () => {
  const shell = west();
  await shell.store.writeIncident(regionOpen);
  const { expectedEpoch: _, ...input } = {
    ...region,
    incidentId: openIncident.id,
    requestedBy: 'classify',
    attempt: 1,
  };
  expect(await take(shell, { ...input, mode: 'failover' }, 'region-failover', decided)).toMatchObject({
    id: openIncident.id,
    mode: 'failover',
    manual: false,
    since: openIncident.openedAt,
  });
  const { lock, lastActions } = await shell.store.readStanding('us-east-1');
  expect(lock).toMatchObject({ target: 'us-east-1', execution: decided, action: 'request-approval' });
  expect(lastActions).toEqual([{ action: 'request-approval', target: 'us-east-1', at: start }]);
});

test('an input that only names an incident is a manual start', async () => {
  const shell = west();
  await shell.store.writeIncident(regionOpen);
  const taken = await take(shell, { ...region, incidentId: openIncident.id }, 'region-failover', 'by-hand');
  expect(taken).toMatchObject({ manual: true });
});

test.for([
  ['a switchover under the name of the decision', decided, 'switchover', 'request-approval'],
  ['a failover under the name of another decision of the incident', decided, 'failover', 'notify'],
] as const)('%s is a manual start: one approver more, and the epoch', async ([, execution, mode, action]) => {
  const shell = west();
  const decisions = regionOpen.decisions.map((one) => ({ ...one, action }));
  await shell.store.writeIncident({ ...regionOpen, decisions });
  const { expectedEpoch, ...input } = { ...region, incidentId: openIncident.id, mode };
  expect(await failureOf(take(shell, input, 'region-failover', execution))).toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining('expectedEpoch: is missing'),
  });
  const taken = await take(shell, { ...input, expectedEpoch }, 'region-failover', execution);
  expect(taken).toMatchObject({ manual: true });
});

test.for([
  ['was taken back', (of: typeof regionOpen, decision: RecordedDecision) => withdraw(of, decision, start + 180_000)],
  [
    'has waited too long for its start, where nobody took it back',
    (of: typeof regionOpen, decision: RecordedDecision) => ({
      ...of,
      decisions: [{ ...decision, at: start - 241_000 }],
      version: 2,
    }),
  ],
] as const)('a start under the name of a decision that %s is a manual one', async ([, becomes]) => {
  const shell = west();
  await shell.store.writeIncident(regionOpen);
  const [decision] = regionOpen.decisions;
  if (decision === undefined) throw new Error('nothing was decided');
  await shell.store.writeIncident(becomes(regionOpen, decision));
  const { expectedEpoch, ...input } = { ...region, incidentId: openIncident.id };
  expect(await failureOf(take(shell, input, 'region-failover', decided))).toMatchObject({
    name: 'InvalidInput',
    message: expect.stringContaining('expectedEpoch: is missing'),
  });
  const taken = await take(shell, { ...input, expectedEpoch }, 'region-failover', decided);
  expect(taken).toMatchObject({ manual: true });
});

test('another decision that was taken back says nothing of this one', async () => {
  const shell = west();
  const [first] = regionOpen.decisions;
  if (first === undefined) throw new Error('nothing was decided');
  const again = { ...first, attempt: 3, execution: decided.replace(/1$/, '3') };
  await shell.store.writeIncident(regionOpen);
  const withdrawn = withdraw(regionOpen, first, start + 180_000);
  await shell.store.writeIncident(withdrawn);
  await shell.store.writeIncident({
    ...withdrawn,
    decisions: [...withdrawn.decisions, again],
    version: withdrawn.version + 1,
  });
  const { expectedEpoch: _, ...input } = { ...region, incidentId: openIncident.id };
  const taken = await take(shell, input, 'region-failover', again.execution);
  expect(taken).toMatchObject({ manual: false });
});

test('a region flow supersedes a zone flow, and no other region flow', async () => {
  const shell = west();
  const lock = {
    target: 'us-east-1',
    execution: 'zone-flow',
    incident: 'x',
    action: 'az-failover',
    at: start,
  } as const;
  await shell.store.takeLock(lock);
  await take(shell, region, 'region-failover', 'first');
  expect((await shell.store.readStanding('us-east-1')).lock?.execution).toBe('first');
  expect((await failureOf(take(shell, region, 'region-failover', 'second'))).name).toBe('LockHeld');
  expect((await shell.store.readStanding('us-east-1')).lock?.execution).toBe('first');
});

test.for([
  ['in the region that it gives up', setting, region, 'takes over'],
  ['of a region that is not primary', setting, { ...region, target: { region: 'us-west-2' } }, 'the primary'],
  ['of an epoch that has passed', west, { ...region, expectedEpoch: 0 }, 'expected 1'],
  ['by hand without an epoch', west, { ...region, expectedEpoch: undefined }, 'expected 1, the epoch now'],
  ['by an approver without whom too few are left', west, { ...region, requestedBy: 'dba' }, 'expected somebody else'],
  ['in a mode that there is not', west, { ...region, mode: 'forced' }, 'input.mode'],
  ['of a zone', west, byHand, 'input.target'],
  ['of a region that is not in the plan', west, { ...region, target: { region: 'eu-west-1' } }, 'expected one of'],
] as const)('a region flow %s is refused for good', async ([, where, input, says]) => {
  const shell = where();
  expect(await failureOf(take(shell, input, 'region-failover'))).toEqual({
    name: 'InvalidInput',
    message: expect.stringContaining(says),
  });
  expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
  expect(await shell.store.listIncidents()).toEqual([]);
});

test('a freeze holds a region flow', async () => {
  const shell = west();
  await shell.store.freeze('dba', 'migration', start);
  expect((await failureOf(take(shell, region, 'region-failover'))).name).toBe('Frozen');
});

test('the region that takes over is the one of the plan', async () => {
  const roles = { ...plan.roles, primary: 'us-west-2', standby: 'us-east-1' };
  const input = { ...region, target: { region: 'us-west-2' } };
  const shell = setting({ plan: { ...plan, roles } });
  const moved = {
    ...shell,
    store: {
      ...shell.store,
      readStanding: async () => ({ ...(await shell.store.readStanding('us-west-2')), primary: 'us-west-2' }),
    },
  };
  expect(await take(moved, input, 'region-failover')).toMatchObject({ region: 'us-west-2', standby: 'us-east-1' });
});

test('one that is aborted while it takes its lock gives the lock back, and closes the incident that it opened', async () => {
  const shell = setting();
  const { store } = shell;
  const takeLock: typeof store.takeLock = async (lock) => {
    await signAbort('by-hand', 'ana', shell);
    return store.takeLock(lock);
  };
  expect((await failureOf(take({ ...shell, store: { ...store, takeLock } }, byHand))).name).toBe('Aborted');
  expect((await store.readStanding('us-east-1')).lock).toBeNull();
  expect((await store.readIncident('manual-by-hand'))?.closedAt).toBe(start);
});

test('the lock stays where it is not known whether the execution was aborted: the next try finds out', async () => {
  const shell = setting();
  const { store } = shell;
  let asked = 0;
  const readWaiver: typeof store.readWaiver = async (...key) => {
    asked += 1;
    if (asked === 2) throw new Unavailable('the table does not answer');
    return store.readWaiver(...key);
  };
  expect((await failureOf(take({ ...shell, store: { ...store, readWaiver } }, byHand))).name).toBe('Unavailable');
  expect((await store.readStanding('us-east-1')).lock).toMatchObject({ execution: 'by-hand' });
});
