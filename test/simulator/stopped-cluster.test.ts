// A region is lost whose application runs in a cluster: what it runs ends on return, and a way home raises it again.
import { expect, test } from 'vitest';
import { runDrill } from '../../simulator/drill.ts';
import { shipped as plan } from '../shipped.ts';

const { primary, standby } = plan.roles;
const deployments = ['chatops/chatops-api', 'chatops/chatops-worker'];
const scaledIn = (mutations: readonly { operation: string; region: string; target: string; step: string }[]) =>
  mutations.flatMap(({ operation, region, target, step }) =>
    operation === 'PatchScale' ? [`${step} ${region} ${target}`] : [],
  );

test('once the old region answers again its deployments run no replica, and nothing of the other’s is changed', async () => {
  const { result, misses } = await runDrill({ scenario: 'region-outage', seed: 1, plan });
  expect(misses).toEqual([]);
  expect(scaledIn(result.mutations)).toEqual(deployments.map((name) => `FenceOnReturn/cluster ${primary} ${name}`));
});

test('the way home raises them, and the planned way back leaves those of the region that it leaves', async () => {
  const { result, misses } = await runDrill({ scenario: 'failback', seed: 1, plan });
  expect(misses).toEqual([]);
  expect(result.end).toMatchObject({ served: true, usersRegion: primary });
  const scaled = scaledIn(result.mutations);
  expect(scaled).toEqual([
    ...deployments.map((name) => `FenceOnReturn/cluster ${primary} ${name}`),
    ...deployments.map((name) => `TakeOver/cluster ${primary} ${name}`),
  ]);
  expect(scaled.filter((one) => one.includes(standby))).toEqual([]);
}, 240_000);
