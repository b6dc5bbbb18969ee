// When a drill may run: days by the clock of its place, what is blocked, and windows that never open.
import { describe, expect, test } from 'vitest';
import {
  firstDayOf,
  isBlocked,
  isDay,
  isTimeZone,
  localTime,
  periodOf,
  rangeOf,
  weekdays,
  whyClosed,
  whyNeverOpen,
} from '../../../../functions/domain/drills/calendar.ts';
import type { ScheduledDrill } from '../../../../functions/domain/drills/plan.ts';
import { drillStanding } from '../../../../functions/domain/drills/record.ts';

const drill: Parameters<typeof whyNeverOpen>[0] & { withinSeconds: number } = {
  window: { days: ['tue', 'thu'], from: '10:00', to: '15:00', timeZone: 'America/New_York' },
  blocked: ['12-18/01-06'],
  every: 'month',
  withinSeconds: 3600,
};

test('a day and a time of day are those of the place, in summer and in winter', () => {
  expect(localTime(Date.parse('2026-07-01T03:59:00Z'), 'America/New_York')).toEqual({
    day: '2026-06-30',
    clock: '23:59',
  });
  expect(localTime(Date.parse('2026-01-05T09:00:00Z'), 'Europe/Berlin')).toEqual({ day: '2026-01-05', clock: '10:00' });
  expect(isTimeZone('Europe/Berlin')).toBe(true);
  expect(isTimeZone('Europe/Berlim')).toBe(false);
});

describe('on the day on which clocks change', () => {
  const at = (to: string, timeZone: string, withinSeconds = 300): typeof drill => ({
    ...drill,
    ...{ window: { days: ['sun'], from: '02:30', to, timeZone }, blocked: [], withinSeconds },
  });
  test.for([
    // Forward: there is no 02:30. A window in that hour does not open; one that is longer opens after it.
    ['2026-03-08T06:30Z', '02:50', 'America/New_York', false],
    ['2026-03-08T07:30Z', '02:50', 'America/New_York', false],
    ['2026-03-08T07:30Z', '04:00', 'America/New_York', true],
    ['2026-03-29T00:30Z', '02:50', 'Europe/Berlin', false],
    ['2026-03-29T01:30Z', '02:50', 'Europe/Berlin', false],
    ['2026-03-29T01:30Z', '04:00', 'Europe/Berlin', true],
    // Back: Berlin has 02:30 twice, New York once.
    ['2026-11-01T06:30Z', '02:50', 'America/New_York', false],
    ['2026-11-01T07:30Z', '02:50', 'America/New_York', true],
    ['2026-10-25T00:30Z', '02:50', 'Europe/Berlin', true],
    ['2026-10-25T01:30Z', '02:50', 'Europe/Berlin', true],
    // 02:55 is after 02:50, though five minutes later it is 02:00 again.
    ['2026-10-25T00:55Z', '02:50', 'Europe/Berlin', false],
  ] as const)('whether %s is in a window from 02:30 to %s in %s: %s', ([time, to, timeZone, is]) => {
    expect(whyClosed(Date.parse(time), at(to, timeZone)) === null).toBe(is);
  });

  test('a drill is over before its window closes for the first time, also where the hour comes twice', () => {
    expect(whyClosed(Date.parse('2026-10-25T00:45Z'), at('02:50', 'Europe/Berlin', 1800))).toContain('it is 02:45');
  });

  test('a time that comes twice asks for the drill once: what has passed at the first is not due at the second', () => {
    const [first, second] = ['2026-10-25T00:30Z', '2026-10-25T01:30Z'].map((time) => Date.parse(time));
    const planned = { ...at('02:50', 'Europe/Berlin'), name: 'clocks', every: 'week' } as const;
    const runs = [{ name: 'clocks', startedAt: first ?? 0, outcome: 'passed' }] as const;
    expect(drillStanding(planned as unknown as ScheduledDrill, runs, second ?? 0)).toMatchObject({
      due: false,
      overdue: false,
    });
  });
});

test.for([
  ['2026-02-28', true],
  ['2026-02-29', false],
  ['02-29', true],
  ['13-01', false],
  ['2026-1-1', false],
  ['tomorrow', false],
] as const)('whether %s is a day: %s', ([day, is]) => {
  expect(isDay(day)).toBe(is);
});

test.for([
  ['2026-12-31', ['12-18/01-06'], true],
  ['2027-01-06', ['12-18/01-06'], true],
  ['2027-01-07', ['12-18/01-06'], false],
  ['2026-11-27', ['2026-11-27'], true],
  ['2027-11-27', ['2026-11-27'], false],
  ['2026-06-15', ['06-01/06-30'], true],
  ['2026-06-15', [], false],
] as const)('whether %s is blocked by %j: %s', ([day, blocked, is]) => {
  expect(isBlocked(day, blocked)).toBe(is);
});

test.for([
  ['week', '2026-01-04', '2026-01-05'],
  ['month', '2026-01-31', '2026-02-01'],
  ['quarter', '2026-03-31', '2026-04-01'],
  ['year', '2026-12-31', '2027-01-01'],
] as const)('a %s ends after %s', ([each, last, first]) => {
  expect(periodOf(first, each)).toBe(periodOf(last, each) + 1);
  expect(firstDayOf(periodOf(first, each), each)).toBe(first);
});

describe('a drill may begin', () => {
  test.for([
    ['on an open day within the window', '2026-03-03T10:00:00-05:00', null],
    [
      'not where it would end after the window',
      '2026-03-03T14:30:00-05:00',
      'it is 14:30 in America/New_York, expected a start that leaves 3600 s between 10:00 and 15:00',
    ],
    [
      'not before the window',
      '2026-03-03T09:59:00-05:00',
      'it is 09:59 in America/New_York, expected a start that leaves 3600 s between 10:00 and 15:00',
    ],
    ['not on another day of the week', '2026-03-04T10:00:00-05:00', '2026-03-04 is a wed, expected one of tue, thu'],
    ['not on a day that is blocked', '2026-12-22T10:00:00-05:00', '2026-12-22 is blocked'],
  ] as const)('%s', ([, at, why]) => {
    expect(whyClosed(Date.parse(at), drill)).toBe(why);
  });
});

test.for<[string, typeof drill, string | null]>([
  ['a month in which the end is blocked', drill, null],
  ['every day of the year', { ...drill, blocked: ['01-01/12-31'] }, '2029-01-01'],
  ['two months in a row', { ...drill, blocked: ['06-01/07-31'] }, '2029-06-01'],
  [
    'the only weekday that is open, in two weeks of some years',
    { ...drill, every: 'week', blocked: ['12-20/12-31'] },
    '2032-12-20',
  ],
  ['days of one year alone, a period long', { ...drill, blocked: ['2026-01-01/2026-01-31'] }, null],
  ['days of one year alone, two periods long', { ...drill, blocked: ['2026-01-01/2027-12-31'] }, '2026-01-01'],
])('a window never opens for two periods: %s', ([, of, why]) => {
  expect(whyNeverOpen(of)).toBe(why);
});

test.for([
  ['2026-12-31', true],
  ['2026-11-31', false],
  ['2024-02-29', true],
  ['2026-00-01', false],
  ['2026-01-00', false],
  ['12-31', true],
  ['12-32', false],
  ['00-01', false],
  ['x2026-01-01', false],
  ['2026-01-01x', false],
  ['2026-01-01T00:00:00Z', false],
  ['', false],
] as const)('whether %s is a day of a calendar: %s', ([day, is]) => {
  expect(isDay(day)).toBe(is);
});

test('a range has its first and its last day, which may be one', () => {
  expect(rangeOf('12-18/01-06')).toEqual({ first: '12-18', last: '01-06' });
  expect(rangeOf('12-24')).toEqual({ first: '12-24', last: '12-24' });
});

test.for([
  ['2026-12-17', ['12-18/01-06'], false],
  ['2026-12-18', ['12-18/01-06'], true],
  ['2027-01-01', ['12-18/01-06'], true],
  ['2026-06-01', ['06-01/06-30'], true],
  ['2026-06-30', ['06-01/06-30'], true],
  ['2026-05-31', ['06-01/06-30'], false],
  ['2026-07-01', ['06-01/06-30'], false],
  ['2026-12-24', ['12-24'], true],
  ['2026-12-25', ['12-24'], false],
  ['2026-11-27', ['2026-11-27/2026-11-30'], true],
  ['2026-11-30', ['2026-11-27/2026-11-30'], true],
  ['2026-12-01', ['2026-11-27/2026-11-30'], false],
  ['2025-11-28', ['2026-11-27/2026-11-30'], false],
  ['2026-12-24', ['06-01', '12-24'], true],
] as const)('the ends of what is blocked: %s by %j: %s', ([day, blocked, is]) => {
  expect(isBlocked(day, blocked)).toBe(is);
});

test.for([
  ['week', '2025-12-29', '2026-01-04'],
  ['month', '2026-02-01', '2026-02-28'],
  ['quarter', '2026-10-01', '2026-12-31'],
  ['year', '2026-01-01', '2026-12-31'],
] as const)('a %s has the days from %s to %s', ([each, first, last]) => {
  expect(periodOf(first, each)).toBe(periodOf(last, each));
  expect(firstDayOf(periodOf(last, each), each)).toBe(first);
  const before = new Date(Date.parse(first) - 86_400_000).toISOString().slice(0, 10);
  expect(periodOf(before, each)).toBe(periodOf(first, each) - 1);
});

test('each day of a week has its name, and a drill may begin on those of its window alone', () => {
  const monday = Date.parse('2026-03-02T10:00:00-05:00');
  const days = weekdays.map((day, index) =>
    whyClosed(monday + index * 86_400_000, { ...drill, window: { ...drill.window, days: [day] } }),
  );
  expect(days).toEqual(Array(7).fill(null));
  expect(whyClosed(monday, { ...drill, window: { ...drill.window, days: ['tue'] } })).toBe(
    '2026-03-02 is a mon, expected one of tue',
  );
});

test.for([
  ['with its end', '2026-03-03T14:00:00-05:00', null],
  ['a minute after its end', '2026-03-03T14:01:00-05:00', 'it is 14:01'],
  ['with its beginning', '2026-03-03T10:00:00-05:00', null],
] as const)('a drill that ends %s of the window', ([, at, why]) => {
  const said = whyClosed(Date.parse(at), drill);
  if (why === null) expect(said).toBeNull();
  else expect(said).toContain(why);
});

test('a drill is over on the day on which it began', () => {
  const late = { ...drill, window: { ...drill.window, from: '10:00', to: '23:59' } };
  expect(whyClosed(Date.parse('2026-03-03T22:59:00-05:00'), late)).toBeNull();
  expect(whyClosed(Date.parse('2026-03-03T23:30:00-05:00'), late)).toContain('it is 23:30');
});

test.for<[string, typeof drill, string | null]>([
  ['nothing is blocked', { ...drill, blocked: [] }, null],
  ['one month of a year', { ...drill, blocked: ['2026-06-01/2026-06-30'] }, null],
  ['two months of a year', { ...drill, blocked: ['2026-06-01/2026-07-31'] }, '2026-06-01'],
  ['two months but a day', { ...drill, blocked: ['2026-06-01/2026-07-29'] }, null],
  [
    'two months, by parts and over the turn of a year',
    { ...drill, blocked: ['2026-12-01/2026-12-20', '2026-12-21/2027-01-31'] },
    '2026-12-01',
  ],
  ['two quarters', { ...drill, every: 'quarter', blocked: ['2026-01-01/2026-06-30'] }, '2026-01-01'],
  ['one quarter', { ...drill, every: 'quarter', blocked: ['2026-01-01/2026-05-31'] }, null],
  ['two years', { ...drill, every: 'year', blocked: ['2026-01-01/2027-12-31'] }, '2026-01-01'],
  ['one year', { ...drill, every: 'year', blocked: ['2026-01-01/2026-12-31'] }, null],
  [
    'days of each year beside days of one',
    { ...drill, blocked: ['06-01/06-30', '2026-07-01/2026-07-31'] },
    '2026-06-01',
  ],
  [
    'days of one year before days of each',
    { ...drill, blocked: ['07-01/07-31', '2026-06-01/2026-06-30'] },
    '2026-06-01',
  ],
  ['a time that is far away', { ...drill, blocked: ['2026-01-01', '2990-01-01/2990-12-31'] }, null],
])('no day is open for two periods where is blocked: %s', ([, of, why]) => {
  expect(whyNeverOpen(of)).toBe(why);
});
