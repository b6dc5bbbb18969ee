// The small clients of the bundles beside the SDK's: the same request goes out, the same answer comes back, the same fault
// has the same name, and as many tries are made.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as s3 from '@aws-sdk/client-s3';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as dynamodb from '@aws-sdk/lib-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { limits } from '../../../functions/aws/client.ts';
import { sign, unreachable } from '../../../functions/aws/slim-client.ts';
import * as slimDynamodb from '../../../functions/aws/slim-dynamodb.ts';
import * as slimS3 from '../../../functions/aws/slim-s3.ts';
import * as slimSfn from '../../../functions/aws/slim-sfn.ts';
import * as slimSns from '../../../functions/aws/slim-sns.ts';
import * as slimSqs from '../../../functions/aws/slim-sqs.ts';
import * as slimSsm from '../../../functions/aws/slim-ssm.ts';

type Asked = { method: string | undefined; path: string | undefined; headers: IncomingHttpHeaders; body: string };
type Reply = { status: number; body: string; headers?: Record<string, string> } | 'none';
type Client = { send(command: never): Promise<unknown> };

const region = 'us-east-1';
const replies: Reply[] = [];
let last: Reply = { status: 200, body: '{}' };
let asked: Asked[] = [];
let url = '';

const server = createServer((request, response: ServerResponse) => {
  let body = '';
  request.on('data', (part: Buffer) => {
    body += part.toString();
  });
  request.on('end', () => {
    asked.push({ method: request.method, path: request.url?.split('?')[0], headers: request.headers, body });
    const reply = replies.shift() ?? last;
    if (reply === 'none') request.socket.destroy();
    else response.writeHead(reply.status, reply.headers).end(reply.body);
  });
});

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  vi.stubEnv('AWS_ENDPOINT_URL', url);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  vi.unstubAllEnvs();
});

beforeEach(() => {
  replies.length = 0;
  last = { status: 200, body: '{}' };
  asked = [];
});

/** What the services do not look at differs: agents, ids of a request, times. The scope of the signature has to be the same. */
function essence({ method, path, headers, body }: Asked) {
  const { 'content-type': type, 'x-amz-target': target, 'x-amz-security-token': token, authorization = '' } = headers;
  const scope = /Credential=(\S+),/.exec(authorization)?.[1];
  const isObject = method === 'PUT' || method === 'HEAD';
  const isForm = type === 'application/x-www-form-urlencoded';
  const said = isObject
    ? body
    : isForm
      ? Object.fromEntries(new URLSearchParams(body))
      : JSON.parse(body, withoutTokens);
  return { method, path, type, target, token, scope, said };
}

/** A token that marks a request is drawn anew each time. */
function withoutTokens(key: string, value: unknown): unknown {
  return key === 'clientToken' && typeof value === 'string' ? 'drawn' : value;
}

/** What one client asked, and what came of it. */
async function ask(client: Client, command: unknown) {
  asked = [];
  const outcome = await client.send(command as never).then(
    (answer) => ({ answer: plain(answer), fault: null }),
    (error: { name: string; message: string; $metadata?: { httpStatusCode?: number } }) => ({
      answer: null,
      fault: { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode },
    }),
  );
  return { requests: asked.map(essence), ...outcome };
}

/** An answer without what the SDK adds about the request. */
function plain(answer: unknown): unknown {
  const { $metadata: _, ...rest } = answer as Record<string, unknown>;
  return JSON.parse(JSON.stringify(rest)) as unknown;
}

const settings = () => ({ region, ...limits });
const services = {
  dynamodb: [
    () => dynamodb.DynamoDBDocumentClient.from(new DynamoDBClient(settings())),
    () => new slimDynamodb.DynamoDBClient(settings()),
  ],
  sfn: [() => new sfn.SFNClient(settings()), () => new slimSfn.SFNClient(settings())],
  ssm: [() => new ssm.SSMClient(settings()), () => new slimSsm.SSMClient(settings())],
  sns: [() => new sns.SNSClient(settings()), () => new slimSns.SNSClient(settings())],
  s3: [() => new s3.S3Client(settings()), () => new slimS3.S3Client(settings())],
  sqs: [() => new sqs.SQSClient(settings()), () => new slimSqs.SQSClient(settings())],
} as const;
const modules = {
  dynamodb: [dynamodb, slimDynamodb],
  sfn: [sfn, slimSfn],
  ssm: [ssm, slimSsm],
  sns: [sns, slimSns],
  s3: [s3, slimS3],
  sqs: [sqs, slimSqs],
} as const;
type Service = keyof typeof services;

/** The same command through both clients, after the same replies. */
async function both(service: Service, command: string, input: object, ...given: Reply[]) {
  const outcomes = [];
  for (const which of [0, 1] as const) {
    replies.splice(0, replies.length, ...given);
    last = given.at(-1) ?? last;
    const commands = modules[service][which] as unknown as Record<string, new (input: object) => unknown>;
    const at = 'QueueUrl' in input ? { ...input, QueueUrl: `${url}/111122223333/q` } : input;
    const Command = commands[command] as new (input: object) => unknown;
    outcomes.push(await ask(services[service][which]() as Client, new Command(at)));
  }
  const [expected, was] = outcomes;
  return { expected, was };
}

const machine = 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-az-failover';
const execution = `${machine.replace('stateMachine', 'execution')}:i-1`;
const ok = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) });
const item = {
  pk: 'a',
  sk: 'é "quoted"',
  count: 3,
  share: 0.25,
  open: true,
  none: null,
  body: new Uint8Array([0, 1, 255]),
  list: [1, 'two', { three: [] }],
};
const stored = {
  pk: { S: 'a' },
  count: { N: '1763866800123' },
  small: { N: '-0.5' },
  open: { BOOL: false },
  none: { NULL: true },
  list: { L: [{ M: { x: { S: '' } } }] },
};
const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>`;
const attributes = `<GetTopicAttributesResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><GetTopicAttributesResult><Attributes><entry><key>SubscriptionsConfirmed</key><value>2</value></entry><entry><key>Policy</key><value>{&quot;a&quot;:&lt;1&gt;}</value></entry><entry><key>DisplayName</key><value></value></entry></Attributes></GetTopicAttributesResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></GetTopicAttributesResponse>`;
const md5 = '99914b932bd37a50b983c5e7c90ae93b'; // of {}

test.for([
  [
    'dynamodb',
    'PutCommand',
    {
      TableName: 't',
      Item: item,
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': 'pk' },
      ExpressionAttributeValues: { ':v': 1 },
    },
    ok({}),
  ],
  ['dynamodb', 'GetCommand', { TableName: 't', Key: { pk: 'a', sk: 'b' }, ConsistentRead: true }, ok({ Item: stored })],
  ['dynamodb', 'GetCommand', { TableName: 't', Key: { pk: 'a', sk: 'b' } }, ok({})],
  ['dynamodb', 'DeleteCommand', { TableName: 't', Key: { pk: 'a', sk: 'b' } }, ok({})],
  [
    'dynamodb',
    'UpdateCommand',
    {
      TableName: 't',
      Key: { pk: 'a' },
      UpdateExpression: 'SET a = :a',
      ExpressionAttributeValues: { ':a': [null] },
      ReturnValues: 'ALL_NEW',
    },
    ok({ Attributes: stored }),
  ],
  [
    'dynamodb',
    'QueryCommand',
    {
      TableName: 't',
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeValues: { ':pk': 'a' },
      ExclusiveStartKey: undefined,
    },
    ok({ Items: [stored, {}], Count: 2, LastEvaluatedKey: { pk: { S: 'a' }, sk: { S: 'b' } } }),
  ],
  [
    'sfn',
    'StartExecutionCommand',
    { stateMachineArn: machine, name: 'i-1', input: '{"a":"ü"}' },
    ok({ executionArn: execution, startDate: 1763866800.123 }),
  ],
  ['sfn', 'SendTaskSuccessCommand', { taskToken: 'secret', output: '{}' }, ok({})],
  [
    'ssm',
    'GetParameterCommand',
    { Name: '/a/b', WithDecryption: true },
    ok({ Parameter: { Name: '/a/b', Value: 'v' } }),
  ],
  ['ssm', 'PutParameterCommand', { Name: '/a/b', Value: 'v', Type: 'String', Overwrite: true }, ok({ Version: 2 })],
  ['sfn', 'SendTaskFailureCommand', { taskToken: 'secret', error: 'Rejected', cause: 'c' }, ok({})],
  ['sfn', 'RedriveExecutionCommand', { executionArn: execution }, ok({ redriveDate: 1763866800 })],
  [
    'sfn',
    'StopExecutionCommand',
    { executionArn: execution, error: 'Aborted', cause: 'c' },
    ok({ stopDate: 1763866800 }),
  ],
  [
    'sfn',
    'DescribeExecutionCommand',
    { executionArn: execution },
    ok({
      executionArn: execution,
      stateMachineArn: machine,
      status: 'FAILED',
      startDate: 1763866800,
      stopDate: 1763866900,
      input: '{}',
    }),
  ],
  [
    'sfn',
    'ListExecutionsCommand',
    { stateMachineArn: machine, statusFilter: 'RUNNING' },
    ok({
      executions: [
        { executionArn: execution, stateMachineArn: machine, name: 'i-1', status: 'RUNNING', startDate: 1763866800 },
      ],
    }),
  ],
  [
    'sfn',
    'GetExecutionHistoryCommand',
    { executionArn: execution, reverseOrder: true, includeExecutionData: true, maxResults: 1000 },
    ok({
      events: [
        {
          timestamp: 1763866800.5,
          type: 'TaskFailed',
          id: 4,
          previousEventId: 3,
          taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'CannotProceed', cause: 'c' },
        },
      ],
      nextToken: 'n',
    }),
  ],
  [
    'sqs',
    'SendMessageCommand',
    { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/q', MessageBody: '{}', DelaySeconds: 60 },
    ok({ MD5OfMessageBody: md5, MessageId: 'm-1' }),
  ],
  [
    'sns',
    'PublishCommand',
    { TopicArn: 'arn:aws:sns:us-east-1:111122223333:t', Subject: 'a & b', Message: 'two\nlines, +100% é' },
    { status: 200, body: published },
  ],
  [
    'sns',
    'PublishCommand',
    { TopicArn: 'arn:aws:sns:us-east-1:111122223333:t', Message: 'without a subject' },
    { status: 200, body: published },
  ],
  ['sns', 'GetTopicAttributesCommand', { TopicArn: 'arn:t' }, { status: 200, body: attributes }],
  [
    's3',
    'HeadObjectCommand',
    { Bucket: 'latches', Key: "latch/a b'é+(1)" },
    { status: 200, body: '', headers: { etag: '"e"' } },
  ],
  [
    's3',
    'PutObjectCommand',
    { Bucket: 'latches', Key: 'latch/us-east-1', Body: 'given up: é\n' },
    { status: 200, body: '', headers: { etag: '"e"' } },
  ],
] as const)('%s %s is the same request and the same answer', async ([service, command, input, reply]) => {
  const { expected, was } = await both(service, command, input, reply);
  expect(expected?.fault).toBeNull();
  expect(was).toEqual(expected);
});

const json = (status: number, type: string, headers: Record<string, string> = {}): Reply => ({
  status,
  body: JSON.stringify({ __type: type, message: 'said so' }),
  headers,
});
const xml = (status: number, code: string): Reply => ({
  status,
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>said &quot;so&quot; &amp; more</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const denied = (status: number, code: string): Reply => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>said so</Message><RequestId>r</RequestId></Error>`,
});
const get = { TableName: 't', Key: { pk: 'a' } };
const start = { stateMachineArn: machine, name: 'i-1' };
const publish = { TopicArn: 'arn:t', Message: 'm' };
const message = { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/q', MessageBody: '{}' };

test.for([
  ['dynamodb', 'GetCommand', get, json(400, 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException')],
  ['dynamodb', 'GetCommand', get, json(400, 'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException')],
  ['dynamodb', 'GetCommand', get, json(400, 'com.amazon.coral.validate#ValidationException')],
  ['dynamodb', 'GetCommand', get, json(400, 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException')],
  ['dynamodb', 'GetCommand', get, json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException')],
  ['dynamodb', 'GetCommand', get, json(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError')],
  ['sfn', 'StartExecutionCommand', start, json(400, 'ExecutionAlreadyExists')],
  ['sfn', 'StartExecutionCommand', start, json(400, 'com.amazon.coral.service#AccessDeniedException')],
  ['ssm', 'GetParameterCommand', { Name: '/a' }, json(400, 'ParameterNotFound')],
  ['sfn', 'SendTaskSuccessCommand', { taskToken: 't', output: '{}' }, json(400, 'TaskTimedOut')],
  ['sfn', 'SendTaskSuccessCommand', { taskToken: 't', output: '{}' }, json(400, 'TaskDoesNotExist')],
  ['sfn', 'StartExecutionCommand', start, json(429, 'ThrottlingException')],
  ['sqs', 'SendMessageCommand', message, json(400, 'com.amazonaws.sqs#RequestThrottled')],
  ['sns', 'PublishCommand', publish, xml(404, 'NotFound')],
  ['sns', 'PublishCommand', publish, xml(403, 'AuthorizationError')],
  ['sns', 'PublishCommand', publish, xml(400, 'ParameterValueInvalid')],
  ['sns', 'PublishCommand', publish, xml(400, 'KMSAccessDenied')],
  ['sns', 'PublishCommand', publish, xml(429, 'Throttled')],
  ['sns', 'PublishCommand', publish, xml(403, 'SignatureDoesNotMatch')],
  ['sns', 'PublishCommand', publish, xml(500, 'InternalError')],
  ['s3', 'HeadObjectCommand', { Bucket: 'latches', Key: 'k' }, { status: 404, body: '' }],
  ['s3', 'HeadObjectCommand', { Bucket: 'latches', Key: 'k' }, { status: 403, body: '' }],
  ['s3', 'PutObjectCommand', { Bucket: 'latches', Key: 'k', Body: 'b' }, denied(403, 'AccessDenied')],
  ['s3', 'PutObjectCommand', { Bucket: 'latches', Key: 'k', Body: 'b' }, denied(404, 'NoSuchBucket')],
  ['s3', 'PutObjectCommand', { Bucket: 'latches', Key: 'k', Body: 'b' }, denied(503, 'SlowDown')],
] as const)('%s %s %o has the same fault after as many tries: %o', async ([service, command, input, reply]) => {
  const { expected, was } = await both(service, command, input, reply);
  expect(expected?.fault).not.toBeNull();
  expect(was).toEqual(expected);
});

test('a queue that does not exist is refused once', async () => {
  const { expected, was } = await both(
    'sqs',
    'SendMessageCommand',
    message,
    json(400, 'com.amazonaws.sqs#QueueDoesNotExist'),
  );
  expect(was?.requests).toHaveLength(1);
  expect(was?.fault?.status).toBe(expected?.fault?.status);
});

test.for([
  ['a fault of the service', { status: 503, body: '' }],
  ['a connection that breaks off', 'none'],
] as const)('%s is asked again, and the third answer counts', async ([, reply]) => {
  const { expected, was } = await both('dynamodb', 'GetCommand', get, reply, reply, ok({}));
  expect(was).toEqual(expected);
  expect(was?.requests).toHaveLength(3);
});

test('the codes of Node.js that are asked again are those of the SDK', async () => {
  const sdk = new URL('../../../node_modules/@smithy/core/dist-es/submodules/retry/', import.meta.url);
  const lists = await import(`${sdk}service-error-classification/constants.js`);
  expect(unreachable).toEqual([...lists.NODEJS_TIMEOUT_ERROR_CODES, ...lists.NODEJS_NETWORK_ERROR_CODES]);
});

test('a service that cannot be reached is a fault without a status', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', 'http://127.0.0.1:9');
  const { fault } = await ask(new slimSns.SNSClient(settings()) as Client, new slimSns.PublishCommand(publish));
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', undefined);
  expect(fault).toMatchObject({ status: undefined });
});

test('an answer that does not come is given up in time, with the name that the SDK gives', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const client = new slimSns.SNSClient({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 20, requestTimeout: 20 },
  });
  const { fault } = await ask(client as Client, new slimSns.PublishCommand(publish));
  silent.closeAllConnections();
  silent.close();
  vi.stubEnv('AWS_ENDPOINT_URL_SNS', undefined);
  expect(fault?.name).toBe('TimeoutError');
});

test.for([
  ['undefined inside of an item', { pk: 'a', inner: { lost: undefined } }],
  ['a number that is none', { pk: 'a', count: Number.NaN }],
  ['an object of a class', { pk: 'a', at: new Date(0) }],
] as const)('%s is refused by both and not dropped', async ([, Item]) => {
  const { expected, was } = await both('dynamodb', 'PutCommand', { TableName: 't', Item });
  expect(expected?.fault).not.toBeNull();
  expect(was?.fault).not.toBeNull();
  expect(was?.requests).toEqual([]);
});

test('the signature is the one that the SDK makes', async () => {
  const at = new Date('2026-11-23T03:00:00Z');
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' };
  const request = {
    method: 'POST',
    url: new URL('https://sns.us-east-1.amazonaws.com/'),
    headers: { 'content-type': 'x' },
    body: 'é=1',
  };
  const signed = sign(request, { service: 'sns', region }, credentials, at);
  const { authorization, 'x-amz-date': _, ...headers } = signed;
  const signer = new SignatureV4({ service: 'sns', region, credentials, sha256: Sha256 });
  const theirs = await signer.sign(
    { method: 'POST', protocol: 'https:', hostname: request.url.hostname, path: '/', headers, body: request.body },
    { signingDate: at },
  );
  expect(authorization).toBe(theirs.headers['authorization']);
});

/** The hash that the SDK's signer asks for. */
class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: unknown) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(chunk: unknown): void {
    this.hash.update(chunk as Buffer);
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {}
}

test('a redrive that is asked for again is marked as the same one', async () => {
  replies.push({ status: 503, body: '' }, ok({ redriveDate: 1763866800 }));
  await new slimSfn.SFNClient(settings()).send(new slimSfn.RedriveExecutionCommand({ executionArn: execution }));
  const tokens = asked.map(({ body }) => (JSON.parse(body) as { clientToken: string }).clientToken);
  expect(tokens).toEqual([tokens[0], tokens[0]]);
});

test.for([
  ['chatops-latch-us-east-2', 'us-east-2'],
  ['chatops-latch', 'us-east-1'],
  ['latch.of.chatops', 'eu-west-1'],
  ['chatops-latch', 'cn-north-1'],
] as const)('the address of %s in %s is the one that the SDK finds', ([Bucket, Region]) => {
  const { config } = new s3.S3Client({ region: Region });
  const { url: found } = config.endpointProvider({ Bucket, Region }, {});
  expect(`${slimS3.bucketAddress(Bucket, Region)}/`).toBe(found.href.replace(/\/?$/, '/'));
});
