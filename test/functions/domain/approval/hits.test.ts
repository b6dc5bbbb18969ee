// What counts as one address at the door, and when a window begins in which it is counted.
import { expect, test } from 'vitest';
import { addressBlock, windowStart } from '../../../../functions/domain/approval/hits.ts';

test.for([
  ['an address of IPv4', '203.0.113.9', '203.0.113.9'],
  ['the same, written as IPv6', '::ffff:203.0.113.9', '203.0.113.9'],
  ['the same, in capitals', '::FFFF:203.0.113.10', '203.0.113.10'],
  ['another one, written as IPv6', '::ffff:198.51.100.70', '198.51.100.70'],
  ['what only ends like it', '2001:db8::ffff:203.0.113.9', '2001:db8:0:0::/64'],
  ['what only begins like it', '::ffff:203.0.113.9:1', '0:0:0:0::/64'],
  ['a whole address of IPv6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['one that differs behind the first 64 bits', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['one with leading zeros and capitals', '2001:0DB8:0001:0000:3:4:5:6', '2001:db8:1:0::/64'],
  ['one with zeros left out behind', '2001:db8::', '2001:db8:0:0::/64'],
  ['one with zeros left out in the middle', '2001:db8::1:2', '2001:db8:0:0::/64'],
  ['one with a zero left out in front', '::2:3:4:5:6:7:8', '0:2:3:4::/64'],
  ['one with a zero left out early', '2001::3:4:5:6:7:8', '2001:0:3:4::/64'],
  ['the machine itself', '::1', '0:0:0:0::/64'],
] as const)('%s: %s counts as %s', ([, address, block]) => {
  expect(addressBlock(address)).toBe(block);
});

test('windows follow one another without a gap', () => {
  const limit = { most: 1, seconds: 60 };
  expect([0, 59_999, 60_000, 119_999, 120_000].map((at) => windowStart(at, limit))).toEqual([
    ...[0, 0, 60_000, 60_000],
    120_000,
  ]);
});
