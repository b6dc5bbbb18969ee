// What the door answers: pages that no script runs in and nobody keeps, frames or is told the address of; and JSON.
import { createHash } from 'node:crypto';
import type { Limit } from '../../domain/approval/hits.ts';
import { pageStyle } from '../../domain/page/approval-page.ts';

/** An HTTP request, with its headers' names in lower case. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** IP address that it came from. */
  readonly address: string;
  /** ARN of the caller that the IAM authorizer found; null where there was none. */
  readonly callerArn: string | null;
};

export type DoorAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const styleHash = createHash('sha256').update(pageStyle).digest('base64');

const safe: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
};

export function html(status: number, body: string, more: Readonly<Record<string, string>> = {}): DoorAnswer {
  return { status, headers: { ...safe, 'content-type': 'text/html; charset=utf-8', ...more }, body };
}

export function plain(status: number, body: string, more: Readonly<Record<string, string>> = {}): DoorAnswer {
  return { status, headers: { ...safe, 'content-type': 'text/plain; charset=utf-8', ...more }, body: `${body}\n` };
}

export function json(status: number, value: unknown, more: Readonly<Record<string, string>> = {}): DoorAnswer {
  return { status, headers: { ...safe, 'content-type': 'application/json', ...more }, body: JSON.stringify(value) };
}

/** After a form was taken: the page again, so that loading it again sends nothing twice. */
export function seeOther(path: string): DoorAnswer {
  return { status: 303, headers: { ...safe, location: path }, body: '' };
}

/** What a limit's end is told with. */
export function retryAfter({ seconds }: Limit): Readonly<Record<string, string>> {
  return { 'retry-after': String(seconds) };
}
