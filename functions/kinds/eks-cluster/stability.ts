// What `check` finds unsafe in clusters: reasons with their sources in docs/static-stability.md.
import { type Around, error, type Finding } from '../../domain/stability.ts';

type Cluster = { readonly regions: Readonly<Record<string, { readonly cluster: string; readonly warm: boolean }>> };

export function findingsIn({ regions }: Cluster, { standby, path }: Around): Finding[] {
  const place = regions[standby];
  if (place === undefined || place.warm) return [];
  return [
    error('standby-not-warm', path('regions', standby, 'warm'), {
      depends: `${place.cluster} depends on nodes that have to be had in ${standby} during the outage`,
      reason: 'everybody who leaves the lost region asks for the same capacity, and starting it needs control planes',
      fix: 'keep the capacity to serve running in the standby region, and set warm: true',
    }),
  ];
}
