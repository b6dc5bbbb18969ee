// What the account has in a region that a restored instance needs: groups, keys, classes, quotas. What a fault lets a restore fail
// by is missing here too wherever AWS would show that it is: whoever looks first can know.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { zonesOf } from '../faults/faults.ts';
import type { FaultOf } from '../types.ts';
import type { World } from '../world.ts';
import type { RestoreError } from './api/restore-errors.ts';
import type { Database } from './database.ts';
import { defaultGroups, defaultSubnetGroup, type Engine, keyArn, settingsOf } from './settings.ts';

export type Group = { readonly name: string; readonly engine: Engine };
export type SubnetGroup = { readonly name: string; readonly vpc: string; readonly zones: readonly string[] };
export type SecurityGroup = { readonly id: string; readonly vpc: string };
export type Key = { readonly arn: string; readonly aliases: readonly string[]; readonly enabled: boolean };
export type Quota = { readonly name: string; readonly used: number; readonly most: number };

/** `left`: how many instances it still has room for, in each zone. */
export type Reservation = {
  readonly id: string;
  readonly engine: Engine;
  readonly instanceClass: string;
  readonly left: number;
};

export type Account = {
  readonly subnetGroups: readonly SubnetGroup[];
  readonly parameterGroups: readonly Group[];
  readonly optionGroups: readonly Group[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly keys: readonly Key[];
  readonly classes: readonly { readonly engine: Engine; readonly name: string }[];
  readonly reservations: readonly Reservation[];
  readonly quotas: { readonly instances: Quota; readonly storageGib: Quota; readonly snapshots: Quota };
};

/** The network of the application, and the one that every account has. */
const networks = { own: 'vpc-0application', default: 'vpc-0default' };
const defaultSecurityGroups: Readonly<Record<string, string>> = {
  [networks.own]: 'sg-0default',
  [networks.default]: 'sg-0defaultvpc',
};

/** The VPC's own security group, which an instance has where nobody names another. */
export function defaultSecurityGroup(vpc: string = networks.own): string {
  return defaultSecurityGroups[vpc] ?? '';
}

/** Instances, GiB and manual snapshots of an account in a region [AWS, "Quotas and constraints for Amazon RDS"]. */
const most = { instances: 40, storageGib: 100_000, snapshots: 100 };
/** Of other applications. */
const usedByOthers = { instances: 1, storageGib: 100, snapshots: 3 };

export const restoreWays = ['restore-point-in-time', 'restore-snapshot', 'create-replica'] as const;
export type RestoreWay = (typeof restoreWays)[number];

/** The fault by which restores fail in a region now, by an error at once or by how they end; null where there is none. */
export function failingRestore(
  world: World,
  region: string,
  way: RestoreWay,
  by: 'error' | 'ends',
): FaultOf<'restore-fails'> | null {
  const strikes = (fault: FaultOf<'restore-fails'>) =>
    fault[by] !== undefined && (fault.region ?? region) === region && (fault.way ?? way) === way;
  return world.faults.of('restore-fails').find(strikes) ?? null;
}

/** Whether a fault takes the cause of an error away from a region, for whoever looks. One of a single way shows nowhere. */
function lacksBy(world: World, region: string, error: RestoreError): boolean {
  return world.faults
    .of('restore-fails')
    .some((fault) => fault.error === error && (fault.region ?? region) === region && fault.way === undefined);
}

/**
 * What is there now; each part is found out when it is asked for, as most looks want one. `snapshots`: how many manual ones the databases have in the
 * region.
 */
export function accountIn(world: World, region: string, databases: readonly Database[], snapshots: number): Account {
  const { plan, account } = world;
  const lacks = (error: RestoreError) => lacksBy(world, region, error);
  const assets = assetsOf('rds-instance', plan).filter((asset) => region in asset.regions);
  const known = assets.map((asset) => {
    const place = asset.regions[region];
    return { asset, place, restore: place?.restore, settings: settingsOf(asset, region, false, account) };
  });
  const engines = [...new Set(assets.map(({ engine }) => engine))];
  const zones = zonesOf(plan, region);
  const covered = lacks('DBSubnetGroupDoesNotCoverEnoughAZs') ? zones.slice(0, 1) : zones;
  const groupsOf = (own: readonly Group[], defaults: readonly Group[], error: RestoreError) =>
    unique([...(lacks(error) ? [] : own), ...defaults], ({ name }) => name);
  const instances = databases.flatMap((database) => database.instances(region));
  const used = {
    instances: instances.length + usedByOthers.instances,
    storageGib: instances.reduce((sum, { settings }) => sum + settings.allocatedGib, usedByOthers.storageGib),
    snapshots: snapshots + usedByOthers.snapshots,
  };
  const quota = (name: string, of: keyof typeof most, error: RestoreError | null): Quota => ({
    name,
    used: used[of],
    most: error !== null && lacks(error) ? used[of] : most[of],
  });
  return {
    get subnetGroups() {
      return unique(
        [
          ...(lacks('DBSubnetGroupNotFoundFault')
            ? []
            : known.map(({ settings }) => ({ name: settings.subnetGroup, vpc: networks.own, zones: covered }))),
          { name: defaultSubnetGroup, vpc: networks.default, zones: covered },
        ],
        ({ name }) => name,
      );
    },
    get parameterGroups() {
      return groupsOf(
        known.map(({ asset, settings }) => ({ name: settings.parameterGroup, engine: asset.engine })),
        engines.map((engine) => ({ name: defaultGroups(engine).parameters, engine })),
        'DBParameterGroupNotFoundFault',
      );
    },
    get optionGroups() {
      return groupsOf(
        known.map(({ asset, settings }) => ({ name: settings.optionGroup, engine: asset.engine })),
        engines.map((engine) => ({ name: defaultGroups(engine).options, engine })),
        'OptionGroupNotFoundFault',
      );
    },
    get securityGroups() {
      return unique(
        [
          ...Object.entries(defaultSecurityGroups).map(([vpc, id]) => ({ id, vpc })),
          ...known
            .flatMap(({ place, restore }) => [
              ...(place?.securityGroups?.open ?? []),
              ...(place?.securityGroups === undefined ? [] : [place.securityGroups.closed]),
              ...(restore?.securityGroups ?? []),
              ...(restore?.rehearsal?.securityGroups ?? []),
            ])
            // Those of caches stand beside them.
            .concat(
              assetsOf('elasticache', world.plan).flatMap(
                ({ regions }) => regions[region]?.restore?.securityGroups ?? [],
              ),
            )
            .map((id) => ({ id, vpc: networks.own })),
        ],
        ({ id }) => id,
      );
    },
    get keys() {
      return keysOf(world, region, !lacks('KMSKeyNotAccessibleFault'));
    },
    get classes() {
      return unique(
        known.flatMap(({ asset: { engine, instanceClass }, restore }) =>
          [instanceClass, ...(restore === undefined ? [] : [restore.instanceClass]), ...otherClasses].map((name) => ({
            engine,
            name,
          })),
        ),
        ({ engine, name }) => `${engine} ${name}`,
      );
    },
    get reservations() {
      return known.flatMap(({ asset: { engine }, restore }) =>
        restore?.capacityReservation == null
          ? []
          : [
              {
                id: restore.capacityReservation,
                engine,
                instanceClass: restore.instanceClass,
                left: lacks('InsufficientDBInstanceCapacityFault') ? 0 : 1,
              },
            ],
      );
    },
    get quotas() {
      return {
        instances: quota('DBInstances', 'instances', 'InstanceQuotaExceededFault'),
        storageGib: quota('AllocatedStorage', 'storageGib', 'StorageQuotaExceededFault'),
        snapshots: quota('ManualSnapshots', 'snapshots', null),
      };
    },
  };
}

/** Some of the classes that are offered beside those of the plan. */
const otherClasses = ['db.t4g.medium', 'db.r6g.large', 'db.r6g.xlarge', 'db.r6g.2xlarge'];

/** The keys that the plan names, and the one that AWS keeps for RDS. A fault disables the former. */
function keysOf({ plan, account }: World, region: string, enabled: boolean): Key[] {
  const names = assetsOf('rds-instance', plan).flatMap((asset) => {
    const { replicated, snapshots } = asset.backups ?? {};
    return [asset.regions[region]?.kmsKey, replicated?.keys?.[region], snapshots?.keys?.[region]];
  });
  const awsOwn = 'alias/aws/rds';
  const own = [...new Set(names)].filter((name) => name !== undefined && name !== awsOwn) as string[];
  const byArn = Map.groupBy(own, (name) => keyArn(name, region, account));
  return [
    ...[...byArn].map(([arn, known]) => ({ arn, aliases: known.filter((name) => name.startsWith('alias/')), enabled })),
    { arn: keyArn(awsOwn, region, account), aliases: [awsOwn], enabled: true },
  ].filter(({ arn }) => arn.split(':')[3] === region);
}

/** A key by its id, its ARN, its alias or the ARN of that; null where there is none. */
export function keyNamed(name: string, keys: readonly Key[]): Key | null {
  const alias = name.replace(/^arn:[^:]+:kms:[^:]+:[^:]+:alias\//, 'alias/');
  const isIt = ({ arn, aliases }: Key) => arn === name || arn.endsWith(`:key/${name}`) || aliases.includes(alias);
  return keys.find(isIt) ?? null;
}

/** The offers of RDS: every engine of the estate runs on each class, in each zone, with each of these. */
export const storageTypes = ['gp2', 'gp3', 'io1', 'io2'];

/** The first of each name. */
function unique<Thing>(things: readonly Thing[], nameOf: (thing: Thing) => string): Thing[] {
  return [...new Map([...things].reverse().map((thing) => [nameOf(thing), thing])).values()].reverse();
}
