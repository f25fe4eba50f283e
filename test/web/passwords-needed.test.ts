import { describe, expect, it } from 'vitest';
import { healthBehindVault } from '#test/web/fixture-health.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('a system whose passwords are out of reach', () => {
  const at = useConsole();

  it.each(['', '/health', '/backups', '/restore'])('says on its screen %s that the vault is locked', async (screen) => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'locked';
    await go(`/systems/sys-neff${screen}`);
    await page.getByRole('region', { name: 'The vault is locked' }).waitFor();
    expect(await page.getByText('2 databases of this system cannot be reached until it is open.').count()).toBe(1);
  });

  it('opens the vault where one stands, and keeps asking after a wrong passphrase', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'locked';
    await go('/systems/sys-neff/health');
    const region = page.getByRole('region', { name: 'The vault is locked' });
    await region.getByLabel('Passphrase').fill('a wrong one');
    await region.getByRole('button', { name: 'Open the vault' }).click();
    await region.getByText('This is not the passphrase of the vault.').waitFor();
    await region.getByLabel('Passphrase').fill('the right one');
    await region.getByRole('button', { name: 'Open the vault' }).click();
    await region.waitFor({ state: 'detached' });
    expect(fixture.engine.state.vault).toBe('unlocked');
  });

  it('checks again by itself once the vault was opened on the screen of health', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'locked';
    await go('/systems/sys-neff/health');
    const region = page.getByRole('region', { name: 'The vault is locked' });
    await region.getByLabel('Passphrase').fill('the right one');
    await region.getByRole('button', { name: 'Open the vault' }).click();
    await region.waitFor({ state: 'detached' });
    await expect.poll(() => fixture.engine.state.ran.length).toBe(1);
  });

  it('offers another look first where the vault was opened since the last one, and says one reason once', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'unlocked';
    fixture.engine.state.health = healthBehindVault();
    await go('/systems/sys-neff/health');
    await page.getByText('The vault is open now.').waitFor();
    const unseen = page.getByRole('region', { name: /^Could not look/ });
    expect([await unseen.getByText('Not asked: The vault is locked.').count(), await unseen.getByText('3 checks').count(), await page.locator('[data-primary]').innerText()]).toEqual([1, 1, 'Run checks']);
  });

  it('opens the vault beside a result that waits for it, and checks again by itself', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'locked';
    fixture.engine.state.health = healthBehindVault();
    await go('/systems/sys-neff/health');
    await page.getByRole('region', { name: /^Could not look/ }).getByRole('button', { name: 'Open the vault…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open the vault' });
    await dialog.getByLabel('Passphrase').fill('the right one');
    await dialog.getByRole('button', { name: 'Open the vault' }).click();
    await expect.poll(() => fixture.engine.state.ran.length).toBe(1);
  });

  it('says of hosts as well that they wait for the vault', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'locked';
    for (const host of fixture.engine.state.hosts) host.connection.signIn.password = { source: 'vault' };
    await go('/systems/sys-neff/health');
    await page.getByRole('region', { name: 'The vault is locked' }).waitFor();
    await expect.poll(() => page.getByText('2 databases and 2 hosts of this system cannot be reached until it is open.').count()).toBe(1);
  });

  it('says nothing where the vault is open', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.vault = 'unlocked';
    await go('/systems/sys-neff/health');
    await page.getByRole('heading', { name: 'Health', level: 1 }).waitFor();
    expect(await page.getByText('The vault is locked').count()).toBe(0);
  });

  it('leads to where a password is typed that is asked for at each start', async () => {
    const { page, go, fixture } = at();
    const [database] = fixture.engine.state.systems[0]?.databases ?? [];
    if (database === undefined) throw new Error('The fixture has no database.');
    database.connection.password = { source: 'ask' };
    database.lastError = { code: 'postgres.password-needed', message: 'The password is needed.', retryable: true, details: {}, correlationId: 'c-1' };
    await go('/systems/sys-neff/health');
    await page.getByRole('region', { name: 'The password of neff_paving_admin' }).getByRole('link', { name: 'Type it…' }).click();
    await page.getByRole('dialog', { name: 'Test the connection to neff_paving_admin' }).waitFor();
    expect(fixture.engine.asked('database.test')).toBe(1);
  });
});

describe('the palette', () => {
  const at = useConsole();

  it('adds a system from wherever one is', async () => {
    const { page, go } = at();
    await go('/history');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Find or run' }).fill('add system');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog', { name: 'Add a system' }).getByLabel('Name').isVisible()).toBe(true);
  });
});
