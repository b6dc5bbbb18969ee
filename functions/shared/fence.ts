// The handler of a fence, whatever is fenced: what does not answer, or cannot be fenced, stays open only where people approved that
// by name.
import * as z from 'zod';
import { CannotProceed, InProgress, Unavailable } from '../domain/errors.ts';
import { concernedBy } from '../domain/restoring.ts';
import { callsOf } from './act.ts';
import { type RegionIncident, RegionVerbInput } from './flow.ts';
import { firstSeen } from './marks.ts';
import { type Shell, step } from './shell.ts';
import { readWaiver } from './waivers.ts';

/** A restart of RDS's own is over by then; users wait, and what stays open is fenced late. */
const patienceSeconds = 180;

const assets = z.array(z.string());
const FenceInput = RegionVerbInput.extend({
  /** The assets that the approval lets go on without a fence. */
  approved: assets,
  /** Those that the look right before this did not reach. */
  unreachable: assets,
});

/** What was fenced. `fencedAt`: when it was first seen fenced, in milliseconds since 1970. */
export type Fenced = Readonly<Record<string, unknown>> & { readonly fencedAt: number };

/** `what`: what is fenced, in words. `before`: what the fence of this flow came to, where nothing is to be fenced any more; null where it is. */
type Fencing = {
  readonly what: string;
  fence(incident: RegionIncident, asset: string, shell: Shell): Promise<Fenced>;
  before?(incident: RegionIncident, asset: string, shell: Shell): Promise<object | null>;
};

/**
 * Called again until the asset is fenced. What does not answer, is not there or cannot be fenced stays unfenced only where
 * people approved that by name, and so does one that takes no call for minutes; what was just seen not to answer is not asked again, because users wait.
 * `late`: something had taken over before, as after a pause in which the region came back; what it wrote meanwhile has diverged.
 * @throws CannotProceed where it cannot be fenced and nobody approved that.
 */
export function fencing({ what, fence, before }: Fencing) {
  return step(FenceInput, async ({ incident, asset, approved, unreachable }, shell) => {
    const { id, execution, region } = incident;
    const step = `fence/${asset}`;
    const { store, plan, now, log } = shell;
    if (concernedBy(incident, plan)?.includes(asset) === false)
      return { fenced: false, unfenced: [], why: 'this flow restores others where they stand' };
    const known = (await before?.(incident, asset, shell)) ?? null;
    if (known !== null) return known;
    const mayStay = approved.includes(asset);
    const unfenced = async (why: string) => {
      const outcome = { fenced: false, unfenced: [region], why };
      await store.recordStep({ incident: id, execution, step, at: now(), outcome });
      log.warn('not fenced, as approved', { incident: id, execution, region, asset, why });
      return outcome;
    };
    if (mayStay && (await readWaiver(incident, 'Fence', shell, asset)) !== null)
      return unfenced('a waiver leaves it out');
    if (mayStay && unreachable.includes(asset)) return unfenced('it does not answer');
    try {
      const found = await fence(incident, asset, shell);
      const late = (await callsOf(incident, shell)).some(
        (past) => past.step.startsWith('take-over/') && past.at < found.fencedAt,
      );
      return { fenced: true, unfenced: [], ...found, late };
    } catch (error) {
      if (mayStay && (error instanceof CannotProceed || error instanceof Unavailable)) return unfenced(error.message);
      // Half fenced is worse than asking again: it works no more and nothing has taken over.
      const begun = (await callsOf(incident, shell)).some((past) => past.step === step);
      if (mayStay && error instanceof InProgress && !begun) {
        const waitedSeconds = (now() - (await firstSeen(incident, `${step}/waiting`, shell))) / 1000;
        if (waitedSeconds >= patienceSeconds) return unfenced(error.message);
      }
      // What was only put off is asked again: a region that throttles is there.
      if (begun || !(error instanceof Unavailable) || error.refused) throw error;
      throw new CannotProceed(
        `the ${what} of ${region} cannot be fenced and the approval does not name ${asset}: ${error.message}`,
      );
    }
  });
}
