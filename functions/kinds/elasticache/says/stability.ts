// What `check` finds unsafe in caches: reasons with their sources in docs/static-stability.md.
import { type Around, error, type Weakness, warning } from '../../../domain/kind/stability.ts';

type Cache = {
  readonly globalDatastore: string | null;
  readonly snapshots?: unknown;
  readonly regions: Readonly<Record<string, { readonly replicationGroup: string }>>;
};

export function weaknessesIn(asset: Cache, { primary, standby, path }: Around): Weakness[] {
  const group = asset.regions[standby]?.replicationGroup;
  if (asset.globalDatastore === null && asset.snapshots !== undefined) return [];
  if (asset.globalDatastore === null)
    return [
      warning('cache-starts-cold', path('globalDatastore'), {
        depends: `the application in ${standby} depends on a cache that starts empty`,
        reason: 'what it held is lost, or has to be read again from something that has just taken over itself',
        fix: 'make the cache a global datastore, export it (snapshots), or show in a drill that the service stands an empty cache',
      }),
    ];
  if (group !== asset.regions[primary]?.replicationGroup) return [];
  return [
    error('cache-in-primary', path('regions', standby, 'replicationGroup'), {
      depends: `the cache in ${standby} depends on ${group}, the group it has to replace`,
      reason: 'a group in the region that is lost is lost with it',
      fix: `name the member of ${asset.globalDatastore} that is in ${standby}`,
    }),
  ];
}
