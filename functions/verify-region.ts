// Desired state: the region that takes over serves, past the DNS record. The gate before users are sent there, after each
// asset was verified.
import { CannotProceed, InProgress } from './domain/errors.ts';
import { RegionStepInput } from './shared/recovery/flow.ts';
import { step } from './shared/shell.ts';
import { passesInARow } from './shared/traffic/health.ts';

/** Called again until its page passed as often in a row as the plan wants. No waiver leaves this out. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  const { standby: region } = incident;
  const { plan, now } = shell;
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) throw new CannotProceed(`the plan names no health page of ${region}`);
  const { healthPassesNeeded: needed } = plan.service;
  const passes = await passesInARow(url, shell);
  if (passes < needed) throw new InProgress(`${url} passed ${passes} of ${needed} times in a row`);
  return { region, passes, verifiedAt: now() };
});
