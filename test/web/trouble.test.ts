import { describe, expect, it } from 'vitest';
import { waitFor } from '#test/wait-for.ts';
import { openConsole } from '#test/web/fixture-console.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('when something is wrong', () => {
  const at = useConsole();

  it('an error stands where it happened, with its code and the next step', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('backup.list', { code: 'store.damaged', message: 'The local file could not be read.', hint: 'Restore its copy.' });
    await go('/systems/sys-neff/backups');
    const alert = page.getByRole('main').getByRole('alert').first();
    await alert.waitFor();
    expect(await alert.innerText()).toMatch(/could not be read.*store\.damaged[\s\S]*Next: Restore its copy/);
  });

  it('trying again takes the error away', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('backup.list', { code: 'store.damaged', message: 'The local file could not be read.' });
    await go('/systems/sys-neff/backups');
    // The copies of this system, and those of none.
    const again = page.getByRole('alert').getByRole('button', { name: 'Try again' });
    await again.nth(1).waitFor();
    fixture.engine.fail('backup.list', null);
    await again.nth(1).click();
    await again.nth(1).waitFor({ state: 'detached' });
    await again.click();
    await page.getByRole('heading', { name: /^Copies \d/ }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('what was seen last stays, with its age', async () => {
    const { page, fixture } = at();
    await page.getByRole('heading', { name: 'One system is critical' }).waitFor();
    fixture.engine.fail('overview.get', { code: 'store.locked', message: 'The local file is busy.' });
    fixture.engine.change({ topics: ['systems'] });
    await page.getByText('This was last seen').waitFor();
    expect(await page.getByRole('heading', { name: 'One system is critical' }).count()).toBe(1);
  });

  it('a change in the engine is on screen without a reload', async () => {
    const { page, fixture } = at();
    fixture.engine.state.systems = fixture.engine.state.systems.map((system) => ({ ...system, name: system.id === 'sys-neff' ? 'Neff & Sons' : system.name }));
    fixture.engine.change({ topics: ['systems'] });
    await page.getByRole('navigation').getByText('Neff & Sons').waitFor();
    expect(await page.getByRole('navigation').getByText('Neff Paving').count()).toBe(0);
  });

  it('work that ends on another screen is told in a toast', async () => {
    const { page, fixture } = at();
    fixture.engine.change({ topics: ['operations'], operationId: 'op-running' });
    fixture.engine.finish('op-running', { summary: '41 tables, proven' });
    await page.locator('.toast').getByText('41 tables, proven').waitFor();
    expect(await page.locator('.toast').count()).toBe(1);
  });

  it('an address that was used already lets nobody in', async () => {
    const { browser, fixture } = at();
    const link = fixture.server.issueLink();
    for (const expected of [/One system is critical/, /This address was used already/]) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(link);
      await page.getByRole('heading', { name: expected }).waitFor();
      await context.close();
    }
    expect(fixture.server.refused()).toBe(1);
  });

  it('an address without its token says that it is not the whole of it', async () => {
    const { browser, fixture } = at();
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(fixture.server.issueLink().replace(/#.*/, ''));
    await page.getByRole('heading', { name: 'This address alone lets nobody in' }).waitFor();
    expect(fixture.server.refused()).toBe(0);
    await context.close();
  });

  it('opening the console breaks no policy and logs no error', async () => {
    const { page, complaints } = at();
    await page.getByRole('heading', { name: 'One system is critical' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('the one-time token is out of the address before anything is drawn', async () => {
    expect(at().page.url()).not.toContain('token');
  });

  it('an engine that went away is told quietly, and one that began anew asks for a new address', async () => {
    const { page, fixture, complaints } = at();
    const { port } = fixture.server;
    await fixture.server.close();
    await page.getByText('Connection to the engine lost.').waitFor();
    const headline = await page.getByRole('heading', { name: 'One system is critical' }).count();
    await fixture.restart();
    await page.getByRole('heading', { name: 'Pilothouse was started anew' }).waitFor();
    complaints.length = 0;
    expect({ headline, port: fixture.server.port }).toEqual({ headline: 1, port });
  });
});

describe('places', () => {
  const at = useConsole();

  it('a browser that knows nothing opens where one was last: the address changes with each start, the engine remembers', async () => {
    const { page, go, browser, fixture } = at();
    await go('/systems/sys-practice/health');
    await page.getByRole('heading', { name: 'Health', level: 1 }).waitFor();
    await waitFor('the engine to know where one is', () => fixture.engine.asked('app.rememberPlace') === 2);
    const other = await openConsole(browser, fixture);
    await other.page.getByRole('heading', { name: 'Health', level: 1 }).waitFor();
    expect(await other.page.getByRole('navigation').getByRole('link', { name: 'Health' }).getAttribute('aria-current')).toBe('page');
    await other.close();
  });

  it('the name of a system leads to the screen one was last on there, also in another browser', async () => {
    const { page, go, browser, fixture } = at();
    await go('/systems/sys-practice/backups');
    await go('/history');
    await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
    await waitFor('the engine to know where one is', () => fixture.engine.asked('app.rememberPlace') === 3);
    const other = await openConsole(browser, fixture);
    const hrefs = await Promise.all([page, other.page].map((each) => each.getByRole('navigation').getByRole('link', { name: /Practice/ }).getAttribute('href')));
    expect(hrefs).toEqual(['#/systems/sys-practice/backups', '#/systems/sys-practice/backups']);
    await other.close();
  });

  it('an engine that cannot say where one was opens the overview', async () => {
    const { browser, fixture } = at();
    fixture.engine.fail('app.places', { code: 'store.damaged', message: 'The local file could not be read.' });
    const other = await openConsole(browser, fixture);
    await other.page.getByRole('heading', { name: 'One system is critical' }).waitFor();
    expect(await other.page.getByRole('alert').count()).toBe(0);
    await other.close();
  });

  it('the theme that was chosen is there before the engine answers', async () => {
    const { page, go } = at();
    await go('/settings/appearance');
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.waitForFunction(() => document.documentElement.dataset.mantineColorScheme === 'dark');
    expect(await page.evaluate(() => window.localStorage.getItem('pilothouse.theme'))).toBe('dark');
  });

  it('no screen is wider than the window at twice the size', async () => {
    const { page, go } = at();
    await page.setViewportSize({ width: 720, height: 450 });
    const wide: string[] = [];
    for (const path of ['/', '/systems/sys-neff', '/systems/sys-neff/health', '/systems/sys-neff/backups', '/systems/sys-neff/restore/restore-1', '/operations/op-running', '/history', '/settings/vault']) {
      await go(path);
      const over = await page.evaluate(() => Math.max(document.documentElement.scrollWidth - window.innerWidth, (document.querySelector('main')?.scrollWidth ?? 0) - (document.querySelector('main')?.clientWidth ?? 0)));
      if (over > 1) wide.push(`${path}: ${over}`);
    }
    expect(wide).toEqual([]);
  });
});
