// Desired state: the application in the region that takes over finds the database and the cache that stand there.
import { describeCache } from '../../aws/cache.ts';
import { describeDatabase } from '../../aws/database.ts';
import { readParameter, writeParameter } from '../../aws/parameters.ts';
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { act } from '../../shared/act.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { RegionVerbInput } from '../../shared/flow.ts';
import { type Shell, step } from '../../shared/shell.ts';
import { readWaiver } from '../../shared/waivers.ts';

/** Called again until every parameter was read as it has to be; writes those that are not. */
export const handler = step(RegionVerbInput, async ({ incident, asset }, shell) => {
  const waived = await readWaiver(incident, 'TakeOver', shell, asset);
  if (waived !== null) return waived;
  const { standby: region } = incident;
  const { parameters } = assetNamed(asset, 'ssm-parameters', shell.plan);
  const wanted = await Promise.all(
    parameters.map(async ({ name, endpointOf }) => {
      const endpoint = await endpointIn(region, endpointOf, shell);
      if (endpoint === null) throw new CannotProceed(`${endpointOf} has no address in ${region} for parameter ${name}`);
      return { name, endpoint };
    }),
  );
  const current = await Promise.all(wanted.map(({ name }) => readParameter(region, name)));
  const wrong = wanted.filter(({ endpoint }, index) => current[index] !== endpoint);
  for (const { name, endpoint } of wrong) {
    const call = { step: `take-over/${asset}`, call: 'ssm:PutParameter', target: name, region };
    await act(incident, call, shell, () => writeParameter(region, name, endpoint));
  }
  if (wrong.length > 0) throw new InProgress(`${wrong.map(({ name }) => name).join(', ')} were written`);
  return { parameters: Object.fromEntries(wanted.map(({ name, endpoint }) => [name, endpoint])) };
});

/** Where an asset is found in a region; null where it does not say, or is not there. */
async function endpointIn(region: string, name: string, { plan }: Shell): Promise<string | null> {
  const asset = plan.assets.find((one) => one.name === name);
  if (asset?.kind === 'rds-instance')
    return (await describeDatabase(region, placeOf(asset, region).instance))?.endpoint ?? null;
  if (asset?.kind === 'elasticache')
    return (await describeCache(region, placeOf(asset, region).replicationGroup))?.endpoint ?? null;
  return null;
}
