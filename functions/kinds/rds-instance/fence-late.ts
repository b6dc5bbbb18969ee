// Desired state: the region that was given up takes no writes either, from the moment it answers again. The fence watch asks.
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import { noteFailing } from '../../shared/failing.ts';
import {
  hasTakenOver,
  isHeld,
  isServing,
  lastSeen,
  seenMark,
  servedWithinMs,
  whyOver,
} from '../../shared/fence-watch.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/flow.ts';
import { onInput, type Shell } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { describeDatabase } from './aws.ts';
import { fence, keep as keepMark } from './fencing.ts';
import { heldIn } from './held.ts';
import { promotionOf } from './promotion.ts';

/**
 * Called again for days while the region does not answer, or its database cannot be fenced. Before something has taken over,
 * and while a person has to choose, nothing is changed. An abort of the flow does not end it.
 */
export const handler = onInput(RegionVerbInput, async ({ incident, asset }, shell) => {
  const { id, execution, region } = incident;
  assetNamed(asset, 'rds-instance', shell.plan); // before anything is kept about it
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
  const { promoted, why: asked } = await promotionOf(asset, incident, shell);
  if (promoted === 'soon') throw new InProgress(asked);
  if (promoted === 'no')
    throw new InProgress(asked || `${asset} was not taken over from ${region}: what was asked for was lost`);
  const openSince = (await isHeld(incident, shell)) ? await lookAt(incident, asset, shell) : null;
  if (openSince !== null) {
    if (await isServing(region, shell))
      throw new InProgress(`${region} serves users again, and the flow does not go on: a person chooses`);
    if (shell.now() - openSince < servedWithinMs)
      throw new InProgress(`${region} answers again, and may serve users: it is looked at for three minutes`);
  }
  try {
    return { fenced: true, ...(await fence(incident, asset, shell, { watches: true })) };
  } catch (error) {
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

/**
 * Since when the database of the old region answers without a break and admits its applications, in milliseconds since 1970; null where
 * a fence has begun to close it, which is finished. Users are seen to be served by it somewhat later. @throws InProgress while it does not answer.
 */
async function lookAt(incident: RegionIncident, asset: string, shell: Shell): Promise<number | null> {
  const { id, execution, region } = incident;
  const { instance, securityGroups } = await heldIn(assetNamed(asset, 'rds-instance', shell.plan), region, shell);
  const answer = await describeDatabase(region, instance).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  const isDark = answer instanceof Unavailable;
  const isClosing = !isDark && answer?.groups.includes(securityGroups?.closed ?? '') === true;
  const found = isDark ? 'dark' : isClosing ? 'closing' : 'open';
  const own = (await shell.store.readSteps(id)).filter((past) => past.execution === execution);
  const last = lastSeen(asset, own);
  const since = last?.found === found ? last.at : await keepMark(incident, seenMark(asset, found), shell);
  if (isDark) throw new InProgress(`${region} does not answer and is not fenced: ${answer.message}`);
  return isClosing ? null : since;
}
