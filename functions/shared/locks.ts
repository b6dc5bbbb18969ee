// Names what a flow's lock is taken on.
import type { FlowIncident } from './flow.ts';

/**
 * Flows of zones and of regions lock their region: two zones are never moved at once, and a region flow supersedes a
 * zone flow. A degradation has a lock of its own and blocks none.
 */
export function lockTarget({ region, zone, mode }: Pick<FlowIncident, 'region' | 'zone' | 'mode'>): string {
  return zone === null && mode === undefined ? `${region}/degradation` : region;
}
