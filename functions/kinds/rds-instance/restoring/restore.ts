// Restores a database from its backups: one call that says everything, then waiting, then a list of what is not as the plan says.

import { faultName } from '../../../aws/calls/faults.ts';
import { ApprovalStale, CannotProceed, Restoring, Unavailable } from '../../../domain/errors.ts';
import { moment } from '../../../domain/page/page-times.ts';
import type { AssetOf } from '../../../domain/plan/assets.ts';
import { callMark } from '../../../domain/record/call-marks.ts';
import {
  type Begun,
  type ChosenWay,
  restoreBegun,
  restoredMark,
  restoringMark,
} from '../../../domain/recovery/restoring.ts';
import type { Way } from '../../../domain/types.ts';
import { ifAnswered, placeOf } from '../../../shared/estate.ts';
import { keep } from '../../../shared/fencing/marks.ts';
import { act, type Call, callsOf, expectLock, givingUp, lastCallAt } from '../../../shared/recovery/act.ts';
import type { RegionIncident } from '../../../shared/recovery/flow.ts';
import { agesIn, expectFresh } from '../../../shared/recovery/fresh.ts';
import type { Shell } from '../../../shared/shell.ts';
import { describeDatabase } from '../aws/instances.ts';
import {
  describeRestored,
  type RestoredSeen,
  restoreFromSnapshot,
  restoreToPointInTime,
  type ToRestore,
} from '../aws/restore.ts';
import { isClosed, nextRestore } from '../moves.ts';
import { afterRefusal } from '../rules/restore-errors.ts';
import { driftOf, restoreNames } from '../rules/restored.ts';
import { works } from '../rules/status.ts';
import { heldIn, hold } from '../seen/held.ts';

type Database = AssetOf<'rds-instance'>;

/** A way in which the database does not come back: another one has to be looked for. `left`: what it has made, and nobody deletes. */
export class WayFailed extends Error {
  readonly way: Way;
  readonly left: string | null;

  constructor(way: Way, why: string, left: string | null = null) {
    super(why);
    this.way = way;
    this.left = left;
  }
}

/**
 * Called again until what is restored works: then it is the database of its region, by the record. Looks first, asks once and waits.
 * @throws Restoring, WayFailed, CannotProceed where a person has to mend what stands in the region, ApprovalStale, Unavailable.
 */
export async function restore(incident: RegionIncident, database: Database, chosen: ChosenWay, shell: Shell) {
  const { execution, standby: region } = incident;
  const { plan, now } = shell;
  const { restore: wanted, instance: instead } = placeOf(database, region);
  if (wanted === undefined)
    throw new CannotProceed(`the plan does not say what ${database.name} is restored as in ${region}`);
  const zoneName = wanted.zone === null ? null : (plan.regions[region]?.zones[wanted.zone] ?? wanted.zone);
  const way = await nameOf(incident, database, chosen, shell);
  const { instance } = way;
  const call = callOf(way, database.name);
  const seen = await describeRestored(region, instance);
  const calledAt = await lastCallAt(incident, call, shell);
  const move = nextRestore(seen, calledAt, now());
  // Made by somebody else a moment ago: the next look takes another one.
  if (move.next === 'take-another-name')
    throw new Restoring(`${instance} is in ${region} already, and nothing is restored over it`);
  if (move.next === 'give-up')
    throw new WayFailed(way.way, `${instance} in ${region} was restored, and ${move.why}`, instance);
  if (move.next === 'restore') {
    await ask(incident, call, { instance, wanted, zoneName }, way, shell);
    throw new Restoring(`${database.name} is restored as ${instance} in ${region}`);
  }
  if (move.next === 'wait') {
    // It takes hours: what was approved may not be so any more, and nobody would hear of that before the next call.
    await expectApproved(incident, shell);
    throw new Restoring(`${instance} in ${region} is being restored: ${move.why}`);
  }
  await expectApproved(incident, shell);
  await expectGivenUp(incident, database, shell);
  await hold({ asset: database.name, region, instance, instead, execution }, shell);
  return {
    ...outcomeOf(way, seen),
    drift: seen === null ? [] : driftOf(wanted, zoneName, seen.made),
    writableSince: now(),
  };
}

function outcomeOf({ way, instance, restoreTo, dataUntil }: Begun, seen: RestoredSeen | null) {
  return { database: instance, way, restored: true, restoreTo, dataUntil, endpoint: seen?.endpoint ?? null };
}

function callOf({ way, instance, region, source, restoreTo }: Begun, asset: string): Call {
  const operation = way === 'restore-snapshot' ? 'RestoreDBInstanceFromDBSnapshot' : 'RestoreDBInstanceToPointInTime';
  const change = { before: 'is not there', wanted: `has the data of ${sourceWords(source, restoreTo)}` };
  return {
    step: `take-over/${asset}`,
    call: `rds:${operation}`,
    target: instance,
    region,
    change,
    continues: givingUp,
  };
}

/** What has begun keeps its name; else it is the first that is free. @throws CannotProceed where none is. */
async function nameOf(incident: RegionIncident, database: Database, chosen: ChosenWay, shell: Shell): Promise<Begun> {
  const { id, execution, standby: region } = incident;
  const { store, now } = shell;
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution);
  const begun = restoreBegun(await callsOf(incident, shell), own, database.name);
  if (begun?.way === chosen.way) return begun;
  const { restore: wanted } = placeOf(database, region);
  for (const instance of wanted === undefined ? [] : restoreNames(wanted)) {
    if ((await describeDatabase(region, instance)) !== null) continue;
    return { ...chosen, region, instance, at: now() };
  }
  throw new CannotProceed(
    `every name that ${database.name} could be restored under in ${region} is taken: delete what is not needed, then resume`,
  );
}

/** The one call. Its mark is kept before: the name that it was asked for stays the one that is looked at. */
async function ask(incident: RegionIncident, call: Call, made: ToRestore, begun: Begun, shell: Shell): Promise<void> {
  const { id, execution, standby: region } = incident;
  const { at, ...outcome } = begun;
  const { way, source, restoreTo } = begun;
  const mark = { incident: id, execution, step: restoringMark(call.step.replace(/^take-over\//, '')) };
  await shell.store.recordStep({ ...mark, at, outcome });
  try {
    await act(incident, call, shell, async () => {
      if (source === null) throw new WayFailed(way, 'the source of the restore is not known');
      if (source.of === 'snapshot') await restoreFromSnapshot(region, made, source);
      else await restoreToPointInTime(region, made, source, restoreTo);
    });
  } catch (error) {
    if (error instanceof CannotProceed) await refused(incident, call, way, error, shell);
    throw error;
  }
}

function sourceWords(source: Begun['source'], restoreTo: Begun['restoreTo']): string {
  if (source === null) return 'an unknown source';
  const to = restoreTo === null ? 'the newest moment that there is' : moment(restoreTo);
  if (source.of === 'snapshot') return `snapshot ${source.id}`;
  return `${source.of === 'own-backups' ? 'its own backups' : 'the replicated backups'}, up to ${to}`;
}

/** What RDS said no to is asked again, or another way is looked for, or a person mends it. What was mended in vain is no way. @throws one of them, always. */
async function refused(
  incident: RegionIncident,
  call: Call,
  way: Way,
  error: CannotProceed,
  { store }: Shell,
): Promise<never> {
  const next = afterRefusal(faultName(error));
  if (next === 'again') throw new Unavailable(error.message, { refused: true, cause: error.cause });
  if (next === 'next-way') throw new WayFailed(way, error.message);
  const own = (await store.readSteps(incident.id)).filter(({ execution }) => execution === incident.execution);
  const { stoppedAt } = agesIn(own);
  const mark = callMark('refused', call);
  if (stoppedAt !== null && own.some(({ step, at }) => step === mark && at < stoppedAt))
    throw new WayFailed(way, `${error.message}, again after a person has resumed the flow`);
  throw new CannotProceed(
    `${error.message}. A person mends this in the region and resumes the flow; refused once more, the next way is looked for`,
    { cause: error.cause },
  );
}

/**
 * A restore takes hours. Where the old database admits its applications again meanwhile, what it took since is no part of what was approved: it
 * is looked at once more, with what would be lost now, before anybody is sent to what was restored. @throws ApprovalStale, CannotProceed.
 */
async function expectGivenUp(incident: RegionIncident, database: Database, shell: Shell): Promise<void> {
  const { id, execution, mode, region } = incident;
  const { plan, store, now } = shell;
  if (mode !== 'failover') return;
  const { instance, securityGroups } = await heldIn(database, region, shell);
  const old = await ifAnswered(describeDatabase(region, instance));
  if (old === null || !works(old.status) || isClosed(old.groups, securityGroups?.closed)) return;
  const { lookedAt } = agesIn((await store.readSteps(id)).filter((past) => past.execution === execution));
  if (lookedAt === null || now() - lookedAt > plan.approval.freshSeconds * 1000) {
    await keep(incident, restoredMark(database.name), shell);
    throw new ApprovalStale(
      `what was restored works, and ${instance} in ${region} may be written to again: what it took since would be lost`,
    );
  }
}

/** @throws ApprovalStale, LockLost. */
async function expectApproved(incident: RegionIncident, shell: Shell): Promise<void> {
  const [standing, calls, steps] = await Promise.all([
    shell.store.readStanding(incident.region),
    callsOf(incident, shell),
    shell.store.readSteps(incident.id),
  ]);
  expectLock(incident, standing);
  await expectFresh(incident, calls, steps, shell);
}
