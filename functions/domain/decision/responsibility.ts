// Which stack acts on what: levels 1 and 2 in the affected region, level 3 and holds outside it, so that what recovers
// a region does not stand in it.
import type { Incident, RecordedDecision } from '../types.ts';

/** How long the other stack waits before it says what the responsible one has not said. */
const standInAfterSeconds = 180;

/** What a stack does about a recorded decision. */
export type Duty = 'start' | 'tell' | 'tell-not-started' | 'nothing';

/** Whether a decision has waited too long for its start: what it rests on may be over, and a person may have acted. */
export function isStale(decision: RecordedDecision, now: number): boolean {
  return now - decision.at >= standInAfterSeconds * 1000;
}

/** Two looks of the other stack. */
const othersLooksSeconds = 120;

/** Whether a stale decision was left to the other stack for so long that it has told people, or cannot either. */
export function isForgotten(decision: RecordedDecision, now: number): boolean {
  return now - decision.at >= (standInAfterSeconds + othersLooksSeconds) * 1000;
}

/**
 * Says what the stack in `region` owes to a decision. Both stacks see every incident; one is responsible, and the other
 * one calls people when the responsible one stays silent.
 */
export function dutyOf(incident: Incident, decision: RecordedDecision, region: string, now: number): Duty {
  if (decision.action === 'none') return wasTold(incident) ? 'tell' : 'nothing';
  const late = isStale(decision, now);
  if (decision.execution !== null) {
    // What recovers a region runs outside of it; everything else runs where it acts.
    const starts = decision.action === 'request-approval' ? region !== incident.region : region === incident.region;
    if (starts) return 'start';
    return late ? 'tell-not-started' : 'nothing';
  }
  return region !== incident.region || late ? 'tell' : 'nothing';
}

/**
 * Whether the stack in `region` is to say something that was due at a time: the one outside of the incident's region, and the
 * other one where that has had its time.
 */
export function speaksAt(dueAt: number, incident: Incident, region: string, now: number): boolean {
  return region !== incident.region || now - dueAt >= standInAfterSeconds * 1000;
}

/** Who closes an incident tells its end; what it could not tell then, others tell from so much later on. */
const tellAfterSeconds = 60;
/** So long an end is news. The marks of what was told are kept for longer. */
const endIsNewsSeconds = 7 * 86_400;

/** Whether the stack in `region` is to see to it that the end of an incident, which had closed before, was told to everybody. */
export function tellsEnd({ closedAt, ...incident }: Incident, region: string, now: number): boolean {
  const isEnd = closedAt !== null && incident.decisions.at(-1)?.action === 'none';
  if (!isEnd || now - closedAt > endIsNewsSeconds * 1000) return false;
  const dueAt = closedAt + tellAfterSeconds * 1000;
  return now >= dueAt && speaksAt(dueAt, { closedAt, ...incident }, region, now);
}

/** Whether an incident that has closed was told by message and by no flow, which would have told its end. */
function wasTold({ closedAt, decisions }: Incident): boolean {
  const told = decisions.filter((one) => one.action !== 'none');
  return closedAt !== null && told.length > 0 && told.every((one) => one.execution === null);
}
