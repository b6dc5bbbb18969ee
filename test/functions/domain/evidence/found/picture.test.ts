// What is known of a region, whole: what each instrument says, since when, and what contradicts it.
import { describe, expect, test } from 'vitest';
import {
  drawPicture,
  isGoodNews,
  newestByKey,
  type Picture,
  supersedes,
} from '../../../../../functions/domain/evidence/picture.ts';
import {
  failedBefore,
  hasBegunToFail,
  hasJustFailed,
  hasJustPassed,
  type LastRuns,
} from '../../../../../functions/domain/evidence/runs.ts';
import type { Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { az1, az2, region, after as second } from '../sightings.ts';

const { unconfirmedSeconds } = plan.evidence.region;
const { lateSeconds, retentionSeconds } = plan.evidence;
const draw = (signals: readonly Signal[], seconds = 100): Picture =>
  drawPicture(signals, region, plan, second(seconds));
const beatEvery = (seconds: number, everySeconds = 60) => ({ ...saw.beat(seconds), everySeconds }) as Signal;

describe('of nothing', () => {
  test('nothing is known', () => {
    const { explainsUsers, ...rest } = draw([]);
    expect(explainsUsers(0)).toBeNull();
    expect(rest).toEqual({
      failing: [],
      healed: [],
      dark: [],
      halfDark: [],
      inWork: new Set(),
      observers: [],
      silentObservers: [],
      usersSeenWell: false,
      seeingWell: [],
      answered: [],
      lastPassedAt: 0,
      failingNow: new Set(),
      lastRuns: new Map(),
      probes: [],
      heartbeat: null,
      doubtedHeartbeat: null,
      missedBeat: null,
      silentPlatform: [],
      replica: null,
      replicaUnknown: null,
      unready: [],
      happenings: [],
      failovers: [],
      noticedZones: new Set(),
      explanationsEnd: [],
      lastPlatformCleared: 0,
      lastCleared: 0,
      zonesWellAt: {},
      lastLost: null,
    });
  });
});

describe('components', () => {
  const opinion = (more: object) => ({
    component: 'api',
    cause: 'api',
    zone: az1,
    explained: false,
    overdue: false,
    ...more,
  });

  test('many alarms of one in one place are one opinion, dated by the first, with all that it fails by', () => {
    const signals = [
      saw.alarm('api-5xx', az1, 30),
      saw.alarm('api-latency', az1, 20),
      saw.alarm('api-errors', az1, 40),
    ];
    expect(draw(signals).failing).toEqual([
      opinion({ since: second(20), id: `api-latency-${az1}-failing@20`, measures: ['latency', '5xx', 'errors'] }),
    ]);
  });

  test('an alarm that arrived late does not date it, and of two at one time the first names it', () => {
    const late: Signal = { ...saw.alarm('api-latency', az1, 10), seenAt: second(300) };
    expect(draw([late, saw.alarm('api-5xx', az1, 100)], 400).failing).toEqual([
      opinion({ since: second(100), id: `api-5xx-${az1}-failing@100`, measures: ['latency', '5xx'] }),
    ]);
    const both = saw.alarms(['api-latency', 'api-5xx'], az1, 10);
    expect(draw(both).failing).toMatchObject([{ id: `api-5xx-${az1}-failing@10` }]);
  });

  test('one that fails in two zones, over the region, or by two causes, is as many opinions', () => {
    const signals = [
      saw.alarm('api-5xx', az1, 10),
      saw.alarm('api-5xx', az2, 20),
      saw.alarm('api-5xx', null, 30),
      saw.alarm('api-pods-unready', az1, 40),
    ];
    expect(draw(signals).failing).toEqual([
      opinion({ since: second(10), id: `api-5xx-${az1}-failing@10`, measures: ['5xx'] }),
      opinion({ zone: az2, since: second(20), id: `api-5xx-${az2}-failing@20`, measures: ['5xx'] }),
      opinion({ zone: null, since: second(30), id: 'api-5xx-null-failing@30', measures: ['5xx'] }),
      opinion({
        cause: 'node',
        since: second(40),
        id: `api-pods-unready-${az1}-failing@40`,
        measures: ['pods-unready'],
      }),
    ]);
  });

  test('a measure of two shared causes counts for the first that names it', () => {
    const sharedCauses = { node: ['pods-unready'], image: ['pods-unready', 'pulls'] };
    const { failing } = drawPicture(
      saw.alarms(['api-pods-unready', 'worker-pulls'], az1, 0),
      region,
      { ...plan, sharedCauses },
      second(100),
    );
    expect(failing.map(({ cause }) => cause)).toEqual(['node', 'image']);
  });

  test('what a release explains is told so, and what planned work explained is overdue from its end on', () => {
    const released = [saw.release('started', 0), saw.alarm('api-5xx', az1, 10)];
    expect(draw(released).failing).toEqual([
      opinion({ explained: true, since: second(10), id: `api-5xx-${az1}-failing@10`, measures: ['5xx'] }),
    ]);
    const worked = [saw.maintenance('started', [az1], 0, 60), saw.alarm('api-5xx', az1, 10)];
    const until = 60 + plan.explanations.maintenance.afterSeconds;
    expect(draw(worked, until).failing).toMatchObject([{ explained: true, overdue: false, since: second(10) }]);
    expect(draw(worked, until + 0.001).failing).toMatchObject([
      { explained: true, overdue: true, since: second(until) + 1 },
    ]);
    expect(draw(worked).explanationsEnd).toEqual([second(until)]);
  });

  test('what arrives late counts from its arrival', () => {
    const arriving = (delay: number): Signal => ({ ...saw.alarm('api-5xx', az1, 0), seenAt: second(delay) });
    expect(draw([arriving(lateSeconds)], 300).failing).toMatchObject([{ since: second(0) }]);
    expect(draw([arriving(lateSeconds + 0.001)], 300).failing).toMatchObject([{ since: second(lateSeconds + 0.001) }]);
  });

  test('one that is healthy by one alarm has healed, and is dark nowhere; one without any data is dark since the first', () => {
    const signals = [
      saw.alarm('api-5xx', az1, 10, 'healthy'),
      saw.alarm('api-latency', az1, 30, 'healthy'),
      saw.alarm('api-errors', az1, 20, 'unknown'),
      saw.alarm('worker-errors', az1, 40, 'unknown'),
      saw.alarm('worker-5xx', az1, 35, 'unknown'),
      saw.alarm('cache-status', az1, 50, 'unknown'),
      saw.alarm('cache-latency', az1, 55),
      saw.alarm('cache-status', null, 60, 'unknown'),
    ];
    const picture = draw(signals);
    expect(picture.healed).toEqual([{ component: 'api', zone: az1, at: second(30) }]);
    expect(picture.dark).toEqual([
      { component: 'worker', zone: az1, since: second(35), id: `worker-5xx-${az1}-unknown@35` },
      { component: 'cache', zone: null, since: second(60), id: 'cache-status-null-unknown@60' },
    ]);
    expect(picture.lastLost).toBe(second(60));
  });
});

describe('observers outside', () => {
  const report = (name: string, since: number, id: string) => ({ name, observer: name, since: second(since), id });

  test('fail by their alarms, and the one inside the region is none', () => {
    const picture = draw([saw.canary('eu-west-1', 10), saw.canary(region, 20)]);
    expect(picture.observers).toEqual([report('eu-west-1', 10, 'canary-eu-west-1-failing@10')]);
    expect(picture.failingNow).toEqual(new Set(['eu-west-1']));
    expect(picture.usersSeenWell).toBe(false);
  });

  test('give no data where neither an alarm nor a newer run says anything', () => {
    const silent = saw.canary('eu-west-1', 10, 'unknown');
    const told = [report('eu-west-1', 10, 'canary-eu-west-1-unknown@10')];
    expect(draw([silent])).toMatchObject({ silentObservers: told, lastLost: second(10), usersSeenWell: false });
    expect(draw([silent, saw.run('eu-west-1', 10, true)])).toMatchObject({ silentObservers: told });
    expect(draw([silent, saw.run('eu-west-1', 10.001, true)])).toMatchObject({
      silentObservers: [],
      usersSeenWell: true,
      lastPassedAt: second(10.001),
    });
    expect(draw([silent, saw.run('eu-west-1', 10.001, false)])).toMatchObject({
      silentObservers: [],
      usersSeenWell: false,
    });
    expect(draw([saw.canary(region, 10, 'unknown')]).silentObservers).toEqual([]);
  });

  test('see users well by an alarm that is well, and more so by a run of a short while ago beside it', () => {
    const well = saw.canary('eu-west-1', 10, 'healthy');
    expect(draw([well])).toMatchObject({ usersSeenWell: true, seeingWell: [], lastCleared: second(10) });
    expect(draw([well, saw.run('eu-west-1', 20, true)])).toMatchObject({ seeingWell: ['eu-west-1'] });
    expect(draw([well, saw.run('eu-west-1', 20, true, 0.9)])).toMatchObject({ seeingWell: [] });
    expect(draw([well, saw.run('eu-west-1', 20, true), saw.run('eu-west-1', 30, false)])).toMatchObject({
      seeingWell: [],
      failingNow: new Set(['eu-west-1']),
    });
    expect(draw([well, saw.run('eu-west-1', 20, true)], 199.999).seeingWell).toEqual(['eu-west-1']);
    expect(draw([well, saw.run('eu-west-1', 20, true)], 200).seeingWell).toEqual([]);
    expect(draw([saw.canary(region, 10, 'healthy'), saw.run(region, 20, true)])).toMatchObject({
      usersSeenWell: false,
      seeingWell: [],
      lastPassedAt: 0,
      lastRuns: new Map(),
    });
  });

  test('see users well by an alarm that is well, although one run failed', () => {
    const picture = draw([saw.canary('eu-west-1', 10, 'healthy'), saw.run('eu-west-1', 90, false)]);
    expect(picture).toMatchObject({ usersSeenWell: true, seeingWell: [], observers: [] });
  });

  test('see nobody well by a run beside an alarm that stands, or beside another alarm', () => {
    expect(draw([saw.canary('eu-west-1', 0), saw.run('eu-west-1', 20, true)]).seeingWell).toEqual([]);
    expect(draw([saw.probe('ec2', 0, 'healthy'), saw.run('us-west-2', 20, true)]).seeingWell).toEqual([]);
  });

  test('say nothing by an alarm that was deleted', () => {
    const deleted = { ...saw.canary('eu-west-1', 10), condition: 'gone' } as Signal;
    expect(draw([deleted])).toMatchObject({ usersSeenWell: false, silentObservers: [], observers: [] });
  });

  test('speak by no run that failed alone, without one that passed before, and none inside the region does', () => {
    expect(draw([saw.run('eu-west-1', 90, false)]).observers).toEqual([]);
    expect(draw([saw.run(region, -60, true), saw.run(region, 90, false)]).observers).toEqual([]);
  });

  test('have no clear opinion where a run passed after their alarm rose', () => {
    const contradicted = draw([saw.canary('eu-west-1', 10), saw.run('eu-west-1', 20, true)]);
    expect(contradicted).toMatchObject({ observers: [], usersSeenWell: true, lastCleared: second(20) });
    expect(draw([saw.canary('eu-west-1', 10), saw.run('eu-west-1', 10, true)]).observers).toHaveLength(1);
  });

  test('speak by two runs in a row that failed, dated by the second', () => {
    const runs = (failed: number) => [saw.run('eu-west-1', 0, true), saw.run('eu-west-1', failed, false)];
    expect(draw(runs(109.999), 110).observers).toEqual([]);
    expect(draw(runs(110), 110).observers).toEqual([report('eu-west-1', 110, 'run-eu-west-1-false@110')]);
    expect(draw(runs(150), 150).observers).toEqual([report('eu-west-1', 120, 'run-eu-west-1-false@150')]);
    expect(draw(runs(600), 600).observers).toHaveLength(1);
    expect(draw(runs(600.001), 601).observers).toEqual([]);
    expect(draw(runs(150), 329.999).observers).toHaveLength(1);
    expect(draw(runs(150), 330).observers).toEqual([]);
    // By such runs an alarm that is still well is no sight of users who are.
    expect(draw([...runs(150), saw.canary('eu-west-1', 0, 'healthy')], 150).usersSeenWell).toBe(false);
  });

  test('that fail again after a run that passed count from the second of these, beside an alarm that never cleared', () => {
    const signals = [saw.canary('eu-west-1', 0), saw.run('eu-west-1', 10, true), saw.run('eu-west-1', 130, false)];
    expect(draw(signals, 140).observers).toContainEqual(report('eu-west-1', 130, 'run-eu-west-1-false@130'));
    expect(draw(signals, 1_000).observers).toEqual([report('eu-west-1', 130, 'run-eu-west-1-false@130')]);
  });

  test('answer in part where some visits of a run that failed just now were answered', () => {
    const runs = [
      saw.run('us-west-2', 20, false, 0.1),
      saw.run('eu-west-1', 30, false, 0.5),
      saw.run('ap-southeast-1', 40, false, 0),
    ];
    expect(draw(runs).answered).toEqual(['eu-west-1', 'us-west-2']);
    expect(draw(runs, 200).answered).toEqual(['eu-west-1']);
    expect(draw([...runs, saw.run('us-west-2', 25, true)]).answered).toEqual(['eu-west-1']);
  });

  test('are remembered by their newest runs', () => {
    const runs = [
      saw.run('eu-west-1', 10, true),
      saw.run('eu-west-1', 20, false, 0.3),
      saw.run('us-west-2', 30, true, 0.9),
      { ...saw.run('ap-southeast-1', 40, true), value: undefined } as Signal,
      saw.run(region, 50, true),
    ];
    expect(draw(runs).lastRuns).toEqual(
      new Map([
        ['eu-west-1', { passedAt: second(10), failedAt: second(20), isClean: true, tellsAll: true, wasAnswered: true }],
        ['us-west-2', { passedAt: second(30), failedAt: 0, isClean: false, tellsAll: false, wasAnswered: false }],
        ['ap-southeast-1', { passedAt: second(40), failedAt: 0, isClean: true, tellsAll: false, wasAnswered: false }],
      ]),
    );
    expect(draw(runs).lastPassedAt).toBe(second(40));
  });
});

describe('the newest runs of an observer', () => {
  const runs = (more: Partial<LastRuns>): LastRuns => ({
    ...{ passedAt: 0, failedAt: 0, isClean: true, tellsAll: true, wasAnswered: false },
    ...more,
  });
  const [minute, now] = [60_000, 10_000_000];

  test('have just failed where the last of three minutes did', () => {
    expect(hasJustFailed(runs({ failedAt: now }), now)).toBe(true);
    expect(hasJustFailed(runs({ failedAt: now - 3 * minute + 1 }), now)).toBe(true);
    expect(hasJustFailed(runs({ failedAt: now - 3 * minute }), now)).toBe(false);
    expect(hasJustFailed(runs({ failedAt: now, passedAt: now }), now)).toBe(false);
    expect(hasJustFailed(runs({ failedAt: now - 1, passedAt: now }), now)).toBe(false);
  });

  test('have begun to fail where one passed ten minutes ago at most', () => {
    expect(hasBegunToFail(runs({ failedAt: now, passedAt: now - 10 * minute }), now)).toBe(true);
    expect(hasBegunToFail(runs({ failedAt: now, passedAt: now - 10 * minute - 1 }), now)).toBe(false);
    expect(hasBegunToFail(runs({ failedAt: now - 1, passedAt: now }), now)).toBe(false);
  });

  test('have just passed where the last of three minutes did, with every visit answered', () => {
    expect(hasJustPassed(runs({ passedAt: now }), now)).toBe(true);
    expect(hasJustPassed(runs({ passedAt: now - 3 * minute + 1 }), now)).toBe(true);
    expect(hasJustPassed(runs({ passedAt: now - 3 * minute }), now)).toBe(false);
    expect(hasJustPassed(runs({ passedAt: now, failedAt: now }), now)).toBe(false);
    expect(hasJustPassed(runs({ passedAt: now, isClean: false }), now)).toBe(false);
  });

  test.for<[string, Partial<LastRuns>, boolean]>([
    ['a run failed then', { failedAt: now }, true],
    ['a run failed ten minutes before', { failedAt: now - 10 * minute, passedAt: now + 1 }, true],
    ['a run failed longer before', { failedAt: now - 10 * minute - 1, passedAt: now + 1 }, false],
    ['a run failed afterwards', { failedAt: now + 1, passedAt: now - minute }, false],
    ['a run passed then with some visits unanswered', { passedAt: now, isClean: false }, true],
    ['a run passed then, and all was answered', { passedAt: now }, false],
    ['the run that was due by then did not pass', { failedAt: now + 1, passedAt: now - 110_000 }, true],
    ['the run was due a moment later', { failedAt: now + 1, passedAt: now - 109_999 }, false],
    ['the one that was due passed since', { failedAt: now - 20 * minute, passedAt: now - 110_000 }, false],
    ['it was due ten minutes before', { failedAt: now + 1, passedAt: now - 110_000 - 10 * minute }, true],
    ['runs of long ago passed and failed at once', { failedAt: now - 700_000, passedAt: now - 700_000 }, false],
    ['it was due longer before', { failedAt: now + 1, passedAt: now - 110_001 - 10 * minute }, false],
  ])('saw a visit fail before a time: %s', ([, more, seen]) => {
    expect(failedBefore(runs(more), now)).toBe(seen);
  });
});

describe('control planes', () => {
  const report = (name: string, since: number, id: string) => ({
    name,
    observer: 'us-west-2',
    since: second(since),
    id,
  });

  test('of hard dependencies fail by their alarms, and are silent by them', () => {
    const picture = draw([saw.probe('ec2', 10), saw.probe('rds', 20, 'unknown'), saw.probe('lambda', 5)]);
    expect(picture.probes).toEqual([report('ec2', 10, 'probe-ec2-failing@10')]);
    expect(picture.silentPlatform).toEqual([report('rds', 20, 'probe-rds-unknown@20')]);
    expect(draw([saw.probe('lambda', 5, 'unknown')]).silentPlatform).toEqual([]);
    expect(draw([saw.probe('ec2', 10, 'healthy'), saw.heartbeat(7, 'healthy')]).lastPlatformCleared).toBe(second(10));
    expect(draw([saw.alarm('api-5xx', az1, 10, 'healthy')]).lastPlatformCleared).toBe(0);
  });

  test('fail by two runs in a row, each service by itself, dated by the second', () => {
    const runs = (failed: number) => [saw.probeRun(0), saw.probeRun(failed, ['rds'])];
    expect(draw(runs(109.999), 110).probes).toEqual([]);
    expect(draw(runs(110), 110).probes).toEqual([report('rds', 110, 'probe-run-rds@110')]);
    expect(draw(runs(150), 150).probes).toEqual([report('rds', 120, 'probe-run-rds@150')]);
    expect(draw(runs(600), 600).probes).toHaveLength(1);
    expect(draw(runs(600.001), 601).probes).toEqual([]);
    expect(draw(runs(150), 329.999).probes).toHaveLength(1);
    expect(draw(runs(150), 330).probes).toEqual([]);
  });

  test('count from whichever was first, an alarm or runs', () => {
    const runs = [saw.probeRun(0), saw.probeRun(150, ['rds'])];
    expect(draw([...runs, saw.probe('rds', 100)], 160).probes).toEqual([report('rds', 100, 'probe-rds-failing@100')]);
    expect(draw([...runs, saw.probe('rds', 140)], 160).probes).toEqual([report('rds', 120, 'probe-run-rds@150')]);
  });

  test('are asked by each observer for itself', () => {
    const other = (signal: Signal) => ({ ...signal, observer: 'eu-west-1', key: `eu ${signal.key}` });
    const mixed = [saw.probeRun(0), other(saw.probeRun(150, ['rds']))];
    expect(draw(mixed, 150).probes).toEqual([]);
  });
});

describe('the heartbeat', () => {
  const missing = { name: 'heartbeat', observer: 'us-west-2', since: second(10), id: 'heartbeat-failing@10' };

  test('is missing by its alarm, unless a beat came since or two more need not have come', () => {
    expect(draw([saw.heartbeat(10)])).toMatchObject({ heartbeat: missing, doubtedHeartbeat: null });
    expect(draw([saw.heartbeat(10), saw.beat(10)])).toMatchObject({ heartbeat: missing });
    expect(draw([saw.heartbeat(10), saw.beat(20)])).toMatchObject({
      heartbeat: null,
      doubtedHeartbeat: missing,
      lastCleared: second(20),
    });
    // The alarm has missed three: the beat that was sent 150 s before it rose is the last that speaks against it.
    expect(draw([saw.heartbeat(10), beatEvery(-140)])).toMatchObject({ heartbeat: missing, doubtedHeartbeat: null });
    expect(draw([saw.heartbeat(10), beatEvery(-139)], 10)).toMatchObject({
      heartbeat: null,
      doubtedHeartbeat: missing,
    });
    expect(draw([saw.heartbeat(10), beatEvery(-139)], 11)).toMatchObject({
      heartbeat: { ...missing, since: second(11) },
      doubtedHeartbeat: null,
    });
  });

  test('says nothing where its alarm has no data, unless a beat came since', () => {
    const silent = [{ ...missing, id: 'heartbeat-unknown@10' }];
    expect(draw([saw.heartbeat(10, 'unknown')]).silentPlatform).toEqual(silent);
    expect(draw([saw.heartbeat(10, 'unknown'), saw.beat(10)]).silentPlatform).toEqual(silent);
    expect(draw([saw.heartbeat(10, 'unknown'), saw.beat(11)]).silentPlatform).toEqual([]);
  });

  test('is missed two and a half beats after the last, while other events are heard, for five minutes', () => {
    const heard = (seconds: number) => saw.run('eu-west-1', seconds, true);
    const missed = { name: 'heartbeat', observer: 'us-west-2', since: second(150), id: 'beat@0' };
    expect(draw([beatEvery(0), heard(149)], 149.999).missedBeat).toBeNull();
    expect(draw([beatEvery(0), heard(149)], 150).missedBeat).toEqual(missed);
    expect(draw([beatEvery(0), heard(290)], 299.999).missedBeat).toEqual(missed);
    expect(draw([beatEvery(0), heard(290)], 300).missedBeat).toBeNull();
    expect(draw([saw.beat(0), heard(149)], 150).missedBeat).toBeNull();
    expect(draw([beatEvery(0)], 150).missedBeat).toBeNull();
    expect(draw([beatEvery(0), heard(60.001)], 150).missedBeat).toEqual(missed);
    expect(draw([beatEvery(0), heard(60)], 150).missedBeat).toBeNull();
    expect(draw([beatEvery(0), saw.run(region, 149, true)], 150).missedBeat).toBeNull();
    expect(draw([beatEvery(0), saw.run('eu-west-1', 149, false)], 150).missedBeat).toEqual(missed);
  });

  test('of the standby is missed by the primary, and of several senders all must be late', () => {
    const there = (signal: Signal): Signal => ({ ...signal, region: 'us-west-2' });
    const seen = [there(beatEvery(0)), there(saw.run('eu-west-1', 149, true))];
    expect(drawPicture(seen, 'us-west-2', plan, second(150)).missedBeat?.observer).toBe(region);
    const another = { ...beatEvery(100), key: 'beat:another' };
    const heard = saw.run('eu-west-1', 149, true);
    expect(draw([beatEvery(0), another, heard], 150).missedBeat).toBeNull();
    expect(draw([beatEvery(0), another, saw.run('eu-west-1', 249, true)], 250).missedBeat).toMatchObject({
      since: second(250),
    });
  });
});

describe('good news against alarms that stand', () => {
  const observers = ['eu-west-1', 'us-west-2'];
  const users = observers.map((one) => saw.canary(one, 0));
  const runs = (seconds: number) => observers.map((one) => saw.run(one, seconds, true));
  const until = unconfirmedSeconds;

  test.for<[string, readonly Signal[]]>([
    ['a control plane that does not answer', [saw.probe('ec2', 0)]],
    ['the heartbeat', [saw.heartbeat(0)]],
    ['infrastructure', [saw.alarm('cache-latency', az1, 0)]],
  ])('is overruled after its time where the region says itself that it fails: by %s', ([, itself]) => {
    const seen = (seconds: number) => draw([...users, ...runs(seconds), ...itself], seconds).observers;
    expect(seen(until - 0.001)).toEqual([]);
    expect(seen(until)).toMatchObject(observers.map((name) => ({ name, since: second(until) })));
  });

  test.for<[string, readonly Signal[]]>([
    ['nothing', []],
    ['the application', [saw.alarm('api-5xx', az1, 0)]],
    ['a soft dependency', [saw.probe('lambda', 0)]],
    ['infrastructure that is well', [saw.alarm('cache-latency', az1, 0, 'healthy')]],
  ])('stands where nothing says so but %s', ([, itself]) => {
    expect(draw([...users, ...runs(1_000), ...itself], 1_000).observers).toEqual([]);
  });

  test('stands where one observer alone has an alarm, whatever the region says', () => {
    expect(draw([users[0] as Signal, ...runs(1_000), saw.heartbeat(0)], 1_000).observers).toEqual([]);
    const inside = [users[0] as Signal, saw.canary(region, 0)];
    expect(draw([...inside, ...runs(1_000), saw.heartbeat(0)], 1_000).observers).toEqual([]);
  });

  test('counts from when each observer was last heard to fail, and not from another one’s runs', () => {
    const failed = saw.run('eu-west-1', 1_200, false);
    const seen = draw([...users, failed, ...runs(1_320), saw.heartbeat(0)], 1_321).observers;
    expect(seen).toEqual([
      { name: 'us-west-2', observer: 'us-west-2', since: second(until), id: 'canary-us-west-2-failing@0' },
    ]);
  });

  test.for([
    ['that failed after it', 1_060],
    ['that failed with it', 1_000],
  ] as const)('is none where a run passed before one %s', ([, failedAt]) => {
    const failed = observers.map((one) => saw.run(one, failedAt, false));
    const { observers: seen } = draw([...users, ...runs(1_000), ...failed, saw.heartbeat(0)], 1_180);
    expect(seen).toMatchObject(observers.map((name) => ({ name, since: second(until) })));
  });

  test('is overruled by a control plane that has failed for less time, where no run of its probe was well', () => {
    const plane = saw.probe('ec2', until - 80);
    expect(draw([...users, ...runs(until), plane], until).observers).toHaveLength(2);
    const answered = [saw.probeRun(until - 70, ['ec2']), saw.probeRun(until + 50)];
    const late = (more: readonly Signal[]) => draw([...users, ...runs(until + 60), plane, ...more], until + 60);
    expect(late(answered).observers).toEqual([]);
    const ofAnother = answered.map((one) => ({ ...one, observer: 'eu-west-1', key: `eu ${one.key}` }));
    expect(late(ofAnother).observers).toHaveLength(2);
  });

  test('for the heartbeat is overruled beside users and control planes alone, and not while the region serves itself', () => {
    const planes = [saw.probe('ec2', 0), saw.probe('rds', 0)];
    const seen = (seconds: number, more: readonly Signal[] = planes) =>
      draw([...users, saw.heartbeat(0), saw.beat(seconds), ...more], seconds).heartbeat;
    expect(seen(until - 0.001)).toBeNull();
    expect(seen(until)?.since).toBe(second(until));
    expect(seen(until, planes.slice(1))).toBeNull();
    expect(draw([...planes, saw.heartbeat(0), saw.beat(until)], until).heartbeat).toBeNull();
    expect(seen(until, [...planes, saw.run(region, until - 1, true)])).toBeNull();
    expect(seen(until, [...planes, saw.run(region, until - 1, true, 0.9)])).not.toBeNull();
    expect(seen(until, [...planes, saw.run(region, until - 180, true)])).not.toBeNull();
  });
});

describe('the rest', () => {
  test('a replica lags, or its lag is not known', () => {
    const report = { name: 'replica', observer: 'us-west-2', since: second(10) };
    expect(draw([saw.replica(10)])).toMatchObject({
      replica: { ...report, id: 'replica-failing@10' },
      replicaUnknown: null,
      lastLost: null,
    });
    expect(draw([saw.replica(10, 'unknown')])).toMatchObject({
      replica: null,
      replicaUnknown: { ...report, id: 'replica-unknown@10' },
      lastLost: second(10),
    });
    expect(draw([saw.replica(10, 'healthy')])).toMatchObject({ replica: null, replicaUnknown: null });
  });

  test('checks of readiness that have failed are named', () => {
    expect(draw([saw.unready('latch', 10), saw.unready('backup', 20, 'healthy')]).unready).toEqual([
      { name: 'latch', observer: region, since: second(10), id: 'unready-latch-failing@10' },
    ]);
  });

  test('what AWS did is told, once or until its opposite', () => {
    const happenings = (...signals: Signal[]) => draw(signals).happenings;
    const happening = (what: string, id: string, lasts = false, isHearsay = false) => ({
      ...{ what, id, lasts, isHearsay, at: second(10) },
    });
    expect(happenings(saw.autoshift(az1, 10))).toEqual([
      happening(`AWS moved traffic out of ${az1}`, `autoshift-${az1}-true@10`, true),
    ]);
    expect(happenings(saw.autoshift(az1, 10, false))).toEqual([
      happening(`AWS let traffic back into ${az1}`, `autoshift-${az1}-false@10`),
    ]);
    for (const change of ['failover-started', 'failover-completed'] as const)
      expect(happenings(saw.database(change, 10))).toEqual([
        happening('AWS failed chatops-prod over', `database-${change}@10`),
      ]);
    expect(happenings(saw.cache('failover-completed', 10))).toEqual([
      happening('AWS failed chatops-redis over', 'cache-failover-completed@10', false, true),
    ]);
    expect(happenings(saw.database('replication-stopped', 10))).toEqual([
      happening('replication of chatops-prod stopped', 'database-replication-stopped@10', true),
    ]);
    const quiet = [
      saw.cache('failover-started', 10),
      saw.cache('node-replaced', 10),
      saw.database('restarted', 10),
      saw.database('promoted', 10),
      saw.database('replication-resumed', 10),
      saw.alarm('api-5xx', az1, 10),
      { ...saw.autoshift(az1, 10), cause: 'practice' } as Signal,
      { ...saw.autoshift(az1, 10, false), cause: 'manual' } as Signal,
    ];
    for (const signal of quiet) expect(happenings(signal)).toEqual([]);
  });

  test.for<[string, Signal, boolean]>([
    ['RDS resumes it', saw.database('replication-resumed', 20), true],
    ['it is promoted', saw.database('promoted', 20), true],
    ['RDS resumed it at the same time', saw.database('replication-resumed', 10), true],
    ['RDS resumed it before', saw.database('replication-resumed', 9), false],
    ['the alarm on the lag clears', saw.replica(20, 'healthy'), true],
    ['the alarm on the lag rises', saw.replica(20), false],
    ['the database restarts', saw.database('restarted', 20), false],
    [
      'RDS resumes that of another database',
      { ...saw.database('replication-resumed', 20), instance: 'billing' } as Signal,
      false,
    ],
  ])('replication that stopped is over once %s: %s', ([, signal, isOver]) => {
    expect(draw([saw.database('replication-stopped', 10), signal]).happenings).toHaveLength(isOver ? 0 : 1);
  });

  test('a database is failed over from when RDS says so until it says that this is over, and for five minutes at most', () => {
    const over = (...signals: Signal[]) => draw(signals).failovers;
    const begun = saw.database('failover-started', 10);
    const lasts = (seconds: number) => [{ component: 'database', from: second(10), until: second(seconds) }];
    expect(over(begun)).toEqual(lasts(310));
    expect(over(begun, saw.database('failover-completed', 70))).toEqual(lasts(70));
    expect(over(begun, saw.database('failover-completed', 10))).toEqual(lasts(10));
    expect(over(begun, saw.database('failover-completed', 9))).toEqual(lasts(310));
    expect(over(begun, saw.database('restarted', 20))).toEqual(lasts(310));
    expect(over(saw.database('failover-completed', 10))).toEqual([]);
    // Another instance, and what anybody may publish of a cache.
    expect(over({ ...begun, instance: 'another' } as Signal)).toEqual([]);
    expect(over(saw.cache('failover-started', 10))).toEqual([]);
  });

  test('a zone is noticed while AWS keeps traffic out of it, for as long as evidence is kept', () => {
    expect(draw([saw.autoshift(az1, 0)]).noticedZones).toEqual(new Set([az1]));
    expect(draw([saw.autoshift(az1, 0, false)]).noticedZones).toEqual(new Set());
    expect(draw([{ ...saw.autoshift(az1, 0), cause: 'manual' } as Signal]).noticedZones).toEqual(new Set());
    expect(draw([saw.autoshift(az1, 0)], retentionSeconds - 0.001).noticedZones).toEqual(new Set([az1]));
    expect(draw([saw.autoshift(az1, 0)], retentionSeconds)).toMatchObject({ noticedZones: new Set(), happenings: [] });
  });

  test('a zone is well since the newest sign of it, and not by what a person moved', () => {
    const signals = [
      saw.alarm('api-5xx', az1, 30, 'healthy'),
      saw.alarm('worker-errors', az1, 20, 'healthy'),
      saw.alarm('cache-status', az2, 10),
      saw.alarm('cluster-status', null, 40, 'healthy'),
      { ...saw.autoshift(az2, 50, false), cause: 'manual' } as Signal,
    ];
    expect(draw(signals).zonesWellAt).toEqual({ [az1]: second(30) });
    expect(draw([...signals, saw.autoshift(az2, 60, false), saw.autoshift(az1, 5)]).zonesWellAt).toEqual({
      [az1]: second(30),
      [az2]: second(60),
    });
  });

  test('what leaves a zone by itself becomes well by leaving, and says nothing of the zone', () => {
    const moved = saw.alarms(['database-latency', 'cache-latency'], az1, 40, 'healthy');
    expect(draw(moved).zonesWellAt).toEqual({});
    const stays = {
      ...plan,
      assets: plan.assets.map((one) => (one.kind === 'rds-instance' ? { ...one, multiAz: false } : one)),
    };
    expect(drawPicture(moved, region, stays, second(100)).zonesWellAt).toEqual({ [az1]: second(40) });
    // Nodes stay where they are: only their traffic leaves.
    expect(draw([...moved, saw.alarm('cluster-nodes-notready', az1, 30, 'healthy')]).zonesWellAt).toEqual({
      [az1]: second(30),
    });
  });

  test('what was deleted is lost from sight and says nothing, but for a check that was taken back', () => {
    const gone = (signal: Signal): Signal => ({ ...signal, condition: 'gone' }) as Signal;
    expect(draw([gone(saw.alarm('api-5xx', az1, 10))])).toMatchObject({
      failing: [],
      healed: [],
      lastLost: second(10),
    });
    expect(draw([gone(saw.unready('latch', 10))])).toMatchObject({ unready: [], lastLost: null });
    expect(draw([saw.unready('latch', 10, 'unknown')]).lastLost).toBeNull();
    expect(draw([saw.database('replication-resumed', 30), saw.probe('ec2', 20, 'healthy')]).lastCleared).toBe(
      second(30),
    );
    expect(draw([saw.database('restarted', 30)]).lastCleared).toBe(0);
  });
});

describe('of signals with one key', () => {
  const signal = (id: string, seconds: number, key = 'k'): Signal => ({ ...saw.beat(seconds), id, key });

  test('the newest counts, of two at one time the greater id, and all are in order of time', () => {
    expect(supersedes({ at: 2, id: 'a' }, { at: 1, id: 'b' })).toBe(true);
    expect(supersedes({ at: 1, id: 'b' }, { at: 1, id: 'a' })).toBe(true);
    expect(supersedes({ at: 1, id: 'a' }, { at: 1, id: 'a' })).toBe(false);
    expect(supersedes({ at: 1, id: 'b' }, { at: 2, id: 'a' })).toBe(false);
    const all = [signal('c', 30, 'x'), signal('b', 10), signal('z', 5), signal('a', 10, 'y'), signal('late', 101, 'l')];
    const elsewhere = { ...signal('e', 20, 'e'), region: 'us-west-2' };
    const newest = (signals: readonly Signal[]) => newestByKey(signals, region, second(100)).map(({ id }) => id);
    expect(newest([...all, elsewhere])).toEqual(['a', 'b', 'c']);
    expect(newest([...all, elsewhere].toReversed())).toEqual(['a', 'b', 'c']);
    expect(newest([signal('now', 100)])).toEqual(['now']);
  });
});

test.for<[string, Signal, boolean]>([
  ['a beat', saw.beat(0), true],
  ['a run that passed', saw.run('eu-west-1', 0, true), true],
  ['a run that failed', saw.run('eu-west-1', 0, false), false],
  ['control planes that all answer', saw.probeRun(0), true],
  ['one that does not', saw.probeRun(0, ['ec2']), false],
  ['an alarm that is well', saw.alarm('api-5xx', az1, 0, 'healthy'), false],
])('good news alone is %s: %s', ([, signal, isGood]) => {
  expect(isGoodNews(signal)).toBe(isGood);
});
