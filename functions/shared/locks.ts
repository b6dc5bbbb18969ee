// Names what a flow's lock is taken on.
import type { FlowIncident } from './flow.ts';

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
