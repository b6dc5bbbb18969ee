// Desired state: the replica has everything that was written, so that a switchover loses nothing.
import * as z from 'zod';
import { describeDatabase } from './aws/database.ts';
import { readReplicaLag } from './aws/metrics.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { databaseIn } from './shared/estate.ts';
import { RegionStepInput } from './shared/flow.ts';
import { step } from './shared/shell.ts';

const LagInput = RegionStepInput.extend({ fencedAt: z.number() });
/** How far back lag is read: CloudWatch gives a point for each minute, a minute or two late. */
const windowSeconds = 600;

/**
 * Called again until a lag of zero was measured after the fence; what was measured before it says nothing, and a lag
 * that is not known is not zero.
 */
export const handler = step(LagInput, async ({ incident, fencedAt }, shell) => {
  const { standby } = incident;
  const { plan, now } = shell;
  const replica = databaseIn(standby, plan);
  const seen = await describeDatabase(standby, replica);
  if (seen === null) throw new CannotProceed(`database ${replica} is not in ${standby}`);
  if (seen.replicaOf === null) throw new CannotProceed(`database ${replica} replicates from nothing`);
  if (seen.replicating !== true)
    throw new CannotProceed(`replication to ${replica} has stopped: the fence must not cut it`);
  const points = await readReplicaLag(standby, replica, Math.max(fencedAt, now() - windowSeconds * 1000), now());
  // A point stands for the minute that begins with it.
  const newest = points.filter(({ at }) => at >= fencedAt).at(-1);
  if (newest === undefined || newest.lagSeconds === null)
    throw new InProgress(`the lag of ${replica} is not known yet`);
  if (newest.lagSeconds > 0) throw new InProgress(`${replica} is ${newest.lagSeconds} s behind`);
  return { replica, lagSeconds: 0, measuredAt: newest.at };
});
