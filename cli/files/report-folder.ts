// The folder that reports are written to: a page and a JSON file for each, and a list of them. The JSON file holds what the verb
// prints with --json and, under `report`, the facts that the page is made from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Earlier, earlierOf, type Report, readReport } from '../../functions/domain/report/facts.ts';
import { indexPage, listedOf, type ReportList } from '../../functions/domain/report-page/index-page.ts';
import { reportPage } from '../../functions/domain/report-page/page.ts';
import { NotDone } from '../screen/not-done.ts';
import { WrongInput } from '../screen/wrong-input.ts';

/** Before anything is done and not after it: a folder that cannot be made or written is wrong input. @throws WrongInput */
export function makeFolder(option: string, folder: string): void {
  try {
    makeWithParents(folder);
    rmdirSync(mkdtempSync(join(folder, '.breakwater-')));
  } catch {
    throw new WrongInput(
      `${option}: is ${JSON.stringify(folder)}, expected a folder that can be written, or that can be made`,
    );
  }
}

/** One by one: with `recursive` Node never ends where a folder that exists takes none, as in /proc or behind a link to nowhere. */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) return;
  makeWithParents(dirname(folder));
  mkdirSync(folder);
}

/** Where one page is written: in a folder, under a name of its own where a file was named. */
export type PageTarget = { readonly folder: string; readonly name: string | null };

/** Reads what a person named: a folder, or a file that ends in .html. @throws WrongInput where it cannot be written */
export function pageTarget(option: string, path: string): PageTarget {
  const isFile = /\.html?$/.test(path);
  const folder = isFile ? dirname(path) : path;
  makeFolder(option, folder);
  return { folder, name: isFile ? basename(path).replace(/\.html?$/, '') : null };
}

/** `earlier`: where none are given, the reports of the same subject in the folder. */
type Beside = { readonly name?: string | null; readonly earlier?: readonly Earlier[] };

/** Writes both files, and gives the page's. `facts`: what the verb prints with --json. @throws NotDone */
export function writeReport(folder: string, facts: object, report: Report, beside: Beside = {}): string {
  const name = beside.name ?? fileName(report.id);
  const page = join(folder, `${name}.html`);
  write(join(folder, `${name}.json`), `${JSON.stringify({ ...facts, report }, null, 2)}\n`);
  write(page, reportPage(report, beside.earlier ?? earlierIn(folder, report)));
  return page;
}

/** Writes index.html over all reports of a folder. @throws NotDone */
export function writeIndex(folder: string, list: Pick<ReportList, 'title' | 'lead' | 'without'>): string {
  const reports = filesIn(folder).map(({ report, name }) => listedOf(report, linkTo(name)));
  const file = join(folder, 'index.html');
  write(file, indexPage({ ...list, reports, none: 'There is no report in this folder.' }));
  return file;
}

/** A name with its ending has 255 letters at most. */
const longestName = 200;

/** Ids are of the record, and a file has no slashes in its name. */
function fileName(id: string): string {
  const name = id.replaceAll(/[^a-zA-Z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'report';
  if (name.length <= longestName) return name;
  return `${name.slice(0, longestName - 13)}-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}

/** A page lies where its facts do, whatever its id: a person may have named the file. */
function linkTo(name: string): string {
  return `./${encodeURIComponent(`${name}.html`)}`;
}

/** Other reports of the same subject. `pageOf`: the address of each; its file beside this one unless said otherwise. */
export function earlierIn(folder: string, { id, subject }: Report, pageOf?: (report: Report) => string): Earlier[] {
  return filesIn(folder)
    .filter(({ report }) => report.subject === subject && report.id !== id)
    .map(({ report, name }) => earlierOf(report, pageOf?.(report) ?? linkTo(name)));
}

/** What can be read, by time and name; what is no report of this version is passed over. */
export function reportsIn(folder: string): Report[] {
  return filesIn(folder).map(({ report }) => report);
}

type ReportFile = { readonly name: string; readonly report: Report };

function filesIn(folder: string): ReportFile[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((file) => {
      const report = readOne(join(folder, file));
      return report === null ? [] : [{ name: file.slice(0, -'.json'.length), report }];
    })
    .sort(({ report: a }, { report: b }) => {
      return beganAt(a).localeCompare(beganAt(b)) || a.id.localeCompare(b.id, 'en', { numeric: true });
    });
}

/** Drills in the simulator all begin on the same morning. */
function beganAt({ source, timeline }: Report): string {
  return source === 'simulator' ? '' : timeline.zeroAt;
}

function readOne(file: string): Report | null {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && 'report' in value ? readReport(value.report) : null;
  } catch {
    return null;
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new NotDone(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
