// Tests of judging a region: many copies at work side by side write one incident and one decision.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unavailable } from '../../../../functions/domain/errors.ts';
import type { Store } from '../../../../functions/domain/record/store.ts';
import { judge } from '../../../../functions/shared/judgement/judge.ts';
import { createMemoryStore, createMemoryTable } from '../../../../simulator/memory-store.ts';
import { plan } from '../../../plan.ts';
import * as saw from '../../domain/evidence/sightings.ts';
import { after, az1, region } from '../../domain/evidence/sightings.ts';

const { recoverySeconds, zone } = plan.evidence;
const zoneDown = saw.alarms(['api-5xx', 'database-latency', 'cluster-status'], az1, 0);
const confirmed = after(zone.confirmSeconds.costly);

async function storeWith(signals: Parameters<Store['keepSignals']>[0]): Promise<Store> {
  const store = createMemoryStore(plan);
  await store.keepSignals(signals);
  return store;
}

test('a region about which nothing is known is well', async () => {
  const judgement = await judge(region, createMemoryStore(plan), plan, after(0));
  expect(judgement).toMatchObject({ classification: { level: 0 }, incident: null, decision: null, lookAgainAt: null });
});

test('a failed zone opens an incident with its decision, which is written', async () => {
  const store = await storeWith(zoneDown);
  const { incident, decision } = await judge(region, store, plan, confirmed);
  expect(decision).toMatchObject({ action: 'az-failover', level: 2 });
  expect(await store.readOpenIncident(region)).toEqual(incident);
});

test('what was last seen to be served before is kept with the incident, and what is seen later does not change that', async () => {
  const store = await storeWith([...zoneDown, saw.run('eu-west-1', -40, true), saw.run('us-west-2', -400, true)]);
  expect((await judge(region, store, plan, confirmed)).incident?.lastServedAt).toBe(after(-40));
  await store.keepSignals([saw.run('eu-west-1', 90, true)]);
  await store.freeze('me', 'work', confirmed);
  const { openedAt: _, ...later } = (await judge(region, store, plan, confirmed + 3_600_000)).incident ?? {};
  expect(later).toMatchObject({ lastServedAt: after(-40) });
  const long = await storeWith([...zoneDown, saw.run('us-west-2', -400, true)]);
  expect((await judge(region, long, plan, confirmed)).incident).not.toHaveProperty('lastServedAt');
});

test('judging again changes nothing and gives the open incident', async () => {
  const store = await storeWith(zoneDown);
  const first = await judge(region, store, plan, confirmed);
  const again = await judge(region, store, plan, confirmed + 1000);
  expect(again.decision).toBe(null);
  expect(again.incident).toEqual(first.incident);
});

test('a frozen automation is seen at once, and its end too', async () => {
  const store = await storeWith(zoneDown);
  await store.freeze('me', 'work', after(1));
  expect((await judge(region, store, plan, confirmed)).decision?.action).toBe('hold');
  await store.unfreeze();
  expect((await judge(region, store, plan, confirmed + 60_000)).decision?.action).toBe('az-failover');
});

test('an incident that closes is given once more, and then no more', async () => {
  const store = await storeWith(zoneDown);
  await judge(region, store, plan, confirmed);
  await store.keepSignals(saw.alarms(['api-5xx', 'database-latency', 'cluster-status'], az1, 600, 'healthy'));
  const closing = await judge(region, store, plan, after(600 + recoverySeconds));
  expect(closing.incident?.closedAt).toBe(after(600 + recoverySeconds));
  expect(closing.decision?.action).toBe('none');
  expect((await judge(region, store, plan, after(700 + recoverySeconds))).incident).toBe(null);
  expect(await store.listIncidents()).toHaveLength(1);
});

test.for([
  ['while it is the standby', plan.roles.primary, 1],
  ['once it has taken over', plan.roles.standby, 0],
] as const)('a lag that is not known counts %s', async ([, primary, level]) => {
  const store = await storeWith([saw.replica(0, 'unknown')]);
  if (primary !== plan.roles.primary) await store.moveRole(primary, 1, 'execution', after(1));
  const { classification } = await judge(region, store, plan, after(plan.evidence.degradation.aloneSeconds));
  expect(classification.level).toBe(level);
});

test('the copy that comes second reads again and finds nothing left to decide', async () => {
  const store = await storeWith(zoneDown);
  const rival: Store = {
    ...store,
    writeIncident: async (incident) => {
      await store.writeIncident(incident);
      return store.writeIncident(incident);
    },
  };
  const { decision, incident } = await judge(region, rival, plan, confirmed);
  expect(decision).toBe(null);
  expect(incident?.decisions).toHaveLength(1);
});

test('a store on which others always write first is unavailable, after a bounded number of tries', async () => {
  const store = await storeWith(zoneDown);
  let tries = 0;
  const busy: Store = {
    ...store,
    writeIncident: async () => {
      tries += 1;
      return false;
    },
  };
  await expect(judge(region, busy, plan, confirmed)).rejects.toThrow(Unavailable);
  expect(tries).toBe(20);
});

const copies = fc.array(
  fc.record({
    late: fc.integer({ min: 0, max: 3 }),
    waits: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
  }),
  { minLength: 2, maxLength: 6 },
);

test('however copies interleave, a storm is one incident with one decision', async () => {
  await fc.assert(
    fc.asyncProperty(copies, fc.shuffledSubarray(zoneDown, { minLength: zoneDown.length }), async (ran, arrived) => {
      const table = createMemoryTable();
      const decided = await Promise.all(
        ran.map(async ({ late, waits }) => {
          let operation = 0;
          const gate = async () => {
            operation += 1;
            for (let turn = 0; turn < (waits[operation % waits.length] ?? 0); turn += 1) await Promise.resolve();
          };
          const store = createMemoryStore(plan, gate, table);
          const seen = [];
          for (const signal of [...arrived, ...arrived]) {
            await store.keepSignals([signal]);
            seen.push(await judge(region, store, plan, confirmed + late));
          }
          return seen.flatMap(({ decision }) => decision ?? []);
        }),
      );
      const acted = decided.flat().filter(({ action }) => action === 'az-failover');
      expect(acted).toHaveLength(1);
      const store = createMemoryStore(plan, undefined, table);
      expect(await store.listIncidents()).toHaveLength(1);
      expect(await store.readOpenIncident(region)).not.toBeNull();
    }),
    { seed: 20_261_123, numRuns: 100 },
  );
});
