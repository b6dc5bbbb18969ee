// What people need: each verb of the command line is run with the rights that docs/permissions.md gives to who uses it, and
// refused as IAM would refuse it; each line that the documents tell people to type is looked up in the same policies.
import { readFileSync } from 'node:fs';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CodeBuildClient } from '@aws-sdk/client-codebuild';
import { RDSClient } from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deploymentOf } from '../../cli/deployed/deployment.ts';
import { serveRecord } from '../../cli/open.ts';
import { type Call, requestsOf, type Where } from '../../simulator/iam/calls.ts';
import { evaluate, type Request } from '../../simulator/iam/evaluate.ts';
import { closedGroup } from '../assets.ts';
import { account, arnOf, deployed, historyOf, onAws, onStage, primary, standby } from '../cli/deployed/aws.ts';
import { run } from '../cli/invented.ts';
import { plan, planFile } from '../plan.ts';
import { answer, incidentOf, request as sample } from '../store/samples.ts';
import { type Person, policiesOf } from './people.ts';
import { many } from './statements.ts';

const aws = onAws();
const clients = {
  cloudformation: CloudFormationClient,
  codebuild: CodeBuildClient,
  dynamodb: DynamoDBDocumentClient,
  rds: RDSClient,
  sfn: SFNClient,
};
let stage: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];
/** What was asked of IAM, what of it was refused, and who asked. */
let asked: Request[];
let refused: Request[];
let person: Person;

const execution = 'incident-1-request-approval-2';
let arn: string;

/** The name of the caller as IAM has it. */
const where: Where = {
  principal: `arn:aws:iam::${account}:role/sre`,
  functionArn: null,
  keyOf: () => null,
  shiftedBy: () => `arn:aws:eks:${primary}:${account}:cluster/chatops-prod`,
  waitingFor: () => '',
};

/** @throws as AWS refuses, where the person may not make a call. */
function authorize(call: Call): void {
  for (const request of requestsOf(call, where)) {
    asked.push(request);
    if (evaluate(request, { identity: policiesOf(stage)[person] }).allowed) continue;
    refused.push(request);
    const message = `not authorized to perform: ${request.action} on resource: ${request.resource}`;
    throw Object.assign(new Error(message), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 400 },
    });
  }
}

type Client = { readonly config: { readonly region: () => Promise<string> } };
type Command = { readonly constructor: { readonly name: string }; readonly input: Readonly<Record<string, unknown>> };
type Send = (this: Client, command: Command, ...rest: unknown[]) => Promise<unknown>;

beforeEach(async () => {
  vi.restoreAllMocks();
  aws.reset();
  let prefix = '';
  ({ stage, prefix, store } = await deployed());
  arn = arnOf(prefix, 'region-failover', execution, standby);
  aws.executions.set(arn, { status: 'FAILED', events: historyOf('TakeLock', 'TakeOver/cache') });
  await store.writeIncident(incidentOf({}));
  await store.openRequest(
    { ...sample, execution, askedAt: Date.now(), expiresAt: Date.now() + 3_600_000 },
    'the-task-token',
  );
  await store.keepAnswer(answer);
  [asked, refused] = [[], []];
  aws.asked.length = 0;
  for (const [service, client] of Object.entries(clients)) {
    const prototype = client.prototype as unknown as { send: Send };
    const { send } = prototype;
    vi.spyOn(prototype, 'send').mockImplementation(async function (this: Client, command, ...rest) {
      const operation = command.constructor.name.replace(/Command$/, '');
      authorize({ service, operation, region: await this.config.region(), input: command.input });
      if (service === 'rds') return databaseSays(operation, command.input);
      return send.call(this, command, ...rest);
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The old region's database as a fence left it, and what still replicates from it. */
function databaseSays(operation: string, { DBInstanceIdentifier: instance }: Command['input']) {
  if (instance !== 'chatops-prod')
    return { DBInstances: [{ ReadReplicaSourceDBInstanceIdentifier: 'chatops-prod', DBInstanceStatus: 'available' }] };
  const closed = closedGroup(primary, plan);
  const groups = [{ VpcSecurityGroupId: closed, Status: 'active' }];
  return operation === 'DescribeDBInstances'
    ? { DBInstances: [{ VpcSecurityGroups: groups, DBInstanceStatus: 'available' }] }
    : {};
}

/** A flow that has fenced the database and holds its region. */
async function fenced(): Promise<void> {
  const at = Date.now();
  await store.takeLock({ target: primary, execution, incident: 'incident-1', action: 'request-approval', at });
  const call = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', region: primary };
  await store.audit({ incident: 'incident-1', at, actor: 'classify', execution, drill: false, ...call });
}

/** A region that was given up an hour ago. */
async function givenUp(): Promise<void> {
  const at = Date.now() - 3_600_000;
  await store.moveRole(standby, 1, execution, at);
  const outcome = { from: primary, to: standby, mode: 'failover' };
  await store.recordStep({ incident: incidentOf({}).id, execution, step: 'record-failover', at, outcome });
}

/** A database that was restored, and has been renamed since. */
const restored = {
  ...{ asset: 'database', region: standby, instance: 'chatops-prod-restored', instead: 'chatops-dr-replica' },
  ...{ execution, at: 1 },
};

const words = (verb: string): string[] => {
  switch (verb) {
    case 'approve':
      return [sample.id, '--region', primary];
    case 'reject':
      return [sample.id, '--region', primary, '--reason', 'no'];
    case 'freeze':
    case 'failover':
    case 'switchover':
    case 'dry-run':
    case 'failback':
      return ['--reason', 'moving house'];
    case 'skip':
      return [execution, 'TakeOver', 'cache', '--reason', 'it may start empty'];
    case 'resume':
    case 'abort':
      return [execution];
    case 'drill':
      return ['stop', '--aws', '--reason', 'users complain'];
    case 'report':
      return ['incident-1'];
    case 'build':
      return ['chatops-rollback'];
    case 'retire':
      return ['database', standby, 'chatops-dr-replica', '--reason', 'it was renamed'];
    default:
      return [];
  }
};

/** Who uses each verb, and a request that it makes. */
const verbs = {
  status: ['looks', 'states:ListExecutions'],
  history: ['looks', 'dynamodb:Query'],
  report: ['looks', 'dynamodb:Query'],
  approve: ['answers', 'cloudformation:DescribeStacks'],
  reject: ['answers', 'cloudformation:DescribeStacks'],
  freeze: ['operates', 'dynamodb:PutItem'],
  unfreeze: ['operates', 'dynamodb:DeleteItem'],
  skip: ['operates', 'dynamodb:PutItem'],
  retire: ['operates', 'dynamodb:PutItem'],
  failback: ['operates', 'dynamodb:PutItem'],
  drill: ['operates', 'dynamodb:PutItem'],
  failover: ['operates', 'states:StartExecution'],
  switchover: ['operates', 'states:StartExecution'],
  'dry-run': ['operates', 'states:StartExecution'],
  resume: ['operates', 'states:RedriveExecution'],
  abort: ['operates', 'rds:ModifyDBInstance'],
  build: ['operates', 'codebuild:StartBuild'],
} as const satisfies Record<string, readonly [Person, string]>;
const used = new Map<Person, Request[]>();

describe('a verb on AWS', () => {
  test('is one of these', async () => {
    const [, ...groups] = (await run(['--help'])).out.split(/^(?=\S.*:$)/m);
    const listed = groups.filter((group) => !group.startsWith('Options:')).join('');
    const names = [...listed.matchAll(/^ {2}([a-z-]+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'help');
    const helps = await Promise.all(names.map(async (name) => [name, (await run([name, '--help'])).out] as const));
    const ofDeployments = helps.filter(([, help]) => help.includes('--stage <name>')).map(([name]) => name);
    // Two ask nobody, open goes on until it is ended, and deploy is for who deploys, with the rights of who looks.
    expect(ofDeployments.toSorted()).toEqual([...Object.keys(verbs), 'check', 'deploy', 'open', 'package'].toSorted());
  });

  test.for(Object.entries(verbs))('%s works with the rights that are documented', async ([verb, [who, action]]) => {
    person = who;
    if (verb === 'abort') await fenced();
    if (verb === 'retire') await store.keepHolder(restored);
    if (verb === 'failback') await givenUp();
    if (verb === 'build') aws.builds.set(`${primary} chatops-rollback:1`, 'FAILED');
    aws.starts = () => ({ status: 'SUCCEEDED', events: historyOf('TakeLock', 'NotifyDryRun') });
    const { status, err } = await run([verb, ...words(verb), ...onStage(stage)], undefined, { ask: async () => 'yes' });
    expect({ status, refused }, err).toEqual({ status: 0, refused: [] });
    expect(asked.map((request) => request.action)).toContain(action);
    const sent = aws.asked.find(({ service }) => service === 'execute-api');
    if (sent !== undefined) authorize(answerCall(sent.region));
    used.set(who, [...(used.get(who) ?? []), ...asked]);
  });

  test.for([
    ['looks', []],
    ['operates', ['allow']],
  ] as const)('drills of a deployment: who %s may ask for %j', async ([who, asks]) => {
    person = who;
    const { status, err } = await run(['drill', ...asks, '--aws', ...onStage(stage)]);
    expect({ status, refused }, err).toEqual({ status: 0, refused: [] });
    used.set(who, [...(used.get(who) ?? []), ...asked]);
  });

  test('open shows its pages with the rights of who looks', async () => {
    person = 'looks';
    const terminal = { out: () => {}, err: () => {}, rich: false, columns: 100, debug: false };
    const options = { stage, plan: planFile, port: 0 };
    const served = await serveRecord(deploymentOf(options, terminal), options);
    const pages = ['', 'incidents/incident-1', 'incidents/incident-1.json'];
    const answers = await Promise.all(pages.map((page) => fetch(`${served.url}${page}`).then(({ status }) => status)));
    await served.close();
    expect({ answers, refused }).toEqual({ answers: [200, 200, 200], refused: [] });
    used.set(person, [...(used.get(person) ?? []), ...asked]);
  });

  test.for([
    ['freeze', 'looks'],
    ['freeze', 'answers'],
    ['skip', 'looks'],
    ['resume', 'looks'],
    ['abort', 'answers'],
    ['approve', 'looks'],
    ['unfreeze', 'looks'],
    ['retire', 'looks'],
    ['build', 'looks'],
    ['drill', 'looks'],
  ] as const)('%s is refused to who %s', async ([verb, who]) => {
    person = 'operates';
    if (verb === 'retire') await store.keepHolder(restored);
    person = who;
    expect((await run([verb, ...words(verb), ...onStage(stage)])).status).toBe(1);
  });
});

/** What the page's API is asked for an answer; HTTP APIs have one stage. */
function answerCall(region: string): Call {
  const input = { apiId: `api-${region}`, stage: '$default', method: 'POST', path: `/requests/${sample.id}` };
  return { service: 'execute-api', operation: 'Invoke', region, input };
}

describe('a line that the documents tell people to type', () => {
  const flow = { stateMachineArn: `arn:aws:states:${standby}:${account}:stateMachine:breakwater-prod-region-failover` };
  const ran = {
    executionArn: `arn:aws:states:${standby}:${account}:execution:breakwater-prod-region-failover:by-hand`,
  };
  const db = { DBInstanceIdentifier: 'chatops-prod' };
  const latch = { Bucket: 'chatops-latch-us-west-2', Key: 'latch/us-east-1' };
  const group = { ReplicationGroupId: 'chatops-redis' };
  const calls: Readonly<Record<string, readonly [Person, string, string, Call['input'], string]>> = {
    'sns confirm-subscription': [
      'is told',
      'sns',
      'ConfirmSubscription',
      { TopicArn: `arn:aws:sns:${primary}:${account}:breakwater-prod-dba` },
      primary,
    ],
    'stepfunctions start-execution': ['operates', 'sfn', 'StartExecution', flow, standby],
    'stepfunctions redrive-execution': ['operates', 'sfn', 'RedriveExecution', ran, standby],
    'rds reboot-db-instance': ['acts by hand', 'rds', 'RebootDBInstance', db, primary],
    'rds modify-db-instance': ['acts by hand', 'rds', 'ModifyDBInstance', db, primary],
    'rds promote-read-replica': [
      'acts by hand',
      'rds',
      'PromoteReadReplica',
      { DBInstanceIdentifier: 'chatops-dr-replica' },
      standby,
    ],
    'elasticache modify-replication-group': ['acts by hand', 'elasticache', 'ModifyReplicationGroup', group, primary],
    'elasticache failover-global-replication-group': [
      'acts by hand',
      'elasticache',
      'FailoverGlobalReplicationGroup',
      { GlobalReplicationGroupId: 'ldgnf-chatops' },
      standby,
    ],
    'arc-zonal-shift start-zonal-shift': [
      'acts by hand',
      'arc-zonal-shift',
      'StartZonalShift',
      { resourceIdentifier: where.shiftedBy('') },
      primary,
    ],
    'arc-zonal-shift get-managed-resource': [
      'acts by hand',
      'arc-zonal-shift',
      'GetManagedResource',
      { resourceIdentifier: where.shiftedBy('') },
      primary,
    ],
    'arc-zonal-shift update-zonal-shift': [
      'acts by hand',
      'arc-zonal-shift',
      'UpdateZonalShift',
      { zonalShiftId: 'shift' },
      primary,
    ],
    'arc-zonal-shift cancel-zonal-shift': [
      'acts by hand',
      'arc-zonal-shift',
      'CancelZonalShift',
      { zonalShiftId: 'shift' },
      primary,
    ],
    'elasticache create-replication-group': [
      'acts by hand',
      'elasticache',
      'CreateReplicationGroup',
      {
        ReplicationGroupId: 'chatops-redis-restored',
        CacheParameterGroupName: 'default.redis7',
        CacheSubnetGroupName: 'chatops-cache',
        SnapshotArns: ['arn:aws:s3:::chatops-exports-us-west-2/breakwater-prod-cache-20261123t1200-of1-0001.rdb'],
      },
      standby,
    ],
    'rds describe-db-instances': [
      'acts by hand',
      'rds',
      'DescribeDBInstances',
      { DBInstanceIdentifier: 'chatops-prod' },
      primary,
    ],
    'elasticache describe-replication-groups': [
      'acts by hand',
      'elasticache',
      'DescribeReplicationGroups',
      { ReplicationGroupId: 'chatops-redis' },
      primary,
    ],
    'dynamodb put-item': [
      'acts by hand',
      'dynamodb',
      'PutItem',
      { TableName: 'breakwater-prod', Item: { pk: { S: 'standing' }, sk: { S: 'freeze' } } },
      primary,
    ],
    'ssm put-parameter': ['acts by hand', 'ssm', 'PutParameter', { Name: '/chatops/cache/host' }, standby],
    's3api put-object': ['acts by hand', 's3', 'PutObject', latch, standby],
    's3 rm': ['acts by hand', 's3', 'DeleteObject', latch, standby],
  };
  const typed = [readFileSync('docs/deploy.md', 'utf8'), readFileSync('docs/runbook.md', 'utf8')].flatMap((text) =>
    [...text.matchAll(/(?<!-)\baws ([a-z0-9-]+) ([a-z-]+)/g)].map(
      ([, service = '', command = '']) => `${service} ${command}`,
    ),
  );

  test('is one of these, or of who deploys', () => {
    // Of who deploys or removes; and of a sender of events and of who makes databases, whose rights nobody here gives.
    const others = [
      'application-autoscaling register-scalable-target',
      'cloudformation list-stack-resources',
      'cloudformation update-termination-protection',
      'dynamodb delete-table',
      'dynamodb describe-table',
      'dynamodb update-table',
      'dynamodb wait',
      'eks describe-nodegroup',
      'eks list-access-entries',
      'eks update-nodegroup-config',
      'events put-events',
      'fis stop-experiment',
      'iam create-service-linked-role',
      'kms schedule-key-deletion',
      'rds create-db-instance-read-replica',
      'rds describe-db-instance-automated-backups',
      'rds describe-db-snapshots',
      'rds stop-db-instance-automated-backups-replication',
      'route53 change-resource-record-sets',
      'route53 delete-health-check',
      'route53 list-resource-record-sets',
      's3api get-public-access-block',
      's3control get-public-access-block',
      's3control put-public-access-block',
      's3api delete-bucket',
      's3api delete-objects',
      's3api list-object-versions',
      'secretsmanager replicate-secret-to-regions',
      'ssm delete-parameter',
    ];
    expect([...new Set(typed)].toSorted()).toEqual([...Object.keys(calls), ...others].toSorted());
  });

  test.for(Object.entries(calls))('%s is allowed', ([, [who, service, operation, input, region]]) => {
    const requests = requestsOf({ service, operation, region, input }, where);
    const identity = policiesOf('prod')[who];
    expect(requests.map((request) => evaluate(request, { identity }).allowed)).not.toContain(false);
    used.set(who, [...(used.get(who) ?? []), ...requests]);
  });

  test('on paper a freeze is an item of the table', () => {
    const input = { TableName: 'breakwater-prod', Item: { pk: 'standing', sk: 'freeze' } };
    const [request] = requestsOf({ service: 'dynamodb', operation: 'PutItem', region: primary, input }, where);
    if (request === undefined) throw new Error('nothing was asked');
    expect(evaluate(request, { identity: policiesOf('prod')['acts by hand'] }).allowed).toBe(true);
  });
});

test('nobody can read a task token, a link or the secret of the links, or write an answer', () => {
  const item = (operation: string, pk: string) => {
    const input = { TableName: 'breakwater-prod', Key: { pk, sk: 'x' }, Item: { pk, sk: 'x' } };
    return requestsOf({ service: 'dynamodb', operation, region: primary, input }, where);
  };
  const secret = `arn:aws:secretsmanager:${primary}:${account}:secret:breakwater-prod-link-key-AbCdEf`;
  const requests = [
    ...item('GetItem', 'token#1'),
    ...item('GetItem', 'link#1'),
    ...item('PutItem', 'answers#1'),
    ...item('PutItem', 'token#1'),
    ...requestsOf(
      { service: 'secrets-manager', operation: 'GetSecretValue', region: primary, input: { SecretId: secret } },
      where,
    ),
    ...requestsOf({ service: 'sfn', operation: 'SendTaskSuccess', region: primary, input: { taskToken: 'x' } }, where),
  ];
  for (const identity of Object.values(policiesOf('prod')))
    expect(requests.filter((request) => evaluate(request, { identity }).allowed)).toEqual([]);
});

test('no action is documented that no verb and no line needs, but for looking before and after acting by hand', () => {
  const looking = [
    'rds:DescribeDBInstances',
    'elasticache:DescribeGlobalReplicationGroups',
    'elasticache:DescribeReplicationGroups',
    'ssm:GetParameter',
    's3:GetObject',
    's3:ListBucket',
  ];
  const needed = [...used.values()].flat().map(({ action }) => action);
  const documented = Object.values(policiesOf('prod')).flatMap((policy) =>
    policy.flatMap(({ Action }) => many(Action)),
  );
  expect([...new Set(documented)].filter((action) => !needed.includes(action) && !looking.includes(action))).toEqual(
    [],
  );
});
