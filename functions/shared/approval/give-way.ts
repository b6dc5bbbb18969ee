// A plan that nobody has approved yet gives way to a zone or region that fails beside it: its request is void, and its flow ends.
import { givesWay } from '../../domain/decision/incident.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { isAboutGoingOn } from '../../domain/words/region-words.ts';
import { runsIn } from '../estate.ts';
import { classified } from '../judgement/judge.ts';
import { firstLookAt } from '../recovery/fresh.ts';
import { closeManual } from '../recovery/manual.ts';
import type { Shell } from '../shell.ts';
import { deliver } from './approve.ts';

/**
 * Makes the request void, and tells its flow; false where it does not give way. A restore runs in the region that it restores in: where that does not
 * answer, its flow cannot hear it. Without an approval it can do nothing there, so that the region is given back for it. @throws Unavailable,
 * CannotProceed.
 */
export async function giveWay(request: ApprovalRequest, shell: Shell): Promise<boolean> {
  const { store, plan, region, now, log } = shell;
  if (!(await mustGiveWay(request, shell))) return false;
  // Somebody may have answered a moment before: that stands.
  const outcome = await store.settleRequest(request.id, 'void', now());
  try {
    await deliver(request, outcome, shell);
  } catch (error) {
    if (outcome !== 'void' || runsIn(request, plan) === region) throw error;
    log.warn('gives a region back whose flow does not answer', { execution: request.execution, error: String(error) });
    await closeManual({ id: request.incident }, shell);
    await store.releaseLock(request.target, request.execution);
  }
  return true;
}

/** What was approved once goes on, and what has recovered since takes nothing away. What cannot be read of it keeps nobody from being asked. */
async function mustGiveWay(request: ApprovalRequest, { store, plan, now, log }: Shell): Promise<boolean> {
  const { id, incident, execution, target, mode } = request;
  if (mode === 'failover' || isAboutGoingOn(request)) return false;
  try {
    const record = await store.readIncident(incident);
    if (record === null || record.closedAt !== null || !givesWay(record)) return false;
    const own = (await store.readSteps(incident)).filter((step) => step.execution === execution);
    if (firstLookAt(own) !== null) return false;
    const [signals, standing] = await Promise.all([store.readSignals(target, 0), store.readStanding(target)]);
    const { level } = await classified(target, signals, standing, store, plan, now());
    return level === 3 || (level === 2 && mode === 'switchover');
  } catch (error) {
    log.error('not known whether a plan gives way', { request: id, error: String(error) });
    return false;
  }
}
