// The simulator's store against the contract, and what it adds: gates, and a table that several stacks share.
import { expect, test } from 'vitest';
import { Unavailable } from '../../functions/domain/errors.ts';
import { createMemoryStore, createMemoryTable } from '../../simulator/memory-store.ts';
import { storeContract } from '../store/contract.ts';
import { alarm, incidentOf, plan, region } from '../store/samples.ts';

storeContract('simulated store', async () => createMemoryStore(plan));

test('a store whose region is dark does nothing, and knows what the other region wrote when it answers again', async () => {
  let dark = true;
  const table = createMemoryTable();
  const gate = async () => {
    if (dark) throw new Unavailable('us-east-1 is dark');
  };
  const here = createMemoryStore(plan, gate, table);
  const there = createMemoryStore(plan, undefined, table);
  await expect(here.keepSignals([alarm({})])).rejects.toThrow(Unavailable);
  await expect(here.writeIncident(incidentOf({}))).rejects.toThrow(Unavailable);
  expect(await there.readSignals(region, 0)).toEqual([]);
  expect(await there.writeIncident(incidentOf({}))).toBe(true);
  dark = false;
  expect(await here.readOpenIncident(region)).toEqual(incidentOf({}));
  expect(await here.writeIncident(incidentOf({ id: 'incident-2' }))).toBe(false);
});

test('every operation passes the gate', async () => {
  const store = createMemoryStore(plan, async () => {
    throw new Unavailable('dark');
  });
  const operations = Object.values(store) as ((...input: unknown[]) => Promise<unknown>)[];
  expect(operations).toHaveLength(38);
  for (const operation of operations) await expect(operation([], 0, 0)).rejects.toThrow('dark');
});
