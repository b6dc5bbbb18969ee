// Concludes a drill, however it ended. Last state of each that was begun.
import * as z from 'zod';
import type { DrillOutcome } from './domain/drills/record.ts';
import { causeWords } from './domain/record/step.ts';
import { concludeDrill } from './shared/drills/conclude-drill.ts';
import { DrillStepInput, readRun } from './shared/drills/drill.ts';
import { onInput } from './shared/shell.ts';

const ConcludeDrillInput = DrillStepInput.extend({
  /** It was not begun: the record says why. */
  refused: z.boolean(),
  /** What ended it before its end, as the state machine caught it. */
  problem: z.strictObject({ Error: z.string(), Cause: z.string().default('') }).nullable(),
});

/** Safe to repeat. It runs of a drill that was aborted too. @throws CannotProceed where no drill was begun, Unavailable */
export const handler = onInput(
  ConcludeDrillInput,
  async ({ execution, refused, problem }, shell): Promise<{ outcome: DrillOutcome }> => {
    const drill = await readRun(execution, shell);
    const ended = problem === null ? null : { error: problem.Error, cause: causeWords(problem.Cause) };
    return { outcome: await concludeDrill(drill, { refused, problem: ended }, shell) };
  },
);
