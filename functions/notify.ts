// Desired state: the people who answer for this know what the flow does.
import * as z from 'zod';
import { givesWay } from './domain/decision/incident.ts';
import { Unavailable } from './domain/errors.ts';
import { newlyKnown } from './domain/evidence/changes.ts';
import type { Occasion } from './domain/flow-words/courses.ts';
import { flowMessage, isDegraded, unservedOf } from './domain/flow-words/flow-message.ts';
import { failuresOf } from './domain/flow-words/steps.ts';
import { levelOf, stageOf } from './domain/flows.ts';
import { isWellAgain } from './domain/recovery/reaching.ts';
import { reportAddress } from './domain/report/place.ts';
import { ownersOf } from './domain/signals/unready.ts';
import type { Incident } from './domain/types.ts';
import { evidenceWords } from './domain/words/decision-words.ts';
import { stateWords } from './domain/words/words.ts';
import { answersTo } from './shared/approval/answers.ts';
import { diagnosisOf } from './shared/judgement/diagnosis.ts';
import { classified } from './shared/judgement/judge.ts';
import { tell } from './shared/messages/tell.ts';
import { FlowIncident } from './shared/recovery/flow.ts';
import { type Shell, step } from './shared/shell.ts';
import { lookAsUsers } from './shared/traffic/health.ts';

const occasions = [
  'started',
  'recovered',
  'not-recovered',
  'recovered-in-part',
  'failed',
  'closed',
  'dry-run',
  'degraded',
  'more-changes',
  'degradation-ended',
  'no-way',
  'not-approved',
] as const satisfies readonly Occasion[];

const NotifyInput = z.strictObject({
  occasion: z.enum(occasions),
  incident: FlowIncident,
  /** What the states before found, told as it is. */
  facts: z.record(z.string(), z.unknown()).default({}),
  /** Of a dry run of a region: what it would call, in order, in words. */
  calls: z.array(z.string()).default([]),
  /** How often this state was tried before. */
  retries: z.int().nonnegative().default(0),
});

/** So often everybody is waited for whose channel may pass; then it is enough that somebody hears it: a flow waits for this. */
export const triesAgain = 2;

/**
 * Nobody hears that users are served, or that it is over, while that is not seen.
 * Each role hears of one occasion of an execution once, however often this is called; of failures, each time that others failed.
 * @throws Unavailable at the first tries where somebody could not be told or users are not seen to be served, and later where nobody could be told.
 */
export const handler = step(NotifyInput, async ({ occasion: asked, incident, facts: found, calls, retries }, shell) => {
  const { notifications, approval } = shell.plan;
  const level = notifications[`level${levelOf[incident.flow]}`];
  // Whoever was asked, or called because others were silent, hears how it ended.
  const record = await shell.store.readIncident(incident.id);
  const owners = ownersOf(record?.decisions.flatMap(({ causes }) => causes) ?? [], shell.plan);
  const others = asked === 'not-approved' ? [...approval.roles, ...approval.escalation] : owners;
  const roles = [...new Set([...level, ...others])];
  // Of a flow that was held up, in a dark region say: that users are served without the zone is no news of a lost region.
  if (asked === 'recovered' && incident.flow === 'az-failover' && record?.level === 3)
    return { told: [], untold: {}, occasion: asked };
  // Nobody answers a request any more whose region is well again.
  const isOver = asked === 'not-approved' && found['answer'] === 'void' && (record?.closedAt ?? null) !== null;
  const facts: typeof found = {
    ...found,
    ...(isOver && { over: true }),
    ...(await besidePlan(asked, found, record, shell)),
  };
  const { occasion, seen } = await asSeenNow(asked, incident, facts, retries, shell);
  const last = record?.decisions.findLast((decision) => decision.evidence.length > 0);
  const more = await moreFacts(occasion, incident, facts, shell);
  if (more === null) return { told: [], untold: {}, occasion };
  // What is suspected goes into the first message: nobody is called twice for one degradation.
  const owner = isDegraded(occasion) && owners.length > 0 ? { owner: owners.join(', ') } : {};
  const wellAgain = occasion === 'recovered' && incident.flow === 'az-failover' && isWellAgain(incident.zone, record);
  const told = { ...owner, ...facts, ...seen, ...more, ...(wellAgain && { wellAgain }) };
  // That it was the last try is news, of the same failures too.
  const isLast = occasion === 'failed' && facts['againSeconds'] === null;
  const which = occasion === 'failed' ? `/${failuresOf(facts).map(stateWords).join(',')}${isLast ? '/last' : ''}` : '';
  const of = { incident: incident.id, stage: stageOf(shell.prefix) };
  const evidence = evidenceWords(last ?? { evidence: [] }, of);
  const report = reportAddress(incident.id, shell);
  const message = flowMessage(occasion, incident, told, evidence, {
    ...{ report, calls, lastServedAt: record?.lastServedAt ?? null },
    isHome: incident.standby === shell.plan.roles.primary,
    now: shell.now(),
    remindsAt: shell.now() + approval.reminderSeconds * 1000,
  });
  const heard = await tell({ id: `${incident.execution}/${occasion}${which}`, message, of: incident }, roles, shell, {
    mayRepeat: retries < triesAgain,
  });
  return { ...heard, occasion };
});

/**
 * Of what a person planned: `overtaken` where its request gave way to what had failed, `before` where that is dealt with already, however late its flow
 * hears of it; `beside` where there is no way, and something fails now.
 */
async function besidePlan(
  asked: Occasion,
  { answer }: Readonly<Record<string, unknown>>,
  record: Incident | null,
  { store, plan, now }: Shell,
): Promise<Readonly<Record<string, unknown>>> {
  if (record?.planned === undefined) return {};
  const isClosed = record.closedAt !== null;
  if (asked === 'not-approved' && givesWay(record) && (answer === 'void' || (isClosed && answer === 'expired')))
    return { overtaken: isClosed ? 'before' : 'now' };
  // Its region was given back before it had asked: it finds no way any more, and nobody has to mend one.
  if (asked === 'no-way' && isClosed && givesWay(record)) return { overtaken: 'before' };
  if (asked !== 'no-way' || isClosed) return {};
  const { region } = record;
  const [signals, standing] = await Promise.all([store.readSignals(region, 0), store.readStanding(region)]);
  const { level } = await classified(region, signals, standing, store, plan, now());
  return level === 2 || level === 3 ? { beside: true } : {};
}

/** Minutes may have passed since users were seen to be served, and what fails may be something else: whoever says so has just looked. */
async function asSeenNow(
  occasion: Occasion,
  { standby }: FlowIncident,
  facts: Readonly<Record<string, unknown>>,
  retries: number,
  shell: Shell,
): Promise<{ readonly occasion: Occasion; readonly seen: Readonly<Record<string, unknown>> }> {
  // Of what could not leave a zone, and of a region that may be well again, users say how much it hurries.
  const isOver = facts['over'] === true;
  if (occasion === 'failed' || isOver)
    return { occasion, seen: { users: await lookAsUsers(shell).catch(() => undefined) } };
  const otherwise = unservedOf(occasion, facts);
  if (otherwise === null) return { occasion, seen: {} };
  const { served, answered, made } = await lookAsUsers(shell, standby ?? null, retries);
  const seen = { users: { answered, made } };
  if (served) return { occasion, seen };
  // Right after a failover one lost visit in thirty is no second cause.
  if (retries < triesAgain) throw new Unavailable(`${answered} of ${made} visits were answered: looks again`);
  return { occasion: otherwise, seen };
}

/** Null where there is nothing to say. */
async function moreFacts(
  occasion: Occasion,
  incident: FlowIncident,
  { changed: told }: Readonly<Record<string, unknown>>,
  shell: Shell,
): Promise<Readonly<Record<string, unknown>> | null> {
  if (isDegraded(occasion)) {
    const diagnosis = await diagnosisOf(incident, shell);
    if (occasion === 'degraded') return diagnosis;
    const changed = newlyKnown(diagnosis.changed, Array.isArray(told) ? told : [], incident.since);
    return changed.length === 0 ? null : { ...diagnosis, changed };
  }
  if (occasion !== 'not-approved') return {};
  // That it is held must be told, also where nobody can say who answered what.
  const answers = await answersTo(incident.execution, shell).catch((error: unknown) => {
    shell.log.error('answers not read', { execution: incident.execution, error: String(error) });
    return [];
  });
  return { answers };
}
