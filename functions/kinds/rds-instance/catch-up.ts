// Desired state: the replica has everything that was written before the fence, so that a switchover loses nothing.
import * as z from 'zod';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import { firstSeen } from '../../shared/fencing/marks.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { describeDatabase } from './aws/instances.ts';
import { instanceIn } from './seen/held.ts';
import { readReplicaLag } from './seen/lag.ts';

const LagInput = RegionVerbInput.extend({ fencedAt: z.number() });
/** How far back lag is read: CloudWatch gives a point for each minute, a minute or two late. */
const windowSeconds = 600;
/** A replica whose connection broke makes a new one by itself, within a minute or so. */
const reconnectSeconds = 120;

/**
 * Called again until what the replica has replayed was committed after the fence. PostgreSQL reports the age of the last
 * transaction that was replayed: with an idle writer that grows up to five minutes, and may never be zero [AWS, read
 * replica limitations with PostgreSQL]. A lag that is not known is no lag of nothing.
 */
export const handler = reach('catch-up', LagInput, async ({ incident, asset, fencedAt }, shell) => {
  const { standby } = incident;
  const { plan, now } = shell;
  const replica = await instanceIn(assetNamed(asset, 'rds-instance', plan), standby, shell);
  const seen = await describeDatabase(standby, replica);
  if (seen === null) throw new CannotProceed(`database ${replica} is not in ${standby}`);
  if (seen.replicaOf === null) throw new CannotProceed(`database ${replica} is no replica any more: it has no source`);
  if (seen.replicating !== true) {
    const why = `replication to ${replica} has stopped: the fence must not cut it`;
    const since = await firstSeen(incident, `catch-up/${asset}/stopped`, shell);
    throw now() - since < reconnectSeconds * 1000 ? new InProgress(why) : new CannotProceed(why);
  }
  const points = await readReplicaLag(
    { region: standby, instance: replica },
    Math.max(fencedAt, now() - windowSeconds * 1000),
    now(),
  );
  // A point stands for the minute that begins with it, and its greatest lag: what was replayed is no older than this.
  const newest = points.filter(({ at }) => at >= fencedAt).at(-1);
  if (newest === undefined || newest.lagSeconds === null)
    throw new InProgress(`the lag of ${replica} is not known yet`);
  const replayedUntil = newest.at - newest.lagSeconds * 1000;
  if (replayedUntil < fencedAt) {
    const missing = Math.ceil((fencedAt - replayedUntil) / 1000);
    throw new InProgress(`${replica} has not replayed the last ${missing} s before the fence`);
  }
  return { replica, lagSeconds: newest.lagSeconds, replayedUntil, measuredAt: newest.at };
});
