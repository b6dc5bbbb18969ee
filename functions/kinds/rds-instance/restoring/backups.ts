// Keeps the backups of databases in the region that would take over, and says whether they are there. What it makes it alone deletes.
import { Unavailable } from '../../../domain/errors.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { type CheckResult, notReady, ready } from '../../../domain/recovery/readiness.ts';
import { ifAnswered, peerOf, placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import {
  canReplicate,
  copySnapshot,
  deleteSnapshot,
  describeAutomatedBackups,
  describeSnapshots,
  startReplication,
} from '../aws/backups.ts';
import { backupsReady, type Move, nextMoves, pairReady, type Seen } from '../rules/keeping.ts';
import { copyOwner, copyPrefix, copyTag, drillTag, rejoinTag } from '../says/backup-plan.ts';
import { instanceIn } from '../seen/held.ts';

type Database = AssetOf<'rds-instance'>;

/**
 * Makes the calls that the plan's backups need in this region, while the other one is primary. A source that does not answer is no
 * failure: what is kept already stays, and readiness says how old it is. @throws CannotProceed, Unavailable.
 */
export async function keepBackups(asset: Database, shell: Shell): Promise<void> {
  const { region, plan, prefix, store, now, log } = shell;
  const { backups } = asset;
  const source = peerOf(region, plan);
  if (backups === undefined || source === null) return;
  const [{ primary, frozen, lock }, there] = await Promise.all([
    store.readStanding(region),
    store.readStanding(source),
  ]);
  // What takes writes here has its own backups here: copies are for the other region.
  if (primary !== source) return;
  const instance = await instanceIn(asset, source, shell);
  let seen: Seen;
  try {
    seen = await see(copyOwner(prefix, asset.name), { region, source, instance });
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    log.warn('backups are not looked at', { asset: asset.name, why: error.message });
    return;
  }
  // While something is recovered, or people have stopped the automation, an old copy may be the last good one.
  const keepsAll = frozen !== null || lock !== null || there.lock !== null;
  const moves = nextMoves(seen, backups, copyPrefix(prefix, asset.name), now());
  for (const move of moves.filter(({ move: what }) => what !== 'delete' || !keepsAll))
    await make(move, asset, { source, instance }, shell);
}

/** All that is looked at, at once. */
async function see(
  owner: string,
  { region, source, instance }: { readonly region: string; readonly source: string; readonly instance: string },
): Promise<Seen> {
  const [automated, here, there] = await Promise.all([
    describeAutomatedBackups(region),
    describeSnapshots(region),
    describeSnapshots(source),
  ]);
  return {
    automated: automated.filter((one) => one.of === source && one.instance === instance),
    points: there.filter((one) => one.instance === instance && one.type === 'automated'),
    copies: here.filter(({ tags }) => tags[copyTag] === owner),
  };
}

type From = { readonly source: string; readonly instance: string };

/** Each call stands in the record before it is made, as those of flows do, below a name of its own: no incident is the cause. */
async function make(move: Move, asset: Database, { source, instance }: From, shell: Shell): Promise<void> {
  const { region, account, plan, prefix, store, now, log } = shell;
  const calls = {
    replicate: ['rds:StartDBInstanceAutomatedBackupsReplication', instance],
    copy: ['rds:CopyDBSnapshot', 'id' in move ? move.id : ''],
    delete: ['rds:DeleteDBSnapshot', 'id' in move ? move.id : ''],
  } as const;
  const [call, target] = calls[move.move];
  const record = { step: `keep-backups/${asset.name}`, actor: 'schedule', execution: 'keep-backups' };
  await store.audit({ incident: `backups-${region}`, at: now(), ...record, call, region, target, drill: false });
  log.info('backups', { asset: asset.name, move: move.move, target });
  const { replicated, snapshots } = asset.backups ?? {};
  if (move.move === 'delete') return deleteSnapshot(region, move.id);
  if (move.move === 'replicate') {
    const arn = `arn:${partitionOf(region)}:rds:${source}:${account}:db:${instance}`;
    await startReplication(region, {
      arn,
      days: replicated?.retentionDays ?? 1,
      key: replicated?.keys?.[region] ?? null,
    });
    return;
  }
  await copySnapshot(region, {
    snapshot: move.snapshot,
    id: move.id,
    key: snapshots?.keys?.[region] ?? null,
    optionGroup: placeOf(asset, region).restore?.optionGroup ?? 'default:',
    tags: { [copyTag]: copyOwner(prefix, asset.name), application: plan.application },
  });
}

/** Each region's own, by how its name begins. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Whether what the plan keeps in this region is there, and new enough. */
export async function backupsAreReady(asset: Database, shell: Shell): Promise<CheckResult> {
  const { region, plan, store, now } = shell;
  const { backups } = asset;
  const source = peerOf(region, plan);
  if (backups === undefined || source === null) return notReady(`no backups of ${asset.name} are kept for ${region}`);
  const { primary } = await store.readStanding(region);
  const pair = backups.replicated === null ? null : await ifAnswered(canReplicate(source, region));
  // What takes writes has the backups of its own: the way back alone is looked at, which is needed once roles have moved.
  if (primary === region && backups.replicated === null) return ready(`${asset.name} is in ${region} itself`);
  if (primary === region) return pairReady(asset.name, region, pair);
  const [instance, automated, snapshots] = await Promise.all([
    instanceIn(asset, source, shell),
    describeAutomatedBackups(region),
    describeSnapshots(region),
  ]);
  const moments = automated.filter((one) => one.of === source && one.instance === instance);
  // One that was set aside is of the database before: it may have had the name that this one has now.
  // One that was taken before a drill is deleted after it.
  const isKept = ({ tags }: (typeof snapshots)[number]) =>
    tags[rejoinTag] === undefined && tags[drillTag] === undefined;
  const whole = snapshots.filter((one) => one.instance === instance && one.status === 'available' && isKept(one));
  const seen = {
    asset: asset.name,
    region,
    latestAt: newest(moments.map(({ latestAt }) => latestAt)),
    newestAt: newest(whole.map(({ takenAt }) => takenAt)),
    canReplicate: pair,
  };
  return backupsReady(seen, backups, plan, now());
}

function newest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.max(...known);
}
