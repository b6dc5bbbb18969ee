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
  expect(() => replaced('no marks', part, '')).toThrow('docs/proof.md: has no marks <!-- suite:');
});

const rendered = (name: string, printed: readonly string[]) =>
  parts.find((part) => part.name === name)?.render(`${printed.join('\n')}\n`);

test('drills are counted for each plan, and what was missed is named', () => {
  const printed = [
    { plan: 'plan.yml' },
    { scenario: 'az-outage', passed: true, missed: [] },
    { scenario: 'calm', passed: false, missed: ['served: expected true, was false'] },
    { plan: 'mine.yml' },
    { scenario: 'az-outage', leftOut: 'there is no cluster' },
  ].map((line) => JSON.stringify(line));
  expect(rendered('scenarios', printed)?.split('\n').slice(2)).toEqual([
    '| plan.yml | 2 | 1 | 0 |',
    '| mine.yml | 0 | 0 | 1 |',
    '',
    '- plan.yml, calm: served: expected true, was false',
  ]);
});

test('faults are counted for each scenario of each plan, and what was missed is named', () => {
  const of = (fault: string, resumed: number, missed: readonly string[]) => ({
    scenario: 'az-outage',
    ...{ fault, resumed, missed },
  });
  const printed = [{ plan: 'plan.yml' }, of('a', 0, []), of('b', 1, []), of('c', 0, ['no end', 'and more'])];
  expect(
    rendered(
      'faults',
      printed.map((line) => JSON.stringify(line)),
    )
      ?.split('\n')
      .slice(2),
  ).toEqual(['| az-outage | plan.yml | 3 | 1 | 1 |', '', '- plan.yml, az-outage, c: no end']);
});

test('a campaign says which histories broke what', () => {
  const broken = { seed: 6, invariant: 'approved', detail: 'nobody was asked', shortest: [] };
  const recoverySeconds = { p50: 231, p95: 1522, p99: 1522 };
  const printed = { seeds: 3, from: 5, failovers: 2, violations: [broken, broken], recoverySeconds, elapsedSeconds: 9 };
  expect(rendered('campaign', [JSON.stringify(printed)])).toBe(
    'Seeds 5 to 7: 2 of 3 histories kept every invariant; 2 failovers, served again p50 3 min 51 s, p95 25 min 22 s, p99 25 min 22 s.\n\n- seed 6, approved: nobody was asked\n- seed 6, approved: nobody was asked',
  );
});

test('tests are counted; mutants that lived are listed below theirs', () => {
  const counted = JSON.stringify({ numTotalTests: 9, numPassedTests: 6, numFailedTests: 1 });
  expect(rendered('suite', [counted])).toBe('9 tests: 6 passed, 1 failed, 2 skipped.');
  expect(rendered('mutation', ['a.ts:3: StringLiteral: ``', '9 of 10 mutants killed'])).toBe(
    "9 of 10 mutants killed\n\n- `a.ts:3: StringLiteral: ''`",
  );
  const many = Array.from({ length: 21 }, (_, index) => `${index === 0 ? 'b' : 'a'}.ts:${index}: Regex: x`);
  expect(rendered('mutation', [...many, '9 of 30 mutants killed'])).toBe(
    '9 of 30 mutants killed\n\n| file | mutants that lived |\n|---|---|\n| a.ts | 20 |\n| b.ts | 1 |',
  );
});
