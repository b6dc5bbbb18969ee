// What consumes in a region is switched off with its database, and on in the region that takes over: shown by what happens, and by what
// the invariants say where it is left out.
import { afterEach, expect, test, vi } from 'vitest';
import { handler as fence } from '../../../functions/kinds/consumers/fence.ts';
import { handler as fenceLate } from '../../../functions/kinds/consumers/fence-late.ts';
import { handler as takeOver } from '../../../functions/kinds/consumers/take-over.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import type { DrillResult } from '../../../simulator/drill/result.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { withClusterConsumers, withConsumers } from '../../assets.ts';
import { plan } from '../../plan.ts';

const { primary, standby } = plan.roles;
const returns = { scenario: 'consumers', seed: 1, plan };
const switchover = { scenario: 'manual-switchover', seed: 1, plan: withConsumers(plan) };

const broken = ({ invariants }: DrillResult) => invariants.filter(({ held }) => !held);
const switches = ['UpdateEventSourceMapping', 'UpdateSchedule', 'DisableRule', 'EnableRule', 'UpdateService'];
const switchedIn = ({ mutations }: DrillResult, region: string) =>
  mutations.filter((one) => one.region === region && switches.includes(one.operation));
const at = (time: string | undefined) => Date.parse(time ?? '');
const done = (outcome: object) => () => Promise.resolve(outcome) as never;

afterEach(() => {
  vi.restoreAllMocks();
});

test('those of a region that comes back are off before long, those of the standby are on before users come', async () => {
  const { result, misses } = await runDrill(returns);
  expect(misses).toEqual([]);
  expect(broken(result)).toEqual([]);
  expect(switchedIn(result, standby).map(({ operation }) => operation)).toEqual([
    'UpdateEventSourceMapping',
    'UpdateSchedule',
    'EnableRule',
    'UpdateService',
  ]);
  const off = switchedIn(result, primary);
  expect(off.map(({ operation, step }) => `${operation} ${step}`)).toEqual([
    'UpdateEventSourceMapping FenceOnReturn/consumers-of-the-drill',
    'UpdateSchedule FenceOnReturn/consumers-of-the-drill',
    'DisableRule FenceOnReturn/consumers-of-the-drill',
    'UpdateService FenceOnReturn/consumers-of-the-drill',
  ]);
  const promoted = result.mutations.find(({ operation }) => operation === 'PromoteReadReplica');
  const on = switchedIn(result, standby);
  const redirected = result.mutations.find(({ service }) => service === 's3');
  expect(at(on[0]?.at)).toBeGreaterThan(at(promoted?.at));
  expect(at(on.at(-1)?.at)).toBeLessThan(at(redirected?.at));
  // The region was back at 40 minutes.
  const backAt = at(result.incident?.openedAt) + 2_400_000;
  expect(at(off.at(-1)?.at) - backAt).toBeLessThan(120_000);
});

test('those in a cluster are off in the region that is left by plan, and on where its users go', async () => {
  const { result, misses } = await runDrill({ ...switchover, plan: withClusterConsumers(plan) });
  expect(misses).toEqual([]);
  expect(broken(result)).toEqual([]);
  const inCluster = result.mutations.filter(({ service }) => service === 'kubernetes');
  expect(inCluster.map(({ step, operation, target }) => `${step} ${operation} ${target}`)).toEqual([
    'Fence/jobs PatchCronJob chatops-prod/chatops/digest',
    'Fence/jobs PatchScale chatops-prod/chatops/mailer',
    'TakeOver/jobs PatchCronJob chatops-dr/chatops/digest',
    'TakeOver/jobs PatchScale chatops-dr/chatops/mailer',
  ]);
});

test('left on in the region that comes back, two regions consume, and nobody is told: watched says so', async () => {
  const nothing = vi.spyOn(fenceLate, 'on').mockReturnValue(done({ fenced: true, fencedAt: 0 }));
  const written = { ...readScenario('consumers'), withinSeconds: 4_200 };
  const { result, misses } = await runDrill({ ...returns, written });
  expect(nothing).toHaveBeenCalled();
  expect(misses.map(({ what }) => what)).toContain('consumers-of-the-drill');
  expect(broken(result).find(({ id }) => id === 'watched')?.detail).toMatch(
    /consumers-of-the-drill for 15 minutes, and nobody was told/,
  );
});

test('a switchover switches them off with the database, and on in the other region', async () => {
  const { result, misses } = await runDrill(switchover);
  expect(misses).toEqual([]);
  expect(broken(result)).toEqual([]);
  expect(switchedIn(result, primary).map(({ step }) => step)).toEqual(Array(4).fill('Fence/workers'));
  expect(result.end.assets).toContainEqual(expect.objectContaining({ name: 'workers', region: standby, serves: true }));
});

test('a switchover that leaves them on where they were is two regions that consume: one-writer says so', async () => {
  const nothing = vi.spyOn(fence, 'on').mockReturnValue(done({ fenced: true, unfenced: [], fencedAt: 0 }));
  const { result } = await runDrill(switchover);
  expect(nothing).toHaveBeenCalled();
  expect(broken(result).map(({ id }) => id)).toContain('one-writer');
  expect(broken(result).find(({ id }) => id === 'one-writer')?.detail).toContain(
    `${primary} and ${standby} let workers consume at the same time`,
  );
});

test('where nobody switches them on in the region that takes over, the drill misses them', async () => {
  vi.spyOn(takeOver, 'on').mockReturnValue(done({ consumers: {} }));
  const { misses } = await runDrill(returns);
  expect(misses.map(({ what }) => what)).toContain('consumers-of-the-drill');
});

test('a switchover that gives up has them on again, those alone that were on before', async () => {
  const { result } = await runDrill({ ...switchover, scenario: 'switchover-gives-up' });
  expect(broken(result)).toEqual([]);
  const steps = switchedIn(result, primary).map(({ step }) => step);
  expect(steps.slice(0, 4)).toEqual(Array(4).fill('Fence/workers'));
  expect(steps.slice(4)).toEqual(Array(4).fill('Unfence/workers'));
  expect(result.end.assets).toContainEqual(expect.objectContaining({ name: 'workers', region: primary, serves: true }));
});
