import { describe, expect, it } from 'vitest';
import type { HostQuestion } from '#shared/contract/hosts.ts';
import { useConsole } from '#test/web/use-console.ts';

const asked = (id: string, changes: Partial<HostQuestion> = {}): HostQuestion => ({ id, hostId: 'host-1', host: 'web-1', hop: 'deploy@web-1.example, reached through bastion', title: 'The gate', instructions: 'Two more', prompts: [{ text: 'Password:', shown: false }, { text: 'One-time code:', shown: true }], askedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 110_000).toISOString(), ...changes });

describe('what a server asks', () => {
  const at = useConsole({ start: '/systems/sys-neff/health' });
  const ask = (...questions: HostQuestion[]): void => {
    const { fixture } = at();
    fixture.engine.state.questions = questions;
    fixture.engine.change({ topics: ['questions'] });
  };

  it('appears wherever one is, with all its prompts, and hides what is secret', async () => {
    const { page } = at();
    ask(asked('q-1'));
    const dialog = page.getByRole('dialog', { name: 'A server asks' });
    await dialog.getByText('deploy@web-1.example, reached through bastion').waitFor();
    expect([await dialog.getByLabel('Password:').getAttribute('type'), await dialog.getByLabel('One-time code:').getAttribute('type'), await dialog.getByText('The gate\nTwo more').count()]).toEqual(['password', 'text', 1]);
  });
  it('is answered by Enter, and what it asks next stands there', async () => {
    const { page, fixture } = at();
    ask(asked('q-1'), asked('q-2', { prompts: [{ text: 'Where from?', shown: true }] }));
    await page.getByLabel('Password:').fill('words');
    await page.getByLabel('One-time code:').fill('123456');
    await page.keyboard.press('Enter');
    await page.getByLabel('Where from?').waitFor();
    expect(fixture.engine.state.answers).toEqual([['words', '123456']]);
  });
  it.each(['Cancel', 'Escape'])('is declined by %s, and the focus is where it was', async (way) => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Compare runs' }).focus();
    ask(asked('q-1'));
    await page.getByRole('dialog').waitFor();
    if (way === 'Escape') await page.keyboard.press('Escape');
    else await page.getByRole('dialog').getByRole('button', { name: way }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.tagName === 'BUTTON');
    expect([fixture.engine.state.answers, await page.evaluate(() => document.activeElement?.textContent?.trim())]).toEqual([[null], 'Compare runs']);
  });
  it('has the focus in its first field', async () => {
    const { page } = at();
    ask(asked('q-1'));
    await page.getByLabel('Password:').waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    expect(await page.getByLabel('Password:').evaluate((field) => field === document.activeElement)).toBe(true);
  });
  it('goes when the server does not wait any more', async () => {
    const { page } = at();
    ask(asked('q-1'));
    await page.getByRole('dialog').waitFor();
    ask();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(at().fixture.engine.state.answers).toEqual([]);
  });
  it('is shown as text, whatever it is', async () => {
    const { page } = at();
    ask(asked('q-1', { title: '<img src=x onerror="document.title=1">', prompts: [{ text: '<i>Code</i>', shown: true }] }));
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('<i>Code</i>').waitFor();
    expect([await dialog.locator('img').count(), await dialog.locator('i').count()]).toEqual([0, 0]);
  });
});
