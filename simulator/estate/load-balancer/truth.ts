// Whether a load balancer stands where users are.
import { zoneCondition, zonesOf } from '../faults/faults.ts';
import type { TruthOf } from '../twins.ts';

export const balancerTruth: TruthOf<'load-balancer'> = (_, { world }, __, region) => {
  const hasPower = zonesOf(world.plan, region).some((zone) => zoneCondition(world.faults, zone) !== 'dead');
  return { region, zone: null, serves: !world.isDark(region) && hasPower };
};
