// What the functions of an `eks-cluster` may do.
import { type About, acts, type KindRights, shiftRight, waived } from '../../domain/rights.ts';

export function rights({ shifted }: About<unknown>): KindRights {
  return {
    verbs: {
      'leave-zone': {
        state: acts,
        may: [shiftRight('StartShifts', ['GetManagedResource', 'StartZonalShift'], shifted)],
      },
      'take-over': { state: waived, may: [] },
    },
  };
}
