// Each rule about the packaged template with a template that breaks it, and no other rule.
import { expect, test } from 'vitest';
import { findInTemplate } from '../../check/stability-template.ts';
import { readTemplate, type Template } from '../../check/template.ts';
import { plan } from '../plan.ts';

const assume = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

function role(...Action: readonly string[]) {
  const Statement = [{ Effect: 'Allow', Action: Action.length === 1 ? Action[0] : Action, Resource: '*' }];
  const Policies = [{ PolicyName: 'p', PolicyDocument: { Statement } }];
  return { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: assume, Policies } };
}

const table = {
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    MultiRegionConsistency: 'STRONG',
    Replicas: [{ Region: 'us-east-1' }, { Region: 'us-west-2' }],
    GlobalTableWitnesses: [{ Region: 'us-east-2' }],
  },
};
const check = {
  Type: 'AWS::Route53::HealthCheck',
  Properties: {
    HealthCheckConfig: { Type: 'HTTPS', Inverted: true, FullyQualifiedDomainName: 'b.s3.us-west-2.amazonaws.com' },
  },
};
const record = {
  Type: 'AWS::Route53::RecordSet',
  Properties: { Failover: 'PRIMARY', HealthCheckId: { Ref: 'Check' }, Name: 'api.chatops.example.com', Type: 'CNAME' },
};
const page = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Environment: {
      Variables: { BREAKWATER_PAGE_URL: { 'Fn::Join': ['', ['https://', { Ref: 'Api' }, { Ref: 'AWS::Region' }]] } },
    },
  },
};
const topic = { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: { Ref: 'Key' } } };

const good = {
  StepRole: role('rds:PromoteReadReplica', 'iam:PassRole', 'route53:GetChange', 's3:PutObject'),
  StateTable: table,
  Check: check,
  Record: record,
  Page: page,
  Topic: topic,
};

function templateOf(Resources: object, more: object = {}): Template {
  const template = readTemplate({ Resources, ...more });
  if (template === null) throw new Error('no template');
  return template;
}

const found = (Resources: object, more: object = {}) =>
  findInTemplate(plan, templateOf({ ...good, ...Resources }, more));

test('a template that depends on nothing that may be gone breaks no rule', () => {
  expect(found({})).toEqual([]);
});

const machine = (resource: string) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: { DefinitionString: { 'Fn::Sub': [`{"States":{"A":{"Resource":"${resource}"}}}`, {}] } },
});
const lambda = (Variables: object) => ({ Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } });
const alarm = (Properties: object) => ({ Type: 'AWS::CloudWatch::Alarm', Properties });
const properties = (resource: { Properties: object }, change: object) => ({
  ...resource,
  Properties: { ...resource.Properties, ...change },
});

test.for([
  ['a step that writes IAM', { Bad: role('iam:AttachRolePolicy') }, ['iam-write', 'error', 'Bad']],
  ['a step that may do everything', { Bad: role('*') }, ['iam-write', 'error', 'Bad']],
  ['a step with all of IAM', { Bad: role('iam:*') }, ['iam-write', 'error', 'Bad']],
  [
    'a state that writes IAM itself',
    { Bad: machine('arn:aws:states:::aws-sdk:iam:putRolePolicy') },
    ['iam-write', 'error', 'Bad'],
  ],
  [
    'a step that creates health checks',
    { Bad: role('s3:PutObject', 'route53:CreateHealthCheck') },
    ['health-check-write', 'error', 'Bad'],
  ],
  [
    'a step that changes health checks',
    { Bad: role('route53:UpdateHealthCheck') },
    ['health-check-write', 'error', 'Bad'],
  ],
  [
    'a state that creates a health check itself',
    { Bad: machine('arn:aws:states:::aws-sdk:route53:createHealthCheck') },
    ['health-check-write', 'error', 'Bad'],
  ],
  [
    'a step that changes Global Accelerator',
    { Bad: role('globalaccelerator:UpdateEndpointGroup') },
    ['single-region-control-plane', 'error', 'Bad'],
  ],
  [
    'a step that changes CloudFront',
    { Bad: role('cloudfront:UpdateDistribution') },
    ['single-region-control-plane', 'error', 'Bad'],
  ],
  ['a step that reads exports', { Bad: role('cloudformation:ListExports') }, ['reads-cloudformation', 'error', 'Bad']],
  [
    'a table of one region',
    { StateTable: { Type: 'AWS::DynamoDB::Table', Properties: {} } },
    ['state-in-one-region', 'error', 'StateTable'],
  ],
  [
    'a table that settles conflicts by the last writer',
    { StateTable: properties(table, { MultiRegionConsistency: 'EVENTUAL' }) },
    ['state-eventually-consistent', 'error', 'StateTable'],
  ],
  [
    'a table without a replica in the standby',
    { StateTable: properties(table, { Replicas: [{ Region: 'us-east-1' }] }) },
    ['state-not-there', 'error', 'StateTable'],
  ],
  [
    'a table without a witness',
    { StateTable: properties(table, { GlobalTableWitnesses: [] }) },
    ['state-not-there', 'error', 'StateTable'],
  ],
  [
    'a latch that nobody turned round',
    { Check: { Type: check.Type, Properties: { HealthCheckConfig: { Type: 'HTTPS' } } } },
    ['latch-not-inverted', 'error', 'Check'],
  ],
  [
    'a failover record that has no health check',
    { Record: properties(record, { HealthCheckId: undefined }) },
    ['record-without-health-check', 'error', 'Record'],
  ],
  [
    'an alarm on a health check',
    { Bad: alarm({ Namespace: 'AWS/Route53' }) },
    ['alarm-on-health-check', 'warning', 'Bad'],
  ],
  [
    'an alarm on a health check in an expression',
    { Bad: alarm({ Metrics: [{ MetricStat: { Metric: { Namespace: 'AWS/Route53' } } }] }) },
    ['alarm-on-health-check', 'warning', 'Bad'],
  ],
  [
    'a health check on an alarm of the primary',
    {
      Bad: {
        Type: check.Type,
        Properties: {
          HealthCheckConfig: { Type: 'CLOUDWATCH_METRIC', AlarmIdentifier: { Name: 'a', Region: 'us-east-1' } },
        },
      },
    },
    ['health-check-on-alarm', 'error', 'Bad'],
  ],
  [
    'a topic with a key of the primary',
    { Topic: properties(topic, { KmsMasterKeyId: 'arn:aws:kms:us-east-1:111122223333:key/k' }) },
    ['fixed-elsewhere', 'error', 'Topic'],
  ],
  [
    'an approval page in the primary',
    { Page: lambda({ BREAKWATER_PAGE_URL: 'https://a.execute-api.us-east-1.amazonaws.com' }) },
    ['fixed-elsewhere', 'error', 'Page'],
  ],
  [
    'a key of links in the primary',
    {
      Page: lambda({
        BREAKWATER_LINK_KEY: { 'Fn::Sub': ['arn:aws:secretsmanager:us-east-1:111122223333:secret:s', {}] },
      }),
    },
    ['fixed-elsewhere', 'error', 'Page'],
  ],
  [
    'an image in the primary',
    { Page: { Type: page.Type, Properties: { Code: { ImageUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/i' } } } },
    ['fixed-elsewhere', 'error', 'Page'],
  ],
  [
    'a value that another stack exports',
    { Bad: lambda({ HOST: { 'Fn::ImportValue': 'host' } }) },
    ['cloudformation-import', 'error', 'Bad'],
  ],
  [
    'the global endpoint of STS by its setting',
    { Bad: lambda({ AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }) },
    ['global-sts', 'error', 'Bad'],
  ],
  [
    'the global endpoint of STS by its address',
    { Bad: lambda({ AWS_ENDPOINT_URL_STS: 'https://sts.amazonaws.com' }) },
    ['global-sts', 'error', 'Bad'],
  ],
] as const)('%s is found, and nothing else', ([, resources, [id, severity, resource]]) => {
  expect(found(resources)).toEqual([
    {
      id,
      severity,
      where: { resource },
      depends: expect.stringContaining('depend'),
      reason: expect.stringMatching(/\w/),
      fix: expect.stringMatching(/\w/),
    },
  ]);
});

test('without health checks the latch leads nowhere; in the other mode none is needed', () => {
  const { Check: _, Record: __, ...rest } = good;
  const template = templateOf(rest);
  expect(findInTemplate(plan, template)).toMatchObject([
    { id: 'no-health-check', severity: 'error', where: { plan: ['redirection', 'mode'] } },
  ]);
  const changing = { ...plan, redirection: { ...plan.redirection, mode: 'record-change' as const } };
  expect(findInTemplate(changing, template)).toEqual([]);
});

test('an output that is exported is a warning', () => {
  const own = { Value: 'z', Export: { Name: 'sls-breakwater-prod-ServerlessDeploymentBucketName' } };
  const Outputs = {
    ...{ Page: { Value: 'x', Export: { Name: 'page' } }, Table: { Value: 'y' } },
    ServerlessDeploymentBucketName: own,
  };
  expect(found({}, { Outputs })).toMatchObject([
    { id: 'cloudformation-export', severity: 'warning', where: { resource: 'Page' } },
  ]);
});

const isPrimary = { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] };

test.for([
  ['it says so', isPrimary, true],
  ['it names another condition that does', { Condition: 'Other' }, true],
  [
    'it is the contrary of being elsewhere',
    { 'Fn::Not': [{ 'Fn::Equals': ['us-west-2', { Ref: 'AWS::Region' }] }] },
    true,
  ],
  ['it needs two things', { 'Fn::And': [isPrimary, { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }] }, true],
  [
    'it holds in either region',
    { 'Fn::Or': [isPrimary, { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-west-2'] }] },
    false,
  ],
  ['it holds in the standby alone', { 'Fn::Not': [isPrimary] }, false],
  ['it asks something else', { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] }, false],
] as const)('an approval page whose condition is about the primary is found where %s', ([, condition, isFound]) => {
  const Api = { Type: 'AWS::ApiGatewayV2::Api', Condition: 'Here', Properties: {} };
  const weaknesses = found({ Api }, { Conditions: { Here: condition, Other: isPrimary } });
  expect(weaknesses.map(({ id, where }) => [id, where])).toEqual(
    isFound ? [['only-in-primary', { resource: 'Api' }]] : [],
  );
});

test('what is denied is no right, and a right is found once', () => {
  const Statement = [{ Effect: 'Deny', Action: 'iam:*', Resource: '*' }];
  const Denied = { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement } } };
  expect(found({ Denied })).toEqual([]);
  expect(found({ Bad: role('iam:CreateRole', 'iam:CreateRole') })).toHaveLength(1);
});

test('what is no template is none', () => {
  expect(readTemplate({ Resources: { A: {} } })).toBeNull();
  expect(readTemplate('text')).toBeNull();
});

test('a template of one region may name its own region and not the other one', () => {
  const Page = lambda({ BREAKWATER_PAGE_URL: 'https://a.execute-api.us-west-2.amazonaws.com' });
  const template = templateOf({ ...good, Page });
  expect(findInTemplate(plan, template, 'us-west-2')).toEqual([]);
  expect(findInTemplate(plan, template, 'us-east-1')).toMatchObject([{ id: 'fixed-elsewhere' }]);
});

test('health checks may be in the primary template alone', () => {
  const { Check: _, Record: __, ...rest } = good;
  expect(findInTemplate(plan, templateOf(rest), 'us-west-2')).toEqual([]);
  expect(findInTemplate(plan, templateOf(rest), 'us-east-1')).toMatchObject([{ id: 'no-health-check' }]);
});
