// An assessment for tests, from what the looks of the kinds give before they put it in words.
import type { Plan } from '../functions/domain/plan/plan.ts';
import { type Assessment, assess } from '../functions/domain/recovery/predict.ts';
import { clustersSeen } from '../functions/kinds/eks-cluster/rules/assess.ts';
import { type CacheObserved, cachesSeen } from '../functions/kinds/elasticache/rules/assess.ts';
import {
  type DatabaseObserved,
  databasesSeen,
  type WriterObserved,
} from '../functions/kinds/rds-instance/rules/assess.ts';

export type Observed = Omit<Parameters<typeof assess>[0], 'seen'> & {
  readonly databases: readonly DatabaseObserved[];
  /** What takes writes in the region that is left. */
  readonly writers: readonly WriterObserved[];
  readonly caches: readonly CacheObserved[];
  readonly clusters: readonly { readonly cluster: string; readonly warm: boolean }[];
  readonly pageAnswers: boolean;
};

export function assessed(
  { databases, writers, caches, clusters, pageAnswers, ...leaving }: Observed,
  plan: Plan,
): Assessment {
  const promotionSeconds = plan.predictions.takeOverSeconds['rds-instance'];
  const seen = [
    databasesSeen(
      databases.map((database) => ({ promotionSeconds, ...database })),
      writers,
      leaving,
    ),
    cachesSeen(caches, leaving),
    clustersSeen(
      clusters.map((place) => ({ place, answers: pageAnswers, seen: null })),
      leaving,
    ),
  ];
  return assess({ ...leaving, seen }, plan);
}
