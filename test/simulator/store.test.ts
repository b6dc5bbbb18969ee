// The simulator's store against the contract, and what it adds: gates, and a table that several stacks share.
import { expect, test } from 'vitest';
import { Unavailable } from '../../functions/domain/errors.ts';
import { createMemoryStore, createMemoryTable } from '../../simulator/memory-store.ts';
import { plan } from '../plan.ts';
import { storeContract } from '../store/contract.ts';
import { alarm, incidentOf, region } from '../store/samples.ts';

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

test('a command that DynamoDB would refuse is refused in its words', async () => {
  const { answer } = createMemoryTable();
  const put = (item: Record<string, unknown>) => () =>
    answer('Put', { TableName: 'breakwater-memory', Item: { pk: 'p', sk: 's', ...item } });
  expect(put({ text: 'x'.repeat(409_600) })).toThrow('Item size has exceeded the maximum allowed size');
  expect(put({ sk: '' })).toThrow('not valid');
  expect(put({ number: 1e307 })).toThrow('greater than Number.MAX_SAFE_INTEGER');
  expect(put({ number: 5e-324 })).toThrow('Number underflow');
  expect(put({ nothing: undefined })).toThrow('removeUndefinedValues');
  expect(put({ date: new Date(0) })).toThrow('Unsupported type');
  expect(() => answer('Get', { TableName: 'another', Key: { pk: 'p', sk: 's' } })).toThrow('not found');
});
