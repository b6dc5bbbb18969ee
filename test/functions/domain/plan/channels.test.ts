// How each channel is reached, in which order, who reads along, and what its secret may hold.
import { expect, test } from 'vitest';
import {
  type Channel,
  carriesLink,
  channels,
  hearerOf,
  isPosted,
  nextOf,
  type Reached,
  tellsBySms,
  topicArn,
  topicName,
  topicsTo,
  waysTo,
} from '../../../../functions/domain/plan/channels.ts';
import { addressIn, routingKey } from '../../../../functions/domain/plan/secret-address.ts';

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

test('messages are posted to channels of an address, and to no topic', () => {
  expect(channels.filter(isPosted)).toEqual(['slack', 'teams', 'pagerduty']);
  expect(isPosted(undefined)).toBe(false);
  expect(nextOf('dba', 'sms')).toBe('dba-sms');
  const slack: Reached = { channel: 'slack', webhook, next: ['email', 'sms'] };
  expect(topicsTo('dba', slack)).toEqual([topic('email', 'dba-email'), topic('sms', 'dba-sms')]);
  expect(topicsTo('dba', { channel: 'slack', webhook })).toEqual([]);
});

test.for<[string, Reached, boolean]>([
  ['first', { channel: 'sms' }, true],
  ['later', { channel: 'slack', webhook, next: ['email', 'sms'] }, true],
  ['never', { channel: 'email', next: ['page'] }, false],
])('somebody is told by SMS: %s', ([, contact, is]) => {
  const others = { handle: '@x', duty: 'x', iam: [] };
  const contacts = { first: { ...others, channel: 'email' as const }, one: { ...others, ...contact } };
  expect(tellsBySms({ contacts } as never)).toBe(is);
  expect(tellsBySms({ contacts: {} })).toBe(false);
});

const noKey = 'holds no routing key, expected 32 letters and digits, or eu: before them';
const retired =
  'holds the address of an Office 365 connector, which Microsoft has retired: make a workflow in Teams ("When a webhook request is received") and use its address';
test.for([
  ['pagerduty', 'a'.repeat(31), noKey],
  ['pagerduty', `de:${key}`, noKey],
  ['pagerduty', ` ${key}`, noKey],
  ['pagerduty', `${key} `, noKey],
  ['pagerduty', `${'-'.repeat(32)}`, noKey],
  ['slack', 'ftp://hooks.example', 'holds no https address'],
  ['teams', 'https://webhook.office.com/x', retired],
  ['teams', 'https://outlook.office365.com/x', retired],
] as const)('what is wrong with a secret of %s is said whole', ([channel, secret, wrong]) => {
  expect(addressIn(channel, secret)).toEqual({ address: null, wrong });
});

test.for([
  ['slack', 'https://acme.webhook.office.com/x'],
  ['teams', 'https://nowebhook.office.com/x'],
  ['teams', 'https://webhook.office.com.example/x'],
] as const)('of %s %s is taken', ([channel, address]) => {
  expect(addressIn(channel, address)).toEqual({ address, wrong: null });
});

test('a routing key is posted without its place', () => {
  expect([`eu:${key}`, `us:${key}`, key, `x-eu:${key}`].map(routingKey)).toEqual([key, key, key, `x-eu:${key}`]);
});
