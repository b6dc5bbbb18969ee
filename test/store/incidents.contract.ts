// What every incident store must do with incidents: one open in a region, each version written once, none lost.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../functions/domain/record/store.ts';
import { at, count, incidentOf, other, region } from './samples.ts';

export function incidentsContract(name: string, create: () => Promise<Store>): void {
  describe(`${name}: incidents`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await create();
    });

    test('where nothing was written there is no incident', async () => {
      expect(await store.readOpenIncident(region)).toBeNull();
      expect(await store.readLastIncident(region)).toBeNull();
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

    test('the last incident of a region is its open one, and once that has closed that one, until another opens', async () => {
      const closed = incidentOf({ version: 2, closedAt: at });
      const next = incidentOf({ id: 'incident-2', openedAt: at + 1 });
      await store.writeIncident(incidentOf({}));
      expect(await store.readLastIncident(region)).toEqual(incidentOf({}));
      await store.writeIncident(closed);
      expect(await store.readLastIncident(region)).toEqual(closed);
      await store.writeIncident(next);
      expect(await store.readLastIncident(region)).toEqual(next);
      expect(await store.readLastIncident(other)).toBeNull();
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

    test('an incident whose twenty decisions rest on 2,000 signals each is kept whole', async () => {
      const evidence = Array.from({ length: 2_000 }, () => crypto.randomUUID());
      const decisions = Array.from({ length: 20 }, (_, index) =>
        incidentOf({}).decisions.map((decision) => ({ ...decision, attempt: index + 1, evidence })),
      ).flat();
      expect(await store.writeIncident(incidentOf({ decisions }))).toBe(true);
      expect(await store.readOpenIncident(region)).toEqual(incidentOf({ decisions }));
    });
  });
}
