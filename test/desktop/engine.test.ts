import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { startConsole } from '#test/processes-of-ours.ts';
import { descendantsOf, isRunning } from '#test/processes.ts';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

const failed = { name: 'Start it again' };

describe('the engine of the window', () => {
  const at = useDesktop();

  it('is started again once when it breaks down, and the page says so and goes on', async () => {
    const { open, attach } = at();
    const { screen, page } = await open();
    await screen.killEngine();
    await page.getByText(/^The engine broke down at .* and was started again\.$/).waitFor();
    await (await attach()).call('system.add', { name: 'shop', environment: 'development' });
    await page.getByRole('navigation').getByRole('link', { name: 'shop' }).waitFor();
    expect(screen.complaints).toEqual([]);
  });
  it('that breaks down twice stays down until somebody starts it from the page', async () => {
    const { screen, page } = await at().open();
    const [first] = await screen.hands.utilities();
    await screen.killEngine();
    await page.getByText(/^The engine broke down at/).waitFor();
    await screen.killEngine();
    await page.getByText('The engine broke down again, so it is not started by itself any more.').waitFor();
    const stopped = await screen.hands.utilities();
    await page.getByRole('button', failed).click();
    await page.getByText('The engine broke down again').waitFor({ state: 'detached' });
    const [last] = await waitFor('the engine', async () => {
      const running = await screen.hands.utilities();
      return running.length === 1 && running;
    });
    expect({ stopped, isNew: last?.pid !== first?.pid, name: last?.name }).toEqual({ stopped: [], isNew: true, name: 'Pilothouse engine' });
  });
  it('goes within five seconds when the main process is killed, with every program that it had started', async () => {
    const { open, attach } = at();
    const { screen } = await open();
    const client = await attach();
    const { plan } = await client.call('practice.plan', { action: 'up' });
    await client.call('operation.run', { planId: plan.id, token: plan.token });
    const [engine] = await screen.hands.utilities();
    const programs = await waitFor('a program of the engine', () => {
      const below = descendantsOf(engine?.pid ?? 0);
      return below.some(({ commandLine }) => commandLine.includes('initdb')) && below;
    });
    screen.process.signal('SIGKILL');
    await screen.process.ended;
    await waitFor('the end of all of them', () => ![engine, ...programs].some((each) => isRunning(each?.pid ?? 0)), { within: 5000 });
    expect(programs.length).toBeGreaterThan(0);
  });
});

describe('the page of the window', () => {
  const at = useDesktop();

  it('that breaks down is loaded again once by itself, and after that when somebody says so', async () => {
    const { screen, page } = await at().open();
    await screen.crashPage();
    const again = await waitFor('the page anew', async () => {
      const shown = await screen.page();
      return shown !== page && (await shown.locator('h1').count()) === 1 && shown;
    });
    expect(await again.locator('h1').innerText()).toContain('Pilothouse shows what your servers and databases need');
    await screen.crashPage();
    const asked = await screen.answerDialog({ response: 0 });
    const third = await waitFor('the page once more', async () => {
      const shown = await screen.page();
      return shown !== again && (await shown.locator('h1').count()) === 1 && shown;
    });
    await screen.crashPage();
    await screen.answerDialog({ response: 1 });
    expect({ asked: asked.options['message'], isNew: third !== page, ended: await screen.process.ended }).toEqual({ asked: 'What this window shows broke down twice within a minute.', isNew: true, ended: { status: 0, signal: null } });
  });
});

describe('a data folder', () => {
  const at = useDesktop();

  it.each([true, false])('that is no folder is refused in words, without a window; in a box where there is no terminal (installed: %s)', async (packaged) => {
    const { home, start } = at();
    const file = join(home, 'a file');
    writeFileSync(file, '');
    const screen = start({ args: ['--home', file], surroundings: { packaged } });
    const { status } = await screen.process.ended;
    expect({ status, boxes: screen.errorBoxes, said: screen.process.output().stderr }).toEqual({
      status: 1,
      boxes: packaged ? [{ title: 'Pilothouse cannot start', content: expect.stringContaining(`The folder ${file} cannot hold Pilothouse's data: it is a file.`) }] : [],
      said: expect.stringContaining('Choose a folder with --home DIR or PILOTHOUSE_HOME.'),
    });
  });
  it('of a newer version is refused in the window, and its file is left as it was', async () => {
    const { home, open } = at();
    const first = await open();
    await first.screen.end();
    const file = join(home, 'pilothouse.db');
    const database = new Sqlite(file);
    database.pragma('user_version = 9999');
    database.close();
    const { screen, page } = await open();
    await page.getByRole('heading', { name: 'Pilothouse cannot open its data' }).waitFor();
    const said = await page.locator('main').innerText();
    const untouched = new Sqlite(file, { readonly: true });
    const version = untouched.pragma('user_version', { simple: true });
    untouched.close();
    expect({ said, version, engines: await screen.hands.utilities() }).toEqual({ said: expect.stringMatching(/newer/), version: 9999, engines: [] });
    // Mended meanwhile, it opens without another start of the window.
    rmSync(file);
    await page.getByRole('button', failed).click();
    await page.getByRole('button', { name: 'Start the practice system' }).waitFor();
    expect(existsSync(file)).toBe(true);
  });
  it('that another Pilothouse has open is shown through its engine, and by one of its own when that ends', async () => {
    const { home, open, attach } = at();
    const other = await startConsole(home);
    const { page } = await open();
    await (await attach()).call('system.add', { name: 'shop', environment: 'development' });
    await page.getByRole('navigation').getByRole('link', { name: 'shop' }).waitFor();
    const attached = await page.evaluate(() => new Promise((resolve) => window.pilothouse?.onEngineState((state) => resolve(state))));
    other.child.kill('SIGINT');
    await other.ended;
    await (await attach()).call('system.add', { name: 'mail', environment: 'development' });
    await page.getByRole('navigation').getByRole('link', { name: 'mail' }).waitFor();
    const own = await page.evaluate(() => new Promise((resolve) => window.pilothouse?.onEngineState((state) => resolve(state))));
    expect({ attached, own }).toEqual({ attached: { state: 'running', restartedAt: null, attached: true }, own: { state: 'running', restartedAt: null, attached: false } });
  });
});
