// Looks whether the images that a rebuild would pull are in the registry of the region that would take over. Changes nothing.
import { hasImages } from '../../../aws/looking/lookups.ts';
import { readObject } from '../../../aws/objects.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { type CheckResult, notReady, ready } from '../../../domain/recovery/readiness.ts';
import { placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { imagesReady, othersIn, pulledBy } from '../rules/images.ts';
import { imagesKey } from '../says/projects.ts';
import { registriesIn } from '../says/rebuild-plan.ts';

/**
 * The backup is that of the other region's cluster, a day old at most: what runs there by now may be newer by one release. What its pods ran, the copy has
 * written down beside it: what operators and webhooks bring is in no backup. What a chart pulls, the daily dry run has written down: only Helm knows what
 * becomes of its values. Both regions are looked at: the pair turns round.
 */
export async function imagesAreReady(asset: AssetOf<'eks-cluster'>, { region, store }: Shell): Promise<CheckResult> {
  const { rebuild } = placeOf(asset, region);
  if (rebuild === undefined) return ready('the plan has no rebuild to pull images for');
  const { bucket, application, registries } = rebuild;
  if (registriesIn(registries).length === 0) return ready('the plan names no registry that can be asked');
  const read = (key: string) => readObject({ region: bucket.region, bucket: bucket.name, key });
  const [what, written] =
    application.from === 'resources'
      ? [`resource backup ${application.key}`, await read(application.key)]
      : [`chart ${application.chart.key}`, await read(imagesKey(application.chart))];
  if (written === null) {
    if (application.from === 'chart') return notReady(`no dry run has said yet what ${what} pulls`);
    // A cluster that runs nothing is no source: while this region serves, the other one's may be so.
    return (await store.readStanding(region)).primary === region
      ? ready(`${region} serves users, and there is no ${what} yet`)
      : notReady(`there is no ${what}`);
  }
  const names = application.from === 'chart' ? written : `${written}\n${(await read(imagesKey(application))) ?? ''}`;
  const looked = pulledBy(names, registries).map(async (one) => ({ ...one, all: await hasImages(one) }));
  return imagesReady(what, await Promise.all(looked), othersIn(names, registries));
}
