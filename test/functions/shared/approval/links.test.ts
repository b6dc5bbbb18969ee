// Links of approvers: the same one for the same person and request, and none that was not made here opens anything.
import 'aws-sdk-client-mock-vitest/extend';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, test } from 'vitest';
import { linkText, readLinkText } from '../../../../functions/domain/approval/link.ts';
import { formTokenOf, isFormTokenOf, linkFor, openLink } from '../../../../functions/shared/approval/links.ts';
import { mocked } from '../../../mocked.ts';
import { request as sample } from '../../../store/samples.ts';
import { type Setting, setting, start } from '../../setting.ts';

const secrets = mocked(SecretsManagerClient);
const request = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
const key = (letter: string) => Buffer.alloc(32, letter).toString('base64');
const ring = (...ids: readonly string[]) => JSON.stringify({ keys: ids.map((id) => ({ id, key: key(id.slice(-1)) })) });
const hold = (value: string) => secrets.on(GetSecretValueCommand).resolves({ SecretString: value });
let shell: Setting;

beforeEach(() => {
  secrets.reset();
  hold(ring('k1'));
  shell = setting({ region: 'us-west-2' });
});

const textOf = async (approver = 'dba', of = request) => (await linkFor(of, approver, shell)).split('/').at(-1) ?? '';
const opened = async (text: string) => (await openLink(text, shell))?.link ?? null;
/** The same store with nothing remembered, as a function that has just started. */
const restart = () => {
  shell = Object.assign(setting({ region: 'us-west-2', store: shell.store }), { at: shell.at });
};

describe('a link', () => {
  test('is made for one approver and one request, and the same again', async () => {
    const dba = await textOf();
    expect(await textOf()).toBe(dba);
    expect(await textOf('infra-lead')).not.toBe(dba);
    expect(await textOf('dba', { ...request, id: 'request-2' })).not.toBe(dba);
    expect(await linkFor(request, 'dba', shell)).toBe(`https://page.example/r/${dba}`);
  });

  test('opens what it was made for', async () => {
    expect(await opened(await textOf())).toMatchObject({ request: request.id, approver: 'dba' });
    expect(await opened(await textOf('infra-lead'))).toMatchObject({ approver: 'infra-lead' });
  });

  test('says nothing of what it opens, and fits into one line of a mail', async () => {
    const text = await textOf();
    const inside = Buffer.from(text, 'base64url').toString();
    for (const word of ['dba', 'request', 'us-east-1']) expect(`${text} ${inside}`).not.toContain(word);
    expect(text).toMatch(/^[\w-]{92}$/);
  });

  test('opens nothing without the store', async () => {
    const text = await textOf();
    shell = setting({ region: 'us-west-2' });
    expect(await opened(text)).toBeNull();
  });

  test('shows for a day how it ended, and then opens nothing', async () => {
    const text = await textOf();
    shell.at = request.expiresAt + 86_400_000 - 1;
    expect(await opened(text)).not.toBeNull();
    shell.at += 1;
    expect(await opened(text)).toBeNull();
  });

  test('whose approver and request could be mixed up is another one', async () => {
    expect(await textOf('a b', { ...request, id: 'r' })).not.toBe(await textOf('b', { ...request, id: 'r a' }));
  });
});

describe('a forged link opens nothing:', () => {
  test.for<[string, (text: string) => string]>([
    ['another signature', (text) => forged(text, { mac: 'A'.repeat(43) })],
    ['the signature of another link', (text) => forged(text, { id: 'A'.repeat(22) })],
    ['a key that there is not', (text) => forged(text, { key: 'k9' })],
    ['one letter changed', (text) => `${text.slice(0, 60)}${text[60] === 'A' ? 'B' : 'A'}${text.slice(61)}`],
    ['one letter less', (text) => text.slice(0, -1)],
    ['one letter more', (text) => `${text}A`],
    ['another spelling of the same bytes', (text) => `${text}=`],
    ['nothing', () => ''],
    ['what is no base64', () => '%%%'],
    ['a very long text', () => 'A'.repeat(100_000)],
  ])('%s', async ([, forge]) => {
    expect(await opened(forge(await textOf()))).toBeNull();
  });

  test('another spelling of the same bytes, where the last letter has bits to spare', async () => {
    hold(ring('k10'));
    const text = await textOf();
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const other = `${text.slice(0, -1)}${letters[letters.indexOf(text.slice(-1)) + 1]}`;
    expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(text, 'base64url'));
    expect(await opened(text)).not.toBeNull();
    expect(await opened(other)).toBeNull();
  });

  test('and costs the same as one that has expired: one look into the store', async () => {
    const text = await textOf();
    shell.at = request.expiresAt + 86_400_000;
    for (const tried of [text, forged(text, { mac: 'A'.repeat(43) }), 'nonsense', '']) {
      const reads: string[] = [];
      const store = new Proxy(shell.store, {
        get: (target, name) => {
          reads.push(String(name));
          return target[name as keyof typeof target];
        },
      });
      expect(await openLink(tried, { ...shell, store, now: () => shell.at })).toBeNull();
      expect(reads).toEqual(['readLink']);
    }
  });
});

function forged(text: string, change: { key?: string; id?: string; mac?: string }): string {
  const parts = readLinkText(text);
  if (parts === null) throw new Error('no link');
  return linkText({ ...parts, ...change });
}

describe('the key', () => {
  test('is read once in five minutes', async () => {
    await textOf();
    shell.at += 299_999;
    await textOf();
    expect(secrets).toHaveReceivedCommandTimes(GetSecretValueCommand, 1);
    shell.at += 1;
    await textOf();
    expect(secrets).toHaveReceivedCommandTimes(GetSecretValueCommand, 2);
  });

  test('that is new makes the next links, and those of the one before still open', async () => {
    const old = await textOf();
    hold(ring('k2', 'k1'));
    restart();
    const next = await textOf();
    expect(next).not.toBe(old);
    expect(await opened(old)).toMatchObject({ approver: 'dba' });
    expect(await opened(next)).toMatchObject({ approver: 'dba' });
    hold(ring('k4', 'k3'));
    restart();
    expect(await opened(old)).toBeNull();
  });

  test('that another function has just begun to use is looked for', async () => {
    await textOf();
    hold(ring('k2', 'k1'));
    const elsewhere = setting({ region: 'us-west-2', store: shell.store });
    const fresh = (await linkFor(request, 'dba', elsewhere)).split('/').at(-1) ?? '';
    shell.at += 10_000;
    expect(await opened(fresh)).toMatchObject({ approver: 'dba' });
  });

  test('is not looked for more often than every ten seconds, whatever links name', async () => {
    const text = await textOf();
    for (let tried = 0; tried < 20; tried += 1) await opened(forged(text, { key: `k${tried + 5}` }));
    expect(secrets).toHaveReceivedCommandTimes(GetSecretValueCommand, 1);
  });

  test('that cannot be read again is used a little longer; without any, nothing opens', async () => {
    const text = await textOf();
    secrets.on(GetSecretValueCommand).rejects(Object.assign(new Error('no'), { $metadata: { httpStatusCode: 500 } }));
    shell.at += 600_000;
    expect(await opened(text)).not.toBeNull();
    restart();
    await expect(openLink(text, shell)).rejects.toThrow('read a secret');
  });

  test.for([
    ['no JSON', 'x'],
    ['no keys and no seed', '{"keys":[]}'],
    ['a seed that is short', '{"keys":[],"seed":"short"}'],
    ['a key that is short', '{"keys":[{"id":"k1","key":"AAAA"}]}'],
  ])('of a secret with %s is none, and the error does not show it', async ([, value]) => {
    hold(value ?? '');
    await expect(textOf()).rejects.toThrow(/^the secret of the links holds no key ring$/);
  });

  test('is the seed until the first rotation', async () => {
    hold(JSON.stringify({ keys: [], seed: 's'.repeat(43) }));
    const text = await textOf();
    expect(readLinkText(text)?.key).toBe('k0');
    hold(
      JSON.stringify({
        keys: [
          { id: 'k1', key: key('a') },
          { id: 'k0', key: btoa('s'.repeat(43)) },
        ],
      }),
    );
    restart();
    expect(await opened(text)).not.toBeNull();
  });
});

describe('the token of the forms', () => {
  test('is bound to the link: another approver’s does not fit', async () => {
    const [dba, lead] = [await openLink(await textOf(), shell), await openLink(await textOf('infra-lead'), shell)];
    if (dba === null || lead === null) throw new Error('no link');
    expect(isFormTokenOf(dba, formTokenOf(dba))).toBe(true);
    expect(isFormTokenOf(dba, formTokenOf(lead))).toBe(false);
    for (const forgery of ['', 'A'.repeat(43), dba.link.id]) expect(isFormTokenOf(dba, forgery)).toBe(false);
  });
});
