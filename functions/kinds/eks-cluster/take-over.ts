// Desired state: the application runs in the region that takes over, with the capacity to serve.
import { CannotProceed, InProgress, Restoring, Unavailable } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { act, givingUp } from '../../shared/recovery/act.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import type { Shell } from '../../shared/shell.ts';
import { visitPage } from '../../shared/traffic/health.ts';
import { setNodes } from './aws.ts';
import { beginBuild, type Followed, followBuild, lastBuild } from './builds.ts';
import { seeCluster } from './look.ts';
import { type NextOfCluster, nextForCluster } from './moves.ts';
import { raiseStopped } from './replicas.ts';
import type { ClusterPlace } from './says/rebuild-plan.ts';

/**
 * A warm cluster answers, also with a failure: it has no writer yet. One that does not, or is not warm, is scaled; one that is not there
 * is made again. Called again until it answers.
 * @throws CannotProceed where that takes a person, with what the build told.
 */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset: name }, shell) => {
  const { standby: region } = incident;
  const { plan } = shell;
  const place = placeOf(assetNamed(name, 'eks-cluster', plan), region);
  const { cluster, warm, scale, rebuild } = place;
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) throw new CannotProceed(`the plan names no health page of ${region}`);
  const page = async () => {
    const answer = await visitPage(url, shell);
    if (answer === null) throw new InProgress(`cluster ${cluster} does not answer at ${url}`);
    return { cluster, answers: answer.status };
  };
  if (scale === undefined && rebuild === undefined) {
    if (!warm)
      throw new CannotProceed(`${region} has no warm cluster, and the plan does not say how it is scaled or rebuilt`);
    return page();
  }
  const of = rebuild === undefined ? null : { incident, asset: name, region, rebuild };
  const last = of === null ? null : await lastBuild(of, shell);
  // It answers also where nothing runs in it: what was stopped is asked for whatever it says.
  const stopped = last === null && warm ? await raiseStopped(place, { incident, asset: name, region }, shell) : {};
  if (last === null && warm) {
    const answer = await visitPage(url, shell);
    if (answer !== null) {
      const raised =
        place.workload === undefined ? [] : await growNodes(place, { incident, asset: name, region }, shell);
      return { cluster, answers: answer.status, ...(raised.length > 0 && { raised }), ...stopped };
    }
  }
  const isFollowed = of !== null && last !== null && !last.failed;
  const build = isFollowed ? { task: last.task, ...(await followBuild(last, of, shell)) } : null;
  const move = nextForCluster(place, await seeCluster(region, place), build);
  switch (move.next) {
    case 'give-up':
      throw new CannotProceed(`cluster ${cluster} cannot take over: ${move.why}`);
    case 'wait':
      throw waiting(build, `cluster ${cluster} has not taken over yet: ${move.why}${logOf(build)}`);
    case 'raise': {
      await raise(cluster, move, { incident, asset: name, region }, shell);
      throw new InProgress(`node group ${move.group} was asked to run ${move.desired} nodes`);
    }
    case 'rebuild':
    case 'scale': {
      if (of === null) throw new CannotProceed(`the plan has no build for cluster ${cluster}`);
      const id = await beginBuild(move.next, last, of, shell);
      throw waiting({ task: move.next }, `build ${id} was started: ${move.next} of cluster ${cluster}`);
    }
    case 'done':
      return {
        ...(await page()),
        ...(build === null ? {} : { way: build.task, seconds: build.phases, log: build.log, told: build.told }),
      };
  }
});

type Raised = Extract<NextOfCluster, { next: 'raise' }>;
type Concerned = { readonly incident: RegionIncident; readonly asset: string; readonly region: string };

async function raise(
  cluster: string,
  { group, had, desired, most }: Raised,
  of: Concerned,
  shell: Shell,
): Promise<void> {
  const { incident, asset, region } = of;
  const call = {
    step: `take-over/${asset}`,
    call: 'eks:UpdateNodegroupConfig',
    target: group,
    region,
    change: { before: `${had} nodes are asked for`, wanted: `${desired} nodes are asked for` },
    continues: givingUp,
  };
  await act(incident, call, shell, () => setNodes(region, cluster, group, { desired, most }));
}

/**
 * A warm cluster that answers may have fewer nodes than the gate will want: it serves nobody yet, and an autoscaler has taken them. They are
 * asked for now, and come while the rest goes on. What cannot be asked for holds nothing here: the gate says what is missing.
 */
async function growNodes({ rebuild: _, ...place }: ClusterPlace, of: Concerned, shell: Shell): Promise<string[]> {
  const raised: string[] = [];
  const { scale } = place;
  if (scale === undefined) return raised;
  try {
    const seen = await seeCluster(of.region, place);
    for (const group of scale.nodeGroups) {
      const move = nextForCluster({ ...place, scale: { ...scale, nodeGroups: [group], deployments: [] } }, seen, null);
      if (move.next !== 'raise') continue;
      await raise(place.cluster, move, of, shell);
      raised.push(group.name);
    }
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    shell.log.warn('nodes were not asked for', { asset: of.asset, why: error.message });
  }
  return raised;
}

/** A rebuild takes from half an hour to hours, and is asked after each minute. */
function waiting(build: { readonly task: string } | null, words: string): Error {
  return build?.task === 'rebuild' ? new Restoring(words) : new InProgress(words);
}

function logOf(build: Followed | null): string {
  return build === null || build.log === null ? '' : `. Log: ${build.log}`;
}
