// What every incident store must do, as one suite that runs against each implementation.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Plan, parsePlan } from '../functions/domain/plan.ts';
import type { AuditRecord, StepRecord, Store } from '../functions/domain/store.ts';
import type { Incident, Lock, Signal } from '../functions/domain/types.ts';

export const plan: Plan = parsePlan(parse(readFileSync(new URL('../plan.yml', import.meta.url), 'utf8')));

export const region = 'us-east-1';
const other = 'us-west-2';
const at = Date.UTC(2026, 10, 3, 3, 0, 0);
const seen = { at, region, observer: region };

/** One signal of each kind: a kind that is added to the domain does not compile here until it is added. */
const everyKind: Readonly<{ [Kind in Signal['kind']]: Extract<Signal, { kind: Kind }> }> = {
  component: {
    ...seen,
    id: 'e1',
    key: 'k1',
    kind: 'component',
    component: 'api',
    measure: 'errors',
    zone: 'use1-az1',
    condition: 'failing',
  },
  canary: { ...seen, id: 'e2', key: 'k2', kind: 'canary', condition: 'unknown' },
  'canary-run': { ...seen, id: 'e3', key: 'k3', kind: 'canary-run', passed: false },
  probe: { ...seen, id: 'e4', key: 'k4', kind: 'probe', service: 'rds', condition: 'healthy' },
  heartbeat: { ...seen, id: 'e5', key: 'k5', kind: 'heartbeat', condition: 'failing' },
  beat: { ...seen, id: 'e6', key: 'k6', kind: 'beat' },
  replica: { ...seen, id: 'e7', key: 'k7', kind: 'replica', condition: 'unknown' },
  health: {
    ...seen,
    id: 'e8',
    key: 'k8',
    kind: 'health',
    service: 'ec2',
    open: true,
    category: 'issue',
    zones: ['use1-az1', 'use1-az2'],
  },
  database: { ...seen, id: 'e9', key: 'k9', kind: 'database', instance: 'chatops-prod', change: 'failover-completed' },
  cache: { ...seen, id: 'e10', key: 'k10', kind: 'cache', group: 'chatops-redis', change: 'node-replaced' },
  shift: { ...seen, id: 'e11', key: 'k11', kind: 'shift', zone: 'use1-az1', cause: 'autoshift', active: true },
  instance: { ...seen, id: 'e12', key: 'k12', kind: 'instance', instance: 'i-1', state: 'terminated' },
  scaling: { ...seen, id: 'e13', key: 'k13', kind: 'scaling', zone: null, change: 'launch-failed' },
  release: { ...seen, id: 'e14', key: 'k14', kind: 'release', release: '1.2.3', phase: 'started' },
  maintenance: {
    ...seen,
    id: 'e15',
    key: 'k15',
    kind: 'maintenance',
    window: 'w1',
    phase: 'ended',
    targets: ['database'],
    plannedSeconds: null,
  },
};

export function alarm(change: Partial<Extract<Signal, { kind: 'component' }>>): Signal {
  return { ...everyKind.component, ...change };
}

export function incidentOf(change: Partial<Incident>): Incident {
  return {
    id: 'incident-1',
    region,
    level: 2,
    scope: { region, zone: 'use1-az1' },
    openedAt: at,
    lastSignalAt: at,
    closedAt: null,
    decisions: [
      {
        action: 'az-failover',
        reason: 'zone use1-az1 failed',
        at,
        level: 2,
        scope: { region, zone: 'use1-az1' },
        evidence: ['e1', 'e2'],
        attempt: 1,
        execution: 'incident-1-az-failover-1',
      },
    ],
    version: 1,
    ...change,
  };
}

const lock: Lock = { target: region, execution: 'execution-1', incident: 'incident-1', action: 'az-failover', at };

const call: AuditRecord = {
  incident: 'incident-1',
  at,
  step: 'move-database',
  actor: 'az-failover',
  execution: 'execution-1',
  call: 'rds:RebootDBInstance',
  region,
  target: 'chatops-prod',
  drill: false,
};

const reached: StepRecord = {
  incident: 'incident-1',
  execution: 'execution-1',
  step: 'move-database',
  at,
  outcome: { zone: 'use1-az2', seconds: 61.5, notes: ['moved', null], already: false },
};

function byKey(signals: readonly Signal[]): Signal[] {
  return [...signals].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function count(answers: readonly boolean[]): number {
  return answers.filter((answer) => answer).length;
}

/** Runs the contract. `create` gives an empty store each time. */
export function storeContract(name: string, create: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await create();
  });

  describe(`${name}: signals`, () => {
    test('a signal of every kind is read as it was kept', async () => {
      const signals = Object.values(everyKind);
      await store.keepSignals(signals);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(signals));
    });

    test('a region sees its own signals and no other', async () => {
      await store.keepSignals([alarm({}), alarm({ region: other, id: 'elsewhere' })]);
      expect((await store.readSignals(region, 0)).map(({ id }) => id)).toEqual(['e1']);
      expect((await store.readSignals(other, 0)).map(({ id }) => id)).toEqual(['elsewhere']);
      expect(await store.readSignals('eu-west-1', 0)).toEqual([]);
    });

    test.for([
      ['as old as asked for is', 0, ['e1']],
      ['older than asked for is not', 1, []],
    ] as const)('a signal %s read', async ([, laterBy, ids]) => {
      await store.keepSignals([alarm({})]);
      expect((await store.readSignals(region, at + laterBy)).map(({ id }) => id)).toEqual(ids);
    });

    test.for([
      ['a newer one replaces it', { id: 'a', at: at + 1 }, 'a'],
      ['an older one that comes late changes nothing', { id: 'z', at: at - 1 }, 'e1'],
      ['the same one again changes nothing', { id: 'e1', condition: 'healthy' }, 'e1'],
      ['of two at one time the greater id stays', { id: 'e2' }, 'e2'],
      ['of two at one time the lesser id goes', { id: 'd9' }, 'e1'],
    ] as const)('of the signals with one key, %s', async ([, second, stays]) => {
      await store.keepSignals([alarm({})]);
      await store.keepSignals([alarm(second)]);
      const [kept, ...more] = await store.readSignals(region, 0);
      expect(more).toEqual([]);
      expect(kept).toEqual(stays === 'e1' ? alarm({}) : alarm(second));
    });

    test('the newest of each key stays, in whatever order, batches and company the signals come', async () => {
      const signals = fc.uniqueArray(
        fc.record({ key: fc.constantFrom('a', 'b', 'c'), at: fc.integer({ min: 1, max: 4 }), id: fc.uuid() }),
        { minLength: 1, maxLength: 12, selector: ({ id }) => id },
      );
      const orders = signals.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
          fc.integer({ min: 1, max: 5 }),
        ),
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(orders, async ([all, order, size]) => {
          run += 1;
          const own = `us-test-${run}`;
          const batches = Array.from({ length: Math.ceil(order.length / size) }, (_, index) =>
            order.slice(index * size, (index + 1) * size).map((change) => alarm({ ...change, region: own })),
          );
          await Promise.all(batches.map((batch) => store.keepSignals(batch)));
          const newest = ['a', 'b', 'c'].flatMap((key) => {
            const [first] = all
              .filter((signal) => signal.key === key)
              .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
            return first === undefined ? [] : [first.id];
          });
          expect(byKey(await store.readSignals(own, 0)).map(({ id }) => id)).toEqual(newest);
        }),
        { numRuns: 30 },
      );
    });

    test('a storm of 2,000 signals is kept, and a sweep over it changes only what is newer', async () => {
      const storm = Array.from({ length: 2_000 }, (_, index) =>
        alarm({ id: `event-${index}`, key: `alarm:${region}:chatops-api-errors-${index}` }),
      );
      await store.keepSignals(storm);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(storm));
      const sweep = storm.map((signal, index) => ({
        ...signal,
        id: `sweep-${index}`,
        at: index === 7 ? at + 1 : at - 1,
      }));
      await store.keepSignals(sweep);
      const ids = (await store.readSignals(region, 0)).map(({ id }) => id);
      expect(ids).toHaveLength(2_000);
      expect(ids.filter((id) => id.startsWith('sweep-'))).toEqual(['sweep-7']);
    }, 60_000);

    test('more signals than one answer holds are all read', async () => {
      const wide = Array.from({ length: 15 }, (_, index) =>
        alarm({ key: `wide-${index}`, observer: `${index}-${'x'.repeat(100_000)}` }),
      );
      await store.keepSignals(wide);
      expect(byKey(await store.readSignals(region, 0))).toEqual(byKey(wide));
    });

    test.for([
      ['long', 'k'.repeat(3_000)],
      ['with signs of its own', 'alarm:a#b/c é'],
    ] as const)('a key that is %s is a key as any other', async ([, key]) => {
      await store.keepSignals([alarm({ key })]);
      await store.keepSignals([alarm({ key, id: 'later', at: at + 1 })]);
      expect(await store.readSignals(region, 0)).toEqual([alarm({ key, id: 'later', at: at + 1 })]);
    });
  });

  describe(`${name}: strays`, () => {
    test('each stray counts once, however often it comes', async () => {
      expect(await store.countStrays()).toBe(0);
      const stray = { id: 'a', at, reason: 'no rule knows it', event: '{}' };
      await Promise.all([stray, stray, { ...stray, id: 'b' }].map((each) => store.keepStray(each)));
      await store.keepStray({ ...stray, at: at + 60_000 });
      expect(await store.countStrays()).toBe(2);
    });

    test('a stray without an id, or with one that is huge, or that is huge itself, is counted too', async () => {
      const stray = { id: '', at, reason: 'is no event', event: 'x' };
      await store.keepStray(stray);
      await store.keepStray({ ...stray, id: 'i'.repeat(5_000) });
      await store.keepStray({ ...stray, id: 'huge', event: 'é'.repeat(1_000_000) });
      expect(await store.countStrays()).toBe(3);
    });

    test('more strays than one answer holds are all counted', async () => {
      const strays = Array.from({ length: 30 }, (_, index) => ({
        id: `stray-${index}`,
        at,
        reason: 'no rule knows it',
        event: 'x'.repeat(90_000),
      }));
      await Promise.all(strays.map((stray) => store.keepStray(stray)));
      expect(await store.countStrays()).toBe(30);
    });
  });

  describe(`${name}: incidents`, () => {
    test('where nothing was written there is no incident', async () => {
      expect(await store.readOpenIncident(region)).toBeNull();
      expect(await store.readIncident('incident-1')).toBeNull();
      expect(await store.listIncidents()).toEqual([]);
    });

    test('an incident that was opened is the open one of its region only', async () => {
      expect(await store.writeIncident(incidentOf({}))).toBe(true);
      expect(await store.readOpenIncident(region)).toEqual(incidentOf({}));
      expect(await store.readOpenIncident(other)).toBeNull();
      expect(await store.readIncident('incident-1')).toEqual(incidentOf({}));
      expect(await store.listIncidents()).toEqual([incidentOf({})]);
    });

    test('of 50 copies that open the same incident at once, one does', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => store.writeIncident(incidentOf({}))));
      expect(count(answers)).toBe(1);
      expect(await store.listIncidents()).toEqual([incidentOf({})]);
    });

    test('of 50 incidents that open in one region at once, one does, also after an earlier one closed', async () => {
      await store.writeIncident(incidentOf({ id: 'earlier' }));
      await store.writeIncident(incidentOf({ id: 'earlier', version: 2, closedAt: at }));
      const rivals = Array.from({ length: 50 }, (_, index) => incidentOf({ id: `rival-${index}`, openedAt: at + 1 }));
      const answers = await Promise.all(rivals.map((rival) => store.writeIncident(rival)));
      expect(count(answers)).toBe(1);
      const winner = rivals[answers.indexOf(true)];
      expect(await store.readOpenIncident(region)).toEqual(winner);
      expect((await store.listIncidents()).map(({ id }) => id)).toEqual(['earlier', winner?.id]);
    });

    test('two regions have an open incident each', async () => {
      expect(await store.writeIncident(incidentOf({}))).toBe(true);
      expect(await store.writeIncident(incidentOf({ id: 'incident-2', region: other }))).toBe(true);
      expect((await store.readOpenIncident(other))?.id).toBe('incident-2');
      expect((await store.readOpenIncident(region))?.id).toBe('incident-1');
    });

    test.for([
      ['follows the stored one', 2, true],
      ['is the stored one again', 1, false],
      ['leaves one out', 3, false],
      ['is before the first', 0, false],
    ] as const)('a version that %s: written is %o', async ([, version, written]) => {
      await store.writeIncident(incidentOf({}));
      const change = incidentOf({ version, level: 3 });
      expect(await store.writeIncident(change)).toBe(written);
      expect(await store.readIncident('incident-1')).toEqual(written ? change : incidentOf({}));
    });

    test('a later version of what was never opened is not written', async () => {
      expect(await store.writeIncident(incidentOf({ version: 2 }))).toBe(false);
      expect(await store.readIncident('incident-1')).toBeNull();
    });

    test('of 20 copies that write the next version at once, one does', async () => {
      await store.writeIncident(incidentOf({}));
      const rivals = Array.from({ length: 20 }, (_, index) => incidentOf({ version: 2, lastSignalAt: at + index }));
      const answers = await Promise.all(rivals.map((rival) => store.writeIncident(rival)));
      expect(count(answers)).toBe(1);
      expect(await store.readOpenIncident(region)).toEqual(rivals[answers.indexOf(true)]);
    });

    test('a closed incident is no longer open, and is kept when the next one opens and closes', async () => {
      const closed = incidentOf({ version: 2, closedAt: at + 1 });
      await store.writeIncident(incidentOf({}));
      expect(await store.writeIncident(closed)).toBe(true);
      expect(await store.readOpenIncident(region)).toBeNull();
      expect(await store.readIncident('incident-1')).toEqual(closed);

      const next = incidentOf({ id: 'incident-2', openedAt: at + 2 });
      expect(await store.writeIncident(next)).toBe(true);
      expect(await store.readOpenIncident(region)).toEqual(next);
      expect(await store.readIncident('incident-1')).toEqual(closed);
      expect(await store.readIncident('incident-2')).toEqual(next);
      expect(await store.listIncidents()).toEqual([closed, next]);

      const over = { ...next, version: 2, closedAt: at + 3 };
      expect(await store.writeIncident(over)).toBe(true);
      expect(await store.listIncidents()).toEqual([closed, over]);
    });

    test('a late copy of an opening does not open a closed incident again, before or after the next one', async () => {
      await store.writeIncident(incidentOf({}));
      await store.writeIncident(incidentOf({ version: 2, closedAt: at }));
      expect(await store.writeIncident(incidentOf({}))).toBe(false);
      await store.writeIncident(incidentOf({ id: 'incident-2' }));
      expect(await store.writeIncident(incidentOf({}))).toBe(false);
      await store.writeIncident(incidentOf({ id: 'incident-2', version: 2, closedAt: at }));
      expect(await store.writeIncident(incidentOf({}))).toBe(false);
      expect(await store.readOpenIncident(region)).toBeNull();
    });

    test('a closed incident can be added to, but cannot be open beside the next one', async () => {
      await store.writeIncident(incidentOf({}));
      await store.writeIncident(incidentOf({ version: 2, closedAt: at }));
      expect(await store.writeIncident(incidentOf({ version: 3, closedAt: at, level: 3 }))).toBe(true);
      await store.writeIncident(incidentOf({ id: 'incident-2' }));
      expect(await store.writeIncident(incidentOf({ version: 4, closedAt: null }))).toBe(false);
      expect(await store.writeIncident(incidentOf({ version: 3, closedAt: at }))).toBe(false);
      const added = incidentOf({ version: 4, closedAt: at, level: 1 });
      expect(await store.writeIncident(added)).toBe(true);
      expect(await store.readIncident('incident-1')).toEqual(added);
      expect((await store.readOpenIncident(region))?.id).toBe('incident-2');
    });

    test('incidents are listed by the time they opened', async () => {
      const times = [3, 1, 2];
      for (const time of times) {
        const incident = incidentOf({ id: `incident-${time}`, openedAt: time });
        await store.writeIncident(incident);
        await store.writeIncident({ ...incident, version: 2, closedAt: at });
      }
      expect((await store.listIncidents()).map(({ openedAt }) => openedAt)).toEqual([1, 2, 3]);
    });

    test('an incident whose ten decisions rest on 2,000 signals each is kept whole', async () => {
      const evidence = Array.from({ length: 2_000 }, () => crypto.randomUUID());
      const decisions = Array.from({ length: 10 }, (_, index) =>
        incidentOf({}).decisions.map((decision) => ({ ...decision, attempt: index + 1, evidence })),
      ).flat();
      expect(await store.writeIncident(incidentOf({ decisions }))).toBe(true);
      expect(await store.readOpenIncident(region)).toEqual(incidentOf({ decisions }));
    });
  });

  describe(`${name}: standing`, () => {
    test('before anything happened, nothing holds back and the roles are those of the plan', async () => {
      expect(await store.readStanding(region)).toEqual({
        frozen: null,
        primary: plan.roles.primary,
        epoch: 1,
        lock: null,
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

  describe(`${name}: records`, () => {
    test('a mutating call is kept once, however often it is written', async () => {
      await Promise.all(Array.from({ length: 5 }, () => store.audit(call)));
      expect(await store.readAudit('incident-1')).toEqual([call]);
    });

    test.for([
      ['incident', 'incident-2', 1],
      ['at', at + 1, 2],
      ['step', 'move-cache', 2],
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
      await store.recordStep({ ...reached, step: 'move-cache', outcome: {} });
      await store.recordStep({ ...reached, incident: 'incident-2' });
      expect(await store.readSteps('incident-1')).toEqual([{ ...reached, step: 'move-cache', outcome: {} }, reached]);
      expect(await store.readAudit('incident-1')).toEqual([]);
    });

    test('a message is sent once it is marked, and marking it again changes nothing', async () => {
      expect(await store.wasSent('message:1')).toBe(false);
      await store.markSent('message:1', at);
      await store.markSent('message:1', at + 1);
      expect(await store.wasSent('message:1')).toBe(true);
      expect(await store.wasSent('message:2')).toBe(false);
    });
  });
}
