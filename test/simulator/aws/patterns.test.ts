// Event patterns match as EventBridge's documentation says.
import { expect, test } from 'vitest';
import { matches } from '../../../simulator/aws/patterns.ts';

const event = {
  source: 'aws.rds',
  region: 'us-east-1',
  resources: ['arn:one', 'arn:two'],
  detail: { status: 'FAILED', nested: { name: 'breakwater-prod-x' }, nothing: null },
};

test.for<[string, unknown, boolean]>([
  ['a value of the list', { source: ['aws.ec2', 'aws.rds'] }, true],
  ['no value of the list', { source: ['aws.ec2'] }, false],
  ['every field that is named', { source: ['aws.rds'], region: ['us-west-2'] }, false],
  ['a nested field', { detail: { nested: { name: ['breakwater-prod-x'] } } }, true],
  ['one element of a list in the event', { resources: ['arn:two'] }, true],
  ['a prefix', { detail: { nested: { name: [{ prefix: 'breakwater-' }] } } }, true],
  ['another prefix', { detail: { nested: { name: [{ prefix: 'other-' }] } } }, false],
  ['anything but a value', { source: [{ 'anything-but': ['aws.ec2'] }] }, true],
  ['anything but this value', { source: [{ 'anything-but': 'aws.rds' }] }, false],
  ['anything but a prefix', { detail: { nested: { name: [{ 'anything-but': { prefix: 'breakwater-' } }] } } }, false],
  ['anything but, of a field that is not there', { detail: { other: [{ 'anything-but': ['x'] }] } }, false],
  ['a field that is there', { detail: { status: [{ exists: true }] } }, true],
  ['a field that is not there', { detail: { other: [{ exists: false }] } }, true],
  ['null', { detail: { nothing: [null] } }, true],
])('%s', ([, pattern, expected]) => {
  expect(matches(pattern, event)).toBe(expected);
});

test.for([{ source: [{ wildcard: 'aws.*' }] }, { source: [{ prefix: 'a', suffix: 'b' }] }, 'aws.rds'])(
  'a pattern that AWS would not take, or that is not known here, is refused: %j',
  (pattern) => {
    expect(() => matches(pattern, event)).toThrow();
  },
);
