// A region is lost whose application is an ECS service: it serves from the standby once enough tasks run there.
import { expect, test, vi } from 'vitest';
import { handler } from '../../../functions/kinds/ecs-service/take-over.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { withService } from '../../assets.ts';
import { plan } from '../../plan.ts';

const outage = { scenario: 'region-outage', seed: 1, plan: withService(plan) };

test('the service of the standby runs as many tasks as it needs before users are sent there', async () => {
  const { result, misses } = await runDrill(outage);
  expect(misses).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  expect(result.end).toMatchObject({ served: true, usersRegion: plan.roles.standby });
  const raised = result.mutations.filter(({ operation }) => operation === 'UpdateService');
  expect(raised).toMatchObject([
    { service: 'ecs', region: plan.roles.standby, target: 'web', step: 'TakeOver/web' },
    // Once the region that was given up answers again, nothing of the application runs there.
    { service: 'ecs', region: plan.roles.primary, target: 'web', step: 'FenceOnReturn/web' },
  ]);
});

test('with a verb that does nothing nobody is served, and the drill says so', async () => {
  const nothing = vi.spyOn(handler, 'on').mockReturnValue(() => Promise.resolve({}) as never);
  try {
    const { result, misses } = await runDrill(outage);
    expect(nothing).toHaveBeenCalled();
    expect(misses.map(({ what }) => what)).toContain('served');
    expect(result.end.served).toBe(false);
    expect(result.mutations.filter(({ operation }) => operation === 'UpdateService')).toEqual([]);
  } finally {
    nothing.mockRestore();
  }
});
