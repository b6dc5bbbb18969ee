// `campaign`: what is printed of many histories, which of them is status 1, and what `--seed` runs.
import { expect, test } from 'vitest';
import type { LiveSeed } from '../../../cli/campaign/campaign.ts';
import type { Lived } from '../../../simulator/campaign/live.ts';
import { hasControlCharacters, run } from '../invented.ts';

const well: Omit<Lived, 'seed'> = { failovers: 1, recoverySeconds: 300, broken: [] };

/** Lives through histories as it is told, and remembers of which seed and application each was. */
function living(changes: Record<number, Partial<Lived> | Error> = {}) {
  const asked: [seed: number, application: string][] = [];
  const live: LiveSeed = async ({ seed, plan }) => {
    asked.push([seed, plan.application]);
    const change = changes[seed] ?? {};
    if (change instanceof Error) throw change;
    return { ...well, seed, ...change };
  };
  return { asked, live };
}
const campaign = (args: readonly string[], live: LiveSeed) =>
  run(['campaign', ...args], undefined, {}, undefined, undefined, live);

const broken = [{ invariant: 'one-writer', detail: 'two\nwriters', shortest: ['0 s region-dark', 'approvers: split'] }];

test('where every invariant held it says so, and status is 0', async () => {
  const { status, out, err } = await campaign(['--seeds', '3'], living({ 2: { recoverySeconds: null } }).live);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(
    /^3 failovers, served again p50 5 min, p95 5 min, p99 5 min; took \S.*\nPASSED {2}3 of 3 histories kept every invariant\n$/,
  );
});

test('what is broken is its seed, its invariant and the shortest history that shows it, and status 1', async () => {
  const { status, out } = await campaign(['--seeds', '2'], living({ 2: { broken } }).live);
  expect(status).toBe(1);
  expect(out).toContain('seed 2: one-writer: two writers\n  0 s region-dark\n  approvers: split\n');
  expect(out).toContain('BROKEN  1 of 2 histories kept every invariant\n');
  expect(hasControlCharacters(out)).toBe(false);
});

test('a history that fails unexpectedly costs only itself, and is status 1', async () => {
  const { status, out } = await campaign(['--seeds', '2'], living({ 1: new Error('the estate fell over') }).live);
  expect(status).toBe(1);
  expect(out).toContain('seed 1: unexpected: Error: the estate fell over\n');
});

test('--json is one object', async () => {
  const { status, out } = await campaign(['--seeds', '2', '--from', '4', '--json'], living({ 5: { broken } }).live);
  expect(status).toBe(1);
  expect(JSON.parse(out)).toEqual({
    seeds: 2,
    from: 4,
    failovers: 2,
    violations: [{ seed: 5, ...broken[0] }],
    recoverySeconds: { p50: 300, p95: 300, p99: 300 },
    elapsedSeconds: expect.any(Number),
  });
});

test('seeds take the three plans in turn, and --seed runs its history with the same plan again', async () => {
  const all = living();
  await campaign(['--seeds', '4', '--from', '3'], all.live);
  const one = living();
  await campaign(['--seed', '5'], one.live);
  expect(all.asked.map(([seed]) => seed)).toEqual([3, 4, 5, 6]);
  expect(new Set(all.asked.map(([, application]) => application)).size).toBe(3);
  expect(one.asked).toEqual([all.asked[2]]);
});

test('--plan is the only plan', async () => {
  const { asked, live } = living();
  await campaign(['--seeds', '3', '--plan', 'test/plan.yml'], live);
  expect(new Set(asked.map(([, application]) => application)).size).toBe(1);
});

test.for([
  [
    ['--seed', '5', '--seeds', '2'],
    '--seed: is given with --seeds or --from, expected --seed alone, or --seeds and --from',
  ],
  [['--seeds', '0'], '--seeds: is "0", expected a whole number from 1'],
] as const)('%s is wrong input', async ([args, line]) => {
  const { status, err } = await campaign(args, living().live);
  expect({ status, err }).toEqual({ status: 2, err: `${line}\n` });
});

test('histories are lived through in threads', { timeout: 120_000 }, async () => {
  const { status, out } = await run(['campaign', '--seeds', '2', '--from', '18', '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ seeds: 2, from: 18, violations: [] });
});
