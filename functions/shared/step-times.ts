// Reads how long the steps of earlier region failovers took, for predictions. What cannot be read keeps nobody from being asked.
import { mostRuns, type StepTimes, timesIn } from '../domain/calibration.ts';
import type { Shell } from './shell.ts';

/** Of the newest incidents of a region's level, without the one that is open. */
export async function stepTimes(incident: string, { store, log }: Shell): Promise<readonly StepTimes[]> {
  try {
    const all = await store.listIncidents();
    const past = all.filter(({ id, level, closedAt }) => id !== incident && level === 3 && closedAt !== null);
    const newest = past.toSorted((a, b) => b.openedAt - a.openedAt).slice(0, mostRuns);
    return (await Promise.all(newest.map(({ id }) => store.readSteps(id)))).flatMap(timesIn);
  } catch (error) {
    log.warn('history not read', { incident, error: String(error) });
    return [];
  }
}
