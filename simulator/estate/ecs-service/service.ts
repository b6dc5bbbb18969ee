// ECS as the rest of the simulator has to know it: its client, what IAM is asked for its calls, and how its errors are called.
import * as ecs from '@aws-sdk/client-ecs';
import type { KindService } from '../kind-services.ts';

/** A service is named by its cluster and itself [AWS, service authorization reference of ECS]. */
const service: KindService['asks'][string]['on'] = (input, { region, account }) => {
  const { cluster, service: one, services = [one] } = input as Input;
  return services.map((name) => `arn:aws:ecs:${region}:${account}:service/${cluster}/${name}`);
};

type Input = { readonly cluster: string; readonly service: string; readonly services?: readonly string[] };

export const ecsService: KindService = {
  name: 'ecs',
  client: ecs.ECSClient,
  asks: {
    DescribeServices: { action: 'ecs:DescribeServices', on: service },
    UpdateService: { action: 'ecs:UpdateService', on: service },
  },
  // JSON over HTTP; a failure of the service is a ServerException [AWS, Common Errors of ECS].
  errors: {
    throttled: { name: 'ThrottlingException', status: 400 },
    denied: { name: 'AccessDeniedException', status: 400 },
    internal: { name: 'ServerException', status: 500 },
  },
};
