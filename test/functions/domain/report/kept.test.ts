// The report of each kept record is, letter by letter, the page that is kept beside it: `npx vitest run test/functions/domain/report/kept.test.ts -u`
// writes the pages again. The records are of drills (region-outage, az-outage, drill-zone and late-resume, each with seed 1), as a
// release of November 2026 kept them: a later one has to read them still.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import { readReport } from '../../../../functions/domain/report/facts.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen } from '../../../../functions/domain/report/seen.ts';
import { reportPage } from '../../../../functions/domain/report-page/page.ts';
import { plan } from '../../../plan.ts';

type Kept = { readonly record: IncidentRecord; readonly seen: Seen };

const folder = join(import.meta.dirname, 'kept');

test.for(['region-outage', 'az-outage', 'drill-zone', 'late-resume'])('the report of %s', async (name) => {
  const { record, seen } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Kept;
  const report = buildReport(record, seen, plan);
  expect(readReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  // A line for each element, and no style: who changes a sentence reads that one.
  const page = reportPage(report, []).replace(/<style>[^<]*<\/style>/, '');
  await expect(page.replaceAll(/(?<=>)(?=<)/g, '\n')).toMatchFileSnapshot(join(folder, `${name}.page.txt`));
});
