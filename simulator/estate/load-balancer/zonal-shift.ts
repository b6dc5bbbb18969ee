// ARC zonal shift: starts, extends, cancels and lists shifts, and shows what a managed resource is shifted away from.
import * as z from 'zod';
import { type Answers, noteMutation, type Parts, read } from '../apis/answer.ts';
import { zonesOf } from '../faults/faults.ts';
import { invalid, type Shift } from './shifts.ts';

const resource = z.looseObject({ resourceIdentifier: z.string() });
const start = resource.extend({ awayFrom: z.string(), expiresIn: z.string(), comment: z.string() });
const named = z.looseObject({ zonalShiftId: z.string() });
const update = named.extend({ expiresIn: z.string().optional(), comment: z.string().optional() });
const list = z.looseObject({
  resourceIdentifier: z.string().optional(),
  status: z.enum(['ACTIVE', 'EXPIRED', 'CANCELED']).optional(),
});

/** A zonal shift lasts at most three days. */
const longestSeconds = 259_200;

export const arcZonalShift: Answers = {
  GetManagedResource(call, parts) {
    const found = parts.shifts.resource(read(resource, call).resourceIdentifier, call.region);
    const active = parts.shifts.list(call.region).filter((shift) => shift.resource === found && isActive(shift, parts));
    const autoshifts = parts.shifts.autoshifts(found);
    const applied = parts.shifts.applied(found);
    const weights = zonesOf(parts.world.plan, call.region).map((zone) => [zone, applied?.zone === zone ? 0 : 1]);
    const appliedStatus = (shift: object): string => (shift === applied ? 'APPLIED' : 'NOT_APPLIED');
    return {
      arn: found.arn,
      name: found.name,
      appliedWeights: Object.fromEntries(weights),
      zonalShifts: active.map((shift) => {
        const { status: _status, ...shown } = summary(shift, parts);
        return { ...shown, ...ofType(shift), appliedStatus: appliedStatus(shift) };
      }),
      autoshifts: autoshifts.map((shift) => ({
        appliedStatus: appliedStatus(shift),
        awayFrom: shift.zone,
        startTime: new Date(shift.startedAt),
      })),
      zonalAutoshiftStatus: 'ENABLED',
    };
  },
  ListZonalShifts(call, parts) {
    const asked = read(list, call);
    const found = parts.shifts.list(call.region).filter((shift) => {
      const wanted = asked.resourceIdentifier === undefined || shift.resource.arn === asked.resourceIdentifier;
      return wanted && (asked.status === undefined || parts.shifts.status(shift) === asked.status);
    });
    return { items: found.map((shift) => ({ ...summary(shift, parts), ...ofType(shift) })) };
  },
  StartZonalShift(call, parts) {
    const asked = read(start, call);
    const found = parts.shifts.resource(asked.resourceIdentifier, call.region);
    const seconds = expirySeconds(asked.expiresIn);
    const shift = parts.shifts.start(found, asked.awayFrom, seconds, asked.comment, call.caller);
    noteMutation(call, parts, found.arn, asked.awayFrom);
    return summary(shift, parts);
  },
  UpdateZonalShift(call, parts) {
    const asked = read(update, call);
    const shift = parts.shifts.find(asked.zonalShiftId, call.region);
    const seconds = asked.expiresIn === undefined ? null : expirySeconds(asked.expiresIn);
    parts.shifts.update(shift, seconds, asked.comment ?? null);
    noteMutation(call, parts, shift.resource.arn, shift.zone);
    return summary(shift, parts);
  },
  CancelZonalShift(call, parts) {
    const shift = parts.shifts.find(read(named, call).zonalShiftId, call.region);
    parts.shifts.cancel(shift);
    noteMutation(call, parts, shift.resource.arn, shift.zone);
    return summary(shift, parts);
  },
};

function isActive(shift: Shift, parts: Parts): boolean {
  return parts.shifts.status(shift) === 'ACTIVE';
}

function summary(shift: Shift, parts: Parts): Record<string, unknown> {
  return {
    zonalShiftId: shift.id,
    resourceIdentifier: shift.resource.arn,
    awayFrom: shift.zone,
    startTime: new Date(shift.startedAt),
    expiryTime: new Date(shift.expiresAt),
    status: parts.shifts.status(shift),
    comment: shift.comment,
  };
}

/** In lists alone; only a practice run has an outcome. */
function ofType({ type, outcome }: Shift): Record<string, unknown> {
  return { shiftType: type, practiceRunOutcome: outcome ?? undefined };
}

/** Seconds of an expiry such as 60m or 2h. */
function expirySeconds(expiresIn: string): number {
  const [, count, unit] = /^([1-9]\d*)([mh])$/.exec(expiresIn) ?? [];
  const seconds = Number(count) * (unit === 'h' ? 3600 : 60);
  if (count === undefined || seconds > longestSeconds) {
    throw invalid('InvalidExpiresIn', `expiresIn is ${expiresIn}, expected minutes or hours such as 60m, at most 72h`);
  }
  return seconds;
}
