// Which parts of the code are mutated.
import { expect, test } from 'vitest';
import { allParts, drawn, partsOf } from './drawn.ts';

const text = `// A file.
import { b } from './b.ts';

export type A = { readonly a: string };

const most = 3;

/** Does. */
export function does(a: A): string {
  return a.a;
}

export async function later(): Promise<void> {
  await b();
}
`;

test('functions and constants are parts, each up to the next declaration; imports and types are none', () => {
  expect(partsOf('a.ts', text)).toEqual([
    { file: 'a.ts', from: 6, to: 8 },
    { file: 'a.ts', from: 9, to: 12 },
    { file: 'a.ts', from: 13, to: 16 },
  ]);
});

test('all of the domain and the moves of every kind are known, and nothing else', () => {
  const files = new Set(allParts().map(({ file }) => file));
  expect(files).toContain('functions/domain/decision/decide.ts');
  expect(files).toContain('functions/kinds/rds-instance/moves.ts');
  expect([...files].filter((file) => !/^functions\/(domain\/|kinds\/[a-z-]+\/moves\.ts$)/.test(file))).toEqual([]);
});

test('a seed draws the same parts, another seed others, and none twice', () => {
  const parts = allParts();
  const first = drawn(parts, 20, 1);
  expect(drawn(parts, 20, 1)).toEqual(first);
  expect(drawn(parts, 20, 2)).not.toEqual(first);
  expect(new Set(first).size).toBe(20);
});
