// Debian's chromium, driven by playwright-core. Nothing is downloaded: where it is not installed, tests say so and are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
export const hasChromium = existsSync(executablePath);
if (!hasChromium) process.stderr.write(`No ${executablePath}: the approval page is not tested in a browser\n`);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--in-process-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export type Scheme = 'light' | 'dark';
export const widths = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } } as const;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// Beyond what axe-core checks by default: 7:1 contrast, and targets that can be touched.
const rules = { 'color-contrast-enhanced': { enabled: true }, 'target-size': { enabled: true } };
const contrast = ['color-contrast', 'color-contrast-enhanced'];

/** What axe-core finds wrong in a page, one line each. In the dark scheme nothing but colours differs, and they are looked at. */
export async function violationsOf(page: Page, scheme: Scheme): Promise<string[]> {
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  const options = scheme === 'dark' ? { runOnly: contrast } : { rules };
  const { violations } = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}
