// Concludes a drill, however it ended: what it broke is broken no longer, the record, the lock, and people last.
import { seeExperiment, stopExperiment } from '../../aws/experiments.ts';
import { readEnd } from '../../aws/flows/whereabouts.ts';
import { findingsOf } from '../../domain/drills/findings.ts';
import { outcomeOf, type Problem } from '../../domain/drills/judge.ts';
import { experimentsIn } from '../../domain/drills/plan.ts';
import { type DrillOutcome, type DrillRecord, recoverySecondsOf } from '../../domain/drills/record.ts';
import { drillEndsMessage } from '../../domain/drills/words.ts';
import { CannotProceed } from '../../domain/errors.ts';
import { embedded } from '../../domain/figures.ts';
import { stageOf } from '../../domain/flows.ts';
import { reportAddress } from '../../domain/report/place.ts';
import { executionArnOf } from '../executions.ts';
import { tell } from '../messages/tell.ts';
import type { Shell } from '../shell.ts';
import { askNoMore } from './ask-in-drill.ts';
import { drillLock, toldOf } from './drill.ts';

/** Safe to repeat. `problem`: what ended it before its end. @throws Unavailable */
export async function concludeDrill(
  drill: DrillRecord,
  { refused, problem }: { readonly refused: boolean; readonly problem: Problem | null },
  shell: Shell,
): Promise<DrillOutcome> {
  const { store, now, log, prefix } = shell;
  const { execution, name } = drill;
  const goesOn = await endExperiment(drill, shell);
  const asksNoMore = await askNoMore(drill, shell);
  const outcome = drill.outcome ?? outcomeOf(drill, refused, problem);
  const added = [...(problem === null ? [] : [problem.cause || problem.error]), ...goesOn, ...asksNoMore];
  const why = drill.outcome === null ? [...drill.why, ...added] : drill.why;
  const over = { ...drill, outcome, why, endedAt: drill.endedAt ?? now() };
  await store.keepDrill(over);
  await askNoMore(over, shell); // a flow that asked since the first look did not know yet that the drill has ended
  await store.releaseLock(drillLock, execution);
  const recoverySeconds = recoverySecondsOf(over);
  const figures = [
    { name: 'DrillRecoverySeconds', unit: 'Seconds', value: recoverySeconds, dimensions: { Drill: name } },
    { name: 'Drills', unit: 'Count', value: 1, dimensions: { Outcome: outcome } },
  ] as const;
  const told = { execution, drill: name, outcome, recoverySeconds, why: why.join('; ') };
  log.info('drill ended', { ...told, ...embedded(prefix, now(), figures) });
  const kept = { report: reportAddress(execution, shell), stage: stageOf(prefix) };
  const message = drillEndsMessage(over, outcome, findingsOf(over, shell.plan), kept);
  await tell({ id: `drill/${execution}/ended`, message, of: null }, toldOf(drill, shell), shell);
  return outcome;
}

/** Gives what people must know where it goes on and could not be ended: nothing. FIS ends it by itself then, after its duration. */
async function endExperiment(
  { execution, experiment, region }: DrillRecord,
  { store, now, log }: Shell,
): Promise<string[]> {
  if (experiment === null) return [];
  try {
    const state = (await seeExperiment(region, experiment))?.state;
    if (state !== 'begins' && state !== 'goes') return [];
    const made = { call: 'fis:StopExperiment', region, target: experiment };
    const common = {
      incident: execution,
      at: now(),
      step: 'conclude-drill',
      actor: 'breakwater',
      execution,
      drill: true,
    };
    await store.audit({ ...common, ...made });
    await stopExperiment(region, experiment);
    return [];
  } catch (error) {
    if (!(error instanceof CannotProceed)) throw error;
    log.error('experiment not ended', { experiment, error: error.message });
    return [`end experiment ${experiment} in ${region} by hand: ${error.message}`];
  }
}

/**
 * Concludes the drill of an execution that is gone: it was stopped, or ran out of time, and nothing that it broke may go on. False where it is
 * no drill that has begun, or it is concluded. @throws Unavailable
 */
export async function concludeGone(execution: string, status: string, shell: Shell): Promise<boolean> {
  const drill = await shell.store.readDrill(execution);
  if (drill === null || drill.outcome !== null) return false;
  const problem = { error: status === 'ABORTED' ? 'Aborted' : status, cause: `its execution is ${status}` };
  await concludeDrill(drill, { refused: false, problem }, shell);
  return true;
}

/** Looked at with every sweep where something lasts: the event that an execution has ended may be lost, and what it broke goes on. */
export async function endGoneDrill(shell: Shell): Promise<void> {
  const { store, region, plan } = shell;
  if (!experimentsIn(plan).some(({ target }) => target.fault === 'zone')) return;
  const { lock } = await store.readStanding(drillLock);
  const drill = lock === null ? null : await store.readDrill(lock.execution);
  if (drill === null || drill.region !== region) return;
  const end = await readEnd(region, executionArnOf('drill', drill.execution, shell));
  if (end !== null) await concludeGone(drill.execution, end.status, shell);
}
