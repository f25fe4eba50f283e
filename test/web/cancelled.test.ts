import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('a cancelled backup', () => {
  const at = useConsole();

  it('has nothing red on its screen, and says once that it was cancelled', async () => {
    const { page, go } = at();
    await go('/operations/op-cancelled');
    await page.locator('.log .line', { hasText: 'Dump: cancelled' }).waitFor();
    const head = await page.locator('.lede').innerText();
    expect([await page.locator('.op .critical, .op .line.e').count(), head.match(/cancelled/gi)?.length]).toEqual([0, 1]);
  });
  it('leads back to a backup of the same database', async () => {
    const { page, go } = at();
    await go('/operations/op-cancelled');
    await page.getByRole('link', { name: 'Back up again…' }).click();
    await page.getByRole('dialog', { name: /^Back up neff_paving_admin now\?$|^Back up neff_site now\?$/ }).waitFor();
    expect(page.url()).toContain('/backups');
  });
  it('that was whole leads to what is kept of it', async () => {
    const { page, go } = at();
    await go('/operations/op-cancelled');
    const kept = page.getByRole('link', { name: 'Open the backup' });
    expect([await kept.getAttribute('href'), await kept.getAttribute('class')]).toEqual([expect.stringContaining('b-site'), expect.stringContaining('primary')]);
  });
});
