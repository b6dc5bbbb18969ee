// The deployments of a cluster that the plan has numbers of: how many replicas each is asked to run, and asking for none of them, or for the
// plan's number. Node groups are left as they are.
import { apiServer } from '../../aws/workloads/clusters.ts';
import { type ApiServer, readScale, setReplicas } from '../../aws/workloads/kubernetes.ts';
import { CannotProceed, InProgress, Unavailable } from '../../domain/errors.ts';
import type { Change } from '../../domain/record/store.ts';
import { lowerersOf, type Rivals, wakersOf } from '../../domain/rivals.ts';
import { holdsFence } from '../../shared/fencing/fence-lock.ts';
import type { Stopped } from '../../shared/fencing/stop-late.ts';
import { act, callsOf, givingUp } from '../../shared/recovery/act.ts';
import type { RegionIncident } from '../../shared/recovery/flow.ts';
import { seeRivals } from '../../shared/rivals.ts';
import type { Shell } from '../../shared/shell.ts';
import { nextNone, type Scaled } from './moves.ts';
import { type ClusterPlace, type Deployment, deploymentsIn, nameOf } from './says/rebuild-plan.ts';

/** So many calls are made in one run of a function; the next run makes the next ones. */
const mostCalls = 8;

/** What a step does about them. `asset`: of the cluster, `region`: where it stands. */
type Of = { readonly incident: RegionIncident; readonly asset: string; readonly region: string };

/** What else scales the deployments of a cluster, and what keeps their pods. */
export function seeRivalsIn(server: ApiServer, place: ClusterPlace): Promise<Rivals> {
  return seeRivals(server, namespacesIn(place), { budgets: true });
}

/** All of them at once; null where there is no such cluster. @throws Unavailable, CannotProceed, InProgress. */
export async function seeDeployments(
  region: string,
  place: ClusterPlace,
): Promise<{ readonly server: ApiServer; readonly all: readonly Scaled[] } | null> {
  const server = await apiServer(region, place.cluster);
  if (server === null) return null;
  const looked = deploymentsIn(place).map(async (one) => ({ one, seen: await readScale(server, one) }));
  return { server, all: await Promise.all(looked) };
}

/** In the record, the call that scales a deployment. */
function callOf(step: string, cluster: string, one: Deployment, region: string) {
  return { step, call: 'kubernetes:PatchScale', target: `${cluster}/${nameOf(one)}`, region };
}

function replicasChange(seen: Scaled['seen'], wanted: number): Change {
  const before = seen === null ? 'is not there' : `${seen.running} of ${seen.wanted} replicas run`;
  return { before, wanted: `${wanted} replicas run` };
}

/**
 * Asks for none of any that still runs. One that cannot be stopped costs itself: the others are.
 * @throws InProgress until none runs, CannotProceed where a person has to look, Unavailable where EKS does not answer there.
 */
export async function stopDeployments(
  place: ClusterPlace,
  { incident, asset, region }: Of,
  shell: Shell,
): Promise<Stopped> {
  const { cluster } = place;
  if (deploymentsIn(place).length === 0) return { stopped: false, why: 'the plan has no numbers of its deployments' };
  const server = await apiServer(region, cluster);
  if (server === null) return { stopped: true, why: `cluster ${cluster} is not there` };
  const step = `fence/${asset}`;
  const calls = (await callsOf(incident, shell)).filter((past) => past.step === step && past.region === region);
  const failed: string[] = [];
  const pending: string[] = [];
  let made = 0;
  const looked = deploymentsIn(place).map(async (one) => ({ one, seen: await orLine(readScale(server, one)) }));
  const rivals = await seeRivals(server, namespacesIn(place));
  for (const { one, seen } of await Promise.all(looked)) {
    // What would start it again is told, and it is stopped all the same.
    failed.push(...wakersOf(one, rivals));
    if (typeof seen === 'string') {
      failed.push(seen);
      continue;
    }
    const past = calls.filter(({ target }) => target === `${cluster}/${nameOf(one)}`).map(({ at }) => at);
    const move = nextNone(seen, past, shell.now());
    if (move.next === 'give-up') failed.push(`deployment ${nameOf(one)}: ${move.why}`);
    if (move.next === 'wait') pending.push(`deployment ${nameOf(one)}: ${move.why}`);
    if (move.next !== 'lower') continue;
    if (made >= mostCalls) {
      pending.push(`deployment ${nameOf(one)} is asked next`);
      continue;
    }
    made += 1;
    pending.push(`deployment ${nameOf(one)} was asked to run none`);
    const call = { ...callOf(step, cluster, one, region), change: replicasChange(seen, 0), watches: holdsFence };
    const asked = await orLine(act(incident, call, shell, () => setReplicas(server, one, 0)));
    if (typeof asked === 'string') failed.push(asked);
  }
  // What refuses is told while the others are stopped, and after.
  if (failed.length > 0) throw new CannotProceed(failed.join('; '));
  if (pending.length > 0) throw new InProgress(pending.join('; '));
  const unseen =
    rivals.unseen === null ? '' : `; it is not known whether something starts them again: ${rivals.unseen}`;
  return { stopped: true, why: `none of its deployments runs a replica${unseen}` };
}

/** What an API server that is not reached says, or one that says no: a region that answers otherwise waits for a person. */
async function orLine<Answer>(asked: Promise<Answer>): Promise<Answer | string> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CannotProceed || error instanceof Unavailable) return error.message;
    throw error;
  }
}

/**
 * Asks for the plan's number of each that stands at none: a late stop has put it there, or a person. More than none is left as it is. What cannot
 * be asked for holds nothing here: the gate says what is missing. Gives what was asked for, and why something was not.
 */
export async function raiseStopped(
  place: ClusterPlace,
  { incident, asset, region }: Of,
  shell: Shell,
): Promise<{ readonly deployments?: readonly string[]; readonly notRaised?: string }> {
  if (deploymentsIn(place).length === 0) return {};
  const raised: string[] = [];
  const failed: string[] = [];
  const found = await orLine(seeDeployments(region, place).catch(whereMade));
  if (typeof found === 'string') failed.push(found);
  const { server, all } = found === null || typeof found === 'string' ? noDeployments : found;
  const stopped = all.filter(({ seen }) => seen?.wanted === 0).map(({ one }) => one);
  if (server !== null && stopped.length > 0) {
    const rivals = await seeRivals(server, namespacesIn(place));
    failed.push(...stopped.flatMap((one) => lowerersOf(one, one.replicas, rivals)));
  }
  for (const { one, seen } of all) {
    if (seen === null) failed.push(`deployment ${nameOf(one)} of cluster ${place.cluster} is not there`);
    if (server === null || seen?.wanted !== 0) continue;
    const change = replicasChange(seen, one.replicas);
    const call = { ...callOf(`take-over/${asset}`, place.cluster, one, region), change, continues: givingUp };
    const asked = await orLine(act(incident, call, shell, () => setReplicas(server, one, one.replicas)));
    if (typeof asked === 'string') failed.push(asked);
    else raised.push(nameOf(one));
  }
  if (failed.length > 0) shell.log.warn('deployments were not raised', { asset, why: failed.join('; ') });
  return {
    ...(raised.length > 0 && { deployments: raised }),
    ...(failed.length > 0 && { notRaised: failed.join('; ') }),
  };
}

function namespacesIn(place: ClusterPlace): string[] {
  return deploymentsIn(place).map(({ namespace }) => namespace);
}

const noDeployments = { server: null, all: [] as readonly Scaled[] };

/** A cluster that is still made has no API server, and nothing in it that stands at none. */
function whereMade(error: unknown): null {
  if (error instanceof InProgress) return null;
  throw error;
}
