// The output shapes of ARC zonal shift, in the SDK's notation: its package is not among the dependencies. A test compares them
// with the service's model where that is on the machine.
const [text, time, number] = [0, 4, 1];

const enums = {
  applied: { APPLIED: 'APPLIED', NOT_APPLIED: 'NOT_APPLIED' },
  shiftType: {
    ZONAL_SHIFT: 'ZONAL_SHIFT',
    PRACTICE_RUN: 'PRACTICE_RUN',
    FIS_EXPERIMENT: 'FIS_EXPERIMENT',
    ZONAL_AUTOSHIFT: 'ZONAL_AUTOSHIFT',
  },
  outcome: {
    FAILED: 'FAILED',
    INTERRUPTED: 'INTERRUPTED',
    PENDING: 'PENDING',
    SUCCEEDED: 'SUCCEEDED',
    CAPACITY_CHECK_FAILED: 'CAPACITY_CHECK_FAILED',
  },
  status: { ACTIVE: 'ACTIVE', EXPIRED: 'EXPIRED', CANCELED: 'CANCELED' },
  autoshift: { ENABLED: 'ENABLED', DISABLED: 'DISABLED' },
  control: { CLOUDWATCH: 'CLOUDWATCH' },
} as const;

type Members = Readonly<Record<string, unknown>>;

function structure(name: string, members: Members): readonly unknown[] {
  return [3, 'arc-zonal-shift', name, 0, Object.keys(members), Object.values(members)];
}
const listOf = (element: unknown): readonly unknown[] => [1, 'arc-zonal-shift', 'List', 0, element];
const mapOf = (value: unknown): readonly unknown[] => [2, 'arc-zonal-shift', 'Map', 0, text, value];
const operation = (name: string, output: unknown): readonly unknown[] => [9, 'arc-zonal-shift', name, 0, text, output];

const shift = { zonalShiftId: text, resourceIdentifier: text, awayFrom: text, expiryTime: time, startTime: time };
const run = { comment: text, shiftType: text, practiceRunOutcome: text };
const zonalShift = structure('ZonalShift', { ...shift, status: text, comment: text });
const zonalShiftSummary = structure('ZonalShiftSummary', { ...shift, status: text, ...run });
const zonalShiftInResource = structure('ZonalShiftInResource', { appliedStatus: text, ...shift, ...run });
const autoshiftInResource = structure('AutoshiftInResource', { appliedStatus: text, awayFrom: text, startTime: time });
const controlCondition = structure('ControlCondition', { type: text, alarmIdentifier: text });
const practiceRunConfiguration = structure('PracticeRunConfiguration', {
  blockingAlarms: listOf(controlCondition),
  outcomeAlarms: listOf(controlCondition),
  blockedWindows: listOf(text),
  allowedWindows: listOf(text),
  blockedDates: listOf(text),
});

export const zonalShiftShapes = {
  schemas: {
    GetManagedResource$: operation(
      'GetManagedResource',
      structure('GetManagedResourceResponse', {
        arn: text,
        name: text,
        appliedWeights: mapOf(number),
        zonalShifts: listOf(zonalShiftInResource),
        autoshifts: listOf(autoshiftInResource),
        practiceRunConfiguration,
        zonalAutoshiftStatus: text,
      }),
    ),
    ListZonalShifts$: operation(
      'ListZonalShifts',
      structure('ListZonalShiftsResponse', { items: listOf(zonalShiftSummary), nextToken: text }),
    ),
    StartZonalShift$: operation('StartZonalShift', zonalShift),
    UpdateZonalShift$: operation('UpdateZonalShift', zonalShift),
    CancelZonalShift$: operation('CancelZonalShift', zonalShift),
  },
  enums: {
    'AutoshiftInResource.appliedStatus': enums.applied,
    'ControlCondition.type': enums.control,
    'GetManagedResourceResponse.zonalAutoshiftStatus': enums.autoshift,
    'ZonalShift.status': enums.status,
    'ZonalShiftInResource.appliedStatus': enums.applied,
    'ZonalShiftInResource.practiceRunOutcome': enums.outcome,
    'ZonalShiftInResource.shiftType': enums.shiftType,
    'ZonalShiftSummary.practiceRunOutcome': enums.outcome,
    'ZonalShiftSummary.shiftType': enums.shiftType,
    'ZonalShiftSummary.status': enums.status,
  },
} as const;
