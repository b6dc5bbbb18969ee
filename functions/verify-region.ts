// Desired state: the region that takes over serves, past the DNS record, and its database takes writes. The gate before
// users are sent there.
import { describeDatabase } from './aws/database.ts';
import { works } from './domain/database-status.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { databaseIn } from './shared/estate.ts';
import { RegionStepInput } from './shared/flow.ts';
import { passesInARow } from './shared/health.ts';
import { step } from './shared/shell.ts';

/** Called again until both were seen at once. No waiver leaves this out. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  const { standby: region } = incident;
  const { plan, now } = shell;
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) throw new CannotProceed(`the plan names no health page of ${region}`);
  const database = databaseIn(region, plan);
  const seen = await describeDatabase(region, database);
  if (seen === null) throw new CannotProceed(`database ${database} is not in ${region}`);
  if (seen.replicaOf !== null) throw new CannotProceed(`database ${database} is a replica and takes no writes`);
  if (!works(seen.status)) throw new InProgress(`database ${database} is ${seen.status}`);
  const { healthPassesNeeded: needed } = plan.service;
  const passes = await passesInARow(url, shell);
  if (passes < needed) throw new InProgress(`${url} passed ${passes} of ${needed} times in a row`);
  return { region, database, writable: true, passes, verifiedAt: now() };
});
