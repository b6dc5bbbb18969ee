// Which faults are active, and what follows from them for zones and for the ways between regions. No clock, no chance.
import { assetsOf, type Kind, standsIn } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { Fault, FaultOf } from '../types.ts';

/** well: nothing is wrong; impaired: slow and partly failing, yet alive; dead: without power. */
export type ZoneCondition = 'well' | 'impaired' | 'dead';

export type Faults = {
  add(fault: Fault): void;
  /** Takes a fault away and gives it back; null where it was not active. */
  remove(id: string): Fault | null;
  find(id: string): Fault | null;
  of<Kind extends Fault['kind']>(kind: Kind): readonly FaultOf<Kind>[];
  /**
   * The first fault of a kind that is about something and bites now, counted: `after` as many have passed, and `times` as
   * many times. Null where none does.
   */
  bites<Kind extends Counted>(kind: Kind, isAbout: (fault: FaultOf<Kind>) => boolean): FaultOf<Kind> | null;
};

/** Faults that are counted by what meets them. */
type Counted = 'api-failure' | 'function-crash' | 'message-fault';

/** An empty set of faults. @throws Error when a fault is added under an id that is active already */
export function createFaults(): Faults {
  const active = new Map<string, Fault>();
  const met = new Map<string, number>();
  // Asked many times in each second of a drill.
  const byKind = new Map<Fault['kind'], Fault[]>();
  const of = <Kind extends Fault['kind']>(kind: Kind) => {
    const known = byKind.get(kind);
    if (known !== undefined) return known as FaultOf<Kind>[];
    const found = [...active.values()].filter((fault) => fault.kind === kind);
    byKind.set(kind, found);
    return found as FaultOf<Kind>[];
  };
  return {
    add(fault) {
      if (active.has(fault.id))
        throw new Error(`fault ${fault.id} is active already; give each fault an id of its own`);
      active.set(fault.id, fault);
      byKind.clear();
    },
    remove(id) {
      const fault = active.get(id) ?? null;
      active.delete(id);
      byKind.clear();
      return fault;
    },
    find: (id) => active.get(id) ?? null,
    of,
    bites<Kind extends Counted>(kind: Kind, isAbout: (fault: FaultOf<Kind>) => boolean) {
      for (const fault of of(kind)) {
        if (!isAbout(fault)) continue;
        const { id, after = 0, times = Number.POSITIVE_INFINITY }: FaultOf<Counted> = fault;
        const count = (met.get(id) ?? 0) + 1;
        met.set(id, count);
        if (count > after && count <= after + times) return fault;
      }
      return null;
    },
  };
}

/** The kind of asset that is struck, by those faults that strike one asset. */
export const struckKinds = {
  'database-crash': 'rds-instance',
  'database-slow': 'rds-instance',
  'database-status': 'rds-instance',
  'database-stuck': 'rds-instance',
  'replica-broken': 'rds-instance',
  'writer-idle': 'rds-instance',
  'backup-replication-stopped': 'rds-instance',
  'snapshot-missing': 'rds-instance',
  'data-corrupted': 'rds-instance',
  'rows-lost': 'rds-instance',
  'cache-node-loss': 'elasticache',
  'cache-slow': 'elasticache',
  'cache-status': 'elasticache',
  'cache-cluster-mode': 'elasticache',
  'cache-exports-stopped': 'elasticache',
  'cluster-missing': 'eks-cluster',
  'cluster-changed': 'eks-cluster',
} as const satisfies Partial<Record<Fault['kind'], Kind>>;

/** A fault that strikes one asset. */
export type AssetFault = FaultOf<keyof typeof struckKinds>;

export function strikesAsset(fault: Fault): fault is AssetFault {
  return Object.hasOwn(struckKinds, fault.kind);
}

/**
 * The name of the asset that a fault strikes: the one that it names, or whose instance or group it names; else the first of
 * its kind. @throws Error naming the assets there are
 */
export function struckBy(fault: AssetFault, plan: Plan): string {
  const kind = struckKinds[fault.kind];
  const known = assetsOf(kind, plan);
  const thing = 'instance' in fault ? fault.instance : 'group' in fault ? fault.group : undefined;
  const found = known.find((asset) => {
    const isHolder = Object.keys(asset.regions).some((region) => standsIn(region, asset).includes(thing ?? ''));
    return (fault.asset ?? asset.name) === asset.name && (thing === undefined || isHolder);
  });
  if (found !== undefined) return found.name;
  const names = known.map(({ name }) => name).join(', ') || 'none: the plan has no such asset';
  const named = [fault.asset, thing].filter((one) => one !== undefined).join(' ') || 'the first';
  throw new Error(`fault ${fault.id} strikes ${named} of kind ${kind}, expected one of ${names}`);
}

/** The condition of a zone, given by its id. */
export function zoneCondition(faults: Faults, zone: string): ZoneCondition {
  if (faults.of('zone-power').some((fault) => fault.zone === zone)) return 'dead';
  return faults.of('zone-impaired').some((fault) => fault.zone === zone) ? 'impaired' : 'well';
}

/** Whether nothing in a region answers and nothing leaves it. */
export function isDark(faults: Faults, region: string, primary: string): boolean {
  const dark = faults.of('region-dark');
  return dark.length > 0 && dark.some((fault) => (fault.region ?? primary) === region);
}

/** Whether what one region sends arrives in another. Within a region it does, unless the region is dark. Asked several times with each call. */
export function canReach(faults: Faults, from: string, to: string, primary: string): boolean {
  if (isDark(faults, from, primary) || isDark(faults, to, primary)) return false;
  const partitions = faults.of('partition');
  if (partitions.length === 0) return true;
  return !partitions.some(({ between: [a, b], oneWay = false }) => {
    return (from === a && to === b) || (!oneWay && from === b && to === a);
  });
}

/** The region that a zone of the plan is in. @throws Error naming the zones there are */
export function regionOf(plan: Plan, zone: string): string {
  for (const [region, { zones }] of Object.entries(plan.regions)) if (zone in zones) return region;
  const known = Object.values(plan.regions).flatMap(({ zones }) => Object.keys(zones));
  throw new Error(`zone ${zone} is not in the plan, expected one of ${known.join(', ')}`);
}

/** Zone ids of a region in the order of the plan. */
export function zonesOf(plan: Plan, region: string): string[] {
  return Object.keys(plan.regions[region]?.zones ?? {});
}

/** This account's name of a zone given by its id. */
export function zoneName(plan: Plan, zone: string): string {
  return plan.regions[regionOf(plan, zone)]?.zones[zone] ?? zone;
}
