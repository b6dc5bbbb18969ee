// Incidents of zones that nobody labelled, of other shapes than the recorded ones. Each says what a careful engineer on
// call would do, and why; the classifier must do the same by its general rules.
import { expect, test } from 'vitest';
import { answer, decidedAfter, everything, held, judged, moved, nothing, told } from './composed.ts';
import { strongest } from './expectations.ts';
import {
  alarm,
  az1,
  az2,
  az4,
  canaries,
  canary,
  health,
  passing,
  probe,
  release,
  shift,
  zoneAlarms,
  zones,
} from './incident-events.ts';

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
    ...zoneAlarms(['api-5xx', 'cluster-nodes-notready', 'database-latency', 'cache-status'], az4, 300),
  );
  expect(answer(decisions)).toEqual(moved(az4));
});

test('a zone whose failure a release may explain in part is looked at by people, and not moved out of', async () => {
  const rollout = ['api-5xx', 'worker-errors', 'cluster-pods-unready', 'ingress-5xx'];
  expect(answer(await judged(release('STARTED', 0), ...zoneAlarms(rollout, az1, 85)))).toEqual(told);
  // Too few connections everywhere may be broken pods; of one zone they say that its caches and databases are away.
  const away = [...rollout, 'database-connections', 'cache-connections'];
  expect(answer(await judged(release('STARTED', 0), ...zoneAlarms(away, az1, 85)))).toEqual(held);
  const lost = ['cluster-nodes-notready', 'cache-latency', 'api-5xx', 'worker-errors'];
  const after = [release('STARTED', 0), release('COMPLETED', 60)];
  expect(answer(await judged(...after, ...zoneAlarms(lost, az4, 800)))).toEqual(held);
});

test('where AWS has moved traffic out of a zone, two components are enough to follow with the rest', async () => {
  const evidence = zoneAlarms(['database-latency', 'cache-connections'], az1, 0);
  expect(answer(await judged(...evidence, shift('Autoshift In Progress', az1, 30)))).toEqual(moved(az1));
  expect(answer(await judged(...evidence, shift('Autoshift In Progress', az2, 30)))).toEqual(told);
  expect(answer(await judged(...evidence))).toEqual(told);
});

test('two zones that fail alike are more than a zone flow can answer: people are called', async () => {
  const decisions = await judged(
    ...zoneAlarms([...everything, 'cache-status'], az1, 0),
    ...zoneAlarms([...everything, 'cache-status'], az2, 5),
  );
  expect(answer(decisions)).toEqual(held);
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

test('a bulletin that names a zone, in whatever letters, lowers no threshold there', async () => {
  const evidence = zoneAlarms(['database-latency', 'cache-connections'], az4, 0);
  expect(answer(await judged(...evidence, health(60, 'We see power loss in USE1-AZ4.')))).toEqual(told);
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
