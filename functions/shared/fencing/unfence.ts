// What each kind's verb unfence has in common: what was fenced is open again, and people who are asked meanwhile wait for nothing.
import type * as z from 'zod';
import { Unavailable } from '../../domain/errors.ts';
import { UnfenceInput } from '../recovery/flow.ts';
import { type Shell, step } from '../shell.ts';

/**
 * `open` is called again until it is. Where the flow only asks people again, what does not answer is left as it is: they decide, and
 * what follows their answer opens it or keeps it closed.
 */
export function unfencing(open: (input: z.infer<typeof UnfenceInput>, shell: Shell) => Promise<object>) {
  return step(UnfenceInput, async (input, shell): Promise<object> => {
    try {
      return await open(input, shell);
    } catch (error) {
      if (!input.asks || !(error instanceof Unavailable)) throw error;
      return { region: input.incident.region, unreachable: error.message };
    }
  });
}
