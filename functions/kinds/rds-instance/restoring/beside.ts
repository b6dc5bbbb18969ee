// What stands beside production for a while: restored under a name of its own, in a network that admits nobody but what asks it, and deleted by
// its tag. A rehearsal and a comparison both make one.
import { faultName } from '../../../aws/calls/faults.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { Source } from '../../../domain/recovery/predict.ts';
import type { Shell } from '../../../shared/shell.ts';
import {
  deleteInstance,
  describeRestored,
  type RestoredSeen,
  restoreFromSnapshot,
  restoreToPointInTime,
  type ToRestore,
} from '../aws/restore.ts';
import type { Standing } from '../rules/rehearsing.ts';
import { works } from '../rules/status.ts';
import { copyOwner, type Restore, rehearsalTag } from '../says/backup-plan.ts';

type Database = AssetOf<'rds-instance'>;
export type Rehearsed = NonNullable<Restore['rehearsal']>;

/** What stands under a name, and whether it bears this stack's tag. */
export async function standingAs(
  instance: string,
  { name }: Database,
  { region, prefix }: Pick<Shell, 'region' | 'prefix'>,
): Promise<{ readonly seen: RestoredSeen | null; readonly standing: Standing | null }> {
  const seen = await describeRestored(region, instance);
  if (seen === null) return { seen, standing: null };
  const isOurs = seen.made.tags[rehearsalTag] === copyOwner(prefix, name);
  return { seen, standing: { status: seen.status, works: works(seen.status), isOurs } };
}

/**
 * Asks for it. False where another copy was faster, or somebody has the name: the next look tells which, by the tag.
 * @throws Unavailable, CannotProceed: RDS says no
 */
export async function make(
  asset: Database,
  instance: string,
  restore: Restore,
  rehearsed: Rehearsed,
  source: Source,
  shell: Shell,
): Promise<boolean> {
  const made = { instance, wanted: asRehearsed(restore, rehearsed, asset, shell), zoneName: zoneOf(restore, shell) };
  await audited(callOf(source), asset, instance, shell);
  try {
    await ask(shell.region, made, source);
    return true;
  } catch (error) {
    if (/^DBInstanceAlreadyExists/.test(faultName(error))) return false;
    throw error;
  }
}

function callOf({ of }: Source): string {
  return of === 'snapshot' ? 'rds:RestoreDBInstanceFromDBSnapshot' : 'rds:RestoreDBInstanceToPointInTime';
}

function ask(region: string, made: ToRestore, source: Source): Promise<void> {
  return source.of === 'snapshot'
    ? restoreFromSnapshot(region, made, source)
    : restoreToPointInTime(region, made, source, null);
}

/** What the plan says of a restore, but for what keeps it apart: a closed network, a tag, and nothing that protects it. */
export function asRehearsed(
  restore: Restore,
  { securityGroups }: Rehearsed,
  asset: Database,
  { prefix }: Shell,
): Restore {
  const tags = { ...restore.tags, [rehearsalTag]: copyOwner(prefix, asset.name) };
  return { ...restore, securityGroups, tags, deletionProtection: false, capacityReservation: null };
}

export function zoneOf({ zone }: Restore, { region, plan }: Shell): string | null {
  return zone === null ? null : (plan.regions[region]?.zones[zone] ?? zone);
}

/** What bears the tag, and nothing else: its role may delete no other. While it is being made RDS refuses, and the next call asks again. */
export async function discard(asset: Database, instance: string, shell: Shell): Promise<void> {
  await audited('rds:DeleteDBInstance', asset, instance, shell);
  await deleteInstance(shell.region, instance);
}

/** Stands in the record before it is made, below a name of its own. */
async function audited(call: string, { name }: Database, target: string, shell: Shell): Promise<void> {
  const { region, store, now } = shell;
  const record = { step: `rehearse-restores/${name}`, actor: 'schedule', execution: 'rehearse-restores', drill: true };
  await store.audit({ incident: `rehearsals-${region}`, at: now(), ...record, call, region, target });
}
