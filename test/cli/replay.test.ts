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
  expect(out).toMatch(/\n76 events, \d+ matched no rule and were kept as evidence\n$/);
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

test('the end says how many signals of each kind were read, and why events gave none', async () => {
  const file = join(folder, 'strays.ndjson');
  const event = (id: string, source: string, detail: object) =>
    JSON.stringify({ id, source, 'detail-type': 'Message', time: '2021-12-22T12:00:00Z', region: 'us-east-1', detail });
  const beat = { ...JSON.parse(event('b', 'chatops.heartbeat', {})), 'detail-type': 'Chatops Heartbeat' };
  const lines = [event('1', 'aws.sns', {}), event('2', 'aws.sns', {}), event('3', 'aws.sqs', {}), JSON.stringify(beat)];
  writeFileSync(file, `\uFEFF${lines.join('\r\n\r\n')}\n`);
  const { status, out, err } = await run(['replay', file, '--plan', planFile]);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out.split('\n')).toEqual([
    'No decision: nothing in the events failed for long enough.',
    'Read: 1 beat',
    'No signal: 2 x no rule knows aws.sns "Message"',
    'No signal: 1 x no rule knows aws.sqs "Message"',
    '4 events, 3 matched no rule and were kept as evidence',
    '',
  ]);
  const json = await run(['replay', file, '--plan', planFile, '--json']);
  expect(json.out).toBe('');
  expect(json.err).toContain('No signal: 2 x no rule knows aws.sns "Message"');
});

const events = readFileSync(stream, 'utf8').trimEnd().split('\n');

test.for([
  ['an empty file', '', ': holds no event'],
  ['a file of empty lines', '\n\n \n', ': holds no event'],
  ['no JSON', 'not json\n', ': line 1 is not a complete JSON object'],
  [
    'a line that is cut',
    [...events.slice(0, 3), events[3]?.slice(0, 90)].join('\n'),
    ': line 4 is not a complete JSON object',
  ],
  [
    'an array over several lines',
    JSON.stringify(events.slice(0, 2), null, 2),
    ': line 1 is not a complete JSON object',
  ],
  ['JSON that is no event', [events[0], '[]'].join('\n'), ': line 2 is no EventBridge event (event: '],
  ['an event without a time', '{"id":"a","source":"b","detail-type":"c","region":"d","detail":{}}', 'event.time: '],
] as const)('%s is one line and status 2, and nothing is replayed', async ([, text, what]) => {
  const file = join(folder, 'wrong.ndjson');
  writeFileSync(file, text);
  for (const options of [[], ['--json']]) {
    const { status, out, err } = await run(['replay', file, ...options]);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(what);
    expect(err).toContain('expected recorded events, one JSON object a line');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  }
});
