// Faults that were there once, put back into the product: each is seen in a drill that holds without it.
import { afterAll, describe, expect, test } from 'vitest';
import type { DrillOptions } from '../../../simulator/drill/drill.ts';
import type { DrillRun } from '../../../simulator/drill/result.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { strongest } from '../../judgement/expectations.ts';
import { plan } from '../../plan.ts';
import { shipped } from '../../shipped.ts';
import { misread } from './events.ts';
import { type Fault, ofInvariants, ofOthers } from './faults.ts';
import { put, twinWith } from './twin.ts';

const twin = await twinWith([...ofInvariants, ...ofOthers, ...misread].flatMap(({ back }) => back));
afterAll(twin.close);

/** The invariants that are broken. */
function broken({ result }: DrillRun): string[] {
  return result.invariants.filter(({ held }) => !held).map(({ id }) => id);
}

/** Those, and what else the drill misses. */
function seenIn(run: DrillRun): string[] {
  return [...broken(run), ...run.misses.map(({ what }) => what)];
}

const ran = new Map<string, Promise<DrillRun>>();

/** The drill of a fault without it; a seed gives one history, so that each is run once. */
function without(fault: Fault): Promise<DrillRun> {
  const drill = drillOf(fault);
  const key = JSON.stringify(drill);
  const run = ran.get(key) ?? twin.drill(drill, []);
  ran.set(key, run);
  return run;
}

/** The drill, until the fault has been seen. */
function drillOf({ drill, endsSeconds }: Fault): DrillOptions {
  if (endsSeconds === undefined) return drill;
  const { scenario, written = readScenario(scenario) } = drill;
  return { ...drill, written: { ...written, withinSeconds: endsSeconds } };
}

const withFault = async (fault: Fault): Promise<string[]> => seenIn(await twin.drill(drillOf(fault), fault.back));

describe('an invariant is broken, and holds without the fault', () => {
  test.for(ofInvariants)('$seen: $mistake', async (fault) => {
    // What has not ended is all that an early end breaks; to their ends test/simulator/playing/scenarios.test.ts plays them.
    const early = fault.endsSeconds === undefined ? [] : ['bounded'];
    expect(broken(await without(fault)).filter((id) => !early.includes(id))).toEqual([]);
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
    // What the shipped plan comes to in a scenario as it is, test/simulator/playing/scenarios.test.ts shows.
    if (drill.written !== undefined || drill.plan !== shipped) expect(seenIn(await without(fault))).not.toContain(seen);
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
    const gone = put('functions/domain/approval/freshness.ts gone', () => null);
    await expect(twinWith([gone])).rejects.toThrow(/freshness\.ts has no function gone/);
  });
});
