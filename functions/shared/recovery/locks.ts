// Names what a flow's lock is taken on, and the incidents that a region is locked for.
import { degradationLock, type Incident, type Lock, type Standing } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';
import type { FlowIncident } from './flow.ts';

/**
 * Flows of zones and of regions lock their region: two zones are never moved at once, and a region flow supersedes a
 * zone flow. A degradation has a lock of its own and blocks none.
 */
export function lockTarget({ flow, region }: Pick<FlowIncident, 'flow' | 'region'>): string {
  return flow === 'service-degradation' ? degradationLock(region) : region;
}

const abortSuffix = '/abort';

/** Who holds the lock of a flow while that is aborted. */
export function abortOf(execution: string): string {
  return `${execution}${abortSuffix}`;
}

/** The flow that a lock is held for: the holder, or the one that the holder aborts. */
export function flowHeldFor({ execution }: Pick<Lock, 'execution'>): string {
  return execution.endsWith(abortSuffix) ? execution.slice(0, -abortSuffix.length) : execution;
}

/** The lock of what a flow locks, as it stands. */
export function lockOf(
  { flow }: Pick<FlowIncident, 'flow'>,
  standing: Pick<Standing, 'lock' | 'degradation'>,
): Lock | null {
  return flow === 'service-degradation' ? standing.degradation : standing.lock;
}

/** A region's open incident, and the one that its lock is held for, which may be over: its flow still waits for a fence, or for people. */
export async function incidentsAtWork(region: string, { store }: Pick<Shell, 'store'>): Promise<Incident[]> {
  const [open, { lock }] = await Promise.all([store.readOpenIncident(region), store.readStanding(region)]);
  const held = lock === null || lock.incident === open?.id ? null : await store.readIncident(lock.incident);
  return [open, held].filter((incident) => incident !== null);
}
