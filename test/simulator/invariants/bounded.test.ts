// How long things may take, and what people must hear.
import { describe, expect, test } from 'vitest';
import type { Observation, ObservationOf } from '../../../simulator/invariants/model/observations.ts';
import { at, bad, decision, east, execution, incident, message, tick, verdictOn, west, zoneFlow } from './story.ts';

const second = `${incident}-az-failover-2`;
const other = (
  seconds: number,
  status: ObservationOf<'execution'>['status'],
  changes: Partial<ObservationOf<'execution'>> = {},
) => execution(seconds, status, { execution: second, ...changes });

describe('bounded', () => {
  const hours25 = 25 * 3600;
  const failed = [execution(1, 'RUNNING'), execution(10, 'FAILED')];
  const hold = decision(10, { action: 'hold', execution: null });
  const end = (...executions: { execution: string; status: string }[]): Observation => ({
    kind: 'end',
    at: at(900),
    executions,
  });
  /** An alarm of a stack of Breakwater itself. */
  const failing: Observation = {
    ...{ kind: 'message', at: at(60), role: 'on-call', body: '' },
    subject: `ALARM: "breakwater-sim-classify-failing" in ${east}`,
  } as const;
  const alarm = (name: string, seconds: number): Observation => ({
    ...{ kind: 'message', at: at(seconds), role: 'on-call', body: '' },
    subject: `ALARM: "breakwater-sim-${name}" in ${east}`,
  });
  const ofFlow = alarm('az-failover-failed', 60);
  const deadLetter = (seconds: number) => alarm('dead-letters', seconds);
  const lostAt = (seconds: number) => tick(seconds, { lost: [east] });
  const killed = tick(5, { killed: ['report-failure'] });
  const late = (taken: number, heard: number): Observation => ({
    ...{ kind: 'message', at: at(heard), takenAt: at(taken), role: 'on-call', subject: 'late', body: zoneFlow },
  });
  const lostMessage = (seconds: number): Observation => {
    return { kind: 'lost-message', at: at(seconds), subject: 'lost', body: zoneFlow };
  };
  const ending = end({ execution: zoneFlow, status: 'RUNNING' });
  const decideBy = (body: string): Observation => ({
    ...{ kind: 'message', at: at(60), role: 'on-call', body },
    subject: '[Breakwater] Not urgent: users stay out of use1-az1: decide by 09:57 UTC',
  });
  test.for<[string, readonly Observation[], number]>([
    ['an execution ran for exactly 25 hours', [execution(1, 'RUNNING'), execution(1 + hours25, 'SUCCEEDED')], 200_000],
    ['one has run for exactly 25 hours', [execution(1, 'RUNNING')], 1 + hours25],
    [
      'a redriven one ran for 25 hours twice',
      [
        execution(0, 'RUNNING'),
        execution(hours25, 'FAILED'),
        message(hours25, zoneFlow),
        execution(hours25 + 9, 'RUNNING'),
        execution(2 * hours25, 'SUCCEEDED'),
      ],
      900_000,
    ],
    ['a failure was told after exactly 5 minutes', [...failed, message(310, `execution ${zoneFlow}.`)], 1000],
    ['SNS took the message of a failure in time, and it is heard later', [...failed, late(310, 900)], 1000],
    ['SNS took the message of a failure in time, and lost it', [...failed, lostMessage(310)], 1000],
    [
      'a region was lost before a function had to tell, and the alarm of the flow was heard',
      [...failed, ofFlow, lostAt(200)],
      1000,
    ],
    ['what was to tell is a dead letter, and people heard of both', [...failed, killed, ofFlow, deadLetter(600)], 1000],
    ['a failure was told in the same moment', [...failed, message(10, zoneFlow)], 1000],
    ['5 minutes since a failure are not over', failed, 310],
    [
      'all had ended at the end',
      [execution(1, 'RUNNING'), execution(2, 'SUCCEEDED'), end({ execution: zoneFlow, status: 'SUCCEEDED' })],
      1000,
    ],
    [
      'people were told by when they decide about what goes on',
      [execution(1, 'RUNNING'), decideBy(`The flow that keeps users out: ${zoneFlow}.`), ending],
      1000,
    ],
    ['a hold was told after exactly 5 minutes', [hold, message(310, `Incident ${incident}, level 2`)], 1000],
    ['a hold is written again long after it was told', [hold, message(20, incident), { ...hold, at: at(900) }], 5000],
    ['5 minutes since a hold are not over', [hold], 310],
    ['nothing was decided to be done', [decision(10, { action: 'none', execution: null })], 1000],
    ['a decision started its execution after exactly 5 minutes', [decision(10), execution(310, 'RUNNING')], 1000],
    [
      'people heard that an execution has not started',
      [decision(10), message(300, `${zoneFlow} is not known to have started`)],
      1000,
    ],
    [
      'one region was lost before it had to stand in, and the alarms of the other one said that it does not work',
      [decision(10), failing, tick(200, { lost: [west] })],
      1000,
    ],
    ['both had been lost before, and were still', [tick(5, { lost: [west, east] }), decision(10)], 1000],
    [
      'one region was lost, and SNS took nothing in the other one',
      [decision(10), tick(100, { lost: [west], mute: [east] })],
      1000,
    ],
    [
      'both regions were lost at once before anybody had to hear',
      [decision(10), tick(100, { lost: [west, east] })],
      1000,
    ],
    [
      'nobody could tell a hold: one region was lost, and the other one said that it does not work',
      [hold, failing, tick(200, { lost: [west] })],
      1000,
    ],
    [
      'a decision was overtaken after exactly 5 minutes',
      [decision(10), decision(310, { attempt: 2, action: 'none', execution: null })],
      1000,
    ],
    [
      'a decision was overtaken by the next',
      [decision(10), decision(300, { attempt: 2, execution: second }), other(301, 'RUNNING')],
      1000,
    ],
  ])('holds when %s', ([, history, now]) => {
    expect(verdictOn('bounded', history, now)).toBeNull();
  });

  test.for<[string, readonly Observation[], number, string]>([
    [
      'an execution ran for longer than 25 hours',
      [execution(1, 'RUNNING'), execution(2 + hours25, 'SUCCEEDED')],
      200_000,
      '25 hours',
    ],
    ['one has run for longer than 25 hours', [execution(1, 'RUNNING')], 2 + hours25, '25 hours'],
    ['a failure was told a second too late', [...failed, message(311, zoneFlow)], 1000, 'FAILED'],
    ['SNS took its message too late', [...failed, late(311, 320)], 1000, 'FAILED'],
    ['SNS took its message too late, and lost it', [...failed, lostMessage(311)], 1000, 'FAILED'],
    ['only the alarm of the flow was heard', [...failed, ofFlow], 1000, 'FAILED'],
    ['the alarm of another flow was heard', [...failed, alarm('drill-failed', 60), lostAt(200)], 1000, 'FAILED'],
    ['the region was lost, and no alarm was heard', [...failed, lostAt(200)], 1000, 'FAILED'],
    ['the region was lost long afterwards', [...failed, ofFlow, lostAt(311)], 1000, 'FAILED'],
    ['a dead letter was heard of too late', [...failed, killed, ofFlow, deadLetter(611)], 1000, 'FAILED'],
    ['a dead letter was heard of, and nothing kills who tells', [...failed, ofFlow, deadLetter(600)], 1000, 'FAILED'],
    ['the region was lost when it was nearly too late', [...failed, tick(5), ofFlow, lostAt(300)], 1000, 'FAILED'],
    ['a failure was told before it happened', [...failed, message(9, zoneFlow)], 1000, 'FAILED'],
    ['the message names another execution', [...failed, message(20, `${zoneFlow}2`)], 1000, 'FAILED'],
    ['the message names nothing', [...failed, message(20, 'something failed')], 1000, 'FAILED'],
    ['a time-out was not told', [execution(1, 'RUNNING'), execution(9, 'TIMED_OUT')], 1000, 'TIMED_OUT'],
    ['an abort was not told', [execution(1, 'RUNNING'), execution(9, 'ABORTED')], 1000, 'ABORTED'],
    [
      'the failure after a redrive was not told',
      [...failed, message(20, zoneFlow), execution(400, 'RUNNING'), execution(500, 'FAILED')],
      1000,
      '09:08:20',
    ],
    [
      'an execution still ran at the end',
      [execution(1, 'RUNNING'), end({ execution: zoneFlow, status: 'RUNNING' })],
      1000,
      'the drill ended',
    ],
    ['an execution was forgotten at the end', [execution(1, 'RUNNING'), end()], 1000, zoneFlow],
    [
      'a redriven execution was forgotten at the end',
      [...failed, message(11, zoneFlow), execution(20, 'RUNNING'), end()],
      1000,
      'the drill ended',
    ],
    [
      'a decision was overtaken a second too late',
      [decision(10), decision(311, { attempt: 2, action: 'none', execution: null })],
      1000,
      'had not started',
    ],
    [
      'a region was lost, and no alarm of the other one was heard',
      [decision(10), tick(200, { lost: [west] })],
      1000,
      'had not started',
    ],
    [
      'both regions were lost, and one was back in time to stand in',
      [decision(10), tick(100, { lost: [west, east] }), tick(300, { lost: [west] })],
      1000,
      'had not started',
    ],
    [
      'both regions were lost when it was too late',
      [decision(10), tick(311, { lost: [west, east] })],
      1000,
      'had not started',
    ],
    [
      'the regions were lost one after the other',
      [decision(10), tick(100, { lost: [west] }), tick(200, { lost: [east] })],
      1000,
      'had not started',
    ],
    [
      'a region was lost, and an alarm of the other one was about something else',
      [
        decision(10),
        { ...failing, subject: `ALARM: "breakwater-sim-canary-missing" in ${east}` },
        tick(200, { lost: [west] }),
      ],
      1000,
      'had not started',
    ],
    ['one region could have stood in', [decision(10), failing, tick(200)], 1000, 'had not started'],
    [
      'the region that had to stand in was lost later',
      [decision(10), failing, tick(311, { lost: [west] })],
      1000,
      'had not started',
    ],
    ['a hold was told a second too late', [hold, message(311, incident)], 1000, 'hold was decided'],
    ['a hold was not told', [hold], 311, bad],
    ['only another incident was told', [hold, message(20, 'us-east-1-20260106')], 1000, incident],
    [
      'the second of two holds was not told',
      [hold, message(20, incident), decision(700, { attempt: 2, action: 'hold', execution: null })],
      5000,
      '09:11:40',
    ],
    [
      'an overtaken hold was not told',
      [hold, decision(20, { attempt: 2 }), execution(21, 'RUNNING')],
      1000,
      'hold was decided',
    ],
    [
      'a region that needs people was not told',
      [decision(10, { action: 'request-approval', execution: null })],
      1000,
      'request-approval',
    ],
    ['an execution had not ended', [execution(1, 'RUNNING'), ending], 1000, 'the drill ended and'],
    [
      'people were told to decide about another one',
      [execution(1, 'RUNNING'), decideBy(`The flow that keeps users out: ${second}.`), ending],
      1000,
      'the drill ended and',
    ],
    [
      'people were told before it stopped and was begun again',
      [
        execution(1, 'RUNNING'),
        decideBy(`The flow that keeps users out: ${zoneFlow}.`),
        execution(400, 'FAILED'),
        message(400, `execution ${zoneFlow}.`),
        execution(500, 'RUNNING'),
        ending,
      ],
      1000,
      'the drill ended and',
    ],
    [
      'its name stands beside what people decide about',
      [execution(1, 'RUNNING'), decideBy(`Execution ${zoneFlow}.`), ending],
      1000,
      'the drill ended and',
    ],
    ['an execution did not start and nobody was told', [decision(10)], 1000, 'had not started'],
    [
      'an execution started a second too late and nobody was told',
      [decision(10), execution(311, 'RUNNING')],
      1000,
      'had not started',
    ],
  ])('is broken when %s', ([, history, now, word]) => {
    expect(verdictOn('bounded', history, now)).toContain(word);
  });
});
