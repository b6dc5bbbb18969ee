// The region flow as a graph: nothing is given up but through approval, and nobody is sent anywhere but through
// verification.
import { describe, expect, test } from 'vitest';
import { canAct, reachedWithout, read, type State, statesOf, verbOf, waysFrom } from './graph.ts';

const machine = read('region-failover.asl.yaml');
const all = statesOf(machine);
const States: Readonly<Record<string, State>> = Object.fromEntries(all);
const waysFromState = (name: string) => waysFrom(States[name] ?? { Type: '' });

const runs = (verbs: readonly string[]) =>
  all.filter(([, state]) => verbs.includes(verbOf(state) ?? '')).map(([name]) => name);

const acting = runs(all.flatMap(([, state]) => verbOf(state) ?? []).filter(canAct));

test('what acts are the states that are meant to', () => {
  expect(acting).toEqual([
    'FenceDatabase',
    'PromoteDatabase',
    'FailoverCache',
    'RepointApplication',
    'RedirectUsers',
    'FenceOnReturn',
    'FenceOldRegion',
  ]);
});

describe('the only way to fence, promote or redirect is through approval', () => {
  test.for([
    ['the request itself', (_from: string, to: string) => to === 'RequestApproval'],
    ['an answer that says yes', (from: string, to: string) => from === 'IsApproved' && to === 'Reassess'],
    [
      'a look that finds it still so',
      (from: string, to: string) => from === 'IsWithinApproval' && to === 'FenceDatabase',
    ],
  ] as const)('without %s none of them is reached', ([, closed]) => {
    const reached = reachedWithout(machine, closed);
    expect(acting.filter((name) => reached.has(name))).toEqual([]);
    // Nor is anything that comes after them.
    expect(runs(['move-role', 'record-failover']).filter((name) => reached.has(name))).toEqual([]);
  });

  test('with all of them, each is reached', () => {
    const reached = reachedWithout(machine, () => false);
    expect(acting.filter((name) => !reached.has(name))).toEqual([]);
  });

  test('only the word approved counts, and only a plan that is still offered within its bounds', () => {
    expect(States['IsApproved']?.Choices).toEqual([
      { Condition: "{% $answered.outcome = 'approved' %}", Next: 'Reassess' },
    ]);
    const through = States['IsWithinApproval']?.Choices?.filter((choice) => choice.Next === 'FenceDatabase');
    expect(through?.map((choice) => choice.Condition)).toEqual([
      '{% $assessment.offered = true and $assessment.approved = true and $assessment.changed = null %}',
    ]);
  });

  test('no answer, and every other one, ends in a hold of which people are told', () => {
    const { Catch, TimeoutSeconds } = States['RequestApproval'] ?? { Type: '' };
    expect(TimeoutSeconds).toBe('{% $assessment.expirySeconds %}');
    expect(Catch?.map((rule) => rule.Next)).toEqual(['PageNotApproved']);
    expect(States['IsApproved']?.Default).toBe('PageNotApproved');
    expect(waysFromState('PageNotApproved')).toEqual(['ReleaseHeldLock']);
    expect(waysFromState('ReleaseHeldLock')).toEqual(['Held']);
  });

  test('people are asked three times at most', () => {
    const again = States['IsWithinApproval']?.Choices?.find((choice) => choice.Next === 'RequestApproval');
    expect(again).toEqual({
      Condition: '{% $assessment.offered = true and $round < 3 %}',
      Assign: { round: '{% $round + 1 %}' },
      Next: 'RequestApproval',
    });
    expect(States['IsWithinApproval']?.Default).toBe('PageNoWay');
  });
});

test.for([
  ['fencing', 'FenceDatabase', ['promote-database', 'redirect-users']],
  ['promotion', 'TakeOver', ['redirect-users', 'repoint-application']],
  ['verification of the region', 'VerifyRegion', ['redirect-users', 'move-role']],
  ['verification from outside', 'VerifyOutside', ['move-role', 'record-failover']],
] as const)('without %s nothing of what follows is reached', ([, gate, verbs]) => {
  const reached = reachedWithout(machine, (_from, to) => to === gate);
  expect(runs(verbs).filter((name) => reached.has(name))).toEqual([]);
});

test('a dry run ends with its report and changes nothing', () => {
  expect(States['WasReal']).toMatchObject({
    Choices: [{ Condition: '{% $incident.dryRun = false %}', Next: 'IsOffered' }],
    Default: 'NotifyDryRun',
  });
  expect(States['NotifyDryRun']?.End).toBe(true);
  const reached = reachedWithout(machine, (from, to) => from === 'WasReal' && to === 'IsOffered');
  expect([...reached]).toEqual(['TakeLock', 'Assess', 'WasReal', 'NotifyDryRun']);
});

test('only a failover goes on without waiting for what is on its way', () => {
  expect(States['LosesNothing']).toMatchObject({
    Choices: [{ Condition: "{% $incident.mode = 'failover' %}", Next: 'TakeOver' }],
    Default: 'WaitForZeroLag',
  });
});

test('every choice falls back to a state that changes nothing', () => {
  const fallbacks = Object.values(States).flatMap((state) =>
    state.Type === 'Choice' ? [state.Default ?? 'none'] : [],
  );
  expect(fallbacks.length).toBeGreaterThan(3);
  expect(fallbacks.filter((name) => acting.includes(name) || States[name] === undefined)).toEqual([]);
});

test('every wait is bounded, and no state waits for a year', () => {
  const tasks = Object.values(States);
  for (const task of tasks.filter(({ Type }) => Type === 'Task')) {
    expect(task.TimeoutSeconds).toBeDefined();
    for (const { IntervalSeconds, MaxDelaySeconds = IntervalSeconds, MaxAttempts, ErrorEquals } of task.Retry ?? []) {
      expect(MaxAttempts).toBeGreaterThan(0);
      if (ErrorEquals.includes('InProgress')) expect(MaxDelaySeconds * MaxAttempts).toBeLessThanOrEqual(87_000);
      // An attempt is three events, and Step Functions ends an execution with 25,000 of them.
      expect(MaxAttempts * 3).toBeLessThan(10_000);
    }
  }
});

test('the database, the cache and the cluster take over at once', () => {
  expect(States['TakeOver']?.Branches?.map((branch) => branch.StartAt)).toEqual([
    'PromoteDatabase',
    'FailoverCache',
    'CheckCluster',
  ]);
});

test('the old region is fenced the moment it answers, beside everything else, and the lock is kept until then', () => {
  expect(States['LeaveRegion']?.Branches?.map((branch) => branch.StartAt)).toEqual(['LosesNothing', 'FenceOnReturn']);
  expect(waysFromState('FenceDatabase')).toEqual(['LeaveRegion']);
  // A fence that fails does not end the takeover: FenceOldRegion asks again, and pages.
  expect(States['FenceOnReturn']?.Catch).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'NotFencedYet' }]);
  expect(waysFromState('LeaveRegion')).toEqual(['FenceOldRegion']);
  expect(States['FenceOldRegion']?.Catch).toBeUndefined();
  expect(waysFromState('FenceOldRegion')).toEqual(['ReleaseLock']);
});

test('the task token goes to the function that keeps it, and to no other', () => {
  const carrying = all.filter(([, state]) => JSON.stringify(state).includes('Task.Token'));
  expect(carrying.map(([name]) => name)).toEqual(['RequestApproval']);
});
