// docs/mistakes.md names for each mistake the tests that fail where it is made again: they are there, under that name, and no fault that is put
// back is missing. Beside it stand the mistakes that only the project's own files show.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { misread } from '../simulator/put-back/events.ts';
import { ofInvariants, ofOthers } from '../simulator/put-back/faults.ts';

const root = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** The rows of the list: a mistake, where it comes from, and the tests that catch it. */
const rows = [...read('docs/mistakes.md').matchAll(/^\| (.+) \| ([A-Z]?r?\d.*) \| (.+) \|$/gm)].map(
  ([, mistake = '', from = '', caught = '']) => ({
    mistake,
    from: from.split(', '),
    tests: caught.split('<br>').map((one) => {
      const [, file = '', name = ''] = /^`(.+?)`: (.+)$/.exec(one) ?? [];
      return { file, name };
    }),
  }),
);
const numbers = new Set(rows.flatMap(({ from }) => from));

describe('the list of mistakes', () => {
  test.for(rows)('$mistake: caught by tests that are there', ({ tests }) => {
    for (const { file, name } of tests) {
      expect(file).toMatch(/^test\/.+\.ts$/);
      expect(existsSync(join(root, file)), file).toBe(true);
      // As a text of its own: part of a longer name is another test.
      const texts = ["'", '`', '"'].map((quote) => `${quote}${name}${quote}`);
      const text = read(file);
      expect(
        texts.some((one) => text.includes(one)),
        `${file}: ${name}`,
      ).toBe(true);
    }
  });

  // How many of each: published orchestrators, services of AWS, attacks.
  test.for([
    ['P', 12],
    ['S', 17],
    ['A', 19],
  ] as const)('leaves out none of %s1 to %s%i', ([letter, last]) => {
    const all = Array.from({ length: last }, (_, index) => `${letter}${index + 1}`);
    expect(all.filter((one) => !numbers.has(one))).toEqual([]);
  });

  test('has every fault of others that is put back into a drill or into what events say', () => {
    const named = new Set(rows.flatMap(({ tests }) => tests.map(({ name }) => name)));
    const faults = [...ofOthers, ...misread].map(({ mistake }) => mistake);
    // Of those of the invariants the ones that somebody had; the others are the invariants' own.
    const had = ofInvariants.map(({ mistake }) => mistake).filter((mistake) => mistake.endsWith(')'));
    expect([...faults, ...had].filter((mistake) => !named.has(mistake))).toEqual([]);
  });

  const reports = join(root, '../shared/field-reports');
  test.skipIf(!existsSync(reports))('has every public report', () => {
    const folders = readdirSync(reports).flatMap((one) => /^r\d+/.exec(one)?.[0] ?? []);
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.filter((one) => !numbers.has(one))).toEqual([]);
  });
});

describe('only the files of the project show', () => {
  test('that no function waits by sleeping: what sets a timer is here, with the reason', () => {
    const timers = {
      'functions/aws/looking/changes.ts': 'CloudTrail is asked again twice, within the ten seconds of the look',
      'functions/aws/sql/sql.ts': 'a statement, and the goodbye of its connection, have an end',
      'functions/shared/shell.ts': 'visits begin beside those that hang, within the time of one',
    };
    const sources = readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `functions/${file}`);
    expect(sources.length).toBeGreaterThan(200);
    const sleeps = /\bset(Timeout|Interval)\b|timers\/promises|scheduler\.wait|Atomics\.wait|\bwaitUntil[A-Z]/;
    expect(sources.filter((file) => sleeps.test(read(file))).toSorted()).toEqual(Object.keys(timers));
  });

  test('that the plugin for state machines is one that osls 4 can call: before 3.31 every deployment ends as failed', () => {
    const { packages } = JSON.parse(read('package-lock.json'));
    const [major, minor] = String(packages['node_modules/serverless-step-functions'].version).split('.').map(Number);
    expect(major).toBe(3);
    expect(minor).toBeGreaterThanOrEqual(31);
  });
});
