import { describe, expect, it } from 'vitest';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const focused = ({ page }: ConsoleInTest) => page.evaluate(() => `${document.activeElement?.tagName} ${document.activeElement?.textContent?.trim() ?? ''}`);

/** Waits until the focus is on an element of this kind, and says which one. */
async function focusedOn(at: ConsoleInTest, tag: string): Promise<string> {
  await at.page.waitForFunction((wanted) => document.activeElement?.tagName === wanted, tag);
  return focused(at);
}

async function closeByEscape({ page }: ConsoleInTest): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

describe('after a dialog the focus', () => {
  const at = useConsole();

  it('is on the button that opened it', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Compare runs' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await closeByEscape(at());
    expect(await focusedOn(at(), 'BUTTON')).toBe('BUTTON Compare runs');
  });

  it('is on the button that asked for a plan, where one cancels it', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('button', { name: 'Back up neff_paving_admin' }).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focusedOn(at(), 'BUTTON')).toBe('BUTTON Back up now');
  });

  it('is where one was before the palette', async () => {
    const { page } = at();
    await page.getByRole('button', { name: 'Check all' }).focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await closeByEscape(at());
    expect(await focusedOn(at(), 'BUTTON')).toBe('BUTTON Check all');
  });

  it('is on the heading of the screen to which the palette leads', async () => {
    const { page, go } = at();
    await go('/settings/vault');
    await page.getByRole('heading', { name: 'Vault' }).waitFor();
    await page.getByRole('link', { name: 'Data' }).focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('settings about');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focusedOn(at(), 'H1')).toBe('H1 Settings');
  });

  it('is where one was before the palette gave way to the shortcuts', async () => {
    const { page } = at();
    await page.getByRole('button', { name: 'Check all' }).focus();
    await page.keyboard.press('Control+k');
    await page.getByRole('button', { name: 'Keys' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await closeByEscape(at());
    expect(await focusedOn(at(), 'BUTTON')).toBe('BUTTON Check all');
  });

  it('is in the dialog below, where the palette lay over one: one press of Escape closes one', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups/b-site');
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    await page.getByLabel(/Type its name/).fill('neff');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('combobox').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    expect(await page.getByLabel(/Type its name/).evaluate((field) => field === document.activeElement)).toBe(true);
  });
});

describe('where what opened a dialog is gone', () => {
  const at = useConsole();

  async function askForPractice(): Promise<void> {
    const { page, fixture } = at();
    fixture.engine.state.practiceRuns = false;
    fixture.engine.change({ topics: ['practice'] });
    await page.getByRole('button', { name: 'Start the practice system' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).waitFor();
  }

  async function startItElsewhere(): Promise<void> {
    const { page, fixture } = at();
    fixture.engine.state.practiceRuns = true;
    fixture.engine.change({ topics: ['practice'] });
    await page.locator('main').getByText('Start the practice system').waitFor({ state: 'detached' });
  }

  it('the focus is on the heading of the screen', async () => {
    await askForPractice();
    await startItElsewhere();
    await closeByEscape(at());
    expect(await focusedOn(at(), 'H1')).toBe('H1 One system is critical');
  });

  it('the focus goes to the heading also when it goes later', async () => {
    await askForPractice();
    await closeByEscape(at());
    await focusedOn(at(), 'BUTTON');
    await startItElsewhere();
    expect(await focusedOn(at(), 'H1')).toBe('H1 One system is critical');
  });
});
