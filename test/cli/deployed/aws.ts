// An AWS on this machine, as AWS_ENDPOINT_URL names it: a real DynamoDB server behind one address, and what the verbs ask of
// Step Functions, CodeBuild, STS, CloudFormation and the page's API. Every request is signed for a region; a region can go dark.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { afterAll, beforeAll, vi } from 'vitest';
import { dynamoStore } from '../../../functions/aws/store/store.ts';
import type { Store } from '../../../functions/domain/record/store.ts';
import { plan, planFile } from '../../plan.ts';

export const account = '111122223333';
export const caller = `arn:aws:sts::${account}:assumed-role/sre/ana`;
export const primary = 'us-east-1';
export const standby = 'us-west-2';

/** How a region is dark: it hangs up, or takes the request and never answers. */
export type Darkness = 'hangs-up' | 'is-silent';

/** An execution as Step Functions has it. `events` are oldest first. */
export type Ran = { status: string; events: readonly Record<string, unknown>[] };

/** What a test arranges, and what it can look at afterwards. */
export type Aws = {
  readonly endpoint: string;
  readonly dark: Map<string, Darkness>;
  /** By ARN. */
  readonly executions: Map<string, Ran>;
  /** How an execution ends that is started; it is not found afterwards where this is null. */
  starts: ((arn: string, input: unknown) => Ran) | null;
  /** Builds that have begun, the newest first, by region and id: `us-east-1 project:uuid`, with how they stand. */
  readonly builds: Map<string, string>;
  /** What CodeBuild refuses an operation with, and `hangs-up` where it does not answer. */
  readonly refuseBuilds: Map<string, string>;
  /** What STS, or every service, refuses with; null where they do not. */
  refusal: { readonly code: string; readonly status: number } | null;
  stsIsDown: boolean;
  /** Whether the caller may not use the table. */
  forbidTable: boolean;
  /** What a region's table refuses writes with. */
  readonly refuseWrites: Map<string, string>;
  /** How the approval page's API answers. */
  reply: { readonly status: number; readonly body: unknown };
  /** The regions without a stack. */
  readonly without: Set<string>;
  /** The stack's output; null where it has none. */
  pageUrl: string | null;
  readonly asked: { readonly service: string; readonly region: string; readonly what: string; readonly body: string }[];
  reset(): void;
};

let tables = 0;
let isServed = false;

/** The words of a command line that name a deployment of the tests' plan. */
export const onStage = (stage: string): readonly string[] => ['--stage', stage, '--plan', planFile];

/** Makes a table and gives its stage and the store behind it. */
export async function deployed(): Promise<{ readonly stage: string; readonly prefix: string; readonly store: Store }> {
  tables += 1;
  const stage = `test${tables}`;
  const prefix = `breakwater-${stage}`;
  const client = new DynamoDBClient({ region: standby });
  await client.send(
    new CreateTableCommand({
      TableName: prefix,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const describe = new DescribeTableCommand({ TableName: prefix });
  while ((await client.send(describe)).Table?.TableStatus !== 'ACTIVE') await setImmediate();
  client.destroy();
  return { stage, prefix, store: dynamoStore(standby, prefix, plan, () => undefined) };
}

/** Runs for all tests of a file: SDK clients keep the endpoint that their first request was sent to. */
export function onAws(): Aws {
  if (isServed)
    throw new Error('two files share a process: what calls onAws is named in vitest.config.ts, under what runs apart');
  isServed = true;
  const table: Server = dynalite({ createTableMs: 0 });
  const aws: Aws & { endpoint: string } = {
    endpoint: '',
    dark: new Map(),
    executions: new Map(),
    starts: null,
    builds: new Map(),
    refuseBuilds: new Map(),
    refusal: null,
    stsIsDown: false,
    forbidTable: false,
    refuseWrites: new Map(),
    reply: { status: 200, body: { valid: true, why: '', outcome: 'pending' } },
    without: new Set(),
    pageUrl: null,
    asked: [],
    reset() {
      aws.dark.clear();
      aws.executions.clear();
      aws.starts = null;
      aws.builds.clear();
      aws.refuseBuilds.clear();
      aws.without.clear();
      aws.refusal = null;
      aws.stsIsDown = false;
      aws.forbidTable = false;
      aws.refuseWrites.clear();
      aws.reply = { status: 200, body: { valid: true, why: '', outcome: 'pending' } };
      aws.pageUrl = `${aws.endpoint}/page`;
      aws.asked.length = 0;
    },
  };
  const server = createServer((request, response) => {
    const [, region = '', service = ''] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
    const darkness = aws.dark.get(region);
    if (darkness === 'is-silent') return;
    const noBuild = service === 'codebuild' && aws.refuseBuilds.get(operationOf(request)) === 'hangs-up';
    if (darkness === 'hangs-up' || noBuild || (service === 'sts' && aws.stsIsDown)) return void request.destroy();
    const refusedWrite = operationOf(request) === 'PutItem' ? aws.refuseWrites.get(region) : undefined;
    const refused = aws.forbidTable ? 'AccessDeniedException' : refusedWrite;
    if (service === 'dynamodb' && refused !== undefined) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
      return void response.end(JSON.stringify({ __type: `x#${refused}`, message: 'said so' }));
    }
    if (service === 'dynamodb' && aws.refusal === null) {
      aws.asked.push({ service, region, what: operationOf(request), body: '' });
      return void table.emit('request', request, response);
    }
    void bodyOf(request).then((body) => {
      aws.asked.push({ service, region, what: operationOf(request), body });
      const { status, text } = answerOf(service, region, operationOf(request), body, aws);
      response.writeHead(status, { 'content-type': text.startsWith('<') ? 'text/xml' : 'application/json' });
      response.end(text);
    });
  });
  // A connection that is kept is not closed under a request that is just being sent.
  server.keepAliveTimeout = 60_000;
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    aws.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    aws.reset();
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return aws;
}

function operationOf({ headers, url = '' }: IncomingMessage): string {
  return (
    String(headers['x-amz-target'] ?? url)
      .split('.')
      .at(-1) ?? ''
  );
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

type Answer = { readonly status: number; readonly text: string };

const json = (status: number, value: unknown): Answer => ({ status, text: JSON.stringify(value) });

function answerOf(service: string, region: string, what: string, body: string, aws: Aws): Answer {
  if (aws.refusal !== null) {
    const { code, status } = aws.refusal;
    const isJson = ['codebuild', 'dynamodb', 'states'].includes(service);
    if (isJson) return json(status, { __type: `x#${code}`, message: 'said so' });
    const text = `<ErrorResponse><Error><Code>${code}</Code><Message>said so</Message></Error></ErrorResponse>`;
    return { status, text };
  }
  switch (service) {
    case 'sts':
      return { status: 200, text: identity };
    case 'cloudformation':
      if (aws.without.has(region))
        return {
          status: 400,
          text: inside(
            'ErrorResponse',
            inside('Error', inside('Code', 'ValidationError') + inside('Message', 'Stack with id x does not exist')),
          ),
        };
      return { status: 200, text: stackOf(String(new URLSearchParams(body).get('StackName')), aws) };
    case 'execute-api':
      return json(aws.reply.status, aws.reply.body);
    case 'states':
      return json(...stepFunctions(region, what, JSON.parse(body) as Record<string, string>, aws));
    case 'codebuild':
      return json(...codeBuild(region, what, JSON.parse(body) as Record<string, string>, aws));
    default:
      return json(404, { __type: 'x#UnknownService', message: service });
  }
}

const identity = inside('GetCallerIdentityResponse', inside('GetCallerIdentityResult', identityFields()));

function identityFields(): string {
  return inside('Arn', caller) + inside('UserId', 'A:ana') + inside('Account', account);
}

function stackOf(name: string, { pageUrl }: Aws): string {
  const output = pageUrl === null ? '' : inside('OutputKey', 'ApprovalPageUrl') + inside('OutputValue', pageUrl);
  const outputs = inside('Outputs', output === '' ? '' : inside('member', output));
  const status = inside('CreationTime', '2026-11-01T00:00:00Z') + inside('StackStatus', 'CREATE_COMPLETE');
  const stack = inside('member', inside('StackName', name) + status + outputs);
  return inside('DescribeStacksResponse', inside('DescribeStacksResult', inside('Stacks', stack)));
}

function inside(name: string, text: string): string {
  return `<${name}>${text}</${name}>`;
}

const startDate = Date.UTC(2026, 10, 3, 3, 0, 30) / 1000;

function stepFunctions(
  region: string,
  what: string,
  input: Record<string, string>,
  { executions, starts }: Aws,
): [number, unknown] {
  const here = [...executions].filter(([arn]) => arn.split(':')[3] === region);
  const machineOf = (arn: string) => arn.replace(':execution:', ':stateMachine:').split(':').slice(0, 7).join(':');
  const executionArn = input['executionArn'] ?? '';
  const found = executions.get(executionArn);
  const described = (arn: string, { status }: Ran) => ({
    executionArn: arn,
    stateMachineArn: machineOf(arn),
    name: arn.split(':').at(-1),
    status,
    startDate,
    ...(status === 'RUNNING' ? {} : { stopDate: startDate + 60 }),
  });
  if (what === 'ListStateMachines') {
    const machines = [...new Set(here.map(([arn]) => machineOf(arn)))];
    const listed = machines.map((stateMachineArn) => ({
      stateMachineArn,
      name: stateMachineArn.split(':').at(-1),
      type: 'STANDARD',
      creationDate: 0,
    }));
    return [200, { stateMachines: listed }];
  }
  if (what === 'ListExecutions') {
    const { stateMachineArn, statusFilter } = input;
    const listed = here.filter(([arn, ran]) => machineOf(arn) === stateMachineArn && ran.status === statusFilter);
    return [200, { executions: listed.map(([arn, ran]) => described(arn, ran)) }];
  }
  if (what === 'StartExecution') {
    const { stateMachineArn = '', name = '' } = input;
    const arn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    if (starts !== null) executions.set(arn, starts(arn, JSON.parse(input['input'] ?? 'null')));
    return [200, { executionArn: arn, startDate }];
  }
  if (found === undefined) return [400, { __type: 'x#ExecutionDoesNotExist', message: executionArn }];
  if (what === 'DescribeExecution') return [200, described(executionArn, found)];
  if (what === 'GetExecutionHistory') return [200, { events: [...found.events].reverse() }];
  if (what === 'RedriveExecution' || what === 'StopExecution') {
    found.status = what === 'StopExecution' ? 'ABORTED' : 'RUNNING';
    return [200, what === 'StopExecution' ? { stopDate: startDate } : { redriveDate: startDate }];
  }
  return [400, { __type: 'x#UnknownOperationException', message: what }];
}

function codeBuild(
  region: string,
  what: string,
  { projectName = '', ...input }: Record<string, unknown>,
  { builds, refuseBuilds }: Aws,
): [number, unknown] {
  const refused = refuseBuilds.get(what);
  if (refused !== undefined) return [400, { __type: `x#${refused}`, message: 'said so' }];
  const here = [...builds].flatMap(([key, buildStatus]) => {
    const [place, id = ''] = key.split(' ');
    return place === region ? [{ id, buildStatus }] : [];
  });
  if (what === 'ListBuildsForProject')
    return [200, { ids: here.map(({ id }) => id).filter((id) => id.startsWith(`${projectName}:`)) }];
  if (what === 'BatchGetBuilds')
    return [200, { builds: here.filter(({ id }) => (input['ids'] as readonly string[]).includes(id)) }];
  if (what === 'StartBuild') return [200, { build: { id: `${projectName}:new`, buildStatus: 'IN_PROGRESS' } }];
  return [400, { __type: 'x#UnknownOperationException', message: what }];
}

/** The ARN of an execution of a deployment. */
export function arnOf(prefix: string, flow: string, name: string, region: string): string {
  return `arn:aws:states:${region}:${account}:execution:${prefix}-${flow}:${name}`;
}

/**
 * A history of one state after the other, of which the last has begun a task and not ended it. A state of an asset has the
 * asset's name behind a slash.
 */
export function historyOf(...states: readonly string[]): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  const add = (type: string, more: Record<string, unknown> = {}): void => {
    const id = events.length + 1;
    events.push({ id, previousEventId: id - 1, timestamp: startDate + id, type, ...more });
  };
  add('ExecutionStarted');
  for (const [index, step] of states.entries()) {
    const [name, asset] = step.split('/');
    const input = JSON.stringify(asset === undefined ? {} : { name: asset, kind: 'rds-instance' });
    add('TaskStateEntered', { stateEnteredEventDetails: { name, input } });
    add('TaskScheduled');
    if (index < states.length - 1) add('TaskStateExited', { stateExitedEventDetails: { name } });
  }
  return events;
}

/** A line that is printed for people, as a shell and npm take it apart: the words that the command line gets. */
export function wordsIn(line: string): string[] {
  const [npm, verb, script, dashes, ...words] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  if (npm !== 'npm' || verb !== 'run' || script === undefined || dashes !== '--')
    throw new Error(`nobody can type: ${line}`);
  return script === 'breakwater' ? words : [script, ...words];
}
