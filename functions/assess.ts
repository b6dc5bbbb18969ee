// Desired state: it is known which way out of a region there is, what it would cost, and what could not be fenced.
// Looks at everything and changes nothing.
import * as z from 'zod';
import { describeRecord } from './aws/traffic/dns.ts';
import { checkBounds, tallyOf } from './domain/approval/approval.ts';
import { endedAt, endsWithIncident } from './domain/decision/incident.ts';
import { CannotProceed, Unavailable } from './domain/errors.ts';
import { servedAsSeen, servingRegion } from './domain/evidence/users-now.ts';
import { pastOf } from './domain/record/region-past.ts';
import { type Assessment, assess, type KindSeen, type Observed } from './domain/recovery/predict.ts';
import { fencedInVain } from './domain/recovery/reaching.ts';
import { chosenOf, concernedBy } from './domain/recovery/restoring.ts';
import { seeTakingOver, type TakingOver } from './domain/recovery/taking-over.ts';
import { recordSeen } from './domain/traffic/record.ts';
import type { ApprovalRequest, Bounds, Signal, Standing } from './domain/types.ts';
import { isAboutGoingOn } from './domain/words/region-words.ts';
import { seeAll } from './kinds/looks.ts';
import { planHash } from './shared/approval/hash.ts';
import { expectRoles, givingUp, madeBy } from './shared/recovery/act.ts';
import { leftBehindIn } from './shared/recovery/done.ts';
import { RegionIncident } from './shared/recovery/flow.ts';
import { agesIn, noteLook } from './shared/recovery/fresh.ts';
import { lastAliveAt, writesEndedAt } from './shared/recovery/last-alive.ts';
import { type Shell, step } from './shared/shell.ts';
import { stepTimes } from './shared/step-times.ts';

const AssessInput = z.strictObject({
  incident: RegionIncident,
  /** The request that people approved; null before they were asked. */
  request: z.string().nullable(),
  /** How often this state was tried before. */
  retries: z.int().nonnegative(),
});

/** So often a look that got no answer is repeated, within a minute or so; then the flow goes on with what is known. */
const looksAgain = 8;

/**
 * Assesses, and compares with what was approved. `changed` says what is outside of the approval; null where nothing is.
 * `approvedUnfenced` are the assets that the approval lets go on without a fence. `begun`: this flow has made calls that give the region
 * up; once users are redirected nothing is judged again, for they are there. `over`: the incident is, for whose sake the region would be given up.
 * `wellAgain`: a failover goes on no more, because the region serves again and no database was promoted. `servedFrom`: the observers that see users served where they are.
 * @throws Unavailable where something did not answer, at the first tries; CannotProceed where the request is not this execution's, or was not approved;
 * LockLost where the roles have moved on.
 */
export const handler = step(AssessInput, async ({ incident, request: id, retries }, shell) => {
  const { plan, store, now, log } = shell;
  // What comes after this moment, this look has not seen.
  const at = now();
  // What needs no other answer is asked at once: users wait for it.
  const [standing, request, record, calls, steps, told, history, left] = await Promise.all([
    store.readStanding(incident.region),
    id === null ? null : approvedRequest(id, incident, shell),
    store.readIncident(incident.id),
    store.readAudit(incident.id),
    store.readSteps(incident.id),
    // Of a switchover or a restore that a person started, the moment is now.
    incident.mode === 'failover' ? store.readSignals(incident.region, 0) : null,
    stepTimes(incident.id, shell),
    id === null ? seeLeft(incident, shell) : { obstacles: [], merits: [] },
  ]);
  // Once users were redirected nothing else is judged, and the region that was given up may serve them by now.
  expectRoles(incident, standing);
  const called = madeBy(incident, calls, steps);
  const seen = steps.filter(({ execution }) => execution === incident.execution);
  // Asked for is enough: users may be there although nobody could read that.
  const redirected = [...seen, ...called].some(({ step }) => step === 'redirect-users');
  const over = endedAt(incident, record) !== null;
  const concerned = concernedBy(incident, plan);
  const assets = plan.assets.filter(({ name }) => concerned?.includes(name) !== false);
  const past = { ...pastOf(called, seen, { assets }), inVain: fencedInVain(seen, agesIn(seen).stoppedAt) };
  const mayStay = request?.unfencedAssets ?? [];
  const aliveAt = told === null ? now() : lastAliveAt(told, incident.since);
  const servedFrom = told === null ? [] : servedIn(incident, told, standing, shell);
  const looked = await look(incident, aliveAt, over, past, mayStay, shell);
  const observed = { ...looked, seen: [...looked.seen, left], history, servedFrom };
  if (retries < looksAgain && !redirected && isUnanswered(observed))
    throw new Unavailable(`not everything has answered that must be seen before ${incident.region} is given up`);
  const assessment = assess(observed, plan);
  const offered = assessment.offered || redirected;
  // What would be lost now, against what was approved: the margin is for this comparison, and is not added twice.
  const { dataLossSeconds: lossCeilingSeconds, assetLossSeconds } = assessment.predicted;
  const current = { ...assessment.bounds, lossCeilingSeconds, assetCeilingSeconds: assetLossSeconds };
  const changed =
    request === null || redirected
      ? null
      : changedSince(request, current, over, servedFrom, { ...assessment, ...past });
  // The mark that `act` asks for: until the next one what was approved may be acted on, as long as it is fresh.
  if (request !== null && offered && changed === null)
    await noteLook(incident, { at, request: request.id, ...chosenOf(assessment.ways) }, shell);
  log.info('assessed', { incident: incident.id, execution: incident.execution, offered, changed });
  return {
    ...assessment,
    offered,
    over,
    begun: called.some(({ step }) => givingUp.some((verb) => step.startsWith(`${verb}/`))),
    wellAgain: over && !redirected && assessment.promoted.length === 0 && !isUnanswered(observed),
    approved: request !== null,
    servedFrom,
    approvedUnfenced: mayStay,
    changed,
    expirySeconds: plan.approval.expirySeconds,
  };
});

function isUnanswered({ seen }: Pick<Observed, 'seen'>): boolean {
  return seen.some(({ unanswered }) => unanswered === true);
}

async function approvedRequest(
  id: string,
  { execution }: RegionIncident,
  { store, plan }: Shell,
): Promise<ApprovalRequest> {
  const [request, answers] = await Promise.all([store.readRequest(id), store.readAnswers(id)]);
  if (request === null || request.execution !== execution)
    throw new CannotProceed(`${id} is no request of ${execution}`);
  if (tallyOf(request, answers, plan).outcome !== 'approved') throw new CannotProceed(`request ${id} was not approved`);
  return request;
}

/**
 * The observers that see users of the region served that would be given up for an incident; none where another region serves them, or of corrupted
 * data, of which it says nothing.
 */
function servedIn(
  incident: RegionIncident,
  told: readonly Signal[],
  roles: Standing,
  { plan, now }: Shell,
): readonly string[] {
  const isAbout = endsWithIncident(incident) && servingRegion(plan, roles) === incident.region;
  return isAbout ? servedAsSeen(told, roles, plan, now()) : [];
}

/**
 * That users are served again, who were not when people were asked: an incident ends minutes later, and a region that serves them
 * is not taken from them by an answer about an outage. Null where they are not seen to be, or where people knew it.
 */
function servedAgain({ shown, target }: ApprovalRequest, servedFrom: readonly string[]): string | null {
  const before = shown['servedFrom'];
  if (servedFrom.length === 0 || !Array.isArray(before) || before.length > 0) return null;
  return `users of ${target} are served again, seen from ${servedFrom.join(', ')}`;
}

/** What is outside of the approval; null where nothing is. */
function changedSince(
  request: ApprovalRequest,
  current: Bounds,
  over: boolean,
  servedFrom: readonly string[],
  {
    goingOn,
    promoted,
    failedWays,
  }: Pick<Assessment, 'goingOn' | 'promoted'> & Pick<ReturnType<typeof pastOf>, 'failedWays'>,
): string | null {
  const failed = Object.entries(failedWays).flatMap(([asset, ways]) =>
    ways.map((way) => `${asset} did not come back by ${way}`),
  );
  const outside = checkBounds(request, current, failedWays);
  // Once something was promoted, users may see either region.
  const back = goingOn === null ? servedAgain(request, servedFrom) : null;
  const news = [back, outside].filter((one) => one !== null);
  const left = news.length === 0 ? null : [...failed, ...news].join('; ');
  if (left !== null || !over || goingOn === null || isAboutGoingOn(request)) return left;
  // Within the bounds, and yet another question: there is a region to stay in.
  return `${current.target} is well again, and ${promoted.join(', ')} takes writes in the other region`;
}

/** What earlier flows have left, for people who decide: a database that does not answer now may be closed by one. What cannot be read keeps nobody from being asked. */
async function seeLeft({ region, execution }: RegionIncident, shell: Shell): Promise<KindSeen> {
  const left = await leftBehindIn(region, shell, execution).catch((error: unknown) => {
    shell.log.warn('what earlier flows have left is not known', { region, error: String(error) });
    return [];
  });
  return { obstacles: [], merits: left.map((line) => `an earlier flow has left this: ${line}`) };
}

/** Where a changed record moves users. That nobody can look now is no obstacle: the change waits for the same answer. */
async function seeRecord({ mode }: RegionIncident, { plan: { redirection } }: Shell): Promise<KindSeen[]> {
  if (redirection.mode !== 'record-change' || mode === 'restore') return [];
  const { hostedZone, record } = redirection;
  try {
    return [recordSeen(await describeRecord(hostedZone, record), redirection)];
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    return [{ obstacles: [], merits: [`whether ${record} can be changed is NOT KNOWN: ${error.message}`] }];
  }
}

/** What its own stack found, and what others saw of it. */
async function ownState(region: string, incident: string, { store, plan, now }: Shell): Promise<TakingOver> {
  const [open, signals] = await Promise.all([store.readOpenIncident(region), store.readSignals(region, 0)]);
  // What is restored where it stands is no trouble of the region beside it.
  return seeTakingOver(region, open?.id === incident ? null : open, signals, plan, now());
}

async function look(
  incident: RegionIncident,
  aliveAt: number,
  over: boolean,
  past: ReturnType<typeof pastOf> & Pick<Observed, 'inVain'>,
  mayStay: readonly string[],
  shell: Shell,
): Promise<Observed> {
  const { region, standby, mode, since, corruptedSince, asset: only } = incident;
  const { plan } = shell;
  const now = shell.now();
  // What is restored where it stands goes on taking writes until it is fenced.
  const endedAt = mode === 'restore' ? (past.fencedAt ?? now) : writesEndedAt(aliveAt, now);
  const moments = { now, aliveAt, writesEndedAt: endedAt, corruptedSince: corruptedSince ?? null };
  const [kinds, record, takingOver] = await Promise.all([
    seeAll({ target: region, standby, mode, ...moments, ...past, mayStay, only }, shell),
    seeRecord(incident, shell),
    ownState(standby, incident.id, shell),
  ]);
  return {
    target: region,
    standby,
    mode,
    plan: planHash(plan),
    ...moments,
    since,
    over,
    ...past,
    seen: [...kinds, ...record],
    takingOver,
  };
}
