// Approvers answer or do not; manual starts run the same flow.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { plan } from '../../plan.ts';
import { shipped } from '../../shipped.ts';

const root = new URL('../../../', import.meta.url);
const input = (file: string): unknown => JSON.parse(readFileSync(new URL(`events/${file}`, root), 'utf8'));
describe('people decide about a region', () => {
  test("approvers answer when they were told to, and their time is not the flow's", async () => {
    const [soon, late] = await Promise.all(
      ['after=2m', 'after=20m'].map((approve) => runDrill({ scenario: 'region-outage', seed: 1, plan, approve })),
    );
    expect(soon?.result.clocks.approvalSeconds).toBeCloseTo(120, -1);
    expect(late?.result.clocks.approvalSeconds).toBeCloseTo(1_200, -1);
    expect(late?.result.clocks.executeSeconds).toBeLessThan(1_200);
    expect(late?.result.approvals).toMatchObject([
      { answer: 'approve', valid: true },
      { answer: 'approve', valid: true },
    ]);
  });

  test.for([
    ['one rejects', 'deny', 1],
    ['nobody answers', 'never', 0],
  ] as const)('when %s the region is held, which is no failure of the drill', async ([, approve, answers]) => {
    const { result, misses } = await runDrill({ scenario: 'region-outage', seed: 1, plan, approve });
    expect(misses).toEqual([]);
    expect(result.mutations).toEqual([]);
    expect(result.approvals).toHaveLength(answers);
    expect(result.executions).toMatchObject([{ stateMachine: 'region-failover', status: 'SUCCEEDED' }]);
    expect(result.clocks.executeSeconds).toBeNull();
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });
});

describe('a flow that a person starts by hand', () => {
  test('moves a healthy zone out when a person asks for it', async () => {
    const { result, misses } = await runDrill({
      scenario: 'calm',
      seed: 1,
      plan,
      manual: input('az-failover.manual.json'),
    });
    expect(misses).toEqual([]);
    expect(result.executions.map(({ stateMachine, status }) => `${stateMachine} ${status}`)).toEqual([
      'az-failover SUCCEEDED',
    ]);
    // The cache is a member of a global datastore, whose primary nothing moves within the region.
    expect(result.end).toMatchObject({ databaseZone: 'use1-az2', cacheZone: 'use1-az1', served: true });
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });

  test('a dry run looks at everything, changes nothing, and tells what it would do', async () => {
    const { result } = await runDrill({ scenario: 'calm', seed: 1, plan, manual: input('az-failover.dry-run.json') });
    expect(result.executions.map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(result.mutations).toEqual([]);
    const leaving = result.steps.filter(({ state }) => state === 'LeaveZone');
    expect(leaving.map(({ asset }) => asset).toSorted()).toEqual(['cache', 'cluster', 'database', 'ingress', 'search']);
    expect(new Set(leaving.map(({ outcome }) => outcome))).toEqual(new Set(['dry-run']));
    expect(result.notifications.map(({ subject }) => subject).join()).toContain('DRY RUN');
  });

  test('a degradation is told and watched to its end', async () => {
    const { result } = await runDrill({
      scenario: 'calm',
      seed: 1,
      plan,
      manual: input('service-degradation.manual.json'),
    });
    expect(result.executions.map(({ stateMachine, status }) => `${stateMachine} ${status}`)).toEqual([
      'service-degradation SUCCEEDED',
    ]);
    expect(result.mutations).toEqual([]);
  });

  test.for([
    ['a zone that the region does not have', { target: { region: 'us-east-1', zone: 'use1-az9' } }],
    ['a region that the plan does not have', { target: { region: 'eu-north-1', zone: 'eun1-az1' } }],
    ['an epoch that has passed', { expectedEpoch: 0 }],
    ['an unknown field', { force: true }],
    ['no reason', { reason: '' }],
  ] as const)('%s fails the first state, people are told, and nothing has changed', async ([, change]) => {
    const wrong = { ...(input('az-failover.manual.json') as object), ...change };
    const { result, misses } = await runDrill({ scenario: 'calm', seed: 1, plan, manual: wrong });
    expect(misses.map(({ was }) => was)).toEqual(['FAILED']);
    expect(result.steps).toMatchObject([{ state: 'TakeLock', outcome: 'failed', attempts: 1 }]);
    expect(result.mutations).toEqual([]);
    expect(new Set(result.notifications.map(({ role }) => role))).toEqual(new Set(plan.notifications.failure));
    expect(result.notifications[0]?.subject).toContain('a flow has not begun: its input does not fit');
  });

  test('a second hand on the same region is refused while the first one acts', async () => {
    const { result } = await runDrill({
      scenario: 'az-outage',
      seed: 1,
      plan,
      manual: input('az-failover.manual.json'),
    });
    const acted = result.executions.filter(
      ({ stateMachine, status }) => stateMachine === 'az-failover' && status === 'SUCCEEDED',
    );
    expect(acted).toHaveLength(1);
    expect(result.mutations.filter(({ operation }) => operation === 'RebootDBInstance')).toHaveLength(1);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });
});

describe('a switchover that gives up', () => {
  test('lets users write where they did within two minutes, and the page says so', async () => {
    const heard: string[] = [];
    const { result, misses } = await runDrill({
      scenario: 'switchover-gives-up',
      seed: 1,
      plan,
      overheard: (_, text) => heard.push(text),
    });
    expect(misses).toEqual([]);
    const ended = result.steps.find(({ state }) => state === 'CatchUp')?.endedAt ?? '';
    const unfenced = result.steps.find(({ state }) => state === 'Unfence');
    expect(Date.parse(unfenced?.endedAt ?? '') - Date.parse(ended)).toBeLessThan(120_000);
    expect(heard.join('\n')).toMatch(/Database chatops-prod in us-east-1 TAKES WRITES AGAIN, since 5 Jan 2026, /);
    expect(result.end).toMatchObject({ served: true, databaseRegion: 'us-east-1', usersRegion: 'us-east-1' });
  });

  test('waits afresh for what users wrote meanwhile, when it is resumed', async () => {
    const { result, misses } = await runDrill({ scenario: 'switchover-resumed', seed: 1, plan });
    expect(misses).toEqual([]);
    const fences = result.mutations.filter(({ operation }) => operation === 'RebootDBInstance');
    expect(fences).toHaveLength(2);
    expect(result.dataLoss).toMatchObject({ lostWrites: 0, divergedWrites: 0 });
  });
});

describe('an abort while the database of a switchover changes', () => {
  // Seconds from the first fault; the switchover begins after one minute.
  test.for([
    ['its groups are exchanged', 380, 'ModifyDBInstance', true],
    ['it restarts', 420, 'RebootDBInstance', true],
    ['its replica is promoted', 760, 'PromoteReadReplica', false],
  ] as const)('%s: the flow ends, and no two take writes', async ([, atSeconds, last, served]) => {
    // Told to abort again once what was under way has shown itself, the person does.
    const operator = [atSeconds, atSeconds + 180].map((second) => ({ atSeconds: second, do: 'abort' as const }));
    const written = { ...readScenario('manual-switchover'), operator, withinSeconds: 1_200 };
    const { result } = await runDrill({ scenario: 'manual-switchover', seed: 1, plan, written });
    // A step that meets the person's signature before the stop ends the flow by itself.
    expect(result.executions[0]?.stateMachine).toBe('region-failover');
    expect(['ABORTED', 'FAILED']).toContain(result.executions[0]?.status);
    const changes = result.mutations.filter(({ step }) => /^(Fence|TakeOver)\/database$/.test(step));
    expect(changes.at(-1)?.operation).toBe(last);
    expect(result.end.served).toBe(served);
    // The watch of the fence goes on for days: the drill ends before it.
    expect(result.invariants.filter(({ id, held }) => !held && id !== 'bounded')).toEqual([]);
  });
});

test('an approval that gets old before anything was changed is looked at again, and then the flow goes on', async () => {
  const busy = (service: string, operation: string) => ({
    atSeconds: 0,
    fault: { id: operation, kind: 'api-failure', service, operation, error: 'throttle', forSeconds: 1_050 } as const,
  });
  const { result, misses } = await runDrill({
    scenario: 'region-outage',
    seed: 1,
    plan: { ...shipped, approval: { ...shipped.approval, freshSeconds: 301 } },
    extraFaults: [busy('rds', 'PromoteReadReplica'), busy('elasticache', 'FailoverGlobalReplicationGroup')],
  });
  expect(misses.filter(({ what }) => what !== 'overhead')).toEqual([]);
  const looks = result.steps.filter(({ state }) => state === 'Reassess');
  expect(looks.length).toBeGreaterThan(1);
  expect(result.steps.filter(({ state }) => state === 'RequestApproval')).toHaveLength(1);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.end).toMatchObject({ usersRegion: 'us-west-2', databaseRegion: 'us-west-2' });
});
