// A cache of the plan: in each region a replication group with a node in each zone, or several shards of them in cluster mode. ElastiCache fails over
// by itself when a primary is dead and automatic failover is on; a slow primary it leaves where it is.
import { type AssetOf, assetsOf } from '../../../functions/domain/plan/assets.ts';
import { restoreNames } from '../../../functions/kinds/elasticache/says/backup-plan.ts';
import { placeOf } from '../../../functions/shared/estate.ts';
import { refusal } from '../calls/aws-error.ts';
import { struckBy, zoneCondition, zonesOf } from '../faults/faults.ts';
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';

export type CacheNode = {
  readonly id: string;
  /** The node group that it belongs to; with cluster mode disabled there is one. */
  readonly shard: string;
  readonly zone: string;
  primary: boolean;
  lost: boolean;
};

/** What ElastiCache may say of a replication group [AWS, ReplicationGroup.Status]. */
export const cacheStatuses = [
  'available',
  'creating',
  'modifying',
  'deleting',
  'create-failed',
  'snapshotting',
] as const;
export type CacheStatus = (typeof cacheStatuses)[number];

export type CacheGroup = {
  readonly id: string;
  readonly region: string;
  /** What its own work puts it into; a fault may show another one: see `status` of the cache. */
  own: 'available' | 'modifying' | 'creating';
  /** How it was made, and when. */
  readonly made: Made;
  automaticFailover: 'enabled' | 'disabled' | 'enabling' | 'disabling';
  multiAz: 'enabled' | 'disabled';
  clusterMode: boolean;
  nodes: readonly CacheNode[];
  /** Shards whose writes wait for a new primary. */
  readonly promoting: Set<string>;
};

/** What a group is made as, beside its nodes. */
export type Made = {
  readonly at: number;
  readonly nodeType: string;
  readonly encryptedAtRest: boolean;
  readonly kmsKey: string | undefined;
  readonly transitEncryption: 'required' | 'preferred' | 'off';
  readonly snapshotRetentionDays: number;
};

/** A group that is asked for. `seeded`: it reads a snapshot before it is available. */
export type NewGroup = {
  readonly id: string;
  readonly region: string;
  readonly made: Omit<Made, 'at'>;
  readonly clusterMode: boolean;
  readonly shards: number;
  readonly replicas: number;
  readonly automaticFailover: boolean;
  readonly multiAz: boolean;
  readonly seeded: boolean;
};

/** The global datastore: a member in each region, of which one takes writes. */
export type GlobalDatastore = {
  readonly id: string;
  status: 'available' | 'modifying';
  primaryRegion: string;
  /** While another region takes over. */
  promoting: boolean;
  readonly members: readonly CacheGroup[];
};

/** What a modification asks for; what is left out stays. */
export type CacheChange = {
  /** Whether anything is asked for that a global datastore decides for all its members. */
  readonly ofDatastore: boolean;
  /** Else it waits for the maintenance window, which never comes here. */
  readonly immediately: boolean;
  readonly automaticFailover: boolean | undefined;
  readonly multiAz: boolean | undefined;
  readonly primary: string | undefined;
};

export type Cache = {
  readonly asset: AssetOf<'elasticache'>;
  group(id: string, region: string): CacheGroup | null;
  groups(region: string): CacheGroup[];
  /** Whether the plan makes a group of that name in a region. */
  makes(id: string, region: string): boolean;
  /** Makes a group beside those that there are. */
  create(asked: NewGroup, caller: Caller): CacheGroup;
  /** Null where the plan has none: then each region's group takes its own writes, and nothing goes from one to the other. */
  readonly datastore: GlobalDatastore | null;
  /** As ElastiCache shows it. */
  status(group: CacheGroup): CacheStatus;
  /** The datastore that a group is a member of; null where it is none. */
  datastoreOf(group: CacheGroup): GlobalDatastore | null;
  /** Sets automatic failover for every member. */
  modifyDatastore(datastore: GlobalDatastore, automaticFailover: boolean, caller: Caller): void;
  /** Makes the member of a region the one that takes writes. */
  takeOver(datastore: GlobalDatastore, group: CacheGroup, caller: Caller): void;
  /** The group that takes writes while users are in a region. */
  writer(usersRegion: string): CacheGroup;
  primaryZone(group: CacheGroup): string | null;
  condition(group: CacheGroup): 'healthy' | 'slow' | 'down';
  /** Whether the primary region's is slow by itself, wherever its primary stands. */
  isSlow(): boolean;
  tick(): void;
  /** Loses a node: the primary, or the one in a zone. It is replaced in minutes. */
  loseNode(zone: string | undefined): void;
  /** The group of the primary region runs in cluster mode from now on. */
  split(shards: number): void;
  /** ElastiCache takes the primary of a shard away, to see whether the group fails over. */
  testFailover(group: CacheGroup, shard: string, caller: Caller): void;
  modify(group: CacheGroup, change: CacheChange, caller: Caller): void;
  /** What ElastiCache tells who asks for events, oldest first. */
  events(): readonly CacheEvent[];
  /** ElastiCache did something to the group that takes writes, and tells of it so. */
  maintain(message: string): void;
};

/** `source`: the group's name, or a node's. */
export type CacheEvent = {
  readonly at: number;
  readonly region: string;
  readonly source: string;
  readonly type: 'replication-group' | 'cache-cluster';
  readonly message: string;
};

type TestedFailover = { readonly at: number; readonly group: CacheGroup; readonly shard: string };

/** The caches of the plan, in its order, all well. */
export function createCaches(world: World): Cache[] {
  const tests: TestedFailover[] = [];
  return assetsOf('elasticache', world.plan).map((asset) => createCache(world, asset, tests));
}

/** `tests`: what failovers have been tested so far, whatever the cache. */
function createCache(world: World, asset: AssetOf<'elasticache'>, tests: TestedFailover[]): Cache {
  const { plan } = world;
  const groupIn = (region: string) => newGroup(placeOf(asset, region).replicationGroup, region, zonesOf(plan, region));
  const makes = (id: string, region: string): boolean => {
    const { restore } = placeOf(asset, region);
    return restore !== undefined && restoreNames(restore.replicationGroup).includes(id);
  };
  const { globalDatastore } = asset;
  const main = groupIn(plan.roles.primary);
  const { standby } = plan.roles;
  // What is made on the day does not stand before.
  const stands = !makes(placeOf(asset, standby).replicationGroup, standby);
  const members = [main, ...(stands ? [groupIn(standby)] : [])];
  const all = [...members];
  const datastore: GlobalDatastore | null =
    globalDatastore === null
      ? null
      : {
          id: globalDatastore,
          status: 'available',
          primaryRegion: plan.roles.primary,
          promoting: false,
          members,
        };

  const events: CacheEvent[] = [];
  const tell = ({ region, id }: CacheGroup, message: string, node: string = id): void =>
    void events.push({
      ...{ at: world.now(), region, source: node, message },
      type: node === id ? 'replication-group' : 'cache-cluster',
    });
  const notify = (group: CacheGroup, message: string, value: string, node: string): void => {
    const said = { [`ElastiCache:${message}`]: value, 'Cache Cluster ID': node };
    world.cacheMessage(group.region, JSON.stringify(said));
  };
  const lives = (node: CacheNode): boolean => !node.lost && zoneCondition(world.faults, node.zone) !== 'dead';
  const primaryOf = (group: CacheGroup, shard: string): CacheNode | null =>
    group.nodes.find((node) => node.primary && node.shard === shard) ?? null;
  const datastoreOf = (group: CacheGroup): GlobalDatastore | null =>
    datastore?.members.includes(group) === true ? datastore : null;
  const isSlow = (): boolean => world.faults.of('cache-slow').some((fault) => struckBy(fault, plan) === asset.name);
  const status = (group: CacheGroup): CacheStatus => {
    const shown = world.faults
      .of('cache-status')
      .findLast((fault) => struckBy(fault, plan) === asset.name && (fault.group ?? main.id) === group.id)?.status;
    return group.own === 'available' ? (shown ?? group.own) : group.own;
  };

  const expectAvailable = (group: CacheGroup): void => {
    if (status(group) === 'available' && group.promoting.size === 0) return;
    const message = 'Replication group must be in available state to modify.';
    throw refusal('InvalidReplicationGroupStateFault', message);
  };

  const makePrimary = (group: CacheGroup, chosen: CacheNode): void => {
    const before = primaryOf(group, chosen.shard)?.id ?? 'unknown';
    for (const node of group.nodes) if (node.shard === chosen.shard) node.primary = node === chosen;
    tell(group, `Failover from master node ${before} to replica node ${chosen.id} completed`);
    group.promoting.delete(chosen.shard);
    notify(group, 'FailoverComplete', group.id, chosen.id);
  };

  const failOver = (group: CacheGroup, shard: string, caller: Caller | null = null): void => {
    group.promoting.add(shard);
    const seconds = world.draw('elasticache-failover-detection') + world.draw('elasticache-failover');
    world.recordWork('elasticache-failover', group.id, seconds, caller);
    world.after(seconds, () => {
      // Of the replicas that live, one in a well zone is preferred.
      const candidates = group.nodes.filter((node) => node.shard === shard && !node.primary && lives(node));
      const well = candidates.find((node) => zoneCondition(world.faults, node.zone) === 'well');
      const chosen = well ?? candidates[0];
      if (chosen === undefined) group.promoting.delete(shard);
      else makePrimary(group, chosen);
    });
  };

  const replace = (group: CacheGroup, node: CacheNode): void =>
    world.after(world.draw('elasticache-node-replacement'), () => {
      if (zoneCondition(world.faults, node.zone) === 'dead') return replace(group, node);
      node.lost = false;
      tell(group, 'Finished recovery for cache nodes 0001', node.id);
      notify(group, 'CacheNodeReplaceComplete', node.id, node.id);
    });

  const lose = (group: CacheGroup, node: CacheNode, caller: Caller | null = null): void => {
    node.lost = true;
    if (node.primary && group.automaticFailover === 'enabled' && !group.promoting.has(node.shard))
      failOver(group, node.shard, caller);
    replace(group, node);
  };

  const setFailover = (group: CacheGroup, enabled: boolean, done: () => void, seconds: number): void => {
    group.own = 'modifying';
    if (enabled !== (group.automaticFailover === 'enabled'))
      group.automaticFailover = enabled ? 'enabling' : 'disabling';
    world.after(seconds, () => {
      group.automaticFailover = enabled ? 'enabled' : 'disabled';
      done();
      group.own = 'available';
    });
  };

  return {
    asset,
    group: (id, region) => all.find((group) => group.id === id && group.region === region) ?? null,
    groups: (region) => all.filter((group) => group.region === region),
    datastore,
    datastoreOf,
    status,
    modifyDatastore(global, enabled, caller) {
      // "Only one modify operation can be in progress on a global datastore" [AWS, Modifying a global datastore].
      if (global.status !== 'available') throw notAvailable(global);
      if (!enabled) expectFailoverMayEnd(global.members);
      const seconds = world.draw('elasticache-modification');
      world.recordWork('elasticache-modification', global.id, seconds, caller);
      global.status = 'modifying';
      for (const member of global.members) setFailover(member, enabled, () => undefined, seconds);
      world.after(seconds, () => {
        if (!global.promoting) global.status = 'available';
      });
    },
    takeOver(global, group, caller) {
      // "Promotion is allowed anytime, even if other modifications are in progress" [AWS, Promoting the secondary cluster].
      if (global.promoting) throw notAvailable(global);
      const seconds = world.draw('elasticache-global-failover');
      world.recordWork('elasticache-global-failover', global.id, seconds, caller);
      global.status = 'modifying';
      global.promoting = true;
      world.after(seconds, () => {
        global.primaryRegion = group.region;
        global.promoting = false;
        global.status = 'available';
      });
    },
    makes,
    events: () => events,
    maintain: (message) => tell(main, message),
    create(asked, caller) {
      const zones = zonesOf(plan, asked.region);
      const shards = Array.from({ length: asked.shards }, (_, index) => String(index + 1).padStart(4, '0'));
      // A replica more than there are zones stands beside another one.
      const places = Array.from({ length: asked.replicas + 1 }, (_, index) => zones[index % zones.length] ?? '');
      const nodes = shards.flatMap((shard, index) =>
        nodesOf(asked.clusterMode ? `${asked.id}-${shard}` : asked.id, shard, places, index),
      );
      const group: CacheGroup = {
        ...newGroup(asked.id, asked.region, []),
        own: 'creating',
        automaticFailover: asked.automaticFailover ? 'enabled' : 'disabled',
        multiAz: asked.multiAz ? 'enabled' : 'disabled',
        clusterMode: asked.clusterMode,
        made: { ...asked.made, at: world.now() },
        nodes,
      };
      all.push(group);
      const latency = asked.seeded ? 'elasticache-restore' : 'elasticache-creation';
      const seconds = world.draw(latency);
      world.recordWork(latency, group.id, seconds, caller);
      world.after(seconds, () => {
        group.own = 'available';
        notify(group, 'ReplicationGroupCreateComplete', group.id, group.id);
      });
      return group;
    },
    // The one that was made last, where there are several.
    writer: (usersRegion) =>
      all.findLast(
        (group) => group.region === usersRegion && group.own !== 'creating' && datastoreOf(group) === null,
      ) ??
      all.find(({ region }) => region === (datastore?.primaryRegion ?? usersRegion)) ??
      main,
    isSlow,
    primaryZone: (group) => primaryOf(group, shardsOf(group)[0] ?? '')?.zone ?? null,
    condition(group) {
      // A member that only follows takes no writes: to its region's application it is as good as down.
      const global = datastoreOf(group);
      if (global !== null && global.primaryRegion !== group.region) return 'down';
      if (world.isDark(group.region) || unusable.includes(status(group))) return 'down';
      const primaries = shardsOf(group).map((shard) => (group.promoting.has(shard) ? null : primaryOf(group, shard)));
      if (primaries.some((primary) => primary === null || !lives(primary))) return 'down';
      const slow = primaries.some((primary) => zoneCondition(world.faults, primary?.zone ?? '') === 'impaired');
      return slow || (group === main && isSlow()) ? 'slow' : 'healthy';
    },
    tick() {
      for (const group of all) {
        for (const shard of shardsOf(group)) {
          const primary = primaryOf(group, shard);
          const failing = primary !== null && !lives(primary) && !group.promoting.has(shard);
          if (failing && group.automaticFailover === 'enabled') failOver(group, shard);
        }
      }
    },
    loseNode(zone) {
      const node = main.nodes.find((one) => (zone === undefined ? one.primary : one.zone === zone));
      if (node === undefined) throw new Error(`${main.id} has no cache node in ${zone}`);
      lose(main, node);
    },
    split(shards) {
      main.clusterMode = true;
      main.nodes = Array.from({ length: shards }, (_, index) => String(index + 1).padStart(4, '0')).flatMap((shard) =>
        nodesOf(`${main.id}-${shard}`, shard, zonesOf(plan, main.region), Number(shard) - 1),
      );
    },
    testFailover(group, shard, caller) {
      if (!shardsOf(group).includes(shard))
        throw refusal('NodeGroupNotFoundFault', `NodeGroup ${shard} not found.`, 404);
      // "In certain conditions such as large-scale operational events, Amazon may block this API" [AWS, TestFailover].
      const isLargeEvent = zonesOf(plan, group.region).some((zone) => zoneCondition(world.faults, zone) !== 'well');
      if (isLargeEvent) {
        const message = 'The TestFailover action is not available.';
        throw refusal('TestFailoverNotAvailableFault', message);
      }
      const recent = tests.filter(({ at }) => world.now() - at < 86_400_000);
      if (recent.length >= mostTestsInADay) {
        const message = 'The customer has exceeded the allowed rate of API calls.';
        throw refusal('APICallRateForCustomerExceededFault', message);
      }
      expectAvailable(group);
      const replacing = group.nodes.some((node) => node.lost);
      const primary = primaryOf(group, shard);
      // It tests the failover of a Multi-AZ group, and in cluster mode one shard after another.
      if (group.automaticFailover !== 'enabled' || group.multiAz !== 'enabled' || replacing || primary === null) {
        const message = `Replication group ${group.id} is not in a state in which its failover can be tested.`;
        throw refusal('InvalidReplicationGroupStateFault', message);
      }
      tests.push({ at: world.now(), group, shard });
      lose(group, primary, caller);
    },
    modify(group, change, caller) {
      const global = datastoreOf(group);
      if (global !== null && change.ofDatastore) {
        const message = `Cluster [${group.id}] is part of a global cluster [${global.id}]. Request rejected.`;
        throw refusal('InvalidParameterValueException', message);
      }
      if (group.clusterMode) expectPossibleInClusterMode(group, change);
      expectAvailable(group);
      const chosen = change.primary === undefined ? null : promotable(group, change, lives);
      const failover = change.automaticFailover ?? group.automaticFailover === 'enabled';
      const multiAz = change.multiAz ?? group.multiAz === 'enabled';
      if (multiAz && !failover) {
        throw refusal(
          'InvalidParameterCombinationException',
          'Multi-AZ needs automatic failover: switch both off together',
        );
      }
      if (!change.immediately) return;
      const latency = chosen === null ? 'elasticache-modification' : 'elasticache-promotion';
      const seconds = world.draw(latency);
      world.recordWork(latency, group.id, seconds, caller);
      const done = (): void => {
        group.multiAz = multiAz ? 'enabled' : 'disabled';
        if (chosen !== null && lives(chosen)) makePrimary(group, chosen);
      };
      setFailover(group, failover, done, seconds);
    },
  };
}

/** Shards on which failover may be tested in any rolling 24 hours [AWS, TestFailover]. */
const mostTestsInADay = 15;

/** Statuses in which there is nothing that answers. */
const unusable: readonly CacheStatus[] = ['creating', 'deleting', 'create-failed'];

/** The shards of a group, in order. */
export function shardsOf({ nodes }: Pick<CacheGroup, 'nodes'>): string[] {
  return [...new Set(nodes.map(({ shard }) => shard))];
}

function notAvailable({ id }: GlobalDatastore): Error {
  return refusal('InvalidGlobalReplicationGroupStateFault', `${id} is not in available state`);
}

/**
 * Automatic failover of a datastore is that of all its members. No source says what ElastiCache makes of a member with
 * Multi-AZ, which needs it: here it says no.
 */
function expectFailoverMayEnd(members: readonly CacheGroup[]): void {
  for (const { id, clusterMode, multiAz } of members) {
    if (clusterMode) throw refusal('InvalidParameterValueException', endsInClusterMode);
    if (multiAz === 'enabled') {
      const message = `Multi-AZ of ${id} needs automatic failover`;
      throw refusal('InvalidParameterValueException', message);
    }
  }
}

/** In the words of ElastiCache [terraform-provider-aws 27116]. */
const endsInClusterMode =
  'Turning off automatic failover for replication group with cluster mode enabled is not supported.';

/** "You can't manually promote a replica to primary", nor end what makes it fail over [AWS, Limitations on Multi-AZ]. */
function expectPossibleInClusterMode({ id }: CacheGroup, change: CacheChange): void {
  const name = 'InvalidParameterCombinationException';
  if (change.automaticFailover === false) throw refusal(name, endsInClusterMode);
  if (change.multiAz === false) throw refusal(name, `Multi-AZ of ${id} cannot end: cluster mode is enabled`);
  if (change.primary !== undefined) throw refusal(name, `${id} has no primary to choose: cluster mode is enabled`);
}

function nodesOf(id: string, shard: string, zones: readonly string[], turn = 0): CacheNode[] {
  return zones.map((_, index) => ({
    id: `${id}-${String(index + 1).padStart(3, '0')}`,
    shard,
    // Each shard has its primary in another zone.
    zone: zones[(index + turn) % zones.length] ?? '',
    primary: index === 0,
    lost: false,
  }));
}

/** What stood before the drill began. */
const longAgo: Made = {
  at: Date.UTC(2024, 0, 15),
  nodeType: 'cache.r7g.large',
  encryptedAtRest: true,
  kmsKey: undefined,
  transitEncryption: 'required',
  snapshotRetentionDays: 7,
};

function newGroup(id: string, region: string, zones: readonly string[]): CacheGroup {
  return {
    id,
    region,
    own: 'available',
    made: longAgo,
    automaticFailover: 'enabled',
    multiAz: 'enabled',
    clusterMode: false,
    nodes: nodesOf(id, '0001', zones),
    promoting: new Set(),
  };
}

/** The node that may become primary. @throws unless automatic failover and Multi-AZ are off and the node lives */
function promotable(group: CacheGroup, change: CacheChange, lives: (node: CacheNode) => boolean): CacheNode {
  const node = group.nodes.find((one) => one.id === change.primary);
  if (node === undefined)
    throw refusal('InvalidParameterValueException', `${change.primary} is no node of ${group.id}`);
  if (!lives(node)) throw refusal('InvalidReplicationGroupStateFault', `${node.id} is not available for promotion`);
  const off = group.automaticFailover === 'disabled' && group.multiAz === 'disabled';
  if (off && change.automaticFailover !== true && change.multiAz !== true) return node;
  throw refusal(
    'InvalidParameterCombinationException',
    `a primary of ${group.id} can be chosen only while automatic failover and Multi-AZ are off`,
  );
}
