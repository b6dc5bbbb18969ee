// The calendar of drills: which week, month, quarter or year a day is in, and when a drill may run. Days are local to the drill's time
// zone, written as 2026-01-31. Pure.
import type { ScheduledDrill } from './plan.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** How often a drill is run: once in each of these. */
export const every = ['week', 'month', 'quarter', 'year'] as const;
export type Every = (typeof every)[number];

const dayMs = 86_400_000;

/** A day and a time of day, such as 2026-01-31 and 09:30. */
export type LocalTime = { readonly day: string; readonly clock: string };

/** @throws RangeError where there is no such time zone */
export function localTime(at: number, timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [day = '', clock = ''] = format.format(at).split(' ');
  return { day, clock };
}

export function isTimeZone(name: string): boolean {
  try {
    localTime(0, name);
    return true;
  } catch {
    return false;
  }
}

/** Whether text is a day, with its year or, as in 12-24, of every year. */
export function isDay(text: string): boolean {
  const day = text.length === 5 ? `2024-${text}` : text; // a leap year: 02-29 is a day of some years
  return /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
}

/** The first and the last day of what is blocked: `first/last`, or one day. */
export function rangeOf(text: string): { readonly first: string; readonly last: string } {
  const [first = '', last = first] = text.split('/');
  return { first, last };
}

export function isBlocked(day: string, blocked: readonly string[]): boolean {
  return blocked.some((text) => {
    const { first, last } = rangeOf(text);
    const compared = first.length === 5 ? day.slice(5) : day;
    if (first > last) return compared >= first || compared <= last; // over the turn of the year
    return first <= compared && compared <= last;
  });
}

/** The number of a day; days that follow each other have numbers that do. */
function numberOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / dayMs;
}

function dayOf(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}

function weekdayOf(day: string): (typeof weekdays)[number] {
  return weekdays[(numberOf(day) + 3) % 7] ?? 'mon'; // 1970-01-01 was a Thursday
}

/** The number of the week, month, quarter or year that a day is in; those that follow each other have numbers that do. */
export function periodOf(day: string, each: Every): number {
  const [year = 0, month = 0] = day.split('-').map(Number);
  switch (each) {
    case 'week':
      return Math.floor((numberOf(day) + 3) / 7);
    case 'month':
      return year * 12 + month - 1;
    case 'quarter':
      return year * 4 + Math.floor((month - 1) / 3);
    case 'year':
      return year;
  }
}

/** The first day of a period. */
export function firstDayOf(period: number, each: Every): string {
  if (each === 'week') return dayOf(period * 7 - 3);
  const months = { month: 1, quarter: 3, year: 12 }[each] * period;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}-01`;
}

type Timed = Pick<ScheduledDrill, 'window' | 'blocked'>;

function isOpenDay(day: string, { window, blocked }: Timed): boolean {
  return window.days.includes(weekdayOf(day)) && !isBlocked(day, blocked);
}

/** Why a drill may not begin now, by its calendar; null where it may. It has to be over when the window closes. */
export function whyClosed(at: number, drill: Timed & Pick<ScheduledDrill, 'withinSeconds'>): string | null {
  const { days, from, to, timeZone } = drill.window;
  const { day, clock } = localTime(at, timeZone);
  if (isBlocked(day, drill.blocked)) return `${day} is blocked`;
  if (!days.includes(weekdayOf(day))) return `${day} is a ${weekdayOf(day)}, expected one of ${days.join(', ')}`;
  // Where clocks go back meanwhile, the window closes for the first time before they do.
  const withinMs = drill.withinSeconds * 1000;
  const ends = [localTime(at + withinMs, timeZone), localTime(Date.parse(`${day}T${clock}Z`) + withinMs, 'UTC')];
  if (clock < from || ends.some((end) => end.day !== day || end.clock > to))
    return `it is ${clock} in ${timeZone}, expected a start that leaves ${drill.withinSeconds} s between ${from} and ${to}`;
  return null;
}

/** The calendar repeats after 28 years; from a first day of a week, month, quarter and year. */
const repeats = { from: '2029-01-01', to: '2057-01-01' } as const;

/**
 * The first day of the first two periods in a row in which no day is open; null where there are none. A drill that is shut out for so long is
 * overdue each time, whatever anybody does.
 */
export function whyNeverOpen(drill: Timed & Pick<ScheduledDrill, 'every'>): string | null {
  const { blocked, every: each } = drill;
  const isYearly = (text: string) => rangeOf(text).first.length === 5;
  const yearly = blocked.filter(isYearly);
  const dated = blocked.filter((text) => !isYearly(text)).map(rangeOf);
  const inEachYear = yearly.length === 0 ? null : shutFrom(repeats.from, repeats.to, { ...drill, blocked: yearly });
  if (inEachYear !== null || dated.length === 0) return inEachYear;
  const first = dated.map((range) => range.first).reduce((a, b) => (a < b ? a : b));
  const last = dated.map((range) => range.last).reduce((a, b) => (a > b ? a : b));
  const longest = dayOf(numberOf(first) + numberOf(repeats.to) - numberOf(repeats.from));
  // The period before the first of these days, or after the last, may be shut in each year.
  const until = firstDayOf(periodOf(last < longest ? last : longest, each) + 2, each);
  return shutFrom(firstDayOf(periodOf(first, each) - 1, each), until, drill);
}

/** `from` and `to` are first days of periods. */
function shutFrom(from: string, to: string, drill: Timed & Pick<ScheduledDrill, 'every'>): string | null {
  const { every: each } = drill;
  let wasShut = false;
  for (let period = periodOf(from, each); period < periodOf(to, each); period += 1) {
    const isShut = !hasOpenDay(period, drill);
    if (isShut && wasShut) return firstDayOf(period - 1, each);
    wasShut = isShut;
  }
  return null;
}

function hasOpenDay(period: number, drill: Timed & Pick<ScheduledDrill, 'every'>): boolean {
  const end = numberOf(firstDayOf(period + 1, drill.every));
  for (let number = numberOf(firstDayOf(period, drill.every)); number < end; number += 1)
    if (isOpenDay(dayOf(number), drill)) return true;
  return false;
}
