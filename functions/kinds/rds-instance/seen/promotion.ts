// Whether something has taken over from a database: by the record, and by what stands in the region that takes over.
import { Unavailable } from '../../../domain/errors.ts';
import { waysFailedIn } from '../../../domain/recovery/reaching.ts';
import { type Begun, restoreBegun } from '../../../domain/recovery/restoring.ts';
import { assetNamed, peerOf } from '../../../shared/estate.ts';
import { callsOf } from '../../../shared/recovery/act.ts';
import type { FlowIncident } from '../../../shared/recovery/flow.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { callShowsSeconds } from '../moves.ts';
import { isStopped, isStuck, works } from '../rules/status.ts';
import { instanceIn } from './held.ts';

/**
 * yes: it takes writes, or was seen to. no: nobody asked for it, or the call was lost. soon: it was asked for, and may still come.
 * unknown: it was asked for, and its region does not say, or it is stuck. `why`: in words, of what is not no; `askedAt`: when this execution last
 * asked, in milliseconds since 1970, null where it did not.
 */
export type Promotion = {
  readonly promoted: 'yes' | 'no' | 'soon' | 'unknown';
  readonly why: string;
  readonly askedAt: number | null;
};

const notPromoted: Promotion = { promoted: 'no', why: '', askedAt: null };

/** A region that does not answer keeps nobody from writing where they did, unless a promotion was asked for there. @throws CannotProceed. */
export async function promotionOf(
  asset: string,
  { id, execution, region, mode }: Pick<FlowIncident, 'id' | 'execution' | 'region' | 'mode'>,
  shell: Shell,
): Promise<Promotion> {
  const { store, plan, now } = shell;
  const step = `take-over/${asset}`;
  const peer = peerOf(region, plan);
  if (peer === null) return notPromoted;
  const [calls, steps, instance] = await Promise.all([
    callsOf({ id, execution }, shell),
    store.readSteps(id),
    instanceIn(assetNamed(asset, 'rds-instance', plan), peer, shell),
  ]);
  const own = steps.filter((past) => past.execution === execution);
  const restored = restoreBegun(calls, own, asset);
  // One that has failed is over: what was asked for before it may have come all the same.
  if (restored !== null && !waysFailedIn(own, asset).includes(restored.way))
    return restoration(
      restored,
      own.some((past) => past.step === step),
    );
  // What stands in the other region says nothing of a database that is restored where it stands.
  if (mode === 'restore') return notPromoted;
  const askedAt = calls.findLast((call) => call.step === step && call.call === 'rds:PromoteReadReplica')?.at ?? null;
  const seenDone = own.some((past) => past.step === step && past.outcome['skipped'] !== true);
  if (seenDone) return { promoted: 'yes', why: `${instance} in ${peer} was promoted`, askedAt };
  const asked = `the promotion of ${instance} in ${peer} was requested`;
  const seen = await describeDatabase(peer, instance).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  if (seen instanceof Unavailable)
    return askedAt === null
      ? notPromoted
      : { promoted: 'unknown', why: `${asked}, and ${peer} does not answer`, askedAt };
  if (seen?.replicaOf === null)
    return { promoted: 'yes', why: `${instance} in ${peer} is no replica any more`, askedAt };
  if (seen === null || askedAt === null) return notPromoted;
  // What takes no change any more until somebody repairs it may have taken it before: nobody knows when that is.
  if (isStuck(seen.status) || isStopped(seen.status))
    return { promoted: 'unknown', why: `${asked}, and it is ${seen.status}`, askedAt };
  const mayCome = now() - askedAt < callShowsSeconds * 1000 || !works(seen.status);
  return mayCome ? { promoted: 'soon', why: `${asked}, and may still come`, askedAt } : notPromoted;
}

/** Nobody uses what is being restored: until the flow has found that it works, the old database is the one that there is. */
function restoration({ instance, region, at }: Begun, isDone: boolean): Promotion {
  return isDone
    ? { promoted: 'yes', why: `${instance} in ${region} was restored in its place`, askedAt: at }
    : { promoted: 'no', why: `${instance} in ${region} is being restored, and nobody uses it yet`, askedAt: null };
}
