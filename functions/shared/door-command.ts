// An answer from the command line: who gives it is who IAM says it is, and it is judged and kept as one from the page.
import * as z from 'zod';
import { confirm } from '../domain/confirmation.ts';
import { limits } from '../domain/hits.ts';
import { hasIdentity, identityIn, spelled } from '../domain/persons.ts';
import type { ApprovalRequest } from '../domain/types.ts';
import { answerRequest } from './approve.ts';
import { type Asked, type DoorAnswer, json } from './door-answer.ts';
import { isWithin } from './pace.ts';
import type { Shell } from './shell.ts';

const Command = z.strictObject({
  answer: z.enum(['approve', 'reject']),
  region: z.string().default(''),
  unfenced: z.string().default(''),
  reason: z.string().default(''),
});

/** Gives 200 with the verdict, also where the answer does not count. @throws Unavailable, CannotProceed. */
export async function answerCommand(id: string, asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const { store, log, now } = shell;
  const { callerArn } = asked;
  const identity = callerArn === null ? null : ownIdentity(callerArn, shell);
  if (callerArn === null || identity === null) {
    log.warn('an answer of nobody that IAM knows here', { from: asked.address });
    return json(403, { error: 'the caller is not known here' });
  }
  if (!(await isWithin(limits.caller, `caller ${spelled(identity)}`, shell)))
    return json(429, { error: 'too many requests' }, { 'retry-after': String(limits.caller.seconds) });
  const command = Command.safeParse(parsedJson(asked.body));
  if (!command.success) return json(400, { error: describe(command.error) });
  const request = await store.readRequest(decoded(id));
  const approver = roleOf(identity, request, shell);
  if (approver === null) {
    log.warn('an answer of no contact', { caller: callerArn, from: asked.address });
    return json(403, { error: `${identity} is in iam of no contact of the plan` });
  }
  if (request === null) return json(404, { error: 'there is no such request' });
  const { problem, ...confirmed } = confirm(request, command.data);
  const given = {
    ...confirmed,
    answer: command.data.answer,
    request: request.id,
    approver,
    at: now(),
    from: asked.address,
    who: callerArn,
    how: 'command-line' as const,
  };
  const answered = await answerRequest(given, shell, problem === null ? null : 'it was not confirmed by typing');
  return problem === null ? json(200, answered) : json(400, { error: problem });
}

/** The IAM name of a caller of this account; null where it is none. */
function ownIdentity(arn: string, { account }: Shell): string | null {
  return arn.split(':')[4] === account ? identityIn(arn) : null;
}

/** The role that a caller answers as: of several the first that was asked. Null where there is none. */
function roleOf(identity: string, request: ApprovalRequest | null, { plan }: Shell): string | null {
  const roles = Object.entries(plan.contacts).flatMap(([role, contact]) =>
    hasIdentity(contact, identity) ? [role] : [],
  );
  return roles.find((role) => request?.roles.includes(role)) ?? roles[0] ?? null;
}

function describe({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}

/** What is no JSON is null, which is no command. */
function parsedJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
