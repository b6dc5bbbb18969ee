// What the secret parameter of a channel holds, and where that is posted to. Pure.
import type { PostedChannel } from './channels.ts';

/** Where messages go; or what is wrong with what the parameter holds, which is never quoted: it is a secret. */
export type SecretAddress =
  | { readonly address: string; readonly wrong: null }
  | { readonly address: null; readonly wrong: string };

/** PagerDuty has one host for each of its service regions; a key does not say of which it is. */
const pagerDutyHosts = { us: 'https://events.pagerduty.com', eu: 'https://events.eu.pagerduty.com' } as const;

/** Hosts of the Office 365 connectors, which Microsoft has retired: what is posted there reaches nobody. */
const retiredHosts = ['webhook.office.com', 'outlook.office.com', 'outlook.office365.com'];

/** `us:KEY` and `eu:KEY` name PagerDuty's service region; a key alone is of the United States. */
export function addressIn(channel: PostedChannel, secret: string): SecretAddress {
  if (channel === 'pagerduty') {
    const key = /^(?:(us|eu):)?[a-zA-Z0-9]{32}$/.exec(secret);
    if (key === null) return no('holds no routing key, expected 32 letters and digits, or eu: before them');
    return { address: pagerDutyHosts[key[1] === 'eu' ? 'eu' : 'us'], wrong: null };
  }
  if (!URL.canParse(secret) || new URL(secret).protocol !== 'https:') return no('holds no https address');
  const { hostname } = new URL(secret);
  if (channel === 'teams' && retiredHosts.some((host) => hostname === host || hostname.endsWith(`.${host}`)))
    return no(
      'holds the address of an Office 365 connector, which Microsoft has retired: make a workflow in Teams ("When a webhook request is received") and use its address',
    );
  return { address: secret, wrong: null };
}

function no(wrong: string): SecretAddress {
  return { address: null, wrong };
}

/** The key itself, without its place. */
export function routingKey(secret: string): string {
  return secret.replace(/^(us|eu):/, '');
}
