// Looks at consumers: whether they could be switched off and on, and whether they are where they have to be. Changes nothing.
import { faultStatus } from '../../aws/calls/faults.ts';
import { keyState, trustOf } from '../../aws/looking/lookups.ts';
import { createServerFinder } from '../../aws/workloads/clusters.ts';
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import { type AssetOf, assetsOf } from '../../domain/plan/assets.ts';
import type { KindSeen, Leaving, Open } from '../../domain/recovery/predict.ts';
import { type CheckResult, unread } from '../../domain/recovery/readiness.ts';
import { unknownRoles } from '../../domain/types.ts';
import { createAsker, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeConsumer, seeFromOutside } from './aws.ts';
import { consumersReady, consumersSeen, type Looked } from './rules/assess.ts';
import { type Consumer, type ConsumerSeen, consumersOf, isCounted, isInCluster } from './rules/listed.ts';
import { inTurn } from './seen/in-turn.ts';

type Consumers = AssetOf<'consumers'>;

export async function seeConsumers(leaving: Leaving, shell: Shell): Promise<KindSeen> {
  const { standby, target, fenced, mode } = leaving;
  const { ask, unanswered } = createAsker();
  const all = assetsOf('consumers', shell.plan).map(async (asset) => {
    const [there, open] = await Promise.all([
      ask(lookAt(asset, standby, shell)),
      fenced.includes(asset.name) ? null : openIn(asset, target, shell),
    ]);
    return { asset: asset.name, there, open };
  });
  const observed = await Promise.all(all);
  // A region that is lost does not answer; of one that is left by plan nobody would know whether its consumers can be switched off.
  const hidden = mode === 'switchover' && observed.some(({ open }) => open?.reachable === false);
  return { ...consumersSeen(observed, leaving), unanswered: unanswered() || hidden };
}

/** Both regions are looked at, each by its own stack. */
export async function consumersAreReady(asset: Consumers, shell: Shell): Promise<CheckResult> {
  const { region, store } = shell;
  const { primary, epoch } = await store.readStanding(region);
  if (epoch === unknownRoles.epoch) return unread('the record of the roles');
  const unseen: string[] = [];
  const find = createServerFinder();
  const look = async (one: Consumer): Promise<Looked[]> => {
    const looked = describeConsumer(region, one, shell.now(), find).then(async (seen) => [
      {
        one,
        seen: seen === null || seen.fixed !== null ? seen : { ...seen, fixed: await whyUnusable(one, seen, region) },
      },
    ]);
    return looked.catch((error: unknown) => {
      // A cluster that is not reached from here says nothing, and holds nothing: the fence asks from the plan's network.
      if (!isInCluster(one) || !(error instanceof Unavailable) || faultStatus(error.cause) !== null) throw error;
      unseen.push(one.words);
      return [];
    });
  };
  const looked = await Promise.all(consumersOf(placeOf(asset, region)).map(look));
  return consumersReady(looked.flat(), region, primary === region, unseen);
}

/**
 * Why Scheduler would refuse a schedule that is written back, or run nothing: its role is gone or lets Scheduler not take it, or its key is of no use. Null
 * where nothing of that is known: IAM stands in one region, which may be the one that is lost.
 */
async function whyUnusable(one: Consumer, seen: ConsumerSeen, region: string): Promise<string | null> {
  if (one.what !== 'schedule' || isCounted(seen)) return null;
  const [trust, key] = await Promise.all([
    trustOf(one.role).catch((error: unknown) => {
      if (error instanceof Unavailable) return undefined;
      throw error;
    }),
    seen.key === undefined ? null : keyState(region, seen.key).then((state) => ({ state })),
  ]);
  if (trust === null) return `its role ${one.role} does not exist`;
  if (trust !== undefined && !trust.includes('scheduler.amazonaws.com'))
    return `its role ${one.role} is none that Scheduler may take`;
  return key === null || key.state === 'Enabled' ? null : `its key ${seen.key} is ${key.state ?? 'not there'}`;
}

/** Of what runs in a cluster it is asked whether that is there: whoever looks before a failover runs in no network. */
async function lookAt(asset: Consumers, region: string, { now }: Shell): Promise<Looked[]> {
  const find = createServerFinder();
  const look = (one: Consumer) =>
    isInCluster(one) ? seeFromOutside(region, one, find) : describeConsumer(region, one, now());
  const answered = await inTurn(consumersOf(placeOf(asset, region)), look);
  return answered.map(({ one, seen }) => {
    if (seen instanceof Error) throw seen;
    return { one, seen };
  });
}

/** Why those of a region cannot be switched off now; null where they can. */
async function openIn(asset: Consumers, region: string, shell: Shell): Promise<Open | null> {
  try {
    const fixed = (await lookAt(asset, region, shell)).flatMap(({ one, seen }) =>
      seen === null || seen.fixed === null ? [] : [`${one.words}: ${seen.fixed}`],
    );
    return fixed.length === 0 ? null : { asset: asset.name, reachable: true, why: fixed.join(', ') };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    return { asset: asset.name, reachable: error instanceof CannotProceed, why: error.message };
  }
}
