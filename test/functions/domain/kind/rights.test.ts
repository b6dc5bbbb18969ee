// The words in which a kind says what its functions may do.
import { expect, test } from 'vitest';
import { namesOf } from '../../../../functions/domain/kind/kind.ts';
import { heardOfKinds, readerOfKind } from '../../../../functions/domain/kind/kind-signals.ts';
import {
  acts,
  arnIn,
  seesShifts,
  shiftRight,
  startsShifts,
  together,
} from '../../../../functions/domain/kind/rights.ts';
import { error, warning } from '../../../../functions/domain/kind/stability.ts';

test('several partitions together name each once, in their order', () => {
  expect(together()).toEqual({});
  expect(together({ get: ['b', 'a'] }, { get: ['a'], put: ['c'] }, { query: [] })).toEqual({
    ...{ get: ['a', 'b'], put: ['c'], query: [] },
  });
});

test('an ARN is of the account and the partition of the stack, also of what stands in no region', () => {
  const account = ['$', '{AWS::AccountId}'].join('');
  const partition = ['$', '{AWS::Partition}'].join('');
  expect(arnIn('rds', 'us-east-1', 'db:x')).toBe(`arn:${partition}:rds:us-east-1:${account}:db:x`);
  expect(arnIn('iam', '', 'role/x')).toBe(`arn:${partition}:iam::${account}:role/x`);
});

test('a right to shift is bound to what is shifted', () => {
  const onlyIf = ['StringEquals', 'arc-zonal-shift:ResourceIdentifier', ['arn:a']];
  expect(shiftRight('Sid', ['StartZonalShift', 'GetManagedResource'], ['arn:a'])).toEqual({
    ...{ sid: 'Sid', on: '*', onlyIf },
    actions: ['arc-zonal-shift:StartZonalShift', 'arc-zonal-shift:GetManagedResource'],
  });
  expect(seesShifts('See', ['arn:a'])).toEqual({
    ...{ sid: 'See', on: '*', onlyIf, actions: ['arc-zonal-shift:GetManagedResource'] },
  });
  expect(startsShifts(['arn:a'])).toEqual({
    state: acts,
    may: [
      {
        ...{ sid: 'StartShifts', on: '*', onlyIf },
        actions: ['arc-zonal-shift:GetManagedResource', 'arc-zonal-shift:StartZonalShift'],
      },
    ],
  });
});

test('what makes a plan unsafe is an error, and a risk that is taken a warning', () => {
  const words = { depends: 'a on b', reason: 'b fails', fix: 'leave b' };
  expect(error('id', ['a', 'b'], words)).toEqual({
    id: 'id',
    severity: 'error',
    where: { plan: ['a', 'b'] },
    ...words,
  });
  expect(warning('id', ['a'], words)).toEqual({ id: 'id', severity: 'warning', where: { plan: ['a'] }, ...words });
});

test('what stands alone has one name, and what does not stand none', () => {
  expect(namesOf('x')).toEqual(['x']);
  expect(namesOf(undefined)).toEqual([]);
});

test('each kind that hears is known by its source, under the name of its assets', () => {
  expect(heardOfKinds).toContainEqual({ called: 'cache', source: expect.any(String) });
  for (const { source } of heardOfKinds) expect(readerOfKind((hearing) => hearing.source === source)).not.toBeNull();
  expect(readerOfKind(({ source }) => source === 'aws.nothing')).toBeNull();
});
