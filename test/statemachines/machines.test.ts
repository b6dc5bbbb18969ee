// The state machines as data: bounded, retried, failing loudly, and with one way in.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../check/plan.ts';
import { errorNames } from '../../functions/domain/errors.ts';
import { flows, machines } from '../../functions/domain/flows.ts';
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import { assetsThat } from '../../functions/kinds/verbs.ts';
import { triesAgain } from '../../functions/notify.ts';
import { readRawPlan } from '../../infrastructure/plan-file.ts';
import { definitionOf, readFlow } from '../../infrastructure/runs/machines.ts';
import { inactiveErrors } from '../../simulator/estate/calls/inactive-functions.ts';
import { plan } from '../plan.ts';
import { shipped } from '../shipped.ts';
import {
  calledBy,
  canAct,
  canBeInProgress,
  fileOf,
  insideOf,
  type Machine,
  machineOf,
  type Retrier,
  type Sequence,
  type State,
  statesOf,
  waysFrom as ways,
} from './flows.ts';

const examples = readdirSync('examples').map((name) => parsePlan(readRawPlan(`examples/${name}/plan.yml`)));

/** A state that waits for people, as long as the plan says. */
const waitsForPeople = (state: State): boolean => state.Resource?.endsWith('.waitForTaskToken') === true;

const verbOf = (state: State): string | null => calledBy(state, plan)[0] ?? null;

/** A state that may change something in AWS: its function, or one inside of it, can act. */
function mayChange(state: State): boolean {
  return [
    state,
    ...insideOf(state)
      .flatMap(statesOf)
      .map(([, inner]) => inner),
  ].some((one) => calledBy(one, plan).some((called) => canAct(called, plan)));
}

/** How a caught failure is kept. */
const kept =
  /(?:'failed'|\(\$states\.errorOutput\.Error = 'ApprovalStale' \? 'stale' : 'failed'\)): \$states\.errorOutput\.Error/;
/** What a flow hands to its pause in a variable: the zone flow as $came.concluded, the region flow as $stopped. */
const carried = ['WatchFence', 'VerifyService', 'RecordRecovery', 'RecordTried', 'CatchUp', 'TakeOver', 'Verify'];

/** How long all attempts of a rule wait together. */
function waitSeconds({
  IntervalSeconds,
  BackoffRate = 2,
  MaxDelaySeconds = Number.POSITIVE_INFINITY,
  MaxAttempts,
}: Retrier) {
  const waits = Array.from({ length: MaxAttempts }, (_, attempt) => IntervalSeconds * BackoffRate ** attempt);
  return waits.reduce((sum, seconds) => sum + Math.min(seconds, MaxDelaySeconds), 0);
}

/** What a function throws while what it asked for goes on. */
const isWait = ({ ErrorEquals }: Retrier): boolean =>
  ErrorEquals.some((name) => name === 'InProgress' || name === 'Restoring');

/** How long the states of a sequence may wait one after the other; of branches the longest counts. */
function longestWaitSeconds(sequence: Sequence): number {
  const seconds = Object.values(sequence.States).map((state) => {
    const waits = (state.Retry ?? []).filter(isWait);
    const own = waits.reduce((sum, wait) => sum + waitSeconds(wait), 0);
    return own + Math.max(0, ...insideOf(state).map(longestWaitSeconds));
  });
  return seconds.reduce((sum, one) => sum + one, 0);
}

/** How many items a Map has at most: those of the list that the first state assigns, and of its waves all together. */
function itemsOf({ Items = '' }: State, machine: Machine): number {
  const [, name = 'waves'] = /^\{% \$(?!states)(\w+) %\}$/.exec(Items) ?? [];
  const list = machine.States[machine.StartAt]?.Assign?.[name];
  return Array.isArray(list) ? list.flat().length : 0;
}

/** What a flow does several times by itself where something failed, before it pauses. */
const rounds: Record<(typeof flows)[number], { again: string[]; times: number }> = {
  'service-degradation': { again: [], times: 1 },
  // Not the watch: it ends with each round, and lasts a day in all of them together.
  'az-failover': { again: ['LeaveAssets', 'VerifyService', 'TidyUpAssets', 'NotifyStarted'], times: 3 },
  'region-failover': { again: [], times: 1 },
};

/** Each attempt is scheduled, started and failed. */
const eventsOf = (retriers: readonly Retrier[]): number =>
  3 * retriers.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0);

/** The longest history, with what every asset may wait for; restores, which only databases have, are counted apart. AWS ends one with 25,000 events. */
function mostEvents(sequence: Sequence, machine: Machine): number {
  const events = Object.values(sequence.States).map((state) => {
    const waits = (state.Retry ?? []).filter(({ ErrorEquals }) => ErrorEquals.includes('InProgress'));
    const attempts = 3 + eventsOf(waits);
    const inner = insideOf(state).reduce((sum, one) => sum + mostEvents(one, machine), 0);
    const isWave = state.Items === '{% $waves %}'; // its items are counted by the Map within it
    return attempts + inner * (state.Type === 'Map' && !isWave ? itemsOf(state, machine) : 1);
  });
  return events.reduce((sum, one) => sum + one, 0);
}

test('all machines are here', () => {
  expect(readdirSync('statemachines').toSorted()).toEqual(machines.map((name) => `${name}.asl.yaml`).toSorted());
});

/** A machine as it is deployed, for a validator that knows no CloudFormation. */
function deployedAs(machine: Machine): unknown {
  const text = JSON.stringify(machine, (_key, value) =>
    value !== null && typeof value === 'object' && 'Fn::GetAtt' in value
      ? `arn:aws:lambda:us-east-1:111122223333:function:${value['Fn::GetAtt'][0]}`
      : value,
  );
  return JSON.parse(text);
}

test.each(machines)(
  '%s: what is caught hands on what the next state reads: a catcher without an Output gives it the error',
  (name) => {
    for (const sequence of allOf(machineOf(name, plan)))
      for (const [state, { Catch = [] }] of Object.entries(sequence.States))
        for (const { Next, Output } of Catch) {
          const isRead = JSON.stringify(sequence.States[Next]?.Arguments ?? {}).includes('$states.input');
          expect(isRead && Output === undefined, `${state} to ${Next}`).toBe(false);
        }
  },
);

/** A sequence of states, and those inside of them. */
function allOf(sequence: Sequence): Sequence[] {
  return [sequence, ...Object.values(sequence.States).flatMap(insideOf).flatMap(allOf)];
}

describe('the fence watch', () => {
  const watch = machineOf('fence-watch', plan);

  test('is a state machine that AWS accepts', () => {
    expect(validate(deployedAs(watch) as object)).toMatchObject({ isValid: true, errors: [] });
  });

  test('takes no lock, and asks for nothing but the late fence of what can be fenced, and for the next watch', () => {
    const called = statesOf(watch).flatMap(([, state]) => calledBy(state, plan));
    expect(new Set(called)).toEqual(new Set(['rds-instance-fence-late', 'hand-over-watch']));
  });

  test('says in whose name it asks, so that an abort of it is heard by each of its states', () => {
    const calls = statesOf(watch).flatMap(([, { Arguments }]) => (Arguments === undefined ? [] : [Arguments.Payload]));
    expect(calls).toHaveLength(2);
    for (const payload of calls) expect(payload['watch']).toBe('{% $states.context.Execution.Name %}');
  });

  const looks = (machine: Machine): readonly Retrier[] =>
    statesOf(machine).flatMap(([, { Retry = [] }]) =>
      Retry.filter(({ ErrorEquals }) => ErrorEquals.includes('InProgress')),
    );

  test('looks at least once a minute, and hands over before its time ends, also where each look takes its time', () => {
    // Three tries of at most 4 s each, and their pauses [functions/aws/calls/client.ts].
    const longestLookSeconds = 15;
    const all = looks(watch);
    expect(all).toHaveLength(1);
    for (const look of all) {
      expect((look.MaxDelaySeconds ?? 0) + longestLookSeconds).toBeLessThanOrEqual(60);
      const longest = waitSeconds(look) + look.MaxAttempts * longestLookSeconds;
      expect(longest).toBeLessThan((watch.TimeoutSeconds ?? 0) * 0.8);
      expect(waitSeconds(look) / 3600).toBeGreaterThan(3);
    }
  });

  test('has a history that AWS keeps, with 18 databases too', () => {
    const attempts = statesOf(watch).flatMap(([, { Retry = [] }]) => Retry.map(({ MaxAttempts }) => MaxAttempts));
    // Each attempt is scheduled, started and failed.
    const most = 3 * attempts.reduce((sum, count) => sum + count, 0);
    expect(most * 18).toBeLessThan(25_000);
    expect(3 * looks(watch).reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0) * 18).toBeLessThan(20_000);
    for (const one of [plan, shipped, ...examples])
      expect(assetsThat('fence-late', one).length, one.application).toBeLessThanOrEqual(18);
  });
});

describe('the drill', () => {
  const drill = machineOf('drill', plan);
  const tasks = statesOf(drill).filter(([, { Type }]) => Type === 'Task');

  test('is a state machine that AWS accepts', () => {
    expect(validate(deployedAs(drill) as object)).toMatchObject({ isValid: true, errors: [] });
  });

  test('reaches its conclusion whatever fails', () => {
    for (const [name, { Catch = [] }] of tasks.filter(([state]) => state !== 'Conclude'))
      expect(
        Catch.map(({ ErrorEquals, Next }) => [ErrorEquals, Next]),
        name,
      ).toEqual([[['States.ALL'], 'Conclude']]);
    expect(tasks.map(([name]) => name)).toContain('Conclude');
  });

  test('injects once, and only after it was prepared', () => {
    const before = statesOf(drill).flatMap(([name, state]) => (ways(state).includes('Inject') ? [name] : []));
    expect(before).toEqual(['MayBegin']);
    expect(drill.States['MayBegin']).toMatchObject({ Type: 'Choice', Default: 'Ended' });
    expect(drill.States['Inject']?.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain('InProgress');
  });

  test('looks every ten seconds, at its backup every fifteen, ends before its time does, and has a history that AWS keeps', () => {
    const looks = tasks.flatMap(([, { Retry = [] }]) => Retry.filter(isWait));
    expect(looks.map(({ IntervalSeconds }) => IntervalSeconds)).toEqual([15, 10]);
    expect(longestWaitSeconds(drill)).toBeLessThan((drill.TimeoutSeconds ?? 0) * 0.8);
    expect(mostEvents(drill, drill)).toBeLessThan(20_000);
  });
});

describe.each(flows)('%s', (flow) => {
  const machine = machineOf(flow, plan);
  const states = statesOf(machine);
  const tasks = states.filter(([, state]) => state.Type === 'Task');
  const retriers = tasks.flatMap(([, state]) => state.Retry ?? []);

  test('is a state machine that AWS accepts', () => {
    expect(validate(deployedAs(machine) as object)).toMatchObject({ isValid: true, errors: [] });
  });

  test('begins by taking the lock, and takes it once', () => {
    expect(machine.StartAt).toBe('TakeLock');
    expect(states.filter(([, state]) => verbOf(state) === 'take-lock').map(([name]) => name)).toEqual(['TakeLock']);
    expect(states.flatMap(([, state]) => ways(state))).not.toContain('TakeLock');
  });

  test('takes the lock of its own kind', () => {
    expect(machine.States['TakeLock']?.Arguments?.Payload['flow']).toBe(flow);
  });

  test('calls only functions that exist', () => {
    const called = tasks.map(([name, state]) => [name, calledBy(state, plan)] as const);
    expect(called.filter(([, functions]) => functions.length === 0)).toEqual([]);
    expect(called.flatMap(([, all]) => all).filter((one) => !existsSync(fileOf(one, plan)))).toEqual([]);
  });

  test('looks up whom to call in a table that names every function of the verbs', () => {
    const table = Object.keys((machine.States['TakeLock']?.Assign?.['functions'] ?? {}) as object);
    const looked = tasks.flatMap(([, state]) =>
      typeof state.Arguments?.FunctionName === 'string' ? calledBy(state, plan) : [],
    );
    expect([...new Set(looked)].toSorted()).toEqual(table.toSorted());
  });

  test('bounds every task, longer than its Lambda runs, and retries what may pass', () => {
    expect(tasks.length).toBeGreaterThan(5);
    for (const [name, state] of tasks) {
      expect(state.TimeoutSeconds, name).toBe(waitsForPeople(state) ? '{% $assessment.expirySeconds %}' : 30);
      expect(
        state.Retry?.some((retrier) => retrier.ErrorEquals.includes('Unavailable')),
        name,
      ).toBe(true);
    }
    for (const retrier of retriers) expect(retrier.MaxAttempts).toBeLessThanOrEqual(3000);
  });

  test('does not retry in step with others', () => {
    const passing = retriers.filter((one) => one.ErrorEquals.includes('Unavailable'));
    expect(passing.length).toBeGreaterThanOrEqual(tasks.length);
    for (const retrier of passing) {
      expect(retrier).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number) });
    }
  });

  test('ends before its own limit, and within the longest history that AWS keeps', () => {
    expect(machine.TimeoutSeconds).toBeGreaterThan(longestWaitSeconds(machine));
    for (const one of [plan, shipped, ...examples]) {
      const made = machineOf(flow, one);
      const { again, times } = rounds[flow];
      const repeated = statesOf(made).filter(([name]) => again.includes(name));
      expect(repeated.map(([name]) => name)).toEqual(again);
      const restores = statesOf(made).flatMap(([, { Retry = [] }]) =>
        Retry.filter(({ ErrorEquals }) => ErrorEquals.includes('Restoring')),
      );
      const more =
        (times - 1) * mostEvents({ StartAt: '', States: Object.fromEntries(repeated) }, made) +
        assetsOf('rds-instance', one).length * eventsOf(restores);
      expect(mostEvents(made, made) + more, one.application).toBeGreaterThan(1_000);
      expect(mostEvents(made, made) + more, one.application).toBeLessThan(20_000);
    }
  });

  test('waits for every function that can be in progress, and for no other', () => {
    for (const [name, state] of tasks) {
      const waits = state.Retry?.some((retrier) => retrier.ErrorEquals.includes('InProgress')) ?? false;
      expect(waits, name).toBe(calledBy(state, plan).some((called) => canBeInProgress(called)));
    }
  });

  test('branches only on errors that the domain or AWS names', () => {
    const names = states.flatMap(([, state]) =>
      [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap((rule) => rule.ErrorEquals),
    );
    const own = names.filter((name) => !/^(States|Lambda|Sandbox|Runtime)\./.test(name));
    expect(own).toEqual(expect.arrayContaining(['Unavailable']));
    expect(own.filter((name) => !(errorNames as readonly string[]).includes(name))).toEqual([]);
  });

  test('never retries what asking again cannot help', () => {
    const retried = retriers.flatMap((retrier) => retrier.ErrorEquals);
    for (const name of [
      'InvalidInput',
      'LockHeld',
      'LockLost',
      'Frozen',
      'CannotProceed',
      'States.ALL',
      'States.TaskFailed',
    ]) {
      expect(retried).not.toContain(name);
    }
  });

  test('lets no failure pass but that of a message, and an answer that did not come', () => {
    const catching = states.filter(([, state]) => state.Catch !== undefined && !waitsForPeople(state));
    const waiting = states.filter(([, state]) => waitsForPeople(state));
    expect(waiting.map(([name]) => name)).toEqual(flow === 'region-failover' ? ['RequestApproval'] : []);
    for (const [, state] of waiting) {
      expect(state.Catch?.flatMap((rule) => rule.ErrorEquals)).toEqual(['States.Timeout', 'States.HeartbeatTimeout']);
      expect(state.Retry?.flatMap((rule) => rule.ErrorEquals)).not.toContain('States.Timeout');
    }
    const quiet = catching.filter(([, state]) => state.Type === 'Task' && verbOf(state) !== 'notify');
    expect(catching.filter(([, state]) => state.Type !== 'Task')).toEqual([]);
    // Every failure is kept as a result, which a pause is given.
    expect(quiet.filter(([, { Catch = [] }]) => !Catch.every((rule) => kept.test(JSON.stringify(rule))))).toEqual([]);
    const given = JSON.stringify(states.flatMap(([, state]) => (verbOf(state) === 'pause' ? [state.Arguments] : [])));
    const ownResult = (state: State) => JSON.stringify(state.Catch).includes('$states.context.State.Name');
    expect(
      quiet.filter(([name, state]) => !ownResult(state) && !given.includes(name) && !carried.includes(name)),
    ).toEqual([]);
    // A state that does nothing may only follow a message that was not sent, or a failure that is kept.
    const idle = states.filter(([, state]) => state.Type === 'Fail' || state.Type === 'Pass').map(([name]) => name);
    const followed = states.filter(([, state]) => ways(state).some((next) => idle.includes(next)));
    const keeps = (state: State) => kept.test(JSON.stringify(state.Catch ?? ''));
    const mayBeFollowed = (state: State) =>
      state.Type === 'Choice' || ['notify', 'pause'].includes(verbOf(state) ?? '') || keeps(state);
    expect(followed.filter(([, state]) => !mayBeFollowed(state))).toEqual([]);
    expect(idle.filter((name) => machine.States[name]?.Type === 'Fail')).toEqual([]);
  });

  test('goes the harmless way when no condition holds', () => {
    const choices = states.filter(([, one]) => one.Type === 'Choice');
    expect(choices.length).toBeGreaterThan(1);
    for (const [name, state] of choices) {
      const fallback = states.find(([other]) => other === state.Default)?.[1];
      expect(fallback, name).toBeDefined();
      // What gives back is the harmless way.
      const isGivingBack = state.Default === 'UnfenceAssets';
      expect(fallback !== undefined && mayChange(fallback), name).toBe(isGivingBack);
    }
  });

  test('acts only while it holds the lock: not where the lock was refused, and not after it was given back', () => {
    const { TakeLock } = machine.States;
    const changing = Object.keys(machine.States).filter((name) => mayChange(machine.States[name] ?? { Type: '' }));
    expect(changing.length).toBeGreaterThan(0);
    expect(changing).not.toContain('TakeLock');
    const reached = new Set<string>();
    const walk = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      for (const next of ways(machine.States[name] ?? { Type: '' })) walk(next);
    };
    walk(TakeLock?.Next ?? '');
    expect(changing.filter((name) => !reached.has(name))).toEqual([]);
    reached.clear();
    const releasing = Object.entries(machine.States).filter(([, state]) => verbOf(state) === 'release-lock');
    expect(releasing.length).toBeGreaterThan(0);
    for (const next of [...ways({ ...TakeLock, Type: 'Task', Next: '' }), ...releasing.flatMap(([, one]) => ways(one))])
      walk(next);
    expect(changing.filter((name) => reached.has(name))).toEqual([]);
  });

  test('has no state that cannot be reached, also inside of others', () => {
    const unreached = (sequence: Sequence): string[] => {
      const reached = new Set<string>();
      const walk = (name: string) => {
        if (reached.has(name)) return;
        reached.add(name);
        for (const next of ways(sequence.States[name] ?? { Type: '' })) walk(next);
      };
      walk(sequence.StartAt);
      return [
        ...Object.keys(sequence.States).filter((name) => !reached.has(name)),
        ...Object.values(sequence.States).flatMap((state) => insideOf(state).flatMap(unreached)),
      ];
    };
    expect(unreached(machine)).toEqual([]);
  });
});

describe('what a call of Lambda may fail with', () => {
  /** Somebody has to mend it: asking again gives the same answer. */
  const lasting = [
    ...['DurableExecutionAlreadyStarted', 'EC2AccessDenied', 'InvalidParameterValue', 'InvalidRequestContent'],
    ...['InvalidRuntime', 'InvalidSecurityGroupID', 'InvalidSubnetID', 'InvalidZipFile', 'KMSAccessDenied'],
    ...['KMSDisabled', 'KMSInvalidState', 'KMSNotFound', 'ModeNotSupported', 'NoPublishedVersion'],
    ...['RecursiveInvocation', 'RequestTooLarge', 'ResourceNotFound', 'SerializedRequestEntityTooLarge'],
    ...['ServiceQuotaExceeded', 'UnsupportedMediaType', 'CodeArtifactUserDeleted', 'CodeArtifactUserFailed'],
  ].map((name) => `Lambda.${name}Exception`);
  /** Of what no function here has: a file system, a snapshot of a sandbox. */
  const foreign = /^Lambda\.(EFS|S3Files|SnapStart)/;
  const command = 'node_modules/@aws-sdk/client-lambda/dist-types/commands/InvokeCommand.d.ts';
  const thrown = [...readFileSync(command, 'utf8').matchAll(/@throws \{@link (\w+Exception)\}/g)]
    .map(([, name]) => `Lambda.${name}`)
    .filter((name) => name !== 'Lambda.LambdaServiceException' && !foreign.test(name));
  const retried = (flow: (typeof flows)[number]) =>
    statesOf(machineOf(flow, plan)).flatMap(([, { Type, Retry = [] }]) =>
      Type === 'Task' ? [Retry.flatMap(({ ErrorEquals }) => ErrorEquals)] : [],
    );

  test('the SDK names it, and it passes or lasts', () => {
    expect(thrown.length).toBeGreaterThan(25);
    const passing = thrown.filter((name) => !lasting.includes(name));
    expect(retried('az-failover')[0]).toEqual(expect.arrayContaining(passing));
    expect(retried('az-failover')[0]?.filter((name) => lasting.includes(name))).toEqual([]);
  });

  test.for(flows)('every call of %s asks again where it passes', (flow) => {
    const passing = inactiveErrors.map((name) => `Lambda.${name}`).filter((name) => !lasting.includes(name));
    const crashes = ['Runtime.ExitError', 'Runtime.OutOfMemory', 'Lambda.Unknown', 'Sandbox.Timedout'];
    const service = ['ServiceException', 'AWSLambdaException', 'SdkClientException', 'ClientExecutionTimeoutException'];
    const all = [...passing, ...crashes, ...service.map((name) => `Lambda.${name}`)];
    for (const names of retried(flow)) expect(names).toEqual(expect.arrayContaining(all));
  });
});

test.for([
  ['Breakwater::Call":"release-lock"', 'Breakwater::Call":"relase-lock"', 'Breakwater::Call is "relase-lock", '],
  ['Breakwater::Verb":"catch-up"', 'Breakwater::Verb":"catchup"', 'Breakwater::Verb is "catchup", '],
  ['Breakwater::Assets":"verify"', 'Breakwater::Assets":"check"', 'Breakwater::Assets is "check", '],
  ['Breakwater::Waves":"take-over"', 'Breakwater::Waves":["take-over"]', 'Breakwater::Waves is ["take-over"], '],
  ['Breakwater::Functions":["fence"', 'Breakwater::Functions":["fens"', 'Breakwater::Functions is "fens", '],
  ['"take-over","of":"needed"', '"take-over","of":"users"', 'Breakwater::Waves, of is "users", '],
  ['Fn::GetAtt":["take-lock"', 'Fn::GetAtt":["lock"', 'Fn::GetAtt is "lock", '],
  ['"Breakwater::Assets"', '"Breakwater::Asset"', 'a word is "Breakwater::Asset", '],
  ['"Breakwater::Transient"', '"Breakwater::Transients"', 'a word is "Breakwater::Transients", '],
] as const)('a flow that says %s as %s is refused in one line', ([right, wrong, says]) => {
  const text = JSON.stringify(readFlow('region-failover'));
  expect(text).toContain(right);
  const line = `statemachines/region-failover.asl.yaml: ${says}expected one of `;
  const define = () => definitionOf('region-failover', plan, JSON.parse(text.replace(right, wrong)));
  expect(define).toThrow(line);
  expect(define).not.toThrow('\n');
});

test('all that stands in a zone leaves it at once while people are told, and users are verified before anybody hears that it is over', () => {
  const { States } = machineOf('az-failover', plan);
  expect(States['MoveOut']?.Branches?.map((branch) => branch.StartAt)).toEqual(['LeaveAssets', 'MayTell', 'IsMoving']);
  const [moving, , watching] = States['MoveOut']?.Branches ?? [];
  const leaving = moving?.States['LeaveAssets'];
  expect(leaving).toMatchObject({ Items: '{% $leaving %}', ItemProcessor: { StartAt: 'LeaveZone' } });
  expect(leaving).not.toHaveProperty('MaxConcurrency');
  expect(States['TakeLock']?.Assign?.['leaving']).toEqual([
    { name: 'database', kind: 'rds-instance' },
    { name: 'cache', kind: 'elasticache' },
    { name: 'cluster', kind: 'eks-cluster' },
    { name: 'ingress', kind: 'load-balancer' },
    { name: 'search', kind: 'custom' },
  ]);
  expect(leaving?.Next).toBe('Conclude');
  const concluding = moving?.States['Conclude'];
  expect(concluding?.Branches?.map((branch) => branch.StartAt)).toEqual(['VerifyService', 'TidyUpAssets', 'HaveLeft']);
  const told = concluding?.Branches?.[0]?.States ?? {};
  expect(told['VerifyService']?.Next).toBe('RecordRecovery');
  expect(told['RecordRecovery']?.Next).toBe('WasReal');
  // The zone is watched beside all that, and by nothing else.
  expect(watching?.States['IsMoving']).toMatchObject({ Default: 'Rehearsed' });
  const watches = statesOf(machineOf('az-failover', plan)).filter(([, one]) => verbOf(one) === 'watch-zone');
  expect(watches).toEqual([['WatchZone', watching?.States['WatchZone']]]);
});

test('the zone flow gives its lock back last of all, told or not: who waits for it never runs beside it', () => {
  const { States } = machineOf('az-failover', plan);
  expect(new Set(ways(States['NotifyClosed'] ?? { Type: '' }))).toEqual(new Set(['ReleaseLock']));
  expect(ways(States['ReleaseLock'] ?? { Type: '' })).toEqual(['Recovered']);
  expect(States['Recovered']?.Type).toBe('Succeed');
});

test.for([
  ['az-failover', 'MoveOut'], // where what is well again is left alone
  ['region-failover', 'Reassess'], // for what was approved may hold no more
] as const)('%s goes on from its pause, to %s, by nothing but a redrive', ([flow, next]) => {
  const name = 'Pause';
  const states = statesOf(machineOf(flow, plan));
  const state = machineOf(flow, plan).States[name];
  expect(states.filter(([, one]) => verbOf(one) === 'pause').map(([one]) => one)).toEqual([name]);
  expect(state).toMatchObject({ Next: next });
  expect(state?.Catch).toBeUndefined();
  expect(state?.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain('Paused');
  const count = '{% $states.context.Execution.RedriveCount %}';
  const { redrives, redriven } = state?.Arguments?.Payload ?? {};
  expect(redriven).toBe(count);
  // Counted on the way into it: a redrive of an earlier state does not pass it.
  const counted = String(redrives).replace(/^\{% \$| %\}$/g, '');
  const into = states.filter(([, one]) => ways(one).includes(name)).map(([, one]) => one);
  expect(into.length).toBeGreaterThan(0);
  for (const one of into) {
    const rules = [...(one.Catch ?? []), ...(one.Choices ?? []), { Next: one.Default, Assign: one.Assign }];
    for (const rule of rules.filter(({ Next }) => Next === name))
      expect(rule.Assign).toMatchObject({ [counted]: count });
  }
});

test('a dry run of the zone flow ends with its report', () => {
  const { States } = machineOf('az-failover', plan);
  const told = States['MoveOut']?.Branches?.[0]?.States['Conclude']?.Branches?.[0]?.States ?? {};
  expect(told['WasReal']).toMatchObject({
    Choices: [{ Condition: '{% $incident.dryRun = false %}', Next: 'NotifyRecovered' }],
    Default: 'NotifyDryRun',
  });
  expect(told['NotifyDryRun']?.End).toBe(true);
});

test('a degradation is remediated only where the plan acts, a release is suspected, and it is no dry run', () => {
  const choice = machineOf('service-degradation', plan).States['MayRemediate'];
  expect(choice?.Choices).toEqual([
    {
      Condition: "{% $diagnosis.cause = 'release' and $diagnosis.remediation = 'act' and $incident.dryRun = false %}",
      Next: 'Remediate',
    },
  ]);
});

test('who tells how something ended is tried twice as often as it looks again before it tells, and is handed how often that was', () => {
  const telling = machines.flatMap((flow) =>
    statesOf(machineOf(flow, plan)).filter(([, state]) =>
      /"occasion":"[^"]*(recovered|closed|degradation-ended)/.test(JSON.stringify(state.Arguments ?? {})),
    ),
  );
  expect(telling.map(([name]) => name).toSorted()).toEqual(
    expect.arrayContaining(['NotifyClosed', 'NotifyClosed', 'NotifyRecovered', 'NotifyRecovered', 'NotifyRecovered']),
  );
  for (const [name, { Retry = [], Arguments }] of telling) {
    const tries = Retry.find(({ ErrorEquals }) => ErrorEquals.includes('Unavailable'))?.MaxAttempts ?? 0;
    expect([name, tries >= 2 * triesAgain, JSON.stringify(Arguments).includes('RetryCount')]).toEqual([
      name,
      true,
      true,
    ]);
  }
});
