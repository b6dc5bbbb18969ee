// Rotates the key that approval links are made with: a new one in front, the two before it kept, so that the links of open
// requests go on opening. Each step may be called again.
import { randomBytes } from 'node:crypto';
import {
  keepPendingSecret,
  readPendingSecret,
  readSecret,
  secretVersions,
  useSecretVersion,
} from '../../aws/secrets.ts';
import { type LinkKey, readKeyRing, rotated } from '../../domain/approval/link.ts';
import { CannotProceed, InvalidInput } from '../../domain/errors.ts';
import type { Shell } from '../shell.ts';

export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

/** @throws InvalidInput where it is another secret or version, CannotProceed where a value cannot be used, Unavailable. */
export async function rotateKey(what: RotationStep, arn: string, version: string, shell: Shell): Promise<void> {
  const { region, linkKey, log } = shell;
  if (arn !== linkKey) throw new InvalidInput('SecretId: is another secret, expected the key of the links');
  const versions = await secretVersions(region, arn);
  const stages = versions.get(version);
  if (stages === undefined) throw new InvalidInput('ClientRequestToken: expected a version of the secret');
  // A step that is repeated after the rotation has ended finds nothing left to do.
  if (stages.includes('AWSCURRENT')) return;
  if (!stages.includes('AWSPENDING'))
    throw new InvalidInput('ClientRequestToken: expected the version that is pending');
  if (what === 'createSecret' && (await readPendingSecret(region, arn, version)) === null) {
    const value = rotated(ringIn(await readSecret(region, arn)), randomBytes(32));
    await keepPendingSecret(region, arn, version, value);
  }
  // Nobody but these functions uses the key: setSecret has nobody to tell.
  if (what === 'testSecret') await checkPending(arn, version, region, { isEnd: false });
  if (what === 'finishSecret') {
    await checkPending(arn, version, region, { isEnd: true });
    const [old] = [...versions].find(([, used]) => used.includes('AWSCURRENT')) ?? [];
    if (old === undefined) throw new CannotProceed('the secret has no version in use');
    await useSecretVersion(region, arn, version, old);
  }
  log.info('rotation', { step: what, version });
}

/**
 * RotateSecret with RotateImmediately false calls testSecret alone, on a version that it removes afterwards. It has no
 * value, or the value in use: the test shows that both can be read. It is never put into use.
 */
async function checkPending(
  arn: string,
  version: string,
  region: string,
  { isEnd }: { isEnd: boolean },
): Promise<void> {
  const [next, now] = await Promise.all([readPendingSecret(region, arn, version), readSecret(region, arn)]);
  const ring = ringIn(now);
  const isTrial = next === null || next === now;
  if (isEnd || !isTrial) checkSuccessor(ringIn(next), ring);
}

/** The new ring must open what the old one made: otherwise the links of open requests would be dead. */
function checkSuccessor(next: readonly LinkKey[], now: readonly [LinkKey, ...LinkKey[]]): void {
  const isFresh = now.every(({ id }) => id !== next[0]?.id);
  const kept = next.find(({ id }) => id === now[0].id);
  if (!isFresh || kept === undefined || Buffer.compare(kept.key, now[0].key) !== 0)
    throw new CannotProceed('the pending key ring does not follow the one in use');
}

function ringIn(value: string | null): [LinkKey, ...LinkKey[]] {
  const ring = value === null ? null : readKeyRing(value);
  if (ring === null) throw new CannotProceed('the secret holds no key ring');
  return ring;
}
