// Looks whether traffic could leave a zone of this region: whether zonal shift is enabled on all of an asset that is shifted. Changes nothing.
import { isManaged } from '../../aws/traffic/zonal-shift.ts';
import { type Asset, shiftedIn } from '../../domain/plan/assets.ts';
import { type CheckResult, shiftReady } from '../../domain/recovery/readiness.ts';
import type { Shell } from '../shell.ts';

export async function isShiftable(asset: Asset, { region, account }: Shell): Promise<CheckResult> {
  const looked = shiftedIn(region, account, asset).map(async (resource) => ({
    resource,
    managed: await isManaged(region, resource),
  }));
  return shiftReady(await Promise.all(looked));
}
