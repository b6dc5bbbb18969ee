// Desired state: the region that was given up takes no writes either, from the moment it answers again. The fence watch asks.
import { assetNamed } from '../../shared/estate.ts';
import { fencingLate } from '../../shared/fence-late.ts';
import { describeDatabase } from './aws.ts';
import { fence } from './fencing.ts';
import { heldIn } from './held.ts';
import { promotionOf } from './promotion.ts';

export const handler = fencingLate({
  kind: 'rds-instance',
  takenOver: promotionOf,
  async look({ region }, asset, shell) {
    const { instance, securityGroups } = await heldIn(assetNamed(asset, 'rds-instance', shell.plan), region, shell);
    const seen = await describeDatabase(region, instance);
    return seen?.groups.includes(securityGroups?.closed ?? '') === true ? 'closing' : 'open';
  },
  fence: (incident, asset, shell) => fence(incident, asset, shell, { watches: true }),
});
