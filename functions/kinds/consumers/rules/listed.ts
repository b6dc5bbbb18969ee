// The consumers that a plan names, one by one, and how one of them is seen. Pure.
import type { Place } from '../says/place-plan.ts';

/** One consumer. `id`: its name in the record; `words`: the same for people; `target`: what a call on it names. */
export type Consumer = { readonly id: string; readonly words: string; readonly target: string } & (
  | { readonly what: 'mapping'; readonly uuid: string; readonly function: string }
  | { readonly what: 'schedule'; readonly group: string; readonly name: string; readonly role: string }
  | { readonly what: 'rule'; readonly bus: string; readonly name: string }
  | { readonly what: 'service'; readonly cluster: string; readonly service: string; readonly desiredCount: number }
  | InCluster
);
/** What runs in a cluster, whose own API switches it. */
export type InCluster = { readonly cluster: string; readonly namespace: string; readonly name: string } & (
  | { readonly what: 'cronJob' }
  | { readonly what: 'deployment'; readonly replicas: number }
);

/** A consumer as its service says: a state, or how many of it run: tasks of an ECS service, replicas of a deployment. `fixed`: why nobody can switch it; null where one can. */
export type ConsumerSeen = {
  readonly fixed: string | null;
} /** `key`: of KMS, that a schedule is encrypted with; absent where there is none. */ & (
  | { readonly what: 'mapping' | 'schedule' | 'rule' | 'cronJob'; readonly state: string; readonly key?: string }
  | {
      readonly what: 'service' | 'deployment';
      readonly status: string;
      readonly desired: number;
      readonly running: number;
    }
);

/** `tasks`: how many of what is counted have to run where it is on. */
export type Goal = { readonly on: boolean; readonly tasks: number };

/** All of a region, in the order of the plan. */
export function consumersOf({ mappings, schedules, rules, services, cronJobs, deployments }: Place): Consumer[] {
  return [
    ...mappings.map(({ function: name, uuid: id }) => ({
      ...called('mapping', id, id, `of ${name}`),
      what: 'mapping' as const,
      uuid: id,
      function: name,
    })),
    ...schedules.map(({ group, name, role }) => ({
      ...called('schedule', `${group}/${name}`),
      what: 'schedule' as const,
      group,
      name,
      role,
    })),
    ...rules.map(({ bus, name }) => ({ ...called('rule', `${bus}/${name}`), what: 'rule' as const, bus, name })),
    ...services.map(({ cluster, service, desiredCount }) => ({
      ...called('service', `${cluster}/${service}`, service),
      what: 'service' as const,
      cluster,
      service,
      desiredCount,
    })),
    ...cronJobs.map((one) => ({ ...called('cron job', targetOf(one)), what: 'cronJob' as const, ...one })),
    ...deployments.map((one) => ({ ...called('deployment', targetOf(one)), what: 'deployment' as const, ...one })),
  ];
}

function called(what: string, name: string, target = name, more = '') {
  return { id: `${what}/${name}`, words: `${what} ${name}${more === '' ? '' : ` ${more}`}`, target };
}

/** What stands in a namespace of a cluster. */
function targetOf({ cluster, namespace, name }: Pick<InCluster, 'cluster' | 'namespace' | 'name'>): string {
  return `${cluster}/${namespace}/${name}`;
}

/** Whether it runs in a cluster: then IAM does not say who may switch it, and not every function reaches it. */
export function isInCluster<One extends Pick<Consumer, 'what'>>(one: One): one is One & InCluster {
  return one.what === 'cronJob' || one.what === 'deployment';
}

/** How many of one have to run where it is on; 0 of what is not counted. */
export function tasksOf(one: Consumer): number {
  return one.what === 'service' ? one.desiredCount : one.what === 'deployment' ? one.replicas : 0;
}

/** Whether it is seen by how many of it run. */
export function isCounted(seen: ConsumerSeen): seen is Extract<ConsumerSeen, { readonly desired: number }> {
  return seen.what === 'service' || seen.what === 'deployment';
}

/** The same consumer of the other region: a mapping by its function, since its UUID is another one. */
export function pairOf(one: Consumer): string {
  if (one.what === 'mapping') return `mapping of ${one.function}`;
  if (one.what === 'service') return `service ${one.service}`;
  return isInCluster(one) ? `${one.what} ${one.namespace}/${one.name}` : one.id;
}
