/** Runbooks by the screens, from finding one to starting it: a real engine, the files that lie on the disk, a real Postgres. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fromHere } from '#shared/contract/systems.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { startPostgres, type PostgresServer } from '#test/postgres-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { builtConsole, launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { startLoopbackServer } from '../../electron/loopback/server.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
const missing = missingForWeb();
const rolesText = `schema: runbook/1
id: roles-that-may-log-in
title: Roles that may log in
version: "1.0.0"
tags: [incident]
targets:
  db: { kind: postgres, label: Server to look at }
params:
  role:
    type: identifier
    label: Role to look at
    required: true
    options_from: { target: db, sql: "SELECT rolname FROM pg_roles WHERE rolcanlogin ORDER BY 1" }
  word: { type: secret, label: Word of the day }
steps:
  - id: look
    title: What it may do
    target: db
    sql: SELECT rolname, rolsuper, rolconnlimit FROM pg_roles WHERE rolname = :role
    risk: read
    expect:
      - { rows: "value == 1", say: It is there }
  - { id: told, title: Tell somebody, manual: Say whom you told., confirm: text }
`;

let browser: Browser;
let postgres: PostgresServer;
beforeAll(async () => {
  if (missing !== null) return;
  [browser, postgres] = await Promise.all([launchBrowser(), startPostgres({ major: 18 })]);
});
afterAll(async () => {
  await browser?.close();
  await postgres?.stop();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

interface Place extends OpenedPage {
  client: EngineClient;
  folder: string;
  origin: string;
}

/** A console on an engine of its own, with these files among one's own runbooks. */
async function open(files: Record<string, string>): Promise<Place> {
  const root = await temporaryFolder('runbooks');
  const folder = join(root, 'runbooks');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const engine = await createEngine({ root, ports });
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  const opened = await openConsole(browser, { server });
  onTestFinished(async () => {
    await opened.close();
    await server.close();
    await engine.close();
  });
  return { ...opened, client: engine.client('test'), folder, origin: server.origin };
}

const code = (page: Page) => page.getByRole('textbox', { name: 'Text of the runbook' });

describe('the library of a real engine', () => {
  it('lists what comes with Pilothouse and one’s own, and names a file that it cannot read', async () => {
    const { page, go, complaints, origins, origin } = await open({ 'roles.yaml': rolesText, 'Not A Name.yaml': rolesText });
    await go('/runbooks');
    await page.getByRole('link', { name: 'Roles that may log in', exact: true }).waitFor();
    const packs = await page.getByRole('link', { name: /^Start / }).count();
    expect([packs > 5, await page.getByText('nothing can refer to it by that name').count(), complaints, [...origins]]).toEqual([true, 1, [], [origin]]);
  });

  it('says of each of which pack it is, and its table fits the smallest window and one at twice the size', async () => {
    const { page, go } = await open({ 'roles.yaml': rolesText });
    const over: number[] = [];
    for (const [width, height] of [[1024, 700], [720, 450]] as const) {
      await page.setViewportSize({ width, height });
      await go('/runbooks');
      await page.getByRole('link', { name: 'Start P1 response' }).waitFor();
      over.push(await page.evaluate(() => Math.max(...['html', 'main', '.scroll'].flatMap((place) => [...document.querySelectorAll(place)].map((box) => box.scrollWidth - box.clientWidth)))));
    }
    const whose = await page.locator('.lib th[scope="row"]').evaluateAll((rows) => rows.map((row) => row.querySelector('.badge')?.textContent ?? ''));
    expect([over, new Set(whose)]).toEqual([[0, 0], new Set(['Own', 'A Postgres server and its host', 'E-commerce with cash on delivery', 'Hydraulic network', 'Neff Paving', 'Reconciliation platform', 'ZbInnovation'])]);
  });

  it('finds a runbook by a word of a statement', async () => {
    const { page, go } = await open({ 'roles.yaml': rolesText });
    await go('/runbooks');
    await page.getByLabel('Search runbooks').fill('rolconnlimit');
    await page.locator('.lib .hits mark').first().waitFor();
    expect(await page.locator('.lib th[scope="row"] a').allInnerTexts()).toEqual(['Roles that may log in']);
  });
});

describe('a runbook that is written on a real engine', () => {
  it('is begun, mended and saved by the keyboard alone', async () => {
    const { page, go, folder, complaints } = await open({});
    await go('/runbooks/new');
    await code(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('    skipp: free\n');
    const fix = page.getByRole('button', { name: 'Write skip', exact: true });
    const message = page.getByRole('button', { name: /^Line 28 "skipp".*Did you mean "skip"\?/ });
    await message.waitFor();
    // Out of the text, past the problem, to the button that mends it.
    await page.keyboard.press('Escape');
    for (let presses = 0; presses < 8 && !(await fix.evaluate((button) => button === document.activeElement)); presses += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await message.waitFor({ state: 'detached' });
    await page.getByText('none found').waitFor();
    await page.keyboard.press('Control+s');
    await page.waitForFunction(() => window.location.hash === '#/runbooks/edit/own/look-at-a-disk');
    expect([readdirSync(folder), readFileSync(join(folder, 'look-at-a-disk.yaml'), 'utf8'), complaints]).toEqual([['look-at-a-disk.yaml'], expect.stringMatching(/^schema: runbook\/1\nid: look-at-a-disk\n[\s\S]*\n {4}skip: free\n$/), []]);
  });

  it('loses nothing where its file is changed on the disk meanwhile', async () => {
    const { page, go, folder } = await open({ 'roles.yaml': rolesText });
    const file = join(folder, 'roles.yaml');
    await go('/runbooks/edit/own/roles');
    await code(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('# mine\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    writeFileSync(file, `${rolesText}# theirs\n`);
    await page.keyboard.press('Control+s');
    const dialog = page.getByRole('dialog', { name: /^The file was changed/ });
    await dialog.getByLabel('Text: In the file now').getByText('# theirs').waitFor();
    const untouched = readFileSync(file, 'utf8');
    await dialog.getByRole('button', { name: 'Keep mine as a copy' }).click();
    await page.waitForFunction(() => window.location.hash.endsWith('/edit/own/roles-that-may-log-in-mine'));
    expect([untouched, readFileSync(file, 'utf8'), readFileSync(join(folder, 'roles-that-may-log-in-mine.yaml'), 'utf8')]).toEqual([
      `${rolesText}# theirs\n`, `${rolesText}# theirs\n`, `${rolesText}# mine\n`.replace('id: roles-that-may-log-in', 'id: roles-that-may-log-in-mine'),
    ]);
  });

  it('is saved as a new file where somebody has removed it', async () => {
    const { page, go, folder, client } = await open({ 'roles.yaml': rolesText });
    await go('/runbooks/edit/own/roles');
    await code(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('# mine\n');
    await page.getByText('Not saved', { exact: true }).waitFor();
    await client.call('runbook.remove', { ref: 'own/roles', confirmName: 'Roles that may log in' });
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'Save it as a new file' }).click();
    await page.getByText('Not saved', { exact: true }).waitFor({ state: 'detached' });
    expect(readFileSync(join(folder, 'roles.yaml'), 'utf8')).toBe(`${rolesText}# mine\n`);
  });

  it('keeps its steps in sight while a line is half written', async () => {
    const { page, go } = await open({ 'roles.yaml': rolesText });
    await go('/runbooks/edit/own/roles');
    await page.getByRole('button', { name: 'What it may do' }).waitFor();
    await code(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('  - id: after\n    tit');
    await page.getByText('as it stood when it could last be read').waitFor();
    expect(await page.getByRole('button', { name: 'What it may do' }).count()).toBe(1);
  });

  it('is copied from a pack, and the pack stays as it is', async () => {
    const { page, go, folder, client } = await open({});
    const { text } = await client.call('runbook.get', { ref: 'neff-paving/daily-check' });
    await go('/runbooks/edit/neff-paving/daily-check');
    await page.getByRole('button', { name: 'Copy to change it' }).click();
    await page.waitForFunction(() => window.location.hash.endsWith('/edit/own/daily-check'));
    expect([readFileSync(join(folder, 'daily-check.yaml'), 'utf8'), (await client.call('runbook.get', { ref: 'neff-paving/daily-check' })).text]).toEqual([text, text]);
  });

  it('is told what may stand in it', async () => {
    const { page, go } = await open({ 'roles.yaml': rolesText });
    await go('/runbooks/edit/own/roles');
    await code(page).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.insertText('  - id: after\n    tit');
    await page.keyboard.press('Control+Space');
    await page.getByRole('option', { name: /^title/ }).click();
    await page.locator('.cm-line', { hasText: /^ {4}title:/ }).last().waitFor();
    expect(await page.locator('.cm-activeLine').innerText()).toBe('    title: ');
  });
});

describe('a runbook that is started on a real engine', () => {
  async function withDatabase(): Promise<Place & { systemId: string; databaseId: string }> {
    const place = await open({ 'roles.yaml': rolesText });
    const { system } = await place.client.call('system.add', { name: 'Shop', environment: 'development' });
    const connection = { ...fromHere, host: postgres.host, port: postgres.port, database: 'postgres', user: postgres.user, tls: { mode: 'disable' as const, ca: null }, password: { source: 'ask' as const } };
    const { database } = await place.client.call('database.add', { systemId: system.id, connection, password: postgres.password });
    await place.client.call('database.test', { databaseId: database.id });
    return { ...place, systemId: system.id, databaseId: database.id };
  }

  it('asks the server for choices, begins with the one that was chosen, and keeps no secret', async () => {
    const { page, go, client, systemId, databaseId, complaints } = await withDatabase();
    await go(`/systems/${systemId}/runbooks`);
    await page.getByRole('link', { name: 'Start Roles that may log in' }).click();
    await page.getByRole('button', { name: /^Ask .* for choices/ }).click();
    await page.getByText('SELECT rolname FROM pg_roles WHERE rolcanlogin').waitFor();
    await page.getByRole('button', { name: 'Ask Server to look at for Role to look at' }).click();
    await page.getByRole('group', { name: 'Choices for Role to look at' }).getByRole('button', { name: 'postgres', exact: true }).click();
    await page.getByLabel('Word of the day').fill('a-word-of-the-day');
    await page.getByRole('button', { name: 'Start it live' }).and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash.startsWith('#/walkthroughs/'));
    const { runs } = await client.call('walkthrough.list', { systemId });
    const view = await client.call('walkthrough.get', { walkthroughId: runs[0]?.id ?? '' });
    expect({ mode: view.run.mode, values: view.values.map(({ name, text, secret }) => [name, secret ? 'secret' : text]), targets: view.targets.map((target) => target.databaseId), kept: JSON.stringify(view).includes('a-word-of-the-day'), complaints }).toEqual({ mode: 'live', values: expect.arrayContaining([['role', 'postgres'], ['word', 'secret']]), targets: [databaseId], kept: false, complaints: [] });
  });

  it('lists the databases of the server that is meant, the hosts of the system, and the zones', async () => {
    const { page, go, client, folder, systemId } = await withDatabase();
    writeFileSync(join(folder, 'typed.yaml'), `schema: runbook/1\nid: typed\ntitle: Typed\nversion: "1.0.0"\ntargets:\n  db: { kind: postgres, label: Server }\nparams:\n  name: { type: database, of: db, label: Database }\n  place: { type: host, label: Place }\n  zone: { type: timezone, label: Zone }\nsteps:\n  - { id: one, title: One, manual: "{{ name }} at {{ place }} in {{ zone }}" }\n`);
    await client.call('host.add', { systemId, label: 'web', connection: { host: 'web-1.example', port: 22, user: 'deploy', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null } });
    await go(`/systems/${systemId}/runbooks/start/own/typed`);
    await page.getByRole('button', { name: /^Ask .* for choices/ }).click();
    await page.getByRole('button', { name: 'Ask Server for Database' }).click();
    await page.getByRole('group', { name: 'Choices for Database' }).getByRole('button', { name: 'postgres', exact: true }).click();
    const proposals = (label: RegExp): Promise<string[]> => page.getByLabel(label).evaluate((field) => [...((field as HTMLInputElement).list?.options ?? [])].map(({ value }) => value));
    expect([await page.getByLabel(/^Database/).inputValue(), await proposals(/^Place/), (await proposals(/^Zone/)).includes('Europe/Berlin')]).toEqual(['postgres', ['web-1.example'], true]);
  });

  it('says that what is changed on the host of the practice system is changed on this computer', async () => {
    const { page, go, client } = await open({ 'tidy.yaml': 'schema: runbook/1\nid: tidy\ntitle: Tidy\nversion: "1.0.0"\ntargets:\n  web: { kind: ssh, label: Host }\nsteps:\n  - { id: one, title: One, target: web, sh: touch /tmp/one, risk: change, undo: [] }\n' });
    const { system } = await client.call('system.add', { name: 'Practice', environment: 'practice' });
    await go(`/systems/${system.id}/runbooks/start/own/tidy`);
    const warning = page.getByText('The host of the practice system is this computer');
    await warning.waitFor();
    await page.getByLabel('On paper').check();
    await warning.waitFor({ state: 'detached' });
    expect(await warning.count()).toBe(0);
  });

  it('shows what is in progress, and what was walked, where one looks for it', async () => {
    const { page, go, client, systemId, databaseId } = await withDatabase();
    const { card } = await client.call('runbook.get', { ref: 'own/roles' });
    const { walkthroughId } = await client.call('walkthrough.start', { ref: 'own/roles', hash: card.hash, systemId, mode: 'paper', bindings: { db: { databaseId } }, values: { role: 'postgres' } });
    await go(`/systems/${systemId}/runbooks`);
    const link = page.getByRole('link', { name: 'Continue Roles that may log in' });
    await link.waitFor();
    const to = await link.getAttribute('href');
    await go(`/systems/${systemId}/runbooks/walked`);
    await page.getByRole('table', { name: 'Walkthroughs' }).getByRole('link', { name: 'Roles that may log in' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Export the report/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Export report' }).click();
    expect([to, (await download).suggestedFilename()]).toEqual([`#/walkthroughs/${walkthroughId}`, expect.stringMatching(/roles-that-may-log-in.*\.md$/)]);
  });

  it('is walked on paper without any target, and printed, with the network pulled', async () => {
    const { page, go, client, origins, origin } = await open({ 'roles.yaml': rolesText });
    await go('/runbooks/start/own/roles');
    await page.getByLabel('On paper').check();
    await page.getByLabel('Role to look at').fill('postgres');
    await page.getByRole('button', { name: 'Start it on paper' }).and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash.startsWith('#/walkthroughs/'));
    await go('/runbooks/print/own/roles');
    await page.getByRole('heading', { name: /What it may do/ }).waitFor();
    const { runs } = await client.call('walkthrough.list', {});
    expect([runs.map(({ mode }) => mode), [...origins]]).toEqual([['paper'], [origin]]);
  });
});
