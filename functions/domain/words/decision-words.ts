// What people are told about decisions: what was decided and why, what still fails, and what was not started.

import { givesWayTo, type Held } from '../decision/incident.ts';
import type { KeptOut } from '../decision/kept-out.ts';
import type { IndicationName } from '../evidence/indications.ts';
import { flowOf } from '../flows.ts';
import { clock } from '../page/page-times.ts';
import { stepWords } from '../record/step.ts';
import type { Elsewhere } from '../recovery/left-behind.ts';
import { clockedFacts } from '../signals/facts.ts';
import type { Action, Classification, HoldReason, Incident, RecordedDecision, Standing } from '../types.ts';
import { unknownRoles } from '../types.ts';
import { formatSeconds } from './durations.ts';
import { plainText } from './plain-text.ts';
import { theService } from './users-words.ts';
import { levelWords, type Message, markOf, messageOf, placeWords, sentenceOf, severityOf, stepNamed } from './words.ts';

const told: Record<Action, { what: string; needed: string; done: string; next: string }> = {
  none: { what: 'over', needed: 'Nothing.', done: 'Breakwater does nothing more', next: 'Nothing is left to do.' },
  notify: {
    what: 'more fails than before',
    needed: `Look at ${theService}`,
    done: 'Breakwater does nothing about what is new, and starts no flow for it',
    next: 'You hear again when the incident gets worse or is over, and while users fail.',
  },
  hold: {
    what: 'held, nothing is being done',
    needed: 'Read why Breakwater holds, then decide what to do: docs/runbook.md#hold.',
    done: 'Breakwater does nothing',
    next: 'Breakwater does nothing until that changes. You can act yourself.',
  },
  'az-failover': {
    what: 'Breakwater moves out of the zone',
    needed: 'Nothing. To stop the move: docs/runbook.md#freeze.',
    done: 'Breakwater moves out of the zone',
    next: 'You hear when users are served without the zone: docs/runbook.md#az-failover.',
  },
  'request-approval': {
    what: 'people are needed',
    needed: 'Be ready to decide: approvers are asked next. See docs/runbook.md#region-disaster.',
    done: 'Breakwater prepares a failover of the region and changes nothing',
    next: 'Breakwater moves a region only after people approve.',
  },
};

/** Why something was decided: what was found, and behind it what holds it back. */
export function reasonWords({ hold, reason }: Pick<RecordedDecision, 'hold' | 'reason'>): string {
  return hold === undefined ? reason : `${reason} (held: ${hold})`;
}

/** Who asked for something, in words: what Breakwater decided, it asked for itself. */
export function byWords(requestedBy: string): string {
  return requestedBy === 'classify' ? 'Breakwater' : plainText(requestedBy);
}

const holdWords: Record<HoldReason, string> = {
  'evidence-incomplete': 'the evidence is incomplete, or contradicts itself.',
  frozen: 'a person has frozen Breakwater.',
  'observe-only': 'in plan.yml the mode of this level is observe.',
  'roles-unknown': 'Breakwater cannot read which region is primary.',
  'not-primary': 'the region that fails is not the primary: it serves no users now.',
  'cooling-down': 'the same was done or asked a short while ago.',
  'another-execution-active': 'another flow holds the lock of the region.',
  'not-started': 'the stack that has to act did not start the flow in time.',
};

/** How long a hold lasts, where the decision alone says it: what waits for a time or for somebody is told by that. */
const holdLasts: Record<HoldReason, string> = {
  'evidence-incomplete': 'How long this lasts is NOT KNOWN. Breakwater looks again every minute.',
  frozen: 'The freeze has no end by itself: it lasts until a person ends it.',
  'observe-only': 'This lasts until somebody changes the mode in plan.yml and deploys it.',
  'roles-unknown': 'This lasts until the record of the roles can be read again. Breakwater looks every minute.',
  'not-primary': 'This lasts while that region is not the primary.',
  'cooling-down': 'When the cooldown ends is NOT KNOWN.',
  'another-execution-active': 'This lasts until that flow gives the lock back. When that is, is NOT KNOWN.',
  'not-started': 'Breakwater decides again within a minute.',
};

/** What Breakwater does by itself about what it found, once nothing holds it back. */
function wouldDo({ level, scope }: Pick<RecordedDecision, 'level' | 'scope'>): string {
  if (level === 2) return `Breakwater moves out of ${placeWords(scope)} by itself`;
  if (level === 3) return `Breakwater prepares a failover of ${scope.region} and asks people to approve it`;
  return 'people are told';
}

/** What a decision rests on: in words, a line each, and what shows the rest of it. Ids say nothing to a person: they are counted. */
export function evidenceWords(
  { evidence, facts = [] }: Pick<RecordedDecision, 'evidence' | 'facts'>,
  { incident, stage }: { readonly incident: string; readonly stage: string },
): string {
  const shown = `npm run report -- ${incident} --stage ${stage}`;
  if (facts.length === 0)
    return evidence.length === 0
      ? 'Evidence: none recorded.'
      : `Evidence: ${evidence.length} signals. To see them: ${shown}`;
  const more = evidence.length - facts.length;
  return [
    'Evidence:',
    ...clockedFacts(facts).map((fact) => `  ${fact}`),
    ...(more > 0 ? [`  and ${more} more. To see them: ${shown}`] : []),
  ].join('\n');
}

/** What is known when a decision is told. `now`, `coolsUntil`: milliseconds since 1970. */
export type AsItStands = {
  readonly now: number;
  /** The freeze that stands now, and the flow that holds the region; null where there is none. */
  readonly frozen: Standing['frozen'];
  readonly lock: Standing['lock'];
  /** Where the flow is that moves or restores the region, or waits to be allowed to; null where none does. */
  readonly working: Holding | null;
  /** When a cooldown ends; null where none holds this back, nor will. */
  readonly coolsUntil: number | null;
  /** Of the deployment: what must be typed names it. */
  readonly stage: string;
  /** The region that serves users: a start by hand leaves that one. */
  readonly primary: string;
};

/** For a decision that starts nothing by itself: a hold, a region that needs people, news of what runs already, or the end. */
export function decisionMessage(incident: Incident, decision: RecordedDecision, asItStands: AsItStands): Message {
  const place = placeWords(decision.scope);
  const { what, needed, done, next } = told[decision.action];
  const { indication, hold } = decision;
  // A flow does nothing for an incident that is over, nor for a region that serves nobody.
  const working = decision.action === 'none' || hold === 'not-primary' ? null : asItStands.working;
  const standing = { ...asItStands, working };
  // One section to read: what is found has its own, and that of a hold says more than both.
  const section = indication ?? 'service-degradation';
  const { frozen } = standing;
  const isFrozen = hold === 'frozen' && frozen !== null;
  return messageOf({
    headline: `${stopMark(working)}${levelWords(decision.level)} in ${place}: ${isFrozen ? frozenHeadline(working) : heldHeadline(incident, decision, standing, what)}`,
    needed: isStopped(working)
      ? stoppedNeeds(incident, decision, working, standing.stage)
      : isFrozen
        ? frozenLines(working)
        : working !== null
          ? workingLines(incident, decision, working, standing)
          : decision.action === 'notify'
            ? [`${needed}. See docs/runbook.md#${section}.`]
            : (heldNeeds(decision, standing) ?? [needed]),
    happened: [
      // At the end the level is that of the end: since when all is well is in its reason.
      sentenceOf(
        decision.action === 'none'
          ? `The incident in ${place} began at ${clock(incident.openedAt, decision.at)}, and ended at ${clock(decision.at, decision.at)}`
          : `${levelWords(decision.level)} in ${place}, ${incident.planned === undefined ? `since ${clock(incident.openedAt, decision.at)}` : `found at ${clock(decision.at, decision.at)}`}`,
      ),
      sentenceOf(decision.reason),
      ...(indication === undefined || hold === 'evidence-incomplete' || !looksFurther.includes(decision.action)
        ? []
        : [`What to look at: docs/runbook.md#${indication}.`]),
    ],
    done: [
      decision.action === 'none'
        ? `${done}.`
        : `${working !== null && decision.action === 'hold' ? startsNothing : done}${decision.action === 'hold' ? ` about ${place}` : ''}. Decided at ${clock(decision.at, decision.at)}.`,
      ...(hold === undefined
        ? []
        : [
            `Held back: ${isFrozen ? frozenSentence(frozen, standing.now) : holdWords[hold]}`,
            holdLasting(hold, standing),
          ]),
      ...(isStopped(working) ? stopSentences(working, standing.now) : []),
      ...(working === null ? [] : working.where),
    ],
    follows: [hold === undefined ? next : afterHold(incident, decision, hold, standing)],
    more: [
      evidenceWords(decision, { incident: incident.id, stage: standing.stage }),
      `Incident ${incident.id}${decision.action === 'none' ? '' : `, level ${decision.level}`}.`,
      ...((working !== null || hold === 'another-execution-active') && standing.lock !== null
        ? [`The flow that holds the region: ${standing.lock.execution}.`]
        : []),
    ],
    thread: {
      incident: incident.id,
      severity: severityOf(decision.level),
      state: decision.action === 'none' ? 'over' : 'open',
    },
  });
}

/** What a subject says of a hold: until when, and what a person has to do. */
function heldHeadline(
  incident: Incident,
  { hold, level, scope }: RecordedDecision,
  { coolsUntil, now, primary, working }: AsItStands,
  what: string,
): string {
  if (working?.asks === true && givesWayTo(incident, { level, hold }))
    return `the plan gives way${isStopped(working) ? ' to it' : ' unless it is approved'}`;
  if (hold === 'another-execution-active' && incident.planned === 'restore' && level === 3)
    return working?.fences === true ? 'a restore goes on, look at the region' : 'the restore does not help, end it';
  if (hold === 'another-execution-active') return 'another flow goes first, check it';
  if (hold !== undefined && working !== null) return 'a flow works on the region, check it';
  if (hold === 'evidence-incomplete') return 'look yourself, nothing is being done';
  if (hold === 'cooling-down' && coolsUntil !== null)
    return `nothing is done until ${clock(coolsUntil, now)}${scope.region === primary ? ', unless you act' : ''}`;
  return what;
}

/** What a person has to do about a hold that ends by itself; null where somebody has to decide. */
function heldNeeds(
  { hold, indication, scope: { region, zone } }: Pick<RecordedDecision, 'hold' | 'indication' | 'scope'>,
  { now, coolsUntil, lock, stage, primary }: AsItStands,
): readonly string[] | null {
  if (hold === 'cooling-down' && coolsUntil !== null) {
    const said = `Find out why it fails. Breakwater decides again only after ${clock(coolsUntil, now)}.`;
    // A region that is not the primary has no users: the line would move those of the other one.
    return region !== primary
      ? [said]
      : [`${said} To act sooner (docs/runbook.md#start-by-hand):`, byHandLine(zone, stage)];
  }
  if (hold === 'evidence-incomplete') {
    const look = `Look at ${theService}, and at what fails, yourself. See docs/runbook.md#${indication ?? 'hold'}.`;
    if (primary === unknownRoles.primary)
      return [`${look} Which region serves users is NOT KNOWN: docs/runbook.md#store-damaged.`];
    if (region !== primary)
      return [`${look} ${region} is not the primary: a start by hand would move users out of ${primary}.`];
    if (zone !== null && indication !== undefined && mayBeLastZone.has(indication))
      return [
        `Look at the OTHER zones of ${region} first: docs/runbook.md#${indication}.`,
        `- They are gone: ${zone} is the last zone. Do NOT leave it. Leave the region (others have to approve):`,
        byHandLine(null, stage),
        `- They are well, and ${zone} has to be left (nobody else is asked):`,
        byHandLine(zone, stage),
        '- You cannot tell: leave nothing, and call a second person.',
      ];
    return [`${look} If ${zone ?? region} has to be left (docs/runbook.md#start-by-hand):`, byHandLine(zone, stage)];
  }
  if (hold !== 'another-execution-active') return null;
  return [
    `Check whether the other flow gets further: npm run status. If it is paused, correct the cause, then resume it${lock === null ? ': docs/runbook.md#resume.' : ' (docs/runbook.md#resume):'}`,
    ...(lock === null ? [] : [`  npm run resume -- ${lock.execution} --stage ${stage}`]),
  ];
}

/** Of these the zone that fails may be the only one that works. */
const mayBeLastZone: ReadonlySet<string> = new Set<IndicationName>([
  'zone-lost-others-unseen',
  'zone-lost-or-dependency',
]);

/** What starts the flow of a zone, or of the region, by hand. */
function byHandLine(zone: string | null, stage: string): string {
  return `  npm run failover --${zone === null ? '' : ` --zone ${zone}`} --reason "<why>" --stage ${stage}`;
}

/** Until when something is held back, as far as anybody knows. */
function holdLasting(hold: HoldReason, { now, lock, coolsUntil }: AsItStands): string {
  if (hold === 'cooling-down' && coolsUntil !== null) return `The cooldown ends at ${clock(coolsUntil, now)}.`;
  if (hold === 'another-execution-active' && lock !== null)
    return `${holderOf(lock)} has held the lock since ${clock(lock.at, now)}. When it gives the lock back is NOT KNOWN.`;
  return holdLasts[hold];
}

/** The flow that holds a region, as people know it. */
function holderOf({ action }: NonNullable<Standing['lock']>): string {
  return action === 'none' || action === 'hold' ? 'A flow' : `A flow ${flowOf[action]}`;
}

/** What begins when nothing holds this back any more: whoever ends a freeze has to know that. */
function afterHold(
  { planned }: Incident,
  decision: RecordedDecision,
  hold: HoldReason,
  { coolsUntil, now, working }: AsItStands,
): string {
  const then = `If this still fails then, ${wouldDo(decision)}`;
  if (hold === 'frozen')
    return `Within a minute of the unfreeze Breakwater decides again. ${then}. Without the unfreeze nothing is done.`;
  if (hold === 'cooling-down' && coolsUntil !== null)
    return `Within a minute of ${clock(coolsUntil, now)} Breakwater decides again. ${then}. Until then nothing is done, unless a person acts.`;
  if (hold === 'another-execution-active' && coolsUntil !== null && coolsUntil > now)
    return `Before ${clock(coolsUntil, now)} Breakwater does nothing about this by itself, also if that flow ends: the same was done or asked a short while ago. A person may act as soon as it has ended (docs/runbook.md#start-by-hand).`;
  if (hold === 'another-execution-active')
    return `${planned === undefined || working?.asks === true ? 'Within a minute of the end of that flow' : 'Some minutes after that flow has ended'} Breakwater decides again. ${then}. Until then nothing more is done.`;
  return working === null ? told.hold.next : 'You hear when the flow gets further, and while users fail.';
}

/** After these the section of what was found helps: what is needed names another one. */
const looksFurther: readonly Action[] = ['hold', 'request-approval', 'az-failover'];

/** Who froze Breakwater, when and why. */
function frozenSentence({ by, reason, at }: NonNullable<Standing['frozen']>, now: number): string {
  return `${plainText(by)} froze Breakwater at ${clock(at, now)}: ${plainText(reason)}.`;
}

/** What was decided, behind a time that has passed. */
const decidedWords: Record<Action, string> = {
  none: 'that the incident is over',
  notify: 'to tell people',
  hold: 'to do nothing',
  'az-failover': 'to move out of the zone',
  'request-approval': 'to ask people to approve a failover of the region',
};

/** What Breakwater does about an incident, in a clause. */
export const actionWords: Record<Action, string> = {
  none: 'the incident is over',
  notify: 'people are told',
  hold: 'Breakwater does nothing',
  'az-failover': 'Breakwater moves out of the zone',
  'request-approval': 'people are asked to approve a failover of the region',
};

/** A step that failed when a flow stopped, with its asset, as people know it. */
export type StoppedAt = { readonly step: string; readonly why: string; readonly mayBeSkipped: boolean };

/**
 * The flow that holds the region. `where`: where it is now, and what it restores, in sentences. `pausedAt`: since when nothing but its stop is in the
 * record, null where it goes on; `stoppedAt`: what failed then, empty where the record does not say it.
 */
export type Holding = {
  readonly execution: string;
  readonly where: readonly string[];
  readonly pausedAt: number | null;
  readonly stoppedAt: readonly StoppedAt[];
  /** Whether no resume goes on: what it was for is over. */
  readonly ends?: boolean;
  /** Whether a person's abort of it is not finished: nobody else may act until it is. */
  readonly aborts?: boolean;
  /** Whether nobody has approved anything yet. */
  readonly asks?: boolean;
  /** Whether it has begun to promote or to restore a database in the other region. */
  readonly takesOver?: boolean;
  /** What else it has asked to take over there; null where nothing. */
  readonly moved?: Elsewhere | null;
  /** Whether it has begun to close the region's databases, and whether it fails to open one again. */
  readonly fences?: boolean;
  readonly cannotOpen?: boolean;
};

/** What is so while users fail. Times are milliseconds since 1970. */
export type Failing = Pick<Classification, 'reason' | 'since'> & {
  readonly usersFail: boolean;
  /** When the flow had proved that users were served, before they failed again; null where nobody proved that. */
  readonly servedAt: number | null;
};

/** While users fail: what is so now, what was decided last, where the flow that holds the region is, and when people hear again. */
export function stillFailingMessage(
  incident: Incident,
  failing: Failing,
  holding: Holding | null,
  {
    now,
    silentSeconds,
    stage,
    frozen = null,
    left = [],
  }: {
    readonly now: number;
    readonly silentSeconds: number;
    readonly stage: string;
    readonly frozen?: Standing['frozen'];
    /** What earlier flows have changed and left, where none holds the region. */
    readonly left?: readonly string[];
  },
): Message {
  const last = incident.decisions.at(-1);
  const place = placeWords(incident.scope);
  const began = beganAt(incident);
  const lasted = formatSeconds((now - began) / 1000);
  const isPlanned = isPlanAlone(incident);
  const waitsForApprovers = holding?.asks === true && incident.planned === undefined;
  const isPaused = holding !== null && holding.pausedAt !== null;
  const isHeld = holding?.cannotOpen === true || last?.hold === 'another-execution-active';
  const held = { level: incident.level, hold: last?.hold };
  const ends = holding !== null && isHeld ? endLines(incident, held, holding, stage) : [];
  return messageOf({
    headline: `${stopMark(holding) || (frozen === null ? '' : 'FROZEN, ')}${failingHeadline(incident, failing, { now, isPaused })}`,
    needed: isStopped(holding)
      ? stoppedNeeds(incident, held, holding, stage)
      : frozen === null
        ? [
            waitsForApprovers
              ? 'The flow waits for approvers. Approvers: answer now, with the link in your newest mail. All others: reach them. How it all stands: npm run status. See docs/runbook.md#request-approval.'
              : failing.servedAt === null || !failing.usersFail
                ? `${holding === null ? 'No flow works on it. See why, then decide: npm run status' : checkTheFlow}. See docs/runbook.md#${(holding === null && heldBy(last)) || 'still-failing'}.`
                : 'Look for a second cause: docs/runbook.md#verify-service. The flow had served users before. How it all stands: npm run status.',
            ...ends,
          ]
        : frozenLines(holding),
    happened: [
      ...failingSentences(failing, now),
      isPlanned
        ? `A person started the ${incident.planned} at ${clock(incident.openedAt, now)}.`
        : `The incident in ${place} has lasted ${lasted}, since ${clock(began, now)}.`,
      `What fails now: ${failing.reason}.`,
    ],
    done: [
      ...(frozen === null ? [] : [frozenSentence(frozen, now)]),
      ...(isStopped(holding) ? stopSentences(holding, now) : []),
      ...(last === undefined ? [] : lastDecision(last, now)),
      ...(holding === null ? ['No flow works on it.'] : holding.where),
      ...leftLines(left),
    ],
    follows: [
      `You hear again in ${formatSeconds(silentSeconds)} if ${failing.usersFail ? 'users fail then' : isPaused ? 'it still waits' : 'the restore still goes on'}.`,
      ...(frozen === null || last === undefined
        ? []
        : [
            `Within a minute of the unfreeze Breakwater decides again: if this still fails then, ${wouldDo(incident)}.`,
          ]),
    ],
    more: [
      `Incident ${incident.id}${isPlanned ? '' : `, level ${incident.level} (${levelWords(incident.level)})`}.`,
      ...(holding === null ? [] : [`The flow that holds the region: ${holding.execution}.`]),
    ],
    thread: { incident: incident.id, severity: severityOf(incident.level), state: 'open' },
  });
}

/** What earlier flows have left: what they closed keeps users out. */
export function leftLines(left: readonly string[]): string[] {
  return left.length === 0
    ? []
    : [
        'Earlier flows have left this, unless somebody has undone it since. What of it keeps users from being served, take back (docs/runbook.md#left-behind):',
        ...left.map((line) => `  ${line}`),
      ];
}

const checkTheFlow = 'Check whether the flow gets further: npm run status';
const startsNothing = 'Breakwater starts nothing new';

/** What a person does about the flow that goes first. */
function workingLines(
  incident: Incident,
  { level, hold }: Held,
  working: Holding,
  { stage, coolsUntil, now }: AsItStands,
): string[] {
  const isEnded = hold === 'another-execution-active' && (coolsUntil ?? 0) <= now;
  return [
    `${checkTheFlow}. See docs/runbook.md#still-failing.`,
    ...(isEnded ? endLines(incident, { level, hold }, working, stage) : []),
  ];
}

/** How that flow is ended, so that what waits for it begins: nobody is told to end one by whose end something is lost. */
function endLines(incident: Incident, { level, hold }: Held, flow: Holding, stage: string): string[] {
  const { planned } = incident;
  const { execution, asks = false, takesOver = false, fences = false, cannotOpen = false, moved = null } = flow;
  if (takesOver)
    return [
      'Do NOT end it: the other region takes over, or has, and what only its database has would be lost. If it is paused, resume it (docs/runbook.md#resume).',
    ];
  const leaves = leaveFencedLine(execution, stage);
  if (cannotOpen)
    return [
      'The flow has closed a database and cannot open it again now. If users cannot wait, leave the region: this ends the flow and keeps the fence, which only you open later (docs/runbook.md#leave-fenced):',
      leaves,
    ];
  const end = `  npm run abort -- ${execution} --stage ${stage}`;
  const then = `Breakwater then ${level === 3 ? 'asks about a failover' : 'moves out of the zone'} within a minute`;
  if (asks && givesWayTo(incident, { level, hold }))
    return [
      `Wait two minutes: nobody has approved the ${planned}, so it gives way if this fails still${isStopped(flow) ? '' : ', unless it is approved first'}. ${then}. If you hear nothing by then, and it fails still, end it (docs/runbook.md#give-up):`,
      // Nothing is fenced yet: this ends the flow also where its region does not answer.
      leaves,
    ];
  if (level !== 3 && planned === undefined) return [];
  const why =
    planned === undefined
      ? 'If it is no failover, end it.'
      : planned === 'restore' && level === 3
        ? fences
          ? `The restore keeps users out by itself: it has closed the database until it is done. Look whether ${incident.region} answers you. If it does, let the restore go on. Only if ${incident.region} is lost, end it: a restore in place does not bring it back.`
          : 'A restore in place does not bring a lost region back: end it.'
        : 'If it does not get further, end it.';
  return level === 3 && (fences || planned === 'restore')
    ? [
        `${why} What cannot be opened now stays fenced, and only you open it later. ${then} (docs/runbook.md#leave-fenced):`,
        leaves,
      ]
    : abortLines(`${why} ${then} (docs/runbook.md#give-up)`, end, moved);
}

/** An incident is over, and the flow that it was decided for waits still: no other one acts until a person ends it. */
export function keepsLockMessage(
  { id, region, level, closedAt }: Incident,
  { execution, pausedAt, moved = null }: Pick<Holding, 'execution' | 'pausedAt' | 'moved'>,
  { now, stage, drill }: { readonly now: number; readonly stage: string; readonly drill: boolean },
): Message {
  return messageOf({
    marks: markOf({ drill }),
    headline: `abort the paused flow: it keeps the lock of ${region}`,
    needed: [
      'Until the flow has ended no other flow can act here, even if something fails again.',
      ...abortLines(
        'Give up the flow and its lock (docs/runbook.md#give-up)',
        `  npm run abort -- ${execution} --stage ${stage}`,
        moved,
      ),
      'To resume the flow instead: docs/runbook.md#resume. A resumed flow looks again before it acts.',
    ],
    happened: [
      `All has been well in ${region} for long enough: the incident ended at ${clock(closedAt ?? now, now)}.`,
      ...(pausedAt === null ? [] : [`The flow is paused since ${clock(pausedAt, now)}.`]),
    ],
    done: ['Nothing. The flow waits until a person acts.'],
    follows: ['You are not reminded of this. How it all stands: npm run status.'],
    more: [`Incident ${id}, execution ${execution}.`],
    thread: { incident: id, severity: severityOf(level), state: 'open' },
  });
}

/** Whether a flow waits for a person: it is paused, or its abort is not finished. */
function isStopped(holding: Holding | null): holding is Holding {
  return holding !== null && (holding.aborts === true || holding.pausedAt !== null);
}

/** What a subject says first of a flow that waits for a person. */
function stopMark(holding: Holding | null): string {
  return !isStopped(holding) ? '' : holding.aborts === true ? 'ABORT NOT FINISHED, ' : 'PAUSED, ';
}

/** What a person does about a flow that waits for one: a plan that gives way by itself is not resumed beside what fails. */
function stoppedNeeds(incident: Incident, held: Held, holding: Holding, stage: string): string[] {
  return holding.asks === true && holding.aborts !== true && givesWayTo(incident, held)
    ? endLines(incident, held, holding, stage)
    : stopLines(holding, incident.region, stage);
}

function stopLines(holding: Holding, region: string, stage: string): string[] {
  if (holding.aborts !== true) return pauseLines(holding, stage);
  return [
    `The abort of the flow is not finished, and nothing else may act on ${region} until it is. Type it again (docs/runbook.md#give-up):`,
    `  npm run abort -- ${holding.execution} --stage ${stage}`,
    `If that cannot be done and users need ${region} to be left, type this. It ends the flow and keeps the fence, which only you open later. Then a failover can begin (docs/runbook.md#leave-fenced):`,
    leaveFencedLine(holding.execution, stage),
    'How it all stands: npm run status.',
  ];
}

/** What gives a region back whose fence cannot be undone now. */
export function leaveFencedLine(execution: string, stage: string): string {
  return `  npm run abort -- ${execution} --leave-fenced --stage ${stage}`;
}

/** What a freeze keeps from beginning: a flow that runs goes on. */
function frozenHeadline(working: Holding | null): string {
  return `Breakwater is FROZEN, ${working === null ? 'nothing is being done' : 'a flow works on the region'}`;
}

function frozenLines(working: Holding | null): string[] {
  return [
    `Breakwater is FROZEN${working === null ? ' and does nothing for users' : ': it starts nothing new'}. Decide whether the freeze is still needed: docs/runbook.md#freeze. To end it:`,
    '  npm run unfreeze',
  ];
}

/** Whether a person started what goes on, and nothing was found beside it. */
function isPlanAlone({ planned, decisions }: Incident): boolean {
  return planned !== undefined && decisions.length === 0;
}

/** When what fails began, in milliseconds since 1970: a plan opened its incident before anything had failed. */
function beganAt({ planned, decisions, openedAt }: Incident): number {
  return planned === undefined ? openedAt : (decisions[0]?.at ?? openedAt);
}

/** What was found that nothing is done about, as its section says what a person does. */
function heldBy(last: RecordedDecision | undefined): string | undefined {
  return last?.hold === 'evidence-incomplete' ? last.indication : undefined;
}

/** `AGAIN`: users were proved to be served in between. */
function failingHeadline(
  incident: Incident,
  { usersFail, servedAt, since }: Failing,
  { now, isPaused }: { readonly now: number; readonly isPaused: boolean },
): string {
  const { region, planned } = incident;
  const lasted = formatSeconds((now - beganAt(incident)) / 1000);
  if (usersFail && servedAt === null && isPlanAlone(incident))
    return `users fail while a ${planned} goes on in ${region}`;
  if (!usersFail)
    return `${isPaused ? 'a restore waits for a person' : 'a restore goes on'} in ${region}, ${lasted} after the first sign`;
  if (servedAt === null) return `users still fail in ${region}, ${lasted} after the first sign`;
  return `users fail AGAIN in ${region}, ${againSince(servedAt, since, now)}`;
}

function failingSentences({ usersFail, servedAt, since }: Failing, now: number): string[] {
  if (!usersFail || servedAt === null) return [];
  return [`Users were served at ${clock(servedAt, now)}. They fail AGAIN, ${againSince(servedAt, since, now)}.`];
}

/** What fails now began before users were proved to be served where the same fails on: then it was some time after that. */
function againSince(servedAt: number, since: number | null, now: number): string {
  return since !== null && since > servedAt ? `since ${clock(since, now)}` : `some time after ${clock(servedAt, now)}`;
}

/** How a flow goes on without a state that failed; what it is about stays as it is. `step`: its name. */
export function skipLines(execution: string, step: string, stage: string): string[] {
  return [
    step === 'RedirectUsers'
      ? 'Or, only if you have sent users to the other region by hand (docs/runbook.md#redirect-users), go on without this step. If they are not there, they fail as soon as the old region is back: Breakwater closes its database. Type both:'
      : `Or go on without ${stepWords(stepNamed(step))}: that step stays undone, the flow does the rest. Type both:`,
    `  npm run skip -- ${execution} ${step} --stage ${stage} --reason "<why>"`,
    `  npm run resume -- ${execution} --stage ${stage}`,
  ];
}

/** How a paused flow goes on: as its own message says it. */
function pauseLines(holding: Holding, stage: string): string[] {
  const { execution, stoppedAt, ends = false, moved = null } = holding;
  const line = (verb: string) => `  npm run ${verb} -- ${execution} --stage ${stage}`;
  if (ends)
    return [
      ...abortLines(
        'The flow is paused and does not go on: what it was for is over. Give it up, so that another flow can act (docs/runbook.md#give-up)',
        line('abort'),
        moved,
      ),
      'How it all stands: npm run status.',
    ];
  return [
    'The flow is paused and waits for you. Correct the cause (under WHAT IS BEING DONE), then type:',
    line('resume'),
    ...stoppedAt.flatMap(({ step, mayBeSkipped }) => (mayBeSkipped ? skipLines(execution, step, stage) : [])),
    ...giveUpLines(holding, stage),
    'See docs/runbook.md#pause. How it all stands: npm run status.',
  ];
}

/** How a paused flow is given up: nobody is given a line by which what only the other region has is lost. */
export function giveUpLines(
  { execution, takesOver = false, moved = null }: Pick<Holding, 'execution' | 'takesOver' | 'moved'>,
  stage: string,
): string[] {
  return takesOver
    ? [
        'Do NOT abort it before you have read docs/runbook.md#give-up: a database was asked to take over in the other region, and what only that has may be lost.',
      ]
    : abortLines(
        'Or give up the flow and its lock (docs/runbook.md#give-up)',
        `  npm run abort -- ${execution} --stage ${stage}`,
        moved,
      );
}

/** The line that ends a flow, behind what is said of it. What stands in the other region by then fails users of the old one: nobody moves it back but they. */
export function abortLines(said: string, line: string, moved: Elsewhere | null): string[] {
  return moved === null ? [`${said}:`, line] : [`${said}.`, ...moveBackLines(moved), line];
}

/** What stands before a line that ends a flow which has asked something to take over in the other region. */
export function moveBackLines(moved: Elsewhere | null): string[] {
  if (moved === null) return [];
  return [
    `An abort moves nothing back. If users are to stay in ${moved.leaves}, FIRST move back what they need of this (docs/runbook.md#left-behind):`,
    ...moved.lines.map((one) => `- ${one}`),
    'Then type:',
  ];
}

function stopSentences({ stoppedAt, pausedAt }: Holding, now: number): string[] {
  if (pausedAt === null) return [];
  return [
    `The flow stopped at ${clock(pausedAt, now)}, and has done nothing since.`,
    ...(stoppedAt.length === 0
      ? ['Why it stopped, its own message says. The record does not.']
      : stoppedAt.map(({ step, why }) => sentenceOf(`it stopped while ${stepWords(stepNamed(step))}: ${why}`))),
  ];
}

function lastDecision({ at, action, reason, hold }: RecordedDecision, now: number): string[] {
  return [
    `Decided last, at ${clock(at, now)}: ${decidedWords[action]}. Seen then: ${sentenceOf(reason)}`,
    ...(hold === undefined ? [] : [`Held back: ${holdWords[hold]}`]),
  ];
}

/** Until when users stay out of a zone, and what happens then. */
export function keptOutWords({ zone, until, returnedAt, pausesAt }: KeptOut, now: number): readonly [string, string] {
  const unknown = `Since users left ${zone}, no alarm has shown whether the zone itself is well.`;
  if (until === null)
    return [
      `Users went back to ${zone} at ${clock(returnedAt ?? now, now)}, and it failed again. ${unknown}`,
      `Users stay out of ${zone} until an alarm of the zone shows that it is well, or you send them back. At ${clock(pausesAt, now)} the flow pauses, and its message says what you can do.`,
    ];
  return [
    unknown,
    `Users go back to ${zone} at ${clock(until, now)}, or sooner if an alarm shows that the zone is well. If it is still bad, users fail for some minutes until Breakwater leaves it again. After that, time alone sends nobody back: only an alarm of the zone, or you.`,
  ];
}

/** All is well without a zone, and users stay out of it. */
export function keptOutMessage(
  incident: Incident,
  kept: KeptOut,
  { drill, now }: { readonly drill: boolean; readonly now: number },
): Message {
  const [why, follows] = keptOutWords(kept, now);
  const until = kept.until === null ? `: decide by ${clock(kept.pausesAt, now)}` : ` until ${clock(kept.until, now)}`;
  return messageOf({
    marks: markOf({ drill }),
    canWait: true,
    headline: `users stay out of ${kept.zone}${until}`,
    needed: [
      kept.until === null
        ? `By ${clock(kept.pausesAt, now)}: find out whether ${kept.zone} is well, then send users back: docs/runbook.md#kept-out.`
        : `Nothing that has to be done. If you know whether ${kept.zone} is well, you can send users back before ${clock(kept.until, now)}, or keep them out for longer: docs/runbook.md#kept-out.`,
    ],
    happened: [`Nothing fails any more without ${kept.zone}.`, why],
    done: ['Breakwater keeps traffic out of the zone. That costs capacity and no user.'],
    follows: [follows],
    more: [`The flow that keeps users out: ${kept.execution}.`, `Incident ${incident.id}, level ${incident.level}.`],
    thread: { incident: incident.id, severity: severityOf(incident.level), state: 'step' },
  });
}

function notStartedWords({ action, scope }: Pick<RecordedDecision, 'action' | 'scope'>): string {
  if (action === 'notify') return `watching the degradation in ${placeWords(scope)}`;
  return action === 'request-approval' ? `asking people about ${scope.region}` : `the move out of ${placeWords(scope)}`;
}

/** From the other region's stack, when the one that should act has not begun. */
export function notStartedMessage(
  incident: Incident,
  decision: RecordedDecision,
  { stage, primary }: Pick<AsItStands, 'stage' | 'primary'>,
): Message {
  const { region, zone } = decision.scope;
  const check = 'Check whether the flow runs: npm run status. If it does not,';
  const byHand =
    primary === unknownRoles.primary
      ? [`${check} which region serves users is NOT KNOWN: docs/runbook.md#store-damaged.`]
      : region !== primary
        ? [
            `${check} look at what fails yourself. ${region} is not the primary: a start by hand would move users out of ${primary}.`,
          ]
        : [`${check} start it by hand. See docs/runbook.md#not-started.`, byHandLine(zone, stage)];
  return messageOf({
    headline: `${notStartedWords(decision)} was decided and has not started`,
    needed:
      decision.action === 'notify'
        ? ['Look at what fails yourself: npm run status. Nothing has to be moved. See docs/runbook.md#not-started.']
        : byHand,
    happened: [
      `Decided at ${clock(decision.at, decision.at)}: ${decidedWords[decision.action]}. Reason: ${sentenceOf(decision.reason)}`,
      'Nobody has seen the flow for it start.',
    ],
    done: ['Nothing that Breakwater knows of. The stack that has to start the flow may be out of reach.'],
    follows: ['Nothing is moved until the flow starts. That stack decides afresh as soon as it answers again.'],
    more: [`The execution to look for: ${decision.execution}.`, `Incident ${incident.id}.`],
    thread: { incident: incident.id, severity: severityOf(decision.level), state: 'open' },
  });
}
