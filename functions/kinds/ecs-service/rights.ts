// What the functions of an `ecs-service` may do.
import { type About, acts, arnIn, fences, heeds, type KindRights, together, waived } from '../../domain/kind/rights.ts';

export function rights({ here, there, standing }: About<unknown>): KindRights {
  const services = (region: string) => standing(region).map((service) => arnIn('ecs', region, `service/${service}`));
  const on = services(here);
  const see = { sid: 'SeeService', actions: ['ecs:DescribeServices'], on };
  const raise = { sid: 'RaiseTasks', actions: ['ecs:UpdateService'], on };
  return {
    verbs: {
      'take-over': { state: acts, may: [see, raise] },
      'fence-late': {
        state: together(waived, acts, heeds, fences),
        may: [
          { ...see, on: services(there) },
          { sid: 'LowerTasks', actions: ['ecs:UpdateService'], on: services(there) },
        ],
      },
    },
    looks: { assess: [see], 'check-readiness': [see] },
  };
}
