// Text from outside as it may stand in a message.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameIn, plainText } from '../../../../functions/domain/words/plain-text.ts';

test.for([
  ['a sentence', 'AWS support confirmed power loss in use1-az1.', 'AWS support confirmed power loss in use1-az1.'],
  ['numbers', 'v1.2.3, 99.5 %, 10.0.0.1', 'v1.2.3, 99.5 %, 10.0.0.1'],
  ['line breaks', 'one\r\ntwo\u2028three\u0000four', 'one two three four'],
  ['invisible letters', 'ab\u200bc\u202ed', 'ab c d'],
  ['an address', 'see http://evil.example/r/1', 'see http: //evil. example/r/1'],
  ['a domain', 'see www.evil.example/r', 'see www. evil. example/r'],
  ['a domain that begins with a number', 'see 163.com', 'see 163. com'],
  ['a word that begins with a dot', 'runs .NET (.env)', 'runs .NET (.env)'],
  ['half a letter', 'x\ud83d', 'x\ufffd'],
  ['space around it', '  x\n', 'x'],
] as const)('%s', ([, written, shown]) => {
  expect(plainText(written)).toBe(shown);
});

test('whatever was written is one line without a link, and stays as it is the second time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (written) => {
      const shown = plainText(written);
      expect(shown).not.toMatch(/[\n\r\u2028\u2029]|:\/\/|[\p{L}\p{N}_-]\.\p{L}/u);
      expect(plainText(shown)).toBe(shown);
    }),
  );
});

const owned = 'us-east-1:111122223333';
test.for([
  [
    'a balancer for HTTP',
    `arn:aws:elasticloadbalancing:${owned}:loadbalancer/app/shop-web/50dc6c495c0c9188`,
    'shop-web',
  ],
  [
    'a balancer for TCP',
    `arn:aws:elasticloadbalancing:${owned}:loadbalancer/net/shop-tcp/50dc6c495c0c9188`,
    'shop-tcp',
  ],
  ['a balancer of the old kind', `arn:aws:elasticloadbalancing:${owned}:loadbalancer/shop-old`, 'shop-old'],
  ['a database', `arn:aws:rds:${owned}:db:chatops-prod`, 'chatops-prod'],
  ['a cluster', `arn:aws:eks:${owned}:cluster/chatops`, 'chatops'],
  ['a bucket, without region and account', 'arn:aws:s3:::chatops-logs', 'chatops-logs'],
  [
    'an image in a folder that is called as a balancer',
    `arn:aws:ecr:${owned}:repository/loadbalancer/app/web/edge`,
    'edge',
  ],
  ['what is a name already', 'chatops-prod', 'chatops-prod'],
  ['a name with a slash', 'team/chatops', 'team/chatops'],
  ['a text about an ARN', `no arn:aws:rds:${owned}:db:chatops-prod`, `no arn:aws:rds:${owned}:db:chatops-prod`],
] as const)('people read the name of %s', ([, target, name]) => {
  expect(nameIn(target)).toBe(name);
});
