// `judge`: what is printed of many verdicts, and which of them is status 1.
import { expect, test } from 'vitest';
import type { JudgeSeed } from '../../cli/judge.ts';
import type { Judged } from '../../simulator/histories/judging.ts';
import { hasControlCharacters, run } from './invented.ts';

const right: Omit<Judged, 'seed'> = {
  truth: 'zone',
  decided: 'zone failover',
  wrong: [],
  missed: [],
  lost: [{ what: 'zone', seconds: 150 }],
  history: '0 s zone-power use1-az1',
};

/** Judges that find all right, but for some seeds. */
const judging =
  (changes: Record<number, Partial<Judged> | Error> = {}): JudgeSeed =>
  async ({ seed }) => {
    const change = changes[seed] ?? {};
    if (change instanceof Error) throw change;
    return { ...right, seed, ...change };
  };
const judge = (args: readonly string[], engine: JudgeSeed) => run(['judge', ...args], undefined, {}, engine);

test('all right is the matrix, the times, and status 0', async () => {
  const { status, out, err } = await judge(['--seeds', '3', '--from', '5'], judging());
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toBe(
    [
      'truth         zone failover',
      'zone                      3',
      '',
      'Lost for five minutes or more, and asked about, left, or held with a page',
      '  region  0 of 0 in five minutes',
      '  asset   0 of 0 in five minutes',
      '  zone    3 of 3 in five minutes; p50 2 min 30 s, p95 2 min 30 s, p99 2 min 30 s',
      '',
      'PASSED  3 histories: 0 wrong, 0 missed',
      '',
    ].join('\n'),
  );
  expect(hasControlCharacters(out)).toBe(false);
});

test('what is wrong is a line each, and status 1; what is missed is a line each, and is none', async () => {
  const missed = {
    decided: 'nothing',
    missed: ['zone use1-az1 lost'],
    lost: [{ what: 'zone', seconds: null }],
  } as const;
  const wrong = { decided: 'zone failover elsewhere', wrong: ['left use1-az2\nat 9 s'] } as const;
  const { status, out } = await judge(['--seeds', '3'], judging({ 2: missed }));
  expect(status).toBe(0);
  expect(out).toContain('\nMissed\n  seed 2: zone use1-az1 lost (0 s zone-power use1-az1)\n');
  const other = await judge(['--seeds', '3'], judging({ 1: missed, 3: wrong }));
  expect(other.status).toBe(1);
  expect(other.out).toContain('\nWrong\n  seed 3: left use1-az2 at 9 s (0 s zone-power use1-az1)\n');
  expect(other.out).toMatch(/^truth +zone failover elsewhere {2}zone failover {2}nothing$/m);
  expect(other.out.endsWith('WRONG  3 histories: 1 wrong, 1 missed\n')).toBe(true);
});

test('--json is one object', async () => {
  const { status, out } = await judge(['--seeds', '2', '--json'], judging({ 2: { wrong: ['why'] } }));
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    seeds: 2,
    from: 1,
    matrix: [{ truth: 'zone', decided: 'zone failover', count: 2 }],
    wrong: [{ seed: 2, truth: 'zone', decided: 'zone failover', why: 'why' }],
    missed: [],
    secondsToDecide: { zone: { p50: 150, p95: 150, p99: 150 }, region: { p50: null, p95: null, p99: null } },
  });
});

test('a history that fails unexpectedly costs only itself, and is status 1', async () => {
  const { status, out, err } = await judge(['--seeds', '2'], judging({ 1: new Error('the estate\nfell over') }));
  expect({ status, err }).toEqual({ status: 1, err: 'seed 1: unexpected: Error: the estate fell over\n' });
  expect(out).toContain('zone                      1\n');
});

test('two histories are lived through in threads', { timeout: 60_000 }, async () => {
  const { status, out } = await run(['judge', '--seeds', '2', '--from', '4', '--json']);
  const { matrix } = JSON.parse(out);
  expect(status).toBe(0);
  expect(matrix.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(2);
});
