// What a bundle has of the drivers of databases: those that the plan asks with SQL, and within the limit.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { mostKilobytes } from '../../cli/size.ts';
import bundling from '../../infrastructure/bundling.ts';
import { planText } from '../plan.ts';
import { textWithData } from '../with-data.ts';

const root = join(import.meta.dirname, '../..');

/** The packages in the bundle of the function that asks databases, and its size, for a plan of that text. */
async function bundled(name: string, text: string): Promise<{ drivers: string[]; kilobytes: number; code: string }> {
  const file = `node_modules/.cache/breakwater/${name}.yml`;
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  const verify = 'functions/kinds/rds-instance/verify';
  const framework = {
    processedInput: { options: { param: [`plan=${file}`] } },
    service: { functions: { verify: { handler: `${verify}.handler` } } },
  };
  const { outputFiles, metafile } = await build({
    ...{
      entryPoints: [`${verify}.ts`],
      outdir: `out/${dirname(verify)}`,
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
