// Desired state: what a drill rehearses has begun, once. Nothing is injected without a look at the lever, and a record before it.
import { startExperiment } from './aws/experiments.ts';
import { startExecution } from './aws/flows/executions.ts';
import { type DrillTarget, experimentsIn, isByFis } from './domain/drills/plan.ts';
import { type DrillRecord, flowOfDrill } from './domain/drills/record.ts';
import { CannotProceed } from './domain/errors.ts';
import { machineName } from './domain/flows.ts';
import { strikeOf } from './kinds/faults.ts';
import { askInDrill } from './shared/drills/ask-in-drill.ts';
import { DrillStepInput, drillNamed, expectMayGoOn, readRun } from './shared/drills/drill.ts';
import { peerOf } from './shared/estate.ts';
import { type Shell, step } from './shared/shell.ts';

/**
 * The record says that it has begun before the call is made: a call whose answer is lost is not made twice, and one that was never made is
 * seen not to have struck. FIS alone is asked again, by the same token. @throws Aborted, GivesWay, CannotProceed where the target is not there,
 * Unavailable
 */
export const handler = step(DrillStepInput, async ({ execution }, shell): Promise<{ begunAt: number }> => {
  const drill = await readRun(execution, shell);
  await expectMayGoOn(drill, shell);
  const { target, name } = drillNamed(drill.name, shell.plan);
  const isBegun = drill.faultAt !== null && (drill.experiment !== null || !isByFis(target));
  if (isBegun) return { begunAt: drill.faultAt };
  if (target === undefined) return { begunAt: await beginRehearsal(drill, shell) };
  const begun = drill.faultAt === null ? await strikeNow(drill, target, shell) : { ...drill, faultAt: drill.faultAt };
  if (isByFis(target)) {
    const experiment = await startExperiment(drill.region, templateOf(name, shell), execution);
    await shell.store.keepDrill({ ...begun, experiment });
  }
  return { begunAt: begun.faultAt };
});

/** Gives the record as it is kept before the call, which FIS makes by itself afterwards. */
async function strikeNow(drill: DrillRecord, target: DrillTarget, shell: Shell) {
  const { execution, by: actor, region, name } = drill;
  const { store, now, log } = shell;
  const strike = await strikeOf(target, region, shell);
  const begun = { ...drill, faultAt: now(), struck: strike.struck };
  const made = { call: strike.call, region, target: strike.target };
  await store.keepDrill(begun);
  await store.audit({
    incident: execution,
    at: begun.faultAt,
    step: 'inject-fault',
    actor,
    execution,
    drill: true,
    ...made,
    change: { before: strike.struck, wanted: 'broken on purpose' },
  });
  log.warn('injecting a fault', { execution, drill: name, ...made });
  await strike.begin?.();
  return begun;
}

/** What breaks nothing: a dry run or a switchover is started, people are asked, and of the rest others hear by the record. */
async function beginRehearsal(drill: DrillRecord, shell: Shell): Promise<number> {
  const request = drill.kind === 'approvers' ? await askInDrill(drill, shell) : null;
  const incident = drill.kind === 'region' ? await startRegionFlow(drill, shell) : (request?.id ?? null);
  const begunAt = request?.askedAt ?? shell.now();
  await shell.store.keepDrill({ ...drill, faultAt: begunAt, incident });
  return begunAt;
}

/** @throws CannotProceed where this region's stack has none */
function templateOf(name: string, { plan, experiments, region }: Shell): string {
  const template = experiments[experimentsIn(plan).findIndex((one) => one.name === name)] ?? '';
  if (template === '') throw new CannotProceed(`the stack of ${region} has no experiment for the drill ${name}`);
  return template;
}

/**
 * The dry run of the region failover, as a person would start it; of a drill that stays a switchover, which people are asked about as always.
 * Gives the name of its execution.
 */
async function startRegionFlow({ execution, by, name, leg }: DrillRecord, shell: Shell): Promise<string> {
  const { region, account, prefix, plan, store } = shell;
  const { epoch } = await store.readStanding(region);
  const mode = leg === null ? 'failover' : 'switchover';
  const flow = flowOfDrill({ execution, leg });
  const input = {
    target: { region: peerOf(region, plan) },
    ...{ expectedEpoch: epoch, reason: `drill ${name}`, requestedBy: by, mode, dryRun: leg === null, drill: true },
  };
  const arn = `arn:aws:states:${region}:${account}:stateMachine:${machineName('region-failover', prefix)}`;
  await startExecution(region, arn, flow, JSON.stringify(input));
  return flow;
}
