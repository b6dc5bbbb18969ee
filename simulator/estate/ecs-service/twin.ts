// The digital twin of ECS services: tasks start after a while, stop at once, and a region serves with enough of them.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { distribution, drawSeconds } from '../chance/latencies.ts';
import type { Standing, TruthOf } from '../twins.ts';
import type { Call, Caller } from '../types.ts';
import type { World } from '../world.ts';

type Service = {
  /** The asset that it is of, and whether users wait for it: what only consumes serves nobody. */
  readonly asset: string;
  readonly isAsked: boolean;
  readonly region: string;
  readonly cluster: string;
  readonly name: string;
  /** The tasks that serve the users of its region. */
  readonly needed: number;
  desired: number;
  running: number;
};

/** What runs in a region that serves nobody: a pilot light, as in AWS's own words. */
const pilotTasks = 1;
/** Services in one question, and the greatest number of tasks [AWS, DescribeServices and Service quotas]. */
const mostServices = 10;
const mostTasks = 5_000;

const { 'task-start': taskStart } = z
  .strictObject({ 'task-start': distribution })
  .parse(parse(readFileSync(new URL('./latencies.yml', import.meta.url), 'utf8')));

const describe = z.looseObject({ cluster: z.string().default('default'), services: z.array(z.string()) });
const update = z.looseObject({
  cluster: z.string().default('default'),
  service: z.string(),
  desiredCount: z.int().optional(),
});

export const serviceTruth: TruthOf<'ecs-service'> = ({ name }, { standing }, service, region) => ({
  region,
  zone: null,
  serves: !service.isLost(region) && standing.every((one) => one.serves(region, name)),
});

/** ECS as it stands in a world: kinds that have services share it. */
const known = new WeakMap<World, { readonly standing: Standing; readonly services: readonly Service[] }>();

/** The tasks of a service that run now; none where there is no such service. */
export function tasksOf(
  world: World,
  region: string,
  { cluster, service }: { readonly cluster: string; readonly service: string },
): number {
  const services = known.get(world)?.services ?? [];
  return services.find((one) => one.region === region && one.cluster === cluster && one.name === service)?.running ?? 0;
}

/** The same for all kinds of a world. */
export function createServices(world: World): Standing {
  const { standing } = known.get(world) ?? createEcs(world);
  return standing;
}

/** The services of the plan. One that users ask runs a pilot light where it serves nobody, one that consumes nothing. */
function servicesOf({ plan }: World): Service[] {
  const { primary } = plan.roles;
  const asked = assetsOf('ecs-service', plan).flatMap(({ name, regions }) =>
    Object.entries(regions).map(([region, one]) => ({ ...one, asset: name, isAsked: true, region })),
  );
  const workers = assetsOf('consumers', plan).flatMap(({ name, regions }) =>
    Object.entries(regions).flatMap(([region, { services }]) =>
      services.map((one) => ({ ...one, asset: name, isAsked: false, region })),
    ),
  );
  return [...asked, ...workers].map(({ asset, isAsked, region, cluster, service: name, desiredCount: needed }) => {
    const tasks = region === primary ? needed : isAsked ? Math.min(pilotTasks, needed) : 0;
    return { asset, isAsked, region, cluster, name, needed, desired: tasks, running: tasks };
  });
}

function createEcs(world: World): { readonly standing: Standing } {
  const { account } = world;
  const services = servicesOf(world);

  /** @throws ClusterNotFoundException */
  const inCluster = (cluster: string, { region }: Call): Service[] => {
    const found = services.filter((one) => one.region === region && one.cluster === nameIn(cluster));
    if (found.length === 0) throw refusal('ClusterNotFoundException', 'Cluster not found.');
    return found;
  };

  const startTasks = (service: Service, caller: Caller): void => {
    for (let task = service.running; task < service.desired; task += 1) {
      const seconds = drawSeconds(taskStart, world.chances.durations);
      // Nobody waits for the tasks of what only consumes.
      if (service.isAsked) world.recordWork('task-start', service.name, seconds, caller);
      // Fewer may be wanted by then.
      world.after(seconds, () => {
        service.running = Math.min(service.desired, service.running + 1);
      });
    }
  };

  const shown = ({ region, cluster, name, desired, running }: Service) => ({
    serviceName: name,
    serviceArn: `arn:aws:ecs:${region}:${account}:service/${cluster}/${name}`,
    clusterArn: `arn:aws:ecs:${region}:${account}:cluster/${cluster}`,
    status: 'ACTIVE',
    schedulingStrategy: 'REPLICA',
    desiredCount: desired,
    runningCount: running,
    pendingCount: Math.max(0, desired - running),
  });

  const answers: Answers = {
    DescribeServices(call) {
      const asked = read(describe, call);
      if (asked.services.length === 0) throw refusal('InvalidParameterException', 'Services cannot be empty.');
      if (asked.services.length > mostServices)
        throw refusal('InvalidParameterException', `Services cannot have more than ${mostServices} elements.`);
      const inIt = inCluster(asked.cluster, call);
      const found = asked.services.map((name) => inIt.find((one) => one.name === nameIn(name)) ?? name);
      return {
        services: found.flatMap((one) => (typeof one === 'string' ? [] : [shown(one)])),
        failures: found.flatMap((one) =>
          typeof one !== 'string'
            ? []
            : [{ arn: `arn:aws:ecs:${call.region}:${account}:service/${asked.cluster}/${one}`, reason: 'MISSING' }],
        ),
      };
    },
    UpdateService(call, parts) {
      const { cluster, service: name, desiredCount } = read(update, call);
      const found = inCluster(cluster, call).find((one) => one.name === nameIn(name));
      if (found === undefined) throw refusal('ServiceNotFoundException', 'Service not found.');
      if (desiredCount !== undefined) {
        if (desiredCount < 0 || desiredCount > mostTasks)
          throw refusal('InvalidParameterException', `desiredCount must be between 0 and ${mostTasks}.`);
        found.desired = desiredCount;
        found.running = Math.min(found.running, desiredCount);
        startTasks(found, call.caller);
      }
      noteMutation(call, parts, found.name, null);
      return { service: shown(found) };
    },
  };

  const standing: Standing = {
    services: { ecs: answers },
    serves: (region, name) =>
      services
        .filter(({ asset, isAsked, region: place }) => isAsked && place === region && (name ?? asset) === asset)
        .every(({ running, needed }) => running >= needed),
  };
  known.set(world, { standing, services });
  return { standing };
}

/** A name, or the end of an ARN. */
function nameIn(given: string): string {
  return given.slice(given.lastIndexOf('/') + 1);
}
