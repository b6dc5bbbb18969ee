// The shape of an approver's link: an opaque text that names a key, a link and its proof, and the key ring it is made with.
// Pure: who makes and checks links is functions/shared/approval/links.ts.
import * as z from 'zod';

/** What a link opens: one request for one approver. Kept in the store; the link's text says none of it. */
export type Link = {
  readonly id: string;
  readonly request: string;
  /** The role that it was made for. */
  readonly approver: string;
  /** When it opens nothing any more, in milliseconds since 1970. */
  readonly expiresAt: number;
};

/** The parts of a link's text. */
export type LinkToken = { readonly key: string; readonly id: string; readonly mac: string };

export type LinkKey = { readonly id: string; readonly key: Uint8Array };

/** How long a link shows how its request ended, after the last moment for an answer. */
export const shownAfterSeconds = 86_400;

const token = /^(?<key>k\d{1,9})\.(?<id>[\w-]{22})\.(?<mac>[\w-]{43})$/;

/** Goes into an address as it is: base64 of such letters, digits, `_`, `-` and `.` has no `+` and no `/`. */
export function linkText({ key, id, mac }: LinkToken): string {
  return btoa(`${key}.${id}.${mac}`).replace(/=+$/, '');
}

/** The parts of a text; null where it is no link's. Only the one spelling that `linkText` gives is one. */
export function readLinkText(text: string): LinkToken | null {
  const parts = token.exec(decoded(text))?.groups as LinkToken | undefined;
  return parts !== undefined && linkText(parts) === text ? { ...parts } : null;
}

function decoded(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

const base64 = z.string().regex(/^[A-Za-z0-9+/]{43,}={0,2}$/);
const secret = z.strictObject({
  keys: z.array(z.strictObject({ id: z.string().regex(/^k\d{1,9}$/), key: base64 })),
  /** The first value, which CloudFormation generates. */
  seed: z.string().min(43).optional(),
});

/** How many keys are kept: the newest, which makes links, and two whose links still open. */
const keptKeys = 3;

/** The keys in a secret's value, newest first; null where it holds none that can be used. */
export function readKeyRing(value: string): [LinkKey, ...LinkKey[]] | null {
  const parsed = secret.safeParse(parsedJson(value));
  if (!parsed.success) return null;
  const { keys, seed } = parsed.data;
  const [newest, ...older] = keys.map(({ id, key }) => ({ id, key: bytesIn(key) }));
  if (newest !== undefined) return [newest, ...older];
  return seed === undefined ? null : [{ id: 'k0', key: new TextEncoder().encode(seed) }];
}

/** The secret's next value: a new key in front, and the two before it. */
export function rotated(ring: readonly [LinkKey, ...LinkKey[]], fresh: Uint8Array): string {
  const newest: LinkKey = { id: `k${Number(ring[0].id.slice(1)) + 1}`, key: fresh };
  const keys = [newest, ...ring].slice(0, keptKeys);
  return JSON.stringify({ keys: keys.map(({ id, key }) => ({ id, key: btoa(String.fromCharCode(...key)) })) });
}

function bytesIn(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
