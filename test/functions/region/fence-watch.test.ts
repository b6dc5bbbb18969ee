// The fence watch from its flow's side: it is started before anything is fenced, started again where it ended too soon, told of
// where a person has to choose, and its end says what became of the old region.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler as awaitFence } from '../../../functions/await-fence.ts';
import { watchName } from '../../../functions/domain/flows.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import { handler as handOver } from '../../../functions/hand-over-watch.ts';
import { keepWatching } from '../../../functions/shared/fencing/fence-watch.ts';
import { abort } from '../../../functions/shared/operate.ts';
import { noteGivenBack } from '../../../functions/shared/recovery/waivers.ts';
import { handler as watchFence } from '../../../functions/watch-fence.ts';
import { withConsumers } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { request } from '../../store/samples.ts';
import { failureOf, regionIncident as incident, openIncident, running, type Setting, start } from '../setting.ts';

const sfn = mocked(SFNClient);
const sns = mocked(SNSClient);
const { id, execution } = incident;
const watch = 'arn:aws:states:us-west-2:111122223333:execution:breakwater-test-fence-watch';
let shell: Setting;
let status: 'RUNNING' | 'SUCCEEDED' | 'TIMED_OUT';
let endedAt: number | null;
let flow: 'RUNNING' | 'TIMED_OUT';

const mark = (step: string, outcome: object = {}) =>
  shell.store.recordStep({ incident: id, execution, step, at: shell.at, outcome: { ...outcome } });
const takeOver = () =>
  shell.store.audit({
    ...{ incident: id, execution, at: start, actor: 'classify', drill: false, region: 'us-west-2' },
    ...{ step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' },
  });
const served = (): Signal => ({
  ...{ id: 'run', key: 'run:eu-west-1:true', at: shell.at - 30_000, region: 'us-east-1', observer: 'eu-west-1' },
  ...{ kind: 'canary-run', passed: true },
});

beforeEach(async () => {
  sfn.reset();
  sns.reset();
  sns.on(PublishCommand).resolves({});
  status = 'RUNNING';
  endedAt = null;
  sfn.on(StartExecutionCommand).resolves({});
  flow = 'RUNNING';
  sfn.on(DescribeExecutionCommand).callsFake(({ executionArn }) => ({
    name: executionArn.split(':').at(-1),
    status: executionArn.includes(':breakwater-test-region-failover:') ? flow : status,
    ...(flow === 'TIMED_OUT' && { stopDate: new Date(start + 1) }),
    ...(endedAt !== null && { stopDate: new Date(endedAt) }),
    input: JSON.stringify({ incident }),
  }));
  shell = await running(incident, { region: 'us-west-2' });
  await shell.store.writeIncident({ ...openIncident, id, level: 3, scope: { region: 'us-east-1', zone: null } });
});

test('the watch is started by a name and an input that are the same each time', async () => {
  for (const _ of [1, 2]) expect(await watchFence.on(shell)({ incident })).toEqual({ watch: `${execution}-fence` });
  const inputs = sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
  expect(inputs).toEqual([inputs[0], inputs[0]]);
  expect(inputs[0]).toEqual({
    stateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-fence-watch',
    name: `${execution}-fence`,
    input: JSON.stringify({ incidentId: id, target: { region: 'us-east-1' }, incident }),
  });
});

test('no watch is started for a flow whose region was given back while it did not answer', async () => {
  await noteGivenBack(incident.execution, shell);
  expect((await failureOf(watchFence.on(shell)({ incident }))).name).toBe('Aborted');
  expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
});

test('a name that a person gave in all its length leaves room for the watch', () => {
  const long = 'x'.repeat(79);
  expect([1, 2, 12].map((n) => watchName(`${long}y`, n).length <= 80)).toEqual([true, true, true]);
  expect(watchName('by-hand', 3)).toBe('by-hand-fence-3');
});

describe('a watch that hands over', () => {
  const since = new Date(start).toISOString();
  const handed = (last: number, left = ['database']) =>
    handOver.on(shell)({ incident, watch: watchName(execution, last), start: last, since, left });
  const inputs = () => sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);

  test('starts the next one with what is left, by the same name and bytes each time, also when its flow was aborted', async () => {
    await shell.store.keepWaiver(execution, 'abort', 'ana', 'aborted', start);
    for (const _ of [1, 2]) expect(await handed(2)).toEqual({ watch: `${execution}-fence-3` });
    expect(inputs()).toEqual([inputs()[0], inputs()[0]]);
    expect(inputs()[0]).toMatchObject({
      stateMachineArn: 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-fence-watch',
      input: JSON.stringify({
        ...{ incidentId: id, target: { region: 'us-east-1' }, incident, start: 3 },
        ...{ since, left: ['database'] },
      }),
    });
  });

  test('starts none where a person aborted it, however it is redriven', async () => {
    await shell.store.keepWaiver(watchName(execution, 2), 'abort', 'ana', 'aborted', start);
    expect((await failureOf(handed(2))).name).toBe('Aborted');
    expect(inputs()).toEqual([]);
    expect(await handed(3)).toEqual({ watch: `${execution}-fence-4` });
  });

  test.for([5, 2])('fails after the plan has let it watch for %i days, so that a person hears of it', async (days) => {
    shell = Object.assign(shell, { plan: { ...shell.plan, fenceWatch: { days } } });
    shell.at = start + days * 86_400_000 - 1;
    expect(await handed(30)).toEqual({ watch: `${execution}-fence-31` });
    shell.at += 1;
    expect(await failureOf(handed(31))).toEqual({
      name: 'CannotProceed',
      message: `database of us-east-1 could not be fenced since ${since}`,
    });
  });

  test('is no failure: a sweep that finds the next one dead starts another at once', async () => {
    await watchFence.on(shell)({ incident });
    await takeOver();
    for (const last of [1, 2, 3, 4, 5, 6]) await handed(last);
    sfn.resetHistory();
    status = 'TIMED_OUT';
    shell.at += 60_000;
    await keepWatching('us-east-1', shell);
    expect(inputs().map(({ name }) => name)).toEqual([`${execution}-fence-8`]);
    expect(inputs()[0]?.input).toBe(
      JSON.stringify({ incidentId: id, target: { region: 'us-east-1' }, incident, start: 8 }),
    );
  });
});

describe('each sweep', () => {
  beforeEach(async () => {
    await watchFence.on(shell)({ incident });
    sfn.resetHistory();
    shell.at += 60_000;
  });

  test('leaves a watch that runs alone, and one that has nothing to fence yet', async () => {
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    await takeOver();
    status = 'RUNNING';
    await keepWatching('us-east-1', shell);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
  });

  test('starts the watch again where it has ended and the old region is not fenced', async () => {
    await takeOver();
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, { name: `${execution}-fence-2` } as never);
    expect(sfn).toHaveReceivedCommandWith(DescribeExecutionCommand, { executionArn: `${watch}:${execution}-fence` });
    shell.at += 120_000;
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandWith(DescribeExecutionCommand, { executionArn: `${watch}:${execution}-fence-2` });
  });

  test('leaves one that has just ended well to the next sweep: what it wrote last was read too early', async () => {
    await takeOver();
    status = 'SUCCEEDED';
    endedAt = shell.at - 1_000;
    await keepWatching('us-east-1', shell);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
    shell.at += 60_000;
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandTimes(StartExecutionCommand, 1);
  });

  test('starts it once, however often the flow came by and marked that', async () => {
    await watchFence.on(shell)({ incident });
    sfn.resetHistory();
    shell.at += 60_000;
    await takeOver();
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, { name: `${execution}-fence-2` } as never);
  });

  test('starts one that fails at once later and later', async () => {
    await takeOver();
    status = 'TIMED_OUT';
    for (let minute = 0; minute < 30; minute += 1) {
      await keepWatching('us-east-1', shell);
      shell.at += 60_000;
    }
    const names = sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input.name);
    expect(names).toEqual([2, 3, 4, 5].map((n) => `${execution}-fence-${n}`));
  });

  test('starts it also when the incident is over and its flow still waits with the lock', async () => {
    await takeOver();
    const open = await shell.store.readOpenIncident('us-east-1');
    if (open === null) throw new Error('there is an incident');
    await shell.store.writeIncident({ ...open, closedAt: shell.at, version: open.version + 1 });
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandTimes(StartExecutionCommand, 1);
  });

  test('starts it also when another incident has opened since, and people hear of a choice', async () => {
    await takeOver();
    const open = await shell.store.readOpenIncident('us-east-1');
    if (open === null) throw new Error('there is an incident');
    await shell.store.writeIncident({ ...open, closedAt: shell.at, version: open.version + 1 });
    await shell.store.writeIncident({ ...open, id: 'later', level: 1, openedAt: shell.at, version: 1 });
    status = 'TIMED_OUT';
    await mark('fence-late/database/open');
    await mark('paused/0');
    await shell.store.keepSignals([served()]);
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandTimes(StartExecutionCommand, 1);
    expect(sns).toHaveReceivedCommandWith(PublishCommand, {
      Subject: '[Breakwater] CHOOSE NOW: us-east-1 serves users again, and two databases may take writes',
    });
  });

  /** Its flow was aborted, so that nothing holds its lock, and its incident is over. */
  const abandoned = async () => {
    await takeOver();
    const open = await shell.store.readOpenIncident('us-east-1');
    if (open === null) throw new Error('there is an incident');
    await shell.store.writeIncident({ ...open, closedAt: shell.at, version: open.version + 1 });
    await shell.store.writeIncident({ ...open, id: 'later', level: 1, openedAt: shell.at, version: 1 });
    await shell.store.releaseLock('us-east-1', execution);
    await approve(incident);
    status = 'TIMED_OUT';
  };
  const approve = async (of: { readonly id: string; readonly execution: string }) => {
    const asked = { ...request, id: `${of.id}-asked`, incident: of.id, execution: of.execution, askedAt: shell.at };
    await shell.store.openRequest(asked, 'token');
    await shell.store.settleRequest(asked.id, 'approved', shell.at);
  };

  test('starts it also after an abort, when the incident is over and another one has opened', async () => {
    await abandoned();
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandExactlyOnceWith(StartExecutionCommand, { name: `${execution}-fence-2` } as never);
  });

  test('starts it also when the roles have moved with this flow, and not once another one has moved them again', async () => {
    await abandoned();
    await shell.store.moveRole('us-west-2', 1, execution, shell.at);
    await keepWatching('us-east-1', shell);
    expect(sfn).toHaveReceivedCommandTimes(StartExecutionCommand, 1);
    sfn.resetHistory();
    shell.at += 3_600_000;
    const later = { id: 'later', execution: 'later-request-approval-1' };
    await approve(later);
    await shell.store.moveRole('us-east-1', 2, later.execution, shell.at + 1);
    shell.at += 3_600_000;
    await keepWatching('us-east-1', shell);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
  });

  test.for([
    ['it was fenced', () => mark('fence/database/fenced')],
    ['the watch had nothing to do any more', () => mark('fence-late/database', { fenced: false, why: 'moved on' })],
    ['a person left it out', () => shell.store.keepWaiver(execution, 'FenceOnReturn/database', 'dba', 'lost', start)],
  ] as const)('starts nothing where %s', async ([, happen]) => {
    await takeOver();
    await happen();
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
  });

  test('is for the stack that takes over: the other one starts nothing', async () => {
    await takeOver();
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', { ...shell, region: 'us-east-1' });
    expect(sfn.calls()).toEqual([]);
  });

  test('tells people once of each pause that the old region serves users again, with both lines to type', async () => {
    await takeOver();
    await mark('fence-late/database/open');
    await mark('paused/0');
    await shell.store.keepSignals([served()]);
    for (const _ of [1, 2]) await keepWatching('us-east-1', shell);
    const told = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
    expect(told).toHaveLength(shell.plan.notifications.failure.length);
    expect(told[0]?.Subject).toBe(
      '[Breakwater] CHOOSE NOW: us-east-1 serves users again, and two databases may take writes',
    );
    for (const verb of ['resume', 'abort'])
      expect(told[0]?.Message).toContain(`npm run ${verb} -- ${execution} --stage test`);
    expect(told[0]?.Message).toContain(`${execution}-fence --stage test --confirm "us-east-1 stays unfenced"`);
  });

  test.for([
    ['is paused', () => mark('paused/0'), `npm run resume -- ${execution} --stage test`],
    ['was aborted', () => shell.store.keepWaiver(execution, 'abort', 'ana', 'aborted', start), 'was aborted'],
  ] as const)('tells people once of a late fence whose flow %s: nobody else would', async ([what, happen, said]) => {
    await takeOver();
    await mark('fence/database/fenced');
    await keepWatching('us-east-1', shell);
    expect(sns.calls()).toEqual([]);
    await happen();
    for (const _ of [1, 2]) await keepWatching('us-east-1', shell);
    const told = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
    expect(told).toHaveLength(shell.plan.notifications.failure.length);
    const headline =
      what === 'is paused'
        ? 'nobody can write to database: resume now, to go to us-west-2'
        : 'database in us-east-1 takes no writes any more';
    expect(told[0]?.Subject).toBe(`[Breakwater] FENCED: ${headline}`);
    expect(told[0]?.Message).toContain(said);
    expect(told[0]?.Message).toContain('between 03:00 UTC and 03:01 UTC');
  });

  test('of a flow that had reported the loss and sent users on, it tells all that has diverged since then', async () => {
    await takeOver();
    await shell.store.recordStep({
      ...{ incident: id, execution, step: 'record-failover', at: shell.at },
      outcome: { writesEndedAt: start - 600_000 },
    });
    await shell.store.recordStep({ incident: id, execution, step: 'redirect-users', at: shell.at, outcome: {} });
    await mark('fence/database/fenced');
    await shell.store.keepWaiver(execution, 'abort', 'ana', 'aborted', start);
    await keepWatching('us-east-1', shell);
    const told = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
    expect(told[0]?.Message).toContain('between 02:50 UTC and 03:01 UTC');
    expect(told[0]?.Message).toContain('The flow was aborted after it had sent users to us-west-2.');
  });

  test('says nothing of a fence that came before the takeover', async () => {
    await mark('fence/database/fenced');
    shell.at += 1_000;
    await shell.store.audit({
      ...{ incident: id, execution, at: shell.at, actor: 'classify', drill: false, region: 'us-west-2' },
      ...{ step: 'take-over/database', call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' },
    });
    await mark('paused/0');
    await keepWatching('us-east-1', shell);
    expect(sns.calls()).toEqual([]);
  });

  test('tells of it too where the flow has stopped elsewhere than in a pause', async () => {
    await takeOver();
    await mark('fence-late/database/open');
    await shell.store.keepSignals([served()]);
    await keepWatching('us-east-1', shell);
    expect(sns.calls()).toEqual([]);
    flow = 'TIMED_OUT';
    for (const _ of [1, 2, 3]) await keepWatching('us-east-1', shell);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(shell.plan.notifications.failure.length);
  });

  test('has nothing to choose where a fence has begun to close the old region', async () => {
    await takeOver();
    await mark('fence-late/database/open');
    await mark('paused/0');
    shell.at += 1_000;
    await mark('fence-late/database/closing');
    await shell.store.keepSignals([served()]);
    await keepWatching('us-east-1', shell);
    expect(sns.calls()).toEqual([]);
  });

  test('offers no resume of a flow that was aborted, and names the watch that runs', async () => {
    await takeOver();
    await mark('fence-late/database/open');
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    await shell.store.releaseLock('us-east-1', execution);
    await shell.store.keepSignals([served()]);
    await keepWatching('us-east-1', shell);
    const [told] = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
    expect(told?.Message).toContain('was aborted and cannot be resumed');
    expect(told?.Message).not.toContain('npm run resume');
    expect(told?.Message).toContain(`npm run abort -- ${execution}-fence-2 --stage test --confirm`);
  });
});

describe('a person who ends the watch', () => {
  const end = (confirmed: string | null) => abort(`${watch}:${execution}-fence`, 'ana', shell, { confirmed });

  test.for([null, 'us-west-2 stays unfenced', 'yes'])('has to type what stays: not %s', async (typed) => {
    expect(await failureOf(end(typed))).toEqual({
      name: 'InvalidInput',
      message: `confirm: is ${typed ?? 'missing'}, expected "us-east-1 stays unfenced": after this nobody fences it when it answers`,
    });
    expect(sfn).not.toHaveReceivedCommand(StopExecutionCommand);
  });

  test('leaves a waiver, so that no sweep starts it again, and the lock where it is', async () => {
    await watchFence.on(shell)({ incident });
    await takeOver();
    expect(await end('us-east-1 stays unfenced')).toMatchObject({
      released: [],
      left: ['us-east-1 stays unfenced, unless it was fenced before'],
    });
    expect(sfn).toHaveReceivedCommandTimes(StopExecutionCommand, 1);
    // People hear of an end that somebody wanted, and not that it waits for them.
    expect(await shell.store.readWaiver(`${execution}-fence`, 'abort')).toMatchObject({ by: 'ana' });
    sfn.resetHistory();
    status = 'TIMED_OUT';
    await keepWatching('us-east-1', shell);
    expect(sfn).not.toHaveReceivedCommand(StartExecutionCommand);
    expect((await shell.store.readStanding('us-east-1')).lock?.execution).toBe(execution);
  });
});

describe('what became of the old region', () => {
  const writesEndedAt = start - 600_000;
  const became = (fenced: object) =>
    awaitFence.on(shell)({ incident, fenced: { database: { unfenced: [], ...fenced } }, writesEndedAt });
  const diverged = { region: 'us-east-1', divergedWrites: null, divergedFrom: writesEndedAt };

  test('is waited for while it is not known', async () => {
    expect(await failureOf(became({ fenced: false }))).toEqual({
      name: 'InProgress',
      message: 'database of us-east-1 is not fenced yet',
    });
  });

  test.for([
    [
      'fenced before anything took over: it wrote nothing',
      { fenced: true },
      null,
      {
        ...{ region: 'us-east-1', fenced: true, divergedWrites: 0 },
      },
    ],
    [
      'fenced by the flow after something took over',
      { fenced: true, late: true, fencedAt: start + 5 },
      null,
      {
        ...diverged,
        fenced: true,
        fencedAt: start + 5,
        divergedUntil: start + 5,
      },
    ],
    [
      'fenced by the watch',
      { fenced: false },
      'fence/database/fenced',
      {
        ...diverged,
        fenced: true,
        fencedAt: start,
        divergedUntil: start,
      },
    ],
    [
      'not fenced, and nobody fences it any more',
      { fenced: false },
      'fence-late/database',
      {
        ...diverged,
        fenced: false,
        why: 'the roles have moved on',
      },
    ],
  ] as const)('%s', async ([, fenced, step, expected]) => {
    if (step !== null)
      await mark(step, step.startsWith('fence-late') ? { fenced: false, why: 'the roles have moved on' } : {});
    expect(await became(fenced)).toEqual({ database: expected });
  });

  test('consumers are told as what they are: they hold no data, and are off or not', async () => {
    const consuming = { ...shell, plan: withConsumers(shell.plan) };
    const fenced = { database: { fenced: true }, workers: { fenced: true } };
    const found = await awaitFence.on(consuming)({ incident, fenced, writesEndedAt });
    expect(found['workers']).toEqual({ region: 'us-east-1', consumers: {}, fenced: true, divergedWrites: 0 });
    expect(found['database']).not.toHaveProperty('consumers');
  });

  test('fenced stays so, although a person ends the watch afterwards', async () => {
    await mark('fence/database/fenced', {});
    await shell.store.keepWaiver(execution, 'FenceOnReturn/database', 'dba', 'us-east-1 stays unfenced', start);
    expect(await became({ fenced: false })).toMatchObject({ database: { fenced: true, divergedUntil: start } });
  });

  test('left out by a person: what it wrote is told as diverged', async () => {
    await shell.store.keepWaiver(execution, 'FenceOnReturn/database', 'dba', 'it is lost', start);
    expect(await became({ fenced: false })).toMatchObject({
      database: { ...diverged, fenced: false, skipped: true, by: 'dba', reason: 'it is lost' },
    });
  });
});
