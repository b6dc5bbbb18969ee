// Every state of every flow that is tried again is told of when that lasts: each says its name to what it calls, and all that is
// called goes through the one place that keeps how it stands.
import { join } from 'node:path';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { CannotProceed, InProgress, Unavailable } from '../../../../functions/domain/errors.ts';
import { machines } from '../../../../functions/domain/flows.ts';
import { failingIn, failingMark, recordedAs } from '../../../../functions/domain/recovery/reaching.ts';
import { drillLock } from '../../../../functions/shared/drills/drill.ts';
import { tellFailingDrill } from '../../../../functions/shared/messages/failing.ts';
import { onInput, type ShellHandler } from '../../../../functions/shared/shell.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { calledBy, fileOf, machineOf, statesOf } from '../../../statemachines/flows.ts';
import { drill } from '../../../store/samples.ts';
import { failureOf, incident, regionIncident, running, setting } from '../../setting.ts';

const tasks = machines.flatMap((flow) =>
  statesOf(machineOf(flow, plan)).flatMap(([name, state]) =>
    state.Arguments === undefined ? [] : [{ flow, name, state }],
  ),
);
const sns = mocked(SNSClient);

test.for(tasks)(
  '$name of $flow says its name to what it calls, which keeps whether it fails',
  async ({ name, state }) => {
    expect(state.Retry?.length).toBeGreaterThan(0);
    expect(state.Arguments?.Payload['state']).toBe('{% $states.context.State.Name %}');
    const step = recordedAs({ state: name, asset: null });
    expect(failingIn(failingMark(step))).toEqual({ state: name, asset: null });
    for (const called of calledBy(state, plan)) {
      const { handler } = (await import(join(process.cwd(), fileOf(called, plan)))) as {
        handler: ShellHandler<unknown, unknown>;
      };
      // Only what goes through that place answers a schedule so.
      expect(await handler.on(setting())({ source: 'aws.events' }), called).toEqual({ awake: true });
    }
  },
);

const Given = z.looseObject({});
const failing = (error: Error) =>
  onInput(Given, async () => {
    throw error;
  });
const well = onInput(Given, async () => ({}));
const dark = new Unavailable('S3 in us-east-1: 503 SlowDown');

test.for([
  ['a call that AWS does not answer', dark, true],
  ['a failure that a step waits out', new InProgress('not fenced yet', { cause: dark }), true],
  ['a wait', new InProgress('the replica is promoted'), false],
  ['a failure after which nothing is tried again', new CannotProceed('it is not there'), false],
] as const)('of %s it is kept whether it fails: $2', async ([, error, isKept]) => {
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const given = { state: 'RedirectUsers', incident: regionIncident };
  await expect(failing(error).on(shell)(given)).rejects.toBe(error);
  const marks = (await shell.store.readSteps(incident.id)).filter(({ step }) => step.startsWith('failing'));
  expect(marks.map(({ step, outcome }) => [step, outcome])).toEqual(
    isKept ? [['failing/redirect-users', { why: error.message }]] : [],
  );
});

test('what fails in a dry run is in no record, and neither is what no state asked for', async () => {
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const dry = { ...regionIncident, dryRun: true };
  await failureOf(failing(dark).on(shell)({ state: 'Assess', incident: dry }));
  await failureOf(failing(dark).on(shell)({ incident: regionIncident }));
  expect((await shell.store.readSteps(incident.id)).filter(({ step }) => step.startsWith('failing'))).toEqual([]);
});

test('what failed and was reached is kept as mended, once', async () => {
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const given = { state: 'VerifyRegion', incident: regionIncident };
  await failureOf(failing(dark).on(shell)(given));
  shell.at += 10_000;
  for (const _ of [1, 2]) await well.on(shell)(given);
  const steps = (await shell.store.readSteps(incident.id)).map(({ step }) => step);
  expect(steps.filter((step) => step.endsWith('verify-region'))).toEqual([
    'failing/verify-region',
    'mended/verify-region',
  ]);
});

test('where the record cannot be written the step says why it failed itself', async () => {
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const store = { ...shell.store, recordStep: () => Promise.reject(new Error('the table is dark')) };
  const given = { state: 'VerifyRegion', incident: regionIncident };
  await expect(failing(dark).on({ ...shell, store })(given)).rejects.toBe(dark);
});

test('a step of a drill that fails for minutes is told by the stack that runs it, marked as a drill', async () => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  const shell = setting();
  const execution = 'drill-1';
  const at = shell.at;
  await shell.store.takeLock({ target: drillLock, execution, incident: execution, action: 'none', at });
  await shell.store.keepDrill({ ...drill, execution, region: shell.region, outcome: null });
  for (const later of [0, 130_000]) {
    shell.at += later;
    await failureOf(failing(dark).on(shell)({ state: 'Inject', execution }));
  }
  await tellFailingDrill({ ...shell, region: 'us-west-2' });
  expect(sns.commandCalls(PublishCommand)).toEqual([]);
  for (const _ of [1, 2]) await tellFailingDrill(shell);
  const told = sns.commandCalls(PublishCommand).map((call) => call.args[0].input);
  expect(told).toHaveLength(shell.plan.notifications.failure.length);
  expect(told[0]?.Subject).toBe(
    '[Breakwater] [DRILL] For information: breaking what the drill breaks fails and is tried again',
  );
  expect(told[0]?.Message).toContain('503 SlowDown');
});
