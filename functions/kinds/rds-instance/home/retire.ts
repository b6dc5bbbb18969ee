// A person says that the plan's own instance is the database of a region again, and what was restored in its place is not.
import { InvalidInput, LockHeld } from '../../../domain/errors.ts';
import { assetsOf } from '../../../domain/plan/assets.ts';
import type { Plan } from '../../../domain/plan/plan.ts';
import { oneOf } from '../../../domain/words/nearest.ts';
import { peerOf } from '../../../shared/estate.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import { isClosed } from '../moves.ts';
import { works } from '../rules/status.ts';
import { hold } from '../seen/held.ts';

/** What a person says: `instance` is named so that nobody says it of another one by mistake. */
export type Retired = {
  readonly asset: string;
  readonly region: string;
  readonly instance: string;
  readonly by: string;
  readonly reason: string;
};

/** What the plan says of the place, by the plan alone. @throws InvalidInput where it names no such database, region or instance. */
export function expectPlanned({ asset: name, region, instance }: Omit<Retired, 'by' | 'reason'>, plan: Plan) {
  const databases = assetsOf('rds-instance', plan);
  const asset = databases.find((one) => one.name === name);
  if (asset === undefined) {
    const names = databases.map((one) => one.name);
    const expected = names.length === 0 ? 'a database of the plan, which has none' : oneOf(names, name);
    throw new InvalidInput(`ASSET: is ${name}, expected ${expected}`);
  }
  const place = asset.regions[region];
  if (place === undefined)
    throw new InvalidInput(`REGION: is ${region}, expected ${oneOf(Object.keys(asset.regions), region)}`);
  if (instance !== place.instance)
    throw new InvalidInput(
      `INSTANCE: is ${instance}, expected ${place.instance}, which the plan names for ${name} in ${region}: bring plan.yml up to date first`,
    );
  return place;
}

/**
 * From then on the plan's name counts there. Only where that instance takes writes, or follows what does, and while no flow has the region: what is
 * fenced is no database that anybody should be sent to. Gives what held the place before; null where nothing did.
 * @throws InvalidInput, LockHeld, CannotProceed, Unavailable.
 */
export async function retireRestored(retired: Retired, shell: Shell): Promise<string | null> {
  const { asset: name, region, instance, by, reason } = retired;
  const { store, plan, log } = shell;
  if (by === '' || reason === '') throw new InvalidInput('this needs a name and a reason');
  const place = expectPlanned(retired, plan);
  for (const one of [region, peerOf(region, plan) ?? region]) {
    const { lock } = await store.readStanding(one);
    if (lock !== null)
      throw new LockHeld(`${lock.execution} works on ${one}: which instance is which does not change meanwhile`);
  }
  const holder = (await store.readHolders()).find((one) => one.asset === name && one.region === region);
  if (holder === undefined || holder.instance === null) return null;
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new InvalidInput(`${instance}: is not in ${region}, expected a database that is there`);
  if (!works(seen.status)) throw new InvalidInput(`${instance}: is ${seen.status}, expected a database that works`);
  if (isClosed(seen.groups, place.securityGroups?.closed))
    throw new InvalidInput(`${instance}: is fenced, expected a database that applications use`);
  const { instance: before } = holder;
  await hold({ asset: name, region, instance: null, instead: instance, execution: `${by}: ${reason}` }, shell);
  log.warn('the plan names the database again', { asset: name, region, instance, before, by, reason });
  return before;
}
