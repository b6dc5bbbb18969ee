// What a plan says of a `custom` asset: the Lambdas of the user's that move what Breakwater has no kind for. Each stands in
// both main regions under one name, and keeps the contract in docs/custom-kind.md.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { functionName } from '../../domain/names.ts';

/** The verbs that a Lambda of the user's may do. A fence is none of them: what may stay unfenced is asked about by kind. */
export const customVerbs = ['leave-zone', 'take-over', 'verify'] as const;
export type CustomVerb = (typeof customVerbs)[number];

export const custom = z.strictObject({
  ...assetKeys,
  kind: z.literal('custom'),
  functions: z
    .partialRecord(z.enum(customVerbs), functionName)
    .refine((functions) => Object.keys(functions).length > 0, `a Lambda for one of ${customVerbs.join(', ')} at least`),
});
