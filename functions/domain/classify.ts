// Says what the signals about a region, taken together, mean: level, scope and evidence. Decides nothing.
// What each signal can and cannot prove is written down in docs/decisions/0005-evidence.md.
import { drawPicture, type Picture, type Report } from './picture.ts';
import type { Plan } from './plan.ts';
import type { Classification, Level, Signal } from './types.ts';
import { type ZoneEvidence, zoneEvidence } from './zone-evidence.ts';

/** Evidence for a level: true since a time, and to be believed once it has held for the confirmation time. */
type Finding = {
  readonly level: Exclude<Level, 0>;
  readonly zone: string | null /** The region to name instead of the classified one. */;
  readonly elsewhere?: string;
  readonly reason: string;
  readonly since: number;
  readonly confirmSeconds: number;
  readonly evidence: readonly string[];
  readonly causes: readonly string[];
};

/** How strong a level is. A hold on incomplete evidence is stronger than a message and weaker than acting. */
export function rank(level: Level): number {
  return { 0: 0, 1: 1, unknown: 2, 2: 3, 3: 4 }[level];
}

/**
 * Classifies a region at a time (milliseconds). Total: any set of signals gives an answer; their order and repetition
 * do not matter, and leaving out what an observer says never raises the level.
 */
export function classify(signals: Iterable<Signal>, region: string, plan: Plan, now: number): Classification {
  const picture = drawPicture(signals, region, plan, now);
  const findings = [
    regionFailed(picture, plan),
    ...zoneEvidence(picture, region, plan).map((zone) => zoneFailed(zone, plan)),
    ...notKnown(picture, plan),
    ...degraded(picture, plan, now),
  ].filter((finding) => finding !== null);
  const confirmedAt = (finding: Finding) => finding.since + finding.confirmSeconds * 1000;
  const strongest = findings.filter((finding) => confirmedAt(finding) <= now).sort(byStrength)[0];
  const level = strongest?.level ?? 0;
  const forming = findings.filter((finding) => confirmedAt(finding) > now);
  const rising = forming.filter((finding) => rank(finding.level) > rank(level)).sort(byStrength)[0]?.level ?? null;
  const wellSince = findings.length === 0 && picture.failing.length === 0 ? wellFrom(picture) : null;
  const times = [...forming.map(confirmedAt), ...aboutToEnd(picture, plan, now)];
  if (wellSince !== null) times.push(wellSince + plan.evidence.recoverySeconds * 1000);
  const next = times.filter((time) => time > now);
  return {
    region,
    level,
    scope: { region: strongest?.elsewhere ?? region, zone: strongest?.zone ?? null },
    reason: strongest?.reason ?? (wellSince === null ? 'what fails has not held long enough' : 'nothing fails'),
    evidence: strongest?.evidence ?? [],
    causes: strongest?.causes ?? [],
    rising,
    since: strongest?.since ?? null,
    wellSince,
    lookAgainAt: next.length === 0 ? null : Math.min(...next),
  };
}

function byStrength(a: Finding, b: Finding): number {
  return rank(b.level) - rank(a.level) || a.since - b.since;
}

/**
 * Level 3: users fail at independent observers, and evidence spans the region, and the platform itself fails.
 * A broken application alone fails its users everywhere; it does not stop control planes or the heartbeat.
 */
function regionFailed(picture: Picture, plan: Plan): Finding | null {
  const need = plan.evidence.region;
  const users = nth(distinct(picture.observers), need.observers);
  const zones = nth(failingZones(picture), need.zones);
  const dependencies = nth(picture.probes, need.hardDependencies);
  const heartbeat = picture.heartbeat?.since ?? null;
  const span = earliest(zones, both(heartbeat, dependencies));
  const platform = earliest(dependencies, heartbeat, sharedInfrastructure(picture, plan));
  const since = both(both(users, span), platform);
  if (since === null) return null;
  const reports = [...picture.observers, ...picture.probes, ...(picture.heartbeat === null ? [] : [picture.heartbeat])];
  return {
    level: 3,
    zone: null,
    reason: `users fail at ${names(picture.observers)}; ${platformWords(picture)}; ${zones === null ? 'no heartbeat' : 'several zones fail'}`,
    since,
    confirmSeconds: need.confirmSeconds,
    evidence: ids([...reports, ...picture.failing.filter((opinion) => !opinion.explained)]),
    causes: ['region'],
  };
}

/** Level 2, or unknown where the other zones cannot be seen. */
function zoneFailed(found: ZoneEvidence, plan: Plan): Finding {
  const reason = `${found.components.join(', ')} fail in ${found.zone}`;
  return {
    level: found.othersSeen ? 2 : 'unknown',
    zone: found.zone,
    reason: found.othersSeen ? `${reason}, the other zones are well` : `${reason}, and the other zones give no data`,
    since: found.since,
    confirmSeconds: plan.evidence.zone.confirmSeconds,
    evidence: found.evidence,
    causes: found.components,
  };
}

/** Evidence that points to a disaster and lacks what would make it one. People look; nothing is done. */
function notKnown(picture: Picture, plan: Plan): (Finding | null)[] {
  const need = plan.evidence.region;
  const quorum = nth(distinct(picture.observers), need.observers);
  const finding = (
    reason: string,
    since: number | null,
    evidence: readonly { id: string; since: number }[],
  ): Finding | null =>
    since === null
      ? null
      : {
          level: 'unknown',
          zone: null,
          reason,
          since,
          confirmSeconds: need.unconfirmedSeconds,
          evidence: ids(evidence),
          causes: ['unknown'],
        };
  if (quorum !== null) {
    const silent =
      picture.failing.length === 0 &&
      picture.probes.length === 0 &&
      picture.heartbeat === null &&
      !picture.releasedRecently;
    return silent
      ? [
          finding(
            `users fail at ${names(picture.observers)}, and nothing in the region says why`,
            quorum,
            picture.observers,
          ),
        ]
      : [];
  }
  const broad = finding(
    'several managed services fail in several zones, and users do not',
    sharedInfrastructure(picture, plan),
    picture.failing,
  );
  // Where the one who reports a dead region cannot reach the service either, and nobody else agrees, it is its own sight that is lost.
  const platform = [...picture.probes, ...(picture.heartbeat === null ? [] : [picture.heartbeat])];
  const self = picture.observers.find((observer) => platform.some((report) => report.observer === observer.name));
  const lost = both(
    self?.since ?? null,
    earliest(nth(picture.probes, need.hardDependencies), picture.heartbeat?.since ?? null),
  );
  if (self === undefined) return [broad];
  const blind = finding(`only ${self.name} reports the loss, and others do not: its own sight may be lost`, lost, [
    self,
    ...platform,
  ]);
  return [broad, blind === null ? null : { ...blind, elsewhere: self.name }];
}

/** Level 1: something is wrong that people should know of, and nothing is to be moved. */
function degraded(picture: Picture, plan: Plan, now: number): (Finding | null)[] {
  const { degradation, region, telemetryLoss, recoverySeconds } = plan.evidence;
  const zones = new Set(picture.failing.flatMap((opinion) => opinion.zone ?? []));
  const zone = zones.size === 1 ? ([...zones][0] ?? null) : null;
  const causes = distinct(picture.failing.map((opinion) => ({ ...opinion, name: opinion.cause })));
  const finding = (
    reason: string,
    since: number | null,
    confirmSeconds: number,
    evidence: readonly { id: string; since: number }[],
    names: readonly string[],
  ): Finding | null =>
    since === null ? null : { level: 1, zone, reason, since, confirmSeconds, evidence: ids(evidence), causes: names };
  const several = nth(causes, degradation.components);
  const causeNames = causes.map((cause) => cause.name).sort();
  const observers = distinct(picture.observers);
  const observersWords = `users fail at ${names(observers)}`;
  const probesWords = `control planes of ${names(picture.probes)} fail`;
  const recent = picture.happenings
    .filter((happening) => now - happening.at < recoverySeconds * 1000)
    .map((happening) => ({ ...happening, since: happening.at }));
  const darkComponents = nth(
    distinct(picture.dark.map((one) => ({ ...one, name: one.component }))),
    telemetryLoss.components,
  );
  const darkZones = nth(
    distinct(picture.dark.flatMap((one) => (one.zone === null ? [] : [{ ...one, name: one.zone }]))),
    telemetryLoss.zones,
  );
  return [
    finding(`${causeNames.join(', ')} fail`, several, degradation.confirmSeconds, picture.failing, causeNames),
    finding(`${causeNames[0]} fails`, nth(causes, 1), degradation.aloneSeconds, picture.failing, causeNames),
    finding(observersWords, nth(observers, region.observers), degradation.confirmSeconds, observers, ['users']),
    finding(observersWords, nth(observers, 1), degradation.aloneSeconds, observers, ['users']),
    finding(probesWords, nth(picture.probes, region.hardDependencies), degradation.confirmSeconds, picture.probes, [
      'control-plane',
    ]),
    finding(probesWords, nth(picture.probes, 1), degradation.aloneSeconds, picture.probes, ['control-plane']),
    finding(
      'the heartbeat is missing',
      picture.heartbeat?.since ?? null,
      degradation.confirmSeconds,
      picture.heartbeat === null ? [] : [picture.heartbeat],
      ['heartbeat'],
    ),
    finding(
      'the replica lags behind or does not report',
      picture.replica?.since ?? null,
      degradation.confirmSeconds,
      picture.replica === null ? [] : [picture.replica],
      ['replica'],
    ),
    finding(
      'the alarms of several zones have no data: automation is half blind',
      both(darkComponents, darkZones),
      degradation.confirmSeconds,
      picture.dark,
      ['telemetry'],
    ),
    finding(recent[0]?.what ?? '', nth(recent, 1), degradation.confirmSeconds, recent, ['aws-event']),
  ];
}

/** Infrastructure components that each fail in several zones, when there are as many as the plan asks for. */
function sharedInfrastructure(picture: Picture, plan: Plan): number | null {
  const broad = plan.infrastructureComponents.flatMap((component) => {
    const zones = picture.failing
      .filter((opinion) => opinion.component === component && opinion.zone !== null && !opinion.explained)
      .map((opinion) => ({ ...opinion, name: opinion.zone ?? '' }));
    const since = nth(distinct(zones), plan.evidence.region.zones);
    return since === null ? [] : [{ since }];
  });
  return nth(broad, plan.evidence.region.sharedInfrastructure);
}

/** Zones with a failing component that nothing explains, or without data of at least two components. */
function failingZones(picture: Picture): { name: string; since: number }[] {
  const failing = picture.failing.flatMap((one) =>
    one.zone === null || one.explained ? [] : [{ name: one.zone, since: one.since }],
  );
  const zones = new Set(picture.dark.flatMap((one) => (one.zone === null ? [] : [one.zone])));
  const dark = [...zones].flatMap((zone) => {
    const since = nth(
      distinct(picture.dark.filter((one) => one.zone === zone).map((one) => ({ ...one, name: one.component }))),
      2,
    );
    return since === null ? [] : [{ name: zone, since }];
  });
  return distinct([...failing, ...dark]);
}

function platformWords(picture: Picture): string {
  if (picture.probes.length > 0) return `control planes of ${names(picture.probes)} fail`;
  return picture.heartbeat === null ? 'managed services fail in several zones' : 'the heartbeat is missing';
}

/** What happened once stops being news; the classification may change then. */
function aboutToEnd(picture: Picture, plan: Plan, now: number): number[] {
  const span = plan.evidence.recoverySeconds * 1000;
  return picture.happenings.map((happening) => happening.at + span).filter((time) => time > now);
}

function wellFrom(picture: Picture): number {
  return Math.max(picture.lastCleared, ...picture.happenings.map((happening) => happening.at));
}

/** The time at which as many as `count` were true together; null while there are fewer. */
function nth(items: readonly { readonly since: number }[], count: number): number | null {
  return items.map((item) => item.since).sort((a, b) => a - b)[count - 1] ?? null;
}

/** One item for each name, the earliest. */
function distinct<Item extends { readonly name: string; readonly since: number }>(items: readonly Item[]): Item[] {
  const first = new Map<string, Item>();
  for (const item of items)
    if (item.since < (first.get(item.name)?.since ?? Number.POSITIVE_INFINITY)) first.set(item.name, item);
  return [...first.values()];
}

function both(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

function earliest(...times: (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function names(reports: readonly (Report | { readonly name: string })[]): string {
  return [...new Set(reports.map((report) => report.name))].sort().join(', ');
}

/** Ids in order of time; enough for a person, few enough for the record. */
function ids(items: readonly { readonly id: string; readonly since: number }[]): string[] {
  const sorted = [...items].sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
  return [...new Set(sorted.map((item) => item.id))].slice(0, 40);
}
