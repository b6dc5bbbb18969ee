// What is asked of services that the estate is not about: whether their control planes answer.
import * as z from 'zod';
import { assetsOf } from '../../../functions/domain/assets.ts';
import { refusal } from '../aws-error.ts';
import { zonesOf } from '../faults.ts';
import { type Answers, read } from './answer.ts';

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

export const eks: Answers = {
  DescribeCluster(call, { world: { plan } }) {
    const { name } = read(z.looseObject({ name: z.string() }), call);
    const known = assetsOf('eks-cluster', plan).some(({ regions }) => regions[call.region]?.cluster === name);
    if (!known) throw refusal('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    return { cluster: { name, status: 'ACTIVE' } };
  },
};

export const elasticLoadBalancing: Answers = {
  DescribeLoadBalancers({ region }, { world: { plan, account } }) {
    const names = assetsOf('load-balancer', plan).flatMap(({ regions }) => regions[region] ?? []);
    const arnOf = (name: string) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`;
    return { LoadBalancers: names.map((name) => ({ LoadBalancerArn: arnOf(name), State: { Code: 'active' } })) };
  },
};

export const sts: Answers = {
  GetCallerIdentity(_, { world: { account } }) {
    return { Account: account };
  },
};
