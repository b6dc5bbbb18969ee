// A zone that users are kept out of, and what happens meanwhile: an old stack beside a new one, a flow that pauses and is resumed or has a state
// left out, and roles that are swapped.
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../../check/plan.ts';
import { newPlan } from '../../../cli/files/new-plan.ts';
import { recordFormat } from '../../../functions/domain/record/recorded.ts';
import { type DrillOptions, runDrill, zeroAt } from '../../../simulator/drill/drill.ts';
import { readScenario, type Scenario } from '../../../simulator/playing/scenario.ts';
import type { Release } from '../../../simulator/world.ts';

const text = newPlan(
  {
    application: 'shop',
    primary: 'us-east-1',
    standby: 'us-west-2',
    witness: 'us-east-2',
    observers: ['eu-west-1', 'eu-west-2'],
    domain: 'shop.example.com',
    hostedZone: 'Z0123456789ABC',
    database: ['orders', 'orders-replica'],
    engine: 'postgres',
    balancer: ['app/shop/50dc6c495c0c9188', 'app/shop/50dc6c495c0c9189'],
  },
  'plan.schema.json',
);
const plan = parsePlan(parse(text.replaceAll('mode: observe', 'mode: act')));
const outage = readScenario('az-outage');
const minute = 60_000;
const after = (at: string | null | undefined) => (Date.parse(at ?? '') - zeroAt) / minute;

function play(changes: Partial<Scenario>, more: Partial<DrillOptions> = {}) {
  return runDrill({ scenario: 'az-outage', written: { ...outage, ...changes }, seed: 1, plan, ...more });
}
const failing = (forSeconds: number): Scenario['faults'] =>
  outage.faults.map((one) => ({ ...one, fault: { ...one.fault, forSeconds } }) as never);
type Drill = Awaited<ReturnType<typeof play>>;
const broken = ({ result }: Drill) => result.invariants.filter(({ held }) => !held);
const flows = ({ result }: Drill) => result.executions.map(({ stateMachine, status }) => `${stateMachine} ${status}`);
const shifts = ({ result }: Drill) =>
  result.mutations.flatMap(({ service, operation }) => (service === 'arc-zonal-shift' ? [operation] : []));
const told = ({ result }: Drill) => [...new Set(result.notifications.map(({ subject }) => subject))];

/** A release before zones were kept out: it reads an incident's other keys alone, and leaves them out where it writes it again. */
function oldRelease(...regions: string[]): Release & { fromStart: true } {
  return {
    regions,
    fromStart: true,
    machine: (_, definition) => definition,
    item: (item) => {
      const { body, ...others } = item;
      if (!(body instanceof Uint8Array)) return item;
      const { returned: _, ...known } = JSON.parse(brotliDecompressSync(body).toString());
      return { ...others, body: brotliCompressSync(JSON.stringify(known)) };
    },
  };
}
/** The next one: items of a higher format, with keys that this one does not know. */
function nextRelease(...regions: string[]): Release & { fromStart: true } {
  return {
    regions,
    fromStart: true,
    machine: (_, definition) => definition,
    item: (item) => {
      const { body, ...others } = item;
      const more = { format: recordFormat + 1, tomorrow: { of: 'the next release' } };
      if (!(body instanceof Uint8Array)) return { ...item, ...more };
      const inside = { ...JSON.parse(brotliDecompressSync(body).toString()), tomorrow: true };
      return { ...others, ...more, body: brotliCompressSync(JSON.stringify(inside)) };
    },
  };
}

describe('an old stack beside a new one', () => {
  test.for([
    ['the region itself', ['us-east-1']],
    ['the other region', ['us-west-2']],
    ['both', ['us-east-1', 'us-west-2']],
  ] as const)(
    'that forgets in %s that users were sent back: a zone that fails again is left again or held, and never in silence',
    async ([, regions]) => {
      const drill = await play({ faults: failing(9_000), withinSeconds: 14_400 }, { upgrade: oldRelease(...regions) });
      const { decisions, end } = drill.result;
      const again = decisions.filter(({ at, level }) => level === 2 && after(at) > 62);
      expect(again.length).toBeGreaterThan(0);
      expect(again.filter(({ action }) => action !== 'az-failover' && action !== 'hold')).toEqual([]);
      expect(end.served).toBe(true);
      expect(broken(drill).filter(({ id }) => id !== 'bounded')).toEqual([]); // the watch may go on for a day
    },
  );

  test.for([
    ['the region itself', ['us-east-1']],
    ['the other region', ['us-west-2']],
  ] as const)(
    'of the next release in %s: what it writes is read, and users stay out for as long',
    async ([, regions]) => {
      const logged: string[] = [];
      const overheard: DrillOptions['overheard'] = (where, line) => void (where === 'log' && logged.push(line));
      const drill = await play({}, { upgrade: nextRelease(...regions), overheard });
      expect(drill.misses).toEqual([]);
      expect(shifts(drill)).toEqual(['StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift']);
      expect(told(drill).filter((subject) => subject.includes('users stay out of use1-az1 until'))).toHaveLength(1);
      expect(logged.filter((line) => line.includes('items that cannot be read'))).toEqual([]);
      expect(broken(drill)).toEqual([]);
    },
  );
});

/** Nobody may extend the shift: the watch gives up, and the flow pauses while users stay out. */
const unextended = {
  atSeconds: 2_000,
  fault: {
    ...{ id: 'shift', kind: 'api-failure', service: 'arc-zonal-shift', operation: 'UpdateZonalShift', error: 'deny' },
    ...{ region: 'us-east-1', forSeconds: 1_000 },
  },
} as const;
const faults = [...outage.faults, unextended] as Scenario['faults'];

test.for([
  ['is resumed', []],
  ['is resumed with the state left out', [{ atSeconds: 3_100, do: 'skip', state: 'LeaveZone', asset: 'front' }]],
] as const)(
  'a flow that pauses while users are kept out, and %s, keeps them out until the time that was told',
  async ([, operator]) => {
    const drill = await play({
      faults,
      operator: [...operator, { atSeconds: 3_200, do: 'redrive' }] as unknown as Scenario['operator'],
    });
    expect(told(drill).filter((subject) => subject.includes('PAUSED'))).toHaveLength(1);
    expect(shifts(drill)).toEqual(['StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift']);
    expect(flows(drill)).toEqual(['az-failover SUCCEEDED']);
    const back = drill.result.mutations.find(({ operation }) => operation === 'CancelZonalShift');
    expect(after(back?.at)).toBeGreaterThan(63);
    expect(drill.misses).toEqual([]);
    expect(broken(drill)).toEqual([]);
  },
);

test('a flow that nobody resumes lets the shift run out, and its incident ends then', async () => {
  const drill = await play({ faults, withinSeconds: 7_200 });
  expect(shifts(drill)).toEqual(['StartZonalShift']);
  expect(flows(drill)).toEqual(['az-failover FAILED']);
  const [, end] = drill.result.decisions;
  expect(end).toMatchObject({ action: 'none', level: 0 });
  expect(after(end?.at)).toBeGreaterThan(63);
  expect(broken(drill)).toEqual([]);
});

test('roles that a person swaps meanwhile: the zone flow ends without a page, and its shift stays until it runs out', async () => {
  const drill = await play({
    ...readScenario('manual-switchover'),
    faults: outage.faults,
    manualAfterSeconds: 1_500,
    withinSeconds: 14_400,
  });
  expect(flows(drill)).toEqual(expect.arrayContaining(['az-failover SUCCEEDED', 'region-failover SUCCEEDED']));
  expect(told(drill).filter((subject) => subject.includes('PAUSED'))).toEqual([]);
  expect(told(drill)).toContainEqual(expect.stringContaining('the incident goes on elsewhere'));
  expect(shifts(drill)).toEqual(['StartZonalShift']);
  expect(drill.result.end).toMatchObject({ usersRegion: 'us-west-2', databaseRegion: 'us-west-2', served: true });
  expect(broken(drill)).toEqual([]);
});
