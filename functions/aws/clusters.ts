// Finds the API server of an EKS cluster: who asks a cluster itself needs its address, and whose certificate it has to show.
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { InProgress } from '../domain/errors.ts';
import { limits, oneForEachRegion } from './client.ts';
import { asking, faultName } from './faults.ts';
import type { ApiServer } from './kubernetes.ts';

const eks = /* @__PURE__ */ oneForEachRegion((region) => new EKSClient({ region, ...limits }));

/** Finds the API server of a cluster, as `apiServer` does. */
export type FindServer = (region: string, name: string) => Promise<ApiServer | null>;

/** Asks EKS once for each cluster, for one run of a function. */
export function createServerFinder(): FindServer {
  const known = new Map<string, Promise<ApiServer | null>>();
  return (region, name) => {
    const key = `${region} ${name}`;
    const found = known.get(key) ?? apiServer(region, name);
    known.set(key, found);
    return found;
  };
}

/** Null where there is no cluster. @throws Unavailable, CannotProceed, and InProgress of one that is still made. */
export async function apiServer(region: string, name: string): Promise<ApiServer | null> {
  try {
    const { cluster } = await asking(
      `describe cluster ${name}`,
      eks(region).send(new DescribeClusterCommand({ name })),
    );
    const { endpoint, certificateAuthority } = cluster ?? {};
    if (endpoint === undefined || certificateAuthority?.data === undefined)
      throw new InProgress(`cluster ${name} has no API server yet: it is ${cluster?.status ?? 'unknown'}`);
    const authority = Buffer.from(certificateAuthority.data, 'base64').toString();
    return { region, cluster: name, endpoint, authority };
  } catch (error) {
    if (faultName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}
