// The handler of a late fence, whatever is fenced: what the region that was given up still does ends the moment it answers again. The
// fence watch asks.
import { CannotProceed, InProgress, LockLost, Unavailable } from '../../domain/errors.ts';
import type { Kind } from '../../domain/plan/assets.ts';
import { assetNamed } from '../estate.ts';
import { noteFailing } from '../recovery/failing.ts';
import type { RegionIncident } from '../recovery/flow.ts';
import { readWaiver } from '../recovery/waivers.ts';
import { onInput, type Shell } from '../shell.ts';
import type { Fenced } from './fence.ts';
import { takeFence } from './fence-lock.ts';
import {
  hasServedLately,
  hasTakenOver,
  isHeld,
  isServing,
  LateInput,
  lastSeen,
  type Seen,
  seenMark,
  servedWithinMs,
  whyOver,
} from './fence-watch.ts';
import { keep as keepMark } from './marks.ts';

/** Whether what takes the place of an asset works. `why`: in words, of what is not yes; empty where nobody has asked for it. */
export type TakenOver = { readonly promoted: 'yes' | 'no' | 'soon' | 'unknown'; readonly why: string };

type Fencing<K extends Kind> = {
  readonly kind: K;
  takenOver(asset: string, incident: RegionIncident, shell: Shell): Promise<TakenOver>;
  /** How it stands there: open, or begun to be closed. @throws Unavailable where it does not answer. */
  look(incident: RegionIncident, asset: string, shell: Shell): Promise<Exclude<Seen, 'dark'>>;
  fence(incident: RegionIncident, asset: string, shell: Shell): Promise<Fenced>;
};

/**
 * Called again for days while the region does not answer, or the asset cannot be fenced. Before something has taken over,
 * and while a person has to choose, nothing is changed. An abort of the flow does not end it.
 */
export function fencingLate<K extends Kind>({ kind, takenOver, look, fence }: Fencing<K>) {
  return onInput(LateInput, async ({ incident, asset, start }, shell) => {
    const { id, execution, region } = incident;
    assetNamed(asset, kind, shell.plan); // before anything is kept about it
    const waived = await readWaiver(incident, 'FenceOnReturn', shell, asset);
    if (waived !== null) return { fenced: false, ...waived };
    const why = await whyOver(incident, asset, shell);
    const isTakenOver = await hasTakenOver(incident, asset, shell);
    const keep = (step: string, outcome: { readonly why: string }) =>
      shell.store.recordStep({ incident: id, execution, step, at: shell.now(), outcome });
    if (why !== null) {
      // Of what was taken over it is the end; what was not may still be, by a call that was under way.
      if (isTakenOver) await keep(`fence-late/${asset}`, { why });
      return { fenced: false, why };
    }
    if (!isTakenOver) throw new InProgress(`${asset} has not been taken over from ${region} yet`);
    // A promotion that was lost leaves the old database the only one that takes writes.
    const { promoted, why: asked } = await takenOver(asset, incident, shell);
    if (promoted === 'soon') throw new InProgress(asked);
    if (promoted === 'no')
      throw new InProgress(asked || `${asset} was not taken over from ${region}: what was asked for was lost`);
    const openSince = (await isHeld(incident, shell)) ? await lookedOpen(incident, asset, look, shell) : null;
    if (openSince !== null) {
      if (await isServing(region, shell))
        throw new InProgress(`${region} serves users again, and the flow does not go on: a person chooses`);
      if (shell.now() - openSince < servedWithinMs)
        throw new InProgress(`${region} answers again, and may serve users: it is looked at for three minutes`);
      if (await hasServedLately(region, shell))
        throw new InProgress(
          `${region} has served users within three minutes: it is looked at until nobody was served for so long`,
        );
    }
    try {
      const superseded = await takeFence(incident, start, shell);
      if (superseded !== null) {
        if (superseded.ends) await keep(`fence-late/${asset}`, { why: superseded.why });
        return { fenced: false, why: superseded.why };
      }
      return { fenced: true, ...(await fence(incident, asset, shell)) };
    } catch (error) {
      // The next look says whose turn it is.
      if (error instanceof LockLost) throw new InProgress(error.message);
      if (error instanceof Unavailable)
        throw new InProgress(`${region} does not answer and is not fenced: ${error.message}`);
      // A person may mend what keeps it from being fenced: it is fenced as soon as it can be.
      if (error instanceof CannotProceed) {
        // The sweep tells people, as soon as their patience has ended.
        await noteFailing(incident, `fence-late/${asset}`, `${region} is not fenced: ${error.message}`, shell);
        throw new InProgress(`${region} is not fenced: ${error.message}`);
      }
      throw error;
    }
  });
}

/**
 * Since when what is to be fenced answers without a break and works, in milliseconds since 1970; null where
 * a fence has begun to close it, which is finished. Users are seen to be served by it somewhat later. @throws InProgress while it does not answer.
 */
async function lookedOpen(
  incident: RegionIncident,
  asset: string,
  look: Fencing<Kind>['look'],
  shell: Shell,
): Promise<number | null> {
  const { id, execution, region } = incident;
  const answer = await look(incident, asset, shell).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  const found: Seen = answer instanceof Unavailable ? 'dark' : answer;
  const own = (await shell.store.readSteps(id)).filter((past) => past.execution === execution);
  const last = lastSeen(asset, own);
  const since = last?.found === found ? last.at : await keepMark(incident, seenMark(asset, found), shell);
  if (answer instanceof Unavailable)
    throw new InProgress(`${region} does not answer and is not fenced: ${answer.message}`);
  return found === 'closing' ? null : since;
}
