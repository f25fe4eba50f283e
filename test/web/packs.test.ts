/** Packs by their screens, on a real engine: adopted, changed here, brought up to date without losing that, and refused where they are nonsense. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { settled } from '#test/web/screenshots.ts';
import { startBareConsole, type BareConsole } from '#test/web/system-console.ts';

const missing = missingForWeb();
let browser: Browser;
let bare: BareConsole;
let opened: OpenedPage;
let page: Page;

beforeAll(async () => {
  if (missing !== null) return;
  browser = await launchBrowser();
  bare = await startBareConsole('packs');
  await bare.client.call('system.add', { name: 'Shop', environment: 'production' });
  opened = await openConsole(browser, bare);
  ({ page } = opened);
});
afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await bare?.close();
});
beforeEach((context) => {
  if (missing !== null) return context.skip(missing);
  opened.complaints.length = 0;
});

const main = () => page.getByRole('main');
const dialog = () => page.getByRole('dialog');
const row = (title: string) => main().getByRole('row').filter({ hasText: title });
const part = (name: RegExp) => main().getByRole('group', { name: 'Part' }).getByRole('button', { name }).click();
const systemNamed = async (name: string): Promise<string> => (await bare.client.call('system.list', {})).systems.find((system) => system.name === name)?.id ?? '';

/** The title and the clock of its severity, the telephone of its only contact. */
function writePack(version: string, { title = 'Down', acknowledge = '15m', phone = '+49 30 555 0101', more = '' } = {}): void {
  const folder = join(bare.root, 'packs', 'bakery');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'pack.yaml'), `schema: pack/1\nid: bakery\ntitle: Bakery\nversion: "${version}"\nsummary: Orders of a bakery.\nenvironment: staging\n`);
  writeFileSync(join(folder, 'people.yaml'), `schema: pack/1\nseverities:\n  down:\n    title: ${title}\n    rank: 1\n    tone: critical\n    clocks: { acknowledge: ${acknowledge} }\ncontacts:\n  baker: { title: Baker, phone: "${phone}" }\n${more}`);
}
async function adoptBakery(name: string): Promise<string> {
  writePack('1.0.0');
  return (await bare.client.call('pack.adopt', { pack: 'bakery', system: { name, environment: 'staging' } })).systemId;
}

it('the generic pack is found from the overview, asks what it cannot know, and becomes a system with its handbook', async () => {
  await opened.go('/');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('packs');
  await page.keyboard.press('Enter');
  await main().getByRole('link', { name: 'Adopt A Postgres server and its host' }).click();
  await main().getByLabel('Name', { exact: true }).fill('Warehouse');
  await main().getByLabel(/^In which time zone/).fill('Europe/Vienna');
  await main().getByLabel(/^Mail of whoever is on call/).fill('night@warehouse.example');
  await main().getByRole('button', { name: /^Adopt A Postgres server/ }).click();
  await main().getByRole('heading', { name: 'Handbook' }).waitFor();
  const contact = await row('Whatever does not work').getByRole('link').innerText();
  await part(/^Severities/);
  const clocks = await row('P1 critical').getByRole('cell').allInnerTexts();
  await part(/^Thresholds/);
  const connections = await row('Connections in use').getByRole('cell').allInnerTexts();
  const { items } = await bare.client.call('item.list', { systemId: await systemNamed('Warehouse'), kind: 'calendar' });
  expect({ contact, clocks: clocks.slice(0, 6), connections: connections.slice(0, 3), zones: new Set(items.map(({ value }) => value['tz'])), complaints: opened.complaints }).toEqual({ contact: 'night@warehouse.example', clocks: ['15 min', '15 min', '30 min', '1 h', '4 h', 'day and night'], connections: ['> 80 %', '> 95 %', expect.stringMatching(/^the check /)], zones: new Set(['Europe/Vienna']), complaints: [] });
});

it('a pack that is chosen in a handbook is for that system, and an answer that does not fit is said beside its field and where one pressed', async () => {
  const systemId = await systemNamed('Shop');
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByRole('link', { name: 'Choose a pack' }).click();
  await main().getByRole('link', { name: 'Adopt A Postgres server and its host' }).click();
  const wanted = await main().getByLabel('Adopt it for').inputValue();
  const zone = main().getByLabel(/^In which time zone/);
  await zone.fill('EST');
  await main().getByRole('button', { name: /^Adopt A Postgres server/ }).click();
  await main().getByRole('alert').waitFor();
  const [window, panel] = [page.viewportSize(), await main().getByRole('alert').boundingBox()];
  expect([wanted === systemId, await zone.getAttribute('aria-invalid'), (panel?.y ?? 9999) + (panel?.height ?? 0) <= (window?.height ?? 0)]).toEqual([true, 'true', true]);
});

it('a calendar whose entries wait for an answer says how many, and leads to the question', async () => {
  writePack('1.0.0');
  const folder = join(bare.root, 'packs', 'bakery');
  appendFileSync(join(folder, 'pack.yaml'), 'questions:\n  day:\n    ask: On which day is the oven cleaned?\n    kind: choice\n    choices:\n      - { value: FREQ=WEEKLY;BYDAY=SU, label: Sunday }\n      - { value: FREQ=WEEKLY;BYDAY=MO, label: Monday }\n    sets: [{ item: calendar/oven, field: rrule }]\n');
  writeFileSync(join(folder, 'calendar.yaml'), 'schema: pack/1\ncalendar:\n  oven: { title: Oven, starts: "2026-01-04T04:00", rrule: FREQ=WEEKLY, tz: Europe/Berlin, work: { tasks: [Clean it] } }\n');
  const { systemId } = await bare.client.call('pack.adopt', { pack: 'bakery', system: { name: 'Night bakery', environment: 'staging' } });
  await opened.go(`/systems/${systemId}/calendar`);
  const said = await main().getByText('is not here yet').innerText();
  await main().getByRole('link', { name: 'Answer for Night bakery' }).click();
  await main().getByLabel('On which day is the oven cleaned?').waitFor();
  rmSync(join(folder, 'calendar.yaml'));
  expect(said).toBe('1 entry of the pack Bakery is not here yet, until this is answered: On which day is the oven cleaned?');
});

it('a host that is added takes the role that waits for one, and is said to have it where it is listed', async () => {
  const { systemId } = await bare.client.call('pack.adopt', { pack: 'neff-paving', system: { name: 'Paving', environment: 'staging' } });
  await bare.client.call('host.add', { systemId, label: 'machine', connection: { host: 'machine.example', port: 22, user: 'admin', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null } });
  await opened.go(`/systems/${systemId}`);
  await row('machine').getByText('Web host of its pack').waitFor();
  await opened.go(`/systems/${systemId}/settings`);
  await row('machine').getByText('Web host of its pack').waitFor();
  expect(opened.complaints).toEqual([]);
});

it('a contact that is changed says so, and is taken back as the pack has it', async () => {
  const systemId = await adoptBakery('Changed bakery');
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByRole('button', { name: 'Change Baker' }).click();
  await dialog().getByLabel('Telephone').fill('+43 1 555 0202');
  await dialog().getByRole('button', { name: 'Save contact' }).click();
  await row('Baker').getByText('Changed', { exact: true }).waitFor();
  const changed = await row('Baker').getByRole('link').innerText();
  await main().getByRole('button', { name: 'Take Baker as the pack has it' }).click();
  await row('Baker').getByText('Changed', { exact: true }).waitFor({ state: 'detached' });
  expect([changed, await row('Baker').getByRole('link').innerText()]).toEqual(['+43 1 555 0202', '+49 30 555 0101']);
});

it('a clock and a telephone that make no sense are said to be so beside their fields', async () => {
  const systemId = await adoptBakery('Nonsense bakery');
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByRole('button', { name: 'Change Baker' }).click();
  await dialog().getByLabel('Telephone').fill('+49 30 555-BREAD');
  await dialog().getByRole('button', { name: 'Save contact' }).click();
  await dialog().locator('[aria-invalid="true"]').waitFor();
  const phone = await dialog().getByLabel('Telephone').evaluate((field) => document.querySelector(`[id="${field.getAttribute('aria-describedby')}"]`)?.textContent);
  await page.keyboard.press('Escape');
  await part(/^Severities/);
  await main().getByRole('button', { name: 'Change Down' }).click();
  const clock = dialog().getByLabel('Acknowledged within');
  await clock.fill('at once');
  await dialog().getByRole('button', { name: 'Save severity' }).click();
  await dialog().getByText('A time such as 15m, 4h or 2d').waitFor();
  const wrong = await clock.getAttribute('aria-invalid');
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'detached' });
  expect([phone, wrong]).toEqual([expect.stringMatching(/letters/), 'true']);
});

it('what is removed stays away until it is taken back', async () => {
  const systemId = await adoptBakery('Smaller bakery');
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByRole('button', { name: 'Remove Baker' }).click();
  await dialog().getByRole('button', { name: 'Remove contact' }).click();
  await main().getByText('Nobody is named yet.').waitFor();
  const gone = (await bare.client.call('item.list', { systemId, kind: 'contact' })).items.length;
  await main().getByRole('button', { name: 'Take Baker back' }).click();
  await row('Baker').waitFor();
  expect([gone, (await bare.client.call('item.list', { systemId, kind: 'contact' })).items.length]).toEqual([0, 1]);
});

it('a newer version shows its difference, asks for what both sides changed, and keeps what was changed here', async () => {
  const systemId = await adoptBakery('Updated bakery');
  const severity = async (): Promise<Record<string, unknown>> => (await bare.client.call('item.list', { systemId, kind: 'severity' })).items[0]?.value ?? {};
  await bare.client.call('item.save', { systemId, kind: 'severity', key: 'down', value: { ...(await severity()), clocks: { acknowledge: 5 * 60_000 }, text: 'Ours.' } });
  writePack('1.1.0', { title: 'Not baking', acknowledge: '10m', phone: '+49 30 555 0909', more: '  miller: { title: Miller }\n' });
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByText('Version 1.1.0 is there.').waitFor();
  await main().getByRole('link', { name: 'Look at the difference' }).click();
  await main().getByText('3 differences').waitFor();
  const rows = main().getByRole('region', { name: /^From version/ }).locator('.pk-list > li');
  const differences = await rows.locator('.badge').allInnerTexts();
  const update = main().locator('button[type="submit"]');
  const before = await update.isDisabled();
  await main().getByRole('button', { name: 'Keep mine' }).click();
  await update.click();
  await main().getByText('This system is as its pack says').waitFor();
  const { items } = await bare.client.call('item.list', { systemId });
  const of = (kind: string, key: string) => items.find((item) => item.kind === kind && item.key === key)?.value;
  expect({ differences, before, down: of('severity', 'down'), baker: of('contact', 'baker')?.['phone'], miller: of('contact', 'miller')?.['title'] }).toEqual({
    differences: ['Changed here and in the pack', 'Changed in the pack', 'New'],
    before: true,
    down: expect.objectContaining({ title: 'Not baking', clocks: expect.objectContaining({ acknowledge: 5 * 60_000 }), text: 'Ours.' }),
    baker: '+49 30 555 0909',
    miller: 'Miller',
  });
});

it('a system that is as its pack says has nothing to be updated, also where an answer is missing', async () => {
  const { systemId } = await bare.client.call('pack.adopt', { pack: 'neff-paving', system: { name: 'Unanswered', environment: 'staging' } });
  await opened.go(`/systems/${systemId}/pack`);
  await main().getByRole('button', { name: 'Compare' }).click();
  await main().getByText('This system is as its pack says').waitFor();
  expect(await main().locator('button[type="submit"]').count()).toBe(0);
});

it('a pack that was edited into nonsense is refused with its lines, and what was adopted of it stays', async () => {
  const systemId = await adoptBakery('Lasting bakery');
  writePack('2.0.0', { acknowledge: 'soon', phone: '123-BREAD' });
  await opened.go('/packs');
  const refused = main().getByRole('region', { name: /^Cannot be adopted/ });
  await refused.getByText('bakery', { exact: true }).waitFor();
  const places = await refused.locator('.mono').allInnerTexts();
  await opened.go(`/systems/${systemId}/handbook`);
  await main().getByText('cannot be used, and what was adopted of it stays as it is', { exact: false }).waitFor();
  await settled(page);
  expect([places.slice(0, 2), await row('Baker').getByRole('link').innerText(), opened.complaints]).toEqual([['people.yaml:7', 'people.yaml:9'], '+49 30 555 0101', []]);
});
