// What the functions of a `load-balancer` may do.
import { type About, type KindRights, seesShifts, startsShifts } from '../../domain/kind/rights.ts';

export function rights({ shifted }: About<unknown>): KindRights {
  return {
    verbs: { 'leave-zone': startsShifts(shifted) },
    looks: { 'check-readiness': [seesShifts('SeeBalancerShifts', shifted)] },
  };
}
