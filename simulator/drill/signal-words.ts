// What a signal says to a spectator, in a few words, and whether it is bad news.
import type { Condition, Signal } from '../../functions/domain/types.ts';
import type { Event } from '../estate/types.ts';

/** Whether a signal says that something is wrong. */
export function isBad(signal: Signal): boolean {
  if ('condition' in signal) return signal.condition === 'failing';
  if (signal.kind === 'canary-run') return !signal.passed;
  if (signal.kind === 'probe-run') return signal.services.length > 0;
  if (signal.kind === 'database')
    return (
      signal.change === 'failover-started' || signal.change === 'replication-stopped' || signal.change === 'shutdown'
    );
  if (signal.kind === 'cache') return signal.change === 'failover-started' || signal.change === 'failover-completed';
  return (signal.kind === 'health' && signal.open) || (signal.kind === 'shift' && signal.cause === 'autoshift');
}

/** The first run of a canary, and of a probe, that fails is news; the ones after it would only fill the screen. */
export function firstFailedRun(signal: Signal, seen: readonly { readonly signal: Signal }[]): string | null {
  if (signal.kind !== 'canary-run' && signal.kind !== 'probe-run') return null;
  const isFailedRun = (one: Signal) => one.kind === signal.kind && isBad(one);
  if (!isFailedRun(signal) || seen.filter((one) => isFailedRun(one.signal)).length > 1) return null;
  if (signal.kind === 'canary-run') return `the canary in ${signal.observer} failed a run`;
  return `no answer to the probe in ${signal.observer}: ${signal.services.join(', ')}`;
}

const conditionWords: Record<Condition, string> = {
  failing: 'in alarm',
  healthy: 'is well again',
  unknown: 'has no data',
  gone: 'was deleted',
};

/** A signal in a few words; null for what would only fill the screen. */
export function wordsFor(signal: Signal, event: Event): string | null {
  const { detail } = event;
  switch (signal.kind) {
    case 'component':
    case 'canary':
    case 'probe':
    case 'heartbeat':
    case 'replica':
      return `${String(detail['alarmName'])} ${conditionWords[signal.condition]}`;
    case 'database':
    case 'maintenance':
      return String(detail['Message'] ?? `maintenance ${signal.kind === 'maintenance' ? signal.phase : ''}`);
    case 'cache':
      return Object.keys(detail).find((key) => key.startsWith('ElastiCache:')) ?? null;
    case 'release':
      return `release ${signal.release} ${signal.phase}`;
    case 'shift':
      return `${event['detail-type']} (${signal.zone})`;
    case 'health':
      return `AWS Health: ${signal.service} ${signal.open ? 'open' : 'closed'}`;
    default:
      return null;
  }
}
