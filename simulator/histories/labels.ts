// The truth of a history: which zone or region failed its users, from when to when, by what, and whether anything explains it. It is
// read from the physics of the estate, second by second, and from nothing that a signal says or a rule of the classifier holds.
import { isServed, type Placed, type RegionConditions, successRatio, zoneStates } from '../estate/traffic.ts';

/** What was so at a moment. */
export type Look = {
  readonly at: number;
  /** The region that users are sent to. */
  readonly usersRegion: string;
  readonly conditions: Readonly<Record<string, RegionConditions>>;
  /** Of the places outside the users' region that are not dark themselves, the share from which it cannot be reached and answer. */
  readonly cutOff: number;
  /** Whether so many of AWS's control planes of the users' region fail that the plan takes it for a sign of the region: AWS mends nothing by itself then. */
  readonly platformFails: boolean;
  /** Whether events are lost, or come late: what an alarm says is known by the next sweep then. */
  readonly losesEvents: boolean;
};

/** What planned work struck: a zone, the nodes of one, or an asset by its name. Its end is that of what the work did there. */
export type Struck = { readonly thing: string; readonly from: number; readonly until: number };

/** By what a region fails: as a whole, on the ways to it, in several zones at once, or by one asset that all its zones need. */
export type RegionCause = 'region' | 'cut-off' | 'zones' | 'asset';

/** A time, in milliseconds since 1970, in which a zone, or with `zone` null a region, failed its users. */
export type Loss = {
  readonly region: string;
  readonly zone: string | null;
  readonly from: number;
  readonly until: number;
  /** Of a region, all that it failed by. */
  readonly causes: readonly RegionCause[];
};

export type Label = {
  /** What was lost, and no release or planned work explains it. In order of their beginnings, regions first. */
  readonly losses: readonly Loss[];
  /** When leaving a zone could have helped those whose requests it takes, by the zone. */
  readonly ailing: ReadonlyMap<string, readonly Span[]>;
  /** When users failed by a release or by planned work and nothing else. */
  readonly explained: readonly Span[];
  /** When events were lost, or came late. */
  readonly eventsLost: readonly Span[];
  /** Whether users failed at any time. */
  readonly usersFailed: boolean;
};

export type Span = { readonly from: number; readonly until: number };

/** From so many seconds on a loss has to be answered; and one asset alone, which AWS mends by itself in less, is the region's matter. */
export const lastingSeconds = 300;

/** RDS fails a database over within this time after its zone was lost. */
const aftermathMs = 120_000;

/** From this share of a zone's requests on that fail for want of what is in it, it fails its users: as for `isServed`. */
const failingShare = 0.05;

/** The label of a history, from looks in order of time, the last of which ends it. */
export function labelOf(looks: readonly Look[], work: readonly Struck[]): Label {
  const spans = new Map<string, Open[]>();
  const note = (key: string, at: number, until: number, cause: RegionCause | null = null): void => {
    const known = spans.get(key) ?? [];
    spans.set(key, known);
    const before = known.at(-1);
    const span = before?.until === at ? before : { from: at, until, causes: new Set<RegionCause>() };
    if (span !== before) known.push(span);
    span.until = until;
    if (cause !== null) span.causes.add(cause);
  };
  let usersFailed = false;
  const truthAt = rememberingTruth();
  for (const [index, look] of looks.entries()) {
    const until = looks[index + 1]?.at ?? look.at;
    const struck = new Set(
      work.filter(({ from, until: end }) => from <= look.at && look.at < end).map(({ thing }) => thing),
    );
    if (look.losesEvents) note('events lost', look.at, until);
    for (const [region, conditions] of Object.entries(look.conditions)) {
      const truth = truthAt(region, conditions, look, struck);
      // A zone that nobody is sent to fails nobody.
      if (region === look.usersRegion)
        for (const zone of truth.lostZones) note(`zone ${region} ${zone}`, look.at, until);
      for (const zone of truth.ailing) note(`ailing ${zone}`, look.at, until);
      if (truth.cause !== null) note(`region ${region}`, look.at, until, truth.cause);
      if (truth.cause !== null && look.platformFails) note(`platform ${region}`, look.at, until);
      if (truth.isExplained) note('explained', look.at, until);
      if (truth.usersFail && !truth.isExplained) note(`failing ${region}`, look.at, until);
      usersFailed ||= truth.usersFail;
    }
  }
  const of = (kind: string) =>
    [...spans]
      .filter(([key]) => key.startsWith(`${kind} `))
      .map(([key, some]) => [key.split(' ').slice(1), some] as const);
  const losses = [...of('region'), ...of('zone')].flatMap(([[region = '', zone = null], some]) =>
    some.map(({ from, until, causes }): Loss => ({ region, zone, from, until, causes: [...causes] })),
  );
  /** AWS mends nothing by itself while its control planes fail: for most of the time. */
  const isHeldUp = (loss: Loss): boolean => {
    const failed = (spans.get(`platform ${loss.region}`) ?? []).map(
      ({ from, until }) => Math.min(until, loss.until) - Math.max(from, loss.from),
    );
    return failed.reduce((sum, ms) => sum + Math.max(0, ms), 0) > (loss.until - loss.from) / 2;
  };
  /** Users have failed without a break since zones were lost shortly before: what that leaves behind, databases that fail over, is a part of it. */
  const isAftermath = (loss: Loss): boolean => {
    const whole = spans
      .get(`failing ${loss.region}`)
      ?.find(({ from, until }) => from <= loss.from && loss.from < until);
    const before = losses.filter(
      (one) => one.region === loss.region && one.zone === null && one.causes.includes('zones'),
    );
    const isBefore = ({ from, until }: Loss, since: number): boolean =>
      from >= since && until <= loss.from && loss.from - until <= aftermathMs;
    return whole !== undefined && before.some((one) => isBefore(one, whole.from));
  };
  return {
    losses: losses
      .filter((loss) => !isMendedSoon(loss) || isHeldUp(loss) || isAftermath(loss))
      .toSorted((a, b) => a.from - b.from),
    ailing: new Map(of('ailing').map(([[zone = ''], some]) => [zone, some])),
    explained: spans.get('explained') ?? [],
    eventsLost: spans.get('events lost') ?? [],
    usersFailed,
  };
}

type Open = { from: number; until: number; causes: Set<RegionCause> };

/** Seconds that something lasted. */
export function secondsOf({ from, until }: Span): number {
  return (until - from) / 1000;
}

/** One asset that fails for less than AWS takes to mend it: nobody gives up a region for that. */
function isMendedSoon(loss: Loss): boolean {
  return isOneAsset(loss) && secondsOf(loss) < lastingSeconds;
}

function isOneAsset({ causes }: Loss): boolean {
  return causes.length === 1 && causes[0] === 'asset';
}

type RegionTruth = {
  readonly lostZones: readonly string[];
  readonly ailing: readonly string[];
  /** Null where the region does not fail its users, or one zone of it or something that is explained does. */
  readonly cause: RegionCause | null;
  readonly isExplained: boolean;
  readonly usersFail: boolean;
};

/** Looks share what has not changed, and nearly every second is like the one before: what follows from it is found out once. */
function rememberingTruth(): typeof truthOf {
  type Known = Pick<Look, 'usersRegion' | 'cutOff'> & {
    readonly conditions: RegionConditions;
    readonly struck: string;
  };
  const last = new Map<string, Known & { readonly truth: RegionTruth }>();
  return (region, conditions, look, struck) => {
    const { usersRegion, cutOff } = look;
    const asked: Known = { usersRegion, cutOff, conditions, struck: [...struck].join('\n') };
    const known = last.get(region);
    const isSame = (name: keyof Known) => known?.[name] === asked[name];
    if (known !== undefined && (['conditions', 'usersRegion', 'cutOff', 'struck'] as const).every(isSame))
      return known.truth;
    const truth = truthOf(region, conditions, look, struck);
    last.set(region, { ...asked, truth });
    return truth;
  };
}

/**
 * Who is to blame is found by what would cure it. What a release and planned work do is left out first: where users are served then,
 * it is explained. Then one zone is left, with all that can leave it: where users are served then, it is that zone's matter. Then
 * one asset is mended. What nothing of this cures is the region's.
 */
function truthOf(region: string, conditions: RegionConditions, look: Look, struck: ReadonlySet<string>): RegionTruth {
  const isUsed = region === look.usersRegion;
  const unreleased = { ...conditions, releaseFailure: 0 };
  const own = withoutWork(unreleased, struck);
  const lost = own.zones.filter(failsByItself).map(({ zone }) => zone);
  const isCutOff = isUsed && look.cutOff > 0.5;
  const whole: RegionCause | null = conditions.isDown ? 'region' : isCutOff ? 'cut-off' : null;
  const usersFail = isUsed && (whole !== null || !isWell(conditions));
  const ailing = conditions.zones.filter((zone) => whole !== null || failsByItself(zone)).map(({ zone }) => zone);
  const needed = isUsed && !isWell(unreleased) ? failing(conditions).flatMap(({ zone }) => zone ?? []) : [];
  return {
    // While its region is lost as a whole, no zone is lost beside it.
    lostZones: whole === null ? lost : [],
    ailing: [...new Set([...ailing, ...needed])],
    cause: usersFail ? (whole ?? causeOf(own, lost)) : null,
    isExplained: usersFail && whole === null && isWell(own),
    usersFail,
  };
}

/**
 * What of the region fails users, where neither a release nor work nor its only lost zone does; else null. A region is built to carry
 * its users with one zone less: where two are lost, leaving one of them cures nothing.
 */
function causeOf(own: RegionConditions, lost: readonly string[]): RegionCause | null {
  const [only = '', ...others] = lost;
  const isWellWithoutOne = (some: RegionConditions): boolean =>
    only !== '' && others.length === 0 && isWell(without(some, only));
  if (isWell(own) || isWellWithoutOne(own)) return null;
  // What stands in a lost zone fails with it.
  const alone = failing(own).filter(({ zone }) => zone === null || !lost.includes(zone));
  const isOneAssets = alone
    .map(({ name }) => mended(own, [name]))
    .some((some) => isWell(some) || isWellWithoutOne(some));
  return isOneAssets || lost.length < 2 ? 'asset' : 'zones';
}

/** Whether users of a region are served. */
function isWell(conditions: RegionConditions): boolean {
  return isServed(successRatio(zoneStates(conditions)));
}

/** Whether requests that a zone takes fail for want of what is in it, or nothing in it could take any. */
function failsByItself({ localFailure, runs }: RegionConditions['zones'][number]): boolean {
  return localFailure >= failingShare || !runs;
}

function failing({ databases, caches }: RegionConditions): Placed[] {
  const bad = databases.filter(({ condition, writable }) => condition !== 'healthy' || !writable);
  return [...bad, ...caches.filter(({ condition }) => condition !== 'healthy')];
}

/** What the nodes of a zone are called where planned work strikes these, and not the zone. */
export function nodesOf(zone: string): string {
  return `nodes of ${zone}`;
}

/** Whether what a zone suffers from is what work on it does: nobody plans to take its power away. */
function isStruck({ zone, condition }: RegionConditions['zones'][number], struck: ReadonlySet<string>): boolean {
  return struck.has({ well: nodesOf(zone), impaired: zone, dead: '' }[condition]);
}

/** As it would be if planned work had not struck. */
function withoutWork(conditions: RegionConditions, struck: ReadonlySet<string>): RegionConditions {
  const zones = conditions.zones.map((one) =>
    isStruck(one, struck) ? { ...one, localFailure: 0, runs: true, condition: 'well' as const } : one,
  );
  const inStruck = new Set(conditions.zones.filter((one) => isStruck(one, struck)).map(({ zone }) => zone));
  // What stands in a zone that is lost by itself fails by that, whatever work there is.
  const isIn = (lost: readonly { readonly zone: string }[], zone: string | null) =>
    lost.some((one) => one.zone === zone);
  const assets = failing(conditions).filter(
    ({ name, zone }) => inStruck.has(zone ?? '') || (struck.has(name) && !isIn(zones.filter(failsByItself), zone)),
  );
  return mended(
    { ...conditions, zones },
    assets.map(({ name }) => name),
  );
}

/** As it would be if traffic had left a zone, and what can leave it. */
function without(conditions: RegionConditions, zone: string): RegionConditions {
  const rest = conditions.zones.reduce((sum, one) => sum + (one.zone === zone ? 0 : one.share), 0);
  const zones = conditions.zones.map((one) => ({
    ...one,
    share: rest === 0 ? one.share : one.zone === zone ? 0 : one.share / rest,
  }));
  const leaving = failing(conditions).filter((asset) => asset.zone === zone && asset.replaceable);
  return mended(
    { ...conditions, zones },
    leaving.map(({ name }) => name),
  );
}

/** As it would be if some databases and caches were well. */
function mended(conditions: RegionConditions, names: readonly string[]): RegionConditions {
  const mend = <Some extends Placed>(some: Some, well: Partial<Some>): Some =>
    names.includes(some.name) ? { ...some, ...well } : some;
  return {
    ...conditions,
    databases: conditions.databases.map((one) => mend(one, { condition: 'healthy', writable: true, failing: 0 })),
    caches: conditions.caches.map((one) => mend(one, { condition: 'healthy' })),
  };
}
