// What was seen of clusters means: whether the application can run in them, by which way, and whether they are ready. Pure.
import type { Plan } from '../../../domain/plan/plan.ts';
import type { KindSeen, Leaving } from '../../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready } from '../../../domain/recovery/readiness.ts';
import { lowerersOf, type Rivals } from '../../../domain/rivals.ts';
import { formatSeconds } from '../../../domain/words/durations.ts';
import { plainText } from '../../../domain/words/plain-text.ts';
import { type ClusterStanding, type Scaled, takesApplications } from '../moves.ts';
import { type ClusterPlace, nameOf, type Rebuild } from '../says/rebuild-plan.ts';

/** A cluster of the standby. `answers`: whether its page does, if only with a failure. `seen`: null where it was not looked at, or EKS does not say. */
export type ClusterObserved = {
  readonly place: ClusterPlace;
  readonly answers: boolean;
  readonly seen: Pick<ClusterStanding, 'status'> | null;
};

export function clustersSeen(clusters: readonly ClusterObserved[], { standby }: Leaving): KindSeen {
  const found = clusters.map((one) => wayOf(one, standby));
  const seconds = Math.max(0, ...found.map((one) => one.seconds ?? 0));
  return {
    obstacles: found.flatMap(({ obstacle }) => obstacle ?? []),
    merits: found.flatMap(({ merit }) => merit ?? []),
    ...(seconds > 0 && { seconds }),
  };
}

type Found = { readonly obstacle?: string; readonly merit?: string; readonly seconds?: number };

/** How the application comes to run in a cluster: it does, or the cluster is scaled, or made again. */
function wayOf({ place, answers, seen }: ClusterObserved, standby: string): Found {
  const { cluster, warm, scale, rebuild } = place;
  if (warm && answers) return { merit: `cluster ${cluster} answers` };
  if (scale === undefined && rebuild === undefined)
    return warm
      ? { obstacle: `cluster ${cluster} in ${standby} does not answer` }
      : { obstacle: `${standby} has no warm cluster, and the plan does not say how it is scaled or rebuilt` };
  if (seen === null) return { obstacle: `it is not known whether cluster ${cluster} is in ${standby}` };
  if (seen.status === null && rebuild === undefined)
    return { obstacle: `cluster ${cluster} is not in ${standby}, and the plan does not say how it is rebuilt` };
  if (seen.status === null && rebuild !== undefined)
    return {
      merit: `cluster ${cluster} is not there: it is rebuilt, which takes ${formatSeconds(rebuild.seconds)} as last measured`,
      seconds: rebuild.seconds,
    };
  // A warm one has all that it needs: that it does not answer is no matter of its size.
  if (warm) return { obstacle: `cluster ${cluster} in ${standby} is ${seen.status} and does not answer` };
  return { merit: `cluster ${cluster} is ${seen.status}: it is scaled to what the plan wants` };
}

/** One that is not warm is brought to it on the day: it is there to be scaled, or the plan says how it is made. */
export function coldReady({ cluster: name, scale, rebuild }: ClusterPlace, status: string | null): CheckResult {
  if (scale === undefined && rebuild === undefined)
    return notReady(`cluster ${name} is not warm, and the plan does not say how it is scaled or rebuilt`);
  if (status === null)
    return rebuild === undefined
      ? notReady(`cluster ${name} does not exist, and the plan does not say how it is rebuilt`)
      : ready(
          `cluster ${name} is rebuilt when it is needed, which takes ${formatSeconds(rebuild.seconds)} as last measured`,
        );
  return takesApplications(status)
    ? ready(`cluster ${name} is ${status}, and is scaled when it is needed`)
    : notReady(`cluster ${name} is ${status}`);
}

/** What a rebuild brings: objects by their keys, and whether each is there. `made`: whether Terraform has a state; null where there is no cluster that it would know. */
export function rebuildReady(
  bucket: string,
  brought: readonly { readonly key: string; readonly there: boolean }[],
  state: { readonly bucket: string; readonly key: string; readonly there: boolean } | null,
): CheckResult {
  const missing = brought.filter(({ there }) => !there).map(({ key }) => key);
  const wrong = [
    ...(missing.length === 0 ? [] : [`what a rebuild brings is not in ${bucket}: ${missing.join(', ')}`]),
    ...(state?.there === false
      ? [`the state ${state.key} is not in ${state.bucket}: a rebuild would make all that there is once more`]
      : []),
  ];
  return wrong.length > 0 ? notReady(wrong.join('; ')) : ready(`all that a rebuild brings is in ${bucket}`);
}

/** The status that the standby's page answers with: 5xx is an answer, since it has no writer yet. Null: no answer. */
export function clusterReady(
  { cluster: name }: Pick<ClusterPlace, 'cluster'>,
  { service: { regionHeader, healthBody } }: Plan,
  region: string,
  answer: { readonly status: number; readonly region: string | null; readonly passes: boolean } | null,
): CheckResult {
  if (answer === null) return notReady(`cluster ${name} does not answer`);
  // Without its name a failover would wait at the very end for an answer that nobody can give.
  if (regionHeader !== null && answer.region !== region)
    return notReady(`cluster ${name} answers without ${regionHeader}: ${region}, which service.regionHeader promises`);
  if (answer.status === 200 && !answer.passes)
    return notReady(
      `cluster ${name} answers 200 without ${JSON.stringify(healthBody)}, which service.healthBody wants`,
    );
  return ready(`cluster ${name} answers with ${answer.status}`);
}

/**
 * The deployments that a takeover would need, as its API server says: none of them may be missing, and those that a late stop has put to none
 * are named, since a takeover raises them; nor may an autoscaler keep them below the plan's number. A text: why it was not reached; null: there is no
 * cluster.
 */
export function scaledReady(
  cluster: string,
  seen: { readonly all: readonly Scaled[]; readonly rivals: Rivals } | string | null,
): CheckResult {
  if (seen === null) return notReady(`cluster ${cluster} does not exist`);
  if (typeof seen === 'string') return ready(`it is not known how many replicas its deployments have: ${seen}`);
  const { all, rivals } = seen;
  const named = (which: (one: Scaled) => boolean) => all.filter(which).map(({ one }) => nameOf(one));
  const missing = named((one) => one.seen === null);
  const wrong = [
    ...(missing.length === 0 ? [] : [`cluster ${cluster} has no deployment ${missing.join(', ')}`]),
    ...all.flatMap(({ one }) => lowerersOf(one, one.replicas, rivals)),
  ];
  if (wrong.length > 0) return notReady(wrong.join('; '));
  const none = named((one) => one.seen?.wanted === 0);
  return ready(
    [
      none.length === 0
        ? `all ${all.length} deployments of the plan run in it`
        : `its deployments ${none.join(', ')} STAND AT ZERO: a takeover raises them`,
      ...(rivals.tight.length === 0
        ? []
        : [`PodDisruptionBudgets let no pod be moved, so that a node cannot be replaced: ${rivals.tight.join(', ')}`]),
      ...(rivals.unseen === null ? [] : [`it is not known whether something else scales them: ${rivals.unseen}`]),
    ].join('; '),
  );
}

/** Of what a dry run told, such as secrets that are not there. */
const mostTold = 400;

type Written = { readonly at: number };

/** `tried`: what the last dry run that passed left, with what it told. Times are milliseconds since 1970. */
export function backupReady(
  { key, oldestHours }: Extract<Rebuild['application'], { from: 'resources' }>,
  backup: Written | null,
  tried: (Written & { readonly told: string }) | null,
  now: number,
): CheckResult {
  if (backup === null) return notReady(`there is no resource backup ${key}`);
  const hours = (at: number) => Math.floor((now - at) / 3_600_000);
  if (hours(backup.at) >= oldestHours)
    return notReady(`resource backup ${key} is ${hours(backup.at)} h old, expected less than ${oldestHours} h`);
  if (tried === null) return notReady(`no dry run of resource backup ${key} has passed`);
  if (hours(tried.at) >= oldestHours)
    return notReady(
      `the last dry run of a resource backup that passed was ${hours(tried.at)} h ago, expected less than ${oldestHours} h`,
    );
  const told = plainText(tried.told.trim().replaceAll('\n', '; ')).slice(0, mostTold);
  return ready(
    `resource backup ${key} is ${hours(backup.at)} h old, and a dry run passed ${hours(tried.at)} h ago${told === '' ? '' : `: ${told}`}`,
  );
}
