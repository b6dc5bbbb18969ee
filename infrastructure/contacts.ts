// Where each contact of the plan is reached: the addresses that the command gives for the roles, checked.
import { isPosted, type TopicChannel, topicsTo } from '../functions/domain/plan/channels.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';

/** How SNS reaches one person. */
export type Address = { readonly protocol: 'email' | 'https' | 'sms'; readonly endpoint: string };
export type Addresses = Readonly<Record<string, readonly Address[]>>;

/**
 * The addresses of each topic: of a role, from `--param <role>=<address>[,<address>]`, of its later channels from `--param <role>-<channel>=`; null where `--param addresses=elsewhere` says
 * that people are subscribed in another way. `wrong` says in a line each what is missing, in one line, or contradicts.
 */
export async function readAddresses(
  { contacts, approval }: Plan,
  given: (name: string) => Promise<unknown>,
): Promise<{ readonly addresses: Addresses | null; readonly wrong: readonly string[] }> {
  const elsewhere = await given('addresses');
  const addresses: Record<string, Address[]> = {};
  const wrong: string[] = [];
  const missing: string[] = [];
  const roleAt = new Map<string, string>();
  if (elsewhere !== null && elsewhere !== 'elsewhere')
    wrong.push(`--param addresses: is ${JSON.stringify(elsewhere)}, expected elsewhere, or an address for each role`);
  // What is posted is written to by the functions, and has no subscription.
  for (const [role, { channel }] of Object.entries(contacts))
    if (isPosted(channel) && (await given(role)) !== null)
      wrong.push(`--param ${role}: is not needed, as ${role} is reached by ${channel}`);
  const topics = Object.entries(contacts).flatMap(([role, contact]) =>
    topicsTo(role, contact).map((way) => ({ role, ...way })),
  );
  for (const { role, of, channel } of topics) {
    const param = `--param ${of}`;
    const text = await given(of);
    if (text !== null && elsewhere !== null) wrong.push(`${param}: contradicts --param addresses=${elsewhere}`);
    if (elsewhere !== null) continue;
    // The chat channel is subscribed where it is configured.
    if (channel === 'amazon-q') {
      if (text !== null) wrong.push(`${param}: is not needed, as ${role} is reached by ${channel}`);
      continue;
    }
    if (text === null) missing.push(of);
    for (const endpoint of text === null ? [] : String(text).split(',')) {
      const protocol = protocolOf(endpoint);
      if (protocol === null || (protocol === 'sms') !== (channel === 'sms')) {
        wrong.push(`${param}: is ${JSON.stringify(endpoint)}, expected ${expectedOf(channel)}`);
        continue;
      }
      // Two approvers who are one person would be two answers of one person.
      const other = roleAt.get(endpoint.toLowerCase());
      if (other !== undefined && approval.roles.includes(role) && approval.roles.includes(other))
        wrong.push(`${param}: is the address of ${other} too, expected another: approvers are different people`);
      roleAt.set(endpoint.toLowerCase(), role);
      addresses[of] = [...(addresses[of] ?? []), { protocol, endpoint }];
    }
  }
  if (missing.length > 0)
    wrong.push(
      `--param ${missing.join(', ')}: missing, expected an e-mail address or an https address for each (of sms: a number such as +15551234567), or --param addresses=elsewhere`,
    );
  return { addresses: elsewhere === null ? addresses : null, wrong };
}

function expectedOf(channel: TopicChannel): string {
  return channel === 'sms' ? 'a telephone number such as +15551234567' : 'an e-mail address or an https address';
}

function protocolOf(endpoint: string): Address['protocol'] | null {
  if (/^\+[1-9]\d{6,14}$/.test(endpoint)) return 'sms';
  if (/^https:\/\/[^\s/]+\S*$/.test(endpoint)) return 'https';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(endpoint) ? 'email' : null;
}
