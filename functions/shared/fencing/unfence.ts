// What each kind's verb unfence has in common: what was fenced is open again, and people who are asked meanwhile wait for nothing.
import type * as z from 'zod';
import { endedAt } from '../../domain/decision/incident.ts';
import { Unavailable } from '../../domain/errors.ts';
import type { Kind } from '../../domain/plan/assets.ts';
import { assetNamed } from '../estate.ts';
import { callsOf } from '../recovery/act.ts';
import { type RegionIncident, UnfenceInput } from '../recovery/flow.ts';
import { type Shell, step } from '../shell.ts';

/**
 * `open` is called again until it is. Where the flow only asks people again, what does not answer is left as it is: they decide, and
 * what follows their answer opens it or keeps it closed.
 */
export function unfencing(kind: Kind, open: (input: z.infer<typeof UnfenceInput>, shell: Shell) => Promise<object>) {
  return step(UnfenceInput, async (input, shell): Promise<object> => {
    assetNamed(input.asset, kind, shell.plan); // before anything is said of it
    try {
      const why = await whyKept(input.incident, shell);
      return why === null ? await open(input, shell) : { region: input.incident.region, opened: false, why };
    } catch (error) {
      if (!input.asks || !(error instanceof Unavailable)) throw error;
      return { region: input.incident.region, unreachable: error.message };
    }
  });
}

/**
 * Why what was fenced stays so; null where it may be opened. A failover opens it only where its incident is over before users were sent away:
 * then the region serves again, and whoever writes would fail by the fence alone until a person came.
 */
async function whyKept(incident: RegionIncident, shell: Shell): Promise<string | null> {
  const { id, execution, region, mode } = incident;
  if (mode === 'switchover') return null;
  const { store } = shell;
  const [record, calls, steps] = await Promise.all([
    store.readIncident(id),
    callsOf(incident, shell),
    store.readSteps(id),
  ]);
  if (endedAt(incident, record) === null) return `${region} may be lost still`;
  const own = steps.filter((past) => past.execution === execution);
  return [...own, ...calls].some(({ step: made }) => made === 'redirect-users') ? 'users were sent away' : null;
}
