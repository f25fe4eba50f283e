/** Endpoints in the settings of a system, on a real engine and a real web server: tried before it is saved, tried afterwards, seen by health, removed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { launchBrowser, missingForWeb, openConsole } from '#test/web/fixture-console.ts';
import { startBareConsole } from '#test/web/system-console.ts';

const missing = missingForWeb();
let browser: Browser;
beforeAll(async () => {
  if (missing === null) browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

it('an endpoint is tried as a draft, saved, tried again, and removed by a person', async () => {
  const server = createServer((_asked, answer) => void answer.end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const shown = await startBareConsole('endpoints');
  const { page, go, close } = await openConsole(browser, shown);
  onTestFinished(async () => {
    await close();
    await shown.close();
    server.closeAllConnections();
    server.close();
  });
  const { system } = await shown.client.call('system.add', { name: 'Shop', environment: 'development' });
  const items = async () => (await shown.client.call('item.list', { systemId: system.id, kind: 'endpoint' })).items;
  await go(`/systems/${system.id}/settings`);
  await page.getByRole('button', { name: 'Add endpoint' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add an endpoint' });
  expect(await dialog.getByRole('button', { name: 'Save endpoint' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Name').fill('Website');
  await dialog.getByLabel('Address').fill(`http://127.0.0.1:${(server.address() as AddressInfo).port}/health`);
  await dialog.getByLabel('JSON field', { exact: true }).fill('$.status');
  await dialog.getByLabel('JSON field has to be').fill('down');
  await dialog.getByRole('button', { name: 'Test', exact: true }).click();
  await dialog.getByText('$.status is "ok", not "down"').waitFor();
  expect(await items()).toEqual([]);
  await dialog.getByLabel('JSON field has to be').fill('ok');
  await dialog.getByRole('button', { name: 'Save endpoint' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Test Website' }).click();
  await page.getByText('until the whole answer, status 200').waitFor();
  expect((await items()).map(({ key, value }) => [key, value['json']])).toEqual([['website', { path: '$.status', equals: 'ok' }]]);
  await page.getByRole('button', { name: 'Remove Website' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove endpoint' }).click();
  await page.getByText('An endpoint is an address that people use').waitFor();
  expect(await items()).toEqual([]);
});
