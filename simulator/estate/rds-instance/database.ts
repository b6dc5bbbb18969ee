// A database of the plan: a Multi-AZ writer with its synchronous standby, its replicas in the standby region, and what is restored
// from its backups. AWS fails a writer over by itself when it is dead, and never because it is slow.
import type { AssetOf } from '../../../functions/domain/plan/assets.ts';
import { placeOf } from '../../../functions/shared/estate.ts';
import { refusal } from '../calls/aws-error.ts';
import type { Random } from '../chance/random.ts';
import { struckBy, zoneCondition, zonesOf } from '../faults/faults.ts';
import type { Caller, FaultOf } from '../types.ts';
import type { World } from '../world.ts';
import { defaultSecurityGroup, failingRestore, type RestoreWay } from './account.ts';
import { type DatabaseCall, type DatabaseStatus, servesIn, takesCall } from './database-status.ts';
import { resourceId, type Settings, settingsOf } from './settings.ts';

export type Instance = {
  readonly id: string;
  readonly region: string;
  writerZone: string;
  standbyZone: string | null;
  /** What its own work puts it into; a fault may show another one: see `status` of the database. */
  own: DatabaseStatus;
  /** While it takes no connections. */
  restarting: boolean;
  /** What it replicates from; null for a writer. */
  sourceId: string | null;
  /** What it was made a replica of; null of one that never was. */
  readonly source: Instance | null;
  groups: readonly string[];
  /** Security groups on their way; null while none are exchanged. */
  groupsToCome: readonly string[] | null;
  readonly homeGroups: readonly string[];
  /** Sessions that were open when the security groups were exchanged live on until the next restart. */
  sessionsSurvive: boolean;
  /** Number of the last write it holds. */
  sequence: number;
  /** Since when its zone has been dead; null while it is not. */
  deadSince: number | null;
  detectionSeconds: number;
  /** Whether a backup runs, whatever else is done meanwhile. */
  backsUp: boolean;
  readonly settings: Settings;
  /** `DbiResourceId`: another instance of the same name has another one. */
  readonly resourceId: string;
  readonly createdAt: number;
  /** Since when it has been available for the first time; null while it is not. */
  bornAt: number | null;
  /** Seconds that it stays behind its source on purpose. */
  readonly delaySeconds: number;
  /** Where its data parted from that of another instance; null where it has all that the writer has, or follows it. */
  fork: Fork | null;
  /** The incident in which it was promoted, or restored; null where it was neither. */
  incident: string | null;
  /** What is wrong in it once it holds more writes than those before; null where nothing is. */
  corruption: Corruption | null;
  /** How long its automated backups are kept; a promotion sets it, and 0 keeps none. */
  backupRetentionDays: number;
};

/** From what an instance was made, up to which of its writes and until when; `begunAt`: when the call came. */
export type Fork = {
  readonly of: Instance;
  readonly sequence: number;
  readonly at: number;
  readonly begunAt: number;
};

/** What is asked of a new replica, with everything settled that AWS settles. */
export type Following = Pick<
  Restoration,
  'id' | 'region' | 'writerZone' | 'standbyZone' | 'groups' | 'settings' | 'seconds'
> & { readonly source: Instance };

/** `after`: the number of the last write that was right; `failing`: the share of requests that fail by the others. */
export type Corruption = { readonly after: number; readonly failing: number };

/** What is asked of a restore, with everything settled that AWS settles. */
export type Restoration = {
  readonly way: RestoreWay;
  readonly id: string;
  readonly region: string;
  readonly writerZone: string;
  readonly standbyZone: string | null;
  readonly groups: readonly string[];
  readonly settings: Settings;
  readonly fork: Fork;
  readonly corruption: Corruption | null;
  /** Until it answers for the first time. */
  readonly seconds: number;
  /** What is told when it does. */
  readonly event: readonly [id: RdsEventId, message: string];
};

export type RdsEvent = {
  readonly at: number;
  readonly instance: string;
  readonly region: string;
  readonly category: string;
  readonly message: string;
};

export type Database = {
  readonly asset: AssetOf<'rds-instance'>;
  /** The writer of the primary region, its replica in the standby region, and one that is behind on purpose where the plan has it. */
  readonly primary: Instance;
  readonly replica: Instance;
  readonly delayed: Instance | null;
  instance(id: string, region: string): Instance | null;
  instances(region: string): Instance[];
  /** In every region, in the order in which they were made. */
  all(): readonly Instance[];
  /** As RDS shows it. */
  status(instance: Instance): DatabaseStatus;
  condition(instance: Instance): 'healthy' | 'slow' | 'down';
  /** Whether its writer is slow by itself, wherever it stands. */
  isSlow(): boolean;
  /** Whether it takes writes of whoever gets through to it. */
  isWriter(instance: Instance): boolean;
  /** Whether it takes those of the application. */
  writable(instance: Instance): boolean;
  /** What is wrong in its data; null where nothing is. */
  corruptionOf(instance: Instance): Corruption | null;
  events(): readonly RdsEvent[];
  tick(): void;
  /** The writer's host fails; AWS notices and fails over. */
  crash(): void;
  /** The replica fails, until it is repaired. */
  fail(): void;
  repair(): void;
  /** The application's people have corrected what was written wrongly, wherever it is. */
  correct(): void;
  reboot(instance: Instance, forceFailover: boolean, caller: Caller): void;
  /** `retentionDays`: how long backups are kept from now on; with any, the first one follows at once. */
  promote(instance: Instance, retentionDays: number, caller: Caller): void;
  exchangeGroups(instance: Instance, groups: readonly string[], caller: Caller): void;
  /** Makes an instance from a backup. It comes up in its time, or ends as a fault says. */
  restore(restoration: Restoration, caller: Caller): Instance;
  /** Makes a replica of a writer. It comes up in its time, or ends as a fault says. */
  follow(following: Following, caller: Caller): Instance;
  /** Deletes an instance: its name is free once it is gone. */
  remove(instance: Instance, caller: Caller): void;
  /** Called when a promotion begins: the replica receives nothing more. */
  onPromotion(run: (instance: Instance) => void): void;
  /** Records an RDS event and emits it, in its own words where none are given. */
  announce(instance: Instance, eventId: RdsEventId, message?: string): void;
};

const messages = {
  'RDS-EVENT-0001': ['backup', 'Backing up DB instance'],
  'RDS-EVENT-0002': ['backup', 'Finished DB Instance backup'],
  'RDS-EVENT-0003': ['deletion', 'DB instance deleted'],
  'RDS-EVENT-0005': ['creation', 'DB instance created'],
  'RDS-EVENT-0006': ['availability', 'DB instance restarted.'],
  'RDS-EVENT-0013': ['failover', 'Multi-AZ instance failover started.'],
  'RDS-EVENT-0015': ['failover', 'Multi-AZ failover to standby complete - DNS propagation may take a few minutes.'],
  'RDS-EVENT-0019': ['restoration', 'Restored from DB instance'],
  'RDS-EVENT-0031': ['failure', 'DB instance put into a state from which a point-in-time-restore is recommended.'],
  'RDS-EVENT-0043': ['restoration', 'Restored from snapshot'],
  'RDS-EVENT-0045': ['read replica', 'Replication has stopped.'],
  'RDS-EVENT-0046': ['read replica', 'Replication for the Read Replica resumed.'],
  'RDS-EVENT-0044': ['notification', 'Replication started.'],
  'RDS-EVENT-0049': ['failover', 'Multi-AZ instance failover completed.'],
  'RDS-EVENT-0057': ['read replica', 'Replication streaming has been terminated.'],
} as const;

export type RdsEventId = keyof typeof messages;

/** A database of the plan, all well. */
export function createDatabase(world: World, asset: AssetOf<'rds-instance'>): Database {
  const { plan } = world;
  const log: RdsEvent[] = [];
  /** The groups through which the application comes, in a region. */
  const homeGroupsIn = (region: string): readonly string[] => {
    const { securityGroups, restore } = placeOf(asset, region);
    return [...(securityGroups?.open ?? [defaultSecurityGroup()]), ...(restore?.securityGroups ?? [])];
  };
  const newInstance = (region: string, source: Instance | null): Instance => {
    const { instance: id, securityGroups } = placeOf(asset, region);
    const zones = zonesOf(plan, region);
    const settings = settingsOf(asset, region, source !== null, world.account);
    const createdAt = world.now() - ageMs;
    return {
      ...blank,
      id,
      region,
      writerZone: zones[0] ?? '',
      standbyZone: asset.multiAz ? (zones[1] ?? null) : null,
      source,
      sourceId: source?.id ?? null,
      groups: securityGroups?.open ?? [defaultSecurityGroup()],
      homeGroups: homeGroupsIn(region),
      settings,
      backupRetentionDays: settings.backupRetentionDays,
      resourceId: resourceId('db', `${region} ${id} ${createdAt}`),
      createdAt,
      bornAt: createdAt,
    };
  };
  const primary = newInstance(plan.roles.primary, null);
  const replica = newInstance(plan.roles.standby, primary);
  const late = placeOf(asset, plan.roles.standby).delayedReplica;
  const delayed: Instance | null =
    late === undefined
      ? null
      : {
          ...newInstance(plan.roles.standby, primary),
          id: late.instance,
          standbyZone: null,
          resourceId: resourceId('db', `${plan.roles.standby} ${late.instance}`),
          delaySeconds: late.delaySeconds,
        };
  const all = [primary, replica, ...(delayed === null ? [] : [delayed])];
  let beginPromotion = (_: Instance): void => undefined;

  const announce: Database['announce'] = (instance, eventId, text) => {
    const [category, known] = messages[eventId];
    const message = text ?? known;
    const arn = instanceArn(instance, world.account);
    const { id, region } = instance;
    log.push({ at: world.now(), instance: id, region, category, message });
    const detail = {
      EventCategories: [category],
      SourceType: 'DB_INSTANCE',
      SourceArn: arn,
      Date: new Date(world.now()).toISOString(),
      Message: message,
      SourceIdentifier: id,
      EventID: eventId,
    };
    world.emit({ region, source: 'aws.rds', type: 'RDS DB Instance Event', resources: [arn], detail });
  };

  const standbyLives = (instance: Instance): boolean =>
    instance.standbyZone !== null && zoneCondition(world.faults, instance.standbyZone) !== 'dead';

  const isSlow = (): boolean => world.faults.of('database-slow').some((fault) => struckBy(fault, plan) === asset.name);
  const isStuck = (instance: Instance): boolean =>
    world.faults.of('database-stuck').some((fault) => isNamed(fault, instance));
  const isNamed = (fault: FaultOf<'database-status' | 'database-stuck'>, instance: Instance): boolean =>
    struckBy(fault, plan) === asset.name && (fault.instance ?? primary.id) === instance.id;

  /** Ends work that was asked for; that of a stuck instance does not end. */
  const end = (instance: Instance, seconds: number, run: () => void): void =>
    world.after(seconds, () => (isStuck(instance) ? end(instance, stuckLookSeconds, run) : run()));

  /** It takes no connections any more, unless it cannot be brought to end what it does. */
  const takeDown = (instance: Instance): void => {
    instance.own = 'rebooting';
    instance.restarting = !isStuck(instance);
  };

  const beginFailover = (instance: Instance, caller: Caller | null): void => {
    const seconds = world.draw('rds-failover');
    world.recordWork('rds-failover', instance.id, seconds, caller);
    takeDown(instance);
    world.after(2, () => announce(instance, 'RDS-EVENT-0013'));
    end(instance, seconds, () => completeFailover(instance));
  };

  const completeFailover = (instance: Instance): void => {
    if (!standbyLives(instance)) {
      // The standby died on the way: the failover hangs until one of the two zones is back.
      if (zoneCondition(world.faults, instance.writerZone) === 'dead') {
        world.after(30, () => completeFailover(instance));
        return;
      }
    } else if (instance.standbyZone !== null) {
      [instance.writerZone, instance.standbyZone] = [instance.standbyZone, instance.writerZone];
    }
    instance.restarting = false;
    instance.sessionsSurvive = false;
    instance.deadSince = null;
    announce(instance, 'RDS-EVENT-0015');
    world.after(2, () => announce(instance, 'RDS-EVENT-0006'));
    world.after(4, () => {
      announce(instance, 'RDS-EVENT-0049');
      instance.own = 'available';
    });
  };

  const shownBy = (instance: Instance): DatabaseStatus | null =>
    world.faults.of('database-status').findLast((fault) => isNamed(fault, instance))?.status ?? null;
  const status: Database['status'] = (instance) => {
    const shown = shownBy(instance);
    // Work that was asked for is seen, unless the instance is past working.
    if (shown === null || (servesIn(shown) === 'works' && instance.own !== 'available')) return instance.own;
    return shown;
  };
  const serves = (instance: Instance): ReturnType<typeof servesIn> => {
    const shown = shownBy(instance);
    // A reboot says by itself when connections end.
    if (instance.own !== 'rebooting' && servesIn(instance.own) === 'down') return 'down';
    return shown === null ? 'works' : servesIn(shown);
  };

  const expectTaken = (instance: Instance, call: DatabaseCall): void => {
    if (!takesCall(status(instance), call)) throw refusal('InvalidDBInstanceStateFault', busyMessages[call]);
  };

  const condition: Database['condition'] = (instance) => {
    const zone = zoneCondition(world.faults, instance.writerZone);
    if (world.isDark(instance.region) || instance.restarting || zone === 'dead') return 'down';
    if (serves(instance) === 'down') return 'down';
    return zone === 'impaired' || (instance === primary && isSlow()) ? 'slow' : 'healthy';
  };

  const isWriter: Database['isWriter'] = (instance) =>
    instance.sourceId === null && condition(instance) !== 'down' && serves(instance) === 'works';

  return {
    asset,
    primary,
    replica,
    delayed,
    instance: (id, region) => all.find((one) => one.id === id && one.region === region) ?? null,
    instances: (region) => all.filter((one) => one.region === region),
    all: () => all,
    status,
    condition,
    isSlow,
    isWriter,
    writable: (instance) => isWriter(instance) && isAdmitted(instance),
    corruptionOf: ({ corruption, sequence }) =>
      corruption !== null && sequence > corruption.after ? corruption : null,
    events: () => log,
    announce,
    onPromotion(run) {
      beginPromotion = run;
    },
    tick() {
      for (const instance of all) {
        if (zoneCondition(world.faults, instance.writerZone) !== 'dead' || instance.restarting) {
          instance.deadSince = null;
          continue;
        }
        if (instance.deadSince === null) {
          instance.deadSince = world.now();
          instance.detectionSeconds = world.draw('rds-failover-detection');
        }
        const deadSeconds = (world.now() - instance.deadSince) / 1000;
        if (deadSeconds < instance.detectionSeconds || !['available', 'backing-up'].includes(instance.own)) continue;
        if (standbyLives(instance)) beginFailover(instance, null);
      }
    },
    crash() {
      if (primary.restarting) return;
      primary.restarting = true;
      if (standbyLives(primary))
        return world.after(world.draw('rds-failover-detection'), () => beginFailover(primary, null));
      restart(primary, null);
    },
    fail() {
      replica.own = 'failed';
    },
    correct() {
      for (const instance of all) instance.corruption = null;
    },
    repair() {
      replica.own = 'available';
    },
    reboot(instance, forceFailover, caller) {
      expectTaken(instance, 'reboot');
      if (!forceFailover) return restart(instance, caller);
      if (instance.standbyZone === null) {
        throw refusal('InvalidParameterCombination', `ForceFailover needs Multi-AZ, and ${instance.id} has no standby`);
      }
      if (!standbyLives(instance)) {
        throw refusal('InvalidDBInstanceStateFault', `the standby of ${instance.id} is not available for a failover`);
      }
      beginFailover(instance, caller);
    },
    promote(instance, retentionDays, caller) {
      expectTaken(instance, 'promote');
      if (instance.sourceId === null) {
        throw refusal('InvalidDBInstanceStateFault', `DB instance ${instance.id} is not a read replica`);
      }
      const seconds = world.draw('rds-promotion');
      world.recordWork('rds-promotion', instance.id, seconds, caller);
      instance.incident = caller.incident;
      beginPromotion(instance);
      instance.own = 'modifying';
      world.after(seconds * 0.6, () => takeDown(instance));
      end(instance, seconds, () => {
        instance.sourceId = null;
        instance.restarting = false;
        announce(instance, 'RDS-EVENT-0057');
        announce(instance, 'RDS-EVENT-0006');
        instance.backupRetentionDays = retentionDays;
        if (retentionDays > 0) backUp(instance, world.chances.durations);
        else instance.own = 'available';
      });
    },
    restore({ way, standbyZone, event, seconds, ...asked }, caller) {
      const { id, region, settings } = asked;
      const instance: Instance = {
        ...blank,
        ...asked,
        standbyZone: null,
        sequence: asked.fork.sequence,
        incident: caller.incident,
        source: null,
        sourceId: null,
        homeGroups: homeGroupsIn(region),
        own: 'creating',
        backupRetentionDays: settings.backupRetentionDays,
        resourceId: resourceId('db', `${region} ${id} ${world.now()}`),
        createdAt: world.now(),
        bornAt: null,
      };
      all.push(instance);
      world.recordWork('rds-restore', id, seconds, caller);
      world.after(seconds / 2, () => {
        const ends = failingRestore(world, region, way, 'ends')?.ends;
        if (ends === undefined || instance.own !== 'creating') return;
        instance.own = ends;
        world.endWork('rds-restore', id);
        const state = `DB instance put into ${ends} state.`;
        announce(instance, 'RDS-EVENT-0031', `${state} RDS recommends that you initiate a point-in-time-restore.`);
      });
      end(instance, seconds, () => {
        if (instance.own !== 'creating') return;
        const done = () => changeAfterwards(instance, standbyZone);
        instance.bornAt = world.now();
        announce(instance, 'RDS-EVENT-0005');
        announce(instance, ...event);
        if (settings.backupRetentionDays > 0) backUp(instance, world.chances.backups, done);
        else done();
      });
      return instance;
    },
    follow({ seconds, ...asked }, caller) {
      const { id, region, settings, source } = asked;
      const instance: Instance = {
        ...blank,
        ...asked,
        sourceId: source.id,
        homeGroups: homeGroupsIn(region),
        own: 'creating',
        backupRetentionDays: 0,
        resourceId: resourceId('db', `${region} ${id} ${world.now()}`),
        createdAt: world.now(),
        bornAt: null,
        settings,
      };
      all.push(instance);
      world.recordWork('rds-replica', id, seconds, caller);
      // RDS makes it from a snapshot of its source, which it copies: without its source it does not come up.
      const comeUp = (): void => {
        if (instance.own !== 'creating') return;
        const ends = failingRestore(world, region, 'create-replica', 'ends')?.ends;
        if (ends !== undefined) {
          instance.own = ends;
          announce(instance, 'RDS-EVENT-0031', `DB instance put into ${ends} state.`);
          return;
        }
        if (!world.canReach(region, source.region) || world.isDark(region)) {
          world.after(60, comeUp);
          return;
        }
        instance.bornAt = world.now();
        instance.own = 'available';
        announce(instance, 'RDS-EVENT-0005');
        announce(instance, 'RDS-EVENT-0044');
      };
      end(instance, seconds, comeUp);
      return instance;
    },
    remove(instance, caller) {
      const seconds = world.draw('rds-deletion', world.chances.backups);
      world.recordWork('rds-deletion', instance.id, seconds, caller);
      instance.own = 'deleting';
      world.after(seconds, () => {
        announce(instance, 'RDS-EVENT-0003');
        all.splice(all.indexOf(instance), 1);
      });
    },
    exchangeGroups(instance, groups, caller) {
      expectTaken(instance, 'modify');
      const seconds = world.draw('rds-modification');
      world.recordWork('rds-modification', instance.id, seconds, caller);
      instance.own = 'modifying';
      instance.groupsToCome = groups;
      end(instance, seconds, () => {
        instance.groups = groups;
        instance.groupsToCome = null;
        instance.sessionsSurvive = true;
        instance.own = instance.backsUp ? 'backing-up' : 'available';
      });
    },
  };

  function restart(instance: Instance, caller: Caller | null): void {
    const seconds = world.draw('rds-restart');
    world.recordWork('rds-restart', instance.id, seconds, caller);
    takeDown(instance);
    end(instance, seconds, () => {
      instance.restarting = false;
      instance.sessionsSurvive = false;
      instance.own = 'available';
      announce(instance, 'RDS-EVENT-0006');
    });
  }

  /** It works meanwhile. */
  function backUp(instance: Instance, chance: Random, then: () => void = () => undefined): void {
    instance.own = 'backing-up';
    instance.backsUp = true;
    announce(instance, 'RDS-EVENT-0001');
    world.after(world.draw('rds-first-backup', chance), () => {
      instance.backsUp = false;
      if (instance.own === 'backing-up') instance.own = 'available';
      announce(instance, 'RDS-EVENT-0002');
      then();
    });
  }

  /** What RDS changes of a restored instance before it is done with it; it works meanwhile. */
  function changeAfterwards(instance: Instance, standbyZone: string | null): void {
    if (instance.own !== 'creating' && instance.own !== 'available') return;
    instance.own = 'modifying';
    const changes = standbyZone === null ? 'rds-modification' : 'rds-conversion';
    end(instance, world.draw(changes, world.chances.backups), () => {
      instance.standbyZone = standbyZone;
      if (instance.own === 'modifying') instance.own = 'available';
    });
  }
}

/** The ARN of a database instance. */
export function instanceArn(instance: Pick<Instance, 'id' | 'region'>, account: string): string {
  return `arn:aws:rds:${instance.region}:${account}:db:${instance.id}`;
}

/** Whether the application's sessions get through: by the groups it came with, or because they were open before. */
function isAdmitted(instance: Instance): boolean {
  return instance.sessionsSurvive || instance.homeGroups.some((group) => instance.groups.includes(group));
}

/** What RDS says where an instance does not take a call now [terraform-provider-aws 27325, cloud-custodian 178]. */
const busyMessages: Record<DatabaseCall, string> = {
  modify: 'Database instance is not in available state.',
  reboot: 'Instance cannot currently reboot due to an in-progress management operation.',
  promote: 'Database instance is not in available state.',
};

/** How old the instances are that stand there from the first. */
const ageMs = 400 * 86_400_000;

/** How often a stuck instance is looked at. */
const stuckLookSeconds = 10;

const blank = {
  own: 'available',
  backsUp: false,
  restarting: false,
  groupsToCome: null,
  sessionsSurvive: false,
  sequence: 1,
  deadSince: null,
  detectionSeconds: 0,
  delaySeconds: 0,
  fork: null,
  incident: null,
  corruption: null,
} as const;
