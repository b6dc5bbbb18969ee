// Says what the signals about a region, taken together, mean: level, scope and evidence. Decides nothing.
// What each signal can and cannot prove is written down in docs/decisions/0005-evidence.md.
import type { Plan } from '../plan/plan.ts';
import { factOf } from '../signals/facts.ts';
import type { Classification, Found, Level, Signal } from '../types.ts';
import { degraded, observer } from './degradation.ts';
import type { Indication } from './indications.ts';
import { drawPicture, newestByKey, type Opinion, type Picture } from './picture.ts';
import { notKnown, platformFails, regionFailed } from './region-evidence.ts';
import { type ZoneEvidence, zoneEvidence, zonesHalfSeen, zonesLost, zonesPartlyExplained } from './zone-evidence.ts';

/** One observer is one opinion, and may be wrong about users. */
export const opinionsNeeded = 2;

/** How strong a level is. A hold on incomplete evidence is stronger than a message and weaker than acting. */
export function rank(level: Level): number {
  return { 0: 0, 1: 1, unknown: 2, 2: 3, 3: 4 }[level];
}

/** The other main region, and what is known of it: the same failure there speaks against a zone's and against a region's. */
export type Peer = { readonly region: string; readonly signals: Iterable<Signal> };

/** Whether anything fails, so that what fails in the other region has to be known. */
export function fails({ level, rising }: Pick<Classification, 'level' | 'rising'>): boolean {
  return level !== 0 || rising !== null;
}

/**
 * Classifies a region at a time (milliseconds). Total: any set of signals gives an answer; their order and repetition
 * do not matter, and leaving out that an outside observer sees users fail never raises the level. That one sees them well may lower it.
 */
export function classify(
  signals: Iterable<Signal>,
  region: string,
  plan: Plan,
  now: number,
  peer: Peer | null = null,
): Classification {
  const all = [...signals];
  const picture = drawPicture(all, region, plan, now);
  const there = peer === null ? null : { name: peer.region, ...drawPicture(peer.signals, peer.region, plan, now) };
  const found = findAll(picture, region, plan, now);
  const indications =
    there === null
      ? found
      : found.filter((one) => !isOwnTrouble(one, there, plan)).map((one) => notInBoth(one, picture, there, plan));
  const confirmed = indications.filter((indication) => confirmedAt(indication) <= now).sort(byStrength);
  const strongest = confirmed[0];
  const level = strongest?.level ?? 0;
  // What is confirmed is no stronger than the strongest of it.
  const rising =
    indications.filter((indication) => rank(indication.level) > rank(level)).sort(byStrength)[0]?.level ?? null;
  const hearsay = new Set(picture.happenings.flatMap(({ id, isHearsay }) => (isHearsay ? id : [])));
  const isHearsay = ({ name, evidence }: Indication) => name === 'aws-acted' && evidence.every((id) => hearsay.has(id));
  const quiet = indications.every(isHearsay);
  const wellSince = quiet && !lostRecently(picture, plan, now) ? wellFrom(picture) : null;
  const times = [...indications.map(confirmedAt), ...aboutToEnd(picture, plan)];
  if (wellSince !== null) times.push(wellSince + plan.evidence.recoverySeconds * 1000);
  const next = times.filter((time) => time > now);
  return {
    region,
    level,
    indication: strongest?.name ?? null,
    scope: { region: strongest?.elsewhere ?? region, zone: strongest?.zone ?? null },
    reason: reasonOf(confirmed, level) ?? zeroWords(quiet, wellSince),
    evidence: strongest?.evidence ?? [],
    facts: factsOf(strongest?.evidence ?? [], all, region, now),
    causes: level === 1 ? union(confirmed.map((indication) => indication.causes)) : (strongest?.causes ?? []),
    others: confirmed
      .slice(1)
      .flatMap((indication) => (indication.level === 1 ? [] : [foundBy(indication, all, region, now)])),
    newestSince:
      level === 0 ? null : Math.max(...confirmed.filter((one) => one.level === level).map((one) => one.since)),
    rising,
    since: strongest?.since ?? null,
    users: usersIn(picture),
    wellSince,
    platformWellSince: platformFails(picture, plan) ? null : picture.lastPlatformCleared,
    zonesWellAt: picture.zonesWellAt,
    lookAgainAt: next.length === 0 ? null : Math.min(...next),
  };
}

/** One observer alone is not believed, and silence is no sight. */
export function usersIn({ failingNow, seeingWell }: Picture): Classification['users'] {
  if (failingNow.size >= opinionsNeeded) return 'fail';
  return failingNow.size === 0 && seeingWell.length >= opinionsNeeded ? 'served' : 'unknown';
}

function foundBy(found: Indication, signals: readonly Signal[], region: string, now: number): Found {
  const { name: indication, elsewhere, zone, level, reason, since, evidence, causes } = found;
  const facts = factsOf(evidence, signals, region, now);
  return { indication, level, scope: { region: elsewhere ?? region, zone }, reason, since, evidence, facts, causes };
}

/** Enough for a phone; the ids of all of it stand in the record. */
const mostFacts = 8;

function factsOf(evidence: readonly string[], signals: readonly Signal[], region: string, now: number): string[] {
  const shown = new Set(evidence.slice(0, mostFacts));
  const newest = newestByKey(
    signals.filter(({ id }) => shown.has(id)),
    region,
    now,
  );
  return newest.flatMap((signal) => factOf(signal) ?? []);
}

/**
 * A lost zone or region, unless the same components fail by the same measures in the other region at the same time: then
 * something that both have is broken, and neither leaving a zone nor a failover helps. People look. Of a degradation it is said.
 */
function notInBoth(indication: Indication, here: Picture, there: Picture & { name: string }, plan: Plan): Indication {
  const { degradation, region, zone } = plan.evidence;
  const moves = indication.level === 2 || indication.level === 3;
  if (!moves && indication.name !== 'components-fail') return indication;
  const isSame = (one: Opinion, other: Opinion) =>
    one.component === other.component &&
    one.measures.some((measure) => other.measures.includes(measure)) &&
    Math.abs(one.since - other.since) <= region.unconfirmedSeconds * 1000;
  const mine = here.failing.filter((one) => indication.zone === null || one.zone === indication.zone);
  const both = mine.filter((one) => there.failing.some((other) => isSame(one, other)));
  const components = [...new Set(both.map((one) => one.component))].sort();
  if (components.length < (moves ? zone.components : degradation.components)) return indication;
  const reason = `${indication.reason}; ${components.join(', ')} fail in ${there.name} at the same time`;
  if (!moves) return { ...indication, reason };
  return {
    ...indication,
    name: 'same-in-both-regions',
    level: 'unknown',
    reason: `${reason}, and a move would lead there`,
    confirmSeconds: region.unconfirmedSeconds,
    overwhelming: null,
    causes: ['unknown'],
  };
}

/** Whether the one observer that fails stands in the other region, which fails itself: that is told of that region. */
function isOwnTrouble({ name, causes }: Indication, there: Picture & { name: string }, plan: Plan): boolean {
  return name === 'observer-fails' && causes.join() === `${observer}${there.name}` && platformFails(there, plan);
}

/** Why, in one line: of a degradation everything that is wrong, of the rest the strongest evidence. */
function reasonOf(confirmed: readonly Indication[], level: Level): string | null {
  if (level !== 1) return confirmed[0]?.reason ?? null;
  return [...new Set(confirmed.map((indication) => indication.reason))].join('; ');
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}

function findAll(picture: Picture, region: string, plan: Plan, now: number): Indication[] {
  const zonesFailed = zoneEvidence(picture, region, plan, now);
  // Where the other zones are well but for strays, they are not lost as well.
  const isOne = zonesFailed.some(({ othersUnseen }) => othersUnseen.length === 0);
  const failed = { zonesFailed, zonesLost: isOne ? [] : zonesLost(picture, region, plan) };
  return [
    regionFailed(picture, failed, plan, now),
    ...zonesFailed.map((zone) => (zone.contradicted ? zoneBelied(zone, plan) : zoneFailed(zone, plan))),
    ...zonesHalfSeen(picture, region, plan).map((zone) => zoneHalfSeen(zone, plan)),
    ...(zonesFailed.length === 0 ? zonesPartlyExplained(picture, region, plan, now) : []).map((zone) =>
      zoneInDoubt(zone, plan),
    ),
    ...notKnown(picture, failed, plan, now),
    ...degraded(picture, plan, now),
  ].filter((indication) => indication !== null);
}

/** When an indication has held for its time. */
function confirmedAt({ since, confirmSeconds, overwhelming = null }: Indication): number {
  const held = since + confirmSeconds * 1000;
  return overwhelming === null ? held : Math.min(held, overwhelming.since + overwhelming.confirmSeconds * 1000);
}

function byStrength(a: Indication, b: Indication): number {
  return rank(b.level) - rank(a.level) || a.since - b.since;
}

/** Level 2, or unknown where other zones may be lost as well, or what fails needs something that fails elsewhere too. */
function zoneFailed(found: ZoneEvidence, plan: Plan): Indication {
  const { confirmSeconds } = plan.evidence.zone;
  const { zone, since, components, evidence, othersUnseen, dependsOn, overwhelmingSince } = found;
  const fail = `${components.join(', ')} fail in ${zone}`;
  const held = { zone, since, confirmSeconds: confirmSeconds.costly, overwhelming: null, evidence, causes: components };
  if (othersUnseen.length > 0)
    return {
      ...held,
      name: 'zone-lost-others-unseen',
      level: 'unknown',
      reason: `${fail}, and nothing says that ${othersUnseen.join(', ')} ${othersUnseen.length === 1 ? 'is' : 'are'} well`,
    };
  if (dependsOn.length > 0)
    return {
      ...held,
      name: 'zone-lost-or-dependency',
      level: 'unknown',
      reason: `${fail}, and so does what they need: ${dependsOn.join(', ')}`,
      confirmSeconds: plan.evidence.region.unconfirmedSeconds,
    };
  return {
    ...held,
    name: 'zone-lost',
    level: 2,
    reason: `${fail}, the other zones are well`,
    overwhelming:
      overwhelmingSince === null ? null : { since: overwhelmingSince, confirmSeconds: confirmSeconds.traffic },
  };
}

/** Unknown: a zone whose alarms say that requests fail there, and nobody sees one fail. It is told when it would have been left. */
function zoneBelied(found: ZoneEvidence, plan: Plan): Indication {
  return {
    name: 'zone-lost-users-well',
    level: 'unknown',
    zone: found.zone,
    reason: `${found.components.join(', ')} fail in ${found.zone}, but all observers see every visit answered`,
    since: found.since,
    confirmSeconds: plan.evidence.zone.confirmSeconds.costly,
    evidence: found.evidence,
    causes: found.components,
  };
}

/** Unknown: a zone that looks failed, and something else may be why. */
function zoneInDoubt(found: ZoneEvidence, plan: Plan): Indication {
  return {
    name: 'zone-lost-or-explained',
    level: 'unknown',
    zone: found.zone,
    reason: `${found.components.join(', ')} fail in ${found.zone}, but a release or planned work may explain part of that`,
    since: found.since,
    confirmSeconds: plan.evidence.region.unconfirmedSeconds,
    evidence: found.evidence,
    causes: found.components,
  };
}

/** Unknown: a zone that falls silent while something fails there may be lost; missing data alone never says so. */
function zoneHalfSeen(found: ZoneEvidence, plan: Plan): Indication {
  return {
    name: 'zone-half-seen',
    level: 'unknown',
    zone: found.zone,
    reason: `${found.components.join(', ')} fail or give no data in ${found.zone}, the other zones are well`,
    since: found.since,
    confirmSeconds: plan.evidence.region.unconfirmedSeconds,
    evidence: found.evidence,
    causes: found.components,
  };
}

/** What fell silent a while ago is no recovery; what has been silent for longer than evidence is kept is the usual. */
function lostRecently(picture: Picture, plan: Plan, now: number): boolean {
  return picture.lastLost !== null && now < picture.lastLost + plan.evidence.retentionSeconds * 1000;
}

/** What happened once stops being news, what fell silent stops being fresh, and explanations run out: then this may change. */
function aboutToEnd(picture: Picture, plan: Plan): number[] {
  const { recoverySeconds, retentionSeconds } = plan.evidence;
  const times = picture.happenings.map(({ at, lasts }) => at + (lasts ? retentionSeconds : recoverySeconds) * 1000);
  const lost = picture.lastLost === null ? [] : [picture.lastLost + retentionSeconds * 1000];
  const failovers = picture.failovers.map(({ until }) => until);
  return [...times, ...lost, ...failovers, ...picture.explanationsEnd.map((end) => end + 1)];
}

function wellFrom(picture: Picture): number {
  return Math.max(picture.lastCleared, ...picture.happenings.flatMap(({ at, isHearsay }) => (isHearsay ? [] : at)));
}

function zeroWords(quiet: boolean, wellSince: number | null): string {
  if (wellSince !== null) return 'nothing fails';
  return quiet ? 'nothing is seen to fail, but not everything is seen' : 'something fails, but not for long enough yet';
}
