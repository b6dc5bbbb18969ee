// Whether the data that came back is what was approved: compared with the ledger and the watermarks that were published before.
import { readLedgerOf, watermarkOf } from '../../../aws/sql/sql.ts';
import { arrivedOf } from '../../../domain/data/only-old.ts';
import {
  dataMark,
  dataState,
  type Checked as Found,
  type Marked,
  type Returned,
  whatReturned,
} from '../../../domain/data/returned-data.ts';
import { CannotProceed } from '../../../domain/errors.ts';
import type { StepRecord } from '../../../domain/record/store.ts';
import type { FlowIncident } from '../../../shared/recovery/flow.ts';
import { readWaiver, type Skipped } from '../../../shared/recovery/waivers.ts';
import type { Shell } from '../../../shared/shell.ts';
import type { AskedAs } from './asked.ts';

type Asking = Pick<FlowIncident, 'id' | 'execution'>;
export type Checked = Found & { readonly waived?: Skipped };

/**
 * What is not as it was approved is for people: they look, and repair it, or sign that it is taken as it is (`CheckData`). What was
 * found is in the record either way. What cannot be compared is for them as well: a table that is gone, a record that is damaged.
 * @throws CannotProceed where it differs, Unavailable
 */
export async function checkData(name: string, asked: AskedAs, incident: Asking, shell: Shell): Promise<Checked> {
  const { store, now } = shell;
  const { id, execution } = incident;
  const { host } = asked.reader;
  const step = dataMark(name);
  const known = (await store.readSteps(id)).findLast(
    (past) => past.execution === execution && past.step === step && past.outcome['host'] === host,
  )?.outcome;
  // It was as approved before users came: what they write since is no sign of anything, and all rows are counted once.
  if (known !== undefined && isEmpty(known['wrong'])) return known as Returned;
  const returned = await compared(name, asked, incident, shell).catch((error: unknown) => {
    if (error instanceof CannotProceed) return { unknown: error.message };
    throw error;
  });
  const none = { unknown: `nothing was published of ${name} before`, unpublished: true } as const;
  await store.recordStep({ incident: id, execution, step, at: now(), outcome: { ...(returned ?? none), host } });
  // Who never published anything heard of it each minute; nobody is kept away for that now, and it is said.
  if (returned === null) return none;
  const wrong = 'unknown' in returned ? [returned.unknown] : returned.wrong;
  if (wrong.length === 0) return returned;
  // A person takes what was found there, and nothing that nobody has seen: another way brings another database.
  const waived = known === undefined ? null : await readWaiver(incident, dataState, shell, name);
  if (waived !== null) return { ...returned, waived };
  const wayOut = `Repair it, or take it as it is (skip ${dataState} ${name}): docs/runbook.md#check-data`;
  throw new CannotProceed(`the data of ${name} is not what was approved: ${wrong.join('; ')}. ${wayOut}`);
}

function isEmpty(list: unknown): boolean {
  return Array.isArray(list) && list.length === 0;
}

async function compared(
  name: string,
  { data, reader, writer }: AskedAs,
  incident: Asking,
  shell: Shell,
): Promise<(Returned & Marked) | null> {
  const { store, now } = shell;
  const published = await store.readLedger(name);
  if (published === null) return null;
  const [rows, ...tables] = await Promise.all([
    readLedgerOf(writer),
    ...data.tables.map((table) => watermarkOf(reader, table)),
  ]);
  const marks = { at: now(), tables };
  const own = (await store.readSteps(incident.id)).filter(({ execution }) => execution === incident.execution);
  const caughtUp = own.some(({ step, outcome }) => step === `catch-up/${name}` && outcome['skipped'] !== true);
  const allowed = await approvedLoss(name, own, shell);
  const returned = whatReturned(published, rows, marks, data.tables, allowed, caughtUp);
  return { ...returned, marks: arrivedOf(tables, published.watermarks?.tables ?? [], returned.newestBeatAt) };
}

/** The most that may be lost by the newest request of this execution; 0 where nobody was asked, null where people approved what nobody knows. `own`: its steps. */
async function approvedLoss(name: string, own: readonly StepRecord[], { store }: Shell): Promise<number | null> {
  const asked = own.findLast(({ step }) => step === 'request-approval');
  const request = asked === undefined ? null : await store.readRequest(String(asked.outcome['request']));
  if (request === null) return 0;
  const ofAsset = request.assetCeilingSeconds?.[name];
  return ofAsset === undefined ? request.lossCeilingSeconds : ofAsset;
}
