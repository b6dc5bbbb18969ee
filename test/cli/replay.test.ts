import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planFile } from '../plan.ts';
import { fixture, hasControlCharacters, run } from './invented.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'breakwater-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const stream = fixture('test/incidents/zone-power-loss.ndjson');
const until = ['--until', '2021-12-22T14:03:00Z', '--plan', planFile];

test('a recorded loss of a zone is replayed as one line for each decision and a count', async () => {
  const { status, out, err } = await run(['replay', stream, ...until]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatch(/^2021-12-22T12:3\d:\d\dZ +2 +az-failover +use1-az4 +zone use1-az4 failed: /m);
  expect(out).toMatch(/\n76 events, \d+ kept as evidence without a rule\n$/);
  expect(hasControlCharacters(out)).toBe(false);
});

test('with --json each line is one decision with exactly the fields that were promised', async () => {
  const { status, out } = await run(['replay', stream, ...until, '--json']);
  expect(status).toBe(0);
  const decisions = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(decisions.length).toBeGreaterThan(0);
  for (const decision of decisions) {
    expect(Object.keys(decision)).toEqual(['at', 'eventId', 'level', 'scope', 'action', 'reason', 'evidence']);
  }
  expect(decisions[0]).toMatchObject({
    level: 2,
    action: 'az-failover',
    scope: { region: 'us-east-1', zone: 'use1-az4' },
  });
});

test('lines that are no events are kept and counted, and change no decision', async () => {
  const file = join(folder, 'torn.ndjson');
  const events = readFileSync(stream, 'utf8').trimEnd().split('\n');
  const torn = [...events.slice(0, 20), '{"version":"0","id":', 'not json', '', '[]', ...events.slice(20)];
  writeFileSync(file, torn.join('\n'));
  const whole = await run(['replay', stream, ...until]);
  const { status, out } = await run(['replay', file, ...until]);
  const decisions = (text: string) => text.trimEnd().split('\n').slice(0, -1);
  const strays = (text: string) => Number(/events, (\d+) kept/.exec(text)?.[1]);
  expect(status).toBe(0);
  expect(decisions(out)).toEqual(decisions(whole.out));
  expect(out).toContain('79 events');
  expect(strays(out)).toBe(strays(whole.out) + 3);
});

test('a stream without events ends with its count', async () => {
  const file = join(folder, 'empty.ndjson');
  writeFileSync(file, '');
  const { status, out } = await run(['replay', file]);
  expect({ status, out }).toEqual({ status: 0, out: '0 events, 0 kept as evidence without a rule\n' });
});
