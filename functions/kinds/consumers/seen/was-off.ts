// What people had switched off in the region that was given up, before its fence: the plan says that it is on where it takes over, and
// people may have had a reason.
import { assetNamed, placeOf } from '../../../shared/estate.ts';
import type { RegionIncident } from '../../../shared/recovery/flow.ts';
import type { Shell } from '../../../shared/shell.ts';
import { consumersOf, pairOf } from '../rules/listed.ts';
import { readBefore } from '../switching.ts';

/** In words for people; null where nothing was off, or where nobody could look: a region that was lost did not say. */
export async function offBefore(incident: RegionIncident, asset: string, shell: Shell): Promise<string | null> {
  const { region, standby } = incident;
  const consumers = assetNamed(asset, 'consumers', shell.plan);
  const before = await readBefore(incident, `fence/${asset}`, shell);
  const there = new Set(consumersOf(placeOf(consumers, standby)).map(pairOf));
  const off = consumersOf(placeOf(consumers, region)).filter((one) => {
    const stood = before.get(one.id);
    return stood?.on === false && stood.state !== 'not there' && there.has(pairOf(one));
  });
  if (off.length === 0) return null;
  const named = off.map(({ words }) => words).join(', ');
  return `${named} WAS OFF in ${region} before it was given up, and is on in ${standby} now: switch it off there if it has to stay off`;
}
