// Desired state: what a drill has begun is over, users are served, and both have held. Called again until they have.
import { readExecution } from './aws/flows/whereabouts.ts';
import { isOwn, type Missing, recoveryOf, type TargetSeen } from './domain/drills/judge.ts';
import type { DrillRecord } from './domain/drills/record.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { targetSeen } from './kinds/faults.ts';
import { answersInDrill } from './shared/drills/ask-in-drill.ts';
import { DrillStepInput, drillNamed, expectMayGoOn, readRun, visitService } from './shared/drills/drill.ts';
import { executionArnOf } from './shared/executions.ts';
import { type Shell, step } from './shared/shell.ts';

/** @throws InProgress until then; Aborted, GivesWay, CannotProceed where it is given up */
export const handler = step(DrillStepInput, async ({ execution }, shell): Promise<{ recoveredAt: number | null }> => {
  const { store, plan, now } = shell;
  const drill = await readRun(execution, shell);
  const around = await expectMayGoOn(drill, shell);
  const during = await visitService(drill.asked.during, shell);
  const passed = during.failed === drill.asked.during.failed;
  const open = around.find(({ open }) => open !== null && isOwn(open, drill))?.open ?? null;
  // What else holds a region would have ended the drill.
  const lock = around.find((one) => one.lock !== null)?.lock ?? null;
  const { missing, lasts, answers = [] } = await lookAt(drill, shell);
  const seen = { missing, served: passed || drill.kind !== 'fault', goesOn: open !== null || lock !== null || lasts };
  const holdsSeconds = plan.evidence.recoverySeconds;
  const shiftSeconds = plan.zonalShift.expirySeconds;
  const { recoveredAt, next } = recoveryOf(drill, seen, { now: now(), holdsSeconds, shiftSeconds });
  const incident = drill.kind === 'fault' ? (open?.id ?? drill.incident) : drill.incident;
  await store.keepDrill({ ...drill, recoveredAt, incident, answers, asked: { ...drill.asked, during } });
  if (next === 'is-over') return { recoveredAt };
  const why =
    missing ??
    (open !== null ? `incident ${open.id} is open` : null) ??
    (passed ? null : 'users are not served') ??
    (lock !== null ? `${lock.execution} goes on` : null) ??
    (lasts ? 'what was broken is broken still' : 'it has to hold');
  if (next === 'give-up') throw new CannotProceed(`it has not recovered: ${why}`);
  throw new InProgress(why);
});

async function lookAt(
  drill: DrillRecord,
  shell: Shell,
): Promise<TargetSeen & { readonly answers?: DrillRecord['answers'] }> {
  const { target } = drillNamed(drill.name, shell.plan);
  const { struck } = drill;
  if (target !== undefined && struck !== null) return targetSeen(target, { ...drill, struck }, shell);
  if (drill.kind === 'approvers') return { ...(await answersInDrill(drill, shell)), lasts: false };
  return { missing: await whatRehearsalLacks(drill, shell), lasts: false };
}

async function whatRehearsalLacks(drill: DrillRecord, shell: Shell): Promise<Missing> {
  if (drill.kind === 'region') return whatFlowLacks(drill, shell);
  if (drill.kind === 'restore') return whatRestoreLacks(drill, shell);
  return null;
}

/** @throws CannotProceed where it failed, or nobody let it move the users */
async function whatFlowLacks({ incident, leg, region }: DrillRecord, shell: Shell): Promise<Missing> {
  const name = incident ?? '';
  const what = leg === null ? `the dry run ${name}` : `the switchover ${name}`;
  const status = (await readExecution(region, shell, executionArnOf('region-failover', name, shell)))?.status ?? null;
  if (status === null || status === 'RUNNING') return `${what} goes on`;
  if (status !== 'SUCCEEDED') throw new CannotProceed(`${what} is ${status}`);
  const { primary } = await shell.store.readStanding(region);
  if (leg !== null && primary !== region) throw new CannotProceed(`${what} has ended, and ${primary} serves users`);
  return null;
}

/** @throws CannotProceed where what came back is wrong */
async function whatRestoreLacks({ asset, region, faultAt }: DrillRecord, { store }: Shell): Promise<Missing> {
  const rehearsal = asset === null ? null : await store.readRehearsal(asset, region);
  if (rehearsal === null || rehearsal.begunAt < (faultAt ?? 0)) return 'the restore has not begun';
  if (rehearsal.endedAt === null) return `${rehearsal.instance} is not there yet`;
  if (rehearsal.wrong.length > 0) throw new CannotProceed(rehearsal.wrong.join('; '));
  return rehearsal.availableAt === null ? 'the restore made way for something else' : null;
}
