/** A runbook that is walked by the screens: a real engine, a real host, a real database. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Mode } from '#shared/domain/runbook/walkthrough.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { addFarDatabase, bySocket, openFarEngine, startFarPlace, type FarEngine, type FarPlace } from '#test/far-shop.ts';
import { cutConnections, whyNoSshServer } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { startRunbook } from '#test/walk-runbook.ts';
import { builtConsole, launchBrowser, missingForWeb, openConsole, type OpenedPage } from '#test/web/fixture-console.ts';
import { smallWalk, writeSmallWalk } from '#test/web/small-walk.ts';
import { startLoopbackServer, type LoopbackServer } from '../../electron/loopback/server.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'loopback' };
const missing = missingForWeb() ?? whyNoSshServer();
let place: FarPlace;
let browser: Browser;
beforeAll(async () => {
  if (missing !== null) return;
  [place, browser] = await Promise.all([startFarPlace(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await place?.stop();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

const main = (page: Page) => page.getByRole('region', { name: 'Current step' });
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true }).waitFor();

interface Begun extends OpenedPage {
  far: FarEngine;
  walkthroughId: string;
  folder: string;
  root: string;
  /** One more window on the same engine. */
  another(): Promise<OpenedPage>;
  /** Ends the engine, starts the next on the same folder at the same address, and comes back by its new link. */
  restart(): Promise<void>;
  rows(): Promise<number>;
}

async function begin(mode: Mode): Promise<Begun> {
  const root = await temporaryFolder('walk');
  writeSmallWalk(root);
  const folder = join(root, 'there');
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  await place.postgres.query('DROP TABLE IF EXISTS walked');
  await place.postgres.query('CREATE TABLE walked (word text)');
  let far = await openFarEngine(place, root, ports);
  const databaseId = await addFarDatabase(far, place, 'postgres', bySocket(place));
  await far.client.call('database.test', { databaseId });
  await far.client.call('host.test', { hostId: far.hostId });
  const walkthroughId = await startRunbook(far.client, { ref: smallWalk.ref, systemId: far.systemId, mode, bindings: { web: { hostId: far.hostId }, db: { databaseId } }, values: { folder }, secrets: { token: 'hush-hush' } });
  const listen = (port: number): Promise<LoopbackServer> => startLoopbackServer({ ports, dispatcher: far.engine.dispatcher, assets: loadAssets(builtConsole), port });
  let server = await listen(0);
  const opened = await openConsole(browser, { server });
  const others: OpenedPage[] = [];
  onTestFinished(async () => {
    for (const each of [opened, ...others]) await each.close();
    await server.close();
    await far.engine.close();
  });
  const begun: Begun = {
    ...opened, far, walkthroughId, folder, root,
    another: async () => {
      const other = await openConsole(browser, { server });
      others.push(other);
      await other.go(`/walkthroughs/${walkthroughId}`);
      return other;
    },
    restart: async () => {
      const { port } = server;
      await server.close();
      await far.engine.close();
      far = await openFarEngine(place, root, ports);
      begun.far = far;
      server = await listen(port);
      // The new address differs in its fragment alone, which by itself loads nothing anew.
      await opened.page.goto('about:blank');
      await opened.page.goto(server.issueLink());
      await opened.page.locator('h1').first().waitFor();
      await opened.go(`/walkthroughs/${walkthroughId}`);
    },
    rows: async () => Number((await place.postgres.query('SELECT count(*) AS n FROM walked WHERE word = \'there\''))[0]?.['n']),
  };
  await opened.go(`/walkthroughs/${walkthroughId}`);
  return begun;
}

const viewOf = ({ far, walkthroughId }: Begun) => far.client.call('walkthrough.get', { walkthroughId });
const stepOf = async (begun: Begun, key: string) => (await viewOf(begun)).steps.find((step) => step.key === key);

/** The first four steps: read, change, tell, decide. */
async function walkToReady({ page }: Begun): Promise<void> {
  await heading(page, 'Look around');
  await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
  await heading(page, 'Write a row');
  await main(page).getByRole('button', { name: 'Run it…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Write a row/ }).click();
  await heading(page, 'Tell somebody');
  await main(page).getByLabel('Your answer').fill('the owner');
  await main(page).getByRole('button', { name: 'Record answer' }).click();
  await heading(page, 'Which way');
  await main(page).getByRole('button', { name: /^Right/ }).click();
  await heading(page, 'It is ready');
}

describe('a runbook that is walked live', () => {
  it('goes on by itself from step to step; a failure is tried again, one is skipped with a reason, and one that nobody knows is settled by words', async () => {
    const begun = await begin('live');
    const { page, folder, complaints } = begun;
    await walkToReady(begun);
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await main(page).getByText('What was expected was not seen').waitFor();
    writeFileSync(join(folder, 'ready'), '');
    await main(page).getByRole('button', { name: 'Try again' }).click();
    await heading(page, 'Bother nobody');
    await main(page).getByRole('button', { name: 'Skip…' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('nobody is there');
    await page.getByRole('dialog').getByRole('button', { name: 'Skip this step' }).click();
    await heading(page, 'Something slow');
    await main(page).getByRole('button', { name: 'Run it…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Something slow/ }).click();
    await waitFor('the step to begin', () => existsSync(join(folder, 'slow')));
    cutConnections(place.host);
    await main(page).getByRole('heading', { name: /^Nobody knows whether this happened on / }).waitFor();
    await main(page).getByRole('button', { name: 'Record what I saw' }).click();
    await main(page).getByLabel('It happened: what you saw that says so').fill('the file slow has its line');
    await main(page).getByRole('button', { name: 'Record that it happened' }).click();
    await heading(page, 'Close');
    await main(page).getByLabel('It is so').check();
    await page.keyboard.press('Control+Enter');
    await main(page).getByRole('button', { name: 'Export report…' }).waitFor();
    const skipped = await main(page).getByRole('region', { name: /^What was skipped/ }).innerText();
    const { run, steps } = await viewOf(begun);
    expect({ state: run.state, rows: await begun.rows(), begun: readFileSync(join(folder, 'slow'), 'utf8'), retried: steps.find(({ key }) => key === 'ready')?.attempt, by: steps.find(({ key }) => key === 'slow')?.by, skipped: skipped.includes('nobody is there'), complaints }).toEqual({ state: 'succeeded-with-skips', rows: 1, begun: 'begun\n', retried: 2, by: 'person', skipped: true, complaints: [] });
  });

  it('shows what a step wrote, what was looked for and what was kept of it', async () => {
    const begun = await begin('live');
    const { page } = begun;
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await heading(page, 'Write a row');
    await main(page).getByRole('button', { name: 'Open Look around' }).click();
    await heading(page, 'Look around');
    const words = await main(page).innerText();
    expect([/The folder is there/.test(words), /seen/.test(words), words.includes(`${begun.folder}\nthere`), /Exit status\s+0/.test(words), /found\s+there/.test(words)]).toEqual([true, true, true, true, true]);
  });

  it('is stopped in the middle of a step, which then says that it was', async () => {
    const begun = await begin('live');
    const { page, folder } = begun;
    await walkToReady(begun);
    writeFileSync(join(folder, 'ready'), '');
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await heading(page, 'Bother nobody');
    await main(page).getByLabel('It is so').check();
    await main(page).getByRole('button', { name: 'Done, go on' }).click();
    await heading(page, 'Something slow');
    await main(page).getByRole('button', { name: 'Run it…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Something slow/ }).click();
    await waitFor('the step to begin', () => existsSync(join(folder, 'slow')));
    await main(page).getByRole('button', { name: 'Cancel step' }).click();
    await main(page).getByRole('button', { name: 'Try again…' }).waitFor();
    expect([(await stepOf(begun, 'slow'))?.state, await main(page).getByText('Cancelled', { exact: true }).count()]).toEqual(['cancelled', 1]);
  });

  it('is rolled back, each thing confirmed by itself', async () => {
    const begun = await begin('live');
    const { page } = begun;
    await walkToReady(begun);
    await page.getByRole('button', { name: 'More…' }).click();
    await page.getByRole('button', { name: 'Roll back…' }).click();
    await page.getByRole('dialog').getByLabel('Why').fill('the wrong row');
    const before = await begun.rows();
    await page.getByRole('dialog').getByRole('button', { name: 'Begin the rollback' }).click();
    await main(page).getByRole('button', { name: 'Undo it…' }).click();
    await page.getByRole('dialog').locator('button[type="submit"]').click();
    await heading(page, 'Tell them so');
    await main(page).getByLabel('Your answer').fill('told');
    await main(page).getByRole('button', { name: 'Record answer' }).click();
    await main(page).getByRole('button', { name: 'Export report…' }).waitFor();
    expect([before, await begun.rows(), (await viewOf(begun)).run.state]).toEqual([1, 0, 'rolled-back']);
  });
});

describe('a runbook that is walked otherwise', () => {
  it('on paper sends nothing, and is gone on with live without doing anything twice', async () => {
    const begun = await begin('paper');
    const { page } = begun;
    await main(page).getByLabel('The folder is there').check();
    await main(page).getByLabel('What it answered').fill('there');
    await main(page).getByRole('button', { name: 'Record result' }).click();
    await heading(page, 'Write a row');
    const asked = await main(page).getByRole('button', { name: /^Run it/ }).count();
    await page.getByRole('button', { name: 'Go live' }).click();
    await main(page).getByRole('button', { name: 'Run it…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Write a row/ }).click();
    await heading(page, 'Tell somebody');
    const { steps } = await viewOf(begun);
    expect([asked, await begun.rows(), steps.slice(0, 2).map(({ by, operationId }) => [by, operationId === null])]).toEqual([0, 1, [['paper', true], ['live', false]]]);
  });

  it('as a rehearsal sends nothing, and cannot go live', async () => {
    const begun = await begin('rehearsal');
    const { page } = begun;
    await page.getByText('No report counts it.').waitFor();
    await main(page).getByLabel('The folder is there').check();
    await main(page).getByLabel('What it answered').fill('there');
    await main(page).getByRole('button', { name: 'Record result' }).click();
    await heading(page, 'Write a row');
    await main(page).getByRole('button', { name: 'Record result' }).click();
    await heading(page, 'Tell somebody');
    expect([await begun.rows(), await page.getByRole('button', { name: 'Go live' }).count()]).toEqual([0, 0]);
  });

  it('by two windows at once is done once: the slower is told, and keeps its words', async () => {
    const begun = await begin('paper');
    const { page } = begun;
    const other = await begun.another();
    for (const each of [page, other.page]) {
      await main(each).getByLabel('The folder is there').check();
      await main(each).getByLabel('What it answered').fill(`there\nsays ${each === page ? 'the first' : 'the second'}`);
    }
    // Both were drawn before either acts, and neither waits for what the other did: the one whose answer comes second is the slower.
    const presses = await Promise.all([page, other.page].map((each) => main(each).getByRole('button', { name: 'Record result' }).elementHandle()));
    await Promise.all(presses.map((button) => button?.evaluate((element) => (element as HTMLElement).click())));
    const late = await waitFor('one of them to be told', async () => {
      for (const each of [page, other.page]) if ((await main(each).getByText('Somebody else was faster').count()) > 0) return each;
      return null;
    });
    const step = await stepOf(begun, 'look');
    const left = await main(late).getByRole('region', { name: 'You had typed here' }).innerText();
    const won = step?.output?.tail.includes('the first') === true ? 'the second' : 'the first';
    expect([step?.attempt, left.includes(`says ${won}`)]).toEqual([1, true]);
  });

  it('goes on where it stood after the engine ended: what was typed is there, and what was secret is asked again', async () => {
    const begun = await begin('live');
    const { page } = begun;
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await heading(page, 'Write a row');
    await page.getByLabel('Notes for this step').fill('half a thought');
    await begun.restart();
    await heading(page, 'Write a row');
    const form = main(page).getByRole('form', { name: 'Secrets that are needed again' });
    await form.getByLabel('Token of the pager').fill('hush-hush');
    await form.getByRole('button', { name: 'Use these' }).click();
    await form.waitFor({ state: 'detached' });
    const { steps, secretsNeeded } = await viewOf(begun);
    expect([await page.getByLabel('Notes for this step').inputValue(), steps[0]?.state, secretsNeeded]).toEqual(['half a thought', 'succeeded', []]);
  });

  it('calls another runbook and comes back; the next time the one that ended lately will do', async () => {
    const begun = await begin('live');
    const { page, far } = begun;
    const walk = async (): Promise<string> => {
      const id = await startRunbook(far.client, { ref: smallWalk.calling, systemId: far.systemId });
      await begun.go(`/walkthroughs/${id}`);
      await heading(page, 'Ask the other');
      return id;
    };
    const first = await walk();
    await main(page).getByRole('button', { name: 'Begin this runbook' }).click();
    await heading(page, 'Inside');
    await main(page).getByLabel('It is so').check();
    await main(page).getByRole('button', { name: 'Done, go on' }).click();
    await main(page).getByRole('button', { name: 'Export report…' }).waitFor();
    await page.getByRole('link', { name: 'Back to the runbook that called it' }).click();
    await heading(page, 'Close');
    const second = await walk();
    await main(page).getByRole('button', { name: 'Use this one' }).click();
    await heading(page, 'Close');
    const states = await Promise.all([first, second].map(async (walkthroughId) => (await far.client.call('walkthrough.get', { walkthroughId })).steps[0]?.state));
    expect([states, (await far.client.call('walkthrough.get', { walkthroughId: second })).children.length]).toEqual([['succeeded', 'succeeded'], 0]);
  });

  it('hands over its report as a file', async () => {
    const begun = await begin('live');
    const { page } = begun;
    await page.getByRole('button', { name: 'More…' }).click();
    await page.getByRole('button', { name: 'Export…' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('dialog').getByRole('button', { name: 'Export report' }).click();
    const text = readFileSync(await (await saved).path(), 'utf8');
    expect([text.includes('Small walk'), text.includes('Look around'), text.includes('hush-hush')]).toEqual([true, true, false]);
  });

  it('says that its file is another by now, and leads to beginning again', async () => {
    const begun = await begin('live');
    const { page } = begun;
    writeSmallWalk(begun.root, (text) => text.replace('"1.0.0"', '"1.1.0"').replace('Tell somebody', 'Tell everybody'));
    await page.reload();
    await main(page).getByText('A newer version exists: 1.1.0.').waitFor();
    await main(page).getByRole('link', { name: 'Start again with the new version' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(new URL(page.url()).hash).toContain(`/continues/${begun.walkthroughId}`);
  });
});
