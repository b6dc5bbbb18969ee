// Desired state: nothing of a custom asset works in the failed zone. A Lambda of the user's says so.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { reach } from '../../shared/reach.ts';
import { moveByLambda } from './move.ts';

export const handler = reach('leave-zone', ZoneVerbInput, ({ incident, asset }, shell) =>
  moveByLambda({ verb: 'leave-zone', asset, region: incident.region }, incident, shell),
);
