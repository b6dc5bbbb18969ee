// Every state of every flow, with a person who aborts or freezes the moment that it is entered: the flow ends, or stops where it may,
// and what the person was told is so. A sample of them here; `npm run faults -- --operators` drives all.
import { describe, expect, test } from 'vitest';
import { type Flow, flows } from '../../functions/domain/flows.ts';
import { definitionOf } from '../../infrastructure/machines.ts';
import { runDrill } from '../../simulator/drill.ts';
import { createRandom } from '../../simulator/estate/random.ts';
import {
  enteredStates,
  type Lever,
  leversAt,
  missedByLever,
  operated,
  type Pulled,
  resumesAfterFreeze,
} from '../../simulator/levers.ts';
import { passed } from '../cli/invented.ts';
import { shipped as plan } from '../shipped.ts';

/** The scenario that enters each state in which a flow calls somebody; what only passes is left the moment that it is entered. */
const entering: Readonly<Record<Flow, Readonly<Record<string, string>>>> = {
  'service-degradation': {
    TakeLock: 'service-degradation',
    NotifyDegradation: 'service-degradation',
    Diagnose: 'service-degradation',
    WatchIncident: 'service-degradation',
    ReleaseLock: 'service-degradation',
    NotifyRecovered: 'service-degradation',
  },
  'az-failover': {
    TakeLock: 'cache-moves',
    'LeaveZone/database': 'cache-moves',
    'LeaveZone/cache': 'cache-moves',
    'LeaveZone/cluster': 'cache-moves',
    'LeaveZone/ingress': 'cache-moves',
    NotifyStarted: 'cache-moves',
    VerifyService: 'cache-moves',
    RecordRecovery: 'cache-moves',
    NotifyRecovered: 'cache-moves',
    'Settle/cache': 'cache-moves',
    NotifyFailed: 'cache-member-refuses',
    WatchZone: 'cache-moves',
    Pause: 'cache-member-refuses',
    NotifyClosed: 'cache-moves',
    ReleaseLock: 'cache-moves',
  },
  'region-failover': {
    TakeLock: 'manual-switchover',
    Assess: 'region-outage',
    NotifyDryRun: 'manual-dry-run',
    PageNoWay: 'standby-also-bad',
    RequestApproval: 'region-outage',
    PageNotApproved: 'approval-too-late',
    ReleaseHeldLock: 'standby-also-bad',
    Reassess: 'region-outage',
    WatchFence: 'region-outage',
    'Fence/database': 'manual-switchover',
    'CatchUp/database': 'manual-switchover',
    'Unfence/database': 'switchover-resumed',
    'TakeOver/database': 'region-outage',
    'TakeOver/cache': 'manual-switchover',
    'TakeOver/cluster': 'manual-switchover',
    'TakeOver/settings': 'manual-switchover',
    'Verify/database': 'manual-switchover',
    NotifyFailed: 'promote-fails',
    VerifyRegion: 'manual-switchover',
    RedirectUsers: 'manual-switchover',
    VerifyOutside: 'manual-switchover',
    MoveRole: 'manual-switchover',
    RecordFailover: 'region-outage',
    NotifyRecovered: 'manual-switchover',
    FenceOldRegion: 'region-outage',
    ReleaseLock: 'manual-switchover',
    NotifyClosed: 'manual-switchover',
    Pause: 'promote-fails',
  },
};

/** States that no drill enters, and why. */
const unentered: Readonly<Record<string, string>> = {
  'az-failover NotifyDryRun': 'drills have no dry run of a zone: that of a region ends in the same call',
  'region-failover PageHeld': 'nobody at all can be told, which no drill has: test/simulator/nobody-told.test.ts does',
  'service-degradation Remediate': 'the shipped plan suggests a remediation and does not carry it out',
};

type States = { readonly States: Readonly<Record<string, State>> };
type State = { readonly Type: string; readonly Branches?: readonly States[]; readonly ItemProcessor?: States };

/** The states of a flow that call somebody, within its branches and Maps too. */
function callingIn({ States }: States): string[] {
  return Object.entries(States).flatMap(([name, { Type, Branches = [], ItemProcessor }]) => [
    ...(Type === 'Task' ? [name] : []),
    ...[...Branches, ...(ItemProcessor === undefined ? [] : [ItemProcessor])].flatMap(callingIn),
  ]);
}

test.for(flows)(
  'each state of %s that calls somebody is entered by a scenario, or is listed with the reason',
  (flow) => {
    const states = callingIn(definitionOf(flow, plan) as unknown as States);
    const listed = Object.keys(unentered).flatMap((at) =>
      at.startsWith(`${flow} `) ? [at.slice(flow.length + 1)] : [],
    );
    const entered = Object.keys(entering[flow]).map((at) => at.split('/')[0] ?? at);
    expect([...new Set([...entered, ...listed])].toSorted()).toEqual([...new Set(states)].toSorted());
    const played: readonly string[] = [...operated.wholly, ...operated.beside];
    expect(Object.values(entering[flow]).filter((scenario) => !played.includes(scenario))).toEqual([]);
  },
);

test('levers are pulled at each state of the main scenarios, and of those beside them where no other has been', () => {
  const at = ['az-failover TakeLock', 'az-failover Pause'];
  const known = new Set(['az-failover TakeLock']);
  expect(leversAt('cache-moves', at, known)).toHaveLength(4);
  expect(leversAt('cache-member-refuses', at, known)).toEqual([
    { do: 'abort', at: 'az-failover Pause' },
    { do: 'freeze', at: 'az-failover Pause' },
  ]);
});

test('states are those that a flow has entered, with their assets', () => {
  const { entered, watch } = enteredStates();
  const common = { at: 0, execution: 'one', seconds: null, detail: null } as const;
  watch({ at: 0, kind: 'execution', name: 'one', stateMachine: 'az-failover', region: 'us-east-1', status: 'RUNNING' });
  watch({ ...common, kind: 'step', state: 'LeaveZone/cache', phase: 'began' });
  watch({ ...common, kind: 'step', state: 'Settle/cache', phase: 'succeeded' });
  expect([...entered]).toEqual(['az-failover LeaveZone/cache']);
});

/** Drawn once by a seed: another sample is another number. */
const sampled = 8;
const seed = 11;

describe('a person pulls a lever the moment that a flow enters a state', () => {
  const random = createRandom(seed);
  const all = Object.entries(entering).flatMap(([flow, states]) =>
    Object.entries(states).flatMap(([state, scenario]) =>
      (['abort', 'freeze'] as const).map((what) => ({ what, at: `${flow} ${state}`, scenario, rank: random() })),
    ),
  );
  const rows = all.toSorted((a, b) => a.rank - b.rank).slice(0, sampled);
  test.for(rows)('$what at $at in $scenario', async ({ what, at, scenario }) => {
    const resumes = what === 'freeze' ? resumesAfterFreeze : 0;
    const run = await runDrill({ scenario, seed: 1, plan, resumes, lever: { do: what, at } });
    expect(missedByLever(run, plan)).toEqual([]);
  });
});

describe('what counts as missed', () => {
  const lever: Lever = { do: 'abort', at: 'region-failover TakeOver/database' };
  const fence = { service: 'rds', region: 'us-east-1', target: 'chatops-prod' };
  const promotion = { service: 'rds', region: 'us-west-2', target: 'chatops-dr-replica' };
  const changed: Pulled['changed'] = [
    { ...fence, at: 1_000, operation: 'ModifyDBInstance', step: 'Fence/database' },
    { ...promotion, at: 2_000, operation: 'PromoteReadReplica', step: 'TakeOver/database' },
  ];
  const said = [
    'Given back: us-east-1. Other flows may act there.',
    'Stays as it is: chatops-prod stays fenced: its replica was promoted, and one writer is enough.',
    'It has changed what nobody undoes:',
    '  chatops-dr-replica in us-west-2 was promoted, takes writes and replicates no more',
  ];
  const aborted: Pulled = {
    lever,
    execution: 'one',
    doneAt: 5_000,
    said,
    lock: null,
    primary: 'us-east-1',
    writable: { database: ['us-west-2'] },
    status: 'FAILED',
    lookedAt: 400_000,
    changed,
    wentOn: [],
  };
  const told = [
    { at: '', role: 'on-call', channel: 'email', subject: '[Breakwater] region-failover was aborted at X' },
  ];
  const result = { ...passed, notifications: told };
  const late = { ...promotion, at: 9_000, operation: 'PromoteReadReplica', step: 'TakeOver/database' };

  test.for<[string, Partial<Pulled>, RegExp[]]>([
    ['an abort that did as it said', {}, []],
    ['an execution that runs on', { status: 'RUNNING' }, [/is RUNNING after an abort/]],
    ['a state that went on', { wentOn: ['MoveRole'] }, [/went on after the abort: MoveRole/]],
    ['a call after the abort', { changed: [...changed, late] }, [/PromoteReadReplica .* 4 s after the abort/]],
    ['a lock that stays', { lock: 'one' }, [/one holds the region/]],
    ['a lock that the abort keeps', { lock: 'one/abort' }, [/one\/abort holds the region/]],
    ['another flow that has the lock', { lock: 'two' }, []],
    ['a promotion that is not said', { said: said.slice(0, 3) }, [/not said: PromoteReadReplica/]],
    ['a fence that is not said', { said: [said[0] ?? '', said[3] ?? ''] }, [/not said: chatops-prod is fenced/]],
    ['a fence that does not hold', { writable: { database: ['us-east-1'] } }, [/said to be fenced, and takes writes/]],
    ['a role that moved in silence', { primary: 'us-west-2' }, [/us-west-2 is primary, and it is not said/]],
    ['a missing fence that is not said', { changed: changed.slice(1) }, [/chatops-prod is not fenced/]],
    ['an abort that was never done', { said: ['Not done: Unavailable'] }, [/never done/, /not said/, /not said/]],
  ])('%s', ([, change, missed]) => {
    const found = missedByLever({ result, misses: [], pulled: { ...aborted, ...change } }, plan);
    expect(found).toEqual(missed.map((one) => expect.stringMatching(one)));
  });

  test('an abort that nobody is told of, and a state that was never entered', () => {
    expect(missedByLever({ result: passed, misses: [], pulled: aborted }, plan)).toEqual([
      'nobody was told of the abort',
    ]);
    expect(missedByLever({ result, misses: [], pulled: null }, plan)).toEqual([
      'the state was not entered, or the lever not done',
    ]);
  });

  const frozen: Pulled = { ...aborted, lever: { ...lever, do: 'freeze' }, doneAt: 1_500, said: [] };
  const redirection = { ...late, service: 's3', operation: 'PutObject', step: 'RedirectUsers', target: 'latch' };
  test.for<[string, Partial<Pulled>, RegExp[]]>([
    ['a freeze between fencing and promotion, which goes on', {}, []],
    ['one that stops there', { changed: changed.slice(0, 1) }, [/stands between fencing and promotion/]],
    ['a step that begins', { changed: [...changed, redirection] }, [/RedirectUsers began while frozen/]],
    [
      'an asset that settles what has moved',
      {
        changed: [
          { ...late, at: 1_000, step: 'LeaveZone/cache' },
          { ...late, step: 'Settle/cache' },
        ],
      },
      [],
    ],
  ])('%s', ([, change, missed]) => {
    const found = missedByLever({ result: passed, misses: [], pulled: { ...frozen, ...change } }, plan);
    expect(found).toEqual(missed.map((one) => expect.stringMatching(one)));
  });
});
