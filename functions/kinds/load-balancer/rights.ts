// What the functions of a `load-balancer` may do.
import { type About, acts, type KindRights, shiftRight } from '../../domain/rights.ts';

export function rights({ shifted }: About<unknown>): KindRights {
  return {
    verbs: {
      'leave-zone': {
        state: acts,
        may: [shiftRight('StartShifts', ['GetManagedResource', 'StartZonalShift'], shifted)],
      },
    },
  };
}
