/** The first import on screen, with a real engine and real files behind it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { makeKey } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { builtConsole, launchBrowser, missingForWeb, openConsole } from '#test/web/fixture-console.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { startLoopbackServer } from '../../electron/loopback/server.ts';

const missing = missingForWeb();

test.skipIf(missing !== null)('twenty hosts are imported by naming a system and one press, and then nothing is left to import', async () => {
  const home = await temporaryFolder('import-first-start');
  vi.stubEnv('HOME', home);
  vi.stubEnv('SSH_AUTH_SOCK', undefined);
  mkdirSync(join(home, '.ssh'));
  writeFileSync(join(home, '.ssh', 'id_ed25519'), makeKey(home).privateKey, { mode: 0o600 });
  writeFileSync(join(home, '.ssh', 'config'), `Host bastion\n  HostName bastion.example\nHost db-*\n  ProxyJump bastion\n${Array.from({ length: 19 }, (_each, index) => `Host db-${index + 1}\n`).join('')}`);
  const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };
  const engine = await createEngine({ root: await temporaryFolder('import-first-start-data'), ports });
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  const browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await server.close();
    await engine.close();
  });
  const { page, complaints } = await openConsole(browser, { server });
  await page.getByRole('link', { name: 'Import hosts and databases…' }).click();
  await page.getByLabel('Name of the system').fill('Shop');
  await page.getByRole('button', { name: 'Import 20 hosts' }).click();
  await page.getByRole('heading', { name: '20 hosts added to Shop' }).waitFor();
  // What was on its way when the system was made is from before the import, and must not stay.
  await page.getByText('There is nothing to import: everything that can be is here.').waitFor();
  const { hosts } = await engine.client('test').call('host.list', {});
  expect([hosts.length, hosts.filter(({ connection }) => connection.viaId !== null).length, complaints]).toEqual([20, 19, []]);
});
