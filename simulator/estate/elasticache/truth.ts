// Where a cache is for users, and whether it answers them.
import type { TruthOf } from '../twins.ts';

export const cacheTruth: TruthOf<'elasticache'> = (asset, { caches }, _, usersRegion) => {
  const cache = caches.find((one) => one.asset === asset);
  if (cache === undefined) throw new Error(`cache ${asset.name} has no part in the estate`);
  const group = cache.writer(usersRegion);
  return { region: group.region, zone: cache.primaryZone(group), serves: cache.condition(group) !== 'down' };
};
