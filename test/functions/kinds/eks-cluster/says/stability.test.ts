// What a rebuild may not depend on: the region that is lost, and what everybody asks for at the same time.
import { expect, test } from 'vitest';
import { parsePlan } from '../../../../../check/plan.ts';
import { findInPlan } from '../../../../../check/stability.ts';
import type { Rebuild } from '../../../../../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import { withRebuild } from '../../../../assets.ts';
import { plan } from '../../../../plan.ts';

const rebuiltWith = (change: (rebuild: Rebuild) => Rebuild) =>
  withRebuild(plan, (place) =>
    place.cluster === 'chatops-dr' && place.rebuild ? { ...place, rebuild: change(place.rebuild) } : place,
  );
const at = (...keys: string[]) => ['assets', '3', 'regions', 'us-west-2', 'rebuild', ...keys].join('.');
const index = plan.assets.findIndex(({ kind }) => kind === 'eks-cluster');
const elsewhere = { name: 'chatops-files', region: 'us-east-1' };
type State = Rebuild['terraform']['state'];
const state = (change: Partial<State>) => (one: Rebuild) => ({
  ...one,
  terraform: { ...one.terraform, state: { ...one.terraform.state, ...change } },
});

test('what the shipped plan rebuilds with is found to be safe', () => {
  expect(findInPlan(withRebuild(plan))).toEqual(findInPlan(plan));
});

test.for([
  [
    'all that it reads in the lost region',
    (one: Rebuild) => ({ ...one, bucket: elsewhere }),
    'rebuild-elsewhere',
    'error',
    at('bucket', 'region'),
  ],
  [
    'its state there',
    state({ bucket: elsewhere }),
    'state-elsewhere',
    'error',
    at('terraform', 'state', 'bucket', 'region'),
  ],
  [
    'a lock that names a bucket',
    state({ lock: 'dynamodb' }),
    'state-lock-of-a-table',
    'error',
    at('terraform', 'state', 'lock'),
  ],
  [
    'lock files that are replicated',
    state({ locksReplicated: true }),
    'lock-file-replicated',
    'error',
    at('terraform', 'state', 'locksReplicated'),
  ],
  [
    'providers of a registry',
    (one: Rebuild) => ({ ...one, terraform: { ...one.terraform, providers: null } }),
    'providers-from-registry',
    'error',
    at('terraform', 'providers'),
  ],
  [
    'images of the lost region',
    (one: Rebuild) => ({ ...one, registries: ['111122223333.dkr.ecr.us-east-1.amazonaws.com'] }),
    'images-elsewhere',
    'error',
    at('registries', '0'),
  ],
  [
    'images of the internet',
    (one: Rebuild) => ({ ...one, registries: ['docker.io'] }),
    'images-elsewhere',
    'warning',
    at('registries', '0'),
  ],
] as const)('%s is found, and nothing else', ([, change, id, severity, path]) => {
  const found = findInPlan(rebuiltWith(change)).filter((one) => !findInPlan(plan).some((known) => known.id === one.id));
  expect(found).toEqual([
    {
      id,
      severity,
      where: { plan: path.replace('assets.3', `assets.${index}`).split('.') },
      depends: expect.stringContaining('rebuilding the cluster in us-west-2 depends on'),
      reason: expect.stringMatching(/\w/),
      fix: expect.stringMatching(/\w/),
    },
  ]);
});

test('a cluster that is scaled when it is needed is a risk that is taken', () => {
  const cold = findInPlan(withRebuild(plan, (place) => ({ ...place, warm: false })));
  expect(cold.filter(({ id }) => id === 'standby-not-warm').map(({ severity }) => severity)).toEqual(['warning']);
});

test.for([
  ['deployments without a rebuild', { rebuild: undefined }, /scale\.deployments: is .*expected a rebuild beside scale/],
  ['a key that nobody knows', { rebuilds: {} }, /rebuilds: is .*no such key/],
  [
    'a number of nodes that is none',
    { scale: { nodeGroups: [{ name: 'g', desired: 0 }], deployments: [] } },
    /desired: is 0, expected more than 0/,
  ],
] as const)('%s are refused in a line', ([, change, line]) => {
  const changed = withRebuild(plan, (place) => ({ ...place, ...(change as object) }));
  expect(() => parsePlan(JSON.parse(JSON.stringify(changed)))).toThrow(line);
});

test.for([
  [
    'a checksum that is none',
    (one: Rebuild) => ({ ...one, tools: { ...one.tools, helm: { version: '4.0.0', sha256: 'abc' } } }),
    /sha256: is "abc", expected a SHA-256/,
  ],
  ...(
    [
      ['terraform', '1.9.8', /terraform\.version: is "1\.9\.8", expected a version from 1\.10\.0 on/],
      ['terraform', '2.0.0', /terraform\.version: is "2\.0\.0", expected a version from 1\.10\.0 on, before 2/],
      ['helm', '3.19.0', /helm\.version: is "3\.19\.0", expected a version 4: others do not know --wait=legacy/],
      ['kubectl', '1.19.0', /kubectl\.version: is "1\.19\.0", expected a version from 1\.24\.0 on/],
    ] as const
  ).map(
    ([tool, version, line]) =>
      [
        `${tool} ${version}, which the scripts cannot use,`,
        (one: Rebuild) => ({ ...one, tools: { ...one.tools, [tool]: { ...one.tools[tool], version } } }),
        line,
      ] as const,
  ),
  [
    'a key that leaves its bucket',
    (one: Rebuild) => ({ ...one, terraform: { ...one.terraform, source: { ...one.terraform.source, key: '../*' } } }),
    /source\.key: is "\.\.\/\*", expected a key/,
  ],
] as const)('%s is refused in a line', ([, change, line]) => {
  expect(() => parsePlan(rebuiltWith(change))).toThrow(line);
});
