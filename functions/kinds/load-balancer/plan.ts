// What a plan says of a `load-balancer`: the application or network load balancers of each region, as their ARNs end.
import * as z from 'zod';
import { kindOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { balancerName, regionName } from '../../domain/plan/names.ts';
import { rights } from './rights.ts';
import { alarmsIn, measuresOfService } from './watch.ts';

export const loadBalancer = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('load-balancer'),
    regions: z.record(regionName, z.array(balancerName).min(1)),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver' },
    checks: ['balancer-shift'],
    called: 'balancer',
    services: ['elasticloadbalancing', 'arc-zonal-shift'],
    standsIn: (region, { regions }) => regions[region] ?? [],
    shiftedIn: (region, account, { regions }) =>
      (regions[region] ?? []).map((id) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${id}`),
    rights,
    alarmsIn,
    measuresOfService,
  },
);
