// A plan as `init` writes it has few alarms. Once its owner lets it act, it may see too little to recover, and does no harm: every
// invariant holds in every scenario, and no user is moved out of a zone that serves.
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../../check/plan.ts';
import { newPlan } from '../../../cli/files/new-plan.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import type { DrillRun } from '../../../simulator/drill/result.ts';
import { judgeSeed } from '../../../simulator/histories/judging.ts';
import { NotPlayable } from '../../../simulator/playing/playing.ts';
import { scenarioNames } from '../../../simulator/playing/scenario.ts';

const plan: Plan = parsePlan(
  parse(
    newPlan(
      {
        ...{ application: 'shop', primary: 'us-east-1', standby: 'us-west-2', witness: 'us-east-2' },
        ...{ observers: ['eu-west-1', 'eu-west-2'], domain: 'shop.example.com', hostedZone: 'Z0123456789ABC' },
        ...{ database: ['orders', 'orders-replica'], engine: 'mysql' },
        balancer: ['app/web/0123456789abcdef', 'app/web/fedcba9876543210'],
      },
      'plan.schema.json',
    ).replaceAll('mode: observe', 'mode: act'),
  ),
);

test('acts on every level', () => {
  expect(Object.values(plan.levels).map(({ mode }) => mode)).toEqual(['act', 'act', 'act']);
});

test.for(scenarioNames())('%s: every invariant holds', { timeout: 240_000 }, async (scenario, { skip }) => {
  let run: DrillRun;
  try {
    run = await runDrill({ scenario, seed: 1, plan });
  } catch (error) {
    if (error instanceof NotPlayable) return skip(error.message);
    throw error;
  }
  expect(run.result.invariants.filter(({ held }) => !held)).toEqual([]);
});

describe.for(['two-zones', 'stuck-primary'])('%s', (scenario) => {
  let run: DrillRun;
  beforeAll(async () => {
    run = await runDrill({ scenario, seed: 1, plan });
  }, 240_000);

  test('is not taken for the loss of the third zone: nothing is moved, and people are told that users fail', () => {
    const { incident, mutations, notifications } = run.result;
    expect({ level: incident?.level, mutations }).toEqual({ level: 'unknown', mutations: [] });
    const subject = '[Breakwater] users FAIL: evidence incomplete in use1-az3: look yourself, nothing is being done';
    const told = notifications.filter((one) => one.subject === subject).map(({ role }) => role);
    expect(told.toSorted()).toEqual(['on-call', 'operations']);
  });
});

// 85: two zones without power, and the standby is no better.
test.for([1, 2, 3, 4, 5, 6, 7, 8, 85])('history %i: nothing wrong is decided', { timeout: 240_000 }, async (seed) => {
  expect(await judgeSeed(seed, plan)).toMatchObject({ wrong: [] });
});
