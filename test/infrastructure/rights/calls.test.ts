// What a dry run says that would be called is what the flow calls, in the flow's order.
import { expect, test } from 'vitest';
import { regionCallWords } from '../../../infrastructure/rights/calls.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { plan } from '../../plan.ts';
import { machineOf, statesOf } from '../../statemachines/flows.ts';

const lines = regionCallWords(plan)['us-east-1']?.['failover'] ?? [];
const groups = ['Fence/', 'TakeOver/', 'RedirectUsers', 'FenceOnReturn/'];
const steps = lines.map((line) => ({ line, step: line.slice(0, line.indexOf(':')).replace(' ', '/') }));

test('a region failover in the twin makes no call that the list lacks, in the order of the list', async () => {
  const { result } = await runDrill({ scenario: 'region-outage', seed: 1, plan });
  const own = result.mutations.filter(({ step }) => step !== null && /^[A-Z]/.test(step));
  expect(own.length).toBeGreaterThan(5);
  const places = own.map(({ step, operation, target }) => {
    const at = steps.findIndex((one) => one.step === step);
    // A cluster answers for itself: a Kubernetes call is no action of IAM.
    if (operation !== 'PatchScale') expect(steps[at]?.line, `${step}: ${operation} of ${target}`).toContain(operation);
    return groups.findIndex((group) => step?.startsWith(group) === true);
  });
  expect(places).toEqual(places.toSorted());
});

test('it names the groups of calls in the order of the flow, with what they are about', () => {
  const places = steps.map(({ step }) => groups.findIndex((group) => step.startsWith(group)));
  expect(places).toEqual(places.toSorted());
  expect(new Set(places)).toEqual(new Set(groups.keys()));
  for (const line of lines) expect(line).toMatch(/^[A-Za-z]+( [a-z-]+)?: [\w:, -]+ \([^()]+\)$/);
});

test('it stands in the flow for each region and mode, and the dry run of a region tells it', async () => {
  const states = new Map(statesOf(machineOf('region-failover', plan)));
  expect(states.get('TakeLock')?.Assign?.['calling']).toEqual(regionCallWords(plan));
  expect(states.get('NotifyDryRun')?.Arguments?.Payload['calls']).toContain('$calling');
  expect(Object.values(regionCallWords(plan)).map((modes) => Object.keys(modes))).toEqual([
    ['failover', 'switchover', 'restore'],
    ['failover', 'switchover', 'restore'],
  ]);
});
