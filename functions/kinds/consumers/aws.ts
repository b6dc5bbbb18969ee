// Looks at a consumer and switches it, each in the words of its own service.
import { apiServer, type FindServer } from '../../aws/workloads/clusters.ts';
import { describeService, setTasks } from '../../aws/workloads/ecs.ts';
import { type ApiServer, isSuspended, readScale, setReplicas, suspendCronJob } from '../../aws/workloads/kubernetes.ts';
import {
  describeMapping,
  describeRule,
  describeSchedule,
  disableRule,
  enableRule,
  switchMapping,
  switchSchedule,
} from '../../aws/workloads/switches.ts';
import { InProgress, Unavailable } from '../../domain/errors.ts';
import type { Consumer, ConsumerSeen, Goal, InCluster } from './rules/listed.ts';

/** How it stands; null where it is not there. `find`: of whoever looks at several. @throws Unavailable, CannotProceed. */
export async function describeConsumer(
  region: string,
  one: Consumer,
  now: number,
  find: FindServer = apiServer,
): Promise<ConsumerSeen | null> {
  switch (one.what) {
    case 'mapping': {
      const seen = await describeMapping(region, one.uuid);
      if (seen === null) return null;
      const { state, functionArn } = seen;
      // An ARN ends with the function's name, or with its version or alias.
      const isOf = functionArn === '' || functionArn.split(':').slice(6).includes(one.function);
      return { what: 'mapping', state, fixed: isOf ? null : `it is of ${functionArn}, and not of ${one.function}` };
    }
    case 'schedule': {
      const seen = await describeSchedule(region, one, now);
      if (seen === null) return null;
      const { state, role, key } = seen;
      // Who writes a schedule passes its role, and may pass that of the plan alone: Scheduler would refuse it on the day.
      const isPlans = role === '' || role.endsWith(`:role/${one.role}`);
      const other = isPlans ? null : `its role is ${role}, and the plan says ${one.role}, which alone may be passed`;
      const fixed = state === 'ENDED' ? 'its end has passed' : other;
      return { what: 'schedule', state, fixed, ...(key !== null && { key }) };
    }
    case 'rule': {
      const rule = await describeRule(region, one);
      if (rule === null) return null;
      const fixed = rule.managed === null ? null : `${rule.managed} manages it, and nobody else may switch it`;
      return { what: 'rule', state: rule.state, fixed };
    }
    case 'service': {
      const seen = await describeService(region, one);
      // ECS shows a service that was deleted for a while.
      if (seen === null || seen.status === 'INACTIVE') return null;
      const { status, desired, running, scheduling } = seen;
      const daemon = scheduling === 'DAEMON' ? 'it runs one task on each instance: their number cannot be set' : null;
      return { what: 'service', status, desired, running, fixed: status === 'ACTIVE' ? daemon : `it is ${status}` };
    }
    case 'cronJob': {
      const server = await serverOf(region, one, find);
      const suspended = server === null ? null : await isSuspended(server, one);
      return suspended === null ? null : { what: 'cronJob', state: suspended ? 'SUSPENDED' : 'ENABLED', fixed: null };
    }
    case 'deployment': {
      const server = await serverOf(region, one, find);
      const scale = server === null ? null : await readScale(server, one);
      if (scale === null) return null;
      return { what: 'deployment', status: 'ACTIVE', desired: scale.wanted, running: scale.running, fixed: null };
    }
  }
}

/** What EKS says of the cluster that something runs in, for whoever may not reach that: there, and no more is known. Null where it is not. */
export async function seeFromOutside(region: string, one: InCluster, find: FindServer): Promise<ConsumerSeen | null> {
  const server = await serverOf(region, one, find);
  return server === null ? null : { what: 'cronJob', state: 'NOT LOOKED AT', fixed: null };
}

/** A cluster that is still made is asked again. */
async function serverOf(region: string, { cluster }: InCluster, find: FindServer): Promise<ApiServer | null> {
  try {
    return await find(region, cluster);
  } catch (error) {
    throw error instanceof InProgress ? new Unavailable(error.message) : error;
  }
}

/** The call that switches it, as the record names it: service:operation. */
export function callFor({ what }: Pick<Consumer, 'what'>, on: boolean): string {
  switch (what) {
    case 'mapping':
      return 'lambda:UpdateEventSourceMapping';
    case 'schedule':
      return 'scheduler:UpdateSchedule';
    case 'rule':
      return on ? 'eventbridge:EnableRule' : 'eventbridge:DisableRule';
    case 'service':
      return 'ecs:UpdateService';
    case 'cronJob':
      return 'kubernetes:PatchCronJob';
    case 'deployment':
      return 'kubernetes:PatchScale';
  }
}

/**
 * Asks once for a consumer to be on, or off. False where that was certain not to begin: somebody else is changing it, or it is not there any
 * more. `tasks`: of a service that has to be on. @throws Unavailable, CannotProceed.
 */
export type Switch = (region: string, one: Consumer, tasks: number, now: number) => Promise<boolean>;

export const switchOn: Switch = async (region, one, tasks, now) => {
  if (one.what !== 'rule') return switchOther(region, one, { on: true, tasks }, now);
  return enableRule(region, one);
};

export const switchOff: Switch = async (region, one, _, now) => {
  if (one.what !== 'rule') return switchOther(region, one, { on: false, tasks: 0 }, now);
  return disableRule(region, one);
};

/** What is switched both ways by one call. */
async function switchOther(
  region: string,
  one: Exclude<Consumer, { what: 'rule' }>,
  { on, tasks }: Goal,
  now: number,
): Promise<boolean> {
  switch (one.what) {
    case 'mapping':
      return switchMapping(region, one.uuid, on);
    case 'schedule':
      return switchSchedule(region, one, on, now);
    case 'service':
      await setTasks(region, one, tasks);
      return true;
    case 'cronJob': {
      const server = await serverOf(region, one, apiServer);
      return server !== null && suspendCronJob(server, one, !on);
    }
    case 'deployment': {
      const server = await serverOf(region, one, apiServer);
      return server !== null && setReplicas(server, one, tasks);
    }
  }
}
