import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('a system that was forgotten', () => {
  const at = useConsole();

  it('says so where one goes back to it, and shows nothing old', async () => {
    const { page, go } = at();
    await go('/systems/sys-practice/health');
    await page.getByRole('heading', { name: 'Health', level: 1 }).waitFor();
    await go('/systems/sys-practice/settings');
    await page.getByRole('button', { name: 'Forget this system…' }).click();
    await page.getByLabel('Type its name: Practice').fill('Practice');
    await page.getByRole('dialog').getByRole('button', { name: 'Forget Practice' }).click();
    await page.getByRole('heading', { name: 'One system is critical' }).waitFor();
    await go('/systems/sys-practice/health');
    await page.getByRole('heading', { name: 'This system was forgotten' }).waitFor();
    expect([await page.getByText('Dead rows').count(), await page.getByText('sys-practice').count()]).toEqual([0, 0]);
  });
});
