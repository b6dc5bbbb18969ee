// How long a rehearsed restore took until it worked.
import { expect, test } from 'vitest';
import { restoredIn } from '../../../../functions/domain/data/rehearsal.ts';
import { at, rehearsal } from '../../../store/samples.ts';

test('a restore took from its beginning until it worked; one that never did took no time that is known', () => {
  expect(restoredIn({ ...rehearsal, availableAt: at + 90_500 })).toBe(90.5);
  expect(restoredIn(rehearsal)).toBeNull();
});
