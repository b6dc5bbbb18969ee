// What AWS FIS asks of the role of an experiment: the roles of the stack pass, and each that lacks something fails as at AWS.
import { expect, test } from 'vitest';
import type { ExperimentRole } from '../../../simulator/iam/experiment-role.ts';
import { whyRoleFails } from '../../../simulator/iam/experiment-role.ts';

const place = { region: 'us-east-1', account: '111122223333' };
const node = { action: 'aws:ec2:terminate-instances', tags: { 'eks:cluster-name': 'chatops-prod' } };
const zone = { action: 'aws:network:disrupt-connectivity', tags: {} };
const trust = (change: object = {}) => ({
  AssumeRolePolicyDocument: {
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: { Service: 'fis.amazonaws.com' }, Action: 'sts:AssumeRole' },
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:fis:us-east-1:111122223333:experiment/*' } },
        ...change,
      },
    ],
  },
});
const may = (...statements: object[]) => ({ Policies: [{ PolicyDocument: { Statement: statements } }] });
const sees = { Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' };
const ends = (cluster: string) => ({
  ...{ Effect: 'Allow', Action: 'ec2:TerminateInstances', Resource: 'arn:aws:ec2:us-east-1:111122223333:instance/*' },
  Condition: { StringEquals: { 'aws:ResourceTag/eks:cluster-name': cluster } },
});
const network = 'arn:aws:iam::aws:policy/service-role/AWSFaultInjectionSimulatorNetworkAccess';
const denied = (actions: string) => `The experiment role is not authorized to perform ${actions}`;

test.for<[string, object | undefined, typeof node | typeof zone, string | null]>([
  [
    'a node by a role that may end those of its cluster',
    { ...trust(), ...may(sees, ends('chatops-prod')) },
    node,
    null,
  ],
  [
    'a node by one of another cluster',
    { ...trust(), ...may(sees, ends('chatops-dr')) },
    node,
    denied('ec2:TerminateInstances'),
  ],
  [
    'a node by one that may not look',
    { ...trust(), ...may(ends('chatops-prod')) },
    node,
    denied('ec2:DescribeInstances'),
  ],
  ['a zone by the policy of AWS', { ...trust(), ManagedPolicyArns: [network] }, zone, null],
  ['a zone by a role without it', trust(), zone, denied('ec2:CreateNetworkAcl')],
  ['anything without a role', undefined, zone, 'Unable to assume role: there is no such role'],
  [
    'anything by a role that trusts Lambda',
    trust({ Principal: { Service: 'lambda.amazonaws.com' } }),
    zone,
    'Unable to assume role: it does not trust fis.amazonaws.com for this experiment',
  ],
  [
    'anything by a role for experiments of another account',
    trust({ Condition: { StringEquals: { 'aws:SourceAccount': '444455556666' } } }),
    zone,
    'Unable to assume role: it does not trust fis.amazonaws.com for this experiment',
  ],
])('FIS breaks %s', ([, role, asked, why]) => {
  expect(whyRoleFails(role as ExperimentRole, asked, place)).toBe(why);
});
