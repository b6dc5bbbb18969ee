// A plan as `init` writes it, with a database and a balancer alone: once users have left a zone, nothing tells whether it is well.
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../../check/plan.ts';
import { newPlan } from '../../../cli/files/new-plan.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';

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
const scenario = readScenario('az-outage');
const minute = 60_000;

/** The zone fails for so long. */
function outage(forSeconds: number, withinSeconds: number) {
  const faults = scenario.faults.map((one) => ({ ...one, fault: { ...one.fault, forSeconds } }));
  return runDrill({ scenario: 'az-outage', written: { ...scenario, faults, withinSeconds }, seed: 1, plan });
}
const shiftsIn = ({ result }: Awaited<ReturnType<typeof outage>>) =>
  result.mutations.filter(({ service }) => service === 'arc-zonal-shift').map(({ operation }) => operation);

test('users stay out of the zone for the time of a shift, people are told until when, and the zone is left once', async () => {
  const drill = await runDrill({ scenario: 'az-outage', seed: 1, plan });
  const { misses, result } = drill;
  expect(misses).toEqual([]);
  expect(shiftsIn(drill)).toEqual(['StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift']);
  const told = result.notifications.filter(({ subject }) =>
    /users stay out of use1-az1 until \d\d:\d\d UTC/.test(subject),
  );
  expect(told.map(({ role }) => role).toSorted()).toEqual(['on-call', 'operations']);
  const [flow] = result.executions;
  const lasted = Date.parse(flow?.endedAt ?? '') - Date.parse(flow?.startedAt ?? '');
  expect(lasted).toBeGreaterThanOrEqual(60 * minute);
  expect(lasted).toBeLessThan(65 * minute);
});

test('a zone that fails again once users are back is left again within minutes, and then a person decides', async () => {
  const drill = await outage(9_000, 14_400);
  const { result } = drill;
  const acted = result.decisions.filter(({ action }) => action !== 'none' && action !== 'notify');
  expect(acted.map(({ action, scope }) => `${action} ${scope.zone}`)).toEqual([
    'az-failover use1-az1',
    'az-failover use1-az1',
  ]);
  const [first, second] = result.executions.filter(({ stateMachine }) => stateMachine === 'az-failover');
  expect(Date.parse(second?.startedAt ?? '') - Date.parse(first?.endedAt ?? '')).toBeLessThan(8 * minute);
  expect(second?.status).toBe('RUNNING');
  expect(result.end.served).toBe(true);
  const told = result.notifications.filter(({ subject }) => /users stay out of use1-az1: decide by /.test(subject));
  expect(told.map(({ role }) => role).toSorted()).toEqual(['on-call', 'operations']);
  // The database left with the first failover: to leave the zone again costs no second outage of it.
  expect(result.mutations.filter(({ operation }) => operation === 'RebootDBInstance')).toHaveLength(1);
  // The drill ends before the flow, which watches for a day.
  expect(result.invariants.filter(({ id, held }) => !held && id !== 'bounded')).toEqual([]);
});

test('a drill of the deployment that breaks a zone for a short time waits until users are back, and passes', async () => {
  const target = { fault: 'zone', zone: "the writer's zone", seconds: 600 };
  const drill = { ...readScenario('drill-zone').drill, kind: 'fault' as const, target, withinSeconds: 900 };
  const written = {
    ...readScenario('drill-zone'),
    drill: { by: 'schedule', atSeconds: 60, backupSeconds: 60, ...drill },
  };
  const { result } = await runDrill({ scenario: 'drill-zone', written, seed: 1, plan });
  const subjects = result.notifications.map(({ subject }) => subject);
  expect(subjects.find((subject) => subject.includes('users stay out'))).toMatch(
    /^\[Breakwater\] \[DRILL\] For information: users stay out of use1-az1 until \d\d:\d\d UTC$/,
  );
  expect(subjects.filter((subject) => subject.includes('rehearsed')).at(-1)).toContain('rehearsed PASSED in 5 min');
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
});
