// What people's channels outside AWS are in the twin: the addresses and keys of Slack, Teams and PagerDuty, and who answers there.
import { isPosted, type PostedChannel } from '../../../functions/domain/plan/channels.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';

const webhooks = 'https://webhook.example/';
const pagerDuty = 'https://events.pagerduty.com/';

/** A message that a channel outside AWS took. */
export type Taken = { readonly role: string; readonly channel: PostedChannel; readonly subject: string };

/** What the secret parameter of a name holds; null where it is of no contact. */
export function secretIn(name: string, { contacts }: Pick<Plan, 'contacts'>): string | null {
  const [role, contact] = Object.entries(contacts).find(([, { webhook }]) => webhook === name) ?? [];
  if (role === undefined) return null;
  return contact?.channel === 'pagerduty' ? keyOf(role) : `${webhooks}${role}`;
}

/** Whether an address is one of theirs. */
export function isOutside(url: string): boolean {
  return url.startsWith(webhooks) || url.startsWith(pagerDuty);
}

/** Who hears what is posted, and how it is answered. PagerDuty refuses an event without a key that it gave, a summary, or a source. */
export function postTo(
  url: string,
  text: string,
  { contacts }: Pick<Plan, 'contacts'>,
): { readonly status: number; readonly taken: Taken | null } {
  const body = JSON.parse(text);
  const isTold = ([role]: readonly [string, unknown]): boolean =>
    url.startsWith(pagerDuty) ? keyOf(role) === body.routing_key : url === `${webhooks}${role}`;
  const [role, contact] = Object.entries(contacts).find(isTold) ?? [];
  if (role === undefined || !isPosted(contact?.channel))
    return { status: url.startsWith(pagerDuty) ? 400 : 404, taken: null };
  const { channel } = contact;
  if (channel !== 'pagerduty')
    return { status: 200, taken: { role, channel, subject: /"text":"\*?([^"\\*]*)/.exec(text)?.[1] ?? '' } };
  const { summary = '', source = '' } = body.payload ?? {};
  // A change calls nobody, and needs a summary alone.
  if (url.includes('/v2/change/')) return { status: summary === '' ? 400 : 202, taken: null };
  const isWhole = summary !== '' && summary.length <= 1024 && source !== '' && (body.dedup_key ?? '').length <= 255;
  return isWhole ? { status: 202, taken: { role, channel, subject: summary } } : { status: 400, taken: null };
}

/** 32 letters and digits, as PagerDuty's are. */
function keyOf(role: string): string {
  return Buffer.from(role).toString('hex').padEnd(32, '0').slice(0, 32);
}
