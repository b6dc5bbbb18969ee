// What a region does not offer is one line for each asset that needs it; of what nobody has written down nothing is said.
import { expect, test } from 'vitest';
import { notOffered } from '../../check/offers.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { changing } from '../assets.ts';
import { plan } from '../plan.ts';

/** The plan with its standby somewhere else. */
const standbyIn = (region: string): Plan => JSON.parse(JSON.stringify(plan).replaceAll('us-west-2', region)) as Plan;
const linesOf = (one: Plan) => notOffered(one).map(({ line }) => line);

test.for(['ap-east-2', 'ap-southeast-6', 'eusc-de-east-1'])('%s has no global datastores', (region) => {
  expect(linesOf(standbyIn(region))).toEqual([
    `assets.1.regions.${region}: is {"replicationGroup":"chatops-redis-dr"}, expected a region that offers global datastores of ElastiCache, which ${region} does not, or globalDatastore: null`,
  ]);
});

test('a cache that starts empty needs no global datastore', () => {
  expect(linesOf(changing('elasticache', standbyIn('ap-east-2'), { globalDatastore: null }))).toEqual([]);
});

test.for(['us-west-2', 'sa-east-1', 'mx-central-1', 'xx-nowhere-9'])('nothing is said of %s', (region) => {
  expect(linesOf(standbyIn(region))).toEqual([]);
});
