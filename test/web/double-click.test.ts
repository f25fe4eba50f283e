import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('a double click', () => {
  const at = useConsole();

  /** Both clicks before anything is drawn between them: no disabled button comes in time. */
  const twiceAtOnce = async (name: string): Promise<void> => {
    await at().page.getByRole('dialog').getByRole('button', { name }).evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
  };

  it('adds one system', async () => {
    const { page, fixture } = at();
    await page.getByRole('main').getByRole('button', { name: 'Add system' }).click();
    await page.getByLabel('Name').fill('Shop');
    await twiceAtOnce('Add system');
    await page.getByRole('heading', { name: 'Shop', level: 1 }).waitFor();
    expect(fixture.engine.asked('system.add')).toBe(1);
  });

  it('forgets one system, and ends where it should', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-practice/settings');
    await page.getByRole('button', { name: 'Forget this system…' }).click();
    await page.getByLabel('Type its name: Practice').fill('Practice');
    await twiceAtOnce('Forget Practice');
    await page.getByRole('heading', { name: 'One system is critical' }).waitFor();
    expect([fixture.engine.asked('system.remove'), await page.getByRole('alert').count()]).toEqual([1, 0]);
  });

  it('runs one plan', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('button', { name: 'Back up neff_paving_admin' }).waitFor();
    await twiceAtOnce('Back up neff_paving_admin');
    await page.getByRole('button', { name: 'Cancel backup' }).waitFor();
    expect(fixture.engine.asked('operation.run')).toBe(1);
  });

  it('that opens a dialog leaves it open, and a click beside it closes it later', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    // Within the page, so that the second click comes as soon after the first as a hand's.
    const afterTheFirst = await page.getByRole('button', { name: 'Back up now' }).evaluate(async (button: HTMLElement) => {
      button.click();
      while (document.querySelector('[role=dialog]') === null) await new Promise(requestAnimationFrame);
      const beside = document.elementFromPoint(5, 5);
      for (const kind of ['mousedown', 'mouseup', 'click']) beside?.dispatchEvent(new MouseEvent(kind, { bubbles: true, clientX: 5, clientY: 5 }));
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      return document.querySelectorAll('[role=dialog]').length;
    });
    await page.waitForFunction((since) => performance.now() - since > 600, await page.evaluate(() => performance.now()));
    await page.mouse.click(5, 5);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(afterTheFirst).toBe(1);
  });

  it('lets what failed be tried again at once', async () => {
    const { page, fixture } = at();
    fixture.engine.fail('system.add', { code: 'store.conflict', message: 'There is a system called Shop.' });
    await page.getByRole('main').getByRole('button', { name: 'Add system' }).click();
    await page.getByLabel('Name').fill('Shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Add system' }).click();
    await page.getByRole('alert').getByText('There is a system called Shop.').waitFor();
    fixture.engine.fail('system.add', null);
    await page.getByRole('dialog').getByRole('button', { name: 'Add system' }).click();
    await page.getByRole('heading', { name: 'Shop', level: 1 }).waitFor();
    expect(fixture.engine.asked('system.add')).toBe(2);
  });
});
