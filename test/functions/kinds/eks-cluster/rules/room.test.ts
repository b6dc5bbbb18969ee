// Whether node groups could be raised to the plan's numbers in the standby: what is asked, and what each answer means.
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Nodegroup } from '@aws-sdk/client-eks';
import { beforeEach, expect, test } from 'vitest';
import {
  type GroupRoom,
  growthReady,
  missingNodes,
  nodesReady,
} from '../../../../../functions/kinds/eks-cluster/rules/room.ts';
import { nodesAreReady } from '../../../../../functions/kinds/eks-cluster/seen/room.ts';
import type { Call } from '../../../../../simulator/estate/types.ts';
import { runIn } from '../../../../../simulator/sdk.ts';
import { the, withRebuild } from '../../../../assets.ts';
import { mocked } from '../../../../mocked.ts';
import { plan as base } from '../../../../plan.ts';
import { setting, start } from '../../../setting.ts';

const cloudWatch = mocked(CloudWatchClient);
const plan = withRebuild(base, (place) => ({ ...place, warm: false }));
const shell = setting({ plan, region: 'us-west-2' });
let most: number | null;
let asked: string[];
/** What EKS says of each group; null: there is none. */
let held: Partial<Nodegroup> | null;

beforeEach(() => {
  cloudWatch.reset();
  held = null;
  used(20);
  most = 64;
  asked = [];
});

const used = (...values: number[]) =>
  cloudWatch.on(GetMetricDataCommand).resolves({
    MetricDataResults: [
      {
        Id: 'm0',
        Timestamps: values.map((_, index) => new Date(start - 600_000 + index * 300_000)),
        Values: values,
        StatusCode: 'Complete',
      },
    ],
  });
const fault = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });
const group = (change: Partial<Nodegroup> = {}) => {
  held = {
    ...{ status: 'ACTIVE', instanceTypes: ['m6i.xlarge', 'm5.xlarge'], capacityType: 'ON_DEMAND' },
    ...{ scalingConfig: { desiredSize: 1, maxSize: 9 }, health: { issues: [] }, nodeRepairConfig: { enabled: true } },
    ...change,
  };
};

async function answer({ service, operation, input }: Call): Promise<unknown> {
  if (operation === 'DescribeNodegroup') {
    if (held === null) throw fault('ResourceNotFoundException', 404);
    return { nodegroup: held };
  }
  asked.push(`${service} ${operation} ${JSON.stringify(input)}`);
  if (operation === 'DescribeInstanceTypes')
    return { InstanceTypes: [{ InstanceType: 'm6i.xlarge', VCpuInfo: { DefaultVCpus: 4 } }] };
  if (most === null) throw fault('NoSuchResourceException', 400);
  return { Quota: { Value: most } };
}

const look = () => {
  const caller = { region: 'us-west-2', step: '', execution: '', incident: '' };
  return runIn({ answer, caller }, () => nodesAreReady(the('eks-cluster', plan), shell));
};

test('nodes that can be started are ready, by the quota of their family', async () => {
  group();
  expect(await look()).toEqual({
    state: 'ready',
    why: expect.stringMatching(
      /^the node groups of chatops-dr are well, and 8 more nodes can be started; its node groups can grow/,
    ),
  });
  expect(asked).toEqual([
    'ec2 DescribeInstanceTypes {"InstanceTypes":["m6i.xlarge"]}',
    'service-quotas GetServiceQuota {"ServiceCode":"ec2","QuotaCode":"L-1216C47A"}',
  ]);
});

test('a quota that leaves too little is not ready, in numbers', async () => {
  group();
  used(40, 33);
  expect(await look()).toEqual({
    state: 'not-ready',
    why: 'the nodes that are missing need 32 vCPUs, and quota L-1216C47A in us-west-2 has 33 of 64 in use',
  });
});

test('where nothing runs, nothing is measured: the quota alone decides', async () => {
  group();
  used();
  expect((await look()).state).toBe('ready');
  most = 16;
  expect((await look()).why).toMatch(/has an unknown number of 16 in use$/);
});

test('as many nodes as the plan wants need no quota, and nobody asks for it', async () => {
  group({ scalingConfig: { desiredSize: 9, maxSize: 9 } });
  expect(await look()).toMatchObject({
    state: 'ready',
    why: expect.stringMatching(/as many nodes as the plan wants; its node groups can grow/),
  });
  expect(asked).toEqual([]);
});

test('what EKS finds wrong with a group is not ready, whatever its status', async () => {
  group({ status: 'DEGRADED', health: { issues: [{ code: 'InsufficientFreeAddresses' }] } });
  expect(await look()).toMatchObject({
    state: 'not-ready',
    why: 'node group chatops-dr-general of chatops-dr is DEGRADED: InsufficientFreeAddresses',
  });
});

test('a group that cannot grow, and whose ill nodes nobody replaces, is not ready', async () => {
  group({ scalingConfig: { desiredSize: 4, maxSize: 4 }, nodeRepairConfig: { enabled: false } });
  expect(await look()).toEqual({
    state: 'not-ready',
    why: 'node group chatops-dr-general has no node auto repair; node group chatops-dr-general cannot grow to 9 nodes: it takes 4 at most',
  });
});

test('a cluster that is made on the day has no groups yet', async () => {
  expect(await look()).toMatchObject({ state: 'ready', why: expect.stringMatching(/is made on the day/) });
});

test('where users are served it is made already, and its groups have to be there', async () => {
  const serving = setting({ plan, region: 'us-east-1' });
  const caller = { region: 'us-east-1', step: '', execution: '', incident: '' };
  const verdict = await runIn({ answer, caller }, () => nodesAreReady(the('eks-cluster', plan), serving));
  expect(verdict).toMatchObject({
    state: 'not-ready',
    why: expect.stringMatching(/^node group \S+ is not in cluster/),
  });
});

test('a quota that is not told says nothing', async () => {
  group();
  most = null;
  expect(await look()).toEqual({ state: 'unknown', why: 'could not be read: how many vCPUs may run' });
});

const seen = (change: object = {}): GroupRoom => ({
  name: 'general',
  wanted: 9,
  seen: {
    status: 'ACTIVE',
    desired: 1,
    most: 9,
    repaired: true,
    issues: [],
    types: ['m6i.xlarge'],
    spot: false,
    ...change,
  },
});

test.for([
  ['on demand', seen(), [{ type: 'm6i.xlarge', nodes: 8, quota: { code: 'L-1216C47A', usage: 'Standard/OnDemand' } }]],
  [
    'on the spot market',
    seen({ spot: true }),
    [{ type: 'm6i.xlarge', nodes: 8, quota: { code: 'L-34B43A08', usage: 'Standard/Spot' } }],
  ],
  ['with GPUs, whose quota is another', seen({ types: ['g5.xlarge'] }), [{ type: 'g5.xlarge', nodes: 8, quota: null }]],
  ['by a launch template', seen({ types: [] }), []],
  ['more than wanted', seen({ desired: 12 }), []],
] as const)('nodes that are missing: %s', ([, one, missing]) => {
  expect(missingNodes([one])).toEqual(missing);
});

test('a group that is not there is not ready', () => {
  expect(nodesReady('c', 'us-west-2', [{ name: 'general', wanted: 9, seen: null }], [])).toEqual({
    state: 'not-ready',
    why: 'node group general is not in cluster c',
  });
});

const well = { status: 'ACTIVE', desired: 9, issues: [], types: [], spot: false };
const nodes = (most: number, repaired = true) => [{ name: 'general', wanted: 9, seen: { ...well, most, repaired } }];
test.for<readonly [string, Parameters<typeof growthReady>, string, string]>([
  [
    'can grow and are repaired',
    [{ autoscaler: 'node-groups', repair: 'eks' }, nodes(9), null],
    'ready',
    'its node groups can grow to the plan’s numbers, and nodes that are ill are replaced',
  ],
  [
    'cannot grow',
    [{ autoscaler: 'node-groups', repair: 'eks' }, nodes(8), null],
    'not-ready',
    'node group general cannot grow to 9 nodes: it takes 8 at most',
  ],
  [
    'are not repaired',
    [{ autoscaler: 'node-groups', repair: 'eks' }, nodes(9, false), null],
    'not-ready',
    'node group general has no node auto repair',
  ],
  [
    'are not there, which is told beside,',
    [{ autoscaler: 'karpenter', repair: 'own' }, [{ name: 'general', wanted: 9, seen: null }], null],
    'ready',
    'Karpenter brings nodes, which is not looked at, and nodes that are ill are replaced by something of your own, which is not looked at',
  ],
  [
    'are Karpenter’s, and something of one’s own repairs them',
    [{ autoscaler: 'karpenter', repair: 'own' }, nodes(1, false), null],
    'ready',
    'Karpenter brings nodes, which is not looked at, and nodes that are ill are replaced by something of your own, which is not looked at',
  ],
  [
    'are Auto Mode’s, which is off',
    [{ autoscaler: 'auto-mode', repair: 'eks' }, [], false],
    'not-ready',
    'EKS Auto Mode is off, which the plan rests on',
  ],
  [
    'are Auto Mode’s, which is on',
    [{ autoscaler: 'auto-mode', repair: 'eks' }, [], true],
    'ready',
    'EKS Auto Mode brings nodes, and nodes that are ill are replaced',
  ],
])('readiness says of nodes that %s', ([, given, state, why]) => {
  expect(growthReady(...given)).toEqual({ state, why });
});
