// The picture of a report as data: which bars there are, how each ended, and which of them the recovery waited for.
import { describe, expect, test } from 'vitest';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { criticalPath, timelineOf } from '../../../../functions/domain/report/lanes.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen, SeenStep } from '../../../../functions/domain/report/seen.ts';
import { plan } from '../../../plan.ts';
import { recordWith, seenInDrill } from '../../../reports.ts';
import { answer, at, call, drill, incidentOf, reached, region, request } from '../../../store/samples.ts';

const second = 1_000;
const iso = (time: number) => new Date(time).toISOString();
const none: Seen = { ...seenInDrill({}), faultAt: null, firstSignalAt: null, steps: null, served: null, truth: null };
const bareRecord = recordWith({ incident: incidentOf({ decisions: [] }), asked: [], steps: [], calls: [] });

const timeline = (record: IncidentRecord | null, saw: Partial<Seen> = {}, servedAt: number | null = null) =>
  timelineOf(record, { ...none, ...saw }, at, servedAt, null, plan);
/** The bars of each lane: name, from, to and outcome, in seconds. */
const lanes = (...of: Parameters<typeof timeline>) =>
  timeline(...of).lanes.map(({ name, bars }) => [
    name,
    ...bars.map((one) => [one.name, offset(one.from), offset(one.to), one.outcome]),
  ]);
const offset = (time: string | null) => (time === null ? null : (Date.parse(time) - at) / second);

test('of nothing nothing is drawn', () => {
  expect(timelineOf(null, none, at, null, null, plan)).toEqual({
    ...{ zeroAt: iso(at), lanes: [], marks: [], servedAt: null, predictedAt: null },
  });
  expect(timelineOf(null, none, at, at + 1, at + 2, plan)).toMatchObject({
    servedAt: iso(at + 1),
    predictedAt: iso(at + 2),
  });
  expect(lanes(bareRecord)).toEqual([]);
});

test('users are drawn while they are not served, from the beginning on', () => {
  const served = [
    { at: at - 10 * second, served: false },
    { at, served: false },
    { at: at + 60 * second, served: true },
    { at: at + 90 * second, served: false },
  ];
  expect(lanes(null, { served })).toEqual([
    ['Users', ['not served', 0, 60, 'not-served'], ['not served', 90, null, 'not-served']],
  ]);
});

test('a drill of the deployment has its own parts', () => {
  const run = { ...drill, recoveredAt: at + 60 * second, endedAt: at + 99 * second, outcome: 'failed' as const };
  expect(lanes(null, { run })).toEqual([
    [
      'Drill',
      ['before', 0, 9, 'succeeded'],
      ['fault to recovered', 9, 60, 'succeeded'],
      ['watched after', 60, 99, 'failed'],
    ],
  ]);
});

describe('before the flow', () => {
  const decided = (seconds: number) => {
    const [decision] = incidentOf({}).decisions;
    if (decision === undefined) throw new Error('the incident has a decision');
    const first = { ...decision, action: 'none' as const, at: at - 5 * second };
    return { ...bareRecord, incident: incidentOf({ decisions: [first, { ...decision, at: at + seconds * second }] }) };
  };
  const detection = (from: number, to: number) => ['Detection', ['fault to first signal', from, to, 'waiting']];
  const decision = (from: number, to: number) => ['Decision', ['first signal to decision', from, to, 'waiting']];

  test.for<[string, IncidentRecord | null, Partial<Seen>, unknown[]]>([
    [
      'the fault is detected, and then it is decided',
      decided(90),
      { faultAt: at - 60 * second, firstSignalAt: at + 10 * second },
      [detection(-60, 10), decision(10, 90)],
    ],
    [
      'the first signal is that of the incident where no other is known',
      decided(90),
      { faultAt: at - 60 * second },
      [detection(-60, 0), decision(0, 90)],
    ],
    ['a signal from before the fault detects nothing', decided(90), { faultAt: at + 1 * second }, [decision(0, 90)]],
    ['a signal with the fault does', decided(90), { faultAt: at }, [detection(0, 0), decision(0, 90)]],
    ['a decision from before the first signal is not drawn', decided(5), { firstSignalAt: at + 10 * second }, []],
    ['a decision with the first signal is', decided(10), { firstSignalAt: at + 10 * second }, [decision(10, 10)]],
    ['of no fault nothing is detected', decided(90), {}, [decision(0, 90)]],
    ['nothing is decided', bareRecord, { faultAt: at - 60 * second }, [detection(-60, 0)]],
    ['there is no signal', null, { faultAt: at - 60 * second }, []],
  ])('%s', ([, record, saw, drawn]) => {
    expect(lanes(record, saw)).toEqual(drawn);
  });
});

test('a request waits until it is settled, and what is not approved is refused', () => {
  const asked = ([null, 'approved', 'rejected', 'expired', 'void'] as const).map((outcome, index) => ({
    request: { ...request, askedAt: at + index * second },
    answers: [answer],
    settled: outcome === null ? null : { outcome, at: at + 60 * second },
  }));
  const of = (outcome: string) => `failover of ${region}: ${outcome}`;
  expect(lanes({ ...bareRecord, asked })).toEqual([
    [
      'Approval',
      [of('open'), 0, null, 'waiting'],
      [of('approved'), 1, 60, 'waiting'],
      [of('rejected'), 2, 60, 'refused'],
      [of('expired'), 3, 60, 'refused'],
      [of('void'), 4, 60, 'refused'],
    ],
  ]);
});

test('steps that were seen are drawn as they ended, those of assets in lanes of their own, in the order of the plan', () => {
  const step = (
    state: string,
    asset: string | null,
    tick: SeenStep['tick'],
    endedAt: number | null = at + 9 * second,
  ) => ({
    ...{ state, asset, startedAt: at, endedAt, outcome: null, tick, attempts: 3 },
  });
  const steps = [
    step('Verify', 'settings', 'skipped'),
    step('RequestApproval', null, 'done'),
    step('TakeOver', 'database', 'done'),
    step('RedirectUsers', null, null),
    step('Verify', 'gone', 'done'),
    step('Verify', 'database', 'not-possible', null),
  ];
  expect(lanes(bareRecord, { steps })).toEqual([
    ['Flow', ['RedirectUsers', 0, 9, 'failed']],
    ['database', ['TakeOver', 0, 9, 'succeeded'], ['Verify', 0, null, 'not-possible']],
    ['settings', ['Verify', 0, 9, 'skipped']],
  ]);
  expect(timeline(bareRecord, { steps }).lanes[0]?.bars[0]?.attempts).toBe(3);
});

describe('steps of the record', () => {
  const kept = (step: string, seconds: number, change: Partial<StepRecord> = {}): StepRecord => ({
    ...{ ...reached, step, at: at + seconds * second, outcome: {} },
    ...change,
  });
  const made = (step: string, seconds: number, change: Partial<AuditRecord> = {}) => ({
    ...{ ...call, step, at: at + seconds * second, requestIds: [] },
    ...change,
  });
  const drawn = (steps: StepRecord[], calls: ReturnType<typeof made>[] = []) =>
    lanes(recordWith({ incident: incidentOf({ decisions: [] }), asked: [], steps, calls }));

  test('begin with their first call, and end when they were reached', () => {
    expect(
      drawn(
        [kept('take-over/database', 60), kept('redirect-users', 90), kept('take-over/cache', 70)],
        [made('take-over/database', 10), made('take-over/database', 20), made('take-over/cache', 80)],
      ),
    ).toEqual([
      ['Flow', ['redirect-users', null, 90, 'succeeded']],
      ['database', ['take-over', 10, 60, 'succeeded']],
      ['cache', ['take-over', null, 70, 'succeeded']],
    ]);
    expect(drawn([kept('take-over/cache', 60)], [made('take-over/cache', 60)])).toEqual([
      ['cache', ['take-over', 60, 60, 'succeeded']],
    ]);
    expect(drawn([kept('take-over/cache', 60)], [made('take-over/cache', 9, { execution: 'x' })])).toEqual([
      ['cache', ['take-over', null, 60, 'succeeded']],
    ]);
  });

  test('tell how they ended, and which part of an asset they were', () => {
    expect(
      drawn([
        kept('fence/database/fenced', 10),
        kept('take-over/database', 20, { outcome: { skipped: true, by: 'ana' } }),
        kept('verify/gone', 30),
        kept('verify', 40),
      ]),
    ).toEqual([
      ['Flow', ['verify/gone', null, 30, 'succeeded'], ['verify', null, 40, 'succeeded']],
      ['database', ['fence, fenced', null, 10, 'succeeded'], ['take-over', null, 20, 'skipped']],
    ]);
  });

  test('are none where the record keeps them for its own rules', () => {
    const marks = ['request-approval', 'reassess', 'pause', 'paused/1', 'failing/take-over/database', 'mended/x'];
    const more = ['watch-fence', 'watch-zone', 'shift-ingress', 'record-failover', 'record-recovery/tried'];
    expect(drawn([...marks, ...more].map((name) => kept(name, 1)))).toEqual([]);
  });

  test('that leave a zone begin with their flow', () => {
    const recovery = kept('record-recovery', 99, { outcome: { startedAt: at + 5 * second } });
    const left = kept('leave-zone/database', 60);
    const calls = [made('leave-zone/database', 30)];
    expect(drawn([left, recovery], calls)).toEqual([['database', ['leave-zone', 5, 60, 'succeeded']]]);
    expect(drawn([left], calls)).toEqual([['database', ['leave-zone', 30, 60, 'succeeded']]]);
    expect(drawn([{ ...left, execution: 'x' }, recovery], [])).toEqual([
      ['database', ['leave-zone', null, 60, 'succeeded']],
    ]);
  });
});

describe('what was predicted', () => {
  const shown = {
    ...request.shown,
    ways: [{ asset: 'database', ways: [{ way: 'promote-replica', usable: true, seconds: 480 }] }],
  };
  const asked = [{ request: { ...request, shown }, answers: [], settled: null }];
  const step = (state: string, asset: string | null): SeenStep => ({
    ...{ state, asset, startedAt: at, endedAt: at + 1, outcome: null, tick: 'done', attempts: 1 },
  });
  const predicted = (record: IncidentRecord, ...steps: SeenStep[]) =>
    timeline(record, { steps })
      .lanes.filter(({ name }) => name !== 'Approval')
      .flatMap(({ bars }) => bars.map(({ predictedSeconds }) => predictedSeconds));

  test('of a region flow is the time of a way, of a kind, and until users are there', () => {
    const record = { ...bareRecord, asked };
    const of = (state: string, asset: string | null) => predicted(record, step(state, asset));
    expect(of('TakeOver', 'database')).toEqual([480]);
    expect(of('TakeOver', 'cache')).toEqual([60]);
    expect(of('TakeOver', 'cluster')).toEqual([null]);
    expect(of('Verify', 'database')).toEqual([null]);
    expect(of('VerifyOutside', null)).toEqual([120]);
    expect(of('TakeOver', null)).toEqual([null]);
    expect(of('MoveRole', null)).toEqual([null]);
    expect(predicted(bareRecord, step('TakeOver', 'database'), step('VerifyOutside', null))).toEqual([null, null]);
  });

  test('is of the newest request', () => {
    const earlier = { ...asked[0], request: { ...request, shown: { ...shown, ways: [] } } } as (typeof asked)[number];
    expect(predicted({ ...bareRecord, asked: [earlier, ...asked] }, step('TakeOver', 'database'))).toEqual([480]);
    expect(predicted({ ...bareRecord, asked: [...asked, earlier] }, step('TakeOver', 'database'))).toEqual([300]);
  });

  test('of a zone flow is the time of the asset', () => {
    const outcome = { predicted: { assetSeconds: { database: 120 } } };
    const steps = [{ ...reached, step: 'record-recovery', outcome }];
    const record = recordWith({ incident: incidentOf({ decisions: [] }), asked, steps, calls: [] });
    expect(predicted(record, step('LeaveZone', 'database'), step('LeaveZone', 'cache'))).toEqual([120, null]);
    expect(predicted(bareRecord, step('LeaveZone', 'database'))).toEqual([null]);
  });
});

test('marks are told oldest first: the fault, signals, decisions, and what fails and is tried again', () => {
  const [decision] = incidentOf({}).decisions;
  if (decision === undefined) throw new Error('the incident has a decision');
  const decisions = [
    { ...decision, at: at + 30 * second, scope: { region, zone: null }, level: 3 as const, action: 'hold' as const },
    { ...decision, at: at + 90 * second, action: 'none' as const },
  ];
  const failing = (step: string, seconds: number) => ({ ...reached, step, at: at + seconds * second });
  const steps = [
    failing('failing/take-over/database', 50),
    failing('failing/redirect-users', 60),
    failing('failing', 70),
  ];
  const record = recordWith({ incident: incidentOf({ decisions }), asked: [], steps, calls: [] });
  const signals = [{ at: at + 20 * second, text: 'api fails' }];
  const marks = (saw: Partial<Seen>) =>
    timeline(record, { signals, ...saw }).marks.map(({ lane, at: time, text }) => [lane, offset(time), text]);
  const others = [
    ['Detection', 20, 'api fails'],
    ['Decision', 30, `region disaster in ${region}: hold`],
    ['database', 50, 'TakeOver database failed; it is tried again'],
    ['Flow', 60, 'RedirectUsers failed; it is tried again'],
    ['Decision', 90, 'over'],
  ];
  expect(marks({})).toEqual(others);
  expect(marks({ faultAt: at, faults: ['region-dark', 'x'] })).toEqual([['Detection', 0, 'region-dark'], ...others]);
  expect(marks({ faultAt: at, faults: [] })[0]).toEqual(['Detection', 0, 'the fault']);
});

describe('the critical path', () => {
  const bar = (name: string, from: number | null, to: number | null) => ({
    ...{ name, outcome: 'succeeded' as const, attempts: null },
    from: from === null ? null : at + from * second,
    to: to === null ? null : at + to * second,
  });
  const path = (by: number, ...bars: ReturnType<typeof bar>[]) =>
    [...criticalPath([{ name: 'Flow', bars }], at + by * second)].map(({ name }) => name);

  test.for<[string, number, ReturnType<typeof bar>[], string[]]>([
    [
      'goes back from the last bar that ended by then',
      30,
      [bar('a', 0, 10), bar('b', 10, 20), bar('c', 20, 30)],
      ['c', 'b', 'a'],
    ],
    [
      'leaves out what ended while a later one ran',
      30,
      [bar('a', 0, 10), bar('b', 5, 20), bar('c', 10, 30)],
      ['c', 'a'],
    ],
    ['takes the longest of those that ended together', 20, [bar('b', 5, 20), bar('a', 0, 20)], ['a']],
    ['spans the time between two states', 30, [bar('a', 0, 10), bar('b', 11.5, 30)], ['b', 'a']],
    ['also where the earlier one ended a little late', 30, [bar('a', 0, 11.5), bar('b', 10, 30)], ['b', 'a']],
    ['and not more', 30, [bar('a', 0, 11.6), bar('b', 10, 30)], ['b']],
    ['takes what ended a little after', 28.5, [bar('a', 0, 30)], ['a']],
    ['and not more than that', 28.4, [bar('a', 0, 30)], []],
    ['has no bar without a beginning or an end', 30, [bar('a', null, 30), bar('b', 0, null)], []],
    ['has no bar of no length at the beginning of another', 30, [bar('a', 10, 10), bar('b', 10, 30)], ['b']],
  ])('%s', ([, by, bars, names]) => {
    expect(path(by, ...bars)).toEqual(names);
  });

  test('has nothing of users, and is marked in the picture up to the proof', () => {
    const users = { name: 'Users', bars: [bar('not served', 0, 20)] };
    expect(criticalPath([users], at + 30 * second).size).toBe(0);
    const steps: SeenStep[] = ['TakeOver', 'Verify'].map((state, index) => ({
      ...{ state, asset: 'database', startedAt: at + index * 30 * second, endedAt: at + (index + 1) * 30 * second },
      ...{ outcome: null, tick: 'done', attempts: 1 },
    }));
    const critical = (record: IncidentRecord | null, servedAt: number | null) =>
      timeline(record, { steps }, servedAt).lanes.flatMap(({ bars }) => bars.map((one) => one.critical));
    expect(critical(null, at + 30 * second)).toEqual([true, false]);
    expect(critical(null, null)).toEqual([false, false]);
    const proved = { ...reached, step: 'record-failover', outcome: { verifiedAt: at + 60 * second } };
    const record = recordWith({ incident: incidentOf({ decisions: [] }), asked: [], steps: [proved], calls: [] });
    expect(critical(record, at + 30 * second)).toEqual([true, true]);
  });
});
