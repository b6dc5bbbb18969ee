// A region that was given up runs no tasks of a service once users have left it, whatever became of the flow.
import 'aws-sdk-client-mock-vitest/extend';
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { beforeEach, expect, test } from 'vitest';
import { handler } from '../../../../functions/kinds/ecs-service/fence-late.ts';
import { signAbort } from '../../../../functions/shared/recovery/waivers.ts';
import { withService } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, type Setting, start } from '../../setting.ts';

const ecs = mocked(ECSClient);
let shell: Setting;
const kept = (step: string, outcome = {}) =>
  shell.store.recordStep({ incident: incident.id, execution: incident.execution, step, at: start, outcome });
const run = (mode: 'failover' | 'switchover' = 'failover') =>
  handler.on(shell)({ incident: { ...incident, mode }, asset: 'web' });
const runs = (desiredCount: number, runningCount: number, change = {}) =>
  ecs.on(DescribeServicesCommand).resolves({
    services: [{ status: 'ACTIVE', desiredCount, runningCount, schedulingStrategy: 'REPLICA', ...change }],
  });

beforeEach(async () => {
  ecs.reset();
  ecs.on(UpdateServiceCommand).resolves({});
  shell = await running(incident, { region: 'us-west-2', plan: withService(plan) });
  await kept('take-over/web');
});

test('once users have left it is asked to run none, and that is done when none runs', async () => {
  await kept('redirect-users');
  runs(4, 4);
  expect((await failureOf(run())).message).toContain('was asked to run no tasks');
  expect(ecs).toHaveReceivedCommandWith(UpdateServiceCommand, { service: 'web', desiredCount: 0 });
  runs(0, 0);
  expect(await run()).toMatchObject({ fenced: true, divergedWrites: 0 });
  expect((await shell.store.readSteps(incident.id)).map(({ step }) => step)).toContain('fence-late/web');
});

test('before users have left nothing is changed', async () => {
  runs(4, 4);
  expect((await failureOf(run())).message).toContain('users have not left us-east-1 yet');
  expect(ecs).toHaveReceivedCommandTimes(UpdateServiceCommand, 0);
});

test('of a flow that was aborted before that it is over', async () => {
  await signAbort(incident.execution, 'operator', shell);
  expect(await run()).toMatchObject({ fenced: false, why: 'the flow was aborted before users left it' });
});

test('a planned switchover leaves the tasks: their region may take over again', async () => {
  await kept('redirect-users');
  expect(await run('switchover')).toMatchObject({ fenced: false });
  expect(ecs).toHaveReceivedCommandTimes(UpdateServiceCommand, 0);
});

test('while the region does not answer it is asked again', async () => {
  await kept('redirect-users');
  ecs.on(DescribeServicesCommand).rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));
  expect((await failureOf(run())).name).toBe('InProgress');
});

test('what refuses is asked again, and the sweep has what to tell', async () => {
  await kept('redirect-users');
  runs(4, 4);
  ecs
    .on(UpdateServiceCommand)
    .rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }));
  expect((await failureOf(run())).message).toContain('in us-east-1 still run');
});
