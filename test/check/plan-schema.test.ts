// plan.schema.json is what the one schema says: `npx vitest run test/check/plan-schema.test.ts -u` writes it anew.
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { planSchema } from '../../check/plan-schema.ts';
import { kindNames } from '../../functions/domain/plan/assets.ts';
import { schema } from '../../functions/domain/plan/plan.ts';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'plan.schema.json');

test('the file for editors is what the schema says', async () => {
  await expect(planSchema()).toMatchFileSnapshot(file);
});

test('it has every key of a plan, every kind of asset, and takes no other key', () => {
  const made = JSON.parse(planSchema());
  expect(Object.keys(made.properties).toSorted()).toEqual(Object.keys(schema.shape).toSorted());
  expect(made.additionalProperties).toBe(false);
  const kinds = made.properties.assets.items.oneOf.map(
    (one: { properties: { kind: { const: string } } }) => one.properties.kind.const,
  );
  expect(kinds.toSorted()).toEqual([...kindNames].toSorted());
  expect(made.required).not.toContain('vpc');
});

test.for([
  'plan.yml',
  'test/plan.yml',
  'examples/shop/plan.yml',
  'examples/search/plan.yml',
  'examples/session-store/plan.yml',
])('%s tells editors where it is', (plan) => {
  const [first = ''] = readFileSync(join(root, plan), 'utf8').split('\n');
  const [, named = ''] = /^# yaml-language-server: \$schema=(.+)$/.exec(first) ?? [];
  expect(relative(root, resolve(root, plan, '..', named))).toBe('plan.schema.json');
});
