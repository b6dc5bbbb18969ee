// `drill all`: one row for each scenario that the plan has the assets for, and the reason for each that is left out.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { RunDrill } from '../../cli/drill.ts';
import { drillThreads } from '../../cli/threads/threads.ts';
import type { DrillRun } from '../../simulator/drill/result.ts';
import { scenarioNames } from '../../simulator/playing/scenario.ts';
import { ofDrill } from '../reports.ts';
import { shipped as plan } from '../shipped.ts';
import { drilled } from '../simulator/drill/drilled.ts';
import { fixture, hasControlCharacters, passed, run } from './invented.ts';

let folder: string;
let lean: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-all-'));
  lean = join(folder, 'lean.yml');
  const shipped = parse(readFileSync(fixture('test/shipped.yml'), 'utf8'));
  const assets = shipped.assets.filter(({ kind }: { kind: string }) => ['eks-cluster', 'load-balancer'].includes(kind));
  // What it has not is not predicted, and nobody asks about it.
  const predictions = { ...shipped.predictions, takeOverSeconds: {} };
  const dependencies = { hard: ['ec2', 'eks', 'elb', 'sts', 'dynamodb'] };
  // A drill cannot break what there is not.
  const drills = shipped.drills.filter(({ target }: { target?: object }) => target === undefined);
  writeFileSync(lean, stringify({ ...shipped, assets, predictions, dependencies, drills }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An engine whose drills pass, but for those that are named; the first takes longest. */
const engine =
  (changes: Record<string, Partial<DrillRun> | Error> = {}): RunDrill =>
  async ({ scenario, seed, report }) => {
    const change = changes[scenario] ?? {};
    if (change instanceof Error) throw change;
    const reported = report === true ? { report: ofDrill(scenario, seed) } : {};
    return { result: { ...passed, scenario, seed }, misses: [], ...reported, ...change };
  };
const all = scenarioNames().length;
const missed = { misses: [{ what: 'level', expected: '2', was: '1' }] };

test('every scenario is a row, in order, and all passed is status 0', async () => {
  const { status, out, err } = await run(['drill', 'all', '--seed', '9'], engine());
  expect({ status, err }).toEqual({ status: 0, err: '' });
  const [head = '', ...rows] = out.split('\n').slice(0, scenarioNames().length + 1);
  expect(head).toMatch(/^scenario +level +decision +recovery +data loss +invariants$/);
  expect(rows.map((row) => row.split(' ')[0])).toEqual(scenarioNames());
  expect(rows.find((row) => row.startsWith('alarm-storm '))).toMatch(
    /^alarm-storm +2 +az-failover +4 min 12 s +none +9 of 9 +PASSED$/,
  );
  expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(out.endsWith(`\n\nPASSED  ${all} of ${all} scenarios passed\n`)).toBe(true);
  expect(hasControlCharacters(out)).toBe(false);
});

test('one that was missed says why below the table, and is status 1', async () => {
  const { status, out } = await run(['drill', 'all'], engine({ calm: missed }));
  expect(status).toBe(1);
  expect(out).toMatch(/^calm .*MISSED$/m);
  expect(out).toContain('\nMissed\n  calm: level: expected 2, was 1\n');
  expect(out.endsWith(`MISSED  ${all - 1} of ${all} scenarios passed\n`)).toBe(true);
});

test('a drill that fails unexpectedly costs only itself', async () => {
  const broken = engine({ 'az-outage': new Error('the estate\nfell over') });
  const { status, out } = await run(['drill', 'all'], broken);
  expect(status).toBe(1);
  expect(out).toMatch(/^az-outage +- +- +not known +not known +0 of 0 +MISSED$/m);
  expect(out).toContain('  az-outage: unexpected: the estate fell over (DEBUG=1 shows where)\n');
  expect(out.endsWith(`MISSED  ${all - 1} of ${all} scenarios passed\n`)).toBe(true);
});

test('what the plan has no assets for is left out with the reason, and is no miss', async () => {
  const { status, out } = await run(['drill', 'all', '--plan', lean], engine());
  expect(status).toBe(0);
  const [table = '', below = ''] = out.split('\nLeft out\n');
  for (const name of ['database-failover', 'cache-moves', 'flapping', 'step-fails'])
    expect(table).not.toMatch(new RegExp(`^${name} `, 'm'));
  for (const name of ['az-outage', 'region-outage', 'calm', 'pod-crash'])
    expect(table).toMatch(new RegExp(`^${name} .*PASSED$`, 'm'));
  expect(below).toContain('  database-failover: it needs rds-instance, of which the plan has none\n');
  expect(below).toContain('  cache-moves: plan.assets is "cache 1", which the plan does not have\n');
  const left = 57;
  expect(below.match(/^ {2}[a-z-]+: /gm)).toHaveLength(left);
  expect(below.endsWith(`\nPASSED  ${all - left} of ${all - left} scenarios passed, ${left} left out\n`)).toBe(true);
});

test('a drill that the plan asks for and whose scenario cannot be played is in both lists, with its name', async () => {
  const reports = join(folder, 'asked');
  const asking = join(folder, 'asking.yml');
  const drills = [
    { name: 'the cache moves', scenario: 'cache-failover', every: 'quarter', withinSeconds: 900 },
    { name: 'a <slip>', scenario: 'region-outtage', every: 'year', withinSeconds: 900 },
  ];
  writeFileSync(asking, stringify({ ...parse(readFileSync(lean, 'utf8')), drills }));
  const { out } = await run(['drill', 'all', '--report', reports, '--plan', asking], engine());
  const told = out.replaceAll(/\s+/g, ' ');
  expect(told).toContain(
    'cache-failover: it needs elasticache, of which the plan has none; the plan asks for it: "the cache moves"',
  );
  expect(told).toContain('region-outtage: there is no such scenario; the plan asks for it: "a <slip>"');
  const index = readFileSync(join(reports, 'index.html'), 'utf8');
  expect(index).toContain('plan has none; the plan asks for it: &quot;the cache moves&quot;</li>');
  expect(index).toContain(
    '<strong>region-outtage</strong>: left out: there is no such scenario; the plan asks for it: ',
  );
});

test('with --json each scenario is an object on a line, and those left out have their reason', async () => {
  const args = ['drill', 'all', '--json', '--seed', '3', '--plan', lean];
  const { status, out, err } = await run(args, engine({ calm: missed }), { rich: true });
  expect({ status, err }).toEqual({ status: 1, err: '' });
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ scenario }) => scenario).sort()).toEqual(scenarioNames());
  expect(lines.find(({ scenario }) => scenario === 'az-outage')).toEqual({
    scenario: 'az-outage',
    seed: 3,
    level: 2,
    decision: 'az-failover',
    recoverySeconds: 252,
    dataLossSeconds: 0,
    invariants: passed.invariants,
    passed: true,
    missed: [],
  });
  expect(lines.find(({ scenario }) => scenario === 'calm')).toMatchObject({
    passed: false,
    missed: ['level: expected 2, was 1'],
  });
  expect(lines.find(({ scenario }) => scenario === 'cache-failover')).toEqual({
    scenario: 'cache-failover',
    leftOut: 'it needs elasticache, of which the plan has none',
  });
});

test('a report of each drill is written where it is asked for, and a list of them that says what has none', async () => {
  const reports = join(folder, 'reports');
  const { out } = await run(
    ['drill', 'all', '--report', reports, '--plan', lean],
    engine({ calm: new Error('<b>it broke</b>') }),
  );
  const files = readdirSync(reports);
  const index = readFileSync(join(reports, 'index.html'), 'utf8');
  expect(files).not.toContain('calm-1.html');
  expect(files).toContain('region-partition-1.html');
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const page = file.replace('.json', '.html');
    expect(files).toContain(page);
    expect(index).toContain(`<a href="./${page}">`);
  }
  expect(index).toContain('<strong>calm</strong>: unexpected: &lt;b&gt;it broke&lt;/b&gt;');
  expect(index).toContain('<strong>cache-failover</strong>: left out: ');
  expect(out).toContain(`Reports listed in ${join(reports, 'index.html')}\n`);
});

test.for([
  ['--manual', ['--manual', fixture('events/az-failover.manual.json')]],
  ['--approve', ['--approve', 'deny']],
] as const)('%s is for one scenario', async ([option, args]) => {
  const { status, out, err } = await run(['drill', 'all', ...args], engine());
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toBe(`${option}: is given with all, expected with one scenario: each does as it says\n`);
});

test('a scenario that the plan cannot play is refused by name, in one line and before anything is shown', async () => {
  const { status, out, err } = await run(['drill', 'database-failover', '--plan', lean], engine());
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toBe(
    'scenario database-failover cannot be played with this plan: it needs rds-instance, of which the plan has none\n',
  );
});

describe('threads', () => {
  test('come to the same histories as one process does, each to those of its drills', async () => {
    const threads = drillThreads(2);
    try {
      const runs = await Promise.all(
        ['calm', 'pod-crash'].map((scenario, at) => threads[at % threads.length]?.run({ scenario, seed: 1, plan })),
      );
      expect(runs).toEqual([await drilled('calm', 1), await drilled('pod-crash', 1)]);
    } finally {
      for (const { end } of threads) await end();
    }
  });

  test('what a drill throws ends it, and the next one runs', async () => {
    const [thread] = drillThreads(1);
    await expect(thread?.run({ scenario: 'nothing', seed: 1, plan })).rejects.toThrow('scenario nothing is not known');
    expect((await thread?.run({ scenario: 'calm', seed: 2, plan }))?.misses).toEqual([]);
    await thread?.end();
  });

  test('are no more than there are drills', () => {
    expect(drillThreads(1)).toHaveLength(1);
  });
});
