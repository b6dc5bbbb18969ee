// Breaks a cluster on purpose, for a drill: ends one pod of a deployment, or lets one node be ended, and sees that as many run again.
import { apiServer } from '../../aws/workloads/clusters.ts';
import { type ApiServer, deletePod, list, type V1Deployment, type V1Pod } from '../../aws/workloads/kubernetes.ts';
import type { Missing } from '../../domain/drills/judge.ts';
import type { DrillTarget } from '../../domain/drills/plan.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { isTrue, takesPods } from './seen/workload.ts';

type PodTarget = Extract<DrillTarget, { readonly fault: 'pod' }>;

/** The first of its pods that runs. @throws CannotProceed where there is none, InProgress, Unavailable */
export async function podToStrike(of: PodTarget, region: string, shell: Shell) {
  const { server, deployment, pods } = await seeDeployment(of, region, shell);
  const what = wordsOf(of, server);
  if (deployment === undefined) throw new CannotProceed(`${what} is not there`);
  const [metadata] = pods
    .filter(isReady)
    .flatMap((pod) => pod.metadata ?? [])
    .toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? ''));
  const { name, uid } = metadata ?? {};
  if (name === undefined || uid === undefined) throw new CannotProceed(`${what} has no pod that is ready`);
  return {
    ...{ call: 'kubernetes:DeletePod', target: `${server.cluster}/${of.namespace}/${name}`, struck: name },
    begin: () => deletePod(server, { namespace: of.namespace, name }, uid),
  };
}

/** Whole is what has as many pods ready as it wants, without the one that was ended. @throws Unavailable, CannotProceed */
export async function podIsWhole(of: PodTarget, region: string, struck: string, shell: Shell): Promise<Missing> {
  const { server, deployment, pods } = await seeDeployment(of, region, shell);
  const what = wordsOf(of, server);
  if (deployment === undefined) return `${what} is not there any more`;
  const there = pods.find(({ metadata }) => metadata?.name === struck);
  if (there !== undefined && there.metadata?.deletionTimestamp === undefined) return `pod ${struck} still runs`;
  const wanted = deployment.spec?.replicas ?? 1;
  const ready = pods.filter(isReady).length;
  return ready >= wanted ? null : `${what} has ${ready} of ${wanted} pods ready`;
}

/** The nodes that take pods, as a number in words: one of them is ended. @throws CannotProceed where one is all there is */
export async function nodeToStrike(asset: string, region: string, shell: Shell) {
  const { cluster, ready } = await seeNodes(asset, region, shell);
  if (ready < 2)
    throw new CannotProceed(`cluster ${cluster} in ${region} has ${ready} nodes ready, expected 2 at least`);
  return { call: 'fis:StartExperiment', target: cluster, struck: `${ready} nodes` };
}

/** `struck`: as many as were ready before. @throws Unavailable, CannotProceed */
export async function nodesAreWhole(asset: string, region: string, struck: string, shell: Shell): Promise<Missing> {
  const { cluster, ready } = await seeNodes(asset, region, shell);
  return ready >= Number.parseInt(struck, 10) ? null : `cluster ${cluster} has ${ready} of ${struck} ready`;
}

async function seeNodes(asset: string, region: string, shell: Shell): Promise<{ cluster: string; ready: number }> {
  const server = await serverOf(asset, region, shell);
  return { cluster: server.cluster, ready: (await list('ListNodes', server)).filter(takesPods).length };
}

async function seeDeployment({ asset, namespace, deployment: name }: PodTarget, region: string, shell: Shell) {
  const server = await serverOf(asset, region, shell);
  const [deployments, pods] = await Promise.all([
    list('ListDeployments', server, namespace),
    list('ListPods', server, namespace),
  ]);
  const deployment = deployments.find(({ metadata }) => metadata?.name === name);
  return { server, deployment, pods: pods.filter((pod) => deployment !== undefined && isOf(pod, deployment)) };
}

async function serverOf(asset: string, region: string, { plan }: Shell): Promise<ApiServer> {
  const { cluster } = placeOf(assetNamed(asset, 'eks-cluster', plan), region);
  const server = await apiServer(region, cluster);
  if (server === null) throw new CannotProceed(`cluster ${cluster} is not in ${region}`);
  return server;
}

function wordsOf({ namespace, deployment }: PodTarget, { cluster }: ApiServer): string {
  return `deployment ${namespace}/${deployment} of cluster ${cluster}`;
}

function isReady({ metadata, status }: V1Pod): boolean {
  return metadata?.deletionTimestamp === undefined && isTrue(status?.conditions, 'Ready');
}

/** A deployment's pods belong to a set whose name begins with its own, and have its labels. */
function isOf({ metadata }: V1Pod, { metadata: of, spec }: V1Deployment): boolean {
  const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
  const isOwned = (metadata?.ownerReferences ?? []).some(
    ({ kind, name }) => kind === 'ReplicaSet' && name.startsWith(`${of?.name}-`),
  );
  return isOwned && wanted.every(([label, value]) => metadata?.labels?.[label] === value);
}
