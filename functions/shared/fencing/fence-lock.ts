// The lock of a region's fence, `<region>/fence`: of several fence watches of one region the newest has it, and no other one changes anything there.
import { LockLost } from '../../domain/errors.ts';
import { watchName } from '../../domain/flows.ts';
import { expectRoles, type Watching } from '../recovery/act.ts';
import type { RegionIncident } from '../recovery/flow.ts';
import type { Shell } from '../shell.ts';

/** Another watch has the lock of the fence. `ends`: that of another flow, so that all of this flow's are over. */
type Superseded = { readonly why: string; readonly ends: boolean };

/**
 * Takes the lock of the region's fence, or keeps it: two watches of one region never both change something there. Taken no sooner than there is
 * something to fence: a later flow that stops before anything has taken over leaves the fence to the watch that was there. Null where it was taken.
 * @throws Unavailable, CannotProceed.
 */
export async function takeFence(incident: RegionIncident, start: number, shell: Shell): Promise<Superseded | null> {
  const { id, execution, region, epoch, startedAt } = incident;
  const { store, now, log } = shell;
  if (await store.takeFence({ region, epoch, execution, startedAt, start, incident: id, at: now() })) return null;
  const held = await store.readFence(region);
  const holder = held === null ? 'another watch' : watchName(held.execution, held.start);
  const why = `${holder} fences ${region}, a newer watch`;
  log.info('fence watch superseded', { incident: id, execution, start, why });
  return { why, ends: held !== null && held.execution !== execution };
}

/** @throws LockLost where no watch of this flow holds it any more, or the roles have moved on beyond the flow; CannotProceed, Unavailable. */
export const holdsFence: Watching = async (incident, standing, { store }) => {
  const { execution, region } = incident;
  const holder = (await store.readFence(region))?.execution;
  if (holder !== execution)
    throw new LockLost(`no watch of ${execution} holds ${region}/fence any more: that of ${holder ?? 'nobody'} does`);
  expectRoles(incident, standing);
};
