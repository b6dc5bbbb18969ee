// Where each contact of the plan is reached: the addresses that the command gives for the roles, checked.
import type { Plan } from '../functions/domain/plan.ts';

/** How SNS reaches one person. */
export type Address = { readonly protocol: 'email' | 'https'; readonly endpoint: string };
export type Addresses = Readonly<Record<string, readonly Address[]>>;

/** A channel with a webhook is written to by the functions, and has no subscription. */
const subscribed: readonly string[] = ['email', 'page'];

/**
 * The addresses of each role, from `--param <role>=<address>[,<address>]`; null where `--param addresses=elsewhere` says
 * that people are subscribed in another way; text says in one line what is missing or contradicts.
 */
export async function readAddresses(
  { contacts, approval }: Plan,
  given: (name: string) => Promise<unknown>,
): Promise<Addresses | null | string> {
  const elsewhere = await given('addresses');
  if (elsewhere !== null && elsewhere !== 'elsewhere')
    return `--param addresses: is ${JSON.stringify(elsewhere)}, expected elsewhere, or an address for each role`;
  const addresses: Record<string, Address[]> = {};
  const roleAt = new Map<string, string>();
  for (const [role, { channel }] of Object.entries(contacts)) {
    const param = `--param ${role}`;
    if (!/^[a-z][a-z0-9-]*$/.test(role) || role === 'cache-events')
      return `plan.yml, contacts.${role}: cannot name a topic, expected lower-case letters, digits and hyphens`;
    const text = await given(role);
    if (elsewhere !== null && text !== null) return `${param}: contradicts --param addresses=elsewhere`;
    if (elsewhere !== null) continue;
    if (!subscribed.includes(channel)) {
      if (text !== null) return `${param}: is not needed, as ${role} is reached by ${channel}`;
      continue;
    }
    if (text === null)
      return `${param}: is missing, expected an e-mail address or an https address, or --param addresses=elsewhere`;
    const each = String(text).split(',');
    for (const endpoint of each) {
      const protocol = protocolOf(endpoint);
      if (protocol === null)
        return `${param}: is ${JSON.stringify(endpoint)}, expected an e-mail address or an https address`;
      // Two approvers who are one person would be two answers of one person.
      const other = roleAt.get(endpoint.toLowerCase());
      if (other !== undefined && approval.roles.includes(role) && approval.roles.includes(other))
        return `${param}: is the address of ${other} too, expected another: approvers are different people`;
      roleAt.set(endpoint.toLowerCase(), role);
      addresses[role] = [...(addresses[role] ?? []), { protocol, endpoint }];
    }
  }
  return elsewhere === null ? addresses : null;
}

function protocolOf(endpoint: string): Address['protocol'] | null {
  if (/^https:\/\/[^\s/]+\S*$/.test(endpoint)) return 'https';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(endpoint) ? 'email' : null;
}
