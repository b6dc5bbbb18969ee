// A fence that turns out to be in vain after the approval, in the twin: people are asked again by the asset's name, and nothing takes over before.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { missesOf } from '../../../simulator/drill/verdict.ts';
import { readScenario, type Scenario } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';

const read = readScenario('stuck-primary');

/** The database looks as if it could be fenced, and AWS refuses the call. */
const written: Scenario = {
  ...read,
  faults: [
    ...read.faults.filter(({ fault }) => fault.kind === 'zone-power'),
    {
      atSeconds: 0,
      fault: {
        ...{ id: 'refused', kind: 'api-failure', service: 'rds', operation: 'ModifyDBInstance', error: 'deny' },
        ...{ region: 'primary', forSeconds: 3_600 },
      } as never,
    },
  ],
  expect: { ...read.expect, requests: 2, validAnswers: '2 * required', divergedWrites: 'some' },
};

test('a fence that is refused after the approval is asked about by name, and the database is fenced when it can be', async () => {
  const { result, misses } = await runDrill({ scenario: 'stuck-primary', written, seed: 1, plan });
  expect(missesOf({ result, misses })).toEqual([]);
  const at = (time: string) => Date.parse(time);
  const fences = result.steps.filter(({ state, asset }) => state === 'Fence' && asset === 'database');
  expect(fences.map(({ outcome }) => outcome)).toEqual(['failed', 'not-possible']);
  // Nobody is asked before it was tried, and nothing takes over before the second answer.
  const answered = result.approvals.map((one) => at(one.at));
  const [, , ...again] = answered;
  expect(Math.min(...again)).toBeGreaterThan(at(fences[0]?.endedAt ?? ''));
  const taking = result.mutations.filter(({ step }) => step.startsWith('TakeOver'));
  expect(Math.min(...taking.map((one) => at(one.at)))).toBeGreaterThan(Math.max(...answered));
  expect(result.mutations.filter(({ target }) => target === 'chatops-prod').map(({ step }) => step)).toEqual([
    'FenceOnReturn/database',
    'FenceOnReturn/database',
  ]);
});
