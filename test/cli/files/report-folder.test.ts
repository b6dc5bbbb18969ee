// The folder that reports are written to: each page is found where it lies, whatever its id and its file are called.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeIndex, writeReport } from '../../../cli/files/report-folder.ts';
import { attack, ofDrill, whole } from '../../reports.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-folder-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const list = { title: 'Reports', lead: 'All of them.', without: [] };

test.for([
  ['a file that a person named', whole, 'the night of 3 November'],
  ['an id as long as a page', { ...whole, id: 'x'.repeat(3_000) }, null],
  ['another one that begins as that does', { ...whole, id: `${'x'.repeat(3_000)}y` }, null],
  ['an id that is markup', { ...whole, id: attack }, null],
  ['an id of dots', { ...whole, id: '../..' }, null],
] as const)('%s is written, and the list and later reports lead to it', ([, report, name]) => {
  const page = writeReport(folder, {}, report, { name });
  expect(existsSync(page)).toBe(true);
  expect(page.startsWith(folder)).toBe(true);
  const later = readFileSync(writeReport(folder, {}, { ...report, id: 'later' }), 'utf8');
  const index = readFileSync(writeIndex(folder, list), 'utf8');
  const link = `href="./${encodeURIComponent(page.slice(folder.length + 1))}"`;
  for (const [where, html] of Object.entries({ later, index })) expect(html, where).toContain(link);
});

test('no link of the list leads nowhere', () => {
  writeReport(folder, {}, ofDrill('az-outage', 1), {});
  const index = readFileSync(writeIndex(folder, list), 'utf8');
  const links = [...index.matchAll(/href="\.\/([^"]+)"/g)].map(([, link = '']) => decodeURIComponent(link));
  expect(new Set(links).size).toBe(7);
  for (const link of links) expect(existsSync(join(folder, link)), link).toBe(true);
});
