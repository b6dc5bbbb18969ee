// Calls to AWS that change what readiness looks at and that nothing else tells of, as CloudTrail puts them on the bus of the region in which they were
// made: those of EKS in the cluster's region, those of Route 53 in us-east-1. Without a trail of the account nothing of them is heard, and each five minutes are.
import { assetsOf } from '../../functions/domain/plan/assets.ts';
import type { Value } from '../template.ts';
import type { Stack } from '../values.ts';

type Pattern = { readonly [key: string]: Value };

/** Where Route 53's control plane stands, and CloudTrail tells of it. */
export const routes53 = 'us-east-1';

/** A call that failed changed nothing. */
function called(source: string, eventName: readonly string[], requestParameters?: Pattern): Pattern {
  return {
    source: [source],
    'detail-type': ['AWS API Call via CloudTrail'],
    detail: { eventName, errorCode: [{ exists: false }], ...(requestParameters && { requestParameters }) },
  };
}

/** Of the clusters of the plan in this region, and of their node groups. */
export function clusterCalls({ plan, region }: Stack): Pattern {
  const names = assetsOf('eks-cluster', plan).flatMap(({ regions }) => regions[region]?.cluster ?? []);
  const changes = [
    ...['CreateCluster', 'UpdateClusterConfig', 'UpdateClusterVersion', 'DeleteCluster'],
    ...['CreateNodegroup', 'UpdateNodegroupConfig', 'UpdateNodegroupVersion', 'DeleteNodegroup'],
    ...['CreateAccessEntry', 'UpdateAccessEntry', 'DeleteAccessEntry'],
  ];
  return called('aws.eks', changes, { name: names });
}

/** Of the hosted zone of the plan alone: others change all day. */
export function recordCalls({ plan }: Stack): Pattern {
  const { hostedZone } = plan.redirection;
  const hostedZoneId = [hostedZone, `/hostedzone/${hostedZone}`];
  return called('aws.route53', ['ChangeResourceRecordSets'], { hostedZoneId });
}

/** A health check that is disabled counts as healthy, and one that is gone moves nobody. Nobody changes them by the hour. */
export function healthCheckCalls(): Pattern {
  return called('aws.route53', ['UpdateHealthCheck', 'DeleteHealthCheck']);
}
