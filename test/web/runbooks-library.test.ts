import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('the library of runbooks', () => {
  const at = useConsole({ start: '/systems/sys-neff/runbooks' });
  const titlesIn = (group: string): Promise<string[]> =>
    at().page.locator('table.lib tbody').filter({ has: at().page.locator('th[scope="rowgroup"]', { hasText: new RegExp(`^${group} `) }) }).locator('th[scope="row"] a').allInnerTexts();

  it('says in one sentence how many there are, which are due and which were never walked', async () => {
    const { page } = at();
    await page.getByRole('table', { name: 'Runbooks' }).waitFor();
    expect(await page.locator('.page-head .lede').innerText()).toBe('Eight can be started, two have errors. Three are due for review, four were never walked.');
  });

  it('shows what is in progress first and nowhere else, and what breaks apart from regular work', async () => {
    await at().page.getByRole('table', { name: 'Runbooks' }).waitFor();
    expect([await titlesIn('In progress'), await titlesIn('When something breaks'), await titlesIn('Regular work'), await titlesIn('Own')]).toEqual([
      ['WAL fills the disk'],
      ['Site does not answer', 'Certificate about to expire', 'Slow pages', 'Database restore, beside then swap', 'Connections run out'],
      ['Failover test', 'Weekly maintenance'],
      ['Move the reports'],
    ]);
  });

  it('never says only "done" of one in which a step was skipped, or stays unknown', async () => {
    const { page } = at();
    const row = (title: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${title}`) }) }).locator('td').first();
    await row('Slow pages').waitFor();
    expect([await row('Certificate about to expire').innerText(), await row('Slow pages').innerText(), await row('Database restore').innerText()]).toEqual([expect.stringContaining('Done, 1 step skipped'), expect.stringMatching(/Stopped at step 4[\s\S]*1 unknown/), expect.stringContaining('Rehearsed')]);
  });

  it('and the list of walkthroughs fit the smallest window, whatever came of one', async () => {
    const { page, fixture, go } = at();
    const card = fixture.engine.state.runbooks.cards.find(({ last, inProgress }) => last !== null && inProgress.length === 0);
    if (card?.last === undefined || card.last === null) throw new Error('None was walked.');
    card.last = { ...card.last, state: 'failed', stateText: 'Walked to the end, but not all of it succeeded. Did not succeed: Load for each processor, Room on the disk, Alerts are looked through, Integrations work.', failed: 4 };
    await page.setViewportSize({ width: 1024, height: 700 });
    await go('/runbooks');
    await page.getByText('Alerts are looked through').waitFor();
    const over = await page.evaluate(() => [...document.querySelectorAll('main, .scroll')].map((box) => box.scrollWidth - box.clientWidth));
    const narrow = await page.locator('.lib th[scope="row"]').evaluateAll((cells) => Math.min(...cells.map((cell) => cell.clientWidth)));
    expect([over, narrow > 180]).toEqual([[0, 0], true]);
  });

  it('is searched by words of its commands, and shows where they stand', async () => {
    const { page } = at();
    await page.getByLabel('Search runbooks').fill('drop slot');
    const hit = page.locator('.lib .hits li').first();
    await hit.waitFor();
    expect([await page.locator('.lib th[scope="row"]').count(), await hit.innerText(), await hit.locator('mark').allInnerTexts()]).toEqual([1, expect.stringContaining('step Drop the slot'), ['drop', 'slot', 'slot']]);
  });

  it('shows those alone that are due for review', async () => {
    const { page } = at();
    await page.getByRole('button', { name: /^Review due/ }).click();
    expect((await page.locator('.lib th[scope="row"] a').allInnerTexts()).sort()).toEqual(['Connections run out', 'Failover test', 'Site does not answer']);
  });

  it('offers to open, and not to start, what has errors', async () => {
    const { page } = at();
    await page.getByRole('link', { name: 'Open Move the reports' }).waitFor();
    expect(await page.getByRole('link', { name: 'Start Move the reports' }).count()).toBe(0);
  });

  it('names files that cannot be read with why, and where one’s own lie', async () => {
    const { page } = at();
    await page.getByRole('heading', { name: /^Not readable/ }).waitFor();
    expect([await page.getByText('a bracket is not closed').count(), await page.getByText('Your own runbooks are plain files in').innerText()]).toEqual([1, expect.stringContaining('/home/person/.local/share/pilothouse/runbooks')]);
  });

  it('says what went wrong where the runbooks cannot be listed, and tries again', async () => {
    const { page, fixture, go } = at();
    fixture.engine.fail('runbook.list', { code: 'store.unwritable', message: 'The folder of the runbooks cannot be read.' });
    await go('/runbooks');
    await page.getByRole('alert').first().waitFor();
    fixture.engine.fail('runbook.list', null);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table', { name: 'Runbooks' }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('is found by its palette', async () => {
    const { page } = at();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('neff runbooks');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runbooks', level: 1 }).waitFor();
    expect(await page.evaluate(() => window.location.hash)).toBe('#/systems/sys-neff/runbooks');
  });
});

describe('the palette', () => {
  const at = useConsole();

  it('goes on with what is in progress, and leads to the form of a runbook by its name', async () => {
    const { page } = at();
    const first = async (words: string): Promise<string> => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Find or run' }).fill(words);
      await page.getByRole('listbox', { name: 'Found' }).getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      // The screen that comes takes the focus, also from a palette that is opened before it is there.
      await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
      return page.evaluate(() => window.location.hash);
    };
    expect([await first('connections run out'), await first('continue wal')]).toEqual(['#/runbooks/start/neff-paving/connections-run-out', '#/walkthroughs/w-now']);
  });
});

describe('what was walked', () => {
  const at = useConsole({ start: '/runbooks/walked' });

  it('is told apart by what nobody knows', async () => {
    const { page } = at();
    await page.getByRole('table', { name: 'Walkthroughs' }).waitFor();
    await page.getByLabel('Result').selectOption({ label: 'With unknown steps' });
    await page.getByText('1 walkthrough of 6 read').waitFor();
    expect(await page.locator('.walked tbody th a').allInnerTexts()).toEqual(['Slow pages']);
  });

  it('keeps rehearsals apart', async () => {
    const { page } = at();
    await page.getByRole('table', { name: 'Walkthroughs' }).waitFor();
    await page.getByLabel('Mode').selectOption({ label: 'Rehearsal' });
    await page.getByText('1 walkthrough of 6 read').waitFor();
    expect(await page.locator('.walked tbody th a').allInnerTexts()).toEqual(['Database restore, beside then swap']);
  });
});
