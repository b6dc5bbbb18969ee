// Desired state: a custom asset serves in the region that takes over, as a Lambda of the user's sees it. Part of the gate
// before users are sent there.
import { RegionVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { askLambda } from './ask.ts';

export const handler = step(RegionVerbInput, async ({ incident, asset }, shell) => {
  const waived = await readWaiver(incident, 'Verify', shell, asset);
  return waived ?? askLambda({ verb: 'verify', asset, region: incident.standby }, incident, shell);
});
