// The labelled incident streams: each is judged as labelled, whatever is delivered twice, late or in another order.
import { expect, test } from 'vitest';
import type { Replayed } from '../../cli/replay.ts';
import { plan } from '../plan.ts';
import { type Line, missed, play, readStreams, type Stream, strongest } from './expectations.ts';

const streams = readStreams();
const small = streams.filter((stream) => stream.lines.length < 300);

const played = new Map<string, Promise<Replayed[]>>();

/** The stream as it is, replayed once. */
function asRecorded({ name, lines, expected }: Stream): Promise<Replayed[]> {
  const decisions = played.get(name) ?? play(lines, expected.observeUntil, plan);
  played.set(name, decisions);
  return decisions;
}

/** What was decided and when; which of several copies of an event led to it does not matter. */
function essence(decisions: readonly Replayed[]) {
  return decisions.map(({ at, level, scope, action }) => ({ at, level, scope, action }));
}

const hasCopies = ({ expected }: Stream): boolean => (expected.logicalDuplicates ?? []).length > 0;
const withDuplicates = streams.filter(({ expected }) => (expected.duplicates ?? []).length > 0);
const withCopies = streams.filter(hasCopies);
const withoutWait = streams.filter(({ expected }) => expected.mustNot.includes('wait:health'));

test('all streams are there, and of each label as many as there are', () => {
  const counts = [streams, small, withDuplicates, withCopies, withoutWait].map(({ length }) => length);
  expect(counts).toEqual([14, 12, 4, 8, 1]);
});

test.for(streams)('$name is judged as labelled', async (stream) => {
  expect(missed(stream, await asRecorded(stream))).toEqual([]);
});

/** Lines without those that are delivered twice, and without the copies of Health in the backup region. */
function once({ lines, expected }: Stream): Line[] {
  const copies = new Set((expected.logicalDuplicates ?? []).flatMap(([, copy]) => copy ?? []));
  const ids = new Set<string>();
  return lines.filter(({ id }) => !copies.has(id) && !ids.has(id) && ids.add(id));
}

test.for(streams.filter((stream) => withDuplicates.includes(stream) || withCopies.includes(stream)))(
  '$name is judged the same when nothing is delivered twice, by a bus or by Health',
  async (stream) => {
    const { lines, expected } = stream;
    const left = once(stream);
    expect(left.length).toBeLessThan(lines.length);
    expect(essence(await play(left, expected.observeUntil, plan))).toEqual(essence(await asRecorded(stream)));
  },
);

test.for(small)('$name is judged the same when every line is delivered twice', async (stream) => {
  const { lines, expected } = stream;
  const twice = lines.flatMap((line) => [line, line]);
  expect(essence(await play(twice, expected.observeUntil, plan))).toEqual(essence(await asRecorded(stream)));
});

test.for(streams)('$name reaches the same level when lines of a minute arrive in another order', async (stream) => {
  const { lines, expected } = stream;
  const shuffled = shuffleMinutes(lines);
  expect(shuffled).not.toEqual(lines);
  expect(strongest(await play(shuffled, expected.observeUntil, plan)).level).toBe(
    strongest(await asRecorded(stream)).level,
  );
});

test.for(withoutWait)('$name is decided at the same time without Health', async (stream) => {
  const { lines, expected } = stream;
  const without = lines.filter((line) => line.source !== 'aws.health');
  expect(without.length).toBeLessThan(lines.length);
  expect(essence(await play(without, expected.observeUntil, plan))).toEqual(essence(await asRecorded(stream)));
});

/** Lines of one minute of arrival in an order of a fixed seed. */
function shuffleMinutes(lines: readonly Line[]): Line[] {
  const minutes: Line[][] = [];
  let clock = 0;
  let minute = -1;
  for (const line of lines) {
    clock = Math.max(clock, line.time);
    if (Math.floor(clock / 60_000) !== minute) minutes.push([]);
    minute = Math.floor(clock / 60_000);
    minutes.at(-1)?.push(line);
  }
  let seed = 7;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed;
  };
  return minutes.flatMap((one) =>
    one
      .map((line) => ({ line, key: next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ line }) => line),
  );
}
