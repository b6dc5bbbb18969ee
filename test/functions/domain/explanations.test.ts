// Tests of explanations: what a release or planned work explains, and for how long.
import { expect, test } from 'vitest';
import { classify } from '../../../functions/domain/classify.ts';
import type { Signal } from '../../../functions/domain/types.ts';
import { plan } from '../../plan.ts';
import * as saw from './sightings.ts';
import { after, az1, az2, az4, region } from './sightings.ts';

const { release, maintenance } = plan.explanations;

/** Level of a zone in which three components began to fail at a time, two of which the work could break. */
function levelOf(failedAt: number, work: readonly Signal[], names = ['api-5xx', 'worker-errors', 'cluster-status']) {
  const signals = [...work, ...saw.alarms(names, az1, failedAt)];
  return classify(signals, region, plan, after(failedAt + 600)).level;
}

const started = saw.release('started', 0);
const ended = [started, saw.release('ended', 600)];
const longest = release.longestSeconds + release.afterSeconds;

test.for([
  ['before it began', -0.001, [started], 2],
  ['when it began', 0, [started], 1],
  ['while it runs', 300, [started], 1],
  ['when it ended', 600, ended, 1],
  ['a while after its end', 600 + release.afterSeconds, ended, 1],
  ['too long after its end', 600.001 + release.afterSeconds, ended, 2],
  ['after the longest time of a release that never ended', longest, [started], 1],
  ['longer after a release that never ended', longest + 0.001, [started], 2],
  ['before the end of a release whose start was not seen', 500, [saw.release('ended', 600)], 1],
  ['too long before the end of such a release', 600 - release.longestSeconds - 0.001, [saw.release('ended', 600)], 2],
] as const)('beside a release, what fails $0 is level $3', ([, failedAt, work, level]) => {
  expect(levelOf(failedAt, work)).toBe(level);
});

test('a release that took longer than releases do explains what failed from its beginning on', () => {
  const end = release.longestSeconds * 2;
  const slow = [started, saw.release('ended', end)];
  const failed = (at: number) => saw.alarms(['api-5xx', 'worker-errors', 'cluster-status'], az1, at);
  const levelAfterEnd = (at: number) => classify([...slow, ...failed(at)], region, plan, after(end + 600)).level;
  expect(levelAfterEnd(0)).toBe(1);
  expect(levelAfterEnd(-0.001)).toBe(2);
});

test('a release that is run again under its name is a new one', () => {
  const again = [saw.release('ended', 0), saw.release('started', 10_000)];
  expect(levelOf(10_000 + release.afterSeconds + 1, again)).toBe(1);
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
  expect(classify([started, ...dark, ...users], region, plan, after(600)).level).toBe(3);
});

test('what a release explains is no evidence for the region', () => {
  const everywhere = [az1, az2, az4].map((zone) => saw.alarm('api-5xx', zone, 60));
  const rest = [saw.canary('eu-west-1', 60), saw.canary('us-west-2', 60), saw.heartbeat(60)];
  expect(classify([...everywhere, ...rest], region, plan, after(600)).level).toBe(3);
  expect(classify([started, ...everywhere, ...rest], region, plan, after(600)).level).toBe('unknown');
});

test.for([
  ['whose start was long ago', [saw.release('ended', -release.afterSeconds - 0.001)], 'unknown'],
  ['that has just ended', [saw.release('ended', -release.afterSeconds)], 1],
  ['that came after they began to fail', [saw.release('started', 1)], 'unknown'],
] as const)('users who fail everywhere beside a release %s', ([, work, level]) => {
  const users = [saw.canary('eu-west-1', 0), saw.canary('ap-southeast-1', 0)];
  expect(classify([...work, ...users], region, plan, after(900)).level).toBe(level);
});

const down = ['database-status', 'api-5xx', 'ingress-5xx'];

test.for([
  ['before it', -0.001, [saw.maintenance('started', ['database'], 0, 1800)], 2],
  ['when it begins', 0, [saw.maintenance('started', ['database'], 0, 1800)], 1],
  [
    'a while after its planned end',
    1800 + maintenance.afterSeconds,
    [saw.maintenance('started', ['database'], 0, 1800)],
    1,
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
    1,
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
    1,
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
