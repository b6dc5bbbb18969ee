// Whether the addresses that the application of the users' region uses lead to what stands in that region.
import type { Parts } from '../apis/answer.ts';
import type { Service } from '../service.ts';
import type { TruthOf } from '../twins.ts';

export const parametersTruth: TruthOf<'ssm-parameters'> = ({ parameters }, parts, service, region) => ({
  region,
  zone: null,
  serves: parameters.every(({ endpointOf }) => leads(endpointOf, parts, service, region)),
});

function leads(asset: string, { databases, caches }: Parts, service: Service, region: string): boolean {
  const database = databases.find((one) => one.database.asset.name === asset)?.database;
  const cache = caches.find((one) => one.asset.name === asset);
  if (database !== undefined) return service.instanceInUse(database, region) !== null;
  return cache !== undefined && service.groupInUse(cache, region) !== null;
}
