// Elastic Load Balancing: lists the load balancers of the plan.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { Answers } from '../apis/answer.ts';

export const elasticLoadBalancing: Answers = {
  DescribeLoadBalancers({ region }, { world: { plan, account } }) {
    const names = assetsOf('load-balancer', plan).flatMap(({ regions }) => regions[region] ?? []);
    const arnOf = (name: string) => `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`;
    return { LoadBalancers: names.map((name) => ({ LoadBalancerArn: arnOf(name), State: { Code: 'active' } })) };
  },
};
