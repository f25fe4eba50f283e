import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('an interrupted backup', () => {
  const at = useConsole();
  const open = async () => {
    const { fixture, go, page } = at();
    fixture.engine.state.unfinished = [{ operationId: 'op-interrupted', continuedBy: null, databaseId: 'db-site', hostId: 'h-1', database: 'neff_site', host: 'db-1', begunAt: new Date(0).toISOString() }];
    await go('/operations/op-interrupted');
    return page;
  };

  it('whose dump is on a host is continued from its screen, after its plan was seen', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Continue…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Continue the backup of neff_site?' });
    await dialog.waitFor();
    expect(await dialog.innerText()).toContain('Afterwards nothing of it is left on db-1');
  });
  it('whose dump is on a host can be given up there', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Give it up…' }).click();
    await page.getByRole('dialog', { name: 'Give up the backup of neff_site?' }).waitFor();
    expect(await page.getByRole('link', { name: 'Back up again…' }).count()).toBe(0);
  });
  it('of which nothing is left is made again', async () => {
    const { page, go } = at();
    await go('/operations/op-interrupted');
    await page.getByRole('link', { name: 'Back up again…' }).waitFor();
    expect(await page.getByRole('button', { name: 'Continue…' }).count()).toBe(0);
  });
});

describe('work of ours that lies on a host', () => {
  const at = useConsole();

  it('is shown where one looks what runs there, and whose it may be', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Look what runs on web-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'What runs on web-1' });
    await dialog.getByText('Backup of neff_site, begun by Pilothouse').waitFor();
    expect(await dialog.innerText()).toContain('of another computer, or forgotten here: nothing takes it off unasked');
  });
});
