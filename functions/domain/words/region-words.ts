// What people are told about giving up a region: what they are asked, reminded of, and how it ended, in sentences that can
// be read at 3 a.m.
import * as z from 'zod';
import { clock, day } from '../page/page-times.ts';
import { type CountsFrom, countsFromShape, fromWords } from '../record/fault-clock.ts';
import type { Prediction } from '../recovery/predict.ts';
import { takingOverSentences, takingOverShown } from '../recovery/taking-over.ts';
import { type ApprovalRequest, type Incident, type Mode, modes } from '../types.ts';
import { reasonWords } from './decision-words.ts';
import { formatSeconds } from './durations.ts';
import { levelWords, sentenceOf } from './words.ts';

const number = z.number().nullable().catch(null);
const text = z.string().catch('not known');

/** An assessment as it is read back from a request or a flow. What is missing or damaged is told as not known. */
const Assessed = z.object({
  offered: z.boolean().catch(false),
  why: text,
  mode: z.enum(modes).nullable().catch(null),
  region: z.string().nullable().catch(null),
  standby: z.string().nullable().catch(null),
  replica: z.object({ status: text, lagSeconds: number, lastSeenAt: number }).nullable().catch(null),
  predicted: z
    .object({
      recoverySeconds: number,
      dataLossSeconds: number,
      assetLossSeconds: z.record(z.string(), number).catch({}),
      countsFrom: countsFromShape.nullable().catch(null),
      basis: z.string().nullable().catch(null),
    })
    .nullable()
    .catch(null),
  unfenced: z.array(z.string()).catch([]),
  unfencedAssets: z.array(z.string()).catch([]),
  cannotFence: z.array(z.string()).catch([]),
  takingOver: takingOverShown,
  waves: z.array(z.array(z.string()).min(1)).catch([]),
  promoted: z.array(z.string()).catch([]),
  goingOn: z.object({ since: number, atMostSeconds: number }).nullable().catch(null),
  alternatives: z
    .array(
      z.object({
        way: text,
        asset: z.string().optional().catch(undefined),
        offered: z.boolean(),
        why: text,
        recoverySeconds: number,
        dataLossSeconds: number,
      }),
    )
    .catch([]),
  ways: z
    .array(
      z.object({
        asset: text,
        ways: z.array(z.object({ way: text, usable: z.boolean(), dataUntil: number, seconds: number })),
      }),
    )
    .catch([]),
});

/** An assessment, read from what a request or a flow kept. Total: what is missing or damaged is null or `not known`. */
export function readAssessment(shown: Readonly<Record<string, unknown>>): z.infer<typeof Assessed> {
  return Assessed.parse(shown);
}

/** Whether a request asks the other question: there is something promoted, and both answers cost. */
export function isAboutGoingOn({ shown }: Pick<ApprovalRequest, 'shown'>): boolean {
  return Assessed.parse(shown).goingOn !== null;
}

/** What an answer to a request of a drill does; null where no drill asks. */
export function drillSentence({ drill, drillMoves }: Pick<ApprovalRequest, 'drill' | 'drillMoves'>): string | null {
  if (drill === true) return 'Answer as in a real incident. Nothing is changed, whatever you answer.';
  return drillMoves === true ? 'This drill is planned, and an approval really MOVES the users.' : null;
}

/** What is asked: in one line, and what each answer costs; `approve` and `reject` say what they do, as a heading. */
export type Question = {
  readonly line: string;
  readonly costs: readonly string[];
  readonly approve: string;
  readonly reject: string;
};

/**
 * The question of a request, for its mail and its page. Once something was promoted it is another one: go on and lose what the
 * old region took since, or stay and throw the promoted copy away.
 */
export function questionOf(request: ApprovalRequest): Question {
  const { target, mode, shown } = request;
  const { goingOn, promoted } = Assessed.parse(shown);
  const standby = standbyIn(shown);
  if (goingOn === null && mode === 'restore') {
    return {
      line: `May data in ${target} be restored to what it was before? Users stay in ${target}, and what was written since is lost.`,
      costs: [],
      approve: `${target} goes on with restored data`,
      reject: `${target} keeps the data that it has`,
    };
  }
  if (goingOn === null) {
    const isPlanned = mode === 'switchover';
    return {
      line: `May ${target} be given up, so that ${standby} takes over?`,
      costs: [],
      approve: isPlanned ? `${standby} takes over` : `${target} is given up`,
      reject: isPlanned ? `${target} keeps its role` : `stay in ${target}`,
    };
  }
  const { since, atMostSeconds } = goingOn;
  const copy = promoted.join(', ') || 'what was promoted';
  const from = since === null ? 'a time that is NOT KNOWN' : day(since);
  const most =
    atMostSeconds === null
      ? 'how many seconds of writes is NOT KNOWN'
      : `at most ${formatSeconds(atMostSeconds)} of writes`;
  return {
    line: `Go on to ${standby}, or stay in ${target}? ${copy} was promoted in ${standby} already.`,
    costs: [
      `To go on loses what ${target} took since ${from}: ${most}. How many writes that are is NOT KNOWN: only its data can say.`,
      `To stay throws the promoted copy of ${copy} in ${standby} away, with what it took since. A person has to do that (docs/runbook.md#stay). Until then Breakwater may close the database in ${target}, and no other region can take over.`,
    ],
    approve: `go on to ${standby}`,
    reject: 'pause the flow',
  };
}

/** What would be done, in a few words: `failover of us-east-1`, `restore of database in us-east-1`. */
export function actOf({ mode, target, shown }: Pick<ApprovalRequest, 'mode' | 'target' | 'shown'>): string {
  if (mode !== 'restore') return `${mode} of ${target}`;
  const assets = Assessed.parse(shown).ways.map(({ asset }) => asset);
  return `restore ${assets.length === 0 ? '' : `of ${assets.join(', ')} `}in ${target}`;
}

/** The same, and where to, or to what moment. */
export function whatIsAsked(request: ApprovalRequest): string {
  const { mode, shown } = request;
  if (mode !== 'restore') return `${actOf(request)} to ${standbyIn(shown)}`;
  const moments = Assessed.parse(shown).ways.flatMap(({ ways: [first] }) => first?.dataUntil ?? []);
  return moments.length === 0 ? actOf(request) : `${actOf(request)}, to ${day(Math.min(...moments))}`;
}

/** Where users would be sent, as a request says it. */
export function standbyIn({ standby }: ApprovalRequest['shown']): string {
  return typeof standby === 'string' ? standby : 'the standby region';
}

/** Whether the flow that asks has changed something: then nobody can say that nothing was changed. */
function hasBegun({ begun }: ApprovalRequest['shown']): boolean {
  return begun === true;
}

/** What has been changed when people are asked. */
export function changedSoFar({ shown }: Pick<ApprovalRequest, 'shown'>): string {
  if (!hasBegun(shown)) return 'This flow has changed nothing yet.';
  const opened = z.array(z.string()).catch([]).parse(shown['opened']);
  return ['The flow has begun, and waits for this answer.', ...opened].join(' ');
}

/** What is changed where not enough people approve, and what follows. */
export function withoutApproval({
  target,
  mode,
  shown,
}: Pick<ApprovalRequest, 'target' | 'mode' | 'shown'>): [string, string] {
  const keeps = mode === 'restore' ? 'the data that it has' : 'its role';
  return hasBegun(shown)
    ? ['nothing more is changed', 'the flow is paused, keeps its lock, and people are told']
    : ['nothing is changed', `${target} keeps ${keeps}, the flow ends, and people are told`];
}

/** Who has answered, who has not, and how much time is left. `now` in milliseconds since 1970. */
export type Waiting = {
  readonly answered: readonly string[];
  readonly silent: readonly string[];
  readonly now: number;
};

/** What an answer means: how far an approval holds, who is asked, and what happens without one. */
export function askingSentences(request: ApprovalRequest): string[] {
  const { roles, required } = request;
  return [
    ceiling(request),
    ...nextWays(request),
    `${required} of ${roles.join(', ')} must approve. One rejection rejects the request.`,
    onNoAnswer(request),
  ];
}

/** What an approval covers where a way fails; nothing where there is no other. */
export function nextWays({ shown }: Pick<ApprovalRequest, 'shown'>): string[] {
  const others = Assessed.parse(shown).alternatives.some(({ way, offered }) => offered && way !== 'wait');
  return others
    ? ['If a way fails, Breakwater takes the next one if it loses no more than that. Otherwise people are asked again.']
    : [];
}

/** From when users have been down, as far as it is known. `openedAt`: the first evidence, where nothing earlier was kept. */
export function downSince({ shown }: Pick<ApprovalRequest, 'shown'>, openedAt: number): CountsFrom {
  return Assessed.parse(shown).predicted?.countsFrom ?? { at: openedAt, what: 'first-evidence' };
}

/** Whether observers saw users served by the region that would be given up when people were asked, for example again after an outage. */
export function wereServed({ shown: { servedFrom } }: Pick<ApprovalRequest, 'shown'>): boolean {
  return Array.isArray(servedFrom) && servedFrom.length > 0;
}

/**
 * When users are predicted to be served again if people approve now, in milliseconds since 1970: each minute without an answer comes on top of
 * what was predicted when they were asked. Null where nobody knows, and where the prediction has run out. `seconds`: what was
 * predicted of another way than the chosen one.
 */
export function usersBackAt(
  request: Pick<ApprovalRequest, 'shown' | 'askedAt'>,
  openedAt: number,
  now: number,
  seconds: number | null = Assessed.parse(request.shown).predicted?.recoverySeconds ?? null,
): number | null {
  if (seconds === null) return null;
  const at = downSince(request, openedAt).at + seconds * 1000 + Math.max(0, now - request.askedAt);
  return at > now ? at : null;
}

/**
 * What an assessment found, as sentences: the evidence, what it would cost, what is not fenced, and what else there is. `isDry`: nobody is asked
 * about it, and users may be served.
 */
export function assessmentSentences(assessment: Readonly<Record<string, unknown>>, isDry = false): string[] {
  const assessed = Assessed.parse(assessment);
  const { offered, why, mode, region, standby, replica, predicted, unfenced, takingOver, alternatives, ways } =
    assessed;
  const chosen = ways.flatMap(({ asset, ways: [first] }) => (first?.usable === true ? { asset, way: first.way } : []));
  const said = (one: WayOf) =>
    wayWords(one, region === null || standby === null ? null : { target: region, standby, mode });
  return [
    ...(offered && chosen.length > 0 ? [`The way: ${chosen.map(said).join('; ')}.`] : []),
    ...foundSentences(offered, why),
    ...(takingOver === null ? [] : takingOverSentences(takingOver)),
    // Where a way is offered, its evidence has said it.
    ...(replica === null || offered ? [] : [replicaSentence(replica)]),
    ...(predicted === null || !offered ? [] : [recoverySentence(predicted, isDry), ...lossSentences(predicted, mode)]),
    ...(unfenced.length > 0 ? [`NOT FENCED: ${divergence(assessed)}`] : offered ? [canFence] : []),
    ...alternatives.map((other) => insteadSentence(said(other), other)),
  ];
}

/** Another way, and what speaks for or against it. */
export function insteadSentence(
  said: string,
  { offered, why }: { readonly offered: boolean; readonly why: string },
): string {
  return `${offered ? 'Another way' : 'Not offered'}: ${said}. ${sentenceOf(why)}`;
}

/** That nothing stays open that takes writes. */
export const canFence = 'Breakwater can now close (fence) everything that takes writes.';

/** What speaks for a way, or why there is none: a line for each fact, where there are several. */
export function foundSentences(offered: boolean, why: string): string[] {
  const head = offered ? 'Found' : 'No safe way';
  const facts = why.split('; ');
  return facts.length === 1 ? [`${head}: ${why}.`] : [`${head}:`, ...facts.map((fact) => `- ${fact}`)];
}

type WayOf = { readonly way: string; readonly asset?: string | undefined };

/** A way in words; of an asset, where it has one of its own. `places`: null where the regions are not known. Only in an outage people wait. */
export function wayWords(
  { way, asset }: WayOf,
  places: { readonly target: string; readonly standby: string; readonly mode?: Mode | null } | null,
): string {
  const there = places === null ? '' : ` in ${places.standby}`;
  const words: Readonly<Record<string, string>> = {
    'promote-replica': `Promote the replica${there}`,
    'promote-delayed-replica': `Promote the delayed replica${there}`,
    'restore-point-in-time': `Restore${there} to a point in time, from automated backups`,
    'fail-over-datastore': `Make the cache${there} the primary of its global datastore`,
    'start-empty': `Start${there} with an empty cache`,
    'redirect-users': `Send users to ${places?.standby ?? 'the other region'}`,
    'restore-snapshot': `Restore the latest snapshot${there}`,
    wait: waitWords(places?.target ?? 'the region', places?.mode ?? 'failover'),
  };
  const said = Object.hasOwn(words, way) ? String(words[way]) : way;
  return asset === undefined ? said : `${said} (${asset})`;
}

function waitWords(target: string, mode: Mode): string {
  return {
    failover: `Wait for ${target}`,
    switchover: `Stay in ${target}`,
    restore: `Keep the data of ${target} as it is`,
  }[mode];
}

/** How many of an incident's decisions are told: the newest say most. */
const toldDecisions = 5;

/** What an incident came to, in the order in which it came: when, how bad, and why. */
export function incidentSentences({ decisions }: Incident): string[] {
  const news = decisions.filter(({ action }) => action !== 'none');
  return news.slice(-toldDecisions).map((one) => {
    return `${day(one.at)}, level ${one.level} (${levelWords(one.level)}): ${reasonWords(one)}.`;
  });
}

/** How a request ended without an approval. */
export function notApprovedSentence(facts: Readonly<Record<string, unknown>>): string {
  const { answer, round } = facts;
  const which = typeof round === 'number' && round > 1 ? ` (request ${round})` : '';
  if (answer === 'rejected')
    return `The request was rejected${which}: one rejection is enough. Nothing is done until people are asked again.`;
  if (answer === 'expired')
    return `The request expired${which}: too few people approved in time, and no answer means no.`;
  if (answer === 'void')
    return `The request is void${which}: the flow that asked has ended, and no answer counts any more.`;
  return `The request ended without an approval${which}: ${String(answer)}.`;
}

/**
 * What follows where something cannot be fenced: it does not answer, or it answers and `cannotFence` says why; and of what alone an approval
 * holds, where the record says that.
 */
export function divergence({
  unfenced,
  cannotFence,
  unfencedAssets,
  mode,
}: Readonly<Record<'unfenced' | 'cannotFence' | 'unfencedAssets', readonly string[]>> & {
  readonly mode: Mode | null;
}): string {
  const why =
    cannotFence.length > 0
      ? `${cannotFence.join('; ')}. The old database`
      : `${unfenced.join(', ')} ${unfenced.length === 1 ? 'does' : 'do'} not answer. The old database`;
  const only =
    unfencedAssets.length === 0
      ? ''
      : ` An approval covers ${unfencedAssets.join(', ')}: Breakwater goes on although ${unfencedAssets.length === 1 ? 'it is' : 'they are'} open. If anything else cannot be closed, people are asked again.`;
  // Nobody watches what a restore leaves open.
  const missing =
    mode === 'restore'
      ? 'Those writes are missing in the restored one, and come on top of the predicted data loss.'
      : 'Those writes are missing in the new database.';
  return `${why} may go on taking writes. ${missing}${only}`;
}

function replicaSentence(replica: { status: string; lagSeconds: number | null; lastSeenAt: number | null }): string {
  const { status, lagSeconds, lastSeenAt } = replica;
  if (lastSeenAt === null)
    return `Replica status: ${status}. Replica lag before the last successful user request: NOT KNOWN.`;
  const when = day(lastSeenAt);
  if (lagSeconds === null)
    return `Replica status: ${status}. Replication was broken at ${when}, before the last successful user request.`;
  return `Replica status: ${status}. Replica lag: ${formatSeconds(lagSeconds)}, measured at ${when}, before the last successful user request.`;
}

function recoverySentence(
  {
    recoverySeconds: seconds,
    countsFrom: from,
    basis,
  }: {
    readonly recoverySeconds: number | null;
    readonly countsFrom: CountsFrom | null;
    readonly basis: string | null;
  },
  isDry: boolean,
): string {
  if (seconds === null) return 'When users would be served again is NOT KNOWN.';
  const when = from === null ? '' : ` (${day(from.at)})`;
  const said = isDry
    ? 'If people approved a real one now, users would be'
    : 'If people approve now, users are predicted to be';
  return `${said} down for ${formatSeconds(seconds)}${isDry ? '' : `, counted from ${fromWords(from)}${when}`}.${basisSentence(basis)}`;
}

/** From what the times of a prediction come; empty in records of before that was kept. */
export function basisSentence(basis: string | null | undefined): string {
  return basis == null ? '' : ` This prediction goes by ${basis}.`;
}

/** What would be lost at most, and of several assets what of each. */
export function lossSentences(
  { dataLossSeconds: most, assetLossSeconds }: Pick<Prediction, 'dataLossSeconds' | 'assetLossSeconds'>,
  mode: Mode | null,
): string[] {
  const each = Object.entries(assetLossSeconds);
  const told = each.map(([asset, seconds]) =>
    seconds === null ? `${asset} NOT KNOWN` : `${asset} ${formatSeconds(seconds)}`,
  );
  return [
    lossSentence(most, mode),
    ...(each.length < 2 || mode === 'switchover' ? [] : [`For each asset: ${told.join(', ')}.`]),
  ];
}

function lossSentence(seconds: number | null, mode: Mode | null): string {
  if (seconds === null) return 'The data loss is NOT KNOWN.';
  if (mode === 'switchover') return 'No data is lost: the flow waits until all writes are copied.';
  if (mode === 'restore') return `Predicted data loss: all writes of the last ${formatSeconds(seconds)}.`;
  return `Predicted data loss: at most the writes of the last ${formatSeconds(seconds)} before the failure.`;
}

/** How much loss an approval covers: of several assets each has its own. */
export function ceiling(request: Pick<ApprovalRequest, 'lossCeilingSeconds' | 'assetCeilingSeconds' | 'mode'>): string {
  const { lossCeilingSeconds: most, assetCeilingSeconds = {}, mode } = request;
  const each = Object.entries(assetCeilingSeconds);
  const known = each.filter(([, seconds]) => seconds !== null);
  if (most === null && (each.length < 2 || known.length === 0))
    return 'The data loss is NOT KNOWN: an approval allows any loss.';
  if (mode === 'switchover') return 'If any data would be lost, Breakwater stops, and people are asked again.';
  if (each.length < 2)
    return `If the loss would exceed ${formatSeconds(most)}, Breakwater stops, and people are asked again.`;
  const unknown = each.filter(([, seconds]) => seconds === null).map(([asset]) => asset);
  const any =
    unknown.length === 0
      ? ''
      : ` The data loss of ${unknown.join(', ')} is NOT KNOWN: an approval allows any loss there.`;
  return `If the loss would exceed ${ofEach(known)}, Breakwater stops, and people are asked again.${any}`;
}

/** `1 min 32 s of database or 2 min 45 s of orders`. */
function ofEach(seconds: readonly (readonly [asset: string, seconds: number | null])[]): string {
  return seconds.map(([asset, most]) => `${formatSeconds(most)} of ${asset}`).join(' or ');
}

export function onNoAnswer(request: ApprovalRequest, now: number = request.askedAt): string {
  return `Without enough approvals by ${clock(request.expiresAt, now)}, ${withoutApproval(request).join(': ')}.`;
}
