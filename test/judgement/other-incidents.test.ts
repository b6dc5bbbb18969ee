// Incidents of regions, observers and monitoring that nobody labelled. Each says what a careful engineer on call would
// do, and why; the classifier must do the same by its general rules.
import { expect, test } from 'vitest';
import { plan } from '../plan.ts';
import {
  answer,
  asked,
  decidedAfter,
  everything,
  held,
  inOrder,
  judged,
  judgedAsArrived,
  moved,
  told,
} from './composed.ts';
import {
  alarm,
  az1,
  az2,
  canaries,
  canary,
  heartbeat,
  maintenance,
  outside,
  passing,
  probe,
  run,
  zoneAlarms,
  zones,
} from './incident-events.ts';

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

test('what fails while the database is maintained is told, and looked at by people when it outlasts the work', async () => {
  const names = ['database-connections', 'api-5xx', 'worker-errors', 'ingress-5xx'];
  const work = [
    maintenance('STARTED', ['database'], 0),
    ...zoneAlarms(names, az1, 120),
    maintenance('COMPLETED', ['database'], 900),
  ];
  expect(answer(await judged(...work, ...zoneAlarms(names, az1, 1000, 'OK')))).toEqual(told);
  const decisions = await judged(...work);
  expect(answer(decisions)).toEqual(held);
  expect(decidedAfter(decisions)).toBeGreaterThan(900 + plan.explanations.maintenance.afterSeconds);
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

test('a zone failure that is reported late, with its end in the same burst, moves nothing', async () => {
  const over = ['api-5xx', 'database-latency', 'cluster-nodes-notready', 'cache-latency'];
  const burst = [...zoneAlarms(over, az1, 0), ...zoneAlarms(over, az1, 300, 'OK')];
  const decisions = await judgedAsArrived(...passing(1100, 1200), ...burst, ...passing(1300, 1800));
  expect(decisions.map(({ action }) => action)).not.toContain('az-failover');
});

test('a zone failure that is reported late and lasts is moved out of', async () => {
  const lasting = zoneAlarms(['api-5xx', 'database-latency', 'cluster-nodes-notready', 'cache-latency'], az1, 0);
  expect(answer(await judgedAsArrived(...passing(1100, 1200), ...lasting, ...passing(1300, 1800)))).toEqual(moved(az1));
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
