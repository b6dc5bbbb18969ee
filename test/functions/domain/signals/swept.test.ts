// Tests of what a sweep makes of the alarms it reads: states that events did not tell, and alarms that are no more.
import { expect, test } from 'vitest';
import { newestByKey } from '../../../../functions/domain/evidence/picture.ts';
import { type Read, sweptSignals } from '../../../../functions/domain/signals/swept.ts';
import type { Condition, Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { after, region } from '../evidence/sightings.ts';

const name = 'chatops-api-5xx-use1-az1';
const key = `alarm:${region}:${name}`;
const sweep = { region, prefix: 'chatops-', startedAt: after(600), now: after(602) };
const states = { failing: 'ALARM', healthy: 'OK', unknown: 'INSUFFICIENT_DATA' } as const;

function read(condition: keyof typeof states, since: number, alarm = name): Read {
  return { name: alarm, state: states[condition], since: after(since), reasonData: undefined };
}

function known(condition: Condition, at: number, change: Partial<Signal> = {}): Signal {
  const seen = { id: 'e-1', key, at: after(at), seenAt: after(at), region, observer: region };
  return {
    ...seen,
    kind: 'component',
    component: 'api',
    measure: '5xx',
    zone: 'use1-az1',
    condition,
    ...change,
  } as Signal;
}

/** What counts after a sweep: the condition of the newest signal of the alarm. */
function countsAfter(before: readonly Signal[], swept: readonly Signal[]): Condition | null {
  const newest = newestByKey([...before, ...swept], region, after(9000)).find((signal) => signal.key === key);
  return newest !== undefined && 'condition' in newest ? newest.condition : null;
}

test.for([
  ['a state that no event told', [], read('failing', 100), 'failing', 1],
  ['a newer state whose event was lost', [known('failing', 100)], read('healthy', 300), 'healthy', 1],
  ['an older state than an event told of minutes ago', [known('failing', 300)], read('healthy', 100), 'failing', 0],
  ['an older state than an event told of long ago', [known('failing', 0)], read('healthy', -100), 'healthy', 1],
  ['another state of the same time', [known('failing', 300)], read('healthy', 300), 'healthy', 1],
  ['a state that is known', [known('failing', 100)], read('failing', 100), 'failing', 0],
  ['a state that is known but for milliseconds', [known('failing', 100)], read('failing', 100.9), 'failing', 0],
  ['a state that came anew', [known('failing', 100)], read('failing', 400), 'failing', 1],
  ['a state that an event told of meanwhile', [known('healthy', 601)], read('failing', 100), 'healthy', 0],
  ['an alarm that was gone and is there', [known('gone', 300)], read('failing', 100), 'failing', 1],
] as const)('a sweep reads %s', ([, before, alarm, condition, kept]) => {
  const swept = sweptSignals([alarm], before, sweep, plan);
  expect(swept).toHaveLength(kept);
  expect(countsAfter(before, swept)).toBe(condition);
});

test('an alarm that a sweep reads anew is as old as its state', () => {
  const [signal] = sweptSignals([read('failing', 400)], [known('failing', 100)], sweep, plan);
  expect(signal).toMatchObject({ at: after(400), seenAt: after(602), id: `#${region}/${name}/${after(400)}` });
});

const another = read('healthy', 0, 'chatops-worker-errors');

test.for([
  ['that is not listed any more', [another], known('failing', 100), 'gone'],
  ['of another region', [another], known('failing', 100, { key: `alarm:us-west-2:${name}` }), null],
  ['of another application', [another], known('failing', 100, { key: `alarm:${region}:other-api-5xx` }), null],
  ['that was heard of too short a time ago to be listed', [another], known('failing', 560), 'failing'],
  ['that no plan reads, listed', [another, read('failing', 0, 'chatops-odd')], known('failing', 100), 'gone'],
] as const)('an alarm %s', ([, listed, signal, condition]) => {
  const swept = sweptSignals(listed, [signal], sweep, plan);
  expect(countsAfter([signal], swept)).toBe(condition);
  expect(swept.some((one) => 'condition' in one && one.condition === 'gone')).toBe(condition === 'gone');
});

test('an empty list makes no alarm go: it may be a service that fails', () => {
  expect(sweptSignals([], [known('failing', 100)], sweep, plan)).toEqual([]);
});

test('what is gone is said once', () => {
  const gone = sweptSignals([another], [known('failing', 100)], sweep, plan);
  const next = { ...sweep, startedAt: after(660), now: after(661) };
  const kept = gone.filter((signal) => signal.key === key);
  expect(sweptSignals([another], kept, next, plan).filter((signal) => signal.key === key)).toEqual([]);
});

test('runs, beats and other events are no alarms that could be gone', () => {
  const beat: Signal = { id: 'b', key: `beat:${region}`, at: after(0), region, observer: region, kind: 'beat' };
  expect(sweptSignals([another], [beat], sweep, plan).map((signal) => signal.key)).not.toContain(beat.key);
});

test('an alarm that is gone is said with its own id, after what was heard of it', () => {
  const gone = (signal: Signal) =>
    sweptSignals([another], [signal], sweep, plan).find((one) => 'condition' in one && one.condition === 'gone');
  expect(gone(known('failing', 100))).toStrictEqual({
    ...known('gone', 100),
    id: `#${key}/gone`,
    at: after(600),
    seenAt: after(602),
  });
  // Of the future by its own time: it is the newest all the same.
  const ahead = known('failing', 700, { seenAt: after(100) });
  expect(gone(ahead)?.at).toBe(after(700) + 1);
  const { seenAt: _, ...unseen } = known('failing', 100);
  expect(gone(unseen as Signal)).toMatchObject({ condition: 'gone' });
  expect(gone(known('failing', 539.999))).toBeDefined();
  expect(gone(known('failing', 540))).toBeUndefined();
  expect(gone(known('gone', 100))).toBeUndefined();
});

test('what has no condition cannot be gone, whatever its key', () => {
  const run = { id: 'r', key, at: after(0), region, observer: region, kind: 'canary-run', passed: true } as const;
  expect(sweptSignals([another], [run], sweep, plan).filter((signal) => signal.key === key)).toEqual([]);
});

test('a state that is known is news again from a second later on', () => {
  const kept = (since: number) => sweptSignals([read('failing', since)], [known('failing', 100)], sweep, plan).length;
  expect([kept(100.999), kept(101)]).toEqual([0, 1]);
});

test('what an event told when the sweep began, or since, counts; what it told before does not', () => {
  const kept = (seconds: number, before = known('healthy', seconds)) =>
    sweptSignals([read('failing', seconds)], [before], sweep, plan).map(({ at }) => at);
  expect(kept(599.999)).toEqual([after(599.999) + 1]);
  expect(kept(600)).toEqual([]);
  const { seenAt: _, ...unseen } = known('healthy', 600);
  expect(kept(600, unseen as Signal)).toEqual([]);
});

test('an answer that is older than an event is no news for ten minutes: then the event was wrong', () => {
  const kept = (seenAt: number, since: number) =>
    sweptSignals([read('healthy', since)], [known('failing', 700, { seenAt: after(seenAt) })], sweep, plan);
  expect(kept(0.001, 100)).toEqual([]);
  expect(kept(0, 100)).toMatchObject([{ condition: 'healthy', at: after(700) + 1 }]);
  // By a second alone nothing is older.
  expect(kept(500, 699)).toEqual([]);
  expect(kept(500, 699.001)).toHaveLength(1);
});

test('an alarm that no rule of the plan knows is no signal', () => {
  expect(sweptSignals([read('failing', 100, 'chatops-odd')], [], sweep, plan)).toEqual([]);
});
