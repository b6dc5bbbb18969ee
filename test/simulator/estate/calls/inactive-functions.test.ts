// Functions that were idle for weeks: which calls fail, under which name, and for how long after the first.
import { expect, test } from 'vitest';
import { type InactiveError, inactiveErrors } from '../../../../simulator/estate/calls/inactive-functions.ts';
import { faultSchema } from '../../../../simulator/playing/scenario.ts';
import { primary, rehearse, standby } from '../rehearsal.ts';

async function idle(fields: { functions?: string[]; region?: string; error?: InactiveError; forSeconds?: number }) {
  const rehearsal = await rehearse(1, 60);
  rehearsal.estate.inject({ id: 'idle', kind: 'functions-inactive', ...fields });
  const told = (name = 'rds-instance-leave-zone', region = primary) =>
    rehearsal.estate.invocationRefusal(name, region)?.name ?? null;
  return { ...rehearsal, told };
}

test('the first call finds a function inactive, the next ones find it pending, and after a time it runs', async () => {
  const { told, pass } = await idle({});
  const answers: (string | null)[] = [];
  for (let second = 0; second <= 110; second += 10) {
    answers.push(told());
    await pass(10);
  }
  const pending = answers.filter((name) => name === 'Lambda.ResourceConflictException').length;
  expect(pending).toBeGreaterThanOrEqual(3);
  expect(answers).toEqual([
    'Lambda.ResourceNotReadyException',
    ...Array(pending).fill('Lambda.ResourceConflictException'),
    ...Array(11 - pending).fill(null),
  ]);
  expect(pending).toBeLessThanOrEqual(10);
  await pass(3600);
  expect(told()).toBeNull();
});

test('a function that nobody calls does not wake', async () => {
  const { told, pass } = await idle({});
  await pass(600);
  expect(told()).toBe('Lambda.ResourceNotReadyException');
});

test('each function wakes by its own first call', async () => {
  const { told, pass } = await idle({});
  told('rds-instance-leave-zone');
  await pass(120);
  expect(told('rds-instance-leave-zone')).toBeNull();
  expect(told('elasticache-leave-zone')).toBe('Lambda.ResourceNotReadyException');
});

test.for([
  ['all of the primary region', {}, [true, true, false]],
  ['one of them', { functions: ['elasticache-leave-zone'] }, [false, true, false]],
  ['those of the standby', { region: standby }, [false, false, true]],
] as const)('idle are %s', async ([, fields, expected]) => {
  const { told } = await idle({
    ...fields,
    functions: 'functions' in fields ? [...fields.functions] : undefined,
  } as never);
  expect(
    [told('rds-instance-leave-zone'), told('elasticache-leave-zone'), told('elasticache-leave-zone', standby)].map(
      (name) => name !== null,
    ),
  ).toEqual(expected);
});

const lasting = ['EC2AccessDeniedException', 'ENILimitReachedException', 'SubnetIPAddressLimitReachedException'];

test.for(inactiveErrors.map((error) => [error, !lasting.includes(error)] as const))(
  '%s passes by itself: %s',
  async ([error, passes]) => {
    const { estate, told, pass } = await idle({ error });
    expect(told()).toBe(`Lambda.${error}`);
    await pass(3600);
    expect(told()).toBe(passes ? null : `Lambda.${error}`);
    estate.heal('idle');
    expect(told()).toBeNull();
  },
);

test('nothing is told of functions in use', async () => {
  const { estate } = await rehearse(1, 60);
  expect(estate.invocationRefusal('rds-instance-leave-zone', primary)).toBeNull();
});

test.for([
  ['no function', { functions: [] }, false],
  ['another error', { error: 'ServiceException' }, false],
  ['two functions and an error', { functions: ['notify', 'classify'], error: 'ENINotReadyException' }, true],
] as const)('a scenario with %s is read: %o', ([, fields, valid]) => {
  expect(faultSchema.safeParse({ id: 'idle', kind: 'functions-inactive', ...fields }).success).toBe(valid);
});
