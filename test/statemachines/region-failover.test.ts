// The region flow as a graph: nothing is given up but through approval, and nobody is sent anywhere but through
// verification.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type Retrier = { ErrorEquals: string[]; IntervalSeconds: number; MaxDelaySeconds?: number; MaxAttempts: number };

type State = {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: number | string;
  Arguments?: { FunctionName: { 'Fn::GetAtt': [string, string] }; Payload: Record<string, unknown> };
  Retry?: Retrier[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Next?: string;
  End?: boolean;
  Choices?: { Condition: string; Next: string }[];
  Default?: string;
  Branches?: { StartAt: string; States: Record<string, State> }[];
};

const machine: { StartAt: string; States: Record<string, State> } = parse(
  readFileSync('statemachines/region-failover.asl.yaml', 'utf8'),
  { merge: true },
);

type Named = Record<string, State>;

/** All states by name, those of branches too: no two have one name. */
function flatten(states: Named): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    [name, state],
    ...(state.Branches ?? []).flatMap((branch) => flatten(branch.States)),
  ]);
}
const all = flatten(machine.States);
const States: Named = Object.fromEntries(all);

/** The function that a state runs. */
function verbOf(state: State): string | null {
  return state.Arguments?.FunctionName['Fn::GetAtt'][0] ?? null;
}

function waysFrom(name: string): string[] {
  const { Next, Default, Choices = [], Catch = [] } = States[name] ?? { Type: '' };
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((rule) => rule.Next)].filter(
    (way) => way !== undefined,
  );
}

/**
 * Every state that can be reached from the start when no way leads through `closed`; a way is from one state to another.
 * What is behind a Parallel is reached when each of its branches can come to an end.
 */
function reachedWithout(closed: (from: string, to: string) => boolean): Set<string> {
  const reached = new Set<string>([machine.StartAt]);
  const ends = ({ States: inside }: { States: Named }) =>
    Object.entries(inside).some(([name, { End, Type }]) => reached.has(name) && (End === true || Type === 'Succeed'));
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const from of [...reached]) {
      const branches = States[from]?.Branches ?? [];
      const ways = branches.every(ends) ? waysFrom(from) : [];
      for (const to of [...branches.map(({ StartAt }) => StartAt), ...ways]) if (!closed(from, to)) reached.add(to);
    }
  }
  return reached;
}

const runs = (verbs: readonly string[]) =>
  all.filter(([, state]) => verbs.includes(verbOf(state) ?? '')).map(([name]) => name);

/** All functions that can change something in AWS, by what they import. */
const canAct = (verb: string): boolean => {
  const source = readFileSync(`functions/${verb}.ts`, 'utf8');
  return source.includes("from './shared/act.ts'") || source.includes("from './shared/fence.ts'");
};
const acting = runs(all.flatMap(([, state]) => verbOf(state) ?? []).filter(canAct));

test('no two states have one name', () => {
  expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
});

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
    const reached = reachedWithout(closed);
    expect(acting.filter((name) => reached.has(name))).toEqual([]);
    // Nor is anything that comes after them.
    expect(runs(['move-role', 'record-failover']).filter((name) => reached.has(name))).toEqual([]);
  });

  test('with all of them, each is reached', () => {
    const reached = reachedWithout(() => false);
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
    expect(waysFrom('PageNotApproved')).toEqual(['ReleaseHeldLock']);
    expect(waysFrom('ReleaseHeldLock')).toEqual(['Held']);
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
  const reached = reachedWithout((_from, to) => to === gate);
  expect(runs(verbs).filter((name) => reached.has(name))).toEqual([]);
});

test('a dry run ends with its report and changes nothing', () => {
  expect(States['WasReal']).toMatchObject({
    Choices: [{ Condition: '{% $incident.dryRun = false %}', Next: 'IsOffered' }],
    Default: 'NotifyDryRun',
  });
  expect(States['NotifyDryRun']?.End).toBe(true);
  const reached = reachedWithout((from, to) => from === 'WasReal' && to === 'IsOffered');
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
  expect(waysFrom('FenceDatabase')).toEqual(['LeaveRegion']);
  // A fence that fails does not end the takeover: FenceOldRegion asks again, and pages.
  expect(States['FenceOnReturn']?.Catch).toEqual([{ ErrorEquals: ['States.ALL'], Next: 'NotFencedYet' }]);
  expect(waysFrom('LeaveRegion')).toEqual(['FenceOldRegion']);
  expect(States['FenceOldRegion']?.Catch).toBeUndefined();
  expect(waysFrom('FenceOldRegion')).toEqual(['ReleaseLock']);
});

test('the task token goes to the function that keeps it, and to no other', () => {
  const carrying = all.filter(([, state]) => JSON.stringify(state).includes('Task.Token'));
  expect(carrying.map(([name]) => name)).toEqual(['RequestApproval']);
});
