// Tests of plans that give way: a switchover or a restore that nobody has approved, beside a zone or region that fails.
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ApprovalRequest, Incident, Lock, RecordedDecision } from '../../../../functions/domain/types.ts';
import { remind } from '../../../../functions/shared/approval/remind.ts';
import { noteLook } from '../../../../functions/shared/recovery/fresh.ts';
import { noteGivenBack, wasGivenBack } from '../../../../functions/shared/recovery/waivers.ts';
import { mocked } from '../../../mocked.ts';
import { incidentOf, request as sample } from '../../../store/samples.ts';
import * as saw from '../../domain/evidence/sightings.ts';
import { az1, region } from '../../domain/evidence/sightings.ts';
import { mockLinkKey } from '../../door/visitors.ts';
import { type Setting, setting, start } from '../../setting.ts';

const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const execution = 'by-hand-1';
const incident = `manual-${execution}`;
const lock: Lock = { target: region, execution, incident, action: 'request-approval', at: start };
/** What the loss of the region shows, and of a zone. */
const lost = [
  ...['eu-west-1', 'ap-southeast-1'].map((observer) => saw.canary(observer, 0)),
  ...['ec2', 'rds', 'eks'].map((service) => saw.probe(service, 0)),
  ...['use1-az1', 'use1-az2', 'use1-az4'].flatMap((zone) =>
    saw.alarms(['api-5xx', 'database-latency', 'cluster-nodes-notready'], zone, 0),
  ),
];
const inZone = saw.alarms(['api-5xx', 'database-latency', 'cluster-nodes-notready', 'worker-errors'], az1, 0);
let shell: Setting;

beforeEach(() => {
  sfn.reset();
  sns.reset();
  sfn.on(SendTaskSuccessCommand).resolves({});
  sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  mockLinkKey();
});

/** A plan of which people were asked a minute before `seen` was found beside it, held at a level, and what becomes of its request ten minutes later. */
async function outcomeOf(
  {
    mode,
    level,
    hold = 'another-execution-active',
  }: Pick<ApprovalRequest, 'mode'> & Pick<RecordedDecision, 'level' | 'hold'>,
  seen: readonly ReturnType<typeof saw.canary>[],
  {
    at = 'us-west-2',
    change = {},
    looked = false,
    called = false,
    settled,
    asked = true,
    afterSeconds = 600,
  }: {
    at?: string;
    change?: Partial<ApprovalRequest>;
    looked?: boolean;
    /** Whether the flow has called something. */
    called?: boolean;
    settled?: 'approved' | 'rejected' | 'void';
    asked?: boolean;
    afterSeconds?: number;
  } = {},
): Promise<string | null> {
  shell = setting({ region: at });
  const request = { ...sample, id: 'request-1', incident, execution, mode, requestedBy: 'operator', target: region };
  if (asked)
    await shell.store.openRequest(
      { ...request, askedAt: start - 60_000, expiresAt: start + 3_600_000, ...change },
      'token',
    );
  if (settled !== undefined) await shell.store.settleRequest('request-1', settled, start);
  const [decided] = incidentOf({}).decisions;
  const decision = { ...(decided as RecordedDecision), action: 'hold', hold, level, at: start } as const;
  const planned = mode === 'failover' ? {} : { planned: mode };
  await shell.store.takeLock(lock);
  await shell.store.writeIncident(incidentOf({ id: incident, level, decisions: [decision], ...planned }));
  await shell.store.keepSignals(seen);
  if (looked || called)
    await noteLook({ id: incident, execution }, { at: start - 30_000, request: 'request-0' }, shell);
  const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region };
  if (called) await shell.store.audit({ incident, execution, actor: 'operator', drill: false, at: start, ...fence });
  shell.at = start + afterSeconds * 1000;
  await remind(shell);
  return (await shell.store.readOutcome('request-1'))?.outcome ?? null;
}
const heard = () => sfn.commandCalls(SendTaskSuccessCommand).map(({ args: [{ input }] }) => input.output);

test.for([
  ['a switchover', { mode: 'switchover', level: 3 }, lost],
  ['a switchover, while Breakwater is frozen,', { mode: 'switchover', level: 3, hold: 'frozen' }, lost],
  ['a switchover, beside a zone,', { mode: 'switchover', level: 2 }, inZone],
] as const)('%s gives way, and its flow hears that', async ([, plan, seen]) => {
  expect(await outcomeOf(plan, seen)).toBe('void');
  expect(heard()).toEqual([JSON.stringify({ outcome: 'void', request: 'request-1' })]);
  // Its flow gives the region back by itself.
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
});

test.for([
  ['what a person started as a failover', { mode: 'failover', level: 3 }, lost, {}],
  ['a restore beside a zone', { mode: 'restore', level: 2 }, inZone, { at: region }],
  ['what was approved once and has called something', { mode: 'switchover', level: 3 }, lost, { called: true }],
  ['a plan whose region has recovered', { mode: 'switchover', level: 3 }, [], {}],
  ['a plan that has not been told of it', { mode: 'switchover', level: 3, hold: 'observe-only' }, lost, {}],
  [
    'the question after a promotion',
    { mode: 'switchover', level: 3 },
    lost,
    { change: { shown: { ...sample.shown, goingOn: { since: start, atMostSeconds: 60 } } } },
  ],
] as const)('%s does not', async ([, plan, seen, how]) => {
  expect(await outcomeOf(plan, seen, how)).toBeNull();
  expect(heard()).toEqual([]);
});

test('a restore in a region that answers gives way, and the other stack leaves that to it', async () => {
  const restore = { mode: 'restore', level: 3 } as const;
  expect(await outcomeOf(restore, lost, { at: 'us-west-2', afterSeconds: 100 })).toBeNull();
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
  expect(await outcomeOf(restore, lost, { at: region, afterSeconds: 100 })).toBe('void');
  expect(heard()).toHaveLength(1);
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
});

/** Who heard that no answer counts any more. */
const gaveWay = () =>
  sns
    .commandCalls(PublishCommand)
    .map(({ args: [{ input }] }) => String(input.Subject))
    .filter((subject) => / (gives way: something has|gave way to what) failed there$/.test(subject));

/** Where the flow of a plan runs nothing answers any more. */
const isDark = () =>
  sfn.on(DescribeExecutionCommand).rejects(Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} }));

// Without its lock a flow that nobody has approved can do nothing.
test.for([
  ['a restore', { mode: 'restore', level: 3 }, lost, {}, 'void'],
  [
    'a restore that was rejected there, where its flow cannot hear it,',
    { mode: 'restore', level: 3 },
    lost,
    { settled: 'rejected' },
    'rejected',
  ],
  [
    'a restore whose request is void, but whose region was not given back,',
    { mode: 'restore', level: 3 },
    lost,
    { settled: 'void' },
    'void',
  ],
  ['a restore that has not even asked', { mode: 'restore', level: 3 }, lost, { asked: false }, null],
  [
    'a restore that was approved and looked at, and has called nothing,',
    { mode: 'restore', level: 3 },
    lost,
    { asked: false, looked: true },
    null,
  ],
  [
    'a switchover whose standby is dark, beside a zone,',
    { mode: 'switchover', level: 2 },
    inZone,
    { at: region },
    'void',
  ],
] as const)('%s in a region that does not answer gives it back', async ([, plan, seen, how, outcome]) => {
  isDark();
  expect(await outcomeOf(plan, seen, { ...how, afterSeconds: 100 })).toBe(outcome);
  expect((await shell.store.readStanding(region)).lock).toBeNull();
  expect((await shell.store.readIncident(incident))?.closedAt).toBe(shell.at);
  expect(gaveWay()).toHaveLength(5);
});

test('nor does one wait for a region that answers and does not let it', async () => {
  expect(await outcomeOf({ mode: 'restore', level: 3 }, lost, { afterSeconds: 121 })).toBe('void');
  expect((await shell.store.readStanding(region)).lock).toBeNull();
});

test.for([
  ['what people have just approved', { mode: 'restore', level: 3 }, lost, { settled: 'approved', afterSeconds: 100 }],
  ['what has begun', { mode: 'restore', level: 3 }, lost, { called: true }],
  ['a restore beside a zone', { mode: 'restore', level: 2 }, inZone, {}],
  ['a plan whose region has recovered', { mode: 'restore', level: 3 }, [], {}],
] as const)('%s stays where it is', async ([, plan, seen, how]) => {
  isDark();
  await outcomeOf(plan, seen, how);
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
  expect((await shell.store.readIncident(incident))?.closedAt).toBeNull();
});

test('what people have approved looks again by itself where its region answers, and is given back where it does not', async () => {
  const restore = { mode: 'restore', level: 3 } as const;
  await outcomeOf(restore, lost, { settled: 'approved' });
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
  isDark();
  await remind(shell);
  expect((await shell.store.readStanding(region)).lock).toBeNull();
  expect(gaveWay()).toHaveLength(5);
  const [told] = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input.Message);
  expect(told).toContain('The restore was approved and had changed nothing yet when something failed in us-east-1');
});

test('the last approval that comes at the moment a region is given back stands: it is kept', async () => {
  isDark();
  await outcomeOf({ mode: 'restore', level: 3 }, []);
  await shell.store.keepSignals(lost);
  shell.store.settleRequest = async () => 'approved';
  await remind(shell);
  expect((await shell.store.readStanding(region)).lock).toEqual(lock);
  expect(await wasGivenBack(execution, shell)).toBe(false);
});

test('a flow that calls something while nobody hears its region keeps that', async () => {
  sfn.on(DescribeExecutionCommand).callsFake(async () => {
    const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region };
    await shell.store.audit({ incident, execution, actor: 'operator', drill: false, at: shell.at, ...fence });
    throw Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} });
  });
  await outcomeOf({ mode: 'restore', level: 3 }, lost, { settled: 'approved', looked: true });
  expect((await shell.store.readStanding(region)).lock).toEqual(lock);
  expect((await shell.store.readIncident(incident))?.closedAt).toBeNull();
  expect(await wasGivenBack(execution, shell)).toBe(false);
});

test('a region that is throttled answers: what people have approved there goes on', async () => {
  sfn
    .on(DescribeExecutionCommand)
    .rejects(
      Object.assign(new Error('slow down'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } }),
    );
  await outcomeOf({ mode: 'restore', level: 3 }, lost, { settled: 'approved' });
  expect((await shell.store.readStanding(region)).lock).not.toBeNull();
});

describe('a flow that has taken the lock and not opened its incident', () => {
  /** What else fails in the region is held for it since `start`; as it stands after so many seconds. */
  const lockAfter = async (
    seconds: number,
    { began = false, hold = 'another-execution-active', over = false, called = false } = {},
  ) => {
    shell = setting({ region });
    await shell.store.takeLock(lock);
    if (over) await shell.store.writeIncident(incidentOf({ id: incident, planned: 'switchover', closedAt: start }));
    const [decided] = incidentOf({}).decisions;
    const held = { ...(decided as RecordedDecision), action: 'hold', hold, level: 2, at: start } as RecordedDecision;
    await shell.store.writeIncident(incidentOf({ id: 'of-the-zone', decisions: [held] }));
    if (began || over) await noteLook({ id: incident, execution }, { at: start, request: 'request-1' }, shell);
    const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region };
    if (called) await shell.store.audit({ incident, execution, actor: 'operator', drill: false, at: start, ...fence });
    await shell.store.keepSignals(inZone);
    shell.at = start + seconds * 1000;
    await remind(shell);
    expect((await shell.store.readIncident('of-the-zone'))?.closedAt).toBeNull();
    return (await shell.store.readStanding(region)).lock;
  };

  test('and does not answer, holds nothing for longer than people’s patience', async () => {
    isDark();
    expect(await lockAfter(119)).toEqual(lock);
    expect(await lockAfter(120)).toBeNull();
    expect(await wasGivenBack(execution, shell)).toBe(true);
  });

  test.for([
    ['has ended', {}, 'SUCCEEDED', null],
    ['stopped', {}, 'FAILED', null],
    ['still runs', {}, 'RUNNING', lock],
    ['has called something', { called: true }, 'FAILED', lock],
  ] as const)(
    'or whose plan is over and could not give it back, keeps nothing waiting: one that %s',
    async ([, how, status, kept]) => {
      sfn.on(DescribeExecutionCommand).resolves({ status });
      expect(await lockAfter(119, { over: true, ...how })).toEqual(lock);
      expect(await lockAfter(120, { over: true, ...how })).toEqual(kept);
    },
  );

  test('keeps it where it answers, where it has begun, and where nothing waits for it', async () => {
    expect(await lockAfter(600)).toEqual(lock);
    isDark();
    expect(await lockAfter(600, { began: true })).toEqual(lock);
    expect(await lockAfter(600, { hold: 'frozen' })).toEqual(lock);
  });
});

describe('a switchover that joined what fails in its region', () => {
  const joined = 'joined';
  const expiresAt = start + 400_000;
  /** A zone is held for it since `start`, and its request expires after 400 s; as the lock stands after so many seconds. */
  const lockAfter = async (seconds: number, { approved = false, called = false } = {}) => {
    shell = setting({ region });
    const held = { ...lock, incident: joined };
    await shell.store.takeLock(held);
    const [decided] = incidentOf({}).decisions;
    const hold = { action: 'hold', hold: 'another-execution-active', level: 2, at: start } as const;
    await shell.store.writeIncident(
      incidentOf({ id: joined, decisions: [{ ...(decided as RecordedDecision), ...hold }] }),
    );
    const asked = {
      ...sample,
      id: 'request-1',
      incident: joined,
      execution,
      mode: 'switchover',
      target: region,
    } as const;
    await shell.store.openRequest({ ...asked, askedAt: start, expiresAt }, 'token');
    if (approved) await shell.store.settleRequest('request-1', 'approved', start + 1_000);
    const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region };
    const by = { incident: joined, execution, actor: 'operator', drill: false };
    if (called) await shell.store.audit({ ...by, ...fence, at: start });
    await shell.store.keepSignals(inZone);
    shell.at = start + seconds * 1000;
    await remind(shell);
    expect((await shell.store.readIncident(joined))?.closedAt).toBeNull();
    return (await shell.store.readStanding(region)).lock?.execution ?? null;
  };

  test('holds the region from one that does not answer for as long as people may approve it, and no longer', async () => {
    isDark();
    expect(await lockAfter(399)).toBe(execution);
    expect(await lockAfter(400)).toBeNull();
    expect(await wasGivenBack(execution, shell)).toBe(true);
  });

  test('keeps it where its region answers, where people have approved it, and where it has called something', async () => {
    expect(await lockAfter(900)).toBe(execution);
    isDark();
    expect(await lockAfter(900, { approved: true })).toBe(execution);
    expect(await lockAfter(900, { called: true })).toBe(execution);
  });
});

describe('what breaks off while a region is given back is done at the next look', () => {
  const restore = { mode: 'restore', level: 3 } as const;

  test.for([
    ['which fails still', false],
    ['which has recovered since', true],
  ] as const)('the lock, and nobody hears that it is free before it is, beside what failed, %s', async ([, isWell]) => {
    isDark();
    await outcomeOf(restore, []);
    const { releaseLock } = shell.store;
    shell.store.releaseLock = () => Promise.reject(new Error('throttled'));
    await shell.store.keepSignals(lost);
    for (const _ of [1, 2]) await expect(remind(shell)).rejects.toThrow('throttled');
    expect((await shell.store.readIncident(incident))?.closedAt).toBeNull();
    expect(gaveWay()).toEqual([]);
    shell.store.releaseLock = releaseLock;
    if (isWell) shell.store.readSignals = () => Promise.resolve([]);
    await remind(shell);
    expect(gaveWay()).toHaveLength(5);
    expect((await shell.store.readStanding(region)).lock).toBeNull();
    // Of what has recovered the plan's incident ends by itself, with the next signal.
    expect((await shell.store.readIncident(incident))?.closedAt).toBe(isWell ? null : shell.at);
  });

  test('not what a person aborts meanwhile: the abort gives its region back', async () => {
    isDark();
    await outcomeOf(restore, [], { settled: 'void' });
    await noteGivenBack(execution, shell);
    await shell.store.releaseLock(region, execution);
    const aborting = { ...lock, execution: `${execution}/abort` };
    await shell.store.takeLock(aborting);
    await remind(shell);
    expect((await shell.store.readStanding(region)).lock).toMatchObject({ execution: aborting.execution });
    expect(gaveWay()).toEqual([]);
  });

  test('its incident, and who hears of it', async () => {
    isDark();
    await outcomeOf(restore, []);
    const { writeIncident } = shell.store;
    shell.store.writeIncident = () => Promise.reject(new Error('throttled'));
    await shell.store.keepSignals(lost);
    await expect(remind(shell)).rejects.toThrow('throttled');
    expect((await shell.store.readStanding(region)).lock).toBeNull();
    expect(gaveWay()).toEqual([]);
    shell.store.writeIncident = writeIncident;
    await remind(shell);
    expect((await shell.store.readIncident(incident))?.closedAt).toBe(shell.at);
    expect(gaveWay()).toHaveLength(5);
  });

  test('who could not be told, until the request has expired', async () => {
    isDark();
    sns.on(PublishCommand).rejects(new Error('this topic does not answer'));
    await outcomeOf(restore, lost);
    expect((await shell.store.readIncident(incident))?.closedAt).toBe(shell.at);
    sns.reset();
    sns.on(PublishCommand).resolves({});
    await remind(shell);
    expect(gaveWay()).toHaveLength(5);
    await remind(shell);
    expect(gaveWay()).toHaveLength(5);
  });

  test('not what ended by itself', async () => {
    isDark();
    await outcomeOf(restore, []);
    await shell.store.releaseLock(region, execution);
    const open = await shell.store.readIncident(incident);
    await shell.store.writeIncident({ ...(open as Incident), doneAt: shell.at, version: 2 });
    await shell.store.keepSignals(lost);
    await remind(shell);
    expect((await shell.store.readIncident(incident))?.closedAt).toBeNull();
    expect(gaveWay()).toEqual([]);
  });
});

test('what cannot be read keeps nobody from being asked', async () => {
  const plan = { mode: 'switchover', level: 3 } as const;
  await outcomeOf(plan, []);
  shell.store.readSignals = () => Promise.reject(new Error('damaged'));
  await remind(shell);
  expect(await shell.store.readOutcome('request-1')).toBeNull();
});
