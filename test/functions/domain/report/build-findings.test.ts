// What a report has found, what it lacks, and why a part of it is empty: each line whole.
import { describe, expect, test } from 'vitest';
import type { AuditRecord, StepRecord } from '../../../../functions/domain/record/store.ts';
import { buildReport } from '../../../../functions/domain/report/build.ts';
import type { IncidentRecord } from '../../../../functions/domain/report/record.ts';
import type { Seen, SeenStep } from '../../../../functions/domain/report/seen.ts';
import type { RecordedDecision } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { recordWith, seenInDrill } from '../../../reports.ts';
import { answer, at, call, drill, incidentOf, reached, region, request } from '../../../store/samples.ts';

const second = 1_000;
const blind: Seen = {
  ...seenInDrill({}),
  ...{ source: 'record', truth: null, steps: null, messages: null, invariants: null, assets: null, served: null },
  ...{ zeroAt: null, faultAt: null, firstSignalAt: null, missed: null, why: null, faults: [], absence: null },
};
/** Of which everything is known, so that nothing is a gap. */
const seeing: Partial<Seen> = { steps: [], messages: [], served: [], faultAt: at - 60 * second, firstSignalAt: at };
const build = (record: IncidentRecord | null, saw: Partial<Seen> = {}, of = plan) =>
  buildReport(record, { ...blind, ...saw }, of);

const [sample] = incidentOf({}).decisions;
if (sample === undefined) throw new Error('the incident has a decision');
const decided = (change: Partial<RecordedDecision>): RecordedDecision => ({ ...sample, execution: null, ...change });
const kept = (step: string, outcome: StepRecord['outcome'] = {}): StepRecord => ({ ...reached, step, outcome });
const made = (change: Partial<AuditRecord> & { requestIds?: string[] } = {}) => ({
  ...{ ...call, requestIds: ['id-1'] },
  ...change,
});
/** Over, and nothing is wrong with it. */
const quiet = (change: Partial<IncidentRecord> = {}) => ({
  ...recordWith({
    incident: incidentOf({ closedAt: at + 60 * second, decisions: [decided({ facts: ['a fact'] })] }),
    ...{ asked: [], steps: [], calls: [] },
    ...change,
  }),
  ...('aborts' in change && { aborts: change.aborts ?? [] }),
});
const asked = (change: object = {}, answers = [answer], outcome: 'approved' | 'expired' | null = 'approved') => ({
  request: { ...request, unfenced: [], unfencedAssets: [], shown: {}, ...change },
  ...{ answers, settled: outcome === null ? null : { outcome, at } },
});

describe('findings', () => {
  const found = (...of: Parameters<typeof build>) =>
    build(...of).findings.map(({ severity, what }) => [severity, what]);
  const step = (state: string, outcome: SeenStep['outcome'], asset: string | null = 'database'): SeenStep => ({
    ...{ state, asset, startedAt: at, endedAt: at, outcome, tick: null, attempts: 1 },
  });
  const proved = (seconds: number, dataLossSeconds = 0) =>
    quiet({ steps: [kept('record-recovery', { verifiedAt: at + seconds * second, dataLossSeconds })] });
  const predicted = { recoverySeconds: 60, dataLossSeconds: 5 };

  test.for<[string, Parameters<typeof build>, string[][]]>([
    ['nothing', [quiet()], []],
    ['nothing of no record', [null], []],
    [
      'what was missed',
      [quiet(), { missed: ['a', 'b', 'a'] }],
      [
        ['high', 'a'],
        ['high', 'b'],
      ],
    ],
    [
      'an invariant that did not hold',
      [
        quiet(),
        {
          invariants: [
            { id: 'x', held: true, detail: 'd' },
            { id: 'y', held: false, detail: 'd' },
            { id: 'z', held: false, detail: null },
          ],
        },
      ],
      [
        ['high', 'invariant y did not hold: d'],
        ['high', 'invariant z did not hold'],
      ],
    ],
    [
      'what a drill noticed although it passed',
      [null, { run: { ...drill, outcome: 'passed', why: ['it was slow'] } }],
      [['low', 'Noticed: it was slow.']],
    ],
    [
      'every objective that was missed',
      [proved(15_000, 4_000)],
      [
        ['high', 'The recovery time was longer than the RTO.'],
        ['medium', 'The time to restore was longer than the MTTR.'],
        ['high', 'The data loss was larger than the RPO.'],
      ],
    ],
    ['none that was met', [proved(100)], []],
    [
      'each step that failed, once',
      [
        quiet(),
        {
          steps: [
            step('TakeOver', 'failed'),
            step('TakeOver', 'failed'),
            step('MoveRole', 'failed', null),
            step('Verify', 'succeeded'),
          ],
        },
      ],
      [
        ['medium', 'TakeOver database failed at least once.'],
        ['medium', 'MoveRole failed at least once.'],
      ],
    ],
    [
      'what the flow itself wrote',
      [quiet({ steps: [kept('record-recovery', { assets: { cache: { failed: 'Timeout' } } })] })],
      [['medium', 'LeaveZone cache did not succeed: Timeout.']],
    ],
    [
      'what stays',
      [quiet({ steps: [kept('leave-zone/cache', { stays: 'it is alone' })] })],
      [['low', 'cache stays where it is: it is alone.']],
    ],
    [
      'what could not be fenced',
      [quiet({ asked: [asked({ unfenced: [region], unfencedAssets: ['database'] })] })],
      [
        [
          'medium',
          'database in us-east-1 could not be fenced when people were asked. A person has to compare what it wrote since then.',
        ],
      ],
    ],
    [
      'a write that diverged',
      [quiet(), { truth: { recoverySeconds: 1, lossSeconds: 0, lostWrites: 0, divergedWrites: 1 } }],
      [['medium', '1 write is only in the old database. A person has to merge or delete it.']],
    ],
    [
      'writes that diverged',
      [quiet(), { truth: { recoverySeconds: 1, lossSeconds: 0, lostWrites: 0, divergedWrites: 2 } }],
      [['medium', '2 writes are only in the old database. A person has to merge or delete them.']],
    ],
    [
      'no writes that nobody counted',
      [quiet(), { truth: { recoverySeconds: 1, lossSeconds: 0, lostWrites: 0, divergedWrites: null } }],
      [],
    ],
    [
      'a request that expired',
      [quiet({ asked: [asked({}, [], 'expired'), asked({ id: 'request-2' }, [], null)] })],
      [['medium', 'Request request-1 expired: too few people answered.']],
    ],
    [
      'a step that a person left out',
      [quiet({ waivers: [{ execution: 'e', state: 'TakeOver/cache', by: 'ana', reason: 'it is empty', at }] })],
      [['medium', 'ana skipped TakeOver/cache: it is empty.']],
    ],
    [
      'a flow that a person aborted',
      [quiet({ aborts: [{ execution: 'e', by: 'ana', at }] })],
      [['medium', 'ana aborted e at 2026-11-03 03:00 UTC. The flow did nothing after that.']],
    ],
    [
      'a call that was refused',
      [quiet({ refused: [made()] })],
      [['low', 'rds:RebootDBInstance on chatops-prod was refused.']],
    ],
    [
      'answers that did not count',
      [quiet({ asked: [asked({}, [{ ...answer, valid: false }, answer]), asked({}, [{ ...answer, valid: false }])] })],
      [['low', '2 answers did not count.']],
    ],
    [
      'one answer that did not',
      [quiet({ asked: [asked({}, [{ ...answer, valid: false }])] })],
      [['low', '1 answer did not count.']],
    ],
    [
      'predictions that were exceeded',
      [quiet({ steps: [kept('record-recovery', { predicted, verifiedAt: at + 100 * second, dataLossSeconds: 9 })] })],
      [
        [
          'low',
          'The recovery time was worse than predicted: predicted 1 min, was 1 min 40 s, both from the first sign of the failure.',
        ],
        ['low', 'The data loss was worse than predicted: predicted 5 s, was 9 s.'],
      ],
    ],
  ])('are %s', ([, of, findings]) => {
    expect(found(...of)).toEqual(findings);
  });

  test('of a drill of the deployment have an owner and a day, where the drill itself found them', () => {
    const owners = { 'rds-instance': 'dba' };
    const owned = { ...plan, notifications: { ...plan.notifications, owners } };
    const run = { ...drill, outcome: 'failed' as const, endedAt: at, why: ['it is slow'] };
    expect(found(null, { run, missed: ['it is slow', 'else'] }, owned)).toEqual([
      ['high', 'it is slow. Owner: dba; due 2026-11-17.'],
      ['high', 'else'],
    ]);
  });
});

describe('gaps', () => {
  const gaps = (record: IncidentRecord | null, saw: Partial<Seen> = {}) => build(record, { ...seeing, ...saw }).gaps;
  const began =
    "The record says when a step finished, not when it began. A bar begins with the step's first call. When an asset leaves a zone, its bar begins with the flow. Step Functions keeps the whole history of the execution for 90 days.";
  const texts = 'The record says that people were told. It does not hold the texts: mailboxes and channels do.';
  const users = 'The record does not say what users experienced. The canaries in CloudWatch do.';
  const { change: _, ...unlooked } = made();
  const done = [kept('leave-zone/database')];

  test.for<[string, IncidentRecord | null, Partial<Seen>, string[]]>([
    ['nothing', quiet(), {}, []],
    ['what could not be read', quiet(), { gaps: ['a', 'b'] }, ['a', 'b']],
    ['the incident', null, {}, ['There is no incident in the record. This page shows only what other sources saw.']],
    [
      'the end',
      quiet({ incident: incidentOf({ decisions: [] }) }),
      {},
      ['The incident is still open: everything here may change.'],
    ],
    [
      'the fault, by the first evidence',
      quiet(),
      { faultAt: null },
      ['The start of the fault is not known. Times count from the first evidence.'],
    ],
    [
      'the fault, by the last that was served',
      quiet({ steps: [kept('record-recovery', { countsFrom: { at, what: 'last-served' } })] }),
      { faultAt: null },
      ['The start of the fault is not known. Times count from the last successful user request.'],
    ],
    [
      'the fault, and the incident too',
      null,
      { faultAt: null },
      [
        'There is no incident in the record. This page shows only what other sources saw.',
        'The start of the fault is not known. Times count from the first sight of it.',
      ],
    ],
    ['no fault of a drill', quiet(), { faultAt: null, source: 'simulator' }, []],
    ['when steps began', quiet(), { steps: null }, [began]],
    [
      'no steps of no record',
      null,
      { steps: null },
      ['There is no incident in the record. This page shows only what other sources saw.'],
    ],
    ['the texts of messages', quiet(), { messages: null }, [texts]],
    ['what users saw', quiet(), { served: null }, [users]],
    [
      'the request id of calls',
      quiet({ calls: [made({ requestIds: [] })], steps: done }),
      { ownCalls: [made({ requestIds: [] })] },
      [
        'The request id of 2 calls is not known: AWS did not answer, or the id could not be stored. Find it in CloudTrail by time, call and target.',
      ],
    ],
    [
      'the request id of a call to a cluster',
      quiet({ calls: [made({ call: 'kubernetes:PatchScale', requestIds: [] })], steps: done }),
      {},
      [
        '1 call to a cluster has no request id. If the audit log of the cluster is on, find it there by time, call and target.',
      ],
    ],
    [
      'those of several, and of another call',
      quiet({
        calls: [
          made({ requestIds: [] }),
          ...['a', 'b'].map((target) => made({ call: 'kubernetes:X', target, requestIds: [] })),
        ],
        steps: done,
      }),
      {},
      [
        'The request id of 1 call is not known: AWS did not answer, or the id could not be stored. Find it in CloudTrail by time, call and target.',
        '2 calls to a cluster have no request id. If the audit log of the cluster is on, find them there by time, call and target.',
      ],
    ],
    [
      'what was before a call',
      quiet({ calls: [{ ...unlooked }], steps: done }),
      {},
      ['The state before 1 call is not known: nobody had looked.'],
    ],
    [
      'what was before the call of a Lambda',
      quiet({ calls: [{ ...unlooked, call: 'lambda:Invoke' }], steps: done }),
      {},
      [
        '1 call went to the application\'s own Lambdas. What they changed is not known: only those Lambdas see it. Their answers stand under "Results of steps". Their logs have the rest.',
      ],
    ],
    [
      'the result of a call',
      quiet({ calls: [made()] }),
      {},
      ['The record does not show that 1 call had the wanted result: the step finished nothing after that.'],
    ],
    [
      'the result of several calls',
      quiet({ calls: [made(), made({ target: 'b' })] }),
      {},
      ['The record does not show that 2 calls had the wanted result: their steps finished nothing after that.'],
    ],
    [
      'an execution that left nothing',
      quiet({
        incident: incidentOf({
          closedAt: at,
          decisions: [decided({ facts: ['f'], execution: 'e-1' }), decided({ facts: ['f'], execution: 'execution-1' })],
        }),
        steps: done,
      }),
      {},
      ['The record has nothing of execution e-1. It may not have started, or it changed nothing.'],
    ],
    [
      'none that made a call',
      quiet({
        incident: incidentOf({ closedAt: at, decisions: [decided({ facts: ['f'], execution: 'execution-1' })] }),
        ...{ calls: [made()], steps: [] },
      }),
      {},
      ['The record does not show that 1 call had the wanted result: the step finished nothing after that.'],
    ],
    [
      'the words of evidence',
      quiet({
        incident: incidentOf({
          closedAt: at,
          decisions: [decided({}), decided({ action: 'hold', facts: [] }), decided({ action: 'none' })],
        }),
      }),
      {},
      [
        'The evidence for az-failover at 2026-11-03T03:00:00.000Z has no text: only the ids of its signals are known.',
        'The evidence for hold at 2026-11-03T03:00:00.000Z has no text: only the ids of its signals are known.',
      ],
    ],
    [
      'answers to what is approved',
      quiet({
        asked: [
          asked({}, []),
          asked({ id: 'request-2' }, [], null),
          asked({ id: 'request-3' }, [], 'expired'),
          asked({ id: 'request-4' }),
        ],
      }),
      {},
      ['Request request-1 is approved, but its answers cannot be read.'],
    ],
    [
      'the first signal of a drill',
      quiet(),
      { firstSignalAt: null, source: 'simulator' },
      ['No signal after the fault is known.'],
    ],
    ['no first signal of an incident', quiet(), { firstSignalAt: null }, []],
    [
      'no first signal where there was no incident',
      null,
      { firstSignalAt: null, source: 'simulator' },
      ['There is no incident in the record. This page shows only what other sources saw.'],
    ],
  ])('are %s', ([, record, saw, lines]) => {
    expect(gaps(record, saw)).toEqual(lines);
  });

  test('a call that was refused had no result to show', () => {
    const calls = [{ ...unlooked }];
    expect(gaps({ ...quiet({ calls }), refused: calls })).toEqual([]);
  });

  test('of what users saw are the times that nobody measured', () => {
    const phase = {
      phase: 'during' as const,
      from: at,
      to: at + 60_000,
      requestsPercent: 10,
      runs: { passed: 0, failed: 1 },
    };
    const seen = (took: { medianMs: number; slowestMs: number } | null, untimed: string[]) => ({
      ...quiet(),
      users: { phases: [{ ...phase, took }], regions: ['eu'], silent: [], untimed },
    });
    expect(gaps(seen(null, ['eu']), { served: null })[0]).toMatch(/^Latency was not measured: the canaries of eu/);
    expect(gaps(seen({ medianMs: 1, slowestMs: 2 }, []), { served: null })).toEqual([]);
    expect(gaps(seen(null, ['eu']))).toEqual([]);
    const some = {
      ...seen(null, []),
      users: {
        ...seen(null, []).users,
        phases: [
          { ...phase, took: null },
          { ...phase, took: { medianMs: 1, slowestMs: 2 } },
        ],
      },
    };
    expect(gaps(some, { served: null })).toEqual([]);
  });

  const unevaluated =
    'The record does not say who evaluated this drill. Write it into the file of the drill in docs/drills.';
  test.for<[string, Partial<typeof drill>, IncidentRecord | null, string[]]>([
    ['is over', { endedAt: at }, null, [unevaluated]],
    [
      'is not over',
      {},
      null,
      ['The drill began at 2026-11-03 03:00 UTC. It is not over, or its end was not recorded.', unevaluated],
    ],
    [
      'caused an incident that cannot be read',
      { endedAt: at, incident: 'i-7' },
      null,
      ['The incident i-7, which the drill caused, cannot be read.', unevaluated],
    ],
    ['caused an incident that can be read', { endedAt: at, incident: 'i-7' }, quiet(), [unevaluated]],
    ['started a flow', { endedAt: at, incident: 'i-7', kind: 'region' }, null, [unevaluated]],
    [
      'asked nobody before',
      { endedAt: at, asked: { ...drill.asked, before: { asked: 0, failed: 0, slowestMs: null } } },
      null,
      [
        'Before the drill acted, it sent no request to the service: how users were served then is not known.',
        unevaluated,
      ],
    ],
  ])('of a drill of the deployment that %s', ([, change, record, lines]) => {
    expect(gaps(record, { run: { ...drill, ...change }, faultAt: null })).toEqual(lines);
  });
});

describe('why a part is empty', () => {
  const silent = (...of: Parameters<typeof build>) => build(...of).silent;
  const noRecord = 'There is no incident in the record.';
  const always = {
    assets: 'The record does not say where assets were before and after. The result of each step is listed below.',
    invariants: 'Only the simulator checks invariants: on AWS nobody can see everything.',
    timeline: 'There is nothing to draw.',
    others: 'No other incident is known at the same time.',
  };

  test('of no record is that there is none', () => {
    expect(silent(null)).toEqual({
      ...always,
      ...{ decisions: noRecord, ways: noRecord, approvals: noRecord, calls: noRecord, reached: noRecord },
      messages: 'The record does not hold the texts of messages.',
      findings: 'The record shows nothing that was missed, failed or skipped.',
    });
  });

  const left = 'leaving a zone needs no approval';
  test.for<[string, RecordedDecision[], number | null, string, string]>([
    ['a zone was left', [decided({}), decided({ action: 'none' })], at, 'Nothing was decided.', left],
    [
      'it was held',
      [decided({}), decided({ action: 'hold' })],
      at,
      'Nothing was decided.',
      'Breakwater held before that',
    ],
    ['it was told', [decided({ action: 'notify' })], at, 'Nothing was decided.', 'nothing needed an approval'],
    ['nothing is decided yet', [], null, 'Nothing was decided yet.', 'nothing needed an approval'],
  ])('where %s', ([, decisions, closedAt, nothing, why]) => {
    const saw = { messages: [], source: 'simulator' as const };
    expect(silent(quiet({ incident: incidentOf({ closedAt, decisions }) }), saw)).toEqual({
      ...always,
      decisions: nothing,
      ways: `No ways were compared: ${why}.`,
      approvals: `Nobody was asked: ${why}.`,
      calls: 'Breakwater changed nothing: the record has no call that changes something.',
      reached: 'The record has no result of any step.',
      messages: 'Nobody was told anything.',
      findings: 'Nothing was missed, nothing failed, and nothing was skipped.',
    });
  });
});

test('the cost is what was said, else the least that the record shows', () => {
  expect(build(quiet(), { cost: 'much' }).cost).toBe('much');
  expect(build(quiet({ calls: [made()] })).cost).toContain('for the 1 call, 0 steps and 2 signals in the record');
});
