import { describe, expect, it } from 'vitest';
import { healthBehindVault } from '#test/web/fixture-health.ts';
import { useConsole } from '#test/web/use-console.ts';

const whatItIsFor = 'The passphrase is for the day it does not: after a reset, on another computer, or without the window.';

describe('a vault that the keychain of this computer opens', () => {
  const at = useConsole();

  it('is opened with it by one press, before any passphrase', async () => {
    const { page, go, fixture } = at();
    Object.assign(fixture.engine.state, { vault: 'locked', keychain: { backend: 'kwallet6', opens: true, problem: null } });
    await go('/systems/sys-neff/health');
    const region = page.getByRole('region', { name: 'The vault is locked' });
    await region.getByLabel('Or its passphrase').waitFor();
    await region.getByRole('button', { name: 'Open with this computer’s keychain' }).click();
    await region.waitFor({ state: 'detached' });
    expect(fixture.engine.state.vault).toBe('unlocked');
  });

  it('is opened with it over whatever is shown, which then goes on by itself', async () => {
    const { page, go, fixture } = at();
    Object.assign(fixture.engine.state, { vault: 'locked', keychain: { backend: 'kwallet6', opens: true, problem: null }, health: healthBehindVault() });
    await go('/systems/sys-neff/health');
    await page.getByRole('region', { name: /^Could not look/ }).getByRole('button', { name: 'Open the vault…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open the vault' });
    const button = dialog.getByRole('button', { name: 'Open with this computer’s keychain' });
    // It is where the focus is, before the passphrase.
    await expect.poll(() => button.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => fixture.engine.state.ran.length).toBe(1);
  });

  it('says why the keychain did not, and opens by the passphrase', async () => {
    const { page, go, fixture } = at();
    Object.assign(fixture.engine.state, { vault: 'locked', keychain: { backend: 'kwallet6', opens: true, problem: 'The keychain of this computer (kwallet6) has not answered yet.' } });
    await go('/settings/vault');
    await page.getByText('The keychain of this computer (kwallet6) has not answered yet.').waitFor();
    await page.getByRole('button', { name: 'Open with this computer’s keychain' }).click();
    await page.getByText('The keychain of this computer (kwallet6) did not answer within 30 s.').waitFor();
    await page.getByLabel('Or its passphrase').fill('the right one');
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByText('Open', { exact: true }).waitFor();
    expect(fixture.engine.state.vault).toBe('unlocked');
  });

  it('is not asked of a keychain that does not have its key', async () => {
    const { page, go, fixture } = at();
    Object.assign(fixture.engine.state, { vault: 'locked', keychain: { backend: 'kwallet6', opens: false, problem: 'The key of the vault lies in another keychain (gnome_libsecret); that of this computer is kwallet6 now.' } });
    await go('/settings/vault');
    await page.getByText('The key of the vault lies in another keychain').waitFor();
    expect([await page.getByLabel('Passphrase').count(), await page.getByRole('button', { name: /keychain/ }).count()]).toEqual([1, 0]);
  });

  it('is said to be opened by it, and what the passphrase is for, where it is made and in the settings', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.keychain = { backend: 'kwallet6', opens: false, problem: null };
    await go('/settings/vault');
    await page.getByText(whatItIsFor).waitFor();
    await page.getByRole('button', { name: 'Make the vault' }).waitFor();
    Object.assign(fixture.engine.state, { vault: 'unlocked', keychain: { backend: 'kwallet6', opens: true, problem: null } });
    fixture.engine.change({ topics: ['vault'] });
    await page.getByRole('button', { name: 'Change the passphrase…' }).waitFor();
    expect(await page.getByText(`The keychain of this computer opens it at each start. ${whatItIsFor}`).count()).toBe(1);
  });
});

describe('a vault where there is no keychain', () => {
  const at = useConsole({ start: '/settings/vault' });

  it('is not said to have one', async () => {
    const { page } = at();
    await page.getByRole('button', { name: 'Make the vault' }).waitFor();
    expect(await page.getByText('keychain').count()).toBe(0);
  });
});
