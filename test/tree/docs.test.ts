// What the documents for contributors and readers promise: files that they name are there, and what the README shows is short.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createInvariants } from '../../simulator/invariants.ts';
import { plan } from '../plan.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What stands in backticks and begins like a path of the project; a placeholder or a star is none. */
function pathsIn(text: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory());
  const names = folders.map(({ name }) => name).filter((name) => name !== 'node_modules');
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, one = '']) => one);
  return quoted.filter((one) => names.includes(one.split('/')[0] ?? '') && !/[<*>]/.test(one));
}

describe.each(['docs/map.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s', (file) => {
  const text = read(file);
  test.for([...new Set(pathsIn(text))])('names %s, which is there', (path) => {
    expect(existsSync(join(root, path))).toBe(true);
  });
});

/** How GitHub names a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}

function anchorsIn(file: string): string[] {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

const documents = ['.', 'docs', 'docs/decisions', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: folder === 'examples', encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file)),
);

test('every link in every document leads to a file that is there, and to a heading in it', () => {
  expect(documents.length).toBeGreaterThan(40);
  const broken = documents.flatMap((file) =>
    [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) => {
      if (/^(https?|mailto):/.test(link)) return [];
      const [path = '', anchor = ''] = link.split('#');
      const to = path === '' ? file : join(file, '..', path);
      const leads = existsSync(join(root, to)) && (anchor === '' || anchorsIn(to).includes(anchor));
      return leads ? [] : [`${file}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

test('how to read a drill names every invariant, and every mark that a drill prints', () => {
  const text = read('docs/drill.md');
  const rows = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  const invariants = createInvariants({ plan })
    .verdict(0)
    .map(({ id }) => id);
  expect(invariants).toHaveLength(12);
  const timeline = read('cli/screen/timeline.ts');
  const marks = [...timeline.matchAll(/mark: '(.)'|colors\.\w+\('(\S)'\)/g)].map(([, one, other]) => one ?? other);
  expect(marks).toEqual(expect.arrayContaining(['✔', '✖', '↻', '○', '!', '–']));
  for (const name of [...invariants, ...marks]) expect(rows).toContain(name);
});

test.for(['An alarm', 'An approval', 'A drill'])('the walk %s names at least ten files', (name) => {
  const walks = read('docs/map.md').split(/^## /m);
  const walk = walks.find((one) => one.startsWith(`${name}\n`)) ?? '';
  expect(pathsIn(walk).length).toBeGreaterThanOrEqual(10);
});

test('every verb has a script, and the command of package.json is there', () => {
  const { scripts, bin } = JSON.parse(read('package.json'));
  const verbs = readdirSync(join(root, 'cli'), { withFileTypes: true })
    .filter((one) => one.isFile() && /^ {4}\.command\('|\.command\('/m.test(read(`cli/${one.name}`)))
    .flatMap((one) => [...read(`cli/${one.name}`).matchAll(/\.command\('([a-z-]+)'\)/g)].map(([, verb]) => verb));
  expect(verbs.filter((verb) => scripts[String(verb)] !== `node cli/main.ts ${verb}`)).toEqual([]);
  expect(existsSync(join(root, bin.breakwater))).toBe(true);
});

test('every file in events/ is read by a test', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const all = tests.map((file) => read(join('test', file))).join('\n');
  const unread = readdirSync(join(root, 'events')).filter(
    (file) => !all.includes(file) && !all.includes(file.replace(/\.json$/, "'")),
  );
  expect(unread).toEqual([]);
});
