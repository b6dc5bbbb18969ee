// What was changed before is read from several sources side by side: one that cannot be read is one line, and stops nothing.
import { EKSClient } from '@aws-sdk/client-eks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';
import { changesBefore } from '../../../../functions/shared/judgement/changed.ts';
import { mocked } from '../../../mocked.ts';
import { shipped } from '../../../shipped.ts';
import { called, changesAnswer, refused } from '../../changes.ts';
import { deployed, eksKnows, type Listed } from '../../kinds/eks-cluster/clusters.ts';
import { incident, type Setting, setting, start } from '../../setting.ts';

const eks = mocked(EKSClient);
const clusterLists = (listed: Listed) => {
  eksKnows(eks);
  return deployed({}, listed);
};
beforeEach(() => void clusterLists({}));
afterEach(() => vi.restoreAllMocks());

const at = start - 180_000;
const event = {
  Date: new Date(at),
  SourceIdentifier: 'chatops-prod',
  Message: 'Updated',
  EventCategories: ['maintenance'],
};
/** RDS is asked for instances; ElastiCache for everything. */
const ofDatabase = (input: object) => ({ Events: 'SourceType' in input ? [event] : [] });
const late =
  'CloudTrail may be 15 min late: a change after 02:45 UTC may be missing. Breakwater reads CloudTrail again at 03:15 UTC and tells you what is new.';
const complete = (): Setting => Object.assign(setting({ plan: shipped }), { at: start + 15 * 60_000 });
const readIn = (shell = complete()) => changesBefore(incident, shell);

/** A deployment as it was changed by a tool. */
const changedBy = (manager: string, more: object = {}, secondsBefore = 60) => ({
  metadata: {
    name: 'chatops-api',
    managedFields: [
      { manager, operation: 'Update', time: new Date(start - secondsBefore * 1000).toISOString(), ...more },
    ],
  },
});

test('what was changed in a cluster is told by the tool that changed it, and by nobody’s name', async () => {
  changesAnswer();
  const send = clusterLists({
    ListDeployments: [
      changedBy('kubectl-edit'),
      changedBy('helm', {}, 120),
      changedBy('kubectl', { subresource: 'scale' }, 180),
      changedBy('kube-controller-manager', { subresource: 'scale' }, 240),
      changedBy('breakwater', { subresource: 'scale' }, 300),
      // A status, another time, no time, and nothing that is known.
      changedBy('kubelet', { subresource: 'status' }),
      ...[
        changedBy('kubectl-edit', {}, 3_000),
        changedBy('kubectl-edit', { time: undefined }),
        {},
        { metadata: {} },
        { metadata: { managedFields: [null, 7] } },
      ],
      changedBy('kubectl-edit', {}, -60),
    ],
    ListConfigMaps: [changedBy('terraform', {}, 360)],
  });
  const { changes, gaps } = await readIn();
  expect(changes.map(({ by, what, asset, who }) => [by, `${what} on ${asset}, by ${who}`])).toEqual([
    ['pipeline', 'change of config map chatops-api on cluster, by whoever used terraform'],
    ['breakwater', 'scaling of deployment chatops-api on cluster, by Breakwater'],
    ['aws', 'scaling of deployment chatops-api on cluster, by kube-controller-manager, by itself'],
    ['pipeline', 'scaling of deployment chatops-api on cluster, by whoever used kubectl'],
    ['pipeline', 'change of deployment chatops-api on cluster, by whoever used helm'],
    ['people', 'change of deployment chatops-api on cluster, by whoever used kubectl-edit'],
  ]);
  expect(gaps).toEqual([]);
  const operations = send.mock.calls.map(([{ operation }]) => operation);
  expect(operations.toSorted()).toEqual([
    'ListAutoscalers',
    'ListConfigMaps',
    'ListDaemonSets',
    'ListDeployments',
    'ListStatefulSets',
  ]);
});

test('a name that anybody can choose hides nothing', async () => {
  changesAnswer();
  clusterLists({
    ListDeployments: ['breakwater', 'kube-controller-manager', 'keda-mine', 'argocd-application-controller', ''].map(
      (manager, index) => changedBy(manager, {}, 60 + index),
    ),
  });
  const { changes } = await readIn();
  expect(changes.map(({ by, who }) => [by, who]).toReversed()).toEqual([
    ['pipeline', 'whoever used breakwater'],
    ['aws', 'kube-controller-manager, by itself'],
    ['pipeline', 'whoever used keda-mine'],
    ['pipeline', 'whoever used argocd-application-controller'],
    ['pipeline', 'whoever used a tool without a name'],
  ]);
});

test('what controllers write down of who leads is no change, and what they change by themselves is suspected last', async () => {
  changesAnswer();
  const leader = changedBy('nginx-ingress-controller', {}, 5).metadata;
  clusterLists({
    ListConfigMaps: [
      { metadata: { ...leader, annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } } },
      changedBy('cluster-autoscaler', {}, 10),
    ],
  });
  const { changes } = await readIn();
  expect(changes.map(({ by, who }) => [by, who])).toEqual([['aws', 'cluster-autoscaler, by itself']]);
});

test('a cluster that answers too slowly is one line, and the others are told in time', async () => {
  changesAnswer({ LookupEvents: () => ({ Events: [called({ at: start - 60_000 })] }) });
  clusterLists({}).mockImplementation(() => new Promise(() => undefined));
  const { changes, gaps } = await readIn(Object.assign(complete(), { after: () => Promise.resolve() }));
  expect(gaps).toContain('What was changed in cluster could not be read: it answers slowly.');
  expect(changes.length).toBeLessThan(2);
});

test('a list that a cluster refuses is one line, and the other lists are read', async () => {
  changesAnswer({ LookupEvents: () => ({ Events: [called({ at: start - 60_000 })] }) });
  clusterLists({
    ListConfigMaps: new KubernetesFault('Forbidden', 403, 'no'),
    ListDeployments: [changedBy('kubectl-edit')],
  });
  const { changes, gaps } = await readIn();
  expect(changes).toHaveLength(2);
  expect(gaps).toEqual(['Config maps of chatops in cluster could not be read: Forbidden.']);
});

test('what a cluster says of itself comes to people as one short plain line', async () => {
  changesAnswer();
  clusterLists({ ListDeployments: [changedBy(`<b>https://evil.example\n${'x'.repeat(200)}`)] });
  const [change] = (await readIn()).changes;
  expect(change?.who).not.toMatch(/\n|https:\/\/|evil\.example/);
  expect(change?.who.length).toBeLessThan(110);
});

test('everything that was changed is told in order of time, in the plan’s window', async () => {
  const asked = changesAnswer({
    LookupEvents: () => ({ Events: [called({ at: start - 60_000, call: 'RebootDBInstance' })] }),
    DescribeEvents: ofDatabase,
  });
  const { changes, gaps } = await readIn();
  expect(changes.map(({ what, by }) => [what, by])).toEqual([
    ['Updated', 'aws'],
    ['RebootDBInstance', 'people'],
  ]);
  expect(gaps).toEqual([]);
  expect(asked[0]?.input).toMatchObject({ StartTime: start / 1000 - 1800, EndTime: start / 1000 });
});

test('until CloudTrail has all of it, its lateness is said', async () => {
  changesAnswer();
  expect((await readIn(setting())).gaps).toEqual([late]);
});

test.for([
  ['refuses', refused('AccessDeniedException'), 'AccessDeniedException'],
  ['throttles', refused('ThrottlingException'), 'ThrottlingException'],
  ['does not answer', Object.assign(new Error('aborted'), { name: 'TimeoutError' }), 'TimeoutError'],
] as const)('a source that %s is one line, and the others are told', async ([, error, name]) => {
  changesAnswer({
    LookupEvents: () => {
      throw error;
    },
    DescribeEvents: ofDatabase,
  });
  const { changes, gaps } = await readIn();
  expect(changes).toHaveLength(1);
  expect(gaps).toEqual([`CloudTrail could not be read: ${name}.`]);
});

test('where no source can be read, each is named', async () => {
  const no = () => {
    throw refused('AccessDenied', 403);
  };
  changesAnswer({ LookupEvents: no, DescribeEvents: no, DescribeScalingActivities: no });
  const { changes, gaps } = await readIn();
  expect(changes).toEqual([]);
  expect(gaps).toEqual(
    ['CloudTrail', 'RDS', 'ElastiCache', 'Auto Scaling'].map((name) => `${name} could not be read: AccessDenied.`),
  );
});

test('reading ends after ten seconds, and says how far it came', async () => {
  const shell = complete();
  const asked = changesAnswer({
    LookupEvents: () => {
      shell.at += 6_000;
      return { Events: [called({ at: start - (shell.at % 7_000) - 60_000 })], NextToken: 't' };
    },
  });
  const { gaps } = await readIn(shell);
  expect(asked.filter(({ operation }) => operation === 'LookupEvents')).toHaveLength(2);
  expect(gaps).toEqual([expect.stringMatching(/^CloudTrail was read back to 02:5\d UTC only: it answers slowly\.$/)]);
});

test('what ElastiCache did by itself is told of the cache', async () => {
  const did = {
    Date: new Date(at),
    SourceIdentifier: 'chatops-redis-001',
    Message: 'Finished modifying number of nodes',
  };
  changesAnswer({ DescribeEvents: (input) => ({ Events: 'SourceType' in input ? [] : [did] }) });
  const { changes } = await readIn();
  expect(changes).toEqual([
    { at, by: 'aws', who: 'AWS (elasticache)', what: 'Finished modifying number of nodes', asset: 'cache' },
  ]);
});

test('who has no database, no cluster and no node groups is asked about none', async () => {
  const asked = changesAnswer();
  const shell = setting();
  const plan = { ...shell.plan, assets: shell.plan.assets.filter(({ kind }) => kind === 'elasticache') };
  await changesBefore(incident, setting({ plan }));
  expect(asked.map(({ operation, service }) => [service, operation])).toEqual([
    ['cloudtrail', 'LookupEvents'],
    ['elasticache', 'DescribeEvents'],
  ]);
});
