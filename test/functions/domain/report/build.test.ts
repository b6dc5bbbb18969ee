// The facts of a report, part by part: each sentence whole, and each number that is not known is said to be so.
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../../../functions/domain/data/only-old.ts';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen, SeenStep, Truth } from '../../../../functions/domain/report/seen.ts';
import type { RecordedDecision } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { recordWith, seenInDrill } from '../../../reports.ts';
import { answer, at, call, comparison, drill, incidentOf, reached, region, request } from '../../../store/samples.ts';

const second = 1_000;
const iso = (seconds: number) => new Date(at + seconds * second).toISOString();
/** What a deployment knows beside its record: nothing. */
const blind: Seen = {
  ...seenInDrill({}),
  ...{ source: 'record', truth: null, steps: null, messages: null, invariants: null, assets: null, served: null },
  ...{ zeroAt: null, faultAt: null, firstSignalAt: null, missed: null, why: null, faults: [], absence: null },
};
const build = (record: IncidentRecord | null, saw: Partial<Seen> = {}) =>
  buildReport(record, { ...blind, ...saw }, plan);
const inDrill = (record: IncidentRecord | null, truth: Partial<Truth> = {}, saw: Partial<Seen> = {}) =>
  buildReport(record, { ...seenInDrill(truth), missed: null, ...saw }, plan);

const [sample] = incidentOf({}).decisions;
if (sample === undefined) throw new Error('the incident has a decision');
const decided = (change: Partial<RecordedDecision>): RecordedDecision => ({ ...sample, ...change });
const kept = (step: string, seconds: number, outcome: StepRecord['outcome'] = {}): StepRecord => ({
  ...{ ...reached, step, outcome, at: at + seconds * second },
});
const ended = (outcome: StepRecord['outcome']) => kept('record-recovery', 1_000, outcome);
const made = (change: Partial<AuditRecord> & { requestIds?: string[] } = {}) => ({
  ...call,
  requestIds: ['id-1'],
  ...change,
});
/** An incident of a zone, over after half an hour, with nothing else. */
const zone = (change: Partial<IncidentRecord> = {}) =>
  recordWith({
    incident: incidentOf({ closedAt: at + 1_800 * second }),
    ...{ asked: [], steps: [], calls: [] },
    ...change,
  });
const open = { incident: incidentOf({}) };
const deciding = (decisions: RecordedDecision[], change: Partial<IncidentRecord> = {}) =>
  zone({ incident: incidentOf({ closedAt: at + 1_800 * second, decisions }), ...change });

describe('the recovery time', () => {
  const recovery = (report: ReturnType<typeof build>) => {
    const { seconds, met, how } = report.numbers.recovery;
    return [seconds, met, how];
  };

  test.for<[string, () => ReturnType<typeof build>, unknown[]]>([
    [
      'of a record without a proof is not known',
      () => build(zone()),
      [null, null, 'No flow of this incident proved that users are served.'],
    ],
    ['of no record neither', () => build(null), [null, null, 'No flow of this incident proved that users are served.']],
    [
      'counts from the first evidence',
      () => build(zone({ steps: [ended({ verifiedAt: at + 880 * second })] })),
      [
        880,
        true,
        'From the first evidence to the proof that users are served again. The fault came before the first evidence. Its exact time is not known.',
      ],
    ],
    [
      'counts from when users were last served',
      () =>
        build(
          zone({
            steps: [
              ended({ verifiedAt: at + 880 * second, countsFrom: { at: at - 20 * second, what: 'last-served' } }),
            ],
          }),
        ),
      [
        900,
        true,
        'From the last successful user request to the proof that users are served again. The fault came after that request. Its exact time is not known.',
      ],
    ],
    [
      'counts from where the last flow that proved something counted, whatever came after it',
      () =>
        build(
          zone({
            steps: [
              ended({ verifiedAt: at + 880 * second, countsFrom: { at: at - 20 * second, what: 'last-served' } }),
              ended({}),
            ],
          }),
        ),
      [900, true, expect.stringContaining('From the last successful user request')],
    ],
    [
      'is met to the second',
      () => build(zone({ steps: [ended({ verifiedAt: at + 14_400 * second })] })),
      [14_400, true, expect.any(String)],
    ],
    [
      'is missed by a second',
      () => build(zone({ steps: [ended({ verifiedAt: at + 14_401 * second })] })),
      [14_401, false, expect.any(String)],
    ],
    [
      'is that of the last flow that proved something',
      () =>
        build(
          zone({
            steps: [ended({ verifiedAt: at + 100 * second }), ended({ verifiedAt: at + 200 * second }), ended({})],
          }),
        ),
      [200, true, expect.any(String)],
    ],
    [
      'of a drill is what was true',
      () => inDrill(zone(), { recoverySeconds: 900 }),
      [900, true, 'From the fault until users were served again and stayed served.'],
    ],
    [
      'of a drill in which users were served all the time is none',
      () => inDrill(zone(), { recoverySeconds: 0 }),
      [0, true, 'Users were served all the time: nothing had to be recovered.'],
    ],
    [
      'of a drill in which users were not served at the end is not known',
      () => inDrill(zone(), { recoverySeconds: null }),
      [null, null, 'Users were not served at the end.'],
    ],
    [
      'of a drill of the deployment is what the drill saw',
      () => build(zone(), { run: { ...drill, recoveredAt: at + 109 * second } }),
      [100, true, 'From the fault until the broken part worked again and users were served without a break.'],
    ],
    [
      'of one that did not recover is not known',
      () => build(zone(), { run: drill }),
      [null, null, 'No lasting recovery was seen.'],
    ],
    [
      'of one that broke nothing is none',
      () => build(zone(), { run: { ...drill, kind: 'region' } }),
      [null, null, 'Nothing was broken, so there was nothing to recover from.'],
    ],
    [
      'of a fault that was never injected is none',
      () => build(zone(), { run: { ...drill, faultAt: null } }),
      [null, null, 'Nothing was broken, so there was nothing to recover from.'],
    ],
  ])('%s', ([, report, expected]) => {
    expect(recovery(report())).toEqual(expected);
  });
});

test.for<[string, () => ReturnType<typeof build>, unknown[]]>([
  ['was measured by nobody', () => build(zone()), [null, null, 'No flow of this incident measured the data loss.']],
  [
    'was none',
    () => build(zone({ steps: [ended({ dataLossSeconds: 0 })] })),
    [0, true, 'Measured by the flow: the writer stayed, or the flow waited until all writes had arrived.'],
  ],
  [
    'was some',
    () => build(zone({ steps: [ended({ dataLossSeconds: 31 }), ended({})] })),
    [31, true, 'Measured by the flow. It is an upper bound: the true loss may be smaller.'],
  ],
  [
    'was true, and reported by nobody',
    () => inDrill(zone(), { lossSeconds: 12, lostWrites: 1, divergedWrites: 2 }),
    [12, true, 'No flow reported a loss, 1 write lost, 2 writes only in the old database.'],
  ],
  [
    'was true, and reported',
    () =>
      inDrill(zone({ steps: [ended({ dataLossSeconds: 31 })] }), {
        ...{ lossSeconds: null, lostWrites: null, divergedWrites: null },
      }),
    [null, null, 'Reported: 31 s.'],
  ],
  [
    'was seen without a record',
    () => inDrill(null, { lossSeconds: 4_000 }),
    [4_000, false, 'No flow reported a loss, 0 writes lost, 0 writes only in the old database.'],
  ],
])('the loss %s', ([, report, expected]) => {
  const { seconds, met, how } = report().numbers.dataLoss;
  expect([seconds, met, how]).toEqual(expected);
});

test.for<[string, () => ReturnType<typeof build>, unknown[]]>([
  ['of no incident', () => build(null), [null, null, 'There was no incident.']],
  [
    'of one that is open',
    () => build(zone(open)),
    [null, null, 'The incident is not over, and no flow proved that users are served.'],
  ],
  [
    'of one in which nothing was proved',
    () => build(zone()),
    [null, null, 'The incident is over, and no flow proved that users are served.'],
  ],
  [
    'of one in which people were told alone',
    () => build(deciding([decided({ action: 'notify' })])),
    [1_800, true, 'From the first evidence to the end of the incident. No flow had to prove that users are served.'],
  ],
  [
    'of one that was held after a flow that proved nothing',
    () => build(deciding([decided({ action: 'az-failover' }), decided({ action: 'hold', hold: 'cooling-down' })])),
    [null, null, 'The incident is over, and no flow proved that users are served.'],
  ],
  [
    'of one in which a flow proved it',
    () => build(zone({ steps: [ended({ verifiedAt: at + 880 * second })] })),
    [880, true, 'From the first evidence to the proof from outside that users are served again.'],
  ],
  [
    'of a drill at whose end users were not served',
    () => inDrill(zone(), { recoverySeconds: null }),
    [null, null, 'Users were not served at the end.'],
  ],
  [
    'of a drill in which users stayed served just until the proof',
    () => inDrill(zone({ steps: [ended({ verifiedAt: at + 840 * second })] }), { recoverySeconds: 900 }),
    [840, true, 'From the first evidence to the proof from outside that users are served again.'],
  ],
  [
    'of a drill in which the proof did not last',
    () => inDrill(zone({ steps: [ended({ verifiedAt: at + 839 * second })] }), { recoverySeconds: 900 }),
    [
      840,
      true,
      'From the first evidence until users stayed served. An earlier proof that users are served did not last.',
    ],
  ],
  [
    'of a drill without a fault',
    () => inDrill(zone({ steps: [ended({ verifiedAt: at + 10 * second })] }), {}, { faultAt: null }),
    [10, true, 'From the first evidence to the proof from outside that users are served again.'],
  ],
  [
    'of a drill in which nothing was proved',
    () => inDrill(zone(), { recoverySeconds: 900 }),
    [840, true, 'From the first evidence until users stayed served, as the simulator saw them. No flow proved it.'],
  ],
])('the time to restore %s', ([, report, expected]) => {
  const { seconds, met, how } = report().numbers.restore;
  expect([seconds, met, how]).toEqual(expected);
});

describe('the verdict', () => {
  const proved = (outcome: StepRecord['outcome'] = {}) => [
    ended({ verifiedAt: at + 880 * second, dataLossSeconds: 0, ...outcome }),
  ];
  const served = 'users were served again after 14 min 40 s, and nothing was lost';
  const unknown = 'the recovery time is not known, and the data loss is not known';

  test.for<[string, () => ReturnType<typeof build>, string, string, string[]]>([
    ['no incident', () => build(null), 'not-known', 'There is no incident in the record.', []],
    ['an open one', () => build(zone(open)), 'open', `Not over yet: ${unknown}.`, []],
    ['one that was recovered', () => build(zone({ steps: proved() })), 'recovered', `Recovered: ${served}.`, []],
    [
      'one that was recovered with a loss',
      () => build(zone({ steps: proved({ dataLossSeconds: 31 }) })),
      'recovered',
      'Recovered: users were served again after 14 min 40 s, and at most 31 s of data was lost.',
      [],
    ],
    [
      'one that missed every objective',
      () => build(zone({ steps: proved({ verifiedAt: at + 15_000 * second, dataLossSeconds: 4_000 }) })),
      'missed',
      'Recovered, but the recovery time was longer than the RTO, the data loss was larger than the RPO, the time to restore was longer than the MTTR: users were served again after 4 h 10 min, and at most 1 h 7 min of data was lost.',
      [
        'the recovery time was longer than the RTO',
        'the data loss was larger than the RPO',
        'the time to restore was longer than the MTTR',
      ],
    ],
    [
      'one that is open and missed one',
      () => build(zone({ ...open, steps: proved({ dataLossSeconds: 4_000 }) })),
      'open',
      'Not over yet: users were served again after 14 min 40 s, and at most 1 h 7 min of data was lost.',
      ['the data loss was larger than the RPO'],
    ],
    [
      'one of a drill that nobody expected anything of',
      () => inDrill(zone(), { recoverySeconds: 0, lossSeconds: 7 }),
      'recovered',
      'Recovered: users were served all the time, and 7 s of data was lost.',
      [],
    ],
    [
      'a drill that came out as expected',
      () => inDrill(zone(), { recoverySeconds: 900 }, { missed: [] }),
      'passed',
      'Passed: users were served again after 15 min, and nothing was lost.',
      [],
    ],
    ['a drill that missed one thing', () => inDrill(zone(), {}, { missed: ['a'] }), 'missed', 'Missed: a.', ['a']],
    [
      'a drill that missed more',
      () => inDrill(zone(), {}, { missed: ['a', 'b', 'c'] }),
      'missed',
      'Missed: a (and 2 more).',
      ['a', 'b', 'c'],
    ],
    [
      'one that was held for a reason of the rules',
      () => build(deciding([decided({ action: 'hold', hold: 'frozen' }), decided({ action: 'none' })])),
      'held',
      'Over. The last decision was to hold: frozen.',
      [],
    ],
    [
      'one that was held by its reason alone',
      () => build(deciding([decided({ action: 'hold', reason: 'it is not clear' })])),
      'held',
      'Over. The last decision was to hold: it is not clear.',
      [],
    ],
    [
      'one of which people were told',
      () => build(deciding([decided({ action: 'notify' })])),
      'recovered',
      'Over. People were told. Nothing had to be moved.',
      [],
    ],
    [
      'one in which nothing was decided or done',
      () => build(deciding([])),
      'not-known',
      'Over. Nothing was decided or done. The effect on users is not known.',
      [],
    ],
    [
      'one in which only something was done',
      () => build(deciding([], { calls: [made()] })),
      'not-recovered',
      'Over. No flow proved that users are served again.',
      [],
    ],
    [
      'one in which a step was reached',
      () => build(deciding([decided({ action: 'none' })], { steps: [kept('leave-zone/cache', 1)] })),
      'not-recovered',
      'Over. No flow proved that users are served again.',
      [],
    ],
    [
      'one that was tried in vain',
      () => build(deciding([decided({})])),
      'not-recovered',
      'Over. No flow proved that users are served again.',
      [],
    ],
    [
      'one that people aborted',
      () =>
        build(
          deciding([decided({})], {
            aborts: [
              { execution: 'a', by: 'ana', at },
              { execution: 'b', by: 'jo', at },
            ],
          }),
        ),
      'not-recovered',
      'Over. jo aborted the last flow. No flow proved that users are served again.',
      [],
    ],
    [
      'one that lasted too long and was held',
      () =>
        build(
          zone({
            incident: incidentOf({
              closedAt: at + 7_201 * second,
              decisions: [decided({ action: 'hold', hold: 'frozen' })],
            }),
          }),
        ),
      'held',
      'Over. The last decision was to hold: frozen.',
      ['the time to restore was longer than the MTTR'],
    ],
  ])('of %s', ([, report, state, line, missed]) => {
    expect(report().verdict).toEqual({ state, line, missed });
  });

  test.for<[string, Partial<typeof drill>, string, string, string[]]>([
    ['runs', {}, 'open', 'Not over yet: there is no result so far.', []],
    [
      'passed',
      { outcome: 'passed', recoveredAt: at + 109 * second },
      'passed',
      'Passed: it took 1 min 40 s, the limit is 5 min.',
      [],
    ],
    ['failed', { outcome: 'failed', why: ['a', 'b'] }, 'missed', 'Failed: a; b.', ['a', 'b']],
    ['failed for no reason', { outcome: 'failed' }, 'missed', 'Failed: the reason was not recorded.', []],
    [
      'was refused',
      { outcome: 'refused', why: ['a'] },
      'held',
      'The drill was not started, so it proves nothing: a.',
      [],
    ],
    [
      'was stopped',
      { outcome: 'stopped', why: ['a'] },
      'held',
      'A person stopped the drill, so it proves nothing: a.',
      [],
    ],
    [
      'gave way',
      { outcome: 'gave-way', why: ['a'] },
      'held',
      'The drill gave way to a real event, so it proves nothing: a.',
      [],
    ],
  ])('of a drill of the deployment that %s', ([, change, state, line, missed]) => {
    expect(build(null, { run: { ...drill, ...change } }).verdict).toEqual({ state, line, missed });
  });
});

test('where it begins and ends, what it is, and what was predicted of it', () => {
  const report = build(zone());
  expect(report).toMatchObject({
    ...{ version: 1, occasion: 'incident', source: 'record', predicted: null, application: 'chatops' },
    timeline: { zeroAt: iso(0), servedAt: null, predictedAt: null },
    incident: { openedAt: iso(0), closedAt: iso(1_800), level: 2, region, zone: 'use1-az1' },
  });
  expect(build(zone({ drill: true })).occasion).toBe('drill');
  expect(build(null, { run: drill }).occasion).toBe('drill');
  expect(inDrill(null).occasion).toBe('drill');
  expect(build(null).timeline.zeroAt).toBe(build(null).asOf);
  expect(build(null).incident).toBeNull();
  expect(build(zone(), { zeroAt: at - 60 * second }).timeline.zeroAt).toBe(iso(-60));
  expect(build(zone(open)).incident?.closedAt).toBeNull();
  const { runbookUrl: _, ...notifications } = plan.notifications;
  expect(buildReport(null, blind, { ...plan, notifications }).runbookUrl).toBeNull();
  expect(report.runbookUrl).toBe(plan.notifications.runbookUrl);
});

test.for<[string, () => ReturnType<typeof build>, string | null]>([
  ['nobody knows', () => build(zone()), null],
  ['a flow proved it', () => build(zone({ steps: [ended({ verifiedAt: at + 880 * second })] })), iso(880)],
  ['it was true', () => inDrill(zone(), { recoverySeconds: 900 }), iso(840)],
  ['they were served all the time', () => inDrill(zone(), { recoverySeconds: 0 }), null],
  ['they were not at the end', () => inDrill(zone(), { recoverySeconds: null }), null],
  ['a drill saw it', () => build(zone(), { run: { ...drill, recoveredAt: at + 60 * second } }), iso(60)],
  ['a drill of another kind', () => build(zone(), { run: { ...drill, kind: 'region', recoveredAt: at } }), null],
])('when users were served again, where %s', ([, report, servedAt]) => {
  expect(report().timeline.servedAt).toBe(servedAt);
});

describe('what was predicted', () => {
  const told = { recoverySeconds: 180, dataLossSeconds: 0, basis: 'the plan', assetSeconds: {} };
  const shown = (predicted: object | null) => [
    { request: { ...request, shown: { ...request.shown, predicted } }, answers: [], settled: null },
  ];

  test('is what the last flow told, else what the last request showed', () => {
    const predicted = (change: Partial<IncidentRecord>) => build(zone(change)).predicted;
    expect(predicted({ steps: [ended({ predicted: told }), ended({})] })).toEqual({
      ...{ recoverySeconds: 180, dataLossSeconds: 0, basis: 'the plan' },
    });
    const first = shown({ recoverySeconds: 600, dataLossSeconds: 30, basis: 'x' });
    const last = shown({ recoverySeconds: 700, dataLossSeconds: 40, basis: 'y' });
    expect(predicted({ asked: [...first, ...last] })).toEqual({
      recoverySeconds: 700,
      dataLossSeconds: 40,
      basis: 'y',
    });
    expect(predicted({ asked: first, steps: [ended({ predicted: told })] })?.recoverySeconds).toBe(180);
    expect(predicted({ asked: shown(null) })).toBeNull();
  });

  test('is drawn from the start of the clock on, as far as it is known', () => {
    const predictedAt = (outcome: StepRecord['outcome']) =>
      build(zone({ steps: [ended(outcome)] })).timeline.predictedAt;
    const from = { at: at - 20 * second, what: 'last-served' };
    expect(predictedAt({ predicted: told })).toBe(iso(180));
    expect(predictedAt({ predicted: told, countsFrom: from })).toBe(iso(160));
    expect(predictedAt({ predicted: { ...told, recoverySeconds: null } })).toBeNull();
    expect(build(null).timeline.predictedAt).toBeNull();
  });
});

describe('the clocks', () => {
  const clocks = (report: ReturnType<typeof build>) =>
    report.clocks.map(({ name, seconds, how }) => [name, seconds, how]);
  const [detect, decide, execute, lasted] = [
    'fault to first signal',
    'first signal to decision',
    'start of the flow to verification, without the approval',
    'first evidence until the incident ended',
  ];

  test('are not known of nothing', () => {
    expect(clocks(build(null))).toEqual([
      ...[
        ['Detect', null, detect],
        ['Decide', null, decide],
        ['Execute', null, execute],
        ['Lasted', null, lasted],
      ],
    ]);
  });

  test('are those that the flow kept, where nobody saw the fault', () => {
    const steps = [ended({ detectSeconds: 20, decideSeconds: 30, executeSeconds: 610 })];
    const record = deciding([decided({ action: 'none', at: at + 5 * second }), decided({ at: at + 90 * second })], {
      steps,
    });
    expect(clocks(build(record))).toEqual([
      ['Detect', 20, 'last successful user request to first evidence'],
      ['Decide', 30, decide],
      ['Execute', 610, execute],
      ['Lasted', 1_800, lasted],
    ]);
    expect(clocks(build(record, { faultAt: at - 60 * second, firstSignalAt: at + 10 * second }))).toEqual([
      ['Detect', 70, detect],
      ['Decide', 80, decide],
      ['Execute', 610, execute],
      ['Lasted', 1_800, lasted],
    ]);
    expect(clocks(build(record, { faultAt: at - 60 * second }))[1]).toEqual(['Decide', 90, decide]);
    expect(clocks(build({ ...record, came: [] }))[1]).toEqual(['Decide', 90, decide]);
    expect(clocks(build(deciding([decided({ action: 'none' })])))[1]).toEqual(['Decide', null, decide]);
  });

  test('have what people took, of all requests that were settled', () => {
    const asked = (...seconds: (number | null)[]) =>
      seconds.map((one) => ({
        ...{ request, answers: [] },
        settled: one === null ? null : { outcome: 'approved' as const, at: at + one * second },
      }));
    const approve = (...seconds: (number | null)[]) => build(zone({ asked: asked(...seconds) })).clocks[2];
    const how = 'request to its final answer';
    expect(approve(120, null, 30)).toEqual({ name: 'Approve', seconds: 150, how });
    expect(approve(null)).toEqual({ name: 'Approve', seconds: null, how });
    expect(approve()?.name).toBe('Execute');
  });

  test('have how long no other region could take over, once the role has moved', () => {
    const moved = (outcome: StepRecord['outcome'], ...more: StepRecord[]) =>
      build(zone({ steps: [kept('record-failover', 1, outcome), ...more] })).clocks.slice(4);
    const unprotected = (seconds: number | null, end = '') => [
      { name: 'Unprotected', seconds, how: `first evidence until us-east-1 was ready to take over again${end}` },
    ];
    expect(moved({ from: region })).toEqual(unprotected(null));
    expect(moved({ from: region }, kept('covered', 9, { unprotectedSeconds: 500 }))).toEqual(unprotected(500));
    expect(moved({ from: region }, kept('covered', 9, { unprotectedSeconds: 'x' }))).toEqual(unprotected(null));
    expect(moved({ from: region, undoes: { execution: 'e-1', incident: 'i-1' } })).toEqual(
      unprotected(null, '; undoes e-1 (incident i-1)'),
    );
    expect(moved({ from: region, undoes: 'e-1' })).toEqual(unprotected(null));
    expect(moved({ from: region, mode: 'restore' })).toEqual([]);
    expect(moved({})).toEqual([]);
    expect(moved({ from: region }, kept('record-failover', 2, { from: 'us-west-2' }))[0]?.how).toContain('us-west-2');
  });
});

test.for<[string, () => ReturnType<typeof build>, string]>([
  ['of no record', () => build(null), 'Nothing in the record says why.'],
  ['of a real one', () => build(zone()), 'A real incident, not a drill: zone use1-az1 failed.'],
  ['of a drill', () => build(zone({ drill: true })), 'A drill that was started on AWS: zone use1-az1 failed.'],
  [
    'of one in which nothing was decided',
    () => build(deciding([decided({ action: 'none' })])),
    'A real incident, not a drill: nothing was decided.',
  ],
  [
    'by the first decision',
    () => build(deciding([decided({ action: 'none' }), decided({ reason: 'first' }), decided({ reason: 'second' })])),
    'A real incident, not a drill: first.',
  ],
  ['as it was chosen', () => build(zone(), { why: 'chosen' }), 'chosen'],
])('why there is a report: %s', ([, report, reason]) => {
  expect(report().why.reason).toBe(reason);
});

describe('people', () => {
  const person = (report: ReturnType<typeof build>, role: string) => report.people.find((one) => one.role === role);
  const asked = (answers: (typeof answer)[]) => [{ request, answers, settled: null }];

  test('are the contacts of the plan, and everybody who was asked, answered or was told', () => {
    const message = { at: iso(0), role: 'told', channel: 'email', subject: '', body: '' };
    const report = build(
      zone({
        asked: [
          { request: { ...request, roles: ['asked'] }, answers: [{ ...answer, approver: 'answers' }], settled: null },
        ],
      }),
      { messages: [message, message] },
    );
    expect(report.people.map(({ role }) => role)).toEqual([...Object.keys(plan.contacts), 'asked', 'answers', 'told']);
    expect(person(report, 'told')).toEqual({
      ...{ role: 'told', duty: 'not in the plan', asked: false, told: 2, answer: null, absence: null },
    });
    expect(person(report, 'dba')).toEqual({
      ...{ role: 'dba', duty: 'recovers the database', asked: false, told: 0, answer: null, absence: null },
    });
    expect(person(build(zone()), 'dba')?.told).toBeNull();
  });

  test('answered, with when and after how long; the last answer that counts is told', () => {
    const given = (change: Partial<typeof answer>) => ({ ...answer, ...change });
    const told = (...answers: (typeof answer)[]) => person(build(zone({ asked: asked(answers) })), 'dba')?.answer;
    expect(told(answer)).toEqual({ at: iso(60), answer: 'approve', valid: true, afterSeconds: 60 });
    const invalid = given({ valid: false, answer: 'reject', at: at + 90 * second });
    expect(told(answer, invalid)).toMatchObject({ answer: 'approve', valid: true });
    expect(told(invalid)).toEqual({ at: iso(90), answer: 'reject', valid: false, afterSeconds: 90 });
    expect(told(given({ valid: false }), invalid)).toMatchObject({ answer: 'reject' });
  });

  test('did not answer, for a reason that may be known', () => {
    const absence = (saw: Partial<Seen>) => person(build(zone({ asked: asked([answer]) }), saw), 'infra-lead')?.absence;
    expect(absence({})).toBe('did not answer; the reason is not known');
    expect(absence({ absence: 'on purpose' })).toBe('on purpose');
    expect(person(build(zone({ asked: asked([answer]) })), 'dba')).toMatchObject({ asked: true, absence: null });
  });

  test('were asked by a drill of the deployment itself', () => {
    const report = build(null, { run: { ...drill, kind: 'approvers' } });
    expect(person(report, 'dba')).toMatchObject({
      asked: true,
      answer: { at: iso(20), answer: 'approve', valid: true, afterSeconds: 11 },
    });
    expect(person(report, 'infra-lead')).toMatchObject({ asked: true, answer: null });
    expect(person(report, 'app-lead')).toMatchObject({ asked: false, absence: null });
    expect(person(build(null, { run: drill }), 'dba')).toMatchObject({ asked: false, answer: null });
    expect(person(build(null, { run: { ...drill, kind: 'approvers', faultAt: null } }), 'dba')?.asked).toBe(false);
  });
});

test('decisions are told with their evidence, as far as it has words', () => {
  const decisions = [
    decided({ facts: ['a', 'b'], indication: 'zone-lost', hold: 'frozen' }),
    decided({ action: 'none', execution: null }),
  ];
  expect(build(deciding(decisions)).decisions).toEqual([
    {
      ...{ at: iso(0), action: 'az-failover', level: 2, reason: 'zone use1-az1 failed (held: frozen)' },
      ...{ indication: 'zone-lost', evidence: ['a', 'b'], signals: 2, execution: 'incident-1-az-failover-1' },
    },
    {
      ...{ at: iso(0), action: 'none', level: 2, reason: 'zone use1-az1 failed', indication: null, evidence: [] },
      ...{ signals: 2, execution: null },
    },
  ]);
});

test('the ways that people were shown are told: which was taken, and why another was not', () => {
  const shown = (offered: boolean) => ({
    ...{ offered, why: 'the replica is there', predicted: { recoverySeconds: 600, dataLossSeconds: 30 } },
    alternatives: [
      { way: 'wait', offered: true, why: 'nothing is changed', recoverySeconds: null, dataLossSeconds: null },
      { way: 'restore-snapshot', offered: false, why: 'no key', recoverySeconds: 900, dataLossSeconds: 60 },
    ],
  });
  const ways = (outcome: 'approved' | 'rejected' | null, offered = true) => {
    const settled = outcome === null ? null : { outcome, at };
    const asked = [{ request: { ...request, shown: shown(offered) }, answers: [], settled }];
    return build(zone({ asked, steps: [kept('leave-zone/cache', 1, { stays: 'it is alone' })] })).ways;
  };
  const figures = { recoverySeconds: 600, dataLossSeconds: 30 };
  expect(ways('approved')).toEqual([
    { way: 'promote-replica', state: 'taken', why: 'the replica is there', ...figures },
    { way: 'wait', state: 'offered', why: 'nothing is changed', recoverySeconds: null, dataLossSeconds: null },
    { way: 'restore-snapshot', state: 'refused', why: 'no key', recoverySeconds: 900, dataLossSeconds: 60 },
    { way: 'move cache', state: 'refused', why: 'it is alone', recoverySeconds: null, dataLossSeconds: null },
  ]);
  expect(ways('rejected')[0]).toMatchObject({ state: 'offered', why: 'rejected: the replica is there' });
  expect(ways(null)[0]).toMatchObject({ state: 'offered', why: 'not answered yet: the replica is there' });
  expect(ways(null, false)[0]).toMatchObject({ state: 'refused', why: 'not answered yet: the replica is there' });
});

test('requests and their answers are told as they were kept', () => {
  const given = { ...answer, who: 'arn:x', how: 'page' as const, shownHash: 'h' };
  const asked = [
    { request, answers: [answer, given], settled: { outcome: 'approved' as const, at: at + 9 * second } },
    { request, answers: [], settled: null },
  ];
  const [first, second_] = build(zone({ asked })).approvals;
  const plain = {
    at: iso(60),
    approver: 'dba',
    answer: 'approve',
    valid: true,
    why: '',
    reason: 'it is dark',
    from: '192.0.2.1',
  };
  expect(first).toMatchObject({
    ...{ id: 'request-1', askedAt: iso(0), expiresAt: iso(3_600), requestedBy: 'classify', mode: 'failover' },
    ...{ target: region, way: 'promote-replica', required: 2, roles: request.roles, lossCeilingSeconds: 92 },
    ...{ plan: 'a1b2', outcome: 'approved', settledAt: iso(9), unfenced: ['database in us-east-1'] },
  });
  expect(first?.answers).toEqual([
    { ...plain, who: null, how: null, shownHash: null },
    { ...plain, who: 'arn:x', how: 'page', shownHash: 'h' },
  ]);
  expect(second_).toMatchObject({ outcome: null, settledAt: null, answers: [] });
});

describe('calls', () => {
  const reachedBy = (steps: StepRecord[], change: Partial<AuditRecord> = {}) =>
    build(zone({ calls: [made({ step: 'fence/database', ...change })], steps })).calls[0]?.reachedAt;

  test('are told oldest first, those of the drill itself too', () => {
    const calls = [made({ at: at + 9, target: 'b' }), made({ at: at + 3, target: 'a' })];
    const own = [made({ at: at + 5, target: 'own' })];
    const report = build({ ...zone({ calls }), refused: calls.slice(0, 1) }, { ownCalls: own });
    expect(report.calls.map(({ target, refused }) => [target, refused])).toEqual([
      ['a', false],
      ['own', false],
      ['b', true],
    ]);
    expect(build(null, { ownCalls: own }).calls).toMatchObject([{ target: 'own', refused: false, reachedAt: null }]);
  });

  test('have what was seen and wanted, and the request that changed something', () => {
    const { change: _, ...without } = made();
    const calls = [made({ requestIds: ['looked', 'changed'] }), { ...without, requestIds: [] }];
    expect(build(zone({ calls })).calls).toMatchObject([
      { requestId: 'changed', before: 'available in use1-az1', wanted: 'in another zone than use1-az1' },
      { requestId: null, before: null, wanted: null },
    ]);
  });

  test.for<[string, StepRecord, number | null]>([
    ['its step', kept('fence/database', 10), 10],
    ['at once', kept('fence/database', 0), 0],
    ['not before it', kept('fence/database', -1), null],
    ['its step under the name of a fence', kept('fence/database/fenced', 10), 10],
    ['the late fence', kept('fence-late/database', 10), 10],
    ['not where it could not be fenced', kept('fence/database', 10, { fenced: false }), null],
    ['not where it was left out', kept('fence/database', 10, { skipped: true }), null],
    ['not by another flow', { ...kept('fence/database', 10), execution: 'x' }, null],
    ['not by another step', kept('fence/orders', 10), null],
  ])('had reached what they want: %s', ([, step, seconds]) => {
    expect(reachedBy([step])).toBe(seconds === null ? null : iso(seconds));
  });

  test('of a step that only has fence in its name are no fence', () => {
    expect(reachedBy([kept('un-fence-late/database', 10)], { step: 'un-fence/database' })).toBeNull();
  });
});

test('results of steps say first where nothing was done', () => {
  const steps = [
    kept('leave-zone/cache', 1, { moved: false, stays: 'it is alone' }),
    kept('leave-zone/database', 2, { moved: true }),
    kept('take-over/cache', 3, { skipped: true, by: 'ana' }),
  ];
  expect(build(zone({ steps })).reached).toEqual([
    { at: iso(1), step: 'leave-zone/cache', outcome: 'not possible; moved: no; stays: it is alone' },
    { at: iso(2), step: 'leave-zone/database', outcome: 'moved: yes' },
    { at: iso(3), step: 'take-over/cache', outcome: 'left out; skipped: yes; by: ana' },
  ]);
});

describe('the data', () => {
  const data = (what: RegExp | string, report: ReturnType<typeof build>) =>
    report.data.filter((one) => (typeof what === 'string' ? one.what === what : what.test(one.what)));

  test('of nothing was not tested', () => {
    expect(build(null).data).toEqual([
      {
        what: 'The data loss is not larger than the one people were shown',
        ...{ state: 'not-tested', why: 'people were shown no data loss' },
      },
      {
        what: 'The new database has the data that was published before the failure',
        ...{ state: 'not-tested', why: 'no database of the plan was compared: the application has to do that' },
      },
      { what: 'A backup was restored and read', state: 'not-tested', why: 'no backup was restored' },
    ]);
  });

  test.for<[string, Partial<Truth>, string[][]]>([
    [
      'is whole',
      {},
      [
        ['No write was lost', 'held', 'every acknowledged write is there'],
        ['No write is only in the old database', 'held', 'only the region that serves users took writes'],
      ],
    ],
    [
      'is not',
      { lostWrites: 3, lossSeconds: 12, divergedWrites: 1 },
      [
        ['No write was lost', 'broken', 'missing: 3 acknowledged writes of the last 12 s before the fault'],
        ['No write is only in the old database', 'broken', 'the old region took 1 write after the promotion'],
      ],
    ],
    ['is not known', { lostWrites: null, divergedWrites: null }, []],
  ])('of a drill %s', ([, truth, checks]) => {
    const found = data(/^No write/, inDrill(zone(), truth));
    expect(found.map(({ what, state, why }) => [what, state, why])).toEqual(checks);
  });

  test.for<[string, number | null, number | null, string[]]>([
    ['is as large', 31, 31, ['held', 'shown 31 s, measured 31 s']],
    ['is larger', 30, 31, ['broken', 'shown 30 s, measured 31 s']],
    ['was not shown', null, 31, ['not-tested', 'people were shown no data loss']],
    ['was not measured', 31, null, ['not-tested', 'the data loss was not measured']],
  ])('that was shown: the loss %s', ([, dataLossSeconds, measured, verdict]) => {
    const shown = { predicted: { recoverySeconds: 1, dataLossSeconds } };
    const asked = [{ request: { ...request, shown }, answers: [], settled: null }];
    const [found] = data(/people were shown$/, build(zone({ asked, steps: [ended({ dataLossSeconds: measured })] })));
    expect([found?.state, found?.why]).toEqual(verdict);
  });

  test('that a drill judged is told with its reason, or with both figures', () => {
    const honest = (held: boolean, detail: string | null) => {
      const invariants = [
        { id: 'other', held: true, detail: 'x' },
        { id: 'honest-loss', held, detail },
      ];
      const steps = [ended({ dataLossSeconds: 31 })];
      return data(/^The reported loss/, inDrill(zone({ steps }), { lossSeconds: 12 }, { invariants }))[0];
    };
    expect(honest(true, null)).toEqual({
      ...{ what: 'The reported loss is not smaller than the true one', state: 'held', why: 'reported 31 s, true 12 s' },
    });
    expect(honest(false, 'it lies')).toMatchObject({ state: 'broken', why: 'it lies' });
    expect(data(/^The reported loss/, inDrill(zone()))).toEqual([]);
  });

  test('that was verified by asset is told as each step ended', () => {
    const step = (change: Partial<SeenStep>): SeenStep => ({
      ...{
        state: 'Verify',
        asset: 'database',
        startedAt: at,
        endedAt: at + 1,
        outcome: 'succeeded',
        tick: null,
        attempts: 1,
      },
      ...change,
    });
    const steps = [
      step({}),
      step({ asset: 'orders', outcome: 'failed' }),
      step({ asset: 'cache', outcome: null }),
      step({ asset: null }),
      step({ state: 'TakeOver' }),
      step({ endedAt: null }),
    ];
    expect(data(/takes writes and has its data$/, build(zone(), { steps }))).toEqual([
      { what: 'database takes writes and has its data', state: 'held', why: 'Verify: succeeded' },
      { what: 'orders takes writes and has its data', state: 'broken', why: 'Verify: failed' },
      { what: 'cache takes writes and has its data', state: 'broken', why: 'Verify: not known' },
    ]);
  });

  test('that came back is told by the newest comparison of each database', () => {
    const returned = { lost: 0, invented: 0, recovered: 0, tables: [], wrong: [] };
    const steps = [
      kept('data/database', 1, { ...returned, lost: 2, wrong: ['messages is empty'] }),
      kept('data/orders', 2, { ...returned, wrong: ['messages is empty'] }),
      kept('data/votes', 3, { unknown: 'there is no table' }),
      kept('data/database', 4, returned),
    ];
    const found = data(/^The new database has/, build(zone({ steps })));
    expect(found.map(({ what, state }) => [what, state])).toEqual([
      ['The new database has the data that was published before the failure: database', 'held'],
      ['The new database has the data that was published before the failure: orders', 'broken'],
      ['The new database has the data that was published before the failure: votes', 'not-tested'],
    ]);
    expect(found[0]?.why).toBe('all acknowledged rows of the ledger are there');
  });

  const compared = (change: Partial<Comparison>) => ({ ...zone(), comparisons: [{ ...comparison, ...change }] });
  const row = { key: '7', hash: 'h', at: at + 1, other: true };
  const table = { table: 'messages', newer: 1, compared: 1, rows: [row, { key: '8', hash: 'g', at: null }] };
  test.for<[string, Partial<Comparison>, string[]]>([
    ['are waited for', {}, ['not-tested', 'not compared yet: it begins when us-east-1 answers']],
    ['were given up', { endedAt: at, wrong: ['no copy', 'no key'] }, ['not-tested', 'no copy; no key']],
    ['are none', { comparedAt: at }, ['held', '']],
    [
      'are none of what was compared',
      { comparedAt: at, tables: [{ ...table, rows: [], newer: 5 }], wrong: ['a table is gone'] },
      [
        'not-tested',
        'messages: the new database has every row that was compared. Compared: the 1 newest of 5 rows; a table is gone',
      ],
    ],
    [
      'are there',
      { comparedAt: at, tables: [table] },
      [
        'broken',
        'messages: 2 rows are only in the old database (1 missing in the new one, 1 different there, 1 of them written after the failover began, 1 of them written at a time that is not known)',
      ],
    ],
  ])('of an old database: rows %s', ([, change, verdict]) => {
    const [found] = data('The old database has no rows that the new one lacks', build(compared(change)));
    expect([found?.state, found?.why]).toEqual(verdict);
  });

  test('of an old database has its rows, once both sides were compared', () => {
    const words = [
      'messages: 2 rows are only in the old database (1 missing in the new one, 1 different there, 1 of them written after the failover began, 1 of them written at a time that is not known)',
      'odd',
    ];
    expect(build(compared({ comparedAt: at, tables: [table], wrong: ['odd'] })).onlyOld).toEqual([
      {
        ...{ asset: 'database', region, comparedAt: iso(0), words },
        rows: [
          { table: 'messages', key: '7', hash: 'h', other: true, writtenAt: iso(0.001) },
          { table: 'messages', key: '8', hash: 'g', other: false, writtenAt: null },
        ],
      },
    ]);
    expect(build(compared({ tables: [table], wrong: ['odd'] })).onlyOld).toEqual([
      { asset: 'database', region, comparedAt: null, words: ['odd'], rows: [] },
    ]);
    expect(build(null).onlyOld).toEqual([]);
  });

  const fence = (seconds: number, outcome: StepRecord['outcome'], step = 'fence/database') =>
    kept(step, seconds, outcome);
  test.for<[string, StepRecord[], string[][]]>([
    ['was at once', [fence(60, { fenced: true })], [['database', 'held', 'fenced at 2026-11-03 03:01 UTC']]],
    ['is seen', [fence(60, {}, 'fence/database/fenced')], [['database', 'held', 'fenced at 2026-11-03 03:01 UTC']]],
    [
      'was not',
      [fence(60, { fenced: false, why: 'it is dark' })],
      [['database', 'broken', 'it was not fenced (it is dark)']],
    ],
    ['was not, and nobody knows why', [fence(60, { fenced: false })], [['database', 'broken', 'it was not fenced']]],
    [
      'was later',
      [fence(60, { fenced: false, why: 'it is dark' }), fence(120, {}, 'fence/database/fenced')],
      [['database', 'held', 'the first try failed (it is dark); fenced at 2026-11-03 03:02 UTC']],
    ],
    [
      'was later, and nobody knows why not at once',
      [fence(60, { fenced: false }), fence(120, { fenced: true })],
      [['database', 'held', 'the first try failed; fenced at 2026-11-03 03:02 UTC']],
    ],
    [
      'of two assets',
      [fence(60, { fenced: true }), fence(60, { fenced: false }, 'fence/orders'), fence(61, { fenced: true })],
      [
        ['database', 'held', 'fenced at 2026-11-03 03:01 UTC'],
        ['orders', 'broken', 'it was not fenced'],
      ],
    ],
    ['is another step', [fence(1, {}, 'fence/a/b'), fence(1, {}, 'unfence/a'), fence(1, {}, 'fence')], []],
  ])('of the old region: the fence %s', ([, steps, checks]) => {
    const found = data(/^The old \S+ takes no writes$/, build(zone({ steps })));
    expect(found.map(({ what, state, why }) => [what.split(' ')[2], state, why])).toEqual(checks);
  });

  test.for<[string, Partial<typeof drill>, string[]]>([
    ['came back', { outcome: 'passed' }, ['held', 'database was restored beside production, checked, and deleted']],
    [
      'of nothing that is named came back',
      { outcome: 'passed', asset: null },
      ['held', 'it was restored beside production, checked, and deleted'],
    ],
    ['did not', { outcome: 'failed', why: ['a', 'b'] }, ['broken', 'a; b']],
    ['was stopped', { outcome: 'stopped' }, ['not-tested', 'no backup was restored']],
    ['was not the drill', { kind: 'fault', outcome: 'passed' }, ['not-tested', 'no backup was restored']],
  ])('of a backup %s', ([, change, verdict]) => {
    const run = { ...drill, kind: 'restore' as const, ...change };
    const [found] = data('A backup was restored and read', build(null, { run }));
    expect([found?.state, found?.why]).toEqual(verdict);
  });
});
