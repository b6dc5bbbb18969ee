// What a drill breaks by AWS FIS, on a bad day: answers are lost, the event of its end is lost, FIS says no. It is broken once, and ends.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { missesOf } from '../../../simulator/drill/verdict.ts';
import type { Scenario } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';

type Fault = Scenario['faults'][number]['fault'];

async function drilled(scenario: string, fault: Fault) {
  const { result, misses } = await runDrill({ scenario, seed: 1, plan, extraFaults: [{ atSeconds: 0, fault }] });
  const made = result.mutations.filter(({ service }) => service === 'fis').map(({ operation }) => operation);
  return { misses: missesOf({ result, misses }), made };
}

test('the answer of a start is lost: it is asked for again by its token, and one experiment is started', async () => {
  const lost = { id: 'lost', kind: 'api-failure', service: 'fis', operation: 'StartExperiment', times: 1 } as const;
  expect(await drilled('drill-node', { ...lost, error: 'timeout-after-acting' })).toEqual({
    misses: [],
    made: ['StartExperiment'],
  });
}, 120_000);

test('the function that breaks is killed after it has: the next try finds the record, and breaks nothing more', async () => {
  const killed = { id: 'killed', kind: 'function-crash', function: 'inject-fault', when: 'after', times: 1 } as const;
  expect(await drilled('drill-node', killed)).toEqual({ misses: [], made: ['StartExperiment'] });
}, 120_000);

test('the event that a drill is gone is lost: the sweep ends what it broke', async () => {
  const lost = {
    id: 'lost',
    kind: 'message-fault',
    what: 'event',
    effect: 'lost',
    text: 'breakwater-sim-drill',
  } as const;
  const { made, misses } = await drilled('drill-gone', lost);
  expect(made).toEqual(['StartExperiment', 'StopExperiment']);
  expect(misses).toEqual([]);
}, 120_000);
