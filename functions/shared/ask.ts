// Asks people: each approver with a link of their own, everybody else who is told with the facts alone.
import { escalationMessage, messageTo, type Reader } from '../domain/approval-words.ts';
import { isReadByMany } from '../domain/channels.ts';
import { requestMessage } from '../domain/region-words.ts';
import type { ApprovalRequest } from '../domain/types.ts';
import type { Message } from '../domain/words.ts';
import { linkFor } from './links.ts';
import { page } from './page.ts';
import type { Shell } from './shell.ts';

/**
 * Tells everybody of a request, once. Where no link can be made at the moment, approvers are told without one: they can
 * answer from the command line, and `sendMissingLinks` sends it later. @throws the first failure to tell, after all were tried.
 */
export async function askPeople(request: ApprovalRequest, shell: Shell): Promise<void> {
  const roles = [...new Set([...shell.plan.notifications.level3, ...request.roles])];
  const asked = await messagesAbout(request, requestMessage(request), shell);
  const told = roles.map(async (role) => {
    const reader = await readerOf(role, request, shell);
    const occasion = reader.asked && reader.link === null ? withoutLink : 'asked';
    await page(`${request.id}/${occasion}`, [role], async () => asked(reader), shell);
  });
  await allOf(told);
}

const withoutLink = 'asked-without-link';

/** Asks those again whose first message had no link, once there is one. */
export async function sendMissingLinks(request: ApprovalRequest, shell: Shell): Promise<void> {
  for (const role of request.roles) {
    if (!(await shell.store.wasSent(`message:${request.id}/${withoutLink}:${role}`))) continue;
    const reader = await readerOf(role, request, shell);
    if (!reader.asked || reader.link === null) continue;
    const asked = await messagesAbout(request, requestMessage(request), shell);
    await page(`${request.id}/asked`, [role], async () => asked(reader), shell);
  }
}

/** Reminds those who do not answer, and calls others for them. `reminder` counts from 1. Safe to repeat. */
export async function askAgain(
  request: ApprovalRequest,
  facts: Message,
  silent: readonly string[],
  reminder: number,
  shell: Shell,
): Promise<void> {
  // With the n-th reminder the n-th contact is called; a sweep that was missed leaves none out.
  const called = shell.plan.approval.escalation.slice(0, reminder).filter((role) => !silent.includes(role));
  const remind = async (role: string) =>
    (await messagesAbout(request, facts, shell))(await readerOf(role, request, shell));
  const escalate = async (role: string) =>
    (await messagesAbout(request, escalationMessage(request, silent, facts), shell))({ asked: false, role });
  await allOf([
    page(`${request.id}/reminder/${reminder}`, silent, remind, shell),
    page(`${request.id}/escalated`, called, escalate, shell),
  ]);
}

/** Waits for all, so that one who cannot be told keeps nobody else from hearing. @throws the first failure. */
async function allOf(told: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(told)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** A message about a request for each reader. */
async function messagesAbout(
  request: ApprovalRequest,
  facts: Message,
  { store, log }: Shell,
): Promise<(reader: Reader) => Message> {
  // The request says enough to decide: what cannot be read of the incident keeps nobody from being asked.
  const incident = await store.readIncident(request.incident).catch((error: unknown) => {
    log.error('incident not read', { incident: request.incident, error: String(error) });
    return null;
  });
  return (reader) => messageTo(reader, facts, request, incident);
}

/** How a role is told. A channel that many read gets no link, whoever was asked. */
async function readerOf(role: string, request: ApprovalRequest, shell: Shell): Promise<Reader> {
  if (!request.roles.includes(role) || isReadByMany(shell.plan.contacts[role]?.channel)) return { asked: false, role };
  try {
    return { asked: true, role, link: await linkFor(request, role, shell) };
  } catch (error) {
    shell.log.error('no link', { request: request.id, role, error: String(error) });
    return { asked: true, role, link: null };
  }
}
