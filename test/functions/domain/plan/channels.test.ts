// How each channel is reached, in which order, who reads along, and what its secret may hold.
import { expect, test } from 'vitest';
import {
  type Channel,
  carriesLink,
  channels,
  hearerOf,
  type Reached,
  topicArn,
  topicName,
  waysTo,
} from '../../../../functions/domain/plan/channels.ts';
import { addressIn } from '../../../../functions/domain/plan/secret-address.ts';

const webhook = '/chatops/webhooks/dr';
const place = { prefix: 'breakwater-prod', region: 'us-west-2', account: '111122223333' };
const topic = (channel: Channel, of = 'dba') => ({ by: 'topic', channel, of });
const posted = (channel: Channel) => ({ by: 'post', channel, parameter: webhook });

test.for([
  ['email', undefined, topic('email')],
  ['page', undefined, topic('page')],
  ['sms', undefined, topic('sms')],
  ['amazon-q', undefined, topic('amazon-q')],
  ['slack', webhook, posted('slack')],
  ['teams', webhook, posted('teams')],
  ['pagerduty', webhook, posted('pagerduty')],
  ['slack without a webhook', undefined, topic('email')],
  ['email with a webhook', webhook, topic('email')],
] as const)('%s is reached by its own way', ([words, parameter, way]) => {
  const channel = words.split(' ')[0] as Channel;
  expect(waysTo('dba', { channel, webhook: parameter })).toEqual([way]);
});

test('what is tried next has a topic of its own', () => {
  const contact: Reached = { channel: 'pagerduty', webhook, next: ['sms', 'email'] };
  expect(waysTo('dba', contact)).toEqual([posted('pagerduty'), topic('sms', 'dba-sms'), topic('email', 'dba-email')]);
});

test('a role that the plan does not know has a topic, which refuses it', () => {
  expect(waysTo('dba', undefined)).toEqual([topic('email')]);
});

test('a link is sent where one person reads it, and there is room for it', () => {
  expect(channels.filter(carriesLink)).toEqual(['email', 'page']);
  expect(carriesLink(undefined)).toBe(false);
});

test('a topic names its role and its channel', () => {
  const contacts: Record<string, Reached> = { 'on-call': { channel: 'page', next: ['sms'] } };
  expect(topicName('on-call', 'breakwater-prod')).toBe('breakwater-prod-on-call');
  expect(topicArn('on-call', place)).toBe('arn:aws:sns:us-west-2:111122223333:breakwater-prod-on-call');
  const heard = (of: string) => hearerOf(topicArn(of, place), place.prefix, contacts);
  expect(heard('on-call')).toEqual({ role: 'on-call', channel: 'page' });
  expect(heard('on-call-sms')).toEqual({ role: 'on-call', channel: 'sms' });
  expect(heard('another')).toBeNull();
});

const key = 'a1'.repeat(16);

test.for([
  ['slack', 'https://hooks.example/T0/secret', 'https://hooks.example/T0/secret'],
  [
    'teams',
    'https://prod-1.westus.logic.azure.com/workflows/secret',
    'https://prod-1.westus.logic.azure.com/workflows/secret',
  ],
  ['pagerduty', key, 'https://events.pagerduty.com'],
  ['pagerduty', `us:${key}`, 'https://events.pagerduty.com'],
  ['pagerduty', `eu:${key}`, 'https://events.eu.pagerduty.com'],
] as const)('the secret of %s is posted to where it says', ([channel, secret, address]) => {
  expect(addressIn(channel, secret)).toEqual({ address, wrong: null });
});

test.for([
  ['slack', '', 'holds no https address'],
  ['teams', 'http://secret.example', 'holds no https address'],
  ['pagerduty', 'https://events.pagerduty.com', 'holds no routing key'],
  ['pagerduty', `${key}0`, 'holds no routing key'],
  ['teams', 'https://acme.webhook.office.com/secret', 'which Microsoft has retired'],
  ['teams', 'https://outlook.office.com/webhook/secret', 'which Microsoft has retired'],
] as const)('of %s a secret that is none is refused, and not quoted', ([channel, secret, why]) => {
  const { address, wrong } = addressIn(channel, secret);
  expect(address).toBeNull();
  expect(wrong).toContain(why);
  expect(wrong).not.toContain('secret');
});
