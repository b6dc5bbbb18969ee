// What a plan says of `ssm-parameters`: what the application reads to find the other assets, in the region that takes over.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { parameterName } from '../../domain/names.ts';

export const ssmParameters = z.strictObject({
  ...assetKeys,
  kind: z.literal('ssm-parameters'),
  /** `endpointOf`: the name of the asset whose address it holds. */
  parameters: z.array(z.strictObject({ name: parameterName, endpointOf: z.string().min(1) })).min(1),
});
