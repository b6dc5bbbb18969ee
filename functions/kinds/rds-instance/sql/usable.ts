// Whether a database can be used: what it says over a connection of its own, a write that works, tables that were read from its
// storage. RDS's status says none of that.
import { type Database, expectWritable, lookAt, warmOn } from '../../../aws/sql/sql.ts';
import type { DataTable } from '../../../domain/data/keys.ts';
import { type Looked, whyNotUsable } from '../../../domain/data/usable.ts';
import { CannotProceed, InProgress } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { FlowIncident } from '../../../shared/recovery/flow.ts';
import type { Shell } from '../../../shared/shell.ts';
import type { DatabaseSeen } from '../aws/instances.ts';
import { askedIn } from './asked.ts';
import { type Checked, checkData } from './data-check.ts';

/** What was proven. `notWarmed`: tables that were not read as a whole within the plan's time. */
export type Used = Pick<Looked, 'version' | 'tls'> & { readonly data: Checked; readonly notWarmed: readonly string[] };

type Asking = Pick<FlowIncident, 'id' | 'execution'>;
type Where = Pick<DatabaseSeen, 'endpoint' | 'port'> & { readonly region: string };

/** So long does one call read; the flow asks again. */
const readMs = 5_000;

/**
 * Called again while tables are read. Where the plan says nothing of the data of a database, RDS's word is all there is.
 * @throws CannotProceed where it cannot be used, Unavailable where it does not answer, InProgress
 */
export async function expectUsable(
  asset: AssetOf<'rds-instance'>,
  where: Where,
  incident: Asking,
  shell: Shell,
): Promise<Used> {
  const { name } = asset;
  const { region, endpoint } = where;
  const { data, reader, writer } = askedIn(asset, where);
  const looked = await lookAt(reader, Object.keys(data.parameters));
  const why = whyNotUsable(looked, data);
  if (why.length > 0) throw new CannotProceed(`database ${name} on ${endpoint} cannot be used: ${why.join('; ')}`);
  await expectWritable(writer, region, shell.now());
  const checked = await checkData(name, { data, reader, writer }, incident, shell);
  const tables = data.tables.filter((table) => data.warm?.tables.includes(table.name));
  const notWarmed = await readAll(tables, (data.warm?.withinSeconds ?? 0) * 1000, { name, reader, incident, shell });
  return { version: looked.version, tls: looked.tls, data: checked, notWarmed };
}

type Reading = {
  readonly name: string;
  readonly reader: Database;
  readonly incident: Asking;
  readonly shell: Shell;
};

/**
 * Reads tables as a whole, one after the other. How far it came is in the record, so that the next call goes on from there.
 * What a time limit leaves unread is slow for its first users, and no reason to keep all users away: it is said.
 * @throws InProgress
 */
async function readAll(tables: readonly DataTable[], limitMs: number, { name, reader, incident, shell }: Reading) {
  if (tables.length === 0) return [];
  const { store, now } = shell;
  const { id, execution } = incident;
  const step = warmingMark(name);
  const marks = (await store.readSteps(id)).filter((past) => past.execution === execution && past.step === step);
  const beganAt = marks[0]?.at ?? now();
  const last = marks.at(-1)?.outcome ?? {};
  const place = tables.findIndex((table) => table.name === last['table']);
  const from = typeof last['from'] === 'string' ? last['from'] : null;
  // A table of which nothing more is to be read stands in the mark without a place.
  const next = tables[marks.length === 0 ? 0 : from === null ? place + 1 : place];
  if (next === undefined) return [];
  const left = () => tables.slice(tables.indexOf(next)).map((table) => table.name);
  if (marks.length > 0 && now() - beganAt >= limitMs) return left();
  const reached = await warmOn(reader, next, from, readMs);
  await store.recordStep({ incident: id, execution, step, at: now(), outcome: { table: next.name, from: reached } });
  if (reached === null && tables.at(-1) === next) return [];
  throw new InProgress(`database ${name} works, and its tables are read for the first time: ${left().join(', ')}`);
}

/** What the record holds of how far the tables of a database were read. */
export function warmingMark(asset: string): string {
  return `warming/${asset}`;
}
