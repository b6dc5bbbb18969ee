// Watermarks of tables: how much was in them when they were last looked at. What comes back after a recovery is compared with them.
import type { DataTable } from './keys.ts';

/** Each is null where it could not be told: not counted in time, an empty table, a table without such a column. */
export type Watermark = {
  readonly table: string;
  readonly count: number | null;
  /** As text: keys are numbers, UUIDs or words. */
  readonly greatestKey: string | null;
  /** Milliseconds since 1970. */
  readonly newestAt: number | null;
};

/** `at`: when the reading began, in milliseconds since 1970. */
export type Watermarks = { readonly at: number; readonly tables: readonly Watermark[] };

/** The newest watermark of each table: of one that could not be looked at, or was not counted now, what was known before stays. */
export function countedBefore(
  now: readonly Watermark[],
  before: Watermarks | null,
  tables: readonly Pick<DataTable, 'name'>[],
): Watermark[] {
  return tables.flatMap(({ name }) => {
    const was = before?.tables.find(({ table }) => table === name);
    const is = now.find(({ table }) => table === name) ?? was;
    if (is === undefined) return [];
    // Of a table that has rows, a time that was not told was not looked up in time.
    const newestAt = is.newestAt ?? (is.greatestKey === null ? null : (was?.newestAt ?? null));
    return { ...is, newestAt, count: is.count ?? was?.count ?? null };
  });
}

/** What is less in a table than it was. Null: not known. 0: nothing. */
export type TableCompared = {
  readonly table: string;
  readonly fewerRows: number | null;
  /** How far the greatest key is behind, where keys are whole numbers; else whether it is the same. */
  readonly keysBehind: string | null;
  /** By how much the newest record is older. */
  readonly newestBehindSeconds: number | null;
  /** In words: what people have to look at. Empty where all is as it was, or as old as may be. */
  readonly wrong: readonly string[];
  /** In words: what could not be compared, and so speaks neither for nor against it. */
  readonly unclear: readonly string[];
};

/** How far clocks of a database and a Lambda may differ. */
const clockSeconds = 5;

/**
 * Compares what came back with the last watermarks. `allowedSeconds`: the loss that was accepted; a record that is older than
 * that, and by more than the slack of what is not read at one moment, is wrong. Counts may have fallen because the application deleted: they
 * are said, and judged by the newest record alone, unless a table has none and they are from before what may be lost (`countsHold`). A table
 * that is empty now and was not is wrong in any case. What a slow statement did not tell, a table that nobody looked at before, and a record
 * of the future, which the application wrote itself, are no signs of a loss: they are unclear.
 */
export function compare(
  tables: readonly DataTable[],
  now: Watermarks,
  last: Watermarks,
  allowedSeconds: number,
  { slackSeconds = 0, countsHold = true }: { readonly slackSeconds?: number; readonly countsHold?: boolean } = {},
): TableCompared[] {
  return tables.map(({ name, updatedAt }) => {
    const [is, was] = [now, last].map((marks) => marks.tables.find(({ table }) => table === name));
    if (is === undefined) return unknown(name, `${name} was not looked at`);
    if (was === undefined) return unknown(name, `${name} has no watermark from before`);
    const fewerRows = is.count === null || was.count === null ? null : Math.max(0, was.count - is.count);
    const newestBehindSeconds =
      is.newestAt === null || was.newestAt === null ? null : Math.max(0, (was.newestAt - is.newestAt) / 1000);
    const hasTime = updatedAt !== undefined;
    const fewer =
      !hasTime && fewerRows !== null && fewerRows > 0
        ? [`${name} has ${fewerRows} rows less, and no time of its records`]
        : [];
    return {
      table: name,
      fewerRows,
      keysBehind: keysBehind(is.greatestKey, was.greatestKey),
      newestBehindSeconds,
      wrong: [
        ...(was.greatestKey !== null && is.greatestKey === null ? [`${name} is empty, and was not`] : []),
        ...(newestBehindSeconds !== null && newestBehindSeconds > allowedSeconds + slackSeconds
          ? [
              `the newest record of ${name} is ${rounded(newestBehindSeconds)} s older, and ${allowedSeconds} s were accepted`,
            ]
          : []),
        ...(countsHold ? fewer : []),
      ],
      unclear: [
        ...(hasTime && is.newestAt === null && is.greatestKey !== null
          ? [`${name} does not say when its newest record was written`]
          : []),
        ...(countsHold ? [] : fewer),
        ...aheadOf(name, is.newestAt, now.at),
        ...aheadOf(`the last watermark of ${name}`, was.newestAt, last.at),
      ],
    };
  });
}

function unknown(table: string, why: string): TableCompared {
  return { table, fewerRows: null, keysBehind: null, newestBehindSeconds: null, wrong: [], unclear: [why] };
}

/** Records of the future: a clock ran backwards since, or is wrong. What is compared with it is no bound. */
function aheadOf(what: string, newestAt: number | null, at: number): string[] {
  const ahead = newestAt === null ? 0 : (newestAt - at) / 1000;
  return ahead > clockSeconds
    ? [`${what} has a record from ${rounded(ahead)} s in the future: a clock is wrong or ran backwards`]
    : [];
}

function keysBehind(is: string | null, was: string | null): string | null {
  if (is === null || was === null) return null;
  if (is === was) return '0';
  if (![is, was].every((key) => /^-?\d+$/.test(key))) return 'differs';
  const behind = BigInt(was) - BigInt(is);
  return String(behind < 0n ? 0n : behind);
}

function rounded(seconds: number): number {
  return Math.round(seconds);
}
