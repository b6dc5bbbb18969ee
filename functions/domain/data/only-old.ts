// What only the old database has after a failover: rows by table, key and hash, and never what is in them. Both sides are read, compared here.
import type { DataTable } from './keys.ts';
import type { Watermark } from './watermarks.ts';

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
const isNumber = /^-?\d+$/;

/**
 * What certainly had arrived, of each table: the lesser of what was published before the loss and of what came back, which others may have
 * written to already. `newestBeatAt`: the newest row of the ledger that came back; what was written before it has arrived. Of keys that are
 * no numbers nobody knows which is the lesser.
 */
export function arrivedOf(
  found: readonly Watermark[],
  published: readonly Watermark[],
  newestBeatAt: number | null,
): Watermark[] {
  const least = (times: readonly (number | null | undefined)[]): number | null => {
    const known = times.filter((one): one is number => typeof one === 'number');
    return known.length === 0 ? null : Math.min(...known);
  };
  return found.map((mark) => {
    const before = published.find(({ table }) => table === mark.table);
    const keys = [mark.greatestKey, before?.greatestKey ?? null].filter((key) => key !== null && isNumber.test(key));
    const greatestKey = keys
      .map((key) => BigInt(key ?? 0))
      .reduce<bigint | null>((a, b) => (a === null || b < a ? b : a), null);
    return {
      ...mark,
      greatestKey: mark.greatestKey === null || greatestKey === null ? mark.greatestKey : String(greatestKey),
      newestAt: mark.newestAt === null ? null : least([mark.newestAt, before?.newestAt, newestBeatAt]),
    };
  });
}

/** Where to begin in a table, by what had arrived of it; a text says why nobody knows. Keys that are no numbers do not grow: times tell. */
export function sinceOf({ name, updatedAt }: DataTable, since: readonly Watermark[]): Since | string {
  const mark = since.find(({ table }) => table === name);
  if (mark === undefined) return `${name} was not looked at before users came`;
  const { greatestKey: key, newestAt } = mark;
  // It came back empty: all that the old one has is newer.
  if (key === null) return { key: null, at: null };
  const at = updatedAt === undefined || newestAt === null ? null : newestAt - slackMs;
  if (isNumber.test(key)) return { key: String(BigInt(key) - slackKeys), at };
  return at === null
    ? `${name} has keys that are no numbers, and no time of its newest record was known`
    : { key: null, at };
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

/**
 * What is left of a table: rows that the new database lacks, or has otherwise. `there`: its rows with those keys. `arrivedAt`: until when all
 * that was written had arrived; a row of before that was there, and users have changed it since.
 */
export function onlyOld({ rows, ...table }: TableRows, there: readonly RowHash[], arrivedAt: number | null): TableRows {
  const known = new Map(there.map((row) => [row.key, row]));
  return {
    ...table,
    rows: rows.flatMap((row) => {
      const is = known.get(row.key);
      const had = arrivedAt !== null && row.at !== null && row.at <= arrivedAt;
      const isChanged = is !== undefined && had && is.at !== null && row.at !== null && is.at > row.at;
      return is?.hash === row.hash || isChanged ? [] : [{ ...row, other: is !== undefined }];
    }),
  };
}

/** Rows that only the old database has, of all tables. */
export function countOnlyOld({ tables }: Pick<Comparison, 'tables'>): number {
  return tables.reduce((sum, { rows }) => sum + rows.length, 0);
}

/** Whether all that was looked for was compared, and nothing of it is only in the old database. */
export function hasNothing(comparison: Comparison): boolean {
  const { comparedAt, tables, wrong } = comparison;
  return comparedAt !== null && countOnlyOld(comparison) === 0 && wrong.length === 0 && !tables.some(isCut);
}

/** Whether more rows are as new as that than were compared, or nobody knows. */
function isCut({ newer, compared }: TableRows): boolean {
  return newer === null || newer > compared;
}

/** What was found of each table, a sentence each: for people. */
export function onlyOldWords({ tables, writesEndedAt }: Pick<Comparison, 'tables' | 'writesEndedAt'>): string[] {
  return tables.map((one) => `${one.table}: ${onlyOldOf(one, writesEndedAt)}`);
}

function onlyOldOf(one: TableRows, writesEndedAt: number): string {
  const { rows, compared, newer } = one;
  const scope = isCut(one) ? `. Compared: the ${compared} newest${newer === null ? '' : ` of ${newer}`} rows` : '';
  if (rows.length === 0) return `the new database has every row that was compared${scope}`;
  const others = rows.filter(({ other }) => other).length;
  const missing = rows.length - others;
  const diverged = rows.filter(({ at }) => at !== null && at > writesEndedAt).length;
  const untimed = rows.filter(({ at }) => at === null).length;
  const some = `${isCut(one) ? 'at least ' : ''}${rows.length} ${rows.length === 1 ? 'row is' : 'rows are'} only in the old database`;
  const parts = [
    ...(missing > 0 ? [`${missing} missing in the new one`] : []),
    ...(others > 0 ? [`${others} different there`] : []),
  ];
  const times = [
    ...(diverged > 0 ? [`${diverged} of them written after the failover began`] : []),
    ...(untimed > 0 ? [`${untimed} of them written at a time that is not known`] : []),
  ];
  return `${some} (${[...parts, ...times].join(', ')})${scope}`;
}

/** How what was found stands in the record. */
export function onlyOldMark(asset: string): string {
  return `only-old/${asset}`;
}
