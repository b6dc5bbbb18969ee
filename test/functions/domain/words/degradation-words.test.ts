// What people read of a degradation: what they are to do by what is suspected, and what Breakwater does by what the plan says.
import { describe, expect, test } from 'vitest';
import {
  type Degradation,
  degradationActs,
  degradationDone,
  degradationFacts,
  degradationNeeds,
  degradationSeen,
} from '../../../../functions/domain/words/degradation-words.ts';

const found: Degradation = {
  cause: 'release',
  suspected: 'Release v42, started before the first failure',
  release: 'v42',
  facts: [],
  changed: [],
  gaps: [],
  remediation: 'observe',
  buildProject: 'rollback',
};
const needs = (change: Partial<Degradation>) => degradationNeeds({ ...found, ...change }, 'us-east-1');
const look = (what: string) =>
  `Look at the service (service.healthUrl in plan.yml). ${what} See docs/runbook.md#service-degradation.`;
const suspects = look('Breakwater suspects a cause and has no proof.');

describe('what a person has to do', () => {
  test('about a release that people take back is told with the command', () => {
    expect(needs({})).toEqual([
      suspects,
      'If you agree with the suspicion, take release v42 back:',
      '  npm run build -- rollback --release v42 --region us-east-1',
    ]);
  });
  test.for([
    ['2026.11/v4-2_a+b:1', ' --release 2026.11/v4-2_a+b:1'],
    ['v42; reboot', ''],
    ['$(reboot)', ''],
    ['-v42', ''],
    ['', ''],
  ] as const)('about release %s has it in the command only where no shell takes it for more', ([release, option]) => {
    expect(needs({ release }).at(-1)).toBe(`  npm run build -- rollback${option} --region us-east-1`);
  });
  test.for([
    ['no release is named', { release: null }],
    ['no build takes it back', { buildProject: null }],
  ] as const)('has no command where %s', ([, change]) => {
    expect(needs(change)).toEqual([suspects]);
  });
  test('is to leave a build alone that Breakwater starts', () => {
    expect(needs({ remediation: 'act' })).toEqual([
      suspects,
      'Do not start build rollback yourself: Breakwater starts it next. If the release must stay, type this at once:',
      '  npm run freeze',
    ]);
  });
  test('begins with what nobody knows, and with who answers for it', () => {
    expect(needs({ cause: 'unknown', remediation: 'none', owner: 'app-lead' })).toEqual([
      look('Breakwater does not know the cause.'),
      'Ask app-lead: that is the owner of what fails.',
    ]);
  });
  test('about a change is to ask for it to be taken back', () => {
    expect(needs({ cause: 'change', remediation: 'none' })).toEqual([
      suspects,
      'If you agree with the suspicion, ask whoever made that change, named below, to take it back.',
    ]);
  });
});

describe('what changed before', () => {
  const suspected = 'Suspected cause: release v42, started before the first failure.';
  const changes = (many: number) => Array.from({ length: many }, (_, index) => `change ${index + 1}`);
  test('is told as nothing where nothing did', () => {
    expect(degradationSeen({ ...found, gaps: ['Auto Scaling could not be read.'] })).toEqual([
      suspected,
      'Breakwater knows of no change: no release, no planned work, no setting, no move by AWS.',
      'Auto Scaling could not be read.',
    ]);
  });
  test('is told in full up to eight, and then by the newest eight', () => {
    expect(degradationSeen({ ...found, changed: changes(8) })).toEqual([
      suspected,
      'Recent changes, oldest first:',
      ...changes(8).map((one) => `  ${one}`),
    ]);
    expect(degradationSeen({ ...found, changed: changes(10) })).toEqual([
      suspected,
      'Recent changes, oldest first:',
      '  (2 earlier changes)',
      ...changes(10)
        .slice(2)
        .map((one) => `  ${one}`),
    ]);
  });
  test('is told as new where people have heard of the rest', () => {
    expect(degradationSeen({ ...found, changed: changes(1) }, true)[1]).toBe(
      'Changes before the first sign, new since the last message, oldest first:',
    );
  });
});

test.for([
  [
    {},
    'Breakwater watches the service and takes nothing back: the plan leaves that to people (remediation in plan.yml).',
  ],
  [
    { remediation: 'none' },
    'Breakwater watches the service and changes nothing: the plan has no remedy for this cause.',
  ],
  [
    { remediation: 'act' },
    'Breakwater starts build rollback next, to take release v42 back. Then Breakwater watches the service.',
  ],
  [
    { remediation: 'act', release: null },
    'Breakwater starts build rollback next, to take the last release back. Then Breakwater watches the service.',
  ],
] as const)('with %j people read what Breakwater does', ([change, said]) => {
  expect(degradationDone({ ...found, ...change })).toEqual([said]);
  expect(degradationDone({ ...found, ...change }, true)).toEqual(['Breakwater watches the service, as before.']);
});

test('the subject names the change that is suspected, where the diagnosis says which', () => {
  const change = { ...found, cause: 'change', remediation: 'none', release: null } as const;
  expect(degradationActs({ ...change, call: 'UpdateService on web' })).toBe(' (suspected: UpdateService on web)');
  expect(degradationActs({ ...change, call: null })).toBe(': a change is suspected');
  expect(degradationActs(change)).toBe(': a change is suspected'); // of a release before
});

test('evidence is told oldest first with its times, and no heading stands where there is none', () => {
  expect(degradationFacts(found)).toEqual([]);
  expect(degradationFacts({ ...found, facts: ['2026-11-23T03:00:00.000Z api fails: errors'] })).toEqual([
    'Evidence, oldest first:',
    '  03:00 UTC api fails: errors',
  ]);
});
