// Desired state: a custom asset works in the region that takes over. A Lambda of the user's says so.
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { moveByLambda } from './move.ts';

export const handler = reach('take-over', RegionVerbInput, ({ incident, asset }, shell) =>
  moveByLambda({ verb: 'take-over', asset, region: incident.standby }, incident, shell),
);
