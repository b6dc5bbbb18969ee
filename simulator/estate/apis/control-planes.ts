// What is asked of services that the estate is not about: whether their control planes answer.
import * as z from 'zod';
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
    const { cluster, roles } = plan;
    const there = { [roles.primary]: cluster.name, [roles.standby]: cluster.standby.name }[call.region];
    if (there !== name) throw refusal('ResourceNotFoundException', `No cluster found for name: ${name}.`, 404);
    return { cluster: { name, status: 'ACTIVE' } };
  },
};

export const elasticLoadBalancing: Answers = {
  DescribeLoadBalancers({ region }, { world: { plan, account } }) {
    const { primary, standby } = plan.roles;
    const names = region === primary || region === standby ? plan.cluster.loadBalancers : [];
    const arnOf = (name: string) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`;
    return { LoadBalancers: names.map((name) => ({ LoadBalancerArn: arnOf(name), State: { Code: 'active' } })) };
  },
};

export const sts: Answers = {
  GetCallerIdentity(_, { world: { account } }) {
    return { Account: account };
  },
};
