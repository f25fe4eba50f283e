import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('an engine that ended', () => {
  const at = useConsole({ startCommand: "npm start -- --home '/srv/a \"b\" & <c>'" });

  it('is told after a moment as what it is: the way back is a new address, and work may have been interrupted', async () => {
    const { page, fixture } = at();
    await fixture.server.close();
    const bar = page.getByRole('status').filter({ hasText: 'Connection to the engine lost.' });
    await bar.getByText('Trying to reconnect.').waitFor();
    await bar.getByText('npm start').waitFor();
    const words = await bar.innerText();
    await fixture.restart();
    expect([/perhaps interrupted/.test(words), /goes on/.test(words)]).toEqual([true, false]);
  });

  it('is started again by the command that is shown, on the data folder that was in use', async () => {
    const { page, fixture } = at();
    await fixture.server.close();
    const shown = await page.locator('.lostbar code').innerText();
    await fixture.restart();
    expect(shown).toBe("npm start -- --home '/srv/a \"b\" & <c>'");
  });

  it('lets no clock and no bar run on: they say when it was last seen', async () => {
    const { page, fixture, go } = at();
    await go('/operations/op-running');
    await page.getByText('Running', { exact: true }).waitFor();
    await page.clock.install();
    await fixture.server.close();
    await page.getByText(/^Running, last seen \d\d:\d\d:\d\d$/).waitFor();
    const clock = () => page.getByText('So far', { exact: true }).locator('xpath=following-sibling::dd').innerText();
    const before = await clock();
    await page.clock.fastForward(90_000);
    const after = await clock();
    const moves = await page.evaluate(() => document.documentElement.hasAttribute('data-engine-lost'));
    await fixture.restart();
    expect([after, moves]).toEqual([before, true]);
  });

  it('has no button that could only fail', async () => {
    const { page, fixture, go } = at();
    await go('/operations/op-running');
    const cancel = page.getByRole('main').getByRole('button', { name: /^Cancel/ });
    const before = await cancel.isEnabled();
    await fixture.server.close();
    await page.getByText(/^Running, last seen/).waitFor();
    const found = [await cancel.isEnabled(), await page.getByRole('switch').isEnabled(), await page.getByRole('button', { name: 'Try now' }).first().isEnabled()];
    await fixture.restart();
    expect([before, ...found]).toEqual([true, false, false, true]);
  });
});
