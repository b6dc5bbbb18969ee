// Finds the API server of an EKS cluster: who asks a cluster itself needs its address, and whose certificate it has to show.
import { InProgress } from '../../domain/errors.ts';
import { clusterOf } from '../looking/lookups.ts';
import type { ApiServer } from './kubernetes.ts';

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
export async function apiServer(region: string, cluster: string): Promise<ApiServer | null> {
  const seen = await clusterOf(region, cluster);
  if (seen === null) return null;
  const { status, endpoint, authority } = seen;
  if (endpoint === null || authority === null)
    throw new InProgress(`cluster ${cluster} has no API server yet: it is ${status}`);
  return { region, cluster, endpoint, authority };
}
