import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const focused = ({ page }: ConsoleInTest) => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.trim() ?? ''}`);

describe('by the keyboard', () => {
  const at = useConsole();

  it('the first stop skips to the content', async () => {
    const { page } = at();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('every button and link of the overview is reached, and shows its focus', async () => {
    const { page } = at();
    const wanted = await page.locator('a[href]:visible, button:visible:not([disabled]), select:visible, input:visible').count();
    const seen = new Set<string>();
    for (let step = 0; step < wanted * 2; step += 1) {
      await page.keyboard.press('Tab');
      seen.add(await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || !element.matches('a[href], button, select, input')) return '';
        const all = [...document.querySelectorAll('a[href], button, select, input')];
        return `${all.indexOf(element)} ${getComputedStyle(element).boxShadow === 'none' ? 'hidden' : 'shown'}`;
      }));
    }
    seen.delete('');
    expect({ reached: seen.size, hidden: [...seen].filter((each) => each.endsWith('hidden')) }).toEqual({ reached: wanted, hidden: [] });
  });

  it('Ctrl K finds a screen and Enter goes there', async () => {
    const { page } = at();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('neff backups');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('the palette only opens plans and runs nothing', async () => {
    const { page, fixture } = at();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('back up neff');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Back up neff_paving_admin' }).waitFor();
    expect(fixture.engine.state.ran).toEqual([]);
  });

  it('the question mark shows the shortcuts and Escape closes them', async () => {
    const { page } = at();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('a question mark that is typed stays a question mark', async () => {
    const { page, go } = at();
    await go('/history');
    await page.getByLabel('Search history').fill('');
    await page.getByLabel('Search history').press('?');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('Ctrl Enter presses the primary button of the screen', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('heading', { name: 'Backups' }).waitFor();
    await page.getByText('neff_paving_admin').first().waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').getByText('Back up neff_paving_admin now?').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  it('the focus goes to the heading of a screen one goes to', async () => {
    const { page } = at();
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'History', level: 1 }).waitFor();
    expect(await focused(at())).toBe('H1 History');
  });

  it('with many systems the palette shows a few of each group before anything is typed', async () => {
    const { page, fixture } = at();
    const [first] = fixture.engine.state.systems;
    if (first === undefined) throw new Error('The fixture knows no system.');
    fixture.engine.state.systems = Array.from({ length: 12 }, (_, index) => ({ ...first, id: `sys-${index}`, name: `Shop ${index}`, databases: [] }));
    fixture.engine.change({ topics: ['systems'] });
    await page.getByRole('navigation').getByText('Shop 11').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Back up neff_site' }).first().waitFor();
    const groups = await page.getByRole('listbox').getByRole('group').evaluateAll((all) => all.map((group) => `${group.getAttribute('aria-label')} ${group.querySelectorAll('[role="option"]').length}`));
    expect(groups).toEqual(['Do 4', 'Go to 4', 'Recent work 4']);
  });

  it('in a small window the palette shows some of each group, and its foot, before anything is typed', async () => {
    const { page } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    await page.keyboard.press('Control+k');
    const recent = page.getByRole('group', { name: 'Recent work' }).getByRole('option').first();
    await recent.waitFor();
    const bottom = (of: Locator) => of.evaluate((element) => element.getBoundingClientRect().bottom);
    const foot = page.getByText('Nothing runs without its plan');
    expect({ option: (await bottom(recent)) < (await bottom(page.getByRole('listbox'))), foot: (await bottom(foot)) < (await bottom(page.getByRole('dialog'))) }).toEqual({ option: true, foot: true });
  });

  it('with many systems the palette still finds recent work by its words', async () => {
    const { page, fixture } = at();
    const [first] = fixture.engine.state.systems;
    if (first === undefined) throw new Error('The fixture knows no system.');
    fixture.engine.state.systems = Array.from({ length: 40 }, (_, index) => ({ ...first, id: `sys-${index}`, name: `Back up shop ${index}`, databases: [] }));
    fixture.engine.change({ topics: ['systems'] });
    await page.getByRole('navigation').getByText('Back up shop 39').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('back up');
    await page.getByRole('option', { name: 'Back up Back up shop 1…' }).waitFor();
    expect(await page.getByRole('group', { name: 'Recent work' }).getByRole('option', { name: 'Back up neff_site' }).count()).toBe(fixture.engine.state.operations.filter(({ title }) => title === 'Back up neff_site').length);
  });
});
