// Answering, resuming and stopping executions: what is sent, and how refusals are told apart.
import 'aws-sdk-client-mock-vitest/extend';
import { RedriveExecutionCommand, SendTaskSuccessCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, expect, test } from 'vitest';
import { redriveExecution, sendTaskSuccess, stopExecution } from '../../../../functions/aws/flows/executions.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf } from '../../setting.ts';

const sfn = mocked(SFNClient);
const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('said so'), { name, $metadata: { httpStatusCode } });

beforeEach(() => sfn.reset());

test('a waiting state gets its answer', async () => {
  sfn.on(SendTaskSuccessCommand).resolves({});
  expect(await sendTaskSuccess('us-west-2', 'token', '{}')).toBe(true);
  expect(sfn).toHaveReceivedCommandWith(SendTaskSuccessCommand, { taskToken: 'token', output: '{}' });
});

test.for(['TaskTimedOut', 'TaskDoesNotExist'])(
  'that nobody waits any more (%s) is an answer and no fault',
  async (name) => {
    sfn.on(SendTaskSuccessCommand).rejects(fault(name, 400));
    expect(await sendTaskSuccess('us-west-2', 'token', '{}')).toBe(false);
  },
);

test.for([
  ['InvalidToken', 400, 'CannotProceed'],
  ['InvalidOutput', 400, 'CannotProceed'],
  ['ThrottlingException', 400, 'Unavailable'],
  ['ServiceUnavailable', 503, 'Unavailable'],
] as const)('%s is a fault, and the token is in no message', async ([name, status, error]) => {
  sfn.on(SendTaskSuccessCommand).rejects(fault(name, status));
  const failed = await failureOf(sendTaskSuccess('us-west-2', 'secret', '{}'));
  expect(failed.name).toBe(error);
  expect(failed.message).not.toContain('secret');
});

test('an execution is resumed, and stopped with who did it', async () => {
  sfn.on(RedriveExecutionCommand).resolves({});
  sfn.on(StopExecutionCommand).resolves({});
  await redriveExecution('us-west-2', 'arn:execution');
  await stopExecution('us-west-2', 'arn:execution', 'ana aborted it');
  expect(sfn).toHaveReceivedCommandWith(RedriveExecutionCommand, { executionArn: 'arn:execution' });
  expect(sfn).toHaveReceivedCommandWith(StopExecutionCommand, {
    executionArn: 'arn:execution',
    error: 'Aborted',
    cause: 'ana aborted it',
  });
});
