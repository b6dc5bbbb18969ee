// Reads how long the steps of earlier flows took, for predictions. What cannot be read keeps no flow from going on.
import { mostRuns, type StepTimes, timesIn } from '../domain/calibration.ts';
import type { StepRecord } from '../domain/record/store.ts';
import { type LeaveTimes, leaveTimesIn } from '../domain/recovery/leaving.ts';
import type { Incident } from '../domain/types.ts';
import type { Shell } from './shell.ts';

/** Of region failovers. */
export function stepTimes(incident: string, shell: Shell): Promise<readonly StepTimes[]> {
  return timesOf(3, timesIn, incident, shell);
}

/** Of flows that left a zone. */
export function leaveTimes(incident: string, shell: Shell): Promise<readonly LeaveTimes[]> {
  return timesOf(2, leaveTimesIn, incident, shell);
}

/** Of the newest incidents of a level, without the one that is open. */
async function timesOf<Times>(
  level: Incident['level'],
  timesIn: (steps: readonly StepRecord[]) => readonly Times[],
  incident: string,
  { store, log }: Shell,
): Promise<readonly Times[]> {
  try {
    const all = await store.listIncidents();
    const past = all.filter((one) => one.id !== incident && one.level === level && one.closedAt !== null);
    const newest = past.toSorted((a, b) => b.openedAt - a.openedAt).slice(0, mostRuns);
    return (await Promise.all(newest.map(({ id }) => store.readSteps(id)))).flatMap(timesIn);
  } catch (error) {
    log.warn('history not read', { incident, error: String(error) });
    return [];
  }
}
