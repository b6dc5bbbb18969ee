// The text of an approver's link, and the keys that links are made with.
import { describe, expect, test } from 'vitest';
import { linkText, readKeyRing, readLinkText, rotated } from '../../../../functions/domain/approval/link.ts';

const parts = { key: 'k1', id: 'a_-'.padEnd(22, 'b'), mac: 'M'.repeat(43) };
const bytes = (...values: number[]) => Uint8Array.from(Array.from({ length: 32 }, (_, at) => values[at] ?? 7));
const base64 = (key: Uint8Array) => btoa(String.fromCharCode(...key));

describe('the text of a link', () => {
  test.for(['k1', 'k12', 'k999999999'])(
    'gives its parts back, with key %s, and goes into an address as it is',
    (key) => {
      const text = linkText({ ...parts, key });
      expect(text).toMatch(/^[A-Za-z0-9]+$/);
      expect(readLinkText(text)).toEqual({ ...parts, key });
    },
  );

  const text = linkText(parts);
  test.for([
    ['empty', ''],
    ['no base64', 'what?!'],
    ['padded', `${text}=`],
    ['longer', `${text}AAAA`],
    ['begun by a space', ` ${text}`],
    ['ended by a line', `${text}\n`],
    [
      'spelt in another way',
      linkText({ ...parts, key: 'k12' }).replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    ],
    ['of nothing known', linkText({ key: 'undefined', id: 'undefined', mac: 'undefined' })],
    ['of a key that is no number', linkText({ ...parts, key: 'kx' })],
    ['of a key with too many digits', linkText({ ...parts, key: 'k1234567890' })],
    ['of a key behind something', linkText({ ...parts, key: '-k1' })],
    ['of a key without a number', linkText({ ...parts, key: 'k' })],
    ['of an id that is short', linkText({ ...parts, id: 'b'.repeat(21) })],
    ['of an id with another sign', linkText({ ...parts, id: '/'.padEnd(22, 'b') })],
    ['of a proof that is short', linkText({ ...parts, mac: 'M'.repeat(42) })],
    ['of a proof that is long', linkText({ ...parts, mac: 'M'.repeat(44) })],
    ['of a proof with another sign', linkText({ ...parts, mac: '.'.padEnd(43, 'M') })],
  ] as const)('that is %s opens nothing', ([, other]) => {
    expect(readLinkText(other)).toBeNull();
  });
});

describe('the keys in the secret', () => {
  const ring = (...keys: object[]) => JSON.stringify({ keys });
  const one = { id: 'k1', key: base64(bytes(255, 0)) };

  test('are read newest first, byte by byte', () => {
    expect(readKeyRing(ring({ id: 'k2', key: base64(bytes(1)) }, one))).toEqual([
      { id: 'k2', key: bytes(1) },
      { id: 'k1', key: bytes(255, 0) },
    ]);
  });

  test('are the seed until the first rotation, and never after it', () => {
    const seed = 's'.repeat(43);
    expect(readKeyRing(JSON.stringify({ keys: [], seed }))).toEqual([
      { id: 'k0', key: new TextEncoder().encode(seed) },
    ]);
    expect(readKeyRing(JSON.stringify({ keys: [one], seed }))).toEqual([{ id: 'k1', key: bytes(255, 0) }]);
  });

  test.for([
    ['no JSON', 'x'],
    ['nothing', '{}'],
    ['no key and no seed', '{"keys":[]}'],
    ['a seed that is short', JSON.stringify({ keys: [], seed: 's'.repeat(42) })],
    ['something else beside the keys', JSON.stringify({ keys: [one], other: 1 })],
    ['something else beside a key', ring({ ...one, other: 1 })],
    ['a key that is short', ring({ ...one, key: base64(bytes().slice(1)).slice(0, 42) })],
    ['a key that is no base64', ring({ ...one, key: `?${one.key}` })],
    ['a key that ends in no base64', ring({ ...one, key: `${one.key}?` })],
    ['an id that is no number', ring({ ...one, id: 'kx' })],
    ['an id that begins with something else', ring({ ...one, id: 'xk1' })],
    ['an id that ends with something else', ring({ ...one, id: 'k1x' })],
  ] as const)('are none where it holds %s', ([, value]) => {
    expect(readKeyRing(value)).toBeNull();
  });

  test('are rotated: a new one in front, with the next number, and the two before it', () => {
    const rings = [1, 2, 3].map((value) => ({ id: `k${12 - value}`, key: bytes(value) }));
    const [first, ...rest] = rings;
    if (first === undefined) throw new Error('no key');
    expect(readKeyRing(rotated([first], bytes(9)))).toEqual([{ id: 'k12', key: bytes(9) }, first]);
    expect(readKeyRing(rotated([first, ...rest], bytes(9)))).toEqual([
      ...[{ id: 'k12', key: bytes(9) }, first],
      rest[0],
    ]);
  });
});
