import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('the first start', () => {
  const at = useConsole({ empty: true });

  it('offers two ways in, and the practice system is the one to take', async () => {
    const { page } = at();
    expect(await page.getByRole('main').getByRole('button').allInnerTexts()).toEqual(['Start the practice system', 'Connect a database']);
  });

  it('leads whoever has no server within reach to the runbooks', async () => {
    const { page } = at();
    await page.getByRole('main').getByRole('link', { name: 'Runbooks' }).click();
    await page.getByRole('heading', { name: 'Runbooks', level: 1 }).waitFor();
    expect(page.url()).toMatch(/#\/runbooks$/);
  });

  it('keeps the session for its own tab alone, and the token nowhere', async () => {
    const { page } = at();
    const kept = await page.evaluate(async () => {
      const session = window.sessionStorage.getItem('pilothouse.session') ?? '';
      return { length: session.length, elsewhere: JSON.stringify([{ ...window.localStorage }, document.cookie, window.location.href]).includes(session), cookies: document.cookie, databases: (await window.indexedDB.databases()).length, address: window.location.href };
    });
    expect(kept).toEqual({ length: 43, elsewhere: false, cookies: '', databases: 0, address: expect.not.stringContaining('token') });
  });

  it('shows the plan of the practice system before anything runs', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Start the practice system' }).click();
    await page.getByText('Reached from this computer only').waitFor();
    expect(fixture.engine.state.ran).toEqual([]);
  });

  it('lands on the practice system when it stands', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Start the practice system' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Start the practice system' }).click();
    await page.getByRole('button', { name: 'Cancel start' }).waitFor();
    fixture.engine.finish(fixture.engine.state.operations[0]?.id ?? '', { result: { systemId: 'sys-practice' } });
    await page.waitForFunction(() => window.location.hash === '#/systems/sys-practice');
    // Its screen is loaded when it is first gone to.
    await page.locator('[data-primary]').first().waitFor();
    expect(await page.locator('[data-primary]').count()).toBe(1);
  });

  it('asks for the database right after a system was named', async () => {
    const { page } = at();
    await page.getByRole('button', { name: 'Connect a database' }).click();
    await page.getByLabel('Name').fill('Shop');
    await page.getByRole('button', { name: 'Add system' }).click();
    await page.getByRole('dialog', { name: 'Add a database' }).waitFor();
    expect(await page.getByRole('heading', { name: 'Shop', level: 1, includeHidden: true }).count()).toBe(1);
  });
});
