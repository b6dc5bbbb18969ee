// A database comes back as a replica in the region that was given up: the old one is proven to be closed and set aside with a snapshot,
// then a replica of what takes writes now is made beside it, under a name that the plan gives a restore.

import { faultName } from '../../../aws/calls/faults.ts';
import { CannotProceed, Unavailable } from '../../../domain/errors.ts';
import { moment } from '../../../domain/page/page-times.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { type Rejoin, rejoinMessage } from '../../../domain/recovery/rejoin.ts';
import { ownersOf, readinessCause } from '../../../domain/signals/unready.ts';
import { isBusy } from '../../../shared/drills/busy.ts';
import { peerOf, placeOf } from '../../../shared/estate.ts';
import { tellAll } from '../../../shared/messages/tell.ts';
import { lastMove } from '../../../shared/recovery/undone.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeSnapshots } from '../aws/backups.ts';
import { type DatabaseSeen, describeDatabase } from '../aws/instances.ts';
import { makeReplica, takeSnapshot } from '../aws/rejoin.ts';
import { describeRestored } from '../aws/restore.ts';
import { isClosed } from '../moves.ts';
import { partitionOf } from '../restoring/backups.ts';
import { otherSource } from '../rules/assess.ts';
import { failedStatus, isGone, longestRejoinMs, nextRejoin } from '../rules/rejoining.ts';
import { afterRefusal } from '../rules/restore-errors.ts';
import { restoreNames } from '../rules/restored.ts';
import { isStopped, works } from '../rules/status.ts';
import { asidePrefix, copyOwner, type Restore, rejoinTag } from '../says/backup-plan.ts';
import { hold, instanceIn } from '../seen/held.ts';

type Database = AssetOf<'rds-instance'>;

/**
 * Called every five minutes in each main region: looks, takes one step, and tells how it came out where somebody has not heard. It goes on
 * where a person has begun it, and begins by itself after a way home, which has lost nothing. @throws CannotProceed, Unavailable.
 */
export async function rejoin(asset: Database, shell: Shell): Promise<void> {
  const { region, plan, store, now } = shell;
  const { restore } = asset.regions[region] ?? {};
  const serving = peerOf(region, plan);
  if (restore === undefined || serving === null) return;
  const [{ primary, epoch }, known] = await Promise.all([
    store.readStanding(region),
    store.readRejoin(asset.name, region),
  ]);
  if (primary !== serving) {
    // The roles have moved: what was begun is over, and what was made is the database or a copy of it.
    if (known !== null && known.endedAt === null)
      await end({ ...known, wrong: [`${primary} is the primary region now`] }, primary, shell);
    return;
  }
  const last = known?.epoch === epoch ? known : await begunByItself(asset, epoch, shell);
  if (last === null) return;
  if (last.endedAt === null) return takeStep(asset, restore, last, { serving, epoch }, shell);
  if (now() - last.endedAt < newsMs) await tell(last, serving, shell);
}

/** So long how it came out is news. */
const newsMs = 86_400_000;

/** After a way home, and after a switchover of a drill, which comes home, the region that was left is armed again without anybody asking. */
async function begunByItself(asset: Database, epoch: number, shell: Shell): Promise<Rejoin | null> {
  const { region, plan, store, now } = shell;
  const to = peerOf(region, plan);
  const { movedAt } = await store.readStanding(region);
  if (to === null || movedAt === null || now() - movedAt > newsMs) return null;
  const moved = await lastMove({ from: region, to }, shell);
  if (moved === null || !(moved.isHome || moved.drill) || moved.mode !== 'switchover') return null;
  const what = moved.isHome ? 'the way home' : 'the switchover of a drill';
  return begin(asset, { epoch, moved, by: 'schedule', reason: `${what} has lost nothing` }, shell);
}

type Asked = {
  readonly epoch: number;
  readonly moved: Pick<Rejoin['undoes'], 'execution' | 'incident'>;
  readonly by: string;
  readonly reason: string;
};

/** Keeps that it is begun; what an earlier try of the same epoch has proven and kept stays. `region`: where it comes back. */
export async function begin(
  asset: Database,
  { epoch, moved, by, reason }: Asked,
  shell: Shell,
  region: string = shell.region,
): Promise<Rejoin> {
  const { store, now, log } = shell;
  const before = await store.readRejoin(asset.name, region);
  const earlier = before?.epoch === epoch ? before : null;
  const begun: Rejoin = {
    ...{ asset: asset.name, region, epoch, by, reason },
    undoes: { execution: moved.execution, incident: moved.incident },
    begunAt: now(),
    old: earlier?.old ?? (await instanceIn(asset, region, shell)),
    // Typed again after it was not there: whoever typed it says that it is gone.
    proof: earlier?.proof ?? (earlier?.wrong.some(isGone) ? `${by} says that it is gone` : null),
    ...{ snapshot: earlier?.snapshotAt == null ? null : earlier.snapshot, snapshotAt: earlier?.snapshotAt ?? null },
    ...{ instance: null, askedAt: null, replicatesAt: null, endedAt: null, wrong: [] },
  };
  await store.keepRejoin(begun);
  log.info('a database comes back', { asset: asset.name, region, by });
  return begun;
}

type Roles = { readonly serving: string; readonly epoch: number };

async function takeStep(asset: Database, restore: Restore, last: Rejoin, roles: Roles, shell: Shell): Promise<void> {
  const { region, prefix, store, now, log } = shell;
  // Whatever the looks come to: what does not end by itself needs a person.
  if (now() - last.begunAt > longestRejoinMs + 3_600_000)
    return end(
      { ...last, wrong: ['it could not be looked at for hours: read the log of rejoin-standby'] },
      roles.serving,
      shell,
    );
  const writer = await instanceIn(asset, roles.serving, shell);
  const [old, snapshots, replica, busy, isFenced, isLocked] = await Promise.all([
    describeDatabase(region, last.old),
    last.snapshot === null || last.snapshotAt !== null ? [] : describeSnapshots(region),
    last.instance === null ? null : describeRestored(region, last.instance),
    isBusy(shell),
    wasFenced(asset.name, last, shell),
    isHeld(shell),
  ]);
  const follower =
    last.askedAt === null || last.instance === null ? null : await describeDatabase(region, last.instance);
  const owner = copyOwner(prefix, asset.name);
  const kept = snapshots.find(({ id }) => id === last.snapshot);
  const seen = {
    old: old === null ? null : { status: old.status, closed: isFenced && admitsNobody(asset, old, region) },
    snapshot:
      kept === undefined ? null : { ...kept, isOurs: kept.instance === last.old && kept.tags[rejoinTag] === owner },
    replica:
      replica === null || follower === null
        ? null
        : {
            status: replica.status,
            works: works(replica.status),
            isOurs: replica.made.tags[rejoinTag] === owner,
            follows: replica.replicaOf !== null && otherSource(replica.replicaOf, writer) === null,
            replicating: follower.replicating,
          },
  };
  const step = nextRejoin(last, seen, { now: now(), busy, locked: isLocked });
  switch (step.next) {
    case 'nothing':
      return;
    case 'wait':
      return log.info('a database comes back', { asset: asset.name, region, waits: step.why });
    case 'give-up':
      return end({ ...last, wrong: [step.why] }, roles.serving, shell);
    case 'prove':
      return prove(asset, old, last, roles, shell);
    case 'take-snapshot':
      return setAside(asset, last, roles, shell);
    case 'note-snapshot':
      return store.keepRejoin({ ...last, snapshotAt: now() });
    case 'make-replica':
      return make(asset, restore, last, { ...roles, writer }, shell);
    case 'done': {
      const held = await instanceIn(asset, region, shell);
      if (held !== last.old && held !== last.instance)
        return end(
          { ...last, wrong: [`${held} has become the database of ${region} meanwhile`] },
          roles.serving,
          shell,
        );
      const instead = placeOf(asset, region).instance;
      const instance = last.instance ?? '';
      await hold({ asset: asset.name, region, instance, instead, execution: 'rejoin-standby' }, shell);
      return end({ ...last, replicatesAt: now() }, roles.serving, shell);
    }
  }
}

/** Of the execution that gave the region up: sessions from before the exchange of groups are ended by a restart, which it has seen. */
async function wasFenced(name: string, { undoes }: Rejoin, { store }: Shell): Promise<boolean> {
  const steps = await store.readSteps(undoes.incident);
  return steps.some(({ execution, step }) => execution === undoes.execution && step === `fence/${name}/fenced`);
}

/** Whether a flow moves or restores a region: which instance is which does not change meanwhile. One that leaves a zone asks for none of another region. */
async function isHeld({ plan, store }: Shell): Promise<boolean> {
  const standing = await Promise.all(Object.keys(plan.regions).map((region) => store.readStanding(region)));
  return standing.some(({ lock }) => lock?.action === 'request-approval');
}

/** Its groups are the closed one: in force; or it is stopped, and RDS would start it with them. */
function admitsNobody(asset: Database, { status, groups, groupsActive }: DatabaseSeen, region: string): boolean {
  return (groupsActive || isStopped(status)) && isClosed(groups, placeOf(asset, region).securityGroups?.closed);
}

/**
 * A write is tried from inside the region, where the plan says how a database is asked. Nobody can connect to one that is closed, so that the
 * write is not even tried: that is what is said then, and no more.
 */
async function prove(
  asset: Database,
  old: DatabaseSeen | null,
  last: Rejoin,
  { serving }: Roles,
  shell: Shell,
): Promise<void> {
  const { region, plan, store, now } = shell;
  const at = moment(now());
  const kept = (proof: string) => store.keepRejoin({ ...last, proof: `at ${at} ${proof}` });
  const byRds = (why: string) =>
    kept(`RDS says that its closed security group alone is in force; no write was tried: ${why}`);
  if (old !== null && isStopped(old.status)) return kept('RDS says that it is stopped');
  const isAsked = asset.data?.secrets[region] !== undefined && plan.vpc?.[region] !== undefined;
  if (!isAsked || old === null) return byRds('the plan does not say how the database is asked');
  const { tryWrite } = await import('../fencing/closed.ts'); // not bundled for a plan that has no database asked (bundling.ts)
  const { came, why } = await tryWrite(asset, old, shell);
  if (came === 'failed') return kept(`a write from inside ${region} failed: ${why}`);
  if (came === 'none')
    return kept(`nobody could connect to it from inside ${region} (${why}), so that no write was possible`);
  if (came === 'not-tried') return byRds(why);
  const wrong =
    came === 'wrote'
      ? `${last.old} in ${region} TOOK A WRITE though its groups are closed: it is not fenced`
      : `${last.old} is closed and lets clients connect: ${why}`;
  return end({ ...last, wrong: [wrong] }, serving, shell);
}

/** One snapshot in each epoch, which nobody deletes but a person. */
async function setAside(asset: Database, last: Rejoin, { serving, epoch }: Roles, shell: Shell): Promise<void> {
  const { region, prefix, plan, store } = shell;
  const id = `${asidePrefix(prefix, asset.name)}${epoch}`;
  await audited('rds:CreateDBSnapshot', asset, id, shell);
  const tags = { [rejoinTag]: copyOwner(prefix, asset.name), application: plan.application };
  try {
    await takeSnapshot(region, last.old, id, tags);
  } catch (error) {
    if (!(error instanceof CannotProceed) || afterRefusal(faultName(error)) === 'again') throw error;
    return end({ ...last, wrong: [error.message] }, serving, shell);
  }
  await store.keepRejoin({ ...last, snapshot: id });
}

/** What was made and is ours goes on; else it takes the first name that is free. What is asked for is kept first. */
async function make(
  asset: Database,
  restore: Restore,
  last: Rejoin,
  { serving, writer }: Roles & { readonly writer: string },
  shell: Shell,
): Promise<void> {
  const { region, account, plan, prefix, store, now, log } = shell;
  const instance = last.instance ?? (await freeName(asset, restore, writer, shell));
  if (instance === null)
    return end(
      { ...last, wrong: [`every name that the plan gives a restore in ${region} is taken: delete what is not needed`] },
      serving,
      shell,
    );
  const asked = { ...last, instance, askedAt: now() };
  await store.keepRejoin(asked);
  await audited('rds:CreateDBInstanceReadReplica', asset, instance, shell);
  try {
    await makeReplica(region, {
      instance,
      source: `arn:${partitionOf(region)}:rds:${serving}:${account}:db:${writer}`,
      wanted: restore,
      multiAz: asset.multiAz,
      zoneName: restore.zone === null ? null : (plan.regions[region]?.zones[restore.zone] ?? restore.zone),
      key: placeOf(asset, region).kmsKey ?? null,
      tags: { [rejoinTag]: copyOwner(prefix, asset.name) },
    });
  } catch (error) {
    // It is there: the next look tells by its tag whose it is.
    if (/^DBInstanceAlreadyExists/.test(faultName(error))) return;
    const isAgain = error instanceof Unavailable || afterRefusal(faultName(error)) === 'again';
    const message = error instanceof Error ? error.message : String(error);
    if (!isAgain || /utomated backups are not enabled/.test(message))
      return end({ ...last, instance, wrong: [message] }, serving, shell);
    await store.keepRejoin({ ...last, instance });
    log.warn('no replica yet', { asset: asset.name, region, why: message });
  }
}

/** Null where every name is taken by something else. */
async function freeName(asset: Database, restore: Restore, writer: string, shell: Shell): Promise<string | null> {
  const { region, prefix } = shell;
  for (const name of restoreNames(restore)) {
    const seen = await describeRestored(region, name);
    if (seen === null) return name;
    const isOurs = seen.made.tags[rejoinTag] === copyOwner(prefix, asset.name);
    const comes = !failedStatus.includes(seen.status);
    if (isOurs && seen.replicaOf !== null && otherSource(seen.replicaOf, writer) === null && comes) return name;
  }
  return null;
}

/** In the record first: it has ended, whoever hears of it. */
async function end(rejoined: Rejoin, serving: string, shell: Shell): Promise<void> {
  const ended = { ...rejoined, endedAt: shell.now() };
  await shell.store.keepRejoin(ended);
  await tell(ended, serving, shell);
}

/** Who is called when something fails, and whose databases are. Each hears once. */
async function tell(ended: Rejoin, serving: string, shell: Shell): Promise<void> {
  const { plan } = shell;
  const roles = [...new Set([...plan.notifications.failure, ...ownersOf([readinessCause('replica')], plan)])];
  const { asset, region, begunAt } = ended;
  await tellAll(`rejoin/${asset}/${region}/${begunAt}`, roles, rejoinMessage(ended, serving), shell);
}

/** Stands in the record before it is made, below a name of its own. */
async function audited(call: string, { name }: Database, target: string, shell: Shell): Promise<void> {
  const { region, store, now } = shell;
  const record = { step: `rejoin-standby/${name}`, actor: 'schedule', execution: 'rejoin-standby', drill: false };
  await store.audit({ incident: `rejoins-${region}`, at: now(), ...record, call, region, target });
}
