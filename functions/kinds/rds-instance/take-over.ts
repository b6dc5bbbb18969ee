// Desired state: the database of the region that takes over takes writes, by the way that the newest look found best.
import { ApprovalStale, CannotProceed, InProgress } from '../../domain/errors.ts';
import type { AssetOf } from '../../domain/plan/assets.ts';
import { wayFailedMark, waysFailedIn } from '../../domain/recovery/reaching.ts';
import { type ChosenWay, restoreBegun, wayChosen } from '../../domain/recovery/restoring.ts';
import type { Way } from '../../domain/types.ts';
import { assetNamed } from '../../shared/estate.ts';
import { act, callsOf, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/recovery/flow.ts';
import { agesIn } from '../../shared/recovery/fresh.ts';
import { reach } from '../../shared/recovery/reach.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase, promoteLosingWhatIsMissing } from './aws/instances.ts';
import { keptDays, nextPromotion } from './moves.ts';
import { restore, WayFailed } from './restoring/restore.ts';
import { instanceIn } from './seen/held.ts';

type Database = AssetOf<'rds-instance'>;

/**
 * Called again until the replica's source link was seen gone, or what was restored works. No waiver leaves this out: users need a writer. A
 * way that failed is kept in the record, and is stale: Reassess, which alone compares losses, finds the next one.
 */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const database = assetNamed(asset, 'rds-instance', shell.plan);
  const way = await wayOf(incident, asset, shell);
  // Where data was corrupted the database that stands there is what must not be used: without a way left nothing takes over.
  if (way === null && incident.mode === 'restore')
    throw new CannotProceed(`no way is left in which ${asset} could be restored`);
  if (way === null) return promote(incident, database, shell);
  try {
    if (way.way === 'promote-replica') return await promote(incident, database, shell, way);
    return await restore(incident, database, way, shell);
  } catch (error) {
    if (!(error instanceof WayFailed)) throw error;
    return stale(incident, asset, error, shell);
  }
});

/** The way that the newest look found best; one that has begun and has not failed goes on. Null where there is the replica alone. */
async function wayOf(incident: RegionIncident, asset: string, shell: Shell): Promise<ChosenWay | null> {
  const { id, execution } = incident;
  const own = (await shell.store.readSteps(id)).filter((past) => past.execution === execution);
  const failed = waysFailedIn(own, asset);
  const begun = restoreBegun(await callsOf(incident, shell), own, asset);
  if (begun !== null && !failed.includes(begun.way)) return begun;
  const chosen = wayChosen(agesIn(own).looked, asset);
  if (chosen !== null && failed.includes(chosen.way))
    throw new ApprovalStale(`${asset} did not take over by ${chosen.way}: the next way has to be looked at`);
  return chosen;
}

/** Keeps that a way failed, and what it has left behind. @throws ApprovalStale */
async function stale(
  { id, execution }: RegionIncident,
  asset: string,
  { way, message: why, left }: WayFailed,
  { store, now, log }: Shell,
): Promise<never> {
  const outcome = { way, why, left };
  await store.recordStep({ incident: id, execution, step: wayFailedMark(asset, way), at: now(), outcome });
  log.warn('a way failed', { incident: id, execution, asset, way, why });
  const stays = left === null ? '' : `; ${left} is left for a person to look at and to delete`;
  throw new ApprovalStale(`${asset} did not take over by ${way}: ${why}${stays}`);
}

/** `way`: where there may be another one. @throws WayFailed there, where the replica cannot be promoted; CannotProceed where it is the only way. */
async function promote(incident: RegionIncident, database: Database, shell: Shell, way: ChosenWay | null = null) {
  const { standby: region } = incident;
  const { now } = shell;
  const replica = await instanceIn(database, region, shell);
  const call = {
    step: `take-over/${database.name}`,
    call: 'rds:PromoteReadReplica',
    target: replica,
    region,
    continues: givingUp,
  };
  const seen = await describeDatabase(region, replica);
  if (seen === null) throw notBy(way?.way, `database ${replica} is not in ${region}`);
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextPromotion(seen, calledAt, now());
  if (move.next === 'give-up') throw notBy(way?.way, `database ${replica} cannot be promoted: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`database ${replica} is not promoted yet: ${move.why}`);
  if (move.next === 'promote') {
    const of = seen.replicaOf === null ? 'no replica' : `a replica of ${seen.replicaOf}`;
    const backupDays = keptDays(database.regions[region]?.restore?.backupRetentionDays, seen.backupRetentionDays);
    const change = { before: `${seen.status}, ${of}`, wanted: 'takes writes, and is no replica' };
    await act(incident, { ...call, change }, shell, () => promoteLosingWhatIsMissing(region, replica, backupDays));
    throw new InProgress(`database ${replica} was asked to become a writer`);
  }
  return { database: replica, promoted: calledAt !== null, writableSince: now(), endpoint: seen.endpoint };
}

function notBy(way: Way | undefined, why: string): Error {
  return way === undefined ? new CannotProceed(why) : new WayFailed(way, why);
}
