// A region is lost whose application runs in a cluster: what it runs ends on return.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { shipped as plan } from '../../shipped.ts';

const { primary } = plan.roles;
const deployments = ['chatops-prod/chatops/chatops-api', 'chatops-prod/chatops/chatops-worker'];
const scaledIn = (mutations: readonly { operation: string; region: string; target: string; step: string }[]) =>
  mutations.flatMap(({ operation, region, target, step }) =>
    operation === 'PatchScale' ? [`${step} ${region} ${target}`] : [],
  );

test('once the old region answers again its deployments run no replica, and nothing of the other’s is changed', async () => {
  const { result, misses } = await runDrill({ scenario: 'region-outage', seed: 1, plan });
  expect(misses).toEqual([]);
  expect(scaledIn(result.mutations)).toEqual(deployments.map((name) => `FenceOnReturn/cluster ${primary} ${name}`));
});
