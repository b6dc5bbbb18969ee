// The reports of incidents that are over, as pages with their facts beside them, in the bucket of the stack's own region: either region may
// be the one that is left.
import { writeObject } from '../aws/objects.ts';
import { reportPage } from '../domain/report/page.ts';
import { isReportMark, reportBucket, reportKey, reportMark } from '../domain/report/place.ts';
import type { StepRecord } from '../domain/store.ts';
import type { Incident } from '../domain/types.ts';
import { recordOf } from './incident-record.ts';
import { earlierIncidents, reportOfIncident } from './incident-report.ts';
import type { Shell } from './shell.ts';

/** A fence watch writes into the record for five days at most (`fenceWatch.days`); after that nothing is added. */
const addedToMs = 6 * 86_400_000;

/** Each is written once more when its record has grown. What fails costs itself alone. @throws the first failure, after all were tried. */
export async function writeReports(shell: Shell): Promise<void> {
  const { store, now, log } = shell;
  const incidents = await store.listIncidents();
  const failures: unknown[] = [];
  for (const incident of incidents) {
    if (incident.closedAt === null || now() - incident.closedAt > addedToMs) continue;
    try {
      if (isNews(incident.closedAt, await store.readSteps(incident.id), shell)) await write(incident, incidents, shell);
    } catch (error) {
      log.error('report not written', { incident: incident.id, error: String(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

function isNews(closedAt: number, steps: readonly StepRecord[], { region }: Shell): boolean {
  const written = steps.filter(({ step }) => step === reportMark(region)).map(({ at }) => at);
  const added = steps.filter(({ step }) => !isReportMark(step)).map(({ at }) => at);
  return Math.max(closedAt, ...added) >= Math.max(0, ...written);
}

async function write(incident: Incident, incidents: readonly Incident[], shell: Shell): Promise<void> {
  const { region, store, now, log } = shell;
  // Before the record is read: what is added meanwhile is news at the next look.
  const at = now();
  const record = await recordOf(incident.id, shell);
  if (record === null) return;
  const from = { ...shell, gaps: [] };
  const report = reportOfIncident(record, from, incidents);
  const earlier = await earlierIncidents(incident, incidents, shell, from, (id) => `./${encodeURIComponent(id)}.html`);
  const place = { region, bucket: reportBucket(shell) };
  const json = `${JSON.stringify(report, null, 2)}\n`;
  await writeObject({ ...place, key: reportKey(incident.id, 'json') }, json, 'application/json');
  await writeObject(
    { ...place, key: reportKey(incident.id, 'html') },
    reportPage(report, earlier),
    'text/html; charset=utf-8',
  );
  const execution = 'write-reports';
  await store.recordStep({ incident: incident.id, execution, step: reportMark(region), at, outcome: { ...place } });
  log.info('report written', { incident: incident.id, ...place });
}
