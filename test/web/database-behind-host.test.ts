/** A database behind two machines, by the screens: a real engine, real servers of SSH, a real Postgres. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { addFarDatabase, bySocket, createFarShop, openFarEngine, startFarPlace, type FarPlace } from '#test/far-shop.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { builtConsole, launchBrowser, missingForWeb, openConsole } from '#test/web/fixture-console.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { startLoopbackServer } from '../../electron/loopback/server.ts';

const missing = missingForWeb() ?? whyNoSshServer();
const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
let place: FarPlace;
let browser: Browser;
beforeAll(async () => {
  if (missing !== null) return;
  [place, browser] = await Promise.all([startFarPlace(), launchBrowser()]);
  await createFarShop(place, 'shop');
});
afterAll(async () => {
  await browser?.close();
  await place?.stop();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

async function openPage(engine: Engine): Promise<{ page: Page; complaints: string[]; go: (path: string) => Promise<void> }> {
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  const opened = await openConsole(browser, { server });
  onTestFinished(async () => {
    await opened.close();
    await server.close();
    await engine.close();
  });
  return opened;
}

async function fillHost(dialog: Locator, server: SshServer, keyFile: string, name: string): Promise<void> {
  await dialog.getByLabel('Name or address').fill('127.0.0.1');
  await dialog.getByLabel('Port', { exact: true }).fill(String(server.port));
  await dialog.getByLabel('User', { exact: true }).fill(server.user);
  await dialog.getByLabel('Shown as').fill(name);
  await dialog.getByLabel('With the keys of the agent').uncheck();
  await dialog.getByRole('button', { name: 'Add a key file' }).click();
  await dialog.getByLabel('Private key 1', { exact: true }).fill(keyFile);
}

/** Compares the key that is shown with that of the server, as a person would, and trusts it. */
async function trust(dialog: Locator, server: SshServer): Promise<string | null> {
  await dialog.getByRole('button', { name: 'Test host' }).click();
  const key = dialog.getByRole('region', { name: /^The key of / });
  await key.waitFor();
  const fingerprint = await key.locator('dd').last().innerText();
  await key.getByLabel('I compared it, and it is the same').check();
  await key.getByRole('button', { name: 'Trust this key' }).click();
  await dialog.getByText('everything passed').waitFor();
  const [known] = server.knownKeys;
  return known !== undefined && fingerprintOf(known) === fingerprint ? null : fingerprint;
}

/** A key file that a server lets in. */
function writeKey(server: SshServer, folder: string): string {
  const key = makeKey(folder);
  authorize(server, key);
  const path = join(folder, 'id');
  writeFileSync(path, key.privateKey, { mode: 0o600 });
  return path;
}

const addNow = 'Through another host, which I add now…';

test('a database behind two machines is added from nothing, each key trusted on purpose and each layer seen', async () => {
  const engine = await createEngine({ root: await temporaryFolder('behind'), ports });
  const { page, complaints } = await openPage(engine);
  await page.getByRole('button', { name: 'Connect a database' }).click();
  await page.getByLabel('Name').fill('Far');
  await page.getByRole('button', { name: 'Add system' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a database' });
  await dialog.getByRole('tab', { name: 'SSH' }).click();
  await dialog.getByLabel('How the database is reached').selectOption({ label: addNow });

  const host = page.getByRole('dialog', { name: 'Add a host' }).first();
  await fillHost(host, place.host, place.keyFiles.host, 'db-1');
  await host.getByLabel('Way to it').selectOption({ label: addNow });
  // Of one dialog the last is the first, which would be filled in anew.
  const bastion = page.getByRole('dialog', { name: 'Add a host' }).nth(1);
  await bastion.waitFor();
  await fillHost(bastion, place.bastion, place.keyFiles.bastion, 'bastion');
  const swapped = [await trust(bastion, place.bastion)];
  await bastion.getByRole('button', { name: 'Add host' }).click();
  await page.getByRole('dialog', { name: 'Add a host' }).nth(1).waitFor({ state: 'detached' });
  swapped.push(await trust(host, place.host));
  const hops = await host.getByRole('region', { name: /^Test of/ }).getByRole('heading').allInnerTexts();
  await host.getByRole('button', { name: 'Add host' }).click();

  // It was looked at at once: its server is offered, by its port and by its socket.
  const found = dialog.getByRole('region', { name: 'Databases on db-1' });
  await found.getByRole('button', { name: `By its socket in ${place.sockets}, port ${place.postgres.port}` }).click();
  await dialog.getByLabel('Database', { exact: true }).fill('shop');
  await dialog.getByLabel('Role').fill('postgres');
  await dialog.getByLabel('Where the password comes from').selectOption('none');
  await dialog.getByRole('button', { name: 'Test connection' }).click();
  const tested = dialog.getByRole('region', { name: 'Test' });
  await tested.getByText(/^everything passed$/).waitFor();
  const groups = await tested.locator('.hop-test').evaluateAll((all) => all.map((group) => [group.querySelector('h3')?.textContent, [...group.querySelectorAll('li')].map((row) => row.className).join(' ')]));
  await dialog.getByRole('button', { name: 'Add database' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('region', { name: /^Databases/ }).getByText('Reached', { exact: true }).waitFor();
  const standing = await page.getByRole('region', { name: /^Hosts/ }).getByText('Reached', { exact: true }).count();
  const reached = await page.getByText(/^through db-1, as postgres/).innerText();
  expect({ swapped, hops: hops.slice(1), groups: groups.slice(0, 3), reached, standing, complaints }).toEqual({
    standing: 2, swapped: [null, null], hops: ['Hop 1, bastion', 'Hop 2, 127.0.0.1'], groups: [['Hop 1, bastion', 'ok ok ok ok'], ['Hop 2, db-1', 'ok ok ok ok ok'], ['Postgres, through db-1', 'ok ok ok ok ok ok']], reached: expect.stringContaining('without TLS') as string, complaints: [],
  });
});

describe('of machines that are known', () => {
  test('a changed key is refused in words, and replaced only in the settings, by the typed name', async () => {
    const swappedHost = await startSshServer();
    onTestFinished(() => swappedHost.stop());
    const far = await openFarEngine({ ...place, host: swappedHost, keyFiles: { ...place.keyFiles, host: writeKey(swappedHost, await temporaryFolder('keys')) } }, await temporaryFolder('behind'));
    await addFarDatabase(far, place, 'shop', bySocket(place));
    // The machine was rebuilt: sshd reads its keys again.
    writeFileSync(join(swappedHost.folder, 'host_ed25519'), makeKey(swappedHost.folder).privateKey, { mode: 0o600 });
    process.kill(swappedHost.pid, 'SIGHUP');
    const { page, go } = await openPage(far.engine);
    await go(`/systems/${far.systemId}`);
    await page.getByRole('button', { name: 'Test the connection to shop' }).click();
    const refused = page.getByRole('alert', { name: 'The key of db-1' });
    await refused.getByText('db-1 shows another key than the one that is known.').waitFor();
    const ways = await refused.locator('button, a').allInnerTexts();
    await refused.getByRole('link', { name: 'Its keys, in Settings…' }).click();

    const keys = page.getByRole('dialog', { name: 'Keys of db-1' });
    await keys.getByRole('button', { name: 'Replace the known key…' }).click();
    const confirm = page.getByRole('dialog', { name: 'Replace the key of db-1?' });
    await confirm.getByText('It shows now').waitFor();
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    const replace = confirm.getByRole('button', { name: 'Replace the key of db-1' });
    await confirm.getByLabel('Type its name').fill('127.0.0.1');
    const before = await replace.isDisabled();
    await confirm.getByLabel('Type its name').fill('db-1');
    await replace.click();
    await keys.getByText('It shows a key that is trusted').waitFor();
    const states = (await keys.locator('tbody tr td:nth-child(2)').allInnerTexts()).map((text) => text.split('\n')[0]);
    expect({ ways, focused, before, states, now: (await far.client.call('host.test', { hostId: far.hostId })).ok }).toEqual({ ways: ['Its keys, in Settings…'], focused: 'Cancel', before: true, states: ['Trusted', 'Replaced'], now: true });
  });

  test('a passphrase that is asked for at each start is typed where it is missing, and the way is tried again', async () => {
    const far = await openFarEngine(place, await temporaryFolder('behind'));
    const key = makeKey(place.host.folder, { passphrase: 'right-one-8' });
    authorize(place.host, key);
    const path = join(await temporaryFolder('keys'), 'id');
    writeFileSync(path, key.privateKey, { mode: 0o600 });
    const { hosts } = await far.client.call('host.list', {});
    const known = hosts.find(({ id }) => id === far.hostId);
    if (known === undefined) throw new Error('There is no db-1.');
    await far.client.call('host.update', { hostId: far.hostId, connection: { ...known.connection, signIn: { ...known.connection.signIn, keys: [{ path, passphrase: { source: 'ask' } }] } } });
    const { page, go } = await openPage(far.engine);
    await go(`/systems/${far.systemId}/settings`);
    await page.getByRole('button', { name: 'Test db-1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Test the way to db-1' });
    await dialog.getByLabel(`Passphrase of ${path}`).fill('wrong-one-7');
    await dialog.getByRole('button', { name: 'Use it and test again' }).click();
    await dialog.getByText('does not open with this passphrase').first().waitFor();
    await dialog.getByLabel(`Passphrase of ${path}`).fill('right-one-8');
    await dialog.getByRole('button', { name: 'Use it and test again' }).click();
    await dialog.getByText('Done: everything passed.').waitFor();
    expect(await dialog.getByLabel(`Passphrase of ${path}`).count()).toBe(0);
  });
});
