// bounded: every execution ends; every wait has a limit; every failure, and everything held back, reaches a person.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { type Execution, type History, type Invariant, looksBetween, type Violation } from './model/history.ts';
import type { ObservationOf } from './model/observations.ts';

/** People hear within this time. A drill that ends sooner than that after a failure leaves it unjudged. */
const tellWithinMs = 5 * 60_000;
/** A day of watching a zone, and an hour for everything before and after it. */
const longestRunMs = 25 * 3_600_000;

export const bounded: Invariant = (history, plan) => [
  ...[...history.executions.values()].flatMap((execution) => [
    ...runTooLong(execution, history),
    ...untoldFailures(execution, history, plan),
  ]),
  ...stillRunning(history),
  ...unansweredDecisions(history, plan),
];

function runTooLong({ name, periods }: Execution, { now }: History): Violation[] {
  return periods
    .filter(({ from, to }) => (to ?? now) - from > longestRunMs)
    .map(({ from }) => ({ at: from + longestRunMs, what: `${name} was still running, 25 hours after it began` }));
}

function untoldFailures(execution: Execution, history: History, { roles }: Plan): Violation[] {
  const { name, region, periods } = execution;
  return periods.flatMap(({ to, ended }): Violation[] => {
    if (to === null || ended === 'SUCCEEDED' || hasPaused(to, name, history) || isTold(to, [name], history)) return [];
    if (onlyAlarmsCould(to, execution, history) || nobodySpeaks(to, [roles.primary, roles.standby], history)) return [];
    return [{ at: to, what: `${name} in ${region} ended as ${ended}, and no message within 5 minutes named it` }];
  });
}

/** A flow that pauses says so itself, and only then stops. */
function hasPaused(stoppedAt: number, name: string, history: History): boolean {
  return history.of('message').some(({ at, subject, body }) => {
    const isNear = at >= stoppedAt - tellWithinMs && at <= stoppedAt;
    return isNear && /\bPAUSED\b/.test(subject) && wordsOf(body).has(name);
  });
}

/** A dead letter is told so much later at most: a function is run three times within some minutes before its event is one. */
const deadLetterWithinMs = 2 * tellWithinMs;

/**
 * Whether people heard of a failure by the alarm of its flow, which names no execution, where no function could name it: the region was lost when
 * one had to, or the one that tells is killed, and people heard that there is a dead letter.
 */
function onlyAlarmsCould(since: number, { stateMachine, region }: Execution, history: History): boolean {
  const heard = (alarm: string, withinMs: number): boolean =>
    history
      .of('message')
      .some(
        ({ at, subject }) =>
          at >= since &&
          at <= since + withinMs &&
          subject.startsWith('ALARM: "') &&
          subject.endsWith(`-${alarm}" in ${region}`),
      );
  const looks = looksWhenDue(since, history);
  const isLost = looks.length > 0 && looks.every(({ lost = [] }) => lost.includes(region));
  const isKilled = looksBetween(since, since, history).some(({ killed = [] }) => killed.includes('report-failure'));
  return (
    heard(`${stateMachine}-failed`, tellWithinMs) && (isLost || (isKilled && heard('dead-letters', deadLetterWithinMs)))
  );
}

function stillRunning(history: History): Violation[] {
  return history.of('end').flatMap(({ at, executions }) => {
    const listed = new Map(executions.map(({ execution, status }) => [execution, status]));
    const seen = [...history.executions.values()].filter(({ name }) => !listed.has(name)).filter(isOpen);
    const open = [
      ...executions.filter(({ status }) => status === 'RUNNING').map(({ execution }) => execution),
      ...seen.map(({ name }) => name),
    ];
    return open
      .filter((name) => !isLeftToPeople(name, history))
      .map((name) => ({ at, what: `the drill ended and ${name} had not` }));
  });
}

/** Whether a zone's flow goes on since people were told by when they decide about it: within a day, for which a drill need not last. */
function isLeftToPeople(name: string, history: History): boolean {
  const open = history.executions.get(name)?.periods.find(({ to }) => to === null);
  if (open === undefined || !/-az-failover-\d+$/.test(name)) return false;
  return history
    .of('message')
    .some(
      ({ at, subject, body }) =>
        at >= open.from && /: decide by \d/.test(subject) && body.includes(`The flow that keeps users out: ${name}.`),
    );
}

function isOpen({ periods }: Execution): boolean {
  return periods.some(({ to }) => to === null);
}

/** Decisions that were neither carried out nor told. */
function unansweredDecisions(history: History, plan: Plan): Violation[] {
  const decisions = history.of('decision');
  const first = new Map<string, ObservationOf<'decision'>>();
  for (const decision of decisions) {
    const key = `${decision.incident} ${decision.attempt}`;
    if (!first.has(key)) first.set(key, decision);
  }
  return [...first.values()].flatMap((decision): Violation[] => {
    const { at, incident, action, attempt, execution, scope } = decision;
    if (action === 'none') return [];
    const place = scope.zone ?? scope.region;
    if (execution === null) {
      if (isTold(at, [incident], history) || nobodyCould(at, history, plan)) return [];
      return [
        { at, what: `${action} was decided for ${place} in ${incident}, and no message within 5 minutes named it` },
      ];
    }
    const started = history.executions.get(execution)?.periods[0];
    const isSuperseded = [...first.values()].some(
      (later) => later.incident === incident && later.attempt > attempt && later.at <= at + tellWithinMs,
    );
    if (
      (started !== undefined && started.from <= at + tellWithinMs) ||
      isSuperseded ||
      isTold(at, [incident, execution], history) ||
      nobodyCould(at, history, plan)
    )
      return [];
    return [
      {
        at,
        what: `${action} was decided for ${place} in ${incident}, and within 5 minutes ${execution} had not started and nobody was told`,
      },
    ];
  });
}

/** The alarms of a stack that say that it does not judge: any other one, as of a canary or a letter box, says nothing of that. */
const judgesNot = /-(classify-failing|signals-waiting|sweep-missing)" in /;

/**
 * Whether no main region could do what was decided, or say that it was not done: each was lost before people had to hear, or the alarms
 * of its own stack, which need no function, told people that it does not work. One of these alarms at least has to be heard, unless both were lost
 * at once, or one is and SNS takes nothing in the other: then nothing of Breakwater's can speak.
 */
function nobodyCould(since: number, history: History, { roles }: Plan): boolean {
  const isNear = ({ at }: { readonly at: number }) => at >= since - tellWithinMs && at <= since + tellWithinMs;
  const alarms = history
    .of('message')
    .filter((one) => isNear(one) && one.subject.startsWith('ALARM: "') && judgesNot.test(one.subject));
  const ticks = history.of('tick').filter(isNear);
  const speaks = (region: string) => alarms.some(({ subject }) => subject.endsWith(` in ${region}`));
  const isLost = (region: string) => ticks.some(({ at, lost = [] }) => at > since && lost.includes(region));
  const regions = [roles.primary, roles.standby];
  if (nobodySpeaks(since, regions, history)) return true;
  return regions.some(speaks) && regions.every((region) => speaks(region) || isLost(region));
}

/** Who is not responsible stands in after so long. */
const standInAfterMs = 180_000;

/** What was so while somebody had to speak at the latest. */
function looksWhenDue(since: number, history: History): ObservationOf<'tick'>[] {
  return looksBetween(since + standInAfterMs, since + tellWithinMs, history);
}

/** Whether all regions were lost, or their SNS took nothing, all the time in which one of them had to stand in. */
function nobodySpeaks(since: number, regions: readonly string[], history: History): boolean {
  const looks = looksWhenDue(since, history);
  const isSilent = ({ lost = [], mute = [] }: ObservationOf<'tick'>) =>
    regions.every((region) => lost.includes(region) || mute.includes(region));
  return looks.length > 0 && looks.every(isSilent);
}

/** Whether a message named one of the words in time, or may still do so. */
function isTold(since: number, names: readonly string[], history: History): boolean {
  if (history.now <= since + tellWithinMs) return true;
  const lost = history.of('lost-message').map((one) => ({ ...one, takenAt: one.at }));
  return [...history.of('message'), ...lost].some(({ at, takenAt = at, subject, body }) => {
    const words = wordsOf(`${subject} ${body}`);
    return at >= since && takenAt <= since + tellWithinMs && names.some((name) => words.has(name));
  });
}

/** Whole words, so that attempt 1 is not told by a message about attempt 12. */
function wordsOf(text: string): Set<string> {
  return new Set(text.split(/[^A-Za-z0-9_-]+/));
}
