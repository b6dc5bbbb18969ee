// The ledger of heartbeat rows: what a database acknowledged, compared with what is in the one that took over. Loss is counted
// by ids, as sets, and bounded by the time of the newest row that arrived. Nothing of the lost region is asked.
import type { Watermarks } from './watermarks.ts';

/** One row: an id that its writer gave, growing by 1, and the writer's time, taken before the row was written. */
export type Beat = { readonly id: number; readonly at: number };

/** What is known of the writer outside of the region. */
export type Published = {
  /** The last id that it tried, whatever became of it. */
  readonly attempted: number;
  /** The first id that is listed: older ones were acknowledged too, and dropped from the list. */
  readonly since: number;
  /** What the database acknowledged, from `since` on. */
  readonly acknowledged: readonly Beat[];
};

/** What stands outside of the region of one database, written each minute: what comes back later is compared with it. */
export type LedgerRecord = Published & {
  /** The asset, and the instance that it is about, in its region. */
  readonly asset: string;
  readonly region: string;
  readonly instance: string;
  /** When it was written. */
  readonly at: number;
  /** What its tables had in them then; null before they were looked at. */
  readonly watermarks: Watermarks | null;
  /** When rows were counted last: it takes a while, and is done once an hour. */
  readonly countedAt: number | null;
  /** The last time that all checks held: to there it can be restored. Null where they never did. */
  readonly provenAt: number | null;
  /** When its tables last had less in them than a minute before, oldest first, and what: a corruption begins with that. Absent where they never had. */
  readonly shrank?: readonly Shrunk[];
};

export type Shrunk = { readonly at: number; readonly why: readonly string[] };

/** An application deletes, too: so many of the newest are kept. */
const mostShrunk = 5;

/** Four hours of minutes are listed; what is older was acknowledged as well. */
const mostListed = 240;

/** The record once a row was tried: nothing is written before it stands there. */
export function tried(
  { asset, region, instance, at }: Pick<LedgerRecord, 'asset' | 'region' | 'instance' | 'at'>,
  before: LedgerRecord | null,
  newestThere: number,
): LedgerRecord {
  const isSame = before !== null && before.instance === instance && before.region === region;
  const attempted = Math.max(before?.attempted ?? 0, newestThere) + 1;
  const known = isSame
    ? before
    : { since: attempted, acknowledged: [], watermarks: null, countedAt: null, provenAt: null };
  const { since, acknowledged, watermarks, countedAt, provenAt } = known;
  const shrank = isSame && before.shrank !== undefined ? { shrank: before.shrank } : {};
  return { asset, region, instance, at, attempted, since, acknowledged, watermarks, countedAt, provenAt, ...shrank };
}

/** The record once something in its tables was found to be less. The next look finds no more than that, and would hide it. */
export function shrunk(record: LedgerRecord, { at, why }: Shrunk): LedgerRecord {
  return why.length === 0 ? record : { ...record, shrank: [...(record.shrank ?? []), { at, why }].slice(-mostShrunk) };
}

/** The record once the database acknowledged the row that was tried last. */
export function acknowledged(record: LedgerRecord, at: number): LedgerRecord {
  const all = [...record.acknowledged, { id: record.attempted, at }].slice(-mostListed);
  return { ...record, acknowledged: all, since: all.length < mostListed ? record.since : (all[0]?.id ?? record.since) };
}

/** Whether the ledger began after a time: what comes back from before it has no row of it. */
export function isYounger({ acknowledged: [first, ...rest] }: Published, than: number): boolean {
  return first === undefined || (rest.length + 1 < mostListed && first.at > than);
}

/** Ids, in order. */
export type Counted = {
  /** Acknowledged, and not there. */
  readonly lost: readonly number[];
  /** There, and never tried, or with another time than was tried: another writer, or another history. */
  readonly invented: readonly number[];
  /** There and tried, though nobody heard that it was written. */
  readonly recovered: readonly number[];
};

export type Loss = Counted & {
  /**
   * loss <= writesEndedAt - time of the newest row that arrived: replication keeps the order of commits, and what was
   * committed before that row was tried has arrived. Null where it is not known.
   */
  readonly boundSeconds: number | null;
  /** In words: why no bound can be given, and what of the clocks is wrong. */
  readonly wrong: readonly string[];
};

/** What is known before anybody says when the last write was taken. `newest`: the newest row of the writer that is there. */
export function countsOf(
  published: Published,
  rows: readonly Beat[],
): Counted & { readonly newest: Beat | null; readonly wrong: readonly string[] } {
  const there = rows.toSorted((a, b) => a.id - b.id);
  const counts = counted(published, there);
  const newest = there.findLast(({ id }) => !counts.invented.includes(id)) ?? null;
  return {
    ...counts,
    newest,
    // Of the rows that are listed: what a clock did weeks ago makes nothing of today wrong.
    wrong: ranBackwards([...published.acknowledged, ...there.filter(({ id }) => id >= published.since)]),
  };
}

/** What is said where nothing of the writer came back. */
export const noRow = 'the ledger has no row of the writer: the loss is not bounded';

/** `rows`: the ledger as it is in the database now. `writesEndedAt`: from when on the old one took no writes; null where nobody knows. */
export function lossOf(published: Published, rows: readonly Beat[], writesEndedAt: number | null): Loss {
  const { newest, wrong, ...counts } = countsOf(published, rows);
  const ahead = newest !== null && writesEndedAt !== null && newest.at > writesEndedAt;
  const bounded = newest !== null && writesEndedAt !== null && !ahead;
  return {
    ...counts,
    boundSeconds: bounded ? (writesEndedAt - newest.at) / 1000 : null,
    wrong: [
      ...wrong,
      ...(newest === null ? [noRow] : []),
      ...(writesEndedAt === null ? ['nobody knows when the last write was taken: the loss is not bounded'] : []),
      ...(ahead
        ? [`row ${newest.id} was written after writes had ended: a clock is wrong, and the loss is not bounded`]
        : []),
    ],
  };
}

function counted({ attempted, since, acknowledged }: Published, there: readonly Beat[]): Counted {
  const found = new Map(there.map(({ id, at }) => [id, at]));
  const known = new Map(acknowledged.map(({ id, at }) => [id, at]));
  const isOther = ({ id, at }: Beat) => id > attempted || (known.get(id) ?? at) !== at;
  return {
    lost: [...known]
      .filter(([id, at]) => found.get(id) !== at)
      .map(([id]) => id)
      .toSorted((a, b) => a - b),
    invented: there.filter(isOther).map(({ id }) => id),
    recovered: there.filter((row) => !isOther(row) && row.id >= since && !known.has(row.id)).map(({ id }) => id),
  };
}

/** Where the writer's clock ran backwards, in words. */
export function ranBackwards(rows: readonly Beat[]): string[] {
  const ordered = [...new Map(rows.map((row) => [`${row.id} ${row.at}`, row])).values()].toSorted(
    (a, b) => a.id - b.id,
  );
  return ordered.slice(1).flatMap((row, place) => {
    const before = ordered[place];
    if (before === undefined || row.at >= before.at) return [];
    return [
      `the writer's clock ran back by ${Math.round((before.at - row.at) / 100) / 10} s between rows ${before.id} and ${row.id}`,
    ];
  });
}
