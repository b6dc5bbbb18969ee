// Who may do what: the reviewed tables, the roles as they are made and packaged, and the calls in each function's bundle say
// the same.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePlan } from '../../check/plan.ts';
import { readArchives } from '../../cli/packaged/archives.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { vpcRights } from '../../infrastructure/runs/vpc.ts';
import { type Call, requestsOf, type Where } from '../../simulator/iam/calls.ts';
import { evaluate, type Statement } from '../../simulator/iam/evaluate.ts';
import { type Resources, readPolicies, readResourcePolicy } from '../../simulator/iam/policies.ts';
import { changing, the } from '../assets.ts';
import { asked, madeFor, pascal, plans, prefix, stackOf } from './made.ts';
import { type Needs, needsOf } from './needs.ts';
import { folderOf, type Resources as Packaged, roleOf, templateOf } from './packaged.ts';
import { account, resolver } from './resolve.ts';
import { joined, reviewed, rowsOf } from './reviewed.ts';
import { inWords, many, partitionsOf } from './statements.ts';
import { measuredMethods, storeMethods } from './store-needs.ts';

const root = join(import.meta.dirname, '../..');
/** The verbs of the kinds: what in a kind's folder is a handler. */
const inFolders = readdirSync(join(root, 'functions/kinds'), { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .flatMap(({ name: kind }) => namesIn(`functions/kinds/${kind}`, '.ts').map((verb) => ({ kind, verb })));
const loaded = await Promise.all(inFolders.map(({ kind, verb }) => import(`../../functions/kinds/${kind}/${verb}.ts`)));
const kindVerbs = inFolders.filter((_, index) => typeof loaded[index].handler === 'function');
/** Two are deployed where the plan has databases asked alone: test/infrastructure/rights/data-rights.test.ts. */
const ofData = ['keep-ledger', 'rehearse-restores'];
const handlers = namesIn('functions', '.ts').filter((name) => !ofData.includes(name));
const functions = [...handlers, ...kindVerbs.map(({ kind, verb }) => `${kind}-${verb}`)];
const machines = namesIn('statemachines', '.asl.yaml');
const { shipped: plan, other } = plans;
const { primary, standby } = plan.roles;
const [observer = ''] = plan.roles.observers;
const mains = [primary, standby];

/** Statements by which AWS itself acts with a function's role; no code of the function makes these calls. */
const onBehalf: Readonly<Record<string, RegExp>> = {
  Log: /^logs:(CreateLogStream|PutLogEvents)$/,
  ReadQueue: /^sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)$/,
  OnFailure: /^sqs:SendMessage$/,
  UseKey: /^kms:(Decrypt|GenerateDataKey)$/,
};
/** The functions that switch what consumes. */
const switching = ['consumers-fence', 'consumers-fence-late', 'consumers-take-over', 'consumers-unfence'];
/** Actions that change nothing. */
const reading = /:(Get|List|Describe|BatchGet|Lookup|Query|ConditionCheck)|^kms:|^logs:|^sqs:(Receive|GetQueue)/;

const templates = new Map<string, Packaged>();
let needs: ReadonlyMap<string, Needs>;

beforeAll(async () => {
  for (const region of [...mains, observer]) templates.set(region, (await templateOf(region)).Resources);
  needs = await needsOf(readArchives(await folderOf(primary)));
}, 300_000);

describe('the reviewed tables', () => {
  test('name every function and no other', () => {
    const named = ['State table', 'Functions'].flatMap((heading) =>
      rowsOf(heading).flatMap(([who = '']) => who.split(', ')),
    );
    expect([...new Set(named)].filter((name) => name !== 'every function').toSorted()).toEqual(functions.toSorted());
  });

  test('give each right a reason', () => {
    for (const heading of ['State table', 'Functions', 'State machines', 'Actions without resources']) {
      const reasons = rowsOf(heading).map((row) => row.at(-1) ?? '');
      expect(reasons, heading).not.toEqual([]);
      expect(reasons.filter((reason) => !/\w{3}/.test(reason))).toEqual([]);
    }
  });

  test.for(functions)('say what the role of %s allows, in each main region, whatever the plan', (name) => {
    for (const here of mains)
      for (const of of Object.values(plans))
        expect(joined(madeFor(name, here, of).map(inWords))).toEqual(reviewed(name, { plan: of, here, prefix }));
  });

  test('say what the canary of an observer may do', () => {
    const made = joined(madeFor('run-canary', observer, plan, 'observer').map(inWords));
    expect(made).toEqual(reviewed('run-canary', { plan, here: observer, prefix }));
  });

  test('list every action that has * for its resource, and each is used', () => {
    const listed = rowsOf('Actions without resources').map(([action]) => action);
    const used = allStatements().filter(({ Resource }) => many(Resource).includes('*'));
    expect([...new Set(used.flatMap(({ Action }) => many(Action)))].toSorted()).toEqual(listed.toSorted());
  });

  test('each changing action without a resource has a condition', () => {
    const unlimited = allStatements().filter(
      ({ Resource, Action, Condition }) =>
        many(Resource).includes('*') && many(Action).some((action) => !reading.test(action)) && Condition === undefined,
    );
    expect(unlimited).toEqual([]);
  });
});

describe('the packaged roles', () => {
  test.for(mains)('are those that are made, in %s', (region) => {
    const resources = templates.get(region) ?? {};
    const made = stackOf(region, plan);
    for (const name of [...functions, ...machines]) {
      const id = roleOf(name, resources);
      expect([name, resources[id]]).toEqual([name, made[id]]);
    }
  });

  test('of an observer too', () => {
    const resources = templates.get(observer) ?? {};
    expect(resources['RunCanaryRole']).toEqual(stackOf(observer, plan, 'observer')['RunCanaryRole']);
  });

  test.for(mains)('each says what each statement is for, once, in %s', (region) => {
    for (const name of functions) {
      const sids = madeFor(name, region, plan).map(({ Sid }) => Sid);
      expect(new Set(sids).size).toBe(sids.length);
    }
  });

  test.for(mains)('each function that has a queue for what failed may send to it, in %s', (region) => {
    const resources = templates.get(region) ?? {};
    const resolve = resolver(resources, region);
    const configs = Object.values(resources).filter(({ Type }) => Type === 'AWS::Lambda::EventInvokeConfig');
    expect(configs.length).toBeGreaterThan(5);
    for (const { Properties } of configs) {
      const { FunctionName, DestinationConfig } = Properties as {
        FunctionName: { Ref: string };
        DestinationConfig: { OnFailure: { Destination: Record<string, unknown> } };
      };
      const lambda = resources[FunctionName.Ref]?.Properties as {
        FunctionName: string;
        Role: { 'Fn::GetAtt': string[] };
      };
      const identity = readPolicies(resources, lambda.Role['Fn::GetAtt'][0] ?? '', resolve);
      const resource = resolve(DestinationConfig.OnFailure.Destination);
      expect([
        lambda.FunctionName,
        evaluate({ action: 'sqs:SendMessage', resource, context: {} }, { identity }),
      ]).toEqual([lambda.FunctionName, { allowed: true }]);
    }
  });
});

describe('the calls in the bundles', () => {
  test.for(functions)('%s may make the calls that its code makes, and no others', (name) => {
    const own = Object.values(plans)
      .flatMap((of) => madeFor(name, standby, of))
      .filter(({ Sid = '' }) => onBehalf[Sid] === undefined);
    const granted = own.flatMap((statement) =>
      many(statement.Action).flatMap((action) =>
        (partitionsOf(statement) ?? ['']).map((key) => `${action} ${key}`.trim()),
      ),
    );
    const { actions = [], table = [] } = needs.get(name) ?? {};
    const needed = [...actions, ...table.map(({ action, key }) => `${action} ${key}`)];
    expect([...new Set(granted)].toSorted()).toEqual([...new Set(needed)].toSorted());
  });

  test('every method of the store is measured', () => {
    expect(measuredMethods.toSorted()).toEqual(storeMethods.toSorted());
  });

  test('calls that the scan knows of are there: a scan that finds nothing proves nothing', () => {
    expect(needs.get('rds-instance-take-over')?.actions.toSorted()).toEqual([
      'kms:CreateGrant',
      'kms:DescribeKey',
      'rds:AddTagsToResource',
      'rds:DescribeDBInstances',
      'rds:PromoteReadReplica',
      'rds:RestoreDBInstanceFromDBSnapshot',
      'rds:RestoreDBInstanceToPointInTime',
    ]);
    expect(needs.get('assess')?.actions).toContain('kms:DescribeKey');
    expect(needs.get('eks-cluster-leave-zone')?.actions).toContain('arc-zonal-shift:StartZonalShift');
    expect(needs.get('probe-dependencies')?.actions).toContain('ec2:DescribeAvailabilityZones');
    expect(needs.get('move-role')?.table).toContainEqual({ action: 'dynamodb:PutItem', key: 'standing' });
  });

  test('what AWS does on behalf of a function is what its statement is for', () => {
    const theirs = allStatements().filter(({ Sid = '' }) => onBehalf[Sid] !== undefined);
    expect(new Set(theirs.map(({ Sid }) => Sid))).toEqual(new Set(Object.keys(onBehalf)));
    for (const { Sid = '', Action } of theirs)
      expect(many(Action).filter((action) => !onBehalf[Sid]?.test(action))).toEqual([]);
  });
});

describe('limits', () => {
  test('what is allowed is named: no action by a pattern, and nothing that would have to be denied again', () => {
    for (const { Action, Effect } of allStatements()) {
      expect(Effect).toBe('Allow');
      expect(many(Action).filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  test('the only patterns in resources stand for what AWS gives names to, exports of the stage, and repositories that a backup names', () => {
    const exported = new RegExp(
      `(:snapshot:${prefix}-cache-|:::chatops-exports-[a-z0-9-]+/${prefix}-cache-|:cluster:chatops-redis[a-z0-9-]*-)\\*$`,
    );
    // A resource backup names the repositories of its images, and the plan does not.
    const isRepository = (resource: string) => /:ecr:[^*?]+:repository\/\*$/.test(resource);
    const ofRepositories = allStatements().filter(({ Resource }) => many(Resource).some(isRepository));
    expect(new Set(ofRepositories.flatMap(({ Action }) => many(Action)))).toEqual(new Set(['ecr:DescribeImages']));
    const patterns = allStatements()
      .flatMap(({ Resource }) => many(Resource))
      .filter((resource) => !isRepository(resource))
      .filter((resource) => resource !== '*' && /[*?]/.test(resource))
      .map(
        (resource) =>
          /(:log-group:[^*?]+:\*|:execution:[^*?]+:\*|:::change\/\*|:rds:[^*?]+:(auto-backup|db|snapshot):[^*?]*\*|:kms:[^*?]+:key\/\*|:secret:[^*?]+-\?{6}|:fis:[^*?]+:experiment\/\*|:nodegroup\/[^*?]+\/\*|:elasticache:[^*?]+:cluster:\*|\/tools\/\*|\/builds\/\*|\/reports\/\*)$/.test(
            resource,
          ) || exported.test(resource),
      );
    expect(patterns).not.toContain(false);
    expect(patterns.length).toBeGreaterThan(functions.length);
  });

  test('a key of KMS is lent to RDS and ElastiCache alone, by who restores, keeps backups, or makes a replica or a cache', () => {
    const grants = ({ Action }: Statement) => many(Action).includes('kms:CreateGrant');
    expect(whoMay(grants)).toEqual([
      'elasticache-take-over',
      'keep-backups',
      'rds-instance-take-over',
      'rejoin-standby',
    ]);
    for (const { Condition } of allStatements().filter(grants))
      expect(JSON.stringify(Condition)).toMatch(/"kms:ViaService":\[?"(rds|elasticache)\.[a-z0-9-]+\.amazonaws\.com"/);
  });

  test.for([
    ['an alias', 'alias/own', ['alias/chatops-backups', 'alias/own']],
    ['its ARN', `arn:aws:kms:${standby}:${account}:key/own`, [`arn:aws:kms:${standby}:${account}:key/own`]],
    ['that of RDS itself, which needs no right', 'alias/aws/rds', ['alias/chatops-backups']],
  ] as const)(
    "a database's own key opens its own backups, named by %s: for who restores alone",
    ([, kmsKey, named]) => {
      const { regions } = the('rds-instance', plan);
      const [place, other] = [regions[standby], regions[plan.roles.primary]].map((one) => ({ ...one, kmsKey }));
      const own = changing('rds-instance', plan, {
        regions: { [standby]: place, [plan.roles.primary]: { ...other, kmsKey: 'alias/elsewhere' } },
      } as never);
      const keysOf = (name: string) =>
        JSON.stringify(madeFor(name, standby, own).filter(({ Action }) => many(Action).includes('kms:CreateGrant')));
      for (const key of named) expect(keysOf('rds-instance-take-over')).toContain(key);
      expect(keysOf('rds-instance-take-over')).not.toMatch(/elsewhere|aws\/rds/);
      expect(keysOf('keep-backups')).not.toMatch(/own|elsewhere/);
    },
  );

  test('every right to the table names its partitions', () => {
    const unkeyed = allStatements().filter(
      (statement) =>
        many(statement.Action).some((action) => /^dynamodb:(?!DescribeTable)/.test(action)) &&
        (partitionsOf(statement) ?? ['*']).includes('*'),
    );
    expect(unkeyed).toEqual([]);
  });

  test('fencing and promotion share no right to change anything at AWS', () => {
    const changes = (names: readonly string[]) =>
      names
        .flatMap((name) => madeFor(name, standby, plan))
        .flatMap(({ Action }) => many(Action).filter((one) => !reading.test(one) && !one.startsWith('dynamodb:')));
    const fencing = changes(['rds-instance-fence', 'rds-instance-unfence', 'rds-instance-fence-late']);
    const promotion = changes(['rds-instance-take-over', 'elasticache-take-over']);
    expect(fencing).toContain('rds:ModifyDBInstance');
    expect(promotion).toContain('rds:PromoteReadReplica');
    expect(fencing.filter((action) => promotion.includes(action))).toEqual([]);
  });

  test.for([
    ['promotes', 'rds:PromoteReadReplica', ['rds-instance-take-over']],
    ['fences', 'rds:ModifyDBInstance', ['rds-instance-fence', 'rds-instance-fence-late', 'rds-instance-unfence']],
    ['answers a flow', 'states:SendTaskSuccess', ['serve-approval', 'sweep']],
    ['starts flows', 'states:StartExecution', ['classify', 'hand-over-watch', 'inject-fault', 'sweep', 'watch-fence']],
    ['breaks anything by AWS FIS', 'fis:StartExperiment', ['inject-fault']],
    ['ends what AWS FIS breaks', 'fis:StopExperiment', ['conclude-drill', 'report-failure', 'sweep']],
    ['changes the record of the service', 'route53:ChangeResourceRecordSets', ['redirect-users']],
    ['makes caches', 'elasticache:CreateReplicationGroup', ['elasticache-take-over']],
    ['makes and deletes snapshots', 'elasticache:DeleteSnapshot', ['keep-cache-exports']],
    ['takes snapshots of databases', 'rds:CreateDBSnapshot', ['prepare-drill', 'rejoin-standby']],
    ['deletes snapshots of databases', 'rds:DeleteDBSnapshot', ['keep-backups', 'prepare-drill']],
  ] as const)('nobody else %s', ([, action, allowed]) => {
    expect(whoMay(({ Action }) => many(Action).includes(action))).toEqual(allowed);
  });

  // The action alone says no more which: exports are objects too, and a cache that is made has a token.
  test.for([
    ['closes latches', 's3:PutObject', /\/latch\/(?!readable)/, ['redirect-users']],
    ['lays something beside the latches', 's3:PutObject', /\/latch\/readable/, ['check-readiness']],
    ['writes exports', 's3:PutObject', /chatops-exports/, ['keep-cache-exports']],
    [
      'reads the key of the links',
      'secretsmanager:GetSecretValue',
      /link-key/,
      ['inject-fault', 'request-approval', 'rotate-link-key', 'serve-approval', 'sweep'],
    ],
    ['reads the token of a cache', 'secretsmanager:GetSecretValue', /chatops\/cache/, ['elasticache-take-over']],
  ] as const)('nobody else %s, of all that may act so', ([, action, resource, allowed]) => {
    const holds = ({ Action, Resource }: Statement) =>
      many(Action).includes(action) && many(Resource).some((one) => resource.test(one));
    expect(whoMay(holds)).toEqual(allowed);
  });

  test.for([
    // A request of a drill has a token of nobody: Step Functions made none for it.
    ['a task token', 'token#', 'dynamodb:PutItem', ['inject-fault', 'request-approval']],
    ['a task token', 'token#', 'dynamodb:GetItem', ['serve-approval', 'sweep']],
    ['a task token', 'token#', 'dynamodb:Query', []],
    ['who is primary', 'standing', 'dynamodb:PutItem', ['move-role']],
    ['who is primary', 'standing', 'dynamodb:DeleteItem', []],
    ['an answer', 'answers#', 'dynamodb:PutItem', ['serve-approval']],
    ['a waiver', 'waivers#', 'dynamodb:PutItem', []],
  ] as const)('of %s (%s) nobody else has %s', ([, partition, action, allowed]) => {
    const holds = (statement: Statement) =>
      many(statement.Action).includes(action) &&
      (partitionsOf(statement) ?? []).some((key) => key === partition || key === `${partition}*`);
    expect(whoMay(holds)).toEqual(allowed);
  });

  test('only who tells people may read the addresses of their channels', () => {
    const readers = whoMay(({ Resource }) => many(Resource).some((resource) => resource.includes('/webhooks/')));
    const tellers = whoMay(({ Action }) => many(Action).includes('sns:Publish'));
    expect(readers).toEqual(tellers);
  });

  test("no function may do anything with Lambda but ask those of the plan's user and switch what consumes, and who does is listed", () => {
    const uses = ({ Action }: Statement) => many(Action).some((action) => action.startsWith('lambda:'));
    const used = allStatements().filter(uses);
    expect([...new Set(used.flatMap(({ Action }) => many(Action)))].toSorted()).toEqual([
      'lambda:GetEventSourceMapping',
      'lambda:InvokeFunction',
      'lambda:UpdateEventSourceMapping',
    ]);
    const switches = ({ Action }: Statement) => many(Action).includes('lambda:UpdateEventSourceMapping');
    expect(whoMay(switches)).toEqual(switching);
    const asks = ({ Action }: Statement) => many(Action).includes('lambda:InvokeFunction');
    expect(whoMay(asks)).toEqual(['check-readiness', 'custom-leave-zone', 'custom-take-over', 'custom-verify']);
    const allowed = allStatements().filter(asks);
    const names = assetsOf('custom', plan).flatMap((asset) => Object.values(asset.functions));
    const asked = allowed.flatMap(({ Resource }) => many(Resource)).map((arn) => arn.split(':').at(-1));
    expect([...new Set(asked)].toSorted()).toEqual(names.toSorted());
  });

  test('no function may do anything with IAM but pass the roles of schedules to Scheduler, or see that they are there, and who does is listed', () => {
    const uses = ({ Action }: Statement) => many(Action).some((action) => action.startsWith('iam:'));
    const sees = ({ Action }: Statement) => many(Action).includes('iam:GetRole');
    expect(whoMay(sees)).toEqual(['check-readiness']);
    expect(whoMay(uses)).toEqual(['check-readiness', ...switching].toSorted());
    const roles = assetsOf('consumers', plan).flatMap(({ regions }) =>
      Object.values(regions).flatMap(({ schedules }) => schedules.map(({ role }) => role)),
    );
    for (const { Action, Resource } of allStatements().filter(sees)) {
      expect(Action).toEqual(['iam:GetRole']);
      for (const arn of many(Resource)) expect(roles).toContain(arn.split(':role/').at(-1));
    }
    for (const { Action, Resource, Condition } of allStatements().filter((one) => uses(one) && !sees(one))) {
      expect(Action).toEqual(['iam:PassRole']);
      expect(many(Resource).map((arn) => arn.split(':role/').at(-1))).toEqual([...new Set(roles)]);
      expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': ['scheduler.amazonaws.com'] } });
    }
  });

  test.for([
    'sts:',
    'cloudformation:',
    'kms:CreateKey',
    'kms:CreateAlias',
    'kms:CreateCustomKeyStore',
    'organizations:',
  ])('no function may %s anything', (service) => {
    expect(whoMay(({ Action }) => many(Action).some((action) => action.startsWith(service)))).toEqual([]);
  });
});

describe('what a role allows, asked as IAM would', () => {
  const db = (DBInstanceIdentifier: string) => ({ DBInstanceIdentifier });
  const topic = (name: string, region = standby) => ({ TopicArn: `arn:aws:sns:${region}:${account}:${name}` });
  const flow = (name: string, region = standby) => `arn:aws:states:${region}:${account}:stateMachine:${name}`;
  const execution = (name: string) => ({
    executionArn: `arn:aws:states:${standby}:${account}:execution:${name}:by-hand`,
  });
  const item = (TableName: string, pk: string) => ({ TableName, Key: { pk, sk: 'x' } });
  const latch = (Bucket: string, region: string) => ({ Bucket, Key: `latch/${region}` });
  const cluster = (name: string) => `arn:aws:eks:${standby}:${account}:cluster/${name}`;
  const secret = { SecretId: `arn:aws:secretsmanager:${standby}:${account}:secret:${prefix}-link-key-AbCdEf` };
  const record = (Action: string, Name = plan.redirection.record, Type = 'CNAME') => ({
    HostedZoneId: plan.redirection.hostedZone,
    ChangeBatch: { Changes: [{ Action, ResourceRecordSet: { Name, Type } }] },
  });
  const event = (Source: string, EventBusName = `${prefix}-events`) => ({
    Entries: [{ EventBusName, Source, DetailType: 'x' }],
  });
  const queue = (name: string) => ({ QueueUrl: `https://sqs.${standby}.amazonaws.com/${account}/${name}` });

  /** Whether a function of the standby's stack may make a call there, or where it is said. */
  function may(name: string, service: string, operation: string, input: Call['input'], region = standby): boolean {
    const of = operation === 'ChangeResourceRecordSets' || service === 'codebuild' ? other : plan;
    const identity = madeFor(name, standby, of);
    const where: Where = {
      principal: `arn:aws:iam::${account}:role/${name}`,
      functionArn: `arn:aws:lambda:${standby}:${account}:function:${prefix}-${name}`,
      keyOf: () => ({ arn: `arn:aws:kms:${standby}:${account}:key/key-id`, aliases: [`alias/${prefix}`] }),
      shiftedBy: (id) => cluster(id),
      waitingFor: (token) => flow(token),
    };
    return requestsOf({ service, operation, region, input }, where).every(
      (request) => evaluate(request, { identity }).allowed,
    );
  }

  test.for([
    ['rds-instance-fence', 'rds', 'ModifyDBInstance', db('chatops-prod'), primary],
    ['rds-instance-take-over', 'rds', 'PromoteReadReplica', db('chatops-dr-replica')],
    ['notify', 'sns', 'Publish', topic(`${prefix}-dba`)],
    ['classify', 'sfn', 'StartExecution', { stateMachineArn: flow(`${prefix}-az-failover`) }],
    ['report-failure', 'sfn', 'GetExecutionHistory', execution(`${prefix}-az-failover`)],
    ['sweep', 'sfn', 'SendTaskSuccess', { taskToken: `${prefix}-region-failover` }],
    ['redirect-users', 's3', 'PutObject', latch('chatops-latch-us-west-2', primary)],
    ['redirect-users', 's3', 'HeadObject', latch('chatops-latch-us-east-2', primary)],
    ['check-readiness', 's3', 'PutObject', latch('chatops-latch-us-east-2', 'readable')],
    ['redirect-users', 'route-53', 'ChangeResourceRecordSets', record('UPSERT')],
    ['eks-cluster-leave-zone', 'arc-zonal-shift', 'StartZonalShift', { resourceIdentifier: cluster('chatops-dr') }],
    ['watch-zone', 'arc-zonal-shift', 'CancelZonalShift', { zonalShiftId: 'chatops-dr' }],
    ['ssm-parameters-take-over', 'ssm', 'PutParameter', { Name: '/chatops/cache/host' }],
    ['send-heartbeat', 'eventbridge', 'PutEvents', event('chatops.heartbeat'), primary],
    ['send-heartbeat', 'cloudwatch', 'PutMetricData', { Namespace: prefix }, primary],
    ['take-lock', 'dynamodb', 'GetItem', item(prefix, 'incidents')],
    ['serve-approval', 'secrets-manager', 'GetSecretValue', secret],
    ['rotate-link-key', 'secrets-manager', 'PutSecretValue', secret],
    ['rotate-link-key', 'sqs', 'SendMessage', queue(`${prefix}-dead-letters`)],
    ['classify', 'sqs', 'ReceiveMessage', queue(`${prefix}-signals`)],
    ['remediate', 'codebuild', 'StartBuild', { projectName: 'chatops-rollback' }],
    ['probe-dependencies', 'eks', 'DescribeCluster', { name: 'chatops-prod' }, primary],
    ['probe-dependencies', 'eventbridge', 'PutEvents', event('chatops.probe')],
  ] as const)('%s may %s %s %j', ([name, service, operation, input, region]) => {
    expect(may(name, service, operation, input, region)).toBe(true);
  });

  test.for([
    ['fence its own region late', 'rds-instance-fence-late', 'rds', 'ModifyDBInstance', db('chatops-dr-replica')],
    ['fence another application', 'rds-instance-fence', 'rds', 'ModifyDBInstance', db('chatops-prod-2'), primary],
    ['promote in the other region', 'rds-instance-take-over', 'rds', 'PromoteReadReplica', db('chatops-prod'), primary],
    ['look at another database', 'verify-region', 'rds', 'DescribeDBInstances', db('shop-prod')],
    ['read another stage’s table', 'take-lock', 'dynamodb', 'GetItem', item('breakwater-prod', 'incidents')],
    ['read another kind of item', 'take-lock', 'dynamodb', 'GetItem', item(prefix, 'token#1')],
    ['tell another stage’s people', 'notify', 'sns', 'Publish', topic('breakwater-prod-dba')],
    ['pretend to be a cache', 'notify', 'sns', 'Publish', topic(`${prefix}-cache-events`)],
    ['tell people of the other region’s stack', 'notify', 'sns', 'Publish', topic(`${prefix}-dba`, primary)],
    [
      'start another stage’s flow',
      'classify',
      'sfn',
      'StartExecution',
      { stateMachineArn: flow('breakwater-prod-az-failover') },
    ],
    ['start whatever begins alike', 'classify', 'sfn', 'StartExecution', { stateMachineArn: flow(`${prefix}-other`) }],
    ['read histories of other machines', 'report-failure', 'sfn', 'GetExecutionHistory', execution(`${prefix}-other`)],
    ['answer another flow', 'sweep', 'sfn', 'SendTaskSuccess', { taskToken: `${prefix}-az-failover` }],
    ['close a latch by a look', 'check-readiness', 's3', 'PutObject', latch('chatops-latch-us-east-2', primary)],
    ['close a latch elsewhere', 'redirect-users', 's3', 'PutObject', latch('chatops-latch-eu-west-1', primary)],
    ['send users away from itself', 'redirect-users', 's3', 'PutObject', latch('chatops-latch-us-east-2', standby)],
    ['open a latch', 'redirect-users', 's3', 'DeleteObject', latch('chatops-latch-us-east-2', primary)],
    ['delete the record', 'redirect-users', 'route-53', 'ChangeResourceRecordSets', record('DELETE')],
    [
      'change another record',
      'redirect-users',
      'route-53',
      'ChangeResourceRecordSets',
      record('UPSERT', 'example.com'),
    ],
    ['change its type', 'redirect-users', 'route-53', 'ChangeResourceRecordSets', record('UPSERT', undefined, 'NS')],
    [
      'shift another cluster',
      'eks-cluster-leave-zone',
      'arc-zonal-shift',
      'StartZonalShift',
      { resourceIdentifier: cluster('shop') },
    ],
    ['end another cluster’s shift', 'watch-zone', 'arc-zonal-shift', 'CancelZonalShift', { zonalShiftId: 'shop' }],
    [
      'start shifts where it ends them',
      'watch-zone',
      'arc-zonal-shift',
      'StartZonalShift',
      { resourceIdentifier: cluster('chatops-prod') },
    ],
    ['write a channel’s address', 'ssm-parameters-take-over', 'ssm', 'PutParameter', { Name: '/chatops/webhooks/dr' }],
    [
      'write another parameter',
      'ssm-parameters-take-over',
      'ssm',
      'PutParameter',
      { Name: '/chatops/database/password' },
    ],
    ['say it where anybody may', 'send-heartbeat', 'eventbridge', 'PutEvents', event('chatops.heartbeat', 'default')],
    ['say what a canary says', 'send-heartbeat', 'eventbridge', 'PutEvents', event('chatops.canary')],
    ['say what a probe says', 'run-canary', 'eventbridge', 'PutEvents', event('chatops.probe')],
    [
      'say with a probe that users are served',
      'probe-dependencies',
      'eventbridge',
      'PutEvents',
      event('chatops.canary'),
    ],
    ['tell the peer of a probe', 'probe-dependencies', 'eventbridge', 'PutEvents', event('chatops.probe'), primary],
    ['measure for others', 'send-heartbeat', 'cloudwatch', 'PutMetricData', { Namespace: 'AWS/RDS' }],
    ['build another project', 'remediate', 'codebuild', 'StartBuild', { projectName: 'chatops-rollback-2' }],
    ['rotate the key', 'serve-approval', 'secrets-manager', 'PutSecretValue', secret],
    ['send to the other queue', 'rotate-link-key', 'sqs', 'SendMessage', queue(`${prefix}-signals-dead-letters`)],
  ] as const)('nobody may %s', ([, name, service, operation, input, region]) => {
    expect(may(name, service, operation, input, region)).toBe(false);
  });

  test.for([
    ['directly', {}],
    ['through another service', { 'kms:ViaService': `s3.${standby}.amazonaws.com` }],
  ] as const)('the key is not used %s', ([, context]) => {
    const request = { action: 'kms:Decrypt', resource: `arn:aws:kms:${standby}:${account}:key/key-id`, context };
    expect(functions.filter((name) => evaluate(request, { identity: madeFor(name, standby, plan) }).allowed)).toEqual(
      [],
    );
  });

  test('a plan that redirects by latches gives no right to the record, and one that changes it none to latches', () => {
    const actions = (of: Plan) => madeFor('redirect-users', standby, of).flatMap(({ Action }) => many(Action));
    expect(actions(plan).filter((action) => action.startsWith('route53:'))).toEqual([]);
    expect(actions(other).filter((action) => action.startsWith('s3:'))).toEqual([]);
  });
});

describe('who may use a role', () => {
  const assume = (resources: Resources, id: string, service: string, source?: string) =>
    evaluate(
      { action: 'sts:AssumeRole', resource: id, context: source === undefined ? {} : { 'aws:SourceArn': source } },
      {
        identity: [],
        resource: { statements: readResourcePolicy(resources, id, resolver(resources, standby)), caller: { service } },
      },
    ).allowed;
  const lambda = (name: string) => `arn:aws:lambda:${standby}:${account}:function:${prefix}-${name}`;
  /** A network, as a plan may have one. */
  const connected = parsePlan({
    ...plan,
    vpc: { [standby]: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-a'] } },
  });

  test.for(functions)(
    'the role of %s is used by Lambda, and where Lambda says for which function, for this one',
    (name) => {
      const resources = stackOf(standby, plan);
      const id = `${pascal(name)}Role`;
      expect(assume(resources, id, 'lambda.amazonaws.com', lambda(name))).toBe(true);
      expect(assume(resources, id, 'states.amazonaws.com', lambda(name))).toBe(false);
      // Lambda reads the queue with the role of classify, and does not say for which function.
      const anybody = name === 'classify';
      expect(assume(resources, id, 'lambda.amazonaws.com', lambda('another'))).toBe(anybody);
      expect(assume(resources, id, 'lambda.amazonaws.com')).toBe(anybody);
    },
  );

  test.for(['eks-cluster-take-over', 'verify-region'])(
    'in a network %s can be created: its trust has no condition',
    (name) => {
      expect(assume(stackOf(standby, connected), `${pascal(name)}Role`, 'lambda.amazonaws.com')).toBe(true);
      expect(assume(stackOf(primary, connected), `${pascal(name)}Role`, 'lambda.amazonaws.com')).toBe(false);
    },
  );

  test.for(machines)('the role of %s is used by Step Functions, for this machine', (name) => {
    const resources = stackOf(standby, plan);
    const machine = (flow: string) => `arn:aws:states:${standby}:${account}:stateMachine:${prefix}-${flow}`;
    expect(assume(resources, `${pascal(name)}MachineRole`, 'states.amazonaws.com', machine(name))).toBe(true);
    expect(assume(resources, `${pascal(name)}MachineRole`, 'states.amazonaws.com', machine('other'))).toBe(false);
  });
});

describe('in a network', () => {
  const of = parsePlan({
    ...plan,
    vpc: { [standby]: { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-a'] } },
  });
  const ec2 = (resource: string) => `arn:aws:ec2:${standby}:${account}:${resource}`;
  /** Whether the role of a function may: used by Lambda itself, or by the function's code. */
  const may = (name: string, action: string, resource: string, code = false) => {
    const context = code
      ? { 'lambda:SourceFunctionArn': `arn:aws:lambda:${standby}:${account}:function:${prefix}-${name}` }
      : undefined;
    const resources = { ...stackOf(standby, of), ...vpcRights(asked(standby, of)) };
    const identity = readPolicies(resources, `${pascal(name)}Role`, resolver(resources, standby));
    return evaluate({ action, resource, context: context ?? {} }, { identity }).allowed;
  };

  test.for(['eks-cluster-take-over', 'verify-region'])(
    'Lambda connects %s with its role, and its code may not',
    (name) => {
      const needed = [
        ['ec2:CreateNetworkInterface', ec2('network-interface/eni-1')],
        ['ec2:CreateNetworkInterface', ec2('subnet/subnet-b')],
        ['ec2:CreateNetworkInterface', ec2('security-group/sg-a')],
        ['ec2:AssignPrivateIpAddresses', ec2('network-interface/eni-1')],
        ['ec2:UnassignPrivateIpAddresses', ec2('network-interface/eni-1')],
        ['ec2:DeleteNetworkInterface', ec2('network-interface/eni-1')],
      ] as const;
      for (const [action, resource] of needed) {
        expect([action, resource, may(name, action, resource)]).toEqual([action, resource, true]);
        expect([action, resource, may(name, action, resource, true)]).toEqual([action, resource, false]);
      }
      expect(may(name, 'ec2:DescribeSubnets', '*')).toBe(true);
    },
  );

  test('no other subnet is joined, and no other function', () => {
    expect(may('verify-region', 'ec2:CreateNetworkInterface', ec2('subnet/subnet-c'))).toBe(false);
    expect(may('classify', 'ec2:CreateNetworkInterface', ec2('subnet/subnet-b'))).toBe(false);
  });
});

describe('state machines', () => {
  test.for(machines)('%s may invoke the functions that its file names and nothing else', (name) => {
    // The file names functions, and verbs of whose kinds the folders of functions/kinds are.
    const file = readFileSync(join(root, `statemachines/${name}.asl.yaml`), 'utf8');
    const [, listing = ''] = /Breakwater::Functions: \[([a-z, -]+)\]/.exec(file) ?? [];
    const looked = listing.split(', ').flatMap((verb) => kindVerbs.filter((one) => one.verb === verb));
    const named = new Set([
      ...[...file.matchAll(/(?:Fn::GetAtt: \[|Breakwater::Call: )([a-z-]+)/g)].map(([, verb = '']) => verb),
      ...looked.map(({ kind, verb }) => `${kind}-${verb}`),
    ]);
    const resources = templates.get(standby) ?? {};
    const statements = readPolicies(resources, roleOf(name, resources), resolver(resources, standby));
    const invoking = statements.filter(({ Action }) => many(Action).includes('lambda:InvokeFunction'));
    expect(invoking.map(({ Action }) => Action)).toEqual([['lambda:InvokeFunction']]);
    expect(invoking.flatMap(({ Resource }) => many(Resource)).toSorted()).toEqual(
      [...named].map((verb) => `arn:aws:lambda:${standby}:${account}:function:${prefix}-${verb}`).toSorted(),
    );
    const delivering = statements.filter((statement) => !invoking.includes(statement));
    expect(delivering.map(({ Sid, Resource }) => [Sid, Resource])).toEqual([['DeliverLogs', '*']]);
    const listed = rowsOf('State machines').flatMap(([actions = '']) => actions.split(', '));
    expect(delivering.flatMap(({ Action }) => many(Action)).toSorted()).toEqual(listed.toSorted());
  });
});

function namesIn(folder: string, ending: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => file.endsWith(ending));
  return files.map((file) => basename(file, ending));
}

/** Every statement that a function may have, in the standby's stack, with whichever plan. */
function allStatements(): Statement[] {
  return Object.values(plans).flatMap((of) => functions.flatMap((name) => madeFor(name, standby, of)));
}

function whoMay(may: (statement: Statement) => boolean): string[] {
  return functions.filter((name) => Object.values(plans).some((of) => madeFor(name, standby, of).some(may))).toSorted();
}
