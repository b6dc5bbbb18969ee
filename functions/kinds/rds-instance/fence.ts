// Desired state: the database of the region that is given up takes no more writes, or the approval says that it may.
import * as z from 'zod';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { concernedBy } from '../../domain/restoring.ts';
import { callsOf } from '../../shared/act.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/flow.ts';
import type { Shell } from '../../shared/shell.ts';
import { step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { fence, firstSeen } from './fencing.ts';

/** A restart of RDS's own is over by then; users wait, and what stays open is fenced late. */
const patienceSeconds = 180;

const regions = z.array(z.string());
const FenceInput = RegionVerbInput.extend({
  /** What the approval lets go on without a fence. */
  approved: regions,
  /** The assets that the look right before this did not reach. */
  unreachable: z.array(z.string()),
});

/**
 * Called again until the database is fenced. What does not answer, is not there or cannot be fenced stays unfenced only where
 * people approved that by name, and so does one whose status takes no call for minutes; what was just seen not to answer is not asked again, because users wait.
 * `late`: something had taken over before, as after a pause in which the region came back; what it wrote meanwhile has diverged.
 * @throws CannotProceed where it cannot be fenced and nobody approved that.
 */
export const handler = step(FenceInput, async ({ incident, asset, approved, unreachable }, shell) => {
  const { id, execution, region } = incident;
  const step = `fence/${asset}`;
  const { store, plan, now, log } = shell;
  if (concernedBy(incident, plan)?.includes(asset) === false)
    return { fenced: false, unfenced: [], why: 'this flow restores others where they stand' };
  const restored = incident.mode === 'restore' ? await fencedBefore(incident, asset, shell) : null;
  if (restored !== null) return restored;
  const mayStay = approved.includes(region);
  const unfenced = async (why: string) => {
    const outcome = { fenced: false, unfenced: [region], why };
    await store.recordStep({ incident: id, execution, step, at: now(), outcome });
    log.warn('not fenced, as approved', { incident: id, execution, region, why });
    return outcome;
  };
  if (mayStay && (await readWaiver(incident, 'Fence', shell, asset)) !== null)
    return unfenced('a waiver leaves it out');
  if (mayStay && unreachable.includes(asset)) return unfenced('it does not answer');
  try {
    const { database, fencedAt } = await fence(incident, asset, shell);
    const late = (await callsOf(incident, shell)).some(
      (past) => past.step.startsWith('take-over/') && past.at < fencedAt,
    );
    return { fenced: true, unfenced: [], database, fencedAt, late };
  } catch (error) {
    if (mayStay && (error instanceof CannotProceed || error instanceof Unavailable)) return unfenced(error.message);
    // Half fenced is worse than asking again: the database takes no writes and nothing has taken over.
    const begun = (await callsOf(incident, shell)).some((past) => past.step === step);
    if (mayStay && error instanceof InProgress && !begun) {
      const waitedSeconds = (now() - (await firstSeen(incident, `${step}/waiting`, shell))) / 1000;
      if (waitedSeconds >= patienceSeconds) return unfenced(error.message);
    }
    // What was only put off is asked again: a region that throttles is there.
    if (begun || !(error instanceof Unavailable) || error.refused) throw error;
    throw new CannotProceed(
      `the database of ${region} cannot be fenced and the approval does not name it: ${error.message}`,
    );
  }
});

/**
 * What the fence of this flow came to, once it has restored the database in the same region: what stands there by then is the one that takes
 * writes. Null before.
 */
async function fencedBefore(
  { id, execution }: RegionIncident,
  asset: string,
  { store }: Shell,
): Promise<object | null> {
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  if (!own.some(({ step }) => step === `take-over/${asset}`)) return null;
  const fenced = own.findLast(({ step }) => step === `fence/${asset}/fenced`);
  const outcome = own.findLast(({ step }) => step === `fence/${asset}`)?.outcome;
  return fenced === undefined
    ? (outcome ?? { fenced: false, unfenced: [], why: 'it was not fenced before it was restored' })
    : { fenced: true, unfenced: [], fencedAt: fenced.at, late: false };
}
