// What a component's own alarms say of its zone: what costs an outage of its own waits for them.
import { expect, test } from 'vitest';
import { ownEvidence, untilHeld, waitsFor } from '../../../../functions/domain/evidence/own-evidence.ts';
import type { Signal } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { componentSignal, start } from '../../setting.ts';

const place = { region: 'us-east-1', zone: 'use1-az1', startedAt: start };
const confirmSeconds = plan.evidence.zone.confirmSeconds.costly;
const { recoverySeconds } = plan.evidence;
const database = (condition: 'failing' | 'healthy' | 'unknown', ago: number, more: object = {}): Signal =>
  componentSignal({ component: 'database', condition, at: start - ago * 1000, ...more });
const usersFail: Signal = {
  id: 'canary',
  key: 'canary',
  at: start - 10_000,
  region: 'us-east-1',
  observer: 'eu-west-1',
  kind: 'canary',
  condition: 'failing',
};

const run = (observer: string, ago: number, passed: boolean): Signal => ({
  id: `${observer}-${passed}`,
  key: `run:${observer}:${passed}`,
  at: start - ago * 1000,
  region: 'us-east-1',
  observer,
  kind: 'canary-run',
  passed,
});
const work: Signal = {
  ...{ id: 'w', key: 'w', at: start - 600_000, region: 'us-east-1', observer: 'us-east-1' },
  ...{ kind: 'maintenance', window: 'mw-1', phase: 'started', targets: ['database'], plannedSeconds: null },
};
/** It has failed for long enough, and two observers have just seen users served. */
const served = [database('failing', 200), run('eu-west-1', 50, true), run('us-west-2', 30, true)];
const failed = (ago: number) => run('ap-southeast-1', ago, false);

test.for<[string, readonly Signal[], number, string]>([
  ['fails by its alarms, while two observers have just seen users served', served, 0, 'served'],
  ['fails so for long', [...served.map((one) => ({ ...one, at: one.at + 290_000 }))], recoverySeconds, 'not-needed'],
  ['fails, and nothing has been heard since users were served', served, 200, 'held'],
  [
    'fails, and an alarm says that users do, which nobody contradicts',
    [...served, { ...usersFail, observer: 'ap-southeast-1' }],
    0,
    'held',
  ],
  [
    'fails, and an alarm says that users do, which newer runs contradict',
    [...served, { ...usersFail, at: start - 60_000 }],
    0,
    'served',
  ],
  ['fails, and one observer saw users served', served.slice(0, 2), 0, 'held'],
  [
    'fails, and users were served before it did',
    [database('failing', 100), run('eu-west-1', 110, true), run('us-west-2', 105, true)],
    0,
    'held',
  ],
  ['fails, and another observer saw users fail before traffic left', [...served, failed(60)], 0, 'held'],
  ['fails, and users have failed since traffic left', [...served, failed(-40)], 41, 'held'],
  [
    'fails, and what users saw fail was before traffic had left',
    [database('failing', 200), failed(10), run('eu-west-1', -20, true), run('us-west-2', -30, true)],
    41,
    'served',
  ],
  ['has failed for long enough', [database('failing', confirmSeconds)], 0, 'held'],
  ['has begun to fail', [database('failing', confirmSeconds - 1)], 0, 'forming'],
  ['will have failed long enough', [database('failing', confirmSeconds - 1)], 1, 'held'],
  [
    'fails by one alarm and is well by another',
    [database('failing', 300), database('healthy', 300, { id: 'b', key: 'b', measure: 'latency' })],
    0,
    'held',
  ],
  ['is well', [database('healthy', 300)], 0, 'well'],
  ['is well, and users are served for long', [database('healthy', 300)], recoverySeconds, 'not-needed'],
  ['is well, and users are served, not for long', [database('healthy', 300)], recoverySeconds - 1, 'well'],
  ['is well, and users fail', [database('healthy', 300), { ...usersFail }], recoverySeconds, 'well'],
  ['gives no data', [database('unknown', 300)], recoverySeconds, 'unknown'],
  ['is not seen there', [database('healthy', 300, { zone: 'use1-az2' })], 0, 'unknown'],
  ['fails in another zone', [database('failing', 300, { zone: 'use1-az2' })], 0, 'unknown'],
  ['is another component', [database('failing', 300, { component: 'cache' })], 0, 'unknown'],
  ['is not known', [], recoverySeconds, 'unknown'],
  [
    'fails by two causes, of which one is new',
    [database('failing', 300), database('failing', 10, { id: 'b', key: 'b', measure: 'pods-unready' })],
    0,
    'held',
  ],
  [
    'fails, and observers whose alarms stand have just seen users served',
    [
      ...served,
      { ...usersFail, at: start - 600_000 },
      { ...usersFail, at: start - 600_000, key: 'c', observer: 'us-west-2' },
    ],
    0,
    'served',
  ],
  [
    'fails, and users failed as traffic had just left, and were served before that',
    [database('failing', 200), failed(-30), run('eu-west-1', -20, true), run('us-west-2', -20, true)],
    41,
    'served',
  ],
  [
    'fails, and users failed shortly before traffic left, and were served before it did',
    [database('failing', 200), failed(10), run('eu-west-1', 5, true), run('us-west-2', 5, true)],
    0,
    'held',
  ],
  [
    'fails, and users failed when it began to, and were served since',
    [database('failing', 150), failed(150), run('eu-west-1', 50, true), run('us-west-2', 30, true)],
    0,
    'served',
  ],
  ['fails, and planned work explains it', [work, database('failing', 300)], 0, 'unknown'],
  [
    'fails, and began to before the work as well',
    [work, database('failing', 300), database('failing', 700, { id: 'b', key: 'b' })],
    0,
    'held',
  ],
  [
    'fails, and a part of some visits failed before traffic left, which nobody has looked at since',
    [...served, { ...run('ap-southeast-1', 40, true), value: 0.9 } as Signal],
    0,
    'held',
  ],
  [
    'fails, and only a part of the newest visits was answered',
    [...served.slice(0, 2), { ...run('us-west-2', 30, true), value: 0.9 } as Signal],
    0,
    'held',
  ],
  [
    'fails, and users saw no more than a part answered since traffic left',
    [
      database('failing', 200),
      { ...run('ap-southeast-1', -31, true), value: 0.9 } as Signal,
      run('eu-west-1', -31, true),
      run('us-west-2', -31, true),
    ],
    31,
    'held',
  ],
  [
    'fails, and users saw all answered since that',
    [
      database('failing', 200),
      { ...run('ap-southeast-1', -31, true), value: 0.9 } as Signal,
      run('eu-west-1', -31.001, true),
      run('us-west-2', -31.001, true),
    ],
    32,
    'served',
  ],
])('a database that %s', ([, signals, laterSeconds, evidence]) => {
  expect(ownEvidence('database', place, signals, plan, start + laterSeconds * 1000)).toBe(evidence);
});

test('what a step that stays ends with says which component the watch looks at', () => {
  expect(untilHeld('database')).toEqual({ until: 'database' });
  expect(waitsFor(untilHeld('database'))).toBe('database');
  expect(waitsFor({})).toBeNull();
  expect(waitsFor({ until: 7 })).toBeNull();
});
