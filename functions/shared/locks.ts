// Names what a flow's lock is taken on, and the incident that a region is locked for.
import type { Incident } from '../domain/types.ts';
import type { FlowIncident } from './flow.ts';
import type { Shell } from './shell.ts';

/**
 * Flows of zones and of regions lock their region: two zones are never moved at once, and a region flow supersedes a
 * zone flow. A degradation has a lock of its own and blocks none.
 */
export function lockTarget({ flow, region }: Pick<FlowIncident, 'flow' | 'region'>): string {
  return flow === 'service-degradation' ? degradationLock(region) : region;
}

export function degradationLock(region: string): string {
  return `${region}/degradation`;
}

/** A region's open incident; or the one that is over and whose flow still holds the region, to wait for a fence; null where there is none. */
export async function incidentAtWork(region: string, { store }: Pick<Shell, 'store'>): Promise<Incident | null> {
  const open = await store.readOpenIncident(region);
  if (open !== null) return open;
  const { lock } = await store.readStanding(region);
  return lock === null ? null : store.readIncident(lock.incident);
}
