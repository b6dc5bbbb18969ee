// The form of all messages: a subject that fits a phone, a body that answers what, why and what next, and the words that all share.

import { clock, day } from '../page/page-times.ts';
import type { Channel, TopicChannel } from '../plan/channels.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../record/step.ts';
import type { Incident, Level, Scope } from '../types.ts';
import {
  failingOf,
  notUrgent,
  seenThen,
  usersLine,
  type Visited,
  visitedSentence,
  withFailing,
} from './users-words.ts';

/** An e-mail or page. SNS takes subjects of up to 100 ASCII characters. */
export type Message = { readonly subject: string; readonly body: string; readonly thread?: Thread | undefined };

/** Whose message it is, for channels that keep those of one incident together. `step`: it is news of work, and asks nobody for anything. */
export type Thread = {
  readonly incident: string;
  readonly severity: 'critical' | 'error' | 'warning' | 'info';
  readonly state: 'open' | 'step' | 'over';
  /** Of news of a step: when it ended, in milliseconds since 1970, and the address of all of it. */
  readonly at?: number;
  readonly report?: string;
};

/** What a message answers, in the order in which a tired person asks it. A part without lines is left out. */
export type Parts = {
  readonly needed: readonly string[];
  readonly happened: readonly string[];
  readonly done: readonly string[];
  readonly follows: readonly string[];
  readonly more: readonly string[];
};

const headings: readonly (readonly [keyof Parts, string])[] = [
  ['needed', 'WHAT IS NEEDED FROM YOU'],
  ['happened', 'WHAT HAPPENED'],
  ['done', 'WHAT IS BEING DONE'],
  ['follows', 'WHAT FOLLOWS'],
  ['more', 'MORE'],
];

/** An indication as a sentence. */
export function sentenceOf(text: string): string {
  return `${capital(text)}${/[.?!]$/.test(text) ? '' : '.'}`;
}

/** The same as what begins a line. */
export function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** What a subject begins with where nothing is needed from whoever gets it. */
export const forInformation = 'For information: ';

/** What a message is made of. `marks`: what a subject says before all else, such as `[DRILL] `; `first`: what a body does. */
export type Composed = Parts & {
  readonly marks?: string;
  readonly first?: string;
  readonly headline: string;
  /** Whether what is needed can wait until morning: users notice nothing of it. */
  readonly canWait?: boolean;
  readonly thread?: Thread | undefined;
  /** What the sender has just seen of users; null where a message has nothing to do with them. Observers are asked otherwise. */
  readonly users?: Visited | null | undefined;
};

/** What is rehearsed says so first. */
export function markOf({ drill }: { readonly drill: boolean }): string {
  return drill ? '[DRILL] ' : '';
}

/** A message. Where nothing is needed, its subject says so by what the body says: a person who wakes up sees the subject alone. */
export function messageOf({ marks = '', first, headline, canWait = false, thread, users, ...said }: Composed): Message {
  const usersNow = users === undefined ? [usersLine] : users === null ? [] : [visitedSentence(users)];
  const parts = { ...said, happened: [...usersNow, ...said.happened] };
  const isNeeded = !/^Nothing\b/.test(parts.needed[0] ?? '');
  const line = `[Breakwater] ${marks}${isNeeded ? (canWait ? notUrgent : '') : forInformation}${headline}`;
  return {
    subject: subject(users == null ? line : withFailing(line, failingOf(users))),
    body: first === undefined ? composed(parts) : `${first}\n\n${composed(parts)}`,
    thread,
  };
}

/** The body of a message. */
function composed(parts: Parts): string {
  const told = headings.filter(([part]) => parts[part].length > 0);
  return told.map(([part, heading]) => [heading, ...parts[part]].join('\n')).join('\n\n');
}

/** The body with complete commands: texts name a verb alone, and where a message leaves, its deployment is known. */
export function withStage(body: string, stage: string): string {
  const why = '--reason "<why>" ';
  const complete = { status: '', failback: why, freeze: why, unfreeze: '', failover: why, switchover: why };
  return body
    .replaceAll(
      /npm run (status|failback|freeze|unfreeze|failover|switchover)(?! --)/g,
      (_, verb: keyof typeof complete) => `npm run ${verb} -- ${complete[verb]}--stage ${stage}`,
    )
    .replaceAll(/npm run failover -- --zone \S+(?!\S| --)/g, (line) => `${line} ${why}--stage ${stage}`)
    .replaceAll(
      /npm run build -- \S+(?: --release \S+)? --region \S+(?!\S| --stage)/g,
      (line) => `${line} --stage ${stage}`,
    );
}

const runbook = 'docs/runbook.md';

/** A text in which sections of the runbook are addresses, where the plan says where it is read. */
export function withRunbook(text: string, { notifications: { runbookUrl } }: Plan): string {
  return runbookUrl === undefined ? text : text.replaceAll(runbook, () => runbookUrl);
}

/** How bad an incident is, in the words of those who are called. */
export function severityOf(level: Level): Thread['severity'] {
  return level === 3 ? 'critical' : level === 1 ? 'warning' : 'error';
}

const levels: Record<string, string> = {
  0: 'all well',
  1: 'service degradation',
  2: 'zone failure',
  3: 'region disaster',
  unknown: 'evidence incomplete',
};

/** A level in words. */
export function levelWords(level: Level): string {
  return levels[String(level)] ?? String(level);
}

/** A place in words: a zone by its id, or a region. */
export function placeWords(scope: Scope): string {
  return scope.zone ?? scope.region;
}

/** A state of a flow in words: its name, and the asset where it is about one. */
export function stateWords({ state, asset }: Step): string {
  return asset === null ? state : `${state} ${asset}`;
}

/** A state by the name that people type. */
export function stepNamed(name: string): Step {
  const [state = '', asset = null] = name.split(' ');
  return { state, asset };
}

/** A subject that SNS accepts. */
export function subject(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]/g, '?');
  return ascii.length <= 100 ? ascii : `${ascii.slice(0, 97)}...`;
}

/** For those who can reach somebody whom nobody could tell: who that is, and what it was about. */
export function untoldMessage(
  { subject: missed, body, thread }: Message,
  untold: readonly string[],
  { contacts }: Pick<Plan, 'contacts'>,
  /** Whether a sweep tries again to tell them. */
  again: boolean,
): Message {
  // What asked nothing of those who missed it asks somebody else to tell them.
  const missedWords = headlineOf(missed).replace(forInformation, '');
  return {
    subject: subject(`[Breakwater] NOT TOLD: ${untold.join(', ')}${again ? '' : ' (only you can)'}: ${missedWords}`),
    body: [
      composed({
        needed: untold.map((role) => {
          const { handle = 'not in the plan', channel = 'unknown' } = contacts[role] ?? {};
          return `Call ${handle} (${role}), and read the message below to them: the channel (${channel}) fails. See docs/runbook.md#not-told.`;
        }),
        happened: [`Breakwater could not reach ${untold.join(', ')}. The missed message: ${sentenceOf(missedWords)}`],
        done: [
          again
            ? 'Breakwater tries again every minute.'
            : `Breakwater does not try again: ${untold.join(', ')} can hear this only from you.`,
        ],
        follows: [],
        more: [],
      }),
      `THE MESSAGE TO ${untold.join(', ').toUpperCase()}, IN FULL`,
      body.replaceAll(/^/gm, '> '),
    ].join('\n\n'),
    thread,
  };
}

/** What SNS counted of a topic whose messages do not arrive, in milliseconds since 1970. `isFirst`: whether the role is told by it first; `others`: its channels that deliver. */
export type Undelivered = {
  readonly role: string;
  readonly channel: TopicChannel;
  readonly topic: string;
  readonly region: string;
  readonly count: number;
  readonly lastAt: number;
  readonly isFirst: boolean;
  readonly others: readonly Channel[];
};

/** For those who can reach somebody to whom messages do not arrive, although they leave. `incident`: of one at work; null where there is none. */
export function undeliveredMessage(
  all: readonly Undelivered[],
  { contacts }: Pick<Plan, 'contacts'>,
  incident: Pick<Incident, 'id' | 'region'> | null,
): Message {
  const called = (role: string) => `${contacts[role]?.handle ?? 'not in the plan'} (${role})`;
  const missed = all.filter(({ isFirst }) => isFirst);
  const isUrgent = incident !== null && missed.length > 0;
  const roles = (some: readonly Undelivered[]) => [...new Set(some.map(({ role }) => role))];
  const what = all.map(({ channel, role }) => `${channel} to ${role}`).join(', ');
  return messageOf({
    headline: isUrgent
      ? `NOT TOLD: ${roles(missed).join(', ')}. Call them: ${[...new Set(missed.map(({ channel }) => channel))].join(', ')} does not arrive`
      : `${what} does not arrive`,
    canWait: !isUrgent,
    needed: [
      ...(isUrgent
        ? [
            `Call ${roles(missed).map(called).join(', ')} now, and tell them what is going on in ${incident.region}. If that is you: what you are asked stands in npm run status.`,
          ]
        : []),
      `Have ${all.length === 1 ? 'the address' : 'these addresses'} corrected, and try ${all.length === 1 ? 'it' : 'them'}: ${what}. See docs/runbook.md#not-told.`,
    ],
    happened: all.map(
      ({ channel, role, count, lastAt }) =>
        `${count === 1 ? 'A message' : `${count} messages`} by ${channel} to ${called(role)} did not arrive, the last at ${clock(lastAt, lastAt)}: an address sends them back, or does not take them.`,
    ),
    done: all.map(({ role, channel, isFirst, others }) => {
      if (others.length === 0)
        return `Breakwater goes on sending ${channel} to ${role}, who has no other channel that delivers (next in plan.yml).`;
      return isFirst
        ? `For a day Breakwater tells ${role} by ${others[0]} too.`
        : `Breakwater tells ${role} by ${others[0]}, as before.`;
    }),
    follows: [
      `You hear of it again ${incident === null ? '' : 'in the next incident, and '}on another day, if messages do not arrive then.`,
    ],
    more: all.map(
      ({ topic, region }) => `SNS counted it at topic ${topic} in ${region} (NumberOfNotificationsFailed).`,
    ),
    thread:
      incident === null ? undefined : { incident: incident.id, severity: isUrgent ? 'error' : 'info', state: 'open' },
    users: incident === null ? null : undefined,
  });
}

/** For somebody whose channel failed at the time, in milliseconds since 1970, and works again. */
export function lateMessage({ subject: missed, body, thread }: Message, at: number): Message {
  return {
    subject: subject(`[Breakwater] LATE, written at ${clock(at, at)}: ${headlineOf(missed)}`),
    body: [
      `LATE: this was written at ${day(at)}, and could not reach you then. Look at the state now before you do what it says: npm run status.`,
      usersLine,
      `\nAS IT WAS AT ${clock(at, at)}\n\n${seenThen(body.replaceAll(`${usersLine}\n`, ''))}`,
    ].join('\n'),
    thread,
  };
}

/** A subject without who says it. */
export function headlineOf(subjectLine: string): string {
  return subjectLine.replace(/^\[Breakwater\] /, '');
}
