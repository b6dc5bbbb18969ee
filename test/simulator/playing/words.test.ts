// What the words of a scenario are in a plan, and that the plan's own names are taken as they are.
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import {
  alarmIn,
  assetIn,
  bucketIn,
  identifierIn,
  regionIn,
  regionWord,
  stepIn,
  textIn,
  zoneIn,
  zoneWord,
} from '../../../simulator/playing/words.ts';
import { plan } from '../../plan.ts';

const second = plan.assets.flatMap((asset) =>
  asset.kind === 'rds-instance'
    ? [
        {
          ...asset,
          name: 'ledger',
          regions: { 'us-east-1': { instance: 'ledger-prod' }, 'us-west-2': { instance: 'ledger-dr' } },
        },
      ]
    : [],
);
const two: Plan = { ...plan, assets: [...plan.assets, ...second] };
const stateless: Plan = { ...plan, assets: plan.assets.filter(({ kind }) => kind === 'eks-cluster') };

test.for([
  ['the topic of approver 1', 'breakwater-sim-dr-coordinator'],
  ['the topic of reader 2', 'breakwater-sim-app-lead'],
  ['the topic of approver 9', null],
  ['the topic of nobody', null],
] as const)('%s is %s', ([word, topic]) => {
  expect(identifierIn(plan, word)).toBe(topic);
});

test.for([
  ['primary', 'us-east-1'],
  ['standby', 'us-west-2'],
  ['witness', 'us-east-2'],
  ['observer 1', 'eu-west-1'],
  ['observer 2', 'ap-southeast-1'],
  ['observer 3', null],
  ['us-west-2', 'us-west-2'],
  ['ap-southeast-1', 'ap-southeast-1'],
  ['eu-north-1', null],
  ['toString', null],
] as const)('the region %s is %s', ([word, region]) => {
  expect(regionIn(plan, word)).toBe(region);
});

test.for([
  ['zone 1', 'use1-az1'],
  ['zone 3', 'use1-az4'],
  ['zone 4', null],
  ['standby zone 2', 'usw2-az2'],
  ['standby zone 4', null],
  ["the writer's zone", 'use1-az1'],
  ['usw2-az3', 'usw2-az3'],
  ['use1-az3', null],
] as const)('the zone %s is %s', ([word, zone]) => {
  expect(zoneIn(plan, word)).toBe(zone);
});

test('roles and places follow the plan, whatever its regions are called', () => {
  const turned: Plan = { ...plan, roles: { ...plan.roles, primary: 'us-west-2', standby: 'us-east-1' } };
  expect(regionIn(turned, 'primary')).toBe('us-west-2');
  expect([zoneIn(turned, 'zone 3'), zoneIn(turned, 'standby zone 3')]).toEqual(['usw2-az3', 'use1-az4']);
  expect(identifierIn(turned, 'database 1')).toBe('chatops-dr-replica');
  expect(bucketIn(turned, 'latch in standby')).toBe('chatops-latch-us-east-1');
});

test.for([
  ['database 1', 'database', 'chatops-prod'],
  ['standby database 1', undefined, 'chatops-dr-replica'],
  ['database 2', 'ledger', 'ledger-prod'],
  ['standby database 2', undefined, 'ledger-dr'],
  ['database 3', undefined, null],
  ['ledger', 'ledger', 'ledger-prod'],
  ['standby ledger', undefined, 'ledger-dr'],
  ['cache 1', 'cache', 'chatops-redis'],
  ['cache 2', undefined, null],
  ['cluster 1', 'cluster', 'chatops-prod'],
  ['balancer 1', 'ingress', 'app/chatops-ingress/50dc6c495c0c9188'],
  ['chatops-redis-dr', undefined, 'chatops-redis-dr'],
  ['chatops-nothing', undefined, null],
  ['constructor 1', undefined, null],
] as const)('the asset %s is %s, and %s to AWS', ([word, name, identifier]) => {
  expect(assetIn(two, word)?.name).toBe(name);
  expect(identifierIn(two, word)).toBe(identifier);
});

test('a plan without databases and caches has none, and its writers would be in the first zone', () => {
  expect([assetIn(stateless, 'database 1'), assetIn(stateless, 'cache 1')]).toEqual([null, null]);
  expect(zoneIn(stateless, "the writer's zone")).toBe('use1-az1');
});

test.for([
  ['latch in standby', 'chatops-latch-us-west-2'],
  ['latch in witness', 'chatops-latch-us-east-2'],
  ['latch in primary', null],
  ['chatops-latch-us-east-1', 'chatops-latch-us-east-1'],
  ['chatops-other', null],
] as const)('the bucket %s is %s', ([word, bucket]) => {
  expect(bucketIn(plan, word)).toBe(bucket);
});

test('an alarm has the name of its application before its own', () => {
  expect(alarmIn({ ...plan, application: 'shop' }, 'cache-evictions')).toBe('shop-cache-evictions');
  expect(alarmIn(plan, 'chatops-cache-evictions')).toBe('chatops-cache-evictions');
});

test('a step is a state, or a verb and its asset', () => {
  expect(stepIn(two, 'TakeLock')).toBe('TakeLock');
  expect(stepIn(two, 'take-over/database 2')).toBe('take-over/ledger');
  expect(stepIn(two, 'take-over/database 3')).toBeNull();
});

test('a text has the names of its assets, and what is none stays as it is', () => {
  expect(textIn(two, 'taking over database 2, then database 1')).toBe('taking over ledger, then database');
  expect(textIn(two, 'database 3 may be 15 min late, try 2 of 3')).toBe('database 3 may be 15 min late, try 2 of 3');
});

describe('what is no word is refused whatever the plan is', () => {
  test.for([
    ['a region', regionWord, 'primary zone', 'primary, standby, witness, observer 1 or a region such as us-east-1'],
    ['an observer without a place', regionWord, 'observer', 'observer 1'],
    ['a place from 0', zoneWord, 'zone 0', "zone 1, standby zone 1, the writer's zone or a zone id such as use1-az1"],
    ['a zone name', zoneWord, 'us-east-1a', 'a zone id such as use1-az1'],
  ] as const)('%s', ([, schema, word, expected]) => {
    expect(schema.safeParse(word).error?.issues[0]?.message).toContain(expected);
  });
});
