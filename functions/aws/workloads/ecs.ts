// Looks at an ECS service and sets the number of its tasks.
import { DescribeServicesCommand, ECSClient, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { limits, oneForEachRegion } from '../calls/client.ts';
import { calling, faultName } from '../calls/faults.ts';

const ecs = /* @__PURE__ */ oneForEachRegion((region) => new ECSClient({ region, ...limits }));

/** A service of a cluster, by their names. */
export type ServicePlace = { readonly cluster: string; readonly service: string };

/** A service as ECS describes it. `desired`: the tasks that ECS keeps; `running`: those that run. */
export type ServiceSeen = {
  readonly status: string;
  readonly scheduling: string;
  readonly desired: number;
  readonly running: number;
};

/** Describes a service; null where there is none, or no such cluster. @throws Unavailable, CannotProceed. */
export async function describeService(region: string, { cluster, service }: ServicePlace): Promise<ServiceSeen | null> {
  const request = ecs(region).send(new DescribeServicesCommand({ cluster, services: [service] }));
  try {
    // What is not there is no error: it is among the failures, with the reason MISSING.
    const found = (await calling(`describe service ${service}`, request)).services?.[0];
    if (found === undefined) return null;
    return {
      status: found.status ?? 'unknown',
      scheduling: found.schedulingStrategy ?? 'REPLICA',
      desired: found.desiredCount ?? 0,
      running: found.runningCount ?? 0,
    };
  } catch (error) {
    if (faultName(error) === 'ClusterNotFoundException') return null;
    throw error;
  }
}

/** Asks for so many tasks, and changes nothing else of the service. @throws Unavailable, CannotProceed. */
export async function setTasks(region: string, { cluster, service }: ServicePlace, count: number): Promise<void> {
  const request = new UpdateServiceCommand({ cluster, service, desiredCount: count });
  await calling(`ask for ${count} tasks of service ${service}`, ecs(region).send(request));
}
