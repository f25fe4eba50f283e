/** Importing on screen: what is shown, what is chosen, and what is asked of the engine. */
import { describe, expect, test } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

describe('hosts of ~/.ssh/config', () => {
  const current = useConsole({ start: '/systems/sys-neff/import/hosts' });
  const table = (name: string) => current().page.getByRole('table', { name: new RegExp(`^${name}`) });
  const rows = async (name: string): Promise<string[]> => (await table(name).getByRole('rowheader').allInnerTexts()).map((text) => text.split('\n')[0] ?? '');

  test('stand apart by what becomes of them, each with why', async () => {
    await table('New').waitFor();
    expect([(await rows('New')).length, await rows('Here, and otherwise there'), await rows('Not supported')]).toEqual([19, ['web-1'], ['vpn-only', 'dmz']]);
    expect(await table('Not supported').innerText()).toContain('no command is run to reach a host');
    // What is so of many of them is said once.
    expect(await current().page.getByText('whichever address answers is used').allInnerTexts()).toEqual([expect.stringContaining('Of db-1, db-2, db-3 and 13 more:')]);
    expect(await table('Here, and otherwise there').innerText()).toContain('Here it is reached directly.');
    expect(await table('Here, and otherwise there').innerText()).toContain('Another is trusted');
  });
  test('that are new are chosen at first; one on the way stays as long as one behind it does', async () => {
    const { page } = current();
    await page.getByRole('button', { name: 'Import 19 hosts' }).waitFor();
    const bastion = page.getByLabel('Import bastion');
    expect([await bastion.isChecked(), await bastion.isDisabled()]).toEqual([true, true]);
    await page.getByLabel('Leave out every host of New').uncheck();
    expect([await bastion.isChecked(), await page.getByRole('button', { name: 'Import hosts', exact: true }).isDisabled()]).toEqual([false, true]);
    await page.getByLabel('Import db-1', { exact: true }).check();
    expect([await bastion.isChecked(), await page.getByRole('button', { name: 'Import 2 hosts' }).isVisible()]).toEqual([true, true]);
  });
  test('are imported by one press, and then are here', async () => {
    const { page, fixture } = current();
    await page.getByRole('button', { name: 'Import 19 hosts' }).click();
    await page.getByRole('heading', { name: '19 hosts added to Neff Paving' }).waitFor();
    expect(await page.getByText('Add a database behind one of them…').isVisible()).toBe(true);
    await table('Here already').waitFor();
    expect([(await rows('Here already')).length, fixture.engine.state.hosts.filter(({ systemId, id }) => systemId === 'sys-neff' && id.startsWith('db-')).length]).toEqual([19, 16]);
  });
  test('that were imported are checked by one press, all of them', async () => {
    const { page, fixture } = current();
    await page.getByRole('button', { name: 'Import 19 hosts' }).click();
    await page.getByRole('link', { name: 'Check the hosts' }).click();
    await expect.poll(() => fixture.engine.state.ran.length).toBe(1);
  });
  test('are told with their file where there are several', async () => {
    await table('New').waitFor();
    const told = await table('New').getByRole('rowheader').allInnerTexts();
    expect([told.includes('bastion\nconfig, line 4'), told.includes('legacy\nlegacy.conf, line 78')]).toEqual([true, true]);
  });
  test('are told as added to the system that they were added to, whichever is chosen for the next', async () => {
    const { page, go } = current();
    await go('/import/hosts');
    await page.getByLabel('Into the system').selectOption({ label: 'Neff Paving' });
    await page.getByRole('button', { name: /^Import \d+ hosts/ }).click();
    await page.getByRole('heading', { name: /added to Neff Paving/ }).waitFor();
    await page.getByLabel('Into the system').selectOption({ label: 'A new system' });
    await page.getByLabel('Name of the system').fill('Another');
    expect(await page.getByRole('heading', { name: /hosts added to/ }).innerText()).toMatch(/added to Neff Paving/);
  });
  test('lead to a new database behind one of them, with the choice of the host at hand', async () => {
    const { page } = current();
    await page.getByRole('button', { name: 'Import 19 hosts' }).click();
    await page.getByText('Add a database behind one of them…').click();
    const dialog = page.getByRole('dialog', { name: 'Add a database' });
    await dialog.getByLabel('How the database is reached').waitFor();
    expect(await dialog.getByRole('tab', { name: 'SSH' }).getAttribute('aria-selected')).toBe('true');
  });
  test('are not imported where a file changed meanwhile: it is said, and they are looked at again', async () => {
    const { page, fixture } = current();
    await page.getByRole('button', { name: 'Import 19 hosts' }).waitFor();
    fixture.engine.state.hosts = fixture.engine.state.hosts.slice(1);
    await page.getByRole('button', { name: 'Import 19 hosts' }).click();
    await page.getByText('Nothing was imported.').waitFor();
    await page.getByRole('button', { name: 'Look again' }).click();
    await page.getByText('Nothing was imported.').waitFor({ state: 'detached' });
    expect(fixture.engine.state.hosts.some(({ id }) => id === 'db-1')).toBe(false);
    await page.getByRole('button', { name: 'Import 19 hosts' }).click();
    await page.getByRole('heading', { name: '19 hosts added to Neff Paving' }).waitFor();
  });
  test('are shown of pasted text only once it is to be read, and nothing old beside it', async () => {
    const { page, fixture } = current();
    await table('New').waitFor();
    const asked = fixture.engine.asked('import.previewSsh');
    await page.getByRole('button', { name: 'Pasted text' }).click();
    await table('New').waitFor({ state: 'detached' });
    await page.getByLabel('ssh lines, or a configuration').fill('ssh db-1');
    expect(fixture.engine.asked('import.previewSsh')).toBe(asked);
    await page.getByRole('button', { name: 'Show what is in it' }).click();
    await table('New').waitFor();
    expect(fixture.engine.asked('import.previewSsh')).toBe(asked + 1);
  });
  test('are reached from the settings of their system', async () => {
    const { page, go } = current();
    await go('/systems/sys-neff/settings');
    await page.getByRole('link', { name: 'Import hosts…' }).click();
    await page.getByRole('heading', { name: 'Import hosts' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Import 19 hosts' }).isVisible()).toBe(true);
  });
  test('are reached from the palette', async () => {
    const { page, go } = current();
    await go('/');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('import neff');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Import hosts' }).waitFor();
    const button = page.getByRole('button', { name: 'Import 19 hosts' });
    await button.waitFor();
    expect(await button.isVisible()).toBe(true);
  });
});

describe('databases', () => {
  const current = useConsole({ start: '/systems/sys-neff/import/databases' });
  test('whose password stands in a file want the vault, or are asked for at each start', async () => {
    const { page } = current();
    const press = page.getByRole('button', { name: 'Import 4 databases' });
    await press.waitFor();
    expect(await press.isDisabled()).toBe(true);
    expect(await page.getByText('1 password would go into the vault').isVisible()).toBe(true);
    await page.getByLabel('Passwords that stand there').selectOption({ label: 'Kept until the engine stops' });
    await press.click();
    await page.getByRole('heading', { name: '4 databases added to Neff Paving' }).waitFor();
  });
  test('on a host that is reached through another one are pointed to that one', async () => {
    const { page } = current();
    const pointer = page.getByText('web-1 is a host here, which is reached through bastion');
    await pointer.waitFor();
    await page.getByLabel('Reached').selectOption({ label: 'Through bastion' });
    await pointer.waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Import 4 databases' }).isVisible()).toBe(true);
  });
  test('that are rules are told apart from those that can be imported', async () => {
    const { page } = current();
    const table = page.getByRole('table', { name: /^Not supported/ });
    await table.waitFor();
    expect(await table.innerText()).toContain('A rule for several databases');
  });
  test('pasted with a password are no part of the address, and of nothing that is remembered', async () => {
    const { page } = current();
    await page.getByRole('button', { name: 'Pasted text' }).click();
    await page.getByLabel('Addresses').fill('postgres://ann:canary-on-screen@db/shop');
    await page.getByRole('button', { name: 'Show what is in it' }).click();
    await page.getByRole('table', { name: /^New/ }).waitFor();
    const kept = await page.evaluate(() => JSON.stringify([window.location.href, window.history.state, { ...window.localStorage }, { ...window.sessionStorage }]));
    expect(kept).not.toContain('canary');
  });
});

describe('on the first start', () => {
  const current = useConsole({ empty: true });
  test('hosts are imported into a system that is named with it', async () => {
    const { page, fixture } = current();
    await page.getByRole('link', { name: 'Import hosts and databases…' }).click();
    const press = page.getByRole('button', { name: 'Import 20 hosts' });
    await press.waitFor();
    expect(await press.isDisabled()).toBe(true);
    await page.getByLabel('Name of the system').fill('Shop');
    await page.getByLabel('Environment').selectOption({ label: 'Staging' });
    await press.click();
    await page.getByRole('heading', { name: '20 hosts added to Shop' }).waitFor();
    expect(fixture.engine.state.systems.map(({ name, environment }) => [name, environment])).toEqual([['Shop', 'staging']]);
  });
  test('a system that was made stays the one that is imported into, where the import fails at first', async () => {
    const { page, fixture } = current();
    await page.getByRole('link', { name: 'Import hosts and databases…' }).click();
    await page.getByLabel('Name of the system').fill('Shop');
    fixture.engine.fail('import.applySsh', { code: 'store.disk-full', message: 'The disk is full.' });
    await page.getByRole('button', { name: 'Import 20 hosts' }).click();
    await page.getByText('Nothing was imported.').waitFor();
    fixture.engine.fail('import.applySsh', null);
    await page.getByRole('button', { name: /^Import \d+ hosts/ }).click();
    await page.getByRole('heading', { name: /added to Shop/ }).waitFor();
    expect(fixture.engine.state.systems).toHaveLength(1);
  });
});
