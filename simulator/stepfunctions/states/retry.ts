// Which errors a Retry or a Catch means, and how long a retry waits.
import type { Retrier } from '../definition.ts';

const uncatchable = new Set(['States.DataLimitExceeded', 'States.Runtime']);
const timeouts = new Set(['States.Timeout', 'States.HeartbeatTimeout']);

/**
 * Whether ErrorEquals means this error. States.ALL does not mean the two terminal errors, States.TaskFailed means no
 * timeout either, and a missed heartbeat is also a States.Timeout (Step Functions developer guide, error handling).
 */
export function matches(errorEquals: readonly string[], error: string | undefined): boolean {
  return errorEquals.some((pattern) => {
    if (pattern === error) return true;
    if (pattern === 'States.ALL') return !uncatchable.has(error ?? '');
    if (pattern === 'States.TaskFailed') return !uncatchable.has(error ?? '') && !timeouts.has(error ?? '');
    return pattern === 'States.Timeout' && error === 'States.HeartbeatTimeout';
  });
}

/** How long to wait before retry number `retry` (1-based) of this retrier, or null when its attempts are used up. */
export function retryDelaySeconds(retrier: Retrier, retry: number, random: () => number): number | null {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds = Infinity } = retrier;
  if (retry > MaxAttempts) return null;
  const delaySeconds = Math.min(IntervalSeconds * BackoffRate ** (retry - 1), MaxDelaySeconds);
  return retrier.JitterStrategy === 'FULL' ? random() * delaySeconds : delaySeconds;
}
