// The cache: a replication group with a node in each zone. ElastiCache fails over by itself when the primary is dead and
// automatic failover is on; a slow primary it leaves where it is.
import { refusal } from './aws-error.ts';
import { zoneCondition, zonesOf } from './faults.ts';
import type { Caller } from './types.ts';
import type { World } from './world.ts';

export type CacheNode = { readonly id: string; readonly zone: string; primary: boolean; lost: boolean };

export type CacheGroup = {
  readonly id: string;
  readonly region: string;
  status: 'available' | 'modifying';
  automaticFailover: 'enabled' | 'disabled' | 'enabling' | 'disabling';
  multiAz: 'enabled' | 'disabled';
  readonly nodes: readonly CacheNode[];
  /** While writes wait for the new primary. */
  promoting: boolean;
};

/** The global datastore: a member in each region, of which one takes writes. */
export type GlobalDatastore = {
  readonly id: string;
  status: 'available' | 'modifying';
  primaryRegion: string;
  readonly members: readonly CacheGroup[];
};

/** What a modification asks for; what is left out stays. */
export type CacheChange = {
  readonly automaticFailover: boolean | undefined;
  readonly multiAz: boolean | undefined;
  readonly primary: string | undefined;
};

export type Cache = {
  group(id: string, region: string): CacheGroup | null;
  groups(region: string): CacheGroup[];
  inRegion(region: string): CacheGroup | null;
  /** Null where the plan has none. */
  readonly datastore: GlobalDatastore | null;
  /** Makes the member of a region the one that takes writes. */
  takeOver(datastore: GlobalDatastore, group: CacheGroup, caller: Caller): void;
  /** The region whose group takes writes. */
  primaryRegion(): string;
  primaryZone(group: CacheGroup): string | null;
  condition(group: CacheGroup): 'healthy' | 'slow' | 'down';
  tick(): void;
  /** Loses a node: the primary, or the one in a zone. It is replaced in minutes. */
  loseNode(zone: string | undefined): void;
  modify(group: CacheGroup, change: CacheChange, caller: Caller): void;
};

/** The cache of the plan in the primary region, with its member in the standby where it has one, all well. */
export function createCache(world: World): Cache {
  const { plan } = world;
  const main = newGroup(plan.cache.replicationGroup, plan.roles.primary, zonesOf(plan, plan.roles.primary));
  const { globalDatastore, standbyReplicationGroup } = plan.cache;
  const all = [main];
  if (globalDatastore !== null)
    all.push(newGroup(standbyReplicationGroup, plan.roles.standby, zonesOf(plan, plan.roles.standby)));
  const datastore: GlobalDatastore | null =
    globalDatastore === null
      ? null
      : { id: globalDatastore, status: 'available', primaryRegion: plan.roles.primary, members: all };

  const notify = (group: CacheGroup, message: string, value: string, node: string): void => {
    const said = { [`ElastiCache:${message}`]: value, 'Cache Cluster ID': node };
    world.cacheMessage(group.region, JSON.stringify(said));
  };
  const lives = (node: CacheNode): boolean => !node.lost && zoneCondition(world.faults, node.zone) !== 'dead';
  const primaryOf = (group: CacheGroup): CacheNode | null => group.nodes.find((node) => node.primary) ?? null;

  const makePrimary = (group: CacheGroup, chosen: CacheNode): void => {
    for (const node of group.nodes) node.primary = node === chosen;
    group.promoting = false;
    notify(group, 'FailoverComplete', group.id, chosen.id);
  };

  const failOver = (group: CacheGroup): void => {
    group.promoting = true;
    world.after(world.draw('elasticache-failover-detection') + world.draw('elasticache-failover'), () => {
      // Of the replicas that live, one in a well zone is preferred.
      const candidates = group.nodes.filter((node) => !node.primary && lives(node));
      const well = candidates.find((node) => zoneCondition(world.faults, node.zone) === 'well');
      const chosen = well ?? candidates[0];
      if (chosen === undefined) group.promoting = false;
      else makePrimary(group, chosen);
    });
  };

  const replace = (group: CacheGroup, node: CacheNode): void =>
    world.after(world.draw('elasticache-node-replacement'), () => {
      if (zoneCondition(world.faults, node.zone) === 'dead') return replace(group, node);
      node.lost = false;
      notify(group, 'CacheNodeReplaceComplete', node.id, node.id);
    });

  return {
    group: (id, region) => all.find((group) => group.id === id && group.region === region) ?? null,
    groups: (region) => all.filter((group) => group.region === region),
    inRegion: (region) => all.find((group) => group.region === region) ?? null,
    datastore,
    takeOver(global, group, caller) {
      if (global.status !== 'available') {
        throw refusal('InvalidGlobalReplicationGroupStateFault', `${global.id} is not in available state`);
      }
      const seconds = world.draw('elasticache-global-failover');
      world.recordWork('elasticache-global-failover', global.id, seconds, caller);
      global.status = 'modifying';
      world.after(seconds, () => {
        global.primaryRegion = group.region;
        global.status = 'available';
      });
    },
    primaryRegion: () => datastore?.primaryRegion ?? main.region,
    primaryZone: (group) => primaryOf(group)?.zone ?? null,
    condition(group) {
      // A member that only follows takes no writes: to its region's application it is as good as down.
      if (datastore !== null && datastore.primaryRegion !== group.region) return 'down';
      const primary = primaryOf(group);
      if (primary === null || group.promoting || !lives(primary) || world.isDark(group.region)) return 'down';
      return zoneCondition(world.faults, primary.zone) === 'impaired' ? 'slow' : 'healthy';
    },
    tick() {
      for (const group of all) {
        const primary = primaryOf(group);
        const failing = primary !== null && !lives(primary) && !group.promoting;
        if (failing && group.automaticFailover === 'enabled') failOver(group);
      }
    },
    loseNode(zone) {
      const node = zone === undefined ? primaryOf(main) : main.nodes.find((one) => one.zone === zone);
      if (node === null || node === undefined) throw new Error(`${main.id} has no cache node in ${zone}`);
      node.lost = true;
      if (node.primary && main.automaticFailover === 'enabled' && !main.promoting) failOver(main);
      replace(main, node);
    },
    modify(group, change, caller) {
      if (group.status !== 'available' || group.promoting) {
        throw refusal('InvalidReplicationGroupStateFault', `replication group ${group.id} is not in available state`);
      }
      const chosen = change.primary === undefined ? null : promotable(group, change, lives);
      const failover = change.automaticFailover ?? group.automaticFailover === 'enabled';
      const multiAz = change.multiAz ?? group.multiAz === 'enabled';
      if (multiAz && !failover) {
        throw refusal(
          'InvalidParameterCombinationException',
          'Multi-AZ needs automatic failover: switch both off together',
        );
      }
      const latency = chosen === null ? 'elasticache-modification' : 'elasticache-promotion';
      const seconds = world.draw(latency);
      world.recordWork(latency, group.id, seconds, caller);
      group.status = 'modifying';
      if (failover !== (group.automaticFailover === 'enabled'))
        group.automaticFailover = failover ? 'enabling' : 'disabling';
      world.after(seconds, () => {
        group.automaticFailover = failover ? 'enabled' : 'disabled';
        group.multiAz = multiAz ? 'enabled' : 'disabled';
        if (chosen !== null && lives(chosen)) makePrimary(group, chosen);
        group.status = 'available';
      });
    },
  };
}

function newGroup(id: string, region: string, zones: readonly string[]): CacheGroup {
  const nodes = zones.map((zone, index) => ({
    id: `${id}-${String(index + 1).padStart(3, '0')}`,
    zone,
    primary: index === 0,
    lost: false,
  }));
  return { id, region, status: 'available', automaticFailover: 'enabled', multiAz: 'enabled', promoting: false, nodes };
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
