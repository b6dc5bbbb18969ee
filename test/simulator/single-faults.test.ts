// Every single fault: what is struck, how, and what counts as an end that is well. The drills themselves are driven by the gate.
import { expect, test } from 'vitest';
import { runDrill } from '../../simulator/drill.ts';
import { countMet, missedInSpite, singleFaults } from '../../simulator/single-faults.ts';
import { passed } from '../cli/invented.ts';
import { plan } from '../plan.ts';

test('each call of a flow is struck at each of its times, in each way; to look has no effect that could come late', () => {
  const calls = new Map([
    ['fence rds ModifyDBInstance', 2],
    ['fence dynamodb Query', 1],
  ]);
  const said = singleFaults({ runs: new Map(), calls, ofFlows: new Set(['fence']) }).map((one) => one.said);
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
  ]);
});

test('each run of a function of a flow is killed before and after it acts; of what schedules start, three are', () => {
  const met = {
    runs: new Map([
      ['fence', 1],
      ['sweep', 100],
    ]),
    calls: new Map(),
    ofFlows: new Set(['fence']),
  };
  expect(singleFaults(met).map(({ said }) => said)).toEqual([
    'fence: run 1, killed before it acted',
    'fence: run 1, killed after it acted',
    'sweep: run 25, killed before it acted',
    'sweep: run 25, killed after it acted',
    'sweep: run 50, killed before it acted',
    'sweep: run 50, killed after it acted',
    'sweep: run 75, killed before it acted',
    'sweep: run 75, killed after it acted',
  ]);
});

test('the fault that is drawn is the call that it says, and a person who was told resumes what it stopped', async () => {
  const { met, watch } = countMet();
  await runDrill({ scenario: 'az-outage', seed: 1, plan, met: watch });
  const { said, fault } =
    singleFaults(met).find(({ said }) => said === 'record-recovery: dynamodb Put, time 1, denied') ??
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
