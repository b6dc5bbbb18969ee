// The page in a real browser: people approve and reject on it without scripts, and everybody can read it. With SCREENSHOTS=1,
// pictures of every state are left in test/page/screenshots (ignored by git), for people to look at.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answerCommands } from '../../functions/domain/page/approval-forms.ts';
import { approvalPage, tooManyRequestsPage, unknownLinkPage } from '../../functions/domain/page/approval-page.ts';
import { hasChromium, launch, type Scheme, violationsOf, widths } from './browser.ts';
import { type Door, openDoor } from './door.ts';
import { type Server, serve } from './serve.ts';
import { askedAt, darkRequest, fencedRequest, minute, views } from './views.ts';

const screenshots = process.env['SCREENSHOTS'] === '1' ? join(import.meta.dirname, 'screenshots') : null;
const pages: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(views).map(([name, view]) => [name, approvalPage(view)])),
  'unknown-link': unknownLinkPage('prod'),
  'too-many-requests': tooManyRequestsPage('prod'),
};

/** The parts of a colour as the browser gives it: `rgb(1, 2, 3)`. */
function partsOf(colour: string): readonly number[] {
  return [...colour.matchAll(/\d+/g)].slice(0, 3).map(Number);
}

function distance(one: string, other: string): number {
  const parts = partsOf(other);
  return Math.hypot(...partsOf(one).map((part, index) => part - (parts[index] ?? 0)));
}

/** As WCAG reckons it. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = partsOf(colour).map((part) =>
      part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.skipIf(!hasChromium)('the page in chromium (skipped where /usr/bin/chromium is missing)', () => {
  let browser: Browser;
  let context: BrowserContext;
  let server: Server;
  let door: Door;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await context?.close();
    await server.close();
  });

  /** An approver's phone with the page open. Scripts are off, as the page promises to need none. */
  async function open(approver: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${server.url}${await door.pathOf(approver)}`);
    return page;
  }

  async function begin(request = darkRequest): Promise<void> {
    door = await openDoor(request, askedAt + 12 * minute);
    server = await serve((...request) => door.handler(...request));
    context = await browser.newContext({ javaScriptEnabled: false, viewport: widths.phone });
  }

  /** A state of the page, as it is opened. */
  async function see(name: string, device: keyof typeof widths, colorScheme: Scheme = 'light'): Promise<Page> {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    server = await serve(() => ({ status: 200, headers, body: pages[name] ?? '' }));
    context = await browser.newContext({ javaScriptEnabled: false, viewport: widths[device], colorScheme });
    const page = await context.newPage();
    await page.goto(server.url);
    return page;
  }

  async function approve(page: Page, region = 'us-east-1', phrase = 'us-east-1 stays unfenced'): Promise<void> {
    await page.getByLabel('To approve, type the region').fill(region);
    await page.getByLabel('type what stays unfenced').fill(phrase);
    await page.getByRole('button', { name: 'Approve' }).click();
  }

  describe('an approver', () => {
    test('approves with two phrases, and reads what is recorded', async () => {
      await begin();
      const page = await open('dba');
      await approve(page);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Your approval is recorded');
      expect(await page.getByRole('main').innerText()).toContain('1 of 2 needed approvals');
      expect(await page.getByRole('button').count()).toBe(0);
      expect(await door.answers()).toMatchObject([
        { approver: 'dba', answer: 'approve', valid: true, unfenced: ['us-east-1'] },
      ]);
    });

    test('approves with the region alone where everything can be fenced', async () => {
      await begin(fencedRequest);
      const page = await open('dba');
      expect(await page.getByLabel('type what stays unfenced').count()).toBe(0);
      await page.getByLabel('To approve, type the region').fill('us-east-1');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Your approval is recorded' }).waitFor();
      expect(await door.answers()).toMatchObject([{ approver: 'dba', answer: 'approve', valid: true }]);
    });

    test('rejects with a reason, and the others see why', async () => {
      await begin();
      const page = await open('dba');
      await page.getByLabel('To reject, type the region').fill('us-east-1');
      await page.getByLabel('Your reason').fill('it is coming back <b>by itself</b>');
      await page.getByRole('button', { name: 'Reject' }).click();
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('us-east-1 is NOT given up');
      const others = await open('infra-lead');
      expect(await others.getByRole('main').innerText()).toContain('“it is coming back <b>by itself</b>”');
      expect(await others.getByRole('button').count()).toBe(0);
    });

    test('is told what is wrong, where, and types it again', async () => {
      await begin();
      const page = await open('dba');
      await approve(page, 'us-west-2');
      expect(await page.title()).toContain('Not recorded');
      expect(await page.getByRole('alert').innerText()).toContain(
        'type the name of the region that is given up: us-east-1',
      );
      expect(await page.locator('[role=alert]:focus').count()).toBe(1);
      const field = page.getByLabel('To approve, type the region');
      expect(await field.inputValue()).toBe('us-west-2');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await field.getAttribute('aria-describedby')).toBe('region-problem region-hint');
      await page.getByRole('alert').getByRole('link').click();
      expect(await page.locator('#region:target').count()).toBe(1);
      await approve(page, 'us-east-1', 'nothing');
      expect((await door.answers()).filter(({ valid }) => valid)).toEqual([]);
      await approve(page, ' us-east-1 ');
      await page.getByRole('heading', { name: 'Your approval is recorded' }).waitFor();
    });

    test('finds no form once the request has expired, and an open form is not taken any more', async () => {
      await begin();
      const page = await open('dba');
      door.now = darkRequest.expiresAt;
      await approve(page);
      expect(await page.getByRole('main').innerText()).toContain('no answer means no');
      expect(await page.getByRole('button').count()).toBe(0);
      expect(await door.answers()).toMatchObject([{ valid: false }]);
    });

    test('sees that another has approved, and is the second', async () => {
      await begin();
      await approve(await open('infra-lead'));
      door.now += minute;
      const page = await open('dba');
      expect(await page.getByRole('main').innerText()).toMatch(
        /1 of 3 answered[\s\S]*infra-lead\s+approved at .*1 min ago/,
      );
      await approve(page);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('us-east-1 is being given up');
      expect(await page.getByRole('main').innerText()).toContain('2 of 2 needed approvals');
    });

    test('reloads after an answer without sending it again', async () => {
      await begin();
      const page = await open('dba');
      await approve(page);
      await page.getByRole('link', { name: 'Reload' }).click();
      await page.reload();
      expect(await door.answers()).toHaveLength(1);
    });
  });

  test('a machine that presses every button without typing approves and rejects nothing', async () => {
    await begin();
    const page = await open('dba');
    for (const button of await page.getByRole('button').all()) await button.click();
    await context.close();
    // The same with a browser that checks no fields, as scanners do.
    context = await browser.newContext({ viewport: widths.phone, bypassCSP: true });
    const unchecked = await open('dba');
    for (const form of [0, 1]) {
      await unchecked.evaluate(`document.forms[${form}].submit()`);
      await unchecked.getByRole('alert').waitFor();
    }
    const said = await door.answers();
    expect(said.filter(({ valid }) => valid)).toEqual([]);
    expect(said.map(({ why }) => why)).toEqual(['it was not confirmed by typing', expect.any(String)]);
  });

  test.for(Object.keys(widths) as (keyof typeof widths)[])(
    'on a %s what decides and both answers are seen without a scroll',
    async (device) => {
      await begin();
      const page = await open('dba');
      await page.setViewportSize(widths[device]);
      const fold = widths[device].height;
      const bottomOf = async (one: Locator) => {
        const box = await one.boundingBox();
        return (box?.y ?? Number.NaN) + (box?.height ?? Number.NaN);
      };
      for (const said of ['Users down for', 'Users are back', 'Data loss', 'Not fenced'])
        expect(await bottomOf(page.locator('.numbers div').filter({ hasText: said }))).toBeLessThan(fold);
      const answers = page.getByRole('navigation', { name: 'Your answer' }).getByRole('link');
      expect((await answers.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
        'Approve: give up us-east-1 ↓',
        'Reject: stay in us-east-1 ↓',
      ]);
      for (const answer of await answers.all()) expect(await bottomOf(answer)).toBeLessThan(fold);
      const colours = `[...document.querySelectorAll('.answers a')].map((one) => getComputedStyle(one).backgroundColor)`;
      expect(new Set(await page.evaluate<string[]>(colours)).size).toBe(2);
    },
  );

  test.for([
    ...['asked-again', 'asked-served', 'asked-going-on', 'not-taken', 'reason-missing', 'switchover'],
    ...['drill-moves', 'drill-asked'],
  ])('on a phone %s shows what is down, lost and unfenced, and both answers, without a scroll', async (name) => {
    const page = await see(name, 'phone');
    const seen = [...(await page.locator('.numbers div').all()), ...(await page.locator('.answers a').all())];
    expect(seen).toHaveLength(6);
    for (const one of seen) {
      const box = await one.boundingBox();
      expect((box?.y ?? Number.NaN) + (box?.height ?? Number.NaN)).toBeLessThan(widths.phone.height);
    }
  });

  test.for(
    (Object.keys(widths) as (keyof typeof widths)[]).flatMap((device) =>
      (['paused', 'aborted', 'rejected', 'expired'] as const).map((name) => [device, name] as const),
    ),
  )('on a %s the way to the runbook is seen without a scroll where a person has to act: %s', async ([device, name]) => {
    const page = await see(name, device);
    const box = await page.getByRole('main').getByRole('link', { name: 'docs/runbook.md' }).first().boundingBox();
    expect((box?.y ?? Number.NaN) + (box?.height ?? Number.NaN)).toBeLessThan(widths[device].height);
  });

  test.for(['phone', 'desktop'] as const)(
    'on a %s a command line is broken between its parts alone, and is whole when it is copied',
    async (device) => {
      const page = await see('asked', device);
      await page.locator('summary', { hasText: 'From the command line' }).click();
      const line = page.locator('pre').first();
      const wide = await page.evaluate<number>(`document.querySelector('pre').clientWidth`);
      for (const part of await line.locator('.word').all()) {
        const box = await part.boundingBox();
        // Only what is wider than the line by itself, such as the name of the request, is on two.
        if ((box?.height ?? Number.NaN) > 30) expect(box?.width).toBeGreaterThan(wide - 40);
      }
      const copied = await page.evaluate(
        `getSelection().selectAllChildren(document.querySelector('pre')); getSelection().toString()`,
      );
      expect(copied).toBe(answerCommands(darkRequest, 'prod')[0]);
    },
  );

  test.for(['light', 'dark'] as const)(
    'the ticks of the picture of the outage are told apart in %s',
    async (scheme) => {
      const page = await see('finished', 'phone', scheme);
      const colours = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.outage .tick')].map((one) => getComputedStyle(one).stroke)`,
      );
      expect(colours).toHaveLength(5);
      const ground = await page.evaluate<string>(`getComputedStyle(document.querySelector('.card')).backgroundColor`);
      for (const [index, colour] of colours.entries()) {
        expect(contrast(colour, ground)).toBeGreaterThan(3);
        for (const other of colours.slice(index + 1)) expect(distance(colour, other)).toBeGreaterThan(100);
      }
      // Numbers do not lie on each other.
      for (const name of ['finished', 'asked']) {
        await page.setContent(pages[name] ?? '');
        const circles = await Promise.all((await page.locator('.outage circle').all()).map((one) => one.boundingBox()));
        for (const [index, one] of circles.entries())
          for (const other of circles.slice(index + 1))
            if (one !== null && other !== null && Math.abs(one.y - other.y) < 18)
              expect(Math.abs(one.x - other.x)).toBeGreaterThanOrEqual(18);
      }
    },
  );

  test('what was typed is still there where one field was not taken', async () => {
    await begin();
    const page = await open('dba');
    await approve(page, 'us-west-2');
    expect(await page.getByLabel('type what stays unfenced').inputValue()).toBe('us-east-1 stays unfenced');
    expect(await page.locator('[aria-invalid]').count()).toBe(1);
  });

  test('the policy lets the style sheet in, and nothing else', async () => {
    await begin();
    context = await browser.newContext({ viewport: widths.phone });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(`${server.url}${await door.pathOf('dba')}`);
    expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display")).toBe('grid');
    expect(complaints).toEqual([]);
  });

  describe.each(['light', 'dark'] as const)('in %s', (scheme: Scheme) => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    let page: Page;

    // One page for all: a browser that has run axe-core once runs it in half the time.
    beforeAll(async () => {
      if (screenshots !== null) mkdirSync(screenshots, { recursive: true });
      page = await (await browser.newContext({ colorScheme: scheme })).newPage();
    });
    afterAll(() => page.context().close());

    test.for(Object.keys(pages))('%s: axe-core finds nothing, it fits 360 px, and fingers fit', async (name) => {
      server = await serve(() => ({ status: 200, headers, body: pages[name] ?? '' }));
      await page.goto(server.url);
      for (const [device, viewport] of Object.entries(widths)) {
        await page.setViewportSize(viewport);
        expect(await violationsOf(page, scheme)).toEqual([]);
        if (screenshots !== null)
          await page.screenshot({ path: join(screenshots, `${name}.${device}.${scheme}.png`), fullPage: true });
      }
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
      const low = `[...document.querySelectorAll('main a, header a, button, input:not([type=hidden]), textarea, summary')]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)`;
      expect(await page.evaluate(low)).toEqual([]);
    });
  });
});
