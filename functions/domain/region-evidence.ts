// Evidence that the region fails, and evidence that points there and lacks what would make it a disaster.
import { both, distinct, earliest, type Finding, ids, names, nth, type Witness } from './findings.ts';
import type { Picture, Report } from './picture.ts';
import type { Plan } from './plan.ts';
import type { ZoneEvidence } from './zone-evidence.ts';

/**
 * Level 3: users fail at independent observers, and evidence spans the region, and the platform itself fails.
 * A broken application alone fails its users everywhere; it does not stop control planes or the heartbeat.
 * Where one zone fails by its own evidence, what little fails in the others spans no region.
 */
export function regionFailed(picture: Picture, zonesFailed: readonly ZoneEvidence[], plan: Plan): Finding | null {
  const need = plan.evidence.region;
  const dependencies = nth(picture.probes, need.hardDependencies);
  const heartbeat = picture.heartbeat?.since ?? null;
  const oneZone = zonesFailed.length > 0;
  const zones = nth(oneZone ? darkZones(picture) : failingZones(picture), oneZone ? need.zones - 1 : need.zones);
  const span = earliest(zones, regionalInfrastructure(picture, plan), both(heartbeat, dependencies));
  const platform = earliest(dependencies, heartbeat, sharedInfrastructure(picture, plan));
  const since = both(both(quorum(picture, plan), span), platform);
  if (since === null) return null;
  const where = zones === null ? 'the whole region fails' : 'several zones fail';
  return {
    level: 3,
    zone: null,
    reason: `users fail at ${names(picture.observers)}; ${platformWords(picture)}; ${where}`,
    since,
    confirmSeconds: need.confirmSeconds,
    evidence: ids([
      ...picture.observers,
      ...platformReports(picture),
      ...picture.failing.filter((opinion) => !opinion.explained),
    ]),
    causes: ['region'],
  };
}

/** Evidence that points to a disaster and lacks what would make it one. People look; nothing is done. */
export function notKnown(picture: Picture, plan: Plan): (Finding | null)[] {
  if (quorum(picture, plan) !== null) return [unseenCause(picture, plan)];
  const broad = unknown('several managed services fail in several zones, and users do not', {
    since: sharedInfrastructure(picture, plan),
    evidence: picture.failing,
    plan,
  });
  return [broad, ownSightLost(picture, plan)];
}

/** Users fail at several observers, and what the region says of itself does not tell why. */
function unseenCause(picture: Picture, plan: Plan): Finding | null {
  const need = plan.evidence.region;
  const users = quorum(picture, plan);
  if (users === null) return null;
  const where = `users fail at ${names(picture.observers)}`;
  const platform = earliest(picture.heartbeat?.since ?? null, nth(picture.probes, need.hardDependencies));
  if (platform !== null) {
    const evidence = [...picture.observers, ...platformReports(picture)];
    const reason = `${where}; ${platformWords(picture)}; and too little else is seen to say why`;
    return unknown(reason, { since: both(users, platform), evidence, plan });
  }
  if (picture.failing.length > 0 || picture.probes.length > 0 || picture.released(users)) return null;
  return unknown(`${where}, and nothing in the region says why`, { since: users, evidence: picture.observers, plan });
}

/**
 * Where the one who reports a dead region cannot reach the service either, and nobody else agrees, it is its own sight
 * that is lost.
 */
function ownSightLost(picture: Picture, plan: Plan): Finding | null {
  const platform = platformReports(picture);
  const self = picture.observers.find((observer) => platform.some((report) => report.observer === observer.name));
  if (self === undefined) return null;
  const dependencies = nth(picture.probes, plan.evidence.region.hardDependencies);
  const lost = both(self.since, earliest(dependencies, picture.heartbeat?.since ?? null));
  const reason = `only ${self.name} reports the loss, and others do not: its own sight may be lost`;
  const found = unknown(reason, { since: lost, evidence: [self, ...platform], plan });
  return found === null ? null : { ...found, elsewhere: self.name };
}

type Doubt = { readonly since: number | null; readonly evidence: readonly Witness[]; readonly plan: Plan };

function unknown(reason: string, { since, evidence, plan }: Doubt): Finding | null {
  if (since === null) return null;
  const confirmSeconds = plan.evidence.region.unconfirmedSeconds;
  return { level: 'unknown', zone: null, reason, since, confirmSeconds, evidence: ids(evidence), causes: ['unknown'] };
}

/** Since when as many observers fail as the plan asks for. */
function quorum(picture: Picture, plan: Plan): number | null {
  return nth(
    distinct(picture.observers, (one) => one.name),
    plan.evidence.region.observers,
  );
}

/** Infrastructure components that each fail in several zones, when there are as many as the plan asks for. */
function sharedInfrastructure(picture: Picture, plan: Plan): number | null {
  const broad = plan.infrastructureComponents.flatMap((component) => {
    const inZones = picture.failing.filter((one) => one.component === component && one.zone !== null && !one.explained);
    const since = nth(
      distinct(inZones, (one) => String(one.zone)),
      plan.evidence.region.zones,
    );
    return since === null ? [] : [{ since }];
  });
  return nth(broad, plan.evidence.region.sharedInfrastructure);
}

/** Infrastructure components whose alarms over the whole region fail, when there are as many as the plan asks for. */
function regionalInfrastructure(picture: Picture, plan: Plan): number | null {
  const regional = picture.failing.filter((one) => one.zone === null && !one.explained);
  const infrastructure = regional.filter((one) => plan.infrastructureComponents.includes(one.component));
  return nth(
    distinct(infrastructure, (one) => one.component),
    plan.evidence.region.sharedInfrastructure,
  );
}

type Zone = { readonly name: string; readonly since: number };

/** Zones with a failing component that nothing explains, or without data of at least two components. */
function failingZones(picture: Picture): Zone[] {
  const failing = picture.failing.flatMap((one) =>
    one.zone === null || one.explained ? [] : [{ name: one.zone, since: one.since }],
  );
  return distinct([...failing, ...darkZones(picture)], (zone) => zone.name);
}

function darkZones(picture: Picture): Zone[] {
  const zones = new Set(picture.dark.flatMap((one) => one.zone ?? []));
  return [...zones].flatMap((name) => {
    const blind = picture.dark.filter((one) => one.zone === name);
    const since = nth(
      distinct(blind, (one) => one.component),
      2,
    );
    return since === null ? [] : [{ name, since }];
  });
}

function platformReports(picture: Picture): Report[] {
  return picture.heartbeat === null ? [...picture.probes] : [...picture.probes, picture.heartbeat];
}

function platformWords(picture: Picture): string {
  if (picture.probes.length > 0) return `control planes of ${names(picture.probes)} fail`;
  return picture.heartbeat === null ? 'managed services fail in several zones' : 'the heartbeat is missing';
}
