// What is done next with a cluster, from what was seen of it; and what that means before a failover.
import { describe, expect, test } from 'vitest';
import { nextForCluster } from '../../../../functions/kinds/eks-cluster/moves.ts';
import {
  backupReady,
  clustersSeen,
  coldReady,
  rebuildReady,
} from '../../../../functions/kinds/eks-cluster/rules/assess.ts';
import type { ClusterPlace } from '../../../../functions/kinds/eks-cluster/says/rebuild-plan.ts';
import { shipped } from '../../../shipped.ts';

const place = shipped.assets.flatMap((asset) => (asset.kind === 'eks-cluster' ? asset.regions['us-west-2'] : []))[0];
if (place?.rebuild === undefined) throw new Error('the shipped plan rebuilds its cluster');
const full: ClusterPlace = place;
const { rebuild: _, ...scaled } = full;
const group = (desired: number, status = 'ACTIVE', most = 9) => [
  { name: 'chatops-dr-general', seen: { status, desired, most } },
];
const active = (nodeGroups = group(9)) => ({ status: 'ACTIVE', nodeGroups });
const gone = { status: null, nodeGroups: [] };
const built = (task: 'rebuild' | 'scale', ended = true) => ({ task, ended });

test.for([
  ['is not there', full, gone, null, { next: 'rebuild' }],
  ['is rebuilt', full, gone, built('rebuild', false), { next: 'wait', why: 'its rebuild goes on' }],
  ['is there while the build goes on', full, active(), built('rebuild', false), { next: 'wait' }],
  ['was rebuilt and is not there', full, gone, built('rebuild'), { next: 'give-up' }],
  ['is not there, and nobody knows how to rebuild it', scaled, gone, null, { next: 'give-up' }],
  ['is being made', full, { status: 'CREATING', nodeGroups: [] }, null, { next: 'wait' }],
  ['is being removed', full, { status: 'DELETING', nodeGroups: [] }, null, { next: 'give-up' }],
  ['has failed', full, { status: 'FAILED', nodeGroups: [] }, null, { next: 'give-up' }],
  ['has another status that nobody knows', full, { status: 'ODD', nodeGroups: [] }, null, { next: 'give-up' }],
  [
    'has too few nodes',
    full,
    active(group(1)),
    null,
    { next: 'raise', group: 'chatops-dr-general', desired: 9, most: 9 },
  ],
  ['has a limit that is too low', full, active(group(1, 'ACTIVE', 3)), null, { next: 'raise', desired: 9, most: 9 }],
  ['has room for more', full, active(group(1, 'DEGRADED', 30)), null, { next: 'raise', desired: 9, most: 30 }],
  ['is just given nodes', full, active(group(1, 'UPDATING')), null, { next: 'wait' }],
  ['has a node group that could not be made', full, active(group(1, 'CREATE_FAILED')), null, { next: 'give-up' }],
  [
    'lacks a node group',
    full,
    active([{ name: 'chatops-dr-general', seen: null } as never]),
    null,
    { next: 'give-up' },
  ],
  ['has its nodes, and too few replicas', full, active(), null, { next: 'scale' }],
  ['has more nodes than are wanted', full, active(group(20)), built('scale'), { next: 'done' }],
  ['was rebuilt', full, active(), built('rebuild'), { next: 'done' }],
  ['changes by itself', full, { ...active(), status: 'UPDATING' }, built('scale'), { next: 'done' }],
  [
    'has no deployments to scale',
    { ...scaled, scale: { nodeGroups: [], deployments: [] } },
    active(),
    null,
    { next: 'done' },
  ],
] as const)('a cluster that %s', ([, of, seen, build, next]) => {
  expect(nextForCluster(of as ClusterPlace, seen, build)).toMatchObject(next);
});

describe('before a failover', () => {
  const leaving = { standby: 'us-west-2' } as Parameters<typeof clustersSeen>[1];
  const seeing = (of: Partial<ClusterPlace>, answers: boolean, seen: { status: string | null } | null) =>
    clustersSeen([{ place: { ...full, ...of }, answers, seen }], leaving);

  test('a cluster that answers is a merit, and is not looked at any further', () => {
    expect(seeing({}, true, null)).toEqual({ obstacles: [], merits: ['cluster chatops-dr answers'] });
  });

  test('one that is not there is rebuilt, and people see how long that takes', () => {
    expect(seeing({}, false, { status: null })).toEqual({
      obstacles: [],
      merits: [expect.stringMatching(/^cluster chatops-dr is not there: it is rebuilt, which takes 50 min/)],
      seconds: 3000,
    });
  });

  test('one that is not warm is scaled', () => {
    expect(seeing({ warm: false }, true, { status: 'ACTIVE' })).toEqual({
      obstacles: [],
      merits: ['cluster chatops-dr is ACTIVE: it is scaled to what the plan wants'],
    });
  });

  test.for([
    ['is warm, there, and does not answer', {}, { status: 'ACTIVE' }, 'is ACTIVE and does not answer'],
    ['nobody can say of whether it is there', {}, null, 'it is not known whether cluster'],
    ['is not there, and cannot be rebuilt', { rebuild: undefined }, { status: null }, 'does not say how it is rebuilt'],
    [
      'is not warm, and cannot be scaled',
      { warm: false, scale: undefined, rebuild: undefined },
      null,
      'scaled or rebuilt',
    ],
    [
      'does not answer, and nobody brings it to that',
      { scale: undefined, rebuild: undefined },
      null,
      'does not answer',
    ],
  ] as const)('one that %s is an obstacle', ([, change, seen, why]) => {
    expect(seeing(change as Partial<ClusterPlace>, false, seen)).toEqual({
      obstacles: [expect.stringContaining(why)],
      merits: [],
    });
  });
});

describe('readiness', () => {
  test.for([
    ['is there, and small', {}, 'ACTIVE', 'ready', /is ACTIVE, and is scaled when it is needed/],
    ['is being made', {}, 'CREATING', 'ready', /is CREATING/],
    ['is not there', {}, null, 'ready', /is rebuilt when it is needed, which takes 50 min/],
    ['is deleted', {}, 'DELETING', 'not-ready', /is DELETING/],
    ['is not there, and nobody makes it', { rebuild: undefined }, null, 'not-ready', /does not exist/],
    ['nobody brings to it', { rebuild: undefined, scale: undefined }, 'ACTIVE', 'not-ready', /scaled or rebuilt/],
  ] as const)('one that is not warm and %s', ([, change, status, state, why]) => {
    const verdict = coldReady({ ...full, ...(change as Partial<ClusterPlace>), warm: false }, status);
    expect(verdict).toEqual({ state, why: expect.stringMatching(why) });
  });

  const tool = { key: 'tools/kubectl', there: true };
  const chart = { key: 'charts/c.tgz', there: false };
  const known = { bucket: 'states', key: 'dr.tfstate', there: false };
  test.for([
    ['all is there', [tool], null, 'ready', 'all that a rebuild brings is in recovery'],
    ['a chart is missing', [tool, chart], null, 'not-ready', 'what a rebuild brings is not in recovery: charts/c.tgz'],
    [
      'the state of a cluster that stands is missing',
      [tool],
      known,
      'not-ready',
      'the state dr.tfstate is not in states: a rebuild would make all that there is once more',
    ],
  ] as const)('a rebuild of which %s', ([, brought, state, expected, why]) => {
    expect(rebuildReady('recovery', brought, state)).toEqual({ state: expected, why });
  });

  const now = Date.parse('2026-11-27T12:00:00Z');
  const ago = (hours: number) => ({ at: now - hours * 3_600_000 });
  const application = full.rebuild?.application;
  if (application?.from !== 'resources') throw new Error('the shipped plan applies its resource backup');

  test.for([
    [
      'fresh, and tried',
      ago(3),
      ago(2),
      'ready',
      /is 3 h old, and a dry run passed 2 h ago: 3 objects would be applied; 4$/,
    ],
    ['not there', null, null, 'not-ready', /there is no resource backup/],
    ['too old', ago(26), ago(1), 'not-ready', /is 26 h old, expected less than 26 h/],
    ['never tried', ago(1), null, 'not-ready', /no dry run/],
    ['refused since the day before', ago(1), ago(30), 'not-ready', /that passed was 30 h ago/],
  ] as const)('a resource backup that is %s', ([, backup, tried, state, why]) => {
    const left = tried === null ? null : { ...tried, told: '3 objects would be applied\n4\n' };
    expect(backupReady(application, backup, left, now)).toEqual({ state, why: expect.stringMatching(why) });
  });
});
