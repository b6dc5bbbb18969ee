// Desired state: nothing of a custom asset works in the failed zone. A Lambda of the user's says so.
import { leave } from '../../shared/traffic/leave.ts';
import { moveByLambda } from './move.ts';

export const handler = leave(({ incident, asset }, shell) =>
  moveByLambda({ verb: 'leave-zone', asset, region: incident.region }, incident, shell),
);
