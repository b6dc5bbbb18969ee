// Calls that fail in the middle of a flow, and functions that are killed after they have acted: each change happens once.
import { describe, expect, test } from 'vitest';
import { stepName } from '../../../functions/domain/record/step.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import type { Fault } from '../../../simulator/estate/types.ts';
import type { TaskCall } from '../../../simulator/stepfunctions/options.ts';
import { assetOf } from '../../../simulator/stepfunctions/states/asset.ts';
import { plan } from '../../plan.ts';

describe('calls that fail in the middle', () => {
  type Failure = 'throttle' | 'timeout' | 'timeout-after-acting' | 'internal';
  type Failing = readonly [service: string, operation: string, error: Failure, times: number];
  const failing = ([service, operation, error, times]: Failing) => ({
    atSeconds: 0,
    fault: { id: `${service} ${operation}`, kind: 'api-failure', service, operation, error, times } as const,
  });
  // Each fails in the step of its own asset, and these run beside one another: one drill shows several.
  test.for<[string, readonly Failing[]]>([
    [
      'act and do not answer',
      [
        ['rds', 'RebootDBInstance', 'timeout-after-acting', 1],
        ['elasticache', 'ModifyReplicationGroup', 'timeout-after-acting', 3],
        ['arc-zonal-shift', 'StartZonalShift', 'timeout-after-acting', 2],
        ['sns', 'Publish', 'timeout-after-acting', 2],
      ],
    ],
    [
      'are throttled',
      [
        ['rds', 'RebootDBInstance', 'throttle', 3],
        ['elasticache', 'ModifyReplicationGroup', 'throttle', 5],
      ],
    ],
    [
      'are asked how it is and do not say',
      [
        ['rds', 'DescribeDBInstances', 'timeout', 4],
        ['elasticache', 'DescribeReplicationGroups', 'internal', 5],
      ],
    ],
  ])('services %s, and each change still happens once', async ([, failures]) => {
    const { result, misses } = await runDrill({
      scenario: 'cache-moves',
      seed: 1,
      plan,
      extraFaults: failures.map(failing),
    });
    // An API that fails takes its time; the limit on what the flow adds is for the days when only the zone does.
    expect(misses.filter(({ what }) => what !== 'overhead')).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    expect(result.mutations.filter((mutation) => mutation.operation === 'RebootDBInstance')).toHaveLength(1);
    expect(result.mutations.filter((mutation) => mutation.operation === 'ModifyReplicationGroup')).toHaveLength(3);
    expect(result.mutations.filter((mutation) => mutation.operation === 'StartZonalShift')).toHaveLength(2);
  });
});

describe('functions that are killed after they have acted', () => {
  const ofZone = [
    'TakeLock',
    'LeaveZone/database',
    'LeaveZone/cache',
    'LeaveZone/cluster',
    'LeaveZone/ingress',
    'TidyUp/cache',
    'VerifyService',
    'RecordRecovery',
    'WatchZone',
    'ReleaseLock',
  ];
  const ofRegion = [
    'TakeLock',
    'Assess',
    'RequestApproval',
    'Reassess',
    'WatchFence',
    'TakeOver/database',
    'TakeOver/cache',
    'TakeOver/cluster',
    'TakeOver/settings',
    'Verify/database',
    'VerifyRegion',
    'RedirectUsers',
    'VerifyOutside',
    'MoveRole',
    'RecordFailover',
    'FenceOnReturn/database',
    'FenceOldRegion',
    'ReleaseLock',
  ];

  test.for([
    ['cache-moves', 'each step of a zone flow', ofZone, 3],
    ['region-outage', 'each step of a region flow', ofRegion, 2],
    ['manual-switchover', 'the fence of a switchover, and the wait for it', ['Fence/database', 'CatchUp/database'], 2],
    ['cache-member-refuses', 'the pause, which no lost answer passes', ['Pause'], 3],
  ] as const)('in %s: %s is run again, and has no second effect', async ([scenario, , steps, times]) => {
    const kills = new Map<string, number>();
    const losesAnswer = (call: TaskCall) => {
      const step = stepName({ state: call.state, asset: assetOf(call.arguments) });
      const killed = kills.get(step) ?? 0;
      if (!steps.some((one) => one === step) || killed >= times) return false;
      kills.set(step, killed + 1);
      return true;
    };
    const whole = await runDrill({ scenario, seed: 1, plan });
    const { result, misses } = await runDrill({ scenario, seed: 1, plan, losesAnswer });
    expect(Object.fromEntries(kills)).toEqual(Object.fromEntries(steps.map((step) => [step, times])));
    // Who asks again has a new token: the request that nobody waits for is void, and another takes its place.
    expect(misses.filter(({ what }) => !['overhead', 'requests'].includes(what))).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    const changes = (run: typeof result) =>
      run.mutations
        .filter(({ operation }) => operation !== 'UpdateZonalShift')
        // Backups are kept by the clock, under the time of what they hold.
        .filter(({ step }) => step !== 'keep-backups')
        .map(({ operation, target }) => `${operation} ${target}`)
        .sort();
    expect(changes(result)).toEqual(changes(whole.result));
  });
});

describe('functions whose runtime exits', () => {
  const exits = (name: string, when: 'before' | 'after'): Fault => {
    return { id: 'lambda', kind: 'function-crash', function: name, when, times: 2 };
  };
  test.for([
    [
      'a verb exits after it has acted',
      'az-outage',
      'LeaveZone/ingress',
      exits('load-balancer-leave-zone', 'after'),
      /Runtime exited$/,
    ],
    [
      'what asks people exits',
      'region-outage',
      'RequestApproval',
      exits('request-approval', 'before'),
      /Runtime exited$/,
    ],
  ] as const)('%s: in %s %s is called again', async ([, scenario, name, fault, says]) => {
    const retried: string[] = [];
    const { result } = await runDrill({
      scenario,
      seed: 1,
      plan,
      extraFaults: [{ atSeconds: 0, fault: { ...fault, forSeconds: 1080 } }], // a minute or two after the first call
      onProgress: (heard) => {
        if (heard.kind === 'step' && heard.state === name && heard.phase === 'retrying')
          retried.push(heard.detail ?? '');
      },
    });
    expect(retried.length).toBeGreaterThan(0);
    expect(retried.filter((line) => !says.test(line))).toEqual([]);
    expect(new Set(result.executions.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
  });
});
