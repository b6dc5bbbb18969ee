// Which failover a way home undoes, by the records of all that moved the role.
import { expect, test } from 'vitest';
import type { Store } from '../../../../functions/domain/record/store.ts';
import { lastMove, undoneBy } from '../../../../functions/shared/recovery/undone.ts';
import { setting, start } from '../../setting.ts';

const [east, west] = ['us-east-1', 'us-west-2'];
const minute = 60_000;

/** Moves of the role, one after the other, each as its own record has it. */
async function moved(...moves: readonly (readonly [execution: string, from: string, outcome?: object])[]) {
  const { store } = setting();
  for (const [index, [execution, from, outcome]] of moves.entries()) {
    const at = start + index * minute;
    await keepMove(store, execution, from, at, { mode: 'failover', ...outcome });
  }
  return { store };
}

async function keepMove(store: Store, execution: string, from: string, at: number, outcome: object): Promise<void> {
  const id = `incident-${execution}`;
  await keepIncident(store, id, from, at);
  const to = from === east ? west : east;
  await store.recordStep({ incident: id, execution, step: 'record-failover', at, outcome: { from, to, ...outcome } });
}

async function keepIncident(store: Store, id: string, region: string, at: number, level: 1 | 3 = 3): Promise<void> {
  await store.writeIncident({
    ...{ id, region, level, scope: { region, zone: null }, openedAt: at, lastSignalAt: at },
    ...{ closedAt: at + 1, decisions: [], version: 1 },
  });
}

const undoes = (execution: string) => ({ undoes: { execution, incident: `incident-${execution}` } });

test('it is the last one that gave the region up, whatever came before', async () => {
  const shell = await moved(['first', east], ['home', west, undoes('first')], ['second', east]);
  expect(await lastMove({ from: east, to: west }, shell)).toMatchObject({
    execution: 'second',
    since: start + 2 * minute,
  });
  expect(await undoneBy({ from: west, to: east }, shell)).toMatchObject({ execution: 'second', isHome: false });
});

test('who leaves again after a way home undoes nothing', async () => {
  const shell = await moved(['first', east], ['home', west, undoes('first')]);
  expect(await undoneBy({ from: east, to: west }, shell)).toBeNull();
});

test('the first move undoes nothing, and what is no record of one counts for nothing', async () => {
  const shell = await moved(['restored', east, { mode: 'nonsense' }]);
  expect(await undoneBy({ from: west, to: east }, shell)).toBeNull();
  expect(await lastMove({ from: east, to: west }, shell)).toBeNull();
});

test('it is found behind all that has been told of the region since', async () => {
  const { store } = await moved(['first', east]);
  for (let day = 1; day <= 120; day++)
    await keepIncident(store, `later-${day}`, east, start + day * 24 * 60 * minute, 1);
  expect(await lastMove({ from: east, to: west }, { store })).toMatchObject({ execution: 'first', since: start });
});
