// Where a flow is, in sentences for people who cannot see it.
import { describe, expect, test } from 'vitest';
import type { Flow } from '../../../../functions/domain/flows.ts';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { type Past, provedServedAt, whereSentences } from '../../../../functions/domain/record/where.ts';
import { at, call as sample } from '../../../store/samples.ts';

const minute = 60_000;
const call = (step: string, time: number): AuditRecord => ({ ...sample, step, at: time });
const step = (name: string, time: number, outcome: StepRecord['outcome'] = {}): StepRecord => ({
  ...{ incident: 'i', execution: 'execution-1', step: name, at: time },
  outcome,
});
const now = at + 60 * minute;
const where = (flow: Flow, past: Partial<Past>) =>
  whereSentences(flow, { calls: [], own: [], lookedAt: null, ...past }, now);

describe('a zone flow', () => {
  const left = step('leave-zone/database', at + 2 * minute, { moved: true });
  const tried = step('record-recovery/tried', at + 5 * minute);
  const open = call('leave-zone/cache', at + minute);

  test.for<[string, Partial<Past>, string[]]>([
    ['has changed nothing', {}, ['The flow has changed nothing yet.']],
    [
      'is leaving the zone',
      { calls: [open], own: [left] },
      ['Done so far: moving database out of the zone.', 'The flow is moving cache out of the zone (since 03:01 UTC).'],
    ],
    [
      'leaves it with two assets',
      { calls: [open, call('leave-zone/cluster', at + 3 * minute)] },
      ['The flow is moving cache out of the zone (since 03:01 UTC), moving cluster out of the zone (since 03:03 UTC).'],
    ],
    [
      'has tried, and tries again later',
      { calls: [open], own: [left, tried] },
      [
        'Done so far: moving database out of the zone.',
        'Not done: moving cache out of the zone. The flow is watching the zone, and tries again what failed.',
      ],
    ],
    [
      'tries again now',
      { calls: [open, call('leave-zone/cache', at + 6 * minute)], own: [tried] },
      ['The flow is moving cache out of the zone (since 03:01 UTC).'],
    ],
    [
      'has tried two things, the last call of one right then',
      { calls: [open, call('leave-zone/cluster', at + 5 * minute)], own: [tried] },
      [
        'Not done: moving cache out of the zone, moving cluster out of the zone. The flow is watching the zone, and tries again what failed.',
      ],
    ],
    [
      'has left what it called for, and looks whether users are served',
      { calls: [call('leave-zone/database', at + minute)], own: [left] },
      ['Done so far: moving database out of the zone.', 'The flow is checking that users are served.'],
    ],
    [
      'has left, and looks whether users are served',
      { own: [left] },
      ['Done so far: moving database out of the zone.', 'The flow is checking that users are served.'],
    ],
    [
      'has left, and watches the zone',
      { own: [left, step('record-recovery', at + 9 * minute)] },
      ['Done so far: moving database out of the zone.', 'The flow is watching the zone.'],
    ],
    [
      'found nothing in the zone',
      { own: [step('leave-zone/cache', at, { moved: false, stays: 'it is alone' })] },
      [
        'Ended without a change: moving cache out of the zone (not possible: it is alone).',
        'The flow is checking that users are served.',
      ],
    ],
    [
      'has left with two assets, and two stood elsewhere',
      {
        own: [
          left,
          step('leave-zone/cluster', at + 3 * minute, { moved: true }),
          step('leave-zone/cache', at + 4 * minute, { moved: false }),
          step('leave-zone/search', at + 5 * minute, { skipped: true, by: 'ana' }),
        ],
      },
      [
        'Done so far: moving database out of the zone, moving cluster out of the zone.',
        'Ended without a change: moving cache out of the zone (not needed: it was so before), moving search out of the zone (left out, signed by ana).',
        'The flow is checking that users are served.',
      ],
    ],
  ])('%s', ([, past, sentences]) => {
    expect(where('az-failover', past)).toEqual(sentences);
  });
});

describe('a region flow', () => {
  const lookedAt = at + minute;
  const approved = 'The flow is approved, and was checked again at 03:01 UTC.';
  const fenced = step('fence/database/fenced', at + 2 * minute);

  test.for<[string, Partial<Past>, string[]]>([
    [
      'is not approved',
      { own: [step('request-approval', at)] },
      ['The flow is not approved yet.', 'The flow is asking people to approve: nothing has been changed.'],
    ],
    ['is approved, and has done nothing', { lookedAt }, [approved, 'The flow has changed nothing yet.']],
    [
      'takes over',
      { lookedAt, own: [fenced], calls: [call('take-over/database', at + 3 * minute)] },
      [approved, 'Done so far: closing (fencing) database.', 'The flow is taking over database (since 03:03 UTC).'],
    ],
    [
      'has sent users',
      { lookedAt, own: [step('redirect-users', at + 4 * minute)] },
      [approved, 'Done so far: sending users to the other region.', 'The flow is checking the service from outside.'],
    ],
    [
      'has written its record',
      { lookedAt, own: [step('redirect-users', at + 4 * minute), step('record-failover', at + 5 * minute)] },
      [approved, 'Done so far: sending users to the other region.', 'The flow is fencing the old region.'],
    ],
    [
      'is between two steps',
      { lookedAt, own: [fenced] },
      [
        approved,
        'Done so far: closing (fencing) database.',
        'No step runs that the record knows of. Where the flow is: npm run status.',
      ],
    ],
    [
      'tries one again, which is what runs',
      { lookedAt, own: [fenced, step('failing/unfence/database', at + 9 * minute, { why: 'it is failed' })] },
      [
        approved,
        'Done so far: closing (fencing) database.',
        'Opening database again has failed since 03:09 UTC and is tried again: it is failed.',
      ],
    ],
  ])('%s', ([, past, sentences]) => {
    expect(where('region-failover', past)).toEqual(sentences);
  });
});

test('a flow that answers a degradation asks nobody', () => {
  expect(where('service-degradation', {})).toEqual(['The flow has changed nothing yet.']);
});

test('what fails and is tried again is said last, with its newest error, until it is mended', () => {
  const failing = (why: string, time: number) => step('failing/take-over/database', time, { why });
  const own = [failing('it restarts', at), failing('it deletes', at + minute)];
  const told = (more: StepRecord[]) => where('az-failover', { own: [...own, ...more] });
  expect(told([])).toEqual([
    'The flow has changed nothing yet.',
    'Taking over database has failed since 03:01 UTC and is tried again: it deletes.',
  ]);
  expect(told([step('mended/take-over/database', at + 2 * minute)])).toEqual(['The flow has changed nothing yet.']);
});

test('users were proved to be served when the last flow of the incident says', () => {
  const proved = (name: string, verifiedAt: unknown) => step(name, at, { verifiedAt });
  expect(provedServedAt([])).toBeNull();
  expect(provedServedAt([proved('record-recovery', null), proved('verify/database', 9)])).toBeNull();
  expect(
    provedServedAt([proved('record-recovery', 7), proved('record-failover', 9), proved('record-recovery', 8)]),
  ).toBe(9);
});
