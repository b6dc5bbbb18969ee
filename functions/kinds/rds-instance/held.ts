// Which instance a database is in a region: the one that the plan names, or the one that was restored in its place.
import type { AssetOf } from '../../domain/assets.ts';
import { placeOf } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';

/** What the plan says of a database in a region, with the name of the instance that it is now. Without a restore in the plan nothing is looked up. @throws CannotProceed, Unavailable. */
export async function heldIn(asset: AssetOf<'rds-instance'>, region: string, { store }: Pick<Shell, 'store'>) {
  const place = placeOf(asset, region);
  if (place.restore === undefined) return place;
  const holder = (await store.readHolders()).find((one) => one.asset === asset.name && one.region === region);
  return holder === undefined ? place : { ...place, instance: holder.instance };
}

/** The name of that instance alone. @throws CannotProceed, Unavailable. */
export async function instanceIn(
  asset: AssetOf<'rds-instance'>,
  region: string,
  shell: Pick<Shell, 'store'>,
): Promise<string> {
  return (await heldIn(asset, region, shell)).instance;
}
