// Concludes a drill, however it ended: the record first, then the lock, then people.
import * as z from 'zod';
import { outcomeOf } from './domain/drills/judge.ts';
import { type DrillOutcome, recoverySecondsOf } from './domain/drills/record.ts';
import { drillEndsMessage } from './domain/drills/words.ts';
import { causeWords } from './domain/step.ts';
import { DrillStepInput, drillLock, readRun, toldOf } from './shared/drill.ts';
import { tell } from './shared/page.ts';
import { onParsed } from './shared/shell.ts';

const ConcludeDrillInput = DrillStepInput.extend({
  /** It was not begun: the record says why. */
  refused: z.boolean(),
  /** What ended it before its end, as the state machine caught it. */
  problem: z.strictObject({ Error: z.string(), Cause: z.string().default('') }).nullable(),
});

/** Safe to repeat. It runs of a drill that was aborted too. @throws CannotProceed where no drill was begun, Unavailable */
export const handler = onParsed(
  ConcludeDrillInput,
  async ({ execution, refused, problem }, shell): Promise<{ outcome: DrillOutcome }> => {
    const { store, now, log } = shell;
    const drill = await readRun(execution, shell);
    const ended = problem === null ? null : { error: problem.Error, cause: causeWords(problem.Cause) };
    const outcome = drill.outcome ?? outcomeOf(drill, refused, ended);
    const why = drill.outcome === null && ended !== null ? [...drill.why, ended.cause || ended.error] : drill.why;
    const over = { ...drill, outcome, why, endedAt: drill.endedAt ?? now() };
    await store.keepDrill(over);
    await store.releaseLock(drillLock, execution);
    const recoverySeconds = recoverySecondsOf(over);
    log.info('drill ended', { execution, drill: drill.name, outcome, recoverySeconds, why: why.join('; ') });
    const message = drillEndsMessage(over, outcome);
    await tell({ id: `drill/${execution}/ended`, message, of: null }, toldOf(drill, shell), shell);
    return { outcome };
  },
);
