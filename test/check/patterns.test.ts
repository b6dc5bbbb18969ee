// Patterns of alarms against what the plan itself names: whoever can never be named is found, in whatever form a pattern is written.
import { expect, test } from 'vitest';
import { unmatchable } from '../../check/patterns.ts';
import { plan } from '../plan.ts';

/** What is said of the patterns of rules that stand in place of the shipped one for components, beside one that names these. */
const withRules = (...matches: readonly string[]) => {
  const others = plan.signals.alarms.filter(({ kind }) => kind !== 'component');
  const all = [...matches, '^(?<component>[a-z]+)$'];
  const alarms = [...others, ...all.map((match) => ({ match, kind: 'component' as const }))];
  return unmatchable({ ...plan, signals: { ...plan.signals, alarms } }).flatMap(({ path, line }) =>
    path[0] === 'signals' ? [line.replace(/^.*, expected /, '')] : [],
  );
};

test('the shipped rules match all that the plan names', () => {
  expect(unmatchable(plan)).toEqual([]);
});

test.for([
  ['^a-(?<zone>us[ew]\\d-az\\d)$', []],
  ['^a-(?<zone>(?:use1|usw2)-az[1-6])-(?<measure>x)$', []],
  ['^a-(?<zone>[(a-z)0-9-]+)$', []],
  ['^a-(?<zone>use1-az[12])$', ['a group zone that matches use1-az4, usw2-az1, usw2-az2, usw2-az3 too']],
  ['^(?<region>us-(east|west)-\\d)$', []],
  ['^(?<region>us-east-\\d)$', ['a group region that matches us-west-2 too']],
  ['^(?<observer>[a-z]{2}-[a-z]+-\\d)$', []],
  ['^(?<observer>eu-.*)$', ['a group observer that matches us-east-1, us-west-2, ap-southeast-1 too']],
] as const)('%s', ([match, said]) => {
  expect(withRules(match)).toEqual(said);
});

test('rules of one kind may share what they name, and a group that rests on another is not judged', () => {
  expect(withRules('^a-(?<zone>use1-az\\d)$', '^a-(?<zone>usw2-az\\d)$')).toEqual([]);
  expect(withRules('^(?<part>us.\\d)-(?<zone>\\k<part>-az1)$')).toEqual([]);
});

test('a component of any list that no rule can name is found', () => {
  const { release } = plan.explanations;
  const broken = {
    ...plan,
    infrastructureComponents: [...plan.infrastructureComponents, 'a'],
    dependents: { ...plan.dependents, b: ['api', 'c'] },
    explanations: { ...plan.explanations, release: { ...release, components: ['d'] } },
  };
  expect(unmatchable(broken).map(({ path }) => path.at(-1))).toEqual([
    String(plan.infrastructureComponents.length),
    'b',
    '1',
    '0',
  ]);
});
