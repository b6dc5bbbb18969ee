// The state machines as data: bounded, retried, failing loudly, and with one way in.
import { existsSync } from 'node:fs';
import validate from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { errorNames } from '../../functions/domain/errors.ts';
import {
  canAct,
  canBeInProgress,
  files,
  reachedWithout,
  read,
  type Sequence,
  type State,
  statesOf,
  verbOf,
  waysFrom,
  within,
} from './graph.ts';

/** A state that waits for people, as long as the plan says. */
const waitsForPeople = (state: State): boolean => state.Resource?.endsWith('.waitForTaskToken') === true;

/** A state that may change something in AWS: its function, or one within it, can act. */
function changes(state: State): boolean {
  const verb = verbOf(state);
  return verb === null
    ? within(state)
        .flatMap(statesOf)
        .some(([, inner]) => changes(inner))
    : canAct(verb);
}

/** How long the states of a sequence may wait one after the other; of what runs at once the longest counts. */
function longestWaitSeconds(sequence: Sequence): number {
  const seconds = Object.values(sequence.States).map((state) => {
    const waits = (state.Retry ?? []).filter((retrier) => retrier.ErrorEquals.includes('InProgress'));
    const own = waits.reduce((sum, wait) => sum + wait.IntervalSeconds * wait.MaxAttempts, 0);
    return own + Math.max(0, ...within(state).map(longestWaitSeconds));
  });
  return seconds.reduce((sum, one) => sum + one, 0);
}

test('all flows are here', () => {
  expect(files).toEqual(['az-failover.asl.yaml', 'region-failover.asl.yaml', 'service-degradation.asl.yaml']);
});

describe.each(files)('%s', (file) => {
  const machine = read(file);
  const states = statesOf(machine);
  const tasks = states.filter(([, state]) => state.Type === 'Task');
  const retriers = tasks.flatMap(([, state]) => state.Retry ?? []);

  test('is a state machine that AWS accepts', () => {
    const deployed = JSON.stringify(machine, (_key, value) =>
      value !== null && typeof value === 'object' && 'Fn::GetAtt' in value
        ? `arn:aws:lambda:us-east-1:111122223333:function:${value['Fn::GetAtt'][0]}`
        : value,
    );
    expect(validate(JSON.parse(deployed))).toMatchObject({ isValid: true, errors: [] });
  });

  test('begins by taking the lock, and takes it once', () => {
    expect(machine.StartAt).toBe('TakeLock');
    expect(states.filter(([, state]) => verbOf(state) === 'take-lock').map(([name]) => name)).toEqual(['TakeLock']);
    expect(states.flatMap(([, state]) => waysFrom(state))).not.toContain('TakeLock');
  });

  test('takes the lock of its own kind', () => {
    expect(machine.States['TakeLock']?.Arguments?.Payload['flow']).toBe(file.replace('.asl.yaml', ''));
  });

  test('calls only functions that exist', () => {
    const missing = tasks.map(([, state]) => verbOf(state)).filter((verb) => !existsSync(`functions/${verb}.ts`));
    expect(missing).toEqual([]);
  });

  test('bounds every task, longer than its Lambda runs, and retries what may pass', () => {
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
    for (const retrier of retriers.filter((one) => one.ErrorEquals.includes('Unavailable'))) {
      expect(retrier).toMatchObject({ JitterStrategy: 'FULL', MaxDelaySeconds: expect.any(Number) });
    }
  });

  test('ends before its own limit, and within the longest history that AWS keeps', () => {
    const waits = retriers.filter((retrier) => retrier.ErrorEquals.includes('InProgress'));
    const longestSeconds = longestWaitSeconds(machine);
    expect(machine.TimeoutSeconds).toBeGreaterThan(longestSeconds);
    // Each attempt is scheduled, started and failed.
    expect(waits.reduce((sum, wait) => sum + 3 * wait.MaxAttempts, 0)).toBeLessThan(20_000);
  });

  test('waits for every function that can be in progress, and for no other', () => {
    for (const [name, state] of tasks) {
      const waits = state.Retry?.some((retrier) => retrier.ErrorEquals.includes('InProgress')) ?? false;
      expect(waits, name).toBe(canBeInProgress(verbOf(state) ?? ''));
    }
  });

  test('branches only on errors that the domain or AWS names', () => {
    const names = states.flatMap(([, state]) =>
      [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap((rule) => rule.ErrorEquals),
    );
    const own = names.filter((name) => !/^(States|Lambda|Sandbox)\./.test(name));
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
    for (const [, state] of states.filter(([, one]) => waitsForPeople(one))) {
      expect(state.Catch?.flatMap((rule) => rule.ErrorEquals)).toEqual(['States.Timeout', 'States.HeartbeatTimeout']);
      expect(state.Retry?.flatMap((rule) => rule.ErrorEquals)).not.toContain('States.Timeout');
    }
    // What FenceOnReturn could not do, FenceOldRegion does again, and pages.
    const quiet = catching.filter(([name, state]) => verbOf(state) !== 'notify' && name !== 'FenceOnReturn');
    expect(quiet.map(([name]) => name)).toEqual([]);
    // A state that does nothing may only follow a message that was not sent.
    const idle = states.filter(([, state]) => state.Type === 'Fail' || state.Type === 'Pass').map(([name]) => name);
    const followed = states.filter(([, state]) => waysFrom(state).some((next) => idle.includes(next)));
    expect(followed.filter(([, state]) => state.Type !== 'Choice' && verbOf(state) !== 'notify')).toEqual([]);
    expect(idle.filter((name) => machine.States[name]?.Type === 'Fail')).toEqual([]);
  });

  test('goes the harmless way when no condition holds', () => {
    for (const [name, state] of states.filter(([, one]) => one.Type === 'Choice')) {
      const fallback = states.find(([other]) => other === state.Default)?.[1];
      expect(fallback, name).toBeDefined();
      expect(fallback !== undefined && changes(fallback), name).toBe(false);
    }
  });

  test('reaches a state that can act only by taking the lock, not by failing to', () => {
    const acting = states.filter(([, state]) => changes(state)).map(([name]) => name);
    expect(acting.length).toBeGreaterThan(0);
    const { Next: _taken, ...TakeLock } = machine.States['TakeLock'] ?? { Type: '' };
    const reached = reachedWithout({ ...machine, States: { ...machine.States, TakeLock } }, () => false);
    expect(acting.filter((name) => reached.has(name))).toEqual([]);
  });

  test('has no state that cannot be reached, in branches neither, and no two of one name', () => {
    const names = states.map(([name]) => name);
    expect([...reachedWithout(machine, () => false)].toSorted()).toEqual(names.toSorted());
  });
});

test('a zone is left by three moves at once while people are told, and users are verified before anybody hears that it is over', () => {
  const { States } = read('az-failover.asl.yaml');
  expect(States['MoveOut']?.Branches?.map((branch) => branch.StartAt)).toEqual([
    'MoveDatabase',
    'MoveCache',
    'ShiftTraffic',
    'MayTell',
  ]);
  expect(States['MoveOut']?.Next).toBe('Settle');
  expect(States['Settle']?.Branches?.map((branch) => branch.StartAt)).toEqual(['VerifyService', 'RestoreCache']);
  const told = States['Settle']?.Branches?.[0]?.States ?? {};
  expect(told['VerifyService']?.Next).toBe('RecordRecovery');
  expect(told['RecordRecovery']?.Next).toBe('WasReal');
  expect(States['HasMoved']).toMatchObject({ Default: 'Rehearsed' });
});

test('the zone flow gives its lock back last of all, told or not: who waits for it never runs beside it', () => {
  const { States } = read('az-failover.asl.yaml');
  expect(new Set(waysFrom(States['NotifyClosed'] ?? { Type: '' }))).toEqual(new Set(['ReleaseLock']));
  expect(waysFrom(States['ReleaseLock'] ?? { Type: '' })).toEqual(['Recovered']);
  expect(States['Recovered']?.Type).toBe('Succeed');
});

test('a dry run of the zone flow ends with its report', () => {
  const { States } = read('az-failover.asl.yaml');
  const told = States['Settle']?.Branches?.[0]?.States ?? {};
  expect(told['WasReal']).toMatchObject({
    Choices: [{ Condition: '{% $incident.dryRun = false %}', Next: 'NotifyRecovered' }],
    Default: 'NotifyDryRun',
  });
  expect(told['NotifyDryRun']?.End).toBe(true);
});

test('a degradation is remediated only where the plan acts, a release is suspected, and it is no dry run', () => {
  const choice = read('service-degradation.asl.yaml').States['MayRemediate'];
  expect(choice?.Choices).toEqual([
    {
      Condition: "{% $diagnosis.cause = 'release' and $diagnosis.remediation = 'act' and $incident.dryRun = false %}",
      Next: 'Remediate',
    },
  ]);
});
