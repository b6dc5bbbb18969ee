// Incidents in which evidence is silent, gone, contradicted, or goes beyond what is dealt with already. Each rule is tried with other
// zones, components, orders and times than any recorded one: a rule that knows a stream fails here.
import { expect, test } from 'vitest';
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
  nothing,
  told,
} from './composed.ts';
import { strongest } from './expectations.ts';
import {
  alarm,
  az1,
  az2,
  az4,
  canaries,
  canary,
  change,
  deleted,
  heartbeat,
  maintenance,
  outside,
  passing,
  probe,
  release,
  run,
  zoneAlarms,
  zones,
} from './incident-events.ts';

type Replays = Awaited<ReturnType<typeof judged>>;

const levels = (decisions: Replays) => decisions.map(({ level }) => level);
const acted = (decisions: Replays) =>
  decisions.flatMap(({ action, scope }) =>
    action === 'az-failover' || action === 'request-approval' ? [scope.zone ?? action] : [],
  );

const nodes = 'cluster-nodes-notready';
const pairs = [
  [az2, az4, [nodes, 'ingress-5xx', 'cache-connections'], [nodes, 'worker-pods-unready', 'database-latency']],
  [az4, az1, [nodes, 'api-5xx', 'ingress-5xx'], [nodes, 'cache-latency', 'worker-errors']],
  [
    az1,
    az4,
    ['database-status', 'api-errors', nodes, 'cache-status'],
    [nodes, 'api-latency', 'ingress-latency', 'cache-evictions'],
  ],
] as const;

test.for(pairs)(
  'a second zone (%s, then %s) that is lost while users fail is a region, and no third zone is left',
  async ([first, second, once, then]) => {
    for (const gap of [200, 1200, 5000]) {
      const decisions = await judged(
        ...passing(-120, gap),
        ...zoneAlarms(once, first, 0),
        ...zoneAlarms(then, second, gap),
        canary('eu-west-1', gap + 60),
        canary('ap-southeast-1', gap + 75),
      );
      expect(acted(decisions)).toEqual([first, 'request-approval']);
      expect(decidedAfter(decisions) - gap).toBeLessThanOrEqual(75 + 180);
    }
  },
);

test('a second zone that is lost while users are well is told, and the first one stays left', async () => {
  const decisions = await judged(
    ...zoneAlarms([nodes, 'ingress-5xx', 'cache-status'], az1, 0),
    ...zoneAlarms([nodes, 'worker-errors', 'database-latency'], az4, 900),
    ...passing(-60, 3600),
  );
  expect(decisions.map(({ level, action, scope }) => [level, action, scope.zone])).toEqual([
    [2, 'az-failover', az1],
    ['unknown', 'hold', undefined],
  ]);
});

test('one component that fails alike in every zone takes no region along, whatever the application does', async () => {
  const everywhere = zones.flatMap((zone) =>
    zoneAlarms(['cache-latency', 'api-5xx', 'worker-errors', 'ingress-5xx'], zone, 0),
  );
  expect(levels(await judged(...everywhere, ...canaries(60)))).not.toContain(3);
});

test('a broken release that nobody announced takes no region along', async () => {
  const names = ['cluster-pods-unready', 'api-5xx', 'worker-errors', 'ingress-5xx', 'cache-connections'];
  const everywhere = zones.flatMap((zone) => zoneAlarms(names, zone, 0));
  expect(levels(await judged(...everywhere, ...canaries(60)))).not.toContain(3);
});

const dark = (seconds: number, value = 'ALARM') => [
  ...zones.flatMap((zone) => zoneAlarms([...everything, 'cache-status'], zone, seconds, value)),
  probe('ec2', seconds + 30, value),
  probe('rds', seconds + 40, value),
  ...canaries(seconds + 50, value),
];

test.for([
  [az1, 1500],
  [az2, 4000],
] as const)('a region that heals but for %s after %i s is a zone case', async ([lost, after]) => {
  const healing = dark(after, 'OK').filter((line) => !line.text.includes(lost));
  const decisions = await judged(...dark(0), ...healing);
  expect(acted(decisions)).toEqual(['request-approval', lost]);
  const second = decisions.find(({ action }) => action === 'az-failover');
  expect((Date.parse(second?.at ?? '') - Date.parse('2026-11-23T03:00:00Z')) / 1000 - after).toBeLessThanOrEqual(420);
});

test('a region whose zones come back one after the other is no zone case', async () => {
  const back = (zone: string, seconds: number) => zoneAlarms([...everything, 'cache-status'], zone, seconds, 'OK');
  const reports = dark(1200, 'OK').filter((line) => !line.text.includes('use1-'));
  const decisions = await judged(...dark(0), ...reports, ...back(az4, 1200), ...back(az2, 1320), ...back(az1, 1500));
  expect(acted(decisions)).toEqual(['request-approval']);
  expect(decisions.at(-1)?.level).toBe(0);
});

test('a region that fails again after it had fallen to a zone is said again', async () => {
  const healing = dark(1500, 'OK').filter((line) => !line.text.includes(az1));
  const again = dark(4000).filter((line) => !line.text.includes(az1));
  expect(levels(await judged(...dark(0), ...healing, ...again))).toEqual([3, 2, 3]);
});

const silent = (seconds: number) =>
  outside.map((observer, index) => canary(observer, seconds + 5 * index, 'INSUFFICIENT_DATA'));
const mute = (seconds: number) => ['ec2', 'eks', 'rds'].map((one) => probe(one, seconds, 'INSUFFICIENT_DATA'));

test.for([
  ['canaries, probes and beats', [...silent(0), ...mute(30), heartbeat(60)]],
  ['canaries and beats', [...silent(0), heartbeat(60)]],
  ['canaries, probes, and the alarm on beats itself', [...silent(0), ...mute(30), heartbeat(60, 'INSUFFICIENT_DATA')]],
  ['beats first, canaries last', [heartbeat(0), ...mute(40), ...silent(90)]],
  [
    'canaries, beats, and every alarm of the region',
    [
      ...silent(0),
      heartbeat(20),
      ...zones.flatMap((zone) =>
        zoneAlarms(['api-status', 'worker-status', 'cache-status'], zone, 30, 'INSUFFICIENT_DATA'),
      ),
    ],
  ],
  [
    'two canaries and beats, while the third one fails',
    [...silent(0).slice(1), canary('us-west-2', 10), heartbeat(60)],
  ],
] as const)('where %s fall silent, nobody knows: people are called', async ([, lines]) => {
  const decisions = await judged(...passing(-300, -60), ...inOrder([...lines]));
  expect(answer(decisions)).toEqual(held);
  expect(decidedAfter(decisions)).toBeLessThanOrEqual(90 + 240);
});

test.for([
  [
    'one observer still tells that users are well',
    [...silent(0).slice(1), heartbeat(60), canary('us-west-2', -60, 'OK')],
  ],
  ['runs still pass', [...silent(0), heartbeat(60), ...passing(30, 1800)]],
  ['control planes and beats are heard of', silent(0)],
] as const)('silence is told as a degradation where %s', async ([, lines]) => {
  expect(answer(await judged(...inOrder([...lines])))).toEqual(told);
});

const clears = (name: string, seconds: number) => [
  change(name, seconds + 0.12, 'ALARM', 'OK', -86_400),
  change(name, seconds + 0.87, 'OK', 'ALARM', seconds + 0.12),
];

test.for([
  ['in order', false],
  ['the other way round', true],
] as const)(
  'alarms that rise and clear within one second are over, in whatever order they arrive: %s',
  async ([, turned]) => {
    const lines = ['database-latency', 'cluster-nodes-notready', 'ingress-5xx', 'cache-status'].flatMap(
      (name, index) => {
        const both = clears(`${name}-${az4}`, 20 * index);
        return turned ? both.toReversed() : both;
      },
    );
    expect(answer(await judgedAsArrived(...lines, ...passing(100, 900)))).toEqual(nothing);
  },
);

test('of two states of one millisecond the one that names the other as its past is the later one', async () => {
  const lines = ['database-latency', 'cluster-nodes-notready', 'ingress-5xx'].flatMap((name, index) => [
    change(`${name}-${az2}`, 10 * index, 'OK', 'ALARM', 10 * index),
    change(`${name}-${az2}`, 10 * index, 'ALARM', 'OK', -3600),
  ]);
  expect(answer(await judgedAsArrived(...lines, ...passing(100, 900)))).toEqual(nothing);
});

test('alarms that clear and rise within one second are not over', async () => {
  const lines = ['database-latency', 'cluster-nodes-notready', 'ingress-5xx'].flatMap((name, index) => [
    change(`${name}-${az2}`, 10 * index + 0.1, 'OK', 'ALARM', -3600),
    change(`${name}-${az2}`, 10 * index + 0.9, 'ALARM', 'OK', 10 * index + 0.1),
  ]);
  expect(answer(await judged(...lines, ...passing(100, 900)))).toEqual(moved(az2));
});

test('alarms that were deleted in alarm count for nothing, an hour or days later', async () => {
  const names = [`cache-latency-007-${az1}`, `cluster-nodes-notready-${az1}`];
  for (const later of [3_600, 800_000]) {
    const decisions = await judged(
      ...names.map((name, index) => alarm(name, 10 * index)),
      ...names.map((name) => deleted(name, 200)),
      alarm(`api-errors-${az1}`, later),
    );
    expect(levels(decisions)).not.toContain(2);
    expect(levels(decisions)).not.toContain('unknown');
  }
});

test('an alarm that was deleted and made again speaks again', async () => {
  const names = [`cache-latency-${az1}`, `cluster-nodes-notready-${az1}`, `ingress-5xx-${az1}`];
  const again = names.map((name, index) => alarm(name, 1000 + 5 * index));
  expect(answer(await judged(...names.map((name) => deleted(name, 200)), ...again))).toEqual(moved(az1));
});

test('people read of a lost zone after its alarms were deleted that it is not over yet', async () => {
  const names = [`cache-latency-${az1}`, `cluster-nodes-notready-${az1}`, `ingress-5xx-${az1}`];
  const decisions = await judged(...names.map((name) => alarm(name, 0)), ...names.map((name) => deleted(name, 600)));
  expect(levels(decisions)).toEqual([2]);
});

test.for([az1, az2, az4])('a zone (%s) that is lost after a release that was fine is no note', async (zone) => {
  for (const [begin, end, lost] of [
    [0, 60, 600],
    [0, 1200, 1300],
    [0, 300, 1900],
  ] as const) {
    const names = [nodes, 'cache-connections', 'ingress-5xx', 'api-5xx', 'worker-pods-unready'];
    const work = [release('STARTED', begin), release('SUCCEEDED', end)];
    const decisions = await judged(...work, ...passing(-60, lost), ...zoneAlarms(names, zone, lost));
    expect(answer(decisions)).toEqual(held);
    expect(strongest(decisions).scope).toEqual({ region: 'us-east-1', zone });
    expect(decidedAfter(decisions) - lost).toBeLessThanOrEqual(240);
    const away = [nodes, 'cache-latency', 'database-latency', 'api-5xx'];
    expect(answer(await judged(...work, ...zoneAlarms(away, zone, lost)))).toEqual(moved(zone));
  }
});

test('users who feel announced work are told of, and nobody is called to a riddle when its alarms clear first', async () => {
  for (const [targets, names] of [
    [['ingress'], ['ingress-5xx', 'api-5xx']],
    [['database'], [`database-latency-${az1}`, 'worker-errors']],
    [[az2], [`cluster-nodes-notready-${az2}`, `cache-connections-${az2}`]],
  ] as const) {
    const runs = Array.from({ length: 12 }, (_, index) =>
      ['eu-west-1', 'us-west-2'].map((one) => run(one, 200 + 60 * index, false)),
    );
    const decisions = await judged(
      maintenance('STARTED', [...targets], 0),
      ...names.map((name) => alarm(name, 120)),
      ...runs.flat(),
      canary('eu-west-1', 200),
      canary('us-west-2', 215),
      ...names.map((name) => alarm(name, 700, 'OK')),
      canary('eu-west-1', 980, 'OK'),
      canary('us-west-2', 990, 'OK'),
      maintenance('COMPLETED', [...targets], 1500),
    );
    expect(levels(decisions)).not.toContain('unknown');
    expect(levels(decisions)).not.toContain(2);
    expect(decisions.at(-1)?.level).toBe(0);
  }
});

test('users who fail long after the announced work are a riddle again', async () => {
  const decisions = await judged(
    maintenance('STARTED', ['ingress'], 0),
    maintenance('COMPLETED', ['ingress'], 600),
    ...canaries(120),
  );
  expect(answer(decisions)).toEqual(held);
  expect(decidedAfter(decisions)).toBeGreaterThan(600 + 900);
});

const inEast = (decisions: Replays) => decisions.filter(({ scope }) => scope.region === 'us-east-1');
const inWest = (names: readonly string[], zone: string, seconds: number) =>
  zoneAlarms(names, zone, seconds, 'ALARM', 'us-west-2');
const broken = ['cluster-nodes-notready', 'cache-latency', 'database-latency', 'ingress-5xx'];

test.for([
  ['first', -60],
  ['at the same second', 0],
  ['a minute later', 60],
] as const)(
  'a zone that fails as one of the other region does, there %s, is broken by something that both have',
  async ([, there]) => {
    const decisions = await judged(...zoneAlarms(broken, az2, 0), ...inWest(broken, 'usw2-az1', there));
    expect(answer(inEast(decisions))).toEqual(held);
    expect(inEast(decisions).find(({ level }) => level === 'unknown')?.reason).toContain(
      'fail in us-west-2 at the same time',
    );
    expect(acted(decisions)).toEqual([]);
  },
);

test('a zone that fails an hour after one of the other region, or by other measures, is left', async () => {
  const earlier = await judged(...inWest(broken, 'usw2-az2', -3600), ...zoneAlarms(broken, az2, 0));
  expect(answer(inEast(earlier))).toEqual(moved(az2));
  const other = ['cluster-pods-unready', 'cache-connections', 'ingress-latency'];
  const otherwise = await judged(...inWest(other, 'usw2-az2', 0), ...zoneAlarms(broken, az2, 0));
  expect(answer(inEast(otherwise))).toEqual(moved(az2));
});

test('a region that fails as the other one does at the same time is put before people, and not up for approval', async () => {
  const west = ['usw2-az1', 'usw2-az2'].flatMap((zone) => inWest([...everything, 'cache-status'], zone, 5));
  const decisions = await judged(...dark(0), ...west);
  expect(answer(inEast(decisions))).toEqual(held);
  expect(answer(await judged(...dark(0)))).toEqual(asked);
});

test('a degradation of both regions at once is told as one of both', async () => {
  const names = ['api-5xx', 'worker-errors'];
  const both = ['us-east-1', 'us-west-2'].flatMap((place) => names.map((name) => alarm(name, 0, 'ALARM', place)));
  const decisions = await judged(...both);
  expect(answer(inEast(decisions))).toEqual(told);
  expect(inEast(decisions)[0]?.reason).toBe('api, worker fail; api, worker fail in us-west-2 at the same time');
  const [alone] = await judged(...names.map((name) => alarm(name, 0)));
  expect(alone?.reason).toBe('api, worker fail');
});

test('one region that is told nothing any more has lost its own sight, while the others see that users are well', async () => {
  const mine = [canary('us-west-2', 0, 'INSUFFICIENT_DATA'), ...mute(30), heartbeat(60)];
  const others = passing(-60, 1800).filter((line) => !line.text.includes('chatops-us-west-2'));
  const decisions = await judged(...mine, ...others);
  expect(answer(decisions)).toEqual(held);
  expect(strongest(decisions)).toMatchObject({ scope: { region: 'us-west-2' } });
});
