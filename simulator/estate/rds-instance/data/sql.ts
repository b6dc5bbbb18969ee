// What a database says when it is asked itself, with SQL: only while it can be reached and works, only with the name and password of a
// role of its own. It throws the faults that the real edge throws.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SqlFault, type SqlReason, sqlReasons } from '../../../../functions/aws/sql/faults.ts';
import type { SqlOperations } from '../../../../functions/aws/sql/sql.ts';
import { type Answers, type Parts, read } from '../../apis/answer.ts';
import { struckBy } from '../../faults/faults.ts';
import { databaseEndpoint } from '../../ssm-parameters/parameters.ts';
import type { Call } from '../../types.ts';
import type { Found } from '../api/shown.ts';
import type { Heartbeats } from './heartbeats.ts';

const asked = z.looseObject({
  connection: z.looseObject({ host: z.string(), user: z.string(), password: z.string() }),
});
const look = asked.extend({ parameters: z.array(z.string()) });
const write = asked.extend({ place: z.string(), at: z.number() });
const beat = asked.extend({ id: z.number(), at: z.number() });
const mark = asked.extend({
  table: z.looseObject({ name: z.string(), updatedAt: z.string().optional() }),
  counts: z.boolean(),
});
const newer = asked.extend({
  table: z.looseObject({ name: z.string(), updatedAt: z.string().optional() }),
  since: z.object({ key: z.string().nullable(), at: z.number().nullable() }),
  most: z.number(),
});
const keyed = asked.extend({ table: newer.shape.table, keys: z.array(z.string()) });
const warm = asked.extend({ table: z.looseObject({ name: z.string() }), from: z.string().nullable() });

/** Parts that a restored table is read in; in one that was never restored all blocks are there. */
const partsOfRestored = 3;

export const sql: Answers = {
  Look(call, parts) {
    const { parameters } = read(look, call);
    const { instance, database } = reached(call, parts, 'reader');
    const { data } = database.asset;
    // A group of the engine's own has its defaults: what the plan counts on is not in it.
    const isDefault = instance.settings.parameterGroup.startsWith('default');
    const known = isDefault ? {} : (data?.parameters ?? {});
    return {
      version: instance.settings.engineVersion,
      tls: 'TLSv1.3',
      isReplica: instance.sourceId !== null,
      extensions: data?.extensions ?? [],
      parameters: Object.fromEntries(parameters.flatMap((name) => (name in known ? [[name, known[name] ?? '']] : []))),
    } satisfies SqlOperations['Look']['output'];
  },
  CheckWrite(call, parts) {
    const { at } = read(write, call);
    const { instance, database } = reached(call, parts, 'writer');
    if (!database.isWriter(instance)) throw new SqlFault('read-only');
    // A row of our own, and no change of what the plan protects.
    return { at } satisfies SqlOperations['CheckWrite']['output'];
  },
  KeepBeat(call, parts) {
    const { id, at } = read(beat, call);
    const { instance, database, heartbeats } = reached(call, parts, 'writer');
    if (!database.isWriter(instance)) throw new SqlFault('read-only');
    if (!heartbeats.keep(instance, { id, at })) throw new SqlFault('failed', '23505');
    return {} satisfies SqlOperations['KeepBeat']['output'];
  },
  ReadLedger(call, parts) {
    const { instance, heartbeats } = reached(call, parts, 'writer');
    return { rows: heartbeats.rowsOf(instance) } satisfies SqlOperations['ReadLedger']['output'];
  },
  Watermark(call, parts) {
    const { table, counts } = read(mark, call);
    const { instance, database, heartbeats } = reached(call, parts, 'reader');
    if (!database.asset.data?.tables.some(({ name }) => name === table.name)) throw new SqlFault('no-table');
    const isLost = parts.world.faults
      .of('rows-lost')
      .some(
        (fault) =>
          (fault.region ?? parts.world.plan.roles.standby) === instance.region &&
          struckBy(fault, parts.world.plan) === database.asset.name,
      );
    const empty = { table: table.name, count: 0, greatestKey: null, newestAt: null };
    const { count, newestAt, ...found } = isLost ? empty : heartbeats.watermarkOf(instance, table.name);
    return {
      ...found,
      count: counts ? count : null,
      newestAt: table.updatedAt === undefined ? null : newestAt,
    } satisfies SqlOperations['Watermark']['output'];
  },
  ReadNewer(call, parts) {
    const { table, since, most } = read(newer, call);
    const { instance, database, heartbeats } = reached(call, parts, 'reader');
    if (!database.asset.data?.tables.some(({ name }) => name === table.name)) throw new SqlFault('no-table');
    const rows = heartbeats.newerIn(instance, since);
    const shown = rows.slice(0, most).map((row) => ({ ...row, at: table.updatedAt === undefined ? null : row.at }));
    return { newer: rows.length, rows: shown } satisfies SqlOperations['ReadNewer']['output'];
  },
  ReadKeys(call, parts) {
    const { table, keys } = read(keyed, call);
    const { instance, database, heartbeats } = reached(call, parts, 'reader');
    if (!database.asset.data?.tables.some(({ name }) => name === table.name)) throw new SqlFault('no-table');
    return {
      rows: keys.flatMap((key) => heartbeats.rowOf(instance, key)),
    } satisfies SqlOperations['ReadKeys']['output'];
  },
  Warm(call, parts) {
    const { table, from } = read(warm, call);
    const { instance, database } = reached(call, parts, 'reader');
    if (!database.asset.data?.tables.some(({ name }) => name === table.name)) throw new SqlFault('no-table');
    const isRestored = instance !== database.primary && instance !== database.replica;
    const next = Number(from ?? 0) + 1;
    return {
      next: isRestored && next < partsOfRestored ? String(next) : null,
    } satisfies SqlOperations['Warm']['output'];
  },
};

/** What a role signs in with, by the name of its secret. The same in every drill; it protects nothing. */
export function credentialsOf(secret: string): { readonly username: string; readonly password: string } {
  const password = createHash('sha256').update(secret).digest('hex');
  return { username: secret.replaceAll('/', '_'), password };
}

type Asked = Pick<Found, 'instance' | 'database'> & { readonly heartbeats: Heartbeats };

/** The instance at an address, which works, and lets the role in. @throws SqlFault */
function reached(call: Call, parts: Parts, role: 'reader' | 'writer'): Asked {
  const { host, user, password } = read(asked, call).connection;
  const found = parts.databases
    .flatMap(({ database, heartbeats }) => database.all().map((instance) => ({ database, heartbeats, instance })))
    .find(({ instance }) => databaseEndpoint(instance.id, instance.region) === host && instance.bornAt !== null);
  if (found === undefined) throw new SqlFault('unreachable', 'ENOTFOUND');
  const { database, instance } = found;
  const place = database.asset.regions[instance.region];
  const { securityGroups, restore } = place ?? {};
  const rehearsed = restore?.rehearsal?.securityGroups ?? [];
  const open = [...(securityGroups?.open ?? []), ...(restore?.securityGroups ?? []), ...rehearsed];
  if (open.length > 0 && !instance.groups.some((group) => open.includes(group))) throw new SqlFault('timeout');
  if (instance.restarting) throw new SqlFault('starting');
  if (database.condition(instance) === 'down') throw new SqlFault('refused');
  const secret = database.asset.data?.secrets[instance.region]?.[role] ?? '';
  const known = credentialsOf(secret);
  if (user !== known.username || password !== known.password) throw new SqlFault('password');
  return found;
}

/** What the way of a call can do to it, as the driver of a database says it. */
export function asSqlFault(error: unknown): SqlFault {
  if (error instanceof SqlFault) return error;
  const { name = '', $metadata } = (error ?? {}) as {
    readonly name?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  if (isReason(name)) return new SqlFault(name);
  return new SqlFault($metadata?.httpStatusCode === undefined ? 'timeout' : 'unreachable');
}

function isReason(name: string): name is SqlReason {
  return sqlReasons.some((reason) => reason === name);
}
