import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { launchBrowser, missingForWeb, openConsole, startFixtureConsole, type FixtureConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { sampleOf } from '#test/sample.ts';
import { settled, shots, type Shot } from '#test/web/screenshots.ts';
import { startSystemConsole, type SystemConsole } from '#test/web/system-console.ts';

// Every one of them has its turn within twelve days, and all of them in a full run.
const today = sampleOf(shots, Math.ceil(shots.length / 12));
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** In the dark only what depends on colours is looked at again. */
async function violationsOf(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  const axe = new AxeBuilder({ page });
  const { violations } = await (theme === 'light' ? axe.withTags(rules) : axe.withRules(['color-contrast', 'link-in-text-block'])).analyze();
  return violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe('every screen and dialog, in both themes,', () => {
  const missing = missingForWeb();
  let browser: Browser;
  let full: FixtureConsole;
  let empty: FixtureConsole;
  let opened: { full: OpenedPage; empty: OpenedPage };
  /** Started where one of its screens has its turn. */
  let ofSystem: (OpenedPage & { console: SystemConsole }) | null = null;

  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  beforeAll(async () => {
    if (missing !== null) return;
    browser = await launchBrowser();
    full = await startFixtureConsole();
    empty = await startFixtureConsole({ empty: true });
    opened = { full: await openConsole(browser, full), empty: await openConsole(browser, empty) };
    if (!today.some(({ isOfSystem }) => isOfSystem)) return;
    const console = await startSystemConsole();
    ofSystem = { ...(await openConsole(browser, console)), console };
  });
  afterAll(async () => {
    if (missing !== null) return;
    await browser.close();
    await full.close();
    await empty.close();
    await ofSystem?.console.close();
  });

  it.each(today)('$name breaks no rule of access and no policy, and asks nobody but its own engine', async ({ path, empty: first, isOfSystem, prepare, act }: Shot) => {
    const real = isOfSystem ? ofSystem : null;
    const { page, complaints, origins, go } = real ?? (first ? opened.empty : opened.full);
    complaints.length = 0;
    // One press closes one of those that lie over each other.
    for (let open = await page.getByRole('dialog').count(); open > 0; open = await page.getByRole('dialog').count()) {
      await page.keyboard.press('Escape');
      await page.waitForFunction((before) => document.querySelectorAll('[role="dialog"]').length < before, open);
    }
    const putBack = prepare?.(first ? empty : full);
    if (putBack !== undefined) onTestFinished(putBack);
    await go(real?.console.path(path) ?? path);
    await settled(page);
    await act?.(page);
    await settled(page);
    const violations = [...(await violationsOf(page, 'light')), ...(await violationsOf(page, 'dark'))];
    const { origin } = (real?.console ?? (first ? empty : full)).server;
    expect({ violations, complaints, origins: [...origins] }).toEqual({ violations: [], complaints: [], origins: [origin] });
  });
});
