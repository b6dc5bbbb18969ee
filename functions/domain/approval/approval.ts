// Judges what people answer: which answers count, what they add up to, and whether what was approved is still so. Pure.
import { day } from '../page/page-times.ts';
import { humanIn, isSamePerson, personOf } from '../plan/persons.ts';
import type { Plan } from '../plan/plan.ts';
import type { Answer, ApprovalRequest, Bounds, Given, RecordedAnswer, Way } from '../types.ts';
import { formatBoth, formatSeconds } from '../words/durations.ts';

/** Whether an answer counts; `why` says in one line why it does not, and is empty where it does. */
export type Validity = { readonly valid: boolean; readonly why: string };

/**
 * Judges one answer beside those that were given before. The time of the answer's arrival counts, not the one that it
 * names itself.
 */
export function judgeAnswer(
  request: ApprovalRequest,
  answers: readonly RecordedAnswer[],
  answer: Answer & Partial<Given>,
  plan: Plan,
  now: number,
): Validity {
  const { approver } = answer;
  const human = humanOf(answer);
  if (answer.request !== request.id) return not(`it answers request ${answer.request}, expected ${request.id}`);
  if (now >= request.expiresAt) return not(`it is late: request ${request.id} expired at ${day(request.expiresAt)}`);
  if (isSamePerson(approver, request.requestedBy, plan) || (human !== null && human === humanIn(request.requestedBy)))
    return not(`${approver} asked for it, and who asks does not approve`);
  if (!request.roles.includes(approver)) return not(`${approver} is no approver, expected ${request.roles.join(', ')}`);
  if (tallyOf(request, answers, plan).answerOf(approver) !== null)
    return not(`${approver} has answered request ${request.id} before, and an answer counts once`);
  const other = tallyOf(request, answers, plan).answers.find((one) => human !== null && humanOf(one) === human);
  if (other !== undefined)
    return not(`${human} has answered as ${other.approver} before, and one person counts once, in whatever role`);
  const unnamed = request.unfenced.filter((name) => !answer.unfenced.includes(name));
  if (answer.answer === 'approve' && unnamed.length > 0)
    return not(`it does not name what stays unfenced: ${unnamed.join(', ')}`);
  return { valid: true, why: '' };
}

/** Who has answered a request, and what that adds up to. A person in two roles has answered for both, and counts once. */
export type Tally = {
  /** The answers that count, in the order given. */
  readonly answers: readonly RecordedAnswer[];
  /** How many people approve. */
  readonly approvals: number;
  /** The roles that were asked and whose people have not answered. */
  readonly silent: readonly string[];
  /** One rejection rejects. */
  readonly outcome: 'pending' | 'approved' | 'rejected';
  /** What the person behind a role answered; null where that is nothing. */
  readonly answerOf: (role: string) => RecordedAnswer | null;
};

/** Counts the answers to a request, in whatever order they came. */
export function tallyOf(
  request: ApprovalRequest,
  given: readonly RecordedAnswer[],
  plan: Pick<Plan, 'contacts'>,
): Tally {
  const answers = given.filter((answer) => counts(answer, request, plan));
  const byPerson = new Map(answers.toReversed().map((answer) => [personOf(answer.approver, plan), answer]));
  const answerOf = (role: string) => byPerson.get(personOf(role, plan)) ?? null;
  const approving = [...byPerson.values()].filter(({ answer }) => answer === 'approve');
  // Defence in depth: judgeAnswer refused the second answer of one human, unless both came at the same moment.
  const humans = approving.map(humanOf).filter((human) => human !== null);
  const approvals = approving.length - (humans.length - new Set(humans).size);
  const rejected = answers.some(({ answer }) => answer === 'reject');
  return {
    answers,
    approvals,
    get silent() {
      return request.roles.filter((role) => answerOf(role) === null);
    },
    outcome: rejected ? 'rejected' : approvals >= request.required ? 'approved' : 'pending',
    answerOf,
  };
}

/** Who gave an answer, as far as AWS tells; null of a link, which is for one person already. */
function humanOf({ who }: Partial<Given>): string | null {
  return who === undefined ? null : humanIn(who);
}

/** Whether a name is asked by a request: it is one of the roles, and not of the person who asks. */
export function isAsked(
  role: string,
  { roles, requestedBy }: Pick<ApprovalRequest, 'roles' | 'requestedBy'>,
  plan: Pick<Plan, 'contacts'>,
): boolean {
  return roles.includes(role) && !isSamePerson(role, requestedBy, plan);
}

type WaysByAsset<Ways> = Readonly<Record<string, Ways>>;

/**
 * Compares what was approved with what would be approved now; null where it is still inside. Outside, it says what
 * changed. Of `now` the ceiling is what would be lost, without the margin that people are asked for. `failed`: the ways of each asset
 * that were tried in vain since: the next one is within the approval where it loses no more.
 */
export function checkBounds(approved: Bounds, now: Bounds, failed: WaysByAsset<readonly Way[]> = {}): string | null {
  if (now.plan !== approved.plan) return 'the plan has changed since the approval';
  if (now.target !== approved.target) return `the target is ${now.target}, approved was ${approved.target}`;
  if (now.mode !== approved.mode) return `it would be a ${now.mode}, approved was a ${approved.mode}`;
  const way = otherWay(approved, now, failed);
  if (way !== null) return way;
  const more = moreUnfenced(approved, now);
  if (more.length > 0) return `${more.join(', ')} can not be fenced any more, which nobody approved`;
  const losses = lossesCompared(approved, now).flatMap((one) => moreLost(one) ?? []);
  return losses.length === 0 ? null : losses.join('; ');
}

/** What stays unfenced beyond what was approved: of another region all, of the same one the assets that nobody named. */
function moreUnfenced(approved: Bounds, now: Bounds): string[] {
  const regions = now.unfenced.filter((name) => !approved.unfenced.includes(name));
  if (regions.length > 0) return regions;
  const { unfencedAssets: named = [] } = approved;
  return (now.unfencedAssets ?? []).flatMap((asset) => (named.includes(asset) ? [] : openAsset(asset, now.target)));
}

/** What people were asked to leave unfenced, in words: each asset with its region, or the region alone where no asset was kept. */
export function namedUnfenced({
  target,
  unfenced,
  unfencedAssets = [],
}: Pick<Bounds, 'target' | 'unfenced' | 'unfencedAssets'>): readonly string[] {
  return unfencedAssets.length === 0 ? unfenced : unfencedAssets.map((asset) => openAsset(asset, target));
}

function openAsset(asset: string, region: string): string {
  return `${asset} in ${region}`;
}

/** A loss beside the most that was approved. `asset`: empty where there is one alone; `ceiling`: undefined where nobody was asked. */
type Compared = { readonly asset: string; readonly loss: number | null; readonly ceiling: number | null | undefined };

/** Each asset is compared with its own: what one was approved to lose is not another one's to lose. */
function lossesCompared(approved: Bounds, now: Bounds): Compared[] {
  const { assetCeilingSeconds: ceilings } = approved;
  const all = Object.entries(now.assetCeilingSeconds ?? {});
  if (ceilings === undefined || all.length === 0)
    return [{ asset: '', loss: now.lossCeilingSeconds, ceiling: approved.lossCeilingSeconds }];
  return all.map(([asset, loss]) => ({ asset: all.length === 1 ? '' : asset, loss, ceiling: ceilings[asset] }));
}

/** What would be lost beyond what was approved; null where it is not more. */
function moreLost({ asset, loss, ceiling }: Compared): string | null {
  if (ceiling === null) return null; // people were told that the loss is not known
  if (ceiling === undefined) return `nobody was asked how much ${asset || 'the database'} may lose`;
  const of = asset === '' ? '' : ` of ${asset}`;
  if (loss === null) return `the data loss${of} is not known any more, approved were at most ${formatSeconds(ceiling)}`;
  if (loss <= ceiling) return null;
  const [lost, most] = formatBoth(loss, ceiling);
  return `${lost} of data${of} would be lost, approved were at most ${most}`;
}

/** A way that nobody approved; null where there is none. What was approved by asset is compared by asset. */
function otherWay(approved: Bounds, now: Bounds, failed: WaysByAsset<readonly Way[]>): string | null {
  const { ways = {} } = approved;
  if (approved.ways === undefined || now.ways === undefined)
    return now.way === approved.way ? null : `the way would be ${now.way}, approved was ${approved.way}`;
  for (const [asset, way] of Object.entries(now.ways)) {
    const before = ways[asset];
    if (before === way || (before !== undefined && failed[asset]?.includes(before))) continue;
    return `the way of ${asset} would be ${way}, approved was ${before ?? 'none'}`;
  }
  return null;
}

/** Defence in depth: judgeAnswer already refused the requester, and whatever the record says, their answer does not count. */
function counts(answer: RecordedAnswer, request: ApprovalRequest, plan: Pick<Plan, 'contacts'>): boolean {
  return answer.valid && answer.request === request.id && isAsked(answer.approver, request, plan);
}

function not(why: string): Validity {
  return { valid: false, why };
}
