// Fails a Multi-AZ database over on purpose, for a drill, and sees that it stands in the other zone afterwards.
import { CannotProceed, Unavailable } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import type { Shell } from '../../shared/shell.ts';
import { describeDatabase, rebootWithFailover } from './aws/instances.ts';
import { instanceIn } from './seen/held.ts';

/** @throws CannotProceed where it is not there, works not, or has no other zone; InvalidInput, Unavailable */
export async function databaseToStrike(asset: string, region: string, shell: Shell) {
  const instance = await instanceIn(assetNamed(asset, 'rds-instance', shell.plan), region, shell);
  const seen = await describeDatabase(region, instance);
  if (seen === null) throw new CannotProceed(`database ${instance} is not in ${region}`);
  if (seen.status !== 'available')
    throw new CannotProceed(`database ${instance} is ${seen.status}, expected available`);
  if (!seen.multiAz) throw new CannotProceed(`database ${instance} has no standby in another zone`);
  if (seen.zoneName === null) throw new CannotProceed(`RDS does not say in which zone database ${instance} is`);
  const begin = () => failDatabaseOver(instance, region);
  return { call: 'rds:RebootDBInstance', target: instance, struck: seen.zoneName, begin };
}

/** RDS ends it by itself. @throws Unavailable where the database is changing, CannotProceed */
async function failDatabaseOver(instance: string, region: string): Promise<void> {
  if (!(await rebootWithFailover(region, instance)))
    throw new Unavailable(`database ${instance} is changing already`, { refused: true });
}

/** `struck`: the zone that it was in. */
export async function databaseIsWhole(
  asset: string,
  region: string,
  struck: string,
  shell: Shell,
): Promise<string | null> {
  const instance = await instanceIn(assetNamed(asset, 'rds-instance', shell.plan), region, shell);
  const seen = await describeDatabase(region, instance);
  if (seen === null) return `database ${instance} is not there any more`;
  if (seen.zoneName === struck) return `database ${instance} still stands in ${struck}`;
  return seen.status === 'available' ? null : `database ${instance} is ${seen.status}`;
}
