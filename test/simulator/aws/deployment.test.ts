// What the twin boots in process is what is packaged: both are read by the same reader, and say the same.
import { beforeAll, describe, expect, test } from 'vitest';
import { partsOf } from '../../../infrastructure/stack.ts';
import { placesOf, stackOf } from '../../../infrastructure/values.ts';
import { type Deployment, readParts, readResources } from '../../../simulator/aws/deployment.ts';
import { packaged as plan, templateOf } from '../../permissions/packaged.ts';

const account = '111122223333';
const regions = [...placesOf(plan).keys()];
const packaged = new Map<string, Deployment>();

beforeAll(async () => {
  for (const region of regions)
    packaged.set(region, readResources((await templateOf(region)).Resources, region, account));
}, 480_000);

describe.for(regions)('in %s', (region) => {
  const booted = readParts(partsOf(stackOf(plan, region, 'breakwater-rehearsal')), region, account);
  const what = ['rules', 'queues', 'mappings', 'topics', 'alarms', 'machines', 'rotations', 'routes'] as const;

  test.for(what)('%s are the packaged ones', (part) => {
    expect(sorted(booted[part])).toEqual(sorted(packaged.get(region)?.[part] ?? []));
  });

  test('functions are the packaged ones, with their limits, environment, roles and failure queues', () => {
    expect(sorted(booted.functions.values())).toEqual(sorted(packaged.get(region)?.functions.values() ?? []));
  });
});

test('there is something of each to compare: what reads nothing proves nothing', () => {
  const { functions, rules, queues, mappings, topics, alarms, machines, rotations, routes } = packaged.get(
    plan.roles.primary,
  ) as Deployment;
  for (const part of [rules, queues, mappings, topics, alarms, machines, rotations, routes])
    expect(part.length).toBeGreaterThan(0);
  expect(functions.size).toBeGreaterThan(30);
});

function sorted(some: Iterable<object>): string[] {
  return [...some].map((one) => JSON.stringify(one, inOrder)).toSorted();
}

/**
 * Fields in the order of their names, without the query language: the framework writes fields in its own order, and
 * repeats in each state the language that the machine has.
 */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const said = Object.entries(value).filter(([name, what]) => name !== 'QueryLanguage' || what !== 'JSONata');
  return Object.fromEntries(said.sort(([a], [b]) => (a < b ? -1 : 1)));
}
