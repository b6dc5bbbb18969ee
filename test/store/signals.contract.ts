// What every incident store must do with signals and strays.
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/domain/record/store.ts';
import { alarm, at, byKey, everyKind, other, region } from './samples.ts';

export function signalsContract(name: string, create: () => Promise<Store>): void {
  describe(`${name}: signals`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('a signal of every kind is read as it was kept', async () => {
      const signals = Object.values(everyKind);
      await store.keepSignals(signals);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(signals));
    });

    test('a region sees its own signals and no other', async () => {
      await store.keepSignals([alarm({}), alarm({ region: other, id: 'elsewhere' })]);
      expect((await store.readSignals(region, 0)).map(({ id }) => id)).toEqual(['e1']);
      expect((await store.readSignals(other, 0)).map(({ id }) => id)).toEqual(['elsewhere']);
      expect(await store.readSignals('eu-west-1', 0)).toEqual([]);
    });

    test.for([
      ['as old as asked for is', 0, ['e1']],
      ['older than asked for is not', 1, []],
    ] as const)('a signal %s read', async ([, laterBy, ids]) => {
      await store.keepSignals([alarm({})]);
      expect((await store.readSignals(region, at + laterBy)).map(({ id }) => id)).toEqual(ids);
    });

    test.for([
      ['a newer one replaces it', { id: 'a', at: at + 1 }, 'a'],
      ['an older one that comes late changes nothing', { id: 'z', at: at - 1 }, 'e1'],
      ['the same one again changes nothing', { id: 'e1', condition: 'healthy' }, 'e1'],
      ['of two at one time the greater id stays', { id: 'e2' }, 'e2'],
      ['of two at one time the lesser id goes', { id: 'd9' }, 'e1'],
    ] as const)('of the signals with one key, %s', async ([, second, stays]) => {
      await store.keepSignals([alarm({})]);
      await store.keepSignals([alarm(second)]);
      const [kept, ...more] = await store.readSignals(region, 0);
      expect(more).toEqual([]);
      expect(kept).toEqual(stays === 'e1' ? alarm({}) : alarm(second));
    });

    test('the newest of each key stays, in whatever order, batches and company the signals come', async () => {
      const signals = fc.uniqueArray(
        fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 1, max: 4 }), id: fc.uuid() }),
        { minLength: 1, maxLength: 12, selector: ({ id }) => id },
      );
      const orders = signals.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
          fc.integer({ min: 1, max: 5 }),
        ),
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(orders, async ([all, order, size]) => {
          run += 1;
          const own = `us-test-${run}`;
          const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, index) =>
            order.slice(index * size, (index + 1) * size).map((change) => alarm({ ...change, region: own })),
          );
          await Promise.all(batches.map((batch) => store.keepSignals(batch)));
          const newest = ['a', 'b', 'c'].flatMap((key) => {
            const [first] = all
              .filter((signal) => signal.key === key)
              .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
            return first === undefined ? [] : [first.id];
          });
          expect(byKey(await store.readSignals(own, 0)).map(({ id }) => id)).toEqual(newest);
        }),
        { numRuns: 30 },
      );
    });

    test('a storm of 500 signals is kept, and a sweep over it changes only what is newer', async () => {
      const storm = Array.from({ length: 500 }, (_, index) =>
        alarm({ id: `event-${index}`, key: `alarm:${region}:chatops-api-errors-${index}` }),
      );
      await store.keepSignals(storm);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(storm));
      const sweep = storm.map((signal, index) => ({
        ...signal,
        id: `sweep-${index}`,
        at: index === 7 ? at + 1 : at - 1,
      }));
      await store.keepSignals(sweep);
      const ids = (await store.readSignals(region, 0)).map(({ id }) => id);
      expect(ids).toHaveLength(500);
      expect(ids.filter((id) => id.startsWith('sweep-'))).toEqual(['sweep-7']);
    }, 60_000);

    test('more signals than one answer holds are all read', async () => {
      const wide = Array.from({ length: 30 }, (_, index) =>
        alarm({ key: `wide-${index}`, observer: `${index}-${'x'.repeat(49_000)}` }),
      );
      await store.keepSignals(wide);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(wide));
    });

    test.for([
      ['long', 'k'.repeat(3_000)],
      ['with signs of its own', 'alarm:a#b/c é'],
    ] as const)('a key that is %s is a key as any other', async ([, key]) => {
      await store.keepSignals([alarm({ key })]);
      await store.keepSignals([alarm({ key, id: 'later', at: at + 1 })]);
      expect(await store.readSignals(region, 0)).toEqual([alarm({ key, id: 'later', at: at + 1 })]);
    });
  });

  describe(`${name}: strays`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('each stray counts once, however often it comes', async () => {
      expect(await store.countStrays()).toBe(0);
      const stray = { id: 'a', at, reason: 'no rule knows it', event: '{}' };
      await Promise.all([stray, stray, { ...stray, id: 'b' }].map((each) => store.keepStray(each)));
      await store.keepStray({ ...stray, at: at + 60_000 });
      expect(await store.countStrays()).toBe(2);
    });

    test('a stray without an id, or with one that is huge, or that is huge itself, is counted too', async () => {
      const stray = { id: '', at, reason: 'is no event', event: 'x' };
      await store.keepStray(stray);
      await store.keepStray({ ...stray, id: 'i'.repeat(5_000) });
      await store.keepStray({ ...stray, id: 'huge', event: 'é'.repeat(1_000_000) });
      expect(await store.countStrays()).toBe(3);
    });

    test('more strays than one answer holds are all counted', async () => {
      const strays = Array.from({ length: 30 }, (_, index) => ({
        id: `stray-${index}`,
        at,
        reason: 'no rule knows it',
        event: 'x'.repeat(90_000),
      }));
      await Promise.all(strays.map((stray) => store.keepStray(stray)));
      expect(await store.countStrays()).toBe(30);
    });
  });
}
