// Desired state: nothing of a custom asset works in the failed zone. A Lambda of the user's says so.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';
import { askLambda } from './ask.ts';

export const handler = step(ZoneVerbInput, async ({ incident, asset }, shell) => {
  const waived = await readWaiver(incident, 'LeaveZone', shell, asset);
  return waived ?? askLambda({ verb: 'leave-zone', asset, region: incident.region }, incident, shell);
});
