// What docs/deploy.md says of a removal: what stays, of which stack, and what is protected, as the stacks have it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resourcesOf } from '../../infrastructure/stack.ts';
import { placesOf, stackOf } from '../../infrastructure/values.ts';
import { packaged as plan } from '../permissions/packaged.ts';

const text = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
const removal = /^## Removal$.*?(?=^## )/ms.exec(text)?.[0] ?? '';
const rows = [...removal.matchAll(/^\| (.+?) \| (AWS::\S+) \| (.+?) \|/gm)].map(
  ([, what = '', type = '', of = '']) => ({
    what,
    type,
    of,
  }),
);

const { primary, standby } = plan.roles;
const prefix = 'breakwater-prod';
const stacks = [...placesOf(plan).keys()].map((region) => ({
  region,
  resources: Object.values(resourcesOf(stackOf(plan, region, prefix))),
}));
const kept = stacks.flatMap(({ region, resources }) =>
  resources.filter(({ DeletionPolicy }) => DeletionPolicy !== undefined).map((one) => ({ region, ...one })),
);
const typesOf = (some: readonly { readonly Type: string }[]) => [...new Set(some.map(({ Type }) => Type))].toSorted();

test('the table of what stays has each type of resource that a stack keeps, and no other', () => {
  expect(rows.map(({ type }) => type).toSorted()).toEqual(typesOf(kept));
});

test('all that stays goes with a first deployment that is rolled back, but the table, which is protected from then on', () => {
  for (const { DeletionPolicy, UpdateReplacePolicy } of kept)
    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  const failed = /^### If a first deployment fails$.*?(?=^##)/ms.exec(text)?.[0] ?? '';
  expect(failed).toContain('`DeletionPolicy: RetainExceptOnCreate`');
  // What it sends people to.
  expect(failed).toContain('[step 7 of a removal](#removal)');
  expect(removal).toMatch(/^7\. Delete the table\./m);
  expect(failed).toContain('step 6 of a removal');
  expect(removal).toMatch(/^6\. .* the latch buckets\./m);
});

test('it says of which stacks', () => {
  const regionsOf = (type: string) => [...new Set(kept.flatMap((one) => (one.Type === type ? [one.region] : [])))];
  for (const { type, of } of rows) {
    if (of === 'the primary') expect([type, regionsOf(type)]).toEqual([type, [primary]]);
    if (of === 'each region') expect([type, regionsOf(type)]).toEqual([type, stacks.map(({ region }) => region)]);
  }
  const places: Record<string, string[]> = {};
  for (const { region, Properties } of kept.filter(({ Type }) => Type === 'AWS::S3::Bucket')) {
    const name = JSON.stringify(Properties['BucketName']);
    const sort = Object.values(plan.redirection.latchBuckets).some(({ [region]: latch }) => name === `"${latch}"`)
      ? 'latches'
      : name.includes(`${prefix}-reports-`)
        ? 'reports'
        : 'exports';
    places[sort] = [...(places[sort] ?? []), region];
  }
  expect(places).toEqual({
    latches: expect.arrayContaining(Object.values(plan.redirection.latchBuckets).flatMap(Object.keys)),
    exports: [primary, standby],
    reports: [primary, standby],
  });
});

test('no resource of a type that stays goes with its stack', () => {
  const gone = stacks.flatMap(({ resources }) =>
    resources.filter(({ DeletionPolicy }) => DeletionPolicy === undefined),
  );
  expect(typesOf(gone).filter((type) => rows.some((row) => row.type === type))).toEqual([]);
});

test('the command that notes what stays asks for each of these types; a policy goes with its bucket', () => {
  const asked = [...(/contains\(`(\[.*?\])`/.exec(removal)?.[1] ?? '').matchAll(/AWS::[\w:]+/g)].map(([type]) => type);
  const types = rows.map(({ type }) => type).filter((type) => type !== 'AWS::S3::BucketPolicy');
  expect(asked.toSorted()).toEqual(types.toSorted());
});

test('deletion protection is taken from each replica that has it, and from nothing else', () => {
  const guarded = kept.flatMap(({ Type, Properties }) =>
    [...JSON.stringify(Properties).matchAll(/"Region":"([\w-]+)","DeletionProtectionEnabled":true/g)].map(
      ([, region]) => [Type, region],
    ),
  );
  expect(guarded).toEqual([primary, standby].map((region) => ['AWS::DynamoDB::GlobalTable', region]));
  const lines = [...removal.matchAll(/--no-deletion-protection-enabled --region <(\w+)>/g)].map(([, role]) => role);
  expect(lines).toEqual(['primary', 'standby']);
  expect(
    stacks.flatMap(({ resources }) => resources).filter((one) => /DeletionProtection/.test(JSON.stringify(one))),
  ).toHaveLength(1);
});
