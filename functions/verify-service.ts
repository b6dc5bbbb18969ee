// Desired state: users are served, seen several times in a row from outside; of a region flow by the region that takes over.
import { InProgress } from './domain/errors.ts';
import { StepInput } from './shared/recovery/flow.ts';
import { readWaiver } from './shared/recovery/waivers.ts';
import { step } from './shared/shell.ts';
import { passesInARow, visitPage } from './shared/traffic/health.ts';

/** Asks as often as the plan wants passes, and is called again until all of them passed. A dry run asks once. */
export const handler = step(StepInput, async ({ incident }, shell) => {
  const { healthPassesNeeded: needed, healthUrl } = shell.plan.service;
  if (incident.dryRun) {
    const served = (await visitPage(healthUrl, shell))?.passes === true;
    return { dryRun: true, served, wouldDo: `wait for ${needed} passes of ${healthUrl}` };
  }
  // After users were redirected a person may know better than this page.
  const waived = incident.flow === 'region-failover' ? await readWaiver(incident, 'VerifyOutside', shell) : null;
  if (waived !== null) return waived;
  const passes = await passesInARow(healthUrl, shell, incident.standby);
  if (passes < needed) throw new InProgress(`${healthUrl} passed ${passes} of ${needed} times in a row`);
  return { verifiedAt: shell.now(), passes };
});
