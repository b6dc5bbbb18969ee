// Every scenario comes to what it expects, with every invariant held; one seed is one history.
import { describe, expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { scenarioNames } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';
import { drilled } from '../drill/drilled.ts';

const all = [
  'one-writer',
  'approved',
  'in-scope',
  'served-then-redirect',
  'one-execution',
  'bounded',
  'honest-loss',
  'audited',
  'never-silent',
  'still-approved',
  'watched',
  'repeatable',
];

/** A week at the way home is twenty seconds of a quiet core, and a minute of one that others work on. */
const timeout = 240_000;

describe('every scenario', { timeout }, () => {
  test.for(scenarioNames())('%s comes to what it expects, and every invariant holds', async (scenario) => {
    const { result, misses } = await drilled(scenario, 1);
    expect(misses).toEqual([]);
    expect(result.invariants.map(({ id }) => id)).toEqual(all);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });

  test('where the alarm of the database is late, traffic leaves at once, and the database when the alarm has held', async () => {
    const { result } = await drilled('late-database', 1);
    const decidedAt = Date.parse(result.decisions.find(({ action }) => action === 'az-failover')?.at ?? '');
    const secondsTo = (name: string) =>
      (Date.parse(result.mutations.find(({ operation }) => operation === name)?.at ?? '') - decidedAt) / 1000;
    expect(secondsTo('StartZonalShift')).toBeLessThan(10);
    // The event is 7 minutes late; the zone was decided about 45 s after its alarm rose.
    expect(secondsTo('RebootDBInstance')).toBeGreaterThan(7 * 60 - 45 + plan.evidence.zone.confirmSeconds.costly - 10);
    expect(secondsTo('RebootDBInstance')).toBeLessThan(7 * 60 - 45 + plan.evidence.zone.confirmSeconds.costly + 30);
  });

  test('where the region returns while a restore runs, people hear what that one loses by then, and the old database is fenced first', async () => {
    const { result } = await drilled('returns-while-restoring', 1);
    const { mutations, predicted, clocks } = result;
    const at = (operation: string) => Date.parse(mutations.find((one) => one.operation === operation)?.at ?? '');
    expect(at('RebootDBInstance')).toBeLessThan(at('PutParameter'));
    expect(at('PutParameter')).toBeLessThan(at('PutObject'));
    // From before the region went dark until it was fenced: what newer backups have beside that, the restore lacks.
    expect(predicted?.dataLossSeconds).toBeGreaterThan(3_600);
    expect(clocks.approvalSeconds).toBeGreaterThan(600);
  });

  // Where observers happen to see every visit answered for a moment, the database waits for the next of them: one history in ten.
  test('az-outage recovers with other seeds too, and adds at most 5 s to what had to be waited for, a minute at worst', async () => {
    const added: number[] = [];
    for (const seed of [2, 3, 4, 5]) {
      const { result, misses } = await drilled('az-outage', seed);
      expect(misses.filter(({ what }) => what !== 'overhead')).toEqual([]);
      expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
      expect(result.overhead.addedSeconds).toBeGreaterThan(0);
      added.push(result.overhead.addedSeconds ?? Number.POSITIVE_INFINITY);
    }
    const [, , third = 0, worst = 0] = added.toSorted((a, b) => a - b);
    expect(third).toBeLessThanOrEqual(5);
    expect(worst).toBeLessThanOrEqual(60);
  });

  // Users may happen to be served for minutes while the database's alarm is late: it stays, and leaves once its evidence holds.
  test.for([2, 3, 4, 5])('late-database comes to what it expects with seed %d too', async (seed) => {
    const { result, misses } = await drilled('late-database', seed);
    expect(misses).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });

  // Whoever asks every few seconds hears of an end up to one interval late: one history may have bad luck, five have not.
  test('region outages of five seeds add at most 8 s on average, and each at most 3 %, to what AWS takes', async () => {
    const added: number[] = [];
    for (const seed of [1, 2, 3, 4, 5]) {
      const { result, misses } = await drilled('region-outage', seed);
      expect(misses).toEqual([]);
      expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
      expect(result.overhead.addedSeconds).toBeGreaterThan(0);
      expect(result.overhead.ratio).toBeLessThanOrEqual(1.03);
      expect(result.dataLoss.reportedSeconds).toBeGreaterThanOrEqual(result.dataLoss.actualSeconds ?? 0);
      added.push(result.overhead.addedSeconds ?? Number.POSITIVE_INFINITY);
    }
    expect(added.reduce((sum, one) => sum + one, 0) / added.length).toBeLessThanOrEqual(8);
  });
});

describe('one seed, one history', () => {
  const outages = ['az-outage', 'region-outage'];

  test('each is the same to the byte again, and drills that run side by side do not disturb each other', async () => {
    const alone = [];
    for (const scenario of outages) alone.push(await drilled(scenario, 1));
    const together = await Promise.all(outages.map((scenario) => runDrill({ scenario, seed: 1, plan })));
    for (const [at, { result }] of together.entries())
      expect(JSON.stringify(result)).toBe(JSON.stringify(alone[at]?.result));
  });

  test('another seed is another history', async () => {
    const [one, other] = [await drilled('az-outage', 1), await drilled('az-outage', 2)];
    expect(other.result.clocks).not.toEqual(one.result.clocks);
  });
});
