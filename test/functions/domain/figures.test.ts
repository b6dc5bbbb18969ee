// Figures of a log line: CloudWatch reads what is known, and never a 0 for what is not.
import { expect, test } from 'vitest';
import { embedded, figuresOf, figuresOfDecision, metricOf } from '../../../functions/domain/figures.ts';

const at = Date.UTC(2026, 10, 3, 3, 0, 0);

test('each figure stands in the line under its name, with its unit, beside its dimensions', () => {
  expect(
    embedded('Breakwater', at, [
      { name: 'Incidents', unit: 'Count', value: 1 },
      { name: 'Unknown', unit: 'Count', value: null },
      { name: 'RecoverySeconds', unit: 'Seconds', value: 0, dimensions: { Flow: 'az-failover', Stage: 'prod' } },
    ]),
  ).toEqual({
    Incidents: 1,
    Flow: 'az-failover',
    Stage: 'prod',
    RecoverySeconds: 0,
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [
        { Namespace: 'Breakwater', Dimensions: [[]], Metrics: [{ Name: 'Incidents', Unit: 'Count' }] },
        {
          Namespace: 'Breakwater',
          Dimensions: [['Flow', 'Stage']],
          Metrics: [{ Name: 'RecoverySeconds', Unit: 'Seconds' }],
        },
      ],
    },
  });
});

test('of what is not known a line says nothing', () => {
  expect(embedded('Breakwater', at, [])).toEqual({});
  expect(embedded('Breakwater', at, [{ name: 'Incidents', unit: 'Count', value: null }])).toEqual({});
});

test('the first decision of an incident counts the incident; each counts itself, by its action', () => {
  const open = { openedAt: at, closedAt: null };
  const lasted = (value: number | null) => ({ name: 'LastedSeconds', unit: 'Seconds', value });
  const decided = (action: string) => ({ name: 'Decisions', unit: 'Count', value: 1, dimensions: { Action: action } });
  const first = { attempt: 1, action: 'notify' } as const;
  expect(figuresOfDecision(first, open)).toEqual([
    { name: 'Incidents', unit: 'Count', value: 1 },
    decided('notify'),
    lasted(null),
  ]);
  expect(figuresOfDecision({ ...first, attempt: 2, indication: 'region-lost' }, null)).toEqual([
    { name: 'Incidents', unit: 'Count', value: null },
    decided('notify'),
    { name: 'Indications', unit: 'Count', value: 1, dimensions: { Indication: 'region-lost' } },
    lasted(null),
  ]);
  expect(figuresOfDecision({ attempt: 3, action: 'none' }, { openedAt: at, closedAt: at + 90_500 })).toEqual([
    { name: 'Incidents', unit: 'Count', value: null },
    decided('none'),
    lasted(90.5),
  ]);
});

test('a clock is called as in the record, with a capital', () => {
  expect(metricOf('restoreSeconds')).toBe('RestoreSeconds');
});

test('each flow has its own clocks; one that the record lacks, or does not know, is no figure', () => {
  const figures = (flow: 'az-failover' | 'region-failover', record: Record<string, unknown>) =>
    figuresOf(flow, record).map(({ name, unit, value, dimensions }) => [name, unit, value, dimensions]);
  const of = (flow: string) => (name: string, value: number | null) => [name, 'Seconds', value, { Flow: flow }];
  const [zone, moved] = [of('az-failover'), of('region-failover')];
  expect(figures('az-failover', { detectSeconds: 30, executeSeconds: null, recoverySeconds: '9' })).toEqual([
    zone('DetectSeconds', 30),
    zone('DecideSeconds', null),
    zone('ExecuteSeconds', null),
    zone('RecoverySeconds', null),
    zone('RestoreSeconds', null),
    zone('DataLossSeconds', null),
  ]);
  expect(figures('region-failover', { approvalSeconds: 120, dataLossSeconds: 0 })).toEqual([
    moved('DetectSeconds', null),
    moved('DecideSeconds', null),
    moved('ApprovalSeconds', 120),
    moved('ExecuteSeconds', null),
    moved('RecoverySeconds', null),
    moved('RestoreSeconds', null),
    moved('UnprotectedSeconds', null),
    moved('DataLossSeconds', 0),
  ]);
});
