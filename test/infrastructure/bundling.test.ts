// What a bundle has of the drivers of databases: those that the plan asks with SQL, and within the limit.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { mostKilobytes } from '../../cli/size.ts';
import { faultFrom } from '../../functions/aws/sql/faults.ts';
import type { Connecting, Driver } from '../../functions/aws/sql/session.ts';
import bundling from '../../infrastructure/bundling.ts';
import { planText } from '../plan.ts';
import { noMariadb, startMariadb } from '../servers/mariadb.ts';
import { noPostgres, startPostgres } from '../servers/postgres.ts';
import { textWithData } from '../with-data.ts';

const root = join(import.meta.dirname, '../..');

const verify = 'functions/kinds/rds-instance/verify';

/** The drivers in a bundle, of the function that asks databases where nothing else is said, and its size, for a plan of that text. */
async function bundled(
  name: string,
  text: string,
  of = verify,
): Promise<{ drivers: string[]; kilobytes: number; code: string }> {
  const file = `node_modules/.cache/breakwater/${name}.yml`;
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  const framework = {
    processedInput: { options: { param: [`plan=${file}`] } },
    service: { functions: { one: { handler: `${of}.handler` } } },
  };
  const { outputFiles, metafile } = await build({
    ...{
      entryPoints: [`${of}.ts`],
      outdir: `out/${dirname(of)}`,
      absWorkingDir: root,
      plugins: bundling(framework),
    },
    ...{
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      minify: true,
      mainFields: ['module', 'main'],
    },
    ...{ write: false, metafile: true, preserveSymlinks: true, logLevel: 'silent', outExtension: { '.js': '.mjs' } },
  });
  const packages = Object.keys(metafile.inputs).map((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? '');
  return {
    drivers: [...new Set(packages)].filter((one) => ['pg', 'mysql2'].includes(one)),
    kilobytes: (outputFiles[0]?.contents.length ?? 0) / 1000,
    code: outputFiles[0]?.text ?? '',
  };
}

test.for([
  ['no database is asked', 'no-data', planText, []],
  ['a PostgreSQL is asked', 'postgres-data', textWithData(), ['pg']],
  ['a MySQL is asked', 'mysql-data', textWithData({}, { engine: 'mysql' }), ['mysql2']],
  ['a MariaDB is asked', 'mariadb-data', textWithData({}, { engine: 'mariadb' }), ['mysql2']],
] as const)('where %s, that driver is bundled and no other, within the limit', async ([, name, text, expected]) => {
  const { drivers, kilobytes, code } = await bundled(name, text);
  expect(drivers).toEqual(expected);
  expect(kilobytes).toBeLessThan(mostKilobytes);
  expect(code.includes('has no such database asked')).toBe(true); // instead of the other driver
  // Authorities and encodings that no connection of ours reads.
  expect(code).not.toContain('-----BEGIN CERTIFICATE-----');
});

/** The driver of an engine as it is bundled for a plan. */
async function bundledDriver(name: 'mysql' | 'postgres', folder: string): Promise<Driver> {
  const text = textWithData({}, { engine: name });
  const { code } = await bundled(`${name}-data`, text, `functions/aws/sql/${name}`);
  const file = join(folder, `${name}.mjs`);
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  writeFileSync(file, `${banner}\n${code}`);
  return ((await import(pathToFileURL(file).href)) as Record<string, Driver>)[name] as Driver;
}

const mariadb = { start: startMariadb, engine: 'mariadb', database: 'mysql', user: 'super' } as const;
const postgres = { start: startPostgres, engine: 'postgres', database: 'postgres', user: 'postgres' } as const;
type Server = Pick<Awaited<ReturnType<typeof startPostgres>>, 'host' | 'port' | 'certificate' | 'remove'>;
type How = Pick<Connecting, 'engine' | 'database' | 'user'> & { readonly start: () => Promise<Server> };
const bundles: readonly (readonly ['mysql' | 'postgres', How, string])[] = [
  ...(noPostgres === null ? [['postgres', postgres, '$1::text'] as const] : []),
  ...(noMariadb === null ? [['mysql', mariadb, '?'] as const] : []),
];
test.for(bundles)('the driver for %s does its work as it is bundled', async ([name, { start, ...to }, mark]) => {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-bundle-'));
  const server = await start();
  try {
    const driver = await bundledDriver(name, folder);
    const session = await driver.open({
      ...{ ...to, host: server.host, port: server.port, password: 'of-the-test', authorities: server.certificate },
      ...{ connectMs: 3_000, statementMs: 1_000, writes: true },
    });
    expect(await session.rows("SELECT 'für' AS value, 7 AS number, NULL AS nothing")).toEqual([
      { value: 'für', number: '7', nothing: null },
    ]);
    expect(await session.rows(`SELECT ${mark} AS value`, ['für'])).toEqual([{ value: 'für' }]);
    expect(await session.rows('SELECT * FROM invented').catch(faultFrom)).toMatchObject({ reason: 'no-table' });
    await session.end();
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true });
  }
});
