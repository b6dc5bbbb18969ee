// A latch has the same name for records, rights and the health checks that look at it.
import { expect, test } from 'vitest';
import { latchKey, latchObject } from '../../../../functions/domain/traffic/latch.ts';

test('a latch is an object of a bucket, by the region that it keeps users away from', () => {
  expect(latchKey('us-east-1')).toBe('latch/us-east-1');
  expect(latchKey('*')).toBe('latch/*');
  expect(latchObject('bucket', 'us-east-1')).toBe('bucket/latch/us-east-1');
});
