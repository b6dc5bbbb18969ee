// What is suspected behind a degradation, by table.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handler } from '../../../../functions/diagnose.ts';
import { diagnose, windowMs } from '../../../../functions/domain/evidence/diagnose.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { changesAnswer } from '../../changes.ts';
import { componentSignal, databaseEvent, incident, setting, start } from '../../setting.ts';

beforeEach(() => void changesAnswer());
afterEach(() => vi.restoreAllMocks());

const minutes = (count: number) => start - count * 60_000;
const common = (id: string, at: number) => ({ id, key: id, at, region: 'us-east-1', observer: 'us-east-1' });
const release = (at: number, phase: 'started' | 'ended' = 'started'): Signal => ({
  ...common(`release:${phase}`, at),
  kind: 'release',
  release: 'v42',
  phase,
});
const work = (at: number): Signal => ({
  ...common('maintenance', at),
  kind: 'maintenance',
  window: 'index-rebuild',
  phase: 'started',
  targets: ['database'],
  plannedSeconds: 600,
});
const cache = (at: number): Signal => ({
  ...common('cache', at),
  kind: 'cache',
  group: 'chatops-redis',
  change: 'failover-completed',
});
const probe: Signal = { ...common('probe', minutes(3)), kind: 'probe', service: 'elb', condition: 'failing' };
const api = componentSignal({ at: minutes(2), zone: null });
const worker = componentSignal({ at: minutes(1), zone: null, component: 'worker' });
const database = componentSignal({ at: minutes(2), zone: null, component: 'database' });

test.for([
  ['a release came shortly before', [release(minutes(10)), api], 'release', 'release v42'],
  [
    'a release ended shortly before',
    [release(minutes(40)), release(minutes(5), 'ended'), api],
    'release',
    'ended before',
  ],
  ['a release came after it had failed', [release(minutes(1)), api], 'component', 'api failed first'],
  ['a release came long before', [release(minutes(60)), api], 'component', 'api failed first'],
  [
    'a release came before, and the database fails',
    [release(minutes(10)), database],
    'component',
    'database failed first',
  ],
  ['planned work came before', [work(minutes(10)), api], 'maintenance', 'index-rebuild on database'],
  [
    'AWS failed the database over',
    [databaseEvent('failover-started', minutes(4)), api],
    'database',
    'failover-started',
  ],
  ['AWS failed the cache over', [cache(minutes(4)), api], 'cache', 'chatops-redis: failover-completed'],
  ['an AWS service does not answer', [probe, api], 'dependency', 'elb'],
  ['two components fail', [worker, api], 'component', 'api failed first'],
  ['a component is well again', [componentSignal({ condition: 'healthy' })], 'unknown', 'nothing'],
  ['nothing is known', [], 'unknown', 'nothing'],
] as const)('when %s', ([, signals, cause, suspected]) => {
  const found = diagnose(signals, 'us-east-1', plan, start);
  expect(found).toMatchObject({ cause, suspected: expect.stringContaining(suspected) });
  expect(diagnose([...signals].reverse(), 'us-east-1', plan, start)).toEqual(found);
});

const lookback = plan.explanations.release.afterSeconds * 1000;
const maintained: Signal = { ...work(minutes(10)), phase: 'ended' } as Signal;
const unready = (check: string): Signal => ({
  ...{ ...common(check, minutes(30)), key: check, kind: 'readiness', check, why: 'gone', condition: 'failing' },
});
const cacheEvent = (change: 'other' | 'replacement-scheduled' | 'replacement-canceled' | 'node-replaced'): Signal =>
  ({ ...cache(minutes(4)), change }) as Signal;

test.for<[string, readonly Signal[], string, string, string | null]>([
  [
    'a release at the edge of its time',
    [release(minutes(2) - lookback), api],
    'release',
    'release v42, started before the first failure',
    'v42',
  ],
  [
    'a release that ended with the first failure',
    [release(minutes(2), 'ended'), api],
    'release',
    'release v42, ended before the first failure',
    'v42',
  ],
  [
    'a release a moment too long ago',
    [release(minutes(2) - lookback - 1), api],
    'component',
    'api failed first (errors)',
    null,
  ],
  [
    'a release, where more fails than it can break',
    [release(minutes(10)), database, worker, probe],
    'release',
    'release v42, started before the first failure',
    'v42',
  ],
  ['planned work', [work(minutes(10)), api], 'maintenance', 'planned work index-rebuild on database', null],
  ['planned work that has ended', [maintained, api], 'component', 'api failed first (errors)', null],
  [
    'planned work on several things',
    [{ ...work(minutes(10)), targets: ['database', 'cache'] } as Signal, api],
    'maintenance',
    'planned work index-rebuild on database, cache',
    null,
  ],
  [
    'a failover of the database',
    [databaseEvent('failover-started', minutes(4)), api],
    'database',
    'database chatops-prod: failover-started',
    null,
  ],
  [
    'what RDS says of no change',
    [{ ...databaseEvent('failover-started', minutes(4)), change: 'other' } as Signal, api],
    'component',
    'api failed first (errors)',
    null,
  ],
  ['a node of the cache', [cacheEvent('node-replaced'), api], 'cache', 'cache chatops-redis: node-replaced', null],
  ['what ElastiCache says of no change', [cacheEvent('other'), api], 'component', 'api failed first (errors)', null],
  [
    'a replacement that is only planned',
    [cacheEvent('replacement-scheduled'), api],
    'component',
    'api failed first (errors)',
    null,
  ],
  [
    'a replacement that was called off',
    [cacheEvent('replacement-canceled'), api],
    'component',
    'api failed first (errors)',
    null,
  ],
  ['a control plane', [probe, worker], 'dependency', 'AWS service elb does not answer', null],
  [
    'a component of one zone',
    [componentSignal({ at: minutes(3), component: 'cache', measure: 'latency' }), worker],
    'component',
    'cache failed first (latency, use1-az1)',
    null,
  ],
  [
    'readiness alone',
    [unready('latch'), unready('backup')],
    'readiness',
    'nothing fails now, but a recovery would not find this ready: backup, latch',
    null,
  ],
  [
    'readiness that is back',
    [{ ...unready('latch'), condition: 'healthy' } as Signal],
    'unknown',
    'not known: nothing that was seen explains the failure',
    null,
  ],
  [
    'users alone',
    [{ ...common('canary', minutes(3)), kind: 'canary', condition: 'failing' }],
    'unknown',
    'not known: nothing that was seen explains the failure',
    null,
  ],
  [
    'a component without data',
    [componentSignal({ at: minutes(3), condition: 'unknown' })],
    'unknown',
    'not known: nothing that was seen explains the failure',
    null,
  ],
  [
    'a release and a control plane, without a component that fails',
    [release(minutes(10)), probe],
    'dependency',
    'AWS service elb does not answer',
    null,
  ],
])('of %s people read in full what is suspected', ([, signals, cause, suspected, of]) => {
  expect(diagnose(signals, 'us-east-1', plan, start)).toMatchObject({ cause, suspected, release: of });
});

test('a release that came long ago, of which nothing fails, is none of what is looked at now', () => {
  expect(windowMs(plan)).toBe(1_800_000);
  const { cause } = diagnose([databaseEvent('failover-started', start - lookback), probe], 'us-east-1', plan, start);
  expect(cause).toBe('database');
  const before = [databaseEvent('failover-started', start - lookback - 1), probe];
  expect(diagnose(before, 'us-east-1', plan, start).cause).toBe('dependency');
});

test('a diagnosis holds its facts, what was changed, and what could not be read', () => {
  const dark = componentSignal({ component: 'cache', condition: 'unknown', at: minutes(3) });
  const shift: Signal = {
    ...common('shift', minutes(20)),
    ...{ kind: 'shift', zone: 'use1-az1', cause: 'manual', active: true },
  };
  const call = { at: minutes(15), by: 'people', who: 'anna', what: 'Call', asset: 'database' } as const;
  const seen = { changes: [call], gaps: ['CloudTrail was not read'], since: minutes(2) };
  expect(diagnose([shift, dark, probe, api], 'us-east-1', plan, start, seen)).toEqual({
    cause: 'change',
    suspected: 'a change 13 min before the first sign: Call on database, by anna',
    release: null,
    call: 'Call on database',
    facts: [
      '2026-11-23T02:40:00.000Z traffic left use1-az1 (manual)',
      '2026-11-23T02:57:00.000Z AWS service elb does not answer',
      '2026-11-23T02:58:00.000Z api fails: errors',
    ],
    changed: [
      '2026-11-23T02:40:00.000Z traffic left use1-az1 (manual)',
      '2026-11-23T02:45:00.000Z Call on database, by anna',
    ],
    gaps: ['CloudTrail was not read'],
  });
  expect(diagnose([api], 'us-east-1', plan, start)).toMatchObject({ changed: [], gaps: [] });
});

test('a change of people counts before a release that was no nearer', () => {
  const call = (ago: number, by: 'people' | 'aws' = 'people') => ({
    changes: [{ at: minutes(ago), by, who: 'anna', what: 'Call', asset: null }],
    gaps: [],
    since: minutes(2),
  });
  const causeOf = (seen: ReturnType<typeof call>) =>
    diagnose([release(minutes(10)), api], 'us-east-1', plan, start, seen).cause;
  expect(causeOf(call(9.999))).toBe('change');
  expect(causeOf(call(10))).toBe('release');
  expect(causeOf(call(9, 'aws'))).toBe('release');
});

test('the facts are in order of time, and what is well is not among them', () => {
  const well = componentSignal({ component: 'cluster', condition: 'healthy' });
  expect(diagnose([well, api, release(minutes(10))], 'us-east-1', plan, start).facts).toEqual([
    '2026-11-23T02:50:00.000Z release v42 started',
    '2026-11-23T02:58:00.000Z api fails: errors',
  ]);
});

test.for([
  ['the plan only observes', 'observe', [release(minutes(10)), api], 'observe'],
  ['the plan acts', 'act', [release(minutes(10)), api], 'act'],
  ['no release is suspected', 'act', [api], 'none'],
] as const)('when %s the remediation is named so', async ([, mode, signals, remediation]) => {
  const acting = { ...plan, remediation: { afterRelease: { mode, buildProject: 'chatops-rollback' } } };
  const shell = setting({ plan: acting });
  await shell.store.keepSignals(signals);
  expect(await handler.on(shell)({ incident: { ...incident, zone: null } })).toMatchObject({ remediation });
});
