import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDesktop, useOpenDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

const display = { x: 0, y: 0, width: 1920, height: 1080 };
const second = { x: 1920, y: 0, width: 1280, height: 1024 };
const twoDisplays = [{ id: 1, bounds: display, workArea: display }, { id: 2, bounds: second, workArea: second }];

describe('the window', () => {
  const at = useDesktop();

  it('comes up where it was left, also when it was maximised', async () => {
    const { home, open } = at();
    const first = await open({ surroundings: { displays: twoDisplays } });
    const { id } = (await first.screen.window()) ?? { id: 0 };
    await first.screen.hands.moveWindow(id, { x: 2000, y: 100, width: 900, height: 700 });
    await first.screen.hands.maximizeWindow(id);
    await first.screen.closeWindow();
    expect(await first.screen.process.ended).toEqual({ status: 0, signal: null });
    const { screen } = await open({ surroundings: { displays: twoDisplays } });
    const again = await screen.window();
    expect({ bounds: again?.normalBounds, maximized: again?.maximized, mode: statSync(join(home, 'window.json')).mode & 0o777 }).toEqual({ bounds: { x: 2000, y: 100, width: 900, height: 700 }, maximized: true, mode: 0o600 });
  });
  it.each([
    ['that was maximised', { maximized: true, paintsShownAlone: false }],
    ['where nothing paints before it is shown', { maximized: false, paintsShownAlone: true }],
  ])('shows itself and says so, %s', async (_where, { maximized, paintsShownAlone }) => {
    const { home, start } = at();
    writeFileSync(join(home, 'window.json'), JSON.stringify({ x: 100, y: 100, width: 900, height: 700, maximized }));
    const screen = start({ surroundings: { paintsShownAlone } });
    await waitFor('the line that npm start waits for', () => screen.process.output().stdout === 'Pilothouse: the window is open.\n');
    const { visible, focused, maximized: isMaximized } = (await screen.window()) ?? {};
    expect({ visible, focused, isMaximized }).toEqual({ visible: true, focused: true, isMaximized: maximized });
  });
  it('comes up on a display that is there, when the one that it was on is gone', async () => {
    const { home, open } = at();
    writeFileSync(join(home, 'window.json'), JSON.stringify({ x: 2000, y: 100, width: 900, height: 700, maximized: false }));
    const { screen } = await open();
    expect((await screen.window())?.bounds).toEqual({ x: 510, y: 170, width: 900, height: 700 });
  });
  it('takes no harm from a file about its place that somebody broke', async () => {
    const { home, open } = at();
    writeFileSync(join(home, 'window.json'), '{"x":"left"}');
    const { screen } = await open();
    expect((await screen.window())?.bounds).toEqual({ x: 240, y: 70, width: 1440, height: 900 });
  });
  it('is one for each data folder: another start brings it to the front and ends', async () => {
    const { screen } = await at().open();
    const { id } = (await screen.window()) ?? { id: 0 };
    await screen.hands.minimizeWindow(id);
    const again = await screen.startAgain();
    const shown = await waitFor('the window at the front', async () => (await screen.hands.windowStates()).find(({ focused }) => focused));
    expect({ again, shown: [shown.id, shown.minimized, (await screen.hands.windowStates()).length] }).toEqual({ again: { status: 0, output: { stdout: 'Pilothouse is open already: its window comes to the front.\n', stderr: '' } }, shown: [id, false, 1] });
  });
  it('quits by its menu, and keeps the order that Electron has', async () => {
    const { screen } = await at().open();
    await screen.choose('File', 'Quit');
    expect(await screen.process.ended).toEqual({ status: 0, signal: null });
  });
  it('writes what happens around it into its log, and nothing on the terminal but that it is open', async () => {
    const { home, open } = at();
    const { screen } = await open();
    await screen.end();
    expect([screen.process.output(), readFileSync(join(home, 'logs', 'window.log'), 'utf8')]).toEqual([{ stdout: 'Pilothouse: the window is open.\n', stderr: '' }, expect.stringContaining('The window opens.')]);
  });
});

describe('the open window', () => {
  const at = useOpenDesktop();

  it('is for the page alone: everything of Electron and Chromium has its folder in the data folder', async () => {
    const { home, screen } = at();
    const { folders, sandbox } = await screen.hands.appState();
    expect({ folders, sandbox, reporting: await screen.hands.crashReporting() }).toEqual({ folders: { userData: home, sessionData: join(home, 'window'), logs: join(home, 'logs'), crashDumps: join(home, 'logs', 'crashes') }, sandbox: true, reporting: { uploadToServer: false } });
  });
  it('has a menu whose items lead where they say', async () => {
    const { home, screen, page, attach } = at();
    await (await attach()).call('system.add', { name: 'shop', environment: 'development' });
    await page.getByRole('navigation').getByRole('link', { name: 'shop' }).waitFor();
    const places: Record<string, string> = {};
    for (const path of [['File', 'Import hosts…'], ['File', 'Import databases…'], ['File', 'Settings'], ['View', 'Operations'], ['View', 'History'], ['Help', 'About Pilothouse'], ['File', 'Overview']]) {
      const before = page.url();
      await screen.choose(...path);
      await page.waitForFunction((was) => window.location.href !== was, before);
      places[path.join(' › ')] = await page.evaluate(() => window.location.hash);
    }
    await screen.choose('View', 'Find or run…');
    await page.getByRole('combobox', { name: 'Find or run' }).waitFor();
    await page.keyboard.press('Escape');
    await screen.choose('Help', 'Keyboard shortcuts');
    const shortcuts = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await shortcuts.waitFor();
    await page.keyboard.press('Escape');
    await shortcuts.waitFor({ state: 'detached' });
    await screen.choose('Help', 'Show the logs');
    await screen.choose('Help', 'PostgreSQL documentation');
    expect({ places, opened: await screen.hands.opened() }).toEqual({
      places: { 'File › Overview': '#/', 'File › Import hosts…': '#/import/hosts', 'File › Import databases…': '#/import/databases', 'File › Settings': '#/settings', 'View › Operations': '#/operations', 'View › History': '#/history', 'Help › About Pilothouse': '#/settings/about' },
      opened: { outside: ['https://www.postgresql.org/docs/current/'], paths: [join(home, 'logs')], shown: [] },
    });
  });
  it('is loaded anew by its menu, and finds its engine again', async () => {
    const { screen, page } = at();
    const [before] = await screen.hands.utilities();
    const again = page.waitForEvent('load');
    await screen.choose('View', 'Reload');
    await again;
    await page.locator('h1').first().waitFor();
    expect({ engines: await screen.hands.utilities(), complaints: screen.complaints }).toEqual({ engines: [before], complaints: [] });
  });
  it('has the menu of the right button for text, and none elsewhere', async () => {
    const { screen } = at();
    const { id } = (await screen.window()) ?? { id: 0 };
    const labels = async (on: { isEditable: boolean; selectionText: string }): Promise<string[] | null> => (await screen.hands.rightClick(id, on))?.map(({ label }) => label) ?? null;
    expect([await labels({ isEditable: true, selectionText: '' }), await labels({ isEditable: false, selectionText: 'text' }), await labels({ isEditable: false, selectionText: '' })]).toEqual([['Undo', 'Redo', 'Cut', 'Copy', 'Paste', 'Select All'], ['Copy'], null]);
  });
  it('lets a person choose a file in the dialog of the system, and fills it in as if typed', async () => {
    const { screen, page } = at();
    await screen.choose('File', 'Import hosts…');
    await page.getByText('Other files').click();
    const file = '/home/someone/.ssh/config of work';
    const typed = page.getByLabel('ssh_config', { exact: true });
    await page.getByRole('button', { name: 'Choose… ssh_config' }).click();
    const asked = await screen.answerDialog({ canceled: false, filePaths: [file] });
    await waitFor('the path', async () => (await typed.inputValue()) === file);
    const picking = page.evaluate(() => window.pilothouse?.pickPath({ what: 'folder', title: 'A folder' }));
    const { options } = await screen.answerDialog({ canceled: true, filePaths: [] });
    expect([asked, options, await picking]).toEqual([{ kind: 'open', window: (await screen.window())?.id, options: { title: 'ssh_config', properties: ['openFile', 'showHiddenFiles'] } }, { title: 'A folder', properties: ['openDirectory', 'createDirectory'] }, null]);
  });
  it('copies for its page, which may not', async () => {
    const { screen, page } = at();
    const text = 'SELECT 1; -- ✓';
    await page.evaluate((copied) => window.pilothouse?.copyText(copied), text);
    expect([await screen.hands.clipboard(), await page.evaluate(() => navigator.clipboard.readText().catch((error: Error) => error.name))]).toEqual([text, 'NotAllowedError']);
  });
  it('is light or dark as the settings say, else as the desktop is', async () => {
    const { screen, page, attach } = at();
    const client = await attach();
    const scheme = (): Promise<string | null> => page.evaluate(() => document.documentElement.dataset['mantineColorScheme'] ?? null);
    const seen = [await scheme()];
    await screen.hands.setTheme('dark');
    await waitFor('the dark page', async () => (await scheme()) === 'dark');
    seen.push(await scheme());
    await client.call('settings.set', { settings: { theme: 'light' } });
    await waitFor('the light frame', async () => (await screen.hands.themeState()).source === 'light');
    expect([...seen, await screen.hands.themeState()]).toEqual(['light', 'dark', { source: 'light', dark: false }]);
  });
  it('does nothing by a link: neither one that the system hands over, nor one on the command line', async () => {
    const { home, screen, page } = at();
    const before = { url: page.url(), requests: screen.requests.length };
    await screen.hands.openUrl('pilothouse://systems/remove?name=shop');
    const again = await screen.startAgain(['--home', home, 'pilothouse://systems/remove?name=shop']);
    expect({ after: { url: page.url(), requests: screen.requests.length }, status: again.status, dialogs: await screen.hands.dialogs(), windows: (await screen.hands.windowStates()).length }).toEqual({ after: before, status: 0, dialogs: [], windows: 1 });
  });
});
