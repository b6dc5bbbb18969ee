// What AWS does not offer in a region: an asset of the plan that cannot stand there, or could not take over there.
import type { Asset } from '../functions/domain/plan/assets.ts';
import { must, type Wrong } from '../functions/domain/plan/issues.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';

type Gap = {
  /** What is not offered, in words of AWS. */
  readonly what: string;
  readonly isUsedBy: (asset: Asset) => boolean;
  readonly missingIn: readonly string[];
  /** What a person can do about it in the plan, other than to take another region. */
  readonly instead: string;
};

/**
 * Regions that are said not to offer something; a region that is not named may well lack it: then nothing is said. Read on
 * 2026-11-26 in AWS's documentation, for every kind of the project:
 * [ElastiCache, global datastores: prerequisites and limitations] lists all regions that the SDKs know but these three.
 * [RDS, cross-Region read replicas by engine] PostgreSQL, MySQL and MariaDB: all regions.
 * [ARC endpoints and quotas] zonal shift, of clusters and load balancers: all regions.
 */
const gaps: readonly Gap[] = [
  {
    what: 'global datastores of ElastiCache',
    isUsedBy: (asset) => asset.kind === 'elasticache' && asset.globalDatastore !== null,
    missingIn: ['ap-east-2', 'ap-southeast-6', 'eusc-de-east-1'],
    instead: 'globalDatastore: null',
  },
];

/** A line for each asset in a region that does not offer what it needs. */
export function notOffered({ assets }: Pick<Plan, 'assets'>): Wrong[] {
  return assets.flatMap((asset, index) =>
    gaps
      .filter(({ isUsedBy }) => isUsedBy(asset))
      .flatMap(({ what, missingIn, instead }) =>
        Object.entries('regions' in asset ? asset.regions : {}).flatMap(([region, place]) =>
          must(
            !missingIn.includes(region),
            `assets.${index}.regions.${region}`,
            place,
            `a region that offers ${what}, which ${region} does not, or ${instead}`,
          ),
        ),
      ),
  );
}
