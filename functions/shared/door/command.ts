// An answer from the command line: who gives it is who IAM says it is, and it is judged and kept as one from the page.
import * as z from 'zod';
import { confirm } from '../../domain/approval/confirmation.ts';
import { type Limit, limits } from '../../domain/approval/hits.ts';
import { hasIdentity, identityIn } from '../../domain/plan/persons.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import { answerRequest } from '../approval/approve.ts';
import type { Shell } from '../shell.ts';
import { type Asked, type DoorAnswer, json, retryAfter } from './answer.ts';
import { isWithin, mayGuess } from './pace.ts';

const Command = z.strictObject({
  answer: z.enum(['approve', 'reject']),
  region: z.string().default(''),
  unfenced: z.string().default(''),
  reason: z.string().default(''),
});

/** Gives 200 and whether the answer counts, also where the answer does not count. @throws Unavailable, CannotProceed. */
export async function answerCommand(id: string, asked: Asked, shell: Shell): Promise<DoorAnswer> {
  const { store, log, now } = shell;
  const { callerArn } = asked;
  const stranger = async (error: string) => {
    log.warn('an answer of no contact', { caller: callerArn ?? 'nobody that IAM knows', from: asked.address });
    return (await mayGuess(asked, shell)) ? json(403, { error }) : tooMany(limits.address);
  };
  const identity = callerArn === null ? null : ownIdentity(callerArn, shell);
  if (callerArn === null || identity === null) return stranger('the caller is not known here');
  const request = await store.readRequest(decoded(id));
  const approver = roleOf(identity, request, shell);
  if (approver === null) return stranger(`${identity} is in iam of no contact of the plan`);
  const mayFail = () => isWithin(limits.caller, `caller ${identity}`, shell);
  const problem = async (status: number, error: string) =>
    (await mayFail()) ? json(status, { error }) : tooMany(limits.caller);
  const command = Command.safeParse(parsedJson(asked.body));
  if (!command.success) return problem(400, describe(command.error));
  if (request === null) return problem(404, 'there is no such request');
  const { problems, ...confirmed } = confirm(request, command.data);
  const refused = problems.length === 0 ? null : problems.map(({ text }) => text).join(' ');
  // Counted before it is kept, as on the page.
  if (refused !== null && !(await mayFail())) return tooMany(limits.caller);
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
  const answered = await answerRequest(given, shell, refused === null ? null : 'it was not confirmed by typing');
  return refused === null ? json(200, answered) : json(400, { error: refused });
}

function tooMany(limit: Limit): DoorAnswer {
  return json(429, { error: 'too many requests' }, retryAfter(limit));
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
