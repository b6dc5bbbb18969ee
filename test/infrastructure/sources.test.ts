// Conditions on who sends: a service that does not send the key is locked out, silently. Each condition on the source of a
// service's call is listed here with where AWS documents it, or as one to watch on a first deployment.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../functions/domain/plan.ts';
import type { Statement } from '../../simulator/iam/evaluate.ts';
import { type Resources, readResourcePolicy } from '../../simulator/iam/policies.ts';
import { madeOf, templateOf } from '../permissions/packaged.ts';
import { resolver } from '../permissions/resolve.ts';

const text = readFileSync('plan.yml', 'utf8');
const { primary, standby, witness, observers } = parsePlan(parse(text)).roles;
const [observer = ''] = observers;
const places = [primary, standby, observer, witness];
/** In the standby functions stand in a network, as a plan may ask for. */
const network = parsePlan(parse(`${text}\nvpc: { ${standby}: { subnets: [subnet-a], securityGroups: [sg-a] } }\n`));

/** By what is called, which service calls it, and the key: the page of AWS's documentation, or `watch`. */
const sources: Readonly<Record<string, string>> = {
  'AWS::IAM::Role events aws:SourceArn': 'watch',
  'AWS::IAM::Role lambda aws:SourceArn': 'watch',
  'AWS::IAM::Role states aws:SourceArn': 'Step Functions, Creating an IAM role for your state machine',
  'AWS::KMS::Key cloudwatch aws:SourceAccount': 'SNS, Key management',
  'AWS::Lambda::Permission apigateway aws:SourceArn':
    'API Gateway, Working with AWS Lambda proxy integrations for HTTP APIs',
  'AWS::Lambda::Permission events aws:SourceArn': 'EventBridge, Using resource-based policies',
  'AWS::Lambda::Permission secretsmanager aws:SourceArn': 'watch',
  'AWS::Lambda::Permission sns aws:SourceArn': 'SNS, Fanout to Lambda functions',
  'AWS::SNS::TopicPolicy * aws:SourceOwner': 'ElastiCache, Managing ElastiCache Amazon SNS notifications',
  'AWS::SNS::TopicPolicy cloudwatch aws:SourceAccount': 'CloudWatch, Set up Amazon SNS notifications',
  'AWS::SNS::TopicPolicy cloudwatch aws:SourceArn': 'CloudWatch, Set up Amazon SNS notifications',
  'AWS::SQS::QueuePolicy events aws:SourceArn': 'EventBridge, Using resource-based policies',
  'AWS::SQS::QueuePolicy sns aws:SourceArn': 'SNS, Configuring a dead-letter queue',
};

/** Services that send no source with this use, as AWS says or does not say: there must be no condition. */
const without = [
  // SNS, Key management: not supported for EventBridge; for SNS itself none is documented.
  'AWS::KMS::Key events',
  'AWS::KMS::Key sns',
  // aws-parallelcluster 6926; Lambda, Using source function ARN to control function access behavior.
  'AWS::IAM::Role lambda of CheckClusterRole',
  'AWS::IAM::Role lambda of ClassifyRole',
  'AWS::IAM::Role lambda of VerifyRegionRole',
];

type Found = { readonly id: string; readonly type: string; readonly statement: Statement };
const found = new Map<string, Found[]>();

beforeAll(async () => {
  for (const region of places) {
    const resources = region === standby ? madeOf(network, region) : (await templateOf(region)).Resources;
    found.set(region, policiesIn(resources, region));
  }
}, 480_000);

/** Every statement of a template that lets a service, or everybody, do something. */
function policiesIn(resources: Resources, region: string): Found[] {
  const resolve = resolver(resources, region);
  const types =
    /^AWS::(Events::EventBusPolicy|IAM::Role|KMS::Key|Lambda::Permission|S(3|NS|QS)::\w*Policy|SecretsManager::ResourcePolicy)$/;
  return Object.entries(resources)
    .filter(([, { Type }]) => types.test(Type))
    .flatMap(([id, { Type: type }]) =>
      readResourcePolicy(resources, id, resolve).map((statement) => ({ id, type, statement })),
    )
    .filter(({ statement }) => statement.Effect === 'Allow');
}

function callersOf({ Principal }: Statement): string[] {
  if (Principal === '*' || Principal === undefined) return ['*'];
  const services = typeof Principal.Service === 'string' ? [Principal.Service] : (Principal.Service ?? []);
  const named = services.map((service) => service.replace('.amazonaws.com', ''));
  return Principal.AWS === '*' ? [...named, '*'] : named;
}

/** The condition keys on the source that a statement has. */
function keysOf({ Condition = {} }: Statement): string[] {
  return Object.values(Condition).flatMap((tested) => Object.keys(tested).filter((key) => /^aws:Source/i.test(key)));
}

function conditions(): string[] {
  const all = [...found.values()]
    .flat()
    .flatMap(({ type, statement }) =>
      callersOf(statement).flatMap((caller) => keysOf(statement).map((key) => `${type} ${caller} ${key}`)),
    );
  return [...new Set(all)].toSorted();
}

test('each condition on a source has its source in the documentation, or is watched', () => {
  expect(conditions()).toEqual(Object.keys(sources).toSorted());
});

test('what is watched stands in docs/deploy.md', () => {
  const watched = readFileSync('docs/deploy.md', 'utf8');
  for (const [condition, source] of Object.entries(sources)) {
    const [, service = ''] = condition.split(' ');
    if (source === 'watch')
      expect(watched).toMatch(new RegExp(`\\*\\*watch\\*\\*[^|]*\\| ${service}\\.amazonaws\\.com`));
  }
});

test('EventBridge is given no condition on the account: with one it cannot invoke a function', () => {
  const ofEvents = conditions().filter((condition) => condition.includes(' events '));
  expect(ofEvents.filter((condition) => condition.includes('SourceAccount'))).toEqual([]);
});

describe('a service without a condition', () => {
  test.for(places)('is one that sends none, in %s', (region) => {
    const open = (found.get(region) ?? []).flatMap(({ id, type, statement }) =>
      keysOf(statement).length > 0
        ? []
        : callersOf(statement)
            .filter((caller) => caller !== '*')
            .map((caller) => (type === 'AWS::IAM::Role' ? `${type} ${caller} of ${id}` : `${type} ${caller}`)),
    );
    expect(open.filter((one) => !without.includes(one))).toEqual([]);
  });

  test('may be the key of a stack, and the roles that Lambda uses without a function', () => {
    const open = new Set(
      [...found.values()]
        .flat()
        .flatMap(({ id, type, statement }) =>
          keysOf(statement).length > 0
            ? []
            : callersOf(statement).map((caller) => `${type} ${caller}${type === 'AWS::IAM::Role' ? ` of ${id}` : ''}`),
        ),
    );
    expect(without.filter((one) => !open.has(one))).toEqual([]);
  });
});

test('the source of every other call is of this account', () => {
  for (const [region, statements] of found)
    for (const { id, statement } of statements) {
      const values = Object.values(statement.Condition ?? {}).flatMap((tested) =>
        Object.entries(tested).flatMap(([key, value]) => (/^aws:Source/i.test(key) ? [value] : [])),
      );
      for (const value of values.flat())
        expect([region, id, value]).toEqual([region, id, expect.stringContaining('111122223333')]);
    }
});
