// What the functions of `custom` may do: ask the Lambdas of the user's that do their verb, and no others.
import { type About, acts, arnIn, type KindRight, type KindRights } from '../../domain/kind/rights.ts';

/** The verbs that a Lambda of the user's may do. A fence is none of them: what may stay unfenced is asked about by kind. */
export const customVerbs = ['leave-zone', 'take-over', 'verify'] as const;
export type CustomVerb = (typeof customVerbs)[number];

type Named = { readonly functions: Readonly<Partial<Record<CustomVerb, string>>> };

export function rights({ assets }: About<Named>): KindRights {
  const ask = (...verbs: readonly CustomVerb[]): KindRight => ({
    sid: 'Ask',
    actions: ['lambda:InvokeFunction'],
    on: assets
      .flatMap(({ functions }) => verbs.flatMap((verb) => functions[verb] ?? []))
      .map((name) => arnIn('lambda', `\${AWS::Region}`, `function:${name}`)),
  });
  return {
    verbs: {
      'leave-zone': { state: acts, may: [ask('leave-zone')] },
      'take-over': { state: acts, may: [ask('take-over')] },
      verify: { may: [ask('verify')] },
    },
    looks: { 'check-readiness': [ask(...customVerbs)] },
  };
}
