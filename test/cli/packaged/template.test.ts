// Which packaging is looked at where none is named.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lastPackaging, readTemplateFile, templateIn } from '../../../cli/packaged/template.ts';

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'breakwater-project-'));
});

afterEach(() => rmSync(project, { recursive: true, force: true }));

test.for<readonly [string, Readonly<Record<string, number>>, readonly string[]]>([
  ['nothing was packaged', {}, []],
  ['each region was', { '.packaged/a': 1, '.packaged/b': 2 }, ['.packaged/a', '.packaged/b']],
  ['the framework alone packaged one', { '.serverless': 1 }, ['.serverless']],
  ['the framework packaged one afterwards', { '.packaged/a': 1, '.packaged/b': 2, '.serverless': 3 }, ['.serverless']],
  ['regions were packaged afterwards', { '.serverless': 1, '.packaged/a': 2 }, ['.packaged/a']],
])('where %s', ([, made, expected]) => {
  for (const [folder, second] of Object.entries(made)) {
    const file = templateIn(join(project, folder));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '{}');
    utimesSync(file, second, second);
  }
  expect(lastPackaging(project)).toEqual(expected.map((folder) => join(project, folder)));
});

test.for([
  ['its region and application', { region: 'eu-west-1', stackTags: { protects: 'shop' } }, 'eu-west-1', 'shop'],
  ['neither, where its state does not say', {}, null, null],
] as const)('a template is read with what it was packaged for: %s', ([, provider, region, application]) => {
  const file = templateIn(project);
  writeFileSync(file, JSON.stringify({ Resources: {} }));
  writeFileSync(join(project, 'serverless-state.json'), JSON.stringify({ service: { provider } }));
  expect(readTemplateFile(file)).toMatchObject({ region, application });
});
