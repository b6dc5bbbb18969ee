// Evidence that the region fails, and evidence that points there and lacks what would make it a disaster.
import type { Plan } from '../plan/plan.ts';
import { isBelow } from './explanations.ts';
import {
  both,
  distinct,
  earliest,
  type Indication,
  type IndicationName,
  ids,
  names,
  nth,
  type Witness,
} from './indications.ts';
import type { Opinion, Picture } from './picture.ts';
import type { Report } from './runs.ts';
import type { LostZone, ZoneEvidence } from './zone-evidence.ts';

/**
 * Level 3: users fail at independent observers, and evidence spans the region, and the platform itself fails; or several zones are
 * lost, each by its own evidence. A broken application alone fails its users everywhere; it does not stop control planes or the
 * heartbeat, and takes no nodes, caches and databases away. Where one zone fails by its own evidence, what little fails in the
 * others spans no region.
 */
export function regionFailed(
  picture: Picture,
  { zonesFailed, zonesLost }: FailedZones,
  plan: Plan,
  now: number,
): Indication | null {
  const need = plan.evidence.region;
  const dependencies = nth(picture.probes, need.hardDependencies);
  const heartbeat = picture.heartbeat?.since ?? null;
  // Beats that do not come say nothing alone, and beside control planes what the alarm says later.
  const beats = earliest(heartbeat, picture.missedBeat?.since ?? null);
  const silent = believed(silence(beats, picture, plan), picture, plan, now);
  const oneZone = zonesFailed.length > 0;
  const zones = nth(oneZone ? darkZones(picture) : failingZones(picture), oneZone ? need.zones - 1 : need.zones);
  // That nothing is heard of a region speaks of the way as well: where somebody outside sees users well, it is the way.
  const unheard = picture.seeingWell.length === 0 ? silent : null;
  // An alarm over the region on what fails in one zone alone says the same once more.
  const ofZones = new Set(zonesFailed.flatMap(({ components }) => components));
  const span = earliest(zones, regionalInfrastructure(picture, ofZones, plan), unheard);
  // What a release breaks is the application, and no failure of the platform.
  const below = picture.failing.filter((one) => isBelow(one.component, plan));
  const platform = earliest(dependencies, heartbeat, sharedInfrastructure(below, plan));
  const lost = severalLost(zonesLost, plan);
  const since = both(quorum(picture, plan), earliest(both(span, platform), lost?.isSure === true ? lost.since : null));
  if (since === null) return null;
  const where = zones === null ? 'the whole region fails' : 'several zones fail';
  const platformFails = lost === null || platformReports(picture).length > 0;
  return {
    name: 'region-lost',
    level: 3,
    zone: null,
    reason: [
      `users fail, as seen from ${names(picture.observers)}`,
      ...(platformFails ? [platformWords(picture)] : []),
      lost?.words ?? where,
    ].join('; '),
    since,
    confirmSeconds: need.confirmSeconds,
    overwhelming: overwhelming(picture, silent, plan),
    evidence: ids([
      ...picture.observers,
      ...platformReports(picture),
      ...picture.failing.filter((opinion) => !opinion.explained),
    ]),
    causes: ['region'],
  };
}

/** Since when neither beats, which have not come since a time, nor control planes are heard of. */
function silence(beats: number | null, picture: Picture, plan: Plan): number | null {
  return both(beats, nth(picture.probes, plan.evidence.region.hardDependencies));
}

/**
 * Since when such a silence counts for the region's; null where it does not. Where a visit from outside has just been answered, be it one
 * of ten, the region is there and it is the way that is silent. That may be forged, and counts against it for so long and no longer.
 */
function believed(silent: number | null, { answered }: Picture, plan: Plan, now: number): number | null {
  if (silent === null || answered.length === 0) return silent;
  const since = silent + plan.evidence.region.unconfirmedSeconds * 1000;
  return since <= now ? since : null;
}

/** Everybody who looks agrees, and by all means: users fail at every outside observer, the heartbeat is missing and control planes fail. */
function overwhelming(
  picture: Picture,
  platform: number | null,
  plan: Plan,
): NonNullable<Indication['overwhelming']> | null {
  const outside = plan.roles.observers.length + 1; // and the standby
  const all = nth(
    distinct(picture.observers, (one) => one.name),
    outside,
  );
  const since = both(all, platform);
  return since === null ? null : { since, confirmSeconds: plan.evidence.region.overwhelmingSeconds };
}

/** Zones that fail while the others are well, and zones that fail by their own evidence, whatever the others do. */
export type FailedZones = {
  readonly zonesFailed: readonly ZoneEvidence[];
  readonly zonesLost: readonly LostZone[];
};

/**
 * Several zones, each lost by its own evidence. It is sure where infrastructure says so that an application cannot break, in each
 * zone and of several components: one that fails alike everywhere is that component's trouble.
 */
function severalLost(zonesLost: readonly LostZone[], plan: Plan) {
  const need = plan.evidence.region.zones;
  const since = nth(zonesLost, need);
  if (since === null) return null;
  const sure = zonesLost.filter(({ unbreakable }) => unbreakable.length > 0);
  const components = new Set(sure.flatMap(({ infrastructure }) => infrastructure));
  // What fails alike in every zone that there is may be one thing's trouble, such as that of a database: without it as many must be left.
  const zones = Object.values(plan.regions).find((one) =>
    zonesLost.every(({ zone }) => Object.hasOwn(one.zones, zone)),
  );
  const isAll = zonesLost.length === Object.keys(zones?.zones ?? {}).length;
  const isAlike = (one: string) => isAll && zonesLost.every(({ infrastructure }) => infrastructure.includes(one));
  const alike = [...components].filter(isAlike);
  const stands = (but: string) =>
    sure.filter(({ unbreakable }) => unbreakable.some((one) => one !== but)).length >= need;
  const sureSince = components.size >= 2 && alike.every(stands) ? nth(sure, need) : null;
  return {
    since: sureSince ?? since,
    isSure: sureSince !== null,
    words: zonesLost.map(({ zone, components: failing }) => `${failing.join(', ')} fail in ${zone}`).join('; '),
    evidence: zonesLost.flatMap(({ opinions }) => opinions),
  };
}

/** Evidence that points to a disaster and lacks what would make it one. People look; nothing is done. */
export function notKnown(picture: Picture, { zonesLost }: FailedZones, plan: Plan, now: number): (Indication | null)[] {
  const several = severalLost(zonesLost, plan);
  const users = quorum(picture, plan);
  const doubt =
    users === null
      ? 'Breakwater cannot tell whether users fail, and why'
      : `users fail, as seen from ${names(picture.observers)}, and Breakwater cannot tell why`;
  const lost = unknown('zones-lost', `${several?.words ?? ''}; ${doubt}`, {
    since: several?.since ?? null,
    evidence: several?.evidence ?? [],
    plan,
  });
  if (users !== null) return [lost, unseenCause(picture, users, plan, now)];
  const broad = unknown(
    'services-fail-users-well',
    'several managed services fail in several zones, and users do not',
    {
      since: sharedInfrastructure(picture.failing, plan),
      evidence: picture.failing,
      plan,
    },
  );
  return [lost, broad, ownSightLost(picture, plan), nobodySees(picture, plan)];
}

/** Users fail at several observers, and what the region says of itself does not tell why. */
function unseenCause(picture: Picture, users: number, plan: Plan, now: number): Indication | null {
  const need = plan.evidence.region;
  const where = `users fail, as seen from ${names(picture.observers)}`;
  const cutOff = cutOffOrLost(picture, users, where, plan);
  if (cutOff !== null) return cutOff;
  const platform = earliest(picture.heartbeat?.since ?? null, nth(picture.probes, need.hardDependencies));
  if (platform !== null) {
    const evidence = [...picture.observers, ...platformReports(picture)];
    const reason = `${where}; ${platformWords(picture)}; Breakwater sees too little to say why`;
    return unknown('users-fail-platform-fails', reason, { since: both(users, platform), evidence, plan });
  }
  if (picture.failing.length > 0 || picture.probes.length > 0) return null;
  // The canaries of users are the last to clear: what explained their failure goes on explaining it for its time.
  const explained = picture.explainsUsers(users);
  if (explained !== null && explained >= now) return null;
  return unknown('users-fail-unexplained', `${where}, and nothing in the region says why`, {
    since: explained === null ? users : explained + 1,
    evidence: picture.observers,
    plan,
  });
}

/**
 * Nothing is heard of the region where it is listened for, and users fail; but what runs in it says itself that it is alive, or it answers
 * some visits. A dead region does neither: it may be the way there, for some of those who look or for all. People look as soon as they
 * would have been asked.
 */
function cutOffOrLost(picture: Picture, users: number, where: string, plan: Plan): Indication | null {
  const { heartbeat, doubtedHeartbeat: doubted, missedBeat, probes, seeingWell, answered } = picture;
  const heard = heartbeat ?? doubted;
  const silent = silence(earliest(heard?.since ?? null, missedBeat?.since ?? null), picture, plan);
  if (seeingWell.length > 0) return null;
  const alive = [
    ...(doubted === null ? [] : ['the region itself says that it is alive']),
    ...(answered.length === 0 ? [] : [`visits from ${answered.join(', ')} are answered in part`]),
  ];
  if (alive.length === 0) return null;
  const { confirmSeconds } = plan.evidence.region;
  const reason = `${where}; AWS's control planes of ${names(probes)} fail, and the heartbeat is missing; but ${alive.join(', and ')}`;
  const evidence = [...picture.observers, ...platformReports(picture)];
  const found = unknown('region-lost-or-cut-off', reason, { since: both(users, silent), evidence, plan });
  return found === null ? null : { ...found, confirmSeconds, overwhelming: overwhelming(picture, silent, plan) };
}

/**
 * Where the one who reports a dead region cannot reach the service either, or is told nothing any more, and nobody else agrees, it is
 * its own sight that is lost.
 */
function ownSightLost(picture: Picture, plan: Plan): Indication | null {
  const platform = [...platformReports(picture), ...picture.silentPlatform];
  const observers = [...picture.observers, ...picture.silentObservers];
  const self = observers.find((observer) => platform.some((report) => report.observer === observer.name));
  if (self === undefined) return null;
  const lost = both(self.since, platformSince(platform, plan));
  const reason = `only ${self.name} reports the loss, and the other observers do not: ${self.name} may have lost its own sight`;
  const found = unknown('own-sight-lost', reason, { since: lost, evidence: [self, ...platform], plan });
  return found === null ? null : { ...found, elsewhere: self.name };
}

/** Since when the heartbeat, or as many control planes as the plan asks for, are among these. */
function platformSince(reports: readonly Report[], plan: Plan): number | null {
  const heartbeat = reports.find(({ name }) => name === 'heartbeat')?.since ?? null;
  // That the heartbeat is among them changes nothing: it counts alone, and no later.
  const services = distinct(reports, (one) => one.name);
  return earliest(heartbeat, nth(services, plan.evidence.region.hardDependencies));
}

/**
 * No observer tells of users, and the region is not heard of in another way either: whoever reads this is deaf, or the region is
 * gone. Silence is never a small trouble. An observer that fails beside silent ones is not contradicted by anybody.
 */
function nobodySees(picture: Picture, plan: Plan): Indication | null {
  const need = plan.evidence.region;
  const { silentObservers, observers, silentPlatform } = picture;
  const unseen = nth(
    distinct([...silentObservers, ...observers], (one) => one.name),
    need.observers,
  );
  if (unseen === null || picture.usersSeenWell || picture.lastPassedAt > unseen) return null;
  const silent = distinct([...platformReports(picture), ...silentPlatform], (one) => one.name);
  const evidence = [...silentObservers, ...observers, ...silent];
  const says =
    observers.length === 0
      ? 'no observer tells whether users are served'
      : `only ${names(observers)} tells about users, and users fail there`;
  const found = unknown('nobody-sees-users', `${says}; ${names(silent)} fail or are silent`, {
    since: both(unseen, platformSince(silent, plan)),
    evidence,
    plan,
  });
  const at = silent[0]?.observer;
  return found === null || at === undefined ? found : { ...found, elsewhere: at };
}

type Doubt = { readonly since: number | null; readonly evidence: readonly Witness[]; readonly plan: Plan };

function unknown(name: IndicationName, reason: string, { since, evidence, plan }: Doubt): Indication | null {
  if (since === null) return null;
  return {
    name,
    level: 'unknown',
    zone: null,
    reason,
    since,
    confirmSeconds: plan.evidence.region.unconfirmedSeconds,
    evidence: ids(evidence),
    causes: ['unknown'],
  };
}

/** Whether control planes, as many as the plan asks for, or the heartbeat fail now. */
export function platformFails({ probes, heartbeat }: Picture, plan: Plan): boolean {
  return heartbeat !== null || probes.length >= plan.evidence.region.hardDependencies;
}

/** Since when as many observers fail as the plan asks for. */
function quorum(picture: Picture, plan: Plan): number | null {
  return nth(
    distinct(picture.observers, (one) => one.name),
    plan.evidence.region.observers,
  );
}

/** Infrastructure components that each fail in several zones, when there are as many as the plan asks for. */
function sharedInfrastructure(failing: readonly Opinion[], plan: Plan): number | null {
  const broad = plan.infrastructureComponents.flatMap((component) => {
    const inZones = failing.filter((one) => one.component === component && one.zone !== null && !one.explained);
    const since = nth(
      distinct(inZones, (one) => String(one.zone)),
      plan.evidence.region.zones,
    );
    return since === null ? [] : [{ since }];
  });
  return nth(broad, plan.evidence.region.sharedInfrastructure);
}

/** Infrastructure components, but for some, whose alarms over the whole region fail, when there are as many as the plan asks for. */
function regionalInfrastructure(picture: Picture, besides: ReadonlySet<string>, plan: Plan): number | null {
  const regional = picture.failing.filter((one) => one.zone === null && !one.explained && !besides.has(one.component));
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
  if (picture.probes.length > 0) return `AWS's control planes of ${names(picture.probes)} fail`;
  return picture.heartbeat === null ? 'managed services fail in several zones' : 'the heartbeat is missing';
}
