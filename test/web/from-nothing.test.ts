import { describe, expect, it, onTestFinished } from 'vitest';
import { launchBrowser, missingForWeb } from '#test/web/fixture-console.ts';
import { removePractice } from '#test/practice.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const patienceMs = 90_000;

describe('from nothing to a proven backup by the screens', () => {
  it('a person gets there by pressing the primary button of each screen, and finds it in history', async (context) => {
    const missing = missingForWeb();
    if (missing !== null) return context.skip(missing);
    const home = await temporaryFolder('screens');
    const program = await startConsole(home);
    const browser = await launchBrowser();
    onTestFinished(async () => {
      await browser.close();
      program.child.kill('SIGINT');
      await program.ended;
      await removePractice(home);
    });
    const complaints: string[] = [];
    const page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    const primary = page.locator('[data-primary]:not([disabled])');

    await page.goto(program.link.href);
    await primary.click();
    await page.getByRole('dialog').locator('[data-primary]:not([disabled])').click();
    await page.waitForFunction(() => /^#\/systems\/[^/]+$/.test(window.location.hash), undefined, { timeout: patienceMs });

    await page.getByRole('main').getByRole('link', { name: 'Run checks' }).and(primary).click();
    await page.getByRole('heading', { name: /^Critical/ }).waitFor();

    await page.getByRole('main').getByRole('link', { name: 'Back up now' }).and(primary).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back up shop' }).and(primary).click();

    await page.getByRole('link', { name: 'Restore it beside…' }).and(primary).click();
    await page.getByRole('region', { name: 'Decision' }).getByRole('button', { name: /^Restore shop/ }).and(primary).click();

    await page.getByRole('heading', { name: 'Every count is equal' }).waitFor();
    await page.getByRole('link', { name: 'Show in history' }).and(primary).click();
    await page.getByLabel('Search history').fill('pg_restore');
    await page.locator('.pane.l mark').first().waitFor();
    expect(complaints).toEqual([]);
  });
});
