// What the functions of an `eks-cluster` may do.
import { type About, type KindRights, startsShifts } from '../../domain/rights.ts';

export function rights({ shifted }: About<unknown>): KindRights {
  return { verbs: { 'leave-zone': startsShifts(shifted), 'take-over': { may: [] } } };
}
