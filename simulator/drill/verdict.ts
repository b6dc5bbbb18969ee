// Whether a drill was passed: what of expectations, invariants and objectives it missed, each in one line.
import { formatSeconds } from '../../functions/domain/words/durations.ts';
import type { DrillRun } from './result.ts';

/** Empty when the drill was passed. Objectives count only where a flow ran to its end: a hold recovers nothing. */
export function missesOf({ result, misses }: Pick<DrillRun, 'result' | 'misses'>): string[] {
  const { clocks, dataLoss, executions, objectives, invariants } = result;
  const ranToItsEnd = executions.some(({ status }) => status === 'SUCCEEDED');
  return [
    ...misses.map(({ what, expected, was }) => `${what}: expected ${expected}, was ${was}`),
    ...invariants
      .filter(({ held }) => !held)
      .map(({ id, detail }) => `invariant ${id} did not hold${detail === undefined ? '' : `: ${detail}`}`),
    ...(ranToItsEnd && objectives.rtoMet === false
      ? [
          `recovery: expected within ${formatSeconds(objectives.rtoSeconds)}, was ${formatSeconds(clocks.recoverySeconds)}`,
        ]
      : []),
    ...(ranToItsEnd && objectives.rpoMet === false
      ? [
          `data loss: expected at most ${formatSeconds(objectives.rpoSeconds)}, was ${formatSeconds(dataLoss.actualSeconds)}`,
        ]
      : []),
  ];
}
