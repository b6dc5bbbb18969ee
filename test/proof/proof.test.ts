// docs/proof.md holds what its commands print: the small numbers are made again here, and each of the others stands between its marks.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../cli/invented.ts';
import { marks, parts, replaced } from './parts.ts';

const document = readFileSync(join(import.meta.dirname, '../../docs/proof.md'), 'utf8');

test.for(parts)('$name stands between its marks, below its command', ({ name, command }) => {
  const [before, after] = marks(name);
  expect(document.split(before)).toHaveLength(2);
  expect(document.slice(document.indexOf(before), document.indexOf(after))).toContain(`\n\`${command}\`\n\n`);
});

test.for(parts.filter(({ small }) => small))(
  '$name is what its command prints: npm run proof -- $name writes it',
  {
    timeout: 300_000,
  },
  async (part) => {
    const [, args = ''] = part.command.split('npm run -s ');
    const { out } = await run(args.replace(' -- ', ' ').split(' '));
    expect(replaced(document, part, part.render(out))).toBe(document);
  },
);

test('a document without the marks of a part is said so', () => {
  const [part] = parts;
  if (part === undefined) throw new Error('there is no part');
  expect(() => replaced('no marks', part, '')).toThrow('docs/proof.md: has no marks <!-- bench-sample:');
});
