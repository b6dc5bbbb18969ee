// `drill --approve ask` at the terminal: says where the pages are, and takes Ctrl-C as "nobody answers any more".
import type { DrillOptions } from '../../simulator/drill/drill.ts';
import type { Progress } from '../../simulator/drill/result.ts';

type Nobody = Pick<DrillOptions, 'nobodyAnswers'>;

/** Runs a drill in which a person answers; the second Ctrl-C ends the command as ever. */
export async function whileAsking<Result>(
  approve: string | undefined,
  run: (nobody: Nobody) => Promise<Result>,
): Promise<Result> {
  if (approve !== 'ask') return run({});
  const over = new AbortController();
  const stop = (): void => over.abort();
  process.once('SIGINT', stop);
  try {
    return await run({ nobodyAnswers: over.signal });
  } finally {
    process.off('SIGINT', stop);
  }
}

export const howToAnswer =
  'Open the pages below and answer; until then virtual time stands still, for an hour at most. Ctrl-C: nobody answers.';

/** The line for a page that waits; null for any other progress. An address stays in one piece. */
export function pageLine(progress: Progress): string | null {
  return progress.kind === 'page' ? `${progress.role}: ${progress.url}` : null;
}
