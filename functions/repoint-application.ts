// Desired state: the application in the region that takes over finds the database and the cache that stand there.
import { describeCache } from './aws/cache.ts';
import { describeDatabase } from './aws/database.ts';
import { readParameter, writeParameter } from './aws/parameters.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { act } from './shared/act.ts';
import { cacheIn, databaseIn } from './shared/estate.ts';
import { RegionStepInput } from './shared/flow.ts';
import { type Shell, step } from './shared/shell.ts';
import { readWaiver } from './shared/waivers.ts';

type Endpoints = Readonly<Record<Shell['plan']['parameters'][number]['value'], string | null>>;

/** Called again until every parameter was read as it has to be; writes those that are not. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  const waived = await readWaiver(incident, 'RepointApplication', shell);
  if (waived !== null) return waived;
  const { standby: region } = incident;
  const endpoints = await endpointsIn(region, shell);
  const wanted = shell.plan.parameters.map(({ name, value }) => {
    const endpoint = endpoints[value];
    if (endpoint === null) throw new CannotProceed(`${region} has no ${value} for parameter ${name}`);
    return { name, endpoint };
  });
  const current = await Promise.all(wanted.map(({ name }) => readParameter(region, name)));
  const wrong = wanted.filter(({ endpoint }, index) => current[index] !== endpoint);
  for (const { name, endpoint } of wrong) {
    const call = { step: 'repoint-application', call: 'ssm:PutParameter', target: name, region };
    await act(incident, call, shell, () => writeParameter(region, name, endpoint));
  }
  if (wrong.length > 0) throw new InProgress(`${wrong.map(({ name }) => name).join(', ')} were written`);
  return { parameters: Object.fromEntries(wanted.map(({ name, endpoint }) => [name, endpoint])) };
});

async function endpointsIn(region: string, { plan }: Shell): Promise<Endpoints> {
  const [database, cache] = await Promise.all([
    describeDatabase(region, databaseIn(region, plan)),
    describeCache(region, cacheIn(region, plan)),
  ]);
  return { 'database-endpoint': database?.endpoint ?? null, 'cache-endpoint': cache?.endpoint ?? null };
}
