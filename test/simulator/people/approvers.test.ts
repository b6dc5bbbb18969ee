// What approvers are told to do, and whether a request can still be approved that way.
import { expect, test } from 'vitest';
import { mayApprove, parseWay } from '../../../simulator/people/approvers.ts';

test.for([
  ['after=90s', { kind: 'approve', afterSeconds: 90 }],
  ['after=10m', { kind: 'approve', afterSeconds: 600 }],
  ['after=2h', { kind: 'approve', afterSeconds: 7_200 }],
  ['deny', { kind: 'reject', afterSeconds: 300 }],
  ['deny-once', { kind: 'reject-once', afterSeconds: 300 }],
  ['never', { kind: 'never' }],
  ['scanner', { kind: 'scanner' }],
  ['ask', { kind: 'ask' }],
] as const)('%s is a way to answer', ([text, way]) => {
  expect(parseWay(text)).toEqual(way);
});

test.for(['', 'after=', 'after=5', 'after=-5m', 'sometime'])('%j is none, and the error says what is', (text) => {
  expect(() => parseWay(text)).toThrow('expected after=10m, deny, never, scanner or ask');
});

test.for([
  ['after=59m', true],
  ['after=1h', false],
  ['deny', false],
  ['deny-once', true],
  ['never', false],
  ['scanner', false],
] as const)('a request that lives an hour and %s: approved is %s', ([text, approved]) => {
  expect(mayApprove(parseWay(text), 3_600)).toBe(approved);
});
