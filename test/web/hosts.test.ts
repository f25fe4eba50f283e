/** The screens of hosts and of databases behind them: what they offer, what they refuse, and where the focus is. */
import { describe, expect, it } from 'vitest';
import { behindHostTest, changedKeyError, passwordError, unknownKeyError, webTest } from '#test/web/fixture-hosts.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

/** The connection of a database that is reached through web-1, where a test finds this. */
async function edit({ page, go, fixture }: ConsoleInTest, error: Parameters<typeof behindHostTest>[0], tab: string | null = 'SSH') {
  const { state } = fixture.engine;
  state.systems = state.systems.map((system) => ({ ...system, databases: system.databases.map((database) => ({ ...database, connection: { ...database.connection, viaId: 'host-web' } })) }));
  state.connectionTest = behindHostTest(error);
  await go('/systems/sys-neff');
  await page.getByRole('button', { name: 'Edit the connection to neff_paving_admin' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit connection to neff_paving_admin' });
  if (tab !== null) await dialog.getByRole('tab', { name: tab }).click();
  return dialog;
}

describe('a key that nobody has decided about', () => {
  const at = useConsole();

  it('is trusted by a tick and a press, and by nothing that comes of itself', async () => {
    const { page, fixture } = at();
    const dialog = await edit(at(), unknownKeyError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    const button = dialog.getByRole('button', { name: 'Trust this key' });
    await button.waitFor();
    const looks = { disabled: await button.isDisabled(), type: await button.getAttribute('type'), primary: await button.getAttribute('data-primary'), focused: await button.evaluate((element) => document.activeElement === element) };
    await dialog.getByLabel('I compared it, and it is the same').press('Enter');
    const asked = fixture.engine.asked('host.trustKey');
    await dialog.getByLabel('I compared it, and it is the same').check();
    await button.click();
    await dialog.getByText('everything passed').waitFor();
    expect([looks, asked, fixture.engine.asked('host.trustKey'), await page.getByRole('dialog').count()]).toEqual([{ disabled: true, type: 'button', primary: null, focused: false }, 0, 1, 1]);
  });

  it('is shown with the whole fingerprint and how to compare it', async () => {
    const dialog = await edit(at(), unknownKeyError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    const key = dialog.getByRole('region', { name: 'The key of web-1' });
    await key.waitFor();
    expect([await key.getByText(String(unknownKeyError.details['fingerprint']), { exact: true }).count(), await key.getByText('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub').count()]).toEqual([1, 1]);
  });

  it('stops the test at its machine, and what comes after was not tried', async () => {
    const dialog = await edit(at(), unknownKeyError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    const test = dialog.getByRole('region', { name: 'Test' });
    await test.getByRole('button', { name: 'Trust this key' }).waitFor();
    expect(await test.locator('.hop-test').evaluateAll((hops) => hops.map((hop) => [hop.querySelector('h3')?.textContent, [...hop.querySelectorAll('li')].map((row) => row.className).join(' ')]))).toEqual([
      ['Hop 1, bastion', 'ok ok ok ok'], ['Hop 2, web-1', 'ok ok failed not-reached not-reached'], ['Postgres, through web-1', 'not-reached not-reached not-reached not-reached not-reached not-reached'],
    ]);
  });
});

describe('a key that is another one than is known', () => {
  const at = useConsole();

  it('can be accepted nowhere beside the connection', async () => {
    const dialog = await edit(at(), changedKeyError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    const refused = dialog.getByRole('alert', { name: 'The key of web-1' });
    await refused.waitFor();
    expect([await refused.locator('button, input').count(), await refused.getByRole('link').allInnerTexts()]).toEqual([0, ['Its keys, in Settings…']]);
  });

  it('is replaced in the settings, where both stand side by side and Cancel has the focus', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.hosts = fixture.engine.state.hosts.map((host) => (host.id === 'host-web' ? { ...host, lastError: changedKeyError } : host));
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Keys of web-1' }).click();
    await page.getByRole('button', { name: 'Replace the known key…' }).click();
    const confirm = page.getByRole('dialog', { name: 'Replace the key of web-1?' });
    const known = fixture.engine.state.hostKeys[0]?.fingerprint ?? '';
    const both = await confirm.locator('.two-keys').innerText();
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    await confirm.getByLabel('Type its name').fill('web-1');
    await confirm.getByRole('button', { name: 'Replace the key of web-1' }).click();
    await confirm.waitFor({ state: 'detached' });
    await page.getByText('It shows a key that is trusted').waitFor();
    expect([both.includes(known), both.includes(String(changedKeyError.details['fingerprint'])), focused, fixture.engine.asked('host.replaceKey')]).toEqual([true, true, 'Cancel', 1]);
  });

  it('that was revoked by its typed name is never trusted again', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Keys of web-1' }).click();
    await page.getByRole('button', { name: /^Revoke the key/ }).click();
    const confirm = page.getByRole('dialog', { name: 'Never trust this key again?' });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    const before = await confirm.getByRole('button', { name: 'Revoke this key' }).isDisabled();
    await confirm.getByLabel('Type its name').fill('web-1');
    await confirm.getByRole('button', { name: 'Revoke this key' }).click();
    await page.getByRole('cell', { name: 'Revoked' }).waitFor();
    expect([focused, before, fixture.engine.asked('host.revokeKey')]).toEqual(['Cancel', true, 1]);
  });
});

describe('a way that stops', () => {
  const at = useConsole();

  it('at a machine before the host is told as the trouble of that machine', async () => {
    const { page, go, fixture } = at();
    const lastError = { ...changedKeyError, details: { ...changedKeyError.details, hop: 'ops@bastion.neffpaving.example' } };
    fixture.engine.state.hosts = fixture.engine.state.hosts.map((host) => ({ ...host, lastError }));
    await go('/systems/sys-neff/settings');
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
    await row('web-1').waitFor();
    expect([await row('web-1').getByText('at bastion: its key is another one than is known').count(), await row('bastion').getByText('at bastion').count()]).toEqual([1, 0]);
  });
});

describe('what a way lacks', () => {
  const at = useConsole();

  it('is typed in the test of a host, and what was tried with it is the test', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.hostTest = webTest(passwordError);
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Test web-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test the way to web-1' });
    await dialog.getByLabel('Password of deploy on web-1').fill('a password');
    fixture.engine.state.hostTest = webTest(null);
    await dialog.getByRole('button', { name: 'Use it and test again' }).click();
    await dialog.getByText('Done: everything passed.').waitFor();
    // A third would ask for one more one-time code.
    expect(fixture.engine.asked('host.test')).toBe(2);
  });

  it('is typed where it is missing, tried, and then the database is tested again', async () => {
    const { fixture } = at();
    const dialog = await edit(at(), passwordError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByLabel('Password of deploy on web-1').fill('a password');
    fixture.engine.state.connectionTest = behindHostTest(null);
    await dialog.getByRole('button', { name: 'Use it and test again' }).click();
    await dialog.getByText('everything passed').waitFor();
    expect([fixture.engine.asked('host.test'), fixture.engine.asked('database.test')]).toEqual([1, 2]);
  });

  it('stays asked for, with the reason, where it was wrong', async () => {
    const { fixture } = at();
    fixture.engine.state.hostTest = webTest(passwordError);
    const dialog = await edit(at(), passwordError);
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByLabel('Password of deploy on web-1').fill('a password');
    await dialog.getByRole('button', { name: 'Use it and test again' }).click();
    await dialog.getByRole('region', { name: 'What web-1 lacks' }).getByRole('alert').waitFor();
    expect(fixture.engine.asked('database.test')).toBe(1);
  });
});

describe('programs of a host', () => {
  const at = useConsole();

  it('that cannot be used are told with their cure, although the database is reached', async () => {
    const { fixture } = at();
    const dialog = await edit(at(), null);
    fixture.engine.state.connectionTest = { ...behindHostTest(null), tools: { where: 'the container shop on web-1', found: [], error: { code: 'postgres.tool-missing', message: 'The programs of the container shop on web-1 cannot be run (status 1).', hint: 'Check the name of the container (docker ps).', retryable: true, details: {}, correlationId: '' } } };
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('it connects, but its programs cannot be used').waitFor();
    expect(await dialog.getByRole('alert').innerText()).toContain('docker ps');
  });
});

describe('sudo on a host', () => {
  const at = useConsole();

  it('is tried beside the way to it, with a password that is typed there', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.hosts = fixture.engine.state.hosts.map((host) => (host.id === 'host-web' ? { ...host, connection: { ...host.connection, signIn: { ...host.connection.signIn, sudo: { source: 'ask' as const } } } } : host));
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Test web-1' }).click();
    const sudo = page.getByRole('form', { name: 'Sudo' });
    await sudo.getByLabel('Account that deploy acts as').fill('root');
    await sudo.getByRole('button', { name: 'Test sudo' }).click();
    const refused = await sudo.getByRole('alert').innerText();
    await sudo.getByLabel('Password of deploy for sudo').fill('a password');
    await sudo.getByRole('button', { name: 'Test sudo' }).click();
    await sudo.getByText('As root, with the password').waitFor();
    expect([refused.includes('ssh.sudo-password-needed'), await sudo.getByLabel('Password of deploy for sudo').inputValue()]).toEqual([true, '']);
  });
});

describe('a new database behind a host', () => {
  const at = useConsole();

  const add = async ({ page, go }: ConsoleInTest) => {
    await go('/systems/sys-neff');
    await page.getByRole('button', { name: 'Add database' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Add a database' });
    await dialog.getByRole('tab', { name: 'SSH' }).click();
    return dialog;
  };
  const tls = async (dialog: Awaited<ReturnType<typeof add>>) => {
    await dialog.getByRole('tab', { name: 'TLS' }).click();
    return dialog.getByRole('combobox', { name: 'TLS', exact: true }).inputValue();
  };

  it('is filled in by what was found there: its socket, whom it lets in, its only database', async () => {
    const dialog = await add(at());
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('button', { name: 'Fill in the socket in /var/run/postgresql, port 5432' }).click();
    const values = await Promise.all(['Host, as web-1 sees it', 'Port', 'Database', 'Role', 'Where the password comes from'].map((label) => dialog.getByLabel(label, { exact: true }).inputValue()));
    expect([values, await tls(dialog), await dialog.getByText('The line is inside SSH up to web-1').count()]).toEqual([['/var/run/postgresql', '5432', 'cod_orders', 'deploy', 'none'], 'disable', 1]);
  });

  it('is found there once the key of the host is trusted, before anything else is filled in', async () => {
    const { fixture } = at();
    const seen = (lastSeenAt: string | null) => {
      fixture.engine.state.hosts = fixture.engine.state.hosts.map((host) => (host.id === 'host-web' ? { ...host, lastSeenAt } : host));
      fixture.engine.change({ topics: ['systems'] });
    };
    seen(null);
    fixture.engine.state.hostTest = webTest(unknownKeyError);
    fixture.engine.fail('host.detect', unknownKeyError);
    const dialog = await add(at());
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('button', { name: 'Look for databases' }).click();
    await dialog.getByRole('button', { name: 'Test the way to web-1' }).click();
    const key = dialog.getByRole('region', { name: 'The key of web-1' });
    await key.getByLabel('I compared it, and it is the same').check();
    fixture.engine.fail('host.detect', null);
    const release = fixture.engine.hold('host.detect');
    await key.getByRole('button', { name: 'Trust this key' }).click();
    await dialog.getByText('Looking at what runs there.').waitFor();
    seen(new Date().toISOString());
    await dialog.getByRole('listitem').filter({ hasText: 'Hop 2, web-1' }).getByText('Reached').waitFor();
    release();
    await dialog.getByRole('button', { name: 'Fill in the socket in /var/run/postgresql, port 5432' }).waitFor();
    expect([await dialog.getByText('the way passed; no database was tried').count(), fixture.engine.asked('database.test'), fixture.engine.asked('host.detect')]).toEqual([1, 0, 2]);
  });

  it('has its way tested as long as there is only a way', async () => {
    const { fixture } = at();
    const dialog = await add(at());
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('button', { name: 'Test connection' }).click();
    await dialog.getByText('the way passed; no database was tried').waitFor();
    expect([fixture.engine.asked('host.test'), await dialog.getByRole('tab', { name: 'SSH' }).getAttribute('aria-selected')]).toEqual([1, 'true']);
  });

  it('is encrypted by itself as soon as the line leaves the host', async () => {
    const dialog = await add(at());
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('tab', { name: 'General' }).click();
    const host = dialog.getByLabel('Host, as web-1 sees it');
    await host.fill('127.0.0.1');
    const inside = await tls(dialog);
    await dialog.getByRole('tab', { name: 'General' }).click();
    await host.fill('db-2.internal');
    expect([inside, await tls(dialog)]).toEqual(['disable', 'prefer']);
  });

  it('keeps the TLS that somebody chose', async () => {
    const dialog = await add(at());
    await dialog.getByRole('tab', { name: 'TLS' }).click();
    await dialog.getByRole('combobox', { name: 'TLS', exact: true }).selectOption('verify-full');
    await dialog.getByRole('tab', { name: 'SSH' }).click();
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('tab', { name: 'General' }).click();
    await dialog.getByLabel('Host, as web-1 sees it').fill('127.0.0.1');
    expect(await tls(dialog)).toBe('verify-full');
  });

  it('is worked on by the programs that fit it: those of its host, or of its container', async () => {
    const dialog = await add(at());
    const programs = async () => {
      await dialog.getByRole('tab', { name: 'Advanced' }).click();
      return Promise.all(['Whose pg_dump and pg_restore do the work', 'How they are reached'].map((label) => dialog.getByLabel(label, { exact: true }).inputValue()));
    };
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('button', { name: 'Fill in the socket in /var/run/postgresql, port 5432' }).click();
    const plain = await programs();
    await dialog.getByRole('tab', { name: 'SSH' }).click();
    await dialog.getByRole('button', { name: 'Fill in 127.0.0.1:5433' }).click();
    expect([plain, await programs(), await dialog.getByLabel('Container', { exact: true }).inputValue()]).toEqual([['host', 'plain'], ['host', 'docker'], 'reports-db']);
  });

  it('takes the programs that were found, with the way that lets them in', async () => {
    const dialog = await add(at());
    await dialog.getByLabel('How the database is reached').selectOption('host-web');
    await dialog.getByRole('button', { name: 'Fill in the socket in /var/run/postgresql, port 5432' }).click();
    await dialog.getByRole('tab', { name: 'Advanced' }).click();
    await dialog.getByRole('button', { name: 'Use pg_dump 15.6 as postgres, by sudo without a password' }).click();
    expect(await Promise.all(['Whose pg_dump and pg_restore do the work', 'How they are reached', 'Account', 'Socket folder or address, as they see it', 'Its port', 'Role that is let in'].map((label) => dialog.getByLabel(label, { exact: true }).inputValue()))).toEqual(['host', 'sudo', 'postgres', '/var/run/postgresql', '5432', 'postgres']);
  });

  it('says on which page something is to be filled in, and goes there', async () => {
    const dialog = await add(at());
    await dialog.getByRole('button', { name: 'Add database' }).click();
    await dialog.getByText('Write the name of the database').waitFor();
    expect(await dialog.getByRole('tab', { selected: true }).innerText()).toBe('General (to fill in)');
  });

  it('has pages that arrows go through', async () => {
    const { page } = at();
    const dialog = await add(at());
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const around = await dialog.getByRole('tab', { selected: true }).innerText();
    await page.keyboard.press('End');
    expect([around, await page.evaluate(() => document.activeElement?.textContent)]).toEqual(['General', 'Advanced']);
  });
});

describe('hosts from anywhere', () => {
  const at = useConsole();

  it.each([['Keys of web-1', 'Keys of web-1'], ['Test the way to web-1', 'Test the way to web-1'], ['Add a host to Neff Paving…', 'Add a host'], ['Add a database behind web-1…', 'Add a database']])('can be had by the palette: %s', async (entry, title) => {
    const { page } = at();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill(entry.replace('…', ''));
    await page.getByRole('option', { name: entry }).first().waitFor();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog', { name: title }).innerText()).toContain(title);
  });

  it('that are away wait on the overview, and lead to the test of their way', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.needs = [{ state: 'unknown', text: 'web-1 is not reached: nobody listens', systemId: 'sys-neff', systemName: 'Neff Paving', environment: 'production', since: null, more: 2, action: { label: 'Test the way', kind: 'open-settings', id: 'host-web' } }];
    fixture.engine.change({ topics: ['systems'] });
    await go('/');
    await page.getByRole('button', { name: 'Test the way' }).click();
    await page.getByRole('dialog', { name: 'Test the way to web-1' }).getByText('everything passed').waitFor();
    expect(fixture.engine.asked('host.test')).toBe(1);
  });

  it('are forgotten by the typed name with their file sets, which are named, and Cancel has the focus', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Forget the host web-1…' }).click();
    const confirm = page.getByRole('dialog', { name: 'Forget the host web-1?' });
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    await confirm.getByText('Its 2 file sets "Web server", "Uploads" are removed with it; the copies stay on this computer').waitFor();
    await confirm.getByLabel('Type its name').fill('web-1');
    await confirm.getByRole('button', { name: 'Forget web-1' }).click();
    await page.getByRole('rowheader', { name: /^web-1/ }).waitFor({ state: 'detached' });
    expect([focused, fixture.engine.asked('host.remove')]).toEqual(['Cancel', 1]);
  });

  it('stand in a narrow window with their address in one piece, and their keys by name', async () => {
    const { page, go, fixture } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    for (const { id, connection } of fixture.engine.state.hosts) if (id === 'host-web') Object.assign(connection, { host: '10.20.30.112', port: 2222, user: 'deploy', signIn: { ...connection.signIn, keys: [{ path: '/home/somebody-or-other/.ssh/id_ed25519', passphrase: { source: 'none' } }] } });
    await go('/systems/sys-neff/settings');
    const address = page.getByRole('table', { name: /^Hosts/ }).getByText('deploy@10.20.30.112:2222');
    await address.waitFor();
    expect([await address.evaluate((element) => element.getClientRects().length), (await address.locator('..').innerText()).includes('somebody-or-other')]).toEqual([1, false]);
  });

  it('are never offered as a way to themselves', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/settings');
    await page.getByRole('button', { name: 'Edit bastion' }).click();
    expect(await page.getByRole('dialog').getByLabel('Way to it').locator('option').allInnerTexts()).toEqual(['Directly from this computer', 'Through another host, which I add now…']);
  });
});
