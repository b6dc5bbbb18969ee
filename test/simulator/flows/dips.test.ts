// Dips of a zone, of any length: traffic may leave, and comes back; no database is failed over that a person would have left alone.
import { expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { parseScenario } from '../../../simulator/playing/scenario.ts';
import { plan } from '../../plan.ts';

const zero = Date.UTC(2026, 0, 5, 9, 5);
/** So fresh is what an observer last saw: nobody can know sooner that a dip is over. */
const freshSeconds = 30;

const drilled = async (forSeconds: number, atSeconds: number) => {
  const written = parseScenario(
    'dip',
    `title: a zone fails and comes back
faults:
  - { atSeconds: ${atSeconds}, fault: { id: zone, kind: zone-impaired, zone: zone 1, forSeconds: ${forSeconds} } }
withinSeconds: 4000
expect: { level: 2, actions: [], databaseMoved: false }
`,
  );
  const { result } = await runDrill({ scenario: 'dip', written, seed: 1, plan });
  const seconds = (time: string) => (Date.parse(time) - zero) / 1000 - atSeconds;
  const moves = result.mutations.filter(
    ({ service, operation }) => service === 'rds' && operation.startsWith('Reboot'),
  );
  return { result, movedAt: moves.map(({ at }) => seconds(at)) };
};

test.for<[number, number]>([
  [75, 0],
  [110, 0],
  [125, 34],
  [140, 0],
  [140, 42],
  [155, 17],
  [170, 25],
  [180, 0],
])('a dip of %i s that begins at second %i moves no database when it is over', async ([forSeconds, atSeconds]) => {
  const { result, movedAt } = await drilled(forSeconds, atSeconds);
  for (const at of movedAt) expect(at).toBeLessThan(forSeconds + freshSeconds);
  expect(result.end.served).toBe(true);
  expect(result.executions.filter(({ status }) => status !== 'SUCCEEDED')).toEqual([]);
  expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
});

test('what is no dip moves the database as soon as its own evidence has held', async () => {
  const { movedAt } = await drilled(1_200, 0);
  expect(movedAt).toHaveLength(1);
  expect(movedAt[0]).toBeLessThan(240);
});
