// The region flow as a graph: nothing is given up but through approval, and nobody is sent anywhere but through
// verification.
import { describe, expect, test } from 'vitest';
import { catchUpSeconds } from '../../functions/kinds/rds-instance/rules/assess.ts';
import { plan } from '../plan.ts';
import { calledBy, canAct, insideOf, machineOf, type State, statesOf, waysFrom as ways } from './flows.ts';

const machine = machineOf('region-failover', plan);

type Named = Record<string, State>;

/** All states by name, those inside of others too: no two have one name. */
const all = statesOf(machine);
const States: Named = Object.fromEntries(all);

const waysFrom = (name: string): string[] => ways(States[name] ?? { Type: '' });

/**
 * Every state that can be reached from the start when no way leads through `closed`; a way is from one state to another.
 * What is behind a Parallel or a Map is reached when each of its branches, or an iteration, can come to an end.
 */
function reachedWithout(closed: (from: string, to: string) => boolean): Set<string> {
  const reached = new Set<string>([machine.StartAt]);
  const ends = ({ States: inside }: { States: Named }): boolean =>
    Object.entries(inside).some(
      ([name, state]) =>
        reached.has(name) && (state.End === true || state.Type === 'Succeed') && insideOf(state).every(ends),
    );
  for (let before = -1; before !== reached.size; ) {
    before = reached.size;
    for (const from of [...reached]) {
      const branches = insideOf(States[from] ?? { Type: '' });
      // A branch that fails leads to a Catch at once, whatever the others do.
      const caught = States[from]?.Catch?.map(({ Next }) => Next) ?? [];
      const all = branches.every(ends) ? waysFrom(from) : caught;
      // Nothing has begun before something that acts was reached: then there is nothing to open either.
      const opens = opening.includes(from) && !acting.some((name) => reached.has(name));
      const ways = opens ? all.filter((to) => to !== 'UnfenceAssets') : all;
      for (const to of [...branches.map(({ StartAt }) => StartAt), ...ways]) if (!closed(from, to)) reached.add(to);
    }
  }
  return reached;
}

/** Where what was fenced is opened, under a condition that says that this flow has begun. */
const opening = ['HasBegun', 'IsWithinApproval'];

const runs = (verbs: readonly string[]) =>
  all.filter(([, state]) => calledBy(state, plan).some((one) => verbs.includes(one))).map(([name]) => name);

const acting = all
  .filter(([, state]) => calledBy(state, plan).some((called) => canAct(called, plan)))
  .map(([name]) => name);

test('no two states have one name', () => {
  expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
});

test('what acts are the states that are meant to', () => {
  expect(acting).toEqual(['Fence', 'TakeOver', 'RedirectUsers', 'Unfence']);
});

describe('the only way to fence, promote or redirect is through approval', () => {
  test.for([
    ['the request itself', (_from: string, to: string) => to === 'RequestApproval'],
    ['an answer that says yes', (from: string, to: string) => from === 'IsApproved' && to === 'Reassess'],
    ['a look that finds it still so', (from: string, to: string) => from === 'IsWithinApproval' && to === 'IsGivenUp'],
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
    const through = States['IsWithinApproval']?.Choices?.filter((choice) => choice.Next === 'IsGivenUp');
    expect(through?.map((choice) => choice.Condition)).toEqual([
      '{% $assessment.offered = true and $assessment.approved = true and $assessment.changed = null %}',
    ]);
  });

  test('no answer, and every other one, ends in a hold of which people are told', () => {
    const { Catch, TimeoutSeconds } = States['RequestApproval'] ?? { Type: '' };
    expect(TimeoutSeconds).toBe('{% $assessment.expirySeconds %}');
    expect(Catch?.map((rule) => rule.Next)).toEqual(['PageNotApproved']);
    expect(States['IsApproved']?.Default).toBe('PageNotApproved');
    // Told or not: what was fenced is opened, or the lock is given back, before anybody is waited for.
    for (const paged of ['PageNotApproved', 'PageNoWay']) {
      expect([...new Set(waysFrom(paged))]).toEqual(['HasBegun']);
      expect(States[paged]?.Retry?.map(({ MaxAttempts }) => MaxAttempts)).toEqual([2]);
    }
    // Once something was changed it is paused with its lock, and not held.
    expect(States['HasBegun']).toMatchObject({
      Choices: [{ Condition: '{% $assessment.begun %}', Next: 'UnfenceAssets' }],
      Default: 'ReleaseHeldLock',
    });
    expect(waysFrom('ReleaseHeldLock')).toEqual(['IsHeard']);
    // A hold that nobody hears of fails, after the lock was given back.
    expect(States['IsHeard']).toMatchObject({
      Choices: [{ Condition: '{% $unheard = null %}', Next: 'Held' }],
      Default: 'PageHeld',
    });
    expect(waysFrom('PageHeld')).toEqual(['Held']);
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
  ['fencing', 'Fence', ['rds-instance-take-over', 'redirect-users']],
  ['promotion', 'TakeOver', ['redirect-users', 'rds-instance-verify']],
  ['verification of the assets', 'Verify', ['redirect-users', 'move-role']],
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

test('a switchover waits for what is on its way for as long as the assessment says', () => {
  const [{ IntervalSeconds = 0, MaxAttempts = 0 } = {}] = (States['CatchUp']?.Retry ?? []) as {
    IntervalSeconds?: number;
    MaxAttempts?: number;
  }[];
  expect(IntervalSeconds * MaxAttempts).toBe(catchUpSeconds);
});

test('only a failover and a restore go on without waiting for what is on its way', () => {
  expect(States['LosesNothing']).toMatchObject({
    Choices: [{ Condition: "{% $incident.mode in ['failover', 'restore'] %}", Next: 'TakeOverWaves' }],
    Default: 'CatchUpAssets',
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
  const tasks = Object.values(States).filter(({ Type }) => Type === 'Task');
  expect(tasks.length).toBeGreaterThan(15);
  for (const task of tasks) {
    expect(task.TimeoutSeconds).toSatisfy(
      (limit) => limit === '{% $assessment.expirySeconds %}' || Number(limit) <= 30,
    );
    for (const { IntervalSeconds, MaxDelaySeconds = IntervalSeconds, MaxAttempts, ErrorEquals } of task.Retry ?? []) {
      expect(MaxAttempts).toBeGreaterThan(0);
      if (ErrorEquals.includes('InProgress')) expect(MaxDelaySeconds * MaxAttempts).toBeLessThanOrEqual(87_000);
      // An attempt is three events, and Step Functions ends an execution with 25,000 of them.
      expect(MaxAttempts * 3).toBeLessThan(10_000);
    }
  }
});

test('assets take over in waves, and those of one wave at once', () => {
  expect(States['TakeOverWaves']).toMatchObject({
    Type: 'Map',
    Items: '{% $lookup($coming, $part) %}',
    MaxConcurrency: 1,
  });
  expect(States['TakeOverAssets']).not.toHaveProperty('MaxConcurrency');
  const all = [
    [
      { name: 'database', kind: 'rds-instance' },
      { name: 'cache', kind: 'elasticache' },
      { name: 'cluster', kind: 'eks-cluster' },
      { name: 'search', kind: 'custom' },
    ],
    [{ name: 'settings', kind: 'ssm-parameters' }],
  ];
  expect(machine.States['TakeLock']?.Assign?.['waves']).toEqual({ all, needed: all, others: [] });
});

test('where something is restored, which takes hours, what the old region could not use any more takes over after it', () => {
  const slowly = machine.States['TakeLock']?.Assign?.['slowly'] as Record<string, { name: string }[][]> | undefined;
  expect(slowly?.['needed']?.map((wave) => wave.map(({ name }) => name))).toEqual([
    ['database', 'cluster', 'search'],
    ['cache'],
    ['settings'],
  ]);
  expect(States['Reassess']?.Assign?.['coming']).toBe(
    "{% $exists($states.result.Payload.bounds.ways.*[$substringBefore($, '-') = 'restore']) ? $slowly : $waves %}",
  );
});

test('the fence is watched by an execution of its own before anything is fenced, and the lock is kept until the fence is known', () => {
  // What cannot be watched is not begun: a person hears of it, and nothing was changed.
  expect(new Set(waysFrom('WatchFence'))).toEqual(new Set(['FenceAssets', 'IsStale']));
  expect(waysFrom('FenceAssets')).toEqual(['AreFenced']);
  expect(States['AreFenced']).toMatchObject({
    Choices: [{ Condition: '{% $not($exists($fenced.*.(failed ? failed : stale))) %}', Next: 'LosesNothing' }],
    Default: 'IsStale',
  });
  expect(new Set(waysFrom('IsWhole'))).toEqual(new Set(['HasOldRegion', 'IsStale']));
  expect(States['FenceOldRegion']?.Catch).toBeUndefined();
  expect(waysFrom('FenceOldRegion')).toEqual(['ReleaseLock']);
});

test('a switchover that gives up before anything took over unfences by itself, and then waits for a person', () => {
  expect(States['UnfenceAssets']).toMatchObject({
    Type: 'Map',
    Items: "{% $incident.mode = 'restore' ? [] : $fencing %}",
    Next: 'IsAsking',
  });
  // Whatever stopped it: nothing else leads to the pause.
  expect(all.filter(([name]) => waysFrom(name).includes('Pause')).map(([name]) => name)).toEqual(['IsAsking']);
  expect(all.filter(([name]) => waysFrom(name).includes('IsAsking')).map(([name]) => name)).toEqual(['UnfenceAssets']);
  // One that cannot be unfenced costs the others nothing, and is in the page.
  expect(States['Unfence']?.Catch?.map(({ Next }) => Next)).toEqual(['NotUnfenced']);
  expect(States['Pause']?.Arguments?.Payload?.['ofAssets']).toMatchObject({ Unfence: '{% $unfenced %}' });
});

test('a switchover that asks again before anything was promoted unfences first, and asks only where all of it is open', () => {
  const [opens] = States['IsWithinApproval']?.Choices?.filter((choice) => choice.Next === 'UnfenceAssets') ?? [];
  expect(opens).toEqual({
    Condition:
      "{% $assessment.offered = true and $round < 3 and $assessment.begun and $incident.mode = 'switchover' and $not($exists($assessment.promoted[0])) %}",
    Assign: { round: '{% $round + 1 %}', asks: true },
    Next: 'UnfenceAssets',
  });
  // It is asked once: what ends that question otherwise is a pause.
  expect(States['IsAsking']).toMatchObject({
    Choices: [
      {
        Condition: '{% $asks and $not($exists($unfenced.*.failed)) %}',
        Assign: { asks: false },
        Next: 'RequestApproval',
      },
    ],
    Default: 'Pause',
    Assign: { asks: false },
  });
  expect(States['Assess']?.Assign?.['asks']).toBe(false);
  expect(States['RequestApproval']?.Arguments?.Payload['ofAssets']).toEqual({ Unfence: '{% $unfenced %}' });
});

test('what is stale is looked at again before anything else is asked, at most twice, and then it is a pause', () => {
  expect(States['IsStale']).toMatchObject({
    Choices: [
      {
        Condition: '{% $exists([$fenced, $moved, $stopped].*.stale) and $round < 3 %}',
        // What was stale in this round says nothing of the next.
        Assign: { moved: {}, stopped: {}, round: '{% $round + 1 %}' },
        Next: 'Reassess',
      },
    ],
    Default: 'UnfenceAssets',
  });
  // Nobody is sent to a region of which a part was not taken over because the approval was stale.
  expect(States['AreFresh']).toMatchObject({
    Choices: [{ Condition: '{% $exists($moved.*.stale) %}', Next: 'IsStale' }],
    Default: 'VerifyAssets',
  });
  // Every state that acts before users are redirected says so, and none tries again.
  for (const name of ['Fence', 'TakeOver', 'RedirectUsers']) {
    const { Catch = [], Retry = [] } = States[name] ?? {};
    expect([name, JSON.stringify(Catch).includes("= 'ApprovalStale' ? 'stale' : 'failed'")]).toEqual([name, true]);
    expect(Retry.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain('ApprovalStale');
  }
});

test('users are sent where all that the service needs has taken over and was proven; what it does not need follows, and what fails ends in a pause', () => {
  expect(States['IsWell']).toMatchObject({
    Choices: [
      { Next: 'IsWhole' },
      { Condition: "{% $part = 'others' %}", Next: 'VerifyRegion' },
      { Next: 'VerifyRegion' },
    ],
    Default: 'IsStale',
  });
  expect(States['MayNeedOthers']).toMatchObject({ Choices: [{ Next: 'Reassess' }], Default: 'IsStale' });
  expect(States['HasOthers']).toMatchObject({ Choices: [{ Next: 'TakeOverWaves' }], Default: 'IsWhole' });
  expect(States['IsWhole']?.Choices?.map(({ Condition }) => Condition)).toEqual([
    '{% $not($exists([$moved, $proven, $stopped].*.(failed ? failed : held))) %}',
  ]);
  const namesIn = (needs?: string[]) => {
    const service = { ...plan.service, ...(needs !== undefined && { needs }) };
    const { Assign } = machineOf('region-failover', { ...plan, service }).States['TakeLock'] ?? {};
    const { waves, verifying } = Assign as Record<'waves' | 'verifying', Record<'needed' | 'others', unknown>>;
    const names = (of: unknown): string[] => [of].flat(2).map((one) => (one as { name: string }).name);
    return [waves, verifying].map(({ needed, others }) => [names(needed), names(others)]);
  };
  const proven = ['database', 'search'];
  expect(namesIn()).toEqual([
    [['database', 'cache', 'cluster', 'search', 'settings'], []],
    [proven, []],
  ]);
  expect(namesIn(['cluster', 'settings'])).toEqual([
    [['database', 'cache', 'cluster', 'settings'], ['search']],
    [['database'], ['search']],
  ]);
});

test('once users were sent there, the role moves, and it is recorded and told whatever fails', () => {
  for (const [name, next] of [
    ['VerifyOutside', 'HasLeft'],
    ['MoveRole', 'RecordFailover'],
    ['RecordFailover', 'NotifyRecovered'],
    ['NotifyRecovered', 'HasOthers'],
  ] as const)
    expect([name, new Set(waysFrom(name))]).toEqual([name, new Set([next])]);
  expect(States['IsWhole']?.Default).toBe('IsStale');
});

test('what is restored where it stands leaves no region: no watch, no redirection, no other role, and no old region to wait for', () => {
  const choice = (name: string) => [
    States[name]?.Choices?.map(({ Condition, Next }) => [Condition, Next]),
    States[name]?.Default,
  ];
  const restores = "{% $incident.mode = 'restore' %}";
  const leaves = "{% $incident.mode in ['failover', 'switchover'] %}";
  expect(choice('IsGivenUp')).toEqual([[[restores, 'FenceAssets']], 'WatchFence']);
  expect(waysFrom('VerifyRegion')).toEqual(['LeavesRegion', 'MayNeedOthers']);
  expect(choice('LeavesRegion')).toEqual([[[leaves, 'RedirectUsers']], 'VerifyOutside']);
  expect(choice('HasLeft')).toEqual([[[leaves, 'MoveRole']], 'RecordFailover']);
  expect(choice('HasOldRegion')).toEqual([[[restores, 'ReleaseLock']], 'FenceOldRegion']);
});

test('a restore is asked after each minute or two, for eight hours', () => {
  const waits = all.flatMap(([name, { Retry = [] }]) =>
    Retry.flatMap((one) => (one.ErrorEquals.includes('Restoring') ? [{ name, ...one }] : [])),
  );
  expect(waits.map(({ name }) => name)).toEqual(['TakeOver']);
  for (const { IntervalSeconds, BackoffRate = 2, MaxDelaySeconds = 0, MaxAttempts } of waits) {
    expect([IntervalSeconds, MaxDelaySeconds]).toEqual([60, 120]);
    const each = Array.from({ length: MaxAttempts }, (_, attempt) =>
      Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** attempt),
    );
    const hours = each.reduce((sum, seconds) => sum + seconds, 0) / 3600;
    expect(hours).toBeGreaterThan(8);
    expect(hours).toBeLessThan(8.2);
  }
});

test('an application without a database has nothing to fence, and still takes over', () => {
  const cache = [[{ name: 'cache', kind: 'elasticache' }]];
  const alone = machineOf('region-failover', {
    ...plan,
    assets: plan.assets.filter(({ kind }) => kind === 'elasticache'),
  });
  expect(alone.States['TakeLock']?.Assign).toMatchObject({
    functions: { 'elasticache-take-over': { 'Fn::GetAtt': ['elasticache-take-over', 'Arn'] } },
    fencing: [],
    waves: { all: cache, needed: cache, others: [] },
  });
});

test('the task token goes to the function that keeps it, and to no other', () => {
  const carrying = all.filter(([, state]) => JSON.stringify(state).includes('Task.Token'));
  expect(carrying.map(([name]) => name)).toEqual(['RequestApproval']);
});
