// The limits of bundles, on the bundles as they are packaged; and that what takes a package's place does.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleInto, functionNames, tooLarge } from '../../cli/size.ts';
import { parsePlan } from '../../functions/domain/plan.ts';
import { plan } from '../functions/setting.ts';

let folder: string;
let bundles: Bundle[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-size-'));
  bundles = await bundleInto(folder, functionNames());
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('no bundle has more than 600 kB, and classify less than 300 kB', () => {
  expect(tooLarge(bundles)).toEqual([]);
});

test('a bundle over its limit is named with its size', () => {
  const sized = (name: string, kilobytes: number) => ({ name, kilobytes, file: '' });
  expect(tooLarge([sized('classify', 301.2), sized('sweep', 599), sized('assess', 601)])).toEqual([
    'classify has 301 kB, expected at most 300 kB',
    'assess has 601 kB, expected at most 600 kB',
  ]);
});

test.for(functionNames())(
  '%s loads, has a handler, and looks for no credentials outside of its environment',
  async (name) => {
    const file = join(folder, `${name}.mjs`);
    expect(await import(pathToFileURL(file).href)).toHaveProperty('handler', expect.any(Function));
    const code = readFileSync(file, 'utf8');
    // Where containers would be asked for theirs, and where a person keeps them.
    expect(['169.254.170.2', '.aws/credentials'].filter((place) => code.includes(place))).toEqual([]);
  },
);

test('a bundle holds the plan as it is now', () => {
  const code = readFileSync(join(folder, 'classify.mjs'), 'utf8');
  const [, held = ''] = /JSON\.parse\((['"`])(\{"application".*?\})\1\)/s.exec(code)?.slice(1) ?? [];
  expect(parsePlan(JSON.parse(held.replaceAll('\\\\', '\\')))).toEqual(plan);
});
