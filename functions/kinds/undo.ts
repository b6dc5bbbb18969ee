// What people undo: the fences of an execution, what a restore has put in a place, and a failover. Beside kinds.ts and looks.ts, the list of the kinds that fence.
import { Unavailable } from '../domain/errors.ts';
import { assetsOf } from '../domain/plan/assets.ts';
import type { Shell } from '../shared/shell.ts';
import { offLeft, switchBackOn } from './consumers/unfencing.ts';
import { fencesLeft, type Undone, unfence } from './rds-instance/fencing/unfencing.ts';
import { beginFailback, type WayHome } from './rds-instance/home/failback.ts';
import { expectPlanned, type Retired, retireRestored } from './rds-instance/home/retire.ts';

/** Who undoes it, and whether what cannot be undone now is left to people. */
export type Undoing = { readonly by: string; readonly leaveFenced: boolean };

/**
 * Safe to repeat. @throws Unavailable where something stays that can be undone later, unless it is left; InProgress while what takes its place may still come.
 */
export async function undoFences(
  region: string,
  incident: string,
  execution: string,
  { by, leaveFenced }: Undoing,
  shell: Shell,
): Promise<Undone> {
  const ended = { id: incident, execution, region };
  // Each on its own: what cannot be opened keeps no other one closed.
  const undone = (assets: readonly { readonly name: string }[], undo: (name: string) => Promise<Undone>) =>
    assets.map(({ name }) => async (): Promise<Undone> => {
      try {
        return await undo(name);
      } catch (error) {
        if (!leaveFenced || !(error instanceof Unavailable)) throw error;
        return { unfenced: null, stays: `${name} in ${region}, if the flow has fenced it (${error.message})` };
      }
    });
  const turns = [
    ...undone(assetsOf('rds-instance', shell.plan), (name) => unfence(name, ended, by, shell)),
    ...undone(assetsOf('consumers', shell.plan), async (name) => ({
      unfenced: null,
      stays: (await switchBackOn(name, ended, by, shell)).join('; '),
    })),
  ];
  const all: Undone[] = [];
  for (const turn of turns) all.push(await turn());
  const unfenced = all.flatMap((one) => one.unfenced ?? []);
  return {
    unfenced: unfenced.length === 0 ? null : unfenced.join(', '),
    stays: all.flatMap(({ stays }) => (stays === '' ? [] : [stays])).join('; '),
  };
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
