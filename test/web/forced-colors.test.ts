import { describe, expect, it } from 'vitest';
import { settled } from '#test/web/screenshots.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('where the system forces its own colours', () => {
  const at = useConsole();

  it.each(['/', '/systems/sys-neff/health', '/systems/sys-neff/restore/restore-1', '/operations/op-running'])('buttons have an edge on %s', async (path) => {
    const { page, go } = at();
    await page.emulateMedia({ forcedColors: 'active' });
    await go(path);
    await settled(page);
    const edgeless = await page.locator('.btn').evaluateAll((buttons) => buttons.filter((button) => getComputedStyle(button).borderTopStyle !== 'solid' || parseFloat(getComputedStyle(button).borderTopWidth) < 1).map((button) => button.textContent));
    expect(edgeless).toEqual([]);
  });

  it('the focus is seen as an outline', async () => {
    const { page, go } = at();
    await page.emulateMedia({ forcedColors: 'active' });
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Compare runs' }).focus();
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement ?? document.body);
      return { style: style.outlineStyle, width: style.outlineWidth };
    });
    expect(outline).toEqual({ style: 'solid', width: '2px' });
  });

  it('the screen one is on is marked in the side bar', async () => {
    const { page, go } = at();
    await page.emulateMedia({ forcedColors: 'active' });
    await go('/systems/sys-neff/health');
    expect(await page.locator('.side a[aria-current]').first().evaluate((link) => getComputedStyle(link).outlineStyle)).toBe('solid');
  });

  it('a switch and a checkbox show whether they are on', async () => {
    const { page, go } = at();
    await page.emulateMedia({ forcedColors: 'active' });
    await go('/systems/sys-neff/restore/restore-1');
    const box = page.getByLabel('Only differences');
    const off = await box.screenshot();
    await box.check();
    await page.mouse.move(0, 0);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    expect(off.equals(await box.screenshot())).toBe(false);
  });
});
