// What plan and values of the command make of a stack, and where they contradict each other; stack.test.ts has the rest.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { longNamesIn } from '../../check/packaging.ts';
import { parsePlan } from '../../check/plan.ts';
import { planFileOf, readPlan } from '../../infrastructure/plan-file.ts';
import { partsOf, resourcesOf } from '../../infrastructure/stack.ts';
import { Contradiction, describeStack, placesOf, stackOf, type Values } from '../../infrastructure/values.ts';
import { changing } from '../assets.ts';
import { plan, planText as written } from '../plan.ts';

type Given = Readonly<Record<string, string>>;

const everybody: Given = {
  'dr-coordinator': 'coordinator@example.com',
  'infra-lead': 'infra@example.com',
  dba: 'dba@example.com,dba-on-duty@example.com',
  'app-lead': 'app@example.com',
  'on-call': 'https://events.example.com/integration/1/enqueue',
};

test('each region of the plan has a stack: what takes over, the witness, and who observes', () => {
  expect(Object.fromEntries(placesOf(plan))).toEqual({
    'us-east-1': 'primary',
    'us-west-2': 'standby',
    'us-east-2': 'witness',
    'eu-west-1': 'observer',
    'ap-southeast-1': 'observer',
  });
});

test('a plan of other regions also has a stack where AWS Health sends its copies', () => {
  const { roles } = plan;
  const elsewhere = { ...plan, roles: { ...roles, primary: 'eu-west-2', standby: 'eu-central-1', observers: [] } };
  expect(placesOf(elsewhere).get('us-west-2')).toBe('latch');
  const { redirection } = plan;
  const changed = { ...elsewhere, redirection: { ...redirection, latchBuckets: {} } };
  expect(placesOf(changed).get('us-west-2')).toBe('copies of AWS Health');
});

test('every contact is subscribed to a topic of its own, by each of its addresses', async () => {
  const stack = await describe('us-east-1', everybody);
  const subscriptions = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === 'AWS::SNS::Subscription');
  const people = subscriptions.filter(({ Properties }) => Properties['Protocol'] !== 'lambda');
  const each = people.map(({ Properties }) => [
    (Properties['TopicArn'] as { Ref: string }).Ref,
    Properties['Protocol'],
    Properties['Endpoint'],
  ]);
  expect(each).toEqual([
    ['DrCoordinatorTopic', 'email', 'coordinator@example.com'],
    ['InfraLeadTopic', 'email', 'infra@example.com'],
    ['DbaTopic', 'email', 'dba@example.com'],
    ['DbaTopic', 'email', 'dba-on-duty@example.com'],
    ['AppLeadTopic', 'email', 'app@example.com'],
    ['OnCallTopic', 'https', 'https://events.example.com/integration/1/enqueue'],
  ]);
});

test('a later channel has a topic and addresses of its own; what is posted has neither', async () => {
  const { 'on-call': onCall, 'app-lead': appLead } = plan.contacts;
  if (onCall === undefined || appLead === undefined) throw new Error('the plan has no such contacts');
  const webhook = '/chatops/webhooks/pagerduty';
  const contacts = {
    ...plan.contacts,
    'on-call': { ...onCall, channel: 'pagerduty' as const, webhook, next: ['sms' as const, 'email' as const] },
    'app-lead': { ...appLead, channel: 'amazon-q' as const },
  };
  const changed = { ...plan, contacts };
  const { 'on-call': _, 'app-lead': __, ...others } = everybody;
  const given = { ...others, 'on-call-sms': '+15551234567', 'on-call-email': 'ops@example.com' };
  const made = resourcesOf(await describe('us-east-1', given, changed));
  const subscriptions = Object.entries(made).filter(
    ([name]) => name.startsWith('OnCall') && name.includes('Subscription'),
  );
  expect(subscriptions.map(([, { Properties }]) => [Properties['Protocol'], Properties['Endpoint']])).toEqual([
    ['sms', '+15551234567'],
    ['email', 'ops@example.com'],
  ]);
  expect(made['OnCallTopic']).toBeUndefined();
  // What CloudWatch says of the automation goes to the first channel that is a topic.
  expect(JSON.stringify(made['OnCallSmsTopicPolicy'])).toContain('AlarmsOnTheAutomation');
  await expect(describe('us-east-1', { ...given, 'on-call-sms': 'ops@example.com' }, changed)).rejects.toThrow(
    '--param on-call-sms: is "ops@example.com", expected a telephone number such as +15551234567',
  );
  await expect(describe('us-east-1', { ...given, 'app-lead': 'app@example.com' }, changed)).rejects.toThrow(
    '--param app-lead: is not needed, as app-lead is reached by amazon-q',
  );
});

test('a record that the flow changes itself is not made: a deployment would send users back', async () => {
  const changed = parsePlan(parse(written.replace('mode: latch', 'mode: record-change')));
  const {
    ReportsBucket: _,
    ReportsBucketPolicy: __,
    ...others
  } = resourcesOf(await describe('us-east-1', everybody, changed));
  expect(Object.values(others).filter(({ Type }) => /^AWS::(Route53|S3)::/.test(Type))).toEqual([]);
});

test('each load balancer of the plan has an alarm for each zone', async () => {
  const balancers = ['app/one/1', 'net/two/2'];
  const many = changing('load-balancer', plan, { regions: { 'us-east-1': balancers, 'us-west-2': balancers } });
  const made = Object.values(resourcesOf(await describe('us-east-1', everybody, many)));
  const names = made
    .map(({ Properties }) => String(Properties['AlarmName'] ?? ''))
    .filter((name) => /targets/.test(name));
  expect(names).toHaveLength(6);
  expect(names[5]).toBe('chatops-ingress-targets-unhealthy-002-use1-az4');
});

test('a plan may put the functions that reach a database or a cluster into a network', () => {
  const network = { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-a'] };
  const changed = parsePlan({ ...(parse(written) as object), vpc: { 'us-west-2': network } });
  const connected = (region: string) =>
    Object.entries(partsOf(stackOf(changed, region, 'breakwater-prod')).functions).flatMap(([verb, one]) => {
      const { vpc = null, dependsOn = [] } = one as { vpc?: object; dependsOn?: string[] };
      return vpc === null ? [] : [{ verb, vpc, dependsOn }];
    });
  const vpc = { subnetIds: network.subnets, securityGroupIds: network.securityGroups };
  // Lambda refuses a function whose role may not connect it yet.
  expect(connected('us-west-2')).toEqual(
    ['verify-region', 'eks-cluster-take-over'].map((verb) => ({ verb, vpc, dependsOn: ['VpcRights'] })),
  );
  expect(resourcesOf(stackOf(changed, 'us-west-2', 'breakwater-prod'))['VpcRights']?.Type).toBe('AWS::IAM::Policy');
  expect(connected('us-east-1')).toEqual([]);
  expect(resourcesOf(stackOf(changed, 'us-east-1', 'breakwater-prod'))).not.toHaveProperty('VpcRights');
});

test('a name that grows past what AWS takes is found, whatever it is the name of', () => {
  const longNames = (of: string) => longNamesIn([...placesOf(plan).keys()].map((region) => stackOf(plan, region, of)));
  expect(longNames('breakwater-prod')).toEqual([]);
  const prefix = `breakwater-${'x'.repeat(28)}`;
  const bucket = (region: string) =>
    `${prefix}-reports-111122223333-${region} has 70 characters, expected at most 63 for AWS::S3::Bucket`;
  expect(longNames(prefix)).toEqual([
    bucket('us-east-1'),
    `${prefix}-check-readiness-on-change has 65 characters, expected at most 64 for AWS::Events::Rule`,
    bucket('us-west-2'),
  ]);
  const longer = longNames(`breakwater-${'x'.repeat(53)}`);
  const limited = new Set(longer.map((line) => /expected at most (\d+) for (.*)/.exec(line)?.slice(1).join(' ')));
  expect([...limited].toSorted()).toEqual([
    '63 AWS::S3::Bucket',
    '64 AWS::Events::Rule',
    '64 AWS::IAM::Role',
    '64 AWS::Lambda::Function',
    '80 AWS::SQS::Queue',
    '80 AWS::StepFunctions::StateMachine',
  ]);
});

test.for([
  ['a file that is not there', 'none.yml'],
  ['a folder', 'functions'],
])('a plan that is %s is said with its name', ([, file = '']) => {
  expect(() => readPlan(file)).toThrow(`${file}: there is no such file, expected a plan such as plan.yml`);
});

test.for([
  [undefined, 'plan.yml'],
  [['dba=a@example.com'], 'plan.yml'],
  [['plan=a.yml', 'dba=a@example.com', 'plan=examples/b=c.yml'], 'examples/b=c.yml'],
] as const)('the plan of the values %j is %s', ([param, file]) => {
  expect(planFileOf(param === undefined ? {} : { param })).toBe(file);
});

test('packaging stops where addresses are neither given nor elsewhere', async () => {
  const line = '--param addresses: is "none", expected elsewhere, or an address for each role';
  await expect(describe('us-east-1', { addresses: 'none' })).rejects.toThrow(new Contradiction(line));
});

function describe(region: string, given: Given, of = plan) {
  return describeStack(of, valuesOf(region, given));
}

function valuesOf(region: string, given: Given): Values {
  return {
    region,
    stage: 'prod',
    named: Object.keys(given),
    given: (name) => Promise.resolve(given[name] ?? null),
  };
}
