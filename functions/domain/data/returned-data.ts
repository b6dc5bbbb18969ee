// What came back of a database's data, compared with what was published of it before: a judge without a call.
import { formatSeconds } from '../words/durations.ts';
import type { DataTable } from './keys.ts';
import { type Beat, countsOf, type LedgerRecord, noRow } from './ledger.ts';
import { compare, type TableCompared, type Watermark, type Watermarks } from './watermarks.ts';

/** Rows of the ledger by number, what is less in each table, and what people have to look at, a line each. */
export type Returned = {
  readonly lost: number;
  readonly invented: number;
  readonly recovered: number;
  /** The writer's time of the newest row that came back; null where none did, or times are not to be trusted. */
  readonly newestBeatAt: number | null;
  /** The same of the oldest row that is missing; null where none is. */
  readonly firstLostAt: number | null;
  readonly tables: readonly TableCompared[];
  /** Why it is not what was approved; empty where it is. */
  readonly wrong: readonly string[];
};

/** Rows are written and tables looked at each minute: what is newer than the last look, an application may have deleted since. */
const beatSeconds = 60;

/**
 * `rows`: of the ledger that came back. `allowedSeconds`: the loss that was approved; null where people approved one that nobody knows.
 * `caughtUp`: all that was written before the fence was seen to have arrived, so that a newest record that is gone was deleted.
 */
export function whatReturned(
  published: LedgerRecord,
  rows: readonly Beat[],
  now: Watermarks,
  tables: readonly DataTable[],
  allowedSeconds: number | null,
  caughtUp = false,
): Returned {
  const { lost, invented, recovered, newest, wrong } = countsOf(published, rows);
  const allowed = allowedSeconds ?? Number.POSITIVE_INFINITY;
  const { acknowledged, watermarks, countedAt } = published;
  const last = acknowledged.at(-1);
  // Rows that were counted within what may be lost may be lost as well.
  const countsHold = !caughtUp && countedAt !== null && (last?.at ?? published.at) - countedAt >= allowed * 1000;
  const accepted = caughtUp ? Number.POSITIVE_INFINITY : allowed;
  const compared =
    watermarks === null ? [] : compare(tables, now, watermarks, accepted, { slackSeconds: beatSeconds, countsHold });
  const older = newest === null || last === undefined ? 0 : (last.at - newest.at) / 1000;
  // Of rows of somebody else, or of a clock that ran back, no time is a bound.
  const isTrusted = invented.length === 0 && wrong.length === 0;
  return {
    lost: lost.length,
    invented: invented.length,
    recovered: recovered.length,
    newestBeatAt: isTrusted ? (newest?.at ?? null) : null,
    firstLostAt: isTrusted ? (acknowledged.find(({ id }) => id === lost[0])?.at ?? null) : null,
    tables: compared,
    wrong: [
      ...wrong,
      ...(newest !== null || isYoung(published, allowedSeconds) ? [] : [noRow]),
      ...(invented.length > 0 ? [`${invented.length} rows of the ledger are not ours: it is another history`] : []),
      ...(older > allowed + beatSeconds
        ? [
            `the newest row of the ledger that came back is ${formatSeconds(Math.round(older))} older than the last one that was written, and a loss of ${formatSeconds(allowed)} was approved`,
          ]
        : []),
      ...compared.flatMap((one) => one.wrong),
    ],
  };
}

/**
 * The most that was lost of a database, in seconds until writes ended. `otherwise`: by the lag of a replica, or by what a backup was said to
 * have. Both are bounds, and the smaller one holds; but a bound that a row which is missing refutes is none. Null where nobody knows: of a
 * table that is not as it was no time says how much is gone.
 */
export function lossOf(otherwise: number | null, returned: Returned | null, writesEndedAt: number): number | null {
  if (returned === null) return otherwise;
  const { newestBeatAt, firstLostAt, tables } = returned;
  if (tables.some(({ wrong }) => wrong.length > 0)) return null;
  const until = (at: number) => Math.max(0, writesEndedAt - at) / 1000;
  const least = firstLostAt === null ? 0 : until(firstLostAt);
  const byLedger = newestBeatAt === null || newestBeatAt > writesEndedAt ? null : until(newestBeatAt);
  const bounds = [otherwise, byLedger].filter((bound) => bound !== null && bound >= least);
  return bounds.length === 0 ? null : Math.min(...bounds.map(Number));
}

/** Whether a database that has no row of the ledger is as old as may be: none was ever acknowledged, or the first one within what may be lost. */
function isYoung({ since, acknowledged: [first, ...rest] }: LedgerRecord, allowedSeconds: number | null): boolean {
  if (first === undefined) return true;
  const last = rest.at(-1) ?? first;
  return since === 1 && allowedSeconds !== null && last.at - first.at <= allowedSeconds * 1000;
}

/**
 * What is found of a database's data: `unknown` says why nothing could be compared. `unpublished`: there is nothing to compare it with, which
 * holds nobody.
 */
export type Checked = Returned | { readonly unknown: string; readonly unpublished?: true };

/** What had certainly arrived of its tables; kept beside it in the record, so that what an old database has more can be looked for later. */
export type Marked = { readonly marks: readonly Watermark[] };

/** Of a step in the record; empty where nobody looked. */
export function readMarks({ marks }: Readonly<Record<string, unknown>>): Marked['marks'] {
  return Array.isArray(marks) ? (marks as Watermark[]) : [];
}

/** Of a step in the record; `outcome` is what the check of the data kept there. */
export function readChecked(outcome: Readonly<Record<string, unknown>>): Checked {
  const { unknown, unpublished } = outcome;
  if (typeof unknown !== 'string') return outcome as Returned;
  return { unknown, ...(unpublished === true && { unpublished }) };
}

export const taken = 'taken as it is by a person';

/**
 * What came back, in one sentence for people: what of our own rows is missing, what is less in each table, and what of it is wrong. `verdict`:
 * what became of that.
 */
export function returnedWords(checked: Checked, verdict = 'not what was approved'): string {
  if ('unknown' in checked)
    return `not compared${checked.unpublished === true ? '' : `, ${verdict}`}: ${checked.unknown}`;
  const { lost, invented, recovered, tables, wrong } = checked;
  const rows = [
    lost === 0
      ? 'all acknowledged rows of the ledger are there'
      : `${lost} acknowledged rows of the ledger are MISSING`,
    ...(recovered > 0 ? [`${recovered} rows are there that nobody had acknowledged`] : []),
    ...(invented > 0 ? [`${invented} rows are not ours`] : []),
  ];
  const less = tables.flatMap(({ table, fewerRows, keysBehind, newestBehindSeconds }) => {
    const parts = [
      ...(fewerRows === null || fewerRows === 0 ? [] : [`at least ${fewerRows} rows fewer than before`]),
      ...(keysBehind === null || keysBehind === '0'
        ? []
        : [`its greatest key ${keysBehind === 'differs' ? 'differs' : `is lower than before by ${keysBehind}`}`]),
      ...(newestBehindSeconds === null || newestBehindSeconds === 0
        ? []
        : [`its newest record is ${formatSeconds(Math.round(newestBehindSeconds))} older than before`]),
    ];
    return parts.length === 0 ? [] : [`${table}: ${parts.join(', ')}`];
  });
  return [
    rows.join(', '),
    ...less,
    ...tables.flatMap(({ unclear }) => unclear),
    ...(wrong.length > 0 ? [`${verdict}: ${wrong.join('; ')}`] : []),
  ].join('; ');
}

/** What a person signs for, beside the database's name: what came back is taken as it is. */
export const dataState = 'CheckData';

/** How the check of a database's data stands in the record. */
export function dataMark(asset: string): string {
  return `data/${asset}`;
}
