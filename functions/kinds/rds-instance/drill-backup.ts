// Backs up the databases that a drill is about, before it touches anything: a snapshot of each, by the drill's own tag.
import { databasesKept } from '../../domain/drills/backup.ts';
import type { ScheduledDrill } from '../../domain/drills/plan.ts';
import type { DrillRecord } from '../../domain/drills/record.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import type { AssetOf } from '../../domain/plan/assets.ts';
import { peerOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { deleteSnapshot, describeSnapshots } from './aws/backups.ts';
import { takeSnapshot } from './aws/rejoin.ts';
import { copyOwner, drillPrefix, drillTag } from './says/backup-plan.ts';
import { instanceIn } from './seen/held.ts';

type Database = AssetOf<'rds-instance'>;

/** A line for each that is kept. @throws InProgress until all snapshots are whole; CannotProceed where one cannot be made; Unavailable */
export async function backUpDatabases(drill: ScheduledDrill, run: DrillRecord, shell: Shell): Promise<string[]> {
  const { plan } = shell;
  // A switchover is started where users go.
  const from = drill.staysDays === undefined ? run.region : (peerOf(run.region, plan) ?? run.region);
  const lines: string[] = [];
  for (const asset of databasesKept(drill, plan)) lines.push(await backUp(asset, from, run, shell));
  return lines;
}

async function backUp(asset: Database, region: string, run: DrillRecord, shell: Shell): Promise<string> {
  const { prefix, plan } = shell;
  const owner = copyOwner(prefix, asset.name);
  const id = `${drillPrefix(prefix, asset.name)}${new Date(run.startedAt).toISOString().slice(0, 19).replace(/[T:]/g, '-')}`;
  const own = (await describeSnapshots(region)).filter(({ tags }) => tags[drillTag] === owner);
  const made = own.find((one) => one.id === id);
  if (made === undefined) {
    const instance = await instanceIn(asset, region, shell);
    await audited('rds:CreateDBSnapshot', id, region, run, shell);
    await takeSnapshot(region, instance, id, { [drillTag]: owner, application: plan.application });
    throw new InProgress(`snapshot ${id} of ${asset.name} has begun`);
  }
  if (made.status === 'failed') throw new CannotProceed(`snapshot ${id} of ${asset.name} has failed`);
  if (made.status !== 'available') throw new InProgress(`snapshot ${id} of ${asset.name} is ${made.status}`);
  // The newest stays, whatever became of its drill.
  for (const old of own.filter((one) => one.id !== id && (one.madeAt ?? run.startedAt) < run.startedAt)) {
    await audited('rds:DeleteDBSnapshot', old.id, region, run, shell);
    await deleteSnapshot(region, old.id);
  }
  return `${asset.name} is kept as snapshot ${id} in ${region}`;
}

async function audited(
  call: string,
  target: string,
  region: string,
  { execution, by: actor }: DrillRecord,
  { store, now, log }: Shell,
): Promise<void> {
  const made = { call, region, target };
  await store.audit({ incident: execution, at: now(), step: 'prepare-drill', actor, execution, drill: true, ...made });
  log.info('backing up before a drill', { execution, ...made });
}
