// What IAM is asked for a call: the action, the resource and the keys that the service reference says.
import { describe, expect, test } from 'vitest';
import { actionsOf, type Call, requestsOf, type Where } from '../../../simulator/iam/calls.ts';
import type { Request } from '../../../simulator/iam/evaluate.ts';

const account = '111122223333';
const region = 'us-east-1';
const cluster = `arn:aws:eks:${region}:${account}:cluster/chatops-prod`;
const balancer = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/chatops-ingress/50dc6c495c0c9188`;
const key = { arn: `arn:aws:kms:${region}:${account}:key/1`, aliases: ['alias/breakwater-prod'] };
const topic = `arn:aws:sns:${region}:${account}:breakwater-prod-dba`;
const secret = `arn:aws:secretsmanager:${region}:${account}:secret:breakwater-prod-link-key-AbCdEf`;

const where: Where = {
  principal: `arn:aws:iam::${account}:role/classify`,
  functionArn: null,
  keyOf: (arn) => (arn.includes('plain') ? null : key),
  shiftedBy: () => cluster,
  waitingFor: () => `arn:aws:states:${region}:${account}:stateMachine:breakwater-prod-region-failover`,
};
const unencrypted: Where = { ...where, keyOf: () => null };

function asked(service: string, operation: string, input: Call['input'], at: Where = unencrypted): readonly Request[] {
  return requestsOf({ service, operation, region, input }, at);
}

describe('the action and the resource', () => {
  test.for([
    [
      'rds',
      'DescribeDBInstances',
      { DBInstanceIdentifier: 'a' },
      ['rds:DescribeDBInstances rds:us-east-1:111122223333:db:a'],
    ],
    ['cloudwatch', 'DescribeAlarms', {}, ['cloudwatch:DescribeAlarms *']],
    [
      'dynamodb',
      'GetItem',
      { TableName: 't', Key: { pk: 'a', sk: 'b' } },
      ['dynamodb:GetItem dynamodb:us-east-1:111122223333:table/t'],
    ],
    [
      'dynamodb',
      'Get',
      { TableName: 't', Key: { pk: 'a', sk: 'b' } },
      ['dynamodb:GetItem dynamodb:us-east-1:111122223333:table/t'],
    ],
    [
      'elasticache',
      'FailoverGlobalReplicationGroup',
      { GlobalReplicationGroupId: 'ldgnf-a' },
      ['elasticache:FailoverGlobalReplicationGroup elasticache::111122223333:globalreplicationgroup:ldgnf-a'],
    ],
    [
      's3',
      'HeadObject',
      { Bucket: 'b', Key: 'latch/us-east-1' },
      ['s3:GetObject s3:::b/latch/us-east-1', 's3:ListBucket s3:::b'],
    ],
    [
      'sqs',
      'SendMessage',
      { QueueUrl: 'https://sqs.us-west-2.amazonaws.com/111122223333/breakwater-prod-signals' },
      ['sqs:SendMessage sqs:us-west-2:111122223333:breakwater-prod-signals'],
    ],
    [
      'ssm',
      'PutParameter',
      { Name: '/chatops/a' },
      ['ssm:PutParameter ssm:us-east-1:111122223333:parameter/chatops/a'],
    ],
    ['route-53', 'GetHostedZone', { Id: 'Z1' }, ['route53:GetHostedZone route53:::hostedzone/Z1']],
    [
      'route-53',
      'ListResourceRecordSets',
      { HostedZoneId: 'Z1', StartRecordName: 'api.example.com' },
      ['route53:ListResourceRecordSets route53:::hostedzone/Z1'],
    ],
    ['route-53', 'GetChange', { Id: '/change/C1' }, ['route53:GetChange route53:::change/C1']],
    [
      'codebuild',
      'BatchGetBuilds',
      { ids: ['p:1'] },
      ['codebuild:BatchGetBuilds codebuild:us-east-1:111122223333:project/p'],
    ],
    [
      'sfn',
      'SendTaskSuccess',
      { taskToken: 'x' },
      ['states:SendTaskSuccess states:us-east-1:111122223333:stateMachine:breakwater-prod-region-failover'],
    ],
    ['sts', 'GetCallerIdentity', {}, []],
    ['rds', 'DescribeDBSnapshots', {}, ['rds:DescribeDBSnapshots rds:us-east-1:111122223333:snapshot:*']],
    [
      'rds',
      'DescribeDBSnapshots',
      { DBInstanceIdentifier: 'a' },
      ['rds:DescribeDBSnapshots rds:us-east-1:111122223333:db:a'],
    ],
    [
      'rds',
      'RestoreDBInstanceToPointInTime',
      {
        TargetDBInstanceIdentifier: 'b',
        SourceDBInstanceIdentifier: 'a',
        OptionGroupName: 'o',
        DBParameterGroupName: 'p',
        Tags: [{ Key: 'k', Value: 'v' }],
      },
      [
        'rds:RestoreDBInstanceToPointInTime rds:us-east-1:111122223333:db:b',
        'rds:RestoreDBInstanceToPointInTime rds:us-east-1:111122223333:db:a',
        'rds:RestoreDBInstanceToPointInTime rds:us-east-1:111122223333:og:o',
        'rds:RestoreDBInstanceToPointInTime rds:us-east-1:111122223333:pg:p',
        'rds:RestoreDBInstanceToPointInTime rds:us-east-1:111122223333:subgrp:*',
        'rds:AddTagsToResource rds:us-east-1:111122223333:db:b',
      ],
    ],
    [
      'rds',
      'CopyDBSnapshot',
      {
        SourceDBSnapshotIdentifier: 'arn:aws:rds:us-west-2:111122223333:snapshot:rds:a',
        TargetDBSnapshotIdentifier: 'b',
        KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/1',
      },
      [
        'rds:CopyDBSnapshot rds:us-west-2:111122223333:snapshot:rds:a',
        'rds:CopyDBSnapshot rds:us-east-1:111122223333:snapshot:b',
        'kms:CreateGrant kms:us-east-1:111122223333:key/1',
        'kms:DescribeKey kms:us-east-1:111122223333:key/1',
      ],
    ],
    [
      'rds',
      'StartDBInstanceAutomatedBackupsReplication',
      { SourceDBInstanceArn: 'arn:aws:rds:us-west-2:111122223333:db:a' },
      [
        'rds:StartDBInstanceAutomatedBackupsReplication rds:us-west-2:111122223333:db:a',
        'rds:StartDBInstanceAutomatedBackupsReplication rds:us-east-1:111122223333:auto-backup:*',
      ],
    ],
    ['ec2', 'DescribeSecurityGroups', { GroupIds: ['sg-1'] }, ['ec2:DescribeSecurityGroups *']],
  ] as const)('of %s %s %j', ([service, operation, input, expected]) => {
    const told = asked(service, operation, input).map(
      ({ action, resource }) => `${action} ${resource.replace('arn:aws:', '')}`,
    );
    expect(told).toEqual(expected);
  });

  test('of a restore from what is encrypted also its key, by what RDS says of the backup', () => {
    const keyOf = (backup: string) => (backup.endsWith(':snapshot:s') || backup === 'db-1' ? key : null);
    const restore = (operation: string, input: Call['input']) =>
      asked('rds', operation, input, { ...unencrypted, keyOf })
        .filter(({ action }) => action.startsWith('kms:'))
        .map(({ action, resource, context }) => [action, resource, context['kms:ViaService']]);
    const used = ['kms:CreateGrant', 'kms:DescribeKey'].map((one) => [one, key.arn, `rds.${region}.amazonaws.com`]);
    const snapshot = { DBInstanceIdentifier: 'b', DBSnapshotIdentifier: 's' };
    expect(restore('RestoreDBInstanceFromDBSnapshot', snapshot)).toEqual(used);
    expect(restore('RestoreDBInstanceFromDBSnapshot', { ...snapshot, DBSnapshotIdentifier: 't' })).toEqual([]);
    const moment = { TargetDBInstanceIdentifier: 'b', SourceDbiResourceId: 'db-1' };
    expect(restore('RestoreDBInstanceToPointInTime', moment)).toEqual(used);
    // The key that AWS keeps for RDS lets everybody in the account.
    const own = { ...unencrypted, keyOf: () => ({ ...key, aliases: ['alias/aws/rds'] }) };
    const actions = asked('rds', 'RestoreDBInstanceToPointInTime', moment, own).map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith('kms:'))).toEqual([]);
  });

  test('a snapshot that is deleted carries its tags', () => {
    const tagsOf = () => ({ 'breakwater:copy': 'x' });
    const [request] = asked('rds', 'DeleteDBSnapshot', { DBSnapshotIdentifier: 'a' }, { ...unencrypted, tagsOf });
    expect(request?.context).toMatchObject({ 'aws:ResourceTag/breakwater:copy': 'x' });
  });

  test('a call that nobody thought of does not pass', () => {
    expect(() => asked('rds', 'CreateDBCluster', {})).toThrow('does not know what IAM asks for rds CreateDBCluster');
    expect(() => actionsOf('iam', 'CreateRole')).toThrow('iam CreateRole');
  });

  test.for([
    ['rds', 'RebootDBInstance', {}, 'no DBInstanceIdentifier'],
    ['sqs', 'SendMessage', { QueueUrl: 'signals' }, 'no address of a queue'],
    ['dynamodb', 'GetItem', { TableName: 't', Key: { sk: 'b' } }, 'no partition'],
    ['eventbridge', 'PutEvents', { Entries: [] }, 'no Entries'],
  ] as const)('%s %s of %j is not understood', ([service, operation, input, said]) => {
    expect(() => asked(service, operation, input)).toThrow(said);
  });
});

describe('the condition keys', () => {
  test.for([
    ['dynamodb', 'PutItem', { TableName: 't', Item: { pk: 'sent#1' } }, { 'dynamodb:LeadingKeys': ['sent#1'] }],
    [
      'dynamodb',
      'UpdateItem',
      { TableName: 't', Key: { pk: { S: 'hits#1' } } },
      { 'dynamodb:LeadingKeys': ['hits#1'] },
    ],
    [
      'dynamodb',
      'Query',
      {
        TableName: 't',
        KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :prefix)',
        ExpressionAttributeValues: { ':pk': 'incidents', ':prefix': 'now#' },
      },
      { 'dynamodb:LeadingKeys': ['incidents'] },
    ],
    ['cloudwatch', 'PutMetricData', { Namespace: 'breakwater-prod' }, { 'cloudwatch:namespace': 'breakwater-prod' }],
    [
      'eventbridge',
      'PutEvents',
      { Entries: [{ Source: 'chatops.heartbeat', DetailType: 'Chatops Heartbeat' }] },
      { 'events:source': ['chatops.heartbeat'], 'events:detail-type': ['Chatops Heartbeat'] },
    ],
    [
      'route-53',
      'ChangeResourceRecordSets',
      {
        HostedZoneId: '/hostedzone/Z1',
        ChangeBatch: {
          Changes: [{ Action: 'UPSERT', ResourceRecordSet: { Name: 'API.example.com.', Type: 'CNAME' } }],
        },
      },
      {
        'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
        'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['api.example.com'],
        'route53:ChangeResourceRecordSetsRecordTypes': ['CNAME'],
      },
    ],
    ['secrets-manager', 'DescribeSecret', { SecretId: secret }, { 'secretsmanager:SecretId': secret }],
  ] as const)('that %s %s carries', ([service, operation, input, expected]) => {
    expect(asked(service, operation, input)[0]?.context).toMatchObject(expected);
  });

  test('of every call say who calls, and of one of a function which function', () => {
    const [byPerson] = asked('cloudwatch', 'DescribeAlarms', {});
    expect(byPerson?.context).toEqual({
      'aws:PrincipalAccount': account,
      'aws:PrincipalArn': where.principal,
      'aws:PrincipalIsAWSService': 'false',
      'aws:RequestedRegion': region,
      'aws:SecureTransport': 'true',
    });
    const functionArn = `arn:aws:lambda:${region}:${account}:function:breakwater-prod-sweep`;
    const [byFunction] = asked('cloudwatch', 'DescribeAlarms', {}, { ...where, functionArn });
    expect(byFunction?.context).toMatchObject({ 'lambda:SourceFunctionArn': functionArn });
  });

  test.for([
    ['GetManagedResource', { resourceIdentifier: balancer }, balancer, balancer],
    ['StartZonalShift', { resourceIdentifier: cluster }, '*', cluster],
    ['UpdateZonalShift', { zonalShiftId: '1' }, '*', cluster],
    ['CancelZonalShift', { zonalShiftId: '1' }, '*', cluster],
  ] as const)(
    'a zonal shift is named by a key, and a cluster by it alone: %s',
    ([operation, input, resource, named]) => {
      const [request] = asked('arc-zonal-shift', operation, input);
      expect(request?.resource).toBe(resource);
      expect(request?.context['arc-zonal-shift:ResourceIdentifier']).toBe(named);
    },
  );
});

describe('keys of KMS', () => {
  test.for([
    ['sns', 'Publish', { TopicArn: topic }, ['kms:Decrypt', 'kms:GenerateDataKey']],
    [
      'sqs',
      'SendMessage',
      { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q' },
      ['kms:Decrypt', 'kms:GenerateDataKey'],
    ],
    ['sqs', 'ReceiveMessage', { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/q' }, ['kms:Decrypt']],
    ['sns', 'ListSubscriptionsByTopic', { TopicArn: topic }, []],
    ['secrets-manager', 'GetSecretValue', { SecretId: secret }, ['kms:Decrypt']],
    ['secrets-manager', 'PutSecretValue', { SecretId: secret }, ['kms:Decrypt', 'kms:GenerateDataKey']],
    ['secrets-manager', 'DescribeSecret', { SecretId: secret }, []],
  ] as const)('%s %s uses the key of what is encrypted', ([service, operation, input, actions]) => {
    const used = asked(service, operation, input, where).filter(({ resource }) => resource === key.arn);
    expect(used.map(({ action }) => action)).toEqual(actions);
    for (const { context } of used)
      expect(context).toMatchObject({
        'kms:CallerAccount': account,
        'kms:ResourceAliases': key.aliases,
        'kms:ViaService': `${service.replace('-', '')}.us-east-1.amazonaws.com`,
      });
  });

  test('what is not encrypted with a key of ours uses none', () => {
    expect(asked('sns', 'Publish', { TopicArn: `${topic}-plain` }, where)).toHaveLength(1);
  });
});
