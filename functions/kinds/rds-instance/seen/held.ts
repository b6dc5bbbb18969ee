// Which instance a database is in a region: the one that the plan names, or the one that was restored in its place.

import { CannotProceed } from '../../../domain/errors.ts';
import { day } from '../../../domain/page/page-times.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import type { Holder } from '../../../domain/record/store.ts';
import { type CheckResult, notReady } from '../../../domain/recovery/readiness.ts';
import { placeOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { isClosed } from '../moves.ts';
import { restoreNames } from '../rules/restored.ts';

type Database = AssetOf<'rds-instance'>;
type Place = Database['regions'][string];

/**
 * What the plan says of a database in a region, with the name of the instance that it is now. Without a restore in the plan nothing is looked up.
 * @throws CannotProceed where record and plan disagree about that: a person has to say which, for the wrong one would be fenced or promoted; Unavailable.
 */
export async function heldIn(asset: Database, region: string, { store }: Pick<Shell, 'store'>): Promise<Place> {
  const place = placeOf(asset, region);
  if (place.restore === undefined) return place;
  const holder = (await store.readHolders()).find((one) => one.asset === asset.name && one.region === region);
  const holds = holding(place, holder);
  if (!('disputed' in holds)) return { ...place, instance: holds.instance };
  const { instance, execution, at } = holds.disputed;
  const since = `since ${day(at)} (${execution})`;
  throw new CannotProceed(
    `which instance ${asset.name} is in ${region} is not known: the record says ${instance} ${since}, and the plan names ${place.instance} by now. ${wayOut}`,
  );
}

const wayOut = 'A person says which: docs/runbook.md#after-a-restore';

/**
 * Which instance it is, by the plan and the record alone. What was restored holds the place while the plan names what it did then. Where the plan
 * names that one, it has caught up. Where it names a third one, nobody but a person can tell. Pure.
 */
export function holding(
  place: Pick<Place, 'instance' | 'restore'>,
  holder: Holder | undefined,
): { readonly instance: string } | { readonly disputed: Holder } {
  const { instance = null, instead } = holder ?? {};
  if (holder === undefined || instance === null || instance === place.instance) return { instance: place.instance };
  // Of a record that does not say what the plan named, the plan's names for a restore are all there is to go by.
  const names = place.restore === undefined ? [] : restoreNames(place.restore);
  const stands = instead === undefined ? names.includes(instance) : instead === place.instance;
  return stands ? { instance } : { disputed: holder };
}

/**
 * Keeps which instance is a database in a region from now on. Whoever said so before may have had a clock that is ahead: what is said later
 * counts all the same.
 */
export async function hold(holder: Omit<Holder, 'at'>, { store, now }: Pick<Shell, 'store' | 'now'>): Promise<void> {
  const before = (await store.readHolders()).find(
    ({ asset, region }) => asset === holder.asset && region === holder.region,
  );
  await store.keepHolder({ ...holder, at: Math.max(now(), (before?.at ?? 0) + 1) });
}

/** The name of that instance alone. @throws CannotProceed, Unavailable. */
export async function instanceIn(asset: Database, region: string, shell: Pick<Shell, 'store'>): Promise<string> {
  return (await heldIn(asset, region, shell)).instance;
}

/**
 * What is wrong where something else than the plan's instance holds the place: it is not there any more, renamed or deleted; or what was set
 * aside for it on the way home admits clients again. Null where nothing is.
 */
export async function heldInVain(asset: Database, region: string, shell: Shell): Promise<CheckResult | null> {
  const { instance } = await heldIn(asset, region, shell);
  const { instance: planned } = placeOf(asset, region);
  if (instance === planned) return null;
  if ((await describeDatabase(region, instance)) === null)
    return notReady(
      `${instance}, which was restored in place of ${planned} and is ${asset.name} in ${region} by the record, is not there. ${wayOut}`,
    );
  return asideIsOpen(asset, { region, instance }, shell);
}

/** Terraform of the user's, or a person, may have given it its groups back: whoever knows its old address would write there. */
async function asideIsOpen(
  asset: Database,
  { region, instance }: { readonly region: string; readonly instance: string },
  { store }: Shell,
): Promise<CheckResult | null> {
  const rejoin = await store.readRejoin(asset.name, region);
  if (rejoin === null || rejoin.instance !== instance || rejoin.old === instance) return null;
  const old = await describeDatabase(region, rejoin.old);
  if (old === null || old.replicaOf !== null) return null;
  if (isClosed(old.groups, placeOf(asset, region).securityGroups?.closed)) return null;
  return notReady(
    `${rejoin.old} in ${region}, which was set aside on the way home, admits clients: give it its closed group back, or delete it`,
  );
}
