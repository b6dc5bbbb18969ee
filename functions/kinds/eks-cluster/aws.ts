// Looks at EKS clusters and their node groups, and raises the number of nodes.
import {
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  UpdateNodegroupConfigCommand,
} from '@aws-sdk/client-eks';
import { limits, once, oneForEachRegion } from '../../aws/calls/client.ts';
import { calling, faultName } from '../../aws/calls/faults.ts';

const eks = /* @__PURE__ */ oneForEachRegion((region) => new EKSClient({ region, ...limits }));
const changing = /* @__PURE__ */ oneForEachRegion((region) => new EKSClient({ region, ...once }));

/** A node group. `most`: its own limit. */
export type NodeGroupSeen = { readonly status: string; readonly desired: number; readonly most: number };

/** The status of a cluster; null where there is none. @throws Unavailable, CannotProceed. */
export async function clusterStatus(region: string, name: string): Promise<string | null> {
  const request = eks(region).send(new DescribeClusterCommand({ name }));
  return orNone(calling(`describe cluster ${name}`, request).then(({ cluster }) => cluster?.status ?? 'unknown'));
}

/** A node group as EKS describes it; null where there is none. @throws Unavailable, CannotProceed. */
export async function describeNodeGroup(
  region: string,
  clusterName: string,
  nodegroupName: string,
): Promise<NodeGroupSeen | null> {
  const request = eks(region).send(new DescribeNodegroupCommand({ clusterName, nodegroupName }));
  return orNone(
    calling(`describe node group ${nodegroupName}`, request).then(({ nodegroup }) => ({
      status: nodegroup?.status ?? 'unknown',
      desired: nodegroup?.scalingConfig?.desiredSize ?? 0,
      most: nodegroup?.scalingConfig?.maxSize ?? 0,
    })),
  );
}

/** Asks for so many nodes, where EKS allows them by `most`. @throws Unavailable, CannotProceed. */
export async function setNodes(
  region: string,
  clusterName: string,
  nodegroupName: string,
  { desired, most }: { readonly desired: number; readonly most: number },
): Promise<void> {
  const scalingConfig = { desiredSize: desired, maxSize: most };
  const request = new UpdateNodegroupConfigCommand({ clusterName, nodegroupName, scalingConfig });
  await calling(`ask for ${desired} nodes of ${nodegroupName}`, changing(region).send(request));
}

async function orNone<Found>(asked: Promise<Found>): Promise<Found | null> {
  try {
    return await asked;
  } catch (error) {
    if (faultName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}
