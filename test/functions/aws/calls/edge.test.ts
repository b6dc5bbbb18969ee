// What crosses the edge to AWS: requests as they are sent, answers as they are read, faults as they are named.
import 'aws-sdk-client-mock-vitest/extend';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startExecution } from '../../../../functions/aws/flows/executions.ts';
import { listAlarms } from '../../../../functions/aws/looking/alarms.ts';
import { publish } from '../../../../functions/aws/messages.ts';
import { sendDelayed } from '../../../../functions/aws/queue.ts';
import { ArcZonalShiftClient, type ZonalShiftCommand } from '../../../../functions/aws/traffic/zonal-shift.ts';
import { mocked } from '../../../mocked.ts';
import { failureOf } from '../../setting.ts';

const fault = (name: string, httpStatusCode?: number) =>
  Object.assign(new Error('said so'), { name, $metadata: httpStatusCode === undefined ? {} : { httpStatusCode } });

test.for([
  ['an internal failure', fault('InternalFailure', 500), 'Unavailable'],
  ['throttling with its status', fault('ThrottlingException', 429), 'Unavailable'],
  ['throttling with the status of a bad request', fault('Throttling', 400), 'Unavailable'],
  ['no answer in time', fault('TimeoutError'), 'Unavailable'],
  ['a name that cannot be resolved', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'Unavailable'],
  ['a topic that does not exist', fault('NotFoundException', 404), 'CannotProceed'],
  ['no permission', fault('AuthorizationErrorException', 403), 'CannotProceed'],
] as const)('%s is translated once, with its cause', async ([, cause, name]) => {
  mocked(SNSClient).on(PublishCommand).rejects(cause);
  const failed = await publish('us-east-1', 'arn:topic', 'subject', 'body').catch((error: Error) => error);
  expect(failed).toMatchObject({ name, message: expect.stringContaining('publish to arn:topic'), cause });
});

test('a delayed message waits no longer than SQS allows', async () => {
  const sqs = mocked(SQSClient);
  const queue = { region: 'us-east-1', account: '111122223333', name: 'breakwater-test-signals' };
  await sendDelayed(queue, '{}', 5_000);
  await sendDelayed({ ...queue, region: 'cn-north-1' }, '{}', 0.2);
  await sendDelayed(queue, '{}', -7);
  const sent = sqs.commandCalls(SendMessageCommand).map((call) => call.args[0].input);
  expect(sent.map(({ DelaySeconds }) => DelaySeconds)).toEqual([900, 1, 0]);
  expect(sent.slice(0, 2).map(({ QueueUrl }) => QueueUrl)).toEqual([
    'https://sqs.us-east-1.amazonaws.com/111122223333/breakwater-test-signals',
    'https://sqs.cn-north-1.amazonaws.com.cn/111122223333/breakwater-test-signals',
  ]);
});

test('alarms are read page by page, composite ones too, each with the time its state changed', async () => {
  const changed = new Date('2026-11-23T03:00:00Z');
  const later = new Date('2026-11-23T03:05:00Z');
  const cloudWatch = mocked(CloudWatchClient);
  cloudWatch.on(DescribeAlarmsCommand).resolvesOnce({
    MetricAlarms: [
      {
        AlarmName: 'chatops-api-errors',
        StateValue: 'ALARM',
        StateTransitionedTimestamp: changed,
        StateUpdatedTimestamp: later,
      },
      { AlarmName: 'chatops-without-state', StateTransitionedTimestamp: changed },
    ],
    NextToken: 'more',
  });
  cloudWatch.on(DescribeAlarmsCommand, { NextToken: 'more' }).resolves({
    CompositeAlarms: [{ AlarmName: 'chatops-zone', StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: later }],
  });
  expect(await listAlarms('us-east-1', 'chatops-')).toEqual([
    { name: 'chatops-api-errors', state: 'ALARM', since: changed.getTime() },
    { name: 'chatops-zone', state: 'INSUFFICIENT_DATA', since: later.getTime() },
  ]);
  expect(cloudWatch).toHaveReceivedCommandWith(DescribeAlarmsCommand, {
    AlarmNamePrefix: 'chatops-',
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
  });
});

test('an execution that exists already counts as started, and any other refusal does not', async () => {
  const sfn = mocked(SFNClient);
  sfn.on(StartExecutionCommand).rejectsOnce(fault('ExecutionAlreadyExists', 400)).rejects(fault('InvalidName', 400));
  await startExecution('us-east-1', 'arn:machine', 'name', '{}');
  expect((await failureOf(startExecution('us-east-1', 'arn:machine', 'name', '{}'))).name).toBe('CannotProceed');
});

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
const balancer =
  'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatops-ingress/50dc6c495c0c9188';

/** Sends one command to a service that gives one answer, and tells what it was asked. */
async function asked(
  command: ZonalShiftCommand,
  answer: Response,
): Promise<{ request: Request; reached: Promise<unknown> }> {
  const requests: Request[] = [];
  const client = new ArcZonalShiftClient({
    region: 'us-east-1',
    credentials,
    fetch: async (request) => {
      requests.push(request as Request);
      return answer;
    },
  });
  const reached = client.send(command);
  await reached.catch(() => undefined);
  const [request] = requests;
  if (request === undefined) throw new Error('nothing was sent');
  return { request, reached };
}

test.for([
  [
    { operation: 'GetManagedResource', input: { resourceIdentifier: balancer } },
    'GET',
    `/managedresources/${encodeURIComponent(balancer)}`,
    '',
  ],
  [
    {
      operation: 'StartZonalShift',
      input: { resourceIdentifier: balancer, awayFrom: 'use1-az1', expiresIn: '60m', comment: 'c' },
    },
    'POST',
    '/zonalshifts',
    JSON.stringify({ resourceIdentifier: balancer, awayFrom: 'use1-az1', expiresIn: '60m', comment: 'c' }),
  ],
  [
    { operation: 'UpdateZonalShift', input: { zonalShiftId: 'z-1', expiresIn: '60m' } },
    'PATCH',
    '/zonalshifts/z-1',
    '{"expiresIn":"60m"}',
  ],
  [{ operation: 'CancelZonalShift', input: { zonalShiftId: 'z-1' } }, 'DELETE', '/zonalshifts/z-1', ''],
] as const)('ARC zonal shift is sent a signed request: $operation', async ([command, method, path, body]) => {
  const { request } = await asked(command, Response.json({}));
  expect(request.method).toBe(method);
  expect(request.url).toBe(`https://arc-zonal-shift.us-east-1.amazonaws.com${path}`);
  expect(await request.text()).toBe(body);
  expect(request.headers.get('x-amz-security-token')).toBe('token');
  expect(request.headers.get('authorization')).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/arc-zonal-shift\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/,
  );
});

test('times of ARC zonal shift are read as Dates', async () => {
  const shift = {
    zonalShiftId: 'z-1',
    awayFrom: 'use1-az1',
    expiryTime: 1_763_866_800,
    startTime: 1_763_863_200,
    comment: '',
  };
  const { reached } = await asked(
    { operation: 'GetManagedResource', input: { resourceIdentifier: balancer } },
    Response.json({ zonalShifts: [shift] }),
  );
  expect(await reached).toMatchObject({ zonalShifts: [{ expiryTime: new Date(1_763_866_800_000) }] });
});

test.for([
  [
    'ConflictException:http://internal.amazon.com/coral/',
    '{"message":"exists","reason":"ZonalShiftAlreadyExists"}',
    'ConflictException',
    'ZonalShiftAlreadyExists',
  ],
  ['ThrottlingException', '{"message":"slow down"}', 'ThrottlingException', ''],
  ['', '<html>bad gateway</html>', 'Http409', ''],
] as const)('a refusal of ARC zonal shift is named by its header %s', async ([header, body, name, reason]) => {
  const answer = new Response(body, { status: 409, headers: header === '' ? {} : { 'x-amzn-ErrorType': header } });
  const { reached } = await asked({ operation: 'CancelZonalShift', input: { zonalShiftId: 'z-1' } }, answer);
  await expect(reached).rejects.toMatchObject({ name, reason, $metadata: { httpStatusCode: 409 } });
});
