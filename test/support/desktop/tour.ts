/** README's tour in five minutes, walked by the screens of whatever window shows them. */
import type { Page } from 'playwright-core';

/** Milliseconds. The longest single step starts a Postgres server and fills it. */
const patienceMs = 90_000;

/**
 * Starts the practice system, checks its health, makes a backup and proves it by restoring (L3), restores it beside,
 * swaps the copy in, takes that back, and finds it all in history: the button that each screen offers first, and the
 * named one where a person chooses. The page shows the console of an empty data folder, or is about to. Afterwards the
 * practice system still runs.
 *
 * @param report is told each step once it is done, and how long it took in milliseconds.
 * @throws Error of the first step that did not come to its end, with what was waited for.
 */
export async function walkTour(page: Page, report: (step: string, ms: number) => void): Promise<void> {
  page.setDefaultTimeout(patienceMs);
  const primary = page.locator('[data-primary]:not([disabled])');
  const main = page.getByRole('main');
  const dialog = page.getByRole('dialog');
  const decision = page.getByRole('region', { name: 'Decision' });
  const step = async (name: string, walk: () => Promise<void>): Promise<void> => {
    const started = performance.now();
    await walk();
    report(name, performance.now() - started);
  };

  await step('Start the practice system', async () => {
    await primary.and(page.getByRole('button', { name: 'Start the practice system' })).click();
    await dialog.locator('[data-primary]:not([disabled])').click();
    await page.waitForFunction(() => /^#\/systems\/[^/]+$/.test(window.location.hash));
  });
  await step('Check its health', async () => {
    await main.getByRole('link', { name: 'Run checks' }).and(primary).click();
    await page.getByRole('heading', { name: /^Critical/ }).waitFor();
  });
  await step('Back it up, proved by restoring', async () => {
    await main.getByRole('link', { name: 'Back up now' }).and(primary).click();
    await dialog.getByRole('button', { name: 'Back up shop' }).and(primary).click();
    await page.getByRole('link', { name: 'Restore it beside…' }).and(primary).waitFor();
    await main.getByText(/\bL3\b/).first().waitFor();
  });
  await step('Restore it beside', async () => {
    await page.getByRole('link', { name: 'Restore it beside…' }).and(primary).click();
    await decision.getByRole('button', { name: /^Restore shop/ }).and(primary).click();
    await page.getByRole('heading', { name: 'Every count is equal' }).waitFor();
  });
  await step('Swap the copy in', async () => {
    await decision.getByRole('button', { name: 'Swap shop for the restored copy' }).click();
    await page.getByRole('link', { name: 'Open the restore' }).and(primary).click();
    await page.getByRole('heading', { name: 'The copy is in place as shop' }).waitFor();
  });
  await step('Undo the swap', async () => {
    await decision.getByRole('button', { name: 'Undo the swap…' }).click();
    await dialog.getByRole('button', { name: 'Undo the swap of shop', exact: true }).click();
    await page.getByRole('link', { name: 'Open the restore' }).and(primary).click();
    await page.getByRole('heading', { name: 'The swap was taken back' }).waitFor();
  });
  await step('Find it in history', async () => {
    await page.getByRole('link', { name: 'Show in history' }).click();
    await page.getByLabel('Search history').fill('pg_restore');
    await page.locator('.pane.l mark').first().waitFor();
  });
}
