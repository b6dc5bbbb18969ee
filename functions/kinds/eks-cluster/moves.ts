// Says what each verb of an `eks-cluster` does next, from what it saw. Pure, and total: what is not known is waited for, never
// guessed.
import { giveUp, type Next, wait } from '../../domain/recovery/moves.ts';
import type { ClusterPlace, Deployment } from './says/rebuild-plan.ts';

/** A node group as it was seen. `most`: its own limit. */
export type NodeGroupStanding = { readonly status: string; readonly desired: number; readonly most: number };

/** A cluster of a region as it was seen: null where it is not there. */
export type ClusterStanding = {
  readonly status: string | null;
  /** Each node group that the plan has numbers of. */
  readonly nodeGroups: readonly { readonly name: string; readonly seen: NodeGroupStanding | null }[];
};

/** What a build is started for; what the last one of this flow was for, and how it stands. Failed ones are no matter here. */
export type Task = 'rebuild' | 'scale';
export type BuildStanding = { readonly task: Task; readonly ended: boolean };

export type NextOfCluster =
  | { readonly next: 'done' | Task }
  | {
      readonly next: 'raise';
      readonly group: string;
      /** So many nodes it is asked to have, and is to have; `most`: its own limit. */
      readonly had: number;
      readonly desired: number;
      readonly most: number;
    }
  | { readonly next: 'wait' | 'give-up'; readonly why: string };

/** A cluster in one of them takes applications; its own changes go on meanwhile. */
const usable = ['ACTIVE', 'UPDATING'];
const coming = ['CREATING', 'PENDING'];
/** A node group in one of them takes no change of its size now. */
const busy = ['CREATING', 'UPDATING'];

/** Whether a cluster takes an application, now or as soon as it is made. */
export function takesApplications(status: string): boolean {
  return usable.includes(status) || coming.includes(status);
}

/**
 * The cluster of a region is there and runs what the plan wants: it is made again where there is none, node groups and deployments are
 * raised to their numbers, and never lowered. One call at a time.
 */
export function nextForCluster(
  { cluster, scale, rebuild }: ClusterPlace,
  { status, nodeGroups }: ClusterStanding,
  build: BuildStanding | null,
): NextOfCluster {
  if (build !== null && !build.ended) return wait(`its ${build.task} goes on`);
  if (status === null) {
    if (build?.task === 'rebuild') return giveUp(`it was rebuilt, and ${cluster} is not there`);
    return rebuild === undefined
      ? giveUp('it is not there, and the plan does not say how it is rebuilt')
      : { next: 'rebuild' };
  }
  if (coming.includes(status)) return wait(`it is ${status}`);
  if (!usable.includes(status)) return giveUp(`it is ${status}`);
  const wanted = scale?.nodeGroups ?? [];
  for (const { name, desired } of wanted) {
    const seen = nodeGroups.find((one) => one.name === name)?.seen ?? null;
    if (seen === null) return giveUp(`its node group ${name} is not there`);
    if (seen.desired >= desired) continue;
    if (busy.includes(seen.status)) return wait(`node group ${name} is ${seen.status}`);
    if (/DELET|CREATE_FAILED/.test(seen.status)) return giveUp(`its node group ${name} is ${seen.status}`);
    return { next: 'raise', group: name, had: seen.desired, desired, most: Math.max(seen.most, desired) };
  }
  const scales = scale !== undefined && scale.deployments.length > 0 && rebuild !== undefined;
  return scales && build === null ? { next: 'scale' } : { next: 'done' };
}

/** So often it is asked for none, before people hear that something raises it again; and so long nothing is asked after that, each time. */
const raisedAgainAfter = 3;
const firstPauseMs = 60_000;
const longestPauseMs = 3_600_000;

/** A deployment that the plan has a number of, and how it stands: null where it is not there. `running`: without those that are being ended. */
export type Scaled = {
  readonly one: Deployment;
  readonly seen: { readonly wanted: number; readonly running: number } | null;
};

/**
 * A deployment of a region that was given up runs none. `calls`: when this flow asked for that, in milliseconds since 1970, oldest first: the API
 * server shows at once what it was asked for, so that one that wants more again was raised by somebody.
 */
export function nextNone(seen: Scaled['seen'], calls: readonly number[], now: number): Next<'lower'> {
  if (seen === null) return giveUp('it is not there: does it have another name?');
  if (seen.wanted === 0)
    return seen.running === 0 ? { next: 'done' } : wait(`${seen.running} of its replicas are being ended`);
  const last = calls.at(-1);
  if (last === undefined || now - last >= Math.min(firstPauseMs * 2 ** (calls.length - 1), longestPauseMs))
    return { next: 'lower' };
  return calls.length < raisedAgainAfter
    ? wait('none were asked for')
    : giveUp(`none were asked for ${calls.length} times, and something raises it again to ${seen.wanted}`);
}
