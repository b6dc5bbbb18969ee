// Desired state: the degradation is over, or has become something that another flow answers.
import * as z from 'zod';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { trailLateMs } from './domain/evidence/changes.ts';
import { StepInput } from './shared/recovery/flow.ts';
import { currentIncident } from './shared/recovery/manual.ts';
import { step } from './shared/shell.ts';

/** `atFirst`: no longer than until all that was changed before is known. */
const WatchInput = StepInput.extend({ atFirst: z.boolean().default(false) });

/** Called again until the incident closed or rose above level 1. A dry run does not wait. */
export const handler = step(WatchInput, async ({ incident, atFirst }, shell) => {
  if (incident.dryRun) return { ended: 'dry-run' };
  const current = await currentIncident(incident, shell);
  if (current === null) throw new CannotProceed(`incident ${incident.id} is not in the record`);
  // Rising comes first: an incident that rose and closed since the last look did not recover by this flow.
  if (current.level !== 1) return { ended: 'escalated', level: current.level };
  if (current.closedAt !== null) return { ended: 'recovered', closedAt: current.closedAt };
  if (atFirst && shell.now() >= incident.since + trailLateMs) return { ended: 'goes-on' };
  throw new InProgress(`incident ${incident.id} is still open`);
});
