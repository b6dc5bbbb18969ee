// What the store takes and gives back: a record that is whole, or what is wrong with it, path by path.
import { expect, test } from 'vitest';
import {
  incidentRecord,
  isNewer,
  lockRecord,
  number,
  rolesRecord,
  text,
  whyNotNumber,
} from '../../../../functions/domain/record/recorded.ts';
import { at, incidentOf, lock } from '../../../store/samples.ts';

test.for([
  ['of this format', { format: 1 }, false],
  ['of a later one', { format: 2 }, true],
  ['of before formats were kept', {}, false],
  ['whose format is damaged', { format: '2' }, false],
] as const)('an item %s is of a newer release: %2$s', ([, item, newer]) => {
  expect(isNewer(item)).toBe(newer);
});

test.for([
  [0, null],
  [-0, null],
  [-7.5, null],
  [Number.MAX_SAFE_INTEGER, null],
  [-Number.MAX_SAFE_INTEGER, null],
  [1e-130, null],
  [-1e-130, null],
  [Number.NaN, 'a number that is not finite'],
  [Number.NEGATIVE_INFINITY, 'a number that is not finite'],
  [Number.MAX_SAFE_INTEGER + 1, 'a number beyond 9007199254740991'],
  [-Number.MAX_SAFE_INTEGER - 1, 'a number beyond 9007199254740991'],
  [9e-131, 'a number nearer to 0 than 1e-130'],
  [-9e-131, 'a number nearer to 0 than 1e-130'],
] as const)('the table keeps %d: %s', ([value, why]) => {
  expect(whyNotNumber(value)).toBe(why);
  expect(number.safeParse(value).success).toBe(why === null);
});

test('why a number or a text is not kept is said', () => {
  const said = (schema: typeof text | typeof number, value: unknown) =>
    schema.safeParse(value).error?.issues[0]?.message;
  expect(said(number, 9e-131)).toBe('a number nearer to 0 than 1e-130');
  expect(said(text, 'a'.repeat(50_000))).toBeUndefined();
  expect(said(text, 'a'.repeat(50_001))).toBe('a text of 50001 letters, expected at most 50000');
  expect(said(text, 'a\ud800')).toBe('a text with half a letter in it');
});

test('a record is given back whole, and of a damaged one each path is named', () => {
  expect(incidentRecord(incidentOf({}))).toEqual({ record: incidentOf({}) });
  expect(lockRecord({ ...lock, at: 'now', target: 7 })).toEqual({
    corrupt:
      'target: Invalid input: expected string, received number; at: Invalid input: expected number, received string',
  });
  expect(lockRecord(null)).toEqual({ corrupt: 'record: Invalid input: expected object, received null' });
  const scope = { region: 'us-east-1', zone: 7 };
  expect(incidentRecord({ ...incidentOf({}), scope })).toEqual({
    corrupt: 'scope.zone: Invalid input: expected string, received number',
  });
});

test('roles of before it was kept do not say who moved them, and when', () => {
  const roles = { primary: 'us-west-2', epoch: 2 };
  expect(rolesRecord(roles)).toEqual({ record: { ...roles, movedBy: null, movedAt: null } });
  expect(rolesRecord({ ...roles, movedBy: 'e', at })).toEqual({ record: { ...roles, movedBy: 'e', movedAt: at } });
});
