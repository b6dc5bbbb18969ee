// Brings an asset to a verb's desired state, and once: a flow that comes round again after a pause finds what was reached.
import type * as z from 'zod';
import { waitsFor } from '../../domain/evidence/own-evidence.ts';
import { mayBeLeftOut, neededBefore, type Reaching, stateFor, unfenceMark } from '../../domain/recovery/reaching.ts';
import { concernedBy, restoredBy } from '../../domain/recovery/restoring.ts';
import { type Shell, step } from '../shell.ts';
import type { FlowIncident } from './flow.ts';
import { agesIn } from './fresh.ts';
import { readWaiver } from './waivers.ts';

type Given = { readonly incident: FlowIncident; readonly asset: string };

/**
 * The handler of a verb, safe to repeat. What a person signed to leave out is passed over. What needs an asset that has not
 * taken over is held, and changes nothing. What was reached is kept in the record the first time and handed on; a gate, which
 * `verify` is, looks each time.
 */
export function reach<Input extends Given, Result extends Readonly<Record<string, unknown>>>(
  verb: Reaching,
  input: z.ZodType<Input>,
  run: (input: Input, shell: Shell) => Promise<Result>,
  /** What is handed on instead, where nothing is to be done any more. */
  instead: (input: Input, shell: Shell) => Promise<Result | null> = async () => null,
) {
  return step(input, async (given, shell): Promise<object> => {
    const { incident, asset } = given;
    const { id, execution, dryRun } = incident;
    if (dryRun) return run(given, shell);
    const { store, plan, now } = shell;
    const concerned = concernedBy(incident, plan);
    if (concerned?.includes(asset) === false) return { leftAlone: 'this flow restores others where they stand' };
    const [steps, over, waived] = await Promise.all([
      store.readSteps(id),
      instead(given, shell),
      mayBeLeftOut(verb, asset, plan) ? readWaiver(incident, stateFor(verb), shell, asset) : null,
    ]);
    const own = steps.filter((past) => past.execution === execution);
    const undoneAt = own.findLast((past) => past.step === unfenceMark(asset))?.at ?? Number.NEGATIVE_INFINITY;
    const reached = new Map(own.filter(({ at }) => at > undoneAt).map((past) => [past.step, past.outcome]));
    const known = reached.get(`${verb}/${asset}`);
    // What waits for its evidence is looked at again: a flow comes round for it once that holds.
    if (known !== undefined && verb !== 'verify' && waitsFor(known) === null) return known;
    const missing = neededBefore(verb, asset, plan, restoredBy(agesIn(own).looked, plan)).find(
      (need) => !reached.has(`take-over/${need}`) && concerned?.includes(need) !== false,
    );
    if (waived === null && missing !== undefined) return { held: `needs ${missing}` };
    const outcome = waived ?? over ?? (await run(given, shell));
    if (verb !== 'verify')
      await store.recordStep({ incident: id, execution, step: `${verb}/${asset}`, at: now(), outcome });
    return outcome;
  });
}
