// Whether something goes first: what only prepares for the day waits for it.
import { isOverruled } from '../../domain/signals/unready.ts';
import type { Shell } from '../shell.ts';

/** An incident goes first, and so does a flow; and a freeze stops what has not begun. */
export async function isBusy({ plan, store, now }: Shell): Promise<boolean> {
  const each = await Promise.all(
    Object.keys(plan.regions).map(async (region) => {
      const [open, { lock, frozen }] = await Promise.all([store.readOpenIncident(region), store.readStanding(region)]);
      return frozen !== null || lock !== null || isOverruled(open, null, now());
    }),
  );
  return each.includes(true);
}
