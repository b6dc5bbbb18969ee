// Lets a person leave out a step: a signed waiver in the store, which the step reads before it does anything. An abort is signed the
// same way, and every step reads it.

import { Aborted } from '../../domain/errors.ts';
import { day } from '../../domain/page/page-times.ts';
import { stepName } from '../../domain/record/step.ts';
import type { Shell } from '../shell.ts';
import type { FlowIncident } from './flow.ts';

/** What a step that was left out hands on, instead of what it would have reached. */
export type Skipped = { readonly skipped: true; readonly by: string; readonly reason: string; readonly at: number };

/** The waiver of a state of this execution, by the state's name and its asset; null where it has to be done. */
export async function readWaiver(
  { id, execution }: Pick<FlowIncident, 'id' | 'execution'>,
  state: string,
  { store, log }: Shell,
  asset: string | null = null,
): Promise<Skipped | null> {
  const waiver = await store.readWaiver(execution, stepName({ state, asset }));
  if (waiver === null) return null;
  log.warn('left out by a waiver', { incident: id, execution, state, ...(asset !== null && { asset }), ...waiver });
  return { skipped: true, by: waiver.by, reason: waiver.reason, at: waiver.at };
}

/** What an abort is signed as: no state is called so. */
const whole = 'abort';

/** Signs that nothing of an execution goes on any more. The first one stays. */
export async function signAbort(execution: string, by: string, { store, now }: Shell): Promise<void> {
  await store.keepWaiver(execution, whole, by, 'aborted', now());
}

/** Who aborted an execution, and when; null where nobody did. */
export async function readAbort(
  execution: string,
  { store }: Pick<Shell, 'store'>,
): Promise<{ by: string; at: number } | null> {
  return store.readWaiver(execution, whole);
}

/** @throws Aborted where a person has aborted the execution */
export async function expectNotAborted(execution: string, shell: Shell): Promise<void> {
  const aborted = await readAbort(execution, shell);
  if (aborted === null) return;
  const { by, at } = aborted;
  throw new Aborted(`${execution} was aborted by ${by} at ${day(at)}: nothing of it goes on`);
}

/** Keeps that a region was given back for a flow that cannot hear that its plan gave way (`shared/approval/give-way.ts`): it takes no lock any more. */
export async function noteGivenBack(execution: string, { store, now }: Pick<Shell, 'store' | 'now'>): Promise<void> {
  await store.markSent(givenBackMark(execution), now());
}

export async function wasGivenBack(execution: string, { store }: Pick<Shell, 'store'>): Promise<boolean> {
  return store.wasSent(givenBackMark(execution));
}

function givenBackMark(execution: string): string {
  return `given-back:${execution}`;
}

/** @throws Aborted where a region was given back for the execution */
export async function expectNotGivenBack(execution: string, shell: Pick<Shell, 'store'>): Promise<void> {
  if (await wasGivenBack(execution, shell))
    throw new Aborted(`the region was given back for ${execution}, which did not answer: nothing of it goes on`);
}
