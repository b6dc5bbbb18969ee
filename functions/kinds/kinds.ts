// The kinds of assets that there are. A new kind is a line here and a folder beside this file.
import { consumers } from './consumers/plan.ts';
import { custom } from './custom/plan.ts';
import { ecsService } from './ecs-service/plan.ts';
import { eksCluster } from './eks-cluster/plan.ts';
import { elasticache } from './elasticache/plan.ts';
import { loadBalancer } from './load-balancer/plan.ts';
import { rdsInstance } from './rds-instance/plan.ts';
import { ssmParameters } from './ssm-parameters/plan.ts';

/** What each says of itself. What is seen of several kinds is told in this order. */
export const kinds = {
  'rds-instance': rdsInstance,
  elasticache,
  'eks-cluster': eksCluster,
  'ecs-service': ecsService,
  consumers,
  'load-balancer': loadBalancer,
  'ssm-parameters': ssmParameters,
  custom,
} as const;
