// What every incident store must do with what holds an action back, and with the record of what was done.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/domain/record/store.ts';
import { degradationLock } from '../../functions/domain/types.ts';
import { plan } from '../plan.ts';
import {
  at,
  call,
  comparison,
  count,
  drill,
  fenceLock,
  ledger,
  lock,
  other,
  reached,
  region,
  rehearsal,
  rejoined,
} from './samples.ts';

export function recordsContract(name: string, create: () => Promise<Store>): void {
  describe(`${name}: standing`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('before anything happened, nothing holds back and the roles are those of the plan', async () => {
      expect(await store.readStanding(region)).toEqual({
        frozen: null,
        primary: plan.roles.primary,
        epoch: 1,
        movedAt: null,
        lock: null,
        degradation: null,
        lastActions: [],
      });
    });

    test('a freeze holds in every region, says who, why and when, and ends', async () => {
      await store.freeze('ana', 'moving house', at);
      for (const each of [region, other]) {
        expect((await store.readStanding(each)).frozen).toEqual({ by: 'ana', reason: 'moving house', at });
      }
      await store.freeze('ben', 'still moving', at + 1);
      expect((await store.readStanding(region)).frozen).toEqual({ by: 'ben', reason: 'still moving', at: at + 1 });
      await store.unfreeze();
      await store.unfreeze();
      expect((await store.readStanding(region)).frozen).toBeNull();
    });

    test('of 50 executions that take one lock at once, one holds it', async () => {
      const locks = Array.from({ length: 50 }, (_, index) => ({ ...lock, execution: `execution-${index}` }));
      const answers = await Promise.all(locks.map((each) => store.takeLock(each)));
      expect(count(answers)).toBe(1);
      expect((await store.readStanding(region)).lock).toEqual(locks[answers.indexOf(true)]);
    });

    test('an execution that holds the lock may take it again, and no other may until it is given back', async () => {
      const rival = { ...lock, execution: 'execution-2' };
      expect(await store.takeLock(lock)).toBe(true);
      expect(await store.takeLock(lock)).toBe(true);
      expect(await store.takeLock(rival)).toBe(false);
      await store.releaseLock(region, 'execution-2');
      expect((await store.readStanding(region)).lock).toEqual(lock);
      await store.releaseLock(region, 'execution-1');
      await store.releaseLock(region, 'execution-1');
      expect((await store.readStanding(region)).lock).toBeNull();
      expect(await store.takeLock(rival)).toBe(true);
    });

    test('a degradation has a lock of its own, which is seen beside that of its region', async () => {
      const beside = { ...lock, target: degradationLock(region), execution: 'degradation', action: 'notify' } as const;
      await store.takeLock(beside);
      expect(await store.readStanding(region)).toMatchObject({ lock: null, degradation: beside });
      await store.takeLock(lock);
      expect(await store.readStanding(region)).toMatchObject({ lock, degradation: beside });
      expect((await store.readStanding(other)).degradation).toBeNull();
      await store.releaseLock(beside.target, beside.execution);
      expect(await store.readStanding(region)).toMatchObject({ lock, degradation: null });
    });

    test.for([
      ['nobody holds', null, true],
      ['a zone flow holds', { ...lock, execution: 'zone-flow', action: 'az-failover' }, true],
      ['it holds itself', { ...lock, execution: 'region-flow', action: 'request-approval' }, true],
      ['another region flow holds', { ...lock, execution: 'other-flow', action: 'request-approval' }, false],
      ['a person holds who aborts', { ...lock, execution: 'other-flow/abort', action: 'hold' }, false],
    ] as const)('a region flow and the lock that %s', async ([, held, taken]) => {
      const wanted = { ...lock, execution: 'region-flow', action: 'request-approval', at: at + 1 } as const;
      if (held !== null) await store.takeLock(held);
      expect(await store.supersedeLock(wanted)).toBe(taken);
      expect((await store.readStanding(region)).lock).toEqual(taken ? wanted : held);
    });

    test('a zone flow that was superseded neither takes its lock back nor gives it away', async () => {
      const wanted = { ...lock, execution: 'region-flow', action: 'request-approval' } as const;
      await store.takeLock(lock);
      await store.supersedeLock(wanted);
      expect(await store.takeLock(lock)).toBe(false);
      await store.releaseLock(region, lock.execution);
      expect((await store.readStanding(region)).lock).toEqual(wanted);
    });

    test('of 20 region flows that supersede one zone flow at once, one holds the lock', async () => {
      await store.takeLock(lock);
      const flows = Array.from({ length: 20 }, (_, index) => index);
      const answers = await Promise.all(
        flows.map((index) =>
          store.supersedeLock({ ...lock, execution: `region-flow-${index}`, action: 'request-approval' }),
        ),
      );
      expect(count(answers)).toBe(1);
    });

    test('the role moves once from an epoch, and every region sees where it is', async () => {
      expect((await store.readRoles()).primary).toBe(region);
      expect(await store.moveRole(other, 1, 'execution-1', at)).toBe(true);
      expect((await store.readRoles()).primary).toBe(other);
      for (const each of [region, other]) {
        expect(await store.readStanding(each)).toMatchObject({ primary: other, epoch: 2, movedAt: at });
      }
      expect(await store.moveRole(region, 2, 'execution-2', at + 1)).toBe(true);
      expect(await store.readStanding(region)).toMatchObject({ primary: region, epoch: 3, movedAt: at + 1 });
    });

    test.for([
      ['that moved it may ask again', [other, 1, 'execution-1'], true],
      ['that comes later finds the epoch gone', [other, 1, 'execution-2'], false],
      ['that moved it elsewhere did not do this', [region, 1, 'execution-1'], false],
      ['that names an epoch to come is refused', [region, 3, 'execution-1'], false],
      ['that names an epoch before the first is refused', [region, 0, 'execution-1'], false],
    ] as const)('an execution %s', async ([, [primary, epoch, execution], answer]) => {
      await store.moveRole(other, 1, 'execution-1', at);
      expect(await store.moveRole(primary, epoch, execution, at + 1)).toBe(answer);
      expect(await store.readStanding(region)).toMatchObject({ primary: other, epoch: 2 });
    });

    test('before the role has moved, only the first epoch is one to move on from', async () => {
      expect(await store.moveRole(other, 2, 'execution-1', at)).toBe(false);
      expect(await store.readStanding(region)).toMatchObject({ primary: region, epoch: 1 });
    });

    test('of 20 executions that move the role at once, one does', async () => {
      const moves = Array.from({ length: 20 }, (_, index) => store.moveRole(other, 1, `execution-${index}`, at));
      expect(count(await Promise.all(moves))).toBe(1);
      expect((await store.readStanding(region)).epoch).toBe(2);
    });

    test('locks of different targets do not touch each other', async () => {
      const zone = { ...lock, target: `${region}/use1-az1`, execution: 'execution-2' };
      expect(await store.takeLock(lock)).toBe(true);
      expect(await store.takeLock({ ...lock, target: other, execution: 'execution-3' })).toBe(true);
      expect(await store.takeLock(zone)).toBe(true);
      await store.releaseLock(zone.target, 'execution-2');
      expect((await store.readStanding(region)).lock).toEqual(lock);
      expect((await store.readStanding(other)).lock?.execution).toBe('execution-3');
    });

    test('the last action of each kind on each target of a region counts, also when an older one comes later', async () => {
      const zone = `${region}/use1-az1`;
      await store.recordAction('az-failover', zone, at);
      await store.recordAction('az-failover', zone, at + 5);
      await store.recordAction('az-failover', zone, at + 1);
      await store.recordAction('notify', zone, at + 2);
      await store.recordAction('notify', `${region}/${'cause+'.repeat(400)}`, at + 3);
      await store.recordAction('request-approval', region, at + 4);
      await store.recordAction('az-failover', `${other}/usw2-az1`, at + 9);
      const { lastActions } = await store.readStanding(region);
      expect(lastActions.map(({ action, target, at: time }) => [action, target.slice(0, 18), time - at])).toEqual([
        ['az-failover', zone, 5],
        ['notify', `${region}/cause+ca`, 3],
        ['notify', zone, 2],
        ['request-approval', region, 4],
      ]);
    });
  });

  describe(`${name}: readiness`, () => {
    const checks = [
      { check: 'replica', state: 'ready', why: 'replica chatops-dr-replica replicates' },
      { check: 'lag', state: 'unknown', why: 'could not be read: no lag was measured' },
    ] as const;

    test('of each region the newest look counts, and where nobody has looked there is none', async () => {
      const store = await create();
      expect(await store.readReadiness(region)).toBeNull();
      await store.keepReadiness({ region, at: at + 1, checks });
      await store.keepReadiness({ region, at, checks: [] });
      await store.keepReadiness({ region: other, at: at + 9, checks: [] });
      expect(await store.readReadiness(region)).toEqual({ region, at: at + 1, checks });
    });
  });

  describe(`${name}: the lock of a fence`, () => {
    const newer = [
      ['a later epoch', { epoch: 2, startedAt: at - 9, start: 1 }],
      ['a flow that started later', { execution: 'execution-2', startedAt: at + 1, start: 1 }],
      ['a later watch of the same flow', { start: 3 }],
    ] as const;

    test('is free where nobody has taken it, and its own watch keeps it', async () => {
      const store = await create();
      expect(await store.readFence(region)).toBeNull();
      for (const later of [0, 1]) expect(await store.takeFence({ ...fenceLock, at: at + later })).toBe(true);
      expect(await store.readFence(region)).toEqual({ ...fenceLock, at: at + 1 });
      expect(await store.readFence(other)).toBeNull();
    });

    test.for(newer)('goes to %s, and not back', async ([, change]) => {
      const store = await create();
      const old = { ...fenceLock, start: 2 };
      await store.takeFence(old);
      const next = { ...old, ...change };
      expect(await store.takeFence(next)).toBe(true);
      expect(await store.takeFence(old)).toBe(false);
      expect(await store.readFence(region)).toEqual(next);
    });

    test('of two that take it at once one has it', async () => {
      const store = await create();
      const second = { ...fenceLock, start: 2 };
      await Promise.all([store.takeFence(second), store.takeFence(fenceLock)]);
      expect(await store.readFence(region)).toEqual(second);
    });
  });

  describe(`${name}: holders`, () => {
    const holder = { asset: 'database', region, instance: 'chatops-prod-restored', execution: 'execution-1', at };

    test('of each asset in each region the newest counts, and where nothing was restored there is none', async () => {
      const store = await create();
      expect(await store.readHolders()).toEqual([]);
      const second = { ...holder, instance: 'chatops-prod-restored-2', at: at + 1 };
      await store.keepHolder(second);
      await store.keepHolder(holder);
      await store.keepHolder({ ...holder, region: other, at: at + 9 });
      expect(await store.readHolders()).toEqual([second, { ...holder, region: other, at: at + 9 }]);
      const again = { ...holder, instance: null, instead: 'chatops-prod', execution: 'ana: renamed', at: at + 10 };
      await store.keepHolder(again);
      expect(await store.readHolders()).toEqual([again, { ...holder, region: other, at: at + 9 }]);
    });
  });

  describe(`${name}: ways home`, () => {
    test('of a database in a region the one that was begun last counts, as it was written last', async () => {
      const store = await create();
      expect(await store.readRejoin('database', region)).toBeNull();
      await store.keepRejoin(rejoined);
      await store.keepRejoin({ ...rejoined, proof: 'nobody could connect', wrong: ['it failed'] });
      await store.keepRejoin({ ...rejoined, begunAt: at - 1 });
      await store.keepRejoin({ ...rejoined, region: other });
      expect(await store.readRejoin('database', region)).toEqual({
        ...rejoined,
        proof: 'nobody could connect',
        wrong: ['it failed'],
      });
    });
  });

  describe(`${name}: rehearsals`, () => {
    test('of an asset in a region the last one counts, as it was written last', async () => {
      const store = await create();
      expect(await store.readRehearsal('database', region)).toBeNull();
      await store.keepRehearsal(rehearsal);
      await store.keepRehearsal({ ...rehearsal, availableAt: at + 9, endedAt: at + 9, wrong: ['it is empty'] });
      await store.keepRehearsal({ ...rehearsal, begunAt: at - 1 });
      await store.keepRehearsal({ ...rehearsal, region: other });
      expect(await store.readRehearsal('database', region)).toEqual({
        ...rehearsal,
        availableAt: at + 9,
        endedAt: at + 9,
        wrong: ['it is empty'],
      });
    });
  });

  describe(`${name}: drills`, () => {
    test('a run is kept as it was written last, and what is over stays over', async () => {
      const store = await create();
      expect(await store.readDrill('execution-1')).toBeNull();
      expect(await store.listDrills()).toEqual([]);
      await store.keepDrill(drill);
      const over = { ...drill, recoveredAt: at + 90_000, endedAt: at + 400_000, outcome: 'passed' } as const;
      await store.keepDrill(over);
      await store.keepDrill({ ...drill, why: ['a step that is late'] });
      expect(await store.readDrill('execution-1')).toEqual(over);
      await store.keepDrill({ ...drill, execution: 'execution-2' });
      expect(await store.listDrills()).toEqual([over, { ...drill, execution: 'execution-2' }]);
    });

    test('the lever is pulled until somebody releases it', async () => {
      const store = await create();
      expect(await store.readLever()).toBeNull();
      await store.pullLever('ana', 'users complain', at);
      expect(await store.readLever()).toEqual({ by: 'ana', reason: 'users complain', at });
      await store.releaseLever();
      expect(await store.readLever()).toBeNull();
    });
  });

  describe(`${name}: comparisons`, () => {
    const rows = [{ key: '8', hash: 'a'.repeat(32), at, other: true }];
    const read = {
      ...comparison,
      begunAt: at + 1,
      readAt: at + 2,
      tables: [{ table: 'messages', newer: null, compared: 1, rows: rows.map(({ other: _, ...row }) => row) }],
    };
    const compared = {
      ...read,
      comparedAt: at + 3,
      tables: [{ table: 'messages', newer: null, compared: 1, rows }],
    };
    test('of a failover one is opened, and goes on from there', async () => {
      const store = await create();
      await store.keepComparison(read);
      expect(await store.readComparison('database', region)).toBeNull();
      await store.openComparison(comparison);
      await store.keepComparison(read);
      await store.openComparison(comparison);
      expect(await store.readComparison('database', region)).toEqual(read);
      expect(await store.readComparison('database', other)).toBeNull();
      await store.keepComparison(compared);
      expect(await store.readComparison('database', region)).toEqual(compared);
    });

    test('what comes late changes nothing; a later failover begins anew', async () => {
      const store = await create();
      await store.openComparison(comparison);
      await store.keepComparison(compared);
      await store.keepComparison(read);
      await store.keepComparison(comparison);
      expect(await store.readComparison('database', region)).toEqual(compared);
      await store.openComparison({ ...comparison, openedAt: at - 1 });
      await store.keepComparison({ ...compared, openedAt: at - 1 });
      expect(await store.readComparison('database', region)).toEqual(compared);
      const later = { ...comparison, execution: 'execution-2', openedAt: at + 1 };
      await store.openComparison(later);
      await store.keepComparison(compared);
      expect(await store.readComparison('database', region)).toEqual(later);
    });
  });

  describe(`${name}: ledgers`, () => {
    test('the newest number counts, and of one number what was written last', async () => {
      const store = await create();
      expect(await store.readLedger('database')).toBeNull();
      expect(await store.keepLedger(ledger)).toBe(true);
      expect(await store.keepLedger({ ...ledger, at: at + 1 })).toBe(true);
      expect(await store.keepLedger(ledger)).toBe(false);
      expect(await store.keepLedger({ ...ledger, attempted: 11, at: at + 9 })).toBe(false);
      expect(await store.keepLedger({ ...ledger, asset: 'other', attempted: 1 })).toBe(true);
      expect(await store.readLedger('database')).toEqual({ ...ledger, at: at + 1 });
      expect(await store.keepLedger({ ...ledger, attempted: 13, at: at - 9 })).toBe(true);
      expect(await store.readLedger('database')).toMatchObject({ attempted: 13 });
    });
  });

  describe(`${name}: records`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('a mutating call is kept once, however often it is written', async () => {
      await Promise.all(Array.from({ length: 5 }, () => store.audit(call)));
      expect(await store.readAudit('incident-1')).toEqual([call]);
    });

    test.for([
      ['incident', 'incident-2', 1],
      ['at', at + 1, 2],
      ['step', 'leave-zone/cache', 2],
      ['execution', 'execution-2', 2],
      ['call', 'rds:StopDBInstance', 2],
      ['region', other, 2],
      ['target', 'chatops-other', 2],
      ['actor', 'ana', 2],
    ] as const)('calls that differ in their %s are two', async ([property, value, kept]) => {
      await store.audit(call);
      await store.audit({ ...call, [property]: value });
      expect(await store.readAudit('incident-1')).toHaveLength(kept);
    });

    test('calls and steps are read by time, whatever order they were written in', async () => {
      for (const later of [20_000, 3, 100]) {
        await store.audit({ ...call, at: later });
        await store.recordStep({ ...reached, at: later });
      }
      expect((await store.readAudit('incident-1')).map((record) => record.at)).toEqual([3, 100, 20_000]);
      expect((await store.readSteps('incident-1')).map((record) => record.at)).toEqual([3, 100, 20_000]);
    });

    test('what a step reached is kept whole, once, with its incident', async () => {
      await store.recordStep(reached);
      await store.recordStep(reached);
      await store.recordStep({ ...reached, step: 'leave-zone/cache', outcome: {} });
      await store.recordStep({ ...reached, incident: 'incident-2' });
      expect(await store.readSteps('incident-1')).toEqual([
        { ...reached, step: 'leave-zone/cache', outcome: {} },
        reached,
      ]);
      expect(await store.readAudit('incident-1')).toEqual([]);
    });

    test('a message is sent once it is marked, and marking it again changes nothing', async () => {
      expect(await store.wasSent('message:1')).toBe(false);
      expect(await store.markSent('message:1', at)).toBe(true);
      expect(await store.markSent('message:1', at + 1)).toBe(false);
      expect(await store.wasSent('message:1')).toBe(true);
      expect(await store.wasSent('message:2')).toBe(false);
    });
  });
}
