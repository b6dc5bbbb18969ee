// Makes and checks the links of approvers. A link's text is signed, says nothing of what it opens, and opens nothing without
// the store; the key stays in Secrets Manager.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readSecret } from '../../aws/secrets.ts';
import {
  type Link,
  type LinkKey,
  linkText,
  readKeyRing,
  readLinkText,
  shownAfterSeconds,
} from '../../domain/approval/link.ts';
import { CannotProceed } from '../../domain/errors.ts';
import type { ApprovalRequest } from '../../domain/types.ts';
import type { Shell } from '../shell.ts';

type Ring = readonly [LinkKey, ...LinkKey[]];

/** How long a key ring is used before it is read again. */
const keptMs = 300_000;
/** How long it is used at least, although a link names a key that is not in it: a rotation may just have made that. */
const freshMs = 10_000;

const reading = new WeakMap<Shell, Promise<Ring>>();
const rings = new WeakMap<Shell, { readonly ring: Ring; readonly readAt: number }>();
/** What a link is compared with whose key is not known: no link was ever made with it. */
const nobodysKey: LinkKey = { id: 'none', key: randomBytes(32) };

/**
 * The address of an approver's own page. The same request and approver give the same link as long as the key is the same,
 * so that repeating changes nothing; one that is sent after the request's end, at `until`, is another. @throws Unavailable, CannotProceed.
 */
export async function linkFor(
  request: ApprovalRequest,
  approver: string,
  shell: Shell,
  until: number = request.expiresAt,
): Promise<string> {
  const { pageUrl, store } = shell;
  if (pageUrl === null) throw new CannotProceed('BREAKWATER_PAGE_URL is not set: there is no page to link to');
  const [key] = await readRing(keptMs, shell);
  const named = until === request.expiresAt ? [request.id, approver] : [request.id, approver, until];
  const id = sign(key, `id ${JSON.stringify(named)}`)
    .subarray(0, 16)
    .toString('base64url');
  const expiresAt = until + shownAfterSeconds * 1000;
  await store.keepLink({ id, request: request.id, approver, expiresAt });
  return `${pageUrl}/r/${linkText({ key: key.id, id, mac: macOf(key, id) })}`;
}

/** A link that was checked, and the key it was made with. */
export type OpenedLink = { readonly link: Link; readonly key: LinkKey };

/**
 * The link that a text is; null where it is forged, unknown or expired. The same work is done for each of these, so that
 * the time it takes tells none of them apart. @throws Unavailable, CannotProceed.
 */
export async function openLink(text: string, shell: Shell): Promise<OpenedLink | null> {
  const { store, now } = shell;
  const read = readLinkText(text);
  const known = (ring: Ring) => ring.find(({ id }) => id === read?.key);
  const ring = await readRing(keptMs, shell);
  const key = known(ring) ?? (read === null ? undefined : known(await readRing(freshMs, shell))) ?? nobodysKey;
  const id = read?.id ?? createHash('sha256').update(text).digest('base64url').slice(0, 22);
  const isSigned = equal(macOf(key, id), read?.mac ?? '');
  const link = await store.readLink(id);
  if (!isSigned || link === null || now() >= link.expiresAt) return null;
  return { link, key };
}

/** What the forms of a link's page carry: only who has read that page knows it. */
export function formTokenOf({ link, key }: OpenedLink): string {
  return sign(key, `form answer ${link.id}`).toString('base64url');
}

export function isFormTokenOf(opened: OpenedLink, text: string): boolean {
  return equal(formTokenOf(opened), text);
}

function macOf(key: LinkKey, id: string): string {
  return sign(key, `link ${key.id} ${id}`).toString('base64url');
}

function sign({ key }: LinkKey, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** In constant time, whatever the lengths: the digests are compared. */
function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The key ring, read again when it is older than `mostMs`. One that cannot be read again is used a little longer. */
async function readRing(mostMs: number, shell: Shell): Promise<Ring> {
  const { now, log } = shell;
  const kept = rings.get(shell);
  if (kept !== undefined && now() - kept.readAt < mostMs) return kept.ring;
  try {
    return await readAgain(shell);
  } catch (error) {
    // A key does not go bad in a few minutes; links that do not open at 3 a.m. do harm.
    if (kept === undefined) throw error;
    log.error('key of the links not read again', { error: String(error) });
    return kept.ring;
  }
}

/** Several who ask at once wait for one answer: where there is none, a function has no time to wait for each. */
function readAgain(shell: Shell): Promise<Ring> {
  const asked = reading.get(shell);
  if (asked !== undefined) return asked;
  const answer = ringOf(shell.region, shell.linkKey)
    .then((ring) => {
      rings.set(shell, { ring, readAt: shell.now() });
      return ring;
    })
    .finally(() => reading.delete(shell));
  reading.set(shell, answer);
  return answer;
}

async function ringOf(region: string, linkKey: string | null): Promise<Ring> {
  if (linkKey === null) throw new CannotProceed('BREAKWATER_LINK_KEY is not set: no link can be made or checked');
  const value = await readSecret(region, linkKey);
  const ring = value === null ? null : readKeyRing(value);
  if (ring === null) throw new CannotProceed('the secret of the links holds no key ring');
  return ring;
}
