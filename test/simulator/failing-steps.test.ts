// Calls that fail in the middle of a flow, and functions that are killed after they have acted: each change happens once.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parsePlan } from '../../functions/domain/plan.ts';
import { runDrill } from '../../simulator/drill.ts';

const root = new URL('../../', import.meta.url);
const plan = parsePlan(parse(readFileSync(new URL('plan.yml', root), 'utf8')));

describe('calls that fail in the middle', () => {
  type Failure = 'throttle' | 'timeout' | 'timeout-after-acting' | 'internal';
  const failing = (service: string, operation: string, error: Failure, times: number) => ({
    atSeconds: 0,
    fault: { id: 'api', kind: 'api-failure', service, operation, error, times } as const,
  });
  test.for([
    ['rds', 'RebootDBInstance', 'timeout-after-acting', 1],
    ['rds', 'RebootDBInstance', 'throttle', 3],
    ['rds', 'DescribeDBInstances', 'timeout', 4],
    ['elasticache', 'ModifyReplicationGroup', 'timeout-after-acting', 3],
    ['elasticache', 'ModifyReplicationGroup', 'throttle', 5],
    ['elasticache', 'DescribeReplicationGroups', 'internal', 5],
    ['arc-zonal-shift', 'StartZonalShift', 'timeout-after-acting', 2],
    ['sns', 'Publish', 'timeout-after-acting', 2],
  ] as const)('%s %s: %s, %i times, and each change still happens once', async ([service, operation, error, times]) => {
    const { result, misses } = await runDrill({
      scenario: 'cache-moves',
      seed: 1,
      plan,
      extraFaults: [failing(service, operation, error, times)],
    });
    // An API that fails takes its time; the limit on what the flow adds is for the days when only the zone does.
    expect(misses.filter(({ what }) => what !== 'added to what AWS takes')).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    expect(result.mutations.filter((mutation) => mutation.operation === 'RebootDBInstance')).toHaveLength(1);
    expect(result.mutations.filter((mutation) => mutation.operation === 'ModifyReplicationGroup')).toHaveLength(3);
    expect(result.mutations.filter((mutation) => mutation.operation === 'StartZonalShift')).toHaveLength(2);
  });
});

const drills = new Map<string, ReturnType<typeof runDrill>>();

/** The drill of a scenario in which nothing is killed, run once. */
function undisturbed(scenario: string): ReturnType<typeof runDrill> {
  const drill = drills.get(scenario) ?? runDrill({ scenario, seed: 1, plan });
  drills.set(scenario, drill);
  return drill;
}

describe('functions that are killed after they have acted', () => {
  const states = [
    'TakeLock',
    'MoveDatabase',
    'MoveCache',
    'ShiftTraffic',
    'VerifyService',
    'RecordRecovery',
    'WatchZone',
    'ReleaseLock',
  ];

  test.for(states)('%s is run again and reaches the same state without a second effect', async (state) => {
    const whole = await undisturbed('cache-moves');
    const killed = new Set<number>();
    const losesAnswer = (call: { state: string; attempt: number }) => {
      if (call.state !== state || killed.size >= 3) return false;
      killed.add(call.attempt);
      return true;
    };
    const { result, misses } = await runDrill({ scenario: 'cache-moves', seed: 1, plan, losesAnswer });
    expect(killed.size).toBe(3);
    expect(misses.filter(({ what }) => what !== 'added to what AWS takes')).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    const changes = (run: typeof whole) =>
      run.result.mutations
        .filter(({ operation }) => operation !== 'UpdateZonalShift')
        .map(({ operation, target }) => `${operation} ${target}`)
        .sort();
    expect(changes({ result, misses })).toEqual(changes(whole));
  });

  const ofRegion = [
    'TakeLock',
    'Assess',
    'RequestApproval',
    'Reassess',
    'FenceDatabase',
    'PromoteDatabase',
    'FailoverCache',
    'RepointApplication',
    'VerifyRegion',
    'RedirectUsers',
    'VerifyOutside',
    'MoveRole',
    'RecordFailover',
    'FenceOnReturn',
    'FenceOldRegion',
    'ReleaseLock',
  ];

  test.for(ofRegion)('%s of a region flow is run again without a second effect', async (state) => {
    const scenario = state === 'FenceDatabase' ? 'manual-switchover' : 'region-outage';
    let kills = 0;
    const losesAnswer = (call: { state: string }) => call.state === state && ++kills <= 2;
    const whole = await undisturbed(scenario);
    const { result, misses } = await runDrill({ scenario, seed: 1, plan, losesAnswer });
    expect(kills).toBeGreaterThanOrEqual(2);
    // Whoever asks again has a new token: the request that nobody waits for is void, and another takes its place.
    expect(misses.filter(({ what }) => what !== 'requests' || state !== 'RequestApproval')).toEqual([]);
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    const changes = (run: typeof result) =>
      run.mutations.map(({ operation, target }) => `${operation} ${target}`).sort();
    expect(changes(result)).toEqual(changes(whole.result));
  });
});
