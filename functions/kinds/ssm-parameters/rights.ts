// What the functions of `ssm-parameters` may do.
import { type About, acts, arnIn, type KindRights, names, together } from '../../domain/kind/rights.ts';

type Named = { readonly parameters: readonly { readonly name: string }[] };

export function rights({ assets }: About<Named>): KindRights {
  const on = assets.flatMap(({ parameters }) =>
    parameters.map(({ name }) => arnIn('ssm', `\${AWS::Region}`, `parameter${name}`)),
  );
  const see = { sid: 'SeeSettings', actions: ['ssm:GetParameter'], on };
  const repoint = { sid: 'Repoint', actions: ['ssm:GetParameter', 'ssm:PutParameter'], on };
  return {
    verbs: { 'take-over': { state: together(acts, names), may: [repoint], finds: true } },
    looks: { assess: [see], 'check-readiness': [see] },
  };
}
