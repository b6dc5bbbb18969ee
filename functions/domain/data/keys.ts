// What a plan says of the data in a database: how it is reached with SQL, which tables are looked at, and what must be there
// before users are. An asset without it is judged by what its service says alone.
import * as z from 'zod';
import { keyArn, regionName, secretName } from '../plan/names.ts';
import { columnName, tableName } from './names.ts';

const seconds = z.int().positive();

/** Settings and extensions have dots and hyphens: rds.force_ssl, uuid-ossp. They are values of a statement, and never its text. */
const settingName = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,62}$/, 'a name: letters, digits, _, . and -');

export const dataKeys = z.strictObject({
  /** The database of the instance that is connected to. */
  database: columnName,
  /**
   * In each region: names of secrets with a username and a password. `reader` reads the tables; `writer` writes in the schema
   * breakwater, and nowhere else. `key`: the key that they are encrypted with, where it is not Secrets Manager's own.
   */
  secrets: z.record(regionName, z.strictObject({ reader: secretName, writer: secretName, key: keyArn.optional() })),
  /**
   * Tables that are never empty, and whose newest records stay: what comes back is judged by them. `key`: the primary key, which grows.
   * `updatedAt`: when a row was last written.
   */
  tables: z.array(z.strictObject({ name: tableName, key: columnName, updatedAt: columnName.optional() })).default([]),
  /** Read once as a whole before users are: what was restored comes from a backup block by block, when it is first
   * touched. The flow asks for half an hour whether a database is verified. */
  warm: z.strictObject({ tables: z.array(tableName).min(1), withinSeconds: seconds.max(1200) }).optional(),
  extensions: z.array(settingName).default([]),
  /** What the engine must say of its own settings. */
  parameters: z.record(settingName, z.string()).default({}),
  /** The longest that one statement may run. A call of several has 10 s, connecting too. */
  statementTimeoutSeconds: seconds.max(8).default(5),
});

export type Data = Readonly<z.infer<typeof dataKeys>>;
export type DataTable = Data['tables'][number];

/** What is wrong with it beyond its shape: paths below the block, the value there, what was expected. `regions`: where the asset stands. */
export function wrongInData(
  data: Data,
  regions: readonly string[],
): (readonly [path: string, value: unknown, expected: string])[] {
  const names = data.tables.map(({ name }) => name);
  const unknown = (data.warm?.tables ?? []).filter((name) => !names.includes(name));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const missing = regions.filter((region) => data.secrets[region] === undefined);
  const alike = Object.entries(data.secrets).filter(([, { reader, writer }]) => reader === writer);
  return [
    ...missing.map(
      (region) => [`secrets.${region}`, undefined, 'the secrets of the region where the database stands'] as const,
    ),
    ...alike.map(
      ([region, { writer }]) =>
        [`secrets.${region}.writer`, writer, 'another secret than the reader: two roles'] as const,
    ),
    ...twice.map((name) => ['tables', name, 'each table once'] as const),
    ...unknown.map(
      (name) => ['warm.tables', name, `one of tables: ${[...new Set(names)].join(', ') || 'there is none'}`] as const,
    ),
  ];
}
