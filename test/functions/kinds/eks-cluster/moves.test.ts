// What is done next with a cluster, from what was seen of it; and what that means before a failover.
import { describe, expect, test } from 'vitest';
import { giveUp, wait } from '../../../../functions/domain/recovery/moves.ts';
import { nextForCluster, nextNone, takesApplications } from '../../../../functions/kinds/eks-cluster/moves.ts';
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

const raise = { next: 'raise', group: 'chatops-dr-general' };
const scale = { next: 'scale' };
const done = { next: 'done' };
const lacking = giveUp('its node group chatops-dr-general is not there');

test.for([
  ['is not there', full, gone, null, { next: 'rebuild' }],
  ['is not there after it was scaled', full, gone, built('scale'), { next: 'rebuild' }],
  ['is rebuilt', full, gone, built('rebuild', false), wait('its rebuild goes on')],
  ['is there while the build goes on', full, active(), built('scale', false), wait('its scale goes on')],
  ['was rebuilt and is not there', full, gone, built('rebuild'), giveUp('it was rebuilt, and chatops-dr is not there')],
  [
    'is not there, and nobody knows how to rebuild it',
    scaled,
    gone,
    null,
    giveUp('it is not there, and the plan does not say how it is rebuilt'),
  ],
  ['is being made', full, { status: 'CREATING', nodeGroups: [] }, null, wait('it is CREATING')],
  ['waits to be made', full, { status: 'PENDING', nodeGroups: [] }, null, wait('it is PENDING')],
  ['is being removed', full, { status: 'DELETING', nodeGroups: [] }, null, giveUp('it is DELETING')],
  ['has failed', full, { status: 'FAILED', nodeGroups: [] }, null, giveUp('it is FAILED')],
  ['has another status that nobody knows', full, { status: 'ODD', nodeGroups: [] }, null, giveUp('it is ODD')],
  ['has too few nodes', full, active(group(1)), null, { ...raise, had: 1, desired: 9, most: 9 }],
  ['lacks one node', full, active(group(8)), null, { ...raise, had: 8, desired: 9, most: 9 }],
  ['has a limit that is too low', full, active(group(1, 'ACTIVE', 3)), null, { ...raise, had: 1, desired: 9, most: 9 }],
  ['has room for more', full, active(group(1, 'DEGRADED', 30)), null, { ...raise, had: 1, desired: 9, most: 30 }],
  ['is just given nodes', full, active(group(1, 'UPDATING')), null, wait('node group chatops-dr-general is UPDATING')],
  [
    'has a node group that is being made',
    full,
    active(group(1, 'CREATING')),
    null,
    wait('node group chatops-dr-general is CREATING'),
  ],
  ['has all its nodes, and changes them', full, active(group(9, 'UPDATING')), built('scale'), done],
  ...['CREATE_FAILED', 'DELETING', 'DELETE_FAILED'].map(
    (status) =>
      [
        `has a node group that is ${status}`,
        full,
        active(group(1, status)),
        null,
        giveUp(`its node group chatops-dr-general is ${status}`),
      ] as const,
  ),
  ['lacks a node group', full, active([{ name: 'chatops-dr-general', seen: null } as never]), null, lacking],
  ['has another node group alone', full, active([{ ...group(9)[0], name: 'other' } as never]), null, lacking],
  ['has its nodes, and too few replicas', full, active(), null, scale],
  ['has more nodes than are wanted', full, active(group(20)), built('scale'), done],
  ['was rebuilt', full, active(), built('rebuild'), done],
  ['changes by itself', full, { ...active(), status: 'UPDATING' }, built('scale'), done],
  [
    'has no deployments to scale',
    { ...full, scale: { ...full.scale, nodeGroups: [], deployments: [] } },
    active(),
    null,
    done,
  ],
  ['has deployments, and the plan has no tools to scale them', scaled, active(), null, done],
  ['the plan has no numbers of', { ...full, scale: undefined }, active([]), null, done],
] as const)('a cluster that %s', ([, of, seen, build, next]) => {
  expect(nextForCluster(of as ClusterPlace, seen, build)).toEqual(next);
});

test.for([
  ['ACTIVE', true],
  ['UPDATING', true],
  ['CREATING', true],
  ['PENDING', true],
  ['DELETING', false],
  ['FAILED', false],
  ['ODD', false],
] as const)('a cluster that is %s takes applications, now or soon: %s', ([status, takes]) => {
  expect(takesApplications(status)).toBe(takes);
});

describe('a deployment of the region that was given up', () => {
  const now = Date.parse('2026-11-23T03:10:00Z');
  const running = { wanted: 4, running: 4 };
  const lower = { next: 'lower' };
  const asked = wait('none were asked for');
  const raised = (times: number) => giveUp(`none were asked for ${times} times, and something raises it again to 4`);
  test.for([
    ['runs none, and none is wanted', { wanted: 0, running: 0 }, [], done],
    ['is being ended', { wanted: 0, running: 2 }, [1], wait('2 of its replicas are being ended')],
    ['runs', running, [], lower],
    ['was raised within a minute', running, [59], asked],
    ['was raised since', running, [60], lower],
    ['was raised twice: the second pause is longer', running, [200, 119], asked],
    ['was raised twice, two minutes ago', running, [200, 120], lower],
    ['is raised each time', running, [600, 400, 239], raised(3)],
    ['is raised each time, and is tried again later', running, [900, 600, 240], lower],
    [
      'is raised for hours, and is tried again each hour',
      running,
      [9, 8, 7, 6, 5, 4, 3, 1].map((h) => h * 3600),
      lower,
    ],
    [
      'is raised for hours, and was asked within the hour',
      running,
      [...[9, 8, 7, 6, 5, 4, 3].map((h) => h * 3600), 3599],
      raised(8),
    ],
    ['is not there', null, [], giveUp('it is not there: does it have another name?')],
  ] as const)('%s', ([, seen, ago, next]) => {
    const calls = ago.map((seconds) => now - seconds * 1000);
    expect(nextNone(seen, calls, now)).toEqual(next);
  });
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
