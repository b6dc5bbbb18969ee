// Looks whether a cluster has the nodes that the plan wants, or could have them, in the region that would take over. Changes nothing.
import { clusterOf, quotaOf, roomOf, vcpusOf } from '../../../aws/looking/lookups.ts';
import { readNewest } from '../../../aws/looking/metrics.ts';
import type { Metric } from '../../../domain/kind/watched.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { type CheckResult, ready, unread, worst } from '../../../domain/recovery/readiness.ts';
import { placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { type GroupRoom, growthReady, type Missing, missingNodes, nodesReady, type QuotaRoom } from '../rules/room.ts';
import type { Quota } from '../says/rebuild-plan.ts';

/** AWS measures what is used of a quota every five minutes. */
const newestUsageMs = 900_000;

export async function nodesAreReady(
  asset: AssetOf<'eks-cluster'>,
  { region, now, store }: Shell,
): Promise<CheckResult> {
  const { cluster, scale, rebuild } = placeOf(asset, region);
  if (scale === undefined) return ready(`the plan has no numbers of nodes of ${cluster}`);
  const autoMode = scale.autoscaler === 'auto-mode' ? ((await clusterOf(region, cluster))?.autoMode ?? null) : null;
  const looked = scale.nodeGroups.map(
    async ({ name, desired }): Promise<GroupRoom> => ({
      name,
      wanted: desired,
      seen: await roomOf(region, cluster, name),
    }),
  );
  const groups = await Promise.all(looked);
  const isNone = rebuild !== undefined && groups.length > 0 && groups.every(({ seen }) => seen === null);
  // Where users are served it is made already: groups that are not there have other names.
  if (isNone && (await store.readStanding(region)).primary !== region)
    return ready(`cluster ${cluster} is made on the day, with its node groups`);
  const rooms = await roomIn(region, missingNodes(groups), now());
  const room = rooms === null ? unread('how many vCPUs may run') : nodesReady(cluster, region, groups, rooms);
  return worst([room, growthReady(scale, groups, autoMode)]);
}

/** Of each quota that the missing nodes would use; null where one of them is not told. */
async function roomIn(region: string, missing: readonly Missing[], now: number): Promise<QuotaRoom[] | null> {
  const counted = missing.flatMap((one) => (one.quota === null ? [] : [{ ...one, quota: one.quota }]));
  if (counted.length === 0) return [];
  const sizes = await vcpusOf(region, [...new Set(counted.map(({ type }) => type))]);
  const quotas = [...new Set(counted.map(({ quota }) => quota))];
  const rooms = quotas.map(async (quota): Promise<QuotaRoom | null> => {
    const own = counted.filter((one) => one.quota === quota);
    const [most, used] = await Promise.all([quotaOf(region, 'ec2', quota.code), usedOf(region, quota, now)]);
    if (most === null || own.some(({ type }) => !sizes.has(type))) return null;
    const needed = own.reduce((sum, { type, nodes }) => sum + nodes * (sizes.get(type) ?? 0), 0);
    return { quota, most, used, needed };
  });
  const all = await Promise.all(rooms);
  return all.every((one) => one !== null) ? all : null;
}

/** Where nothing runs, nothing is measured. */
function usedOf(region: string, { usage }: Quota, now: number): Promise<number | null> {
  const dimensions = { Service: 'EC2', Type: 'Resource', Resource: 'vCPU', Class: usage };
  const metric: Metric = { namespace: 'AWS/Usage', name: 'ResourceCount', dimensions, stat: 'Maximum' };
  return readNewest(region, metric, now - newestUsageMs, now);
}
