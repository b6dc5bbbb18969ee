// What people undo: the fences of an execution, what a restore has put in a place, and a failover. Beside kinds.ts and looks.ts, the list of the kinds that fence.
import type { Shell } from '../shared/shell.ts';
import { offLeft, switchBackOn } from './consumers/unfencing.ts';
import { fencesLeft, type Undone, unfence } from './rds-instance/fencing/unfencing.ts';
import { beginFailback, type WayHome } from './rds-instance/home/failback.ts';
import { expectPlanned, type Retired, retireRestored } from './rds-instance/home/retire.ts';

/** Safe to repeat. @throws Unavailable where something stays that can be undone later. */
export async function undoFences(
  region: string,
  incident: string,
  execution: string,
  by: string,
  shell: Shell,
): Promise<Undone> {
  const { unfenced, stays } = await unfence(region, incident, execution, by, shell);
  const off = await switchBackOn({ id: incident, execution, region }, by, shell);
  return { unfenced, stays: [...(stays === '' ? [] : [stays]), ...off].join('; ') };
}

/** What of its fences stays where an execution holds no lock any more: nothing may be undone then. A line each. */
export async function fencesOf(region: string, incident: string, execution: string, shell: Shell): Promise<string[]> {
  const closed = await fencesLeft(region, incident, execution, shell);
  return [...closed, ...(await offLeft({ id: incident, execution, region }, shell))];
}

/** What held the place before; null where the plan's own name did. @throws InvalidInput, LockHeld, CannotProceed, Unavailable. */
export function retire(retired: Retired, shell: Shell): Promise<string | null> {
  return retireRestored(retired, shell);
}

export { expectPlanned };

/** Begins the way home of each database. @throws InvalidInput, CannotProceed, Unavailable. */
export function failback(by: string, reason: string, shell: Shell): Promise<WayHome> {
  return beginFailback(by, reason, shell);
}
