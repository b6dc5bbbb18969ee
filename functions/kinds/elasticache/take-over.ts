// Desired state: the cache of the region that takes over takes writes.

import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { act, givingUp, lastCallAt } from '../../shared/act.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { type RegionIncident, RegionVerbInput } from '../../shared/flow.ts';
import { reach } from '../../shared/reach.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeCache, describeGlobalCache, failOverGlobalCache } from './aws.ts';
import { nextCacheTakeover } from './moves.ts';

/** Called again until the global datastore's primary was seen in the region. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset: name }, shell) => {
  const asset = assetNamed(name, 'elasticache', shell.plan);
  const { replicationGroup: group } = placeOf(asset, incident.standby);
  const { globalDatastore: datastore } = asset;
  return datastore === null ? emptyCache(group, incident) : takeOver({ name, datastore, group }, incident, shell);
});

type Member = { readonly name: string; readonly datastore: string; readonly group: string };

async function takeOver({ name, datastore, group }: Member, incident: RegionIncident, shell: Shell) {
  const { standby: region } = incident;
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
  await act(incident, call, shell, () => failOverGlobalCache(region, datastore, group));
  throw new InProgress(`cache ${group} was asked to take over`);
}

/** Without a global datastore the cache starts empty, where there is one. */
async function emptyCache(group: string, { standby: region }: RegionIncident) {
  const seen = await describeCache(region, group);
  if (seen?.status === 'available') return { cache: group, moved: false, empty: true };
  // Its place: a restore from a copied snapshot comes in a later version.
  throw new CannotProceed(
    `cache ${group} does not stand in ${region}: it needs a person, restores come in a later version`,
  );
}
