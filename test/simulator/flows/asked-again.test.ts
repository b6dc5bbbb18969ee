// A planned switchover that asks people again has opened what it fenced: users write where they did while people think.
import { afterEach, expect, test, vi } from 'vitest';
import { handler as assess } from '../../../functions/assess.ts';
import { ApprovalStale, CannotProceed } from '../../../functions/domain/errors.ts';
import { handler as takeOver } from '../../../functions/kinds/rds-instance/take-over.ts';
import { handler as unfence } from '../../../functions/kinds/rds-instance/unfence.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { withConsumers, withSecondDatabase } from '../../assets.ts';
import { plan } from '../../plan.ts';

const { primary, standby } = plan.roles;
const changed = 'the plan has changed since the approval';

const lagOfOrders = { match: '^chatops-orders-replica-lag$', kind: 'replica' } as const;
const signals = { ...plan.signals, alarms: [lagOfOrders, ...plan.signals.alarms] };
const twoDatabases = { ...withSecondDatabase(plan), signals };

/** Which database is stale, how many looks find another question then, and how often a person resumes the flow. */
type How = { readonly stale?: 'database' | 'orders'; readonly others?: number; readonly resumes?: number };

/**
 * A switchover that is stale at its promotion, as one is that somebody stopped there and redrove, and whose question another deployment
 * has changed meanwhile: `asked` says of each request whether the database takes writes, and its consumers work, from when it was asked on.
 */
async function askedAgain({ stale = 'database', others = 1, resumes = 0 }: How = {}) {
  const real = { takeOver: takeOver.on, assess: assess.on };
  let wasStale = false;
  let left = 0;
  vi.spyOn(takeOver, 'on').mockImplementation((shell) => async (event) => {
    if (wasStale || (event as { readonly asset: string }).asset !== stale) return real.takeOver(shell)(event);
    wasStale = true;
    left = others;
    throw new ApprovalStale('what was approved is stale: the flow has stopped since it was looked at');
  });
  vi.spyOn(assess, 'on').mockImplementation((shell) => async (event) => {
    const found = await real.assess(shell)(event);
    left -= 1;
    return left < 0 ? found : { ...found, changed };
  });
  const asked: { writes: boolean; consumes: boolean; text: string }[] = [];
  const paged: string[] = [];
  let works = { writes: true, consumes: true };
  const { result } = await runDrill({
    scenario: 'manual-switchover',
    seed: 1,
    plan: withConsumers(stale === 'orders' ? twoDatabases : plan),
    resumes,
    looked: (estate) => {
      const { writable, consuming } = estate.glance();
      works = {
        writes: writable['database']?.includes(primary) === true,
        consumes: consuming['workers']?.includes(primary) === true,
      };
    },
    overheard: (where, text) => {
      if (where === 'message' && text.includes('for dba only')) asked.push({ ...works, text });
      if (where === 'message' && text.includes('you are needed: PAUSED')) paged.push(text);
    },
  });
  const flow = result.executions.find(({ stateMachine }) => stateMachine === 'region-failover');
  const calls = result.mutations.filter(
    ({ operation }) => operation === 'ModifyDBInstance' || /Promote/.test(operation),
  );
  return {
    asked,
    paged,
    status: flow?.status,
    usersRegion: result.end.usersRegion,
    databaseRegion: result.end.databaseRegion,
    calls: calls.map(({ step, operation }) => `${step} ${operation}`),
    broken: result.invariants.filter(({ held }) => !held),
    lost: result.dataLoss.lostWrites,
  };
}

afterEach(() => {
  vi.restoreAllMocks();
});

const fence = 'Fence/database ModifyDBInstance';
const open = 'Unfence/database ModifyDBInstance';

test('users write where they did while people think; approved, all is fenced afresh, and nothing is lost', async () => {
  const { asked, ...run } = await askedAgain();
  expect(asked.map(({ writes, consumes }) => ({ writes, consumes }))).toEqual([
    { writes: true, consumes: true },
    { writes: true, consumes: true },
  ]);
  expect(asked[1]?.text).toContain(`You are asked again. The earlier approval no longer holds: ${changed}.`);
  expect(asked[1]?.text).toMatch(/waits for this answer. Database chatops-prod in us-east-1 TAKES WRITES AGAIN, since/);
  expect(run).toEqual({
    paged: [],
    status: 'SUCCEEDED',
    usersRegion: standby,
    databaseRegion: standby,
    calls: [fence, open, fence, 'TakeOver/database PromoteReadReplica'],
    broken: [],
    lost: 0,
  });
});

test('people are asked three times at most: then it is a pause, with all of it open, and no question without end', async () => {
  const { asked, paged, ...run } = await askedAgain({ others: 9 });
  expect(asked.map(({ writes, consumes }) => ({ writes, consumes }))).toEqual(
    Array(2).fill({ writes: true, consumes: true }),
  );
  expect(paged[0]).toMatch(/TAKES WRITES AGAIN/);
  expect(run).toMatchObject({
    status: 'FAILED',
    usersRegion: primary,
    databaseRegion: primary,
    calls: [fence, open],
    lost: 0,
  });
}, 120_000);

test('what cannot be opened is told before anything is asked; once a person has opened it and resumes the flow, people are asked', async () => {
  const real = unfence.on;
  let refused = 0;
  vi.spyOn(unfence, 'on').mockImplementation((shell) => async (event) => {
    refused += 1;
    if (refused === 1) throw new CannotProceed('database chatops-prod stays fenced: somebody has to look');
    return real(shell)(event);
  });
  const { asked, paged, ...run } = await askedAgain({ others: 2, resumes: 1 });
  expect(paged[0]).toMatch(/database in the old region is STILL FENCED: users cannot write until it is opened/);
  expect(paged[0]).toMatch(/Opening database again failed: database chatops-prod stays fenced/);
  expect(asked.map(({ writes }) => writes)).toEqual([true, true]);
  expect(run).toMatchObject({ status: 'SUCCEEDED', usersRegion: standby, broken: [], lost: 0 });
  expect(run.calls).toEqual([fence, open, fence, 'TakeOver/database PromoteReadReplica']);
});

test('once a database was promoted none is opened: it is another question, and both go on together', async () => {
  const { asked, ...run } = await askedAgain({ stale: 'orders' });
  expect(asked.map(({ writes, consumes }) => ({ writes, consumes }))).toEqual([
    { writes: true, consumes: true },
    { writes: false, consumes: false },
  ]);
  expect(asked[1]?.text).not.toContain('TAKES WRITES AGAIN');
  expect(run).toMatchObject({ status: 'SUCCEEDED', usersRegion: standby, broken: [], lost: 0 });
  expect(run.calls.toSorted()).toEqual([
    'Fence/database ModifyDBInstance',
    'Fence/orders ModifyDBInstance',
    'TakeOver/database PromoteReadReplica',
    'TakeOver/orders PromoteReadReplica',
  ]);
});
