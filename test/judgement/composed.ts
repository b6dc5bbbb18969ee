// Judging composed incidents: the strongest answer of a replay, and the answers there are.
import type { Replayed } from '../../cli/replay.ts';
import { plan } from '../plan.ts';
import { type Line, play, strongest } from './expectations.ts';
import { start } from './incident-events.ts';

export function inOrder(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => a.time - b.time);
}

/** Replays lines in order of time, and an hour more. */
export async function judged(...lines: Line[]): Promise<Replayed[]> {
  return judgedAsArrived(...inOrder(lines));
}

/** Replays lines in the order given. */
export async function judgedAsArrived(...lines: Line[]): Promise<Replayed[]> {
  const last = Math.max(...lines.map((line) => line.time));
  return play(lines, new Date(last + 3_600_000).toISOString(), plan);
}

export function answer(decisions: readonly Replayed[]) {
  const { level, action, scope } = strongest(decisions);
  return scope.zone === undefined || level !== 2 ? { level, action } : { level, action, zone: scope.zone };
}

/** Seconds from the start to the strongest decision. */
export function decidedAfter(decisions: readonly Replayed[]): number {
  return (Date.parse(strongest(decisions).at ?? '') - start) / 1000;
}

export const nothing = { level: 0, action: 'none' };
export const told = { level: 1, action: 'notify' };
export const held = { level: 'unknown', action: 'hold' };
export const asked = { level: 3, action: 'request-approval' };
export const moved = (zone: string) => ({ level: 2, action: 'az-failover', zone });
export const everything = [
  'api-5xx',
  'worker-errors',
  'cluster-nodes-notready',
  'database-connections',
  'ingress-latency',
];
