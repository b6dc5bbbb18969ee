// Finds the zone that fails while the others are well. A component that fails in every zone says nothing about a zone.
import type { Picture } from './picture.ts';
import type { Plan } from './plan.ts';

export type ZoneEvidence = {
  readonly zone: string;
  readonly since: number;
  readonly components: readonly string[];
  readonly evidence: readonly string[] /** False where most of the other zones' data is missing. */;
  readonly othersSeen: boolean;
};

type Place = { readonly component: string; readonly cause: string; readonly zone: string };

/** The zones of a region with enough evidence of their own, each with the time since when that has been so. */
export function zoneEvidence(picture: Picture, region: string, plan: Plan): ZoneEvidence[] {
  const zones = Object.keys(plan.regions[region]?.zones ?? {});
  return zones.flatMap((zone) => {
    const since = heldSince(picture, (failing) => isZoneFailure(failing, zone, zones, picture, plan));
    if (since === null) return [];
    const components = specificTo(zone, failingAt(picture, Number.POSITIVE_INFINITY));
    const opinions = picture.failing.filter(
      (opinion) => opinion.zone === zone && components.includes(opinion.component),
    );
    const evidence = opinions.sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1)).map((opinion) => opinion.id);
    const darkElsewhere = new Set(
      picture.dark.filter((one) => one.zone !== null && one.zone !== zone).map((one) => one.component),
    );
    return [
      { zone, since, components, evidence, othersSeen: darkElsewhere.size < plan.evidence.telemetryLoss.components },
    ];
  });
}

function isZoneFailure(
  failing: readonly Place[],
  zone: string,
  zones: readonly string[],
  picture: Picture,
  plan: Plan,
): boolean {
  const need = plan.evidence.zone;
  const specific = specificTo(zone, failing);
  const causes = new Set(
    failing.filter((place) => place.zone === zone && specific.includes(place.component)).map((place) => place.cause),
  );
  const enough = picture.noticedZones.has(zone) ? need.componentsWithAwsNotice : need.components;
  // What depends on a database that fails in this zone alone fails everywhere: that says nothing about the other zones.
  const consequences = new Set(specific.flatMap((component) => plan.dependents[component] ?? []));
  const othersWell = zones.every(
    (other) =>
      other === zone ||
      componentsIn(other, failing).filter((component) => !consequences.has(component)).length <=
        need.strayComponentsElsewhere,
  );
  return specific.length >= enough && causes.size >= need.causes && othersWell;
}

function specificTo(zone: string, failing: readonly Place[]): string[] {
  const elsewhere = new Set(failing.filter((place) => place.zone !== zone).map((place) => place.component));
  return componentsIn(zone, failing).filter((component) => !elsewhere.has(component));
}

function componentsIn(zone: string, failing: readonly Place[]): string[] {
  return [...new Set(failing.filter((place) => place.zone === zone).map((place) => place.component))].sort();
}

/** What failed at a time, in zones: what fails since then, and what became healthy only afterwards. */
function failingAt(picture: Picture, time: number): Place[] {
  const places: Place[] = [];
  for (const one of picture.failing)
    if (one.zone !== null && !one.explained && one.since <= time)
      places.push({ component: one.component, cause: one.cause, zone: one.zone });
  for (const one of picture.healed)
    if (one.zone !== null && one.at > time)
      places.push({ component: one.component, cause: one.component, zone: one.zone });
  return places;
}

/** Since when a test has held without a break up to now; null where it does not hold now. */
function heldSince(picture: Picture, test: (failing: readonly Place[]) => boolean): number | null {
  const times = new Set([...picture.failing.map((one) => one.since), ...picture.healed.map((one) => one.at)]);
  let since: number | null = null;
  for (const time of [...times].sort((a, b) => b - a)) {
    if (!test(failingAt(picture, time))) return since;
    since = time;
  }
  return since;
}
