// What a person may leave out of a flow, and what has to be done.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { waivable, whyNotSkipped } from '../../../functions/domain/skipping.ts';
import { verbs } from '../../../functions/kinds/verbs.ts';
import { without, withSecondDatabase } from '../../assets.ts';
import { plan } from '../../plan.ts';

const named = { target: 'us-east-1', unfenced: ['us-east-1'] };

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
  ['LeaveZone', 'database'],
  ['LeaveZone', 'cluster'],
  ['Settle', 'cache'],
  ['no such state', null],
  ['TakeOver', null],
  ['TakeOver', 'no such asset'],
  ['TakeOver', 'ingress'],
  ['RedirectUsers', 'cluster'],
] as const)('%s of %o cannot be left out', ([state, asset]) => {
  const words = asset === null ? state : `${state} ${asset}`;
  expect(whyNotSkipped({ state, asset }, [named], plan)).toContain(`${words} cannot be left out, expected one of `);
});

test.for([
  ['TakeOver', 'cache'],
  ['TakeOver', 'cluster'],
  ['TakeOver', 'settings'],
  ['RedirectUsers', null],
  ['VerifyOutside', null],
  ['FenceOldRegion', 'database'],
] as const)('%s of %o may be left out', ([state, asset]) => {
  expect(whyNotSkipped({ state, asset }, [], plan)).toBeNull();
  expect(readFileSync('statemachines/region-failover.asl.yaml', 'utf8')).toContain(`${state}:`);
});

test('what may be left out follows the assets of the plan', () => {
  const ofAssets = (other: typeof plan) =>
    waivable(other).flatMap(({ state, asset }) => (asset === null ? [] : [`${state} ${asset}`]));
  const shipped = [
    'Fence database',
    'FenceOldRegion database',
    'TakeOver cache',
    'TakeOver cluster',
    'TakeOver settings',
    'TakeOver search',
    'Verify search',
  ];
  expect(ofAssets(plan)).toEqual(shipped);
  expect(ofAssets(withSecondDatabase(plan))).toEqual([...shipped, 'Fence orders', 'FenceOldRegion orders']);
  expect(ofAssets(without(plan, 'rds-instance', 'elasticache'))).toEqual([
    'TakeOver cluster',
    'TakeOver search',
    'Verify search',
  ]);
});

test.for([
  ['nothing was approved', [], false],
  ['an approval lets nothing stay unfenced', [{ target: 'us-east-1', unfenced: [] }], false],
  ['an approval names another region', [{ target: 'us-east-1', unfenced: ['us-west-2'] }], false],
  ['an approval names the region', [named], true],
] as const)('the fence, when %s', ([, approved, may]) => {
  expect(whyNotSkipped({ state: 'Fence', asset: 'database' }, approved, plan) === null).toBe(may);
});

type State = {
  Arguments?: { FunctionName?: { 'Fn::GetAtt': string[] } | string };
  Branches?: { States: Named }[];
  ItemProcessor?: { States: Named };
};
type Named = Record<string, State>;
const flatten = (states: Named): Named =>
  Object.assign(
    {},
    states,
    ...Object.values(states).flatMap(({ Branches = [], ItemProcessor }) =>
      [...Branches, ...(ItemProcessor === undefined ? [] : [ItemProcessor])].map((branch) => flatten(branch.States)),
    ),
  );

/** The files that a state calls, each with the asset that it is called for; null where it is about the whole flow. */
function calledBy({ Arguments }: State): { file: string; asset: string | null }[] {
  const name = Arguments?.FunctionName;
  if (name === undefined) return [];
  if (typeof name !== 'string') return [{ file: `functions/${name['Fn::GetAtt'][0]}.ts`, asset: null }];
  const verb = /kind & '-([a-z-]+)'/.exec(name)?.[1] ?? 'no verb';
  const knowing = plan.assets.filter(({ kind }) => Object.keys(verbs[kind]).includes(verb));
  return knowing.map(({ kind, name: asset }) => ({ file: `functions/kinds/${kind}/${verb}.ts`, asset }));
}

test('every state that reads a waiver may be left out, and every state that may be left out reads one', () => {
  const machine = parse(readFileSync('statemachines/region-failover.asl.yaml', 'utf8'), { merge: true });
  const all = Object.entries(flatten(machine.States)).flatMap(([state, body]) =>
    calledBy(body).map((call) => ({ state, ...call })),
  );
  const words = ({ state, asset }: { state: string; asset: string | null }) => `${state} ${asset}`;
  const reading = all.filter(({ state, file }) =>
    readFileSync(file, 'utf8').includes(`readWaiver(incident, '${state}'`),
  );
  const skippable = all.filter(({ state, asset }) => whyNotSkipped({ state, asset }, [named], plan) === null);
  expect(skippable.map(words).toSorted()).toEqual(reading.map(words).toSorted());
  expect(skippable.map(words).toSorted()).toEqual(waivable(plan).map(words).toSorted());
  expect(skippable.length).toBeGreaterThan(5);
});
