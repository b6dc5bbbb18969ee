// What a plan names as consumers of a region: what takes work from somewhere and writes to the database without a user. And how one
// of them is seen. Pure.
import * as z from 'zod';
import { functionName } from '../../domain/names.ts';

function named(pattern: RegExp, expected: string) {
  return z.string().regex(pattern, expected);
}

const uuid = named(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'the UUID of an event source mapping, in lower case');
/** As Scheduler, EventBridge, ECS and IAM take them [AWS, API references]. */
const scheduleName = named(/^[0-9a-zA-Z_.-]{1,64}$/, 'a name: letters, digits, -, _ and .');
const busName = named(/^[/.A-Za-z0-9_-]{1,256}$/, 'the name of a bus: letters, digits, -, _, . and /');
const roleName = named(
  /^([A-Za-z0-9_+=,.@-]+\/)*[A-Za-z0-9_+=,.@-]{1,64}$/,
  'the name of a role, with its path: [PATH/]NAME',
);
const serviceName = named(/^[A-Za-z0-9_-]{1,255}$/, 'a name: letters, digits, - and _');

/** More of them would take one function too long to look at. */
const mostOfEach = 20;

/** What stands in one region. Each list may be left out. */
export const place = z
  .strictObject({
    /** Event source mappings of Lambda functions: queues, streams. */
    mappings: z
      .array(z.strictObject({ function: functionName, uuid }))
      .max(mostOfEach)
      .default([]),
    /** Schedules of EventBridge Scheduler. `role`: what their target is called as, which whoever changes them has to pass. */
    schedules: z
      .array(z.strictObject({ group: scheduleName.default('default'), name: scheduleName, role: roleName }))
      .max(mostOfEach)
      .default([]),
    /** Rules of EventBridge, with a pattern or a schedule. */
    rules: z
      .array(z.strictObject({ bus: busName.default('default'), name: scheduleName }))
      .max(mostOfEach)
      .default([]),
    /** ECS services that no user asks. `desiredCount`: the tasks of each that work where it is on. */
    services: z
      .array(
        z.strictObject({ cluster: serviceName, service: serviceName, desiredCount: z.int().positive().max(5_000) }),
      )
      .max(mostOfEach)
      .default([]),
  })
  .refine(
    ({ mappings, schedules, rules, services }) =>
      mappings.length + schedules.length + rules.length + services.length > 0,
    'at least one of mappings, schedules, rules and services',
  );

export type Place = z.infer<typeof place>;

/** One consumer. `id`: its name in the record; `words`: the same for people; `target`: what a call on it names. */
export type Consumer = { readonly id: string; readonly words: string; readonly target: string } & (
  | { readonly what: 'mapping'; readonly uuid: string; readonly function: string }
  | { readonly what: 'schedule'; readonly group: string; readonly name: string }
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
    ...schedules.map(({ group, name }) => ({
      ...called('schedule', `${group}/${name}`),
      what: 'schedule' as const,
      group,
      name,
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
