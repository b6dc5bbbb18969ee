// Tests of what a decision about a region starts: one execution, in the region that takes over, of the same bytes each time.
import 'aws-sdk-client-mock-vitest/extend';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { manualIncidentId } from '../../../../functions/domain/decision/incident.ts';
import type { RecordedDecision, Signal } from '../../../../functions/domain/types.ts';
import { respond } from '../../../../functions/shared/judgement/respond.ts';
import { noteLook, pauseMark } from '../../../../functions/shared/recovery/fresh.ts';
import { handler as takeLock } from '../../../../functions/take-lock.ts';
import { mocked } from '../../../mocked.ts';
import { componentSignal, openIncident, type Setting, setting, start } from '../../setting.ts';

const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const sqs = mocked(SQSClient);
const execution = `${openIncident.id}-request-approval-1`;
const scope = { region: 'us-east-1', zone: null };

beforeEach(() => {
  for (const client of [sfn, sns, sqs]) client.reset();
  sfn.on(StartExecutionCommand).resolves({});
  sns.on(PublishCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
});

async function decided(region: string): Promise<Setting> {
  const shell = setting({ region });
  const decision = { action: 'request-approval', reason: 'region us-east-1 failed', at: start, level: 3 } as const;
  await shell.store.writeIncident({
    ...openIncident,
    level: 3,
    scope,
    decisions: [{ ...decision, scope, evidence: ['e-1'], causes: [], attempt: 1, execution }],
  });
  return shell;
}

test('the loss of a region starts its flow once, in the region that takes over', async () => {
  const shell = await decided('us-west-2');
  await respond('us-east-1', shell);
  await respond('us-east-1', shell);
  expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, {
    stateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover',
    name: execution,
    input: JSON.stringify({
      incidentId: openIncident.id,
      target: { region: 'us-east-1' },
      reason: 'region us-east-1 failed',
      requestedBy: 'classify',
      attempt: 1,
      mode: 'failover',
    }),
  });
  const [call] = sfn.commandCalls(StartExecutionCommand);
  const input: unknown = JSON.parse(call?.args[0].input.input ?? '');
  const startedAt = new Date(start).toISOString();
  const taken = await takeLock.on(shell)({ flow: 'region-failover', execution, startedAt, input });
  expect(taken).toMatchObject({ manual: false, standby: 'us-west-2' });
});

test('the affected region calls people when the other one has not started it, and starts nothing itself', async () => {
  const shell = await decided('us-east-1');
  await respond('us-east-1', shell);
  expect(sns).not.toHaveReceivedCommand(PublishCommand);
  shell.at += 180_000;
  await respond('us-east-1', shell);
  expect(sns).toHaveReceivedCommandTimes(PublishCommand, shell.plan.notifications.failure.length);
  expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
});

describe('a flow that cannot be started for three minutes', () => {
  const failure = () => setting({ region: 'us-east-1' }).plan.notifications.failure.length;
  const decisionsOf = async (shell: Setting) => (await shell.store.readIncident(openIncident.id))?.decisions ?? [];

  test('is told, and then taken back to be decided about afresh: the next decision may be as soon as the other stack looks', async () => {
    const shell = await decided('us-west-2');
    sfn.on(StartExecutionCommand).rejects(new Error('socket hang up'));
    await expect(respond('us-east-1', shell)).rejects.toThrow('socket hang up');
    expect(sns).not.toHaveReceivedCommand(PublishCommand);
    shell.at += 180_000;
    await respond('us-east-1', shell);
    expect(sns).toHaveReceivedCommandTimes(PublishCommand, failure());
    expect((await decisionsOf(shell)).at(-1)).toMatchObject({ hold: 'not-started' });
  });

  test.for([
    [
      'holds its lock',
      async (shell: Setting) => {
        const lock = { target: 'us-east-1', incident: openIncident.id, action: 'request-approval', at: start } as const;
        await shell.store.takeLock({ ...lock, execution });
      },
    ],
    [
      'has kept something',
      async (shell: Setting) => {
        await shell.store.recordStep({
          incident: openIncident.id,
          execution,
          step: 'reassess',
          at: start,
          outcome: {},
        });
      },
    ],
  ] as const)(
    'was started all the same where it %s: nobody is told otherwise, and it stays decided',
    async ([, begin]) => {
      const shell = await decided('us-west-2');
      sfn.on(StartExecutionCommand).rejects(new Error('socket hang up'));
      await begin(shell);
      shell.at += 180_000;
      await respond('us-east-1', { ...shell, region: 'us-east-1' });
      await respond('us-east-1', shell);
      expect(sns).not.toHaveReceivedCommand(PublishCommand);
      expect(await decisionsOf(shell)).toHaveLength(1);
      expect(await shell.store.wasSent(`started:${execution}`)).toBe(true);
    },
  );

  test('is told once, where the other stack has said it before', async () => {
    const shell = await decided('us-west-2');
    shell.at += 180_000;
    await respond('us-east-1', { ...shell, region: 'us-east-1' });
    expect(sns).toHaveReceivedCommandTimes(PublishCommand, failure());
    await respond('us-east-1', shell);
    expect((await decisionsOf(shell)).at(-1)).toMatchObject({ hold: 'not-started' });
    expect(sns).toHaveReceivedCommandTimes(PublishCommand, failure());
  });

  test('is left to the other stack for two looks where it cannot be told, and is taken back then', async () => {
    const shell = await decided('us-west-2');
    sns.on(PublishCommand).rejects(new Error('SNS is down'));
    await shell.store.keepSignals([componentSignal()]);
    shell.at += 180_000;
    await respond('us-east-1', shell);
    shell.at += 119_999;
    await respond('us-east-1', shell);
    expect(await decisionsOf(shell)).toHaveLength(1);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
    shell.at += 1;
    await respond('us-east-1', shell);
    expect((await decisionsOf(shell)).at(-1)).toMatchObject({ hold: 'not-started' });
  });
});

const zone = { region: 'us-east-1', zone: 'use1-az1' };
const name = `${openIncident.id}-az-failover-1`;

/** A zone that is left, and what was said since that goes beyond it. */
async function decidedBeyond(): Promise<{ readonly shell: Setting; readonly beyond: RecordedDecision }> {
  const shell = setting({ region: 'us-east-1' });
  const about = { at: start, evidence: ['e-1'], causes: [] };
  const left = { action: 'az-failover', reason: 'zone failed', level: 2, scope: zone, attempt: 1, execution: name };
  const held = { action: 'hold', reason: 'two fail', level: 'unknown', scope, attempt: 2, execution: null };
  const [first, beyond] = [
    { ...about, ...left },
    { ...about, ...held },
  ] as [RecordedDecision, RecordedDecision];
  await shell.store.writeIncident({ ...openIncident, level: 2, scope: zone, decisions: [first, beyond] });
  return { shell, beyond };
}

test('what was taken back is taken back once, whatever is decided after it', async () => {
  const { shell, beyond } = await decidedBeyond();
  await shell.store.keepSignals([componentSignal()]);
  shell.at += 180_000;
  await respond('us-east-1', shell);
  const taken = await shell.store.readIncident(openIncident.id);
  expect(taken?.decisions.at(-1)).toMatchObject({ hold: 'not-started' });
  const decisions = [...(taken?.decisions ?? []), { ...beyond, at: shell.at, attempt: 4, reason: 'three fail' }];
  await shell.store.writeIncident({ ...openIncident, ...taken, decisions, version: (taken?.version ?? 0) + 1 });
  await respond('us-east-1', shell);
  expect((await shell.store.readIncident(openIncident.id))?.decisions.at(-1)).toMatchObject({ reason: 'three fail' });
});

test('a zone that is left is left although something beyond it was said since, and both are carried out once', async () => {
  const { shell } = await decidedBeyond();
  await respond('us-east-1', shell);
  await respond('us-east-1', shell);
  expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, { name });
  const west = { ...shell, region: 'us-west-2' };
  await respond('us-east-1', west);
  await respond('us-east-1', west);
  expect(sns).toHaveReceivedCommandTimes(PublishCommand, shell.plan.notifications.unknown.length);
});

describe('while users fail in an open incident', () => {
  const failing = (observer: string, seconds: number): Signal => ({
    key: `run-failed/${observer}`,
    id: `run-${observer}-${seconds}`,
    at: start + seconds * 1000,
    region: 'us-east-1',
    observer,
    kind: 'canary-run',
    passed: false,
  });
  const subjects = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => String(input.Subject));
  /** The region after so many seconds, as so many observers outside of it see users fail. */
  const heardAt = async (shell: Setting, seconds: number, observers = 2): Promise<string[]> => {
    shell.at = start + seconds * 1000;
    await shell.store.markSent(`started:${execution}`, start);
    sns.resetHistory();
    const seen = ['eu-west-1', 'ap-southeast-1'].slice(0, observers);
    await shell.store.keepSignals([componentSignal(), ...seen.map((observer) => failing(observer, seconds - 10))]);
    await respond('us-east-1', shell);
    return subjects().filter((subject) => subject.includes('users still fail'));
  };

  test('people hear of it every quarter of an hour, each once, from the stack outside of the region', async () => {
    const shell = await decided('us-west-2');
    expect(await heardAt(shell, 899)).toEqual([]);
    const told = await heardAt(shell, 900);
    expect(told).toEqual(
      shell.plan.notifications.level3.map(
        () => '[Breakwater] users still fail in us-east-1, 16 min after the first sign',
      ),
    );
    expect(await heardAt(shell, 960)).toEqual([]);
    expect(await heardAt(shell, 1_800)).toHaveLength(told.length);
  });

  test('copies that look at the same moment say it once, and where one breaks off the next minute says it', async () => {
    const shell = await decided('us-west-2');
    const dueAt = start + 900_000;
    const last = (await shell.store.readOpenIncident('us-east-1'))?.decisions.at(-1);
    await shell.store.markSent(`speaking:${openIncident.id}/${last?.attempt}/still-failing/1/us-west-2/0`, dueAt);
    expect(await heardAt(shell, 900)).toEqual([]);
    expect(await heardAt(shell, 959)).toEqual([]);
    expect(await heardAt(shell, 960)).toHaveLength(shell.plan.notifications.level3.length);
  });

  test('that users were proved to be served in between is said: they fail again, and since when', async () => {
    const shell = await decided('us-west-2');
    const verified = { incident: openIncident.id, execution, step: 'record-failover', at: start + 600_000 };
    await shell.store.recordStep({ ...verified, outcome: { verifiedAt: start + 600_000 } });
    expect(await heardAt(shell, 900)).toEqual([]);
    expect(subjects()[0]).toMatch(/^\[Breakwater\] users fail AGAIN in us-east-1, (since|some time after) /);
    // Canaries saw them served long after that: until then whatever failed did not fail users.
    const passed = {
      ...failing('eu-west-1', 1_700),
      key: 'run-passed/eu-west-1',
      id: 'run-passed',
      passed: true,
    } as Signal;
    await shell.store.keepSignals([passed]);
    expect(await heardAt(shell, 1_800)).toEqual([]);
    const at = new Date(passed.at).toISOString().slice(11, 16);
    expect(subjects()[0]).toBe(`[Breakwater] users fail AGAIN in us-east-1, some time after ${at} UTC`);
  });

  test('also while everything is frozen; one observer alone is not believed', async () => {
    const shell = await decided('us-west-2');
    await shell.store.freeze('dba', 'migration', start);
    expect(await heardAt(shell, 900, 1)).toEqual([]);
    expect(await heardAt(shell, 930)).toHaveLength(shell.plan.notifications.level3.length);
  });

  test('also of a flow that a person started, about which nothing was decided', async () => {
    const shell = setting({ region: 'us-west-2' });
    const id = manualIncidentId('by-hand-1');
    await shell.store.writeIncident({ ...openIncident, id, level: 3, scope, openedAt: start, decisions: [] });
    const lock = {
      target: 'us-east-1',
      execution: 'by-hand-1',
      incident: id,
      action: 'request-approval',
      at: start,
    } as const;
    await shell.store.takeLock(lock);
    expect(await heardAt(shell, 899)).toEqual([]);
    expect(await heardAt(shell, 900)).toHaveLength(shell.plan.notifications.level3.length);
  });

  /** A switchover that a person started, and what of it people hear after so many seconds while users fail. */
  const besidePlan = async (hasBegun: boolean) => {
    const shell = setting({ region: 'us-west-2' });
    const id = manualIncidentId('by-hand-1');
    const plan = {
      ...openIncident,
      id,
      level: 3,
      scope,
      openedAt: start,
      decisions: [],
      planned: 'switchover',
    } as const;
    await shell.store.writeIncident(plan);
    const holder = { execution: 'by-hand-1', incident: id, action: 'request-approval', at: start } as const;
    await shell.store.takeLock({ target: 'us-east-1', ...holder });
    if (hasBegun) await noteLook({ id, execution: 'by-hand-1' }, { at: start, request: 'request-1' }, shell);
    const heard = async (seconds: number) => {
      await heardAt(shell, seconds);
      return subjects().filter((subject) =>
        / while the switchover waits for an approval$|: no request for the switchover yet$/.test(subject),
      );
    };
    return { shell, heard };
  };

  test('beside a plan that nobody has approved people hear at once that anything fails, each level once', async () => {
    const { shell, heard } = await besidePlan(false);
    expect(await heard(60)).toEqual([]);
    // The flow may not have come so far as to ask.
    const unasked = 'service degradation in use1-az1: no request for the switchover yet';
    expect(await heard(300)).toEqual(shell.plan.notifications.level3.map(() => expect.stringContaining(unasked)));
    expect(await heard(330)).toEqual([]);
    // Breakwater decides about it when the plan has ended.
    expect((await shell.store.readOpenIncident('us-east-1'))?.decisions).toEqual([]);
  });

  test('beside one that they were asked about they read that', async () => {
    const { shell, heard } = await besidePlan(false);
    const of = { incident: manualIncidentId('by-hand-1'), execution: 'by-hand-1', outcome: {} };
    await shell.store.recordStep({ ...of, step: 'request-approval', at: start });
    const asked = 'service degradation in use1-az1 while the switchover waits for an approval';
    expect(await heard(300)).toEqual(shell.plan.notifications.level3.map(() => expect.stringContaining(asked)));
  });

  test('beside one that goes on they do not: what it moves fails users meanwhile', async () => {
    const { heard } = await besidePlan(true);
    for (const seconds of [60, 300, 330]) expect(await heard(seconds)).toEqual([]);
  });

  const ofFence = {
    step: 'fence/database',
    actor: 'classify',
    region: 'us-east-1',
    target: 'chatops-prod',
    drill: false,
  };

  test('it says where the flow is that holds the region, by names, for whoever cannot see the flow; of no flow nothing', async () => {
    const shell = await decided('us-west-2');
    const bodies = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => String(input.Message));
    await heardAt(shell, 900);
    expect(bodies().filter((body) => !body.includes('No flow works on it.'))).toEqual([]);
    const flow = { execution, incident: openIncident.id, at: start };
    await shell.store.takeLock({ ...flow, target: 'us-east-1', action: 'request-approval' });
    await shell.store.audit({ ...flow, ...ofFence, call: 'rds:ModifyDBInstance' });
    await shell.store.audit({ ...flow, ...ofFence, execution: 'other', call: 'rds:RebootDBInstance' });
    await heardAt(shell, 1_800);
    const [body = ''] = bodies();
    expect(body).toContain('The flow is not approved yet.\n');
    expect(body).toContain('The flow is closing (fencing) database (since 03:00 UTC).\n');
    expect(body).not.toContain('chatops-prod');
  });

  test('where no flow is at work any more, what an earlier one has left is said, until the roles have moved', async () => {
    const shell = await decided('us-west-2');
    const made = { execution, incident: openIncident.id, actor: 'classify', drill: false, at: start };
    await shell.store.audit({
      ...{ ...made, step: 'take-over/cache', region: 'us-west-2', target: 'ldgnf-chatops' },
      call: 'elasticache:FailoverGlobalReplicationGroup',
    });
    const said = () => sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => String(input.Message));
    const left = '  ldgnf-chatops was asked to make us-west-2 its primary\n';
    await heardAt(shell, 900);
    expect(said()[0]).toContain(left);
    await shell.store.moveRole('us-west-2', 1, execution, start);
    await heardAt(shell, 1_800);
    expect(said().filter((body) => body.includes(left))).toEqual([]);
  });

  test('that the flow has stopped since is said with the line that resumes it, until something more is in its record', async () => {
    const shell = await decided('us-west-2');
    const flow = { execution, incident: openIncident.id };
    await shell.store.takeLock({ ...flow, target: 'us-east-1', action: 'request-approval', at: start });
    const failed = [{ step: 'TakeOver database', why: 'it is deleting', mayBeSkipped: false }];
    const call = { actor: 'classify', region: 'us-west-2', target: 'chatops-dr-replica', drill: false, at: start };
    await shell.store.audit({ ...flow, ...call, step: 'take-over/database', call: 'rds:PromoteReadReplica' });
    await shell.store.recordStep({ ...flow, step: 'paused/0', at: start + 300_000, outcome: { failed } });
    const first = async (seconds: number) => {
      const [subject] = await heardAt(shell, seconds);
      return `${subject}\n${sns.commandCalls(PublishCommand)[0]?.args[0].input.Message}`;
    };
    const said = await first(900);
    expect(said).toContain('[Breakwater] PAUSED, users still fail in us-east-1');
    expect(said).toContain(`  npm run resume -- ${execution} --stage test\n`);
    expect(said).toContain('The flow stopped at 03:05 UTC, and has done nothing since.');
    expect(said).toContain('It stopped while taking over database: it is deleting.');
    expect(said).not.toContain('The flow is taking over');
    // The watch for the fence goes on under its name while it is paused.
    const watched = [
      'watch-fence/2',
      'fence-late/database/open',
      'fence/database/fenced',
      'failing/fence-late/database',
    ];
    for (const step of [...watched, 'made/rds:ModifyDBInstance/chatops-prod', 'not-told/pause'])
      await shell.store.recordStep({ ...flow, step, at: start + 1_000_000, outcome: {} });
    expect(await first(1_800)).toContain('PAUSED');
    await shell.store.recordStep({ ...flow, step: 'take-over/cache', at: start + 1_000_000, outcome: {} });
    expect(await first(2_700)).not.toMatch(/PAUSED|npm run resume/);
  });

  test('that an abort is not finished is said with the line that repeats it, and with what the flow has changed', async () => {
    const shell = await decided('us-west-2');
    const flow = { execution, incident: openIncident.id, at: start };
    await shell.store.audit({ ...flow, ...ofFence, call: 'rds:ModifyDBInstance' });
    const held = { ...flow, execution: `${execution}/abort` };
    await shell.store.takeLock({ ...held, target: 'us-east-1', action: 'request-approval' });
    const [subject] = await heardAt(shell, 900);
    expect(subject).toBe('[Breakwater] ABORT NOT FINISHED, users still fail in us-east-1, 16 min after the first sign');
    const body = String(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message);
    expect(body).toContain(`  npm run abort -- ${execution} --stage test\n`);
    expect(body).toContain('chatops-prod in us-east-1 was fenced');
    expect(body).not.toMatch(/not approved yet|nothing has been changed|gets further/);
  });

  test('that a restore goes on is heard as often, also where nobody sees users fail, and until it is done', async () => {
    const shell = await decided('us-west-2');
    const flow = { execution, incident: openIncident.id, at: start };
    await shell.store.takeLock({ ...flow, target: 'us-east-1', action: 'request-approval' });
    const target = 'chatops-prod-restored';
    const call = { step: 'take-over/database', actor: 'classify', region: 'us-west-2', target, drill: false };
    await shell.store.audit({ ...flow, ...call, call: 'rds:RestoreDBInstanceToPointInTime' });
    const outcome = { way: 'restore-point-in-time', region: 'us-west-2', instance: target };
    await shell.store.recordStep({ ...flow, step: 'restoring/database', outcome });
    const heard = async (seconds: number) => {
      await heardAt(shell, seconds, 0);
      return sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
    };
    const [first] = await heard(900);
    expect(first?.Subject).toBe('[Breakwater] a restore goes on in us-east-1, 16 min after the first sign');
    expect(first?.Message).toContain(
      `A RESTORE RUNS: database is being restored as ${target} in us-west-2, since 23 Nov 2026, 03:00 UTC`,
    );
    expect(await heard(1_000)).toEqual([]);
    expect(await heard(1_800)).toHaveLength(shell.plan.notifications.level3.length);
    await shell.store.recordStep({ ...flow, step: 'take-over/database', outcome: {} });
    expect(await heard(2_700)).toEqual([]);
  });

  test('a topic that refuses keeps nothing else from being done, and the others hear', async () => {
    const shell = await decided('us-west-2');
    sns
      .on(PublishCommand, { TopicArn: 'arn:aws:sns:us-west-2:111122223333:breakwater-test-dba' })
      .rejects(
        Object.assign(new Error('no'), { name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } }),
      );
    expect(await heardAt(shell, 900)).toHaveLength(shell.plan.notifications.level3.length);
    expect(await heardAt(shell, 960)).toHaveLength(1); // it alone is tried again
  });

  test('one who could not be told of a hold keeps nobody from hearing that users still fail, and is named to others', async () => {
    const shell = setting({ region: 'us-west-2' });
    const about = { at: start, evidence: ['e-1'], causes: [], level: 3, scope, attempt: 1, execution: null } as const;
    const hold = { ...about, action: 'hold', hold: 'frozen', reason: 'region us-east-1 failed' } as const;
    await shell.store.freeze('dba', 'migration', start);
    await shell.store.writeIncident({ ...openIncident, level: 3, scope, decisions: [hold] });
    sns
      .on(PublishCommand, { TopicArn: 'arn:aws:sns:us-west-2:111122223333:breakwater-test-on-call' })
      .rejects(
        Object.assign(new Error('no'), { name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } }),
      );
    expect(await heardAt(shell, 900)).toHaveLength(shell.plan.notifications.level3.length);
    expect(subjects().filter((subject) => subject.includes('NOT TOLD: on-call'))).not.toEqual([]);
    const bodies = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => String(input.Message));
    const held = bodies.filter((body) => body.includes('Held back: dba froze Breakwater at 03:00 UTC: migration.'));
    expect(held.length).toBeGreaterThan(0);
    for (const body of held) expect(body).toContain('  npm run unfreeze -- --stage test\n');
  });

  test.for([
    ['of the whole region', 'request-approval', 'a flow works on the region, check it', true],
    ['of a zone', 'az-failover', 'look yourself, nothing is being done', false],
  ] as const)(
    'of a hold while the flow %s runs nobody reads more or less than that',
    async ([, action, headline, isNamed]) => {
      const shell = setting({ region: 'us-west-2' });
      const about = { at: start, evidence: ['e-1'], causes: [], scope, attempt: 1, execution: null } as const;
      const unsure = { action: 'hold', hold: 'evidence-incomplete', level: 'unknown', reason: 'users fail' } as const;
      await shell.store.writeIncident({
        ...openIncident,
        level: 'unknown',
        scope,
        decisions: [{ ...about, ...unsure }],
      });
      const flow = { execution: 'by-hand-1', incident: openIncident.id, at: start };
      await shell.store.takeLock({ ...flow, target: 'us-east-1', action });
      await shell.store.audit({ ...flow, ...ofFence, call: 'rds:ModifyDBInstance' });
      await heardAt(shell, 60);
      const bodies = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => String(input.Message));
      expect(subjects()).toEqual(
        shell.plan.notifications.unknown.map(() =>
          expect.stringContaining(`evidence incomplete in us-east-1: ${headline}`),
        ),
      );
      for (const body of bodies) expect(body.includes('The flow is closing (fencing) database')).toBe(isNamed);
    },
  );

  test('the stack of the region itself says it where the other one has not for three minutes', async () => {
    const shell = await decided('us-east-1');
    expect(await heardAt(shell, 1_079)).toEqual([]);
    expect(await heardAt(shell, 1_080)).toHaveLength(shell.plan.notifications.level3.length);
  });
});

describe('an incident that closes while the flow that should tell its end never started', () => {
  const closes = async (started: boolean) => {
    const shell = setting({ region: 'us-west-2' });
    const told = { reason: 'cache fails', level: 1, scope, evidence: [], causes: ['cache'] } as const;
    const decisions = [{ ...told, action: 'notify', at: start, attempt: 1, execution: 'notify-1' }] as const;
    await shell.store.writeIncident({ ...openIncident, level: 1, scope, decisions });
    if (started) await shell.store.markSent('started:notify-1', start);
    shell.at = start + 3_600_000; // nothing fails any more
    for (const _copy of [1, 2]) await respond('us-east-1', shell);
    expect((await shell.store.readIncident(openIncident.id))?.closedAt).toBe(shell.at);
    return sns.commandCalls(PublishCommand).map((call) => call.args[0].input.Subject);
  };

  test('is told to be over, once to each', async () => {
    const { level1 } = setting({}).plan.notifications;
    expect(await closes(false)).toEqual(level1.map(() => '[Breakwater] For information: all well in us-east-1: over'));
  });

  test('is left to the flow that did start', async () => {
    expect(await closes(true)).toEqual([]);
  });
});

describe('a flow that is paused when its incident ends', () => {
  type Change = {
    readonly outcome?: object;
    readonly call?: string;
    readonly isPaused?: boolean;
    readonly after?: number;
  };
  const told = async (change: Change = {}) => {
    const shell = await decided('us-west-2');
    const flow = { execution, incident: openIncident.id, at: start };
    await shell.store.markSent(`started:${execution}`, start);
    await shell.store.takeLock({ ...flow, target: 'us-east-1', action: 'request-approval' });
    const call = { ...flow, region: 'us-west-2', target: 'a', actor: 'classify', drill: false, call: 'rds:Promote' };
    if (change.call !== undefined) await shell.store.audit({ ...call, step: change.call });
    if (change.isPaused !== false)
      await shell.store.recordStep({
        ...{ ...flow, at: start + (change.after ?? 60) * 1000, step: pauseMark(0) },
        outcome: { failed: [{ step: 'TakeOver database', why: 'w', mayBeSkipped: false }], ...change.outcome },
      });
    shell.at = start + 3_600_000; // nothing fails any more
    for (const _look of [1, 2, 3]) {
      await respond('us-east-1', shell);
      shell.at += 60_000;
    }
    expect((await shell.store.readIncident(openIncident.id))?.closedAt).not.toBeNull();
    return sns.commandCalls(PublishCommand).map((call) => call.args[0].input.Subject);
  };

  test('is named once to each who was told of the incident: it keeps its lock', async () => {
    const subject = '[Breakwater] abort the paused flow: it keeps the lock of us-east-1';
    expect(await told()).toEqual(setting().plan.notifications.level3.map(() => subject));
  });

  test.for([
    ['goes on', { isPaused: false }],
    ['has said so itself', { outcome: { ends: true } }],
    ['has stopped after that, which its own message says', { after: 3_600 }],
    ['had a database take over, about which people choose', { call: 'take-over/database' }],
  ] as const)('is not named where it %s', async ([, change]) => {
    expect(await told(change)).toEqual([]);
  });
});

describe('the end of an incident that could not be told', () => {
  const { level1 } = setting({}).plan.notifications;
  const heard = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input.Subject);
  const refusing = () => sns.on(PublishCommand).rejects(new Error('the topic does not answer'));

  /** A hold that people were told of has ended, and no topic answered. Gives the setting of the stack that closed it. */
  const closedInSilence = async (region = 'us-west-2'): Promise<Setting> => {
    const shell = setting({ region });
    const decision = { action: 'hold', hold: 'frozen', reason: 'ana froze it', level: 1, evidence: [] } as const;
    const decisions = [{ ...decision, scope, causes: [], at: start, attempt: 1, execution: null }] as const;
    await shell.store.writeIncident({ ...openIncident, level: 1, scope, decisions });
    shell.at = start + 3_600_000; // nothing fails any more
    refusing();
    await expect(respond('us-east-1', shell)).rejects.toThrow('the topic does not answer');
    sns.reset();
    return shell;
  };

  test('is told at the looks that follow, until everybody was told, and then no more', async () => {
    const shell = await closedInSilence();
    refusing();
    shell.at += 60_000;
    await expect(respond('us-east-1', shell)).rejects.toThrow('the topic does not answer');
    sns.reset();
    sns.on(PublishCommand).rejectsOnce(new Error('this one not yet')).resolves({});
    await expect(respond('us-east-1', shell)).rejects.toThrow('this one not yet');
    await respond('us-east-1', shell);
    expect(heard()).toHaveLength(level1.length + 1);
    sns.resetHistory();
    for (const hours of [1, 24, 200]) {
      shell.at += hours * 3_600_000;
      await respond('us-east-1', shell);
    }
    expect(heard()).toEqual([]);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
  });

  test.for([
    ['the other stack, a minute later', 'us-west-2', 60, 59],
    ['the stack of the region itself where nobody has for three minutes more', 'us-east-1', 240, 239],
  ] as const)('is told by %s', async ([, region, seconds, notYet]) => {
    const shell = { ...(await closedInSilence('us-east-1')), region };
    sns.on(PublishCommand).resolves({});
    const closedAt = start + 3_600_000;
    await respond('us-east-1', { ...shell, now: () => closedAt + notYet * 1000 });
    expect(heard()).toEqual([]);
    await respond('us-east-1', { ...shell, now: () => closedAt + seconds * 1000 });
    expect(heard()).toEqual(level1.map(() => '[Breakwater] For information: all well in us-east-1: over'));
  });

  test('is left where another incident has opened: people hear of that', async () => {
    const shell = await closedInSilence();
    sns.on(PublishCommand).resolves({});
    await shell.store.writeIncident({ ...openIncident, id: 'later', openedAt: shell.at, decisions: [], version: 1 });
    shell.at += 60_000;
    await respond('us-east-1', shell);
    expect(heard()).toEqual([]);
  });
});
