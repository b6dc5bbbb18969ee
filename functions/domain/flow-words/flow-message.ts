// What people are told while a flow runs: what happened, what it means for them, and where to read on.
import { type Flow, levelOf } from '../flows.ts';
import { clock } from '../page/page-times.ts';
import { countsFrom } from '../record/fault-clock.ts';
import { stepWords } from '../record/step.ts';
import { headed, kebab } from '../recovery/reaching.ts';
import type { Mode } from '../types.ts';
import { byWords } from '../words/decision-words.ts';
import {
  type Degradation,
  degradationActs,
  degradationDone,
  degradationFacts,
  degradationNeeds,
  degradationSeen,
} from '../words/degradation-words.ts';
import { endSentences, leftOpen, outcomeSentences, outcomesOf } from '../words/outcome-words.ts';
import { assessmentSentences, notApprovedSentence } from '../words/region-words.ts';
import { areServed, readVisited, theService } from '../words/users-words.ts';
import { type Message, markOf, messageOf, sentenceOf, severityOf, type Thread } from '../words/words.ts';
import {
  begun,
  type Course,
  changesNothing,
  completes,
  courses,
  lookedForAgain,
  type Occasion,
  restoresAndLeavesOpen,
  superseded,
  tellsComplete,
  triedAgainAt,
  unserved,
  wellAgain,
  wordsOf,
} from './courses.ts';
import { failedWords, failuresOf } from './steps.ts';

/** Occasions that tell a diagnosis. */
export function isDegraded(occasion: Occasion): occasion is 'degraded' | 'more-changes' {
  return occasion === 'degraded' || occasion === 'more-changes';
}

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
  // A switchover home makes the replica of the region that was left by itself; a failover does not.
  const toHome =
    needed === null && leavesUnprotected(occasion, incident) && !(isHome && incident.mode === 'switchover');
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
export function sinceSentences(
  { since, requestedBy }: Pick<Told, 'since' | 'requestedBy'>,
  lastServedAt: number | null,
) {
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

/** `needed`: null where nobody has to do anything. */
type Gist = {
  readonly headline: string;
  readonly needed: readonly string[] | null;
  readonly canWait?: boolean;
  readonly course: Course;
};

function isNone(listed: unknown): boolean {
  return Array.isArray(listed) && listed.length === 0;
}

/** Not all who hear of a plan are called about what fails beside it. */
const nextSays =
  'On-call: wait for the next message. It says what Breakwater does about what has failed. If none comes within two minutes: npm run status.';

/** Users may be elsewhere by then, and what was planned with them. */
function startAgain(place: string): string {
  return `If the plan is still needed, a person starts it again: first look which region is the primary, and whether ${place} works (npm run status).`;
}

/** What happened in one line, what a person has to do, and what Breakwater does now and next. */
function gist(
  occasion: Occasion,
  { flow, zone, region, standby = 'the other region', mode, requestedBy }: Told,
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
  if (facts['overtaken'] === 'before')
    return {
      headline: `the ${mode} of ${place} gave way to what failed there`,
      needed: null,
      course: [changesNothing, startAgain(place)],
    };
  if (facts['overtaken'] === 'now')
    return {
      headline: `the ${mode} of ${place} gives way: something has failed there`,
      needed: [nextSays, 'Approvers: nothing more about this request. If you are asked again, answer that one alone.'],
      course: [changesNothing, `Breakwater decides about what has failed within two minutes. ${startAgain(place)}`],
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
  if (occasion === 'no-way' && facts['beside'] === true)
    return {
      headline: `HELD: the ${mode} of ${place} cannot go on: something failed there`,
      needed: [nextSays, 'Approvers: nothing about this. If you are asked, answer that request.'],
      course: [changesNothing, `Breakwater decides about what has failed within two minutes. ${startAgain(place)}`],
    };
  if (isOutgrown(occasion, facts))
    return {
      headline: `HELD: ${place} is not given up, for it has changed again since the last approval`,
      needed: [...(needs['not-approved'] ?? []), ...startLines('not-approved', { mode, requestedBy }, reminder)],
      course: notApprovedCourse,
    };
  const { unfenced, leftOpen: stays } = facts;
  if (occasion === 'recovered' && Array.isArray(stays) && stays.length > 0)
    return {
      headline: `users are served without ${place}, and Breakwater does NOT fence it any more`,
      needed: [closeByHand(stays.map(String), place, standby)],
      course: [completes, tellsComplete],
    };
  const isOpen = occasion === 'recovered' && Array.isArray(unfenced) && unfenced.length > 0;
  if (isOpen && mode === 'restore')
    return {
      headline: `restored: users are served in ${place}, and the old database is NOT fenced`,
      needed: [
        'Close the old database by hand: docs/runbook.md#fence. Nobody watches it after a restore. What is written to it is missing in the restored one.',
        'Then compare it with the restored one, and copy what you need. See docs/runbook.md#after-a-restore.',
      ],
      course: restoresAndLeavesOpen,
    };
  if (isOpen)
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
  const isEnd = occasion === 'closed' || occasion === 'closed-unserved';
  const open = isEnd && flow === 'region-failover' ? leftOpen(facts) : [];
  if (open.length > 0)
    return {
      headline: `${place} is NOT fenced, and Breakwater does not fence it any more`,
      needed: [
        closeByHand(open, place, standby),
        ...(needed ?? [
          `Until ${place} is a standby again no region can take over from ${standby}: docs/runbook.md#the-way-home.`,
        ]),
      ],
      course,
    };
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

/** Of what a person has left open by ending the fence watch. */
function closeByHand(open: readonly string[], place: string, standby: string): string {
  return `Close ${open.join(', ')} in ${place} by hand as soon as ${place} answers: docs/runbook.md#fence. A person has ended the watch that would have done it. What is written there until then is missing in ${standby}.`;
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
  if (facts['overtaken'] !== undefined)
    return [
      facts['answer'] === 'not-asked'
        ? `Nobody had been asked about the ${mode} yet when something failed in ${region}, and it is for a region that works. It does not begin any more.`
        : facts['answer'] === 'approved'
          ? `The ${mode} was approved and had changed nothing yet when something failed in ${region}, and it is for a region that works. It does not begin any more.`
          : `The request is void: nobody had approved it when something failed in ${region}, and a ${mode} is for a region that works. No answer counts any more.`,
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

function sentencesIn(fact: unknown): string[] {
  return Array.isArray(fact) ? fact.map(String) : [];
}
