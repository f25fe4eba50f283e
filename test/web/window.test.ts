/** What screens do where there is a window around the page, and what they leave to it. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { useConsole } from '#test/web/use-console.ts';

/** The form of a new host, with a field for a key. */
async function openKeyField(page: Page) {
  await page.getByRole('button', { name: /^Add host/ }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Add a key file' }).click();
  return dialog;
}

describe('a console in its window', () => {
  const at = useConsole({ inWindow: true });

  it('has a path chosen in the dialog of the operating system, as if it was typed', async () => {
    const { page, go, window } = at();
    await go('/systems/sys-neff/settings');
    const dialog = await openKeyField(page);
    const field = dialog.getByLabel('Private key 1', { exact: true });
    await field.fill('/home/person/.ssh/typed');
    await dialog.getByRole('button', { name: 'Choose… Private key 1' }).click();
    await expect.poll(() => window().asked).toEqual([{ what: 'file', title: 'Private key 1' }]);
    // It was cancelled.
    expect(await field.inputValue()).toBe('/home/person/.ssh/typed');
    window().answer = '/home/person/.ssh/chosen';
    await dialog.getByRole('button', { name: 'Choose… Private key 1' }).click();
    await expect.poll(() => field.inputValue()).toBe('/home/person/.ssh/chosen');
  });

  it('asks before a menu closes a dialog in which somebody has written, and not where nothing would be lost', async () => {
    const { page, go, window } = at();
    await go('/systems/sys-neff');
    await page.getByRole('button', { name: 'Add database' }).click();
    const dialog = page.getByRole('dialog').first();
    await dialog.getByLabel('Database', { exact: true }).fill('paving');
    await window().wish({ wish: 'go', place: '/settings' });
    const question = page.getByRole('dialog').filter({ hasText: 'Leave the open dialog?' });
    const focused = (): Promise<string | null> => page.evaluate(() => document.activeElement?.textContent ?? null);
    await expect.poll(focused).toBe('Stay');
    await question.getByRole('button', { name: 'Stay' }).click();
    expect(await dialog.getByLabel('Database', { exact: true }).inputValue()).toBe('paving');
    await window().wish({ wish: 'go', place: '/settings' });
    await question.getByRole('button', { name: 'Leave the dialog' }).click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await window().wish({ wish: 'palette' });
    await page.getByRole('combobox').fill('neff');
    await window().wish({ wish: 'go', place: '/history' });
    await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
  });

  it('says where no dialog opens, until something is typed', async () => {
    const { page, go, window } = at();
    await go('/systems/sys-neff');
    await page.getByRole('button', { name: 'Add database' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Where the password comes from').selectOption('passfile');
    window().answer = new Error('The window is closed.');
    await dialog.getByRole('button', { name: 'Choose… Password file' }).click();
    const problem = dialog.getByText('No dialog opened:');
    await problem.waitFor();
    await dialog.getByLabel('Password file', { exact: true }).fill('/home/person/.pgpass');
    expect(await problem.count()).toBe(0);
  });

  it.each([
    ['hosts', ['ssh_config', 'known_hosts']],
    ['databases', ['Password file', 'Service file', 'pgAdmin’s servers.json']],
  ])('lets the files be chosen that %s are imported from', async (what, names) => {
    const { page, go, window } = at();
    await go(`/systems/sys-neff/import/${what}`);
    await page.getByRole('button', { name: 'Other files' }).click();
    window().answer = '/home/person/elsewhere';
    for (const name of names) {
      await page.getByRole('button', { name: `Choose… ${name}` }).click();
      await expect.poll(() => page.getByLabel(name, { exact: true }).inputValue()).toBe('/home/person/elsewhere');
    }
    expect(window().asked.map(({ title }) => title)).toEqual(names);
  });

  it('copies by the window, which keeps the clipboard from its page', async () => {
    const { page, go, window } = at();
    await page.context().clearPermissions();
    await go('/settings/about');
    await page.getByRole('button', { name: 'Copy diagnostics' }).click();
    await page.getByText('Copied').waitFor();
    expect(window().copied).toEqual([expect.stringContaining('"version"')]);
  });

  it('says that it runs in a window, what keychain it has, and where its data and its logs are', async () => {
    const { page, go, fixture } = at();
    Object.assign(fixture.engine.state, { vault: 'unlocked', keychain: { backend: 'kwallet6', opens: true, problem: null } });
    await go('/settings/about');
    const about = page.getByRole('region', { name: /^Pilothouse/ });
    await about.getByText('opens the vault').waitFor();
    const text = await about.innerText();
    expect(text.split('\n').filter((line) => line.trim() !== '')).toEqual(expect.arrayContaining(['in its own window', 'kwallet6, opens the vault', '/home/person/.local/share/pilothouse', '/home/person/.local/share/pilothouse/logs']));
  });

  it.each(['/settings/vault', '/settings/appearance', '/settings/data', '/settings/about', '/', '/systems/sys-neff', '/operations', '/history'])('has no word of browsers, of their tabs, or of commands on %s', async (place) => {
    const { page, go } = at();
    await go(place);
    // What is said of the engine that another way in has started stays true.
    expect((await page.locator('body').innerText()).replace('started for the browser', '')).not.toMatch(/npm start|\btabs?\b|browser|127\.0\.0\.1:\d+\/#/i);
  });

  it('has the keys of the window among its shortcuts, by which the menu is shown that hides', async () => {
    const { page, go } = at();
    await go('/');
    await page.keyboard.press('?');
    const keys = await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).locator('kbd').allInnerTexts();
    expect(keys.slice(-3)).toEqual(['Ctrl ,', 'Ctrl + -', 'Alt']);
  });

  it('says where it is found why no keychain opens the vault, or whose engine it uses', async () => {
    const { page, go, fixture, window } = at();
    fixture.engine.state.vault = 'locked';
    await go('/settings/vault');
    const said = page.getByText('No keychain is used here');
    await said.getByRole('link', { name: 'About' }).waitFor();
    await window().tell({ state: 'running', restartedAt: null, attached: true });
    await page.getByText('No keychain is used here (this window uses an engine that was started without one): its passphrase opens it after each start.').waitFor();
    expect(await said.getByRole('link').count()).toBe(0);
  });

  it('says that its engine broke down, and does not call its data damaged, where it never answered', async () => {
    const { page } = at();
    const error = { code: 'internal', message: 'The engine broke down twice.', retryable: false, details: {}, correlationId: '' } as const;
    await page.addInitScript((failure) => {
      Object.assign(window.pilothouse ?? {}, { connect: () => Promise.reject(new Error('Nobody answers.')), onEngineState: (listener: (state: unknown) => void) => listener({ state: 'failed', error: failure }) });
    }, error);
    await page.reload();
    await page.getByText(error.message).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Pilothouse cannot work now');
  });

  it('says of an export what it knows: whether it was saved is between the person and the dialog of the system', async () => {
    const { page, go } = at();
    await go('/history');
    await page.getByRole('button', { name: /^Export/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Export history' }).click();
    expect(await page.getByRole('dialog').getByRole('status').innerText()).toMatch(/^\d+ events handed over as history\.md; it lies where you save it\.$/);
  });

  it('writes what is exported as a download of its own page', async () => {
    const { page, go } = at();
    await go('/history');
    await page.getByRole('button', { name: /^Export/ }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Export history' }).click();
    expect((await download).url()).toMatch(`blob:${new URL(page.url()).origin}/`);
  });
});

describe('a console in a browser', () => {
  const at = useConsole();

  it('has no way to choose a path', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/settings');
    const dialog = await openKeyField(page);
    expect([await dialog.getByLabel('Private key 1', { exact: true }).count(), await page.getByRole('button', { name: /^Choose/ }).count()]).toEqual([1, 0]);
  });

  it('says that it runs in one', async () => {
    const { page, go } = at();
    await go('/settings/about');
    await page.getByText('in the browser, on this computer alone').waitFor();
    expect(await page.getByText('none is used').count()).toBe(1);
  });
});
