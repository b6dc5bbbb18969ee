// What drills break on purpose, what is backed up before, and whether it is whole again. A list of its own: only drills break anything.
import { seeExperiment } from '../aws/experiments.ts';
import type { Missing, TargetSeen } from '../domain/drills/judge.ts';
import { type DrillTarget, type FisTarget, isByFis, type ScheduledDrill } from '../domain/drills/plan.ts';
import type { DrillRecord } from '../domain/drills/record.ts';
import { CannotProceed } from '../domain/errors.ts';
import type { Shell } from '../shared/shell.ts';
import { nodesAreWhole, nodeToStrike, podIsWhole, podToStrike } from './eks-cluster/strike.ts';
import { backUpDatabases } from './rds-instance/drill-backup.ts';
import { databaseIsWhole, databaseToStrike } from './rds-instance/strike.ts';

/** A fault that can be injected: into what, and what it is now, by which it is seen afterwards that the fault has struck. */
export type Strike = {
  /** service:operation, and what it is about, for the record. */
  readonly call: string;
  readonly target: string;
  readonly struck: string;
  /** Makes the call, once; null where FIS makes it. @throws CannotProceed, Unavailable */
  readonly begin: (() => Promise<void>) | null;
};

/**
 * Backs up what a drill may harm before it touches anything, and gives a line for each. A pod and a node hold no data, and what runs in a cluster is
 * in its resource backup, whose age readiness looks at. @throws InProgress until all is kept; CannotProceed where it cannot be, Unavailable
 */
export async function backUp(drill: ScheduledDrill, run: DrillRecord, shell: Shell): Promise<string[]> {
  return backUpDatabases(drill, run, shell);
}

/** Looks, and changes nothing. @throws CannotProceed where it is not there, or not as it must be to be broken */
export async function strikeOf(target: DrillTarget, region: string, shell: Shell): Promise<Strike> {
  switch (target.fault) {
    case 'database-failover':
      return databaseToStrike(target.asset, region, shell);
    case 'pod':
      return podToStrike(target, region, shell);
    case 'node':
      return { ...(await nodeToStrike(target.asset, region, shell)), begin: null };
    case 'zone':
      return { ...zoneToStrike(target.zone, region, shell), begin: null };
  }
}

function zoneToStrike(zone: string, region: string, { plan }: Shell) {
  if (!Object.hasOwn(plan.regions[region]?.zones ?? {}, zone))
    throw new CannotProceed(`zone ${zone} is not in ${region}, where users are`);
  return { call: 'fis:StartExperiment', target: zone, struck: zone };
}

/** What is seen of it. A fault that was not seen to strike is missing too. @throws CannotProceed where it never struck */
export async function targetSeen(
  target: DrillTarget,
  { region, struck, experiment }: DrillRecord & { readonly struck: string },
  shell: Shell,
): Promise<TargetSeen> {
  if (isByFis(target)) return brokenByFis(target, region, struck, experiment ?? '', shell);
  const missing =
    target.fault === 'pod'
      ? podIsWhole(target, region, struck, shell)
      : databaseIsWhole(target.asset, region, struck, shell);
  return { missing: await missing, lasts: false };
}

/** @throws CannotProceed where FIS found no target, or was stopped by an alarm or by somebody */
async function brokenByFis(
  target: FisTarget,
  region: string,
  struck: string,
  id: string,
  shell: Shell,
): Promise<TargetSeen> {
  const { state, why } = (await seeExperiment(region, id)) ?? { state: 'begins', why: 'FIS does not know it' };
  if (state === 'failed' || state === 'stopped') throw new CannotProceed(`experiment ${id} has not broken it: ${why}`);
  const lasts = state !== 'over';
  if (state === 'begins') return { missing: `experiment ${id} has not begun`, lasts };
  if (target.fault === 'zone') return { missing: null, lasts };
  const missing: Missing = lasts
    ? `experiment ${id} goes on`
    : await nodesAreWhole(target.asset, region, struck, shell);
  return { missing, lasts };
}
