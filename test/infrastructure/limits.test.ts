// How many resources a stack may have: said at each packaging, which ends before CloudFormation would refuse it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { templateIn } from '../../cli/packaged/template.ts';
import Limits from '../../infrastructure/limits.ts';
import { folderOf } from '../permissions/packaged.ts';
import { plan } from '../plan.ts';

test.for([
  [449, null],
  [450, 'us-east-1: the stack has 450 resources, expected at most 449: CloudFormation takes 500'],
] as const)('a stack of %d resources is packaged, or ends with %j', ([count, expected]) => {
  const said: string[] = [];
  const Resources = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`R${index}`, { Type: '', Properties: {} }]),
  );
  const framework = {
    service: { provider: { compiledCloudFormationTemplate: { Resources } } },
    getProvider: () => ({ getRegion: () => 'us-east-1' }),
    classes: { Error },
  };
  const { hooks } = new Limits(framework, {}, { log: { notice: (line) => said.push(line) } });
  const [hook = () => undefined] = Object.values(hooks);
  if (expected === null) hook();
  else expect(hook).toThrow(new Error(expected));
  expect(said).toEqual([`us-east-1: ${count} of 500 resources`]);
});

test('packaging says it in a line, and has room left', async () => {
  const { primary } = plan.roles;
  const folder = await folderOf(primary);
  const { Resources } = JSON.parse(readFileSync(templateIn(folder), 'utf8')) as { Resources: object };
  const lines = readFileSync(join(folder, 'packaging.log'), 'utf8').split('\n');
  expect(lines).toContain(`${primary}: ${Object.keys(Resources).length} of 500 resources`);
}, 480_000);
