// Names what a flow's lock is taken on.
import type { Scope } from '../domain/types.ts';

/** A zone flow locks its region: two zones are never moved at once. A degradation has a lock of its own and blocks none. */
export function lockTarget({ region, zone }: Scope): string {
  return zone === null ? `${region}/degradation` : region;
}
