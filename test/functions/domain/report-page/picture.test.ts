// The timeline as a picture: its scale, its rows, and where words have room.
import { expect, test } from 'vitest';
import { written } from '../../../../functions/domain/page/html.ts';
import type { Bar, Report } from '../../../../functions/domain/report/facts.ts';
import { timelinePicture } from '../../../../functions/domain/report-page/picture.ts';
import { bare } from '../../../reports.ts';

const zero = Date.parse('2026-11-03T03:00:00.000Z');
const time = (seconds: number) => new Date(zero + seconds * 1_000).toISOString();
const bar = (name: string, from: number | null, to: number | null, change: Partial<Bar> = {}): Bar => ({
  ...{ name, outcome: 'succeeded', attempts: null, critical: false, predictedSeconds: null },
  ...{ from: from === null ? null : time(from), to: to === null ? null : time(to), ...change },
});
const number = (objectiveSeconds: number) => ({ seconds: null, objectiveSeconds, met: null, how: '' });
const report = (change: Partial<Report['timeline']> = {}, objectives = [9e9, 9e9]): Report => ({
  ...bare,
  ...{ id: 'drill-1', incident: null },
  numbers: { recovery: number(objectives[0] ?? 0), dataLoss: number(0), restore: number(objectives[1] ?? 0) },
  timeline: { ...{ zeroAt: time(0), lanes: [], marks: [], servedAt: null, predictedAt: null }, ...change },
});
const picture = (...of: Parameters<typeof report>) => written(timelinePicture(report(...of)));
/** The texts below the picture, and how many lines there are. */
const ticks = (text: string) => ({
  lines: text.match(/<line class="grid"/g)?.length,
  texts: [...text.matchAll(/<text class="quiet" x="[^"]*" y="[^"]*" text-anchor="[a-z]+">([^<]*)</g)].map(
    ([, one]) => one,
  ),
});

test.for([
  ['a moment, a minute long', 1, 7, '1 min'],
  ['a minute', 60, 7, '1 min'],
  ['80 s', 80, 9, '1 min 20 s'],
  ['81 s', 81, 4, '1 min 30 s'],
  ['ten minutes', 600, 6, '10 min'],
  ['an hour', 3_600, 7, '1 h'],
  ['a day', 86_400, 7, '1 d'],
  ['three days', 3 * 86_400, 7, '3 d'],
  ['a year', 365 * 86_400, 7, '360 d'],
  ['ten years', 3_650 * 86_400, 6, '3650 d'],
] as const)('a recovery of %s has lines at round times', ([, seconds, lines, last]) => {
  const found = ticks(picture({ servedAt: time(seconds) }));
  expect(found.lines).toBe(lines);
  expect(found.texts[0]).toBe('beginning');
  expect(found.texts.at(-1)).toBe(last);
});

test('what is not served is drawn to its end, and what goes on after users are served is not', () => {
  const watch = [{ name: 'Flow', bars: [bar('lock', 0, 10), bar('watch', 70, 6_000)] }];
  const boxes = (text: string) => [...text.matchAll(/<title>([a-z]+): /g)].map(([, name]) => name);
  expect(boxes(picture({ lanes: watch, servedAt: time(60) }))).toEqual(['lock']);
  expect(boxes(picture({ lanes: watch }))).toEqual(['lock', 'watch']);
  const marks = [
    { lane: 'Flow', at: time(5), text: 'early' },
    { lane: 'Flow', at: time(700), text: 'late' },
  ];
  const titles = (text: string) => [...text.matchAll(/<title>(early|late)<\/title>/g)].map(([, name]) => name);
  expect(titles(picture({ lanes: watch, marks, servedAt: time(60) }))).toEqual(['early']);
  expect(titles(picture({ lanes: watch, marks }))).toEqual(['early', 'late']);
  expect(titles(picture({ lanes: [], marks }))).toEqual([]);
});

test('the critical path is in the picture, however long it takes after users were served', () => {
  const lanes = [{ name: 'Flow', bars: [bar('verify', 100, 600, { critical: true })] }];
  expect(ticks(picture({ lanes, servedAt: time(60) })).texts.at(-1)).toBe('10 min');
  expect(ticks(picture({ lanes, servedAt: time(60), predictedAt: time(3_600) })).texts.at(-1)).toBe('1 h');
});

/** The bars of a picture: their place and size in whole units. */
const boxes = (text: string) =>
  [
    ...text.matchAll(
      /<title>([^<]*)<\/title><rect class="bar ([a-z]+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="13"/g,
    ),
  ].map(([, title, tone, x, y, width]) => [title, tone, Math.round(Number(x)), Number(y), Math.round(Number(width))]);

test('bars stand to scale, below each other where they overlap, and in the colour of how they ended', () => {
  const lanes = [
    {
      name: 'Flow',
      bars: [
        bar('a', 0, 30),
        bar('b', 15, 45, { critical: true }),
        bar('c', 50, 60, { outcome: 'waiting' }),
        bar('d', 50, null, { outcome: 'failed', critical: true }),
      ],
    },
    { name: 'database', bars: [bar('e', 0, 0.01), bar('f', 10, 12, { outcome: 'not-possible' })] },
  ];
  // 67.2 s are 830 units, from 118 on; a row is 21 high, a lane 10 more.
  expect(boxes(picture({ lanes }))).toEqual([
    ['a: succeeded, 30 s', 'other', 118, 46, 371],
    ['b: succeeded, 30 s', 'path', 303, 67, 371],
    ['c: waiting, 10 s', 'wait', 736, 46, 124],
    ['d: failed, 17 s, not finished', 'failed', 736, 67, 212],
    ['e: succeeded, 0 s', 'other', 118, 98, 3],
    ['f: not-possible, 2 s', 'failed', 242, 98, 25],
  ]);
});

test('a bar of which only the end is known is a point', () => {
  const text = picture({ lanes: [{ name: 'Flow', bars: [bar('a', null, 30)] }] });
  expect(text).toContain('<g><title>a: succeeded, start not known</title><circle class="point" cx="488.5');
});

test('a bar has its name beside it where it is longer than 34 units, and is named in the table alone where it is not', () => {
  // 81.34 s are 830 units, so that 3.332 s are 34 exactly.
  const texts = (seconds: number) =>
    picture({ lanes: [{ name: 'Flow', bars: [bar('verify', 0, seconds), bar('watch', 0, 72.625)] }] });
  expect(texts(3.332)).toContain('width="34" height="13"');
  expect(texts(3.332)).not.toContain('>verify</text>');
  expect(texts(3.333)).toContain('>verify</text>');
});

test('a prediction stands below its bar, from where the bar began', () => {
  const lanes = [{ name: 'database', bars: [bar('TakeOver', 6.72, 33.6, { predictedSeconds: 13.44 })] }];
  const text = picture({ lanes });
  expect(text).toMatch(/<path class="line predicted" d="M201(\.0\d*)? \d+\.5H367(\.0\d*)?m0 -3v6"\/>/);
  expect(text).toContain('>TakeOver 27 s, predicted 13 s</text>');
  expect(text).toContain('<title>TakeOver: succeeded, 27 s, predicted 13 s</title>');
  const open = picture({ lanes: [{ name: 'database', bars: [bar('TakeOver', 0, null, { predictedSeconds: 9 })] }] });
  expect(open).toContain('TakeOver: succeeded, 1 min 7 s, predicted 9 s, not finished');
});

test('objectives within the picture are lines, and those beyond it are told above it', () => {
  const text = picture({ servedAt: time(600) }, [300, 7_200]);
  expect(text).toMatch(/<line class="line objective" x1="488\.5\d*"/);
  expect(text).toContain('>RTO 5 min</text>');
  expect(text).toContain('>served after 10 min</text>');
  expect(text).toContain('After the end of this picture: MTTR 2 h</text>');
  expect(text).toContain('aria-label="Timeline: served after 10 min, RTO 5 min, MTTR 2 h"');
  expect(picture({ servedAt: time(600) }, [300, 400])).not.toContain('After the end of this picture');
});

test('a long name is cut, of a lane and of a bar', () => {
  const long = 'x'.repeat(80);
  const text = picture({
    lanes: [
      { name: 'a-lane-of-17-sign', bars: [bar(long, 0, 3)] },
      { name: 'a-lane-of-18-signs', bars: [] },
    ],
  });
  expect(text).toContain('>a-lane-of-17-sign</text>');
  expect(text).toContain('>a-lane-of-18-sig…</text>');
  expect(text).toContain(`>${'x'.repeat(51)}…</text>`);
});
