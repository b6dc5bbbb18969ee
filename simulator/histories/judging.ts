// The verdict on what was decided in generated histories: against the label of each, which is what was true, whatever the signals said.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Action, Scope } from '../../functions/domain/types.ts';
import { type DrillOptions, runDrill, zeroAt } from '../drill/drill.ts';
import { areAlike } from '../estate/traffic.ts';
import type { Estate } from '../estate/types.ts';
import { clientOf, type History, historyOf } from './histories.ts';
import { type Label, type Look, type Loss, labelOf, lastingSeconds, type Span, secondsOf } from './labels.ts';

/** A decision as people and flows met it. */
export type Heard = {
  readonly at: number;
  readonly incident: string;
  readonly action: Action;
  readonly scope: Scope;
  /** When somebody was paged with it; null where nobody was. */
  readonly pagedAt: number | null;
  /** When its incident was closed; null where it never was. */
  readonly closedAt: number | null;
};

/** A judged history; times are seconds of the history. */
export type Judged = {
  readonly seed: number;
  readonly truth: Truth;
  readonly decided: Decided;
  readonly wrong: readonly string[];
  readonly missed: readonly string[];
  /** What was lost for long enough to be answered, and how many seconds that took; null where nothing answered it. */
  readonly lost: readonly { readonly what: What; readonly seconds: number | null }[];
  /** What happened, in words. */
  readonly history: string;
};

/** What was lost: a region as a whole or by several zones, a region by one asset that all its zones need, or a zone. */
export const whats = ['region', 'asset', 'zone'] as const;
export type What = (typeof whats)[number];

/** From the worst to the best. `brief`: for less than has to be answered. */
export const truths = [...whats, 'brief region', 'brief zone', 'explained', 'degradation', 'well'] as const;
export type Truth = (typeof truths)[number];

/** The weightiest decision of a history. `elsewhere`: of a zone that was well, or a region. */
export const decisions = [
  'region request',
  'region request elsewhere',
  'zone failover elsewhere',
  'zone failover',
  'hold',
  'notify',
  'nothing',
] as const;
export type Decided = (typeof decisions)[number];

/** What has ended for longer than an alarm takes to say so may not be acted on: its period, and the delay of its evaluation. */
const unseenSeconds = 120;
/** A lost event costs as long: the sweep reads every alarm once a minute. */
const sweptAfterSeconds = 60;
/** How long a page may take to go out after its decision. */
const pageSeconds = 60;

/** Makes the history of a seed, lives through it and judges what was decided. */
export async function judgeSeed(seed: number, plan: Plan): Promise<Judged> {
  const history = historyOf(seed, plan);
  const witness = createWitness(plan);
  await runDrill({ scenario: `history ${seed}`, written: history.scenario, seed, plan, ...witness.hears });
  return { seed, ...witness.verdict(history.work), history: historyWords(history) };
}

/** Who notes what is true in a history each second and what is decided in it, and judges the one by the other when it is over. */
export type Witness = {
  readonly hears: Pick<DrillOptions, 'looked' | 'decided' | 'onProgress'>;
  verdict(work: History['work']): Verdict;
};
type Verdict = Omit<Judged, 'seed' | 'history'>;

export function createWitness(plan: Plan): Witness {
  const looks: Look[] = [];
  const decided = new Map<string, Omit<Heard, 'pagedAt' | 'closedAt'>>();
  const closed = new Map<string, number>();
  const pages: number[] = [];
  const paged = pagedIn(plan);
  return {
    hears: {
      looked(estate, at) {
        looks.push(lookAt(estate, plan, at, looks.at(-1)));
      },
      decided(incident, { at, action, scope, attempt, indication }) {
        if (incident.closedAt !== null) closed.set(incident.id, incident.closedAt);
        const key = `${incident.id} ${attempt}`;
        // What a person wanted has no indication: nobody judges it by the evidence.
        if (action !== 'none' && indication !== undefined && !decided.has(key))
          decided.set(key, { at, incident: incident.id, action, scope });
      },
      onProgress(progress) {
        if (progress.kind === 'message' && paged.includes(progress.role)) pages.push(progress.at);
      },
    },
    verdict(work) {
      const struck = work.map(({ thing, fromSeconds, untilSeconds }) => ({
        thing,
        from: zeroAt + fromSeconds * 1000,
        until: zeroAt + untilSeconds * 1000,
      }));
      const heard = [...decided.values()].map((one) => ({
        ...one,
        pagedAt: pages.find((at) => at >= one.at && at <= one.at + pageSeconds * 1000) ?? null,
        closedAt: closed.get(one.incident) ?? null,
      }));
      return verdictOn(labelOf(looks, struck), heard, zeroAt);
    },
  };
}

/** Who is paged; where nobody has a pager, those who are told of holds. */
function pagedIn({ contacts, notifications }: Plan): readonly string[] {
  const paged = Object.keys(contacts).filter((role) => ['page', 'pagerduty'].includes(contacts[role]?.channel ?? ''));
  return paged.length > 0 ? paged : notifications.unknown;
}

/** What is as it was at the look before is kept once: nearly every second is like the one before. */
function lookAt(estate: Estate, plan: Plan, at: number, before: Look | undefined): Look {
  const { primary, standby, witness, observers } = plan.roles;
  const usersRegion = estate.usersRegion();
  const places = [primary, standby, witness, ...observers].filter(
    (place) => place !== usersRegion && estate.canReach(place, place),
  );
  const cut = places.filter((place) => !estate.canReach(place, usersRegion) || !estate.canReach(usersRegion, place));
  return {
    at,
    usersRegion,
    conditions: Object.fromEntries(
      [primary, standby].map((region) => {
        const [now, known] = [estate.conditions(region), before?.conditions[region]];
        return [region, known !== undefined && areAlike(now, known) ? known : now];
      }),
    ),
    cutOff: places.length === 0 ? 0 : cut.length / places.length,
    losesEvents: estate.faults.of('message-fault').some(({ what, effect }) => what === 'event' && effect !== 'doubled'),
    platformFails: controlPlanesStruck(estate, plan, usersRegion) >= plan.evidence.region.hardDependencies,
  };
}

/** How many control planes that the plan needs answer nobody in a region. */
function controlPlanesStruck(estate: Estate, plan: Plan, region: string): number {
  const struck = estate.faults
    .of('api-failure')
    .filter(
      ({ operation, error, caller, target, times, region: where = region }) =>
        operation === '*' && (caller ?? target ?? times) === undefined && where === region && error !== 'deny',
    )
    .map(({ service }) => service);
  return plan.dependencies.hard.filter((service) => struck.includes(clientOf(service))).length;
}

/** Compares what was decided with the label. `zeroAt`: from when on seconds are told. */
export function verdictOn(label: Label, heard: readonly Heard[], zero: number): Verdict {
  const second = (at: number): string => `${Math.round((at - zero) / 1000)} s`;
  const wrong = heard.flatMap((decision) => {
    const why = wrongIn(decision, label, second);
    return why === null ? [] : [why];
  });
  const lasting = label.losses.filter(isLasting);
  // A zone whose region is lost as well before its answer is due counts with its region.
  const own = lasting.filter((loss) => loss.zone === null || !lasting.some((other) => isAround(other, loss)));
  const answered = own.map((loss) => ({ loss, seconds: answerSeconds(loss, heard) }));
  const missed = answered.flatMap(({ loss, seconds }) => {
    if (seconds !== null && seconds <= lastingSeconds) return [];
    const from = `${lossWords(loss)} from ${second(loss.from)} to ${second(loss.until)}`;
    return [`${from}: ${seconds === null ? 'no answer' : `answered after ${Math.round(seconds)} s`}`];
  });
  return {
    truth: truthOf(label),
    decided: decidedIn(heard, label, second),
    wrong,
    missed,
    lost: answered.map(({ loss, seconds }) => ({ what: whatOf(loss), seconds })),
  };
}

function whatOf({ zone, causes }: Loss): What {
  if (zone !== null) return 'zone';
  return causes.every((cause) => cause === 'asset') ? 'asset' : 'region';
}

/** What is wrong with a decision; null where nothing is. */
function wrongIn({ at, action, scope }: Heard, label: Label, second: (at: number) => string): string | null {
  const isRecent = ({ from, until }: Span): boolean => {
    const isLate = label.eventsLost.some((lost) => lost.from <= at && lost.until >= until);
    return from <= at && at <= until + (unseenSeconds + (isLate ? sweptAfterSeconds : 0)) * 1000;
  };
  if (action === 'request-approval') {
    const own = label.losses.filter(({ region, zone }) => region === scope.region && zone === null);
    if (own.some(isRecent)) return null;
    const known = label.explained.some(isRecent) ? ', and what fails users is explained' : lastOf(own, at, second);
    return `asked to give up ${scope.region} at ${second(at)}, which did not fail its users${known}`;
  }
  if (action === 'az-failover') {
    const own = label.ailing.get(scope.zone ?? '') ?? [];
    if (own.some(isRecent)) return null;
    return `left ${scope.zone} at ${second(at)}, which did not fail its users${lastOf(own, at, second)}`;
  }
  return null;
}

function lastOf(spans: readonly Span[], at: number, second: (at: number) => string): string {
  const last = spans.findLast(({ until }) => until < at);
  return last === undefined ? '' : ` since ${second(last.until)}`;
}

function isLasting(loss: Loss): boolean {
  return secondsOf(loss) >= lastingSeconds;
}

function isAround(region: Loss, { from, until }: Loss): boolean {
  const due = from + lastingSeconds * 1000;
  return whatOf(region) === 'region' && region.from < Math.min(until, due) && from < region.until;
}

/** Seconds from a loss to its answer: 0 where the incident that was open then had been answered so already; null where none came. */
function answerSeconds(loss: Loss, heard: readonly Heard[]): number | null {
  const isOpen = ({ closedAt }: Heard): boolean => closedAt === null || closedAt > loss.from;
  const before = heard.filter(({ at }) => at < loss.from);
  const standing = [...Map.groupBy(before, ({ incident }) => incident).values()].flatMap((some) => some.at(-1) ?? []);
  if (standing.some((one) => isOpen(one) && answeredAt(one, loss) !== null)) return 0;
  const times = heard.flatMap((one) =>
    one.at < loss.from || one.at > loss.until ? [] : (answeredAt(one, loss) ?? []),
  );
  return times.length === 0 ? null : (Math.min(...times) - loss.from) / 1000;
}

/** When a decision answers a loss: asks about the region, leaves the zone, or holds and pages. Null where it is none. */
function answeredAt({ at, action, scope, pagedAt }: Heard, { region, zone }: Loss): number | null {
  if (scope.region !== region) return null;
  const isAbout = zone === null || scope.zone === null || scope.zone === zone;
  if (action === 'request-approval') return at;
  if (action === 'az-failover') return zone !== null && scope.zone === zone ? at : null;
  return action === 'hold' && isAbout ? pagedAt : null;
}

function lossWords({ region, zone, causes }: Loss): string {
  return zone === null ? `region ${region} lost (${causes.join(', ')})` : `zone ${zone} lost`;
}

function truthOf({ losses, explained, usersFailed }: Label): Truth {
  const lasting = new Set(losses.filter(isLasting).map(whatOf));
  const worst = whats.find((what) => lasting.has(what));
  if (worst !== undefined) return worst;
  if (losses.some(({ zone }) => zone === null)) return 'brief region';
  if (losses.length > 0) return 'brief zone';
  if (explained.length > 0) return 'explained';
  return usersFailed ? 'degradation' : 'well';
}

function decidedIn(heard: readonly Heard[], label: Label, second: (at: number) => string): Decided {
  const names = heard.map((one): Decided => {
    const elsewhere = wrongIn(one, label, second) === null ? '' : ' elsewhere';
    if (one.action === 'request-approval') return `region request${elsewhere}`;
    if (one.action === 'az-failover') return `zone failover${elsewhere}`;
    return one.action === 'none' ? 'nothing' : one.action;
  });
  return decisions.find((name) => names.includes(name)) ?? 'nothing';
}

/** The faults of a history, for those who look into it. Many of one kind at one time are told as one. */
function historyWords({ scenario }: History): string {
  const groups = Map.groupBy(scenario.faults, ({ atSeconds, fault }) => `${atSeconds} s ${fault.kind}`);
  const words = [...groups].flatMap(([head, some]) => {
    if (some.length > 4) return [`${head} (${some.length} of them)${forWords(some[0]?.fault.forSeconds)}`];
    return some.map(({ fault: { id: _id, kind: _kind, forSeconds, ...details } }) =>
      [head, ...Object.values(details).flat()].join(' ').concat(forWords(forSeconds)),
    );
  });
  return words.join('; ') || 'nothing happens';
}

function forWords(forSeconds: number | undefined): string {
  return forSeconds === undefined ? '' : `, for ${forSeconds} s`;
}

export type Times = { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null };

/** The object of `judge --json`. */
export type Judgement = {
  readonly seeds: number;
  readonly from: number;
  readonly matrix: readonly { readonly truth: Truth; readonly decided: Decided; readonly count: number }[];
  readonly wrong: readonly Listed[];
  readonly missed: readonly Listed[];
  /** Of what was lost for long enough to be answered, how much was, in time or not. */
  /** Of what was lost for long enough to be answered: how often that was, and how often it was answered in time. */
  readonly lost: Readonly<Record<What, { readonly count: number; readonly inTime: number }>>;
  /** From the fault to the answer, where one came. */
  readonly secondsToDecide: Readonly<Record<What, Times>>;
};
/** What is wrong or was missed in a history. */
export type Listed = {
  readonly seed: number;
  readonly truth: Truth;
  readonly decided: Decided;
  readonly why: string;
  readonly history: string;
};

/** What many histories came to, in the order of their seeds. */
export function summed(seeds: number, from: number, judged: readonly Judged[]): Judgement {
  const inOrder = judged.toSorted((a, b) => a.seed - b.seed);
  const counts = Map.groupBy(inOrder, ({ truth, decided }) => `${truth}, ${decided}`);
  const matrix = truths.flatMap((truth) =>
    decisions.flatMap((decided) => {
      const count = counts.get(`${truth}, ${decided}`)?.length ?? 0;
      return count === 0 ? [] : [{ truth, decided, count }];
    }),
  );
  const listed = (which: 'wrong' | 'missed') =>
    inOrder.flatMap(({ seed, truth, decided, history, [which]: some }) =>
      some.map((why) => ({ seed, truth, decided, why, history })),
    );
  const lost = inOrder.flatMap((one) => one.lost);
  const of = (what: What) => lost.flatMap((one) => (one.what === what ? [one.seconds] : []));
  const each = <Value>(value: (what: What) => Value) =>
    Object.fromEntries(whats.map((what) => [what, value(what)])) as Record<What, Value>;
  return {
    seeds,
    from,
    matrix,
    wrong: listed('wrong'),
    missed: listed('missed'),
    lost: each((what) => {
      const inTime = of(what).filter((seconds) => seconds !== null && seconds <= lastingSeconds);
      return { count: of(what).length, inTime: inTime.length };
    }),
    secondsToDecide: each((what) => times(of(what).filter((seconds) => seconds !== null))),
  };
}

/** The smallest that so many percent do not exceed; null where there is none. */
export function times(seconds: readonly number[]): Times {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
