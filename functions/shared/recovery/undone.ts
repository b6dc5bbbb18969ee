// Which failover a way home undoes: the last one that gave the region up to the one that serves users now, by its own record.
import * as z from 'zod';
import { modes } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';

/** `since`: when what it was for began. Times are milliseconds since 1970. */
export type Moved = {
  readonly execution: string;
  readonly incident: string;
  readonly mode: (typeof modes)[number];
  readonly since: number;
  /** Whether it was itself the way home of an earlier one. */
  readonly isHome: boolean;
  /** Whether a drill made it. */
  readonly drill: boolean;
};

const undoes = z.object({ execution: z.string(), incident: z.string() });
const Record = z.object({
  from: z.string(),
  to: z.string(),
  mode: z.enum(modes),
  undoes: undoes.nullable().catch(null),
  drill: z.boolean().catch(false),
});

/** A record may be long, and the move is among the newest: so many incidents of the region are read at once, and so many in all. */
const readAtOnce = 25;
const mostLooked = 1_000;

/** Null where no record says so. */
export async function lastMove(
  { from, to }: { readonly from: string; readonly to: string },
  { store }: Pick<Shell, 'store'>,
): Promise<Moved | null> {
  const all = (await store.listIncidents()).filter(({ region }) => region === from);
  const newest = all.toSorted((a, b) => b.openedAt - a.openedAt).slice(0, mostLooked);
  for (let first = 0; first < newest.length; first += readAtOnce) {
    const some = newest.slice(first, first + readAtOnce);
    const read = await Promise.all(some.map(async (one) => ({ ...one, steps: await store.readSteps(one.id) })));
    for (const { id, openedAt, steps } of read)
      for (const { execution, step, outcome } of steps.toReversed()) {
        const kept = step === 'record-failover' ? Record.safeParse(outcome) : null;
        if (kept?.success !== true || kept.data.from !== from || kept.data.to !== to) continue;
        const { mode, undoes: undone, drill } = kept.data;
        return { execution, incident: id, mode, since: openedAt, isHome: undone !== null, drill };
      }
  }
  return null;
}

/** What a move undoes: the last one the other way, unless that was itself the way home. Null where it undoes nothing. */
export async function undoneBy(
  { from, to }: { readonly from: string; readonly to: string },
  shell: Pick<Shell, 'store'>,
): Promise<Moved | null> {
  const last = await lastMove({ from: to, to: from }, shell);
  return last === null || last.isHome ? null : last;
}
