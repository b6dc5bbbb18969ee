// `bench`: what many draws come to, which targets are status 1, and what a draw that breaks costs.
import { expect, test } from 'vitest';
import type { BenchWith } from '../../../cli/bench/bench.ts';
import type { Drawn } from '../../../cli/bench/worker.ts';
import { hasControlCharacters, run } from '../invented.ts';

const used = { transitions: 0, runs: 0 };
const counts = { transitions: 100, runs: 50, signals: 10, messages: 2 };

/** Draws in which Breakwater takes as long as its path, a person twice and a flow that polls half as long again. */
function drawing(changes: Record<number, Partial<Drawn> | Error> = {}) {
  const asked: string[] = [];
  const draw: BenchWith['draw'] = async ({ outage, seed, plan }) => {
    asked.push(`${outage} ${seed} ${plan.application}`);
    const change = changes[seed] ?? {};
    if (change instanceof Error) throw change;
    return {
      ...{ outage, seed, counts, detectSeconds: 10, executeSeconds: 100, servedSeconds: 200, pathSeconds: 100 },
      startSeconds: 1,
      others: {
        serial: { seconds: 200, ...used },
        'same-calls': { seconds: 120, ...used },
        polling: { seconds: 150, transitions: 30, runs: 20 },
        'polling-less': { seconds: 110, transitions: 40, runs: 30 },
      },
      ...change,
    };
  };
  return { asked, draw };
}
const judgements = [1, 100, 10_000].map((signals) => ({ signals, ms: signals / 100 }));
const measure = async () => ({ eventsPerSecond: 5_000, eventToStartMs: 3, judgements });
const bench = (args: readonly string[], draw?: BenchWith['draw']) =>
  run(['bench', ...args], undefined, {}, undefined, undefined, undefined, draw && { draw, measure });

test('where every target is met status is 0, and each is said with what it was', async () => {
  const { status, out, err } = await bench(['--draws', '3'], drawing().draw);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toContain('met     zone: the source plan by hand over Breakwater, median: 2, expected at least 1.5\n');
  expect(out).not.toContain('MISSED');
  expect(hasControlCharacters(out)).toBe(false);
});

test.for([
  ['the median of the overhead', { executeSeconds: 104 }, 'zone: Breakwater over the critical path, median: 1.04'],
  [
    'a person',
    { executeSeconds: 134, pathSeconds: 134 },
    'zone: the source plan by hand over Breakwater, median: 1.493',
  ],
] as const)('%s that misses its target is status 1', async ([, change, line]) => {
  const { status, out } = await bench(['--draws', '2'], drawing({ 1: change, 2: change }).draw);
  expect(status).toBe(1);
  expect(out).toContain(`MISSED  ${line}, expected `);
});

test('one draw of a hundred may be slow, two are the 99th percentile', async () => {
  const slow = { executeSeconds: 111 };
  const missed = async (changes: Record<number, Partial<Drawn>>) =>
    (await bench(['--draws', '100'], drawing(changes).draw)).out.match(/MISSED .*p99: [\d.]+/g) ?? [];
  expect(await missed({ 7: slow })).toEqual([]);
  expect(await missed({ 7: slow, 8: slow })).toEqual([
    'MISSED  zone: Breakwater over the critical path, p99: 1.11',
    'MISSED  region: Breakwater over the critical path, p99: 1.11',
  ]);
});

test('a draw that breaks costs only itself, and is status 1', async () => {
  const { status, err } = await bench(['--draws', '2'], drawing({ 2: new Error('the estate\nfell over') }).draw);
  expect(status).toBe(1);
  expect(err).toBe(
    'broken: zone outage, seed 2: Error: the estate fell over\nbroken: region outage, seed 2: Error: the estate fell over\n',
  );
});

test('--json is one object: percentiles, ratios draw by draw, and what each used', async () => {
  const { draw } = drawing({ 5: { executeSeconds: 110, servedSeconds: 210 } });
  const { status, out } = await bench(['--draws', '2', '--from', '4', '--json'], draw);
  expect(status).toBe(0);
  const { outages, ...rest } = JSON.parse(out);
  expect(rest).toMatchObject({ draws: 2, from: 4, broken: [], elapsedSeconds: expect.any(Number) });
  expect(rest.speed).toMatchObject({ eventsPerSecond: 5_000, judgements });
  expect(outages.map(({ outage }: { outage: string }) => outage)).toEqual(['zone', 'region']);
  const [{ overhead, flows }] = outages;
  expect(overhead).toEqual({ p50: 1, p95: 1.1, p99: 1.1, worstSeed: 5 });
  const of = (name: string) => flows.find(({ flow }: { flow: string }) => flow === name);
  expect(of('breakwater')).toMatchObject({ execute: { p50: 100, p95: 110 }, transitions: 100, runs: 50 });
  expect(of('breakwater').dollars).toBeGreaterThan(0);
  // Divided draw by draw: 150 / 100 and 150 / 110.
  expect(of('polling')).toMatchObject({ served: { p50: 160 }, ratio: { execute: { p50: 1.364, p95: 1.5 } } });
  expect(of('path')).toMatchObject({ served: { p50: 200 }, transitions: null, dollars: null });
  expect(of('bound')).toMatchObject({ execute: { p50: 100 }, served: { p50: 110 } });
});

test('each seed is drawn for both outages, with the plan that is named', async () => {
  const { asked, draw } = drawing();
  await bench(['--draws', '2', '--plan', 'test/plan.yml'], draw);
  expect(asked.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
    'zone 1',
    'region 1',
    'zone 2',
    'region 2',
  ]);
});

test('a number of draws that is none is wrong input', async () => {
  const { status, err } = await bench(['--draws', '0'], drawing().draw);
  expect({ status, err }).toEqual({ status: 2, err: '--draws: is "0", expected a whole number from 1\n' });
});

test('draws are lived through in threads: one seed, one measure', { timeout: 120_000 }, async () => {
  const { out } = await bench(['--draws', '1', '--from', '2', '--json']);
  const { broken, outages, speed } = JSON.parse(out);
  expect(broken).toEqual([]);
  expect(speed.judgements.map(({ signals }: { signals: number }) => signals)).toEqual([1, 100, 10_000]);
  expect(speed.eventToStartMs).toBeGreaterThan(0); // a flow was started
  for (const { flows, overhead } of outages) {
    expect(flows).toHaveLength(7);
    // No flow is shorter than what AWS took of it.
    expect(overhead.p50).toBeGreaterThanOrEqual(1);
    for (const { execute, served } of flows) expect(served.p50).toBeGreaterThan(execute.p50);
  }
});
