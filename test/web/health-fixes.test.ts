import { describe, expect, it } from 'vitest';
import { healthWithoutBackup } from '#test/web/fixture-health.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('the fix of a finding', () => {
  const at = useConsole();

  it('that belongs to one database names it', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: /Dead rows/ }).click();
    await page.getByText(/^SQL, in database /).first().waitFor();
    expect(await page.getByText(/^SQL, in database neff_site on /).count()).toBe(1);
  });

  it('that takes nothing away is no warning, and has nothing to take back', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.health = healthWithoutBackup();
    await go('/systems/sys-neff/health');
    await page.getByText('A backup reads only').waitFor();
    expect([await page.getByText('UNDO').count(), await page.locator('.detail .tint').count(), await page.getByRole('button', { name: 'Copy DO' }).count()]).toEqual([0, 0, 0]);
  });

  it('for a missing backup is the plan of one', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.health = healthWithoutBackup();
    await go('/systems/sys-neff/health');
    await page.getByRole('link', { name: 'Back up now…' }).click();
    await page.getByRole('button', { name: /^Back up neff/ }).waitFor();
    expect(fixture.engine.asked('backup.plan')).toBe(1);
  });
});

describe('a practice system that is stopped', () => {
  const at = useConsole();

  it.each(['', '/health'])('says so on its screen %s, and offers to start it', async (screen) => {
    const { page, go, fixture } = at();
    fixture.engine.state.practiceStopped = true;
    fixture.engine.change({ topics: ['practice'] });
    await go(`/systems/sys-practice${screen}`);
    await page.getByText('The practice system is stopped.').waitFor();
    expect(await page.locator('[data-primary]').allInnerTexts()).toEqual(['Start…']);
    await page.locator('[data-primary]').click();
    await page.getByRole('dialog', { name: /Start the practice system/ }).waitFor();
  });

  it('is not said of another system', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.practiceStopped = true;
    fixture.engine.change({ topics: ['practice'] });
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: /Dead rows/ }).waitFor();
    expect(await page.getByText('The practice system is stopped.').count()).toBe(0);
  });
});

describe('a copy that was made here', () => {
  const at = useConsole();

  it('is said to be left out, and leads to its restore', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByText('A copy made here is left out: neff_site__new.').waitFor();
    await page.getByRole('link', { name: 'neff_site__new' }).click();
    await expect.poll(() => page.url()).toMatch(/\/restore\/restore-1$/);
  });
});
