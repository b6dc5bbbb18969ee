// Finds the zone that fails while the others are well. A component that fails in every zone says nothing about a zone.
import type { Plan } from '../plan/plan.ts';
import { dependentsOf, isBelow, isBeyondApplication } from './explanations.ts';
import { both, distinct, ids, nth } from './indications.ts';
import type { Blind, Opinion, Picture } from './picture.ts';
import { failedBefore, hasBegunToFail, hasJustPassed } from './runs.ts';

export type ZoneEvidence = {
  readonly zone: string;
  readonly since: number;
  /** Since when it is overwhelming, while users are seen to fail; null where it is not. */
  readonly overwhelmingSince: number | null;
  readonly components: readonly string[];
  readonly evidence: readonly string[];
  /** Whether it rests on what the application says of itself, and everybody outside sees users served. */
  readonly contradicted: boolean;
  /** The other zones that may be lost as well, as data of them is missing; empty where they are seen to be well. */
  readonly othersUnseen: readonly string[];
  /** What fails in each other zone, or over the region, where that may be why this one fails: too little fails in it that does not depend on that. */
  readonly dependsOn: readonly string[];
};

type Place = Pick<Opinion, 'component' | 'cause' | 'measures' | 'explained' | 'since'> & { readonly zone: string };

/** Whether something is so of what failed at a time. */
type Test = (failing: readonly Place[], time: number) => boolean;

/** A zone that is looked at, among the zones of its region. */
type Tested = {
  readonly zone: string;
  readonly zones: readonly string[];
  readonly picture: Picture;
  readonly plan: Plan;
};

/** A zone that fails by its own evidence, whatever the others do. */
export type LostZone = Pick<ZoneEvidence, 'zone' | 'since' | 'components'> & {
  readonly opinions: readonly Opinion[];
  /** Its infrastructure that fails, and what of it no application can break, by components. */
  readonly infrastructure: readonly string[];
  readonly unbreakable: readonly string[];
};

/** The zones of a region with enough evidence of their own while the others are well, each with the time since when that has been so. */
export function zoneEvidence(picture: Picture, region: string, plan: Plan, now: number): ZoneEvidence[] {
  const zones = zonesOf(region, plan);
  return zones.flatMap((zone) => {
    const tested = { zone, zones, picture, plan };
    const fails = (failing: readonly Place[]) => isZoneFailure(failing, tested);
    const looksLost = heldSince(picture, zone, fails, now);
    if (looksLost === null) return [];
    const unseen = (failing: readonly Place[]) => unseenBeside(failing, tested);
    const othersUnseen = unseen(failingNow(picture));
    const dependsOn = neededElsewhere(failingNow(picture), now, tested);
    const failsAlone: Test = (failing, time) =>
      fails(failing) && unseen(failing).length === 0 && neededElsewhere(failing, time, tested).length === 0;
    const since = heldSince(picture, zone, failsAlone, now) ?? looksLost;
    const components = specificTo(zone, failingNow(picture));
    const opinions = picture.failing.filter((one) => one.zone === zone && components.includes(one.component));
    const overwhelms: Test = (failing, time) => failsAlone(failing, time) && isOverwhelming(failing, zone, plan);
    const isLast = clearsElsewhere(picture, zone, Math.min(...opinions.map((one) => one.since)));
    const overwhelmingSince = isLast ? null : whileUsersFail(heldSince(picture, zone, overwhelms, now), picture, now);
    const contradicted =
      isServedSince(since, picture, plan, now) &&
      !fails(failingNow(picture).filter((one) => !isOwnWord(one, zone, plan)));
    return [
      { zone, since, overwhelmingSince, components, evidence: ids(opinions), contradicted, othersUnseen, dependsOn },
    ];
  });
}

/**
 * Since when alarms speak of users who fail now; null where nobody outside has just seen them begin to fail, or nobody had before the
 * alarms: these tell of the minutes before they rose.
 */
function whileUsersFail(since: number | null, { lastRuns }: Picture, now: number): number | null {
  const runs = [...lastRuns.values()];
  if (since === null || !runs.some((one) => hasBegunToFail(one, now))) return null;
  return runs.some((one) => failedBefore(one, since)) ? since : null;
}

/** Whether something in another zone has become well, or dark, since a time: a trouble that all zones have is seen in one of them last. */
function clearsElsewhere(picture: Picture, tested: string, time: number): boolean {
  return endedElsewhere(picture, tested).some(({ at }) => at >= time);
}

/** What may have failed in other zones up to a time: it became well then, or gives no data since. */
function endedElsewhere({ healed, halfDark }: Picture, tested: string) {
  const all = [...healed, ...halfDark.map(({ since, ...one }) => ({ ...one, at: since }))];
  return all.flatMap(({ component, zone, at }) => (zone === null || zone === tested ? [] : [{ component, zone, at }]));
}

/** Whether everybody outside has seen every visit answered since a time, and nobody has seen one fail. */
function isServedSince(time: number, { lastRuns }: Picture, { roles }: Plan, now: number): boolean {
  return [roles.standby, ...roles.observers].every((observer) => {
    const runs = lastRuns.get(observer);
    return runs?.tellsAll === true && hasJustPassed(runs, now) && runs.passedAt > time && runs.failedAt <= time;
  });
}

/** Whether it is what the application says of its requests in a zone, and not what it says with the nodes that it runs on. */
function isOwnWord({ zone, component, cause }: Place, tested: string, plan: Plan): boolean {
  return zone === tested && cause === component && plan.explanations.release.components.includes(component);
}

/**
 * More causes fail there, and there alone, than are needed, one of them what no application can break, and nothing at all fails in another
 * zone: alarms of a trouble that all zones have rise within a minute of each other, and not in one zone first.
 */
function isOverwhelming(failing: readonly Place[], zone: string, plan: Plan): boolean {
  const causes = new Set(failing.flatMap(({ cause, explained }) => (explained ? [] : cause)));
  const isAlone = failing.every((place) => place.zone === zone || place.explained);
  return (
    isAlone &&
    causes.size > plan.evidence.zone.causes &&
    failing.some((one) => !one.explained && isBeyondApplication(one, plan))
  );
}

/**
 * The zones where as many components with as many causes fail as the plan asks for, one of them infrastructure. What an application
 * can break by itself is known from what a release can; a component that fails in several zones counts in each. What outlasts planned work
 * may be a loss of its own.
 */
export function zonesLost(picture: Picture, region: string, plan: Plan): LostZone[] {
  const need = plan.evidence.zone;
  return zonesOf(region, plan).flatMap((zone) => {
    const opinions = picture.failing.filter((one) => one.zone === zone && (!one.explained || one.overdue));
    const infrastructure = opinions.filter((one) => isBelow(one.component, plan));
    const since = both(
      both(
        nth(
          distinct(opinions, (one) => one.component),
          need.components,
        ),
        nth(
          distinct(opinions, (one) => one.cause),
          need.causes,
        ),
      ),
      nth(infrastructure, 1),
    );
    if (since === null) return [];
    const unbreakable = opinions.filter((one) => isBeyondApplication(one, plan));
    const named = (some: readonly Opinion[]) => [...new Set(some.map((one) => one.component))].sort();
    return [
      {
        zone,
        since,
        components: named(opinions),
        opinions,
        infrastructure: named(infrastructure),
        unbreakable: named(unbreakable),
      },
    ];
  });
}

/**
 * The zones that would be held for failed, if a release or planned work did not explain a part of it, and where
 * infrastructure fails that it does not explain, or not any more.
 */
export function zonesPartlyExplained(picture: Picture, region: string, plan: Plan, now: number): ZoneEvidence[] {
  if (picture.failing.every((one) => !one.explained)) return [];
  const unexplained = picture.failing.filter(
    (one) => plan.infrastructureComponents.includes(one.component) && (!one.explained || one.overdue),
  );
  const asIfUnexplained = { ...picture, failing: picture.failing.map((one) => ({ ...one, explained: false })) };
  return zoneEvidence(asIfUnexplained, region, plan, now).filter(({ zone }) =>
    unexplained.some((one) => one.zone === zone),
  );
}

/**
 * The zones where too little fails to be sure, and enough of the rest gives no data that the zone may be lost. At least
 * one component must fail there, or AWS itself have spoken of the zone.
 */
export function zonesHalfSeen(picture: Picture, region: string, plan: Plan): ZoneEvidence[] {
  const zones = zonesOf(region, plan);
  const need = plan.evidence.zone;
  const now = failingNow(picture);
  return zones.flatMap((zone) => {
    if (!othersWell(now, zone, zones, plan) || !seesOthers(zone, picture, plan)) return [];
    const failing = specificTo(zone, now);
    if (failing.length === 0 && !picture.noticedZones.has(zone)) return [];
    const darkElsewhere = new Set(picture.dark.filter((one) => one.zone !== zone).map((one) => one.component));
    const silent = picture.dark.filter((one) => !darkElsewhere.has(one.component));
    const failed = picture.failing.filter((one) => one.zone === zone && failing.includes(one.component));
    if (silent.length === 0) return [];
    const together = distinct([...silent, ...failed], (one) => one.component);
    const since = nth(together, need.components);
    if (since === null) return [];
    const components = together.map((one) => one.component).sort();
    const evidence = ids([...silent, ...failed]);
    return [
      {
        zone,
        since,
        overwhelmingSince: null,
        components,
        evidence,
        contradicted: false,
        othersUnseen: [],
        dependsOn: [],
      },
    ];
  });
}

function isZoneFailure(failing: readonly Place[], { zone, zones, picture, plan }: Tested): boolean {
  const need = plan.evidence.zone;
  const specific = specificTo(zone, failing);
  const here = failing.filter((place) => !place.explained && specific.includes(place.component));
  const causes = new Set(here.map((place) => place.cause));
  const enough = picture.noticedZones.has(zone) ? need.componentsWithAwsNotice : need.components;
  return specific.length >= enough && causes.size >= need.causes && othersWell(failing, zone, zones, plan);
}

function othersWell(failing: readonly Place[], zone: string, zones: readonly string[], plan: Plan): boolean {
  const allowed = plan.evidence.zone.strayComponentsElsewhere;
  return zones.every((other) => other === zone || straysIn(other, zone, failing, plan).length <= allowed);
}

/** What fails in another zone and does not only depend on what fails in the tested one alone: that says nothing about the other. */
function straysIn(other: string, tested: string, failing: readonly Place[], plan: Plan): string[] {
  const consequences = new Set(specificTo(tested, failing).flatMap((component) => dependentsOf(component, plan)));
  return componentsIn(other, failing).filter((component) => !consequences.has(component));
}

/**
 * The other zones that may be lost as well, or are not well: all that give no data where most of the data is missing; each of which as much
 * gives no data at all as would make a lost zone, or does so together with what fails there; and each that is worked on, or where more than
 * strays outlast such work. Zones that two lost databases have in common look so, and the one that is left, which is asked for all, fails by what
 * it says of its requests.
 */
function unseenBeside(failing: readonly Place[], { zone, zones, picture, plan }: Tested): string[] {
  const isMissing = !seesOthers(zone, picture, plan);
  const { components: need, strayComponentsElsewhere } = plan.evidence.zone;
  return zones.filter((other) => {
    if (other === zone) return false;
    const isThere = (one: Blind | Opinion) => one.zone === other;
    const overdue = picture.failing.flatMap((one) => (isThere(one) && one.overdue ? one.component : []));
    if (new Set(overdue).size > strayComponentsElsewhere) return true;
    if (picture.inWork.has(other) && (picture.failing.some(isThere) || picture.halfDark.some(isThere))) return true;
    const silent = picture.halfDark.filter(isThere).map((one) => one.component);
    if (silent.length === 0) return false;
    const strays = straysIn(other, zone, failing, plan);
    const isDark = new Set(picture.dark.filter(isThere).map((one) => one.component)).size >= need;
    return isMissing || isDark || (strays.length > 0 && new Set([...strays, ...silent]).size >= need);
  });
}

/**
 * What fails outside of this zone, in each of the others or over the region, or is failed over by AWS just now, and without whose dependents
 * too little fails in this one: where the other zones are lost, they are asked for nothing, and what depends on it fails in the one that is
 * left alone. Nothing where enough fails by itself, or something that no application can break.
 */
function neededElsewhere(failing: readonly Place[], time: number, { zone, zones, picture, plan }: Tested): string[] {
  const specific = specificTo(zone, failing);
  const isSpecific = (one: Place) => !one.explained && specific.includes(one.component);
  if (failing.some((one) => isSpecific(one) && isBeyondApplication(one, plan))) return [];
  const everywhere = picture.failing.flatMap((one) => (one.zone === null && !one.explained ? one.component : []));
  const moving = picture.failovers.flatMap(({ component, from, until }) =>
    from <= time && time < until ? component : [],
  );
  const overall = [...everywhere, ...moving];
  const elsewhere = failing.flatMap((one) => (one.zone === zone || one.explained ? [] : one.component));
  const needed = [...new Set([...overall, ...elsewhere])]
    .filter((component) => dependentsOf(component, plan).length > 0 && !specific.includes(component))
    .sort();
  const isWithout = (other: string) => {
    const blind = picture.halfDark.flatMap((one) => (one.zone === other ? one.component : []));
    const lost = [...overall, ...componentsIn(other, failing), ...blind];
    return needed.some((component) => lost.includes(component));
  };
  if (!zones.every((other) => other === zone || isWithout(other))) return [];
  const dependents = new Set(needed.flatMap((component) => dependentsOf(component, plan)));
  const others = failing.filter((place) => place.zone !== zone || !dependents.has(place.component));
  return isZoneFailure(others, { zone, zones, picture, plan }) ? [] : needed;
}

/** Whether enough of the other zones gives data to say that they are well. */
function seesOthers(zone: string, picture: Picture, plan: Plan): boolean {
  const elsewhere = picture.dark.filter((one) => one.zone !== null && one.zone !== zone);
  return new Set(elsewhere.map((one) => one.component)).size < plan.evidence.telemetryLoss.components;
}

function zonesOf(region: string, plan: Plan): string[] {
  return Object.keys(plan.regions[region]?.zones ?? {});
}

/** Alarms of a trouble that all zones have rise so soon after each other: the minute of a metric, and its evaluation. */
const togetherMs = 120_000;

/**
 * What fails in a zone and in no other. What a release explains in another zone fails there all the same: where both began together, they are one
 * trouble. What has failed there since an earlier release is another one.
 */
function specificTo(zone: string, failing: readonly Place[]): string[] {
  return componentsIn(zone, failing).filter((component) => {
    const all = failing.filter((place) => place.component === component);
    const since = Math.min(...all.flatMap((one) => (one.zone === zone && !one.explained ? one.since : [])));
    const isSame = (one: Place) => !one.explained || Math.abs(one.since - since) <= togetherMs;
    return !all.some((one) => one.zone !== zone && isSame(one));
  });
}

function componentsIn(zone: string, failing: readonly Place[]): string[] {
  return [...new Set(failing.flatMap((one) => (one.zone === zone && !one.explained ? one.component : [])))].sort();
}

/** What fails in zones; of a zone that is worked on only what the work does not explain: that is a cause of that zone's own. */
function failingNow({ failing, inWork }: Picture): Place[] {
  return failing.flatMap(({ component, cause, zone, explained, overdue, measures, since }) =>
    zone === null || (explained && (overdue || inWork.has(zone)))
      ? []
      : [{ component, cause, zone, explained, measures, since }],
  );
}

/**
 * What failed at a time, as far as it speaks for or against a zone: what has failed since, and in other zones what
 * became healthy or dark only afterwards. That something healed in the zone itself is no evidence that it had failed long.
 */
function failingAt(picture: Picture, time: number, tested: string): Place[] {
  const lasting = failingNow({ ...picture, failing: picture.failing.filter((one) => one.since <= time) });
  const ended = endedElsewhere(picture, tested).filter(({ at }) => at > time);
  return [
    ...lasting,
    ...ended.map(({ component, zone }) => ({
      ...{ component, cause: component, zone, explained: false, measures: [], since: time },
    })),
  ];
}

/** Since when a test has held without a break up to now; null where it does not hold now. */
function heldSince(picture: Picture, zone: string, test: Test, now: number): number | null {
  const begun = [...picture.failing, ...picture.halfDark].map((one) => one.since);
  const moved = picture.failovers.flatMap(({ from, until }) => [from, until]).filter((time) => time <= now);
  const times = new Set([...begun, ...picture.healed.map(({ at }) => at), ...moved]);
  let since: number | null = null;
  for (const time of [...times].sort((a, b) => b - a)) {
    if (!test(failingAt(picture, time, zone), time)) return since;
    since = time;
  }
  return since;
}
