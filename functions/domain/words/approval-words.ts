// What each person is told about a request: the facts that all are told, and what only this one needs: their own link, how to
// answer without it, or that they are told and not asked. Pure.
import { answerCommands } from '../page/approval-forms.ts';
import { clock, day, minutes } from '../page/page-times.ts';
import type { Plan } from '../plan/plan.ts';
import type { CountsFrom } from '../record/fault-clock.ts';
import type { Settled } from '../record/store.ts';
import { takingOverSentences } from '../recovery/taking-over.ts';
import type { ApprovalRequest, Incident, RecordedAnswer, RecordedDecision } from '../types.ts';
import { byWords, leftLines } from './decision-words.ts';
import { formatSeconds } from './durations.ts';
import {
  actOf,
  canFence,
  ceiling,
  changedSoFar,
  divergence,
  downSince,
  drillSentence,
  foundSentences,
  incidentSentences,
  insteadSentence,
  isAboutGoingOn,
  lossSentences,
  nextWays,
  onNoAnswer,
  questionOf,
  readAssessment,
  standbyIn,
  usersBackAt,
  type Waiting,
  wayWords,
  wereServed,
  whatIsAsked,
} from './region-words.ts';
import { type Composed, type Message, messageOf, sentenceOf, type Thread } from './words.ts';

/** Who is told. `link` is null where there is none for this role at the moment. */
export type Addressee =
  | { readonly asked: true; readonly role: string; readonly link: string | null }
  | { readonly asked: false; readonly role: string };

/** What is told about a request. Times are milliseconds since 1970; `answered` and `silent` are roles. `reach`: who has to answer, and how they are reached. */
export type About =
  | { readonly news: 'asked'; readonly reach: string }
  | ({ readonly news: 'reminder' | 'no-answer'; readonly reach: string } & Waiting);

/**
 * What was found since people were asked about a switchover, where its region is lost by now: nothing can be copied out of it, so the move cannot be done.
 * Null where that is not so.
 */
export function lostSince(
  { mode, askedAt }: Pick<ApprovalRequest, 'mode' | 'askedAt'>,
  incident: Incident | null,
): RecordedDecision | null {
  if (mode !== 'switchover' || incident === null || incident.closedAt !== null || incident.level !== 3) return null;
  const found = incident.decisions.filter(({ level }) => level === 3);
  return (found[0]?.at ?? 0) > askedAt ? (found.at(-1) ?? null) : null;
}

/**
 * A message about a request as one person gets it. `incident` is null where there is no record of it. `coolsUntil`: until when nobody is asked about a
 * failover, in milliseconds since 1970; null where no cooldown holds that back.
 */
export function messageTo(
  addressee: Addressee,
  about: About,
  request: ApprovalRequest,
  incident: Incident | null,
  stage: string,
  coolsUntil: number | null = null,
): Message {
  const now = about.news === 'asked' ? request.askedAt : about.now;
  const lost = lostSince(request, incident);
  if (lost !== null)
    return lostMessage(addressee, about, request, { lost, now: Math.max(now, lost.at), stage, coolsUntil });
  return messageOf({
    ...drilled(request),
    headline: headline(addressee, about, request, now),
    needed: neededFrom(addressee, about, request, { incident, now, stage }),
    happened: whatHappened(request, incident, now),
    done: [changedSoFar(request), ...questionOf(request).costs],
    follows: whatFollows(addressee, about, request, { incident, now }),
    more: moreAbout(request),
    thread: threadOf(request),
  });
}

/** Whoever is reminded of a switchover out of a region that is lost by now approves nothing that can be done: nothing of what was found before is told. */
function lostMessage(
  addressee: Addressee,
  about: About,
  request: ApprovalRequest,
  {
    lost,
    now,
    stage,
    coolsUntil,
  }: {
    readonly lost: RecordedDecision;
    readonly now: number;
    readonly stage: string;
    readonly coolsUntil: number | null;
  },
): Message {
  const { target, askedAt, expiresAt, shown, requestedBy } = request;
  const time = clock(expiresAt, now);
  const cannot = `${target} has failed since this was asked: this switchover cannot be done.`;
  const then =
    lost.hold === undefined || (lost.hold === 'another-execution-active' && (coolsUntil ?? 0) <= now)
      ? 'you are asked about a failover'
      : lost.hold === 'another-execution-active'
        ? `Breakwater asks about a failover after ${clock(coolsUntil ?? now, now)}. To ask sooner: docs/runbook.md#start-by-hand`
        : 'see why nobody is asked about a failover yet: npm run status';
  const [, reject = ''] = commands(request, stage);
  return messageOf({
    ...drilled(request),
    headline: addressee.asked
      ? `${about.news === 'asked' ? '' : 'REMINDER: '}reject by ${time}: ${target} has failed`
      : about.news === 'no-answer'
        ? `Call ${about.silent.join(', ')} by ${time}: NO ANSWER, ${target} has failed`
        : `reject the switchover: ${target} has failed since it was asked for`,
    needed: addressee.asked
      ? [
          `${cannot} Reject it, and ${then}.`,
          addressee.link === null
            ? `There is no page for ${addressee.role} now. Breakwater sends you the link as soon as there is one.`
            : `Your own page, for ${addressee.role} only. Opening the page changes nothing:\n${addressee.link}`,
          'Or type this line, with the AWS role or user that plan.yml names for you:',
          reject,
        ]
      : [
          `${cannot} ${about.news === 'asked' ? `Reach ${about.reach}` : `Reach ${about.reach} by ${time}`}: one of them has to reject it. Then ${then}.`,
        ],
    happened: [
      `${target} is lost, found at ${clock(lost.at, now)}: ${lost.reason}.`,
      `The switchover was asked for at ${clock(askedAt, now)} by ${byWords(requestedBy)}: ${sentenceOf(String(shown['reason']))}`,
      ...waitedSentences(about, request, now),
    ],
    done: [changedSoFar(request)],
    follows: ['One rejection rejects the request.', onNoAnswer(request, now)],
    more: requestEnds(request),
    thread: threadOf(request),
  });
}

/** What a drill asks says so first. */
function drilled(request: ApprovalRequest): Pick<Composed, 'marks' | 'first'> {
  const sentence = drillSentence(request);
  return sentence === null ? {} : { marks: '[DRILL] ', first: `DRILL: ${sentence}` };
}

/** Each role's part first: who has to answer sees until when, the others that they need not. */
function headline(addressee: Addressee, about: About, request: ApprovalRequest, now: number): string {
  const standby = standbyIn(request.shown);
  const time = clock(request.expiresAt, now);
  if (about.news === 'asked') {
    const what = isAboutGoingOn(request) ? `go on to ${standby}, or stay in ${request.target}?` : whatIsAsked(request);
    return addressee.asked ? `Approve or reject by ${time}: ${what}` : `approval is asked for: ${what}`;
  }
  // With more in front of it, the question is short: a subject is cut at its end.
  const moved = isAboutGoingOn(request) ? `on to ${standby}, or stay?` : `${request.target} to ${standby}`;
  const what = request.mode === 'restore' ? whatIsAsked(request) : moved;
  if (addressee.asked) return `REMINDER: approve or reject by ${time}: ${what}`;
  if (about.news === 'no-answer') return `Call ${about.silent.join(', ')} by ${time}: NO ANSWER, ${what}`;
  return `REMINDER: approval is asked for: ${what}`;
}

function neededFrom(
  addressee: Addressee,
  about: About,
  request: ApprovalRequest,
  { incident, now, stage }: { readonly incident: Incident | null; readonly now: number; readonly stage: string },
): string[] {
  const { expiresAt } = request;
  const left = `${minutes(Math.max(0, expiresAt - now) / 1000)} left`;
  const waited = waitedSentences(about, request, now);
  if (!addressee.asked)
    return [
      about.news === 'no-answer'
        ? `Reach ${about.reach} by ${clock(expiresAt, now)} (${left}): they were asked and have not answered.`
        : `Nothing, unless you can help: ask ${about.reach} to answer by ${clock(expiresAt, now)} (${left}). Each has a page of their own. You are told as ${addressee.role} and are not asked to approve.`,
      ...waited,
    ];
  const { role, link } = addressee;
  const { line, approve } = questionOf(request);
  return [
    `Answer by ${clock(expiresAt, now)} (${left}): ${line}`,
    ...(isAboutGoingOn(request)
      ? [
          `If you approve: ${approve}. If you reject, or nobody answers: the flow is paused, and Breakwater may still close the database in ${request.target}. To stay there takes a person: docs/runbook.md#stay.`,
        ]
      : []),
    link === null
      ? `There is no page for ${role} now. Breakwater sends you the link as soon as there is one.`
      : `Your own page, for ${role} only. Opening the page changes nothing:\n${link}`,
    ...costSentences(request, incident, now),
    ...opened(request),
    'Or type one of these lines, with the AWS role or user that plan.yml names for you:',
    ...commands(request, stage),
    ...waited,
  ];
}

/** Who has answered so far. */
function waitedSentences(about: About, { required, askedAt }: ApprovalRequest, now: number): string[] {
  if (about.news === 'asked') return [];
  const { answered, silent } = about;
  return [
    `People were asked ${minutes((now - askedAt) / 1000)} ago. Approved: ${answered.join(', ') || 'nobody'}. Not answered: ${silent.join(', ')}. In all, ${required} must approve.`,
  ];
}

/** What whoever approves lets happen beside it: it must not be learned from a line that is copied. */
function opened(request: ApprovalRequest, accepting = 'If you approve, you accept'): string[] {
  const { unfenced } = readAssessment(request.shown);
  if (unfenced.length === 0) return [];
  return [
    `${accepting} that ${unfenced.join(', ')} cannot be closed: what is still written there is missing in ${standbyIn(request.shown)}. See NOT FENCED below.`,
  ];
}

function whatHappened(request: ApprovalRequest, incident: Incident | null, now: number): string[] {
  const { shown, target, mode } = request;
  const { changed, reason } = shown;
  const again =
    typeof changed === 'string' ? [`You are asked again. The earlier approval no longer holds: ${changed}.`] : [];
  const why = `${sentenceOf(String(reason))}`;
  if (incident === null) return [why, ...again];
  if (isWellAgain(request, incident)) return [...again, `What was seen then: ${why}`];
  if (mode === 'switchover') return [`This move is planned. Nothing in ${target} needs to have failed.`, why, ...again];
  const { openedAt, level, decisions, planned } = incident;
  const from = downSince(request, openedAt);
  const seconds = Math.max(0, now - from.at) / 1000;
  const ago = `${seconds < 60 ? 'less than a minute' : minutes(seconds)} ago`;
  return [
    // That they are down still, the line above says, or that they are not.
    planned !== undefined
      ? `${byWords(request.requestedBy)} started this ${planned} at ${clock(openedAt, now)} (${ago}).`
      : level === 3
        ? `${downWords(target, from, now)} (${ago}).`
        : `The trouble in ${target} began at ${clock(from.at, now)} (${ago}).`,
    why,
    ...(decisions.length > 1 ? incidentSentences(incident).map((sentence) => `- ${sentence}`) : []),
    ...again,
  ];
}

function whatFollows(
  addressee: Addressee,
  about: About,
  request: ApprovalRequest,
  { incident, now }: { readonly incident: Incident | null; readonly now: number },
): string[] {
  const { roles, required } = request;
  const given = about.news === 'asked' ? 0 : about.answered.length;
  const must =
    about.news === 'asked' || given === 0
      ? `${required} of ${roles.join(', ')} must approve`
      : `${Math.max(1, required - given)} more of ${about.silent.join(', ')} must approve`;
  return [
    `${must}. One rejection rejects the request.`,
    ...(addressee.asked ? [] : costSentences(request, incident, now)),
    fenceSentence(request),
    onNoAnswer(request, now),
  ];
}

/** When users are served again and what is lost, which decides an answer: who has to give it reads it first. */
function costSentences(request: ApprovalRequest, incident: Incident | null, now: number): string[] {
  if (isWellAgain(request, incident))
    return [
      `${wereServed(request) ? `Users were served in ${request.target} when this was asked. ` : ''}If people approve, users fail until ${standbyIn(request.shown)} serves them.`,
    ];
  const { shown, mode } = request;
  const { predicted } = readAssessment(shown);
  const at = usersBackAt(request, incident?.openedAt ?? request.askedAt, now);
  const back =
    at === null
      ? 'When users are served again is NOT KNOWN.'
      : wereServed(request)
        ? `Users ${now === request.askedAt ? `are served in ${request.target} now` : `were served in ${request.target} when this was asked`}. If people approve, users fail until the other region serves them, at about ${clock(at, now)}.`
        : `If people approve now, users are served again at about ${clock(at, now)}.`;
  return [
    back,
    ...(isAboutGoingOn(request)
      ? [`If people reject, users stay down while ${request.target} fails.`]
      : lossSentences(predicted ?? { dataLossSeconds: null, assetLossSeconds: {} }, mode)),
  ];
}

/**
 * Whether people have to choose although the region is well again: then nobody is told of an outage that is over, or of a prediction for it.
 * Something may have been promoted while users are down still, and then they hear both.
 */
function isWellAgain(request: ApprovalRequest, incident: Incident | null): boolean {
  return isAboutGoingOn(request) && incident !== null && incident.closedAt !== null;
}

/** What can be closed, and what goes on taking writes if people approve. */
function fenceSentence({ shown }: ApprovalRequest): string {
  const assessed = readAssessment(shown);
  return assessed.unfenced.length === 0 ? canFence : `NOT FENCED: ${divergence(assessed)}`;
}

function moreAbout(request: ApprovalRequest): string[] {
  const { target, mode, shown } = request;
  const places = { target, standby: standbyIn(shown), mode };
  const { ways, offered, why, takingOver, alternatives, predicted } = readAssessment(shown);
  const chosen = ways.flatMap(({ asset, ways: [first] }) => (first === undefined ? [] : { asset, way: first.way }));
  const ends = requestEnds(request);
  // Of what was promoted already the assessment of before says nothing any more.
  if (isAboutGoingOn(request)) return ends;
  return [
    ...(chosen.length === 0 ? [] : [`The way: ${chosen.map((one) => wayWords(one, places)).join('; ')}.`]),
    ...foundSentences(offered, why),
    ...(takingOver === null ? [] : takingOverSentences(takingOver)),
    ...(predicted?.basis == null ? [] : [`The predicted time without service goes by ${predicted.basis}.`]),
    ceiling(request),
    ...nextWays(request),
    ...alternatives.map(({ recoverySeconds, dataLossSeconds, ...other }) => {
      const time =
        recoverySeconds === null ? 'How long it takes is not known' : `It takes ${formatSeconds(recoverySeconds)}`;
      const loss =
        dataLossSeconds === null ? 'what it loses is not known' : `it loses the last ${formatSeconds(dataLossSeconds)}`;
      const cost = other.offered && other.way !== 'wait' ? ` ${time}, and ${loss}.` : '';
      return `${insteadSentence(wayWords(other, places), other)}${cost}`;
    }),
    ...ends,
  ];
}

/** Where to read on, and what names the request. */
function requestEnds({ id, incident, execution, requestedBy }: ApprovalRequest): string[] {
  return [
    'Runbook: docs/runbook.md#request-approval. Times are UTC.',
    `Incident ${incident}, execution ${execution}, request ${id}, asked for by ${byWords(requestedBy)}.`,
  ];
}

/** For those who can reach an approver in another way, when the approver's channel fails. */
export function notToldMessage(
  request: ApprovalRequest,
  role: string,
  { contacts }: Pick<Plan, 'contacts'>,
  stage: string,
): Message {
  const { id, roles, required, expiresAt } = request;
  const { predicted } = readAssessment(request.shown);
  const { handle = 'not in the plan', channel = 'unknown' } = contacts[role] ?? {};
  return messageOf({
    ...drilled(request),
    headline: `NOT TOLD: ${role}. Call them by ${clock(expiresAt, request.askedAt)}: ${actOf(request)}?`,
    needed: roles.includes(role)
      ? [
          `Call ${handle} (${role}) by ${clock(expiresAt, request.askedAt)}. The question: ${questionOf(request).line}`,
          ...opened(request, 'Whoever approves accepts'),
          `Without the e-mail, ${role} can answer from the command line, with the AWS role or user that plan.yml names:`,
          ...commands(request, stage),
        ]
      : [`Tell ${handle}. ${role} hears of the request and is not asked to approve.`],
    happened: [
      sentenceOf(String(request.shown['reason'])),
      ...sinceWhen(request),
      `Breakwater cannot reach ${role} (${handle}): the channel (${channel}) fails.`,
    ],
    done: ['Breakwater tries again every minute. The request goes on.'],
    follows: [
      `${required} of ${roles.join(', ')} must approve by ${clock(expiresAt, request.askedAt)}.`,
      ...(isAboutGoingOn(request)
        ? questionOf(request).costs
        : lossSentences(predicted ?? { dataLossSeconds: null, assetLossSeconds: {} }, request.mode)),
      fenceSentence(request),
      onNoAnswer(request, request.askedAt),
    ],
    more: [`Request ${id}. See docs/runbook.md#request-approval.`],
    thread: threadOf(request),
  });
}

/** Of an outage: since when users have been down, where that is known. */
function sinceWhen(request: ApprovalRequest): string[] {
  const from = readAssessment(request.shown).predicted?.countsFrom ?? null;
  if (from === null || request.mode !== 'failover' || isAboutGoingOn(request)) return [];
  return [`${downWords(request.target, from, request.askedAt)}.`];
}

/** Since when users fail: the first evidence may be minutes later than the first who failed. */
function downWords(target: string, { at, what }: CountsFrom, now: number): string {
  return what === 'last-served'
    ? `Users of ${target} went down at ${clock(at, now)}`
    : `The first sign that users of ${target} failed was at ${clock(at, now)}`;
}

/** A request is about a region, and its incident is open; that of a drill wakes nobody as a disaster does. */
function threadOf(request: ApprovalRequest): Thread {
  const severity = drillSentence(request) === null ? 'critical' : 'info';
  return { incident: request.incident, severity, state: 'open' };
}

/**
 * For everybody, while a region is lost that nobody gave up. `now` in milliseconds since 1970; `everySeconds`: how often people are reminded;
 * `tookOver`: whether the flow had asked a database of the other region to take over, which a new flow does not use; `left`: what earlier flows have left.
 */
export function notGivenUpMessage(
  { id, incident, target, roles }: ApprovalRequest,
  { outcome, at }: Settled,
  addressee: Addressee,
  {
    now,
    everySeconds,
    tookOver = false,
    left = [],
  }: {
    readonly now: number;
    readonly everySeconds: number;
    readonly tookOver?: boolean;
    readonly left?: readonly string[];
  },
): Message {
  const { ended, since = '' } = endings[outcome];
  const waited = formatSeconds((now - at) / 1000);
  return messageOf({
    headline: `STILL LOST: ${target} was not given up. ${tookOver ? 'Read this before you ask again' : 'Ask again?'}`,
    needed: [
      ...(tookOver
        ? [
            'Do NOT ask again before you have read docs/runbook.md#stay: the flow had asked a database of the other region to take over. A new request cannot use that copy. It finds no safe way, or restores a backup, which loses more.',
          ]
        : []),
      ...(addressee.asked && addressee.link !== null
        ? [
            `Decide whether to ask all approvers again. To ask, type the region's name on your own page, for ${addressee.role} only. Opening the page changes nothing:\n${addressee.link}`,
          ]
        : [`Reach ${roles.join(', ')}: they have pages of their own, where they can ask again.`]),
    ],
    happened: [`${target} is still lost. The request ${ended} at ${clock(at, now)}, ${waited} ago.${since}`],
    done: [
      tookOver
        ? `No flow gives ${target} up. The fence watch goes on, unless somebody has ended it (docs/runbook.md#fence-watch).`
        : `Nothing. Without a new request users stay down until ${target} is back.`,
      ...leftLines(left),
    ],
    follows: [
      `You hear again in ${formatSeconds(everySeconds)} if ${target} is still lost. See docs/runbook.md#not-approved.`,
    ],
    more: [`Incident ${incident}, request ${id}.`],
    thread: { incident, severity: 'critical', state: 'open' },
  });
}

const endings: Record<Settled['outcome'], { readonly ended: string; readonly since?: string }> = {
  rejected: { ended: 'was rejected' },
  expired: { ended: 'expired' },
  void: { ended: 'ended without an answer, as its flow ended,' },
  approved: { ended: 'was approved', since: ' Its flow has ended since, without giving the region up.' },
};

/** Who answered what, and who did not: one sentence for each. `silent` are roles. */
export function answerSentences(answers: readonly RecordedAnswer[], silent: readonly string[]): string[] {
  const given = answers.map(({ approver, answer, reason, at }) => {
    const why = reason === '' ? '' : `, and wrote: "${reason}"`;
    return `${approver} ${answer === 'approve' ? 'approved' : 'rejected'} the request at ${day(at)}${why}.`;
  });
  return silent.length === 0 ? given : [...given, `Not answered: ${silent.join(', ')}.`];
}

function commands(request: ApprovalRequest, stage: string): string[] {
  return answerCommands(request, stage).map((line) => `  ${line}`);
}
