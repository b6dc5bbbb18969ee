// Histories of the campaign: one seed is one history, everything that the twin can do wrong comes up, and each can be played.
import { describe, expect, test } from 'vitest';
import { readPlanFile } from '../../../cli/files/plan.ts';
import { campaignHistory } from '../../../simulator/campaign/history.ts';
import { scenarioOf, wordsOf } from '../../../simulator/campaign/items.ts';
import { liveThrough } from '../../../simulator/campaign/live.ts';
import { shortest } from '../../../simulator/campaign/shrink.ts';
import { playing } from '../../../simulator/playing/playing.ts';
import { faultSchema } from '../../../simulator/playing/scenario.ts';
import { shipped } from '../../shipped.ts';

const plan = shipped;
const seeds = Array.from({ length: 600 }, (_, index) => index + 1);
const items = seeds.flatMap((seed) => campaignHistory(seed, plan).items);

describe('the history of a seed', () => {
  test('is the same each time, and another one for another seed', () => {
    expect(campaignHistory(7, plan)).toEqual(campaignHistory(7, plan));
    expect(campaignHistory(8, plan)).not.toEqual(campaignHistory(7, plan));
  });

  test('has faults that a scenario may have, and all of what can go wrong comes up', () => {
    const faults = items.flatMap((item) => (item.kind === 'fault' ? [item.of.fault] : []));
    for (const fault of faults)
      expect(faultSchema.safeParse(fault), JSON.stringify(fault)).toMatchObject({ success: true });
    const kinds = new Set(faults.map(({ kind }) => kind));
    for (const kind of [
      'zone-power',
      'region-dark',
      'partition',
      'data-corrupted',
      'restore-fails',
      'stale-reads',
      'bucket-lost',
    ])
      expect(kinds).toContain(kind);
    const errors = new Set(faults.flatMap((fault) => ('error' in fault ? [fault.error] : [])));
    for (const error of ['throttle', 'deny', 'refuse', 'timeout', 'timeout-after-acting'])
      expect(errors).toContain(error);
    expect(faults.some((fault) => fault.kind === 'partition' && fault.oneWay === true)).toBe(true);
    expect(faults.some((fault) => fault.kind === 'function-crash' && fault.when === 'after')).toBe(true);
    const effects = faults.flatMap((fault) => (fault.kind === 'message-fault' ? [fault.effect] : []));
    expect(new Set(effects)).toEqual(new Set(['lost', 'late', 'doubled']));
  });

  test('has approvers and operators of every sort', () => {
    const ways = new Set(items.flatMap((item) => (item.kind === 'approvers' ? [item.of.replace(/\d+s$/, '')] : [])));
    expect(ways).toEqual(new Set(['after=', 'doubled', 'split', 'deny', 'deny-once', 'never']));
    const done = new Set(items.flatMap((item) => (item.kind === 'operator' ? [item.of.do] : [])));
    expect(done).toEqual(new Set(['freeze', 'unfreeze', 'abort', 'abort-watch', 'skip', 'redrive', 'failback']));
    expect(items.some(({ kind }) => kind === 'by-hand')).toBe(true);
  });

  test('ends: what lasts has an end of its own', () => {
    const endless = items.filter((item) => item.kind === 'fault' && item.of.fault.forSeconds === undefined);
    const kinds = endless.map((item) => (item.kind === 'fault' ? item.of.fault.kind : ''));
    for (const kind of kinds)
      expect(kind).toMatch(
        /^(database-crash|cache-node-loss|node-loss|pod-crash|release|practice-run|function-crash)$/,
      );
  });

  test('breaks nothing that a plan does not have', () => {
    const store = readPlanFile('examples/session-store/plan.yml');
    for (const seed of seeds) {
      const written = scenarioOf(campaignHistory(seed, store).items);
      expect(() => playing(`seed ${seed}`, store, [], written)).not.toThrow();
    }
  });

  test('is told in words, an item a line', () => {
    const fault = { id: 'a', kind: 'partition', between: ['here', 'there'], oneWay: true, forSeconds: 60 } as const;
    expect(wordsOf({ kind: 'fault', of: { atSeconds: 5, fault: { ...fault, between: [...fault.between] } } })).toBe(
      '5 s partition here there oneWay, for 60 s',
    );
    expect(wordsOf({ kind: 'operator', of: { afterFailureSeconds: 90, do: 'skip', state: 'Fence' } })).toBe(
      '90 s after a flow has stopped a person does skip Fence',
    );
    expect(wordsOf({ kind: 'approvers', of: 'split' })).toBe('approvers: split');
  });

  test('counts the time of a flow by hand from its first fault, as scenarios do', () => {
    const manual = { kind: 'by-hand', atSeconds: 90, of: { target: { region: 'primary' } } } as const;
    const fault = { kind: 'fault', of: { atSeconds: 40, fault: { id: 'a', kind: 'release' } } } as const;
    expect(scenarioOf([manual]).manualAfterSeconds).toBe(90);
    expect(scenarioOf([fault, manual]).manualAfterSeconds).toBe(50);
  });
});

describe('the shortest history', () => {
  const counting = (shows: (left: readonly number[]) => boolean) => {
    let asked = 0;
    return {
      shows: async (left: readonly number[]) => {
        asked += 1;
        return shows(left);
      },
      asked: () => asked,
    };
  };
  const some = [1, 2, 3, 4, 5, 6, 7, 8];

  test('keeps what is needed and nothing else, in its order', async () => {
    const { shows } = counting((left) => left.includes(3) && left.includes(7));
    expect(await shortest(some, shows, 100)).toEqual([3, 7]);
  });

  test('leaves out what became needless once another one was gone', async () => {
    // 1 is needed as long as 8 is there.
    const { shows } = counting((left) => left.includes(5) && (left.includes(1) || !left.includes(8)));
    expect(await shortest(some, shows, 100)).toEqual([5]);
  });

  test('is nothing at all where nothing is needed, and all where all is', async () => {
    expect(await shortest(some, async () => true, 100)).toEqual([]);
    expect(await shortest(some, async ({ length }) => length === some.length, 100)).toEqual(some);
  });

  test('is the shortest that was found when the tries are used up', async () => {
    const { shows, asked } = counting((left) => left.includes(8));
    expect(await shortest(some, shows, 1)).toEqual([5, 6, 7, 8]);
    expect(asked()).toBe(1);
  });
});

test('a seed is replayed exactly', { timeout: 120_000 }, async () => {
  const lived = await liveThrough(4, plan);
  expect(lived.broken).toEqual([]);
  expect(await liveThrough(4, plan)).toEqual(lived);
});
