import { describe, expect, it } from 'vitest';
import type { MethodName } from '#shared/contract/index.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('what did not work is said where it was asked for:', () => {
  const at = useConsole();
  const break_ = (method: MethodName) => at().fixture.engine.fail(method, { code: 'store.locked', message: 'The local file is busy.', hint: 'Try again.' });

  it('a run that cannot be read is no comparison that is still being read', async () => {
    const { page, go } = at();
    break_('health.run');
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Compare runs' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    expect({ alert: await page.getByRole('dialog').getByRole('alert').innerText(), reading: await page.getByText('Reading both runs.').count() }).toEqual({ alert: expect.stringContaining('store.locked') as string, reading: 0 });
  });

  it('a comparison is there once both runs can be read again', async () => {
    const { page, go, fixture } = at();
    break_('health.run');
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Compare runs' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    fixture.engine.fail('health.run', null);
    for (const _ of ['before', 'after']) {
      const again = page.getByRole('dialog').getByRole('button', { name: 'Try again' });
      if (await again.count() === 1) await again.click();
      await page.getByRole('table', { name: 'Changes' }).or(again).waitFor();
    }
    expect(await page.getByRole('table', { name: 'Changes' }).getByRole('row').count()).toBe(3);
  });

  it('the switch in the title bar says why it stays as it was', async () => {
    const { page, go } = at();
    break_('system.update');
    await go('/systems/sys-neff/health');
    await page.getByRole('banner').getByRole('switch').click();
    await page.getByRole('banner').getByRole('alert').waitFor();
    expect(await page.getByRole('banner').getByRole('alert').innerText()).toMatch(/Read only was not changed\. store\.locked[\s\S]*The local file is busy/);
  });

  it('and tries again', async () => {
    const { page, go, fixture } = at();
    break_('system.update');
    await go('/systems/sys-neff/health');
    await page.getByRole('banner').getByRole('switch').click();
    await page.getByRole('banner').getByRole('alert').waitFor();
    fixture.engine.fail('system.update', null);
    await page.getByRole('banner').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('banner').getByRole('alert').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelector('header [role="switch"]')?.getAttribute('aria-checked') === 'true');
    expect(fixture.engine.state.systems.map(({ readOnly }) => readOnly)).toEqual([true, false]);
  });

  it('and says nothing of it over another system', async () => {
    const { page, go } = at();
    break_('system.update');
    await go('/systems/sys-neff/health');
    await page.getByRole('banner').getByRole('switch').click();
    await page.getByRole('banner').getByRole('alert').waitFor();
    await go('/systems/sys-practice/health');
    await page.getByRole('banner').getByRole('link', { name: 'Practice' }).waitFor();
    expect(await page.getByRole('banner').getByRole('alert').count()).toBe(0);
  });

  it('checks that could not be planned are listed by system, with the reason', async () => {
    const { page } = at();
    break_('health.plan');
    await page.getByRole('button', { name: 'Check all' }).click();
    await page.getByRole('alert').waitFor();
    const lines = await page.getByRole('alert').getByRole('listitem').allInnerTexts();
    expect(lines).toEqual(['Neff Paving: The local file is busy. store.locked', 'Practice: The local file is busy. store.locked']);
  });

  it('checks that did not start are tried again, and only those', async () => {
    const { page, fixture } = at();
    break_('operation.run');
    await page.getByRole('button', { name: 'Check all' }).click();
    await page.getByRole('alert').waitFor();
    fixture.engine.fail('operation.run', null);
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(fixture.engine.state.ran.length).toBe(2);
  });

  it('a failure that could not be marked as seen stays unseen, and that is said', async () => {
    const { page, go } = at();
    break_('operation.acknowledge');
    await go('/operations/op-failed');
    await page.getByRole('button', { name: 'Mark as seen' }).click();
    await page.getByText('It could not be marked as seen.').waitFor();
    expect(await page.getByRole('button', { name: 'Mark as seen' }).count()).toBe(1);
  });

  it('the time after which the vault locks was not saved', async () => {
    const { page, go } = at();
    break_('settings.set');
    await go('/settings/vault');
    await page.getByLabel('Locks when unused for, in minutes').fill('45');
    await page.getByLabel('Locks when unused for, in minutes').press('Enter');
    await page.getByText('The time was not saved.').waitFor();
    expect(await page.getByRole('main').getByRole('alert').innerText()).toContain('store.locked');
  });
});
