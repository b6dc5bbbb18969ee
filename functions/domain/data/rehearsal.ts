// A rehearsal of a restore, as it stands in the record.

/** The last rehearsal of an asset in a region. Times are milliseconds since 1970. */
export type Rehearsal = {
  readonly asset: string;
  readonly region: string;
  readonly instance: string;
  readonly begunAt: number;
  /** From what, in words; and until when that has data, where it says so. */
  readonly source: string;
  readonly dataUntil: number | null;
  /** When it was seen to work; null where it did not, or does not yet. */
  readonly availableAt: number | null;
  /** When it was over, whatever it came to; null while it goes on. */
  readonly endedAt: number | null;
  /** What came back of the data, in words. */
  readonly data: string | null;
  /** Why it proves nothing, or the contrary; empty where all was well. */
  readonly wrong: readonly string[];
};

/** What it took until it worked; null where it never did. */
export function restoredIn({ begunAt, availableAt }: Rehearsal): number | null {
  return availableAt === null ? null : (availableAt - begunAt) / 1000;
}
