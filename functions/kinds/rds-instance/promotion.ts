// Whether something has taken over from a database: by the record, and by what stands in the region that takes over.
import { Unavailable } from '../../domain/errors.ts';
import { callsOf } from '../../shared/act.ts';
import { assetNamed, peerOf, placeOf } from '../../shared/estate.ts';
import type { FlowIncident } from '../../shared/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase } from './aws.ts';
import { callShowsSeconds } from './moves.ts';
import { works } from './status.ts';

/**
 * yes: it takes writes, or was seen to. no: nobody asked for it, or the call was lost. soon: it was asked for, and may still come.
 * unknown: it was asked for, and its region does not say. `why`: in words, of what is not no; `askedAt`: when this execution last
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
  { id, execution, region }: Pick<FlowIncident, 'id' | 'execution' | 'region'>,
  shell: Shell,
): Promise<Promotion> {
  const { store, plan, now } = shell;
  const step = `take-over/${asset}`;
  const peer = peerOf(region, plan);
  if (peer === null) return notPromoted;
  const { instance } = placeOf(assetNamed(asset, 'rds-instance', plan), peer);
  const [calls, steps] = await Promise.all([callsOf({ id, execution }, shell), store.readSteps(id)]);
  const askedAt = calls.findLast((call) => call.step === step && call.call === 'rds:PromoteReadReplica')?.at ?? null;
  const seenDone = steps.some(
    (past) => past.execution === execution && past.step === step && past.outcome['skipped'] !== true,
  );
  if (seenDone) return { promoted: 'yes', why: `${instance} in ${peer} was promoted`, askedAt };
  const asked = `the promotion of ${instance} in ${peer} was asked for`;
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
  const mayCome = now() - askedAt < callShowsSeconds * 1000 || !works(seen.status);
  return mayCome ? { promoted: 'soon', why: `${asked}, and may still come`, askedAt } : notPromoted;
}
