// What the recorder tells the invariants of the databases that were verified.
import { expect, test } from 'vitest';
import type { Estate } from '../../simulator/estate/types.ts';
import type { Observation } from '../../simulator/invariants/observations.ts';
import { createRecorder } from '../../simulator/recorder.ts';
import { withSecondDatabase } from '../assets.ts';
import { plan } from '../plan.ts';

const { primary, standby } = plan.roles;

/** What is seen as verified after the flow in the standby region has left these states, each of an asset or of none. */
function verifiedAfter(...states: readonly (readonly [state: string, asset: string | null])[]): unknown {
  const seen: Observation[] = [];
  const invariants = { observe: (one: Observation) => seen.push(one), verdict: () => [] };
  const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined };
  const recorder = createRecorder(withSecondDatabase(plan), 'breakwater-sim', clock, invariants, () => undefined);
  const execution = { executionArn: 'arn:e', name: 'e', input: '{}' } as never;
  for (const [index, [name, asset]] of states.entries()) {
    const input = asset === null ? '{}' : JSON.stringify({ name: asset, kind: 'rds-instance' });
    const entered = { id: 10 * index + 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name, input } };
    const exited = { id: 10 * index + 2, previousEventId: 10 * index + 1, type: 'TaskStateExited' };
    recorder.history({ ...entered, previousEventId: 0, timestamp: 0 } as never, execution, standby);
    recorder.history(
      { ...exited, timestamp: 0, stateExitedEventDetails: { name, output: '{}' } } as never,
      execution,
      standby,
    );
  }
  const truth = { databases: [], usersRegion: primary, served: true };
  recorder.tick({ truth: () => truth } as unknown as Estate);
  return seen.flatMap((one) => (one.kind === 'tick' ? [one.verified] : [])).at(-1);
}

test('a database counts as verified in a region once it and the page of the region were, and no other does', () => {
  const page = ['VerifyRegion', null] as const;
  expect(verifiedAfter()).toEqual({ database: [primary], orders: [primary] });
  expect(verifiedAfter(['Verify', 'database'], ['Verify', 'orders'])).toEqual({
    database: [primary],
    orders: [primary],
  });
  expect(verifiedAfter(['Verify', 'database'], page)).toEqual({ database: [primary, standby], orders: [primary] });
  expect(verifiedAfter(['Verify', 'database'], ['Verify', 'orders'], page)).toEqual({
    database: [primary, standby],
    orders: [primary, standby],
  });
});
