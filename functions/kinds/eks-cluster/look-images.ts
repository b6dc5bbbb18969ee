// Looks whether the images that a rebuild would pull are in the registry of the region that would take over. Changes nothing.
import { hasImages } from '../../aws/lookups.ts';
import { readObject } from '../../aws/objects.ts';
import type { AssetOf } from '../../domain/assets.ts';
import { notReady, ready, type Verdict } from '../../domain/readiness.ts';
import { placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { imagesReady, othersIn, pulledBy } from './images.ts';
import { imagesKey } from './projects.ts';
import { registriesIn } from './rebuild-plan.ts';

/**
 * The backup is that of the other region's cluster, a day old at most: what runs there by now may be newer by one release. What a chart pulls, the daily
 * dry run has written down: only Helm knows what becomes of its values.
 */
export async function imagesAreReady(asset: AssetOf<'eks-cluster'>, { region }: Shell): Promise<Verdict> {
  const { rebuild } = placeOf(asset, region);
  if (rebuild === undefined) return ready('the plan has no rebuild to pull images for');
  const { bucket, application, registries } = rebuild;
  if (registriesIn(registries).length === 0) return ready('the plan names no registry that can be asked');
  const [what, key] =
    application.from === 'resources'
      ? [`resource backup ${application.key}`, application.key]
      : [`chart ${application.chart.key}`, imagesKey(application.chart)];
  const names = await readObject({ region: bucket.region, bucket: bucket.name, key });
  if (names === null)
    return notReady(
      application.from === 'resources' ? `there is no ${what}` : `no dry run has said yet what ${what} pulls`,
    );
  const looked = pulledBy(names, registries).map(async (one) => ({ ...one, all: await hasImages(one) }));
  return imagesReady(what, await Promise.all(looked), othersIn(names, registries));
}
