import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ConnectionTest } from '#shared/contract/systems.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const known = '7391044211876302114';
const rebuilt = '7512200000000000042';
const layers: ConnectionTest['layers'] = (['name', 'network', 'tls', 'authentication'] as const).map((layer) => ({ layer, state: 'ok', durationMs: 1, detail: layer }));
const anotherCluster = (found: string): ConnectionTest => ({
  ok: false, machines: null, layers, server: null,
  error: { code: 'postgres.wrong-identity', message: `Another cluster answers there: its system identifier is ${found}.`, retryable: false, details: { expected: known, found }, correlationId: '' },
});
const passed = (systemIdentifier: string): ConnectionTest => ({ ok: true, machines: null, layers, error: null, server: { version: '17.11', versionNum: 170_011, systemIdentifier, sizeBytes: 1024, superuser: false, monitor: true, createDatabase: true, standby: false } });

const edit = async ({ page, go }: ConsoleInTest) => {
  await go('/systems/sys-neff');
  await page.getByRole('button', { name: 'Edit the connection to neff_paving_admin' }).click();
  return page.getByRole('dialog', { name: 'Edit connection to neff_paving_admin' });
};
const tick = (page: Page) => page.getByLabel('It is another cluster, and that is meant');

describe('another cluster under a known connection', () => {
  const at = useConsole();

  it('is shown by both identifiers, and nothing is accepted beforehand', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = anotherCluster(rebuilt);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    const region = dialog.getByRole('region', { name: 'Another cluster answers for neff_paving_admin' });
    await region.waitFor();
    expect([await region.getByText(known).count(), await region.getByText(rebuilt).count(), await tick(page).isChecked()]).toEqual([1, 1, false]);
  });

  it('is offered at once where the last look met it', async () => {
    const { page, fixture } = at();
    const [database] = fixture.engine.state.systems[0]?.databases ?? [];
    if (database !== undefined) database.lastError = anotherCluster(rebuilt).error;
    await edit(at());
    expect(await tick(page).isVisible()).toBe(true);
  });

  it('is offered too where the server was moved: the address that is typed leads to it', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = passed(rebuilt);
    const dialog = await edit(at());
    await dialog.getByLabel('Host').fill('db-2.neffpaving.example');
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await tick(page).waitFor();
    expect(fixture.engine.state.acceptedClusters).toEqual([]);
  });

  it('is not offered where the known one answers', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = passed(known);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('everything passed').waitFor();
    expect(await tick(page).count()).toBe(0);
  });

  it('is accepted by its tick and the typed name, and then it is the one that was shown', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = anotherCluster(rebuilt);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await tick(page).check();
    const accept = dialog.getByRole('button', { name: 'Accept cluster and save' });
    const withoutName = await accept.isDisabled();
    await dialog.getByLabel('Type its name: neff_paving_admin').fill('neff_paving_admin');
    await accept.click();
    await dialog.waitFor({ state: 'detached' });
    expect({ withoutName, accepted: fixture.engine.state.acceptedClusters }).toEqual({ withoutName: true, accepted: [{ cluster: rebuilt, confirmName: 'neff_paving_admin' }] });
  });

  it('breaks no rule of access, ticked, in either theme', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = anotherCluster(rebuilt);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await tick(page).check();
    const found: string[] = [];
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      found.push(...(await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze()).violations.map(({ id }) => `${theme}: ${id}`));
    }
    expect(found).toEqual([]);
  });

  it('that was ticked is none of a third one that answers later', async () => {
    const { page, fixture } = at();
    fixture.engine.state.connectionTest = anotherCluster(rebuilt);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await tick(page).check();
    fixture.engine.state.connectionTest = anotherCluster('7999999999999999999');
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByRole('definition').filter({ hasText: '7999999999999999999' }).waitFor();
    expect(await tick(page).isChecked()).toBe(false);
  });

  it('is not taken along by a save without its tick', async () => {
    const { fixture } = at();
    fixture.engine.state.connectionTest = anotherCluster(rebuilt);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByRole('region', { name: /^Another cluster/ }).waitFor();
    await dialog.getByRole('button', { name: 'Save connection' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect([fixture.engine.asked('database.update'), fixture.engine.state.acceptedClusters]).toEqual([1, []]);
  });
});

describe('a test of a connection', () => {
  const at = useConsole();

  it.each(['Host', 'Role', 'Password'])('says nothing any more once %s is changed', async (field) => {
    const { fixture } = at();
    fixture.engine.state.connectionTest = passed(known);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('everything passed').waitFor();
    await dialog.getByLabel(field, { exact: true }).fill('another');
    expect(await dialog.getByText('everything passed').count()).toBe(0);
  });

  it('that passed with something to look at says so, and not that everything passed', async () => {
    const { fixture } = at();
    fixture.engine.state.connectionTest = { ...passed(known), layers: layers.map((layer) => (layer.layer === 'tls' ? { ...layer, state: 'warn' } : layer)) };
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('it connects, 1 to look at').waitFor();
    expect(await dialog.getByText('everything passed').count()).toBe(0);
  });

  it('stands when only what it is called is changed', async () => {
    const { fixture } = at();
    fixture.engine.state.connectionTest = passed(known);
    const dialog = await edit(at());
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('everything passed').waitFor();
    await dialog.getByLabel('Shown as').fill('The office');
    expect(await dialog.getByText('everything passed').count()).toBe(1);
  });
});

describe('a connection whose password is to go into the vault', () => {
  const at = useConsole();

  const fill = async ({ page, go }: ConsoleInTest) => {
    await go('/systems/sys-neff');
    await page.getByRole('button', { name: 'Add database' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a database' });
    for (const [label, text] of [['Host', 'db-9.example'], ['Database', 'shop'], ['Role', 'ann'], ['Password', 'ann-secret']] as const) await dialog.getByLabel(label, { exact: true }).fill(text);
    return dialog;
  };
  const typed = (dialog: Awaited<ReturnType<typeof fill>>) => Promise.all(['Host', 'Database', 'Role', 'Password'].map((label) => dialog.getByLabel(label, { exact: true }).inputValue()));
  const everything = ['db-9.example', 'shop', 'ann', 'ann-secret'];

  it('has the vault made in its dialog, and loses nothing', async () => {
    const { page, fixture } = at();
    const dialog = await fill(at());
    const vault = dialog.getByRole('region', { name: 'The vault' });
    await vault.getByLabel('Passphrase').fill('a long passphrase');
    await vault.getByLabel('Once more').fill('a long passphrase');
    await vault.getByRole('button', { name: 'Make the vault' }).click();
    await vault.waitFor({ state: 'detached' });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    expect([fixture.engine.state.vault, await typed(dialog), focused]).toEqual(['unlocked', everything, 'Add database']);
  });

  it('says below each of the two passphrases what is wrong with it', async () => {
    const dialog = await fill(at());
    const vault = dialog.getByRole('region', { name: 'The vault' });
    await vault.getByLabel('Passphrase').fill('short');
    await vault.getByLabel('Once more').fill('other');
    const below = (label: string) => vault.getByLabel(label).locator('xpath=following-sibling::p').innerText();
    expect([await below('Passphrase'), await below('Once more')]).toEqual(['At least 8 characters', 'The two are not the same']);
  });

  it('can be pasted, and what was pasted can be looked at', async () => {
    const dialog = await fill(at());
    const box = dialog.getByLabel('Paste a postgres:// URL or key=value pairs');
    const masked = await box.getAttribute('type');
    await dialog.getByRole('button', { name: 'Show' }).click();
    expect([masked, await box.getAttribute('type')]).toEqual(['password', 'text']);
  });

  it('has the vault opened in its dialog, and loses nothing', async () => {
    const { fixture } = at();
    fixture.engine.state.vault = 'locked';
    const dialog = await fill(at());
    const vault = dialog.getByRole('region', { name: 'The vault' });
    await vault.getByLabel('Passphrase').fill('the right one');
    await vault.getByLabel('Passphrase').press('Enter');
    await vault.waitFor({ state: 'detached' });
    expect([fixture.engine.state.vault, fixture.engine.asked('database.add'), await typed(dialog)]).toEqual(['unlocked', 0, everything]);
  });

  it('says in its dialog that it was not saved, and leads nowhere else', async () => {
    const { fixture } = at();
    fixture.engine.fail('database.add', { code: 'vault.absent', message: 'There is no vault yet to keep this password in.', hint: 'Make one.' });
    const dialog = await fill(at());
    await dialog.getByRole('button', { name: 'Add database' }).click();
    await dialog.getByText('The connection was not saved.').waitFor();
    expect([await dialog.getByRole('link').count(), await typed(dialog)]).toEqual([0, everything]);
  });

  it.each(['vault.locked', 'store.conflict'] as const)('shows in a small window that it was not saved: %s', async (code) => {
    const { fixture, page } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    fixture.engine.state.vault = 'unlocked';
    const dialog = await fill(at());
    if (code === 'vault.locked') fixture.engine.state.vault = 'locked';
    fixture.engine.fail('database.add', { code, message: 'It was refused.' });
    await dialog.getByRole('button', { name: 'Add database' }).click();
    const refusal = dialog.getByText('The connection was not saved.');
    await refusal.waitFor();
    /** By how much its lower edge is above the buttons that stay in sight. */
    const above = async () => ((await dialog.locator('.foot').boundingBox())?.y ?? 0) - ((await refusal.boundingBox())?.y ?? Infinity);
    await expect.poll(above).toBeGreaterThan(16);
  });

  it('notices a vault that locked itself meanwhile', async () => {
    const { fixture } = at();
    fixture.engine.state.vault = 'unlocked';
    const dialog = await fill(at());
    fixture.engine.state.vault = 'locked';
    fixture.engine.fail('database.add', { code: 'vault.locked', message: 'The vault is locked.' });
    await dialog.getByRole('button', { name: 'Add database' }).click();
    await dialog.getByRole('region', { name: 'The vault' }).getByText('The vault is locked.').waitFor();
    expect(await typed(dialog)).toEqual(everything);
  });

  it('says nothing of the vault where the password comes from elsewhere', async () => {
    const dialog = await fill(at());
    await dialog.getByRole('region', { name: 'The vault' }).waitFor();
    await dialog.getByLabel('Where the password comes from').selectOption('ask');
    expect(await dialog.getByRole('region', { name: 'The vault' }).count()).toBe(0);
  });
});

describe('beside the field for a password', () => {
  const at = useConsole();
  const keeps = 'Encrypted at once; left empty, the one that is kept stays';
  const keepsNone = 'Encrypted at once';
  const hints = async () => [await at().page.getByText(keepsNone, { exact: true }).count(), await at().page.getByText(keeps, { exact: true }).count()];

  it('of a new database nothing is said to be kept', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff');
    await page.getByRole('button', { name: 'Add database' }).click();
    await page.getByRole('dialog').getByLabel('Password', { exact: true }).waitFor();
    expect(await hints()).toEqual([1, 0]);
  });
  it('of a known one it is said that the one in the vault stays, as long as it is for the same account', async () => {
    const dialog = await edit(at());
    await dialog.getByText(keeps, { exact: true }).waitFor();
    await dialog.getByLabel('Role', { exact: true }).fill('another');
    expect(await hints()).toEqual([1, 0]);
  });
  it('of a new host nothing is said to be kept either', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Add host' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add a host' });
    await dialog.getByLabel('Password', { exact: true }).selectOption('vault');
    await dialog.getByLabel('Password for sudo there').selectOption('vault');
    expect(await hints()).toEqual([2, 0]);
  });
});
