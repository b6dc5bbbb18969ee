// What people are told while a flow runs: what happened, what it means for them, and where to read on.
import * as z from 'zod';
import { stateOf } from '../../kinds/verbs.ts';
import { type Flow, levelOf, type Machine, stageOf } from '../flows.ts';
import { clock, day, moment } from '../page/page-times.ts';
import { causeWords, type Step } from '../record/step.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';
import { type Failure, failuresIn, headed, kebab } from '../recovery/reaching.ts';
import type { Lock, Mode } from '../types.ts';
import {
  type Degradation,
  degradationDone,
  degradationFacts,
  degradationNeeds,
  degradationSeen,
} from './degradation-words.ts';
import { endSentences, outcomeSentences } from './outcome-words.ts';
import { plainText } from './plain-text.ts';
import { assessmentSentences, notApprovedSentence } from './region-words.ts';
import { composed, type Message, sentenceOf, severityOf, stateWords, subject, type Thread } from './words.ts';

export type Occasion =
  | 'started'
  | 'recovered'
  | 'not-recovered'
  | 'recovered-in-part'
  | 'not-recovered-in-part'
  | 'failed'
  | 'closed'
  | 'closed-unserved'
  | 'dry-run'
  | 'degraded'
  | 'more-changes'
  | 'degradation-ended'
  | 'degradation-ended-unserved'
  | 'no-way'
  | 'not-approved';

/** Occasions that tell a diagnosis. */
export function isDegraded(occasion: Occasion): occasion is 'degraded' | 'more-changes' {
  return occasion === 'degraded' || occasion === 'more-changes';
}

const unserved: Partial<Record<Occasion, Occasion>> = {
  recovered: 'not-recovered',
  'recovered-in-part': 'not-recovered-in-part',
  closed: 'closed-unserved',
  'degradation-ended': 'degradation-ended-unserved',
};

/** What is said instead where users are not seen to be served when it is written; null where nothing is said of them. */
export function unservedOf(occasion: Occasion, { ended }: Readonly<Record<string, unknown>>): Occasion | null {
  return ended === 'superseded' ? null : (unserved[occasion] ?? null);
}

/** What a message needs to know of the flow's incident. */
export type Told = {
  readonly id: string;
  readonly region: string;
  readonly zone: string | null;
  readonly reason: string;
  readonly requestedBy: string;
  readonly dryRun: boolean;
  readonly drill: boolean;
  readonly execution: string;
  /** When the trouble began, in milliseconds. */
  readonly since: number;
  readonly flow: Flow;
  /** Of region-failover only. */
  readonly mode?: Mode | undefined;
};

const what: Record<Occasion, (place: string) => string> = {
  started: (place) => `moving out of ${place}`,
  recovered: (place) => `users are served without ${place}`,
  'not-recovered': (place) => `users are NOT seen to be served without ${place}`,
  // What stays in a bad zone fails some users: thirty visits that were answered prove nothing against that.
  'recovered-in-part': (place) => `NOT all has left ${place}: some users may still fail`,
  'not-recovered-in-part': (place) => `users are NOT seen to be served, and not all has left ${place}`,
  failed: (place) => `not all can do without ${place}`,
  closed: (place) => `over: ${place}`,
  'closed-unserved': (place) => `nothing is left to do about ${place}, and users are NOT seen to be served`,
  'dry-run': (place) => `nothing was changed in ${place}`,
  degraded: (place) => `service degraded in ${place}`,
  'more-changes': (place) => `what changed in ${place} before it was degraded: more is known`,
  'degradation-ended': (place) => `degradation in ${place} has ended`,
  'degradation-ended-unserved': (place) => `no alarm is left in ${place}, and users are NOT seen to be served`,
  'no-way': (place) => `HELD: there is no safe way out of ${place}`,
  'not-approved': (place) => `HELD: ${place} is not given up`,
};

const worseOrOver = 'You hear when it gets worse, when a zone or the region is lost, and when it is over.';

const next: Record<Occasion, string> = {
  started: 'You hear when users are served without it. To stop it: docs/runbook.md#freeze.',
  recovered: 'Traffic stays away from the zone until the incident ends. See docs/runbook.md#watch-zone.',
  'not-recovered': 'A person has to look for a second cause. See docs/runbook.md#verify-service.',
  failed:
    'The flow goes on with everything else, tries these again, and pauses where they stay. See docs/runbook.md#pause.',
  'recovered-in-part': 'What failed is tried again while the zone is watched. See docs/runbook.md#pause.',
  'not-recovered-in-part':
    'What failed is tried again while the zone is watched; a person looks meanwhile what users still need. See docs/runbook.md#verify-service.',
  'closed-unserved': 'A person has to look for another cause. See docs/runbook.md#verify-service.',
  'degradation-ended-unserved': 'A person has to look for another cause. See docs/runbook.md#verify-service.',
  closed: 'The next execution may act again. The database and the cache stay where they are.',
  'dry-run': 'This is what would have been done. Nothing was changed and no lock was taken.',
  degraded: worseOrOver,
  'more-changes': worseOrOver,
  'degradation-ended': 'Nothing more: you hear when something fails again.',
  'no-way': 'Nothing was changed. A person has to decide. See docs/runbook.md#no-way.',
  'not-approved': 'Nothing was changed. A person has to decide. See docs/runbook.md#not-approved.',
};

/** What differs where a region was given up. */
const nextOfRegion: Partial<Record<Occasion, string>> = {
  recovered: 'The old region is fenced the moment it answers again. See docs/runbook.md#fence-old-region.',
  closed:
    'The role has moved and stays where it is. What the old region wrote meanwhile has diverged. The old region cannot take over before it is a standby again: `npm run failback` begins that (after a way home it begins by itself), and `npm run status` says what is missing. See docs/runbook.md#the-way-home.',
};

/** What differs where something was restored in the region where it stands. */
const whatOfRestore: Partial<Record<Occasion, (place: string) => string>> = {
  recovered: (place) => `restored: users are served in ${place}`,
  'not-recovered': (place) => `restored, and users are NOT seen to be served in ${place}`,
  failed: (place) => `not all of ${place} is restored`,
  'no-way': (place) => `HELD: there is no safe way to restore in ${place}`,
  'not-approved': (place) => `HELD: nothing is restored in ${place}`,
};
const nextOfRestore: Partial<Record<Occasion, string>> = {
  recovered:
    'The old database stays fenced, with what was written after the restored time: a person looks at it and deletes it. Its replica is none of the restored one: make a new one. See docs/runbook.md#after-a-restore.',
  closed:
    'Users stay where they are, and so does the role. The old database stays fenced, for people. See docs/runbook.md#after-a-restore.',
};

const nextOfBegun =
  'The flow has begun, so it is paused and keeps its lock: the page that follows says what is half done. See docs/runbook.md#pause.';

/** What `domain/asking-again.ts` does about a region that no person gave up by hand. */
const lookedForAgain =
  'While the region is lost, Breakwater looks for a way again and asks you where there is one; where you were asked before, a reminder has a link to ask again.';

const nextOfSuperseded =
  'The region, or another zone, is a matter of its own by now: `npm run status` says what is done about it. Zonal shifts that stand are left.';

/**
 * One message about one occasion. `facts` are told as the states found them; `evidence` is what the decision rests on, in words; `report` is the
 * address of the page with all of it; `calls`: what a dry run of a region would call, in order.
 */
export function flowMessage(
  occasion: Occasion,
  incident: Told,
  facts: Readonly<Record<string, unknown>>,
  evidence: string,
  { report = null, calls = [] }: { readonly report?: string | null; readonly calls?: readonly string[] } = {},
): Message {
  const { headline, advice } = gist(occasion, incident, facts);
  const degradation = isDegraded(occasion) ? (facts as Degradation) : null;
  const isLater = occasion === 'more-changes';
  const mark = incident.dryRun ? '[DRY RUN] ' : incident.drill ? '[DRILL] ' : '';
  return {
    subject: subject(`[Breakwater] ${mark}${headline}`),
    body: composed({
      needed:
        degradation !== null ? degradationNeeds(degradation) : [asking.includes(occasion) ? advice : nothingNeeded],
      happened: [
        sentenceOf(
          degradation === null ? incident.reason : `${incident.reason}, since ${clock(incident.since, incident.since)}`,
        ),
        ...(degradation === null ? [] : degradationSeen(degradation, isLater)),
      ],
      done:
        degradation !== null
          ? degradationDone(degradation, isLater)
          : occasion === 'started'
            ? [`What stands in ${incident.zone ?? incident.region} leaves it now. Everything else stays where it is.`]
            : [
                ...factSentences(occasion, incident, facts),
                ...(calls.length === 0
                  ? []
                  : [
                      'Would be called, in this order; what needs no change is not called:',
                      ...calls.map((call) => `  ${call}`),
                    ]),
              ],
      follows: asking.includes(occasion) && degradation === null ? [] : [advice],
      more: [
        ...(degradation === null ? [evidence] : degradationFacts(degradation)),
        ...(report !== null && reported.includes(occasion)
          ? [`The report, some minutes after the incident is over: ${report}`]
          : []),
        `Incident ${incident.id}, execution ${incident.execution}, asked for by ${plainText(incident.requestedBy)}.`,
      ],
    }),
    thread: threadOf(occasion, incident, facts),
  };
}

/** The end of a flow is the end of what people were called for. Where another one goes on, that calls them, and this end is news of a step. */
function threadOf(
  occasion: Occasion,
  { id, flow, drill, dryRun }: Told,
  { ended }: Readonly<Record<string, unknown>>,
): Thread {
  const isEnd = occasion === 'closed' || occasion === 'degradation-ended';
  return {
    incident: id,
    severity: drill || dryRun ? 'info' : severityOf(levelOf[flow]),
    state: !isEnd ? 'open' : ended === 'superseded' || ended === 'escalated' ? 'step' : 'over',
  };
}

/** After these a person has to do something; the advice says what. */
const asking: readonly Occasion[] = [
  'not-recovered',
  'not-recovered-in-part',
  'closed-unserved',
  'degraded',
  'more-changes',
  'degradation-ended-unserved',
  'no-way',
  'not-approved',
];
const nothingNeeded = 'Nothing now.';

/** After these a reader may want to know how it all went. */
const reported: readonly Occasion[] = [
  'recovered',
  'not-recovered',
  'recovered-in-part',
  'not-recovered-in-part',
  'closed',
  'closed-unserved',
  'degradation-ended',
  'degradation-ended-unserved',
];

type Words = readonly [
  heads: Partial<Record<Occasion, (place: string) => string>>,
  advices: Partial<Record<Occasion, string>>,
];
const wordsOf: Readonly<Record<'region' | 'restore', Words>> = {
  region: [{}, nextOfRegion],
  restore: [whatOfRestore, nextOfRestore],
};

/** What happened in one line, and what it means for the reader. */
function gist(
  occasion: Occasion,
  { flow, zone, region, mode, requestedBy }: Told,
  facts: Readonly<Record<string, unknown>>,
): { readonly headline: string; readonly advice: string } {
  const place = zone ?? region;
  // The end of one flow's watch is not the end of its incident.
  if (occasion === 'closed' && facts['ended'] === 'superseded')
    return { headline: `${place} is watched no more, and the incident goes on`, advice: nextOfSuperseded };
  if (facts['begun'] === true && (occasion === 'no-way' || occasion === 'not-approved'))
    return { headline: `nobody has approved going on with ${place}`, advice: nextOfBegun };
  const [heads, advices] = flow === 'region-failover' ? wordsOf[mode === 'restore' ? 'restore' : 'region'] : [{}, {}];
  const headline = (heads[occasion] ?? what[occasion])(place);
  const advised = advices[occasion] ?? next[occasion];
  const advice = occasion === 'no-way' && requestedBy === 'classify' ? `${advised} ${lookedForAgain}` : advised;
  if (occasion !== 'failed') return { headline, advice };
  return { headline: `${headed(failuresOf(facts)).map(stateWords).join(', ')} failed: ${headline}`, advice };
}

/** The facts of an occasion in sentences: what a message says was found or done. */
export function factSentences(
  occasion: Occasion,
  { flow, mode }: Pick<Told, 'flow' | 'mode'>,
  facts: Readonly<Record<string, unknown>>,
): string[] {
  if (occasion === 'not-approved') return [notApprovedSentence(facts), ...sentencesIn(facts['answers'])];
  if (occasion === 'no-way' || (occasion === 'dry-run' && flow === 'region-failover'))
    return assessmentSentences({ ...facts, mode });
  if (occasion === 'failed') return failuresOf(facts).map((one) => `${stateWords(one)}: ${causeWords(one.why)}`);
  if (ends.includes(occasion)) return endSentences(facts);
  if (recoveries.includes(occasion)) return outcomeSentences(facts);
  return Object.entries(facts).flatMap(([name, fact]) =>
    name === 'assets' && typeof fact === 'object' && fact !== null
      ? Object.entries(fact).map(([asset, outcome]) => `${asset}: ${inWords(asset, outcome)}`)
      : [`${name}: ${inWords(name, fact)}`],
  );
}

const recoveries: readonly Occasion[] = ['recovered', 'recovered-in-part', 'not-recovered', 'not-recovered-in-part'];
const ends: readonly Occasion[] = ['closed', 'closed-unserved', 'degradation-ended', 'degradation-ended-unserved'];

/** The failures in facts by state and asset. */
export function failuresOf(facts: Readonly<Record<string, unknown>>): Failure[] {
  return failuresIn(
    Object.fromEntries(Object.entries(facts).map(([state, outcomes]) => [state, { ...(outcomes as object) }])),
    {},
  );
}

function sentencesIn(fact: unknown): string[] {
  return Array.isArray(fact) ? fact.map(String) : [];
}

/** Times are kept as milliseconds and told as ISO 8601; of a list each entry has a line. */
function inWords(name: string, fact: unknown): string {
  if (typeof fact === 'string') return fact;
  if (typeof fact === 'number' && name.endsWith('At')) return moment(fact);
  if (Array.isArray(fact) && fact.length > 0) return fact.map((entry) => `\n  ${inWords('', entry)}`).join('');
  if (typeof fact === 'object' && fact !== null && !Array.isArray(fact))
    return Object.entries(fact)
      .map(([key, value]) => `${key} ${inWords(key, value)}`)
      .join(', ');
  return JSON.stringify(fact) ?? 'not known';
}

/** A flow that stopped: where, what was seen, and how it goes on. */
export type Stopped = {
  readonly flow: Machine;
  readonly state: string | null;
  /** Null where the state is about the whole flow. */
  readonly asset: string | null;
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error: string | null;
  readonly cause: string | null;
  readonly incident: string;
  /** Of a fence watch: the region that it is to fence. */
  readonly region: string | null;
  readonly execution: string;
  readonly executionArn: string;
};

/** The one state that can fail after the lock was given back: it only tells people. */
const afterLock = 'PageHeld';

/** Tells people that a flow waits for them. A state's section in the runbook has its name in kebab-case. `called`: in words. */
export function stoppedMessage(stopped: Stopped, called: readonly string[], stage: string): Message {
  const state = stateWords({ state: stopped.state ?? 'an unknown state', asset: stopped.asset });
  const section = stopped.state === null ? stopped.flow : kebab(stopped.state);
  return {
    subject: subject(`[Breakwater] ${stopped.flow} stopped at ${state}`),
    body: composed({
      needed:
        stopped.flow === 'fence-watch'
          ? [`Nothing yet: it is started again by itself. Read docs/runbook.md#${section}.`]
          : [
              `Read docs/runbook.md#${section}, then go on from this state with:`,
              `  npm run resume -- ${stopped.execution} --stage ${stage}`,
              ...(stopped.state === afterLock
                ? []
                : [
                    'Or give it up (docs/runbook.md#give-up):',
                    `  npm run abort -- ${stopped.execution} --stage ${stage}`,
                  ]),
            ],
      happened: [
        `${stopped.flow} ${stopped.status} at ${state}.`,
        `Seen: ${stopped.error ?? 'no error'}${stopped.cause === null ? '' : `: ${stopped.cause}`}`,
      ],
      done:
        stopped.flow === 'fence-watch'
          ? [`${stopped.region ?? 'The old region'} is not fenced yet.`]
          : ['Nothing: it does nothing until a person acts.', `Called so far: ${called.join(', ') || 'nothing'}.`],
      follows:
        stopped.flow === 'fence-watch'
          ? []
          : [
              stopped.state === afterLock
                ? 'It has given its lock back: another flow may act.'
                : 'It keeps its lock until it is resumed or given up.',
            ],
      more: [`Incident ${stopped.incident}, execution ${stopped.execution}.`],
    }),
  };
}

/** Tells people of what nobody but they can decide: the old region serves users again, and the other one has been promoted. */
export function servesAgainMessage(
  { id, execution, region, standby }: { id: string; execution: string; region: string; standby: string },
  /** `watch`: the newest execution of the fence watch. `paused`: whether the flow waits; otherwise it was aborted or has ended. */
  { watch, paused, prefix }: { readonly watch: string; readonly paused: boolean; readonly prefix: string },
): Message {
  const line = (verb: string, name: string, more = '') =>
    `  npm run ${verb} -- ${name} --stage ${stageOf(prefix)}${more}`;
  const stay = line('abort', watch, ` --confirm "${region} stays unfenced"`);
  return {
    subject: subject(`[Breakwater] CHOOSE: ${region} serves users again`),
    body: composed({
      needed: paused
        ? [
            `Choose. To go on to ${standby}, and lose what ${region} took since:`,
            line('resume', execution),
            `To stay in ${region}; the promoted copy in ${standby} is of no use then:`,
            line('abort', execution),
            stay,
          ]
        : [
            `Choose. To stay in ${region}:`,
            stay,
            `To go to ${standby} after all, start a new flow: docs/runbook.md#start-by-hand.`,
          ],
      happened: [
        `What stands in ${standby} was promoted. Users were NOT sent there: ${region} serves them again.`,
        paused ? `The flow is paused.` : `The flow was aborted, and cannot be resumed.`,
      ],
      done: [`${region} is not fenced while it serves users.`],
      follows: [
        `What is written in ${region} now is not copied to ${standby}: the longer you wait, the more is lost one way or the other.`,
      ],
      more: ['Read docs/runbook.md#fence-watch.', `Incident ${id}, execution ${execution}.`],
    }),
  };
}

/** Tells people that the old region's database is fenced now, where its flow does not go on to say so. Times in milliseconds since 1970. */
export function fencedMessage(
  { id, execution, region, standby }: { id: string; execution: string; region: string; standby: string },
  {
    asset,
    since,
    fenced,
    isAborted,
    prefix,
  }: {
    readonly asset: string;
    readonly since: number;
    readonly fenced: number;
    readonly isAborted: boolean;
    readonly prefix: string;
  },
): Message {
  const [from, until] = [since, fenced].map((at) => clock(at, fenced));
  return {
    subject: subject(`[Breakwater] FENCED: ${asset} in ${region} takes no writes any more`),
    body: composed({
      needed: isAborted
        ? [`Look where users are: npm run status -- --stage ${stageOf(prefix)}`]
        : [
            `The flow is paused. To go on to ${standby}:`,
            `  npm run resume -- ${execution} --stage ${stageOf(prefix)}`,
          ],
      happened: [
        `${asset} was taken over by ${standby}; what it took in ${region} between ${from} and ${until} is not in ${standby}.`,
        ...(isAborted ? [`The flow was aborted. Users are not sent to ${standby} by it.`] : []),
      ],
      done: [`${asset} in ${region} takes no writes any more.`],
      follows: ['Compare both databases before either is deleted. Read docs/runbook.md#fence-watch.'],
      more: [`Incident ${id}, execution ${execution}.`],
    }),
  };
}

/** Tells people that a person has ended a flow: what they can no longer do with it, and where they read what it has left. */
export function abortedMessage(
  { flow, state, asset, incident, region, execution }: Stopped,
  { by, at }: { readonly by: string; readonly at: number },
  stage: string,
): Message {
  const where = stateWords({ state: state ?? 'an unknown state', asset });
  return {
    subject: subject(`[Breakwater] ${flow} was aborted at ${where}`),
    body: composed({
      needed: [
        'Look at what it has changed and nobody undoes, and at what holds a lock still:',
        `  npm run abort -- ${execution} --stage ${stage}`,
      ],
      happened: [`${by} aborted it at ${clock(at, at)}.`],
      done: [
        'Nothing of it goes on, and a redrive is refused.',
        ...(flow === 'fence-watch'
          ? [
              `${region ?? 'The old region'} stays unfenced, unless it was fenced before: nobody fences it from now on, and what it writes is not in the other one.`,
            ]
          : []),
      ],
      follows: [
        `The incident goes on where its evidence does: npm run status -- --stage ${stage}. Read docs/runbook.md#give-up.`,
      ],
      more: [`Incident ${incident}, execution ${execution}.`],
    }),
  };
}

/** Tells people that a step fails and is tried again, since `at`, in milliseconds since 1970. */
export function failingMessage(
  step: Step,
  {
    incident,
    execution,
    drill,
    at,
    why,
  }: { incident: string; execution: string; drill: boolean; at: number; why: string },
): Message {
  const state = stateWords(step);
  return {
    subject: subject(`[Breakwater] ${drill ? '[DRILL] ' : ''}${state} fails and is tried again`),
    body: composed({
      needed: [`Nothing yet. What you can look at: docs/runbook.md#${kebab(step.state)}.`],
      happened: [`${state} has failed since ${clock(at, at)}: ${why}.`],
      done: ['It is tried again, and everything else goes on.'],
      follows: ['You hear again when it gives up, or of the whole when it was reached.'],
      more: [`Incident ${incident}, execution ${execution}.`],
    }),
  };
}

/** Tells people that an asset does not come back in a way: what the flow does about it, and what it has left behind. */
export function wayFailedMessage(
  { asset, way }: { readonly asset: string; readonly way: string },
  { incident, execution, at, outcome }: StepRecord,
): Message {
  const left = outcome['left'];
  return {
    subject: subject(`[Breakwater] ${asset} does not come back by ${way}`),
    body: composed({
      needed: [
        typeof left === 'string'
          ? `Later: ${left} stays, and costs. Look at it, then delete it. Nobody else does.`
          : 'Nothing now.',
      ],
      happened: [`At ${clock(at, at)}: ${String(outcome['why'])}.`],
      done: ['The flow takes the next way.'],
      follows: [
        'Where that loses more than was approved, people are asked again first. Read docs/runbook.md#take-over.',
      ],
      more: [`Incident ${incident}, execution ${execution}.`],
    }),
  };
}

/** Calls in words, each once: what is half done consists of these. */
export function callsWords(calls: readonly AuditRecord[]): string[] {
  const same = Map.groupBy(calls, ({ call, target, region }) => `${call} of ${target} in ${region}`);
  return [...same].map(([words, all]) => {
    const at = day(all.at(-1)?.at ?? 0);
    return all.length === 1 ? `${words} at ${at}` : `${words}, ${all.length} times, the last at ${at}`;
  });
}

/** What the flow that holds a region has called so far (`past`), in a sentence, for people who cannot see the flow itself. */
export function heldSentence({ target, execution, at }: Lock, past: readonly AuditRecord[]): string {
  const calls = callsWords(past);
  return `${execution} holds ${target} since ${day(at)}; called so far: ${calls.join(', ') || 'nothing'}.`;
}

/** A failure with what its step has called so far, in words: what is half done. */
export type Seen = Failure & { readonly called: readonly string[]; readonly mayBeSkipped: boolean };

const Unfenced = z.record(
  z.string(),
  z
    .union([
      z.object({
        region: z.string(),
        database: z.string(),
        opened: z.boolean(),
        openSince: z.number().optional(),
        stays: z.string().optional(),
      }),
      z.object({ failed: z.string() }),
      z.object({ region: z.string(), unreachable: z.string() }),
    ])
    .nullable()
    .catch(null),
);

/** What a switchover that gave up says of each database that it had fenced: it takes writes again, or why it does not. */
export function unfencedSentences(ofAssets: Readonly<Record<string, unknown>>): string[] {
  const { data = {} } = Unfenced.safeParse(ofAssets[stateOf.unfence]);
  return Object.entries(data).flatMap(([asset, one]) => {
    if (one === null) return [];
    if ('failed' in one) return [`${asset} in the old region is STILL FENCED: users cannot write until it is opened.`];
    if ('unreachable' in one)
      return [`${asset} in ${one.region} is STILL FENCED, as far as anybody can see: ${one.unreachable}.`];
    const { region, database, opened, openSince, stays } = one;
    if (stays !== undefined) return [`Database ${database} in ${region} STAYS FENCED: ${stays}.`];
    if (!opened || openSince === undefined) return [];
    const since = day(openSince);
    return [
      `Database ${database} in ${region} TAKES WRITES AGAIN, since ${since}: nothing took over, and users write where they did.`,
    ];
  });
}

/** Tells people that a flow waits for them, with every branch that failed and the lines to type. Times in milliseconds. */
export function pausedMessage(
  told: Pick<Told, 'id' | 'execution' | 'flow'>,
  seen: readonly Seen[],
  {
    stage,
    until,
    changed,
    unfenced,
  }: {
    readonly stage: string;
    readonly until: number;
    readonly changed: readonly string[];
    /** Sentences about what was fenced and is not any more. */
    readonly unfenced: readonly string[];
  },
): Message {
  const line = (verb: string, words = '', why = '') =>
    `  npm run ${verb} -- ${told.execution}${words} --stage ${stage}${why}`;
  return {
    subject: subject(`[Breakwater] ${told.flow} stopped at ${headed(seen).map(stateWords).join(', ') || 'Pause'}`),
    body: composed({
      needed: [
        `Try what failed again, until ${day(until)}:`,
        line('resume'),
        ...seen.flatMap(({ state, asset, mayBeSkipped }) =>
          mayBeSkipped
            ? [
                `Leave ${stateWords({ state, asset })} out, then resume:`,
                line('skip', ` ${stateWords({ state, asset })}`, ' --reason "<why>"'),
              ]
            : [],
        ),
        'Give the flow and its lock up: docs/runbook.md#give-up.',
        line('abort'),
      ],
      happened: seen.map(
        ({ state, asset, why }) => `${stateWords({ state, asset })}: ${why}. Read docs/runbook.md#${kebab(state)}.`,
      ),
      done: [
        `${told.flow} has done what it could and is paused. It does nothing until a person acts.`,
        ...unfenced,
        ...seen.map(
          ({ state, asset, called }) =>
            `Called for ${stateWords({ state, asset })}: ${called.join(', ') || 'nothing'}.`,
        ),
        ...(changed.length === 0 ? [] : [`Called for what did not fail: ${changed.join(', ')}.`]),
      ],
      follows: ['It keeps its lock until it is resumed or given up.'],
      more: [`Incident ${told.id}, execution ${told.execution}.`],
    }),
  };
}
