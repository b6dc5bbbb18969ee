// What was seen of clusters means: whether the application can run in them, and whether they are ready. Pure.
import type { Plan } from '../../domain/plan.ts';
import type { KindSeen, Leaving } from '../../domain/predict.ts';
import { notReady, ready, type Verdict } from '../../domain/readiness.ts';

/** `pageAnswers`: whether the standby's page does, if only with a failure. */
export function clustersSeen(
  clusters: readonly { readonly cluster: string; readonly warm: boolean }[],
  pageAnswers: boolean,
  { standby }: Leaving,
): KindSeen {
  const obstacles = clusters.flatMap(({ cluster, warm }) => {
    if (!warm) return `${standby} has no warm cluster: a person restores and scales it, which comes in a later version`;
    return pageAnswers ? [] : `cluster ${cluster} in ${standby} does not answer`;
  });
  return { obstacles, merits: clusters.map(({ cluster }) => `cluster ${cluster} answers`) };
}

/** The status that the standby's page answers with: 5xx is an answer, since it has no writer yet. Null: no answer. */
export function clusterReady(
  { cluster: name, warm }: { readonly cluster: string; readonly warm: boolean },
  { service: { regionHeader } }: Plan,
  region: string,
  answer: { readonly status: number; readonly region: string | null } | null,
): Verdict {
  if (!warm) return notReady(`cluster ${name} is not warm: it has to be created and scaled by a person`);
  if (answer === null) return notReady(`cluster ${name} does not answer`);
  // Without its name a failover would wait at the very end for an answer that nobody can give.
  if (regionHeader !== null && answer.region !== region)
    return notReady(`cluster ${name} answers without ${regionHeader}: ${region}, which service.regionHeader promises`);
  return ready(`cluster ${name} answers with ${answer.status}`);
}
