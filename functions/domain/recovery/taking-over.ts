// What is known to be wrong with the region that takes over: people who give another one up for it must hear of it. Pure.
import * as z from 'zod';
import { drawPicture } from '../evidence/picture.ts';
import { day } from '../page/page-times.ts';
import type { Plan } from '../plan/plan.ts';
import type { Incident, Signal } from '../types.ts';
import { reasonWords } from '../words/decision-words.ts';
import { levelWords, placeWords } from '../words/words.ts';

const shown = z.object({
  region: z.string(),
  /** Its own open incident: how bad it is, since when (milliseconds since 1970), and what was decided about last. */
  incident: z
    .object({
      id: z.string(),
      level: z.union([z.literal([0, 1, 2, 3]), z.literal('unknown')]),
      place: z.string(),
      since: z.number(),
      reason: z.string(),
    })
    .nullable(),
  /** Its control planes of hard dependencies that were last seen not to answer. */
  controlPlanes: z.array(z.string()),
});
export type TakingOver = z.infer<typeof shown>;

/** Of an assessment as it is read back; null where it says nothing, or is damaged. */
export const takingOverShown = shown.nullable().catch(null);

/** `signals`: those about the region. `now`: milliseconds since 1970. */
export function seeTakingOver(
  region: string,
  open: Incident | null,
  signals: readonly Signal[],
  plan: Plan,
  now: number,
): TakingOver {
  const told = open?.decisions.findLast(({ action }) => action !== 'none');
  return {
    region,
    incident:
      open === null
        ? null
        : {
            id: open.id,
            level: open.level,
            place: placeWords(open.scope),
            since: open.openedAt,
            reason: told === undefined ? 'nothing was decided yet' : reasonWords(told),
          },
    controlPlanes: drawPicture(signals, region, plan, now).probes.map(({ name }) => name),
  };
}

/** Whether people should think twice. */
export function isInTrouble({ incident, controlPlanes }: TakingOver): boolean {
  return incident !== null || controlPlanes.length > 0;
}

/** The same in sentences. */
export function takingOverSentences({ region, incident, controlPlanes }: TakingOver): string[] {
  const found = [
    ...(incident === null
      ? []
      : [
          `${region} has an open incident of its own, ${incident.id}, since ${day(incident.since)}: level ${incident.level}, ${levelWords(incident.level)} in ${incident.place}: ${incident.reason}.`,
        ]),
    ...(controlPlanes.length === 0 ? [] : [`Control planes of ${region} do not answer: ${controlPlanes.join(', ')}.`]),
  ];
  return found.length > 0
    ? found
    : [`${region} has no open incident of its own, and none of its control planes is known to fail.`];
}
