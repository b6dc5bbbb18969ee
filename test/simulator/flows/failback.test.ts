// Bad nights of the way home, in the twin: RDS refuses the replica, it ends in vain, and the old region goes away again midway. Each time
// people hear of it, nothing is done twice, and it can be begun again.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { missesOf } from '../../../simulator/drill/verdict.ts';
import { readScenario, type Scenario } from '../../../simulator/playing/scenario.ts';
import { shipped as plan } from '../../shipped.ts';

const { manual: _, ...written } = readScenario('failback');
const expected = {
  ...written.expect,
  executions: ['region-failover SUCCEEDED'],
  usersRegion: 'standby',
  databaseRegion: 'standby',
  requests: 1,
  validAnswers: 'required',
};

/** Nobody goes home: the replica in the old region is all that is asked for. */
const night = (change: Partial<Scenario>): Scenario => ({
  ...written,
  watchSeconds: 22_000,
  expect: expected,
  ...change,
});

const ofRejoin = (mutations: readonly { operation: string; step: string; region: string; target: string }[]) =>
  mutations
    .filter(({ step }) => step === 'rejoin-standby')
    .map(({ operation, region, target }) => `${operation} ${region} ${target}`);
const snapshot = 'CreateDBSnapshot us-east-1 breakwater-sim-database-aside-2';
const replica = 'CreateDBInstanceReadReplica us-east-1 chatops-prod-restored';

test('RDS refuses the replica: people hear why, mend it and begin again, and the snapshot that was kept stays', async () => {
  const { result, misses } = await runDrill({
    scenario: 'failback',
    seed: 3,
    plan,
    written: night({
      faults: [
        ...written.faults,
        {
          atSeconds: 0,
          fault: {
            ...{ id: 'key', kind: 'restore-fails', way: 'create-replica', error: 'KMSKeyNotAccessibleFault' },
            forSeconds: 9_000,
          } as never,
        },
      ],
      operator: [
        { atSeconds: 4_200, do: 'failback' },
        { atSeconds: 9_600, do: 'failback' },
      ],
      expect: { ...expected, told: ['has NO replica in', 'has a replica in'] },
    }),
  });
  expect(missesOf({ result, misses })).toEqual([]);
  expect(ofRejoin(result.mutations)).toEqual([snapshot, replica]);
}, 240_000);

test('the replica ends in vain: people hear of it, it is left for them, and the next one has the next name', async () => {
  const { result, misses } = await runDrill({
    scenario: 'failback',
    seed: 4,
    plan,
    written: night({
      faults: [
        ...written.faults,
        {
          atSeconds: 0,
          fault: {
            ...{ id: 'network', kind: 'restore-fails', way: 'create-replica', ends: 'incompatible-network' },
            forSeconds: 14_000,
          } as never,
        },
      ],
      operator: [
        { atSeconds: 4_200, do: 'failback' },
        { atSeconds: 14_400, do: 'failback' },
      ],
      watchSeconds: 26_000,
      expect: { ...expected, told: ['has NO replica in', 'has a replica in'] },
    }),
  });
  expect(missesOf({ result, misses })).toEqual([]);
  expect(ofRejoin(result.mutations)).toEqual([snapshot, replica, `${replica}-2`]);
}, 240_000);

test('the old region goes away again while the replica is made: it goes on when the region is back, and nothing is asked twice', async () => {
  const { result, misses } = await runDrill({
    scenario: 'failback',
    seed: 5,
    plan,
    written: night({
      faults: [
        ...written.faults,
        {
          atSeconds: 6_600,
          fault: { id: 'again', kind: 'region-dark', region: 'primary', forSeconds: 3_600 } as never,
        },
      ],
      operator: [{ atSeconds: 4_200, do: 'failback' }],
      watchSeconds: 26_000,
      // A standby that goes dark is a degradation: people hear of that, too.
      expect: {
        ...expected,
        actions: ['request-approval', 'notify', 'notify', 'notify'],
        executions: ['region-failover SUCCEEDED', 'service-degradation SUCCEEDED'],
        told: ['has a replica in'],
      },
    }),
  });
  expect(ofRejoin(result.mutations)).toEqual([snapshot, replica]);
  expect(missesOf({ result, misses })).toEqual([]);
}, 240_000);
