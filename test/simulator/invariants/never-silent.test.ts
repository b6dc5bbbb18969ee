// How long people may hear nothing while users fail, and what nobody may say meanwhile.
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../simulator/invariants/model/observations.ts';
import { at, decision, incident, verdictOn } from './story.ts';

const served = (seconds: number, isServed: boolean): Observation => ({
  kind: 'tick',
  at: at(seconds),
  writable: {},
  usersRegion: 'us-east-1',
  verified: {},
  served: isServed,
});
const message = (seconds: number, subject: string, body = `Incident ${incident}, level 2.`): Observation => ({
  kind: 'message',
  at: at(seconds),
  role: 'on-call',
  subject,
  body,
});
const lost = [served(0, true), served(100, false), decision(300)];
const over = decision(9_000, { action: 'none', level: 0, execution: null, attempt: 2 });
const judged = (...more: readonly Observation[]) => verdictOn('never-silent', [...lost, ...more, over], 9_000);

describe('never-silent', () => {
  test('is kept by a message at least every 21 minutes: the reminder time, and what it takes to see and to stand in', () => {
    expect(judged(message(320, 'moving out'), served(1_500, true))).toBeNull();
    const told = [320, 1_500, 2_700, 3_900, 5_100, 6_300, 7_500, 8_700].map((seconds) => message(seconds, 'still'));
    expect(judged(...told)).toBeNull();
    expect(judged(...told.filter((_, index) => index !== 3))).toContain(
      `nobody had heard of ${incident} for 21 minutes`,
    );
  });

  test('is kept by what is told of a flow that a person started meanwhile', () => {
    const told = [320, 1_500, 2_700].map((seconds) => message(seconds, 'still', 'Incident manual-by-hand-1, level 3.'));
    expect(judged(...told, served(3_000, true))).toBeNull();
  });

  test('is kept by what is told of the other incident in which users fail: this one is of the region that they have yet to come to', () => {
    const other = 'Incident us-west-2-20260106, level 3.';
    const told = [320, 1_500, 2_700].map((seconds) => message(seconds, 'users still fail in us-west-2', other));
    expect(judged(...told, served(3_000, true))).toBeNull();
    expect(judged(...told.slice(0, 2), served(3_000, true))).toContain('for 21 minutes');
  });

  test('asks nothing of an incident that ended with its plan: the next one of its region is told of', () => {
    const next = { incident: 'us-east-1-20260106', attempt: 1 };
    const told = [1_600, 2_800].map((seconds) => message(seconds, 'still', `Incident ${next.incident}, level 3.`));
    const all = [...told, served(3_000, true)];
    expect(judged(message(320, 'told'), decision(500, next), ...all)).toBeNull();
    const elsewhere = { ...next, scope: { region: 'us-west-2', zone: null } };
    expect(judged(message(320, 'told'), decision(500, elsewhere), ...all)).toContain('for 21 minutes');
  });

  test('is broken by nothing but messages of something else', () => {
    expect(judged(message(320, 'moving out'), message(1_500, 'ALARM', 'us-east-1-20260106'))).toContain(
      'for 21 minutes',
    );
  });

  test('is broken by the word that it is over while users fail, and not right after they began to', () => {
    const told = [320, 1_500].map((seconds) => message(seconds, 'still'));
    const end = served(2_000, true);
    expect(judged(...told, message(1_600, '[Breakwater] the incident in use1-az1 is over'), end)).toContain(
      '"[Breakwater] the incident in use1-az1 is over"',
    );
    expect(judged(...told, message(110, '[Breakwater] the incident in use1-az1 is over'), end)).toBeNull();
  });

  test.for([
    ['users are served without use1-az1', `Incident ${incident}, level 2.`],
    ['restored: users are served in us-east-1', 'Incident manual-by-hand-1, level 3.'],
    ['checks pass, and not all has left use1-az1', `Incident ${incident}, level 2.`],
  ] as const)('is broken by "%s" while users fail, whichever incident it is about', ([subject, body]) => {
    const told = [320, 1_500].map((seconds) => message(seconds, 'still'));
    const end = served(2_000, true);
    const saying = (seconds: number) => judged(...told, message(seconds, subject, body), end);
    expect(saying(400)).toContain(`"${subject}" was said of ${incident}`);
    expect(saying(1_900)).toContain(`"${subject}" was said of ${incident}`);
    expect(saying(2_001)).toBeNull();
  });

  test('is not broken by what was true when it was looked at: two minutes before it was heard, at most', () => {
    const again = [served(500, true), served(1_000, false), served(1_200, true)];
    const saying = (seconds: number) =>
      judged(message(320, 'still'), ...again, message(seconds, 'users are served without use1-az1'));
    expect(saying(1_120)).toBeNull();
    expect(saying(1_121)).toContain('was said of');
    expect(judged(message(320, 'users are NOT seen to be served without use1-az1'), served(1_500, true))).toBeNull();
  });

  test('asks for nothing where users are served, or no incident is open', () => {
    expect(verdictOn('never-silent', [served(0, true), decision(300)], 9_000)).toBeNull();
    expect(verdictOn('never-silent', [served(0, false)], 9_000)).toBeNull();
    expect(
      verdictOn('never-silent', [served(0, false), decision(300, { action: 'none', level: 0 })], 9_000),
    ).toBeNull();
  });
});
