// Zonal shifts: traffic leaves a zone when a person, an automation or AWS itself asks for it, and comes back when the
// shift expires, is cancelled, or AWS ends what it began. Of several shifts of a resource one is applied: a customer's goes
// before an autoshift, and that before a practice run [AWS, Precedence for zonal shifts].
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import { balancersIn, placeOf } from '../../../functions/shared/estate.ts';
import { refusal } from '../calls/aws-error.ts';
import { uuid } from '../chance/random.ts';
import { regionOf, zoneCondition, zonesOf } from '../faults/faults.ts';
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';

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
  /** Whose it is; a practice run is AWS's. */
  readonly type: 'ZONAL_SHIFT' | 'PRACTICE_RUN';
  /** Only a practice run has one. */
  outcome: 'PENDING' | 'SUCCEEDED' | 'INTERRUPTED' | null;
};

/** A shift that AWS began and will end. */
export type Autoshift = {
  readonly resource: Resource;
  readonly zone: string;
  readonly startedAt: number;
  readonly drainSeconds: number;
};

export type Shifts = {
  /** A cluster or load balancer of a region. @throws ValidationException, ResourceNotFoundException */
  resource(identifier: string, region: string): Resource;
  status(shift: Shift): 'ACTIVE' | 'EXPIRED' | 'CANCELED';
  list(region: string): Shift[];
  /** @throws ResourceNotFoundException */
  find(id: string, region: string): Shift;
  start(resource: Resource, zone: string, seconds: number, comment: string, caller: Caller): Shift;
  update(shift: Shift, seconds: number | null, comment: string | null): void;
  cancel(shift: Shift): void;
  autoshifts(resource: Resource): Autoshift[];
  /** The one that is in effect; null where there is none. */
  applied(resource: Resource): Shift | Autoshift | null;
  /** A rehearsal of AWS's: it gives way to every other shift, and does not begin where there is one. */
  beginPracticeRun(zone: string): void;
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
    ...assetsOf('eks-cluster', plan).map((asset) => {
      const { cluster: name } = placeOf(asset, region);
      return { arn: `arn:aws:eks:${region}:${account}:cluster/${name}`, name, region, balancer: false };
    }),
    ...balancersIn(region, plan).map((name) => ({
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
  const ofCustomer = (resource: Resource): Shift | null =>
    active(resource).find(({ type }) => type === 'ZONAL_SHIFT') ?? null;
  const practice = (resource: Resource): Shift | null =>
    active(resource).find(({ type }) => type === 'PRACTICE_RUN') ?? null;
  const applied: Shifts['applied'] = (resource) => ofCustomer(resource) ?? automatic(resource)[0] ?? practice(resource);

  const announce = (region: string, type: string, zone: string, resource: Resource | null): void => {
    const detail = { version: '0.0.1', data: '', metadata: { awayFrom: zone, notes: '' } };
    const named = resource === null ? [] : [resource.arn];
    world.emit({ region, source: 'aws.arc-zonal-shift', type, resources: named, detail });
  };

  const begin = (resource: Resource, zone: string, seconds: number, shift: Pick<Shift, 'type' | 'comment'>): Shift => {
    const startedAt = world.now();
    const begun: Shift = {
      ...shift,
      id: uuid(world.chances.ids),
      resource,
      zone,
      startedAt,
      drainSeconds: world.draw('zonal-shift'),
      expiresAt: startedAt + seconds * 1000,
      cancelledAt: null,
      outcome: shift.type === 'PRACTICE_RUN' ? 'PENDING' : null,
    };
    shifts.push(begun);
    return begun;
  };

  const interrupt = (resource: Resource): void => {
    const run = practice(resource);
    if (run === null) return;
    run.cancelledAt = world.now();
    run.outcome = 'INTERRUPTED';
    announce(resource.region, 'Practice Run Interrupted', run.zone, resource);
  };

  /** When the last shift of a customer away from another zone ended: until then no other had an effect. */
  const freeSince = (resource: Resource, zone: string): number => {
    const others = shifts.filter((one) => one.resource === resource && one.type === 'ZONAL_SHIFT' && one.zone !== zone);
    const ends = others.map(({ cancelledAt, expiresAt }) => cancelledAt ?? expiresAt);
    return Math.max(0, ...ends.filter((at) => at <= world.now()));
  };

  /**
   * The part of a zone's clients of one balancer that still come. Only what is applied keeps them away; how long they have
   * been away, each shift of the same zone says, from when on it could be applied.
   */
  const remaining = (balancer: Resource, zone: string): number => {
    const away = applied(balancer)?.zone === zone ? [...active(balancer), ...automatic(balancer)] : [];
    const free = freeSince(balancer, zone);
    const departures = away
      .filter((shift) => shift.zone === zone)
      .map(({ startedAt, drainSeconds }) => ({ startedAt: Math.max(startedAt, free), drainSeconds }));
    const dark = zoneCondition(world.faults, zone) === 'dead' ? withoutPower.get(zone) : undefined;
    const parts = [...departures, ...(dark === undefined ? [] : [dark])].map(({ startedAt, drainSeconds }) =>
      Math.max(0, 1 - (world.now() - startedAt) / (drainSeconds * 1000)),
    );
    return Math.min(1, ...parts);
  };

  const balancersOf = Map.groupBy(
    resources.filter(({ balancer }) => balancer),
    ({ region }) => region,
  );
  const balancers = (region: string): readonly Resource[] => balancersOf.get(region) ?? [];
  const sharesOf = (region: string): ReadonlyMap<string, number> => {
    const zones = zonesOf(plan, region);
    const all = balancers(region);
    const weights = zones.map((zone) => all.reduce((sum, balancer) => sum + remaining(balancer, zone), 0));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // When every zone is shifted away from, the balancer fails open and all take traffic again.
    return new Map(zones.map((zone, index) => [zone, total === 0 ? 1 / zones.length : (weights[index] ?? 0) / total]));
  };
  /** Of each region, while nothing is shifted: asked several times in each second of a drill. */
  const unshifted = new Map<string, ReadonlyMap<string, number>>();

  return {
    resource(identifier, region) {
      if (!identifier.startsWith('arn:'))
        throw invalid('InvalidResourceIdentifier', `${identifier} is no ARN of a resource`);
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
        throw invalid('InvalidAz', `${resource.region} has no zone ${zone}`);
      const other = ofCustomer(resource);
      if (other !== null) {
        const message = `a zonal shift is active for ${resource.arn}`;
        throw conflict('ZonalShiftAlreadyExists', message, other.id);
      }
      interrupt(resource);
      const shift = begin(resource, zone, seconds, { type: 'ZONAL_SHIFT', comment });
      world.recordWork('zonal-shift', resource.arn, shift.drainSeconds, caller);
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
      if (shift.outcome !== null) shift.outcome = 'INTERRUPTED';
    },
    autoshifts: automatic,
    applied,
    beginPracticeRun(zone) {
      const region = regionOf(plan, zone);
      for (const resource of resources.filter((one) => one.region === region)) {
        if (applied(resource) !== null) continue;
        const comment = 'Practice Run Started. This is AWS Zonal Shift Service practice run.';
        const run = begin(resource, zone, practiceSeconds, { type: 'PRACTICE_RUN', comment });
        announce(region, 'Practice Run Started', zone, resource);
        world.after(practiceSeconds, () => {
          if (run.outcome !== 'PENDING') return;
          run.outcome = 'SUCCEEDED';
          announce(region, 'Practice Run Succeeded', zone, resource);
        });
      }
    },
    beginAutoshift(faultId, zone) {
      const region = regionOf(plan, zone);
      const startedAt = world.now();
      const moved = resources
        .filter((resource) => resource.region === region)
        .map((resource) => ({
          resource,
          zone,
          startedAt,
          drainSeconds: world.draw('zonal-shift'),
        }));
      for (const { resource } of moved) interrupt(resource);
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
      const isShifted = autoshifts.size + withoutPower.size > 0 || shifts.some((one) => status(one) === 'ACTIVE');
      if (isShifted) return sharesOf(region);
      const known = unshifted.get(region) ?? sharesOf(region);
      unshifted.set(region, known);
      return known;
    },
    shiftedZones(region) {
      const away = balancers(region).flatMap((balancer) => applied(balancer) ?? []);
      return [...new Set(away.map((shift) => shift.zone))].sort();
    },
    losePower: (zone) =>
      void withoutPower.set(zone, { startedAt: world.now(), drainSeconds: world.draw('balancer-own-removal') }),
  };
}

/** How long a practice run lasts [AWS, How zonal autoshift and practice runs work]. */
const practiceSeconds = 1_800;

function expectActive(shift: Shift, status: string): void {
  if (status === 'ACTIVE') return;
  throw conflict('ZonalShiftStatusNotActive', `zonal shift ${shift.id} is ${status.toLowerCase()}`, shift.id);
}

/** A refusal for a reason that the service's model names. */
export function invalid(reason: 'InvalidAz' | 'InvalidExpiresIn' | 'InvalidResourceIdentifier', why: string): Error {
  return Object.assign(refusal('ValidationException', why), { reason });
}

function conflict(
  reason: 'ZonalShiftAlreadyExists' | 'ZonalShiftStatusNotActive',
  why: string,
  zonalShiftId: string,
): Error {
  return Object.assign(refusal('ConflictException', why, 409), { reason, zonalShiftId });
}
