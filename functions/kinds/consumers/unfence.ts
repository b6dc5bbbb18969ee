// Desired state: the consumers that a flow has switched off are on again, because nothing took over from what they write to.
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { unfenceMark } from '../../domain/recovery/reaching.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { keep, newestOf } from '../../shared/fencing/marks.ts';
import { unfencing } from '../../shared/fencing/unfence.ts';
import { callsOf } from '../../shared/recovery/act.ts';
import { noteFailing } from '../../shared/recovery/failing.ts';
import { switchOn } from './aws.ts';
import { needsTakenOver } from './seen/needs.ts';
import { switchAll } from './switching.ts';
import { wereOn } from './unfencing.ts';

/**
 * Called again until those are on that were on before this execution switched them off; the others are left as they are. Where something takes
 * their work over, or may, they stay off, and the outcome says so.
 * @throws CannotProceed where a person has to look; Unavailable where the region does not answer.
 */
export const handler = unfencing('consumers', async ({ incident, asset, asks }, shell) => {
  const { region } = incident;
  const place = placeOf(assetNamed(asset, 'consumers', shell.plan), region);
  const consumers = await wereOn(incident, asset, place, shell);
  const fenced = (await callsOf(incident, shell)).some((past) => past.step === `fence/${asset}`);
  if (!fenced || consumers.length === 0) return { region, opened: false, why: 'none of them was switched off' };
  const { promoted, why } = await needsTakenOver(asset, incident, shell);
  if (promoted === 'soon') throw new InProgress(`${why}: whether ${asset} may work in ${region} is not known yet`);
  if (promoted !== 'no') return { region, opened: false, stays: `${why}, and one region that consumes is enough` };
  // Before the first call: whatever becomes of it, what was fenced counts no more, and is fenced afresh when the flow goes on.
  const mark = unfenceMark(asset);
  const fencedAt = await newestOf(incident, `fence/${asset}/fenced`, shell);
  const markedAt = await newestOf(incident, mark, shell);
  if (markedAt === null || (fencedAt !== null && fencedAt > markedAt)) await keep(incident, mark, shell);
  try {
    const switched = await switchAll(incident, { region, step: mark, consumers, call: switchOn }, shell);
    return { region, opened: true, consumers: switched, openSince: shell.now() };
  } catch (error) {
    if (error instanceof CannotProceed || (error instanceof Unavailable && !asks))
      await noteFailing(incident, mark, `they are STILL OFF, and nothing is consumed: ${error.message}`, shell);
    throw error;
  }
});
