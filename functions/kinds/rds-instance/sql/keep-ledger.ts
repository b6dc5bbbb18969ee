// Each minute one row of our own in a database, and what its tables have in them, published where it survives the region.
import { type Database, expectWritable, keepBeatIn, lookAt, readLedgerOf, watermarkOf } from '../../../aws/sql/sql.ts';
import type { Data } from '../../../domain/data/keys.ts';
import { acknowledged, type LedgerRecord, shrunk, tried } from '../../../domain/data/ledger.ts';
import { whyNotUsable } from '../../../domain/data/usable.ts';
import { compare, countedBefore, type Watermark } from '../../../domain/data/watermarks.ts';
import { CannotProceed } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { AuditRecord } from '../../../domain/record/store.ts';
import { givingUp } from '../../../shared/recovery/act.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { instanceIn } from '../seen/held.ts';
import { askedIn } from './asked.ts';

/** Counting reads all rows of a table: once an hour is enough to see that one has become smaller. */
const countEveryMs = 3_600_000;

/**
 * A row is published as tried before it is written, and as acknowledged after. What cannot be looked at keeps the row from
 * nothing, and the moment from being a clean one. `calls`: of the flow that holds the region. Once it fences a database or lets another one
 * take over, what the old one still takes is fenced soon, or has diverged: what comes back is compared with what was there before.
 * @throws CannotProceed, Unavailable
 */
export async function keepLedger(
  asset: AssetOf<'rds-instance'>,
  calls: readonly AuditRecord[],
  shell: Shell,
): Promise<void> {
  const { region, store, now, log } = shell;
  const { name } = asset;
  const instance = await instanceIn(asset, region, shell);
  if (await isGivenUp(name, calls, shell)) return;
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  const { data, reader, writer } = askedIn(asset, { ...seen, region });
  const before = await store.readLedger(name);
  const isSame = before?.instance === instance && before.region === region;
  const record = tried(
    { asset: name, region, instance, at: now() },
    before,
    isSame ? 0 : await newestIn(writer, shell),
  );
  // Another run has tried this number a moment ago.
  if (!(await store.keepLedger(record))) return;
  await keepBeatIn(writer, { id: record.attempted, at: record.at });
  const kept = acknowledged(record, record.at);
  await store.keepLedger(kept);
  const looked = await lookedAt(kept, data, reader, now());
  await store.keepLedger(looked.record);
  if (looked.wrong.length > 0) log.warn('the data is not as it was', { asset: name, why: looked.wrong });
  // What the reader may not see here could not be compared on the day either: people hear of it now.
  if (looked.refused.length > 0) throw new CannotProceed(looked.refused.map(({ message }) => message).join('; '));
}

/** Until the flow has restored it in its place: that one is used. */
async function isGivenUp(name: string, calls: readonly AuditRecord[], { region, store }: Shell): Promise<boolean> {
  if (!calls.some(({ step }) => givingUp.some((verb) => step === `${verb}/${name}`))) return false;
  const holder = (await store.readHolders()).find((one) => one.asset === name && one.region === region);
  return !calls.some(({ execution }) => execution === holder?.execution);
}

/** The newest row that is there before we write any: numbers go on from it. */
async function newestIn(writer: Database, { region, now }: Shell): Promise<number> {
  await expectWritable(writer, region, now()); // makes what is missing of our schema
  return (await readLedgerOf(writer)).at(-1)?.id ?? 0;
}

/** With the watermarks of now; and whether all is well, which makes this moment one to which it can be restored. */
async function lookedAt(record: LedgerRecord, data: Data, reader: Database, at: number) {
  const counts = record.countedAt === null || at - record.countedAt >= countEveryMs;
  const [state, ...read] = await Promise.allSettled([
    lookAt(reader, Object.keys(data.parameters)),
    ...data.tables.map((table) => watermarkOf(reader, table, counts)),
  ]);
  const marks = read.flatMap((one): Watermark[] => (one.status === 'fulfilled' ? [one.value as Watermark] : []));
  const before = record.watermarks;
  const watermarks = { at, tables: countedBefore(marks, before, data.tables) };
  const compared = before === null ? [] : compare(data.tables, watermarks, before, 0);
  const wrong = [
    ...[state, ...read].flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
    ...(state.status === 'fulfilled' ? whyNotUsable(state.value as Awaited<ReturnType<typeof lookAt>>, data) : []),
    ...compared.flatMap((one) => [...one.wrong, ...one.unclear]),
  ];
  const refused = read.flatMap((one): CannotProceed[] =>
    one.status === 'rejected' && one.reason instanceof CannotProceed ? [one.reason] : [],
  );
  return {
    wrong,
    refused,
    record: shrunk(
      {
        ...record,
        watermarks,
        countedAt: counts ? at : record.countedAt,
        provenAt: wrong.length === 0 ? at : record.provenAt,
      },
      { at, why: compared.flatMap((one) => one.wrong) },
    ),
  };
}
