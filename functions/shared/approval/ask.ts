// Asks people: each approver with a link of their own, everybody else who is told with the facts alone.
import { coolsUntil } from '../../domain/decision/decide.ts';
import { Unavailable, whyOf } from '../../domain/errors.ts';
import { stageOf } from '../../domain/flows.ts';
import { carriesLink } from '../../domain/plan/channels.ts';
import { personsIn } from '../../domain/plan/persons.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { type About, type Addressee, lostSince, messageTo, notToldMessage } from '../../domain/words/approval-words.ts';
import type { Waiting } from '../../domain/words/region-words.ts';
import type { Message } from '../../domain/words/words.ts';
import { isPassedOver, tellAll } from '../messages/tell.ts';
import type { Shell } from '../shell.ts';
import { linkFor } from './links.ts';

/**
 * Tells everybody of a request, each once, and each on a channel of their own. Safe to repeat. A request stands with enough
 * approvers who were told: a channel that fails is tried again with each sweep. @throws Unavailable where too few were told.
 */
export async function askPeople(request: ApprovalRequest, shell: Shell): Promise<void> {
  const failing = await askAll(request, request.roles, shell);
  const told = personsIn(
    request.roles.filter((role) => !failing.has(role)),
    shell.plan,
  ).length;
  if (told >= request.required || failing.size === 0) return;
  const why = [...failing].map(([role, error]) => `${role}: ${error}`).join('; ');
  throw new Unavailable(`${told} approvers were told, expected ${request.required}: ${why}`);
}

/**
 * Tries the channels again that failed, and says to somebody else, once for each, that they do; what did not arrive by a role's first channel
 * is asked by the next one, once. `silent` are the roles that have not answered. @throws the first failure to say it.
 */
export async function askTheMissing(request: ApprovalRequest, silent: readonly string[], shell: Shell): Promise<void> {
  const failing = [...(await askAll(request, silent, shell)).keys()];
  const { notifications, approval } = shell.plan;
  const others = [...new Set([...notifications.failure, ...approval.escalation])].filter(
    (role) => !failing.includes(role),
  );
  await allOf([
    ...failing.map((role) =>
      tellAll(
        `${request.id}/not-told/${role}`,
        others,
        notToldMessage(request, role, shell.plan, stageOf(shell.prefix)),
        shell,
      ),
    ),
    ...silent.filter((role) => !failing.includes(role)).map((role) => askByNext(request, role, shell)),
  ]);
}

/** Whoever was asked when nobody knew yet that it would not arrive. */
async function askByNext(request: ApprovalRequest, role: string, shell: Shell): Promise<void> {
  if (!(await isPassedOver(role, shell))) return;
  const asked = await messagesAbout(request, { news: 'asked', reach: reachWords(request.roles, shell) }, shell);
  await tellAll(
    `${request.id}/asked-by-next`,
    [role],
    async () => asked(await addresseeOf(role, request, shell)),
    shell,
  );
}

/**
 * Tells those who were not told yet: of the approvers `asking`, and all who read along. Where no link can be made at the moment, approvers are told without one: they can answer
 * from the command line, and get it as soon as there is one. Returns the roles that could not be told, and why.
 */
async function askAll(request: ApprovalRequest, asking: readonly string[], shell: Shell): Promise<Map<string, string>> {
  const { level3 } = shell.plan.notifications;
  const roles = [...level3.filter((role) => !request.roles.includes(role)), ...asking];
  const hearers = [...level3, ...request.roles];
  const asked = await messagesAbout(request, { news: 'asked', reach: reachWords(request.roles, shell) }, shell);
  const failing = new Map<string, string>();
  const told = roles.map(async (role) => {
    if (await shell.store.wasSent(`message:${request.id}/asked:${role}`)) return;
    const addressee = await addresseeOf(role, request, shell);
    const occasion = addressee.asked && addressee.link === null ? 'asked-without-link' : 'asked';
    const isAtOnce =
      (await isPassedOver(role, shell)) && !(await shell.store.wasSent(`message:${request.id}/${occasion}:${role}`));
    await tellAll(`${request.id}/${occasion}`, [role], async () => asked(addressee), shell, hearers);
    // Who was asked by the next channel at once is not asked by it again.
    if (isAtOnce) await shell.store.markSent(`message:${request.id}/asked-by-next:${role}`, shell.now());
  });
  for (const [index, one] of (await Promise.allSettled(told)).entries())
    if (one.status === 'rejected') failing.set(roles[index] ?? '', whyOf(one.reason));
  return failing;
}

/** Reminds those who do not answer, and calls others for them. `reminder` counts from 1. Safe to repeat. */
export async function askAgain(
  request: ApprovalRequest,
  waiting: Waiting,
  reminder: number,
  shell: Shell,
): Promise<void> {
  // With the n-th reminder the n-th contact is called; a sweep that was missed leaves none out.
  const { silent } = waiting;
  const reach = reachWords(silent, shell);
  const called = shell.plan.approval.escalation.slice(0, reminder).filter((role) => !silent.includes(role));
  const remind = async (role: string) =>
    (await messagesAbout(request, { news: 'reminder', reach, ...waiting }, shell))(
      await addresseeOf(role, request, shell),
    );
  const escalate = async (role: string) =>
    (await messagesAbout(request, { news: 'no-answer', reach, ...waiting }, shell))({ asked: false, role });
  await allOf([
    tellAll(`${request.id}/reminder/${reminder}`, silent, remind, shell),
    tellAll(`${request.id}/escalated`, called, escalate, shell),
  ]);
}

/** Roles, each with how it is reached. */
function reachWords(roles: readonly string[], { plan: { contacts } }: Pick<Shell, 'plan'>): string {
  return roles.map((role) => `${contacts[role]?.handle ?? 'not in the plan'} (${role})`).join(', ');
}

/** Waits for all, so that one who cannot be told keeps nobody else from hearing. @throws the first failure. */
async function allOf(told: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(told)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** A message about a request for each addressee. */
async function messagesAbout(
  request: ApprovalRequest,
  about: About,
  { store, plan, log, prefix }: Shell,
): Promise<(addressee: Addressee) => Message> {
  // The request says enough to decide: what cannot be read of the incident keeps nobody from being asked.
  const incident = await store.readIncident(request.incident).catch((error: unknown) => {
    log.error('incident not read', { incident: request.incident, error: String(error) });
    return null;
  });
  const lost = lostSince(request, incident);
  const standing = lost === null ? null : await store.readStanding(request.target).catch(() => null);
  const cools = lost === null || standing === null ? null : coolsUntil(lost, standing, plan);
  return (addressee) => messageTo(addressee, about, request, incident, stageOf(prefix), cools);
}

/**
 * How a role is told. A channel that many read, or that is short, gets no link, whoever was asked. The link opens the page for a day after
 * `until`: the request's end, or a later time at which people are told of it.
 */
export async function addresseeOf(
  role: string,
  request: ApprovalRequest,
  shell: Shell,
  until: number = request.expiresAt,
): Promise<Addressee> {
  if (!request.roles.includes(role) || !carriesLink(shell.plan.contacts[role]?.channel)) return { asked: false, role };
  try {
    return { asked: true, role, link: await linkFor(request, role, shell, until) };
  } catch (error) {
    shell.log.error('no link', { request: request.id, role, error: String(error) });
    return { asked: true, role, link: null };
  }
}
