// Desired state: a custom asset works in the region that takes over. A Lambda of the user's says so.
import { RegionVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { moveByLambda } from './move.ts';

export const handler = step(RegionVerbInput, async ({ incident, asset }, shell) => {
  const waived = await readWaiver(incident, 'TakeOver', shell, asset);
  return waived ?? moveByLambda({ verb: 'take-over', asset, region: incident.standby }, incident, shell);
});
