// Tests of explanations: what a release or planned work explains, and for how long.
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../functions/domain/evidence/classify.ts';
import {
  dependentsOf,
  isBelow,
  isBeyondApplication,
  readExplanations,
} from '../../../../functions/domain/evidence/explanations.ts';
import { slotOf } from '../../../../functions/domain/signals/reading.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import * as saw from './sightings.ts';
import { az1, az2, az4, region, after as second } from './sightings.ts';

const { release, maintenance } = plan.explanations;

/** Level of a zone in which three components began to fail at a time, two of which the work could break. */
function levelOf(failedAt: number, work: readonly Signal[], names = ['api-5xx', 'worker-errors', 'cluster-status']) {
  const signals = [...work, ...saw.alarms(names, az1, failedAt)];
  return classify(signals, region, plan, second(failedAt + 600)).level;
}

const started = saw.release('started', 0);
const ended = [started, saw.release('ended', 600)];
const longest = release.longestSeconds + release.afterSeconds;

test.for([
  ['before it began', -0.001, [started], 2],
  ['when it began', 0, [started], 'unknown'],
  ['while it runs', 300, [started], 'unknown'],
  ['when it ended', 600, ended, 'unknown'],
  ['a while after its end', 600 + release.afterSeconds, ended, 'unknown'],
  ['too long after its end', 600.001 + release.afterSeconds, ended, 2],
  ['after the longest time of a release that never ended', longest, [started], 'unknown'],
  ['longer after a release that never ended', longest + 0.001, [started], 2],
  ['before the end of a release whose start was not seen', 500, [saw.release('ended', 600)], 'unknown'],
  ['too long before the end of such a release', 600 - release.longestSeconds - 0.001, [saw.release('ended', 600)], 2],
] as const)('beside a release, what fails $0 is level $3', ([, failedAt, work, level]) => {
  expect(levelOf(failedAt, work)).toBe(level);
});

test('a release that took longer than releases do explains what failed from its beginning on', () => {
  const end = release.longestSeconds * 2;
  const slow = [started, saw.release('ended', end)];
  const failed = (at: number) => saw.alarms(['api-5xx', 'worker-errors', 'cluster-status'], az1, at);
  const levelAfterEnd = (at: number) => classify([...slow, ...failed(at)], region, plan, second(end + 600)).level;
  expect(levelAfterEnd(0)).toBe('unknown');
  expect(levelAfterEnd(-0.001)).toBe(2);
});

describe('of two that share one of the places in the table', () => {
  // The table keeps the later start and the later end of a place.
  const kept = (signal: Signal, name: string): Signal => {
    const phase = 'phase' in signal ? signal.phase : '';
    const named = signal.kind === 'release' ? { release: name } : { window: name };
    return { ...signal, ...named, id: `${name}-${phase}`, key: `${signal.kind}:${slotOf(name)}:${phase}` } as Signal;
  };
  const [before, longer, shorter] = [0, 'd-1', 'd-92'] as const;
  const releases = [
    kept(saw.release('started', before), longer),
    kept(saw.release('started', 60), shorter),
    kept(saw.release('ended', 120), shorter),
    kept(saw.release('ended', 600), longer),
  ];
  const works = [
    kept(saw.maintenance('started', ['cluster'], before, 10_000), 'mw-1'),
    kept(saw.maintenance('started', ['cluster'], 60, 10_000), 'mw-38'),
    kept(saw.maintenance('ended', ['cluster'], 120, 10_000), 'mw-38'),
    kept(saw.maintenance('ended', ['cluster'], 600, 10_000), 'mw-1'),
  ];

  test('they do', () => {
    expect([slotOf(longer), slotOf('mw-1')]).toEqual([slotOf(shorter), slotOf('mw-38')]);
  });

  test.for([
    ['release', releases, release.afterSeconds, ['api-5xx', 'worker-errors', 'cluster-status']],
    ['planned work', works, maintenance.afterSeconds, ['api-5xx', 'worker-errors', 'cluster-status']],
  ] as const)('the %s whose end was lost explains no longer than the other one', ([, work, afterSeconds, names]) => {
    const end = 600 + afterSeconds;
    expect(levelOf(end, work, [...names])).not.toBe(2);
    const alone = work.filter((signal) => 'phase' in signal && signal.phase === 'started');
    expect(levelOf(end + 1, alone, [...names])).not.toBe(2);
    expect(levelOf(end + 1, work, [...names])).toBe(2);
  });

  const broken = (seconds: number) => saw.alarm('cluster-pods-unready', az1, seconds) as never;
  const explainedAt = (signals: readonly Signal[], ...seconds: number[]) => {
    const { explains } = readExplanations(signals, plan);
    return seconds.map((at) => explains(broken(at)) !== null);
  };

  test('the one whose end was lost explains from its own beginning on', () => {
    const late = [kept(saw.release('started', -60), longer), ...releases.slice(1, 3)];
    expect(explainedAt(late, -60.001, -60, 0)).toEqual([false, true, true]);
    expect(explainedAt([...late, ...releases.slice(3)], -60.001, -60)).toEqual([false, true]);
  });

  test('nothing is cut by the end of one in another place, nor by a beginning', () => {
    const elsewhere = [releases[0] as Signal, saw.release('ended', 120, 'other')];
    expect(slotOf('other')).not.toBe(slotOf(longer));
    expect(explainedAt(elsewhere, 120 + release.afterSeconds + 1)).toEqual([true]);
    const short = kept(saw.maintenance('started', ['cluster'], 60, 100), 'mw-38');
    const { ends } = readExplanations([works[0] as Signal, short], plan);
    expect(ends).toEqual([second(10_000 + maintenance.afterSeconds), second(160 + maintenance.afterSeconds)]);
  });

  test('one that began after that end is none of it', () => {
    const later = kept(saw.release('started', 700), shorter);
    expect(levelOf(600 + release.afterSeconds + 1, [...releases.slice(3), later])).toBe('unknown');
  });
});

test('a release that is run again under its name is a new one', () => {
  const again = [saw.release('ended', 0), saw.release('started', 10_000)];
  expect(levelOf(10_000 + release.afterSeconds + 1, again)).toBe('unknown');
});

test.for([
  ['nothing but what a release breaks', ['api-5xx', 'worker-errors', 'ingress-5xx'], 1],
  ['pods of infrastructure', ['api-5xx', 'worker-errors', 'cluster-pods-unready'], 1],
  ['nodes', ['api-5xx', 'worker-errors', 'cluster-nodes-notready'], 'unknown'],
  ['too few connections to a cache', ['api-5xx', 'worker-errors', 'cache-connections'], 'unknown'],
  ['too few connections to a database', ['api-5xx', 'worker-errors', 'database-connections'], 'unknown'],
] as const)('a zone in which a release broke the application is level $2 beside $0', ([, names, level]) => {
  expect(levelOf(300, [started], [...names])).toBe(level);
});

test('too few connections over the region are what broken pods move', () => {
  const found = [started, ...saw.alarms(['api-5xx', 'cache-connections', 'database-connections'], null, 300)];
  expect(classify(found, region, plan, second(900)).level).toBe(1);
});

test('a release explains no managed service', () => {
  expect(levelOf(300, [started], ['database-status', 'cache-status', 'cluster-status'])).toBe(2);
});

test('a release does not hide the zone that fails beside it', () => {
  expect(levelOf(300, [started], ['api-5xx', 'database-status', 'cache-status', 'cluster-status'])).toBe(2);
});

test('a release never explains control planes, the heartbeat and observers', () => {
  const dark = [saw.probe('ec2', 60), saw.probe('rds', 60), saw.heartbeat(60)];
  const users = [saw.canary('eu-west-1', 60), saw.canary('us-west-2', 60)];
  expect(classify([started, ...dark, ...users], region, plan, second(600)).level).toBe(3);
});

test('what a release explains is no evidence for the region', () => {
  const everywhere = [az1, az2, az4].map((zone) => saw.alarm('api-5xx', zone, 60));
  const rest = [saw.canary('eu-west-1', 60), saw.canary('us-west-2', 60), saw.heartbeat(60)];
  expect(classify([...everywhere, ...rest], region, plan, second(600)).level).toBe(3);
  expect(classify([started, ...everywhere, ...rest], region, plan, second(600)).level).toBe('unknown');
});

test.for([
  ['whose start was long ago', [saw.release('ended', -release.afterSeconds - 0.001)], 'unknown'],
  ['that has just ended', [saw.release('ended', -release.afterSeconds)], 1],
  ['that came after they began to fail', [saw.release('started', 1)], 'unknown'],
] as const)('users who fail everywhere beside a release %s', ([, work, level]) => {
  const users = [saw.canary('eu-west-1', 0), saw.canary('ap-southeast-1', 0)];
  expect(classify([...work, ...users], region, plan, second(900)).level).toBe(level);
});

const down = ['database-status', 'api-5xx', 'ingress-5xx'];

test.for([
  ['before it', -0.001, [saw.maintenance('started', ['database'], 0, 1800)], 2],
  ['when it begins', 0, [saw.maintenance('started', ['database'], 0, 1800)], 1],
  [
    'a while after its planned end',
    1800 + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0, 1800)],
    'unknown',
  ],
  [
    'too long after its planned end',
    1800.001 + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0, 1800)],
    2,
  ],
  [
    'a while after it ended early',
    60 + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0, 1800), saw.maintenance('ended', ['database'], 60)],
    'unknown',
  ],
  [
    'too long after it ended early',
    60.001 + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0, 1800), saw.maintenance('ended', ['database'], 60)],
    2,
  ],
  [
    'in work of unknown length',
    release.longestSeconds + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0)],
    'unknown',
  ],
  [
    'after work of unknown length',
    release.longestSeconds + maintenance.afterSeconds + 0.001,
    [saw.maintenance('started', ['database'], 0)],
    2,
  ],
  ['in work on its zone', 60, [saw.maintenance('started', [az1], 0)], 1],
  ['in work on another zone', 60, [saw.maintenance('started', [az2], 0)], 2],
  ['in work on the region', 60, [saw.maintenance('started', [region], 0)], 1],
  ['in work on everything', 60, [saw.maintenance('started', ['all'], 0)], 1],
  ['in work on something else', 60, [saw.maintenance('started', ['billing'], 0)], 2],
  ['in work on what is named like a property of every object', 60, [saw.maintenance('started', ['constructor'], 0)], 2],
] as const)('beside planned work, what fails $0 is level $3', ([, failedAt, work, level]) => {
  expect(levelOf(failedAt, work, down)).toBe(level);
});

test('what outlasts the work that explained it is looked at by people, and is no zone to be left', () => {
  const work = [saw.maintenance('started', ['database'], 0, 1800), ...saw.alarms(down, az1, 60)];
  const until = 1800 + maintenance.afterSeconds;
  const at = (seconds: number) => classify(work, region, plan, second(seconds));
  expect(at(until)).toMatchObject({ level: 1, lookAgainAt: second(until) + 1 });
  expect(at(until + 1 + plan.evidence.region.unconfirmedSeconds)).toMatchObject({
    level: 'unknown',
    indication: 'zone-lost-or-explained',
  });
});

test('work that is announced for longer than the plan allows explains no longer than that', () => {
  const work = [saw.maintenance('started', ['database'], 0, 7 * 86_400)];
  const until = maintenance.longestSeconds + maintenance.afterSeconds;
  expect(levelOf(until + 1, work, down)).toBe(2);
  expect(levelOf(until - 900, work, down)).toBe(1);
  expect(levelOf(until + 1, [...work, saw.maintenance('ended', ['database'], 3 * 86_400)], down)).toBe(2);
});

const users = [saw.canary('eu-west-1', 120), saw.canary('ap-southeast-1', 130)];

test.for([
  ['the cluster', ['cluster'], 'users-fail'],
  ['a zone', [az2], 'users-fail'],
  ['everything', ['all'], 'users-fail'],
  ['something that serves nobody', ['billing'], 'users-fail-unexplained'],
] as const)('users who fail in announced work on %s, after its alarms have cleared, are %s', ([, targets, name]) => {
  const work = saw.maintenance('started', targets, 0, 1800);
  const cleared = saw.alarms(['cluster-nodes-notready', 'api-5xx'], az2, 600, 'healthy');
  const at = (seconds: number) => classify([work, ...users, ...cleared], region, plan, second(seconds)).indication;
  expect(at(900)).toBe(name);
  expect(at(1800 + maintenance.afterSeconds + 1 + plan.evidence.region.unconfirmedSeconds)).toBe(
    'users-fail-unexplained',
  );
});

test('announced work explains no control planes and no heartbeat: a region that is lost in it is lost', () => {
  const work = saw.maintenance('started', ['cluster'], 0, 1800);
  const dark = [saw.probe('ec2', 60), saw.probe('rds', 60), saw.heartbeat(60)];
  expect(classify([work, ...dark, ...users], region, plan, second(600)).level).toBe(3);
});

test('work on infrastructure explains the application that runs on it, and not the rest of it', () => {
  const work = [saw.maintenance('started', ['cluster'], 0, 1800)];
  expect(levelOf(60, work, ['cluster-nodes-notready', 'api-5xx', 'worker-errors'])).toBe(1);
  expect(levelOf(60, work, ['cluster-nodes-notready', 'api-5xx', 'cache-latency'])).toBe('unknown');
});

describe('what is explained, and until when', () => {
  const component = (name: string, zone: string | null, seconds = 60) => saw.alarm(name, zone, seconds) as never;
  const forEver = Number.POSITIVE_INFINITY;
  const read = (...signals: Signal[]) => readExplanations(signals, plan);

  test('nothing by nothing', () => {
    const { explains, explainsUsers, ends } = read();
    expect([explains(component('api-5xx', az1)), explainsUsers(second(60)), ends]).toEqual([null, null, []]);
  });

  test.for<[string, string, string | null, number | null]>([
    ['its own components', 'api-5xx', az1, forEver],
    ['what pods of infrastructure say', 'cluster-pods-unready', az1, forEver],
    ['what infrastructure of one zone says of itself', 'cache-connections', az1, null],
    ['connections over the region', 'cache-connections', null, forEver],
    ['connections of what is no infrastructure', 'queue-connections', az1, forEver],
    ['another measure of infrastructure over the region', 'cache-latency', null, null],
    ['another measure of what is no infrastructure', 'queue-latency', null, null],
    ['nodes over the region', 'cluster-nodes-notready', null, null],
  ])('a release explains, until it is well, no more and no less than it can break: %s', ([, name, zone, until]) => {
    expect(read(started).explains(component(name, zone))).toBe(until);
  });

  test('a measure of any shared cause is one of pods', () => {
    const sharedCauses = { disk: ['disk-full'], node: ['pods-unready'] };
    const { explains } = readExplanations([started], { ...plan, sharedCauses });
    expect(explains(component('cluster-pods-unready', az1))).toBe(forEver);
  });

  test('a release explains users who fail in it, until they are well', () => {
    const { explainsUsers, ends } = read(started);
    expect([explainsUsers(second(-0.001)), explainsUsers(second(0))]).toEqual([null, forEver]);
    expect([explainsUsers(second(longest)), explainsUsers(second(longest) + 1)]).toEqual([forEver, null]);
    expect(ends).toEqual([]);
  });

  const end = second(600 + maintenance.afterSeconds);
  const work = (...targets: string[]) => saw.maintenance('started', targets, 0, 600);

  test.for<[string, string, string | null, string, boolean]>([
    ['the component', 'cache-latency', az1, 'cache', true],
    ['what depends on it', 'worker-errors', az1, 'cache', true],
    ['the application that runs on infrastructure', 'ingress-5xx', az1, 'cluster', true],
    ['other infrastructure', 'database-latency', az1, 'cache', false],
    ['the zone', 'database-latency', az1, az1, true],
    ['another zone', 'database-latency', az2, az1, false],
    ['its region', 'database-latency', az1, region, true],
    ['everything', 'database-latency', null, 'all', true],
    ['the application itself', 'cluster-status', az1, 'api', false],
  ])('planned work explains what fails with %s: %s in %s, of work on %s: %s', ([, name, zone, target, isExplained]) => {
    expect(read(work('billing', target)).explains(component(name, zone))).toBe(isExplained ? end : null);
  });

  test.for<[string, boolean]>([
    ['all', true],
    [region, true],
    ['us-west-2', true],
    [az1, true],
    ['usw2-az1', true],
    ['database', true],
    ['api', true],
    ['billing', false],
    ['eu-west-1', false],
  ])('planned work on %s explains users who fail in it: %s', ([target, isExplained]) => {
    expect(read(work('billing', target)).explainsUsers(second(60))).toBe(isExplained ? end : null);
    expect(read(work('billing', target)).explainsUsers(end + 1)).toBeNull();
  });

  test('of two works the longer one counts, and the end of each is told', () => {
    const other = { ...saw.maintenance('started', ['cache'], 0, 1200), window: 'mw-2' } as Signal;
    const { explains, ends } = read(work('cache'), other);
    const until = second(1200 + maintenance.afterSeconds);
    expect(explains(component('cache-latency', az1))).toBe(until);
    expect(ends).toEqual([end, until]);
  });

  test('work whose start was not seen began its planned time before its end, or that of a release', () => {
    const beganAt = (planned: number, ended: Signal) =>
      [-0.001, 0].map((late) => read(ended).explains(component('cache-latency', az1, 9_000 - planned + late)) !== null);
    expect(beganAt(600, saw.maintenance('ended', ['cache'], 9_000, 600))).toEqual([false, true]);
    expect(beganAt(release.longestSeconds, saw.maintenance('ended', ['cache'], 9_000))).toEqual([false, true]);
  });

  test('work that has ended explains until a while after that, but no longer than the longest', () => {
    const over = (seconds: number) => read(work('cache'), saw.maintenance('ended', ['cache'], seconds, 600)).ends;
    expect(over(300)).toEqual([second(300 + maintenance.afterSeconds)]);
    expect(over(900)).toEqual([second(900 + maintenance.afterSeconds)]);
    expect(over(maintenance.longestSeconds + 1)).toEqual([
      second(maintenance.longestSeconds + maintenance.afterSeconds),
    ]);
  });
});

test('what fails with a component is what the plan says depends on it, and nothing that an object has by itself', () => {
  expect(dependentsOf('cache', plan)).toEqual(['api', 'worker']);
  expect(dependentsOf('cluster', plan)).toEqual([]);
  expect(dependentsOf('constructor', plan)).toEqual([]);
});

test.for([
  ['a database by its latency', 'database', ['latency'], true, true],
  ['a database by connections alone', 'database', ['connections', 'pods-unready'], true, false],
  ['a database by both', 'database', ['connections', 'latency'], true, true],
  ['a database by nothing', 'database', [], true, false],
  ['what is infrastructure and of the application', 'ingress', ['5xx'], false, false],
  ['the application', 'api', ['5xx'], false, false],
  ['what the plan does not know', 'billing', ['5xx'], false, false],
] as const)('below the application, and beyond what it can break, is %s', ([, component, measures, below, beyond]) => {
  expect([isBelow(component, plan), isBeyondApplication({ component, measures }, plan)]).toEqual([below, beyond]);
});
