// Desired state: the database of the region that takes over takes writes. Part of the gate before users are sent there.
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { describeDatabase } from './aws/instances.ts';
import { works } from './rules/status.ts';
import { instanceIn } from './seen/held.ts';

/** Called again until it works. No waiver leaves this out. @throws CannotProceed where it is a replica, not there, or of no use. */
export const handler = reach('verify', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const named = assetNamed(asset, 'rds-instance', shell.plan);
  const database = await instanceIn(named, region, shell);
  const seen = await describeDatabase(region, database);
  if (seen === null) throw new CannotProceed(`database ${database} is not in ${region}`);
  if (seen.replicaOf !== null) throw new CannotProceed(`database ${database} is a replica and takes no writes`);
  if (!works(seen.status)) throw new InProgress(`database ${database} is ${seen.status}`);
  const proven = { database, writable: true };
  if (named.data === undefined) return { ...proven, verifiedAt: shell.now() };
  const { expectUsable } = await import('./sql/usable.ts'); // not bundled for a plan that has no database asked (bundling.ts)
  const used = await expectUsable(named, { ...seen, region }, incident, shell);
  return { ...proven, verifiedAt: shell.now(), used };
});
