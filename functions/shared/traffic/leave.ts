// Takes an asset out of a failed zone, as long as the zone is not well again: a flow may try hours later what failed at first.
import type * as z from 'zod';
import { isWellAgain } from '../../domain/recovery/reaching.ts';
import { ZoneVerbInput } from '../recovery/flow.ts';
import { reach } from '../recovery/reach.ts';
import type { Shell } from '../shell.ts';

/** The handler of a kind's `leave-zone`. `stays` says why an asset is left where it is. */
export function leave(
  run: (input: z.infer<typeof ZoneVerbInput>, shell: Shell) => Promise<Readonly<Record<string, unknown>>>,
) {
  return reach('leave-zone', ZoneVerbInput, run, async ({ incident: { id, zone } }, { store }) =>
    isWellAgain(zone, await store.readIncident(id)) ? { moved: false, stays: `${zone} is well again` } : null,
  );
}
