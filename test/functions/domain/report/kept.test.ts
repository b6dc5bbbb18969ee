// The report of each kept record is, letter by letter, the page that is kept beside it: `npx vitest run test/functions/domain/report/kept.test.ts -u`
// writes the pages again. The records are of drills (region-outage, az-outage, drill-zone and late-resume, each with seed 1), as a
// release of November 2026 kept them: a later one has to read them still.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import { type Report, readReport } from '../../../../functions/domain/report/facts.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen } from '../../../../functions/domain/report/seen.ts';
import { reportPage } from '../../../../functions/domain/report-page/page.ts';
import { plan } from '../../../plan.ts';
import { bare, whole } from '../../../reports.ts';

type Kept = { readonly record: IncidentRecord; readonly seen: Seen };

const folder = join(import.meta.dirname, 'kept');

/** The page, a line for each element, and no style: who changes a sentence reads that one. */
function read(report: Report): string {
  const page = reportPage(report, []).replace(/<style>[^<]*<\/style>/, '');
  return page.replaceAll(/(?<=>)(?=<)/g, '\n');
}

test.for(['region-outage', 'az-outage', 'drill-zone', 'late-resume'])('the report of %s', async (name) => {
  const { record, seen } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Kept;
  const report = buildReport(record, seen, plan);
  expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  await expect(read(report)).toMatchFileSnapshot(join(folder, `${name}.page.txt`));
});

/** Rows that only an old database has: forty of each are shown. */
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    table: 'messages',
    key: `${index}`,
    hash: `h${index}`,
    writtenAt: index === 0 ? null : '2026-11-03T03:00:00.000Z',
    other: index === 1,
  }));
const onlyOld = [40, 41].map((count) => ({
  ...{ asset: `database-${count}`, region: 'us-east-1', comparedAt: null, words: ['1 row'] },
  rows: rows(count),
}));

test.for([
  ['a record that has everything', whole],
  ['a record that has hardly anything', bare],
  ['rows that only an old database has', { ...bare, onlyOld }],
] as const)('the page of %s', async ([name, report]) => {
  await expect(read(report)).toMatchFileSnapshot(join(folder, `${name.replaceAll(' ', '-')}.page.txt`));
});
