// Desired state: nothing of a custom asset works in the failed zone. A Lambda of the user's says so.
import { ZoneVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { moveByLambda } from './move.ts';

export const handler = step(ZoneVerbInput, ({ incident, asset }, shell) =>
  moveByLambda({ verb: 'leave-zone', asset, region: incident.region }, incident, shell),
);
