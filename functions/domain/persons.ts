// Knows people by any of their names: their role, their handle, or the IAM names they answer with. Pure.

type Contact = { readonly handle: string; readonly iam: readonly string[] };
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
    all.find(([, { iam }]) => iam.some((identity) => spelled(identity) === wanted));
  return found === undefined ? wanted : spelled(found[1].handle);
}

/** How many people stand behind roles. */
export function personsIn(roles: readonly string[], plan: Contacts): number {
  return new Set(roles.map((role) => personOf(role, plan))).size;
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
