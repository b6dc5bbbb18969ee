// The region flow as a graph: nothing is given up but through approval, and nobody is sent anywhere but through
// verification.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

type State = {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: number | string;
  Arguments?: { FunctionName: { 'Fn::GetAtt': [string, string] }; Payload: Record<string, unknown> };
  Retry?: { ErrorEquals: string[]; IntervalSeconds: number; MaxAttempts: number }[];
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
const { States } = machine;

/** The functions that a state runs, in its branches too. */
function verbsOf(state: State): string[] {
  const own = state.Arguments?.FunctionName['Fn::GetAtt'][0];
  const inner = (state.Branches ?? []).flatMap((branch) => Object.values(branch.States).flatMap(verbsOf));
  return own === undefined ? inner : [own, ...inner];
}

function waysFrom(name: string): string[] {
  const { Next, Default, Choices = [], Catch = [] } = States[name] ?? { Type: '' };
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((rule) => rule.Next)].filter(
    (way) => way !== undefined,
  );
}

/** Every state that can be reached from the start when no way leads through `closed`; a way is from one state to another. */
function reachedWithout(closed: (from: string, to: string) => boolean): Set<string> {
  const reached = new Set<string>([machine.StartAt]);
  const open = [machine.StartAt];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (const to of waysFrom(from)) {
      if (reached.has(to) || closed(from, to)) continue;
      reached.add(to);
      open.push(to);
    }
  }
  return reached;
}

const runs = (verbs: readonly string[]) =>
  Object.entries(States)
    .filter(([, state]) => verbsOf(state).some((verb) => verbs.includes(verb)))
    .map(([name]) => name);

/** All functions that can change something in AWS, by what they import. */
const canAct = (verb: string): boolean => {
  const source = readFileSync(`functions/${verb}.ts`, 'utf8');
  return source.includes("from './shared/act.ts'") || source.includes("from './shared/fence.ts'");
};
const acting = runs([...new Set(Object.values(States).flatMap(verbsOf))].filter(canAct));

test('what acts are the states that are meant to', () => {
  expect(acting).toEqual(['FenceDatabase', 'TakeOver', 'RepointApplication', 'RedirectUsers', 'FenceOldRegion']);
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
  const tasks = Object.values(States).flatMap((state) => [
    state,
    ...(state.Branches ?? []).flatMap((branch) => Object.values(branch.States)),
  ]);
  for (const task of tasks.filter(({ Type }) => Type === 'Task')) {
    expect(task.TimeoutSeconds).toBeDefined();
    for (const { IntervalSeconds, MaxAttempts, ErrorEquals } of task.Retry ?? []) {
      expect(MaxAttempts).toBeGreaterThan(0);
      if (ErrorEquals.includes('InProgress')) expect(IntervalSeconds * MaxAttempts).toBeLessThanOrEqual(86_400);
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

test('the old region is fenced after everything else, and the lock is kept until then', () => {
  expect(waysFrom('NotifyRecovered')).toEqual(['FenceOldRegion', 'FenceOldRegion']);
  expect(waysFrom('FenceOldRegion')).toEqual(['ReleaseLock']);
});

test('the task token goes to the function that keeps it, and to no other', () => {
  const carrying = Object.entries(States).filter(([, state]) => JSON.stringify(state).includes('Task.Token'));
  expect(carrying.map(([name]) => name)).toEqual(['RequestApproval']);
});
