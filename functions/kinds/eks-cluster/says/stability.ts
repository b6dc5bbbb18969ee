// What `check` finds unsafe in clusters: reasons with their sources in docs/static-stability.md.
import { type Around, error, type Weakness, warning } from '../../../domain/kind/stability.ts';
import type { ClusterPlace, Rebuild } from './rebuild-plan.ts';

type Cluster = { readonly regions: Readonly<Record<string, ClusterPlace>> };

/** Roles move, so that a rebuild in either region must stand without the other. */
export function weaknessesIn({ regions }: Cluster, { primary, standby, path }: Around): Weakness[] {
  return [
    ...capacityOf(regions[standby], standby, path),
    ...[primary, standby].flatMap((region) => {
      const rebuild = regions[region]?.rebuild;
      return rebuild === undefined
        ? []
        : rebuiltWithout(region === primary ? standby : primary, region, rebuild, (...keys) =>
            path('regions', region, 'rebuild', ...keys),
          );
    }),
  ];
}

function capacityOf(place: ClusterPlace | undefined, standby: string, path: Around['path']): Weakness[] {
  if (place === undefined || place.warm) return [];
  const where = path('regions', standby, 'warm');
  const depends = `${place.cluster} depends on nodes that have to be had in ${standby} during the outage`;
  const reason =
    'everybody who leaves the lost region asks for the same capacity, and starting it needs control planes';
  const fix = 'keep the capacity to serve running in the standby region, and set warm: true';
  const isScaled = place.scale !== undefined || place.rebuild !== undefined;
  // What is scaled by the flow is a risk that is taken; what nobody scales is none.
  return [(isScaled ? warning : error)('standby-not-warm', where, { depends, reason, fix })];
}

/** What a rebuild in a region would have to have from the other one, which is lost, or from the internet. */
function rebuiltWithout(lost: string, region: string, rebuild: Rebuild, path: Around['path']): Weakness[] {
  const { bucket, terraform, registries } = rebuild;
  const { state, providers } = terraform;
  const weaknesses: Weakness[] = [];
  const depends = (what: string) => `rebuilding the cluster in ${region} depends on ${what}`;
  const places = [
    ['rebuild-elsewhere', bucket, ['bucket', 'region'], 'tools, source, providers and the application'],
    ['state-elsewhere', state.bucket, ['terraform', 'state', 'bucket', 'region'], 'the state of Terraform'],
  ] as const;
  for (const [id, { name, region: at }, keys, what] of places) {
    if (at === region) continue;
    weaknesses.push(
      error(id, path(...keys), {
        depends: depends(`bucket ${name} in ${at}`),
        reason: `${what} must be there when ${lost} is lost, and whatever else is`,
        fix: `keep it in a bucket of ${region}, or replicate it there, and name that bucket`,
      }),
    );
  }
  if (state.lock === 'dynamodb')
    weaknesses.push(
      error('state-lock-of-a-table', path('terraform', 'state', 'lock'), {
        depends: depends('a lock in a table, which holds the name of the bucket it was made for'),
        reason:
          'a replica of the bucket has another name: its state does not match its digest, and Terraform refuses it',
        fix: 'lock with a file in the bucket (use_lockfile of Terraform 1.10 or later), and set lock: s3',
      }),
    );
  if (state.locksReplicated)
    weaknesses.push(
      error('lock-file-replicated', path('terraform', 'state', 'locksReplicated'), {
        depends: depends(`a lock that may have come from ${lost} and that nobody there can release`),
        reason: 'whoever ran Terraform when the region was lost holds the lock for ever, and the rebuild waits for it',
        fix: 'leave *.tflock out of the replication, and set locksReplicated: false',
      }),
    );
  if (providers === null)
    weaknesses.push(
      error('providers-from-registry', path('terraform', 'providers'), {
        depends: depends('the registry of Terraform, and on where it sends those who ask for providers'),
        reason: 'it is asked when everybody asks, and a version that was taken back is not there',
        fix: 'put what terraform providers mirror makes into the bucket, and name its folder',
      }),
    );
  for (const [index, host] of registries.entries()) {
    const at = /\.dkr\.ecr\.([a-z0-9-]+)\./.exec(host)?.[1] ?? null;
    if (at === region) continue;
    const words = {
      depends: depends(`images of ${host}`),
      reason:
        at === null ? 'a registry of the internet limits how much is pulled, and may be out' : `it stands in ${at}`,
      fix: `replicate the images into the registry of ${region}, and name that one`,
    };
    weaknesses.push((at === null ? warning : error)('images-elsewhere', path('registries', String(index)), words));
  }
  return weaknesses;
}
