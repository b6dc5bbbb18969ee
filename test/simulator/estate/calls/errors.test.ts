// The estate's errors beside those that the SDK's own clients make of AWS's answers, and the ways in which a call fails.
import { Readable } from 'node:stream';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { ElastiCacheClient, ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { RDSClient, RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { ChangeResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import {
  type AwsError,
  denied,
  internalFailure,
  knownServices,
  refusal,
  throttled,
  withoutBody,
} from '../../../../simulator/estate/calls/aws-error.ts';
import { faultSchema } from '../../../../simulator/playing/scenario.ts';
import { databaseIn } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { account, primary, rehearse, rehearseStacks, standby } from '../rehearsal.ts';

type Wire = { readonly status: number; readonly body: string };

/** A client that is answered from here; each tries once. */
function answeredBy({ status, body }: Wire) {
  const handle = async () => ({
    response: { statusCode: status, headers: {}, body: Readable.from(body === '' ? [] : [Buffer.from(body)]) },
  });
  return { region: 'us-east-1', maxAttempts: 1, requestHandler: { handle } as never };
}

const xml = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
const s3Xml = (code: string, message: string) => `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const inJson = (code: string, message: string) => JSON.stringify({ __type: code, message });

/** What the SDK throws for an answer, and how AWS writes its errors, by service. */
const sdks: Readonly<Record<string, { write: typeof xml; ask: (wire: Wire) => Promise<unknown> }>> = {
  rds: {
    write: xml,
    ask: (wire) => new RDSClient(answeredBy(wire)).send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'a' })),
  },
  elasticache: {
    write: xml,
    ask: (wire) =>
      new ElastiCacheClient(answeredBy(wire)).send(new ModifyReplicationGroupCommand({ ReplicationGroupId: 'a' })),
  },
  ecs: {
    write: inJson,
    ask: (wire) => new ECSClient(answeredBy(wire)).send(new UpdateServiceCommand({ service: 'a' })),
  },
  sns: {
    write: xml,
    ask: (wire) => new SNSClient(answeredBy(wire)).send(new PublishCommand({ TopicArn: 'arn:a', Message: 'a' })),
  },
  'route-53': {
    write: xml,
    ask: (wire) => {
      const input = { HostedZoneId: 'Z1', ChangeBatch: { Changes: [] } };
      return new Route53Client(answeredBy(wire)).send(new ChangeResourceRecordSetsCommand(input));
    },
  },
  s3: {
    write: s3Xml,
    ask: (wire) => new S3Client(answeredBy(wire)).send(new PutObjectCommand({ Bucket: 'a', Key: 'a', Body: 'a' })),
  },
  cloudwatch: {
    write: inJson,
    ask: (wire) => new CloudWatchClient(answeredBy(wire)).send(new DescribeAlarmsCommand({})),
  },
  codebuild: {
    write: inJson,
    ask: (wire) => new CodeBuildClient(answeredBy(wire)).send(new StartBuildCommand({ projectName: 'a' })),
  },
  eks: {
    write: inJson,
    ask: (wire) => new EKSClient(answeredBy(wire)).send(new DescribeClusterCommand({ name: 'a' })),
  },
  eventbridge: {
    write: inJson,
    ask: (wire) => new EventBridgeClient(answeredBy(wire)).send(new PutEventsCommand({ Entries: [{}] })),
  },
  lambda: {
    write: inJson,
    ask: (wire) => new LambdaClient(answeredBy(wire)).send(new UpdateEventSourceMappingCommand({ UUID: 'a' })),
  },
  'secrets-manager': {
    write: inJson,
    ask: (wire) => new SecretsManagerClient(answeredBy(wire)).send(new GetSecretValueCommand({ SecretId: 'a' })),
  },
  sfn: {
    write: inJson,
    ask: (wire) => new SFNClient(answeredBy(wire)).send(new StartExecutionCommand({ stateMachineArn: 'arn:a' })),
  },
  sqs: {
    write: inJson,
    ask: (wire) => {
      const input = { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/a', MessageBody: 'a' };
      return new SQSClient(answeredBy(wire)).send(new SendMessageCommand(input));
    },
  },
  ssm: {
    write: inJson,
    ask: (wire) => new SSMClient(answeredBy(wire)).send(new PutParameterCommand({ Name: 'a', Value: 'a' })),
  },
};

async function thrownFor(service: string, status: number, code: string, message: string): Promise<AwsError> {
  const sdk = sdks[service];
  if (sdk === undefined) throw new Error(`the test has no client of ${service}`);
  const thrown = await sdk.ask({ status, body: sdk.write(code, message) }).then(
    () => null,
    (error: unknown) => error as AwsError,
  );
  if (thrown === null) throw new Error(`${service} took ${code} for an answer`);
  return thrown;
}

const looksLike = ({ name, message, $fault, $metadata: { httpStatusCode } }: AwsError) => ({
  name,
  message,
  $fault,
  httpStatusCode,
});

/** AWS's codes: too many calls, denied by IAM, and a failure of the service. */
const query = ['Throttling', 'AccessDenied', 'InternalFailure'] as const;
const json = ['ThrottlingException', 'AccessDeniedException', 'InternalFailure'] as const;

test.for([
  ['rds', query],
  ['elasticache', query],
  ['sns', ['Throttled', 'AuthorizationError', 'InternalError']],
  ['route-53', query],
  ['s3', ['SlowDown', 'AccessDenied', 'InternalError']],
  ['cloudwatch', ['ThrottlingException', 'AccessDeniedException', 'InternalServiceFault']],
  ['codebuild', json],
  ['ecs', ['ThrottlingException', 'AccessDeniedException', 'ServerException']],
  ['eks', ['ThrottlingException', 'AccessDeniedException', 'ServerException']],
  ['eventbridge', ['ThrottlingException', 'AccessDeniedException', 'InternalException']],
  ['lambda', ['TooManyRequestsException', 'AccessDeniedException', 'ServiceException']],
  ['secrets-manager', ['ThrottlingException', 'AccessDeniedException', 'InternalServiceError']],
  ['sfn', json],
  ['sqs', json],
  ['ssm', ['ThrottlingException', 'AccessDeniedException', 'InternalServerError']],
] as const)('%s fails under the names that its SDK client gives AWS’s codes', async ([service, codes]) => {
  const call = {
    service,
    operation: 'Anything',
    region: primary,
    input: {},
    caller: { region: primary, step: 'Step', execution: '', incident: '' },
  };
  const errors = [throttled(service), denied(call, account), internalFailure(service)];
  for (const [index, error] of errors.entries()) {
    const status = error.$metadata.httpStatusCode ?? 0;
    expect(looksLike(error)).toEqual(looksLike(await thrownFor(service, status, codes[index] ?? '', error.message)));
  }
});

test('the estate has the errors of every service that the twin answers', () => {
  // What is asked of these is signed by hand: there is no client to compare with.
  expect(knownServices.toSorted()).toEqual(
    [
      ...Object.keys(sdks),
      ...[
        'arc-zonal-shift',
        'autoscaling',
        'cloudtrail',
        'ec2',
        'ecr',
        'fis',
        'iam',
        'kms',
        'scheduler',
        'service-quotas',
      ],
    ].sort(),
  );
});

test.for([
  ['rds', 'InvalidDBInstanceState', 400, 'InvalidDBInstanceStateFault'],
  ['rds', 'DBInstanceNotFound', 404, 'DBInstanceNotFoundFault'],
  ['rds', 'DBInstanceAlreadyExists', 400, 'DBInstanceAlreadyExistsFault'],
  ['rds', 'DBInstanceAutomatedBackupNotFound', 404, 'DBInstanceAutomatedBackupNotFoundFault'],
  ['rds', 'InvalidDBInstanceAutomatedBackupState', 400, 'InvalidDBInstanceAutomatedBackupStateFault'],
  ['rds', 'DBInstanceAutomatedBackupQuotaExceeded', 400, 'DBInstanceAutomatedBackupQuotaExceededFault'],
  ['rds', 'DBSnapshotAlreadyExists', 400, 'DBSnapshotAlreadyExistsFault'],
  ['rds', 'DBClusterSnapshotNotFoundFault', 404, 'DBClusterSnapshotNotFoundFault'],
  ['rds', 'SnapshotQuotaExceeded', 400, 'SnapshotQuotaExceededFault'],
  ['rds', 'AuthorizationNotFound', 404, 'AuthorizationNotFoundFault'],
  ['rds', 'BackupPolicyNotFoundFault', 404, 'BackupPolicyNotFoundFault'],
  ['rds', 'CertificateNotFound', 404, 'CertificateNotFoundFault'],
  ['rds', 'DBParameterGroupNotFound', 404, 'DBParameterGroupNotFoundFault'],
  ['rds', 'DBSecurityGroupNotFound', 404, 'DBSecurityGroupNotFoundFault'],
  ['rds', 'DBSnapshotNotFound', 404, 'DBSnapshotNotFoundFault'],
  ['rds', 'DBSubnetGroupDoesNotCoverEnoughAZs', 400, 'DBSubnetGroupDoesNotCoverEnoughAZs'],
  ['rds', 'DBSubnetGroupNotFoundFault', 404, 'DBSubnetGroupNotFoundFault'],
  ['rds', 'DomainNotFoundFault', 404, 'DomainNotFoundFault'],
  ['rds', 'InstanceQuotaExceeded', 400, 'InstanceQuotaExceededFault'],
  ['rds', 'InsufficientDBInstanceCapacity', 400, 'InsufficientDBInstanceCapacityFault'],
  ['rds', 'InvalidDBSnapshotState', 400, 'InvalidDBSnapshotStateFault'],
  ['rds', 'InvalidRestoreFault', 400, 'InvalidRestoreFault'],
  ['rds', 'InvalidSubnet', 400, 'InvalidSubnet'],
  ['rds', 'InvalidVPCNetworkStateFault', 400, 'InvalidVPCNetworkStateFault'],
  ['rds', 'KMSKeyNotAccessibleFault', 400, 'KMSKeyNotAccessibleFault'],
  ['rds', 'NetworkTypeNotSupported', 400, 'NetworkTypeNotSupported'],
  ['rds', 'OptionGroupNotFoundFault', 404, 'OptionGroupNotFoundFault'],
  ['rds', 'PointInTimeRestoreNotEnabled', 400, 'PointInTimeRestoreNotEnabledFault'],
  ['rds', 'ProvisionedIopsNotAvailableInAZFault', 400, 'ProvisionedIopsNotAvailableInAZFault'],
  ['rds', 'StorageQuotaExceeded', 400, 'StorageQuotaExceededFault'],
  ['rds', 'StorageTypeNotSupported', 400, 'StorageTypeNotSupportedFault'],
  ['rds', 'TenantDatabaseQuotaExceeded', 400, 'TenantDatabaseQuotaExceededFault'],
  ['rds', 'VpcEncryptionControlViolationException', 400, 'VpcEncryptionControlViolationException'],
  ['rds', 'DBCapacityReservationNotFoundFault', 404, 'DBCapacityReservationNotFoundFault'],
  ['rds', 'InvalidParameterCombination', 400, 'InvalidParameterCombination'],
  ['rds', 'InvalidParameterValue', 400, 'InvalidParameterValue'],
  ['elasticache', 'InvalidParameterValue', 400, 'InvalidParameterValueException'],
  ['elasticache', 'InvalidParameterCombination', 400, 'InvalidParameterCombinationException'],
  ['elasticache', 'InvalidReplicationGroupState', 400, 'InvalidReplicationGroupStateFault'],
  ['elasticache', 'ReplicationGroupNotFoundFault', 404, 'ReplicationGroupNotFoundFault'],
  ['elasticache', 'InvalidGlobalReplicationGroupState', 400, 'InvalidGlobalReplicationGroupStateFault'],
  ['elasticache', 'GlobalReplicationGroupNotFoundFault', 404, 'GlobalReplicationGroupNotFoundFault'],
  ['elasticache', 'NodeGroupNotFoundFault', 404, 'NodeGroupNotFoundFault'],
  ['elasticache', 'TestFailoverNotAvailableFault', 400, 'TestFailoverNotAvailableFault'],
  ['elasticache', 'APICallRateForCustomerExceeded', 400, 'APICallRateForCustomerExceededFault'],
  ['ecs', 'ClusterNotFoundException', 400, 'ClusterNotFoundException'],
  ['ecs', 'InvalidParameterException', 400, 'InvalidParameterException'],
  ['ecs', 'ServiceNotActiveException', 400, 'ServiceNotActiveException'],
  ['ecs', 'ServiceNotFoundException', 400, 'ServiceNotFoundException'],
  ['lambda', 'ResourceInUseException', 400, 'ResourceInUseException'],
  ['lambda', 'ResourceConflictException', 409, 'ResourceConflictException'],
  ['lambda', 'ResourceNotFoundException', 404, 'ResourceNotFoundException'],
  ['eventbridge', 'ConcurrentModificationException', 400, 'ConcurrentModificationException'],
  ['eventbridge', 'ManagedRuleException', 400, 'ManagedRuleException'],
  ['route-53', 'InvalidChangeBatch', 400, 'InvalidChangeBatch'],
  ['route-53', 'PriorRequestNotComplete', 400, 'PriorRequestNotComplete'],
  ['route-53', 'NoSuchHostedZone', 404, 'NoSuchHostedZone'],
  ['ssm', 'TooManyUpdates', 400, 'TooManyUpdates'],
  ['ssm', 'ParameterNotFound', 400, 'ParameterNotFound'],
  ['ssm', 'ParameterAlreadyExists', 400, 'ParameterAlreadyExists'],
  ['sns', 'NotFound', 404, 'NotFoundException'],
  ['sns', 'InvalidParameter', 400, 'InvalidParameterException'],
  ['s3', 'NoSuchBucket', 404, 'NoSuchBucket'],
] as const)('%s: AWS’s code %s (%i) is %s for whoever catches it', async ([service, code, status, name]) => {
  const thrown = await thrownFor(service, status, code, 'no');
  expect(looksLike(refusal(name, 'no', status))).toEqual(looksLike(thrown));
});

test.for([403, 404, 500, 503])('the answer %i to a HEAD has no body: only its status is left', async (status) => {
  const ask = new S3Client(answeredBy({ status, body: '' })).send(new HeadObjectCommand({ Bucket: 'a', Key: 'a' }));
  const thrown = await ask.then(
    () => null,
    (error: unknown) => error as AwsError,
  );
  if (thrown === null) throw new Error('a HEAD was answered');
  expect(looksLike(withoutBody(refusal('AccessDenied', 'no', status)))).toEqual(looksLike(thrown));
});

const instance = { DBInstanceIdentifier: databaseIn(plan.roles.primary, plan) };
const failing = { id: 'api', kind: 'api-failure', service: 'rds', operation: 'DescribeDBInstances' } as const;
const look = ['rds', 'DescribeDBInstances', instance] as const;

/** The outcomes of so many looks: the name of what was thrown, or null. */
async function looks(rehearsal: Awaited<ReturnType<typeof rehearse>>, count: number): Promise<(string | null)[]> {
  const outcomes: (string | null)[] = [];
  for (let index = 0; index < count; index += 1) {
    const outcome = rehearsal.call(...look).then(
      () => null,
      ({ name }: Error) => name,
    );
    outcomes.push(await outcome);
  }
  return outcomes;
}

test('the third call alone is refused, under the name and status that were asked for', async () => {
  const rehearsal = await rehearse();
  const refused = { error: 'refuse', name: 'DBInstanceNotFoundFault', status: 404, message: 'gone' } as const;
  rehearsal.estate.inject({ ...failing, ...refused, after: 2, times: 1 });
  expect(await looks(rehearsal, 4)).toEqual([null, null, 'DBInstanceNotFoundFault', null]);
});

test('a refusal has AWS’s status and words', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ ...failing, error: 'refuse', name: 'InvalidDBInstanceStateFault', message: 'busy' });
  await expect(rehearsal.call(...look)).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
    message: 'busy',
    $metadata: { httpStatusCode: 400 },
  });
});

test('IAM denies a call by who asks, what is asked, and of what', async () => {
  const rehearsal = await rehearseStacks();
  const topic = `arn:aws:sns:${primary}:${account}:breakwater-sim-dba`;
  const fault = { id: 'dba', kind: 'api-failure', service: 'sns', operation: 'Publish', error: 'deny' } as const;
  rehearsal.estate.inject({ ...fault, target: 'breakwater-sim-dba' });
  const publish = (TopicArn: string) =>
    rehearsal.call('sns', 'Publish', { TopicArn, Message: 'look' }, { function: 'notify' });
  await expect(publish(topic)).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
    message: `User: arn:aws:sts::${account}:assumed-role/notify/notify is not authorized to perform: SNS:Publish on resource: ${topic} because no identity-based policy allows the SNS:Publish action`,
    $metadata: { httpStatusCode: 403 },
  });
  await publish(topic.replace('dba', 'on-call'));
  expect(rehearsal.messages).toHaveLength(1);
});

test.for([
  ['its step', { step: 'LeaveZone/database' }, 'Throttling'],
  ['its function', { function: 'LeaveZone/database' }, 'Throttling'],
  ['the same state of another asset', { step: 'LeaveZone/cache' }, null],
  ['neither', { step: 'VerifyService' }, null],
] as const)('a fault of one caller meets who is named by %s', async ([, from, name]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ ...failing, error: 'throttle', caller: 'LeaveZone/database' });
  const outcome = rehearsal.call(...look, from).then(
    () => null,
    (error: Error) => error.name,
  );
  expect(await outcome).toBe(name);
});

test.for([
  ['the instance', databaseIn(plan.roles.primary, plan), 'InternalFailure'],
  ['another one', databaseIn(plan.roles.standby, plan), null],
  ['the end of its name', databaseIn(plan.roles.primary, plan).slice(4), null],
] as const)('a fault of one resource meets the calls that name %s', async ([, target, name]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ ...failing, error: 'internal', target });
  expect(await looks(rehearsal, 1)).toEqual([name]);
});

test.for([
  ['as SDK clients do', undefined, 4],
  ['once', 1, 4 / 3],
] as const)('a region that is dark lets a client wait that tries %s', async ([, tries, least]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'dark', kind: 'region-dark', region: primary });
  const caller = { region: standby, step: 'assess', execution: '', incident: '' };
  const call = { service: 'rds', operation: 'DescribeDBInstances', region: primary, input: {}, caller, tries };
  const asked = rehearsal.estate.call(call).catch(({ name }: Error) => name);
  await rehearsal.pass(10);
  expect(await asked).toBe('TimeoutError');
  const [waited] = rehearsal.estate.works().filter(({ latency }) => latency === 'api-timeout');
  expect(waited?.seconds).toBeGreaterThanOrEqual(least);
  expect(waited?.seconds).toBeLessThanOrEqual(least * 1.5);
});

test('a fault of one partition of the table meets the calls whose key or item names it', async () => {
  const rehearsal = await rehearseStacks();
  const fault = { id: 'one', kind: 'api-failure', service: 'dynamodb', operation: '*', error: 'throttle' } as const;
  rehearsal.estate.inject({ ...fault, target: 'requests' });
  const get = (pk: string) =>
    rehearsal.call('dynamodb', 'Get', { TableName: 'breakwater-sim', Key: { pk, sk: 'one' } }).then(
      () => null,
      (error: Error) => error.name,
    );
  expect([await get('requests'), await get('incidents')]).toEqual(['ThrottlingException', null]);
});

test('a call that the estate only carries fails on the way as its own do', async () => {
  const rehearsal = await rehearse();
  const fault = { id: 'sfn', kind: 'api-failure', service: 'sfn', operation: 'StartExecution' } as const;
  rehearsal.estate.inject({ ...fault, error: 'timeout-after-acting', times: 1 });
  let started = 0;
  const start = async () => {
    const caller = { region: standby, step: 'classify', execution: '', incident: '' };
    const call = { service: 'sfn', operation: 'StartExecution', region: standby, input: {}, caller };
    const run = () => {
      started += 1;
      return { executionArn: `arn:${started}` };
    };
    const outcome = rehearsal.estate.call(call, run).then(
      (answer) => answer,
      ({ name }: Error) => name,
    );
    await rehearsal.pass(10);
    return outcome;
  };
  expect([await start(), await start()]).toMatchObject(['TimeoutError', { executionArn: 'arn:2' }]);
});

test.for([
  ['a refusal without a name', { error: 'refuse' }, false],
  ['a refusal', { error: 'refuse', name: 'PriorRequestNotComplete' }, true],
  ['a status that is no failure', { error: 'refuse', name: 'A', status: 200 }, false],
  ['the failure of one topic for hours', { error: 'internal', target: 'breakwater-sim-dba', forSeconds: 14_400 }, true],
  ['a failure of another kind', { error: 'sometimes' }, false],
] as const)('a scenario with %s is read: %o', ([, fields, valid]) => {
  const fault = { id: 'api', kind: 'api-failure', service: 'sns', operation: 'Publish', ...fields };
  expect(faultSchema.safeParse(fault).success).toBe(valid);
});
