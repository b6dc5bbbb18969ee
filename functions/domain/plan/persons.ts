// Knows people by any of their names: their role, their handle, or the IAM roles and users they answer with. Pure.
import type { Plan } from './plan.ts';

type Contact = Pick<Plan['contacts'][string], 'handle' | 'iam'>;
type Contacts = { readonly contacts: Readonly<Record<string, Contact>> };

/**
 * Who a name means: one person in two roles is one person, and so is one that is spelled in another way. What is no name
 * of the plan is a person of its own. It only ever excludes people from answering: a look-alike counts as the person.
 */
export function personOf(name: string, { contacts }: Contacts): string {
  const wanted = spelled(name);
  const all = Object.entries(contacts);
  const found =
    all.find(([role]) => spelled(role) === wanted) ??
    all.find(([, { handle }]) => spelled(handle) === wanted) ??
    all.find(([, { iam }]) => iam.some((identity) => spelled(bare(identity)) === wanted));
  return found === undefined ? wanted : spelled(found[1].handle);
}

/** Whether two names mean one person. */
export function isSamePerson(one: string, other: string, plan: Contacts): boolean {
  return personOf(one, plan) === personOf(other, plan);
}

/** The people who stand behind roles, each by the first of their roles. */
export function personsIn(roles: readonly string[], plan: Contacts): string[] {
  const first = new Map<string, string>();
  for (const role of roles) {
    const person = personOf(role, plan);
    if (!first.has(person)) first.set(person, role);
  }
  return [...first.values()];
}

/** Whether a contact answers with an IAM identity, to the letter. */
export function hasIdentity({ iam }: Pick<Contact, 'iam'>, identity: string): boolean {
  return iam.includes(identity);
}

/** A name without what people write differently: capitals, the sign before a handle, and what stands before it in an ARN. */
function spelled(name: string): string {
  const plain = bare(identityIn(name) ?? name);
  return plain.normalize('NFKC').trim().replace(/^@/, '').toLowerCase();
}

/** An IAM identity without its kind and path. */
function bare(identity: string): string {
  return /^(?:role|user)\//.test(identity) ? (identity.split('/').at(-1) ?? identity) : identity;
}

const principal = /^arn:[a-z-]+:(?:iam|sts)::\d{12}:(user|role|assumed-role)\/(.+)$/i;

/**
 * The IAM identity in an ARN, as the plan writes it: `role/NAME`, or `user/NAME` with the user's path. A session names its role
 * without a path; that is enough, since a role's name is unique in its account, whatever its path. Source: IAM, "IAM and AWS
 * STS quotas", name requirements. Null where it is no ARN of a user or role.
 */
export function identityIn(arn: string): string | null {
  const [, kind, path = ''] = principal.exec(arn.trim()) ?? [];
  if (kind === undefined) return null;
  if (kind.toLowerCase() === 'user') return `user/${path}`;
  const parts = path.split('/');
  return `role/${kind.toLowerCase() === 'role' ? parts.at(-1) : parts[0]}`;
}

/**
 * The human behind an ARN, as far as AWS tells: the session's name, which IAM Identity Center makes the user's own name, or the
 * user's name. Who assumes a role may choose another one: this tells that two are one, and never that they are not. Null where it
 * is no ARN of a session or user.
 */
export function humanIn(arn: string): string | null {
  const [, kind, path = ''] = principal.exec(arn.trim()) ?? [];
  if (kind === undefined || kind.toLowerCase() === 'role') return null;
  return path.split('/').at(-1)?.normalize('NFKC').toLowerCase() ?? null;
}
