// Who comes to the door in drills: scanners that may not approve, a person at a real browser, and nobody who gets the token.
import { afterEach, describe, expect, test } from 'vitest';
import { runDrill } from '../../../simulator/drill/drill.ts';
import type { DrillRun, Progress } from '../../../simulator/drill/result.ts';
import { formsIn, linksIn } from '../../../simulator/people/visitor.ts';
import { plan } from '../../plan.ts';

const drill = { scenario: 'region-outage', seed: 1, plan };
type Heard = { where: string; text: string };

type Overheard = { run: DrillRun; heard: Heard[] };

async function overhear(approve: string): Promise<Overheard> {
  const heard: Heard[] = [];
  const run = await runDrill({ ...drill, approve, overheard: (where, text) => heard.push({ where, text }) });
  return { run, heard };
}

const ran = new Map<string, Promise<Overheard>>();

/** One seed gives one history: a drill that several tests look at runs once. */
function overheard(approve: string): Promise<Overheard> {
  const once = ran.get(approve) ?? overhear(approve);
  ran.set(approve, once);
  return once;
}

describe('scanners let loose on every mail', () => {
  test('approve nothing, however often they knock: the request expires, and nothing is changed', async () => {
    const { run, heard } = await overheard('scanner');
    const { result, misses } = run;
    expect(misses).toEqual([]);
    const pages = heard.filter(({ where }) => where === 'page').map(({ text }) => JSON.parse(text).statusCode);
    expect(pages.filter((status) => status === 200).length).toBeGreaterThan(100);
    expect(pages.filter((status) => status === 422).length).toBeGreaterThan(10);
    expect(pages.filter((status) => status === 303)).toEqual([]);
    expect(result.approvals.length).toBeGreaterThan(10);
    expect(result.approvals.filter(({ valid }) => valid)).toEqual([]);
    expect(result.mutations).toEqual([]);
    expect(result.end).toMatchObject({ usersRegion: 'us-east-1', databaseRegion: 'us-east-1' });
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    const held = result.notifications.filter(({ subject }) => subject.includes('HELD'));
    expect(held.map(({ role }) => role).toSorted()).toEqual(Object.keys(plan.contacts).toSorted());
  }, 60_000);

  test('give the same bytes with the same seed', async () => {
    const [one, two] = [await overheard('scanner'), await overhear('scanner')];
    expect(JSON.stringify(two)).toBe(JSON.stringify(one));
  }, 60_000);
});

test.for(['after=5m', 'scanner'])(
  'with --approve %s the task token is in no log, no mail and no page',
  { timeout: 60_000 },
  async (approve) => {
    const { run, heard } = await overheard(approve);
    const tokens = heard.filter(({ where }) => where === 'token').map(({ text }) => text);
    expect(tokens.length).toBeGreaterThan(0);
    const rest = heard.filter(({ where }) => where !== 'token');
    for (const where of ['log', 'message', 'page']) expect(rest.some((one) => one.where === where)).toBe(true);
    const all = JSON.stringify([rest, run]);
    for (const token of tokens) {
      for (const spelling of [
        token,
        encodeURIComponent(token),
        btoa(token),
        Buffer.from(token, 'base64').toString('hex'),
      ])
        expect(all).not.toContain(spelling);
    }
  },
);

test('no link of an approver is in a log', async () => {
  const { heard } = await overheard('after=5m');
  const links = heard.filter(({ where }) => where === 'message').flatMap(({ text }) => linksIn(text));
  expect(links.length).toBeGreaterThan(0);
  const log = JSON.stringify(heard.filter(({ where }) => where === 'log'));
  for (const { pathname } of links) expect(log).not.toContain(pathname.slice('/r/'.length));
}, 60_000);

test('approvers answer on the page, and what they typed counts', async () => {
  const { run, heard } = await overheard('after=5m');
  expect(run.misses).toEqual([]);
  const taken = heard.filter(({ where, text }) => where === 'page' && JSON.parse(text).statusCode === 303);
  expect(taken).toHaveLength(2);
}, 60_000);

describe('a person at a browser', () => {
  const over = new AbortController();
  afterEach(() => over.abort());

  const answer = async (url: string): Promise<Response> => {
    const page = await (await fetch(url)).text();
    const form = formsIn(page).find((fields) => fields['answer'] === 'approve') ?? {};
    const body = new URLSearchParams({ ...form, region: 'us-east-1', unfenced: 'us-east-1 stays unfenced' });
    const headers = { origin: new URL(url).origin, 'sec-fetch-site': 'same-origin' };
    return fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
  };

  test('opens the very page on this machine; time stands still until the answers are there', async () => {
    const pages: Extract<Progress, { kind: 'page' }>[] = [];
    const seen: number[] = [];
    const running = runDrill({
      ...drill,
      approve: 'ask',
      nobodyAnswers: over.signal,
      onProgress(progress) {
        if (progress.kind === 'page') pages.push(progress);
        seen.push(progress.at);
      },
    });
    while (pages.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const stood = seen.at(-1) ?? 0;
    expect(stood - (pages[0]?.at ?? 0)).toBeLessThan(5_000);
    for (const { url } of pages.slice(0, 2)) expect((await answer(url)).status).toBe(303);
    const { result, misses } = await running;
    expect(misses).toEqual([]);
    expect(result.clocks.approvalSeconds).toBeLessThan(10);
    expect(result.end.usersRegion).toBe('us-west-2');
    await expect(fetch(pages[0]?.url ?? '')).rejects.toThrow();
  }, 60_000);

  test('who is not there any more has not answered: the request expires', async () => {
    const nobody = new AbortController();
    const running = runDrill({
      ...drill,
      approve: 'ask',
      nobodyAnswers: nobody.signal,
      onProgress(progress) {
        if (progress.kind === 'page') nobody.abort();
      },
    });
    const { result, misses } = await running;
    expect(misses).toEqual([]);
    expect(result.approvals).toEqual([]);
    expect(result.end.usersRegion).toBe('us-east-1');
  }, 60_000);
});

test('a webhook of the plan hears of it, and gets no link', async () => {
  const room = {
    handle: '#dr',
    duty: 'reads along',
    channel: 'slack' as const,
    webhook: '/chatops/webhooks/dr',
    iam: [],
  };
  const notifications = { ...plan.notifications, level3: ['room', ...plan.notifications.level3] };
  const heard: string[] = [];
  const { result } = await runDrill({
    ...drill,
    plan: { ...plan, contacts: { ...plan.contacts, room }, notifications },
    approve: 'deny',
    overheard: (where, text) => where === 'message' && heard.push(text),
  });
  const told = result.notifications.filter(({ role }) => role === 'room');
  expect(told.map(({ channel }) => channel)).toEqual(told.map(() => 'slack'));
  expect(told.some(({ subject }) => subject.includes('For information: users FAIL: approval'))).toBe(true);
  expect(heard.filter((text) => text.includes('told as room')).flatMap(linksIn)).toEqual([]);
}, 60_000);

test.for([
  [
    'hidden fields and empty ones',
    '<form><input type="hidden" name="a" value="1"><input name="b"></form>',
    { a: '1', b: '' },
  ],
  ['what is escaped', '<form><input name="a" value="&quot;&#38;&amp;"></form>', { a: '"&&' }],
  [
    'a text area',
    '<form><textarea name="a"></textarea><button name="c" value="d">x</button></form>',
    { a: '', c: 'd' },
  ],
] as const)('a form is found with %s', ([, html, fields]) => {
  expect(formsIn(html)).toEqual([fields]);
});
