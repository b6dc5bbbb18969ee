// Desired state: what a drill rehearses has begun, once. Nothing is injected without a look at the lever, and a record before it.
import { startExecution } from './aws/executions.ts';
import type { DrillRecord } from './domain/drills/record.ts';
import { machineName } from './domain/flows.ts';
import { inject, strikeOf } from './kinds/faults.ts';
import { DrillStepInput, drillNamed, expectMayGoOn, readRun } from './shared/drill.ts';
import { peerOf } from './shared/estate.ts';
import { type Shell, step } from './shared/shell.ts';

/**
 * The record says that it has begun before the call is made: a call whose answer is lost is not made twice, and one that was never made is
 * seen not to have struck. @throws Aborted, GivesWay, CannotProceed where the target is not there, Unavailable
 */
export const handler = step(DrillStepInput, async ({ execution }, shell): Promise<{ begunAt: number }> => {
  const { store, plan, now, log } = shell;
  const drill = await readRun(execution, shell);
  await expectMayGoOn(drill, shell);
  if (drill.faultAt !== null) return { begunAt: drill.faultAt };
  const { target } = drillNamed(drill.name, plan);
  if (target === undefined) {
    const incident = drill.kind === 'region' ? await startDryRun(drill, shell) : null;
    const begunAt = now();
    await store.keepDrill({ ...drill, faultAt: begunAt, incident });
    return { begunAt };
  }
  const { region } = drill;
  const strike = await strikeOf(target, region, shell);
  const begunAt = now();
  const made = { call: strike.call, region, target: strike.target };
  await store.keepDrill({ ...drill, faultAt: begunAt, struck: strike.struck });
  await store.audit({
    incident: execution,
    at: begunAt,
    step: 'inject-fault',
    actor: drill.by,
    execution,
    drill: true,
    ...made,
  });
  log.warn('injecting a fault', { execution, drill: drill.name, ...made });
  await inject(strike, region);
  return { begunAt };
});

/** The dry run of the region failover, as a person would start it. Gives the name of its execution. */
async function startDryRun({ execution, by, name }: DrillRecord, shell: Shell): Promise<string> {
  const { region, account, prefix, plan, store } = shell;
  const { epoch } = await store.readStanding(region);
  const dryRun = `${execution.slice(-60)}-dry-run`;
  const input = {
    target: { region: peerOf(region, plan) },
    ...{ expectedEpoch: epoch, reason: `drill ${name}`, requestedBy: by, mode: 'failover', dryRun: true, drill: true },
  };
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${machineName('region-failover', prefix)}`;
  await startExecution(region, arn, dryRun, JSON.stringify(input));
  return dryRun;
}
