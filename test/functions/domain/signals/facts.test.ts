// What each signal says to people, word by word; and facts with the time by the clock.
import { describe, expect, test } from 'vitest';
import { clockedFacts, factOf } from '../../../../functions/domain/signals/facts.ts';
import type { Condition, Signal } from '../../../../functions/domain/types.ts';
import * as saw from '../evidence/sightings.ts';
import { az1 } from '../evidence/sightings.ts';

const at = (clock: string, said: string | null) => (said === null ? null : `2026-11-23T${clock}.000Z ${said}`);

describe('an alarm says what fails, or that it gives no data, and nothing while all is well or where it was deleted', () => {
  test.for<[string, (condition: Condition) => Signal, string, string]>([
    [
      'a component of a zone',
      (condition) => saw.alarm('api-5xx', az1, 60, condition),
      `api fails: 5xx in ${az1}`,
      `api gives no data: 5xx in ${az1}`,
    ],
    [
      'a component over the region',
      (condition) => saw.alarm('cluster-nodes-notready', null, 60, condition),
      'cluster fails: nodes-notready',
      'cluster gives no data: nodes-notready',
    ],
    [
      'a canary',
      (condition) => saw.canary('eu-west-1', 60, condition),
      'users fail, seen from eu-west-1',
      'the canary in eu-west-1 gives no data',
    ],
    [
      'a probe',
      (condition) => saw.probe('rds', 60, condition),
      'AWS service rds does not answer',
      'the probe of AWS service rds gives no data',
    ],
    [
      'the heartbeat',
      (condition) => saw.heartbeat(60, condition),
      'the heartbeat is missing',
      'the alarm on the heartbeat gives no data',
    ],
    [
      'the replica',
      (condition) => saw.replica(60, condition),
      'the replica lags',
      'the lag of the replica is not known',
    ],
  ])('%s', ([, signal, fails, silent]) => {
    expect(factOf(signal('failing'))).toBe(at('03:01:00', fails));
    expect(factOf(signal('unknown'))).toBe(at('03:01:00', silent));
    expect([factOf(signal('healthy')), factOf(signal('gone'))]).toEqual([null, null]);
  });
});

test.for<[Signal, string | null]>([
  [saw.unready('latch', 60), 'not ready for a recovery: latch: latch is not there'],
  [saw.unready('latch', 60, 'healthy'), null],
  [saw.release('started', 60, 'v42'), 'release v42 started'],
  [saw.release('ended', 60, 'v42'), 'release v42 ended'],
  [saw.maintenance('started', ['cache'], 60), 'planned work mw-1 started'],
  [saw.maintenance('ended', ['cache'], 60), 'planned work mw-1 ended'],
  [saw.database('failover-started', 60), 'database chatops-prod: failover-started'],
  [saw.database('other', 60), null],
  [saw.cache('node-replaced', 60), 'cache chatops-redis: node-replaced'],
  [saw.cache('other', 60), null],
  [saw.bulletin([az1], 60), 'AWS Health: ec2 issue'],
  [saw.bulletin([az1], 60, false), null],
  [saw.autoshift(az1, 60), `traffic left ${az1} (autoshift)`],
  [saw.autoshift(az1, 60, false), `traffic returned to ${az1} (autoshift)`],
  [saw.probeRun(60, ['ec2', 'rds']), 'AWS services do not answer, asked from us-west-2: ec2, rds'],
  [saw.probeRun(60), null],
  [saw.run('eu-west-1', 60, false), null],
  [saw.beat(60), null],
])('%o is told in one line, or says no more than numbers do', ([signal, said]) => {
  const { value: _, ...bare } = signal;
  expect(factOf(bare as Signal)).toBe(at('03:01:00', said));
});

test.for<[string, Signal, number, string]>([
  [
    'a component’s is a measure of four digits',
    saw.alarm('api-5xx', az1, 0),
    12.3456,
    `api fails: 5xx in ${az1} (the value of its alarm: 12.35)`,
  ],
  [
    'a whole number stays one',
    saw.alarm('api-5xx', az1, 0),
    640,
    `api fails: 5xx in ${az1} (the value of its alarm: 640)`,
  ],
  ['zero is one too', saw.alarm('api-5xx', az1, 0), 0, `api fails: 5xx in ${az1} (the value of its alarm: 0)`],
  [
    'a canary’s is a share',
    saw.canary('eu-west-1', 0),
    0.126,
    'users fail, seen from eu-west-1 (13 % of the visits succeeded)',
  ],
  ['a probe’s says no more', saw.probe('rds', 0), 0, 'AWS service rds does not answer'],
])('a value is told in its unit: %s', ([, signal, value, said]) => {
  expect(factOf({ ...signal, value })).toBe(at('03:00:00', said));
});

describe('facts are shown by the clock', () => {
  test('of the newest day without it, and of others with it', () => {
    const facts = [
      '2026-11-22T23:59:59.000Z release v1 started',
      '2026-11-23T03:05:00.000Z api fails: 5xx in use1-az1',
      '2026-11-23T02:00:00.000Z users fail, seen from eu-west-1',
    ];
    expect(clockedFacts(facts)).toEqual([
      '22 Nov 2026, 23:59 UTC release v1 started',
      '03:05 UTC api fails: 5xx in use1-az1',
      '02:00 UTC users fail, seen from eu-west-1',
    ]);
  });

  test.for([
    'it fails',
    'it fails since 2026-11-23T03:00:00.000Z or so',
    '2026-11-23 it fails',
    '2026-11-23T03:00:00.000Z',
    '2026-11-99T99:99:99.000Z it fails',
    'x2026-11-23T03:00:00.000Z it fails',
    '2026-11-23T03:00:00.000 Z it fails',
  ])('and one that does not begin with a time stays as it is: %s', (fact) => {
    expect(clockedFacts([fact])).toEqual([fact]);
    expect(clockedFacts([fact, '2026-11-23T03:00:00.000Z it is well'])).toEqual([fact, '03:00 UTC it is well']);
  });

  test('none are none', () => {
    expect(clockedFacts([])).toEqual([]);
  });
});
