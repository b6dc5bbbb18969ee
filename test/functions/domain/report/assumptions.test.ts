// Which assumptions of the plan held, were broken, or were not tested: what nobody measured never counts as held.
import { describe, expect, test } from 'vitest';
import type { StepRecord } from '../../../../functions/domain/record/store.ts';
import {
  assumptionsOf,
  notExceeded,
  recordedFailures,
  staying,
} from '../../../../functions/domain/report/assumptions.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen, SeenStep } from '../../../../functions/domain/report/seen.ts';
import { plan } from '../../../plan.ts';
import { recordWith, seenInDrill } from '../../../reports.ts';
import { answer, at, reached, region, request } from '../../../store/samples.ts';

type Numbers = Parameters<typeof assumptionsOf>[2];
const number = (objectiveSeconds: number, seconds: number | null, met = seconds !== null) => ({
  ...{ seconds, objectiveSeconds, how: `measured ${objectiveSeconds}` },
  met: seconds === null ? null : met,
});
const numbers: Numbers = { recovery: number(14_400, 880), dataLoss: number(3_600, 31), restore: number(7_200, 900) };
const seen: Seen = { ...seenInDrill({}), truth: null, steps: null, assets: null };
const predicted = { recoverySeconds: 1_260, dataLossSeconds: 32, basis: null };

/** The verdict about one sentence. */
const about = (
  what: string,
  {
    record = recordWith(),
    measured = numbers,
    told = predicted as typeof predicted | null,
    saw = seen,
  }: { record?: IncidentRecord | null; measured?: Numbers; told?: typeof predicted | null; saw?: Seen } = {},
) => {
  const found = assumptionsOf(record, saw, measured, told, plan).find((one) => one.what === what);
  return found === undefined ? null : [found.state, found.why];
};

test('each assumption is looked at once, in one order', () => {
  expect(assumptionsOf(null, seen, numbers, null, plan).map(({ what }) => what)).toEqual([
    'Users are served again within 4 h (RTO)',
    'At most 1 h of data is lost (RPO)',
    'Service is restored within 2 h (MTTR)',
    'The predicted recovery time is not exceeded',
    'The predicted data loss is not exceeded',
    '2 of dr-coordinator, infra-lead, dba answer within 1 h',
    'A region that is given up can be kept from taking writes',
    ...plan.assets.map(({ name }) => `${name} recovers as planned`),
  ]);
});

describe('objectives', () => {
  const rto = 'Users are served again within 4 h (RTO)';
  test.for<[string, Partial<Numbers>, Partial<Seen>, [string, string]]>([
    ['are held where they were met', {}, {}, ['held', 'it was 14 min 40 s']],
    ['are broken where not', { recovery: number(14_400, 15_000, false) }, {}, ['broken', 'it was 4 h 10 min']],
    ['are not tested where nobody knows', { recovery: number(14_400, null) }, {}, ['not-tested', 'measured 14400']],
    [
      'are not tested where users were served all the time',
      { recovery: number(14_400, 0) },
      { truth: seenInDrill({}).truth },
      ['not-tested', 'users were served all the time, so nothing had to be recovered'],
    ],
    ['are held where a flow measured nothing', { recovery: number(14_400, 0) }, {}, ['held', 'it was 0 s']],
    [
      'are held where the truth is known, and something had to be recovered',
      {},
      { truth: seenInDrill({}).truth },
      ['held', 'it was 14 min 40 s'],
    ],
  ])('%s', ([, change, saw, verdict]) => {
    expect(about(rto, { measured: { ...numbers, ...change }, saw: { ...seen, ...saw } })).toEqual(verdict);
  });

  test('of a loss and of the time to restore are judged by their own numbers', () => {
    const measured = { ...numbers, dataLoss: number(3_600, 4_000, false), restore: number(7_200, null) };
    expect(about('At most 1 h of data is lost (RPO)', { measured })).toEqual(['broken', 'it was 1 h 7 min']);
    expect(about('Service is restored within 2 h (MTTR)', { measured })).toEqual(['not-tested', 'measured 7200']);
  });
});

describe('predictions', () => {
  const [time, loss] = [notExceeded('recovery time'), notExceeded('data loss')];
  const settled = (outcome: 'approved' | 'rejected' | 'expired') => ({
    ...{ request, answers: [answer] },
    settled: { outcome, at: at + 120_000 },
  });

  test.for<[string, Parameters<typeof about>[1], [string, string]]>([
    ['held', {}, ['held', 'predicted 21 min, was 14 min 40 s, both from the first sign of the failure']],
    [
      'held to the second',
      { told: { ...predicted, recoverySeconds: 880 } },
      ['held', 'predicted 14 min 40 s, was 14 min 40 s, both from the first sign of the failure'],
    ],
    [
      'were broken by a second',
      { told: { ...predicted, recoverySeconds: 879 } },
      ['broken', 'predicted 14 min 39 s, was 14 min 40 s, both from the first sign of the failure'],
    ],
    ['were made by nobody', { told: null }, ['not-tested', 'nothing was predicted']],
    ['have no record', { record: null }, ['not-tested', 'predicted 21 min, the true value is not known']],
    [
      'rest on an approval that was refused',
      { record: recordWith({ asked: [settled('rejected'), settled('expired')] }) },
      ['not-tested', 'the failover was not approved'],
    ],
    [
      'rest on the approval that was given after a refusal',
      { record: recordWith({ asked: [settled('rejected'), settled('approved')] }) },
      ['held', 'predicted 21 min, was 14 min 40 s, both from the first sign of the failure'],
    ],
    [
      'rest on a request that is open',
      { record: recordWith({ asked: [settled('rejected'), { ...settled('approved'), settled: null }] }) },
      ['held', 'predicted 21 min, was 14 min 40 s, both from the first sign of the failure'],
    ],
    [
      'where nobody was asked',
      { record: recordWith({ asked: [] }) },
      ['held', 'predicted 21 min, was 14 min 40 s, both from the first sign of the failure'],
    ],
  ])('of the recovery time %s', ([, of, verdict]) => {
    expect(about(time, of)).toEqual(verdict);
  });

  test('of the loss go by the loss that was measured', () => {
    expect(about(loss)).toEqual(['held', 'predicted 32 s, was 31 s']);
    expect(about(loss, { measured: { ...numbers, dataLoss: number(3_600, 33) } })).toEqual([
      ...['broken', 'predicted 32 s, was 33 s'],
    ]);
    expect(about(loss, { record: recordWith({ asked: [settled('rejected')] }) })?.[1]).toBe(
      'the failover was not approved',
    );
  });
});

test.for([
  ['no approval was requested', [], ['not-tested', 'no approval was requested']],
  ['the request is open', [null], ['not-tested', 'the request is still open']],
  ['it expired', ['expired'], ['broken', 'too few people answered, so the request expired']],
  ['it became void', ['void'], ['not-tested', 'the request became void before people decided']],
  ['it was rejected', ['rejected'], ['held', 'rejected after 2 min']],
  ['the last of several was approved', ['expired', 'approved'], ['held', 'approved after 2 min']],
] as const)('whether approvers answer: %s', ([, outcomes, verdict]) => {
  const asked = outcomes.map((outcome) => ({
    ...{ request, answers: [] },
    settled: outcome === null ? null : { outcome, at: at + 120_000 },
  }));
  const what = '2 of dr-coordinator, infra-lead, dba answer within 1 h';
  expect(about(what, { record: recordWith({ asked }) })).toEqual(verdict);
});

describe('a region that is given up', () => {
  const what = 'A region that is given up can be kept from taking writes';
  const asked = (shown: object) => [
    { request: { ...request, shown: { ...request.shown, ...shown } }, answers: [], settled: null },
  ];
  const fence = (outcome: StepRecord['outcome'], step = 'fence/database') => ({ ...reached, step, outcome });

  test('was none where nobody was asked', () => {
    for (const record of [null, recordWith({ asked: [] })])
      expect(about(what, { record })).toEqual(['not-tested', 'no region was given up']);
  });

  test('was fenced where the record shows it, and only there', () => {
    const verdict = (...steps: StepRecord[]) => about(what, { record: recordWith({ asked: asked({}), steps }) });
    expect(verdict(fence({ fenced: true }))).toEqual(['held', 'it was fenced before anything was promoted']);
    const nothing = ['not-tested', 'the record shows no fencing'];
    expect(verdict(fence({ fenced: false }))).toEqual(nothing);
    expect(verdict(fence({ fenced: 'yes' }))).toEqual(nothing);
    expect(verdict(fence({ fenced: true }, 'fence-late/database'))).toEqual(nothing);
    expect(verdict()).toEqual(nothing);
  });

  test('could not be fenced where people were asked so, each asset once', () => {
    const open = asked({ unfenced: [region], unfencedAssets: ['database'] });
    const record = recordWith({ asked: [...open, ...open], steps: [fence({ fenced: true })] });
    expect(about(what, { record })).toEqual([
      'broken',
      'database in us-east-1 could not be fenced when people were asked; the request said so',
    ]);
  });
});

describe('an asset', () => {
  const what = 'database recovers as planned';
  const ran = (state: string, outcome: SeenStep['outcome'], change: Partial<SeenStep> = {}): SeenStep => ({
    ...{ state, asset: 'database', startedAt: at, endedAt: at + 1, outcome, tick: null, attempts: 1 },
    ...change,
  });
  const serving = (serves: boolean | null) => [{ name: 'database', kind: 'rds', before: null, after: null, serves }];
  const nothing = recordWith({ steps: [] });

  test.for<[string, SeenStep[], boolean | null, [string, string]]>([
    [
      'succeeded',
      [ran('TakeOver', 'succeeded'), ran('Verify', 'succeeded')],
      true,
      ['held', 'TakeOver, Verify succeeded'],
    ],
    ['succeeded twice', [ran('Verify', 'succeeded'), ran('Verify', 'succeeded')], null, ['held', 'Verify succeeded']],
    [
      'succeeded, and does not serve',
      [ran('TakeOver', 'succeeded')],
      false,
      ['broken', 'TakeOver succeeded, but it did not serve at the end'],
    ],
    [
      'failed',
      [ran('TakeOver', 'failed'), ran('Verify', 'failed'), ran('TakeOver', 'failed')],
      true,
      ['broken', 'TakeOver, Verify failed'],
    ],
    [
      'failed, and then succeeded',
      [ran('TakeOver', 'failed'), ran('TakeOver', 'succeeded')],
      true,
      ['held', 'TakeOver succeeded'],
    ],
    [
      'was held',
      [ran('TakeOver', 'succeeded'), ran('Verify', 'held')],
      true,
      ['broken', 'Verify was held: an earlier step had not succeeded'],
    ],
    ['was held, and then not', [ran('Verify', 'held'), ran('Verify', 'succeeded')], true, ['held', 'Verify succeeded']],
    [
      'was left out',
      [ran('TakeOver', 'skipped'), ran('Verify', 'succeeded')],
      true,
      ['not-tested', 'TakeOver: skipped'],
    ],
    ['was a dry run', [ran('TakeOver', 'dry-run')], true, ['not-tested', 'TakeOver: dry-run']],
    ['has not ended', [ran('TakeOver', null, { endedAt: null })], true, ['not-tested', 'no step was about it']],
    ['is another', [ran('TakeOver', 'failed', { asset: 'cache' })], true, ['not-tested', 'no step was about it']],
  ])('whose steps were seen: %s', ([, steps, serves, verdict]) => {
    expect(about(what, { record: nothing, saw: { ...seen, steps, assets: serving(serves) } })).toEqual(verdict);
  });

  const kept = (step: string, outcome: StepRecord['outcome'] = {}, execution = 'e'): StepRecord => ({
    ...reached,
    ...{ step, outcome, execution },
  });
  test.for<[string, StepRecord[], [string, string]]>([
    ['nothing', [], ['not-tested', 'no step was about it']],
    ['its steps', [kept('take-over/database'), kept('verify/database')], ['held', 'finished: take-over, verify']],
    ['a step that proves nothing', [kept('fence/database')], ['not-tested', 'no step was about it']],
    ['a step of another', [kept('take-over/cache')], ['not-tested', 'no step was about it']],
    [
      'that it stays',
      [kept('leave-zone/database', { stays: 'it is alone' })],
      ['broken', 'it stays where it is: it is alone'],
    ],
    [
      'that it failed',
      [kept('take-over/database'), kept('record-failover', { assets: { database: { failed: 'Timeout' } } })],
      ['broken', 'TakeOver: Timeout'],
    ],
    [
      'that it failed to leave a zone',
      [kept('record-recovery', { assets: { database: { failed: 'Timeout' } } })],
      ['broken', 'LeaveZone: Timeout'],
    ],
  ])('of which the record has %s', ([, steps, verdict]) => {
    expect(about(what, { record: recordWith({ steps }) })).toEqual(verdict);
  });

  test('what stays is told by its newest reason, and needs one', () => {
    const steps = [
      kept('leave-zone/database', { stays: 'one' }),
      kept('leave-zone/cache', { stays: true }),
      kept('take-over/cache', { stays: 'none' }),
      kept('leave-zone/database', { stays: 'two' }),
      kept('leave-zone', { stays: 'nothing' }),
    ];
    expect(staying(recordWith({ steps }))).toEqual([{ asset: 'database', why: 'two' }]);
    expect(staying(null)).toEqual([]);
  });

  test('of a flow that wrote twice the last counts, and each flow by itself', () => {
    const failed = (name: string) => ({ assets: { [name]: { failed: 'Timeout' } } });
    const steps = [
      kept('record-failover', failed('database'), 'one'),
      kept('record-failover', { assets: {} }, 'one'),
      kept('record-recovery', failed('cache'), 'two'),
      kept('record-recovery', { assets: 'none' }, 'three'),
      kept('verify/search', failed('search'), 'four'),
    ];
    expect(recordedFailures(recordWith({ steps }))).toEqual([
      { state: 'LeaveZone', asset: 'cache', held: false, why: 'Timeout' },
    ]);
    expect(recordedFailures(null)).toEqual([]);
  });
});
