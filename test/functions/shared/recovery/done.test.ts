// Tests of what earlier flows of a region have left: read by whoever hears that users fail, and no flow works on it.
import { expect, test } from 'vitest';
import { leftBehindIn } from '../../../../functions/shared/recovery/done.ts';
import { openIncident, setting, start } from '../../setting.ts';

const region = 'us-east-1';
const day = 86_400_000;
const fence = { step: 'fence/database', region, target: 'chatops-prod', call: 'rds:ModifyDBInstance' };
const fenced = 'chatops-prod in us-east-1 was fenced, or is about to be fenced: chatops-prod takes no writes';
const shift = { step: 'leave-zone/ingress', region, target: 'ingress', call: 'arc-zonal-shift:StartZonalShift' };

/** A region in which a person's flow has made a call and was ended, and its incident with it. */
async function after(call: typeof fence) {
  const shell = setting({ region: 'us-west-2' });
  const ended = {
    ...openIncident,
    id: 'manual-by-hand',
    level: 3,
    scope: { region, zone: null },
    decisions: [],
  } as const;
  await shell.store.writeIncident({ ...ended, version: 1 });
  await shell.store.writeIncident({ ...ended, closedAt: start, version: 2 });
  await shell.store.audit({ ...call, incident: ended.id, execution: 'by-hand', at: start, actor: 'ana', drill: false });
  shell.at = start + 60_000;
  return shell;
}

test('what a flow of a region has left is named, also where its incident has ended with it', async () => {
  expect(await leftBehindIn(region, await after(fence))).toEqual([fenced]);
  expect(await leftBehindIn('us-west-2', await after(fence))).toEqual([]);
});

test('what a flow of a zone has left ends by itself, and is not', async () => {
  expect(await leftBehindIn(region, await after(shift))).toEqual([]);
});

test.for(['unfence/database', 'abort'])('what %s has opened again is not', async (step) => {
  const shell = await after(fence);
  await shell.store.audit({
    ...{ ...fence, step, incident: 'manual-by-hand', execution: 'by-hand' },
    ...{ at: start + 1, actor: 'ana', drill: false },
  });
  expect(await leftBehindIn(region, shell)).toEqual([]);
});

test('what a flow has left that reached its end is not: the old database of a restore stays closed', async () => {
  const shell = await after(fence);
  const end = { step: 'record-failover', at: start + 1, outcome: {} };
  await shell.store.recordStep({ incident: 'manual-by-hand', execution: 'by-hand', ...end });
  expect(await leftBehindIn(region, shell)).toEqual([]);
});

test('what is older than a week is not, nor than the last move of the roles', async () => {
  const old = await after(fence);
  old.at = start + 7 * day;
  expect(await leftBehindIn(region, old)).toEqual([fenced]);
  old.at += 1;
  expect(await leftBehindIn(region, old)).toEqual([]);
  const moved = await after(fence);
  await moved.store.moveRole('us-west-2', 1, 'away', start + 1);
  expect(await leftBehindIn(region, moved)).toEqual([]);
  await moved.store.moveRole(region, 2, 'home', start + 2);
  expect(await leftBehindIn(region, moved)).toEqual([]);
});
