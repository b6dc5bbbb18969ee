// What a person may leave out of a flow, and what has to be done.
import { expect, test } from 'vitest';
import { machines } from '../../../../functions/domain/flows.ts';
import { stepName } from '../../../../functions/domain/record/step.ts';
import { waivable, whyNotSkipped } from '../../../../functions/domain/recovery/skipping.ts';
import { handler as redirectUsers } from '../../../../functions/redirect-users.ts';
import { handler as verifyService } from '../../../../functions/verify-service.ts';
import { without, withSecondDatabase } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { calledBy, fileOf, machineOf, statesOf } from '../../../statemachines/flows.ts';
import { regionIncident, running } from '../../setting.ts';

const named = { unfencedAssets: ['database'] };

test.for([
  ['TakeLock', null],
  ['Assess', null],
  ['RequestApproval', null],
  ['Reassess', null],
  ['CatchUp', 'database'],
  ['TakeOver', 'database'],
  ['Verify', 'database'],
  ['VerifyRegion', null],
  ['MoveRole', null],
  ['LeaveZone', 'settings'],
  ['TidyUp', 'database'],
  ['no such state', null],
  ['TakeOver', 'no such asset'],
  ['TakeOver', 'ingress'],
  ['RedirectUsers', 'cluster'],
] as const)('%s of %o cannot be left out', ([state, asset]) => {
  const words = asset === null ? state : `${state} ${asset}`;
  expect(whyNotSkipped({ state, asset }, [named], plan)).toContain(`${words} cannot be left out, expected one of `);
});

test('of a state that is about one asset it is said that the asset is missing', () => {
  expect(whyNotSkipped({ state: 'TakeOver', asset: null }, [named], plan)).toBe(
    'ASSET: is missing: TakeOver is about one asset, expected one of cache, cluster, settings, search',
  );
});

test.for([
  ['LeaveZone', 'database'],
  ['LeaveZone', 'cluster'],
  ['TidyUp', 'cache'],
  ['TakeOver', 'cache'],
  ['TakeOver', 'cluster'],
  ['TakeOver', 'settings'],
  ['RedirectUsers', null],
  ['VerifyOutside', null],
  ['FenceOnReturn', 'database'],
] as const)('%s of %o may be left out', ([state, asset]) => {
  expect(whyNotSkipped({ state, asset }, [], plan)).toBeNull();
});

test('what may be left out follows the assets of the plan', () => {
  const ofAssets = (other: typeof plan) =>
    waivable(other).flatMap(({ state, asset }) => (asset === null ? [] : [`${state} ${asset}`]));
  const shipped = [
    'LeaveZone database',
    'Fence database',
    'FenceOnReturn database',
    'LeaveZone cache',
    'TidyUp cache',
    'TakeOver cache',
    'LeaveZone cluster',
    'TakeOver cluster',
    'LeaveZone ingress',
    'TakeOver settings',
    'LeaveZone search',
    'TakeOver search',
    'Verify search',
  ];
  expect(ofAssets(plan)).toEqual(shipped);
  expect(ofAssets(withSecondDatabase(plan))).toEqual([
    ...shipped,
    'LeaveZone orders',
    'Fence orders',
    'FenceOnReturn orders',
  ]);
  expect(ofAssets(without(plan, 'rds-instance', 'elasticache'))).toEqual([
    'LeaveZone cluster',
    'TakeOver cluster',
    'LeaveZone ingress',
    'LeaveZone search',
    'TakeOver search',
    'Verify search',
  ]);
});

test.for([
  ['nothing was approved', [], false],
  ['an approval lets nothing stay unfenced', [{ unfencedAssets: [] }], false],
  ['an approval of before names no assets', [{}], false],
  ['an approval names another asset of the region', [{ unfencedAssets: ['orders'] }], false],
  ['an approval names it', [named], true],
] as const)('the fence, when %s', ([, approved, may]) => {
  expect(whyNotSkipped({ state: 'Fence', asset: 'database' }, approved, plan) === null).toBe(may);
});

test('every state that may be left out is one of a flow, which asks that function for that asset', () => {
  const states = machines.flatMap((flow) => statesOf(machineOf(flow, plan)));
  const called = states.flatMap(([state, body]) => {
    const isVerb = typeof body.Arguments?.FunctionName === 'string';
    const files = calledBy(body, plan).map((name) => fileOf(name, plan));
    const assets = plan.assets.filter(({ kind }) => files.some((file) => file.startsWith(`functions/kinds/${kind}/`)));
    return isVerb ? assets.map(({ name }) => stepName({ state, asset: name })) : files.map(() => state);
  });
  expect(waivable(plan).length).toBeGreaterThan(5);
  expect(
    waivable(plan)
      .map(stepName)
      .filter((name) => !called.includes(name)),
  ).toEqual([]);
});

test.for([
  ['RedirectUsers', redirectUsers],
  ['VerifyOutside', verifyService],
] as const)('%s is left out when a person signed that, and before it asks anybody', async ([state, handler]) => {
  const shell = await running(regionIncident);
  await shell.store.keepWaiver(regionIncident.execution, state, 'dba', 'a person sees more', shell.at);
  const outcome = { skipped: true, by: 'dba', reason: 'a person sees more', at: shell.at };
  expect(await handler.on(shell)({ incident: regionIncident })).toEqual(outcome);
});
