// What goes on in a cluster after its consumers were switched off: jobs that had begun, and deployments that KEDA starts again when their queue has something.
import { apiServer } from '../../aws/workloads/clusters.ts';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import { wakersOf } from '../../domain/rivals.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import { jobsOf, seeRivals } from '../../shared/rivals.ts';
import type { Shell } from '../../shared/shell.ts';
import { type Consumer, type InCluster, isInCluster } from './rules/listed.ts';

function markOf(asset: string): string {
  return `goes-on/${asset}`;
}

type Fencing = Pick<RegionIncident, 'id' | 'execution' | 'region'>;

/** Keeps in the record what goes on after a fence, for whoever tells people what became of it. Gives it; null where nothing does. */
export async function keepGoesOn(
  { id, execution, region }: Fencing,
  asset: string,
  consumers: readonly Consumer[],
  { store, now }: Pick<Shell, 'store' | 'now'>,
): Promise<string | null> {
  const said = await goesOn(region, consumers);
  if (said === null) return null;
  const why = `in ${region} ${said}`;
  await store.recordStep({ incident: id, execution, step: markOf(asset), at: now(), outcome: { why } });
  return why;
}

/** What went on after the fence of this flow; null where nothing did, or nobody could look. */
export async function wentOn(
  { id, execution }: Fencing,
  asset: string,
  { store }: Pick<Shell, 'store'>,
): Promise<string | null> {
  const kept = (await store.readSteps(id)).findLast(
    (past) => past.execution === execution && past.step === markOf(asset),
  );
  return kept === undefined ? null : String(kept.outcome['why']);
}

/** In words for people; null where nothing goes on, or nothing is in a cluster. What cannot be looked at says why, and holds nothing: all are off. */
async function goesOn(region: string, consumers: readonly Consumer[]): Promise<string | null> {
  const inClusters = Map.groupBy(consumers.filter(isInCluster), ({ cluster }) => cluster);
  const lines = [...inClusters].map(([cluster, all]) => goesOnIn(region, cluster, all));
  const said = (await Promise.all(lines)).flat();
  return said.length === 0 ? null : said.join('; ');
}

async function goesOnIn(region: string, cluster: string, all: readonly InCluster[]): Promise<string[]> {
  const deployments = all.filter(({ what }) => what === 'deployment');
  const cronJobs = all.filter(({ what }) => what === 'cronJob');
  try {
    const server = await apiServer(region, cluster);
    if (server === null) return [];
    const [rivals, jobs] = await Promise.all([
      seeRivals(
        server,
        deployments.map(({ namespace }) => namespace),
      ),
      jobsOf(server, cronJobs),
    ]);
    const unseen =
      rivals.unseen === null
        ? []
        : [`it is not known whether something starts its deployments again: ${rivals.unseen}`];
    return [...deployments.flatMap((one) => wakersOf(one, rivals)), ...jobs, ...unseen];
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed || error instanceof InProgress)) throw error;
    return [`it is not known what runs in cluster ${cluster}: ${error.message}`];
  }
}
