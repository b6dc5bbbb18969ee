// The README shows what a command prints, and no other numbers: `npx vitest run test/tree/readme.test.ts -u` writes its drills anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { mostKilobytes } from '../../cli/size.ts';
import { most } from '../../infrastructure/limits.ts';
import packageFile from '../../package.json' with { type: 'json' };
import { run } from '../cli/invented.ts';

const file = join(import.meta.dirname, '../..', 'README.md');
const readme = readFileSync(file, 'utf8');

/** What is shown of a drill: parts of what it prints, each from a line that has some words to one that has others. */
const shown = {
  'az-outage': [
    ['fault ', '✔ NotifyRecovered'],
    ['Recovery ', 'Data loss'],
    ['Overhead ', 'Overhead '],
    ['Invariants ', 'Invariants '],
    ['PASSED', 'PASSED'],
  ],
  'region-outage': [
    ['region-failover started', 'The way:'],
    ['If people approve now', 'although it is open'],
    ['If the loss would exceed', 'One rejection'],
    ['approves the request', 'RequestApproval'],
    ['TakeOver database', 'MoveRole'],
    ['Recovery ', 'Clocks '],
    ['PASSED', 'PASSED'],
  ],
} as const;

const blocks = new Map<string, string>();
beforeAll(async () => {
  for (const [scenario, parts] of Object.entries(shown)) {
    const { out } = await run(['drill', scenario]);
    blocks.set(scenario, partsOf(out.trimEnd().split('\n'), parts));
  }
}, 240_000);

/** The parts one after the other, with dots between them; signals that say nothing new here are left out. */
function partsOf(lines: readonly string[], parts: readonly (readonly [string, string])[]): string {
  let next = 0;
  const taken = parts.map(([from, to]) => {
    const first = lines.findIndex((line, index) => index >= next && line.includes(from));
    const last = lines.findIndex((line, index) => index >= first && line.includes(to));
    expect([from, first, to, last]).not.toContain(-1);
    next = last + 1;
    return lines
      .slice(first, last + 1)
      .filter((line) => !/^ +… and/.test(line))
      .join('\n');
  });
  return taken.join('\n  ...\n');
}

test('its drills are those that the command prints', async () => {
  const written = readme.replaceAll(
    /(<!-- drill (\S+): .*?-->\n```\n)[\s\S]*?```\n(<!-- end -->)/g,
    (_, head, scenario, end) => `${head}${blocks.get(scenario)}\n\`\`\`\n${end}`,
  );
  await expect(written).toMatchFileSnapshot(file);
});

const outsideBlocks = readme.replaceAll(/```[\s\S]*?```/g, '');

test('no paragraph is wider than 120 columns', () => {
  const prose = outsideBlocks.split('\n').filter((line) => !/^\||^!\[|^<!--/.test(line));
  expect(prose.filter((line) => line.length > 120)).toEqual([]);
});

test('its first screen has what it is, two commands and the picture of a drill', () => {
  const first = readme.split('\n').slice(0, 14).join('\n');
  expect(first).toMatch(/^# Breakwater\n\n.*\n.*\.\n\n```\n(?:n.*\n){2}```\n\n!\[/);
});

test('what is not there yet is one short list', () => {
  expect(readme.match(/[Nn]ot there yet/g)).toHaveLength(1);
  const [, list = ''] = /\*\*Not there yet:\*\*\n\n([\s\S]*?)\n\n/.exec(readme) ?? [];
  expect(list.split('\n').length).toBeLessThanOrEqual(6);
});

test('every number in its prose is one that the code has', () => {
  const made = [
    packageFile.engines.node.replace('>=', ''),
    readFileSync(join(file, '../.nvmrc'), 'utf8').trim(),
    String(most.resources),
    mostKilobytes.toLocaleString('en-US'),
    ...['0', '1', '2', '3'], // exit statuses, and 3 a.m.
  ];
  const bare = outsideBlocks.replaceAll(/`[^`]*`/g, '').replaceAll(/\]\([^)]*\)/g, ']');
  const numbers = [...bare.matchAll(/\d[\d,.]*\d|\d/g)].map(([number]) => number);
  expect(numbers.filter((number) => !made.includes(number))).toEqual([]);
});
