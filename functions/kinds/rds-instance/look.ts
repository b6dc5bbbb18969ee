// Looks at databases: the ways in which they can come back, whether they are ready to, and where they are found. Changes nothing.

import { type Rehearsal, restoredIn } from '../../domain/data/rehearsal.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { day } from '../../domain/page/page-times.ts';
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { AssetWays, KindSeen, Leaving } from '../../domain/recovery/predict.ts';
import { type CheckResult, notReady, ready, unread } from '../../domain/recovery/readiness.ts';
import type { LastLag } from '../../domain/recovery/region-record.ts';
import { createAsker, ifAnswered, peerOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { type AutomatedSeen, describeAutomatedBackups, describeSnapshots } from './aws/backups.ts';
import { describeDatabase, describeIfThere } from './aws/instances.ts';
import { isClosed } from './moves.ts';
import { preflight } from './restoring/preflight.ts';
import {
  type DatabaseObserved,
  databasesSeen,
  lagReady,
  otherSource,
  replicaReady,
  type WriterObserved,
} from './rules/assess.ts';
import { restoreNames } from './rules/restored.ts';
import {
  type AutomatedBackups,
  type Backup,
  type BackupsSeen,
  chooseSnapshot,
  type Looked,
  type Preflight,
  type Snapshot,
} from './rules/ways.ts';
import { rejoinTag } from './says/backup-plan.ts';
import { heldIn, heldInVain, instanceIn } from './seen/held.ts';
import { lastKnownLag, lastLag } from './seen/lag.ts';

type Database = AssetOf<'rds-instance'>;
type Ask = ReturnType<typeof createAsker>['ask'];

/** The ways of each, and whether what takes writes now could be reached to be fenced. */
export async function seeDatabases(leaving: Leaving, shell: Shell): Promise<KindSeen> {
  const { mode } = leaving;
  const { ask, unanswered } = createAsker();
  const assets = assetsOf('rds-instance', shell.plan).filter(({ name }) => (leaving.only ?? name) === name);
  const [writers, databases] = await Promise.all([
    Promise.all(assets.map((asset) => seeWriter(asset, leaving, shell))),
    Promise.all(assets.map((asset) => observe(asset, leaving, ask, shell))),
  ]);
  // A region that is lost does not answer; of one that is left by plan nobody would know whether it can be fenced.
  const hidden = mode === 'switchover' && writers.some(({ status }) => status === undefined);
  const seen = databasesSeen(databases, writers, leaving);
  // Where the replica takes over, nobody waits for what is said of backups.
  const others = (seen.ways ?? []).filter(({ ways: [best] }) => best?.way !== 'promote-replica' || !best.usable);
  const silent = databases.some(({ asset, backups }) => others.some((one) => one.asset === asset) && isSilent(backups));
  return { ...seen, unanswered: unanswered() || hidden || silent };
}

/** Whether something of the backups, or of what a restore would meet, was asked and not answered. */
function isSilent(backups: BackupsSeen | undefined): boolean {
  if (backups === undefined) return false;
  const { automated, snapshot, preflight: looks } = backups;
  const isUnasked = automated === undefined || snapshot.found === undefined;
  return isUnasked || [looks.automated, looks.snapshot].some((one) => one?.unanswered === true);
}

/** The ways of one database, best first, as they stand now. @throws CannotProceed where there is no such database. */
export async function waysOf(asset: string, leaving: Leaving, shell: Shell): Promise<AssetWays> {
  const { ways = [] } = await seeDatabases({ ...leaving, only: asset }, shell);
  const [found] = ways;
  if (found === undefined) throw new CannotProceed(`the plan has no database ${asset}`);
  return found;
}

/**
 * Users wait for it: what did not answer a look of the last minutes is tried once, and so is what people let go on unfenced, unless it has just
 * answered: of a region that is back one lost request must leave no fence out.
 */
async function seeWriter(asset: Database, { target, mayStay }: Leaving, shell: Shell): Promise<WriterObserved> {
  const look = async () => {
    const [held, answers] = await Promise.all([heldIn(asset, target, shell), hasAnswered(target, shell)]);
    const isTriedOnce = answers === null ? mayStay?.includes(asset.name) : !answers;
    const describe = isTriedOnce ? describeIfThere : describeDatabase;
    return { seen: await describe(target, held.instance), closed: held.securityGroups?.closed };
  };
  const answer = await ifAnswered(look());
  if (answer === null) return { asset: asset.name, status: undefined };
  const { status = null, groups = [] } = answer.seen ?? {};
  return { asset: asset.name, status, closed: isClosed(groups, answer.closed) };
}

/** Control planes are looked at each minute, in milliseconds: what was heard longer ago says nothing of now. */
const heardWithinMs = 180_000;

/** Whether the newest look at the control planes of a region got an answer of RDS; null where none is known, or can be read. */
async function hasAnswered(region: string, { store, now }: Shell): Promise<boolean | null> {
  const signals = await store.readSignals(region, now() - heardWithinMs).catch(() => []);
  // A clock that goes ahead must not be the newest for ever.
  const runs = signals.flatMap((signal) => (signal.kind === 'probe-run' && signal.at <= now() ? [signal] : []));
  const newest = runs.toSorted((a, b) => a.at - b.at).at(-1);
  return newest === undefined ? null : !newest.services.includes('rds');
}

async function observe(asset: Database, leaving: Leaving, ask: Ask, shell: Shell): Promise<DatabaseObserved> {
  const { target, standby, mode, aliveAt, calledAt = {} } = leaving;
  const calledWhen = calledAt[asset.name] ?? null;
  const { instance } = await heldIn(asset, standby, shell);
  const writer = mode === 'restore' ? null : await instanceIn(asset, target, shell);
  const [replica, lag, lagWhenCalled, backups] = await Promise.all([
    ask(describeDatabase(standby, instance)),
    ask(lastKnownLag({ region: standby, instance }, aliveAt)),
    calledWhen === null ? null : ask(lastKnownLag({ region: standby, instance }, calledWhen)),
    seeBackups(asset, leaving, shell),
  ]);
  return {
    asset: asset.name,
    replica:
      replica === null
        ? null
        : {
            status: replica.status,
            isReplica: replica.replicaOf !== null,
            ofOther: writer === null ? null : otherSource(replica.replicaOf, writer),
            replicating: replica.replicating,
          },
    lag,
    lagWhenCalled,
    delayed: asset.regions[standby]?.delayedReplica,
    backups,
    promotionSeconds: shell.plan.predictions.takeOverSeconds['rds-instance'],
  };
}

/** Of which database the backups are that would be restored, where, and from before which moment. */
export type Lost = Pick<Leaving, 'target' | 'standby' | 'corruptedSince'>;

/** The backups of a database in a region, with what a restore from them would meet; undefined where the plan restores nothing there. */
export async function seeBackups(asset: Database, lost: Lost, shell: Shell): Promise<BackupsSeen | undefined> {
  const { target, standby, corruptedSince = null } = lost;
  const { restore } = asset.regions[standby] ?? {};
  if (restore === undefined) return undefined;
  const [names, held] = await Promise.all([namesIn(asset, target, shell), instanceIn(asset, target, shell)]);
  const [all, snapshots] = await Promise.all([
    answered(describeAutomatedBackups(standby)),
    answered(describeSnapshots(standby)),
  ]);
  const automated = automatedOf(all, { from: target, into: standby, names, held });
  // One that was set aside on the way home is of the database before.
  const theirs = snapshots?.filter((one) => one.tags[rejoinTag] === undefined);
  const snapshot = chooseSnapshot(theirs?.filter(isComplete), {
    engine: asset.engine,
    instances: names,
    resourceId: automated?.resourceId ?? null,
    corruptedSince,
  });
  const place = { region: standby, restore, zones: shell.plan.regions[standby]?.zones ?? {} };
  const meets = async (from: Looked<Backup>): Promise<Preflight | null> =>
    from === undefined || from === null ? null : preflight(place, from);
  // What both would meet is mostly the same: where both are of one version and key, it is asked once.
  const isSame = automated && snapshot.found && isAlike(automated, snapshot.found);
  const first = await meets(automated);
  const rehearsal = await ifAnswered(lastRehearsal(asset, standby, shell));
  const measuredSeconds = rehearsal === null ? null : restoredIn(rehearsal);
  return {
    automated,
    snapshot,
    ...(measuredSeconds !== null && { measuredSeconds }),
    preflight: { automated: first, snapshot: isSame ? first : await meets(snapshot.found) },
  };
}

/** Null where the plan rehearses nothing there, or nothing was rehearsed yet. */
async function lastRehearsal({ name, regions }: Database, region: string, { store }: Shell): Promise<Rehearsal | null> {
  return regions[region]?.restore?.rehearsal === undefined ? null : store.readRehearsal(name, region);
}

/** Why the last rehearsal proves nothing for the day; null where it does, or none was yet. */
export async function whyNotRehearsed(asset: Database, { everyDays }: { readonly everyDays: number }, shell: Shell) {
  const last = await lastRehearsal(asset, shell.region, shell);
  if (last === null || last.endedAt === null) return null;
  const on = day(last.begunAt);
  if (last.wrong.length > 0) return `the last rehearsal of ${asset.name}, on ${on}: ${last.wrong.join('; ')}`;
  // Two of them missed: it is not only late.
  const isOld = shell.now() - last.begunAt > 2 * everyDays * 86_400_000;
  return isOld ? `the restore of ${asset.name} was rehearsed last on ${on}, and is due every ${everyDays} days` : null;
}

function isAlike(one: Backup, other: Backup): boolean {
  return (
    one.engine === other.engine &&
    one.engineVersion === other.engineVersion &&
    one.keyId === other.keyId &&
    one.allocatedGib === other.allocatedGib
  );
}

/** Each name that the database may have had in a region: the plan's, and those of a restore. */
async function namesIn(asset: Database, region: string, shell: Shell): Promise<string[]> {
  const { instance, restore } = asset.regions[region] ?? {};
  const held = await instanceIn(asset, region, shell);
  const all = [
    held,
    ...(instance === undefined ? [] : [instance]),
    ...(restore === undefined ? [] : restoreNames(restore)),
  ];
  return [...new Set(all)];
}

type Sought = {
  readonly from: string;
  readonly into: string;
  /** All that it may have been called, and what it is called now. */
  readonly names: readonly string[];
  readonly held: string;
};

/** Of the database as it is now; of one that is gone, those that are kept and go furthest. */
function automatedOf(
  all: readonly AutomatedSeen[] | undefined,
  { from, into, names, held }: Sought,
): Looked<AutomatedBackups> {
  if (all === undefined) return undefined;
  // Backups that are still made, of another than what holds the place: of the one before, which stands beside it.
  const own = all.filter(
    (one) => one.of === from && names.includes(one.instance) && (one.instance === held || one.status !== 'active'),
  );
  const rank = (one: AutomatedSeen) => Number(one.instance === held) * 2 + Number(one.status === 'active');
  const [found] = own.toSorted((a, b) => rank(b) - rank(a) || (b.latestAt ?? 0) - (a.latestAt ?? 0));
  if (found === undefined) return null;
  const { arn, resourceId } = found;
  if (from !== into && arn === null) return null;
  const source =
    from === into
      ? ({ of: 'own-backups', resourceId } as const)
      : ({ of: 'replicated-backups', arn: arn ?? '' } as const);
  return { ...found, source };
}

/** A snapshot of an instance: of nothing else RDS tells so much. */
function isComplete({ id, instance }: Snapshot): boolean {
  return id !== '' && instance !== '';
}

/** Undefined where nobody answered, or may ask. */
async function answered<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return (await ifAnswered(question)) ?? undefined;
  } catch (error) {
    if (error instanceof CannotProceed) return undefined;
    throw error;
  }
}

export async function replicaIsReady(asset: Database, shell: Shell): Promise<CheckResult> {
  const { region, plan } = shell;
  const other = peerOf(region, plan);
  const [instance, writer] = await Promise.all([
    instanceIn(asset, region, shell),
    other === null ? '' : instanceIn(asset, other, shell),
  ]);
  return replicaReady(instance, await describeDatabase(region, instance), { multiAz: asset.multiAz, writer });
}

export async function lagIsReady(asset: Database, shell: Shell): Promise<CheckResult> {
  const { region, plan, now } = shell;
  const instance = await instanceIn(asset, region, shell);
  return lagReady(await lastLag({ region, instance }, now()), plan, now());
}

/** Whether this region could restore a database that was lost in the other one, or here: every name is looked up. */
export async function restoreIsReady(asset: Database, shell: Shell): Promise<CheckResult> {
  const { region, plan } = shell;
  const { restore } = asset.regions[region] ?? {};
  if (restore === undefined)
    return notReady(`the plan does not say what a restore of ${asset.name} in ${region} needs`);
  const vain = await heldInVain(asset, region, shell);
  if (vain !== null) return vain;
  const peer = peerOf(region, plan);
  const standing = await shell.store.readStanding(region);
  const target = standing.primary === region || peer === null ? region : peer;
  const seen = await seeBackups(asset, { target, standby: region }, shell);
  const looks = [seen?.preflight.automated, seen?.preflight.snapshot].flatMap((one) => one ?? []);
  if (looks.length === 0) return unread(`there is no backup of ${asset.name} in ${region} to restore`);
  const problems = [...new Set(looks.flatMap((one) => one.problems))];
  if (problems.length > 0) return notReady(problems.join('; '));
  const { rehearsal } = restore;
  const vainly = rehearsal === undefined || target === region ? null : await whyNotRehearsed(asset, rehearsal, shell);
  if (vainly !== null) return notReady(vainly);
  const unknown = [...new Set(looks.flatMap((one) => one.unknown))];
  return unknown.length > 0
    ? unread(unknown.join('; '))
    : ready(`all that a restore of ${asset.name} needs is in ${region}`);
}

/** Where applications find it; null where it is not there, or has no address. */
export async function databaseAddress(asset: Database, region: string, shell: Shell): Promise<string | null> {
  return (await describeDatabase(region, await instanceIn(asset, region, shell)))?.endpoint ?? null;
}

/** How far its replica was behind before its writes ended. */
export async function lagWhenLost(
  asset: Database,
  standby: string,
  writesEndedAt: number,
  shell: Pick<Shell, 'store'>,
): Promise<LastLag> {
  return lastKnownLag({ region: standby, instance: await instanceIn(asset, standby, shell) }, writesEndedAt);
}
