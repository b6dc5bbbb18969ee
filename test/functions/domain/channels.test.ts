// How each channel is reached, and who reads along.
import { expect, test } from 'vitest';
import { isReadByMany, roleIn, topicArn, topicName, wayTo } from '../../../functions/domain/channels.ts';

const webhook = '/chatops/webhooks/dr';
const place = { prefix: 'breakwater-prod', region: 'us-west-2', account: '111122223333' };

test.for([
  ['email', undefined, { by: 'topic' }],
  ['page', undefined, { by: 'topic' }],
  ['slack', webhook, { by: 'webhook', channel: 'slack', parameter: webhook }],
  ['teams', webhook, { by: 'webhook', channel: 'teams', parameter: webhook }],
  ['slack without a webhook', undefined, { by: 'topic' }],
  ['email with a webhook', webhook, { by: 'topic' }],
] as const)('%s is reached by its own way', ([words, parameter, way]) => {
  const channel = words.split(' ')[0] as 'email' | 'page' | 'slack' | 'teams';
  expect(wayTo({ channel, webhook: parameter })).toEqual(way);
});

test('a role that the plan does not know has a topic, which refuses it', () => {
  expect(wayTo(undefined)).toEqual({ by: 'topic' });
});

test('a link is never sent where many read', () => {
  expect((['email', 'page', 'slack', 'teams', undefined] as const).map(isReadByMany)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

test('a topic names its role, and the role its topic', () => {
  expect(topicName('on-call', 'breakwater-prod')).toBe('breakwater-prod-on-call');
  expect(topicArn('on-call', place)).toBe('arn:aws:sns:us-west-2:111122223333:breakwater-prod-on-call');
  expect(roleIn(topicArn('on-call', place), place.prefix)).toBe('on-call');
  expect(roleIn('arn:aws:sns:us-west-2:111122223333:another', place.prefix)).toBeNull();
});
