// Desired state: a custom asset serves in the region that takes over, as a Lambda of the user's sees it. Part of the gate
// before users are sent there.
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { callLambda } from './ask.ts';

export const handler = reach('verify', RegionVerbInput, ({ incident, asset }, shell) =>
  callLambda({ verb: 'verify', asset, region: incident.standby }, incident, shell),
);
