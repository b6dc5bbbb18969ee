// The fence watch in the twin, for days: by the real state machine, as it is deployed, it hands over from execution to execution and
// goes on looking at least once a minute.
import { expect, test } from 'vitest';
import { prefix } from '../../../simulator/stage.ts';
import type { HistoryEvent } from '../../../simulator/stepfunctions/history.ts';
import { regionIncident } from '../../functions/setting.ts';
import { account, primary, rehearseStacks, standby } from '../estate/rehearsal.ts';

const incident = { ...regionIncident, dryRun: false };
const { id, execution } = incident;
const arnOf = (name: string) => `arn:aws:states:${standby}:${account}:execution:${prefix}-fence-watch:${name}`;

/** The watch of a region that has been dark since its database was taken over; nothing else runs. */
async function watching() {
  const alone = await rehearseStacks(1, 0, (all) => all.map((one) => ({ ...one, mappings: [], rules: [] })));
  const { world, estate } = alone;
  estate.inject({ id: 'dark', kind: 'region-dark', region: primary } as never);
  await world.store.recordStep({ incident: id, execution, step: 'take-over/database', at: alone.now(), outcome: {} });
  const stack = world.stacks.get(standby);
  if (stack === undefined) throw new Error('no stack');
  const started = stack.invoke('watch-fence', { incident });
  await alone.pass(10);
  await started;
  const watches = () => stack.machines.listExecutions({}).toReversed();
  return { ...alone, watches, historyOf: (name: string) => stack.machines.getExecutionHistory(arnOf(name)) };
}

const hours = (count: number) => count * 3_600;
const looksIn = (history: readonly HistoryEvent[]) => history.filter(({ type }) => type === 'TaskScheduled');

test('looks at least once a minute on its second day too, and fences the region soon after it answers', async () => {
  const { pass, watches, historyOf, estate, world, now } = await watching();
  await pass(hours(26));
  const all = watches();
  expect(all.length).toBeGreaterThan(5);
  expect(all.map(({ status }) => status)).toEqual([...all.slice(1).map(() => 'SUCCEEDED'), 'RUNNING']);
  const times = all.flatMap(({ name }) => looksIn(historyOf(name)).map(({ timestamp }) => Number(timestamp)));
  const sorted = times.toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).map((at, index) => at - (sorted[index] ?? 0));
  expect(Math.max(...gaps) / 1000).toBeLessThanOrEqual(60);
  expect(Math.max(...all.map(({ name }) => historyOf(name).length))).toBeLessThan(1_200);

  const backAt = now();
  estate.heal('dark');
  await pass(900);
  const fenced = (await world.store.readSteps(id)).find(({ step }) => step === 'fence/database/fenced');
  expect(((fenced?.at ?? Number.POSITIVE_INFINITY) - backAt) / 1000).toBeLessThan(600);
  expect(watches().map(({ status }) => status)).toEqual(all.map(() => 'SUCCEEDED'));
}, 120_000);
