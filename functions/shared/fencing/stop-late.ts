// The handler of a late stop, whatever it is that runs: what the application of a region that failed still runs there ends once users have
// left it, since it works on old data. The fence watch asks.
import { CannotProceed, InProgress, LockLost, Unavailable } from '../../domain/errors.ts';
import type { Kind } from '../../domain/plan/assets.ts';
import { assetNamed } from '../estate.ts';
import { noteFailing } from '../recovery/failing.ts';
import type { RegionIncident } from '../recovery/flow.ts';
import { readAbort, readWaiver } from '../recovery/waivers.ts';
import { onInput, type Shell } from '../shell.ts';
import { takeFence } from './fence-lock.ts';
import { isServing, LateInput, whyOver } from './fence-watch.ts';

/** What a stop came to. `stopped`: nothing runs; else it is left as it is, and `why` says why nobody can stop it. */
export type Stopped = { readonly stopped: boolean; readonly why: string };

type Stopping = {
  readonly kind: Kind;
  /** What runs, in words: tasks. */
  readonly what: string;
  /**
   * Asks for what still runs to end. @throws InProgress until nothing runs, CannotProceed where a person may mend what keeps it, and Unavailable
   * where the region does not answer.
   */
  stop(incident: RegionIncident, asset: string, shell: Shell): Promise<Stopped>;
};

/**
 * Called again until nothing runs, or nothing is left to do. A planned switchover leaves all of it: its region has not failed, and may take over
 * again with what runs there. @throws InProgress.
 */
export function stoppingLate({ kind, what, stop }: Stopping) {
  return onInput(LateInput, async ({ incident, asset, start }, shell) => {
    const { id, execution, region, mode } = incident;
    const { store, plan, now } = shell;
    assetNamed(asset, kind, plan); // before anything is kept about it
    const waived = await readWaiver(incident, 'FenceOnReturn', shell, asset);
    if (waived !== null) return { fenced: false, ...waived };
    const step = `fence-late/${asset}`;
    const end = async (fenced: boolean, why: string) => {
      // It holds no data: what it wrote is the databases'.
      const outcome = { fenced, stops: what, why, divergedWrites: 0, ...(fenced && { fencedAt: now() }) };
      await store.recordStep({ incident: id, execution, step, at: now(), outcome });
      return outcome;
    };
    if (mode !== 'failover') return end(false, `a planned switchover leaves its ${what} as they are`);
    const over = await whyOver(incident, asset, shell);
    if (over !== null) return end(false, over);
    const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
    // A person who left the redirection out has not moved anybody, and users may be seen to be served there again.
    const haveLeft = own.some(({ step: kept, outcome }) => kept === 'redirect-users' && outcome['skipped'] !== true);
    if (!haveLeft || (await isServing(region, shell))) {
      if ((await readAbort(execution, shell)) !== null) return end(false, 'the flow was aborted before users left it');
      // It keeps its lock as long as it may go on.
      if ((await store.readStanding(region)).lock?.execution !== execution)
        return end(false, 'the flow has ended, and users have not left it');
      throw new InProgress(`users have not left ${region} yet`);
    }
    try {
      const superseded = await takeFence(incident, start, shell);
      if (superseded !== null)
        return superseded.ends ? await end(false, superseded.why) : { fenced: false, why: superseded.why };
      const { stopped, why } = await stop(incident, asset, shell);
      return await end(stopped, why);
    } catch (error) {
      // The next look says whose turn it is.
      if (error instanceof LockLost) throw new InProgress(error.message);
      if (error instanceof Unavailable) throw new InProgress(`${region} does not answer: ${error.message}`);
      if (!(error instanceof CannotProceed)) throw error;
      // A person may mend what keeps it; the sweep tells people, as soon as their patience has ended.
      await noteFailing(incident, step, `${what} of ${asset} in ${region} still run: ${error.message}`, shell);
      throw new InProgress(`${what} of ${asset} in ${region} still run: ${error.message}`);
    }
  });
}
