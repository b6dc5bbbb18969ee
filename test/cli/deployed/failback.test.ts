// The way home from the command line: what is said when it is begun, when it is typed again, and where there is nothing to undo; and what
// `status` says until the next disaster is covered again.
import { beforeEach, expect, test } from 'vitest';
import { run } from '../invented.ts';
import { caller, deployed, onAws, onStage, primary, standby } from './aws.ts';

const aws = onAws();
let stage: string;
let store: Awaited<ReturnType<typeof deployed>>['store'];

beforeEach(async () => {
  aws.reset();
  ({ stage, store } = await deployed());
});

const minute = 60_000;
const failback = (...more: string[]) => run(['failback', ...onStage(stage), '--reason', 'it is back', ...more]);
const status = async (...more: string[]) => (await run(['status', ...onStage(stage), ...more])).out;
const flat = async () => (await status()).replaceAll(/\s+/g, ' ');

/** Two hours ago the primary region was given up. */
async function givenUp(): Promise<void> {
  const at = Date.now() - 120 * minute;
  const scope = { region: primary, zone: null };
  await store.writeIncident({
    ...{ id: 'the-incident', region: primary, level: 3, scope, openedAt: at, lastSignalAt: at + minute },
    ...{ closedAt: at + 60 * minute, decisions: [], version: 1 },
  });
  await store.moveRole(standby, 1, 'the-failover', at + 20 * minute);
  const outcome = { from: primary, to: standby, mode: 'failover' };
  await store.recordStep({ incident: 'the-incident', execution: 'the-failover', step: 'record-failover', at, outcome });
}

test('where no role has moved there is nothing to undo, and that is one line', async () => {
  const { status: exit, out, err } = await failback();
  expect({ exit, out }).toEqual({ exit: 2, out: '' });
  expect(err).toContain('us-east-1 has been the primary region from the first: nothing is undone');
  expect(err.trim().split('\n')).toHaveLength(1);
});

test('it names the failover that it undoes, says what will be done and what will not, and what is next', async () => {
  await givenUp();
  const { status: exit, out, err } = await failback();
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  const said = out.replaceAll(/\s+/g, ' ');
  expect(said).toContain('The way home to us-east-1, which the-failover gave up (incident the-incident,');
  expect(said).toContain('database: begun.');
  expect(said).toContain(
    '1. chatops-prod stays in us-east-1, closed to all clients. Breakwater takes a snapshot first and deletes nothing.',
  );
  expect(said).toContain('people approve: docs/runbook.md#the-way-home');
  expect(await store.readRejoin('database', primary)).toMatchObject({
    ...{ by: caller, reason: 'it is back', epoch: 2, old: 'chatops-prod' },
    undoes: { execution: 'the-failover', incident: 'the-incident' },
  });
});

test('typed again it says how far it is, and begins nothing', async () => {
  await givenUp();
  await failback();
  const begun = await store.readRejoin('database', primary);
  const { out } = await failback();
  expect(out.replaceAll(/\s+/g, ' ')).toContain('chatops-prod is being set aside. Nothing is begun twice.');
  expect(await store.readRejoin('database', primary)).toEqual(begun);
  const { databases } = JSON.parse((await failback('--json')).out);
  expect(databases).toMatchObject([{ asset: 'database', begun: false, begunAt: expect.stringMatching(/^20.*Z$/) }]);
});

test('status says since when the next disaster is not covered, and what to type', async () => {
  await givenUp();
  expect(await flat()).toContain(
    'NOT PROTECTED for 2 h: users left us-east-1 by the-failover, and us-east-1 cannot take over now',
  );
  expect(await status()).toContain(`npm run failback -- ${onStage(stage).join(' ')} --reason "..."\n`);
  await failback();
  expect(await flat()).toContain('database comes back as a replica, begun');
  expect(await status()).not.toContain('npm run failback');
});

test('status says when it was covered again, and after how long', async () => {
  await givenUp();
  const coveredAt = Date.now() - 30 * minute;
  await store.keepReadiness({ region: primary, at: Date.now(), checks: [], coveredAt });
  expect(await flat()).toMatch(
    /Protected again since 20\S+ \S+Z, after 1 h 30 min: users left us-east-1 by the-failover/,
  );
  expect(JSON.parse(await status('--json')).protection).toMatchObject({
    ...{ standby: primary, undoes: 'the-failover', coveredAt: new Date(coveredAt).toISOString(), rejoins: [] },
  });
});

test('where no role has moved status says nothing of it', async () => {
  expect(await status()).not.toMatch(/PROTECTED|Protected/);
  expect(JSON.parse(await status('--json')).protection).toBeNull();
});
