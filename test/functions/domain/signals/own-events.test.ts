// The events that Breakwater puts on the application's bus: named as the plan reads them, and refused where nothing would.
import { describe, expect, test } from 'vitest';
import { CannotProceed } from '../../../../functions/domain/errors.ts';
import type { Plan } from '../../../../functions/domain/plan/plan.ts';
import {
  busName,
  cacheDetail,
  cacheEvent,
  canaryRunEvent,
  heartbeatEvent,
  ownSources,
  probeRunEvent,
  unreadEvents,
} from '../../../../functions/domain/signals/own-events.ts';
import { plan } from '../../../plan.ts';

function without(...sources: string[]): Plan {
  const events = plan.signals.events.filter(({ source }) => !sources.includes(source));
  return { ...plan, signals: { ...plan.signals, events } };
}

test('the bus of a stack has its name', () => {
  expect(busName('breakwater-prod')).toBe('breakwater-prod-events');
});

test('the sources that are Breakwater’s alone have the endings that its rights and its bus rest on', () => {
  expect(ownSources).toEqual({ heartbeat: 'heartbeat', canary: 'canary', probe: 'probe', cache: 'elasticache' });
});

describe('each is named by the rule of the plan that reads it', () => {
  test.for([
    ['a beat', heartbeatEvent, 'chatops.heartbeat', 'Chatops Heartbeat', 'beat'],
    ['a run of a canary', canaryRunEvent, 'chatops.canary', 'Chatops Canary Run', 'canary-run'],
    ['a run of the probes', probeRunEvent, 'chatops.probe', 'Chatops Probe Run', 'probe-run'],
    ['a message of ElastiCache', cacheEvent, 'chatops.elasticache', 'ElastiCache Notification', 'cache'],
  ] as const)('%s', ([, eventOf, source, detailType, kind]) => {
    expect(eventOf(plan)).toEqual({ source, detailType });
    const elsewhere = { source: 'chatops.other', detailType: 'Other', kind } as const;
    const both = { ...plan.signals, events: [elsewhere, ...plan.signals.events] };
    expect(eventOf({ ...plan, signals: both })).toEqual({ source, detailType });
    const refusal = new CannotProceed(`signals.events has no rule for ${source} with kind ${kind}`);
    expect(() => eventOf(without(source))).toThrow(refusal);
    const other = plan.signals.events.map((rule) => (rule.source === source ? { ...rule, kind: 'release' } : rule));
    expect(() => eventOf({ ...plan, signals: { ...plan.signals, events: other } } as Plan)).toThrow(refusal);
  });
});

test('what is put every minute and read by no rule is told, and ElastiCache’s messages are none of it', () => {
  expect(unreadEvents(plan)).toEqual([]);
  expect(unreadEvents(without('chatops.elasticache'))).toEqual([]);
  expect(unreadEvents(without('chatops.heartbeat', 'chatops.probe', 'chatops.canary'))).toMatchObject([
    { source: 'chatops.heartbeat', kind: 'beat' },
    { source: 'chatops.canary', kind: 'canary-run' },
    { source: 'chatops.probe', kind: 'probe-run' },
  ]);
});

test.for([
  ['{"ElastiCache:FailoverComplete":"chatops-redis"}', { 'ElastiCache:FailoverComplete': 'chatops-redis' }],
  ['{}', {}],
  ['[1]', { text: '[1]' }],
  ['null', { text: 'null' }],
  ['"text"', { text: '"text"' }],
  ['no JSON', { text: 'no JSON' }],
  ['', { text: '' }],
] as const)(
  'a message of ElastiCache is the detail of an event, and what is no object is its text: %s',
  ([said, detail]) => {
    expect(cacheDetail(said)).toEqual(detail);
  },
);
