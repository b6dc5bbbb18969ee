// Looks whether the images that a rebuild would pull are in the registry of the region that would take over. Changes nothing.
import { hasImages } from '../../aws/lookups.ts';
import { readObject } from '../../aws/objects.ts';
import type { AssetOf } from '../../domain/assets.ts';
import { notReady, ready, type Verdict } from '../../domain/readiness.ts';
import { placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { imagesReady, pulledBy } from './images.ts';
import { registriesIn } from './rebuild-plan.ts';

/** The backup is that of the other region's cluster, a day old at most: what runs there by now may be newer by one release. */
export async function imagesAreReady(asset: AssetOf<'eks-cluster'>, { region }: Shell): Promise<Verdict> {
  const { rebuild } = placeOf(asset, region);
  if (rebuild?.application.from !== 'resources') return ready('the plan has no resource backup to pull images for');
  const { bucket, application, registries } = rebuild;
  if (registriesIn(registries).length === 0) return ready('the plan names no registry that can be asked');
  const backup = await readObject({ region: bucket.region, bucket: bucket.name, key: application.key });
  if (backup === null) return notReady(`there is no resource backup ${application.key}`);
  const looked = pulledBy(backup, registries).map(async (one) => ({ ...one, all: await hasImages(one) }));
  return imagesReady(application.key, await Promise.all(looked));
}
