// Compares what a drill came to with what its scenario expects; each difference is one miss that a person can read.
import { type Asset, saidOf } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { stepName, stepWords } from '../../functions/domain/record/step.ts';
import type { Recorder } from '../drill/recorder.ts';
import type { DrillResult, Miss } from '../drill/result.ts';
import { rawLineIn } from './raw-words.ts';
import type { Scenario } from './scenario.ts';

/** Whether a text has a step's words, with the zone or without its name. */
function tells(text: string, named: string, { incident }: DrillResult): boolean {
  const [state = '', asset = null] = named.split('/');
  const words = [undefined, incident?.scope.zone].map((zone) => stepWords({ state, asset }, zone));
  return words.some((said) => text.toLowerCase().includes(said.toLowerCase()));
}

/**
 * The misses of a drill. Of a flow that a person started by hand, or that people did not let happen, only what every
 * drill must keep is expected.
 */
export function missedExpectations(
  scenario: Scenario,
  differently: boolean,
  result: DrillResult,
  recorder: Recorder,
  plan: Plan,
): Miss[] {
  const misses: Miss[] = [];
  const expect = (
    what: string,
    expected: unknown,
    was: unknown,
    holds = JSON.stringify(expected) === JSON.stringify(was),
  ): void => {
    if (!holds) misses.push({ what, expected: show(expected), was: show(was) });
  };
  for (const line of new Set(recorder.messages.map(rawLineIn)))
    expect('a message', 'words alone', line ?? 'words alone', line === null);
  if (differently) {
    for (const { name, status } of result.executions) expect(`execution ${name}`, 'SUCCEEDED', status);
    return misses;
  }
  const wanted = scenario.expect;
  for (const { name, stateMachine, status } of result.executions)
    if (stateMachine === 'fence-watch' && status !== 'ABORTED') expect(`execution ${name}`, 'SUCCEEDED', status);
  if (wanted.level !== undefined) expect('level', wanted.level, result.incident?.level ?? 0);
  if (wanted.zone !== undefined) expect('zone', wanted.zone, result.incident?.scope.zone ?? null);
  const actions = result.decisions.map((decision) => decision.action).filter((action) => action !== 'none');
  expect('actions', wanted.actions, actions);
  const last = recorder.decisions.findLast(({ decision }) => decision.action !== 'none');
  if (wanted.hold !== undefined) expect('hold', wanted.hold, last?.decision.hold ?? null);
  if (wanted.executions !== undefined)
    expect(
      'executions',
      wanted.executions,
      result.executions.flatMap(({ stateMachine, status }) =>
        stateMachine === 'fence-watch' ? [] : [`${stateMachine} ${status}`],
      ),
    );
  for (const named of wanted.failedSteps) {
    const step = recorder.steps.find((one) => stepName(one) === named);
    expect(
      `step ${named}`,
      'failed and told',
      step?.failedOnce === true ? 'failed' : 'did not fail',
      step?.failedOnce === true,
    );
    expect(
      `message about ${named}`,
      'sent',
      'not sent',
      // Without its lock a flow has not begun: then that is told, and no step.
      recorder.messages.some(
        ({ subject, body }) =>
          tells(`${subject}\n${body}`, named, result) || (named === 'TakeLock' && subject.includes('has not begun')),
      ),
    );
  }
  expect('served', wanted.served, result.end.served);
  // Every asset that is called so is looked at: one that stayed behind is a miss of its own.
  const called = (word: string) => plan.assets.filter((asset) => saidOf(asset).called === word);
  const endOf = ({ name }: Asset) => result.end.assets.find((one) => one.name === name);
  const home = Object.keys(plan.regions[plan.roles.primary]?.zones ?? {})[0] ?? null;
  const expectMoved = (word: string, moved: (asset: Asset, index: number) => boolean): void => {
    for (const [index, asset] of called(word).entries())
      expect(`${asset.name} moved`, moved(asset, index), endOf(asset)?.zone !== home);
  };
  const { databaseMoved, cacheMoved } = wanted;
  if (databaseMoved !== undefined)
    expectMoved('database', (_, index) => (databaseMoved === 'first' ? index === 0 : databaseMoved));
  if (cacheMoved !== undefined)
    expectMoved('cache', (asset, index) => {
      if (cacheMoved === 'alone') return saidOf(asset).way?.(asset) === 'start-empty';
      return cacheMoved === 'first' ? index === 0 : cacheMoved;
    });
  if (wanted.mutations !== undefined)
    expect('mutations', wanted.mutations, result.mutations.length === 0 ? 'none' : 'some');
  for (const [named, times] of Object.entries(wanted.calls ?? {})) {
    const [call, role] = named.split(' in ');
    const region = role === 'primary' || role === 'standby' ? plan.roles[role] : role;
    const made = result.mutations.filter(
      (one) => `${one.service}:${one.operation}` === call && (region === undefined || one.region === region),
    );
    expect(named, times, made.length);
  }
  const { recoverySeconds } = result.clocks;
  if (wanted.recoveryWithinSeconds !== undefined) {
    expect(
      'recovery',
      `within ${wanted.recoveryWithinSeconds} s`,
      recoverySeconds,
      recoverySeconds !== null && recoverySeconds <= wanted.recoveryWithinSeconds,
    );
  }
  if (wanted.covered !== undefined)
    expect('the next disaster is covered', wanted.covered, result.clocks.unprotectedSeconds !== null);
  const { addedSeconds } = result.overhead;
  if (wanted.addedWithinSeconds !== undefined) {
    const holds = addedSeconds !== null && addedSeconds <= wanted.addedWithinSeconds;
    expect('overhead', `at most ${wanted.addedWithinSeconds} s`, addedSeconds, holds);
  }
  if (wanted.usersRegion !== undefined) expect('users', wanted.usersRegion, result.end.usersRegion);
  if (wanted.databaseRegion !== undefined)
    for (const asset of called('database')) expect(asset.name, wanted.databaseRegion, endOf(asset)?.region ?? null);
  if (wanted.consumersRegion !== undefined)
    for (const asset of called('consumers')) {
      const { region = null, serves = false } = endOf(asset) ?? {};
      expect(asset.name, `${wanted.consumersRegion} alone`, serves ? `${region} alone` : `not only all of ${region}`);
    }
  if (wanted.requests !== undefined) expect('requests', wanted.requests, recorder.requests.size);
  const valid = result.approvals.filter((answer) => answer.valid).length;
  if (wanted.validAnswers !== undefined) expect('valid answers', answersOf(wanted.validAnswers, plan), valid);
  for (const what of ['lostWrites', 'divergedWrites'] as const)
    if (wanted[what] !== undefined) expect(what, wanted[what], (result.dataLoss[what] ?? 0) === 0 ? 'none' : 'some');
  for (const words of wanted.told)
    expect(
      `message with "${words}"`,
      'sent',
      'not sent',
      result.notifications.some(({ subject }) => subject.includes(words)),
    );
  for (const words of wanted.said)
    expect(
      `message that says "${words}"`,
      'sent',
      'not sent',
      recorder.messages.some(({ body }) => body.includes(words)),
    );
  const told = new Set(result.notifications.map(({ role }) => role));
  for (const role of new Set(wanted.notified.flatMap((list) => plan.notifications[list])))
    expect(`message to ${role}`, 'sent', 'not sent', told.has(role));
  const { mostMessages } = wanted;
  const most = Math.max(0, ...[...told].map((role) => result.notifications.filter((one) => one.role === role).length));
  if (mostMessages !== undefined) expect('messages to one role', `at most ${mostMessages}`, most, most <= mostMessages);
  return misses;
}

/** How many valid answers `required + 1` or `2 * required` are with a plan. */
function answersOf(wanted: number | string, { approval }: Plan): number {
  if (typeof wanted === 'number') return wanted;
  const [, times = '1', more = '0'] = /^(?:(\d+) \* )?required(?: \+ (\d+))?$/.exec(wanted) ?? [];
  return Number(times) * approval.required + Number(more);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
