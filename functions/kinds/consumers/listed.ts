// The consumers that a plan names, one by one, and how one of them is seen. Pure.
import type { Place } from './place-plan.ts';

/** One consumer. `id`: its name in the record; `words`: the same for people; `target`: what a call on it names. */
export type Consumer = { readonly id: string; readonly words: string; readonly target: string } & (
  | { readonly what: 'mapping'; readonly uuid: string; readonly function: string }
  | { readonly what: 'schedule'; readonly group: string; readonly name: string; readonly role: string }
  | { readonly what: 'rule'; readonly bus: string; readonly name: string }
  | { readonly what: 'service'; readonly cluster: string; readonly service: string; readonly desiredCount: number }
);

/** A consumer as its service says: a state, or of an ECS service its tasks. `fixed`: why nobody can switch it; null where one can. */
export type ConsumerSeen = { readonly fixed: string | null } & (
  | { readonly what: 'mapping' | 'schedule' | 'rule'; readonly state: string }
  | { readonly what: 'service'; readonly status: string; readonly desired: number; readonly running: number }
);

/** `tasks`: of an ECS service that has to be on. */
export type Goal = { readonly on: boolean; readonly tasks: number };

/** All of a region, in the order of the plan. */
export function consumersOf({ mappings, schedules, rules, services }: Place): Consumer[] {
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
  ];
}

function called(what: string, name: string, target = name, more = '') {
  return { id: `${what}/${name}`, words: `${what} ${name}${more === '' ? '' : ` ${more}`}`, target };
}
