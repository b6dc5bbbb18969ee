// Desired state: the application in the region that takes over finds the database and the cache that stand there.
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed } from '../../shared/estate.ts';
import { act, givingUp } from '../../shared/recovery/act.ts';
import { RegionVerbInput } from '../../shared/recovery/flow.ts';
import { reach } from '../../shared/recovery/reach.ts';
import { addressIn } from '../looks.ts';
import { whySealed } from './assess.ts';
import { readParameter, writeParameter } from './aws.ts';

/** Called again until every parameter was read as it has to be; writes those that are not. */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const { parameters } = assetNamed(asset, 'ssm-parameters', shell.plan);
  // Users wait: nothing here needs the answer of another one of it.
  const wanted = await Promise.all(
    parameters.map(async ({ name, endpointOf }) => {
      const [endpoint, seen] = await Promise.all([addressIn(region, endpointOf, shell), readParameter(region, name)]);
      if (endpoint === null) throw new CannotProceed(`${endpointOf} has no address in ${region} for parameter ${name}`);
      return { name, endpoint, seen };
    }),
  );
  const sealed = wanted.flatMap(({ name, seen }) => whySealed(region, { name, type: seen?.type ?? null }) ?? []);
  if (sealed.length > 0) throw new CannotProceed(sealed.join('; '));
  const wrong = wanted.filter(({ endpoint, seen }) => seen?.value !== endpoint);
  const writes = wrong.map(({ name, endpoint, seen }) => {
    const change = { before: hostWords(seen?.value ?? null), wanted: endpoint };
    const call = { step: `take-over/${asset}`, call: 'ssm:PutParameter', target: name, region, change };
    return act(incident, { ...call, continues: givingUp }, shell, () =>
      writeParameter(region, name, endpoint, seen !== null),
    );
  });
  // One that fails ends no other half way.
  for (const write of await Promise.allSettled(writes)) if (write.status === 'rejected') throw write.reason;
  if (wrong.length > 0) throw new InProgress(`${wrong.map(({ name }) => name).join(', ')} were written`);
  return { parameters: Object.fromEntries(wanted.map(({ name, endpoint }) => [name, endpoint])) };
});

/** The record is read by many: what is no address is not told. */
function hostWords(value: string | null): string {
  if (value === null) return 'is not there';
  return /^[\w.-]{1,255}(:\d{1,5})?$/.test(value) ? value : 'something that is no address';
}
