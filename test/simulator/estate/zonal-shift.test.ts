// ARC of the estate: of several shifts one is applied, AWS ends what AWS began, and what it refuses has a reason.
import { expect, test } from 'vitest';
import { balancersIn } from '../../../functions/shared/estate.ts';
import { plan } from '../../plan.ts';
import { account, primary, type Rehearsal, rehearse } from './rehearsal.ts';

const balancer = `arn:aws:elasticloadbalancing:${primary}:${account}:loadbalancer/${balancersIn(plan.roles.primary, plan)[0]}`;
const [one, two] = ['use1-az1', 'use1-az2'] as const;

function start(rehearsal: Rehearsal, awayFrom: string, change: Record<string, unknown> = {}) {
  const input = { resourceIdentifier: balancer, awayFrom, expiresIn: '60m', comment: 'breakwater', ...change };
  return rehearsal.call('arc-zonal-shift', 'StartZonalShift', input);
}

/** Every active shift of the balancer: what began it, the zone, and whether it is applied. */
async function shifts(rehearsal: Rehearsal): Promise<string[]> {
  const input = { resourceIdentifier: balancer };
  const { zonalShifts, autoshifts } = await rehearsal.call('arc-zonal-shift', 'GetManagedResource', input);
  const shown = (type: string, { awayFrom, appliedStatus }: Record<string, string>) =>
    `${type} ${awayFrom} ${appliedStatus}`;
  return [
    ...zonalShifts.map((shift: Record<string, string>) => shown(shift['shiftType'] ?? '', shift)),
    ...autoshifts.map((shift: Record<string, string>) => shown('AUTOSHIFT', shift)),
  ];
}

function arcEvents(rehearsal: Rehearsal): string[] {
  return rehearsal.events
    .filter(({ source, resources }) => source === 'aws.arc-zonal-shift' && resources.includes(balancer))
    .map((event) => event['detail-type']);
}

const autoshift = (zone: string, forSeconds = 1500) => ({ id: 'auto', kind: 'autoshift', zone, forSeconds }) as const;
const practice = (zone: string) => ({ id: 'practice', kind: 'practice-run', zone }) as const;

test('AWS ends its autoshift by itself, and traffic goes back into the zone', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject(autoshift(one));
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth().shiftedZones).toEqual([one]);
  await rehearsal.pass(1300);
  expect(rehearsal.estate.truth().shiftedZones).toEqual([]);
  expect(arcEvents(rehearsal)).toEqual(['Autoshift In Progress', 'Autoshift Completed']);
});

test('a customer’s shift beside an autoshift is the one that is applied, and outlives it', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject(autoshift(one));
  await rehearsal.pass(300);
  await start(rehearsal, one);
  expect(await shifts(rehearsal)).toEqual([`ZONAL_SHIFT ${one} APPLIED`, `AUTOSHIFT ${one} NOT_APPLIED`]);
  await rehearsal.pass(1300);
  expect(await shifts(rehearsal)).toEqual([`ZONAL_SHIFT ${one} APPLIED`]);
  expect(rehearsal.estate.truth().shiftedZones).toEqual([one]);
});

test('a customer’s shift away from another zone leaves an autoshift without effect: traffic goes where AWS moved it out', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: one });
  rehearsal.estate.inject(autoshift(one));
  await rehearsal.pass(300);
  await start(rehearsal, two);
  expect(await shifts(rehearsal)).toEqual([`ZONAL_SHIFT ${two} APPLIED`, `AUTOSHIFT ${one} NOT_APPLIED`]);
  await rehearsal.pass(300);
  expect(rehearsal.estate.truth()).toMatchObject({ shiftedZones: [two], served: false });
  const { appliedWeights } = await rehearsal.call('arc-zonal-shift', 'GetManagedResource', {
    resourceIdentifier: balancer,
  });
  expect(appliedWeights).toEqual({ [one]: 1, [two]: 0, 'use1-az4': 1 });
});

test('an autoshift beside a customer’s shift is not applied', async () => {
  const rehearsal = await rehearse();
  await start(rehearsal, two);
  rehearsal.estate.inject(autoshift(one));
  expect(await shifts(rehearsal)).toEqual([`ZONAL_SHIFT ${two} APPLIED`, `AUTOSHIFT ${one} NOT_APPLIED`]);
});

test('a shift that expires lets the autoshift beside it have its effect', async () => {
  const rehearsal = await rehearse();
  await start(rehearsal, two, { expiresIn: '5m' });
  rehearsal.estate.inject(autoshift(one));
  await rehearsal.pass(310);
  expect(await shifts(rehearsal)).toEqual([`AUTOSHIFT ${one} APPLIED`]);
  expect(rehearsal.estate.truth().shiftedZones).toEqual([one]);
});

test('clients leave the zone of an autoshift only when it is applied, as slowly as ever', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject({ id: 'grey', kind: 'zone-impaired', zone: one });
  await start(rehearsal, two, { expiresIn: '5m' });
  rehearsal.estate.inject(autoshift(one));
  await rehearsal.pass(301);
  const atOnce = rehearsal.estate.truth().successRatio;
  await rehearsal.pass(130);
  expect(atOnce).toBeLessThan(rehearsal.estate.truth().successRatio - 0.05);
});

test('a practice run lasts half an hour and succeeds', async () => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject(practice(two));
  expect(await shifts(rehearsal)).toEqual([`PRACTICE_RUN ${two} APPLIED`]);
  await rehearsal.pass(1810);
  expect(await shifts(rehearsal)).toEqual([]);
  const { items } = await rehearsal.call('arc-zonal-shift', 'ListZonalShifts', { resourceIdentifier: balancer });
  expect(items).toMatchObject([{ shiftType: 'PRACTICE_RUN', status: 'EXPIRED', practiceRunOutcome: 'SUCCEEDED' }]);
  expect(arcEvents(rehearsal)).toEqual(['Practice Run Started', 'Practice Run Succeeded']);
});

test.for<[string, (rehearsal: Rehearsal) => Promise<void>, string]>([
  [
    'a customer’s shift',
    async (rehearsal: Rehearsal) => void (await start(rehearsal, one)),
    `ZONAL_SHIFT ${one} APPLIED`,
  ],
  ['an autoshift', async (rehearsal: Rehearsal) => rehearsal.estate.inject(autoshift(one)), `AUTOSHIFT ${one} APPLIED`],
])('%s interrupts a practice run', async ([, begin, seen]) => {
  const rehearsal = await rehearse();
  rehearsal.estate.inject(practice(two));
  await rehearsal.pass(60);
  await begin(rehearsal);
  expect(await shifts(rehearsal)).toEqual([seen]);
  expect(arcEvents(rehearsal).slice(0, 2)).toEqual(['Practice Run Started', 'Practice Run Interrupted']);
  await rehearsal.pass(2000);
  expect(arcEvents(rehearsal)).not.toContain('Practice Run Succeeded');
});

test('a practice run does not begin where traffic is shifted already', async () => {
  const rehearsal = await rehearse();
  await start(rehearsal, one);
  rehearsal.estate.inject(practice(two));
  expect(await shifts(rehearsal)).toEqual([`ZONAL_SHIFT ${one} APPLIED`]);
});

test.for([
  ['no ARN', { resourceIdentifier: 'app/chatops' }, 'ValidationException', 'InvalidResourceIdentifier', 400],
  ['an expiry of seconds', { expiresIn: '90s' }, 'ValidationException', 'InvalidExpiresIn', 400],
  ['an expiry of four days', { expiresIn: '96h' }, 'ValidationException', 'InvalidExpiresIn', 400],
  ['the name of a zone', { awayFrom: 'us-east-1a' }, 'ValidationException', 'InvalidAz', 400],
  ['no zone', { awayFrom: undefined }, 'ValidationException', 'MissingValue', 400],
  [
    'a resource that is not managed',
    { resourceIdentifier: `arn:aws:eks:${primary}:${account}:cluster/another` },
    'ResourceNotFoundException',
    undefined,
    404,
  ],
] as const)('ARC refuses a shift with %s, and says why', async ([, change, name, reason, httpStatusCode]) => {
  const rehearsal = await rehearse(1, 0);
  const refused = await start(rehearsal, one, change).catch((error: unknown) => error);
  expect(refused).toMatchObject({ name, $metadata: { httpStatusCode } });
  expect((refused as { reason?: string }).reason).toBe(reason);
  expect(rehearsal.estate.mutations()).toEqual([]);
});

test('ARC says which shift is in the way, and which one is over', async () => {
  const rehearsal = await rehearse(1, 0);
  const { zonalShiftId } = await start(rehearsal, one);
  const conflict = (reason: string) => ({
    name: 'ConflictException',
    reason,
    zonalShiftId,
    $metadata: { httpStatusCode: 409 },
  });
  await expect(start(rehearsal, two)).rejects.toMatchObject(conflict('ZonalShiftAlreadyExists'));
  await rehearsal.call('arc-zonal-shift', 'CancelZonalShift', { zonalShiftId });
  for (const operation of ['CancelZonalShift', 'UpdateZonalShift'])
    await expect(rehearsal.call('arc-zonal-shift', operation, { zonalShiftId })).rejects.toMatchObject(
      conflict('ZonalShiftStatusNotActive'),
    );
});

test.for([
  ['throttle', 'ThrottlingException', 429],
  ['deny', 'AccessDeniedException', 403],
  ['internal', 'InternalServerException', 500],
] as const)('a call of ARC that fails by %s is %s (%i), as its model says', async ([error, name, httpStatusCode]) => {
  const rehearsal = await rehearse(1, 0);
  const fault = { id: 'arc', kind: 'api-failure', service: 'arc-zonal-shift', operation: '*' } as const;
  rehearsal.estate.inject({ ...fault, error });
  await expect(start(rehearsal, one)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
});
