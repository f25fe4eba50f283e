import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useDesktop } from '#test/desktop/use-desktop.ts';
import { waitFor } from '#test/wait-for.ts';

const passphrase = 'the passphrase of this test';

/** Which back ends count, and what is never written, is in test/security/window-keychain.test.ts: here is what a person sees. */
describe('the vault in the window', () => {
  const at = useDesktop();

  /** Makes a vault whose key the keychain has, and closes the application. @returns the file */
  async function made(): Promise<string> {
    const { home, open, attach } = at();
    const { screen } = await open();
    const client = await attach();
    await client.call('vault.create', { passphrase });
    await waitFor('the keychain to have the key', async () => (await client.call('vault.status', {})).keychain?.opens);
    await screen.end();
    return readFileSync(join(home, 'vault.json'), 'utf8');
  }

  it('is open at the start, and nobody was asked', async () => {
    await made();
    const { screen, page } = await at().open();
    await screen.choose('File', 'Settings');
    await page.getByRole('button', { name: 'Lock', exact: false }).first().waitFor();
    expect(await page.getByLabel(/passphrase$/i).count()).toBe(0);
  });
  it('asks for its passphrase where the keychain is another one, and its file stays as it was until that was right', async () => {
    const { home, open } = at();
    const before = await made();
    const { screen, page } = await open({ surroundings: { keychain: { backend: 'kwallet6' } } });
    await screen.choose('File', 'Settings');
    const field = page.getByLabel(/passphrase$/i);
    await field.fill('something else altogether');
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByText('This is not the passphrase of the vault.').waitFor();
    const kept = readFileSync(join(home, 'vault.json'), 'utf8');
    await field.fill(passphrase);
    await page.getByRole('button', { name: 'Open the vault' }).click();
    await page.getByRole('button', { name: 'Lock', exact: false }).first().waitFor();
    expect(kept).toBe(before);
  });
  it('says that the desktop offers no keychain that protects anything, where it offers none', async () => {
    const { screen, page } = await at().open({ surroundings: { keychain: { backend: 'basic_text' } } });
    await screen.choose('Help', 'About Pilothouse');
    await page.getByText('This desktop offers no keychain that protects anything (basic_text)').first().waitFor();
    expect(screen.complaints).toEqual([]);
  });
});
