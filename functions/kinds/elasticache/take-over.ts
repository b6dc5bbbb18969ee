// Desired state: the cache of the region that takes over takes writes: as a member of its global datastore, as a new group made from
// the newest export, or empty.
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import type { AssetOf } from '../../domain/plan/assets.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { act, givingUp, lastCallAt } from '../../shared/recovery/act.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeCache, describeGlobalCache, failOverGlobalCache } from './aws/groups.ts';
import { nextCacheTakeover } from './moves.ts';
import { takeOverAnew } from './restoring.ts';

/** Called again until a group takes writes in the region. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset: name }, shell) => {
  const asset = assetNamed(name, 'elasticache', shell.plan);
  const { replicationGroup: group, restore } = placeOf(asset, incident.standby);
  if (restore !== undefined) return takeOverAnew(asset, incident, takeOver, shell);
  return asset.globalDatastore === null ? emptyCache(group, incident) : takeOver(asset, incident, shell);
});

async function takeOver(asset: AssetOf<'elasticache'>, incident: RegionIncident, shell: Shell) {
  const { standby: region } = incident;
  const { name, globalDatastore: datastore } = asset;
  const { replicationGroup: group } = placeOf(asset, region);
  if (datastore === null) throw new CannotProceed(`cache ${name} is in no global datastore`);
  const call = {
    step: `take-over/${name}`,
    call: 'elasticache:FailoverGlobalReplicationGroup',
    target: datastore,
    region,
    continues: givingUp,
  };
  const seen = await describeGlobalCache(region, datastore);
  if (seen === null) throw new CannotProceed(`global datastore ${datastore} does not exist`);
  const member = seen.members.find((one) => one.region === region && one.group === group);
  if (member === undefined) throw new CannotProceed(`cache ${group} in ${region} is no member of ${datastore}`);
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextCacheTakeover({ datastore: seen.status, ...member }, calledAt, shell.now());
  if (move.next === 'done') return { cache: group, moved: calledAt !== null, empty: false };
  if (move.next === 'give-up') throw new CannotProceed(`cache ${group} cannot take over: ${move.why}`);
  if (move.next === 'wait') throw new InProgress(`cache ${group} has not taken over yet: ${move.why}`);
  const writer = seen.members.find(({ primary }) => primary);
  const change = {
    before: `${seen.status}, ${writer === undefined ? 'no member is primary' : `${writer.group} in ${writer.region} is primary`}`,
    wanted: `${group} in ${region} is primary`,
  };
  await act(incident, { ...call, change }, shell, () => failOverGlobalCache(region, datastore, group));
  throw new InProgress(`cache ${group} was asked to take over`);
}

/** Without a global datastore the cache starts empty, where there is one. */
async function emptyCache(group: string, { standby: region }: RegionIncident) {
  const seen = await describeCache(region, group);
  if (seen?.status === 'available') return { cache: group, moved: false, empty: true };
  throw new CannotProceed(
    `cache ${group} does not stand in ${region}, and the plan has no restore there: it needs a person to make one`,
  );
}
