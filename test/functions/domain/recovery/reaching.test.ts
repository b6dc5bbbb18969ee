// What has to be reached before a verb makes sense, what failed, and what the record holds of what was tried.
import { describe, expect, test } from 'vitest';
import type { StepRecord } from '../../../../functions/domain/record/store.ts';
import {
  endedBy,
  failingIn,
  failingMark,
  failingOnIn,
  failingOnMark,
  failuresIn,
  fencedInVain,
  headed,
  inVainMark,
  isMended,
  isWellAgain,
  kebab,
  lastErrorOf,
  leavingIn,
  mayBeLeftOut,
  mayReturn,
  mendedMark,
  neededBefore,
  notToldMark,
  recordedAs,
  stateFor,
  unfenceMark,
  untoldIn,
  watchedIn,
  wayFailedIn,
  wayFailedMark,
  waysFailedIn,
} from '../../../../functions/domain/recovery/reaching.ts';
import { ways } from '../../../../functions/domain/types.ts';
import { plan } from '../../../plan.ts';
import { at, incidentOf, region } from '../../../store/samples.ts';

const step = (name: string, time = at, outcome: StepRecord['outcome'] = {}, execution = 'flow'): StepRecord => ({
  ...{ incident: 'i', execution, step: name, at: time },
  outcome,
});

describe('the assets of a plan', () => {
  test('leave a zone, or are watched after a region was given up', () => {
    expect(leavingIn(plan)).toEqual(['database', 'cache', 'cluster', 'ingress', 'search']);
    expect(watchedIn(plan)).toEqual(['database']);
  });

  test('end with their own takeover; consumers with that of what they work for too', () => {
    const worker = { name: 'worker', kind: 'consumers', needs: ['database', 'cache'], regions: {} };
    const { assets } = { assets: [...plan.assets, worker] as typeof plan.assets };
    expect(endedBy('worker', { assets })).toEqual(['worker', 'database', 'cache']);
    expect(endedBy('settings', { assets })).toEqual(['settings']);
    expect(endedBy('nothing', { assets })).toEqual(['nothing']);
  });

  test.for([
    ['take-over', 'database', false],
    ['take-over', 'cache', true],
    ['verify', 'database', false],
    ['tidy-up', 'database', false],
    ['leave-zone', 'ingress', true],
    ['take-over', 'gone', true],
  ] as const)('%s of %s may be left out: %s', ([verb, name, may]) => {
    expect(mayBeLeftOut(verb, name, plan)).toBe(may);
  });

  test.for([
    ['take-over', 'settings', ['database', 'cache']],
    ['take-over', 'database', []],
    ['take-over', 'gone', []],
    ['verify', 'database', ['database']],
    ['verify', 'ingress', []],
    ['leave-zone', 'settings', []],
  ] as const)('before %s of %s takes over: %j', ([verb, name, needed]) => {
    expect(neededBefore(verb, name, plan)).toEqual(needed);
  });

  test('what the old region has no use of afterwards takes over after what is restored, and nothing else does', () => {
    const restored = ['database'];
    expect(neededBefore('take-over', 'cache', plan, restored)).toEqual(['database']);
    expect(neededBefore('take-over', 'cluster', plan, restored)).toEqual([]);
    expect(neededBefore('take-over', 'database', plan, restored)).toEqual([]);
    expect(neededBefore('take-over', 'cache', plan, ['cache'])).toEqual([]);
    const alone = plan.assets.map((one) => (one.kind === 'elasticache' ? { ...one, globalDatastore: null } : one));
    expect(neededBefore('take-over', 'cache', { assets: alone }, restored)).toEqual([]);
  });

  test('what an asset needs and what never takes over itself is not waited for', () => {
    const assets = plan.assets.map((one) => (one.name === 'settings' ? { ...one, needs: ['ingress', 'cache'] } : one));
    expect(neededBefore('take-over', 'settings', { assets })).toEqual(['cache']);
  });

  test('are asked in a state of their own', () => {
    expect((['leave-zone', 'tidy-up', 'catch-up', 'take-over', 'verify'] as const).map(stateFor)).toEqual([
      ...['LeaveZone', 'TidyUp', 'CatchUp', 'TakeOver', 'Verify'],
    ]);
  });
});

describe('a zone that was left', () => {
  const zone = 'use1-az1';
  const open = incidentOf({});
  const [decision] = open.decisions;
  if (decision === undefined) throw new Error('the incident has a decision');
  const elsewhere = { region, zone: 'use1-az2' };
  const other = incidentOf({ scope: elsewhere });
  const heldFor = (hold: 'frozen' | 'another-execution-active' | undefined) =>
    incidentOf({
      scope: elsewhere,
      decisions: [decision, { ...decision, scope: elsewhere, action: 'hold', ...(hold && { hold }) }],
    });

  test.for([
    ['its incident is open', zone, open, false, false],
    ['its incident is over', zone, { ...open, closedAt: at }, true, true],
    ['its incident is about another zone by now, of which nothing was decided', zone, other, true, true],
    ['its incident is a degradation by now', zone, incidentOf({ level: 1, scope: elsewhere }), false, false],
    ['its incident needs the lock for another zone', zone, heldFor('another-execution-active'), true, true],
    ['its incident leaves another zone by now', zone, heldFor(undefined), true, true],
    ['its incident is held for another reason', zone, heldFor('frozen'), true, false],
    ['held, and over', zone, { ...heldFor('frozen'), closedAt: at }, true, true],
  ] as const)('is well, and may have its users back, where %s', ([, left, incident, isWell, may]) => {
    expect(isWellAgain(left, incident)).toBe(isWell);
    expect(mayReturn(left, incident)).toBe(may);
  });

  test('of an incident that is not known nothing is said', () => {
    expect(isWellAgain(zone, null)).toBe(false);
  });

  test('the newest decision about the zone counts', () => {
    const decided = (hold?: 'frozen') => ({ ...decision, scope: elsewhere, ...(hold && { hold }) });
    const returns = (...decisions: (typeof decision)[]) => mayReturn(zone, incidentOf({ scope: elsewhere, decisions }));
    expect(returns(decided('frozen'), decided())).toBe(true);
    expect(returns(decided(), decided('frozen'))).toBe(false);
    expect(returns(decided(), { ...decided('frozen'), level: 1 })).toBe(true);
  });
});

describe('what a flow ended with', () => {
  test('is a failure where it failed, was stale, or was held, with why in words', () => {
    expect(
      failuresIn(
        {
          TakeOver: {
            database: { failed: 'CannotProceed', why: '{"errorMessage":"it is deleting"}' },
            cache: { held: 'needs database' },
            cluster: { answers: 200 },
            search: { failed: 'Unavailable' },
            settings: { stale: 'ApprovalStale', why: 'it is old' },
          },
        },
        { RedirectUsers: { failed: 'Unavailable', why: 'throttled' }, MoveRole: { moved: true }, VerifyOutside: null },
      ),
    ).toEqual([
      { state: 'TakeOver', asset: 'database', held: false, why: 'it is deleting' },
      { state: 'TakeOver', asset: 'cache', held: true, why: 'held: needs database' },
      { state: 'TakeOver', asset: 'search', held: false, why: 'Unavailable' },
      { state: 'TakeOver', asset: 'settings', held: false, why: 'it is old' },
      { state: 'RedirectUsers', asset: null, held: false, why: 'throttled' },
    ]);
  });

  test('has in its headline what failed, and what was held where nothing else failed', () => {
    const failed = { state: 'TakeOver', asset: 'database', held: false, why: '' };
    const held = { ...failed, asset: 'cache', held: true };
    expect(headed([held, failed])).toEqual([failed]);
    expect(headed([held])).toEqual([held]);
  });
});

describe('the record of what is tried again', () => {
  const failing = step(failingMark('take-over/database'), at, { why: 'it restarts' });

  test('begins with the first failure, and ends when it was reached or mended since', () => {
    expect(isMended(failing, [failing])).toBe(false);
    expect(isMended(failing, [failing, step('take-over/database', at - 1)])).toBe(false);
    expect(isMended(failing, [failing, step('take-over/database', at)])).toBe(true);
    // That a fence is opened is kept before it is asked for.
    const opening = step('failing/unfence/database', at);
    expect(isMended(opening, [opening, step('unfence/database', at + 1)])).toBe(false);
    expect(isMended(opening, [opening, step('mended/unfence/database', at + 1)])).toBe(true);
    expect(isMended(failing, [failing, step(mendedMark('take-over/database'), at + 1)])).toBe(true);
    expect(isMended(failing, [failing, step('take-over/database', at, {}, 'another')])).toBe(false);
    expect(isMended(failing, [failing, step('take-over/cache', at)])).toBe(false);
    const longer = step(failingOnMark('take-over/database'));
    expect(isMended(longer, [step('take-over/database')])).toBe(true);
  });

  test('names the last error, unless the end says it or it was mended', () => {
    const failure = { state: 'TakeOver', asset: 'database', held: false, why: 'Timeout' };
    const later = step(failingOnMark('take-over/database'), at + 1, { why: 'it deletes' });
    expect(lastErrorOf(failure, [])).toBeNull();
    expect(lastErrorOf(failure, [failing])).toBe('it restarts');
    expect(lastErrorOf(failure, [failing, later])).toBe('it deletes');
    expect(lastErrorOf({ ...failure, why: 'Timeout: it deletes' }, [failing, later])).toBeNull();
    expect(lastErrorOf(failure, [failing, later, step('take-over/database', at + 2)])).toBeNull();
    expect(lastErrorOf({ ...failure, asset: 'cache' }, [failing])).toBeNull();
  });

  test.for([
    ['failing/take-over/database', { state: 'TakeOver', asset: 'database' }, null],
    ['failing/redirect-users', { state: 'RedirectUsers', asset: null }, null],
    ['failing-on/fence/database', null, { state: 'Fence', asset: 'database' }],
    ['failing-on/move-role', null, { state: 'MoveRole', asset: null }],
    ['failing', null, null],
    ['take-over/database', null, null],
  ] as const)('of %s', ([mark, first, told]) => {
    expect(failingIn(mark)).toEqual(first);
    expect(failingOnIn(mark)).toEqual(told);
  });

  test('has names that are never mixed up', () => {
    expect([failingMark('a'), failingOnMark('a'), mendedMark('a'), unfenceMark('a'), inVainMark('a')]).toEqual([
      ...['failing/a', 'failing-on/a', 'mended/a', 'unfence/a', 'fence-in-vain/a'],
    ]);
  });
});

describe('a fence that was tried in vain', () => {
  const vain = (asset: string, time: number, why: string) => step(inVainMark(asset), time, { why });

  test('is one since the last stop, and while nothing fenced it later', () => {
    const own = [vain('database', at, 'it is dark'), vain('orders', at + 1, 'refused')];
    expect(fencedInVain(own, null)).toEqual({ database: 'it is dark', orders: 'refused' });
    expect(fencedInVain(own, at)).toEqual({ orders: 'refused' });
    expect(fencedInVain([...own, step('fence/database/fenced', at)], null)).toHaveProperty('database');
    expect(fencedInVain([...own, step('fence/database/fenced', at + 1)], null)).toEqual({ orders: 'refused' });
    expect(fencedInVain([step('fence/database'), step('fence-in-vain')], null)).toEqual({});
  });
});

describe('a way that failed', () => {
  test('is left out from then on, of its asset alone, in the order of the ways', () => {
    const [first, second, third] = ways;
    expect(wayFailedIn(wayFailedMark('database', first))).toEqual({ asset: 'database', way: first });
    for (const other of ['way-failed', 'way-failed/database', 'take-over/database/x'])
      expect(wayFailedIn(other)).toBeNull();
    const own = [third, first].map((way) => step(wayFailedMark('database', way)));
    expect(waysFailedIn([...own, step(wayFailedMark('orders', second))], 'database')).toEqual([first, third]);
  });
});

describe('a message that somebody could not be told', () => {
  const outcome = { roles: ['dba'], subject: 'a subject', body: 'a body' };

  test('is read back with its occasion', () => {
    expect(untoldIn({ step: notToldMark('paused/e/1'), outcome })).toEqual({ id: 'paused/e/1', ...outcome });
  });

  test.for([
    ['of another step', { step: 'told/paused', outcome }],
    ['that is damaged', { step: notToldMark('x'), outcome: { ...outcome, roles: 'dba' } }],
    ['without a subject', { step: notToldMark('x'), outcome: { roles: [], body: '' } }],
  ] as const)('%s is none', ([, one]) => {
    expect(untoldIn(one)).toBeNull();
  });
});

test.for([
  [{ state: 'TakeOver', asset: 'database' }, 'take-over/database'],
  [{ state: 'FenceOnReturn', asset: 'database' }, 'fence-late/database'],
  [{ state: 'RedirectUsers', asset: null }, 'redirect-users'],
] as const)('the calls of %o are in the record under %s', ([of, name]) => {
  expect(recordedAs(of)).toBe(name);
});

test('a state’s section is its name in small letters', () => {
  expect(['VerifyOutside', 'Pause', 'Level3Failover'].map(kebab)).toEqual([
    'verify-outside',
    'pause',
    'level3-failover',
  ]);
});
