// The handler of a fence, whatever is fenced: what does not answer, or cannot be fenced, stays open only where people approved that
// asset by name. Where they did not, they are asked.
import * as z from 'zod';
import { ApprovalStale, CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { inVainMark, unfenceMark } from '../../domain/recovery/reaching.ts';
import { concernedBy } from '../../domain/recovery/restoring.ts';
import { callsOf, madeBy } from '../recovery/act.ts';
import { noteFailing } from '../recovery/failing.ts';
import { type RegionIncident, RegionVerbInput } from '../recovery/flow.ts';
import { agesIn } from '../recovery/fresh.ts';
import { readWaiver } from '../recovery/waivers.ts';
import { type Shell, step } from '../shell.ts';
import { firstSeen } from './marks.ts';

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

type Fencing = {
  /** What is fenced, in words. */
  readonly what: string;
  fence(incident: RegionIncident, asset: string, shell: Shell): Promise<Fenced>;
  /** Whether the calls of a fence that ended with this error have left it open, as it was. What is closed in part works no more: it is finished. */
  isOpen(incident: RegionIncident, asset: string, shell: Shell, error: Error): Promise<boolean>;
  /** What the fence of this flow came to, where nothing is to be fenced any more; null where it is. */
  before?(incident: RegionIncident, asset: string, shell: Shell): Promise<object | null>;
};

/**
 * Called again until the asset is fenced. What does not answer, is not there or cannot be fenced stays unfenced only where
 * people approved that asset by name, and so does one that takes no call for minutes; what was just seen not to answer is not asked again, because users wait.
 * Where nobody approved that, it is kept in the record, so that Reassess asks: what has begun to be closed is finished instead.
 * `late`: something had taken over before, as after a pause in which the region came back; what it wrote meanwhile has diverged.
 * @throws ApprovalStale where it cannot be fenced and nobody approved that; InProgress and Unavailable, to be asked again.
 */
export function fencing({ what, fence, isOpen, before }: Fencing) {
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
      const isNo = error instanceof CannotProceed;
      if (!isNo && !(error instanceof Unavailable) && !(error instanceof InProgress)) throw error;
      if (mayStay && !(error instanceof InProgress)) return unfenced(error.message);
      const { calls, triedAt } = await triedBefore(incident, asset, shell);
      // What was only put off, or did not answer once, is asked again: a region that throttles is there.
      if (!isNo && now() - triedAt < patienceSeconds * 1000)
        throw error instanceof InProgress
          ? error
          : new InProgress(`the ${what} of ${region}: not fenced yet: ${error.message}`, { cause: error });
      // Closed in part it is finished, which users wait for: people hear of it.
      if (calls > 0 && !(await leftOpen(isOpen(incident, asset, shell, error)))) {
        if (!isNo) await noteFailing(incident, step, error.message, shell);
        throw error;
      }
      if (mayStay) return unfenced(error.message);
      const why = error.message;
      await store.recordStep({ incident: id, execution, step: inVainMark(asset), at: now(), outcome: { why } });
      throw new ApprovalStale(
        `the ${what} of ${region} cannot be fenced and the approval does not name ${asset}: ${why}`,
      );
    }
  });
}

/**
 * How many calls this fence has made, and since when it is tried, in milliseconds since 1970: each time that the flow goes on after a stop, or what was fenced is
 * open again, it begins anew.
 */
async function triedBefore(
  incident: RegionIncident,
  asset: string,
  shell: Shell,
): Promise<{ readonly calls: number; readonly triedAt: number }> {
  const { id, execution } = incident;
  const step = `fence/${asset}`;
  const [audit, steps] = await Promise.all([shell.store.readAudit(id), shell.store.readSteps(id)]);
  const own = steps.filter((past) => past.execution === execution);
  const undoneAt = own.findLast((past) => past.step === unfenceMark(asset))?.at ?? Number.NEGATIVE_INFINITY;
  const since = Math.max(undoneAt, agesIn(own).stoppedAt ?? Number.NEGATIVE_INFINITY);
  const calls = madeBy(incident, audit, steps).filter((past) => past.step === step && past.at > undoneAt);
  const first = calls.find(({ at }) => at > since)?.at;
  return { calls: calls.length, triedAt: first ?? (await firstSeen(incident, `${step}/waiting`, shell, since)) };
}

/** What does not answer may be closed by now. */
async function leftOpen(looked: Promise<boolean>): Promise<boolean> {
  try {
    return await looked;
  } catch (error) {
    if (error instanceof Unavailable || error instanceof CannotProceed) return false;
    throw error;
  }
}
