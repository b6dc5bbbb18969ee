// Zonal shifts: traffic leaves a zone when a person, an automation or AWS itself asks for it, and comes back when the
// shift expires or is cancelled.
import { refusal } from './aws-error.ts';
import { regionOf, zoneCondition, zonesOf } from './faults.ts';
import { uuid } from './random.ts';
import type { Caller } from './types.ts';
import type { World } from './world.ts';

export type Resource = {
  readonly arn: string;
  readonly name: string;
  readonly region: string;
  readonly balancer: boolean;
};

export type Shift = {
  readonly id: string;
  readonly resource: Resource;
  readonly zone: string;
  readonly startedAt: number;
  /** Seconds until clients have followed. */
  readonly drainSeconds: number;
  expiresAt: number;
  comment: string;
  cancelledAt: number | null;
};

/** A shift that AWS began. */
export type Autoshift = {
  readonly id: string;
  readonly resource: Resource;
  readonly zone: string;
  readonly startedAt: number;
  readonly drainSeconds: number;
};

export type Shifts = {
  /** A cluster or load balancer of a region. @throws ResourceNotFoundException */
  resource(identifier: string, region: string): Resource;
  status(shift: Shift): 'ACTIVE' | 'EXPIRED' | 'CANCELED';
  list(region: string): Shift[];
  /** @throws ResourceNotFoundException */
  find(id: string, region: string): Shift;
  start(resource: Resource, zone: string, seconds: number, comment: string, caller: Caller): Shift;
  update(shift: Shift, seconds: number | null, comment: string | null): void;
  cancel(shift: Shift): void;
  autoshifts(resource: Resource): Autoshift[];
  beginAutoshift(faultId: string, zone: string): void;
  endAutoshift(faultId: string): void;
  /** Shares of a region's requests by the zone they go to; they add up to 1. */
  shares(region: string): ReadonlyMap<string, number>;
  /** Zones that a load balancer is shifted away from. */
  shiftedZones(region: string): string[];
  /** The zone lost power: the balancer's node there leaves the DNS answer by itself. */
  losePower(zone: string): void;
};

export function createShifts(world: World): Shifts {
  const { plan, account } = world;
  const resources = [plan.roles.primary, plan.roles.standby].flatMap((region): Resource[] => [
    {
      arn: `arn:aws:eks:${region}:${account}:cluster/${plan.cluster.name}`,
      name: plan.cluster.name,
      region,
      balancer: false,
    },
    ...plan.cluster.loadBalancers.map((name) => ({
      arn: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${name}`,
      name,
      region,
      balancer: true,
    })),
  ]);
  const shifts: Shift[] = [];
  const autoshifts = new Map<string, Autoshift[]>();
  const withoutPower = new Map<string, { readonly startedAt: number; readonly drainSeconds: number }>();

  const status: Shifts['status'] = (shift) => {
    if (shift.cancelledAt !== null) return 'CANCELED';
    return shift.expiresAt <= world.now() ? 'EXPIRED' : 'ACTIVE';
  };
  const active = (resource: Resource): Shift[] =>
    shifts.filter((shift) => shift.resource === resource && status(shift) === 'ACTIVE');
  const automatic = (resource: Resource): Autoshift[] =>
    [...autoshifts.values()].flat().filter((autoshift) => autoshift.resource === resource);

  const announce = (region: string, type: string, zone: string, resource: Resource | null): void => {
    const detail = { version: '0.0.1', data: '', metadata: { awayFrom: zone, notes: '' } };
    const named = resource === null ? [] : [resource.arn];
    world.emit({ region, source: 'aws.arc-zonal-shift', type, resources: named, detail });
  };

  /** The part of a zone's clients of one balancer that still come. */
  const remaining = (balancer: Resource, zone: string): number => {
    const departures = [...active(balancer), ...automatic(balancer)].filter((shift) => shift.zone === zone);
    const dark = zoneCondition(world.faults, zone) === 'dead' ? withoutPower.get(zone) : undefined;
    const parts = [...departures, ...(dark === undefined ? [] : [dark])].map(({ startedAt, drainSeconds }) =>
      Math.max(0, 1 - (world.now() - startedAt) / (drainSeconds * 1000)),
    );
    return Math.min(1, ...parts);
  };

  const balancers = (region: string): Resource[] => resources.filter((one) => one.balancer && one.region === region);

  return {
    resource(identifier, region) {
      const found = resources.find((one) => one.arn === identifier && one.region === region);
      if (found === undefined)
        throw refusal('ResourceNotFoundException', `${identifier} is no managed resource in ${region}`, 404);
      return found;
    },
    status,
    list: (region) => shifts.filter((shift) => shift.resource.region === region),
    find(id, region) {
      const found = shifts.find((shift) => shift.id === id && shift.resource.region === region);
      if (found === undefined) throw refusal('ResourceNotFoundException', `there is no zonal shift ${id}`, 404);
      return found;
    },
    start(resource, zone, seconds, comment, caller) {
      if (!zonesOf(plan, resource.region).includes(zone))
        throw refusal('ValidationException', `${resource.region} has no zone ${zone}`);
      if (active(resource).length > 0) {
        const message = `ZonalShiftAlreadyExists: a zonal shift is active for ${resource.arn}`;
        throw Object.assign(refusal('ConflictException', message, 409), { reason: 'ZonalShiftAlreadyExists' });
      }
      const drainSeconds = world.draw('zonal-shift');
      world.recordWork('zonal-shift', resource.arn, drainSeconds, caller);
      const startedAt = world.now();
      const id = uuid(world.chances.ids);
      const shift: Shift = {
        id,
        resource,
        zone,
        startedAt,
        drainSeconds,
        comment,
        expiresAt: startedAt + seconds * 1000,
        cancelledAt: null,
      };
      shifts.push(shift);
      announce(resource.region, 'Manual Shift Started', zone, resource);
      return shift;
    },
    update(shift, seconds, comment) {
      expectActive(shift, status(shift));
      if (seconds !== null) shift.expiresAt = world.now() + seconds * 1000;
      if (comment !== null) shift.comment = comment;
    },
    cancel(shift) {
      expectActive(shift, status(shift));
      shift.cancelledAt = world.now();
    },
    autoshifts: automatic,
    beginAutoshift(faultId, zone) {
      const region = regionOf(plan, zone);
      const startedAt = world.now();
      const moved = resources
        .filter((resource) => resource.region === region)
        .map((resource) => ({
          id: uuid(world.chances.ids),
          resource,
          zone,
          startedAt,
          drainSeconds: world.draw('zonal-shift'),
        }));
      autoshifts.set(faultId, moved);
      announce(region, 'Autoshift In Progress', zone, null);
      for (const { resource } of moved) announce(region, 'Autoshift In Progress', zone, resource);
    },
    endAutoshift(faultId) {
      for (const { resource, zone } of autoshifts.get(faultId) ?? [])
        announce(resource.region, 'Autoshift Completed', zone, resource);
      autoshifts.delete(faultId);
    },
    shares(region) {
      const zones = zonesOf(plan, region);
      const all = balancers(region);
      const weights = zones.map((zone) => all.reduce((sum, balancer) => sum + remaining(balancer, zone), 0));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      // When every zone is shifted away from, the balancer fails open and all take traffic again.
      return new Map(
        zones.map((zone, index) => [zone, total === 0 ? 1 / zones.length : (weights[index] ?? 0) / total]),
      );
    },
    shiftedZones(region) {
      const away = balancers(region).flatMap((balancer) => [...active(balancer), ...automatic(balancer)]);
      return [...new Set(away.map((shift) => shift.zone))].sort();
    },
    losePower: (zone) =>
      void withoutPower.set(zone, { startedAt: world.now(), drainSeconds: world.draw('balancer-own-removal') }),
  };
}

function expectActive(shift: Shift, status: string): void {
  if (status === 'ACTIVE') return;
  const message = `ZonalShiftStatusNotActive: zonal shift ${shift.id} is ${status.toLowerCase()}`;
  throw Object.assign(refusal('ConflictException', message, 409), { reason: 'ZonalShiftStatusNotActive' });
}
