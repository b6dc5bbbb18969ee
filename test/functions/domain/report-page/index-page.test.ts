// The list of reports: a line each, how each went, and what has no report.
import { expect, test } from 'vitest';
import { html } from '../../../../functions/domain/page/html.ts';
import { earlierOf } from '../../../../functions/domain/report/facts.ts';
import { indexPage, type Listed, listedOf } from '../../../../functions/domain/report-page/index-page.ts';
import { bare, ofDrill, whole } from '../../../reports.ts';

const listed: Listed = {
  ...{ id: 'one', title: 'zone failure', at: '2026-11-03T03:00:00.000Z', verdict: 'recovered', line: 'Recovered.' },
  ...{ recoverySeconds: 880, dataLossSeconds: 31, restoreSeconds: 900, page: './one.html' },
};
const list = (change: Partial<Parameters<typeof indexPage>[0]> = {}) =>
  indexPage({ ...{ title: 'Reports', lead: 'All of them.', reports: [], without: [], none: 'None yet.' }, ...change });
/** What stands in the main part, without the places where a name may break, an element a line. */
const main = (page: string) =>
  (/<main>([\s\S]*)<\/main>/.exec(page)?.[1] ?? '').replaceAll('<wbr>', '').replaceAll(/\n+/g, '\n').trim();

test('a report is listed with its numbers; on AWS a drill is said to be one', () => {
  expect(listedOf(whole, './x.html')).toEqual({
    ...{ id: whole.id, title: whole.title, at: '2026-11-03T03:00:00.000Z', verdict: 'recovered' },
    ...{ line: whole.verdict.line, recoverySeconds: 880, dataLossSeconds: 31, restoreSeconds: 880, page: './x.html' },
  });
  expect(listedOf({ ...whole, occasion: 'drill' }, '').title).toBe(`${whole.title}, a drill`);
  expect(listedOf(ofDrill('az-outage', 1), '').title).toBe(whole.title);
  const noIncident = { ...whole, incident: null, timeline: { ...whole.timeline, zeroAt: '2026-01-01T00:00:00.000Z' } };
  expect(listedOf(noIncident, '').at).toBe('2026-01-01T00:00:00.000Z');
});

test('an earlier report is compared by its own numbers', () => {
  expect(earlierOf(whole, './x.html')).toEqual({
    ...{ id: whole.id, at: '2026-11-03T03:00:00.000Z', verdict: 'recovered', recoverySeconds: 880 },
    ...{ dataLossSeconds: 31, restoreSeconds: 880, predictedSeconds: 1_260, page: './x.html' },
  });
  expect(earlierOf({ ...bare, incident: null }, null)).toMatchObject({
    ...{ at: bare.timeline.zeroAt, predictedSeconds: null, recoverySeconds: null, page: null },
  });
});

test('an empty list says why', () => {
  expect(main(list())).toBe('<section id="reports">\n<h2>0 reports</h2>\n<p>None yet.</p>\n</section>');
  const page = list();
  expect(page).toContain('<title>Reports</title>');
  expect(page).toContain('<h1>Reports</h1>\n<p>All of them.</p>');
  expect(page).toContain('<footer><p>Times are UTC.</p></footer>');
});

const head =
  '<thead><tr><th scope="col">Report</th><th scope="col">Verdict</th><th scope="col">Recovery</th><th scope="col">Data loss</th><th scope="col">Restored after</th><th scope="col">When</th></tr></thead>';
const row = (id: string, badge: string, recovery: string, loss: string, restored: string) => [
  `<tr><th scope="row"><a href="./one.html">${id}</a><br><span class="small soft">zone failure</span></th>`,
  `<td data-label="Verdict"><span class="badge ${badge}</span></td>`,
  `<td data-label="Recovery"><span class="num">${recovery}</span></td>`,
  `<td data-label="Data loss"><span class="num">${loss}</span></td>`,
  `<td data-label="Restored after"><span class="num">${restored}</span></td>`,
  '<td data-label="When"><span class="num">2026-11-03 03:00 UTC</span></td></tr>',
];

test('each report is a line of the table', () => {
  const none = { recoverySeconds: null, dataLossSeconds: null, restoreSeconds: null };
  const reports = [
    listed,
    { ...listed, id: 'two', verdict: 'missed' as const, recoverySeconds: 0, dataLossSeconds: 0 },
    { ...listed, id: 'three', verdict: 'not-known' as const, ...none },
  ];
  expect(main(list({ reports })).split('\n')).toEqual([
    '<section id="reports">',
    '<h2>3 reports</h2>',
    '<table class="stack">',
    '<caption>One line each</caption>',
    head,
    '<tbody>',
    ...row('one', 'good">Recovered', '14 min 40 s', '31 s', '15 min'),
    ...row('two', 'bad">Missed', 'not needed', 'none', '15 min'),
    ...row('three', 'none">Not known', 'not known', 'not known', 'not known'),
    '</tbody>',
    '</table>',
    '</section>',
  ]);
});

test('recoveries are drawn from two on: what needed none, or is not known, is none', () => {
  const drawn = (...recoveries: (number | null)[]) =>
    /<p class="small soft">Recovery times of ([^<]*)</.exec(
      list({ reports: recoveries.map((recoverySeconds) => ({ ...listed, recoverySeconds })) }),
    )?.[1];
  expect(drawn(880, 60)).toBe('2 reports, in the order of the table.');
  expect(drawn(880, 0, null)).toBeUndefined();
  expect(drawn(880, 1, 0)).toBe('2 reports, in the order of the table.');
});

test('what has no report is named, and what stands around is kept', () => {
  const page = main(
    list({ without: [{ what: 'a <drill>', why: 'it is gone' }], above: html`<p>above</p>`, below: html`<p>below</p>` }),
  );
  expect(page.split('\n')).toEqual([
    '<p>above</p>',
    ...['<section id="reports">', '<h2>0 reports</h2>', '<p>None yet.</p>', '</section>'],
    '<section id="without"><h2>Without a report</h2><ul><li><strong>a &lt;drill&gt;</strong>: it is gone</li></ul></section>',
    '<p>below</p>',
  ]);
});
