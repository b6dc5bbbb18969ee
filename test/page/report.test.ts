// The report in a real browser: everybody can read it on a phone and on a desk, in light and dark, and on paper. With SCREENSHOTS=1,
// pictures are left in test/page/screenshots (ignored by git), for people to look at.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { earlierOf } from '../../functions/domain/report/facts.ts';
import { indexPage, listedOf } from '../../functions/domain/report-page/index-page.ts';
import { reportPage } from '../../functions/domain/report-page/page.ts';
import { runDrill } from '../../simulator/drill/drill.ts';
import { plan } from '../plan.ts';
import { attack, attacked, bare, ofDrill, whole } from '../reports.ts';
import { shipped } from '../shipped.ts';
import { hasChromium, launch, type Scheme, violationsOf, widths } from './browser.ts';

const screenshots = process.env['SCREENSHOTS'] === '1' ? join(import.meta.dirname, 'screenshots') : null;
const earlier = [3, 7, 12].map((seed) => ({
  ...earlierOf(ofDrill('region-outage', seed), `./region-outage-${seed}.html`),
  recoverySeconds: seed * 100,
}));

const list = { title: 'Drills of chatops', lead: 'Every scenario that the plan has the assets for.', none: 'none' };

/** Each kind of page, made when it is asked for: one is that of a drill. */
const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  'report-drill': async () => {
    const { report } = await runDrill({ scenario: 'region-outage', seed: 1, plan, report: true });
    return report === undefined ? '' : reportPage(report, earlier);
  },
  'report-incident': () => reportPage(whole, []),
  'report-gaps': () => reportPage(bare, []),
  'report-attacked': () => reportPage(attacked, []),
  'report-list': () =>
    indexPage({
      ...list,
      reports: [listedOf(whole, './a.html'), listedOf(bare, './b.html')],
      without: [{ what: 'cache-moves', why: 'the plan has no cache' }],
    }),
  'report-list-attacked': () =>
    indexPage({ ...list, reports: [listedOf(attacked, './c.html')], without: [{ what: 'cache-moves', why: attack }] }),
};

describe.skipIf(!hasChromium)('the report in chromium (skipped where /usr/bin/chromium is missing)', () => {
  let browser: Browser;
  const made = new Map<string, string>();
  beforeAll(async () => {
    browser = await launch();
    if (screenshots !== null) mkdirSync(screenshots, { recursive: true });
    for (const [name, make] of Object.entries(pages)) made.set(name, await make());
  }, 120_000);
  afterAll(() => browser?.close());

  describe.each(['light', 'dark'] as const)('in %s', (scheme: Scheme) => {
    let page: Page;
    beforeAll(async () => {
      page = await (await browser.newContext({ colorScheme: scheme })).newPage();
    });
    afterAll(() => page.context().close());

    test.for(Object.keys(pages))('%s: axe-core finds nothing, and it fits every width', async (name) => {
      await page.setContent(made.get(name) ?? '');
      for (const [device, viewport] of Object.entries(widths)) {
        await page.setViewportSize(viewport);
        expect(await violationsOf(page, scheme)).toEqual([]);
        if (screenshots !== null)
          await page.screenshot({ path: join(screenshots, `${name}.${device}.${scheme}.png`), fullPage: true });
        const { width } = viewport;
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
      await page.setViewportSize({ width: 320, height: 700 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
    });
  });

  test.skipIf(screenshots === null)(
    'the README’s picture is the timeline of the shipped plan’s drill (with SCREENSHOTS=1)',
    async () => {
      const { report } = await runDrill({ scenario: 'region-outage', seed: 1, plan: shipped, report: true });
      if (report === undefined || screenshots === null) throw new Error('no report');
      const file = join(screenshots, 'report.png');
      const page = await (await browser.newContext({ colorScheme: 'light' })).newPage();
      await page.setViewportSize(widths.desktop);
      await page.setContent(reportPage(report, []));
      await page.locator('figure:has(.scroll)').screenshot({ path: file });
      expect(existsSync(file)).toBe(true);
      await page.context().close();
    },
  );

  test('where the timeline is wider than the screen, a reader is told to move it, and nowhere else', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.setContent(made.get('report-drill') ?? '');
    const hint = page.getByText('The picture is wider than the screen');
    for (const width of [390, 800, 960, 1000, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const isCut = await page.evaluate<boolean>(
        `(() => { const one = document.querySelector('.scroll'); return one.scrollWidth > one.clientWidth; })()`,
      );
      expect([width, await hint.isVisible()]).toEqual([width, isCut]);
    }
    await page.context().close();
  });

  test('nothing in it runs, asks for anything, or complains', async () => {
    const page = await (await browser.newContext()).newPage();
    const seen: string[] = [];
    page.on('console', (message) => seen.push(message.text()));
    page.on('pageerror', (error) => seen.push(error.message));
    page.on('dialog', (dialog) => {
      seen.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => seen.push(request.url()));
    for (const html of made.values()) await page.setContent(html);
    expect(seen).toEqual([]);
    expect(await page.title()).toBe('Drills of chatops');
    await page.context().close();
  });

  test('on paper nothing is folded away, and it is black on white whatever the screen is', async () => {
    const page = await (await browser.newContext({ colorScheme: 'dark' })).newPage();
    await page.setContent(made.get('report-drill') ?? '');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.setViewportSize({ width: 700, height: 1000 });
    expect(await page.evaluate('getComputedStyle(document.body).color')).toBe('rgb(0, 0, 0)');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const folded = `[...document.querySelectorAll('details > :not(summary)')].filter((one) => one.getBoundingClientRect().height === 0).length`;
    expect(await page.evaluate(folded)).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll('details').length`)).toBeGreaterThan(10);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(700);
    await page.context().close();
  });
});
