// Writes the reports of incidents and drills that are over: a page, and its facts beside it, into the bucket of the stack's own region. Each
// region has a bucket: one of them may be lost.
import { writeObject } from '../../aws/objects.ts';
import type { DrillRecord } from '../../domain/drills/record.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import type { Earlier, Report } from '../../domain/report/facts.ts';
import { isReportMark, reportBucket, reportKey, reportMark } from '../../domain/report/place.ts';
import { reportPage } from '../../domain/report-page/page.ts';
import type { Incident } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import { recordOf } from './incident-record.ts';
import { earlierIncidents, earlierRuns, type ReadFrom, readRun, reportOfIncident } from './incident-report.ts';
import { withUsers } from './users-seen.ts';

/** A fence watch writes into the record for five days at most (`fenceWatch.days`); after that nothing is added. */
const addedToMs = 6 * 86_400_000;

/** Something with a page of its own. `over`: when it ended, in milliseconds since 1970; null while it goes on. */
type Reported = { readonly id: string; readonly over: number | null; make(from: ReadFrom): Promise<Pages | null> };
type Pages = { readonly report: Report; readonly earlier: readonly Earlier[] };

/** A report is written again when its record has grown. One failure does not stop the others. @throws the first failure, after all were tried. */
export async function writeReports(shell: Shell): Promise<void> {
  const { store, now, log } = shell;
  const [incidents, runs] = await Promise.all([store.listIncidents(), store.listDrills()]);
  const reported = [
    ...incidents.map((one) => ofIncident(one, incidents, shell)),
    ...runs.map((one) => ofRun(one, runs, incidents, shell)),
  ];
  const failures: unknown[] = [];
  for (const one of reported) {
    if (one.over === null || now() - one.over > addedToMs) continue;
    try {
      if (isNews(one.over, await store.readSteps(one.id), shell)) await write(one, shell);
    } catch (error) {
      log.error('report not written', { incident: one.id, error: String(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The pages of a bucket lie side by side. */
const pageOf = (id: string): string => `./${encodeURIComponent(id)}.html`;

function ofIncident(incident: Incident, incidents: readonly Incident[], shell: Shell): Reported {
  return {
    id: incident.id,
    over: incident.closedAt,
    async make(from) {
      const record = await recordOf(incident.id, shell);
      if (record === null) return null;
      const earlier = await earlierIncidents(incident, incidents, shell, from, pageOf);
      return { report: reportOfIncident(await withUsers(record, shell), from, incidents), earlier };
    },
  };
}

function ofRun(run: DrillRecord, runs: readonly DrillRecord[], incidents: readonly Incident[], shell: Shell): Reported {
  return {
    id: run.execution,
    over: run.endedAt,
    async make(from) {
      const report = await readRun(run, shell, from, incidents);
      return { report, earlier: earlierRuns(run, runs, from, pageOf) };
    },
  };
}

function isNews(over: number, steps: readonly StepRecord[], { region }: Shell): boolean {
  const written = steps.filter(({ step }) => step === reportMark(region)).map(({ at }) => at);
  const added = steps.filter(({ step }) => !isReportMark(step)).map(({ at }) => at);
  return Math.max(over, ...added) >= Math.max(0, ...written);
}

async function write({ id, make }: Reported, shell: Shell): Promise<void> {
  const { region, store, now, log } = shell;
  // Before the record is read: what is added meanwhile is news at the next look.
  const at = now();
  const made = await make({ ...shell, gaps: [] });
  if (made === null) return;
  const place = { region, bucket: reportBucket(shell) };
  const json = `${JSON.stringify(made.report, null, 2)}\n`;
  const page = reportPage(made.report, made.earlier);
  await writeObject({ ...place, key: reportKey(id, 'json') }, json, 'application/json');
  await writeObject({ ...place, key: reportKey(id, 'html') }, page, 'text/html; charset=utf-8');
  const execution = 'write-reports';
  await store.recordStep({ incident: id, execution, step: reportMark(region), at, outcome: { ...place } });
  log.info('report written', { incident: id, ...place });
}
