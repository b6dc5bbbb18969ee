// The ledger of heartbeat rows: what a database acknowledged, compared with what is in the one that took over. Loss is counted
// by ids, as sets, and bounded by the time of the newest row that arrived. Nothing of the lost region is asked.

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

/** `rows`: the ledger as it is in the database now. `writesEndedAt`: from when on the old one took no writes; null where nobody knows. */
export function lossOf(published: Published, rows: readonly Beat[], writesEndedAt: number | null): Loss {
  const there = rows.toSorted((a, b) => a.id - b.id);
  const newest = there.findLast(({ id }) => id <= published.attempted);
  const back = ranBackwards([...published.acknowledged, ...there]);
  const ahead = newest !== undefined && writesEndedAt !== null && newest.at > writesEndedAt;
  const bounded = newest !== undefined && writesEndedAt !== null && !ahead;
  return {
    ...counted(published, there),
    boundSeconds: bounded ? (writesEndedAt - newest.at) / 1000 : null,
    wrong: [
      ...back,
      ...(newest === undefined ? ['the ledger has no row of the writer: the loss is not bounded'] : []),
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
