// Asks a health page whether users are served, and where from.
import type { Shell } from '../shell.ts';

/**
 * What a page answered. `region` is null where it does not say. `passes`: it answers 200, and with what the plan wants in it. `tookMs`: how long that
 * took, to the end of what was read of it.
 */
export type HealthAnswer = {
  readonly status: number;
  readonly region: string | null;
  readonly passes: boolean;
  readonly tookMs: number;
};

/** Ends visits that begin now, when the time of a visit is over. */
function timeOfVisits({ plan }: Shell): AbortSignal {
  return AbortSignal.timeout(plan.service.healthTimeoutSeconds * 1000);
}

/** The answer of a page; null where it does not answer in its time, or before `given` up. Visits that begin together may share their time. */
export async function visitPage(
  url: string,
  shell: Shell,
  given: AbortSignal | null = null,
  late = timeOfVisits(shell),
): Promise<HealthAnswer | null> {
  const { fetch, plan, log, now } = shell;
  const { regionHeader, healthBody } = plan.service;
  const began = now();
  try {
    const signal = given === null ? late : AbortSignal.any([late, given]);
    const answer = await fetch(url, { redirect: 'manual', signal });
    const passes = answer.status === 200 && (healthBody === undefined || (await has(answer, healthBody)));
    const tookMs = Math.max(0, now() - began); // a clock may be set back
    if (!answer.bodyUsed) await answer.body?.cancel();
    const region = regionHeader === null ? null : answer.headers.get(regionHeader);
    return { status: answer.status, region, passes, tookMs };
  } catch (error) {
    if (given?.aborted !== true) log.warn('health page does not answer', { url, error: String(error) });
    return null;
  }
}

/**
 * Asks until the plan's number of passes is reached in a row; gives how many there were. A redirect is no pass: it may
 * lead to a page of apologies. Where the plan says how pages name their region, `from` is the one that counts: a stale
 * answer of DNS leads to another.
 */
export async function passesInARow(url: string, shell: Shell, from: string | null = null): Promise<number> {
  const { healthPassesNeeded: needed, regionHeader } = shell.plan.service;
  const isGood = (answer: HealthAnswer | null) =>
    answer?.passes === true && (from === null || regionHeader === null || answer.region === from);
  const { answer, isAlone } = await firstAnswer(url, shell);
  if (!isGood(answer)) return 0;
  // The best of five visits is no pass: a page that hangs now and then would pass by it.
  for (let passes = isAlone ? 1 : 0; passes < needed; passes += 1)
    if (!isGood(await visitPage(url, shell))) return passes;
  return needed;
}

/** While visits hang, another one begins so often. */
const nextVisitMs = 1_000;

/**
 * The first answer of visits of which each begins while those before it hang: what was asked before users were moved hangs for its whole time, and
 * says nothing of now. Null where none answers, and at the latest when the first one's time is over. `isAlone`: no visit hung.
 */
async function firstAnswer(
  url: string,
  shell: Shell,
): Promise<{ readonly answer: HealthAnswer | null; readonly isAlone: boolean }> {
  const { healthTimeoutSeconds } = shell.plan.service;
  const over = new AbortController();
  const visits: Promise<HealthAnswer | null>[] = [];
  try {
    for (let ms = 0; ms < healthTimeoutSeconds * 1000; ms += nextVisitMs) {
      visits.push(visitPage(url, shell, over.signal));
      const found = await Promise.race([anyOf(visits), shell.after(nextVisitMs).then(() => 'hangs' as const)]);
      if (found !== 'hangs') return { answer: found, isAlone: visits.length === 1 };
    }
    return { answer: null, isAlone: false };
  } finally {
    over.abort();
  }
}

/** The first that is not null; null once all are. */
function anyOf<Answer>(asked: readonly Promise<Answer | null>[]): Promise<Answer | null> {
  const given = asked.map(async (one) => (await one) ?? Promise.reject(new Error('no answer')));
  return Promise.any(given).catch(() => null);
}

/** A zone of three that fails, fails every third visit: one visit would hardly see it. */
const visits = 10;
/** From this share of answers on a run passes. */
export const passingShare = 0.9;

/**
 * One run of visits, as users make them beside each other: which share passed, whether that is enough, and how long each took that passed. `from`: as in
 * passesInARow.
 */
export async function visitAsUsers(
  shell: Shell,
  from: string | null = null,
): Promise<{ share: number; passed: boolean; statuses: (number | null)[]; seconds: number[] }> {
  const { healthUrl, regionHeader } = shell.plan.service;
  const late = timeOfVisits(shell);
  const answers = await Promise.all(Array.from({ length: visits }, () => visitPage(healthUrl, shell, null, late)));
  const isWanted = (region: string | null) => from === null || regionHeader === null || region === from;
  const good = answers.filter((answer) => answer?.passes === true && isWanted(answer.region));
  const share = good.length / visits;
  return {
    share,
    passed: share >= passingShare,
    statuses: answers.map((answer) => answer?.status ?? null),
    seconds: good.flatMap((answer) => (answer === null ? [] : [answer.tookMs / 1000])),
  };
}

/** A look is made all at once: a Lambda has about a thousand sockets, and what it cannot open would count as users who are not served. */
const mostRuns = 50;

/**
 * Whether users are seen to be served now: every visit of twice the plan's number of runs was answered. A run passes although one visit in ten fails,
 * and so it does where a database that stayed behind fails as many users. `answered` of `made`: the visits, all made at once: however they hang, one
 * look lasts no longer than one visit. `before`: how many tries were in vain. Each makes the look as much larger: while traffic leaves a zone,
 * fewer and fewer users fail, and a small look soon passes by chance.
 */
export async function lookAsUsers(
  shell: Shell,
  from: string | null = null,
  before = 0,
): Promise<{ served: boolean; answered: number; made: number }> {
  // Where one visit in ten fails, thirty pass in one look of twenty-four, and sixty in one of five hundred.
  const smallest = 2 * shell.plan.service.healthPassesNeeded;
  const count = Math.max(smallest, Math.min(smallest * (1 + before), mostRuns));
  const runs = await Promise.all(Array.from({ length: count }, () => visitAsUsers(shell, from)));
  const answered = runs.reduce((sum, { share }) => sum + Math.round(share * visits), 0);
  const made = count * visits;
  return { served: answered === made, answered, made };
}

/** A health page is short: what is not in its beginning is not in it. */
const mostBytes = 65_536;

async function has({ body }: Response, text: string): Promise<boolean> {
  const decoder = new TextDecoder();
  let read = '';
  if (body === null) return false;
  // Leaving the loop cancels what is left.
  for await (const chunk of body) {
    read += decoder.decode(chunk, { stream: true });
    if (read.includes(text)) return true;
    if (read.length > mostBytes) return false;
  }
  return false;
}
