// Every single fault: what is struck, how, and what counts as an end that is well. The drills themselves are driven by the gate.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { countMet, type Met, missedInSpite, singleFaults } from '../../../simulator/histories/single-faults.ts';
import { passed } from '../../cli/invented.ts';
import { plan } from '../../plan.ts';

const rds = 'rds ModifyDBInstance';
const table = 'dynamodb Query';

/** What a drill met: of each function its runs, each with what it was called for and what it called. */
function met(runs: Readonly<Record<string, readonly (readonly [of: string, ...keys: string[]])[]>>): Met {
  const counts = new Map<string, number>();
  const timed = (caller: string, key: string) => {
    const time = (counts.get(`${caller} ${key}`) ?? 0) + 1;
    counts.set(`${caller} ${key}`, time);
    return { key, time };
  };
  const entries = Object.entries(runs).map(
    ([caller, own]) =>
      [caller, own.map(([of, ...keys]) => ({ of, calls: keys.map((key) => timed(caller, key)) }))] as const,
  );
  return { runs: new Map(entries), ofFlows: new Set(['fence']) };
}

test('each call of a flow is struck at each of its times, in each way; to look has no effect that could come late', () => {
  const found = met({
    fence: [
      ['db', rds, table],
      ['db', rds],
    ],
  });
  const said = singleFaults(found, 'every').map((one) => one.said);
  expect(said).toEqual([
    'fence: rds ModifyDBInstance, time 1, refused',
    'fence: rds ModifyDBInstance, time 1, denied',
    'fence: rds ModifyDBInstance, time 1, timed out before it acted',
    'fence: rds ModifyDBInstance, time 1, timed out after it acted',
    'fence: rds ModifyDBInstance, time 2, refused',
    'fence: rds ModifyDBInstance, time 2, denied',
    'fence: rds ModifyDBInstance, time 2, timed out before it acted',
    'fence: rds ModifyDBInstance, time 2, timed out after it acted',
    'fence: dynamodb Query, time 1, refused',
    'fence: dynamodb Query, time 1, denied',
    'fence: dynamodb Query, time 1, timed out before it acted',
    'fence: run 1, killed before it acted',
    'fence: run 1, killed after it acted',
    'fence: run 2, killed before it acted',
    'fence: run 2, killed after it acted',
  ]);
});

test('of what schedules start three runs are killed, and three calls fail', () => {
  const sweeps = Array.from({ length: 100 }, () => ['', table] as const);
  const said = singleFaults(met({ sweep: sweeps }), 'every').map((one) => one.said);
  expect(said.filter((one) => one.endsWith('denied'))).toEqual([
    'sweep: dynamodb Query, time 25, denied',
    'sweep: dynamodb Query, time 50, denied',
    'sweep: dynamodb Query, time 75, denied',
  ]);
  expect(said.filter((one) => one.includes('run'))).toEqual([
    'sweep: run 25, killed before it acted',
    'sweep: run 25, killed after it acted',
    'sweep: run 50, killed before it acted',
    'sweep: run 50, killed after it acted',
    'sweep: run 75, killed before it acted',
    'sweep: run 75, killed after it acted',
  ]);
});

test('a wait is one situation: of looks that repeat for one asset, the first, the middle and the last are struck', () => {
  const found = met({
    fence: [
      ['db', rds, table],
      ...Array.from({ length: 5 }, () => ['db', table] as const),
      ['other', table],
      ['db', table],
      ['db', rds],
    ],
  });
  const said = singleFaults(found, 'situations').map((one) => one.said);
  expect(said.filter((one) => one.endsWith('killed after it acted'))).toEqual(
    [1, 2, 5, 7, 8, 9].map((number) => `fence: run ${number}, killed after it acted`),
  );
  expect(said.filter((one) => one.endsWith('denied'))).toEqual([
    'fence: rds ModifyDBInstance, time 1, denied',
    'fence: rds ModifyDBInstance, time 2, denied',
    ...[1, 2, 5, 8, 7].map((time) => `fence: dynamodb Query, time ${time}, denied`),
  ]);
});

test('the fault that is drawn is the call that it says, and a person who was told resumes what it stopped', async () => {
  const { met, watch } = countMet();
  await runDrill({ scenario: 'az-outage', seed: 1, plan, met: watch });
  const { said, fault } =
    singleFaults(met, 'every').find(({ said }) => said === 'record-recovery: dynamodb Put, time 1, denied') ??
    expect.unreachable();
  const run = await runDrill({
    scenario: 'az-outage',
    seed: 1,
    plan,
    extraFaults: [{ atSeconds: 0, fault }],
    resumes: 1,
  });
  expect([said, run.resumed, missedInSpite(run, plan)]).toEqual([said, 1, []]);
});

const failure = plan.notifications.failure[0] ?? '';
const told = [{ at: '', role: failure, channel: 'email', subject: 'stopped' }];
const miss = (what: string) => [{ what, expected: 'this', was: 'that' }];
test.for([
  ['a drill that went as ever', {}, []],
  ['one that took longer', { misses: miss('recovery') }, []],
  ['one that somebody resumed', { resumed: 1, result: { ...passed, notifications: told } }, []],
  [
    'one that stopped in silence',
    { resumed: 1, result: { ...passed, notifications: [] } },
    ['it stopped, and nobody was told'],
  ],
  ['users who are not served', { misses: miss('served') }, ['served: expected this, was that']],
  ['a call without a right', { misses: miss('rights') }, ['rights: expected this, was that']],
  [
    'a flow that is still stopped',
    { result: { ...passed, executions: passed.executions.map((one) => ({ ...one, status: 'FAILED' })) } },
    ['execution i-1-1 is FAILED'],
  ],
  [
    'two writers',
    { result: { ...passed, invariants: [{ id: 'one-writer', held: false, detail: 'at noon' }] } },
    ['invariant one-writer does not hold: at noon'],
  ],
] as const)('%s', ([, change, missed]) => {
  expect(missedInSpite({ result: passed, misses: [], ...change }, plan)).toEqual(missed);
});
