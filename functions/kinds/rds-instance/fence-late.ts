// Desired state: the region that was given up takes no writes either, from the moment it answers again.
import * as z from 'zod';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { RegionVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { fence } from './fencing.ts';

const FenceOldInput = RegionVerbInput.extend({
  fenced: z.looseObject({ fenced: z.boolean(), late: z.boolean().default(false), fencedAt: z.number().optional() }),
  /** What it wrote after that is not in the reported data loss. */
  writesEndedAt: z.number(),
});

/**
 * Called again for a day at most while the region does not answer, or its database cannot be fenced. What it wrote after it was last seen alive has
 * diverged: until the fence. How many writes that were, only its data can say.
 */
export const handler = step(FenceOldInput, async ({ incident, asset, fenced, writesEndedAt: divergedFrom }, shell) => {
  const { region } = incident;
  const { late, fencedAt: divergedUntil } = fenced;
  if (fenced.fenced && late) return { region, fenced: true, divergedWrites: null, divergedFrom, divergedUntil };
  if (fenced.fenced) return { region, fenced: true, divergedWrites: 0 };
  const waived = await readWaiver(incident, 'FenceOldRegion', shell, asset);
  if (waived !== null) return { region, fenced: false, divergedWrites: null, divergedFrom, ...waived };
  try {
    const { database, fencedAt } = await fence(incident, asset, shell, { watches: true });
    return { region, fenced: true, database, fencedAt, divergedWrites: null, divergedFrom, divergedUntil: fencedAt };
  } catch (error) {
    if (error instanceof Unavailable)
      throw new InProgress(`${region} does not answer and is not fenced: ${error.message}`);
    // A person may mend what keeps it from being fenced: it is fenced as soon as it can be.
    if (error instanceof CannotProceed) throw new InProgress(`${region} is not fenced: ${error.message}`);
    throw error;
  }
});
