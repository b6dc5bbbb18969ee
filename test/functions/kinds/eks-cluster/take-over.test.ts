// The cluster of the standby answers, or a person is needed.
import { expect, test } from 'vitest';
import { handler as takeOver } from '../../../../functions/kinds/eks-cluster/take-over.ts';
import { changing } from '../../../assets.ts';
import { plan } from '../../../plan.ts';
import { failureOf, regionIncident as incident, running, start } from '../../setting.ts';

const answering = (status: number) => async () => new Response(null, { status });

test.for([
  ['answers that it has no writer yet', answering(503), true, 'done'],
  ['does not answer', () => Promise.reject(new Error('no route')), true, 'InProgress'],
  ['is not warm', answering(200), false, 'CannotProceed'],
] as const)('a cluster that %s', async ([, fetch, warm, expected]) => {
  const regions = { 'us-west-2': { cluster: 'chatops-dr', warm } };
  const shell = await running(incident, { region: 'us-west-2' });
  const at = { ...shell, fetch, plan: changing('eks-cluster', plan, { regions }) };
  const run = takeOver.on(at)({ incident, asset: 'cluster' });
  if (expected === 'done') expect(await run).toEqual({ cluster: 'chatops-dr', answers: 503 });
  else expect((await failureOf(run)).name).toBe(expected);
});

test('a cluster is left out by a waiver, and nothing is asked of it', async () => {
  const shell = await running(incident, { region: 'us-west-2' });
  await shell.store.keepWaiver(incident.execution, 'TakeOver/cluster', 'dba', 'I have looked', start);
  expect(await takeOver.on(shell)({ incident, asset: 'cluster' })).toMatchObject({ skipped: true, by: 'dba' });
});
