// Faults that were there once, put back into the product: each is seen in a drill that holds without it.
import { afterAll, describe, expect, test } from 'vitest';
import type { DrillOptions } from '../../simulator/drill.ts';
import { createInvariants } from '../../simulator/invariants.ts';
import type { DrillRun } from '../../simulator/result.ts';
import { readScenario } from '../../simulator/scenario.ts';
import { strongest } from '../expectations.ts';
import { plan } from '../plan.ts';
import { shipped } from '../shipped.ts';
import { misread } from './put-back/events.ts';
import { type Fault, ofInvariants, ofOthers } from './put-back/faults.ts';
import { put, twinWith } from './put-back/twin.ts';

const twin = await twinWith([...ofInvariants, ...ofOthers, ...misread].flatMap(({ back }) => back));
afterAll(twin.close);

const without = new Map<string, Promise<DrillRun>>();

/** The drill as it is; a seed gives one history, so that each is run once. */
function asItIs(drill: DrillOptions): Promise<DrillRun> {
  const key = JSON.stringify(drill);
  const run = without.get(key) ?? twin.drill(drill, []);
  without.set(key, run);
  return run;
}

/** The invariants that are broken. */
function broken({ result }: DrillRun): string[] {
  return result.invariants.filter(({ held }) => !held).map(({ id }) => id);
}

/** Those, and what else the drill misses. */
function seenIn(run: DrillRun): string[] {
  return [...broken(run), ...run.misses.map(({ what }) => what)];
}

/** The drill with the fault, which may end sooner. */
async function withFault({ drill, back, endsSeconds }: Fault): Promise<string[]> {
  const { scenario, written = readScenario(scenario) } = drill;
  const sooner = endsSeconds === undefined ? {} : { written: { ...written, withinSeconds: endsSeconds } };
  return seenIn(await twin.drill({ ...drill, ...sooner }, back));
}

describe('an invariant is broken, and holds without the fault', () => {
  test.for(ofInvariants)('$seen: $mistake', async (fault) => {
    expect(broken(await asItIs(fault.drill))).toEqual([]);
    expect(await withFault(fault)).toContain(fault.seen);
  });

  test('of each of them a fault is put back', () => {
    const all = createInvariants({ plan: shipped }).verdict(0);
    const shown = new Set(ofInvariants.map(({ seen }) => seen));
    expect(all.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
  });
});

describe('what others did wrong is seen', () => {
  test.for(ofOthers)('$mistake: $seen', async (fault) => {
    const { drill, seen } = fault;
    // What the shipped plan comes to in a scenario as it is, test/simulator/scenarios.test.ts shows.
    if (drill.written !== undefined || drill.plan !== shipped) expect(seenIn(await asItIs(drill))).not.toContain(seen);
    expect(await withFault(fault)).toContain(seen);
  });
});

describe('what events say is judged otherwise', () => {
  test.for(misread)('$mistake', async ({ lines, until, back, level, wrong }) => {
    expect(strongest(await twin.play([], lines, until, plan)).level).toBe(level);
    expect(strongest(await twin.play(back, lines, until, plan)).level).toBe(wrong);
  });
});

describe('a fault that shows nothing is refused', () => {
  const calm = { scenario: 'calm', seed: 1, plan: shipped };

  test('one that the drill never comes to', async () => {
    const [fault] = ofInvariants;
    await expect(twin.drill(calm, fault?.back ?? [])).rejects.toThrow(/never called: .*nextFence/);
  });

  test('one whose function is not there any more', async () => {
    const gone = put('functions/domain/freshness.ts gone', () => null);
    await expect(twinWith([gone])).rejects.toThrow(/freshness\.ts has no function gone/);
  });
});
