// Policies as they stand in a packaged template, with its intrinsic functions.
import { expect, test } from 'vitest';
import { type Resources, readPolicies, readResourcePolicy } from '../../../simulator/iam/policies.ts';

const statement = {
  Sid: 'Send',
  Effect: 'Allow',
  Action: ['sqs:SendMessage'],
  Resource: [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, { 'Fn::Sub': `arn:\${AWS::Partition}:sqs:b` }],
  Condition: {
    Bool: { 'aws:SecureTransport': true },
    StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
  },
};
const resources: Resources = {
  ClassifyRole: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'classify', PolicyDocument: { Version: '2012-10-17', Statement: [statement] } }],
    },
  },
  Shared: {
    Type: 'AWS::IAM::Policy',
    Properties: {
      Roles: [{ Ref: 'ClassifyRole' }],
      PolicyDocument: { Statement: { Sid: 'Shared', Effect: 'Deny', Action: 'sqs:*', Resource: '*' } },
    },
  },
  OfAnother: {
    Type: 'AWS::IAM::Policy',
    Properties: { Roles: [{ Ref: 'SweepRole' }], PolicyDocument: { Statement: [{ Sid: 'Other' }] } },
  },
  ManagedRole: {
    Type: 'AWS::IAM::Role',
    Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
  },
  QueuePolicy: { Type: 'AWS::SQS::QueuePolicy', Properties: { PolicyDocument: { Statement: [statement] } } },
  Bus: {
    Type: 'AWS::Events::EventBusPolicy',
    Properties: { Statement: { Effect: 'Deny', Principal: '*', Action: 'events:PutEvents', Resource: 'b' } },
  },
  Permission: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: { 'Fn::GetAtt': ['Sweep', 'Arn'] },
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] },
    },
  },
};
const resolve = (intrinsic: Readonly<Record<string, unknown>>) =>
  `resolved ${JSON.stringify(Object.values(intrinsic)[0])}`;

test('a role has its own statements and those of policies that name it, resolved', () => {
  expect(readPolicies(resources, 'ClassifyRole', resolve)).toEqual([
    {
      ...statement,
      Resource: ['resolved ["Queue","Arn"]', `resolved "arn:\${AWS::Partition}:sqs:b"`],
      Condition: {
        Bool: { 'aws:SecureTransport': 'true' },
        StringEquals: { 'aws:SourceAccount': 'resolved "AWS::AccountId"' },
      },
    },
    { Sid: 'Shared', Effect: 'Deny', Action: 'sqs:*', Resource: '*' },
  ]);
});

test('what is no role, or has rights that stand elsewhere, is not read', () => {
  expect(() => readPolicies(resources, 'Nobody', resolve)).toThrow('Nobody is not in the template');
  expect(() => readPolicies(resources, 'QueuePolicy', resolve)).toThrow(
    'is AWS::SQS::QueuePolicy, expected AWS::IAM::Role',
  );
  expect(() => readPolicies(resources, 'ManagedRole', resolve)).toThrow('ManagedRole has ManagedPolicyArns');
});

test.for([
  ['whom a role trusts', 'ClassifyRole', { Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  ['the policy of a queue', 'QueuePolicy', { Sid: 'Send' }],
  ['the policy of a bus, which is one statement', 'Bus', { Effect: 'Deny', Action: 'events:PutEvents' }],
  [
    'a permission of a function',
    'Permission',
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: 'resolved ["Sweep","Arn"]',
      Condition: { ArnLike: { 'aws:SourceArn': 'resolved ["Rule","Arn"]' } },
    },
  ],
] as const)('reads %s', ([, name, expected]) => {
  expect(readResourcePolicy(resources, name, resolve)).toMatchObject([expected]);
});

test('what has no resource policy is not read as one', () => {
  expect(() => readResourcePolicy(resources, 'Shared', resolve)).toThrow('Shared is AWS::IAM::Policy');
});
