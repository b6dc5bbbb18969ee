// From when the clock of a recovery counts, and the marks that the record keeps beside calls.
import { expect, test } from 'vitest';
import { callMark, isCallMark } from '../../../../functions/domain/record/call-marks.ts';
import {
  alarmsLateMs,
  countsFrom,
  countsFromShape,
  detectSecondsOf,
  fromWords,
  lastServedIn,
} from '../../../../functions/domain/record/fault-clock.ts';
import { after, canary, run } from '../evidence/sightings.ts';

const since = after(600);
const late = alarmsLateMs / 1000;

test.for([
  ['the newest run that passed', [run('eu', 500, true), run('us', 550, true), run('ap', 520, true)], after(550)],
  ['one that passed since', [run('eu', 500, true), run('us', 650, true)], after(650)],
  ['none that failed', [run('eu', 550, false)], null],
  ['no alarm', [canary('eu', 550)], null],
  ['one just within the delay of alarms', [run('eu', 600 - late, true)], after(600 - late)],
  ['none of before that', [run('eu', 599 - late, true)], null],
  ['nothing', [], null],
] as const)('users were last served by %s', ([, signals, at]) => {
  expect(lastServedIn(signals, since)).toBe(at);
});

test.for([
  ['before the first evidence', after(590), { at: after(590), what: 'last-served' }, 10],
  ['with it', since, { at: since, what: 'first-evidence' }, null],
  ['after it', after(610), { at: since, what: 'first-evidence' }, null],
  ['at a time that is not known', null, { at: since, what: 'first-evidence' }, null],
] as const)('where users were last served %s', ([, servedAt, from, detect]) => {
  expect(countsFrom(since, servedAt)).toEqual(from);
  expect(countsFromShape.parse(from)).toEqual(from);
  expect(detectSecondsOf(from, since)).toBe(detect);
});

test('people read from what a time counts', () => {
  expect(fromWords({ what: 'last-served' })).toBe('the last successful user request');
  for (const from of [{ what: 'first-evidence' } as const, null, undefined])
    expect(fromWords(from)).toBe('the first sign of the failure');
});

test('a mark beside a call names it, and is no step', () => {
  const call = { call: 'rds:RebootDBInstance', target: 'chatops-prod' };
  expect(callMark('refused', call)).toBe('refused/rds:RebootDBInstance/chatops-prod');
  expect(callMark('made', call)).toBe('made/rds:RebootDBInstance/chatops-prod');
  expect(isCallMark(callMark('refused', call))).toBe(true);
  expect(isCallMark(callMark('made', call))).toBe(true);
  for (const step of ['take-over/database', 'refused', 'x/made/y', 'made-up/x']) expect(isCallMark(step)).toBe(false);
});
