// The one safe remediation: a build, started once, seen to succeed.
import 'aws-sdk-client-mock-vitest/extend';
import { BatchGetBuildsCommand, CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { beforeEach, expect, test } from 'vitest';
import { degradationLock } from '../../../functions/domain/types.ts';
import { handler } from '../../../functions/remediate.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { failureOf, incident, running, type Setting, start } from '../setting.ts';

const codeBuild = mocked(CodeBuildClient);
const degradation = { ...incident, flow: 'service-degradation', zone: null } as const;
const input = { incident: degradation, release: 'v42' };

beforeEach(() => {
  codeBuild.reset();
  codeBuild.on(StartBuildCommand).resolves({ build: { id: 'chatops-rollback:1' } });
});

function acting(mode: 'act' | 'observe' = 'act'): Promise<Setting> {
  return running(degradation, {
    plan: { ...plan, remediation: { afterRelease: { mode, buildProject: 'chatops-rollback' } } },
  });
}

function builds(buildStatus: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'STOPPED'): void {
  codeBuild.on(BatchGetBuildsCommand).resolves({ builds: [{ id: 'chatops-rollback:1', buildStatus }] });
}

test('the build is started once, with a token of the execution, and the step is done when it was seen to succeed', async () => {
  const shell = await acting();
  expect((await failureOf(handler.on(shell)(input))).name).toBe('InProgress');
  builds('IN_PROGRESS');
  expect((await failureOf(handler.on(shell)(input))).name).toBe('InProgress');
  builds('SUCCEEDED');
  expect(await handler.on(shell)(input)).toEqual({ project: 'chatops-rollback', build: 'chatops-rollback:1' });
  expect(codeBuild).toHaveReceivedCommandExactlyOnceWith(StartBuildCommand, {
    projectName: 'chatops-rollback',
    idempotencyToken: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect((await shell.store.readAudit(incident.id)).map((record) => record.call)).toEqual(['codebuild:StartBuild']);
});

test('a start that timed out is repeated with the same token while CodeBuild knows it', async () => {
  const shell = await acting();
  codeBuild
    .on(StartBuildCommand)
    .rejectsOnce(Object.assign(new Error('late'), { name: 'TimeoutError', $metadata: {} }))
    .resolves({ build: { id: 'chatops-rollback:1' } });
  expect((await failureOf(handler.on(shell)(input))).name).toBe('Unavailable');
  shell.at += 30_000;
  expect((await failureOf(handler.on(shell)(input))).name).toBe('InProgress');
  const [first, second] = codeBuild.commandCalls(StartBuildCommand).map((call) => call.args[0].input.idempotencyToken);
  expect(second).toBe(first);
});

test('when it is not known whether a build runs, no second one is started', async () => {
  const shell = await acting();
  codeBuild.on(StartBuildCommand).rejects(Object.assign(new Error('late'), { name: 'TimeoutError', $metadata: {} }));
  await failureOf(handler.on(shell)(input));
  shell.at += 300_000;
  expect((await failureOf(handler.on(shell)(input))).name).toBe('CannotProceed');
  expect(codeBuild).toHaveReceivedCommandTimes(StartBuildCommand, 1);
});

test.for(['FAILED', 'STOPPED'] as const)('a build that ended %s is left to people', async (status) => {
  const shell = await acting();
  await failureOf(handler.on(shell)(input));
  builds(status);
  expect((await failureOf(handler.on(shell)(input))).name).toBe('CannotProceed');
});

test.for([
  ['the plan only observes', () => acting('observe'), 'CannotProceed'],
  ['the automation is frozen', acting, 'Frozen'],
] as const)('nothing is built while %s', async ([, make, name]) => {
  const shell = await make();
  await shell.store.freeze('dba', 'migration', start);
  expect((await failureOf(handler.on(shell)(input))).name).toBe(name);
  expect(codeBuild).not.toHaveReceivedCommand(StartBuildCommand);
});

test('a dry run says what it would build', async () => {
  const reached = await handler.on(await acting())({ ...input, incident: { ...degradation, dryRun: true } });
  expect(reached).toMatchObject({ dryRun: true, wouldDo: 'start a build of chatops-rollback' });
  expect(codeBuild).not.toHaveReceivedCommand(StartBuildCommand);
});

test('nothing is built by an execution that does not hold the lock of the degradation any more', async () => {
  const shell = await acting();
  await shell.store.releaseLock(degradationLock(incident.region), incident.execution);
  expect((await failureOf(handler.on(shell)(input))).name).toBe('LockLost');
  expect(codeBuild).not.toHaveReceivedCommand(StartBuildCommand);
});
