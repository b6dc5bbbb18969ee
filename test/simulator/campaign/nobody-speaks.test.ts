// What SNS takes from nobody in either region, nobody of Breakwater's can say: found by the campaign (seed 3521).
import { expect, test } from 'vitest';
import { scenarioOf } from '../../../simulator/campaign/items.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { shipped as plan } from '../../shipped.ts';

/** A start by hand that is refused at once, while Publish fails in a region, or in all. */
async function brokenWhereSnsFails(region: string | undefined): Promise<string[]> {
  const sns = { kind: 'api-failure', service: 'sns', operation: 'Publish', error: 'timeout', region } as const;
  const start = { reason: 'as asked', requestedBy: 'operator', target: { region: plan.roles.primary } } as const;
  const items = [
    { kind: 'fault', of: { atSeconds: 0, fault: { id: 'sns', ...sns, forSeconds: 1_113 } } },
    { kind: 'by-hand', atSeconds: 300, of: { ...start, expectedEpoch: 7 } },
  ] as const;
  const { result } = await runDrill({ scenario: 'sns fails', written: scenarioOf(items), seed: 1, plan });
  expect(result.executions.map(({ status }) => status)).toEqual(['FAILED']);
  return result.invariants.flatMap(({ id, held }) => (held ? [] : id));
}

test('a failure that no function can tell breaks nothing; where one region can, it does', {
  timeout: 60_000,
}, async () => {
  expect(await brokenWhereSnsFails(undefined)).toEqual([]);
  expect(await brokenWhereSnsFails(plan.roles.standby)).toEqual([]);
  expect(await brokenWhereSnsFails(plan.roles.primary)).toEqual(['bounded']);
});
