// Lets a person leave out a step: a signed waiver in the store, which the step reads before it does anything.
import { stepName } from '../domain/step.ts';
import type { FlowIncident } from './flow.ts';
import type { Shell } from './shell.ts';

/** What a step that was left out hands on, instead of what it would have reached. */
export type Skipped = { readonly skipped: true; readonly by: string; readonly reason: string; readonly at: number };

/** The waiver of a state of this execution, by the state's name and its asset; null where it has to be done. */
export async function readWaiver(
  { id, execution }: FlowIncident,
  state: string,
  { store, log }: Shell,
  asset: string | null = null,
): Promise<Skipped | null> {
  const waiver = await store.readWaiver(execution, stepName({ state, asset }));
  if (waiver === null) return null;
  log.warn('left out by a waiver', { incident: id, execution, state, ...(asset !== null && { asset }), ...waiver });
  return { skipped: true, by: waiver.by, reason: waiver.reason, at: waiver.at };
}
