// Looks at databases: whether they can take over, whether they are ready to, and where they are found. Changes nothing.
import { type AssetOf, assetsOf } from '../../domain/assets.ts';
import type { KindSeen, Leaving } from '../../domain/predict.ts';
import type { Verdict } from '../../domain/readiness.ts';
import type { LastLag } from '../../domain/region-record.ts';
import { ifAnswered, placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { type DatabaseObserved, databasesSeen, lagReady, replicaReady, type WriterObserved } from './assess.ts';
import { describeDatabase } from './aws.ts';
import { instanceIn } from './held.ts';
import { lastKnownLag, lastLag } from './lag.ts';

type Database = AssetOf<'rds-instance'>;

/** The replicas, and whether what takes writes now could be reached to be fenced. */
export async function seeDatabases(leaving: Leaving, { plan }: Shell): Promise<KindSeen> {
  const { target, standby, aliveAt, calledAt = {} } = leaving;
  const assets = assetsOf('rds-instance', plan);
  const [writers, databases] = await Promise.all([
    Promise.all(assets.map((asset) => seeWriter(asset, target))),
    Promise.all(assets.map((asset) => observe(asset, standby, aliveAt, calledAt[asset.name] ?? null))),
  ]);
  return databasesSeen(databases, writers, leaving);
}

async function seeWriter(asset: Database, region: string): Promise<WriterObserved> {
  const answer = await ifAnswered(describeDatabase(region, placeOf(asset, region).instance).then((seen) => ({ seen })));
  return { asset: asset.name, status: answer === null ? undefined : (answer.seen?.status ?? null) };
}

async function observe(
  asset: Database,
  standby: string,
  aliveAt: number,
  calledAt: number | null,
): Promise<DatabaseObserved> {
  const { instance } = placeOf(asset, standby);
  const [replica, lag, lagWhenCalled] = await Promise.all([
    ifAnswered(describeDatabase(standby, instance)),
    ifAnswered(lastKnownLag({ region: standby, instance }, aliveAt)),
    calledAt === null ? null : ifAnswered(lastKnownLag({ region: standby, instance }, calledAt)),
  ]);
  return {
    asset: asset.name,
    replica:
      replica === null
        ? null
        : { status: replica.status, isReplica: replica.replicaOf !== null, replicating: replica.replicating },
    lag,
    lagWhenCalled,
  };
}

export async function replicaIsReady(asset: Database, { region }: Shell): Promise<Verdict> {
  const { instance } = placeOf(asset, region);
  return replicaReady(instance, await describeDatabase(region, instance), asset);
}

export async function lagIsReady(asset: Database, { region, plan, now }: Shell): Promise<Verdict> {
  const { instance } = placeOf(asset, region);
  return lagReady(await lastLag({ region, instance }, now()), plan, now());
}

/** Where applications find it; null where it is not there, or has no address. */
export async function databaseAddress(asset: Database, region: string, shell: Shell): Promise<string | null> {
  return (await describeDatabase(region, await instanceIn(asset, region, shell)))?.endpoint ?? null;
}

/** How far its replica was behind before its writes ended. */
export function lagWhenLost(asset: Database, standby: string, writesEndedAt: number): Promise<LastLag> {
  return lastKnownLag({ region: standby, instance: placeOf(asset, standby).instance }, writesEndedAt);
}
