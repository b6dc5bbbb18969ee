// IAM's rules as its user guide states them, each in a table of cases.
import { describe, expect, test } from 'vitest';
import { type Context, evaluate, type Policies, type Statement } from '../../../simulator/iam/evaluate.ts';

const role = { arn: 'arn:aws:iam::111122223333:role/classify' };
const queue = 'arn:aws:sqs:us-east-1:111122223333:breakwater-prod-signals';
const send = { action: 'sqs:SendMessage', resource: queue, context: {} };
const allow: Statement = { Sid: 'Send', Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queue };
const deny: Statement = { Sid: 'Never', Effect: 'Deny', Action: 'sqs:*', Resource: '*' };
const denied = { allowed: false, why: 'implicit-deny' };

function verdict(policies: Partial<Policies>, request = send) {
  return evaluate(request, { identity: [], ...policies });
}

/** Whether a statement with these conditions allows a request that carries these keys. */
function allows(Condition: NonNullable<Statement['Condition']>, context: Context): boolean {
  return verdict({ identity: [{ ...allow, Condition }] }, { ...send, context }).allowed;
}

describe('statements', () => {
  test('what nothing allows is denied', () => {
    expect(verdict({})).toEqual(denied);
    expect(verdict({ identity: [{ ...allow, Action: 'sqs:ReceiveMessage' }] })).toEqual(denied);
  });

  test('a denial wins over whatever allows, and is named', () => {
    expect(verdict({ identity: [allow] })).toEqual({ allowed: true });
    expect(verdict({ identity: [allow, deny] })).toEqual({
      allowed: false,
      why: 'explicit-deny',
      sid: 'Never',
      in: 'identity',
    });
  });

  test.for([
    ['sqs:SendMessage', true],
    ['SQS:sendmessage', true],
    ['sqs:Send*', true],
    ['sqs:SendMessag?', true],
    ['*', true],
    ['sqs:SendMessageBatch', false],
    ['sqs:Send', false],
  ] as const)('the action %s covers sqs:SendMessage: %s', ([Action, covered]) => {
    expect(verdict({ identity: [{ ...allow, Action }] }).allowed).toBe(covered);
  });

  test.for([
    [queue, true],
    ['*', true],
    ['arn:aws:sqs:us-east-1:111122223333:breakwater-prod-*', true],
    ['arn:aws:sqs:*:111122223333:breakwater-prod-signals', true],
    ['arn:aws:sqs:us-east-1:111122223333:breakwater-prod-signal?', true],
    ['arn:aws:sqs:*', false, 'is neither an ARN'],
    ['arn:aws:sqs:us-east-1:111122223333:Breakwater-prod-signals', false],
    ['arn:aws:sqs:us-east-1:111122223333:breakwater-prod', false],
    ['arn:aws:sqs:us-west-2:111122223333:*', false],
    ['arn:aws:sqs:*-prod-signals:x:y', false],
  ] as const)('the resource %s covers the queue: %s', ([Resource, covered, refused]) => {
    const covers = () => verdict({ identity: [{ ...allow, Resource }] }).allowed;
    if (refused === undefined) expect(covers()).toBe(covered);
    else expect(covers).toThrow(refused);
  });

  test.for([
    ['arn:aws:states:us-east-1:111122223333:execution:breakwater-prod-az-failover:*', true],
    ['arn:aws:states:us-east-1:111122223333:execution:breakwater-*:by-hand', true],
    ['arn:aws:states:us-east-1:111122223333:execution:break*failover:by-hand', true],
    ['arn:aws:states:us-east-1:111122223333:execution:break*hand', false],
  ] as const)('a star goes on beyond a colon only at the end of its part: %s, %s', ([Resource, covered]) => {
    const resource = 'arn:aws:states:us-east-1:111122223333:execution:breakwater-prod-az-failover:by-hand';
    expect(verdict({ identity: [{ ...allow, Resource }] }, { ...send, resource }).allowed).toBe(covered);
  });

  test('NotAction and NotResource are about everything else', () => {
    const everythingElse: Statement = { Effect: 'Allow', NotAction: 'sqs:SendMessage', NotResource: queue };
    expect(verdict({ identity: [everythingElse] })).toEqual(denied);
    expect(verdict({ identity: [everythingElse] }, { ...send, action: 'sqs:ReceiveMessage' })).toEqual(denied);
    const other = { action: 'sqs:ReceiveMessage', resource: `${queue}-2`, context: {} };
    expect(verdict({ identity: [everythingElse] }, other)).toEqual({ allowed: true });
  });

  test('a statement without an action, or with both kinds, is not understood', () => {
    expect(() => verdict({ identity: [{ Effect: 'Allow', Resource: '*' }] })).toThrow('either Action or NotAction');
    expect(() => verdict({ identity: [{ ...allow, NotAction: 'sns:*' }] })).toThrow('either Action or NotAction');
  });
});

describe('conditions', () => {
  const key = 'aws:RequestedRegion';
  const keys = 'dynamodb:LeadingKeys';

  test.for([
    ['StringEquals', 'us-east-1', 'us-east-1', true],
    ['StringEquals', 'us-*', 'us-east-1', false],
    ['StringEquals', 'US-EAST-1', 'us-east-1', false],
    ['StringEqualsIgnoreCase', 'US-EAST-1', 'us-east-1', true],
    ['StringNotEquals', 'us-east-1', 'us-east-1', false],
    ['StringNotEquals', 'us-west-2', 'us-east-1', true],
    ['StringLike', 'us-*', 'us-east-1', true],
    ['StringLike', 'us-east-?', 'us-east-1', true],
    ['StringLike', 'eu-*', 'us-east-1', false],
    ['StringNotLike', 'us-*', 'us-east-1', false],
    ['ArnEquals', 'arn:aws:sns:us-east-1:1:a', 'arn:aws:sns:us-east-1:1:a', true],
    ['ArnEquals', 'arn:aws:sns:us-east-1:1:*', 'arn:aws:sns:us-east-1:1:a:b', true],
    ['ArnLike', 'arn:aws:sns:*:1:a', 'arn:aws:sns:us-east-1:1:a', true],
    ['ArnLike', 'arn:aws:*:a', 'arn:aws:sns:us-east-1:1:a', false, 'is no ARN'],
    ['ArnLike', 'arn:aws:sns:*:1:a', 'us-east-1', false],
    ['ArnNotEquals', 'arn:aws:sns:us-east-1:1:a', 'arn:aws:sns:us-east-1:1:a', false],
    ['ArnNotLike', 'arn:aws:sns:*:1:b', 'arn:aws:sns:us-east-1:1:a', true],
    ['Bool', 'false', 'False', true],
    ['Bool', 'false', 'true', false],
    ['Null', 'true', 'us-east-1', false],
    ['Null', 'false', 'us-east-1', true],
  ] as const)('%s %s of %s is %s', ([operator, wanted, value, holds, refused]) => {
    const asked = () => allows({ [operator]: { [key]: wanted } }, { [key]: value });
    if (refused === undefined) expect(asked()).toBe(holds);
    else expect(asked).toThrow(refused);
  });

  test.for([
    ['StringEquals', false],
    ['StringLike', false],
    ['ArnLike', false],
    ['Bool', false],
    ['StringNotEquals', true],
    ['StringNotLike', true],
    ['ArnNotEquals', true],
    ['StringEqualsIfExists', true],
    ['StringNotEqualsIfExists', true],
    ['BoolIfExists', true],
    ['ForAllValues:StringLike', true],
    ['ForAllValues:StringNotEquals', true],
    ['ForAnyValue:StringLike', false],
    ['ForAnyValue:StringNotEquals', false],
    ['ForAnyValue:StringEqualsIfExists', true],
  ] as const)('%s of a key that the request does not carry is %s', ([operator, holds]) => {
    expect(allows({ [operator]: { [key]: 'arn:aws:sns:us-east-1:1:a' } }, {})).toBe(holds);
  });

  test.for([
    ['ForAllValues:StringLike', ['a*', 'b'], ['a1', 'b'], true],
    ['ForAllValues:StringLike', ['a*', 'b'], ['a1', 'c'], false],
    ['ForAllValues:StringNotEquals', ['a'], ['b', 'c'], true],
    ['ForAllValues:StringNotEquals', ['a'], ['a', 'c'], false],
    ['ForAnyValue:StringEquals', ['a'], ['a', 'c'], true],
    ['ForAnyValue:StringEquals', ['a'], ['b', 'c'], false],
    ['ForAnyValue:StringNotEquals', ['a'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a'], ['a'], false],
    ['ForAllValues:StringEquals', ['a'], [], true],
    ['ForAnyValue:StringEquals', ['a'], [], false],
    ['ForAnyValue:StringEqualsIfExists', ['a'], [], true],
    ['Null', ['true'], [], true],
    ['Null', ['false'], ['a'], true],
  ] as const)('%s %s of %s is %s', ([operator, wanted, values, holds]) => {
    expect(allows({ [operator]: { [keys]: wanted } }, { [keys]: values })).toBe(holds);
  });

  test('of several values one has to match, of a negated operator none may', () => {
    const one = { [key]: ['us-east-1', 'us-west-2'] };
    expect(allows({ StringEquals: one }, { [key]: 'us-west-2' })).toBe(true);
    expect(allows({ StringNotEquals: one }, { [key]: 'us-west-2' })).toBe(false);
    expect(allows({ StringNotEquals: one }, { [key]: 'eu-west-1' })).toBe(true);
  });

  test('every operator and every key has to hold', () => {
    const both = {
      StringEquals: { [key]: 'us-east-1', 'aws:PrincipalAccount': '1' },
      Bool: { 'aws:SecureTransport': 'true' },
    };
    const carried = { [key]: 'us-east-1', 'aws:PrincipalAccount': '1', 'aws:SecureTransport': 'true' };
    expect(allows(both, carried)).toBe(true);
    expect(allows(both, { ...carried, [key]: 'us-west-2' })).toBe(false);
    expect(allows(both, { ...carried, 'aws:SecureTransport': 'false' })).toBe(false);
  });

  test('the name of a key is the same in any case', () => {
    expect(allows({ StringEquals: { 'AWS:requestedregion': 'us-east-1' } }, { [key]: 'us-east-1' })).toBe(true);
  });

  test.for([
    ['an operator', { NumericLessThan: { [key]: '1' } }, {}, 'NumericLessThan is not known'],
    ['Null of what exists', { NullIfExists: { [key]: 'true' } }, {}, 'NullIfExists is not known'],
    ['an unknown set', { 'ForSomeValues:StringEquals': { [key]: 'a' } }, {}, 'ForSomeValues:StringEquals is not known'],
    ['a policy variable', { StringEquals: { [key]: `\${aws:username}` } }, {}, 'policy variable'],
    ['several values without a set', { StringEquals: { [keys]: 'a' } }, { [keys]: ['a'] }, 'needs ForAllValues'],
    [
      'an operator behind one that fails',
      { StringEquals: { [key]: 'a' }, IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      {},
      'IpAddress is not known',
    ],
  ] as const)('%s that is not known throws', ([, Condition, context, said]) => {
    expect(() => allows(Condition, context)).toThrow(said);
  });
});

describe('the policy of what is called', () => {
  const events = { service: 'events.amazonaws.com' };
  const fromRules: Statement = { ...allow, Principal: { Service: events.service } };

  test.for([
    ['a service that is named', fromRules, events, true],
    ['another service', fromRules, { service: 'sns.amazonaws.com' }, false],
    ['a role that is named', { ...allow, Principal: { AWS: role.arn } }, role, true],
    ['another role', { ...allow, Principal: { AWS: `${role.arn}-2` } }, role, false],
    ['everybody', { ...allow, Principal: '*' }, role, true],
    ['everybody, said of accounts', { ...allow, Principal: { AWS: '*' } }, role, true],
    ['the account, which is not the role', { ...allow, Principal: { AWS: '111122223333' } }, role, false],
  ] as const)('allows %s: by itself', ([, statement, caller, allowed]) => {
    expect(verdict({ resource: { statements: [statement], caller } }).allowed).toBe(allowed);
  });

  test('denies what the caller would be allowed', () => {
    const never = { ...deny, Principal: '*' } as const;
    expect(verdict({ identity: [allow], resource: { statements: [never], caller: role } })).toEqual({
      allowed: false,
      why: 'explicit-deny',
      sid: 'Never',
      in: 'resource',
    });
    const ofTheAccount = { ...deny, Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
    expect(verdict({ identity: [allow], resource: { statements: [ofTheAccount], caller: role } }).allowed).toBe(false);
  });

  test('without a principal it is not understood', () => {
    expect(() => verdict({ resource: { statements: [allow], caller: role } })).toThrow('no Principal');
  });

  test('of a key decides alone: the role’s own policies count where it hands the decision to the account', () => {
    const key = 'arn:aws:kms:us-east-1:111122223333:key/1';
    const use = { action: 'kms:Decrypt', resource: key, context: {} };
    const own: Statement = { Effect: 'Allow', Action: 'kms:Decrypt', Resource: key };
    const byIam: Statement = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'kms:*',
      Resource: '*',
    };
    const asked = (identity: readonly Statement[], statements: readonly Statement[]) =>
      evaluate(use, { identity, resource: { statements, caller: role } }).allowed;
    expect(asked([own], [byIam])).toBe(true);
    expect(asked([own], [])).toBe(false);
    expect(asked([], [byIam])).toBe(false);
    expect(asked([own], [{ ...byIam, Principal: { AWS: 'arn:aws:iam::444455556666:root' } }])).toBe(false);
  });
});
