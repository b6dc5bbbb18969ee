// An application that no example is like needs no code: two caches, one of them in cluster mode and in no datastore, no database and
// no Kubernetes, in a pair of regions of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePlan } from '../../check/plan.ts';
import { runDrill } from '../../simulator/drill/drill.ts';
import type { Scenario } from '../../simulator/playing/scenario.ts';
import { run } from '../cli/invented.ts';

const elsewhere = [
  [/us-east-1/g, 'ap-northeast-1'],
  [/us-west-2/g, 'ap-northeast-2'],
  [/us-east-2/g, 'ap-northeast-3'],
  [/use1/g, 'apne1'],
  [/usw2/g, 'apne2'],
  [/us\[ew\]\\d/g, 'apne[12]'],
] as const;
const text = elsewhere.reduce(
  (said, [from, to]) => said.replace(from, to),
  readFileSync(join(import.meta.dirname, '..', '..', 'examples', 'session-store', 'plan.yml'), 'utf8'),
);
const raw = parse(text.replaceAll('sessions|', 'sessions|carts|'));
const carts = {
  name: 'carts',
  kind: 'elasticache',
  globalDatastore: null,
  ownFailoverSeconds: 60,
  regions: { 'ap-northeast-1': { replicationGroup: 'carts-main' }, 'ap-northeast-2': { replicationGroup: 'carts-dr' } },
};
const odd = {
  ...raw,
  assets: [...raw.assets, carts],
  dependents: { ...raw.dependents, carts: raw.dependents.sessions },
};
const folder = mkdtempSync(join(tmpdir(), 'breakwater-odd-'));
const file = join(folder, 'plan.yml');
writeFileSync(file, stringify(odd));
afterAll(() => rmSync(folder, { recursive: true }));

test('it is valid, and that one cache starts empty is what it is warned of', async () => {
  const { status, out, err } = await run(['check', '--plan', file, '--no-template']);
  expect(err).toBe('');
  expect(out).toContain('warning cache-starts-cold');
  expect(out).toMatch(/is valid, with 1 warning\n$/);
  expect(status).toBe(0);
});

const added = 'overhead';
const drilled = async (scenario: string, extraFaults: Scenario['faults'] = [], seed = 2) => {
  const { result, misses } = await runDrill({ scenario, seed, plan: parsePlan(odd), extraFaults });
  expect(misses.filter(({ what }) => what !== added)).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  return result;
};

test.for(['az-outage', 'cache-failover', 'cache-moves'])('%s comes to what it expects', async (scenario) => {
  await drilled(scenario);
});

// Two caches are asked side by side every few seconds: one history may hear of both ends late, five have not.
test('zone outages of five seeds add at most 5 s on average', async () => {
  const seconds: number[] = [];
  for (const seed of [1, 2, 3, 4, 5]) {
    const { overhead } = await drilled('az-outage', [], seed);
    seconds.push(overhead.addedSeconds ?? Number.POSITIVE_INFINITY);
  }
  expect(seconds.reduce((sum, one) => sum + one, 0) / seconds.length).toBeLessThanOrEqual(5);
});

// In cluster mode nobody but ElastiCache moves a primary out of a zone: what leaves a region does not care.
const split = { atSeconds: 0, fault: { id: 'split', kind: 'cache-cluster-mode', shards: 3, asset: 'carts' } } as const;

test.for(['region-outage', 'second-zone'])(
  '%s comes to what it expects with one of the caches in cluster mode',
  async (scenario) => {
    const { end } = await drilled(scenario, [split]);
    const caches = end.assets.filter(({ kind }) => kind === 'elasticache').map(({ name, region }) => [name, region]);
    const place = scenario === 'second-zone' ? 'ap-northeast-1' : 'ap-northeast-2';
    expect(caches).toEqual([
      ['sessions', place],
      ['carts', place],
    ]);
  },
);
