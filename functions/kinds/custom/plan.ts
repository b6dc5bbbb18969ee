// What a plan says of a `custom` asset: the Lambdas of the user's that move what Breakwater has no kind for. Each stands in
// both main regions under one name, and keeps the contract in docs/custom-kind.md.
import * as z from 'zod';
import { kindOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { functionName } from '../../domain/plan/names.ts';
import { customVerbs, rights } from './rights.ts';

export const custom = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('custom'),
    functions: z
      .partialRecord(z.enum(customVerbs), functionName)
      .refine((named) => Object.keys(named).length > 0, `a Lambda for one of ${customVerbs.join(', ')} at least`),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver', 'take-over': 'by-waiver', verify: 'by-waiver' },
    knows: (verb, { functions }) => Object.hasOwn(functions, verb),
    checks: ['functions'],
    leaves: { 'lambda:Invoke': (target, region) => `${target} was called in ${region}, and what it did stays` },
    services: ['lambda'],
    standsIn: (_, { functions }) => Object.values(functions),
    rights,
  },
);
