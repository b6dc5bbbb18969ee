// What a plan names as consumers of a region: what takes work from somewhere and writes to the database without a user. Pure.
import * as z from 'zod';
import { clusterName, functionName, kubernetesName } from '../../../domain/plan/names.ts';

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

const inCluster = z.strictObject({ cluster: clusterName, namespace: kubernetesName, name: kubernetesName });

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
    /** Cron jobs in a cluster of the plan, by EKS's name of it. */
    cronJobs: z.array(inCluster).max(mostOfEach).default([]),
    /** Deployments there that no user asks. `replicas`: those of each that work where it is on. */
    deployments: z
      .array(
        z.strictObject({
          cluster: clusterName,
          namespace: kubernetesName,
          name: kubernetesName,
          replicas: z.int().positive().max(10_000),
        }),
      )
      .max(mostOfEach)
      .default([]),
  })
  .refine(
    (lists) => Object.values(lists).some((list) => list.length > 0),
    'at least one of mappings, schedules, rules, services, cronJobs and deployments',
  );

export type Place = z.infer<typeof place>;
