// Desired state: the region that was given up takes no writes either, from the moment it answers again. The fence watch asks.
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { failingMark } from '../../domain/reaching.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { hasTakenOver, isHeld, isServing, servedWithinMs, whyOver } from '../../shared/fence-watch.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/flow.ts';
import { onInput, type Shell } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { describeDatabase } from './aws.ts';
import { fence, keep as keepMark } from './fencing.ts';

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
  if (await isHeld(incident, shell)) {
    const since = await answersSince(incident, asset, shell);
    if (await isServing(region, shell))
      throw new InProgress(`${region} serves users again, and the flow does not go on: a person chooses`);
    if (shell.now() - since < servedWithinMs)
      throw new InProgress(`${region} answers again, and may serve users: it is looked at for three minutes`);
  }
  try {
    return { fenced: true, ...(await fence(incident, asset, shell, { watches: true })) };
  } catch (error) {
    if (error instanceof Unavailable)
      throw new InProgress(`${region} does not answer and is not fenced: ${error.message}`);
    // A person may mend what keeps it from being fenced: it is fenced as soon as it can be.
    if (error instanceof CannotProceed) {
      // Once: the sweep tells people, as soon as their patience has ended.
      const mark = failingMark(`fence-late/${asset}`);
      const known = (await shell.store.readSteps(id)).some(
        (past) => past.execution === execution && past.step === mark,
      );
      if (!known) await keep(mark, { why: `${region} is not fenced: ${error.message}` });
      throw new InProgress(`${region} is not fenced: ${error.message}`);
    }
    throw error;
  }
});

/**
 * Since when the database of the old region answers without a break, in milliseconds since 1970: users are seen to be served by it
 * somewhat later. @throws InProgress while it does not answer.
 */
async function answersSince(incident: RegionIncident, asset: string, shell: Shell): Promise<number> {
  const { id, execution, region } = incident;
  const marks = { answers: `fence-late/${asset}/answers`, dark: `fence-late/${asset}/dark` };
  const { instance } = placeOf(assetNamed(asset, 'rds-instance', shell.plan), region);
  const answer = await describeDatabase(region, instance).catch((error: unknown) => {
    if (error instanceof Unavailable) return error;
    throw error;
  });
  const isDark = answer instanceof Unavailable;
  const last = (await shell.store.readSteps(id)).findLast(
    (past) => past.execution === execution && Object.values(marks).includes(past.step),
  );
  const mark = isDark ? marks.dark : marks.answers;
  const since = last?.step === mark ? last.at : await keepMark(incident, mark, shell);
  if (isDark) throw new InProgress(`${region} does not answer and is not fenced: ${answer.message}`);
  return since;
}
