// Keeps that a step fails and is tried again, and that it does not any more: the sweep tells people of it (messages/failing.ts).
import { Unavailable } from '../../domain/errors.ts';
import type { StepRecord } from '../../domain/record/store.ts';
import { failingMark, failingOnMark, isMended, mendedMark, recordedAs } from '../../domain/recovery/reaching.ts';
import type { Shell } from '../shell.ts';

/** Whose record holds it: of an incident, or of a drill, which has its execution's name. */
type Of = { readonly id: string; readonly execution: string };
type Keeper = Pick<Shell, 'store' | 'now' | 'plan'>;

/**
 * Keeps that a step fails: once for each time that it begins to, and once more where it still fails when people's patience has ended. What
 * gave up before that is told by what comes after it. `step`: as the record names it, such as unfence/database.
 */
export async function noteFailing(of: Of, step: string, why: string, shell: Keeper): Promise<void> {
  const failing = await failingSince(of, step, shell);
  if (failing === null) return keep(of, failingMark(step), { why }, shell);
  const { first, own } = failing;
  if (shell.now() - first.at < shell.plan.notifications.patienceSeconds * 1000) return;
  if (own.some((past) => past.step === failingOnMark(step) && past.at >= first.at)) return;
  await keep(of, failingOnMark(step), { why, since: first.at }, shell);
}

/** Keeps that a step does not fail any more, where it did. */
export async function noteMended(of: Of, step: string, shell: Keeper): Promise<void> {
  if ((await failingSince(of, step, shell)) !== null) await keep(of, mendedMark(step), {}, shell);
}

/**
 * Runs what a state of a flow asks for, and keeps where it fails and is tried again: whatever the state is, nobody has to remember that. What
 * cannot be kept changes nothing of that.
 */
export async function noted<Result>(
  { of, state, asset }: { readonly of: Of | null; readonly state: string | null; readonly asset: string | null },
  run: () => Promise<Result>,
  shell: Shell,
): Promise<Result> {
  if (of === null || state === null) return run();
  const step = recordedAs({ state, asset });
  const attempt = (note: Promise<void>) =>
    note.catch((error: unknown) => shell.log.warn('not kept how a step stands', { step, error: String(error) }));
  try {
    const result = await run();
    await attempt(noteMended(of, step, shell));
    return result;
  } catch (error) {
    const failure = failureIn(error);
    if (failure !== null) await attempt(noteFailing(of, step, failure, shell));
    throw error;
  }
}

/** What is asked again after it failed, in words; null where it only waits, or is not asked again. */
function failureIn(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const failed = error instanceof Unavailable || (error.name === 'InProgress' && error.cause instanceof Error);
  return failed ? error.message : null;
}

async function failingSince(
  { id, execution }: Of,
  step: string,
  { store }: Keeper,
): Promise<{ readonly first: StepRecord; readonly own: readonly StepRecord[] } | null> {
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  const first = own.findLast((past) => past.step === failingMark(step));
  return first === undefined || isMended(first, own) ? null : { first, own };
}

async function keep(
  { id, execution }: Of,
  step: string,
  outcome: StepRecord['outcome'],
  { store, now }: Keeper,
): Promise<void> {
  await store.recordStep({ incident: id, execution, step, at: now(), outcome });
}
