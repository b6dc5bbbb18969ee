// A reader finds a file by its room: no folder has more than twelve files beside each other, but lists and data.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const most = 12;

/** Folders that are a list or data: each file is one entry, and the name is what a reader looks for. */
const lists = [
  'cli', // verbs
  'functions', // functions
  'docs/decisions',
  'events',
  'simulator/scenarios',
  'test/incidents',
  'test/messages', // each as a person reads it
  'test/page/screenshots', // made by tests of the page, for people to look at
];

const counted = [
  'check',
  'cli',
  'docs',
  'events',
  'examples',
  'functions',
  'infrastructure',
  'simulator',
  'statemachines',
  'test',
];
const folders = counted.flatMap((top) => [top, ...foldersIn(top)]);

test('no folder has more than twelve files, but lists and data', () => {
  const crowded = folders
    .filter((folder) => !lists.includes(folder))
    .map((folder) => ({ folder, files: filesIn(folder).length }))
    .filter(({ files }) => files > most);
  expect(crowded).toEqual([]);
});

test('in cli/ stand verbs, and what calls them', () => {
  const called = [...readFileSync(join(root, 'cli/breakwater.ts'), 'utf8').matchAll(/from '\.\/([a-z-]+)\.ts'/g)];
  const verbs = called.map(([, verb = '']) => verb);
  const others = filesIn('cli')
    .map((file) => file.replace(/\.m?ts$|\.mjs$/, ''))
    .filter((file) => !['main', 'breakwater'].includes(file))
    .filter((file) => !verbs.some((verb) => file === verb || file.startsWith(`${verb}-`)));
  expect(others).toEqual([]);
});

test('in functions/ stand functions', async () => {
  for (const file of filesIn('functions')) {
    const text = readFileSync(join(root, 'functions', file), 'utf8');
    expect(text, file).toMatch(/^export (const|async function|function) handler\b|^export \{ handler/m);
  }
});

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [`${folder}/${name}`, ...foldersIn(`${folder}/${name}`)]);
}
