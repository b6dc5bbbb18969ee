// Which failover a way home undoes: the last one that gave the region up to the one that serves users now, by its own record.
import * as z from 'zod';
import { modes } from '../domain/types.ts';
import type { Shell } from './shell.ts';

/** `since`: when what it was for began. Times are milliseconds since 1970. */
export type Moved = {
  readonly execution: string;
  readonly incident: string;
  readonly mode: (typeof modes)[number];
  readonly since: number;
  /** Whether it was itself the way home of an earlier one. */
  readonly isHome: boolean;
};

const undoes = z.object({ execution: z.string(), incident: z.string() });
const Record = z.object({
  from: z.string(),
  to: z.string(),
  mode: z.enum(modes),
  undoes: undoes.nullable().catch(null),
});

/** A record may be long: so many of the newest incidents of the region are looked at. */
const mostLooked = 50;

/** Null where no record says so. */
export async function lastMove(
  { from, to }: { readonly from: string; readonly to: string },
  { store }: Pick<Shell, 'store'>,
): Promise<Moved | null> {
  const all = (await store.listIncidents()).filter(({ region }) => region === from);
  for (const { id, openedAt } of all.toSorted((a, b) => b.openedAt - a.openedAt).slice(0, mostLooked)) {
    const steps = await store.readSteps(id);
    for (const { execution, step, outcome } of steps.toReversed()) {
      const read = step === 'record-failover' ? Record.safeParse(outcome) : null;
      if (read?.success !== true || read.data.from !== from || read.data.to !== to) continue;
      const { mode, undoes: undone } = read.data;
      return { execution, incident: id, mode, since: openedAt, isHome: undone !== null };
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
