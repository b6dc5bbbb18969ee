// The approval page's door: looking changes nothing, an answer has to be typed by who was asked, and everything else is
// told apart by nobody.
import 'aws-sdk-client-mock-vitest/extend';
import { createHash } from 'node:crypto';
import { DescribeExecutionCommand, SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import { linkText, readLinkText } from '../../../functions/domain/approval/link.ts';
import { Unavailable } from '../../../functions/domain/errors.ts';
import type { Store } from '../../../functions/domain/record/store.ts';
import type { ApprovalRequest } from '../../../functions/domain/types.ts';
import { requestHash } from '../../../functions/shared/approval/hash.ts';
import { formTokenOf, openLink } from '../../../functions/shared/approval/links.ts';
import type { Shell } from '../../../functions/shared/shell.ts';
import { mocked } from '../../mocked.ts';
import { request as sample } from '../../store/samples.ts';
import { type Setting, setting, start } from '../setting.ts';
import { mockLinkKey, pathFor, post, tokenIn, typed, type Visit, visit } from './visitors.ts';

const sfn = mocked(SFNClient);
const request: ApprovalRequest = { ...sample, askedAt: start, expiresAt: start + 3_600_000 };
let shell: Setting;
let dba: string;
let logged: string[];

beforeEach(async () => {
  mockLinkKey();
  sfn.reset();
  sfn.on(SendTaskSuccessCommand).resolves({});
  logged = [];
  const write = (message: string, details = {}) => logged.push(`${message} ${JSON.stringify(details)}`);
  shell = setting({ region: 'us-west-2', log: { info: write, warn: write, error: write } });
  await shell.store.openRequest(request, 'the-task-token');
  dba = await pathFor(request, 'dba', shell);
  shell.at = start + 60_000;
});

const look = (path = dba, change: Visit = {}, on: Shell = shell) => visit(path, on, change);
/** The token of a page that was loaded while it still had its forms. */
const tokenOf = async (path: string) => {
  const opened = await openLink(path.slice('/r/'.length), shell);
  return opened === null ? '' : formTokenOf(opened);
};
async function send(fields: Readonly<Record<string, string>>, path = dba, change: Visit = {}) {
  return look(path, post({ token: await tokenOf(path), ...fields }, change));
}
const kept = () => shell.store.readAnswers(request.id);
const outcome = async () => (await shell.store.readOutcome(request.id))?.outcome ?? 'pending';

describe('looking', () => {
  test.for(['GET', 'HEAD'])('by %s changes nothing, whatever the query says', async (method) => {
    const token = await tokenOf(dba);
    const query = new URLSearchParams({ ...typed, token, action: 'approve', confirm: 'true' }).toString();
    const shown = await look(dba, { method, query, body: query });
    expect(shown.statusCode).toBe(200);
    expect(shown.body.includes('us-east-1')).toBe(method === 'GET');
    expect(await kept()).toEqual([]);
    expect(await outcome()).toBe('pending');
  });

  test('writes nothing', async () => {
    const used = new Set<string>();
    const store = watched((name) => used.add(name));
    await look(dba, {}, { ...shell, store });
    expect([...used].filter((name) => !name.startsWith('read'))).toEqual([]);
  });

  test.for(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'approve'])('by %s is not offered', async (method) => {
    expect(await look(dba, { method })).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD, POST' } });
  });

  test('shows who looks, what it is about, and how far it is', async () => {
    await send(typed);
    const { body } = await look(await pathFor(request, 'infra-lead', shell));
    expect(tokenIn({ body })).toBe(await tokenOf(await pathFor(request, 'infra-lead', shell)));
    for (const words of ['infra-lead', 'us-east-1']) expect(body).toContain(words);
    expect(body).not.toContain('the-task-token');
  });

  test('shows that a request is void as soon as the flow that asked has ended, and asks nobody', async () => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED' });
    const { body } = await look();
    expect(body).toContain('No longer valid');
    expect(body).toContain('The flow that asked has ended');
    expect(body).not.toContain('<form');
    expect(await outcome()).toBe('pending'); // looking changes nothing: the sweep settles it
  });

  test.for([
    [false, 'The flow is PAUSED', 'The flow was ABORTED'],
    [true, 'The flow was ABORTED', 'The flow is PAUSED'],
  ] as const)('a flow that stopped is paused, until somebody aborts it: %s', async ([aborted, said, unsaid]) => {
    sfn.on(DescribeExecutionCommand).resolves({ status: 'FAILED' });
    const { incident, execution } = request;
    await shell.store.settleRequest(request.id, 'approved', start + 1_000);
    await shell.store.recordStep({ incident, execution, step: 'paused/0', at: start + 2_000, outcome: {} });
    if (aborted) await shell.store.keepWaiver(execution, 'abort', 'ana', 'aborted', start + 3_000);
    const { body } = await look();
    expect(body).toContain(said);
    expect(body).not.toContain(unsaid);
  });

  test('escapes what came from outside', async () => {
    const rude = {
      ...request,
      id: 'rude',
      shown: { ...request.shown, offered: true, why: '<script>alert(1)</script>' },
    };
    await shell.store.openRequest(rude, 'token');
    const { body } = await look(await pathFor(rude, 'dba', shell));
    expect(body).not.toContain('<script');
  });
});

describe('every answer of the door', () => {
  const answers: [string, () => ReturnType<typeof look>][] = [
    ['a page', () => look()],
    ['an unknown link', () => look('/r/unknown')],
    ['a form that was taken', () => send(typed)],
    ['a form that was not', () => send({ answer: 'approve' })],
    ['what is not there', () => look('/')],
    ['an answer to nobody', () => look('/requests/request-1', { method: 'POST' })],
  ];
  test.for(answers)('keeps to itself: %s', async ([, ask]) => {
    const { headers } = await ask();
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/),
      'permissions-policy': expect.stringContaining('camera=()'),
    });
    const policy = headers['content-security-policy'] ?? '';
    for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toMatch(/unsafe|script-src|\*|https?:/);
  });

  test('allows the style that its page has, and no other', async () => {
    const { headers, body } = await look();
    const style = /<style>([\s\S]*?)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
    expect(body).not.toMatch(/ style=| on\w+=|<script/);
  });
});

describe('a link that opens nothing', () => {
  const parts = () => {
    const read = readLinkText(dba.slice('/r/'.length));
    if (read === null) throw new Error('no link');
    return read;
  };
  const links: [string, () => Promise<string> | string][] = [
    ['unknown', () => '/r/abc'],
    ['empty', () => '/r/'],
    ['forged', () => `/r/${linkText({ ...parts(), mac: 'A'.repeat(43) })}`],
    ['signed for another link', () => `/r/${linkText({ ...parts(), id: 'A'.repeat(22) })}`],
    ['of a request that there is not', () => pathFor({ ...request, id: 'gone' }, 'dba', shell)],
    ['expired', () => expired()],
  ];
  const expired = async () => {
    const old = { ...request, id: 'old', expiresAt: shell.at - 86_400_000 };
    await shell.store.openRequest(old, 'token');
    return pathFor(old, 'dba', shell);
  };

  test.for(links)('because it is %s gets the one generic answer, by GET and by POST', async ([, pathOf]) => {
    const generic = await look('/r/unknown');
    expect(generic.statusCode).toBe(404);
    expect(await look(await pathOf())).toEqual(generic);
    expect(await look(await pathOf(), post({ ...typed, token: await tokenOf(dba) }))).toEqual(generic);
    expect(await kept()).toEqual([]);
    expect(await shell.store.readAnswers('old')).toEqual([]);
  });
});

describe('approving', () => {
  test('takes the region and what stays unfenced, typed, and shows the page again', async () => {
    const shown = await send(typed);
    expect(shown).toMatchObject({ statusCode: 303, headers: { location: dba }, body: '' });
    expect(await kept()).toEqual([
      {
        request: request.id,
        approver: 'dba',
        answer: 'approve',
        unfenced: ['us-east-1'],
        reason: '',
        at: shell.at,
        from: '192.0.2.1',
        who: expect.stringMatching(/^[\w-]{22}$/),
        how: 'page',
        shownHash: requestHash(request),
        valid: true,
        why: '',
      },
    ]);
    expect(tokenIn(await look())).toBe('');
  });

  test('by as many as are needed settles the request, and the flow hears of it', async () => {
    await send(typed);
    await send(typed, await pathFor(request, 'infra-lead', shell));
    expect(await outcome()).toBe('approved');
    expect(sfn).toHaveReceivedCommandTimes(SendTaskSuccessCommand, 1);
  });

  test.for([
    ['spaces around what was typed', { region: ' us-east-1 ' }],
    ['a keyboard that begins with a capital letter', { region: 'Us-east-1', unfenced: 'US-East-1 stays unfenced' }],
  ] as const)('forgives %s', async ([, said]) => {
    expect(await send({ ...typed, ...said })).toMatchObject({ statusCode: 303 });
    expect(await kept()).toMatchObject([{ valid: true, unfenced: ['us-east-1'] }]);
  });

  test.for<[string, Record<string, string>]>([
    ['as the form was found', { answer: 'approve', region: '', unfenced: '' }],
    ['without fields', { answer: 'approve' }],
    ['with another region', { ...typed, region: 'us-west-2' }],
    ['with what scanners type', { ...typed, region: 'test', unfenced: 'test', reason: 'test' }],
    ['without the second phrase', { ...typed, unfenced: '' }],
    ['with another second phrase', { ...typed, unfenced: 'us-west-2 stays unfenced' }],
    ['with the region as second phrase', { ...typed, unfenced: 'us-east-1' }],
  ])('%s does not count, is kept as not confirmed, and says what to type', async ([, fields]) => {
    const shown = await send(fields);
    expect(shown.statusCode).toBe(422);
    expect(shown.body).toContain('To approve, type');
    const [record] = await kept();
    expect(record).toMatchObject({
      valid: false,
      why: 'it was not confirmed by typing',
      how: 'page',
      from: '192.0.2.1',
    });
    expect(await outcome()).toBe('pending');
  });

  test('needs no second phrase where everything can be fenced', async () => {
    const fenced = { ...request, id: 'fenced', unfenced: [] };
    await shell.store.openRequest(fenced, 'token');
    expect(await send({ ...typed, unfenced: '' }, await pathFor(fenced, 'dba', shell))).toMatchObject({
      statusCode: 303,
    });
  });
});

describe('rejecting', () => {
  test('takes a reason, and settles the request', async () => {
    expect(await send({ answer: 'reject', region: 'us-east-1', reason: 'it is back' })).toMatchObject({
      statusCode: 303,
    });
    expect(await outcome()).toBe('rejected');
    expect(await kept()).toMatchObject([{ answer: 'reject', reason: 'it is back', valid: true }]);
  });

  test.for([
    ['without the region’s name', ''],
    ['with the name of the other region', 'us-west-2'],
  ])('%s does not count', async ([, region = '']) => {
    const { statusCode, body } = await send({ answer: 'reject', region, reason: 'it is back' });
    expect(statusCode).toBe(422);
    expect(body).toContain(
      'To reject, type the name of the region that keeps its role: <span class="whole">us-east-1</span>.',
    );
    expect(await outcome()).toBe('pending');
  });

  test.for([
    ['without a reason', ' '],
    ['with one that is too long', 'x'.repeat(501)],
  ] as const)('%s does not count', async ([, reason]) => {
    expect(await send({ answer: 'reject', region: 'us-east-1', reason })).toMatchObject({ statusCode: 422 });
    expect(await outcome()).toBe('pending');
  });

  test('with the longest reason in the longest letters fits', async () => {
    expect(await send({ answer: 'reject', region: 'us-east-1', reason: '漢'.repeat(500) })).toMatchObject({
      statusCode: 303,
    });
  });
});

describe('a form that is not the page’s own is no answer:', () => {
  const forms: [string, number, () => Promise<unknown> | unknown][] = [
    ['without a token', 403, () => look(dba, post(typed))],
    ['with a forged token', 403, () => look(dba, post({ ...typed, token: 'A'.repeat(43) }))],
    [
      'with the token of another approver’s page',
      403,
      async () => look(dba, post({ ...typed, token: await tokenOf(await pathFor(request, 'infra-lead', shell)) })),
    ],
    [
      'with the token of another request’s page',
      403,
      async () => look(dba, post({ ...typed, token: await tokenOf(await pathFor(await another(), 'dba', shell)) })),
    ],
    ['sent from another site', 403, () => send(typed, dba, { headers: { 'sec-fetch-site': 'cross-site' } })],
    ['sent from a sibling site', 403, () => send(typed, dba, { headers: { 'sec-fetch-site': 'same-site' } })],
    ['sent from nowhere', 403, () => send(typed, dba, { headers: { 'sec-fetch-site': 'none' } })],
    ['of another origin', 403, () => send(typed, dba, { headers: { origin: 'https://evil.example' } })],
    ['that says neither answer', 400, () => send({ ...typed, answer: 'maybe' })],
    ['as JSON', 415, () => send(typed, dba, { headers: { 'content-type': 'application/json' } })],
    ['as plain text', 415, () => send(typed, dba, { headers: { 'content-type': 'text/plain' } })],
    ['that is huge', 413, () => send({ ...typed, reason: 'x'.repeat(20_000) })],
    ['that says something twice', 400, async () => twice(await tokenOf(dba))],
  ];
  const another = async () => {
    const other = { ...request, id: 'request-2' };
    await shell.store.openRequest(other, 'token');
    return other;
  };
  const twice = (token: string) => {
    const body = `${new URLSearchParams({ ...typed, token })}&answer=reject`;
    return look(dba, { ...post({}), body });
  };

  test.for(forms)('%s', async ([, status, sending]) => {
    expect(await sending()).toMatchObject({ statusCode: status });
    expect(await kept()).toEqual([]);
    expect(await outcome()).toBe('pending');
  });

  test('a browser that says where it was sent from, as the page’s own, is believed; so is one that says nothing', async () => {
    const origin = 'https://page.example';
    expect(await send(typed, dba, { headers: { origin } })).toMatchObject({ statusCode: 303 });
    const silent = post({ ...typed, token: await tokenOf(await pathFor(request, 'infra-lead', shell)) });
    const { 'content-type': type = '' } = silent.headers ?? {};
    const path = await pathFor(request, 'infra-lead', shell);
    expect(await look(path, { ...silent, headers: { 'content-type': type } })).toMatchObject({ statusCode: 303 });
  });
});

describe('an answer that does not count is told and kept:', () => {
  test('replayed, it counts once', async () => {
    const form = post({ ...typed, token: await tokenOf(dba) });
    expect(await look(dba, form)).toMatchObject({ statusCode: 303 });
    expect(await look(dba, form)).toMatchObject({ statusCode: 409 });
    expect((await kept()).map(({ valid }) => valid)).toEqual([true, false]);
    expect(await outcome()).toBe('pending');
  });

  test('an approver’s link, used by another one, is the first one’s answer', async () => {
    await send(typed);
    const claim = { ...typed, approver: 'infra-lead', role: 'infra-lead' };
    const swapped = await send(claim, dba, { address: '198.51.100.7', query: 'approver=infra-lead' });
    expect(swapped.statusCode).toBe(409);
    expect(await outcome()).toBe('pending');
    expect((await kept()).map(({ approver }) => approver)).toEqual(['dba', 'dba']);
  });

  test.for(['approved', 'rejected', 'expired', 'void'] as const)('after the request was %s', async (settled) => {
    await shell.store.settleRequest(request.id, settled, shell.at);
    const shown = await send(typed);
    expect(shown.statusCode).toBe(409);
    expect(await kept()).toMatchObject([{ valid: false, why: expect.stringContaining('it is late'), how: 'page' }]);
    expect(await outcome()).toBe(settled);
    expect(sfn).not.toHaveReceivedCommand(SendTaskSuccessCommand);
  });

  test('late', async () => {
    const form = post({ ...typed, token: await tokenOf(dba) });
    shell.at = request.expiresAt;
    expect(await look(dba, form)).toMatchObject({ statusCode: 409 });
    expect(await kept()).toMatchObject([{ valid: false, why: expect.stringContaining('it is late') }]);
  });

  test.for(['dba', '@DBA-team', 'arn:aws:iam::111122223333:user/chatops-dba'])(
    'of %s, who asked for it',
    async (requestedBy) => {
      const own = { ...request, id: 'own', requestedBy };
      await shell.store.openRequest(own, 'token');
      expect(await send(typed, await pathFor(own, 'dba', shell))).toMatchObject({ statusCode: 409 });
      expect(await shell.store.readAnswers('own')).toMatchObject([
        { valid: false, why: expect.stringContaining('who asks does not approve') },
      ]);
    },
  );

  test('of one who was not asked', async () => {
    expect(await send(typed, await pathFor(request, 'app-lead', shell))).toMatchObject({ statusCode: 409 });
    expect(await outcome()).toBe('pending');
  });
});

describe('the pace', () => {
  let counted = 0;
  const next = () => {
    counted += 1;
    return counted;
  };
  const times = async (count: number, ask: () => Promise<{ statusCode: number }>) => {
    const seen = [];
    for (let asked = 0; asked < count; asked += 1) seen.push((await ask()).statusCode);
    return seen.filter((status) => status === 429).length;
  };

  const command = (fields: object, address: string) =>
    look(`/requests/${request.id}`, {
      method: 'POST',
      body: JSON.stringify(fields),
      address,
      callerArn: 'arn:aws:sts::111122223333:assumed-role/chatops-dba/ana',
    });

  test('of links that open nothing is 30 a minute from one address', async () => {
    const guess = () => look(`/r/guess${next()}`);
    expect(await times(35, guess)).toBe(5);
    expect(await guess()).toMatchObject({ statusCode: 429, headers: { 'retry-after': '60' } });
    expect((await look('/r/guess', { address: '192.0.2.2' })).statusCode).toBe(404);
    shell.at += 60_000;
    expect((await guess()).statusCode).toBe(404);
  });

  test('of strangers keeps no true link and no known caller behind the same address out', async () => {
    await times(35, () => look(`/r/guess${next()}`));
    expect((await look()).statusCode).toBe(200);
    expect((await send(typed, await pathFor(request, 'infra-lead', shell))).statusCode).toBe(303);
    expect((await command(typed, '192.0.2.1')).statusCode).toBe(200);
    expect(await outcome()).toBe('approved');
  });

  test('of callers that are no contact is that of their address', async () => {
    const stranger = () =>
      look('/requests/request-1', { method: 'POST', body: '{}', callerArn: 'arn:aws:iam::111122223333:user/x' });
    expect(await times(35, stranger)).toBe(5);
  });

  test('of one network of IPv6 is that of one address', async () => {
    expect(await times(35, () => look('/r/guess', { address: `2001:db8::${next().toString(16)}` }))).toBe(5);
    expect((await look('/r/guess', { address: '2001:db8:0:1::1' })).statusCode).toBe(404);
  });

  test('of forms of one link that are not taken is 20 in ten minutes, from wherever, and the true answer is taken', async () => {
    const token = await tokenOf(dba);
    const guess = () => look(dba, post({ answer: 'approve', token }, { address: `198.51.100.${next()}` }));
    expect(await times(25, guess)).toBe(5);
    expect(await kept()).toHaveLength(20); // what is too much is not kept either
    expect((await look(dba, post({ ...typed, token }, { address: '192.0.2.7' }))).statusCode).toBe(303);
  });

  test('of looks with a true link has no end: scanners look, too', async () => {
    expect(await times(130, () => look())).toBe(0);
  });
});

describe('a store that does not answer keeps the door shut:', () => {
  const methods = ['readLink', 'readRequest', 'readAnswers', 'readOutcome', 'keepAnswer'] as const;
  test.for(methods)('%s', async (broken) => {
    const form = post({ ...typed, token: await tokenOf(dba) });
    const store = watched((name) => {
      if (name === broken) throw new Unavailable('the table has no majority');
    });
    const shown = await look(dba, form, { ...shell, store });
    expect(shown.statusCode).toBe(503);
    expect(shown.body).not.toContain('majority');
    expect(await outcome()).toBe('pending');
    if (broken !== 'keepAnswer') expect(await kept()).toEqual([]);
  });
});

function watched(seen: (name: string) => void): Store {
  return new Proxy(shell.store, {
    get:
      (target, name) =>
      async (...values: unknown[]) => {
        seen(String(name));
        const method = target[name as keyof Store] as (...input: unknown[]) => Promise<unknown>;
        return method.apply(target, values);
      },
  });
}

describe('from the command line', () => {
  const arn = (name: string) => `arn:aws:sts::111122223333:assumed-role/${name}/session`;
  const command = (
    fields: Record<string, unknown>,
    callerArn: string | undefined = arn('chatops-dba'),
    id = request.id,
  ) =>
    look(`/requests/${encodeURIComponent(id)}`, {
      method: 'POST',
      body: JSON.stringify(fields),
      ...(callerArn === '' ? {} : { callerArn }),
    });

  test('an approver whom IAM knows answers under the same rules, with the same record', async () => {
    const shown = await command(typed);
    expect(shown.statusCode).toBe(200);
    expect(JSON.parse(shown.body)).toEqual({ valid: true, why: '', outcome: 'pending' });
    expect(await kept()).toMatchObject([
      {
        approver: 'dba',
        valid: true,
        how: 'command-line',
        who: arn('chatops-dba'),
        from: '192.0.2.1',
        shownHash: requestHash(request),
      },
    ]);
    expect(JSON.parse((await command(typed)).body)).toMatchObject({ valid: false });
    expect(await send(typed)).toMatchObject({ statusCode: 409 });
  });

  test('a rejection rejects', async () => {
    const shown = await command({ answer: 'reject', region: 'us-east-1', reason: 'it is back' });
    expect(JSON.parse(shown.body)).toEqual({ valid: true, why: '', outcome: 'rejected' });
  });

  test.for<[string, number, Record<string, unknown>, string?, string?]>([
    ['without a caller', 403, typed, ''],
    ['of a role that no contact has', 403, typed, arn('somebody')],
    ['of a user that is named as the role is', 403, typed, 'arn:aws:iam::111122223333:user/chatops-dba'],
    ['of a role with a sign before its name', 403, typed, arn('@chatops-dba')],
    ['of a session that is named as a contact is', 403, typed, 'arn:aws:sts::111122223333:assumed-role/x/chatops-dba'],
    ['of another account', 403, typed, 'arn:aws:iam::999999999999:user/chatops-dba'],
    ['of the account itself', 403, typed, 'arn:aws:iam::111122223333:root'],
    ['to a request that there is not', 404, typed, arn('chatops-dba'), 'no-such'],
    ['without the region', 400, { ...typed, region: '' }],
    ['without the second phrase', 400, { ...typed, unfenced: '' }],
    ['that rejects without the region', 400, { answer: 'reject', reason: 'it is back' }],
    ['that rejects without a reason', 400, { answer: 'reject', region: 'us-east-1', reason: '' }],
    ['that says neither', 400, { answer: 'maybe' }],
    ['that claims a role', 400, { ...typed, approver: 'infra-lead' }],
  ])('an answer %s is refused', async ([, status, fields, caller, id]) => {
    const shown = await command(fields, caller, id);
    expect(shown.statusCode).toBe(status);
    expect(JSON.parse(shown.body)).toEqual({ error: expect.any(String) });
    expect((await kept()).filter(({ valid }) => valid)).toEqual([]);
    expect(await outcome()).toBe('pending');
  });

  test('one who is in two roles answers as the one that was asked', async () => {
    const { dba: contact, 'app-lead': lead } = shell.plan.contacts;
    if (contact === undefined || lead === undefined) throw new Error('the plan has neither');
    const contacts = {
      'app-lead': { ...lead, handle: contact.handle, iam: ['role/chatops-dba'] },
      ...shell.plan.contacts,
    };
    shell = Object.assign(setting({ ...shell, plan: { ...shell.plan, contacts } }), { at: shell.at });
    await command(typed);
    expect(await kept()).toMatchObject([{ approver: 'dba', valid: true }]);
  });

  test('looking is not offered, and what a caller does wrong keeps a pace', async () => {
    expect((await look('/requests/request-1')).statusCode).toBe(405);
    const seen = [];
    for (let asked = 0; asked < 32; asked += 1) {
      const address = `198.51.100.${asked}`;
      const body = JSON.stringify({ answer: 'reject' });
      const change = { method: 'POST', body, address, callerArn: arn('chatops-dba') };
      seen.push((await look(`/requests/${request.id}`, change)).statusCode);
    }
    expect(seen.filter((status) => status === 429)).toHaveLength(2);
  });
});

test('neither the task token nor a link is in any line of the log', async () => {
  await look();
  await send({ answer: 'approve' });
  await send(typed);
  await send(typed, await pathFor(request, 'infra-lead', shell));
  await look('/r/unknown');
  const token = await tokenOf(dba);
  expect(token).not.toBe('');
  const all = logged.join('\n');
  expect(all).toContain('request settled');
  for (const secret of ['the-task-token', dba.slice('/r/'.length), token]) expect(all).not.toContain(secret);
});
