import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { walText } from '#test/web/fixture-runbooks.ts';
import { useConsole } from '#test/web/use-console.ts';

const ref = 'own/wal-fills-the-disk';
const mended = walText.replace('expct', 'expect');
const code = (page: Page) => page.getByRole('textbox', { name: 'Text of the runbook' });
const textIn = (page: Page): Promise<string> => page.locator('.cm-line').allInnerTexts().then((lines) => lines.map((line) => line.replace(/\n$/, '')).join('\n'));

/** Writes at the end of the text, as one does by hand. */
async function write(page: Page, text: string): Promise<void> {
  await code(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(text);
}

describe('the editor of a runbook', () => {
  const at = useConsole({ start: `/systems/sys-neff/runbooks/edit/${ref}` });

  it('marks a fault at its line, mends it by one press, and saves', async () => {
    const { page, fixture } = at();
    await page.locator('.cm-lintRange-error', { hasText: 'expct' }).waitFor();
    await page.getByRole('button', { name: 'Write expect', exact: true }).click();
    await page.getByText('none found').waitFor();
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'Save runbook' }).and(page.locator(':disabled')).waitFor();
    expect([fixture.engine.state.runbooks.texts.get(ref), await page.locator('.cm-lintRange-error').count()]).toEqual([mended, 0]);
  });

  it('says what is wrong where the mouse rests on it', async () => {
    const { page } = at();
    await page.locator('.cm-lintRange-error').hover();
    await page.locator('.cm-tooltip .cm-diagnosticText').waitFor();
    expect(await page.locator('.cm-tooltip .cm-diagnosticText').innerText()).toContain('Did you mean "expect"?');
  });

  it('goes from a problem to its line', async () => {
    const { page } = at();
    await page.getByRole('button', { name: /^Line 19/ }).click();
    expect([await page.locator('.cm-activeLine').innerText(), await code(page).evaluate((element) => element === document.activeElement)]).toEqual([expect.stringContaining('expct'), true]);
  });

  it('takes no answer about an older text for one about this', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Write expect', exact: true }).waitFor();
    const release = fixture.engine.hold('runbook.check');
    await write(page, '# more\n');
    await expect.poll(() => page.getByRole('button', { name: 'Write expect', exact: true }).isDisabled()).toBe(true);
    release();
    await expect.poll(() => page.getByRole('button', { name: 'Write expect', exact: true }).isEnabled()).toBe(true);
    expect(await textIn(page)).toContain('# more');
  });

  it('offers what may stand at a place', async () => {
    const { page } = at();
    await write(page, '    ');
    await page.keyboard.press('Control+Space');
    await page.getByRole('option', { name: /expect/ }).click();
    await page.locator('.cm-line', { hasText: /^ {4}expect:$/ }).waitFor();
    expect(await page.getByRole('option').count()).toBe(0);
  });

  it('takes what is typed over all of it, and breaks no policy of the page by that', async () => {
    const { page, complaints } = at();
    await code(page).click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('schema: runbook/1');
    expect([await textIn(page), complaints]).toEqual(['schema: runbook/1', []]);
    await page.keyboard.press('Control+z');
    await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent?.includes('WAL') === true);
  });

  it('is left by the keyboard with Escape, then Tab', async () => {
    const { page } = at();
    await code(page).click();
    await page.keyboard.press('Tab');
    const within = await code(page).evaluate((element) => element === document.activeElement);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    expect([within, await code(page).evaluate((element) => element === document.activeElement)]).toEqual([true, false]);
  });

  it('keeps what was written over a reload, against the file that it was begun from', async () => {
    const { page, fixture } = at();
    await write(page, '# kept\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('stands here again').waitFor();
    await page.getByRole('button', { name: 'Save runbook' }).click();
    await page.getByText('Not saved', { exact: true }).waitFor({ state: 'detached' });
    expect(fixture.engine.state.runbooks.texts.get(ref)).toBe(`${walText}# kept\n`);
  });

  it('asks before it is left with something unsaved, and has it again when one comes back', async () => {
    const { page } = at();
    await write(page, '# kept\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'History', exact: true }).first().click();
    const question = page.getByRole('dialog', { name: 'Leave without saving?' });
    await question.getByRole('button', { name: 'Stay' }).click();
    await question.waitFor({ state: 'detached' });
    const stayed = await textIn(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('operations');
    await page.keyboard.press('Enter');
    await question.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Operations', level: 1 }).waitFor();
    await at().go(`/systems/sys-neff/runbooks/edit/${ref}`);
    await page.getByText('stands here again').waitFor();
    expect([stayed.includes('# kept'), (await textIn(page)).includes('# kept')]).toEqual([true, true]);
  });

  it('follows a file that is changed elsewhere while nothing was written here', async () => {
    const { page, fixture } = at();
    await code(page).waitFor();
    fixture.engine.state.runbooks.texts.set(ref, `${walText}# theirs\n`);
    fixture.engine.change({ topics: ['runbooks'] });
    await page.getByText('# theirs').waitFor();
    expect(await page.getByText('Not saved', { exact: true }).count()).toBe(0);
  });

  it('writes today into the day of its review', async () => {
    const { page } = at();
    await page.getByRole('button', { name: 'I have read it, and it is right today' }).click();
    await page.getByText('Not saved', { exact: true }).waitFor();
    const day = await page.evaluate(() => `${new Date().getFullYear()}-${String(new Date().getMonth() + 1).padStart(2, '0')}-${String(new Date().getDate()).padStart(2, '0')}`);
    expect(await textIn(page)).toBe(walText.replace('reviewed_on: "2025-09-02"', `reviewed_on: "${day}"`).replace(/\n$/, '\n'));
  });

  it('removes a runbook only by its typed title', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Remove…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Remove WAL fills the disk?' });
    const before = await dialog.getByRole('button', { name: /^Remove/ }).isDisabled();
    await dialog.getByLabel(/^Type its title/).fill('WAL fills the disk');
    await dialog.getByRole('button', { name: /^Remove/ }).click();
    await page.getByRole('heading', { name: 'Runbooks', level: 1 }).waitFor();
    expect([before, fixture.engine.state.runbooks.cards.some((card) => card.ref === ref)]).toEqual([true, false]);
  });

  it('tells beside each step how it went so far', async () => {
    const { page } = at();
    const past = page.locator('[data-step="drop"] .past');
    await past.waitFor();
    expect(await past.innerText()).toMatch(/Walked 4 times, usually 2\.2 s[\s\S]*failed once[\s\S]*unknown once[\s\S]*skipped once: the slot was gone already/);
  });

  it('shows the steps with sample values', async () => {
    const { page } = at();
    await page.getByRole('button', { name: /^Sample values/ }).click();
    await page.getByLabel('Slot to drop').fill('a_sample');
    await page.getByText("SELECT pg_drop_replication_slot('a_sample')").waitFor();
    expect(await page.locator('[data-step="drop"] .cmd mark').count()).toBe(0);
  });

  it('copies one of a pack to change it, and lets nobody write into the pack', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/runbooks/edit/neff-paving/slow-pages');
    await code(page).waitFor();
    const readOnly = await code(page).getAttribute('aria-readonly');
    await write(page, '# mine\n');
    const untouched = (await textIn(page)).includes('# mine');
    await page.getByRole('button', { name: 'Copy to change it' }).click();
    await page.waitForFunction(() => window.location.hash.endsWith('/edit/own/slow-pages'));
    await page.getByRole('button', { name: 'Save runbook' }).waitFor();
    expect([readOnly, untouched]).toEqual(['true', false]);
  });

  it('begins a new one, and goes to its file when it is saved', async () => {
    const { page, fixture, go } = at();
    await go('/systems/sys-neff/runbooks/new');
    await code(page).waitFor();
    await page.getByRole('button', { name: 'Save runbook' }).click();
    await page.waitForFunction(() => window.location.hash === '#/systems/sys-neff/runbooks/edit/own/look-at-a-disk');
    expect(fixture.engine.state.runbooks.texts.get('own/look-at-a-disk')).toContain('title: Look at a disk');
  });
});

describe('two who write the same runbook', () => {
  const at = useConsole({ start: `/systems/sys-neff/runbooks/edit/${ref}` });
  const theirs = `${walText}# theirs\n`;
  const mine = `${walText}# mine\n`;

  /** Somebody else saves while something stands here that is not saved; then it is saved here. */
  async function collide(): Promise<Page> {
    const { page, fixture } = at();
    await code(page).waitFor();
    fixture.engine.state.runbooks.texts.set(ref, theirs);
    await write(page, '# mine\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog', { name: /^The file was changed/ }).waitFor();
    return page;
  }

  it('see both texts, and nothing is written before one chooses', async () => {
    const page = await collide();
    const dialog = page.getByRole('dialog');
    const seen = [await dialog.getByLabel('Text: Yours').locator('mark').allInnerTexts(), await dialog.getByLabel('Text: In the file now').locator('mark').allInnerTexts()];
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect([seen, at().fixture.engine.state.runbooks.texts.get(ref), await textIn(page)]).toEqual([[['# mine'], ['# theirs']], theirs, mine]);
  });

  it('are told as soon as the file is another, and save against the one that they began with', async () => {
    const { page, fixture } = at();
    await write(page, '# mine\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    fixture.engine.state.runbooks.texts.set(ref, theirs);
    fixture.engine.change({ topics: ['runbooks'] });
    await page.getByText('The file was changed by somebody else.').waitFor();
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog', { name: /^The file was changed/ }).waitFor();
    expect([fixture.engine.state.runbooks.texts.get(ref), await textIn(page)]).toEqual([theirs, mine]);
  });

  it('are asked too where the page was loaded anew in between', async () => {
    const { page, fixture } = at();
    await write(page, '# mine\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    fixture.engine.state.runbooks.texts.set(ref, theirs);
    page.on('dialog', (dialog) => void dialog.accept());
    await page.reload();
    await page.getByText('stands here again').waitFor();
    await page.getByRole('button', { name: 'Save runbook' }).click();
    await page.getByRole('dialog', { name: /^The file was changed/ }).waitFor();
    expect([fixture.engine.state.runbooks.texts.get(ref), await textIn(page)]).toEqual([theirs, mine]);
  });

  it('keep mine as a copy with an id of its own', async () => {
    const page = await collide();
    await page.getByRole('button', { name: 'Keep mine as a copy' }).click();
    await page.waitForFunction(() => window.location.hash.endsWith('/edit/own/wal-fills-the-disk-mine'));
    const { texts } = at().fixture.engine.state.runbooks;
    expect([texts.get(ref), texts.get('own/wal-fills-the-disk-mine')]).toEqual([theirs, mine.replace('id: wal-fills-the-disk', 'id: wal-fills-the-disk-mine')]);
  });

  it('take theirs, and have mine again by undo', async () => {
    const page = await collide();
    await page.getByRole('button', { name: 'Take theirs' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const taken = await textIn(page);
    await code(page).click();
    await page.keyboard.press('Control+z');
    expect([taken, await textIn(page)]).toEqual([theirs, mine]);
  });

  it('overwrite theirs on purpose', async () => {
    const page = await collide();
    await page.getByRole('button', { name: 'Overwrite theirs' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText('Not saved', { exact: true }).waitFor({ state: 'detached' });
    expect(at().fixture.engine.state.runbooks.texts.get(ref)).toBe(mine);
  });
});
