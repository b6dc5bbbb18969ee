// What a person may leave out of a flow, and what has to be done.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { whyNotSkipped } from '../../../functions/domain/skipping.ts';

const named = { target: 'us-east-1', unfenced: ['us-east-1'] };

test.for([
  'TakeLock',
  'Assess',
  'RequestApproval',
  'Reassess',
  'WaitForZeroLag',
  'PromoteDatabase',
  'VerifyRegion',
  'MoveRole',
  'MoveDatabase',
  'no such state',
])('%s cannot be left out', (state) => {
  expect(whyNotSkipped(state, [named])).toContain(`${state} cannot be left out`);
});

test.for(['FailoverCache', 'CheckCluster', 'RepointApplication', 'RedirectUsers', 'VerifyOutside', 'FenceOldRegion'])(
  '%s may be left out',
  (state) => {
    expect(whyNotSkipped(state, [])).toBeNull();
    expect(readFileSync('statemachines/region-failover.asl.yaml', 'utf8')).toContain(`${state}:`);
  },
);

test.for([
  ['nothing was approved', [], false],
  ['an approval lets nothing stay unfenced', [{ target: 'us-east-1', unfenced: [] }], false],
  ['an approval names another region', [{ target: 'us-east-1', unfenced: ['us-west-2'] }], false],
  ['an approval names the region', [named], true],
] as const)('the fence, when %s', ([, approved, may]) => {
  expect(whyNotSkipped('FenceDatabase', approved) === null).toBe(may);
});

type State = { Arguments?: { FunctionName?: { 'Fn::GetAtt': string[] } }; Branches?: { States: Named }[] };
type Named = Record<string, State>;
const flatten = (states: Named): Named =>
  Object.assign(
    {},
    states,
    ...Object.values(states).flatMap(({ Branches = [] }) => Branches.map((branch) => flatten(branch.States))),
  );

test('every state that reads a waiver may be left out, and every state that may be left out reads one', () => {
  const machine = parse(readFileSync('statemachines/region-failover.asl.yaml', 'utf8'), { merge: true });
  const states = flatten(machine.States);
  const reading = Object.entries(states)
    .filter(([name, { Arguments }]) => {
      const file = Arguments?.FunctionName?.['Fn::GetAtt'][0];
      return (
        file !== undefined && readFileSync(`functions/${file}.ts`, 'utf8').includes(`readWaiver(incident, '${name}'`)
      );
    })
    .map(([name]) => name);
  const skippable = Object.keys(states).filter((state) => whyNotSkipped(state, [named]) === null);
  expect(skippable.sort()).toEqual(reading.sort());
  expect(skippable.length).toBeGreaterThan(5);
});
