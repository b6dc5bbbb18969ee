// Nights on which people cannot be told, in the twin: one topic is denied, or all of them, while an approver rejects. The flow gives
// its lock back, people hear as soon as they can, and another flow acts.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { missesOf } from '../../../simulator/drill/verdict.ts';
import { readScenario } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';

const scenario = 'rejected-and-asked-again';
const written = readScenario(scenario);
const denied = { kind: 'api-failure', service: 'sns', operation: 'Publish', error: 'deny', region: 'standby' } as const;

test('one approver’s topic is denied and another rejects: it is held, and people ask again', async () => {
  const { result, misses } = await runDrill({
    ...{ scenario, seed: 1, plan },
    extraFaults: [{ atSeconds: 0, fault: { id: 'topic', ...denied, target: 'the topic of approver 2' } }],
  });
  expect(missesOf({ result, misses })).toEqual([]);
  const untold = result.notifications.filter(({ subject }) => /NOT TOLD: infra-lead: HELD/.test(subject));
  expect(new Set(untold.map(({ role }) => role))).toEqual(new Set(['on-call', 'app-lead']));
}, 240_000);

test('nobody can be told of a rejection: the flow fails without its lock, people hear late, and ask again', async () => {
  const { result, misses } = await runDrill({
    ...{ scenario, seed: 1, plan },
    written: {
      ...written,
      faults: [...written.faults, { atSeconds: 420, fault: { id: 'topics', ...denied, forSeconds: 240 } }],
      expect: {
        ...written.expect,
        executions: ['region-failover FAILED', 'region-failover SUCCEEDED'],
        failedSteps: ['PageHeld'],
        told: ['LATE, written at 09:12 UTC: users FAIL: HELD', 'STILL LOST'],
      },
    },
  });
  expect(missesOf({ result, misses })).toEqual([]);
}, 240_000);
