/** Incidents by their screens, on a real engine: declared by the keyboard alone, seen from two windows, told to people. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import type { EngineClient, MethodArgument } from '#shared/contract/index.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { builtConsole, launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { settled } from '#test/web/screenshots.ts';
import { waitFor } from '#test/wait-for.ts';
import { startLoopbackServer } from '../../electron/loopback/server.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
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

/** What comes for the page is kept back until it is released. */
interface Held {
  (): void;
  held: number;
}

async function begin(): Promise<OpenedPage & { client: EngineClient; hold(): Held; /** What is kept back never comes; the page connects anew. */ cut(): Promise<void>; open(changes?: Partial<MethodArgument<'incident.open'>>): Promise<string> }> {
  const engine = await createEngine({ root: await temporaryFolder('incidents'), ports });
  const server = await startLoopbackServer({ ports, dispatcher: engine.dispatcher, assets: loadAssets(builtConsole), port: 0 });
  let kept: (() => void)[] | null = null;
  let cut = async (): Promise<void> => undefined;
  const opened = await openConsole(browser, { server }, {}, (page) =>
    page.routeWebSocket(/./, (socket) => {
      const toEngine = socket.connectToServer();
      let isCut = false;
      cut = async () => {
        isCut = true;
        kept = null;
        await Promise.all([toEngine.close(), socket.close()]);
      };
      toEngine.onMessage((message) => {
        if (isCut) return;
        if (kept === null) socket.send(message);
        else kept.push(() => socket.send(message));
      });
    }),
  );
  const hold = (): Held => {
    const waiting: (() => void)[] = [];
    kept = waiting;
    const release = (): void => {
      kept = null;
      for (const send of waiting) send();
    };
    return Object.defineProperty(release, 'held', { get: () => waiting.length }) as Held;
  };
  onTestFinished(async () => {
    await opened.close();
    await server.close();
    await engine.close();
  });
  const client = engine.client('test');
  await client.call('system.add', { name: 'Shop', environment: 'production' });
  return { ...opened, client, hold, cut: () => cut(), open: async (changes = {}) => (await client.call('incident.open', { commandId: 'open-by-the-test', title: 'Site down', systemId: null, severity: 'p1', ...changes })).incidentId };
}

const titles = (page: Page) => page.locator('.tline .h').allInnerTexts();

it('an incident is declared and acknowledged by the keyboard alone, as one of the only system', async () => {
  const { page, go, client, complaints } = await begin();
  await go('/incidents');
  await page.getByText('Nothing was ever declared').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('dialog', { name: 'Declare an incident?' }).waitFor();
  await page.getByLabel('Of which system').locator('option:checked', { hasText: 'Shop' }).waitFor({ state: 'attached' });
  await page.keyboard.type('The shop does not answer');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'The shop does not answer', level: 1 }).waitFor();
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Begin work' }).waitFor();
  const { incidents } = await client.call('incident.list', {});
  expect([incidents.map(({ state, systemName, severity }) => [state, systemName, severity.key]), complaints]).toEqual([[['acknowledged', 'Shop', 'p1']], []]);
});

it('a runbook that is begun for an incident asks nothing that the incident knows', async () => {
  const { page, go, open, client } = await begin();
  const incidentId = await open();
  const { incident } = await client.call('incident.get', { incidentId });
  await go(`/incidents/${incidentId}/start/postgres-server/major-incident`);
  const field = page.getByLabel('Number of the incident');
  await waitFor('the number of the incident', () => field.inputValue());
  // In the zone of the page.
  const declared = await page.getByLabel('When it was declared').evaluate((input) => (input instanceof HTMLInputElement ? new Date(input.value).getTime() : null));
  expect([await field.inputValue(), declared]).toEqual([`INC-${incident.number}`, Math.floor(Date.parse(incident.declaredAt) / 60_000) * 60_000]);
});

it('what is left of an incident that is closed is its report, at one press', async () => {
  const { page, go, open, client } = await begin();
  const incidentId = await open();
  for (const kind of ['resolve', 'close'] as const) {
    const { incident } = await client.call('incident.get', { incidentId });
    await client.call('incident.act', { incidentId, expectedSeq: incident.seq, commandId: `${kind}-by-the-test`, act: { kind } });
  }
  await go(`/incidents/${incidentId}`);
  await page.getByRole('button', { name: 'Export report…' }).click();
  expect(await page.getByRole('dialog', { name: 'Export the report?' }).count()).toBe(1);
});

it('what another window did first is not done over', async () => {
  const { page, go, client, open, hold } = await begin();
  const incidentId = await open();
  await go(`/incidents/${incidentId}`);
  await page.getByRole('button', { name: 'Change severity' }).click();
  await page.getByLabel('Why').fill('less');
  // Nothing reaches the page meanwhile: what it sends is made of what it has seen.
  const release = hold();
  await client.call('incident.act', { incidentId, expectedSeq: 1, commandId: 'other-window', act: { kind: 'severity', severity: 'p3', reason: 'other' } });
  await page.getByRole('button', { name: 'Change the severity' }).click();
  await waitFor('the answer to be kept back', () => release.held > 1);
  release();
  await page.getByText('Somebody else was faster, so that nothing was done.').waitFor();
  expect((await client.call('incident.get', { incidentId })).severities.map(({ key }) => key)).toEqual(['p1', 'p3']);
});

it('a note whose answer was lost and that is added again is kept once', async () => {
  const { page, go, client, open, hold, cut } = await begin();
  const incidentId = await open();
  await go(`/incidents/${incidentId}`);
  const notes = async () => (await client.call('incident.get', { incidentId })).timeline.filter(({ kind }) => kind === 'noted').length;
  const add = page.getByRole('button', { name: 'Add note' });
  await page.getByLabel('Add a note').fill('the disk of db-1');
  hold();
  await add.click();
  await waitFor('the note to be written down', async () => (await notes()) === 1);
  await cut();
  await page.getByText('The note was not kept.').waitFor();
  await add.click();
  await waitFor('the answer to be on screen', async () => (await page.getByLabel('Add a note').inputValue()) === '');
  expect(await notes()).toBe(1);
});

it('an update is prepared from the log, and the next one is due from when it was sent', async () => {
  const { page, go, client, open } = await begin();
  const incidentId = await open();
  await go(`/incidents/${incidentId}`);
  await page.getByRole('button', { name: 'Write update' }).click();
  const text = page.getByLabel('What is told');
  expect(await text.inputValue()).toMatch(/^P1: down, or data at risk: Site down\n/);
  await page.getByLabel('To whom').fill('the owner');
  await page.getByRole('button', { name: 'It was sent' }).click();
  await page.locator('.tline').getByText('Update to the owner').waitFor();
  const { clocks, timeline } = await client.call('incident.get', { incidentId });
  const sent = timeline.find(({ kind }) => kind === 'updated')?.at ?? '';
  expect(Date.parse(clocks.find(({ name }) => name === 'update')?.dueAt ?? '') - Date.parse(sent)).toBe(30 * 60_000);
});

it('an entry that was wrong is corrected beside it, and what happened is told by kinds', async () => {
  const { page, go, open, client } = await begin();
  const incidentId = await open();
  await client.call('incident.act', { incidentId, expectedSeq: 1, commandId: 'note-it-down', act: { kind: 'note', text: 'the disk of web-1' } });
  await go(`/incidents/${incidentId}`);
  await page.getByRole('button', { name: 'Correct entry 2' }).click();
  await page.getByLabel('It should have said').fill('the disk of db-1');
  await page.getByRole('button', { name: 'Correct it' }).click();
  await page.getByText(/^ ?Corrected/).waitFor();
  expect(await page.locator('.tline .was').innerText()).toBe('the disk of web-1');
  await page.getByRole('group', { name: 'Show' }).getByRole('button', { name: 'Operations' }).click();
  await page.getByText('Nothing of that kind happened.').waitFor();
  expect(await titles(page)).toEqual([]);
});

it('an incident and the list of them break no rule of access in either theme, and fit the smallest window and one at twice the size', async () => {
  const { page, go, open, complaints } = await begin();
  const incidentId = await open({ title: 'A title that is as long as somebody makes it who has no time to think about it at three in the morning', seen: 'HTTP 502' });
  const over: number[] = [];
  for (const [width, height] of [[1024, 700], [720, 450]] as const) {
    await page.setViewportSize({ width, height });
    for (const path of [`/incidents/${incidentId}`, '/incidents']) {
      await go(path);
      await settled(page);
      over.push(await page.evaluate(() => Math.max(...['html', 'main'].flatMap((place) => [...document.querySelectorAll(place)].map((box) => box.scrollWidth - box.clientWidth)))));
    }
  }
  await page.setViewportSize({ width: 1024, height: 700 });
  const found: string[] = [];
  for (const [path, button] of [[`/incidents/${incidentId}`, null], ['/incidents', 'Declare an incident…']] as const) {
    await go(path);
    await settled(page);
    if (button !== null) await page.getByRole('button', { name: button }).click();
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme });
      const axe = new AxeBuilder({ page });
      // In the dark only what depends on colours is looked at again.
      const { violations } = await (theme === 'light' ? axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']) : axe.withRules(['color-contrast', 'link-in-text-block'])).analyze();
      found.push(...violations.map(({ id, nodes }) => `${theme} ${path} ${button ?? ''}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`));
    }
  }
  expect({ over, found, complaints }).toEqual({ over: [0, 0, 0, 0], found: [], complaints: [] });
});
