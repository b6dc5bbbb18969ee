// Whether the data that came back is what was approved: compared with the ledger and the watermarks that were published before.
import { readLedgerOf, watermarkOf } from '../../aws/sql.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { dataMark, dataState, type Returned, whatReturned } from '../../domain/returned-data.ts';
import type { FlowIncident } from '../../shared/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { readWaiver, type Skipped } from '../../shared/waivers.ts';
import type { AskedAs } from './asked.ts';

type Asking = Pick<FlowIncident, 'id' | 'execution'>;
/** `unknown`: nothing was published, so that nothing can be compared. */
export type Checked = (Returned & { readonly waived?: Skipped }) | { readonly unknown: string };

/**
 * What is not as it was approved is for people: they look, and repair it, or sign that it is taken as it is (`CheckData`). What was
 * found is in the record either way. @throws CannotProceed where it differs, Unavailable
 */
export async function checkData(
  name: string,
  { data, reader, writer }: AskedAs,
  incident: Asking,
  shell: Shell,
): Promise<Checked> {
  const { store, now } = shell;
  const published = await store.readLedger(name);
  if (published === null) return { unknown: `nothing was published of ${name} before` };
  const [rows, ...tables] = await Promise.all([
    readLedgerOf(writer),
    ...data.tables.map((table) => watermarkOf(reader, table)),
  ]);
  const marks = { at: now(), tables };
  const returned = whatReturned(published, rows, marks, data.tables, await approvedLoss(name, incident, shell));
  const { id, execution } = incident;
  await store.recordStep({ incident: id, execution, step: dataMark(name), at: now(), outcome: returned });
  if (returned.wrong.length === 0) return returned;
  const waived = await readWaiver(incident, dataState, shell, name);
  if (waived !== null) return { ...returned, waived };
  throw new CannotProceed(`the data of ${name} is not what was approved: ${returned.wrong.join('; ')}`);
}

/** The most that may be lost by the newest request of this execution; 0 where nobody was asked, null where people approved what nobody knows. */
async function approvedLoss(name: string, { id, execution }: Asking, { store }: Shell): Promise<number | null> {
  const asked = (await store.readSteps(id)).findLast(
    (past) => past.execution === execution && past.step === 'request-approval',
  );
  const request = asked === undefined ? null : await store.readRequest(String(asked.outcome['request']));
  if (request === null) return 0;
  const ofAsset = request.assetCeilingSeconds?.[name];
  return ofAsset === undefined ? request.lossCeilingSeconds : ofAsset;
}
