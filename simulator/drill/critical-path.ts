// What AWS itself took of a flow: the longest chain of the work that its calls set going, which no automation can shorten.
import type { Work } from '../estate/types.ts';

/**
 * What a zone flow waited for: of the steps that moved something side by side the longest, then the requests that
 * verified. Work that was still going on when those requests began is not what it waited for.
 */
export function zonePathSeconds(
  works: readonly Work[],
  execution: string,
  verifiedAt: number,
  passesNeeded: number,
): number {
  const waitedFor = waitedForBy(works, execution, verifiedAt);
  const asked = waitedFor.filter(isCheck);
  const checks = asked.slice(-passesNeeded);
  const checkedAt = asked[0]?.startedAt ?? verifiedAt;
  // Before the requests that passed some failed: until then users were not served, which is no time of the flow's.
  const failing = ((checks[0]?.startedAt ?? checkedAt) - checkedAt) / 1000;
  const moves = Map.groupBy(
    waitedFor.filter((work) => !isCheck(work) && !isTimeout(work) && endOf(work) <= checkedAt),
    ({ step }) => step,
  );
  const longest = Math.max(0, ...[...moves.values()].map(moveSeconds));
  return rounded(longest + failing + total(checks));
}

/** States that look at everything at once. */
const looking = ['Assess', 'Reassess'];

/** Users do not wait for the fence of a region that has come back. */
const besides = /^(FenceOnReturn|HandOver|FenceOldRegion)(\/|$)/;

/**
 * What a region flow waited for: its steps one after another, of those side by side the longest. Assets of one wave take
 * over side by side; `waveOf` says in which wave an asset is.
 */
export function regionPathSeconds(
  works: readonly Work[],
  execution: string,
  verifiedAt: number,
  passesNeeded: number,
  waveOf: (asset: string) => number,
): number {
  const phases = new Map<string, number>();
  const steps = Map.groupBy(waitedForBy(works, execution, verifiedAt), ({ step }) => step);
  // The application reloads while it is verified: it is waited for until the requests that passed, and no longer.
  const redirectedAt = Math.min(...(steps.get('RedirectUsers') ?? []).map(({ startedAt }) => startedAt));
  const verifyMs = stepSeconds(steps.get('VerifyRegion') ?? [], passesNeeded) * 1000;
  for (const [step, works] of steps) {
    if (besides.test(step)) continue;
    const done = works.map((work) =>
      work.latency === 'application-repoint' ? until(work, redirectedAt - verifyMs) : work,
    );
    const [state = '', asset] = step.split('/');
    const phase = state === 'TakeOver' && asset !== undefined ? `${state} ${waveOf(asset)}` : state;
    const seconds = looking.includes(step)
      ? Math.max(...done.map((work) => work.seconds))
      : stepSeconds(done, passesNeeded);
    phases.set(phase, Math.max(phases.get(phase) ?? 0, seconds));
  }
  return rounded([...phases.values()].reduce((sum, seconds) => sum + seconds, 0));
}

/** A dark region is waited for once, however often it is asked; of requests only those that verified count. */
function stepSeconds(done: readonly Work[], passesNeeded: number): number {
  const timeouts = done.filter(isTimeout).map(({ seconds }) => seconds);
  const checks = done.filter(isCheck).slice(-passesNeeded);
  const moves = done.filter((work) => !isTimeout(work) && !isCheck(work));
  return Math.max(0, ...timeouts) + moveSeconds(moves) + total(checks);
}

/** A step's first look, then its work: on one target one after another, on different targets side by side. */
function moveSeconds(works: readonly Work[]): number {
  const looks = works.filter(({ latency }) => latency === 'api-call');
  const targets = Map.groupBy(
    works.filter(({ latency }) => latency !== 'api-call'),
    ({ target }) => target,
  );
  return total(looks) + Math.max(0, ...[...targets.values()].map(total));
}

function waitedForBy(works: readonly Work[], execution: string, verifiedAt: number): Work[] {
  const isPart = (work: Work) => work.execution === execution && work.step !== asking;
  return works.filter((work) => isPart(work) && endOf(work) <= verifiedAt);
}

/** The state in which people are waited for: its time is theirs, and no part of the flow's. */
const asking = 'RequestApproval';

/** As much of a work as was done by a time. */
function until(work: Work, at: number): Work {
  return { ...work, seconds: Math.max(0, Math.min(work.seconds, (at - work.startedAt) / 1000)) };
}

/** A state ends at a whole millisecond, work does not. */
function endOf({ startedAt, seconds }: Work): number {
  return Math.floor(startedAt + seconds * 1000);
}

function total(works: readonly Work[]): number {
  return works.reduce((sum, { seconds }) => sum + seconds, 0);
}

function isCheck(work: Work): boolean {
  return work.latency === 'health-request';
}

function isTimeout(work: Work): boolean {
  return work.latency === 'api-timeout';
}

function rounded(seconds: number): number {
  return Number(seconds.toFixed(3));
}
