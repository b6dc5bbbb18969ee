// Finds the images that a resource backup or a chart would have pulled, by their repositories in the registries of the plan, and says whether they are
// there. Pure.
import { type CheckResult, notReady, ready, unread } from '../../../domain/recovery/readiness.ts';
import { registriesIn } from '../says/rebuild-plan.ts';

/** A repository of ECR, and what of it is pulled: digests, and tags where there is no digest. */
export type Pulled = {
  /** The account that it belongs to. */
  readonly registry: string;
  readonly region: string;
  readonly repository: string;
  readonly images: readonly string[];
};

/** An image is written as host/repository[:tag][@digest]; a digest says more than the tag beside it, and no tag is `latest`. */
export function pulledBy(backup: string, hosts: readonly string[]): Pulled[] {
  const found = registriesIn(hosts).flatMap(({ host, registry, region }) => {
    const written = new RegExp(
      `"image": ?"${host.replaceAll('.', '\\.')}/([a-z0-9._/-]+)(?::([\\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?"`,
      'g',
    );
    return [...backup.matchAll(written)].map(([, repository = '', tag = 'latest', digest]) => ({
      ...{ registry, region, repository },
      image: digest ?? tag,
    }));
  });
  const grouped = Map.groupBy(found, ({ registry, region, repository }) => `${registry} ${region} ${repository}`);
  return [...grouped.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const { image: _, ...place } = first;
    return [{ ...place, images: [...new Set(all.map(({ image }) => image))].toSorted() }];
  });
}

/** The images of registries that the plan does not name. `ofEcr`: those of ECR, which stand in a region; of others nobody here can ask. */
export function othersIn(
  backup: string,
  hosts: readonly string[],
): { readonly ofEcr: string[]; readonly others: string[] } {
  const all = [...backup.matchAll(/"image": ?"([^"\s]+)"/g)].map(([, image = '']) => image);
  const unknown = [...new Set(all)].filter((image) => !hosts.some((host) => image.startsWith(`${host}/`)));
  const ofEcr = unknown.filter((image) => registriesIn([image]).length > 0);
  return { ofEcr, others: unknown.filter((image) => !ofEcr.includes(image)) };
}

/** `all`: whether the repository has every image; null where there is no such repository. */
export function imagesReady(
  what: string,
  looked: readonly (Pulled & { readonly all: boolean | null })[],
  { ofEcr, others }: ReturnType<typeof othersIn> = { ofEcr: [], others: [] },
): CheckResult {
  // A registry of ECR that the plan does not name is most often that of the region that is lost.
  if (ofEcr.length > 0)
    return notReady(`${what} pulls from registries that the plan does not name: ${ofEcr.join(', ')}`);
  if (looked.length === 0) return unread(`${what} names no image of a registry of the plan`);
  const wrong = looked.flatMap(({ repository, region, images, all }) => {
    if (all === null) return [`there is no repository ${repository} in ${region}`];
    if (all) return [];
    return images.length === 1
      ? [`image ${repository} ${images[0]} is not in ${region}`]
      : [`of repository ${repository} in ${region}, one is missing of ${images.join(', ')}`];
  });
  if (wrong.length > 0) return notReady(wrong.join('; '));
  const count = looked.reduce((sum, { images }) => sum + images.length, 0);
  return ready(
    `all ${count} images that ${what} pulls are in its registry${others.length === 0 ? '' : `; ${others.length} more of other registries were not looked at`}`,
  );
}
