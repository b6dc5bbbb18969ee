// A database of the plan: a Multi-AZ writer with its synchronous standby, and a replica in the standby region.
// AWS fails a writer over by itself when it is dead, and never because it is slow.
import type { AssetOf } from '../../../functions/domain/assets.ts';
import { placeOf } from '../../../functions/shared/estate.ts';
import { refusal } from '../aws-error.ts';
import { struckBy, zoneCondition, zonesOf } from '../faults.ts';
import type { Caller, FaultOf } from '../types.ts';
import type { World } from '../world.ts';
import { type DatabaseCall, type DatabaseStatus, servesIn, takesCall } from './database-status.ts';

export type Instance = {
  readonly id: string;
  readonly region: string;
  writerZone: string;
  standbyZone: string | null;
  /** What its own work puts it into; a fault may show another one: see `status` of the database. */
  own: 'available' | 'rebooting' | 'modifying' | 'backing-up' | 'failed';
  /** While it takes no connections. */
  restarting: boolean;
  /** What it replicates from; null for a writer. */
  sourceId: string | null;
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
  /** The writer of the primary region, and its replica in the standby region. */
  readonly primary: Instance;
  readonly replica: Instance;
  instance(id: string, region: string): Instance | null;
  instances(region: string): Instance[];
  /** As RDS shows it. */
  status(instance: Instance): DatabaseStatus;
  condition(instance: Instance): 'healthy' | 'slow' | 'down';
  /** Whether its writer is slow by itself, wherever it stands. */
  isSlow(): boolean;
  writable(instance: Instance): boolean;
  events(): readonly RdsEvent[];
  tick(): void;
  /** The writer's host fails; AWS notices and fails over. */
  crash(): void;
  /** The replica fails, until it is repaired. */
  fail(): void;
  repair(): void;
  reboot(instance: Instance, forceFailover: boolean, caller: Caller): void;
  /** `retentionDays`: how long backups are kept from now on; with any, the first one follows at once. */
  promote(instance: Instance, retentionDays: number, caller: Caller): void;
  exchangeGroups(instance: Instance, groups: readonly string[], caller: Caller): void;
  /** Called when a promotion begins: the replica receives nothing more. */
  onPromotion(run: () => void): void;
  /** Records an RDS event and emits it. */
  announce(instance: Instance, eventId: RdsEventId): void;
};

const messages = {
  'RDS-EVENT-0001': ['backup', 'Backing up DB instance'],
  'RDS-EVENT-0002': ['backup', 'Finished DB Instance backup'],
  'RDS-EVENT-0006': ['availability', 'DB instance restarted.'],
  'RDS-EVENT-0013': ['failover', 'Multi-AZ instance failover started.'],
  'RDS-EVENT-0015': ['failover', 'Multi-AZ failover to standby complete - DNS propagation may take a few minutes.'],
  'RDS-EVENT-0045': ['read replica', 'Replication has stopped.'],
  'RDS-EVENT-0046': ['read replica', 'Replication for the Read Replica resumed.'],
  'RDS-EVENT-0049': ['failover', 'Multi-AZ instance failover completed.'],
  'RDS-EVENT-0057': ['read replica', 'Replication streaming has been terminated.'],
} as const;

export type RdsEventId = keyof typeof messages;

/** A database of the plan, all well. */
export function createDatabase(world: World, asset: AssetOf<'rds-instance'>): Database {
  const { plan } = world;
  const log: RdsEvent[] = [];
  const newInstance = (region: string, zones: readonly string[], sourceId: string | null): Instance => {
    const { instance: id, securityGroups } = placeOf(asset, region);
    const homeGroups = securityGroups?.open ?? [defaultGroup];
    return {
      ...blank,
      id,
      region,
      writerZone: zones[0] ?? '',
      standbyZone: zones[1] ?? null,
      sourceId,
      groups: homeGroups,
      homeGroups,
    };
  };
  const primary = newInstance(plan.roles.primary, zonesOf(plan, plan.roles.primary), null);
  const replica = newInstance(plan.roles.standby, zonesOf(plan, plan.roles.standby), primary.id);
  const all = [primary, replica];
  if (!asset.multiAz) for (const instance of all) instance.standbyZone = null;
  let beginPromotion = (): void => undefined;

  const announce = (instance: Instance, eventId: RdsEventId): void => {
    const [category, message] = messages[eventId];
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
    if (instance.own === 'failed') return 'down';
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

  return {
    asset,
    primary,
    replica,
    instance: (id, region) => all.find((one) => one.id === id && one.region === region) ?? null,
    instances: (region) => all.filter((one) => one.region === region),
    status,
    condition,
    isSlow,
    writable: (instance) =>
      instance.sourceId === null &&
      condition(instance) !== 'down' &&
      serves(instance) === 'works' &&
      isAdmitted(instance),
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
      beginPromotion();
      instance.own = 'modifying';
      world.after(seconds * 0.6, () => takeDown(instance));
      end(instance, seconds, () => {
        instance.sourceId = null;
        instance.restarting = false;
        announce(instance, 'RDS-EVENT-0057');
        announce(instance, 'RDS-EVENT-0006');
        if (retentionDays > 0) backUp(instance);
        else instance.own = 'available';
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
  function backUp(instance: Instance): void {
    instance.own = 'backing-up';
    instance.backsUp = true;
    announce(instance, 'RDS-EVENT-0001');
    world.after(world.draw('rds-first-backup'), () => {
      instance.backsUp = false;
      if (instance.own === 'backing-up') instance.own = 'available';
      announce(instance, 'RDS-EVENT-0002');
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

/** The VPC's own security group, which an instance has where nobody names another. */
const defaultGroup = 'sg-0default';

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
} as const;
