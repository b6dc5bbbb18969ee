// Text from outside as it may stand in a message.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from '../../../../functions/domain/words/plain-text.ts';

test.for([
  ['a sentence', 'AWS support confirmed power loss in use1-az1.', 'AWS support confirmed power loss in use1-az1.'],
  ['numbers', 'v1.2.3, 99.5 %, 10.0.0.1', 'v1.2.3, 99.5 %, 10.0.0.1'],
  ['line breaks', 'one\r\ntwo\u2028three\u0000four', 'one two three four'],
  ['invisible letters', 'ab\u200bc\u202ed', 'ab c d'],
  ['an address', 'see http://evil.example/r/1', 'see http: //evil. example/r/1'],
  ['a domain', 'see www.evil.example/r', 'see www. evil. example/r'],
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
