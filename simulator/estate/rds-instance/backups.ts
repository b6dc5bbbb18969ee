// What is kept of a database: automated backups with their logs in the region of each writer and, where that was asked for, in another
// one; and snapshots. A log is kept every five minutes, so that the newest moment that can be restored stands still between two.
import { copyOwner, copyPrefix, copyTag } from '../../../functions/kinds/rds-instance/says/backup-plan.ts';
import { placeOf } from '../../../functions/shared/estate.ts';
import { prefix } from '../../stage.ts';
import { refusal } from '../calls/aws-error.ts';
import { hash } from '../chance/random.ts';
import { struckBy, zoneName } from '../faults/faults.ts';
import type { World } from '../world.ts';
import type { Database, Fork, Instance } from './database.ts';
import type { Replication } from './replication.ts';
import { keptKeyIn, resourceId, type Settings, type Tags } from './settings.ts';

const dayMs = 86_400_000;
/** How often RDS keeps the logs [AWS, "Restoring a DB instance to a specified time": every five minutes]. */
const logMs = 300_000;
/** How long replicated backups are kept where nobody says [AWS, StartDBInstanceAutomatedBackupsReplication of the console]. */
const replicatedDays = 7;

export type AutomatedBackup = {
  readonly of: Instance;
  /** Where it is kept. */
  readonly region: string;
  readonly arn: string;
  readonly keyArn: string | null;
  /** `retained`: nothing is added any more. */
  status: 'creating' | 'active' | 'pending' | 'replicating' | 'retained';
  retentionDays: number;
  /** The first moment that it has held. */
  since: number;
  /** The newest moment; null while it holds nothing. */
  latest: number | null;
  tags: Tags;
};

export type Snapshot = {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly of: Instance;
  /** The database of the plan that it is of, by its name. */
  readonly database: string;
  readonly type: 'automated' | 'manual';
  status: 'creating' | 'available' | 'failed';
  /** When it is done; by it the progress is told. */
  readonly startedAt: number;
  readonly seconds: number;
  /** What it holds, and when that was so. */
  readonly fork: Fork;
  /** When it was done; of a copy, when what it is a copy of was. */
  readonly originalAt: number;
  readonly settings: Settings;
  readonly zone: string;
  readonly keyArn: string | null;
  readonly optionGroup: string;
  readonly tags: Tags;
  /** What it is a copy of; null where it is none. */
  readonly copyOf: Pick<Snapshot, 'arn' | 'region'> | null;
};

export type Backups = {
  tick(): void;
  /** The automated backups that are kept in a region: of instances that stand there, and replicated ones. */
  automated(region: string): readonly AutomatedBackup[];
  /** What is kept of an instance in other regions. */
  replicasOf(of: Instance): readonly AutomatedBackup[];
  /** The first moment that can be restored, as long as it is kept. */
  earliest(backup: AutomatedBackup): number;
  snapshots(region: string): readonly Snapshot[];
  /** The automated backups of an instance are kept in another region from now on. */
  replicate(
    of: Instance,
    into: string,
    asked: Pick<AutomatedBackup, 'keyArn' | 'tags'> & { days: number | null },
  ): AutomatedBackup;
  take(of: Instance, id: string, tags: Tags): Snapshot;
  copy(source: Snapshot, asked: Pick<Snapshot, 'id' | 'region' | 'keyArn' | 'optionGroup' | 'tags'>): Snapshot;
  remove(snapshot: Snapshot): void;
  /** They are gone, in a region or in every one. */
  loseSnapshots(region: string | undefined): void;
};

/** Backups as they are after a week in which all was well: what the plan wants kept is there. */
export function createBackups(world: World, database: Database, replication: Replication): Backups {
  const { plan, account, chances } = world;
  const { asset, primary } = database;
  const draw = (latency: 'rds-log-replication' | 'rds-snapshot' | 'rds-snapshot-copy') =>
    world.draw(latency, chances.backups);
  const own: AutomatedBackup[] = [];
  const replicated: AutomatedBackup[] = [];
  /** Logs on their way into another region. */
  const sent: { readonly to: AutomatedBackup; readonly at: number; readonly arrivesAt: number }[] = [];
  let snapshots: Snapshot[] = [];

  const arnOf = (region: string, what: string) => `arn:aws:rds:${region}:${account}:${what}`;
  const isStopped = (): boolean =>
    world.faults.of('backup-replication-stopped').some((fault) => struckBy(fault, plan) === asset.name);

  const newBackup = (of: Instance, region: string): AutomatedBackup => ({
    of,
    region,
    arn: arnOf(region, `auto-backup:${resourceId('ab', `${of.resourceId} ${region}`)}`),
    keyArn: of.settings.keyArn,
    status: 'creating',
    retentionDays: of.backupRetentionDays,
    since: world.now(),
    latest: null,
    tags: {},
  });

  /** When a daily backup of an instance is taken, at the latest before a time. */
  const dailyBefore = ({ settings: { backupWindow }, id }: Instance, time: number): number => {
    const [hours = 0, minutes = 0] = backupWindow.split(/[:-]/).map(Number);
    const inDay = (hours * 60 + minutes + (hash(id) % 20)) * 60_000;
    return Math.floor((time - inDay) / dayMs) * dayMs + inDay;
  };

  const snapshotOf = (
    of: Instance,
    asked: Pick<Snapshot, 'id' | 'type' | 'tags' | 'seconds' | 'startedAt' | 'status'>,
  ): Snapshot => ({
    ...asked,
    arn: arnOf(of.region, `snapshot:${asked.id}`),
    region: of.region,
    of,
    database: asset.name,
    fork: replication.forkOf(of, asked.startedAt),
    originalAt: asked.startedAt + asked.seconds * 1000,
    settings: of.settings,
    zone: zoneName(plan, of.writerZone),
    keyArn: of.settings.keyArn,
    optionGroup: of.settings.optionGroup,
    copyOf: null,
  });
  const automatedSnapshot = (of: Instance, startedAt: number, seconds: number): Snapshot => {
    const id = `rds:${of.id}-${stamp(startedAt)}`;
    const tags = of.settings.copyTagsToSnapshot ? of.settings.tags : {};
    const status = seconds === 0 ? 'available' : 'creating';
    return snapshotOf(of, { id, type: 'automated', tags, seconds, startedAt, status });
  };
  const copyOf = (source: Snapshot, asked: Parameters<Backups['copy']>[1], startedAt: number, seconds: number) => ({
    ...source,
    ...asked,
    arn: arnOf(asked.region, `snapshot:${asked.id}`),
    type: 'manual' as const,
    status: seconds === 0 ? ('available' as const) : ('creating' as const),
    startedAt,
    seconds,
    copyOf: { arn: source.arn, region: source.region },
  });
  const finish = (snapshot: Snapshot, isWell: () => boolean): void =>
    world.after(snapshot.seconds, () => {
      snapshot.status = isWell() ? 'available' : 'failed';
    });

  /** The week before. */
  const begin = (): void => {
    const now = world.now();
    const { backups } = asset;
    const backup = newBackup(primary, primary.region);
    const latest = now - (hash(primary.id) % logMs);
    if (primary.backupRetentionDays === 0) return;
    own.push({ ...backup, status: 'active', since: now - backup.retentionDays * dayMs, latest });
    const last = dailyBefore(primary, now);
    for (let day = backup.retentionDays - 1; day >= 0; day -= 1)
      snapshots.push(automatedSnapshot(primary, last - day * dayMs, 0));
    const { standby } = plan.roles;
    const keyOf = (kept: 'replicated' | 'snapshots') => keptKeyIn(asset, kept, standby, account);
    if (backups?.replicated != null) {
      const { retentionDays } = backups.replicated;
      const since = now - retentionDays * dayMs;
      const into = {
        ...newBackup(primary, standby),
        keyArn: keyOf('replicated'),
        retentionDays,
        since,
        status: 'replicating' as const,
      };
      replicated.push({ ...into, latest: latest - draw('rds-log-replication') * 1000 });
    }
    if (backups?.snapshots != null)
      for (const snapshot of snapshots.slice(-backups.snapshots.keep)) {
        const id = `${copyPrefix(prefix, asset.name)}${stamp(snapshot.fork.at, 'second')}`;
        const optionGroup = placeOf(asset, standby).restore?.optionGroup ?? snapshot.optionGroup;
        const tags = { [copyTag]: copyOwner(prefix, asset.name), application: plan.application };
        const keyArn = keyOf('snapshots');
        const copiedAt = snapshot.startedAt + draw('rds-snapshot-copy') * 1000;
        snapshots.push(copyOf(snapshot, { id, region: standby, keyArn, optionGroup, tags }, copiedAt, 0));
      }
  };

  /** Automated backups of what has become a writer. */
  const beginOwn = (): void => {
    for (const of of database.all()) {
      const known = own.find((backup) => backup.of === of);
      if (known !== undefined) known.retentionDays = of.backupRetentionDays;
      const isDue = of.sourceId === null && of.bornAt !== null && of.backupRetentionDays > 0 && !of.backsUp;
      if (known !== undefined || !isDue) continue;
      own.push({ ...newBackup(of, of.region), status: 'active', latest: world.now() });
      keep(automatedSnapshot(of, world.now(), draw('rds-snapshot')));
    }
  };

  const keep = (snapshot: Snapshot, isWell: () => boolean = () => true): Snapshot => {
    snapshots.push(snapshot);
    if (snapshot.status === 'creating') finish(snapshot, isWell);
    return snapshot;
  };

  const log = (): void => {
    const now = world.now();
    for (const backup of own) {
      if (backup.status !== 'active' || backup.latest === null) continue;
      if (!database.all().includes(backup.of)) {
        backup.status = 'retained';
        continue;
      }
      if (now - backup.latest < logMs || database.condition(backup.of) === 'down') continue;
      backup.latest = now - ((now - backup.latest) % logMs);
      for (const to of replicated)
        if (to.of === backup.of && to.status === 'replicating')
          sent.push({ to, at: backup.latest, arrivesAt: now + draw('rds-log-replication') * 1000 });
    }
  };

  /** One after the other: what is missing between two logs cannot be replayed. */
  const arrive = (): void => {
    const now = world.now();
    while (sent[0] !== undefined) {
      const { to, at, arrivesAt } = sent[0];
      if (arrivesAt > now || isStopped() || !world.canReach(to.of.region, to.region)) return;
      if (to.status === 'replicating') to.latest = Math.max(to.latest ?? at, at);
      sent.shift();
    }
  };

  let lookedAt = world.now();
  const daily = (): void => {
    const now = world.now();
    for (const { of, status } of own) {
      const at = dailyBefore(of, now);
      if (status !== 'active' || at <= lookedAt || database.condition(of) === 'down') continue;
      keep(automatedSnapshot(of, at, draw('rds-snapshot')));
      const kept = snapshots.filter((one) => one.type === 'automated' && one.of === of);
      const old = kept.slice(0, Math.max(0, kept.length - of.backupRetentionDays));
      snapshots = snapshots.filter((one) => !old.includes(one));
    }
    lookedAt = now;
  };

  begin();
  return {
    tick() {
      beginOwn();
      log();
      arrive();
      daily();
    },
    automated: (region) => [...own, ...replicated].filter((backup) => backup.region === region),
    replicasOf: (of) => replicated.filter((backup) => backup.of === of),
    earliest: ({ since, retentionDays }) => Math.max(since, world.now() - retentionDays * dayMs),
    snapshots: (region) => snapshots.filter((snapshot) => snapshot.region === region),
    replicate(of, into, { days, keyArn, tags }) {
      const retained = replicated.find((backup) => backup.of === of && backup.region === into);
      // What is there already has its key, and another one would not open it.
      if (retained !== undefined && retained.keyArn !== keyArn)
        throw refusal('InvalidParameterValue', `The retained backups of ${of.id} are encrypted with another key.`);
      const backup = retained ?? { ...newBackup(of, into), keyArn };
      if (retained === undefined) replicated.push(backup);
      Object.assign(backup, { status: 'pending', retentionDays: days ?? replicatedDays, tags });
      world.after(draw('rds-snapshot-copy'), () => {
        if (backup.status !== 'pending') return;
        const held = own.find((one) => one.of === of)?.latest ?? world.now();
        backup.status = 'replicating';
        if (backup.latest === null) backup.since = held;
        backup.latest = held;
      });
      return backup;
    },
    take: (of, id, tags) =>
      keep(
        snapshotOf(of, {
          id,
          type: 'manual',
          tags,
          seconds: draw('rds-snapshot'),
          startedAt: world.now(),
          status: 'creating',
        }),
      ),
    copy(source, asked) {
      const seconds = draw('rds-snapshot-copy');
      // Its source has to be there until it is done.
      return keep(copyOf(source, asked, world.now(), seconds), () => world.canReach(source.region, asked.region));
    },
    remove(snapshot) {
      snapshots = snapshots.filter((one) => one !== snapshot);
    },
    loseSnapshots(region) {
      snapshots = snapshots.filter((one) => region !== undefined && one.region !== region);
    },
  };
}

/** A moment as the end of a name: RDS takes the minute. */
function stamp(at: number, until: 'minute' | 'second' = 'minute'): string {
  return new Date(at)
    .toISOString()
    .slice(0, until === 'minute' ? 16 : 19)
    .replace(/[T:]/g, '-');
}
