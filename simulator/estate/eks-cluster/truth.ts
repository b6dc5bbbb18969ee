// Whether a cluster runs the application where users are.
import type { TruthOf } from '../twins.ts';

export const clusterTruth: TruthOf<'eks-cluster'> = (_, { fleet }, service, region) => ({
  region,
  zone: null,
  serves: !service.isLost(region) && fleet.runs(region),
});
