// What only the old database has after a failover: rows by table, key and hash, and never what is in them. Both sides are read, compared here.
import type { DataTable } from './data/keys.ts';
import type { Watermark } from './data/watermarks.ts';

/** A row: its key as text, and a hash of all of its columns. `at`: when it was written, in milliseconds since 1970; null where its table does not say. */
export type RowHash = { readonly key: string; readonly hash: string; readonly at: number | null };

/** Where reading begins: behind this key, or from this time on. Null: that tells nothing, and both null read all rows. */
export type Since = { readonly key: string | null; readonly at: number | null };

/** Rows of the old database, as they were read there. */
export type TableRows = {
  readonly table: string;
  /** How many are as new as that; null where counting took too long. */
  readonly newer: number | null;
  /** Before both sides were compared the newest of them, as many as are kept; then those that only the old database has. */
  readonly rows: readonly (RowHash & {
    /** Whether the new database has another row with that key. Absent before both were compared. */
    readonly other?: boolean;
  })[];
  /** How many of them were compared. */
  readonly compared: number;
};

/** One comparison. Times are milliseconds since 1970; null while it has not happened. */
export type Comparison = {
  readonly asset: string;
  /** The region that was given up. */
  readonly region: string;
  readonly incident: string;
  readonly execution: string;
  /** When that execution began: a later failover's counts. */
  readonly openedAt: number;
  /** When the old database had taken its last write, as far as it is known: what is newer has diverged, and the rest was lost. */
  readonly writesEndedAt: number;
  /** What the database that took over had before users came. */
  readonly since: readonly Watermark[];
  /** When a copy of the old database was asked for. */
  readonly begunAt: number | null;
  /** When the copy was read: it is not needed any more. */
  readonly readAt: number | null;
  readonly tables: readonly TableRows[];
  /** When both sides were compared. */
  readonly comparedAt: number | null;
  /** When it was given up, and why. */
  readonly endedAt: number | null;
  readonly wrong: readonly string[];
};

/** Transactions end in another order than they begin: what is somewhat older may have been written later. */
const slackMs = 30_000;
const slackKeys = 100n;

/** Where to begin in a table, by what the other side had of it; null where nobody looked at that. */
export function sinceOf({ name, updatedAt }: DataTable, since: readonly Watermark[]): Since | null {
  const mark = since.find(({ table }) => table === name);
  if (mark === undefined) return null;
  const { greatestKey: key, newestAt } = mark;
  return {
    key: key !== null && /^\d+$/.test(key) ? String(BigInt(key) - slackKeys) : key,
    at: updatedAt === undefined || newestAt === null ? null : newestAt - slackMs,
  };
}

/** An item of the table holds 400 kB, and there is more in it than these. */
const mostBytes = 250_000;
const bytesBeside = 70;

/** So many rows of each table are read: what one record can hold. */
export function mostRows(tables: readonly unknown[]): number {
  return Math.floor(mostBytes / (bytesBeside + 16) / Math.max(1, tables.length));
}

/** As many rows as one record can hold beside those of the other tables, whatever their keys are. */
export function kept(rows: readonly RowHash[], tables: readonly unknown[]): RowHash[] {
  let left = mostBytes / Math.max(1, tables.length);
  const end = rows.findIndex(({ key }) => {
    left -= Buffer.byteLength(key) + bytesBeside;
    return left < 0;
  });
  return end === -1 ? [...rows] : rows.slice(0, end);
}

/** What is left of a table: rows that the new database lacks, or has otherwise. `there`: its rows with those keys. */
export function onlyOld({ rows, ...table }: TableRows, there: readonly Omit<RowHash, 'at'>[]): TableRows {
  const known = new Map(there.map(({ key, hash }) => [key, hash]));
  return {
    ...table,
    rows: rows.flatMap((row) => (known.get(row.key) === row.hash ? [] : [{ ...row, other: known.has(row.key) }])),
  };
}

/** Rows that only the old database has, of all tables. */
export function countOnlyOld({ tables }: Pick<Comparison, 'tables'>): number {
  return tables.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Whether more rows are as new as that than were compared, or nobody knows. */
export function isCut({ newer, compared }: TableRows): boolean {
  return newer === null || newer > compared;
}

/** What was found of each table, a sentence each: for people. */
export function onlyOldWords({ tables, writesEndedAt }: Pick<Comparison, 'tables' | 'writesEndedAt'>): string[] {
  return tables.map((one) => `${one.table}: ${onlyOldOf(one, writesEndedAt)}`);
}

function onlyOldOf(one: TableRows, writesEndedAt: number): string {
  const { rows, compared, newer } = one;
  const newest = `of the ${compared} newest${newer === null ? '' : ` of ${newer}`} rows`;
  if (rows.length === 0)
    return isCut(one)
      ? `${newest} none is only in the old database${newer === null ? '; there are more' : ''}`
      : 'nothing is only in the old database';
  const others = rows.filter(({ other }) => other).length;
  const diverged = rows.filter(({ at }) => at !== null && at > writesEndedAt).length;
  const untimed = rows.filter(({ at }) => at === null).length;
  const parts = [
    ...(rows.length > others ? [`${is(rows.length - others)} missing in the new one`] : []),
    ...(others > 0 ? [`${is(others)} different there`] : []),
    ...(diverged > 0 ? [`${was(diverged)} written after the failover began`] : []),
    ...(untimed > 0 ? [`of ${untimed} nobody knows when ${untimed === 1 ? 'it was' : 'they were'} written`] : []),
  ];
  const some = `${rows.length} ${rows.length === 1 ? 'row is' : 'rows are'} only in the old database (${parts.join(', ')})`;
  return isCut(one) ? `${newest} at least ${some}` : some;
}

const is = (count: number) => `${count} ${count === 1 ? 'is' : 'are'}`;
const was = (count: number) => `${count} ${count === 1 ? 'was' : 'were'}`;

/** How what was found stands in the record. */
export function onlyOldMark(asset: string): string {
  return `only-old/${asset}`;
}
