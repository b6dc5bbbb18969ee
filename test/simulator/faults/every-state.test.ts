// Every state of every machine, with a person who aborts or freezes the moment that it is entered: the flow ends, or stops where it may,
// and what the person was told is so. A sample of them here; `npm run faults -- --operators` drives all that the plan's own scenarios enter.
import { describe, expect, test } from 'vitest';
import { type Machine, machines } from '../../../functions/domain/flows.ts';
import type { AssetOf } from '../../../functions/domain/plan/assets.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { assetsThat, stateOf, type Verb } from '../../../functions/kinds/verbs.ts';
import { definitionOf } from '../../../infrastructure/runs/machines.ts';
import { type DrillOptions, runDrill } from '../../../simulator/drill/drill.ts';
import { createRandom } from '../../../simulator/estate/chance/random.ts';
import {
  enteredStates,
  type Lever,
  leversAt,
  missedByLever,
  operated,
  type Pulled,
  resumesAfterFreeze,
} from '../../../simulator/people/levers.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { withConsumers, without, withService } from '../../assets.ts';
import { passed } from '../../cli/invented.ts';
import { shipped } from '../../shipped.ts';

/** One asset of a kind whose verbs are the user's. */
const index: AssetOf<'custom'> = {
  name: 'index',
  kind: 'custom',
  needs: [],
  functions: { 'leave-zone': 'search-leave', 'take-over': 'search-move', verify: 'search-verify' },
};
const base = withConsumers(withService(without(shipped, 'custom')));
/** The plan that the project ships with, and assets of the kinds that it has none of. */
const wide: Plan = { ...base, assets: [...base.assets, index] };
const afterRelease = { mode: 'act', buildProject: 'chatops-rollback' } as const;
/** The same, which takes a release back by itself. */
const acting: Plan = { ...shipped, remediation: { ...shipped.remediation, afterRelease } };

/** A drill has a lever of its own, which the tests of drills pull. */
const tried = machines.filter((machine) => machine !== 'drill');
type Tried = Exclude<Machine, 'drill'>;

const { primary } = shipped.roles;
const [zone = ''] = Object.keys(shipped.regions[primary]?.zones ?? {});
const outage = readScenario('region-outage');
const degradation = readScenario('service-degradation');

/** A scenario that the project ships with, or a drill of its own. */
type Drilled = Pick<DrillOptions, 'scenario' | 'written' | 'manual'> & { readonly plan: Plan };
const drills: Readonly<Record<string, Drilled>> = {
  'a release that is taken back': {
    scenario: 'service-degradation',
    plan: acting,
    written: { ...degradation, expect: { ...degradation.expect, mutations: 'some' } },
  },
  'a dry run of a zone': {
    scenario: 'calm',
    plan: shipped,
    manual: { target: { region: primary, zone }, reason: 'monthly dry run', requestedBy: 'operator', dryRun: true },
  },
  // Longer than one watch looks.
  'a region that is dark for hours': {
    scenario: 'region-outage',
    plan: shipped,
    written: {
      ...outage,
      faults: [{ atSeconds: 0, fault: { id: 'region', kind: 'region-dark', forSeconds: 18_000 } }],
      withinSeconds: 28_800,
    },
  },
  'a zone of all kinds': { scenario: 'cache-moves', plan: wide },
  'a region of all kinds': { scenario: 'region-outage', plan: wide },
  'a switchover of all kinds': { scenario: 'manual-switchover', plan: wide },
  'a switchover of all kinds that gives up': { scenario: 'switchover-resumed', plan: wide },
};
const drillOf = (name: string): Drilled => drills[name] ?? { scenario: name, plan: shipped };

/** The drill that enters each state in which a machine calls somebody; what only passes is left the moment that it is entered. */
const entering: Readonly<Record<Tried, Readonly<Record<string, string>>>> = {
  'service-degradation': {
    TakeLock: 'service-degradation',
    NotifyDegradation: 'service-degradation',
    Diagnose: 'service-degradation',
    Remediate: 'a release that is taken back',
    WatchAtFirst: 'service-degradation',
    TellChanges: 'service-degradation',
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
    'LeaveZone/index': 'a zone of all kinds',
    NotifyStarted: 'cache-moves',
    VerifyService: 'cache-moves',
    RecordRecovery: 'cache-moves',
    NotifyDryRun: 'a dry run of a zone',
    NotifyRecovered: 'cache-moves',
    'TidyUp/cache': 'cache-moves',
    RecordTried: 'cache-member-refuses',
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
    'Fence/workers': 'a switchover of all kinds',
    'CatchUp/database': 'manual-switchover',
    'Unfence/database': 'switchover-resumed',
    'Unfence/workers': 'a switchover of all kinds that gives up',
    'TakeOver/database': 'region-outage',
    'TakeOver/cache': 'manual-switchover',
    'TakeOver/cluster': 'manual-switchover',
    'TakeOver/settings': 'manual-switchover',
    'TakeOver/web': 'a region of all kinds',
    'TakeOver/workers': 'a region of all kinds',
    'TakeOver/index': 'a region of all kinds',
    'Verify/database': 'manual-switchover',
    'Verify/cluster': 'manual-switchover',
    'Verify/index': 'a switchover of all kinds',
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
  'fence-watch': {
    'FenceOnReturn/cluster': 'region-outage',
    'FenceOnReturn/database': 'region-outage',
    'FenceOnReturn/web': 'a region of all kinds',
    'FenceOnReturn/workers': 'a region of all kinds',
    HandOver: 'a region that is dark for hours',
  },
};

/** States that no drill enters, and why. */
const unentered: Readonly<Record<string, string>> = {
  'region-failover PageHeld':
    'nobody at all can be told, which no drill has: test/simulator/faults/nobody-told.test.ts does',
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

test.for(tried)(
  'each state of %s that calls somebody is entered by a drill, with each asset that it is about',
  (machine) => {
    const listed = Object.keys(entering[machine]);
    const states = callingIn(definitionOf(machine, wide) as unknown as States);
    const missing = states.filter((state) => unentered[`${machine} ${state}`] === undefined);
    expect([...new Set(listed.map((at) => at.split('/')[0] ?? at))].toSorted()).toEqual(
      [...new Set(missing)].toSorted(),
    );
    const ofAssets = (Object.entries(stateOf) as [Verb, string][]).flatMap(([verb, state]) =>
      states.includes(state) ? assetsThat(verb, wide).map(({ name }) => `${state}/${name}`) : [],
    );
    expect(listed.filter((at) => at.includes('/')).toSorted()).toEqual(ofAssets.toSorted());
    const played: readonly string[] = [...operated.wholly, ...operated.beside, ...Object.keys(drills)];
    expect(Object.values(entering[machine]).filter((drill) => !played.includes(drill))).toEqual([]);
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
  watch({ ...common, kind: 'step', state: 'TidyUp/cache', phase: 'succeeded' });
  expect([...entered]).toEqual(['az-failover LeaveZone/cache']);
});

/** Drawn once by a seed: another sample is another number. */
const sampled = 8;
const seed = 11;

describe('a person pulls a lever the moment that a flow enters a state', () => {
  const random = createRandom(seed);
  const all = Object.entries(entering).flatMap(([machine, states]) =>
    Object.entries(states).flatMap(([state, drill]) =>
      (['abort', 'freeze'] as const).map((what) => ({ what, at: `${machine} ${state}`, drill, rank: random() })),
    ),
  );
  const rows = all.toSorted((a, b) => a.rank - b.rank).slice(0, sampled);
  test.for(rows)('$what at $at in $drill', async ({ what, at, drill }) => {
    const resumes = what === 'freeze' ? resumesAfterFreeze : 0;
    const drilled = drillOf(drill);
    const run = await runDrill({ ...drilled, seed: 1, resumes, lever: { do: what, at } });
    expect(missedByLever(run, drilled.plan)).toEqual([]);
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
    'This stays as it is: chatops-prod stays fenced: its replica was promoted, and one writer is enough.',
    'The flow has made changes that nobody undoes:',
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
    {
      at: '',
      role: 'on-call',
      channel: 'email',
      subject: '[Breakwater] ABORTED while watching the zone',
    },
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
    const found = missedByLever({ result, misses: [], pulled: { ...aborted, ...change } }, shipped);
    expect(found).toEqual(missed.map((one) => expect.stringMatching(one)));
  });

  test('an abort that nobody is told of, and a state that was never entered', () => {
    expect(missedByLever({ result: passed, misses: [], pulled: aborted }, shipped)).toEqual([
      'nobody was told of the abort',
    ]);
    expect(missedByLever({ result, misses: [], pulled: null }, shipped)).toEqual([
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
      'an asset that is tidied up after it has moved',
      {
        changed: [
          { ...late, at: 1_000, step: 'LeaveZone/cache' },
          { ...late, step: 'TidyUp/cache' },
        ],
      },
      [],
    ],
  ])('%s', ([, change, missed]) => {
    const found = missedByLever({ result: passed, misses: [], pulled: { ...frozen, ...change } }, shipped);
    expect(found).toEqual(missed.map((one) => expect.stringMatching(one)));
  });
});
