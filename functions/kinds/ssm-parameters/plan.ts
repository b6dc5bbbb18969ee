// What a plan says of `ssm-parameters`: what the application reads to find the other assets, in the region that takes over.
import * as z from 'zod';
import { kindOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { must } from '../../domain/plan/issues.ts';
import { parameterName } from '../../domain/plan/names.ts';
import { oneOf } from '../../domain/words/nearest.ts';
import { rights } from './rights.ts';

export const ssmParameters = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('ssm-parameters'),
    /** `endpointOf`: the name of the asset whose address it holds. */
    parameters: z.array(z.strictObject({ name: parameterName, endpointOf: z.string().min(1) })).min(1),
  }),
  {
    verbs: { 'take-over': 'by-waiver' },
    checks: ['settings'],
    leaves: { 'ssm:PutParameter': (target, region) => `${target} in ${region} holds an address of that region` },
    services: ['ssm'],
    standsIn: (_, { parameters }) => parameters.map(({ name }) => name),
    rights,
    /** What the application reads may be written by a flow; the addresses of channels are secrets, which only messages need. */
    wrongIn: ({ parameters, needs }, path, { addressed, names, secret }) =>
      parameters.flatMap(({ name, endpointOf }, index) => [
        ...must(
          !name.startsWith(secret),
          `${path}.parameters.${index}.name`,
          name,
          `a name that does not begin with ${secret}`,
        ),
        ...must(
          // What it needs and is no asset is said of what it needs.
          addressed.includes(endpointOf) || (needs.includes(endpointOf) && !names.includes(endpointOf)),
          `${path}.parameters.${index}.endpointOf`,
          endpointOf,
          addressed.length === 0
            ? 'one of the databases and caches, of which there are none'
            : oneOf(addressed, endpointOf),
        ),
      ]),
  },
);
