// What is suspected behind a degradation, by table.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handler } from '../../../../functions/diagnose.ts';
import { diagnose } from '../../../../functions/domain/evidence/diagnose.ts';
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
