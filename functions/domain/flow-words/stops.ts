// Messages about flows that wait for people or that a person has ended: stopped, paused, aborted, fenced late. Pure.
import * as z from 'zod';
import { stateOf } from '../../kinds/verbs.ts';
import { type Machine, resumableUntil, stageOf } from '../flows.ts';
import { clock, day } from '../page/page-times.ts';
import { errorWords, type Step, stepWords } from '../record/step.ts';
import type { AuditRecord } from '../record/store.ts';
import type { Elsewhere } from '../recovery/left-behind.ts';
import { type Failure, headed, kebab } from '../recovery/reaching.ts';
import { byWords, giveUpLines, leaveFencedLine, moveBackLines, skipLines } from '../words/decision-words.ts';
import { unfencedPhrase } from '../words/outcome-words.ts';
import type { Visited } from '../words/users-words.ts';
import { type Composed, type Message, markOf, messageOf, sentenceOf, stateWords } from '../words/words.ts';
import { sinceSentences, type Told } from './flow-message.ts';
import { callsWords, failedWords, listed } from './steps.ts';

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
  /** Whether a database was asked to take over in the other region. */
  readonly takesOver?: boolean;
  /** What it was asked to take over there; null where nothing. */
  readonly moved?: Elsewhere | null;
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
export function markedIn({ drill }: { readonly drill: boolean }, stage: string): Pick<Composed, 'marks' | 'first'> {
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
            ...(stopped.state === afterLock ? [] : giveUpLines(stopped, stage)),
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
  const stay = line('abort', watch, ` --confirm "${unfencedPhrase(region)}"`);
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
            'After a resume Breakwater looks again. Where the incident is over, or more would be lost than was approved, it asks the approvers first.',
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
          `The flow that moves users from ${region} to ${standby} is paused${isRedirected ? '' : `: nobody can write to ${asset} until the flow goes on`}. To go on to ${standby}, type now:`,
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
            'After a resume Breakwater looks again. Where the incident is over, or more would be lost than was approved, it asks the approvers first.',
          ]),
      'In the morning: compare both databases before you delete one. Read docs/runbook.md#fence-watch.',
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
  const isWatch = flow === 'fence-watch';
  const old = region ?? 'the old region';
  return messageOf({
    ...markedIn({ drill }, stage),
    headline: isWatch ? `ABORTED: nobody closes (fences) ${old} any more` : `ABORTED ${stoppedWhile(place)}`,
    needed: [
      `Decide what happens now. ${afterAbort[flow]}`,
      ...(isWatch
        ? [
            `If users are in the other region: close ${old} by hand as soon as it answers (docs/runbook.md#fence). If they are to stay in ${old}: go on with step 3 of docs/runbook.md#stay.`,
          ]
        : []),
      'The command has said whether the abort is finished. To finish one that is not, and to list what the flow has changed, type it again:',
      `  npm run abort -- ${execution} --stage ${stage}${isWatch ? ` --confirm "${unfencedPhrase(old)}"` : ''}`,
      ...(flow === 'region-failover'
        ? [
            'If it cannot be finished, as the region does not answer, and users need that region to be left (docs/runbook.md#leave-fenced):',
            leaveFencedLine(execution, stage),
          ]
        : []),
    ],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      `${by} aborted the flow at ${clock(at, at)}.`,
    ],
    done: [
      'The flow does nothing more and cannot be resumed.',
      ...(isWatch
        ? [`Nobody fences ${old} from now on. If it was not fenced before, its writes are missing in the other region.`]
        : []),
    ],
    follows: [
      `How it all stands: npm run status -- --stage ${stage}. Read docs/runbook.md#${isWatch ? 'fence-watch' : 'give-up'}.`,
    ],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Tells people that a flow has ended for which Breakwater had given a region back (`shared/approval/give-way.ts`): it had not answered, and changes nothing. */
export function givenBackMessage({ incident, region, execution, drill, reason }: Stopped, stage: string): Message {
  return messageOf({
    ...markedIn({ drill }, stage),
    headline: `a planned flow has ended: ${region ?? 'its region'} had been given back`,
    needed: ['Nothing for this flow. If something fails now, other messages tell you.'],
    happened: [
      ...(reason === null ? [] : [`Why the flow was started: ${sentenceOf(reason)}`]),
      `The flow held ${region ?? 'the region'} and did not answer when something failed there. So Breakwater gave ${region ?? 'the region'} back, for another flow to act. Now the flow answers again, and has ended.`,
    ],
    done: ['Nothing. The flow has changed nothing.'],
    follows: [
      `If the plan is still needed, a person starts it again. First look which region is the primary: npm run status -- --stage ${stage}.`,
    ],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Tells people that a flow that has begun to move a region runs in one that does not answer: what it has done, that it goes on by itself, and how it is ended. */
export function darkFlowMessage(
  {
    incident,
    region,
    execution,
    drill,
  }: Pick<Stopped, 'incident' | 'execution' | 'drill'> & { readonly region: string },
  {
    runs,
    calls,
    lastAt,
    takesOver,
    now,
  }: {
    /** The region that it runs in. */
    readonly runs: string;
    readonly calls: readonly AuditRecord[];
    /** When it last kept anything. */
    readonly lastAt: number;
    readonly takesOver: boolean;
    readonly now: number;
  },
  stage: string,
): Message {
  return messageOf({
    ...markedIn({ drill }, stage),
    headline: `the move of ${region} may stand still: ${runs} does not answer`,
    needed: [
      `Decide whether users can wait for ${runs}. The flow goes on by itself as soon as ${runs} answers again.`,
      ...(takesOver
        ? [`Do NOT end it: a database of ${runs} was asked to take over, and what only that one has would be lost.`]
        : [
            `If users need ${region} before that, end the flow, and open what it has closed (docs/runbook.md#leave-fenced):`,
            leaveFencedLine(execution, stage),
          ]),
    ],
    happened: [
      `The flow has kept nothing in the record since ${clock(lastAt, now)}, and ${runs} does not answer.`,
      `AWS calls of the flow so far: ${listed(callsWords(calls))}`,
    ],
    done: [
      `Nothing that can be seen from outside of ${runs}. The flow may go on there. No other flow acts on ${region}.`,
    ],
    follows: [`You hear how the flow ends. How it all stands: npm run status -- --stage ${stage}.`],
    more: [`Incident ${incident}, execution ${execution}.`],
  });
}

/** Whether Breakwater acts again by itself once a person has ended a flow (`domain/decision/incident.ts`, `domain/approval/asking-again.ts`). */
const afterAbort: Readonly<Record<Machine, string>> = {
  'az-failover':
    'Breakwater does not leave this zone again by itself in this incident. It may do so only where it had held, and a person started this flow. If another zone or the region fails, it acts. To leave this zone after all: docs/runbook.md#start-by-hand.',
  'region-failover':
    'Breakwater gives no region up without a new approval. If a region is lost and people were not asked about that yet, they are asked within a minute of the end of the abort. If Breakwater had asked them by itself, it reminds them, with a link to ask again. To start the flow again: docs/runbook.md#start-by-hand.',
  'service-degradation':
    'Breakwater does not watch this degradation any more. It acts if a zone or the region fails, and you hear if more fails.',
  'fence-watch': 'Breakwater does not start this watch again.',
  drill: 'If this drill is still due, Breakwater starts it again in its next window in plan.yml.',
};

/** A failure with what its step has called so far, in words: what is half done. */
type Seen = Failure & {
  readonly called: readonly string[];
  readonly mayBeSkipped: boolean;
  /** What AWS or the service said while the step was tried again, where `why` does not say it; null where nothing was kept. */
  readonly error: string | null;
};

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

/**
 * What a flow that gave up says of each database that it had fenced: it takes writes again, or why it does not. `moved`: what it has asked to take over
 * in the other region; users who write to the database may need that.
 */
export function unfencedSentences(
  ofAssets: Readonly<Record<string, unknown>>,
  moved: Pick<Elsewhere, 'leaves' | 'assets'> | null,
): string[] {
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
    const taken = `Database ${database} in ${region} TAKES WRITES AGAIN, since ${day(openSince)}`;
    return [
      moved === null
        ? `${taken}: nothing took over, and users write to it as before.`
        : `${taken}. But ${moved.assets.join(', ')} ${moved.assets.length === 1 ? 'was' : 'were'} asked to take over in the other region: users of ${moved.leaves} may fail without ${moved.assets.length === 1 ? 'it' : 'them'} (docs/runbook.md#left-behind).`,
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
    takesOver = false,
    moved = null,
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
    /** Whether a database was asked to take over in the other region. */
    readonly takesOver?: boolean;
    /** What else was asked to take over there; null where nothing. */
    readonly moved?: Elsewhere | null;
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
            ...moveBackLines(moved),
            line('abort'),
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
            ...giveUpLines({ execution: told.execution, takesOver, moved }, stage),
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
