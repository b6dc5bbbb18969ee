// Says whether people may be asked again about a region that nobody gave up, or a way out of it is looked for again where none was found, and
// writes the decision that does it. Pure.
import { day } from '../page/page-times.ts';
import type { Plan } from '../plan/plan.ts';
import type { Settled } from '../record/store.ts';
import type { ApprovalRequest, Incident, RecordedDecision, Standing } from '../types.ts';

/** What is known beside the request. `settled` is null while it is open, `incident` where there is no record of it. */
export type Now = Around & { readonly settled: Settled | null };

type Around = { readonly incident: Incident | null; readonly standing: Standing; readonly now: number };

/**
 * Why nobody can be asked again with this request, in one sentence; null where they can. People are asked at most once in
 * the plan's reminder time, and only where the record itself has asked before: a person alone never makes a start automatic.
 * However a request ended: while its flow goes on, that holds the region's lock, and one that gave the region up has moved the role.
 */
export function whyNotAgain(
  { target, mode, askedAt }: ApprovalRequest,
  { settled, ...around }: Now,
  plan: Pick<Plan, 'approval' | 'levels'>,
): string | null {
  if (settled === null) return 'This request is open: people are asked again only after it has ended.';
  if (mode === 'restore') return 'Only a person starts a restore: start it again by hand.';
  // A flow that was started to ask again may have ended without asking: who waited for it can ask once more.
  return whyNotStarted(target, askedAt, around, plan);
}

/**
 * Why no flow looks once more, by itself, for a way out of a region that is lost; null where one does. For an incident without a request: its flow
 * found no way and ended, nobody has a link, and what was missing in the other region may be there by now.
 */
export function whyNotLooked(
  incident: Incident,
  around: Omit<Around, 'incident'>,
  plan: Pick<Plan, 'approval' | 'levels'>,
): string | null {
  return whyNotStarted(incident.region, lastAsked(incident)?.at ?? 0, { incident, ...around }, plan);
}

/** Why the record starts no further flow that asks about a region. `askedAt`: when people were asked last, or would have been. */
function whyNotStarted(
  target: string,
  askedAt: number,
  { incident, standing, now }: Around,
  plan: Pick<Plan, 'approval' | 'levels'>,
): string | null {
  if (incident === null || incident.closedAt !== null) return 'The incident is over: there is nothing to ask.';
  const asked = lastAsked(incident);
  if (asked === null) return 'Breakwater did not ask by itself: a person starts the flow again by hand.';
  if (incident.decisions.at(-1)?.level !== 3) return `${target} is not judged to be lost any more.`;
  if (standing.primary !== target) return `${target} is not the primary region any more.`;
  if (standing.frozen !== null) return `${standing.frozen.by} froze the automation: nothing is started.`;
  if (plan.levels.level3.mode === 'observe') return 'The plan only observes region disasters: nothing is started.';
  if (standing.lock?.action === 'request-approval') return `Another flow acts on ${target}: it asks, or has asked.`;
  const from = Math.max(asked.at, askedAt) + plan.approval.reminderSeconds * 1000;
  if (now >= from) return null;
  const later = `From ${day(from)} on they can be asked again.`;
  return asked.at > askedAt
    ? `People are asked again already: wait for a newer e-mail. ${later}`
    : `People were asked a short time ago. ${later}`;
}

/** The incident with the decision that asks people again: automatic, outside of the cooldown. `who` pressed for it. */
export function askedAgain(incident: Incident, request: ApprovalRequest, who: string, now: number): Incident {
  const why = `${who} asks again, after request ${request.id} was not approved: ${String(request.shown['reason'])}`;
  return startedOnceMore(incident, why, now);
}

/** The incident with the decision that looks once more for a way out, and asks people where there is one. */
export function lookedAgain(incident: Incident, now: number): Incident {
  const reason = lastAsked(incident)?.reason ?? '';
  const once = 'no safe way out was found, and nobody was asked: looked for once more';
  return startedOnceMore(incident, reason.startsWith(once) ? reason : `${once}; ${reason}`, now);
}

function startedOnceMore(incident: Incident, reason: string, now: number): Incident {
  const asked = lastAsked(incident);
  const attempt = incident.decisions.length + 1;
  const decision: RecordedDecision = {
    action: 'request-approval',
    reason,
    at: now,
    level: 3,
    scope: asked?.scope ?? incident.scope,
    evidence: asked?.evidence ?? [],
    causes: asked?.causes ?? [],
    attempt,
    execution: `${incident.id}-request-approval-${attempt}`,
  };
  return { ...incident, decisions: [...incident.decisions, decision], version: incident.version + 1 };
}

/** The decision that asked people last, or would have; null where none did. */
export function lastAsked({ decisions }: Incident): RecordedDecision | null {
  return decisions.findLast(({ action }) => action === 'request-approval') ?? null;
}
