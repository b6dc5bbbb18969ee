// EKS as the rest of the simulator has to know it: its client, what IAM is asked for its calls, and how its errors are called.
import * as eks from '@aws-sdk/client-eks';
import type { KindService } from '../kind-services.ts';

type On = KindService['asks'][string]['on'];

const cluster: On = ({ name }, { region, account }) => [`arn:aws:eks:${region}:${account}:cluster/${name}`];
/** The last part is an id of EKS's own [AWS, service authorization reference of EKS]. */
const nodeGroup: On = ({ clusterName, nodegroupName }, { region, account }) => [
  `arn:aws:eks:${region}:${account}:nodegroup/${clusterName}/${nodegroupName}/9cc0d4a2-0000-4000-8000-000000000000`,
];

export const eksService: KindService = {
  name: 'eks',
  client: eks.EKSClient,
  asks: {
    DescribeCluster: { action: 'eks:DescribeCluster', on: cluster },
    DescribeNodegroup: { action: 'eks:DescribeNodegroup', on: nodeGroup },
    UpdateNodegroupConfig: { action: 'eks:UpdateNodegroupConfig', on: nodeGroup },
  },
  errors: {
    throttled: { name: 'ThrottlingException', status: 429 },
    denied: { name: 'AccessDeniedException', status: 403 },
    internal: { name: 'ServerException', status: 500 },
  },
};
