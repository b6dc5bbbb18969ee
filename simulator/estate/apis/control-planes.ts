// What is asked of services that the estate is not about: whether their control planes answer.
import { zonesOf } from '../faults/faults.ts';
import type { Answers } from './answer.ts';

export const ec2: Answers = {
  DescribeAvailabilityZones({ region }, { world: { plan } }) {
    const zones = zonesOf(plan, region).map((ZoneId) => ({
      ZoneId,
      ZoneName: plan.regions[region]?.zones[ZoneId],
      RegionName: region,
      State: 'available',
    }));
    return { AvailabilityZones: zones };
  },
};

export const sts: Answers = {
  GetCallerIdentity(_, { world: { account } }) {
    return { Account: account };
  },
};
