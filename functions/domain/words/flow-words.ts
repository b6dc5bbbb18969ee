// What people are told while a flow runs: what happened, what it means for them, and where to read on.
import * as z from 'zod';
import { stateOf } from '../../kinds/verbs.ts';
import { type Flow, levelOf, type Machine, resumableUntil, stageOf } from '../flows.ts';
import { clock, day } from '../page/page-times.ts';
import { countsFrom } from '../record/fault-clock.ts';
import type { EndedStep } from '../record/progress.ts';
import { errorWords, type Step, stepWords } from '../record/step.ts';
import type { AuditRecord, StepRecord } from '../record/store.ts';
import { type Failure, failuresIn, headed, kebab } from '../recovery/reaching.ts';
import type { Incident, Lock, Mode } from '../types.ts';
import {
  type Degradation,
  degradationActs,
  degradationDone,
  degradationFacts,
  degradationNeeds,
  degradationSeen,
} from './degradation-words.ts';
import { endSentences, outcomeSentences, outcomesOf } from './outcome-words.ts';
import { nameIn } from './plain-text.ts';
import { assessmentSentences, notApprovedSentence, wayWords } from './region-words.ts';
import { areServed, readVisited, theService, type Visited } from './users-words.ts';
import {
  byWords,
  type Composed,
  type Message,
  markOf,
  messageOf,
  sentenceOf,
  severityOf,
  skipLines,
  stateWords,
  type Thread,
} from './words.ts';

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
  readonly standby?: string | undefined;
};

const what: Record<Occasion, (place: string) => string> = {
  started: (place) => `moving out of ${place}`,
  recovered: (place) => `users are served without ${place}`,
  'not-recovered': (place) => `${place} was left: look for a second cause`,
  // What stays in a bad zone fails some users: thirty visits that were answered prove nothing against that.
  'recovered-in-part': (place) => `users are served, and NOT all has left ${place}`,
  'not-recovered-in-part': (place) => `NOT all has left ${place}: look for what users still need`,
  failed: (place) => `not everything has left ${place}`,
  closed: (place) => `the incident in ${place} is over`,
  'closed-unserved': (place) => `${place} is watched no more: look for another cause`,
  'dry-run': (place) => `nothing was changed in ${place}`,
  degraded: (place) => `service degraded in ${place}`,
  'more-changes': (place) => `more changes found from before the degradation in ${place}`,
  'degradation-ended': (place) => `degradation in ${place} has ended`,
  'degradation-ended-unserved': (place) => `no alarm is left in ${place}: look for another cause`,
  'no-way': (place) => `HELD: there is no safe way out of ${place}`,
  'not-approved': (place) => `HELD: ${place} is not given up`,
};

const worseOrOver =
  'You hear when the service gets worse, when a zone or the region is lost, and when the degradation is over.';

const otherCause = [
  'Look for another cause of the failure: a release, the database, what the service needs. See docs/runbook.md#verify-service.',
  'Nobody watches this now: the incident is over, and Breakwater does NOT remind you.',
];

/** What a person has to do after these. A degradation says it by what is suspected; the others need nobody. */
const needs: Partial<Record<Occasion, readonly string[]>> = {
  'not-recovered': ['Look for a second cause of the failure. See docs/runbook.md#verify-service.'],
  'not-recovered-in-part': ['Look for what users still need. See docs/runbook.md#verify-service.'],
  'closed-unserved': otherCause,
  'degradation-ended-unserved': otherCause,
  'no-way': ['Repair every point under "No safe way": docs/runbook.md#no-way says how. One alone is not enough.'],
  'not-approved': ['Decide whether people are asked again: docs/runbook.md#not-approved.'],
};

/** How the question is put again: Breakwater itself puts it only about what it found itself. */
function startLines(
  occasion: Occasion,
  { mode, requestedBy }: Pick<Told, 'mode' | 'requestedBy'>,
  reminder: string,
): string[] {
  if (mode === 'restore' || (occasion === 'no-way' && requestedBy === 'classify')) return [];
  return [
    requestedBy === 'classify'
      ? `To ask again: open the link in the reminder at ${reminder}. To ask sooner, somebody who is no approver types this. It needs one approval more than before:`
      : 'Then start the flow again:',
    `  npm run ${mode ?? 'failover'}`,
  ];
}

/** What Breakwater does now, and what follows. What came of it stands under what happened. */
type Course = readonly [doing: (place: string) => string, next: string | ((to: string) => string)];

const watches = (place: string) => `Breakwater keeps traffic out of ${place} and watches the zone.`;
const triesAgain = (place: string) =>
  `${watches(place)} Meanwhile it tries again what failed. Until that has left too, a few users may fail.`;
const endsHere = () => 'Nothing more: the flow has ended.';
const changesNothing = () => 'Nothing. Breakwater has changed nothing.';
const notReminded = 'You hear when Breakwater sees something else fail.';
const whileUsersFail = 'While users fail, Breakwater reminds you. You also hear when the incident is over.';

const courses: Record<Occasion, Course> = {
  started: [
    (place) => `Breakwater moves what runs in ${place} elsewhere. Everything else stays where it is.`,
    'You hear when users are served without the zone. To end this flow: docs/runbook.md#give-up. To keep all flows from their next step (what has begun goes on): docs/runbook.md#freeze.',
  ],
  recovered: [watches, 'Traffic goes back when the incident ends, and you hear of it. See docs/runbook.md#watch-zone.'],
  'not-recovered': [watches, whileUsersFail],
  failed: [
    (place) => `Breakwater has tried for the last time. It keeps traffic out of ${place} and goes on with the rest.`,
    'When the zone is well again, the flow pauses and waits for you. See docs/runbook.md#pause.',
  ],
  'recovered-in-part': [triesAgain, 'You hear how that ends. See docs/runbook.md#leave-zone.'],
  'not-recovered-in-part': [triesAgain, whileUsersFail],
  closed: [endsHere, 'Breakwater can act on this zone again. The database and the cache stay where they are.'],
  'closed-unserved': [endsHere, notReminded],
  'dry-run': [() => 'Nothing. This was a dry run: Breakwater changed nothing and took no lock.', ''],
  degraded: [watches, worseOrOver],
  'more-changes': [watches, worseOrOver],
  'degradation-ended': [endsHere, 'You hear when something fails again.'],
  'degradation-ended-unserved': [endsHere, notReminded],
  'no-way': [changesNothing, ''],
  'not-approved': [changesNothing, 'Breakwater does NOT remind you of this: a person had started it.'],
};

/** What fails to leave a zone is tried so often in all (`statemachines/az-failover.asl.yaml`). `at`: when again, in milliseconds since 1970; `round` counts the tries. */
function triedAgainAt(at: number, round: unknown, now: number): Course {
  return [
    (place) =>
      `Breakwater keeps traffic out of ${place} and goes on with the rest. At about ${clock(at, now)} it tries again what failed.`,
    `You hear how that ends. ${typeof round === 'number' ? `This was try ${round} of 3.` : 'There are 3 tries.'} The tries are ten minutes apart. After the last one Breakwater needs you.`,
  ];
}

const seeHome =
  '`npm run status` says what is missing until the old region can take over. See docs/runbook.md#the-way-home.';
const completes = () => 'Breakwater completes the move.';
const tellsComplete = 'You hear when the move is complete. See docs/runbook.md#fence-old-region.';

/** What differs where a region was given up. */
const coursesOfRegion: Partial<Record<Occasion, Course>> = {
  recovered: [completes, tellsComplete],
  'not-recovered': [completes, whileUsersFail],
  closed: [
    endsHere,
    (to) =>
      `${to} is the primary now, and stays it. What the old region wrote in the meantime is missing in ${to}. ${seeHome}`,
  ],
};

const movedAsPlanned: Course = [
  endsHere,
  (to) => `${to} is the primary now, and stays it. No data was lost. ${seeHome}`,
];

/** What differs where something was restored in the region where it stands. */
const whatOfRestore: Partial<Record<Occasion, (place: string) => string>> = {
  recovered: (place) => `restored: users are served in ${place}`,
  'not-recovered': (place) => `restored in ${place}: look for a second cause`,
  failed: (place) => `not everything in ${place} is restored`,
  closed: (place) => `the restore in ${place} is complete`,
  'closed-unserved': (place) => `the restore in ${place} ends here: look for another cause`,
  'no-way': (place) => `HELD: there is no safe way to restore in ${place}`,
  'not-approved': (place) => `HELD: nothing is restored in ${place}`,
};
const coursesOfRestore: Partial<Record<Occasion, Course>> = {
  recovered: [
    () => 'Breakwater completes the restore.',
    'The old database stays fenced. It alone has what was written after the restored time. The old replica does not follow the restored database.',
  ],
  closed: [
    endsHere,
    'Users and the primary role stay where they are. The old database stays fenced, for you to look at. See docs/runbook.md#after-a-restore.',
  ],
};

const begun: Course = [
  () => 'The flow had begun. It is paused now and keeps its lock.',
  'The next message says what is half done, and what to type. See docs/runbook.md#pause.',
];

/** What `domain/asking-again.ts` does about a region that no person gave up by hand. */
const lookedForAgain =
  'While the region is lost, Breakwater looks for a safe way again. If there is one, Breakwater asks the approvers. If they were asked before, a reminder has a link to ask again.';

const wellAgain: Course = [
  (place) => `Breakwater lets traffic back into ${place}.`,
  'The next message says how the incident ended, and what is left of it.',
];

const superseded: Course = [
  (place) => `This flow does nothing more, and ${place} is watched no more.`,
  'The incident goes on: `npm run status` says what is being done.',
];

/**
 * One message about one occasion. `facts` are told as the states found them; `evidence` is what the decision rests on, in words; `report` is the
 * address of the page with all of it; `calls`: what a dry run of a region would call, in order.
 */
export function flowMessage(
  occasion: Occasion,
  incident: Told,
  facts: Readonly<Record<string, unknown>>,
  evidence: string,
  {
    report = null,
    calls = [],
    lastServedAt = null,
    isHome = false,
    now = incident.since,
    remindsAt = now,
  }: {
    /** In milliseconds since 1970: what follows is told from then on. */
    readonly now?: number;
    readonly report?: string | null;
    readonly calls?: readonly string[];
    /** When users were last seen to be served before the first evidence; null where nobody saw that. */
    readonly lastServedAt?: number | null;
    /** Of a region flow: whether users have come home, and when they are reminded first if it was not approved. */
    readonly isHome?: boolean;
    readonly remindsAt?: number;
  } = {},
): Message {
  const { headline, needed, canWait = false, course } = gist(occasion, incident, facts, { now, remindsAt });
  const toHome = needed === null && leavesUnprotected(occasion, incident) && !isHome;
  const [doing, next] = course;
  const degradation = isDegraded(occasion) ? (facts as Degradation) : null;
  const isLater = occasion === 'more-changes';
  const mark = incident.dryRun ? '[DRY RUN] ' : markOf(incident);
  return messageOf({
    marks: mark,
    canWait: canWait || toHome,
    headline: degradation === null || isLater ? headline : `${headline}${degradationActs(degradation)}`,
    needed:
      degradation !== null
        ? degradationNeeds(degradation, incident.region)
        : needed !== null
          ? needed
          : toHome
            ? failbackNeeded(incident)
            : [nothingNeeded],
    happened: [
      reasonSentence(
        incident,
        degradation !== null,
        ends.includes(occasion) || recoveries.includes(occasion) || facts['over'] === true,
      ),
      ...(degradation === null ? sinceSentences(incident, lastServedAt) : degradationSeen(degradation, isLater)),
      ...(degradation === null && occasion !== 'started' ? factSentences(occasion, incident, facts) : []),
      ...(calls.length === 0
        ? []
        : [
            'A real flow makes these calls, in this order, as far as each is needed. A database is either promoted or restored:',
            ...calls.map((call) => `  ${call}`),
          ]),
    ],
    done: degradation !== null ? degradationDone(degradation, isLater) : [doing(incident.zone ?? incident.region)],
    follows: next === '' ? [] : [typeof next === 'string' ? next : next(incident.standby ?? 'the other region')],
    users: readVisited(facts['users']),
    more: [
      ...(degradation === null ? [evidence] : degradationFacts(degradation)),
      ...(report !== null && reported.includes(occasion)
        ? [`The report is ready some minutes after the incident is over: ${report}`]
        : []),
      `Incident ${incident.id}, execution ${incident.execution}, started by ${byWords(incident.requestedBy)}.`,
    ],
    thread: threadOf(occasion, incident, facts),
  });
}

/** Why: in the present only while it may be so, and as whose words where a person says it. */
function reasonSentence({ reason, since, requestedBy }: Told, isDegradation: boolean, isPast: boolean): string {
  if (isDegradation) return sentenceOf(`${reason}, since ${clock(since, since)}`);
  if (requestedBy !== 'classify') return `Started by ${byWords(requestedBy)}: ${sentenceOf(reason)}`;
  return sentenceOf(isPast ? `what was seen: ${reason}` : reason);
}

/** Since when, of what Breakwater found by itself: a person who starts a flow says why, and the trouble may be older. */
function sinceSentences({ since, requestedBy }: Pick<Told, 'since' | 'requestedBy'>, lastServedAt: number | null) {
  if (requestedBy !== 'classify') return [];
  const { at, what: of } = countsFrom(since, lastServedAt);
  const served = of === 'last-served' ? `, after the last successful user request at ${clock(at, since)}` : '';
  return [`The first sign of the failure was at ${clock(since, since)}${served}.`];
}

/** Whether a flow ends with a region that nothing can take over from, until a person begins the way home. A drill comes home by itself. */
function leavesUnprotected(occasion: Occasion, { flow, mode, drill }: Told): boolean {
  return occasion === 'closed' && flow === 'region-failover' && mode !== 'restore' && !(drill && mode === 'switchover');
}

function failbackNeeded({ region, standby = 'the region that serves' }: Told): string[] {
  return [
    `When ${region} is well again, make it a standby. Until then no region can take over from ${standby}:`,
    '  npm run failback',
    'Users are served: it may wait until morning. Read docs/runbook.md#the-way-home.',
  ];
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
  courses: Partial<Record<Occasion, Course>>,
];
const movedAway = {
  closed: (place: string) => `the move away from ${place} is complete`,
  'closed-unserved': (place: string) => `the move away from ${place} ends here: look for another cause`,
};
const wordsOf: Readonly<Record<Mode, Words>> = {
  failover: [movedAway, coursesOfRegion],
  switchover: [movedAway, { ...coursesOfRegion, closed: movedAsPlanned }],
  restore: [whatOfRestore, coursesOfRestore],
};

/** `needed`: null where nobody has to do anything. */
type Gist = {
  readonly headline: string;
  readonly needed: readonly string[] | null;
  readonly canWait?: boolean;
  readonly course: Course;
};

/** What happened in one line, what a person has to do, and what Breakwater does now and next. */
function isNone(listed: unknown): boolean {
  return Array.isArray(listed) && listed.length === 0;
}

function gist(
  occasion: Occasion,
  { flow, zone, region, mode, requestedBy }: Told,
  facts: Readonly<Record<string, unknown>>,
  { now, remindsAt }: { readonly now: number; readonly remindsAt: number },
): Gist {
  const place = zone ?? region;
  const needed = needs[occasion] ?? null;
  // Who started it by hand starts it again by hand (`domain/approval/asking-again.ts`).
  const reminder = clock(remindsAt, now);
  const notApprovedCourse: Course =
    requestedBy === 'classify'
      ? [changesNothing, `If ${place} is still lost at ${reminder}, Breakwater reminds you, with a link to ask again.`]
      : courses['not-approved'];
  // The end of one flow's watch is not the end of its incident.
  if (occasion === 'closed' && facts['ended'] === 'superseded')
    return {
      needed: [
        `Nothing from this flow. What is being done about ${String(facts['by'] ?? 'the incident')}: npm run status.`,
      ],
      headline:
        typeof facts['by'] === 'string' ? `the incident is about ${facts['by']} now` : 'the incident goes on elsewhere',
      course: superseded,
    };
  // Users fail since they were sent back: the zone is the first suspect.
  if (occasion === 'closed-unserved' && zone !== null && facts['ended'] === 'recovered' && isNone(facts['left']))
    return {
      headline: `users were sent back to ${zone}: look there first`,
      needed: [
        `Look whether ${zone} is still bad: users were sent back to it. If its alarms rise again, Breakwater leaves it again by itself. To leave it at once (docs/runbook.md#start-by-hand):`,
        `  npm run failover -- --zone ${zone}`,
        `If ${zone} is well, look for another cause: docs/runbook.md#verify-service. The incident is over, and Breakwater does NOT remind you.`,
      ],
      course: courses['closed-unserved'],
    };
  // Of a flow that was resumed after the zone had recovered: nothing stays away from it any more.
  if (occasion === 'recovered' && facts['wellAgain'] === true)
    return { needed, headline: `users are served, and ${place} is well again`, course: wellAgain };
  if (facts['begun'] === true && (occasion === 'no-way' || occasion === 'not-approved'))
    return {
      headline: `the flow for ${place} has no approval to go on`,
      needed: ['Wait for the next message, then decide: it says what is half done.'],
      course: begun,
    };
  if (isOverNow(occasion, facts))
    return {
      headline: `${place} may be well again, so nobody is asked to leave it`,
      needed: areServed(facts['users'])
        ? null
        : [`Open ${theService} and see whether it works. See docs/runbook.md#no-way.`],
      course: [
        changesNothing,
        `If ${place} fails again, you hear of it. Until the cooldown of the plan is over Breakwater asks nobody again by itself.`,
      ],
    };
  if (isOutgrown(occasion, facts))
    return {
      headline: `HELD: ${place} is not given up, for it has changed again since the last approval`,
      needed: [...(needs['not-approved'] ?? []), ...startLines('not-approved', { mode, requestedBy }, reminder)],
      course: notApprovedCourse,
    };
  const { unfenced } = facts;
  if (occasion === 'recovered' && Array.isArray(unfenced) && unfenced.length > 0)
    return {
      headline: `users are served without ${place}, which is NOT fenced yet`,
      needed: [
        `Nothing now. Breakwater tries for days to fence ${place}, and you hear when it is fenced. How it stands: npm run status. To close it by hand before that: docs/runbook.md#fence.`,
      ],
      course: [() => `Breakwater tries to fence ${unfenced.join(', ')} until it can.`, tellsComplete],
    };
  const [heads, own] = flow === 'region-failover' ? wordsOf[mode ?? 'failover'] : [{}, {}];
  const headline = (heads[occasion] ?? what[occasion])(place);
  const course = own[occasion] ?? courses[occasion];
  if (mode === 'restore' && occasion === 'recovered')
    return {
      headline,
      needed: [
        'It can wait until morning: compare the old database, copy what you need, then delete it. Make a new replica. See docs/runbook.md#after-a-restore.',
      ],
      canWait: true,
      course,
    };
  if (occasion === 'no-way' || occasion === 'not-approved')
    return {
      headline,
      needed: [...(needed ?? []), ...startLines(occasion, { mode, requestedBy }, reminder)],
      course:
        occasion === 'not-approved'
          ? notApprovedCourse
          : requestedBy === 'classify'
            ? [course[0], lookedForAgain]
            : course,
    };
  if (occasion !== 'failed') return { headline, needed, course };
  const failures = headed(failuresOf(facts));
  const { againSeconds } = facts;
  const isLast = typeof againSeconds !== 'number';
  const sections = [...new Set(failures.map(({ state }) => `docs/runbook.md#${kebab(state)}`))].join(', ');
  return {
    headline: `${failures.map((one) => stepWords(one, zone)).join(', ')} failed${mode === 'restore' ? `: ${headline}` : isLast ? ' for the last time' : ', and is tried again'}`,
    needed: isLast
      ? [`Move what failed out of ${place} by hand: ${sections}. Breakwater does not try it again.`]
      : areServed(facts['users'])
        ? null
        : [
            `${readVisited(facts['users']) === undefined ? 'Users may fail' : 'Users fail'} until this is mended. Look at what failed: ${sections}. Breakwater tries it again by itself.`,
          ],
    course: isLast ? course : triedAgainAt(now + againSeconds * 1000, facts['round'], now),
  };
}

/** Whether a region that people were asked about, or would have been, may be well again. */
function isOverNow(occasion: Occasion, { over }: Readonly<Record<string, unknown>>): boolean {
  return (occasion === 'no-way' || occasion === 'not-approved') && over === true;
}

/** Whether there is a way, and people were asked about it as often as they may be: each time it had changed by the time they had approved. */
function isOutgrown(occasion: Occasion, { offered, changed }: Readonly<Record<string, unknown>>): boolean {
  return occasion === 'no-way' && offered === true && typeof changed === 'string';
}

/** The facts of an occasion in sentences: what a message says was found or done. */
export function factSentences(
  occasion: Occasion,
  {
    flow,
    mode,
    zone,
    region,
    standby,
  }: Pick<Told, 'flow' | 'mode' | 'region' | 'standby'> & { readonly zone?: string | null | undefined },
  facts: Readonly<Record<string, unknown>>,
): string[] {
  if (isOverNow(occasion, facts))
    return [
      `The incident is over: what failed in ${region} has recovered. What was approved, or asked for, holds no longer.`,
    ];
  if (occasion === 'not-approved') return [notApprovedSentence(facts), ...sentencesIn(facts['answers'])];
  if (occasion === 'no-way')
    return [
      ...(isOutgrown(occasion, facts)
        ? [`People are asked three times at most. What they approved last holds no longer: ${facts['changed']}.`]
        : []),
      ...assessmentSentences({ ...facts, mode, region, standby }),
    ];
  if (occasion === 'dry-run' && flow === 'region-failover')
    return ['A real flow would find this now:', ...assessmentSentences({ ...facts, mode, region, standby }, true)];
  if (occasion === 'failed') return failuresOf(facts).map((one) => sentenceOf(failedWords(one, zone)));
  if (ends.includes(occasion)) return endSentences(facts, zone ?? region, unserved[occasion] !== undefined);
  if (recoveries.includes(occasion)) return outcomeSentences(facts, needs[occasion] === undefined);
  return outcomesOf(facts);
}

const recoveries: readonly Occasion[] = ['recovered', 'recovered-in-part', 'not-recovered', 'not-recovered-in-part'];
const ends: readonly Occasion[] = ['closed', 'closed-unserved', 'degradation-ended', 'degradation-ended-unserved'];

/** A failure as a clause: what is held has not failed. */
function failedWords({ held, why, ...step }: Failure, zone: string | null | undefined): string {
  return held ? `${stepWords(step, zone)} is ${why}` : `${stepWords(step, zone)} failed: ${why}`;
}

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

/** A flow that stopped: where, what was seen, and how it goes on. */
export type Stopped = {
  readonly flow: Machine;
  readonly state: string | null;
  /** Null where the state is about the whole flow. */
  readonly asset: string | null;
  /** Whether a person may sign that the state is left out. */
  readonly mayBeSkipped: boolean;
  readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error: string | null;
  readonly cause: string | null;
  readonly incident: string;
  /** Of a fence watch: the region that it is to fence. */
  readonly region: string | null;
  readonly execution: string;
  readonly executionArn: string;
  readonly drill: boolean;
  /** Why it was started, and when it stopped, in milliseconds since 1970; null where that is not known. */
  readonly reason: string | null;
  readonly stoppedAt: number | null;
};

const keepsLockInVain =
  'Until you give it up it keeps its lock: no other flow acts here, also if the region fails again.';
const keepsLock =
  'Nothing goes on until you resume the flow or give it up. It keeps its lock: no other flow acts here.';
const endedAs = { FAILED: 'failed', TIMED_OUT: 'timed out', ABORTED: 'was aborted' } as const;

/** The one state that can fail after the lock was given back: it only tells people. */
const afterLock = 'PageHeld';

/** Where what a drill has caused calls people. */
function markedIn({ drill }: { readonly drill: boolean }, stage: string): Pick<Composed, 'marks' | 'first'> {
  if (!drill) return {};
  return {
    marks: markOf({ drill }),
    first: `DRILL: a drill has caused this. Users who fail really fail: act as below. To stop all drills: npm run drill -- --aws stop --stage ${stage} --reason "<why>"`,
  };
}

/** Where it stopped, by its name. */
export function stoppedState({ state, asset }: Pick<Stopped, 'state' | 'asset'>): string {
  return stateWords({ state: state ?? 'an unknown state', asset });
}

/** What it did when it stopped. */
function stoppedWhile({ state, asset }: Pick<Stopped, 'state' | 'asset'>): string {
  return state === null ? 'in a state that is not known' : `while ${stepWords({ state, asset })}`;
}

/** Tells people that a flow waits for them. A state's section in the runbook has its name in kebab-case. `called`: in words. */
export function stoppedMessage(stopped: Stopped, called: readonly string[], stage: string): Message {
  const state = stoppedState(stopped);
  const section = stopped.state === null ? stopped.flow : kebab(stopped.state);
  return messageOf({
    ...markedIn(stopped, stage),
    headline:
      stopped.flow === 'fence-watch'
        ? `${stopped.flow} stopped ${stoppedWhile(stopped)}`
        : `you are needed: STOPPED ${stoppedWhile(stopped)}`,
    needed:
      stopped.flow === 'fence-watch'
        ? [`Nothing yet: Breakwater starts the watch again. Read docs/runbook.md#${section}.`]
        : [
            `Correct the cause${stopped.error === null && stopped.cause === null ? '' : `: ${errorWords(stopped.error, stopped.cause)}`} (docs/runbook.md#${section}). Then type this${stopped.stoppedAt === null ? '' : ` (possible until ${day(resumableUntil(stopped.stoppedAt))})`}:`,
            `  npm run resume -- ${stopped.execution} --stage ${stage}`,
            ...(stopped.mayBeSkipped ? skipLines(stopped.execution, state, stage) : []),
            ...(stopped.state === afterLock
              ? []
              : [
                  'Or give up the flow and its lock (docs/runbook.md#give-up):',
                  `  npm run abort -- ${stopped.execution} --stage ${stage}`,
                ]),
          ],
    happened: [
      ...(stopped.reason === null ? [] : [`Why the flow was started: ${sentenceOf(stopped.reason)}`]),
      `${stopped.flow} ${endedAs[stopped.status]} ${stoppedWhile(stopped)}${stopped.stoppedAt === null ? '' : `, at ${clock(stopped.stoppedAt, stopped.stoppedAt)}`}.`,
      `Error: ${errorWords(stopped.error, stopped.cause)}`,
    ],
    done:
      stopped.flow === 'fence-watch'
        ? [`${stopped.region ?? 'The old region'} is not fenced yet.`]
        : ['Nothing. The flow waits until a person acts.'],
    follows:
      stopped.flow === 'fence-watch'
        ? []
        : [stopped.state === afterLock ? 'The flow has given its lock back: another flow may act.' : keepsLock],
    more: [
      ...(called.length === 0 ? [] : [`AWS calls so far: ${listed(called)}`]),
      `Incident ${stopped.incident}, execution ${stopped.execution}.`,
    ],
  });
}

/** What the fence watch does while people think (`shared/fencing/fence-late.ts`). */
function closesAgain(region: string): string {
  return `If users fail in ${region} for three minutes, Breakwater closes its database, and then nobody can write.`;
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
  return messageOf({
    headline: `CHOOSE NOW: ${region} serves users again, and two databases may take writes`,
    needed: paused
      ? [
          `Choose now. ${closesAgain(region)} To go on to ${standby}, and lose the writes that only ${region} has:`,
          line('resume', execution),
          `To stay in ${region}, type both lines: the first gives the flow up, the second leaves ${region} open. The promoted copy in ${standby} is useless then:`,
          line('abort', execution),
          stay,
          'Then do the rest of docs/runbook.md#stay: until that is done, no other region can take over.',
        ]
      : [
          `Choose now. ${closesAgain(region)} To stay in ${region}:`,
          stay,
          `To go to ${standby} after all, do it by hand: docs/runbook.md#fence-watch. A new flow cannot use what was promoted.`,
        ],
    happened: [
      `Breakwater promoted the copy in ${standby}. Users were NOT sent there: ${region} serves them again.`,
      paused ? `The flow is paused.` : `The flow was aborted and cannot be resumed.`,
      `Both databases may take writes until you decide. New writes in ${region} are not copied to ${standby}.`,
    ],
    done: [`Breakwater does not fence ${region} while ${region} serves users.`],
    follows: [
      `The longer you wait, the more is lost if you go on to ${standby}.`,
      ...(paused
        ? [
            'After a resume Breakwater looks again. It asks the approvers first if the incident is over, or if more would be lost than they approved.',
          ]
        : []),
    ],
    more: ['Read docs/runbook.md#fence-watch.', `Incident ${id}, execution ${execution}.`],
  });
}

/** Tells people that the old region's database is fenced now, where its flow does not go on to say so. Times in milliseconds since 1970. */
export function fencedMessage(
  { id, execution, region, standby }: { id: string; execution: string; region: string; standby: string },
  {
    asset,
    since,
    fenced,
    isAborted,
    isRedirected,
    prefix,
  }: {
    readonly asset: string;
    readonly since: number;
    readonly fenced: number;
    readonly isAborted: boolean;
    readonly isRedirected: boolean;
    readonly prefix: string;
  },
): Message {
  const [from, until] = [since, fenced].map((at) => clock(at, fenced));
  return messageOf({
    headline:
      isAborted || isRedirected
        ? `FENCED: ${asset} in ${region} takes no writes any more`
        : `FENCED: nobody can write to ${asset}: resume now, to go to ${standby}`,
    needed: isAborted
      ? [`Check which region serves users: npm run status -- --stage ${stageOf(prefix)}`]
      : [
          `The flow that moves users from ${region} to ${standby} is paused${isRedirected ? '' : `: nobody can write to ${asset} until you resume it`}. To go on to ${standby}, type now:`,
          `  npm run resume -- ${execution} --stage ${stageOf(prefix)}`,
          ...(isRedirected ? [] : [`To stay in ${region} instead: docs/runbook.md#stay.`]),
        ],
    happened: [
      `${standby} has taken over ${asset}, and ${asset} in ${region} takes no writes any more.`,
      `Writes to ${asset} in ${region} between ${from} and ${until} are missing in ${standby}.`,
      ...(isAborted
        ? [
            `The flow was aborted${isRedirected ? ` after it had sent users to ${standby}` : ` and sends no users to ${standby}`}.`,
          ]
        : []),
    ],
    done: [isAborted ? 'Nothing more: the flow has ended.' : 'Nothing. The flow waits until you resume it.'],
    follows: [
      ...(isAborted
        ? []
        : [
            'After a resume Breakwater looks again. It asks the approvers first if the incident is over, or if more would be lost than they approved.',
          ]),
      'By day: compare both databases before you delete one. Read docs/runbook.md#fence-watch.',
    ],
    more: [`Incident ${id}, execution ${execution}.`],
  });
}

/** Tells people that a person has ended a flow: what they can no longer do with it, and where they read what it has left. */
export function abortedMessage(
  { flow, incident, region, execution, drill, reason, ...place }: Stopped,
  { by, at }: { readonly by: string; readonly at: number },
  stage: string,
): Message {
  return messageOf({
    ...markedIn({ drill }, stage),
    headline: `ABORTED ${stoppedWhile(place)}`,
    needed: [
      `Decide what happens now. ${afterAbort[flow]}`,
      'To finish an abort that broke off, and to list what the flow has changed, type it again:',
      `  npm run abort -- ${execution} --stage ${stage}`,
    ],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      `${by} aborted the flow at ${clock(at, at)}.`,
    ],
    done: [
      'The flow does nothing more and cannot be resumed.',
      ...(flow === 'fence-watch'
        ? [
            `Nobody fences ${region ?? 'the old region'} from now on. If it was not fenced before, its writes are missing in the other region.`,
          ]
        : []),
    ],
    follows: [`How it all stands: npm run status -- --stage ${stage}. Read docs/runbook.md#give-up.`],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Whether Breakwater acts again by itself once a person has ended a flow (`domain/decision/incident.ts`, `domain/approval/asking-again.ts`). */
const afterAbort: Readonly<Record<Machine, string>> = {
  'az-failover':
    'Breakwater does not leave this zone again by itself in this incident, unless it had held back before a person started this flow. If another zone or the region fails, it acts. To leave this zone after all: docs/runbook.md#start-by-hand.',
  'region-failover':
    'Breakwater gives no region up without a new approval. If it had asked people by itself and the region is still lost, it reminds them, with a link to ask again. To start the flow again: docs/runbook.md#start-by-hand.',
  'service-degradation':
    'Breakwater does not watch this degradation any more. It acts if a zone or the region fails, and you hear if more fails.',
  'fence-watch': 'Breakwater does not start this watch again.',
  drill: 'If this drill is still due, Breakwater starts it again in its next window in plan.yml.',
};

/** Tells people that a step fails and is tried again, since `at`, in milliseconds since 1970. */
export function failingMessage(
  step: Step,
  {
    incident,
    execution,
    drill,
    zone,
    reason,
    at,
    why,
  }: {
    readonly incident: string;
    readonly execution: string;
    readonly drill: boolean;
    /** Of its incident: where it is, and why its flow was started; null where that is not known. */
    readonly zone: string | null;
    readonly reason: string | null;
    readonly at: number;
    readonly why: string;
  },
): Message {
  const state = stepWords(step, zone);
  return messageOf({
    marks: markOf({ drill }),
    headline: `${state} fails and is tried again`,
    needed: [`Nothing yet. If you want to look into it: docs/runbook.md#${kebab(step.state)}.`],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      sentenceOf(`${state} has failed since ${clock(at, at)}: ${why}`),
    ],
    done: ['Breakwater tries this step again and goes on with everything else.'],
    follows: ['You hear again when Breakwater gives this step up, or when the whole flow has succeeded.'],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** News of a step that has ended, for a channel that keeps such news beside what calls people. */
export function endedStepMessage(
  { id, level }: Pick<Incident, 'id' | 'level'>,
  { step, at, words, execution }: EndedStep,
  { drill, report, zone }: { readonly drill: boolean; readonly report: string; readonly zone: string | null },
): Message {
  const what = stepWords(step, zone);
  return messageOf({
    marks: markOf({ drill }),
    headline: `${what}: ${words}`,
    needed: ['Nothing: this is news of a step.'],
    happened: [sentenceOf(`${what} ended at ${clock(at, at)}: ${words}`)],
    users: null,
    done: [],
    follows: [],
    more: [`Incident ${id}, execution ${execution}.`],
    thread: { incident: id, severity: drill ? 'info' : severityOf(level), state: 'step', at, report },
  });
}

/** Tells people that an asset does not come back in a way: what the flow does about it, and what it has left behind. */
export function wayFailedMessage(
  { asset, way }: { readonly asset: string; readonly way: string },
  { incident, execution, at, outcome }: StepRecord,
  /** Why its flow was started; null where that is not known. */
  reason: string | null,
): Message {
  const { left, why } = outcome;
  return messageOf({
    headline: `one way to bring ${asset} back failed, the next is tried`,
    needed: [
      typeof left === 'string'
        ? `Nothing now. Later: look at ${left}, then delete it. It costs money, and nobody else deletes it.`
        : 'Nothing now.',
    ],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      `This way failed at ${clock(at, at)}: ${wayWords({ way, asset }, null)}. Reason: ${String(why)}.`,
    ],
    done: ['The flow tries the next way.'],
    follows: [
      'If the next way would lose more than you approved, the flow asks people first. Read docs/runbook.md#take-over.',
    ],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Calls in words, each once: what is half done consists of these. */
export function callsWords(calls: readonly AuditRecord[]): string[] {
  const same = Map.groupBy(calls, ({ call, target, region }) => `${call} of ${nameIn(target)} in ${region}`);
  return [...same].map(([words, all]) => {
    const at = day(all.at(-1)?.at ?? 0);
    return all.length === 1 ? `${words} at ${at}` : `${words}, ${all.length} times, the last at ${at}`;
  });
}

/** What the flow that holds a region has called so far (`past`), in a sentence, for people who cannot see the flow itself. */
export function heldSentence({ target, execution, at }: Lock, past: readonly AuditRecord[]): string {
  const calls = callsWords(past);
  return `${execution} has held the lock of ${target} since ${day(at)}. AWS calls so far: ${calls.join(', ') || 'none'}.`;
}

/** A failure with what its step has called so far, in words: what is half done. */
export type Seen = Failure & {
  readonly called: readonly string[];
  readonly mayBeSkipped: boolean;
  /** What AWS or the service said while the step was tried again, where `why` does not say it; null where nothing was kept. */
  readonly error: string | null;
};

/** Calls: one in its line, several in a line each. */
function listed(calls: readonly string[]): string {
  return calls.length === 1 ? `${calls[0]}.` : calls.map((call) => `\n  ${call}`).join('');
}

const Outcomes = z.record(z.string(), z.looseObject({})).default({});
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
      z.object({ region: z.string(), stays: z.string() }),
    ])
    .nullable()
    .catch(null),
);

/**
 * Whether every database that a flow has fenced is open again, or was never fenced, and none was promoted: nothing of it failed, stays closed, or did not
 * answer. Consumers that work in the other region stay off, and are moved by hand.
 */
export function areOpen(ofAssets: Readonly<Record<string, unknown>>): boolean {
  // What cannot be read keeps nobody from being paged.
  const { data } = Outcomes.safeParse(ofAssets[stateOf.unfence]);
  if (data === undefined) return false;
  return Object.values(data).every((one) => {
    const isKept = 'database' in one && ('stays' in one || 'beside' in one);
    return !('failed' in one || 'unreachable' in one || isKept);
  });
}

/** What a flow that gave up says of each database that it had fenced: it takes writes again, or why it does not. */
export function unfencedSentences(ofAssets: Readonly<Record<string, unknown>>): string[] {
  const { data = {} } = Unfenced.safeParse(ofAssets[stateOf.unfence]);
  return Object.entries(data).flatMap(([asset, one]) => {
    if (one === null) return [];
    if ('failed' in one) return [`${asset} in the old region is STILL FENCED: users cannot write until it is opened.`];
    if ('unreachable' in one)
      return [`${asset} in ${one.region} is STILL FENCED, as far as Breakwater can see: ${one.unreachable}.`];
    if (!('database' in one)) return [`${asset} STAY OFF in ${one.region}: ${one.stays}.`];
    const { region, database, opened, openSince, stays } = one;
    if (stays !== undefined) return [`Database ${database} in ${region} STAYS FENCED: ${stays}.`];
    if (!opened || openSince === undefined) return [];
    const since = day(openSince);
    return [
      `Database ${database} in ${region} TAKES WRITES AGAIN, since ${since}: nothing took over, and users write to it as before.`,
    ];
  });
}

/** Why what failed did, where it is one cause: more stand below. */
function causesIn(seen: readonly Seen[]): string {
  const whys = [...new Set(headed(seen).map(({ why }) => why))];
  return whys.length === 1 ? `: ${whys.join()}` : whys.length === 0 ? '' : ' of each step that failed, named below';
}

/** Tells people that a flow waits for them, with every branch that failed and the lines to type. Times in milliseconds. */
export function pausedMessage(
  told: Pick<Told, 'id' | 'zone' | 'mode' | 'execution' | 'flow' | 'drill' | 'reason' | 'since' | 'requestedBy'>,
  seen: readonly Seen[],
  {
    stage,
    until,
    changed,
    unfenced,
    lastServedAt = null,
    users,
    isOver = false,
    ends = null,
  }: {
    readonly stage: string;
    readonly until: number;
    readonly changed: readonly string[];
    /** Sentences about what was fenced and is not any more. */
    readonly unfenced: readonly string[];
    readonly lastServedAt?: number | null;
    /** Whether what failed has recovered meanwhile. */
    readonly isOver?: boolean;
    /** Of a region flow that stops because of that, no database was promoted, and no resume goes on: whether it has moved anything else. */
    readonly ends?: { readonly movedAnything: boolean } | null;
    /** How many visits to the service were answered just now; undefined where nobody could look. */
    readonly users?: Visited | undefined;
  },
): Message {
  const line = (verb: string) => `  npm run ${verb} -- ${told.execution} --stage ${stage}`;
  const doing = (step: Step) => stepWords(step, told.zone);
  return messageOf({
    ...markedIn(told, stage),
    headline:
      ends === null
        ? `you are needed: PAUSED${seen.length === 0 ? '' : ` while ${headed(seen).map(doing).join(', ')}`}`
        : `you are needed: PAUSED, give the flow up: until then no other flow can act`,
    needed:
      ends !== null
        ? [
            `Give up the flow and its lock soon (docs/runbook.md#give-up): until then no other flow can act. It does not go on: what failed has recovered, and ${ends.movedAnything ? 'no database' : 'nothing'} has taken over.`,
            line('abort'),
            ...(ends.movedAnything
              ? ['What else the flow has moved stays where it is: see its AWS calls under MORE, and move it back.']
              : []),
          ]
        : [
            // What else failed, such as letting traffic back, is tried again by a resume: its cause has to be corrected.
            isOver && seen.length > 0 && seen.every(({ state }) => state === 'LeaveZone')
              ? `This flow has nothing left to move out of ${told.zone}. Type this to end the flow and give its lock back (possible until ${day(until)}). By day, find out why it failed:`
              : seen.some(({ state, held }) => state === 'Reassess' && held)
                ? `Decide: nobody has approved going on. This asks the approvers again (possible until ${day(until)}):`
                : `Correct the cause${causesIn(seen)}. Then type this (possible until ${day(until)}):`,
            line('resume'),
            ...seen.flatMap(({ mayBeSkipped, ...step }) =>
              mayBeSkipped ? skipLines(told.execution, stateWords(step), stage) : [],
            ),
            told.flow === 'region-failover' && told.mode !== 'restore'
              ? 'Or give up the flow and its lock. If a database was promoted, the abort alone is not enough: do all of docs/runbook.md#stay. Else: docs/runbook.md#give-up.'
              : 'Or give up the flow and its lock (docs/runbook.md#give-up):',
            line('abort'),
          ],
    happened: [
      told.requestedBy === 'classify'
        ? sentenceOf(told.reason)
        : `Started by ${byWords(told.requestedBy)}: ${sentenceOf(told.reason)}`,
      ...sinceSentences(told, lastServedAt),
      ...(isOver ? ['The incident is over: what failed has recovered.'] : []),
      // What is over says why nothing goes on.
      ...(ends === null ? seen : []).map(({ state, asset, held, why, error }) =>
        sentenceOf(
          `${failedWords({ state, asset, held, why }, told.zone)}.${error === null ? '' : ` The last try failed with: ${error}.`} Read docs/runbook.md#${kebab(state)}.`,
        ),
      ),
    ],
    done: [`${told.flow} has done what it could and is paused. The flow waits until a person acts.`, ...unfenced],
    follows: [ends === null ? keepsLock : keepsLockInVain],
    more: [
      ...seen.flatMap(({ state, asset, called }) =>
        called.length === 0 ? [] : [`AWS calls for ${doing({ state, asset })}: ${listed(called)}`],
      ),
      ...(changed.length === 0 ? [] : [`AWS calls for what did not fail: ${listed(changed)}`]),
      `Incident ${told.id}, execution ${told.execution}.`,
    ],
    users,
  });
}
