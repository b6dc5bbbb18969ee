// Desired state: the region that was given up takes no writes either, from the moment it answers again. The fence watch asks.
import { fencingLate } from '../../shared/fencing/fence-late.ts';
import { holdsFence } from '../../shared/fencing/fence-lock.ts';
import { fence, standing } from './fencing/fencing.ts';
import { promotionOf } from './seen/promotion.ts';

export const handler = fencingLate({
  kind: 'rds-instance',
  takenOver: promotionOf,
  look: standing,
  fence: (incident, asset, shell) => fence(incident, asset, shell, { watches: holdsFence }),
});
