// The one door to a change asks the record whether what people approved may still be acted on.
import { beforeEach, describe, expect, test } from 'vitest';
import { Unavailable } from '../../../../functions/domain/errors.ts';
import { formatSeconds } from '../../../../functions/domain/words/durations.ts';
import { holdsFence } from '../../../../functions/shared/fencing/fence-lock.ts';
import { act, type Call } from '../../../../functions/shared/recovery/act.ts';
import { noteStop, pauseMark } from '../../../../functions/shared/recovery/fresh.ts';
import { plan } from '../../../plan.ts';
import {
  approvedAt,
  failureOf,
  regionIncident as incident,
  openIncident,
  running,
  type Setting,
  setting,
  start,
  incident as zoneIncident,
} from '../../setting.ts';

const { freshSeconds } = plan.approval;
const fence: Call = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', change: null };
const promote: Call = {
  step: 'take-over/database',
  call: 'rds:PromoteReadReplica',
  target: 'chatops-dr-replica',
  change: null,
};
let shell: Setting;
let made: string[];

beforeEach(async () => {
  shell = await running(incident, { region: 'us-west-2' });
  await shell.store.writeIncident({ ...openIncident, id: incident.id });
  made = [];
});

const call = async (what: Call, flow = incident) =>
  act(flow, what, shell, async () => {
    made.push(what.step);
  });
const nameOf = async (run: Promise<unknown>) =>
  run.then(
    () => 'done',
    (error: Error) => error.name,
  );
const stop = () =>
  shell.store.recordStep({
    incident: incident.id,
    execution: incident.execution,
    step: pauseMark(0),
    at: shell.at,
    outcome: {},
  });
const close = (at: number) => shell.store.writeIncident({ ...openIncident, id: incident.id, version: 2, closedAt: at });

describe('before the first change', () => {
  test('an approval is fresh for as long as the plan says, and a stale one changes nothing and is not recorded', async () => {
    shell.at += freshSeconds * 1000 + 501;
    expect(await failureOf(call(fence))).toEqual({
      name: 'ApprovalStale',
      message: `what was approved is stale: the last check was ${formatSeconds(freshSeconds + 1)} ago, and counts for ${formatSeconds(freshSeconds)}`,
    });
    expect([made, await shell.store.readAudit(incident.id)]).toEqual([[], []]);
    await approvedAt(shell.at, incident, shell);
    expect(await nameOf(call(fence))).toBe('done');
  });

  test('a flow that was never looked at changes nothing', async () => {
    const other = { ...incident, execution: 'another' };
    await shell.store.releaseLock(incident.region, incident.execution);
    await shell.store.takeLock({
      target: incident.region,
      execution: 'another',
      incident: incident.id,
      action: 'request-approval',
      at: start,
    });
    expect(await nameOf(call(fence, other))).toBe('ApprovalStale');
  });

  test('a look that rests on a request that is void counts for nothing', async () => {
    await shell.store.settleRequest('void-one', 'void', start);
    await shell.store.recordStep({
      incident: incident.id,
      execution: incident.execution,
      step: 'reassess',
      at: start + 1,
      outcome: { request: 'void-one' },
    });
    shell.at += 2;
    expect((await failureOf(call(fence))).message).toContain('its request is void');
  });

  test('a call that was refused is no change: the approval goes on aging', async () => {
    await call(promote);
    await shell.store.recordStep({
      incident: incident.id,
      execution: incident.execution,
      step: `refused/${promote.call}/${promote.target}`,
      at: shell.at,
      outcome: {},
    });
    shell.at += freshSeconds * 1000 + 1_000;
    expect(await nameOf(call(promote))).toBe('ApprovalStale');
  });
});

test('of a call whose record alone was kept nobody knows that it was made: the approval goes on aging', async () => {
  const { readStanding } = shell.store;
  let reads = 0;
  shell.store.readStanding = (region) => {
    reads += 1;
    return reads === 1 ? readStanding(region) : Promise.reject(new Unavailable('the region is dark'));
  };
  expect(await nameOf(call(fence))).toBe('Unavailable');
  expect([made, (await shell.store.readAudit(incident.id)).length]).toEqual([[], 1]);
  shell.store.readStanding = readStanding;
  shell.at += freshSeconds * 1000 + 1_000;
  expect(await nameOf(call(fence))).toBe('ApprovalStale');
});

test('a call whose answer was lost counts as made where its flow has kept anything since', async () => {
  await expect(act(incident, fence, shell, () => Promise.reject(new Unavailable('no answer')))).rejects.toThrow();
  const by = { incident: incident.id, execution: incident.execution };
  await shell.store.recordStep({ ...by, step: 'failing/fence/database', at: shell.at + 1_000, outcome: {} });
  shell.at += freshSeconds * 1000 + 1_000;
  expect(await nameOf(call(fence))).toBe('done');
});

test('after the first change a flow that goes on without a stop does not go stale', async () => {
  await call(fence);
  shell.at += 10 * freshSeconds * 1000;
  expect(await nameOf(call(promote))).toBe('done');
});

test.for([
  ['paused', stop],
  ['stopped outside a pause', () => noteStop(incident, shell.at, shell)],
] as const)('once it was %s, nothing is changed before another look', async ([, stopped]) => {
  await call(fence);
  shell.at += 1_000;
  await stopped();
  expect(await nameOf(call(promote))).toBe('ApprovalStale');
  shell.at += 1_000;
  await approvedAt(shell.at, incident, shell);
  expect(await nameOf(call(promote))).toBe('done');
});

test('the end of the incident counts at any time before redirection, whoever started the flow, unless it was planned', async () => {
  await call(fence);
  shell.at += 1_000;
  await close(shell.at);
  expect((await failureOf(call(promote))).message).toContain('the incident is over since');
  expect((await failureOf(call(promote, { ...incident, manual: true }))).name).toBe('ApprovalStale');
  expect(await nameOf(call(promote, { ...incident, manual: true, mode: 'switchover' }))).toBe('done');
  expect(await nameOf(call(promote, { ...incident, manual: true, corruptedSince: start - 1 }))).toBe('done');
});

test('the end of an incident that only a person’s start opened ends nothing: nobody had found anything', async () => {
  const byHand = { ...incident, id: 'manual-by-hand', manual: true };
  await approvedAt(start, byHand, shell);
  await shell.store.writeIncident({ ...openIncident, id: byHand.id });
  await shell.store.writeIncident({ ...openIncident, id: byHand.id, version: 2, closedAt: start });
  expect(await nameOf(call(fence, byHand))).toBe('done');
});

test('from the redirection on nothing is stale', async () => {
  await call(fence);
  await shell.store.recordStep({
    incident: incident.id,
    execution: incident.execution,
    step: 'redirect-users',
    at: shell.at,
    outcome: {},
  });
  shell.at += 1_000;
  await close(shell.at);
  await stop();
  expect(await nameOf(call(promote))).toBe('done');
});

describe('once users were redirected and the flow was paused', () => {
  const redirect: Call = { step: 'redirect-users', call: 's3:DeleteObject', target: 'latch-b/us-west-2', change: null };
  beforeEach(async () => {
    await call(fence);
    await call(promote);
    await shell.store.recordStep({
      incident: incident.id,
      execution: incident.execution,
      step: 'redirect-users',
      at: shell.at,
      outcome: {},
    });
    await shell.store.moveRole('us-west-2', 1, incident.execution, shell.at);
    await stop();
    made = [];
  });

  test('it goes on while the role is where it has moved it', async () => {
    for (const what of [fence, promote, redirect]) expect(await nameOf(call(what))).toBe('done');
  });

  describe('and another flow has brought the role home since', () => {
    beforeEach(async () => {
      await shell.store.moveRole('us-east-1', 2, 'the-way-home', shell.at);
    });

    test.for([
      ['fence what serves users by now', fence],
      ['promote', promote],
      ['redirect users', redirect],
      ['open what it has fenced', { ...fence, step: 'unfence/database', continues: ['fence'] }],
    ] as const)('it may not %s: one line says who is the primary, and what to do', async ([, what]) => {
      const before = await shell.store.readAudit(incident.id);
      expect(await failureOf(call(what))).toEqual({
        name: 'LockLost',
        message: `the roles have moved on: us-east-1 is the primary in epoch 3, and ${incident.execution} began in epoch 1: it changes nothing any more; abort it`,
      });
      expect([made, await shell.store.readAudit(incident.id)]).toEqual([[], before]);
    });

    test('a flow of that epoch goes on, and so does a restore where the data stands: it moves no role', async () => {
      expect(await nameOf(call(fence, { ...incident, epoch: 3 }))).toBe('done');
      expect(await nameOf(call(fence, { ...incident, mode: 'restore', standby: 'us-east-1' }))).toBe('done');
    });
  });
});

test('roles that move between the record of a call and the call keep it from being made', async () => {
  const { store } = shell;
  const audit: typeof store.audit = async (record) => {
    await store.audit(record);
    await store.moveRole('us-west-2', 1, 'another', start);
    await store.moveRole('us-east-1', 2, 'the-way-home', start);
  };
  shell = Object.assign(shell, { store: { ...store, audit } });
  expect(await nameOf(call(fence))).toBe('LockLost');
  expect(made).toEqual([]);
});

test('the fence watch rests on none: it asks itself whether something was promoted', async () => {
  await call(promote);
  shell.at += 1_000;
  await stop();
  expect(await nameOf(call(fence))).toBe('ApprovalStale');
  await holds(1);
  expect(await nameOf(call({ ...fence, watches: holdsFence }))).toBe('done');
});

/** The lock of the old region's fence is taken by a watch of a flow of this epoch. */
const holds = (epoch: number, execution = incident.execution) =>
  shell.store.takeFence({
    ...{ region: incident.region, epoch, execution, startedAt: incident.startedAt + epoch },
    ...{ start: 1, incident: incident.id, at: start },
  });

describe('the fence watch', () => {
  const watched = { ...fence, watches: holdsFence };

  test('goes on through a freeze and without the lock of the region, and not without a lock of its own', async () => {
    await call(promote);
    await shell.store.freeze('dba', 'something is odd', start);
    await shell.store.releaseLock(incident.region, incident.execution);
    expect((await failureOf(call(watched))).message).toBe(
      `no watch of ${incident.execution} holds us-east-1/fence any more: that of nobody does`,
    );
    await holds(1);
    expect(await nameOf(call(watched))).toBe('done');
  });

  test('makes no call any more once another watch has its lock, also between the record and the call', async () => {
    await holds(1);
    const { store } = shell;
    const audit: typeof store.audit = async (record) => {
      await store.audit(record);
      await holds(2, 'later');
    };
    shell = Object.assign(shell, { store: { ...store, audit } });
    expect((await failureOf(call(watched))).message).toContain('that of later does');
    expect(made).toEqual([]);
  });

  test('is bound to the epoch: it changes nothing once the roles have moved on', async () => {
    await holds(1);
    await shell.store.moveRole('us-west-2', 1, incident.execution, start);
    expect(await nameOf(call(watched))).toBe('done');
    await shell.store.moveRole('us-east-1', 2, 'the-way-home', start);
    expect((await failureOf(call(watched))).message).toContain('the roles have moved on');
  });
});

test('what gives back what was taken rests on no approval', async () => {
  await call(fence);
  await stop();
  expect(await nameOf(call({ ...fence, step: 'unfence/database', continues: ['fence'] }))).toBe('done');
});

test('a zone flow rests on none', async () => {
  shell = setting();
  await shell.store.takeLock({
    target: zoneIncident.region,
    execution: zoneIncident.execution,
    incident: zoneIncident.id,
    action: 'az-failover',
    at: start,
  });
  const reboot = { step: 'leave-zone/database', call: 'rds:RebootDBInstance', target: 'chatops-prod', change: null };
  expect(await nameOf(act(zoneIncident, reboot, shell, async () => undefined))).toBe('done');
});
