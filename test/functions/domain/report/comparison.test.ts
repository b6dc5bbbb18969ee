// Earlier reports beside this one: a sentence of the usual and the longest, a table, and a plot.
import { expect, test } from 'vitest';
import { written } from '../../../../functions/domain/page/html.ts';
import { comparison, plotOf } from '../../../../functions/domain/report/comparison.ts';
import { type Earlier, earlierOf } from '../../../../functions/domain/report/facts.ts';
import { ofDrill } from '../../../reports.ts';

const report = ofDrill('az-outage', 9);
const earlier = (seed: number, change: Partial<Earlier> = {}): Earlier => ({
  ...earlierOf(ofDrill('az-outage', seed), `./${seed}.html`),
  ...{ at: '2026-10-01T09:00:00.000Z', recoverySeconds: seed * 60, restoreSeconds: seed * 30 },
  ...change,
});
const read = (all: readonly Earlier[], of = report) => written(comparison(of, all)).replaceAll('<wbr>', '');
const sentence = (all: readonly Earlier[], of = report) => /<\/div>\n<p>([^<]*)<\/p>/.exec(read(all, of))?.[1];

test('of the first report there is no trend', () => {
  expect(read([])).toBe('<p>No earlier report of az-outage was found, so there is no trend yet.</p>');
});

test('the usual and the longest are told, and the mean beside the objective', () => {
  expect(sentence([earlier(3), earlier(1), earlier(2)])).toBe(
    'Recovery time of 4 reports: median 2 min, longest 14 min 40 s. Time to restore of 4 reports: median 1 min, longest 14 min 40 s. The mean is 4 min 25 s: compare it with the MTTR.',
  );
  expect(sentence([earlier(1), earlier(2)])).toContain('Recovery time of 3 reports: median 2 min,');
});

test('what is not known of any is said so', () => {
  const unknown = { seconds: null, objectiveSeconds: 1, met: null, how: '' };
  const blind = { ...report, numbers: { recovery: report.numbers.recovery, dataLoss: unknown, restore: unknown } };
  expect(sentence([earlier(1, { restoreSeconds: null })], blind)).toBe(
    'Recovery time of 2 reports: median 1 min, longest 14 min 40 s. Time to restore: not known in any report.',
  );
});

test('each is a line, oldest first; one of before has a link, where it has a page', () => {
  const none = { recoverySeconds: 0, dataLossSeconds: 0, predictedSeconds: null, page: null };
  const table = read([earlier(1), earlier(2, none)]).replace(/^[\s\S]*<table/, '<table');
  const row = (head: string, when: string, recovery: string, predicted: string, loss: string) => [
    '<tr>',
    `<th scope="row">${head}</th>`,
    `<td data-label="When"><span class="num">${when} UTC</span></td><td data-label="Recovery"><span class="num">${recovery}</span></td>`,
    `<td data-label="Predicted"><span class="num">${predicted}</span></td><td data-label="Data loss"><span class="num">${loss}</span></td></tr>`,
  ];
  expect(table.split('\n')).toEqual([
    '<table class="stack">',
    '<caption>az-outage, oldest first</caption>',
    '<thead><tr><th scope="col">Report</th><th scope="col">When</th><th scope="col">Recovery</th><th scope="col">Predicted</th><th scope="col">Data loss</th></tr></thead>',
    '<tbody>',
    ...row('<a href="./1.html">az-outage-1</a>', '2026-10-01 09:00', '1 min', '21 min', '31 s'),
    ...row('az-outage-2', '2026-10-01 09:00', 'not needed', 'not known', 'none'),
    ...row('az-outage-9 (this report)', '2026-11-03 03:00', '14 min 40 s', '21 min', '31 s'),
    '</tbody>',
    '</table>',
  ]);
});

test('twenty of before are shown, the newest, and it is said how many are not', () => {
  const many = (count: number) => read(Array.from({ length: count }, (_, index) => earlier(index + 10)));
  expect(many(20)).toContain('<caption>az-outage, oldest first</caption>');
  const page = many(23);
  expect(page).toContain('<caption>az-outage, oldest first; 3 older reports are not shown</caption>');
  expect(page).not.toContain('az-outage-12<');
  expect(page).toContain('az-outage-13<');
});

const columns = (...of: Parameters<typeof plotOf>) => {
  const text = written(plotOf(...of));
  const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return [...text.matchAll(/<g><title>([^<]*)<\/title>(<rect[^>]*>)/g)].map(([, title, tag = '']) => [
    title,
    attribute(tag, 'class'),
    ...['x', 'y', 'width', 'height'].map((name) => Number(attribute(tag, name))),
  ]);
};

test('recoveries are columns, the longest as high as the line above; one that is not known is a dash', () => {
  const all = [
    { id: 'a', recoverySeconds: 100 },
    { id: 'b', recoverySeconds: 50 },
    { id: 'c', recoverySeconds: null },
    { id: 'd', recoverySeconds: 0 },
  ];
  expect(columns(all, 'b')).toEqual([
    ['a: 1 min 40 s', 'bar ', 0, 14, 56, 76],
    ['b: 50 s', 'bar path', 60, 52, 56, 38],
    ['c: not known', 'bar failed', 120, 88, 56, 2],
    ['d: 0 s', 'bar ', 180, 88, 56, 2],
  ]);
  const text = written(plotOf(all, null));
  expect(text).toContain('<p class="small soft">The top line stands for 1 min 40 s.</p>');
  expect(text).toContain('aria-label="Recovery times, oldest first; the longest is 1 min 40 s"');
  expect(text).toContain('<svg viewBox="0 0 960 98" role="img"');
  expect(text).toContain(
    '<line class="grid" x1="0" y1="90" x2="960" y2="90"/><line class="grid" x1="0" y1="14" x2="960" y2="14"/>',
  );
});

test('many share the width, and leave a gap between them', () => {
  const all = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ id: `${index}`, recoverySeconds: 0.5 }));
  expect(columns(all(96), null)[1]?.slice(2)).toEqual([10, 52, 7.5, 38]);
  expect(columns(all(48), null)[1]?.slice(2)).toEqual([20, 52, 16, 38]);
  expect(written(plotOf(all(1), null))).toContain('The top line stands for 1 s.');
});
