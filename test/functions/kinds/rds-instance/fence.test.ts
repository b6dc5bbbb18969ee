// What keeps a database of the old region from writing, against a mocked RDS: before the promotion, and when it returns.
import 'aws-sdk-client-mock-vitest/extend';
import {
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Signal } from '../../../../functions/domain/types.ts';
import { handler as fenceBefore } from '../../../../functions/kinds/rds-instance/fence.ts';
import { handler as fenceLate } from '../../../../functions/kinds/rds-instance/fence-late.ts';
import { signAbort } from '../../../../functions/shared/recovery/waivers.ts';
import { mocked } from '../../../mocked.ts';
import { approvedAt, failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const rds = mocked(RDSClient);
const asset = 'database';
let shell: Setting;
let old: { status: string; group: string; id?: string };

const dark = Object.assign(new Error('no answer'), { name: 'TimeoutError', $metadata: {} });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

beforeEach(async () => {
  rds.reset();
  shell = await running(incident, { region: 'us-west-2' });
  old = { status: 'available', group: 'sg-0a1chatopsdb' };
  answers();
  replicaIs({});
  rds.on(ModifyDBInstanceCommand).callsFake(({ VpcSecurityGroupIds: [group] }) => {
    old.group = group;
    return {};
  });
  rds.on(RebootDBInstanceCommand).callsFake(() => {
    old.status = 'rebooting';
    return {};
  });
});

/** What stands in the region that takes over: promoted, unless it is said to be a replica. */
const replicaIs = (said: object) =>
  rds
    .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' })
    .resolves({ DBInstances: [{ DBInstanceStatus: 'available', ...said }] });
const answers = () =>
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).callsFake(() => ({
    DBInstances: [
      {
        DBInstanceStatus: old.status,
        DbiResourceId: old.id,
        VpcSecurityGroups: [{ VpcSecurityGroupId: old.group, Status: 'active' }],
      },
    ],
  }));
const fence = (change: { approved?: string[]; unreachable?: string[] } = {}) =>
  fenceBefore.on(shell)({ incident, asset, approved: [], unreachable: [], ...change });

/** Runs a step until it gives something, and lets a restart end after its third look. */
async function untilDone(run: () => Promise<unknown>): Promise<unknown> {
  for (let look = 0, restarting = 0; look < 200; look += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'InProgress') throw error;
    }
    shell.at += 1_000;
    if (old.status === 'rebooting') restarting += 1;
    if (restarting === 3) old.status = 'available';
  }
  throw new Error('it was never done');
}

test('a database that is fenced after something took over is fenced late', async () => {
  await promoted();
  shell.at += 1_000;
  const fenced = await untilDone(() => fence());
  expect(fenced).toMatchObject({ fenced: true, late: true, fencedAt: shell.at });
});

test('what the late fence has begun is not asked for again by the one after a pause', async () => {
  await promoted();
  await untilDone(() => returns());
  await untilDone(() => fence());
  expect(rds).toHaveReceivedCommandTimes(ModifyDBInstanceCommand, 1);
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});

test('the old database is fenced by an exchange of groups and a restart that was seen, each asked for once', async () => {
  const fenced = await untilDone(() => fence());
  expect(fenced).toEqual({ fenced: true, late: false, unfenced: [], database: 'chatops-prod', fencedAt: shell.at });
  expect(rds).toHaveReceivedCommandExactlyOnceWith(ModifyDBInstanceCommand, {
    DBInstanceIdentifier: 'chatops-prod',
    VpcSecurityGroupIds: ['sg-0a1closed'],
    ApplyImmediately: true,
  });
  expect(rds).toHaveReceivedCommandExactlyOnceWith(RebootDBInstanceCommand, {
    DBInstanceIdentifier: 'chatops-prod',
    ForceFailover: false,
  });
  const audited = (await shell.store.readAudit(incident.id)).map(({ call, region, step }) => [call, region, step]);
  expect(audited).toEqual([
    ['rds:ModifyDBInstance', 'us-east-1', 'fence/database'],
    ['rds:RebootDBInstance', 'us-east-1', 'fence/database'],
  ]);
  shell.at += 60_000;
  expect(await fence()).toEqual(fenced);
});

test('a database that does not answer stays unfenced only where people approved that by its name', async () => {
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
  expect(await nameOf(fence())).toBe('InProgress');
  shell.at += 180_000;
  expect(await failureOf(fence())).toEqual({
    name: 'ApprovalStale',
    message: expect.stringContaining('the approval does not name database'),
  });
  expect(await nameOf(fence({ approved: ['orders'] }))).toBe('ApprovalStale');
  expect(await fence({ approved: ['database'] })).toMatchObject({ fenced: false, unfenced: ['us-east-1'] });
});

test('one answer that is lost is no question to people: it is asked again', async () => {
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejectsOnce(dark);
  expect(await nameOf(fence())).toBe('InProgress');
  answers();
  expect(await untilDone(() => fence())).toMatchObject({ fenced: true });
  expect(await inVain()).toEqual([]);
});

/** What the flow has tried to fence in vain, by its record. */
const inVain = async () =>
  (await shell.store.readSteps(incident.id))
    .filter(({ step }) => step === 'fence-in-vain/database')
    .map(({ outcome }) => String(outcome['why']));
const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode } });

describe('a database that answers, looks as if it could be fenced, and cannot be when it is tried', () => {
  test('because the exchange of its groups is refused: people are asked at once, and approved it stays as it is', async () => {
    rds.on(ModifyDBInstanceCommand).rejects(fault('AccessDenied', 403));
    expect(await failureOf(fence())).toEqual({
      name: 'ApprovalStale',
      message: expect.stringMatching(
        /^the database of us-east-1 cannot be fenced and the approval does not name database: .*AccessDenied/,
      ),
    });
    expect(await inVain()).toEqual([expect.stringContaining('AccessDenied')]);
    expect(await fence({ approved: ['database'] })).toMatchObject({
      fenced: false,
      unfenced: ['us-east-1'],
      why: expect.stringContaining('AccessDenied'),
    });
  });

  test('because the exchange fails for minutes while RDS shows that nothing has changed', async () => {
    rds.on(ModifyDBInstanceCommand).rejects(fault('InternalFailure', 503));
    expect(await nameOf(fence())).toBe('InProgress');
    shell.at += 179_000;
    expect(await nameOf(fence())).toBe('InProgress');
    expect(await inVain()).toEqual([]);
    shell.at += 121_000;
    expect(await nameOf(fence())).toBe('ApprovalStale');
    expect(await inVain()).toEqual([expect.stringContaining('InternalFailure')]);
    shell.at += 121_000;
    expect(await fence({ approved: ['database'] })).toMatchObject({ fenced: false });
  });

  test.for(['rebooting', 'modifying', 'maintenance'])(
    'because it is %s for longer than three minutes; after a stop its patience begins anew',
    async (status) => {
      old.status = status;
      expect(await nameOf(fence())).toBe('InProgress');
      shell.at += 180_000;
      expect(await nameOf(fence())).toBe('ApprovalStale');
      expect(await inVain()).toEqual([`database chatops-prod is not fenced yet: it is ${status}`]);
      shell.at += 3_600_000;
      const stop = { incident: incident.id, execution: incident.execution, step: 'paused/0', at: shell.at };
      await shell.store.recordStep({ ...stop, outcome: {} });
      shell.at += 1_000;
      await approvedAt(shell.at, incident, shell);
      expect(await nameOf(fence())).toBe('InProgress');
      old.status = 'available';
      expect(await untilDone(() => fence())).toMatchObject({ fenced: true });
    },
  );

  test('but never what has begun to be closed: it works no more, and is finished', async () => {
    expect(await nameOf(fence())).toBe('InProgress');
    rds.on(RebootDBInstanceCommand).rejects(fault('AccessDenied', 403));
    expect(await failureOf(fence())).toMatchObject({ name: 'CannotProceed' });
    rds.on(RebootDBInstanceCommand).callsFake(() => {
      old.status = 'rebooting';
      return {};
    });
    shell.at += 600_000;
    for (const _ of [1, 2]) expect(await nameOf(fence())).toBe('InProgress');
    // Users wait for it: the sweep tells people.
    const failing = (await shell.store.readSteps(incident.id)).find(({ step }) => step === 'failing/fence/database');
    expect(failing?.outcome['why']).toContain('chatops-prod');
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
    expect(await nameOf(fence())).toBe('Unavailable');
    expect(await inVain()).toEqual([]);
  });
});

test('a region that only puts the call off is asked again: it is there', async () => {
  const putOff = Object.assign(new Error('Rate exceeded'), { name: 'Throttling', $metadata: { httpStatusCode: 400 } });
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(putOff);
  expect(await nameOf(fence())).toBe('InProgress');
  answers();
  expect(await untilDone(() => fence())).toMatchObject({ fenced: true });
});

test('what was just seen not to answer is not asked again, because users wait, but only as approved', async () => {
  const unreachable = ['database'];
  expect(await fence({ approved: ['database'], unreachable })).toMatchObject({ fenced: false });
  expect(rds).not.toHaveReceivedCommand(DescribeDBInstancesCommand);
  expect(await nameOf(fence({ unreachable }))).toBe('InProgress');
});

test('a region that answers is fenced although people approved that it may stay unfenced', async () => {
  expect(await nameOf(fence({ approved: ['database'] }))).toBe('InProgress');
  expect(old.group).toBe('sg-0a1closed');
});

test.for<[string, object, string]>([
  ['is not there', { DBInstances: [] }, 'database chatops-prod is not in us-east-1'],
  [
    'has a full disk',
    { DBInstances: [{ DBInstanceStatus: 'storage-full', VpcSecurityGroups: [] }] },
    'database chatops-prod cannot be fenced: it is storage-full',
  ],
])('a database that %s stays unfenced only where people approved that', async ([, answer, why]) => {
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves(answer as never);
  expect(await failureOf(fence())).toEqual({ name: 'ApprovalStale', message: expect.stringContaining(why) });
  expect(await fence({ approved: ['database'] })).toEqual({ fenced: false, unfenced: ['us-east-1'], why });
});

test('a database whose status takes no call for three minutes stays unfenced as approved, and is asked about otherwise', async () => {
  old.status = 'rebooting';
  const stays = () => fence({ approved: ['database'] });
  expect(await nameOf(stays())).toBe('InProgress');
  shell.at += 179_000;
  expect(await nameOf(stays())).toBe('InProgress');
  shell.at += 1_000;
  expect(await stays()).toMatchObject({
    fenced: false,
    unfenced: ['us-east-1'],
    why: expect.stringContaining('rebooting'),
  });
  expect(await nameOf(fence())).toBe('ApprovalStale');
});

test('a database that is stopped is asked about at once, and stays unfenced as approved: it may be started any time', async () => {
  old.status = 'stopped';
  const why = 'database chatops-prod cannot be fenced: it is stopped, and takes writes when somebody starts it';
  expect(await failureOf(fence())).toEqual({ name: 'ApprovalStale', message: expect.stringContaining(why) });
  expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
  // The watch is told nothing of a fence that is done.
  expect((await shell.store.readSteps(incident.id)).map(({ step }) => step)).not.toContain('fence/database/fenced');
  expect(await fence({ approved: ['database'] })).toEqual({ fenced: false, unfenced: ['us-east-1'], why });
  old.group = 'sg-0a1closed';
  expect(await fence({ approved: ['database'] })).toMatchObject({ fenced: true });
});

test('half fenced, the step asks again rather than leave the rest', async () => {
  expect(await nameOf(fence())).toBe('InProgress');
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
  expect(await nameOf(fence())).toBe('InProgress');
  shell.at += 300_000;
  expect(await nameOf(fence())).toBe('Unavailable');
});

test.for([
  ['names what stays unfenced', ['database'], false],
  ['names another asset of the region', ['orders'], true],
  ['does not', [], true],
] as const)('a waiver leaves the fence out where the approval %s: fenced %s', async ([, approved, acts]) => {
  await shell.store.keepWaiver(incident.execution, 'Fence/database', 'dba', 'it is off', start);
  const run = fence({ approved: [...approved] });
  if (acts) expect(await nameOf(run)).toBe('InProgress');
  else expect(await run).toMatchObject({ fenced: false, unfenced: ['us-east-1'] });
  expect(rds.commandCalls(ModifyDBInstanceCommand)).toHaveLength(acts ? 1 : 0);
});

test('a restart that no look fell into is known from its event, and is not asked for again', async () => {
  expect(await nameOf(fence())).toBe('InProgress');
  expect(await nameOf(fence())).toBe('InProgress');
  old.status = 'available';
  shell.at += 60_000;
  expect(await nameOf(fence())).toBe('InProgress');
  const key = 'database:chatops-prod:restarted';
  const common = { id: key, key, at: shell.at - 20_000, region: 'us-east-1', observer: 'rds:us-east-1' };
  await shell.store.keepSignals([{ ...common, kind: 'database', instance: 'chatops-prod', change: 'restarted' }]);
  expect(await fence()).toMatchObject({ fenced: true });
  expect(rds).toHaveReceivedCommandTimes(RebootDBInstanceCommand, 1);
});

const returns = () => fenceLate.on(shell)({ incident, asset });
const promoted = async () => {
  const { id, execution } = incident;
  const call = { step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' };
  const where = { region: 'us-west-2', actor: 'classify', drill: false };
  await shell.store.audit({ incident: id, execution, at: start, ...call, ...where });
};

test('before something has taken over, a region that answers is left as it is', async () => {
  expect(await failureOf(returns())).toEqual({
    name: 'InProgress',
    message: 'database has not been taken over from us-east-1 yet',
  });
  expect(rds.calls()).toEqual([]);
});

test('a promotion that was refused is none', async () => {
  await promoted();
  const { id, execution } = incident;
  const step = 'refused/rds:PromoteReadReplica/chatops-dr-replica';
  await shell.store.recordStep({ incident: id, execution, step, at: start, outcome: {} });
  expect(await nameOf(returns())).toBe('InProgress');
  expect(rds.calls()).toEqual([]);
});

test('a region that returns after a promotion is fenced then', async () => {
  await promoted();
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
  expect(await nameOf(returns())).toBe('InProgress');
  answers();
  expect(await untilDone(returns)).toEqual({ fenced: true, database: 'chatops-prod', fencedAt: shell.at });
});

test('a watch that a person aborted fences nothing, however it is redriven, and an abort of its flow does not end it', async () => {
  await promoted();
  await signAbort('watch-1', 'ana', shell);
  await signAbort(incident.execution, 'ana', shell);
  const looks = (watch: string) => fenceLate.on(shell)({ incident, asset, watch });
  expect(await nameOf(looks('watch-1'))).toBe('Aborted');
  expect(rds.calls()).toEqual([]);
  expect(await untilDone(() => looks('watch-2'))).toMatchObject({ fenced: true });
});

test('a freeze does not keep it open where somebody else has promoted its replica', async () => {
  const { id, execution } = incident;
  await shell.store.recordStep({ incident: id, execution, step: 'take-over/database', at: start, outcome: {} });
  await shell.store.freeze('dba', 'something is odd', start);
  expect(await untilDone(returns)).toMatchObject({ fenced: true });
});

test.for([
  ['while frozen', () => shell.store.freeze('dba', 'something is odd', start)],
  ['when its flow has given its lock back', () => shell.store.releaseLock('us-east-1', incident.execution)],
] as const)('after a promotion the old writer is fenced also %s', async ([, happen]) => {
  await happen();
  await promoted();
  expect(await untilDone(returns)).toMatchObject({ fenced: true });
});

test.for([
  [
    'its flow has ended and nothing has taken over',
    'us-east-1 was not given up',
    async () => {
      await shell.store.releaseLock('us-east-1', incident.execution);
    },
  ],
  [
    'the roles have moved on',
    'the roles have moved on: us-east-1 is the primary in epoch 3',
    async () => {
      await promoted();
      await shell.store.moveRole('us-west-2', 1, incident.execution, start);
      await shell.store.moveRole('us-east-1', 2, 'home', start);
    },
  ],
  [
    'the region that took over is given up in its turn',
    'us-west-2 is given up in its turn, by home',
    async () => {
      await promoted();
      await shell.store.moveRole('us-west-2', 1, incident.execution, start);
      const lock = {
        target: 'us-west-2',
        execution: 'home',
        incident: 'way-home',
        action: 'request-approval',
        at: start + 1,
      } as const;
      await shell.store.takeLock(lock);
      const call = {
        step: 'fence/database',
        call: 'rds:ModifyDBInstance',
        target: 'chatops-dr-replica',
        region: 'us-west-2',
      };
      await shell.store.audit({
        incident: 'way-home',
        execution: 'home',
        at: start,
        actor: 'dba',
        drill: false,
        ...call,
      });
    },
  ],
] as const)('nothing is fenced any more where %s', async ([, why, happen]) => {
  await happen();
  expect(await returns()).toEqual({ fenced: false, why });
  expect(rds.calls()).toEqual([]);
});

test('what somebody has made a replica of what took over is left as it is', async () => {
  await promoted();
  const ReadReplicaSourceDBInstanceIdentifier = 'arn:aws:rds:us-west-2:1:db:chatops-dr-replica';
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({
    DBInstances: [{ DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier }],
  });
  expect(await returns()).toMatchObject({ fenced: true });
  expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
});

test('what follows something else is not all that there is: a person is told', async () => {
  await promoted();
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({
    DBInstances: [
      { DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-west-2:1:db:a' },
    ],
  });
  await expect(returns()).rejects.toThrow(
    /chatops-prod in us-east-1 follows .*db:a, and not chatops-dr-replica of us-west-2/,
  );
  expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
});

test('a promotion that was lost leaves the old database open: it is the only one that takes writes', async () => {
  await promoted();
  replicaIs({ ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod' });
  expect((await failureOf(returns())).message).toContain('may still come');
  shell.at += 121_000;
  expect((await failureOf(returns())).message).toContain('was lost');
  expect(rds).not.toHaveReceivedCommand(ModifyDBInstanceCommand);
  replicaIs({});
  expect(await untilDone(returns)).toMatchObject({ fenced: true });
});

test('a fence that is refused is kept once for people, and half a fence is finished whoever is served', async () => {
  await promoted();
  old.status = 'storage-full';
  for (const _ of [1, 2]) expect(await nameOf(returns())).toBe('InProgress');
  const steps = (await shell.store.readSteps(incident.id)).map(({ step }) => step);
  expect(steps.filter((step) => step === 'failing/fence-late/database')).toHaveLength(1);
  old.status = 'available';
  expect(await nameOf(returns())).toBe('InProgress');
  await shell.store.recordStep({
    incident: incident.id,
    execution: incident.execution,
    step: 'paused/0',
    at: start,
    outcome: {},
  });
  const seen = { id: 'run', key: 'run:eu-west-1:true', at: shell.at, region: 'us-east-1', observer: 'eu-west-1' };
  await shell.store.keepSignals([{ ...seen, kind: 'canary-run', passed: true }]);
  expect(await untilDone(returns)).toMatchObject({ fenced: true });
});

test('the region that took over is only asked about: the old one is fenced while people decide', async () => {
  await promoted();
  const lock = {
    target: 'us-west-2',
    execution: 'home',
    incident: 'way-home',
    action: 'request-approval',
    at: start,
  } as const;
  await shell.store.takeLock(lock);
  expect(await untilDone(returns)).toMatchObject({ fenced: true });
});

describe('while the flow is paused before users are redirected', () => {
  const run = (seconds: number, passed: boolean): Signal => {
    const seen = { id: `run-${seconds}`, key: `run:eu-west-1:${passed}`, at: start + seconds * 1000 };
    return { ...seen, region: 'us-east-1', observer: 'eu-west-1', kind: 'canary-run', passed };
  };
  const other = (seconds: number): Signal => ({
    ...run(seconds, false),
    ...{ id: 'other', key: 'run:us-west-2:false', observer: 'us-west-2' },
  });
  let at = start;
  const mark = (step: string) => {
    const { id, execution } = incident;
    at += 1_000;
    return shell.store.recordStep({ incident: id, execution, step, at, outcome: {} });
  };
  beforeEach(async () => {
    await promoted();
    at = start;
    shell.at = start + 600_000;
  });

  test('one that has just answered again is looked at for three minutes before it is fenced', async () => {
    await mark('paused/0');
    const looked = async () => (await failureOf(returns())).message;
    expect(await looked()).toContain('may serve users');
    shell.at += 100_000;
    // It goes dark again: what it does when it comes back is not known.
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
    expect(await looked()).toContain('does not answer');
    shell.at += 100_000;
    answers();
    expect(await looked()).toContain('may serve users');
    shell.at += 180_000;
    expect(await looked()).toContain('was requested');
  });

  test.for([
    ['users are served by it', ['paused/0'], [run(560, true)], false],
    [
      'users were served by it until a while ago, and are not now',
      ['paused/0'],
      [run(300, true), run(560, false)],
      true,
    ],
    ['nobody has seen users served lately', ['paused/0'], [run(0, true)], true],
    ['users are redirected', ['paused/0', 'redirect-users'], [run(560, true)], true],
    ['what was approved was found to hold since', ['paused/0', 'reassess'], [run(560, true)], true],
    ['it was resumed, and nobody has looked yet', ['paused/0', 'resumed'], [run(560, true)], false],
    ['it paused again since', ['paused/0', 'reassess', 'paused/1'], [run(560, true)], false],
    ['it never paused', [], [run(560, true)], true],
    ['one observer sees users served and another is broken', ['paused/0'], [run(500, true), other(560)], false],
  ] as const)('an old region is fenced or left to a person: %s', async ([, marks, runs, fenced]) => {
    for (const step of marks) await mark(step);
    await shell.store.keepSignals(runs);
    if (fenced) expect(await untilDone(returns)).toMatchObject({ fenced: true });
    else expect((await failureOf(returns())).message).toContain('a person chooses');
  });

  test('an old region that has served users within three minutes is not fenced in its next outage', async () => {
    await mark('paused/0');
    const looked = async () => (await failureOf(returns())).message;
    await looked();
    shell.at += 240_000;
    await shell.store.keepSignals([run(700, true), run(830, false)]);
    expect(await looked()).toContain('until nobody was served for so long');
    shell.at += 60_000;
    expect(await looked()).toContain('was requested');
  });

  test('an old region is fenced where users were sent away and nobody could read that back: they are served elsewhere', async () => {
    const { id, execution } = incident;
    const call = { step: 'redirect-users', call: 's3:PutObject', target: 'latch', region: 'us-west-2' };
    await shell.store.audit({ incident: id, execution, at: start, actor: 'classify', drill: false, ...call });
    await mark('paused/0');
    await shell.store.keepSignals([run(560, true)]);
    expect((await failureOf(returns())).message).toContain('exchange was requested');
  });
});

test('a freeze does not stop half way between two databases that are fenced', async () => {
  const { id, execution } = incident;
  const other = { step: 'fence/orders', call: 'rds:ModifyDBInstance', target: 'orders-prod', region: 'us-east-1' };
  await shell.store.audit({ incident: id, execution, at: start, actor: 'classify', drill: false, ...other });
  await shell.store.freeze('dba', 'something is odd', start);
  expect(await untilDone(fence)).toMatchObject({ fenced: true });
});

test('a waiver ends the wait for a region that does not return', async () => {
  await shell.store.keepWaiver(incident.execution, 'FenceOnReturn/database', 'dba', 'it is lost', start);
  expect(await returns()).toMatchObject({ fenced: false, skipped: true, by: 'dba' });
  expect(rds.calls()).toEqual([]);
});

describe('the watch stays with the database that was given up', () => {
  const changes = () =>
    rds.commandCalls(ModifyDBInstanceCommand).length + rds.commandCalls(RebootDBInstanceCommand).length;
  const failing = async () =>
    (await shell.store.readSteps(incident.id)).find(({ step }) => step === 'failing/fence-late/database')?.outcome;

  test('one that was made anew under its name is never fenced, and people hear of it', async () => {
    await promoted();
    old = { status: 'storage-full', group: 'sg-0a1chatopsdb', id: 'db-OLD' };
    expect(await nameOf(returns())).toBe('InProgress'); // it cannot be fenced yet
    old = { status: 'available', group: 'sg-0a1chatopsdb', id: 'db-NEW' };
    expect(await failureOf(returns())).toEqual({
      name: 'InProgress',
      message:
        'us-east-1 is not fenced: database chatops-prod of us-east-1 is db-NEW, and the one that was given up was db-OLD: it is left alone',
    });
    expect(changes()).toBe(0);
    expect(await failing()).toBeDefined();
    old.id = 'db-OLD';
    expect(await untilDone(returns)).toMatchObject({ fenced: true });
  });

  test('it is known from the first look on, also while a person has to choose', async () => {
    await promoted();
    await shell.store.recordStep({
      ...{ incident: incident.id, execution: incident.execution, step: 'paused/0', at: start, outcome: {} },
    });
    old.id = 'db-OLD';
    expect((await failureOf(returns())).message).toContain('is looked at for three minutes');
    shell.at += 181_000;
    old.id = 'db-NEW';
    expect((await failureOf(returns())).message).toContain('the one that was given up was db-OLD');
    expect(changes()).toBe(0);
  });

  test('the flow, whose fence people approve each time, fences what stands there, and the watch then stays with that', async () => {
    old.id = 'db-OLD';
    expect(await nameOf(fence())).toBe('InProgress');
    old = { status: 'available', group: 'sg-0a1chatopsdb', id: 'db-NEW' };
    await untilDone(() => fence());
    await promoted();
    expect(await returns()).toMatchObject({ fenced: true });
    old.id = 'db-NEWER';
    expect((await failureOf(returns())).message).toContain('was db-NEW');
  });

  test('what has become the database of the region since is not what is fenced', async () => {
    await promoted();
    const restore = { ...{ subnetGroup: 'db', parameterGroup: 'pg', optionGroup: null }, zone: null } as never;
    const { plan } = shell;
    const there = plan.assets.map((one) =>
      one.kind === 'rds-instance'
        ? { ...one, regions: { ...one.regions, 'us-east-1': { ...one.regions['us-east-1'], restore } } }
        : one,
    );
    shell = Object.assign(shell, { plan: { ...plan, assets: there as typeof plan.assets } });
    old = { status: 'storage-full', group: 'sg-0a1chatopsdb', id: 'db-OLD' };
    expect(await nameOf(returns())).toBe('InProgress');
    const held = { asset, region: 'us-east-1', instance: 'chatops-prod-restored', instead: 'chatops-prod' };
    await shell.store.keepHolder({ ...held, execution: 'rejoin-standby', at: start });
    old.status = 'available';
    await untilDone(returns);
    const fenced = rds.commandCalls(ModifyDBInstanceCommand).map((call) => call.args[0].input.DBInstanceIdentifier);
    expect(fenced).toEqual(['chatops-prod']);
  });
});

describe('of two watches of one region', () => {
  const later = { ...incident, execution: 'later-request-approval-1', startedAt: incident.startedAt + 1_000 };
  const looks = (of: typeof incident, at = 1) => fenceLate.on(shell)({ incident: of, asset, start: at });
  const taken = (of: typeof incident) =>
    shell.store.recordStep({
      ...{ incident: of.id, execution: of.execution, step: 'take-over/database', at: start, outcome: {} },
    });
  const callers = async () => (await shell.store.readAudit(incident.id)).map(({ execution }) => execution);

  test('that of the later flow fences, and the other one ends, though both are of one epoch', async () => {
    await taken(incident);
    expect(await nameOf(looks(incident))).toBe('InProgress'); // its first call
    shell.at += 1_000;
    await taken(later);
    expect(await nameOf(looks(later))).toBe('InProgress');
    const why = 'later-request-approval-1-fence fences us-east-1, a newer watch';
    expect(await looks(incident)).toEqual({ fenced: false, why });
    const ended = (await shell.store.readSteps(incident.id)).find(({ step }) => step === 'fence-late/database');
    expect(ended).toMatchObject({ execution: incident.execution, outcome: { why } });
    expect(await untilDone(() => looks(later))).toMatchObject({ fenced: true });
    const [first, ...rest] = await callers();
    expect([first, new Set(rest)]).toEqual([incident.execution, new Set([later.execution])]);
  });

  test('that of the later flow leaves the fence to the other one until something of its own has taken over', async () => {
    await taken(incident);
    await shell.store.releaseLock('us-east-1', incident.execution);
    const held = { target: 'us-east-1', incident: later.id, action: 'request-approval' } as const;
    await shell.store.takeLock({ ...held, execution: later.execution, at: start });
    expect(await nameOf(looks(later))).toBe('InProgress');
    expect(await untilDone(() => looks(incident))).toMatchObject({ fenced: true });
    expect(new Set(await callers())).toEqual(new Set([incident.execution]));
  });

  test('of one flow the newer goes on, and the other ends without ending it', async () => {
    await taken(incident);
    expect(await nameOf(looks(incident, 2))).toBe('InProgress');
    const why = `${incident.execution}-fence-2 fences us-east-1, a newer watch`;
    expect(await looks(incident, 1)).toEqual({ fenced: false, why });
    const steps = (await shell.store.readSteps(incident.id)).map(({ step }) => step);
    expect(steps).not.toContain('fence-late/database');
    expect(await untilDone(() => looks(incident, 2))).toMatchObject({ fenced: true });
  });
});
