// What IAM is asked for each call that Breakwater makes: the one table of it. Sources: the service authorization reference
// for actions, resources and condition keys; for the keys of KMS "Key management" of SNS and of SQS, and "Secret encryption
// and decryption" of Secrets Manager.
import { kindServices } from '../estate/kind-services.ts';
import { backupCalls } from './backup-calls.ts';
import type { Context, Request } from './evaluate.ts';

/** An SDK command: the service as its client package is named (rds, route-53), the command without its suffix. */
export type Call = {
  readonly service: string;
  readonly operation: string;
  readonly region: string;
  readonly input: Input;
};

/** Who calls, and what stands in no input because only the services know it. */
export type Where = {
  /** ARN of the calling role or user. */
  readonly principal: string;
  /** ARN of the function whose code calls; null for a person, for a state machine, and for Lambda itself. */
  readonly functionArn: string | null;
  /**
   * The key that encrypts a topic, queue, secret or parameter, by its ARN, or a backup, by that or by its instance's resource id; null
   * where it needs no right of the caller.
   */
  readonly keyOf: (arn: string) => Key | null;
  /** ARN of the resource whose traffic a zonal shift moves. */
  readonly shiftedBy: (zonalShiftId: string) => string;
  /** The tags of a snapshot, by its ARN; none where left out. */
  readonly tagsOf?: (arn: string) => Readonly<Record<string, string>>;
  /** ARN of the state machine whose execution waits for a task token. */
  readonly waitingFor: (taskToken: string) => string;
};

type Key = { readonly arn: string; readonly aliases: readonly string[] };
export type Input = Readonly<Record<string, unknown>>;
/** The same of calls to one region. */
export type At = Where & { readonly region: string; readonly account: string };
type KeyAction = 'kms:Decrypt' | 'kms:GenerateDataKey';

/** One question of a call: an action on each of some resources. */
export type Row = {
  readonly action: string;
  /** ARNs; `*` where the action knows no resource. */
  readonly on: (input: Input, at: At) => readonly string[];
  /** Condition keys that the call carries, beside those of every call. */
  readonly carries?: (input: Input, at: At) => Context;
  /** What the service does with the key of an encrypted resource, in the name of the caller. */
  readonly key?: readonly KeyAction[];
};

const anything = () => ['*'];

/** What an input names, as an ARN of the caller's account in the region that is asked. */
function named(service: string, resource: (input: Input) => string): Row['on'] {
  return (input, { region, account }) => [`arn:aws:${service}:${region}:${account}:${resource(input)}`];
}

/** An ARN as it stands in the input. */
function given(field: string): Row['on'] {
  return (input) => [textIn(input, field)];
}

const database = named('rds', (input) => `db:${textIn(input, 'DBInstanceIdentifier')}`);
/** Where none is named, all are looked at. */
const databases = named('rds', (input) => `db:${input['DBInstanceIdentifier'] ?? '*'}`);
const cacheGroup = named('elasticache', (input) => `replicationgroup:${textIn(input, 'ReplicationGroupId')}`);
const snapshot = (field: string) => named('elasticache', (input) => `snapshot:${textIn(input, field)}`);
/** A snapshot is of a group, or of a node. */
const snapshotted: Row['on'] = (input, where) => [
  ...snapshot('SnapshotName')(input, where),
  ...('ReplicationGroupId' in input ? cacheGroup(input, where) : []),
  ...('CacheClusterId' in input
    ? named('elasticache', () => `cluster:${textIn(input, 'CacheClusterId')}`)(input, where)
    : []),
];
/** What a new group is made of, beside what it reads in S3. */
const newGroup: Row['on'] = (input, where) => [
  ...cacheGroup(input, where),
  ...named('elasticache', () => `parametergroup:${textIn(input, 'CacheParameterGroupName')}`)(input, where),
  ...named('elasticache', () => `subnetgroup:${textIn(input, 'CacheSubnetGroupName')}`)(input, where),
  ...listOf(input, 'UserGroupIds').flatMap((id) => named('elasticache', () => `usergroup:${id}`)(input, where)),
];
const exported: Row['on'] = (input) => [
  `arn:aws:s3:::${textIn(input, 'TargetBucket')}/${textIn(input, 'TargetSnapshotName')}-0001.rdb`,
];
const table = named('dynamodb', (input) => `table/${textIn(input, 'TableName')}`);
const parameter = named('ssm', (input) => `parameter/${textIn(input, 'Name').replace(/^\//, '')}`);
/** A function is given by its name, or by its ARN. */
const lambdaFunction: Row['on'] = (input, where) =>
  (textIn(input, 'FunctionName').startsWith('arn:') ? given('FunctionName') : functionHere)(input, where);
const functionHere = named('lambda', (input) => `function:${textIn(input, 'FunctionName')}`);
const logStream = named(
  'logs',
  (input) => `log-group:${textIn(input, 'logGroupName')}:log-stream:${textIn(input, 'logStreamName')}`,
);

const mapping = named('lambda', (input) => `event-source-mapping:${textIn(input, 'UUID')}`);
const schedule = named('scheduler', (input) => `schedule/${textIn(input, 'GroupName')}/${textIn(input, 'Name')}`);
/** A rule of the default bus has no bus in its ARN. */
const rule = named('events', (input) => {
  const bus = textIn(input, 'EventBusName');
  return bus === 'default' ? `rule/${textIn(input, 'Name')}` : `rule/${bus}/${textIn(input, 'Name')}`;
});

/** Who lists all nodes asks for each. */
const anyCacheNode = named('elasticache', () => 'cluster:*');
const ofCache = (what: string, field: string) => named('elasticache', (input) => `${what}:${textIn(input, field)}`);

/** A global datastore stands in no region. */
const datastore: Row['on'] = (input, { account }) => [
  `arn:aws:elasticache::${account}:globalreplicationgroup:${textIn(input, 'GlobalReplicationGroupId')}`,
];

const queue: Row['on'] = (input) => {
  const url = textIn(input, 'QueueUrl');
  const [, region, account, name] = /^https:\/\/sqs\.([^.]+)\.[^/]+\/(\d+)\/(.+)$/.exec(url) ?? [];
  if (name === undefined) throw new Error(`${url} is no address of a queue`);
  return [`arn:aws:sqs:${region}:${account}:${name}`];
};

const bucket: Row['on'] = (input) => [`arn:aws:s3:::${textIn(input, 'Bucket')}`];
const object: Row['on'] = (input) => [`arn:aws:s3:::${textIn(input, 'Bucket')}/${textIn(input, 'Key')}`];

/** The id of a build begins with the name of its project. */
const projectsOfBuilds: Row['on'] = (input, { region, account }) =>
  listIn(input, 'ids').map((id) => `arn:aws:codebuild:${region}:${account}:project/${String(id).split(':')[0]}`);

/** The partition of the state table that a call touches. */
function partition(keyIn: (input: Input) => unknown): Pick<Row, 'on' | 'carries'> {
  return { on: table, carries: (input) => ({ 'dynamodb:LeadingKeys': [plain(keyIn(input))] }) };
}

const partitionOfKey = partition((input) => (input['Key'] as Input)['pk']);
const partitionOfItem = partition((input) => (input['Item'] as Input)['pk']);
const partitionOfQuery = partition((input) => {
  const [, variable = ''] = /^#?pk = (:\w+)/.exec(textIn(input, 'KeyConditionExpression')) ?? [];
  return (input['ExpressionAttributeValues'] as Input)[variable];
});

/** A secret is given by its ARN, or by its name, to which Secrets Manager has added six characters. */
const secret: Pick<Row, 'on' | 'carries'> = {
  on: (input, at) =>
    textIn(input, 'SecretId').startsWith('arn:')
      ? given('SecretId')(input, at)
      : named('secretsmanager', () => `secret:${textIn(input, 'SecretId')}-AbCdEf`)(input, at),
  carries: (input) => ({ 'secretsmanager:SecretId': textIn(input, 'SecretId') }),
};

/**
 * What a zonal shift moves. A load balancer is a resource of the service; the ARN of a cluster is none
 * (terraform-aws-eks 3693), so that the condition key alone names it.
 */
function shifted(arnIn: (input: Input, at: At) => string): Pick<Row, 'on' | 'carries'> {
  return {
    on: (input, at) => [/^arn:[^:]+:elasticloadbalancing:/.test(arnIn(input, at)) ? arnIn(input, at) : '*'],
    carries: (input, at) => ({ 'arc-zonal-shift:ResourceIdentifier': arnIn(input, at) }),
  };
}

const shiftedResource = shifted((input) => textIn(input, 'resourceIdentifier'));
const shiftedByShift = shifted((input, { shiftedBy }) => shiftedBy(textIn(input, 'zonalShiftId')));

/** Whoever sends to an encrypted topic or queue needs both. */
const sending: readonly KeyAction[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** By service and operation. An empty list: anybody may. */
const calls: Readonly<Record<string, readonly Row[]>> = {
  'arc-zonal-shift CancelZonalShift': [{ action: 'arc-zonal-shift:CancelZonalShift', ...shiftedByShift }],
  'arc-zonal-shift GetManagedResource': [{ action: 'arc-zonal-shift:GetManagedResource', ...shiftedResource }],
  'arc-zonal-shift StartZonalShift': [{ action: 'arc-zonal-shift:StartZonalShift', ...shiftedResource }],
  'arc-zonal-shift UpdateZonalShift': [{ action: 'arc-zonal-shift:UpdateZonalShift', ...shiftedByShift }],
  'cloudformation DescribeStacks': [
    {
      action: 'cloudformation:DescribeStacks',
      on: named('cloudformation', (input) => `stack/${textIn(input, 'StackName')}/*`),
    },
  ],
  'cloudwatch DescribeAlarms': [{ action: 'cloudwatch:DescribeAlarms', on: anything }],
  'cloudwatch GetMetricData': [{ action: 'cloudwatch:GetMetricData', on: anything }],
  'cloudwatch PutMetricData': [
    {
      action: 'cloudwatch:PutMetricData',
      on: anything,
      carries: (input) => ({ 'cloudwatch:namespace': textIn(input, 'Namespace') }),
    },
  ],
  'cloudwatch-logs CreateLogStream': [{ action: 'logs:CreateLogStream', on: logStream }],
  'cloudwatch-logs PutLogEvents': [{ action: 'logs:PutLogEvents', on: logStream }],
  'codebuild BatchGetBuilds': [{ action: 'codebuild:BatchGetBuilds', on: projectsOfBuilds }],
  'codebuild ListBuildsForProject': [
    {
      action: 'codebuild:ListBuildsForProject',
      on: named('codebuild', (input) => `project/${textIn(input, 'projectName')}`),
    },
  ],
  'codebuild StartBuild': [
    { action: 'codebuild:StartBuild', on: named('codebuild', (input) => `project/${textIn(input, 'projectName')}`) },
  ],
  'dynamodb DeleteItem': [{ action: 'dynamodb:DeleteItem', ...partitionOfKey }],
  'dynamodb DescribeTable': [{ action: 'dynamodb:DescribeTable', on: table }],
  'dynamodb GetItem': [{ action: 'dynamodb:GetItem', ...partitionOfKey }],
  'dynamodb PutItem': [{ action: 'dynamodb:PutItem', ...partitionOfItem }],
  'dynamodb Query': [{ action: 'dynamodb:Query', ...partitionOfQuery }],
  'dynamodb UpdateItem': [{ action: 'dynamodb:UpdateItem', ...partitionOfKey }],
  'ec2 DescribeAvailabilityZones': [{ action: 'ec2:DescribeAvailabilityZones', on: anything }],
  'ecr DescribeImages': [
    {
      action: 'ecr:DescribeImages',
      on: (input, { region, account }) => [
        `arn:aws:ecr:${region}:${input['registryId'] ?? account}:repository/${textIn(input, 'repositoryName')}`,
      ],
    },
  ],
  'ec2 DescribeInstanceTypes': [{ action: 'ec2:DescribeInstanceTypes', on: anything }],
  'elastic-load-balancing-v2 DescribeLoadBalancers': [
    { action: 'elasticloadbalancing:DescribeLoadBalancers', on: anything },
  ],
  'fis GetExperiment': [
    { action: 'fis:GetExperiment', on: named('fis', (input) => `experiment/${textIn(input, 'id')}`) },
  ],
  // The experiment has no id before it is there.
  'fis StartExperiment': [
    {
      action: 'fis:StartExperiment',
      on: named('fis', (input) => `experiment-template/${textIn(input, 'experimentTemplateId')}`),
    },
    { action: 'fis:StartExperiment', on: named('fis', () => 'experiment/EXPnew') },
  ],
  'fis StopExperiment': [
    { action: 'fis:StopExperiment', on: named('fis', (input) => `experiment/${textIn(input, 'id')}`) },
  ],
  // Their dependent actions: ElastiCache asks S3 and KMS in the name of its caller.
  'elasticache CopySnapshot': [
    { action: 'elasticache:CopySnapshot', on: snapshot('SourceSnapshotName') },
    { action: 'elasticache:CopySnapshot', on: snapshot('TargetSnapshotName') },
    { action: 's3:PutObject', on: exported },
    { action: 's3:DeleteObject', on: exported },
    { action: 's3:GetBucketAcl', on: (input) => [`arn:aws:s3:::${textIn(input, 'TargetBucket')}`] },
    { action: 's3:ListAllMyBuckets', on: anything },
  ],
  'elasticache CreateReplicationGroup': [
    { action: 'elasticache:CreateReplicationGroup', on: newGroup },
    {
      action: 'elasticache:AddTagsToResource',
      on: (input, where) => (listOf(input, 'Tags').length === 0 ? [] : cacheGroup(input, where)),
    },
    { action: 's3:GetObject', on: (input) => listOf(input, 'SnapshotArns').map(String) },
    ...['kms:CreateGrant', 'kms:DescribeKey'].map((action) => ({
      action,
      on: (input: Input) => ('KmsKeyId' in input ? [textIn(input, 'KmsKeyId')] : []),
      carries: (_: Input, { region }: At) => ({ 'kms:ViaService': `elasticache.${region}.amazonaws.com` }),
    })),
  ],
  'elasticache CreateSnapshot': [{ action: 'elasticache:CreateSnapshot', on: snapshotted }],
  'elasticache DeleteSnapshot': [{ action: 'elasticache:DeleteSnapshot', on: snapshot('SnapshotName') }],
  'elasticache DescribeSnapshots': [{ action: 'elasticache:DescribeSnapshots', on: snapshot('SnapshotName') }],
  'elasticache DescribeGlobalReplicationGroups': [
    { action: 'elasticache:DescribeGlobalReplicationGroups', on: datastore },
  ],
  'elasticache DescribeCacheClusters': [{ action: 'elasticache:DescribeCacheClusters', on: anyCacheNode }],
  'elasticache DescribeCacheParameterGroups': [
    { action: 'elasticache:DescribeCacheParameterGroups', on: ofCache('parametergroup', 'CacheParameterGroupName') },
  ],
  'elasticache DescribeCacheSubnetGroups': [
    { action: 'elasticache:DescribeCacheSubnetGroups', on: ofCache('subnetgroup', 'CacheSubnetGroupName') },
  ],
  'elasticache DescribeReservedCacheNodesOfferings': [
    { action: 'elasticache:DescribeReservedCacheNodesOfferings', on: anything },
  ],
  'elasticache DescribeUserGroups': [
    { action: 'elasticache:DescribeUserGroups', on: ofCache('usergroup', 'UserGroupId') },
  ],
  'elasticache DescribeEvents': [{ action: 'elasticache:DescribeEvents', on: anything }],
  'elasticache DescribeReplicationGroups': [{ action: 'elasticache:DescribeReplicationGroups', on: cacheGroup }],
  'elasticache FailoverGlobalReplicationGroup': [
    { action: 'elasticache:FailoverGlobalReplicationGroup', on: datastore },
  ],
  'elasticache ModifyReplicationGroup': [{ action: 'elasticache:ModifyReplicationGroup', on: cacheGroup }],
  'eventbridge PutEvents': [
    {
      action: 'events:PutEvents',
      on: (input, { region, account }) =>
        [...new Set(listIn(input, 'Entries').map((entry) => (entry as Input)['EventBusName'] ?? 'default'))].map(
          (bus) => (/^arn:/.test(String(bus)) ? String(bus) : `arn:aws:events:${region}:${account}:event-bus/${bus}`),
        ),
      carries: (input) => ({
        'events:source': listIn(input, 'Entries').map((entry) => textIn(entry as Input, 'Source')),
        'events:detail-type': listIn(input, 'Entries').map((entry) => textIn(entry as Input, 'DetailType')),
      }),
    },
  ],
  ...Object.fromEntries(
    ['DescribeRule', 'DisableRule', 'EnableRule'].map((operation) => [
      `eventbridge ${operation}`,
      [{ action: `events:${operation}`, on: rule }],
    ]),
  ),
  'execute-api Invoke': [
    {
      action: 'execute-api:Invoke',
      on: named(
        'execute-api',
        (input) =>
          `${textIn(input, 'apiId')}/${textIn(input, 'stage')}/${textIn(input, 'method')}${textIn(input, 'path')}`,
      ),
    },
  ],
  ...backupCalls,
  'rds DescribeDBInstances': [{ action: 'rds:DescribeDBInstances', on: databases }],
  'autoscaling DescribeScalingActivities': [{ action: 'autoscaling:DescribeScalingActivities', on: anything }],
  'cloudtrail LookupEvents': [{ action: 'cloudtrail:LookupEvents', on: anything }],
  'rds DescribeEvents': [{ action: 'rds:DescribeEvents', on: anything }],
  'rds ModifyDBInstance': [{ action: 'rds:ModifyDBInstance', on: database }],
  'rds PromoteReadReplica': [{ action: 'rds:PromoteReadReplica', on: database }],
  'rds RebootDBInstance': [{ action: 'rds:RebootDBInstance', on: database }],
  'route-53 ChangeResourceRecordSets': [
    {
      action: 'route53:ChangeResourceRecordSets',
      on: (input) => [`arn:aws:route53:::hostedzone/${textIn(input, 'HostedZoneId').split('/').at(-1)}`],
      carries: (input) => {
        const changes = listIn(input['ChangeBatch'] as Input, 'Changes') as readonly Input[];
        const sets = changes.map((change) => change['ResourceRecordSet'] as Input);
        return {
          'route53:ChangeResourceRecordSetsActions': changes.map((change) => textIn(change, 'Action')),
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': sets.map((set) => normalized(textIn(set, 'Name'))),
          'route53:ChangeResourceRecordSetsRecordTypes': sets.map((set) => textIn(set, 'Type')),
        };
      },
    },
  ],
  'route-53 GetChange': [
    {
      action: 'route53:GetChange',
      on: (input) => [`arn:aws:route53:::change/${textIn(input, 'Id').split('/').at(-1)}`],
    },
  ],
  'route-53 GetHostedZone': [
    {
      action: 'route53:GetHostedZone',
      on: (input) => [`arn:aws:route53:::hostedzone/${textIn(input, 'Id').split('/').at(-1)}`],
    },
  ],
  'route-53 ListHealthChecks': [{ action: 'route53:ListHealthChecks', on: anything }],
  'route-53 ListResourceRecordSets': [
    {
      action: 'route53:ListResourceRecordSets',
      on: (input) => [`arn:aws:route53:::hostedzone/${textIn(input, 'HostedZoneId').split('/').at(-1)}`],
    },
  ],
  's3 DeleteObject': [{ action: 's3:DeleteObject', on: object }],
  's3 GetObject': [{ action: 's3:GetObject', on: object }],
  // Without the right to list, S3 answers that an object is forbidden where it is not there.
  's3 HeadObject': [
    { action: 's3:GetObject', on: object },
    { action: 's3:ListBucket', on: bucket },
  ],
  's3 ListObjectsV2': [{ action: 's3:ListBucket', on: bucket }],
  's3 PutObject': [{ action: 's3:PutObject', on: object }],
  'secrets-manager DescribeSecret': [{ action: 'secretsmanager:DescribeSecret', ...secret }],
  'secrets-manager GetSecretValue': [{ action: 'secretsmanager:GetSecretValue', ...secret, key: ['kms:Decrypt'] }],
  'secrets-manager PutSecretValue': [{ action: 'secretsmanager:PutSecretValue', ...secret, key: sending }],
  'secrets-manager UpdateSecretVersionStage': [{ action: 'secretsmanager:UpdateSecretVersionStage', ...secret }],
  'iam GetRole': [
    {
      action: 'iam:GetRole',
      on: (input, { account }) => [`arn:aws:iam::${account}:role/${textIn(input, 'RoleName')}`],
    },
  ],
  'lambda GetEventSourceMapping': [{ action: 'lambda:GetEventSourceMapping', on: mapping }],
  'lambda Invoke': [{ action: 'lambda:InvokeFunction', on: lambdaFunction }],
  'lambda UpdateEventSourceMapping': [{ action: 'lambda:UpdateEventSourceMapping', on: mapping }],
  'service-quotas GetServiceQuota': [
    {
      action: 'servicequotas:GetServiceQuota',
      on: (input, { region, account }) => [
        `arn:aws:servicequotas:${region}:${account}:${textIn(input, 'ServiceCode')}/${textIn(input, 'QuotaCode')}`,
      ],
    },
  ],
  'scheduler GetSchedule': [{ action: 'scheduler:GetSchedule', on: schedule }],
  // Whoever writes a schedule passes the role that it calls its target with.
  'scheduler UpdateSchedule': [
    { action: 'scheduler:UpdateSchedule', on: schedule },
    {
      action: 'iam:PassRole',
      on: (input) => [textIn(input['Target'] as Input, 'RoleArn')],
      carries: () => ({ 'iam:PassedToService': 'scheduler.amazonaws.com' }),
    },
  ],
  'sfn DescribeExecution': [{ action: 'states:DescribeExecution', on: given('executionArn') }],
  'sfn GetExecutionHistory': [{ action: 'states:GetExecutionHistory', on: given('executionArn') }],
  'sfn ListExecutions': [{ action: 'states:ListExecutions', on: given('stateMachineArn') }],
  'sfn ListStateMachines': [{ action: 'states:ListStateMachines', on: anything }],
  'sfn RedriveExecution': [{ action: 'states:RedriveExecution', on: given('executionArn') }],
  // The reference lists no resource; a refusal names the state machine of the token (aws-cdk 8486).
  'sfn SendTaskSuccess': [
    {
      action: 'states:SendTaskSuccess',
      on: (input, { waitingFor }) => [waitingFor(textIn(input, 'taskToken'))],
    },
  ],
  'sfn StartExecution': [{ action: 'states:StartExecution', on: given('stateMachineArn') }],
  'sfn StopExecution': [{ action: 'states:StopExecution', on: given('executionArn') }],
  'sns ConfirmSubscription': [{ action: 'sns:ConfirmSubscription', on: given('TopicArn') }],
  'sns GetSMSAttributes': [{ action: 'sns:GetSMSAttributes', on: anything }],
  'sns GetSMSSandboxAccountStatus': [{ action: 'sns:GetSMSSandboxAccountStatus', on: anything }],
  'sns ListSubscriptionsByTopic': [{ action: 'sns:ListSubscriptionsByTopic', on: given('TopicArn') }],
  'sns Publish': [{ action: 'sns:Publish', on: given('TopicArn'), key: sending }],
  // A cluster says itself who may list, read and change what, by its access entries: IAM is not asked.
  'kubernetes DeletePod': [],
  'kubernetes ListAutoscalers': [],
  'kubernetes ListConfigMaps': [],
  'kubernetes ListDaemonSets': [],
  'kubernetes ListDeployments': [],
  'kubernetes ListDisruptionBudgets': [],
  'kubernetes ListEndpointSlices': [],
  'kubernetes ListJobs': [],
  'kubernetes ListNamespaces': [],
  'kubernetes ListNodes': [],
  'kubernetes ListPods': [],
  'kubernetes ListScaledObjects': [],
  'kubernetes ListStatefulSets': [],
  'kubernetes PatchCronJob': [],
  'kubernetes PatchScale': [],
  'kubernetes ReadCronJob': [],
  'kubernetes ReadScale': [],
  // A database lets its own roles in, by their passwords: IAM is not asked.
  'sql CheckWrite': [],
  'sql KeepBeat': [],
  'sql Look': [],
  'sql ReadLedger': [],
  'sql ReadKeys': [],
  'sql ReadNewer': [],
  'sql Warm': [],
  'sql Watermark': [],
  'sqs DeleteMessage': [{ action: 'sqs:DeleteMessage', on: queue }],
  'sqs GetQueueAttributes': [{ action: 'sqs:GetQueueAttributes', on: queue }],
  'sqs ReceiveMessage': [{ action: 'sqs:ReceiveMessage', on: queue, key: ['kms:Decrypt'] }],
  'sqs SendMessage': [{ action: 'sqs:SendMessage', on: queue, key: sending }],
  'ssm GetParameter': [{ action: 'ssm:GetParameter', on: parameter, key: ['kms:Decrypt'] }],
  'ssm PutParameter': [{ action: 'ssm:PutParameter', on: parameter }],
  'sts GetCallerIdentity': [],
  ...Object.fromEntries(
    kindServices.flatMap(({ name, asks }) =>
      Object.entries(asks).map(([operation, row]) => [`${name} ${operation}`, [row]]),
    ),
  ),
};

/** The actions of a call, whatever it is about. @throws where nobody thought of such a call. */
export function actionsOf(service: string, operation: string): readonly string[] {
  return rowsOf(service, operation).map(({ action }) => action);
}

/** What a call asks, without what is said of each call of its caller in a region. */
export type Ask = {
  readonly action: string;
  readonly resources: readonly string[];
  readonly carried: Context;
  /** Keys of what is encrypted, and what the service does with them. */
  readonly keys: readonly { readonly key: Key; readonly actions: readonly KeyAction[] }[];
};

export function inRegion(region: string, where: Where): At {
  return { ...where, region, account: accountOf(where.principal) };
}

/** Asks as one text: of one caller in one region, equal texts are one question. */
export function textOf(asks: readonly Ask[]): string {
  let text = '';
  for (const { action, resources, carried, keys } of asks) {
    text += `${action} ${resources.join(' ')}`;
    for (const name in carried) text += ` ${name}=${carried[name]}`;
    for (const { key, actions } of keys) text += ` ${key.arn} ${key.aliases} ${actions}`;
    text += '\n';
  }
  return text;
}

/** @throws where nobody thought of such a call */
export function asksOf({ service, operation, input }: Omit<Call, 'region'>, at: At): readonly Ask[] {
  return rowsOf(service, operation).map(({ action, on, carries, key: actions }) => {
    const resources = on(input, at);
    const encryptedWith = actions === undefined ? [] : resources.flatMap((resource) => at.keyOf(resource) ?? []);
    const keys = encryptedWith.map((key) => ({ key, actions: actions ?? [] }));
    return { action, resources, carried: carries?.(input, at) ?? {}, keys };
  });
}

/** What IAM is asked before a call is made, all of which it must allow. @throws where nobody thought of such a call. */
export function requestsOf(call: Call, where: Where): readonly Request[] {
  const at = inRegion(call.region, where);
  return requestsIn(asksOf(call, at), at);
}

/** The same of asks that are known. */
export function requestsIn(asks: readonly Ask[], { region, account, ...where }: At): readonly Request[] {
  const always: Context = {
    ...saidOfCaller(where.principal),
    'aws:RequestedRegion': region,
    ...(where.functionArn === null ? {} : { 'lambda:SourceFunctionArn': where.functionArn }),
  };
  return asks.flatMap(({ action, resources, carried, keys }) => {
    const context = { ...always, ...carried };
    const asked = resources.map((resource) => ({ action, resource, context }));
    const used = keys.flatMap(({ key, actions }) => {
      const through = {
        ...always,
        'kms:CallerAccount': account,
        'kms:ResourceAliases': key.aliases,
        'kms:ViaService': `${action.split(':')[0]}.${region}.amazonaws.com`,
      };
      return actions.map((one) => ({ action: one, resource: key.arn, context: through }));
    });
    return [...asked, ...used];
  });
}

/** What IAM knows of each call of a role or user, whatever it asks for. */
export function saidOfCaller(principal: string): Context {
  return {
    'aws:PrincipalAccount': accountOf(principal),
    'aws:PrincipalArn': principal,
    'aws:PrincipalIsAWSService': 'false',
    'aws:SecureTransport': 'true',
  };
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** By service and operation: looked up with each call. The document client's commands are those of DynamoDB without `Item`. */
const rowsByService = new Map<string, Map<string, readonly Row[]>>();
for (const [call, rows] of Object.entries(calls)) {
  const [service = '', operation = ''] = call.split(' ');
  const ofService = rowsByService.get(service) ?? new Map<string, readonly Row[]>();
  rowsByService.set(service, ofService.set(operation, rows).set(operation.replace(/Item$/, ''), rows));
}

function rowsOf(service: string, operation: string): readonly Row[] {
  const rows = rowsByService.get(service)?.get(operation);
  if (rows === undefined)
    throw new Error(`simulator/iam/calls.ts does not know what IAM asks for ${service} ${operation}`);
  return rows;
}

/** A domain name as Route 53 compares it: in lower case, without a dot at its end. */
function normalized(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function textIn(input: Input, field: string): string {
  const value = input[field];
  if (typeof value !== 'string' || value === '') throw new Error(`the call has no ${field}`);
  return value;
}

function listIn(input: Input, field: string): readonly unknown[] {
  const value = input[field];
  if (!Array.isArray(value) || value.length === 0) throw new Error(`the call has no ${field}`);
  return value;
}

/** What may be left out, or empty. */
function listOf(input: Input, field: string): readonly unknown[] {
  const value = input[field] ?? [];
  return Array.isArray(value) ? value : [];
}

/** The text of a key of the table, as the document client writes it or as DynamoDB's protocol does. */
function plain(value: unknown): string {
  const text = typeof value === 'object' && value !== null && 'S' in value ? value.S : value;
  if (typeof text !== 'string') throw new Error('the call names no partition of the table');
  return text;
}
