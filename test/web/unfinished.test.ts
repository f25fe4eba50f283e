import { describe, expect, it } from 'vitest';
import { unfinishedDump } from '#test/web/fixture-work.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('an interrupted backup', () => {
  const at = useConsole();
  const open = async () => {
    const { fixture, go, page } = at();
    fixture.engine.state.unfinished = [unfinishedDump()];
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
    await page.getByRole('button', { name: 'Give up…' }).click();
    await page.getByRole('dialog', { name: 'Give up the backup of neff_site?' }).waitFor();
    expect(await page.getByRole('link', { name: 'Back up again…' }).count()).toBe(0);
  });
  it('says since when it waits, how far it came, and what is lost where it is given up', async () => {
    const page = await open();
    const facts = await page.locator('.tint', { hasText: 'Given up' }).innerText();
    expect(facts.replaceAll(/\s+/g, ' ')).toMatch(/interrupted 2 h ago begun .* 9\.0 MiB of about 128 MiB were fetched from db-1\. Given up, neff_site as it was .* is lost with it\. Copies that exist stay\./);
  });
  it('stands at the top of the backups of its system, and goes as soon as it is gone on with', async () => {
    const { fixture, go, page } = at();
    fixture.engine.state.unfinished = [unfinishedDump(), unfinishedDump({ operationId: 'op-other', systemId: 'sys-other', database: 'elsewhere' })];
    await go('/systems/sys-neff/backups');
    const panel = page.getByRole('region', { name: /^Unfinished/ });
    await panel.getByText('The dump of neff_site is finished on db-1').waitFor();
    const shown = [await panel.getByRole('listitem').count(), await panel.getByRole('button', { name: 'Give up… the backup of neff_site on db-1' }).count()];
    fixture.engine.state.unfinished = [];
    fixture.engine.change({ topics: ['backups'] });
    await panel.waitFor({ state: 'detached' });
    expect(shown).toEqual([1, 1]);
  });
  it('of which no backup can come any more is given up, and nothing else', async () => {
    const { fixture, go, page } = at();
    fixture.engine.state.unfinished = [unfinishedDump({ hopeless: 'The database neff_site was removed here since its backup was begun.' })];
    await go('/operations/op-interrupted');
    await page.getByRole('button', { name: 'Give up…' }).waitFor();
    await page.getByText('The database neff_site was removed here since its backup was begun. Give it up: then both sides are cleaned.').waitFor();
    expect(await page.getByRole('button', { name: 'Continue…' }).count()).toBe(0);
  });
  it('is told of before its database is forgotten, and of no other', async () => {
    const { fixture, go, page } = at();
    fixture.engine.state.unfinished = [unfinishedDump(), unfinishedDump({ operationId: 'op-other', databaseId: 'db-other', database: 'elsewhere' })];
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Forget neff_site…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget neff_site?' });
    await dialog.getByText('The interrupted backup of neff_site, whose dump waits on db-1, cannot be continued any more: it can only be given up').waitFor();
    expect(await dialog.getByText('elsewhere').count()).toBe(0);
  });
  it('whose plan wants the vault has it opened over it, and is where it was then', async () => {
    const page = await open();
    const { fixture } = at();
    fixture.engine.state.vault = 'locked';
    fixture.engine.fail('backup.planContinue', { code: 'vault.locked', message: 'The vault is locked.' });
    await page.getByRole('button', { name: 'Continue…' }).click();
    await page.getByRole('button', { name: 'Open the vault…' }).click();
    const vault = page.getByRole('dialog', { name: 'Open the vault' });
    await vault.getByLabel('Passphrase').fill('the right one');
    fixture.engine.fail('backup.planContinue', null);
    await vault.getByLabel('Passphrase').press('Enter');
    await page.getByRole('dialog', { name: 'Continue the backup of neff_site?' }).waitFor();
    expect([await page.getByRole('dialog').count(), page.url().endsWith('/operations/op-interrupted')]).toEqual([1, true]);
  });
  it('whose plan wants a password that is asked for at each start has it typed right there, and goes on', async () => {
    const page = await open();
    const { fixture } = at();
    fixture.engine.fail('backup.planContinue', { code: 'postgres.password-needed', message: 'The password is needed.', hint: 'Type it in the settings.', details: { databaseId: 'db-neff' } });
    await page.getByRole('button', { name: 'Continue…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Continue the backup' });
    await dialog.getByText('Type it below.').waitFor();
    await dialog.getByLabel('Password').fill('the right one');
    fixture.engine.fail('backup.planContinue', null);
    await dialog.getByLabel('Password').press('Enter');
    await page.getByRole('dialog', { name: 'Continue the backup of neff_site?' }).waitFor();
    expect([fixture.engine.asked('database.unlock'), page.url().endsWith('/operations/op-interrupted')]).toEqual([1, true]);
  });
  it.each([
    ['the password of a host on the way', 'ssh.password-needed', {}, 'Password of deploy on web-1'],
    ['the passphrase of its key', 'ssh.passphrase-needed', { path: '~/.ssh/id_ed25519' }, 'Passphrase of ~/.ssh/id_ed25519'],
  ] as const)('whose plan wants %s has it typed right there, and goes on', async (_what, code, details, label) => {
    const page = await open();
    const { fixture } = at();
    fixture.engine.fail('backup.planContinue', { code, message: 'web-1 (deploy@web-1.internal, reached through bastion): it is needed.', hint: 'Test this host.', details: { hostId: 'host-web', ...details } });
    await page.getByRole('button', { name: 'Continue…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Continue the backup' });
    await dialog.getByLabel(label).fill('the right one');
    const said = await dialog.innerText();
    fixture.engine.fail('backup.planContinue', null);
    await dialog.getByRole('button', { name: 'Use it and go on' }).click();
    await page.getByRole('dialog', { name: 'Continue the backup of neff_site?' }).waitFor();
    expect([said.includes('Type it below.'), said.includes('Test this host'), fixture.engine.asked('host.test'), page.url().endsWith('/operations/op-interrupted')]).toEqual([true, false, 1, true]);
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
