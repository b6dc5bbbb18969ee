// Properties of classification that must hold for any signals at all. The seed is fixed: a failure can be repeated.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../../../functions/domain/decision/decide.ts';
import { advance } from '../../../../functions/domain/decision/incident.ts';
import { classify, rank } from '../../../../functions/domain/evidence/classify.ts';
import type { Classification, Condition, Incident, Level, Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, az4, idle, region } from './sightings.ts';

const settings = { seed: 20_261_123, numRuns: 1500 };
const longest = 1800;

const seconds = fc.integer({ min: 0, max: longest / 15 }).map((quarter) => quarter * 15);
const condition = fc.constantFrom<Condition>('failing', 'failing', 'healthy', 'unknown');
const quiet = fc.constantFrom<Condition>('healthy', 'unknown');
const zone = fc.constantFrom(az1, az1, az2, az4, null);
const observer = fc.constantFrom('us-west-2', 'eu-west-1', 'ap-southeast-1', 'us-east-1');
const alarmName = fc
  .tuple(
    fc.constantFrom('api', 'worker', 'database', 'cache', 'cluster', 'ingress'),
    fc.constantFrom('5xx', 'latency', 'pods-unready'),
  )
  .map((parts) => parts.join('-'));
const service = fc.constantFrom('ec2', 'rds', 'sts', 'lambda');
const phase = fc.constantFrom<'started' | 'ended'>('started', 'ended');

/** Signals that carry a condition, of any kind. */
function conditional(conditions: fc.Arbitrary<Condition>): fc.Arbitrary<Signal> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(alarmName, zone, seconds, conditions).map((args) => saw.alarm(...args)) },
    { weight: 3, arbitrary: fc.tuple(observer, seconds, conditions).map((args) => saw.canary(...args)) },
    { weight: 2, arbitrary: fc.tuple(service, seconds, conditions).map((args) => saw.probe(...args)) },
    { weight: 1, arbitrary: fc.tuple(seconds, conditions).map((args) => saw.heartbeat(...args)) },
    { weight: 1, arbitrary: fc.tuple(seconds, conditions).map((args) => saw.replica(...args)) },
  );
}

const other: fc.Arbitrary<Signal> = fc.oneof(
  fc.tuple(observer, seconds, fc.boolean()).map((args) => saw.run(...args)),
  seconds.map(saw.beat),
  fc.tuple(seconds, fc.subarray(['ec2', 'rds', 'sts'])).map((args) => saw.probeRun(...args)),
  fc.tuple(fc.constantFrom(az1, az2), seconds, fc.boolean()).map((args) => saw.autoshift(...args)),
  fc.tuple(fc.subarray([az1, az2, az4]), seconds, fc.boolean()).map((args) => saw.bulletin(...args)),
  fc.tuple(fc.constantFrom('failover-started', 'failover-completed'), seconds).map((args) => saw.database(...args)),
  fc.tuple(phase, seconds).map((args) => saw.release(...args)),
  fc.tuple(phase, fc.constantFrom(['database'], [az1], ['all']), seconds).map((args) => saw.maintenance(...args)),
);
const noise = fc.array(fc.oneof({ weight: 4, arbitrary: conditional(condition) }, { weight: 1, arbitrary: other }), {
  maxLength: 40,
});

/** What makes a failed zone and a failed region, each piece there or not, so that levels 2 and 3 and their edges come up. */
const planted = seconds.chain((at) =>
  fc.subarray([
    ...saw.alarms(['api-5xx', 'database-latency', 'cluster-status', 'cache-status'], az1, at),
    ...saw.alarms(['api-5xx', 'cache-status'], az2, at),
    ...['us-west-2', 'eu-west-1', 'ap-southeast-1'].map((one) => saw.canary(one, at)),
    ...['ec2', 'rds', 'sts'].map((one) => saw.probe(one, at)),
    saw.heartbeat(at),
  ]),
);
const calm = fc.array(other, { maxLength: 3 });
const signals = fc.oneof(
  noise,
  fc.tuple(planted, calm).map((parts) => parts.flat()),
  fc.tuple(planted, noise).map((parts) => parts.flat()),
);

function judge(seen: readonly Signal[], at: number): Classification {
  return classify(seen, region, plan, after(at));
}

/** What a level costs where it is wrong: a message and a hold both only call people. */
function weight(level: Level): number {
  return level === 'unknown' ? 1 : level;
}

test('any signals are classified and decided about, and the next look lies ahead', () => {
  const levels = new Set<Level>();
  fc.assert(
    fc.property(signals, seconds, (seen, at) => {
      const found = judge(seen, at);
      levels.add(found.level);
      expect(found.lookAgainAt === null || found.lookAgainAt > after(at)).toBe(true);
      expect(found.reason).not.toBe('');
      expect(found.rising === null || rank(found.rising) > rank(found.level)).toBe(true);
      expect(found.wellSince === null || found.level === 0).toBe(true);
      expect(found.evidence.every((id) => seen.some((signal) => signal.id === id))).toBe(true);
      expect(decide(found, idle, plan, after(at)).reason).not.toBe('');
    }),
    settings,
  );
  expect(levels).toEqual(new Set([0, 1, 'unknown', 2, 3]));
});

test('order and repetition of signals do not matter', () => {
  const reordered = signals.chain((seen) =>
    fc.tuple(fc.constant(seen), fc.shuffledSubarray([...seen, ...seen], { minLength: seen.length * 2 })),
  );
  fc.assert(
    fc.property(reordered, seconds, ([seen, again], at) => {
      expect(judge(again, at)).toEqual(judge(seen, at));
    }),
    settings,
  );
});

test('older signals of a key do not matter once a newer one is there', () => {
  fc.assert(
    fc.property(signals, seconds, (seen, at) => {
      const newest = seen.filter((one) =>
        seen.every(
          (rival) => rival.key !== one.key || rival.at < one.at || (rival.at === one.at && rival.id <= one.id),
        ),
      );
      expect(judge(newest, longest + at)).toEqual(judge(seen, longest + at));
    }),
    settings,
  );
});

test('without what one outside observer says the level is never higher', () => {
  fc.assert(
    fc.property(signals, seconds, fc.constantFrom('us-west-2', 'eu-west-1', 'ap-southeast-1'), (seen, at, gone) => {
      const fewer = seen.filter((signal) => signal.observer !== gone);
      expect(weight(judge(fewer, at).level)).toBeLessThanOrEqual(weight(judge(seen, at).level));
    }),
    settings,
  );
});

test('one observer alone never makes a region disaster', () => {
  fc.assert(
    fc.property(signals, seconds, observer, (seen, at, only) => {
      const lone = seen.filter((signal) => signal.kind !== 'canary' || signal.observer === only);
      expect(judge(lone, at).level).not.toBe(3);
    }),
    settings,
  );
});

test('missing data and health alone never move anything', () => {
  const harmless = fc.array(fc.oneof({ weight: 4, arbitrary: conditional(quiet) }, { weight: 1, arbitrary: other }));
  fc.assert(
    fc.property(harmless, seconds, (seen, at) => {
      expect([0, 1, 'unknown']).toContain(judge(seen, at).level);
    }),
    settings,
  );
});

test('missing data added to anything never makes a zone failure of it', () => {
  const missing = fc.array(
    fc.tuple(alarmName, zone, seconds).map(([name, place, at]) => saw.alarm(`${name}x`, place, at, 'unknown')),
  );
  fc.assert(
    fc.property(signals, missing, seconds, (seen, added, at) => {
      fc.pre(judge(seen, at).level !== 2);
      expect(judge([...seen, ...added], at).level).not.toBe(2);
    }),
    settings,
  );
});

test('when nothing new arrives, looks at the times asked for see every change of level', () => {
  fc.assert(
    fc.property(signals, (seen) => {
      const last = Math.max(0, ...seen.map((signal) => (signal.at - after(0)) / 1000));
      let due = judge(seen, last).lookAgainAt;
      let level = judge(seen, last).level;
      for (let at = last; at <= last + 1200; at += 5) {
        const found = judge(seen, at);
        if (due !== null && after(at) >= due) ({ level, lookAgainAt: due } = found);
        expect(found.level).toBe(level);
      }
    }),
    { ...settings, numRuns: 60 },
  );
});

test('an incident read through any history rises, or falls from a region to a zone alone, and closes at most once', () => {
  let closed = 0;
  fc.assert(
    fc.property(signals, (seen) => {
      let open: Incident | null = null;
      const ids = new Set<string>();
      for (let at = 0; at <= longest; at += 30) {
        const known = seen.filter((signal) => signal.at <= after(at));
        const { incident, decision } = advance(open, judge(known, at), idle, plan, after(at));
        if (incident === null) continue;
        expect(incident.version).toBe((open?.version ?? 0) + 1);
        const falls = open?.level === 3 && incident.level === 2 && decision?.level === 2;
        expect(falls || rank(incident.level) >= rank(open?.level ?? 0)).toBe(true);
        expect(incident.decisions.at(-1)).toEqual(decision);
        expect(decision?.execution ?? '').toMatch(/^[A-Za-z0-9_-]{0,80}$/);
        if (incident.closedAt !== null) {
          expect(ids.has(incident.id)).toBe(false);
          ids.add(incident.id);
          closed += 1;
        }
        open = incident.closedAt === null ? incident : null;
      }
    }),
    { ...settings, numRuns: 400 },
  );
  expect(closed).toBeGreaterThan(10);
});
