// What AWS itself took of a flow: the longest chain of the work that its calls set going, which no automation can shorten.
import { criticalPathSeconds } from './estate/latencies.ts';
import type { Work } from './estate/types.ts';

/** States of the region flow that work side by side; every other one waits for those before it. */
const sideBySide = ['PromoteDatabase', 'FailoverCache', 'CheckCluster'];

/**
 * What a zone flow waited for: of the chains of work on one thing, the longest, then the requests that verified. Work
 * that was still going on when the flow had verified is not what it waited for.
 */
export function zonePathSeconds(works: readonly Work[], execution: string, verifiedAt: number): number {
  const waitedFor = waitedForBy(works, execution, verifiedAt).filter((work) => work.latency !== 'api-timeout');
  const [checks, moves] = [waitedFor.filter(isCheck), waitedFor.filter((work) => !isCheck(work))];
  return rounded(criticalPathSeconds(moves) + criticalPathSeconds(checks));
}

/** What a region flow waited for: its steps one after another, of those side by side the longest. */
export function regionPathSeconds(
  works: readonly Work[],
  execution: string,
  verifiedAt: number,
  passesNeeded: number,
): number {
  const phases = new Map<string, number>();
  const steps = Map.groupBy(waitedForBy(works, execution, verifiedAt), ({ step }) => step);
  for (const [step, done] of steps) {
    const phase = sideBySide.includes(step) ? 'side by side' : step;
    phases.set(phase, Math.max(phases.get(phase) ?? 0, stepSeconds(done, passesNeeded)));
  }
  return rounded([...phases.values()].reduce((sum, seconds) => sum + seconds, 0));
}

/** A dark region is waited for once, however often it is asked; of requests only those that verified count. */
function stepSeconds(done: readonly Work[], passesNeeded: number): number {
  const timeouts = done.filter((work) => work.latency === 'api-timeout').map(({ seconds }) => seconds);
  const checks = done.filter(isCheck).slice(-passesNeeded);
  const moves = done.filter((work) => work.latency !== 'api-timeout' && !isCheck(work));
  return Math.max(0, ...timeouts) + criticalPathSeconds(moves) + criticalPathSeconds(checks);
}

function waitedForBy(works: readonly Work[], execution: string, verifiedAt: number): Work[] {
  return works.filter((work) => work.execution === execution && work.startedAt + work.seconds * 1000 <= verifiedAt);
}

function isCheck(work: Work): boolean {
  return work.latency === 'health-request';
}

function rounded(seconds: number): number {
  return Number(seconds.toFixed(3));
}
