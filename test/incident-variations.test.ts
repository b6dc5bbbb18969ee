// Incidents that nobody labelled, of other shapes than the recorded ones. Each says what a careful engineer on call
// would do, and why; the classifier must do the same by its general rules.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Replayed } from '../cli/replay.ts';
import { parsePlan } from '../functions/domain/plan.ts';
import { type Line, play, strongest, toLine } from './expectations.ts';

const plan = parsePlan(parse(readFileSync('plan.yml', 'utf8')));
const start = Date.parse('2026-11-23T03:00:00Z');
const zones = ['use1-az1', 'use1-az2', 'use1-az4'] as const;
const [az1, az2, az4] = zones;
const outside = ['us-west-2', 'eu-west-1', 'ap-southeast-1'] as const;

let count = 0;

function event(source: string, type: string, seconds: number, region: string, detail: unknown): Line {
  count += 1;
  const time = new Date(start + seconds * 1000).toISOString();
  return toLine(JSON.stringify({ id: `event-${count}`, source, 'detail-type': type, time, region, detail }));
}

function alarm(name: string, seconds: number, value = 'ALARM', region = 'us-east-1', state: object = {}): Line {
  const detail = { alarmName: `chatops-${name}`, state: { value, ...state } };
  return event('aws.cloudwatch', 'CloudWatch Alarm State Change', seconds, region, detail);
}

/** Alarms of one zone, a few seconds apart. */
function zoneAlarms(names: readonly string[], zone: string, seconds: number, value = 'ALARM'): Line[] {
  return names.map((name, index) => alarm(`${name}-${zone}`, seconds + 4 * index, value));
}

function canary(observer: string, seconds: number, value = 'ALARM'): Line {
  return alarm(`canary-${observer}`, seconds, value, observer);
}

function canaries(seconds: number, value = 'ALARM'): Line[] {
  return outside.map((observer, index) => canary(observer, seconds + 10 * index, value));
}

function run(observer: string, seconds: number, passed: boolean): Line {
  const detail = { 'canary-name': `chatops-${observer}`, 'test-run-status': passed ? 'PASSED' : 'FAILED' };
  const type = `Synthetics Canary TestRun ${passed ? 'Successful' : 'Failure'}`;
  return event('aws.synthetics', type, seconds, observer, detail);
}

/** All observers pass every minute in a span of seconds. */
function passing(from: number, to: number): Line[] {
  const minutes = Array.from({ length: Math.floor((to - from) / 60) + 1 }, (_, index) => from + 60 * index);
  return minutes.flatMap((second) => outside.map((observer) => run(observer, second, true)));
}

function probe(service: string, seconds: number, value = 'ALARM'): Line {
  return alarm(`probe-${service}-us-east-1`, seconds, value, 'us-west-2');
}

function heartbeat(seconds: number, value = 'ALARM'): Line {
  return alarm('heartbeat-us-east-1', seconds, value, 'us-west-2');
}

function health(seconds: number, text: string, service = 'EC2', statusCode = 'open'): Line {
  return event('aws.health', 'AWS Health Event', seconds, 'us-east-1', {
    eventArn: `arn:aws:health:us-east-1::event/${service}/AWS_${service}_OPERATIONAL_ISSUE/1`,
    service,
    eventTypeCategory: 'issue',
    statusCode,
    eventRegion: 'us-east-1',
    eventDescription: [{ language: 'en_US', latestDescription: text }],
  });
}

function shift(type: string, zone: string, seconds: number): Line {
  return event('aws.arc-zonal-shift', type, seconds, 'us-east-1', { metadata: { awayFrom: zone, notes: '' } });
}

function release(phase: string, seconds: number): Line {
  return event('chatops.deploy', 'Chatops Deployment', seconds, 'us-east-1', {
    phase,
    deploymentId: 'd-1',
    targetRegion: 'us-east-1',
  });
}

function maintenance(phase: string, targets: string[], seconds: number): Line {
  return event('chatops.maintenance', 'Chatops Maintenance Window', seconds, 'us-east-1', {
    phase,
    windowId: 'mw-1',
    targets,
    plannedMinutes: 30,
  });
}

function inOrder(lines: readonly Line[]): Line[] {
  return [...lines].sort((a, b) => a.time - b.time);
}

/** Replays lines in order of time, and an hour more. */
async function judged(...lines: Line[]): Promise<Replayed[]> {
  return judgedAsArrived(...inOrder(lines));
}

/** Replays lines in the order given. */
async function judgedAsArrived(...lines: Line[]): Promise<Replayed[]> {
  const last = Math.max(...lines.map((line) => line.time));
  return play(lines, new Date(last + 3_600_000).toISOString(), plan);
}

function answer(decisions: readonly Replayed[]) {
  const { level, action, scope } = strongest(decisions);
  return scope.zone === undefined || level !== 2 ? { level, action } : { level, action, zone: scope.zone };
}

/** Seconds from the start to the strongest decision. */
function decidedAfter(decisions: readonly Replayed[]): number {
  return (Date.parse(strongest(decisions).at ?? '') - start) / 1000;
}

const nothing = { level: 0, action: 'none' };
const told = { level: 1, action: 'notify' };
const held = { level: 'unknown', action: 'hold' };
const asked = { level: 3, action: 'request-approval' };
const moved = (zone: string) => ({ level: 2, action: 'az-failover', zone });
const everything = ['api-5xx', 'worker-errors', 'cluster-nodes-notready', 'database-connections', 'ingress-latency'];

test('a zone that is only slow is moved out of: three components agree, whatever their measure', async () => {
  const slow = zoneAlarms(['api-latency', 'ingress-latency', 'database-latency', 'cache-latency'], az2, 0);
  const decisions = await judged(...passing(-120, 600), ...slow);
  expect(answer(decisions)).toEqual(moved(az2));
  expect(decidedAfter(decisions)).toBeLessThanOrEqual(120);
});

test('a release that reaches one zone first is rolled back by people, not answered with a move', async () => {
  const decisions = await judged(
    release('STARTED', 0),
    ...zoneAlarms(['api-5xx', 'worker-errors', 'ingress-5xx', 'api-latency'], az1, 200),
    ...zoneAlarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az2, 700),
    ...zoneAlarms(['api-5xx', 'worker-errors', 'ingress-5xx'], az4, 1200),
    ...canaries(900),
  );
  expect(answer(decisions)).toEqual(told);
});

test('a zone that is lost while a release rolls out is moved out of by what a release cannot break', async () => {
  const decisions = await judged(
    release('STARTED', 0),
    ...zoneAlarms(['api-5xx', 'cluster-nodes-notready', 'database-connections', 'cache-status'], az4, 300),
  );
  expect(answer(decisions)).toEqual(moved(az4));
});

test('an overloaded database with application errors in every zone is for people', async () => {
  const everywhere = zones.flatMap((zone) => zoneAlarms(['api-5xx', 'worker-errors', 'ingress-latency'], zone, 60));
  const decisions = await judged(
    alarm('database-latency', 0),
    alarm('database-connections', 20),
    ...everywhere,
    ...canaries(120),
  );
  expect(answer(decisions)).toEqual(told);
});

test('where AWS has moved traffic out of a zone, two components are enough to follow with the rest', async () => {
  const evidence = zoneAlarms(['database-latency', 'cache-connections'], az1, 0);
  expect(answer(await judged(...evidence, shift('Autoshift In Progress', az1, 30)))).toEqual(moved(az1));
  expect(answer(await judged(...evidence, shift('Autoshift In Progress', az2, 30)))).toEqual(told);
  expect(answer(await judged(...evidence))).toEqual(told);
});

test('what fails while the database is maintained is told, not acted on', async () => {
  const decisions = await judged(
    maintenance('STARTED', ['database'], 0),
    ...zoneAlarms(['database-connections', 'api-5xx', 'worker-errors', 'ingress-5xx'], az1, 120),
    maintenance('COMPLETED', ['database'], 900),
  );
  expect(answer(decisions)).toEqual(told);
});

test('two zones that fail alike are more than a zone flow can answer: people are called', async () => {
  const decisions = await judged(
    ...zoneAlarms([...everything, 'cache-status'], az1, 0),
    ...zoneAlarms([...everything, 'cache-status'], az2, 5),
  );
  expect(answer(decisions)).toEqual(held);
});

test('two zones that fail with users and control planes are a region', async () => {
  const decisions = await judged(
    ...zoneAlarms(everything, az1, 0),
    ...zoneAlarms(everything, az2, 5),
    ...canaries(30),
    probe('ec2', 20),
    probe('elb', 40),
  );
  expect(answer(decisions)).toEqual(asked);
});

test('a region that says nothing, without heartbeat, control planes and users, is lost', async () => {
  const dark = [probe('ec2', 0), probe('rds', 10), probe('sts', 25), heartbeat(40), ...canaries(30)];
  const decisions = await judged(...passing(-300, -60), ...dark);
  expect(answer(decisions)).toEqual(asked);
  expect(decidedAfter(decisions)).toBeLessThanOrEqual(180);
});

test('users who fail while the heartbeat is missing and nothing else speaks are looked at by people', async () => {
  expect(answer(await judged(heartbeat(0), ...canaries(10)))).toEqual(held);
});

test('one observer that is broken for an hour is told once', async () => {
  const decisions = await judged(
    canary('eu-west-1', 0),
    ...Array.from({ length: 60 }, (_, index) => run('eu-west-1', 60 * index + 30, false)),
    ...passing(-60, 3600).filter((line) => !line.text.includes('chatops-eu-west-1')),
    canary('eu-west-1', 3600, 'OK'),
  );
  expect(answer(decisions)).toEqual(told);
  expect(decisions.map(({ action }) => action)).toEqual(['notify', 'none']);
});

test('control planes that fail while users are fine move nothing', async () => {
  const services = ['ec2', 'eks', 'elb', 'rds', 'dynamodb'];
  const failing = services.map((service, index) => probe(service, 15 * index));
  expect(answer(await judged(...failing, ...passing(-60, 1800)))).toEqual(told);
});

test('monitoring that is late and then catches up is judged by the times of what happened', async () => {
  const late = zones.flatMap((zone) => [alarm(`api-latency-${zone}`, 0), alarm(`api-latency-${zone}`, 600, 'OK')]);
  const dark = zones.flatMap((zone) =>
    zoneAlarms(['api-status', 'worker-status', 'database-status'], zone, 120, 'INSUFFICIENT_DATA'),
  );
  const back = zones.flatMap((zone) =>
    zoneAlarms(['api-status', 'worker-status', 'database-status'], zone, 1500, 'OK'),
  );
  const decisions = await judgedAsArrived(...dark, ...passing(180, 1200), ...inOrder(late), ...back);
  expect(answer(decisions)).toEqual(told);
  expect(decisions.at(-1)?.level).toBe(0);
});

test('one stray alarm in another zone does not keep a failing zone from being moved out of', async () => {
  const decisions = await judged(...zoneAlarms(everything, az4, 0), alarm(`cache-evictions-${az1}`, 10));
  expect(answer(decisions)).toEqual(moved(az4));
});

test('a zone that fails with control planes and users beside a stray alarm elsewhere is still a zone', async () => {
  const decisions = await judged(
    ...zoneAlarms(everything, az4, 0),
    alarm(`cache-evictions-${az1}`, 10),
    probe('ec2', 15),
    probe('elb', 25),
    canary('us-west-2', 20),
    canary('eu-west-1', 30),
  );
  expect(answer(decisions)).toEqual(moved(az4));
});

test('a lost node that takes pods of three components with it is no lost zone', async () => {
  const pods = zoneAlarms(
    ['api-pods-unready', 'worker-pods-unready', 'ingress-pods-unready', 'cluster-nodes-notready'],
    az1,
    0,
  );
  const back = pods.map((_, index) =>
    alarm(
      `${['api-pods-unready', 'worker-pods-unready', 'ingress-pods-unready', 'cluster-nodes-notready'][index]}-${az1}`,
      240,
      'OK',
    ),
  );
  expect(answer(await judged(...pods, ...back))).toEqual(nothing);
  expect(answer(await judged(...pods))).toEqual(told);
});

test('a bulletin that names a zone moves nothing while the zone is well', async () => {
  expect(answer(await judged(health(0, 'We see power loss in USE1-AZ4.'), ...passing(-60, 1800)))).toEqual(nothing);
});

test('a bulletin that names a zone, in whatever letters, makes two components there enough', async () => {
  const evidence = zoneAlarms(['database-latency', 'cache-connections'], az4, 0);
  expect(answer(await judged(...evidence, health(60, 'We see power loss in USE1-AZ4.')))).toEqual(moved(az4));
  expect(answer(await judged(...evidence, health(60, 'Streams are slow in use1-az4.', 'KINESIS')))).toEqual(told);
  expect(answer(await judged(...evidence, health(-60, 'Power was lost in use1-az4.', 'EC2', 'closed')))).toEqual(told);
});

test('a practice run and what it makes one component say are no incident', async () => {
  const decisions = await judged(
    shift('Practice Run Started', az2, 0),
    alarm(`api-latency-${az1}`, 60),
    alarm(`api-latency-${az1}`, 240, 'OK'),
    shift('Practice Run Succeeded', az2, 1800),
  );
  expect(answer(decisions)).toEqual(nothing);
});

test('zone alarms that rise and fall together every half minute move nothing', async () => {
  const names = ['api-latency', 'ingress-latency', 'database-latency'];
  const flaps = Array.from({ length: 30 }, (_, index) =>
    zoneAlarms(names, az2, 40 * index, index % 2 === 0 ? 'ALARM' : 'OK'),
  );
  const { level, action } = strongest(await judged(...flaps.flat()));
  expect([level, action]).not.toContain(2);
  expect([level, action]).not.toContain('az-failover');
});

test('people hear of a lasting fault although other evidence keeps starting anew', async () => {
  const names = ['api-latency', 'ingress-latency', 'database-latency'];
  const flaps = Array.from({ length: 60 }, (_, index) =>
    zoneAlarms(names, az2, 35 * index, index % 2 === 0 ? 'ALARM' : 'OK'),
  );
  const decisions = await judged(alarm('worker-backlog', 0), alarm('cache-evictions', 5), ...flaps.flat());
  expect(decisions.some(({ action }) => action === 'notify')).toBe(true);
  expect(decisions.map(({ level }) => level)).not.toContain(2);
});

test('a region that has recovered half way keeps its incident open and asks once', async () => {
  const failing = zones.flatMap((zone) => zoneAlarms(['api-5xx', 'worker-errors'], zone, 0));
  const half = [
    ...zoneAlarms(['api-5xx', 'worker-errors'], az1, 900, 'OK'),
    probe('ec2', 920, 'OK'),
    canary('eu-west-1', 940, 'OK'),
  ];
  const decisions = await judged(
    ...failing,
    probe('ec2', 20),
    probe('rds', 30),
    ...canaries(40),
    heartbeat(60),
    ...half,
  );
  expect(answer(decisions)).toEqual(asked);
  expect(decisions.filter(({ action }) => action === 'request-approval')).toHaveLength(1);
  expect(decisions.map(({ level }) => level)).not.toContain(0);
});

test('a zone that falls silent after it began to fail is not taken for recovered', async () => {
  const names = ['api-5xx', 'cluster-nodes-notready', 'ingress-5xx', 'cache-status'];
  const decisions = await judged(...zoneAlarms(names, az1, 0), ...zoneAlarms(names, az1, 200, 'INSUFFICIENT_DATA'));
  expect(decisions.map(({ level }) => level)).toEqual([2]);
});

test('a zone that falls silent before enough of it failed is looked at by people', async () => {
  const silent = zoneAlarms(
    ['api-status', 'worker-status', 'ingress-status', 'cluster-status'],
    az1,
    30,
    'INSUFFICIENT_DATA',
  );
  expect(answer(await judged(alarm(`database-connections-${az1}`, 0), ...silent))).toEqual(held);
  expect(answer(await judged(...silent))).toEqual(told);
});

test('a replica that reports a lag of -1 has not recovered', async () => {
  const broken = { reasonData: JSON.stringify({ recentDatapoints: [640, -1] }) };
  const well = { reasonData: JSON.stringify({ recentDatapoints: [640, 2] }) };
  const lag = (seconds: number, value: string, state = {}) =>
    alarm('database-replica-lag', seconds, value, 'us-west-2', state);
  const levels = async (state: object) =>
    (await judged(lag(0, 'ALARM'), lag(600, 'OK', state))).map(({ level }) => level);
  expect(await levels(broken)).toEqual([1]);
  expect(await levels(well)).toEqual([1, 0]);
});

test('a journey that passed once after its alarm and has failed ever since counts again', async () => {
  const fails = outside.flatMap((observer) =>
    Array.from({ length: 10 }, (_, index) => run(observer, 120 + 60 * index, false)),
  );
  const decisions = await judged(
    ...canaries(0),
    ...outside.map((observer) => run(observer, 60, true)),
    ...fails,
    probe('ec2', 400),
    probe('elb', 410),
    heartbeat(420),
  );
  expect(answer(decisions)).toEqual(asked);
});

test('two canaries of one region are one observer', async () => {
  const decisions = await judged(
    canary('eu-west-1', 0),
    alarm('canary-eu-west-1-checkout', 5, 'ALARM', 'eu-west-1'),
    probe('ec2', 10),
    probe('rds', 20),
    heartbeat(30),
  );
  expect(decisions.map(({ level }) => level)).not.toContain(3);
});

test('a database that fails in one zone with its users everywhere is moved with that zone', async () => {
  const users = zones.flatMap((zone) => zoneAlarms(['api-5xx', 'worker-errors'], zone, 20));
  const zone = zoneAlarms(['database-connections', 'cache-connections', 'cluster-nodes-notready'], az2, 0);
  expect(answer(await judged(...zone, ...users))).toEqual(moved(az2));
});

test('a second zone that fails after the first has recovered is a decision of its own', async () => {
  const decisions = await judged(
    ...zoneAlarms(everything, az1, 0),
    ...zoneAlarms(everything, az1, 1800, 'OK'),
    ...zoneAlarms(everything, az2, 1900),
  );
  expect(decisions.map(({ level, action, scope }) => [level, action, scope.zone])).toEqual([
    [2, 'az-failover', az1],
    [2, 'az-failover', az2],
  ]);
});

test('an escalation from a component to a zone to the region is one incident', async () => {
  const decisions = await judged(
    alarm(`api-5xx-${az1}`, 0),
    ...zoneAlarms(['database-connections', 'cluster-nodes-notready', 'cache-status'], az1, 400),
    ...zones.flatMap((zone) => zoneAlarms(everything, zone, 900)),
    probe('ec2', 910),
    probe('rds', 920),
    ...canaries(930),
  );
  expect(decisions.map(({ level }) => level)).toEqual([1, 2, 3]);
});
