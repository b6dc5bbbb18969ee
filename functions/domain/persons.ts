// Knows people by any of their names: their role, their handle, or the IAM names they answer with. Pure.
import type { Plan } from './plan.ts';

type Contact = Pick<Plan['contacts'][string], 'handle' | 'iam'>;
type Contacts = { readonly contacts: Readonly<Record<string, Contact>> };

/**
 * Who a name means: one person in two roles is one person, and so is one that is spelled in another way. What is no name
 * of the plan is a person of its own.
 */
export function personOf(name: string, { contacts }: Contacts): string {
  const wanted = spelled(name);
  const all = Object.entries(contacts);
  const found =
    all.find(([role]) => spelled(role) === wanted) ??
    all.find(([, { handle }]) => spelled(handle) === wanted) ??
    all.find(([, contact]) => hasIdentity(contact, name));
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

/** Whether a contact answers with an IAM name. */
export function hasIdentity({ iam }: Pick<Contact, 'iam'>, identity: string): boolean {
  return iam.some((name) => spelled(name) === spelled(identity));
}

/** A name without what people write differently: capitals, the sign before a handle, and the path in an ARN. */
export function spelled(name: string): string {
  const plain = identityIn(name) ?? name;
  return plain.normalize('NFKC').trim().replace(/^@/, '').toLowerCase();
}

/**
 * The IAM name in an ARN: a user's own, or that of the role that was assumed. The session's name says nothing: who assumes
 * a role chooses it. Null where it is no ARN of a user or role.
 */
export function identityIn(arn: string): string | null {
  const [, kind, path = ''] =
    /^arn:[a-z-]+:(?:iam|sts)::\d{12}:(user|role|assumed-role)\/(.+)$/i.exec(arn.trim()) ?? [];
  if (kind === undefined) return null;
  const parts = path.split('/');
  return (kind.toLowerCase() === 'assumed-role' ? parts[0] : parts.at(-1)) ?? null;
}
