// What a dry run says that would be called is what the flow calls, in the flow's order.
import { expect, test } from 'vitest';
import { stepWords } from '../../../functions/domain/record/step.ts';
import { capital } from '../../../functions/domain/words/words.ts';
import { regionCallWords } from '../../../infrastructure/rights/calls.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { plan } from '../../plan.ts';
import { machineOf, statesOf } from '../../statemachines/flows.ts';

const lines = regionCallWords(plan)['us-east-1']?.['failover'] ?? [];
const groups = [/^Closing \(fencing\) \S+:/, /^Taking over /, /^Sending users /, /^Closing .* in the old region:/];
const groupOf = (line: string) => groups.findIndex((group) => group.test(line));

test('a region failover in the twin makes no call that the list lacks, in the order of the list', async () => {
  const { result } = await runDrill({ scenario: 'region-outage', seed: 1, plan });
  const own = result.mutations.filter(({ step }) => step !== null && /^[A-Z]/.test(step));
  expect(own.length).toBeGreaterThan(5);
  const places = own.map(({ step, operation, target }) => {
    const [state = '', asset = null] = (step ?? '').split('/');
    const line = lines.find((one) => one.startsWith(`${capital(stepWords({ state, asset }))}: `));
    // A cluster answers for itself: a Kubernetes call is no action of IAM.
    if (operation !== 'PatchScale') expect(line, `${step}: ${operation} of ${target}`).toContain(operation);
    return groupOf(line ?? '');
  });
  expect(places).toEqual(places.toSorted());
});

test('it names the groups of calls in the order of the flow, with what they are about', () => {
  const places = lines.map(groupOf);
  expect(places).toEqual(places.toSorted());
  expect(new Set(places)).toEqual(new Set(groups.keys()));
  for (const line of lines) expect(line).toMatch(/^[A-Z][a-z ()-]+: [\w:, -]+ \([^()]+\)$/);
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
