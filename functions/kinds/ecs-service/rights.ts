// What the functions of an `ecs-service` may do.
import { type About, acts, arnIn, type KindRights } from '../../domain/rights.ts';

export function rights({ here, standing }: About<unknown>): KindRights {
  const on = standing(here).map((service) => arnIn('ecs', here, `service/${service}`));
  const see = { sid: 'SeeService', actions: ['ecs:DescribeServices'], on };
  const raise = { sid: 'RaiseTasks', actions: ['ecs:UpdateService'], on };
  return {
    verbs: { 'take-over': { state: acts, may: [see, raise] } },
    looks: { assess: [see], 'check-readiness': [see] },
  };
}
