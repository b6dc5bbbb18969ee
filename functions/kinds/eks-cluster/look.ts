// Looks at clusters: whether the application answers in them. Changes nothing.
import { type AssetOf, assetsOf } from '../../domain/assets.ts';
import type { KindSeen, Leaving } from '../../domain/predict.ts';
import { unread, type Verdict } from '../../domain/readiness.ts';
import { placeOf } from '../../shared/estate.ts';
import { askHealth } from '../../shared/health.ts';
import type { Shell } from '../../shared/shell.ts';
import { clusterReady, clustersSeen } from './assess.ts';

export async function seeClusters(leaving: Leaving, shell: Shell): Promise<KindSeen> {
  const { plan } = shell;
  const url = plan.service.regionalHealthUrls[leaving.standby];
  const page = url === undefined ? null : await askHealth(url, shell);
  const clusters = assetsOf('eks-cluster', plan).map((asset) => placeOf(asset, leaving.standby));
  return { ...clustersSeen(clusters, page !== null, leaving), unanswered: url !== undefined && page === null };
}

export async function clusterIsReady(asset: AssetOf<'eks-cluster'>, shell: Shell): Promise<Verdict> {
  const { plan, region } = shell;
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) return unread(`the plan names no health page of ${region}`);
  return clusterReady(placeOf(asset, region), plan, region, await askHealth(url, shell));
}
