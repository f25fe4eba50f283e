import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { app } from '#test/electron/double.ts';
import { faithful, type Events } from '#test/electron/faithful.ts';
import { startScreen, type Screen } from '#test/electron/screen.ts';
import { writeSmallApp } from '#test/electron/small-app.ts';
import { isRunning } from '#test/processes.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { launchBrowser, missingForWeb } from '#test/web/fixture-console.ts';
import { findKeychain } from '../../electron/main/keychain.ts';

type IsNever<T> = [T] extends [never] ? true : false;

interface SmallBridge {
  number: number;
  list: unknown[];
  thing: object;
  ask(channel: string, ...args: unknown[]): Promise<unknown>;
  throws(): void;
  twice(listener: (said: string) => void): unknown;
  onSaid(listener: (...said: unknown[]) => void): void;
  say(...said: unknown[]): void;
  sandbox(): Record<string, string>;
  line(heard: (text: string) => void, closed: () => void): { send(text: string): void; close(): void };
}
declare global {
  interface Window {
    small: SmallBridge;
    heard: unknown[];
  }
}

describe('the double of Electron', () => {
  it('refuses by its name what it does not model', () => {
    const part = faithful('app', { quit: () => 'quit' });
    expect(() => (part as unknown as { relaunch(): void }).relaunch()).toThrow('The double of Electron does not model app.relaunch');
    expect(part.quit()).toBe('quit');
  });
  it('refuses events that nothing would ever emit', () => {
    expect(() => app.on('gpu-info-update', () => {})).toThrow('does not model the event "gpu-info-update" of app');
  });
  it('does not compile with an event that electron.d.ts does not have, or of other arguments', () => {
    const unknownEvent: IsNever<Events<Electron.App['on'], { 'befor-quit': [] }>['befor-quit']> = true;
    const otherArguments: IsNever<Events<Electron.App['on'], { quit: [event: Electron.Event, exitCode: string] }>['quit']> = true;
    const asItIs: IsNever<Events<Electron.App['on'], { quit: [event: Electron.Event, exitCode: number] }>['quit']> = false;
    expect({ unknownEvent, otherArguments, asItIs }).toEqual({ unknownEvent: true, otherArguments: true, asItIs: false });
  });
  it('stands for electron in a test that imports one file of the main process, where nothing is ready yet', async () => {
    expect(await findKeychain('linux')).toEqual({ backend: null, notice: expect.stringContaining('(unknown)') });
  });
});

const missing = missingForWeb();
let browser: Browser | null = null;
let folder: string;
beforeAll(async () => {
  if (missing === null) browser = await launchBrowser();
});
afterAll(() => browser?.close());
let screen: Screen;
let page: Page;

async function start(shownIn: Browser): Promise<void> {
  folder = await makeTemporaryFolder('small');
  screen = startScreen(shownIn, { entry: writeSmallApp(folder), args: [join(folder, 'home')] });
  page = await screen.page();
}
async function end(): Promise<void> {
  await screen.end();
  rmSync(folder, { recursive: true, force: true });
}

const logged = (what: string): Promise<unknown[][]> => page.evaluate(async (name) => ((await window.small.ask('log')) as unknown[][]).filter(([first]) => first === name).map(([, ...rest]) => rest), what);
const until = (what: string): Promise<unknown[][]> => waitFor(what, async () => {
  const found = await logged(what);
  return found.length > 0 && found;
});
const openLine = async (): Promise<void> => {
  await page.evaluate(() => {
    window.heard = [];
    const line = window.small.line((text) => window.heard.push(text), () => window.heard.push('closed'));
    Object.assign(window, { sends: line.send, closes: line.close });
  });
  await page.waitForFunction(() => window.heard.includes('ready'));
};
const send = (text: string): Promise<void> => page.evaluate((said) => (window as unknown as { sends(text: string): void }).sends(said), text);
const heard = (count: number): Promise<unknown[]> => page.waitForFunction((least) => window.heard.length >= least, count).then(() => page.evaluate(() => window.heard));

describe('a small application on the double', () => {
  beforeAll(async () => {
    if (browser !== null) await start(browser);
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });
  afterAll(async () => {
    if (browser !== null) await end();
  });

  it('is held to the order that Electron wants', async () => {
    const order = ['fork before ready', 'window before ready', 'session before ready', 'folder that is not there', 'ready after what the entry awaits', 'schemes after ready'];
    expect(Object.fromEntries(await Promise.all(order.map(async (what) => [what, (await logged(what))[0]?.[0]] as const)))).toEqual({
      'fork before ready': 'utilityProcess cannot be created before app is ready.',
      'window before ready': 'Cannot create BrowserWindow before app is ready',
      'session before ready': 'Session can only be used after app is ready',
      'folder that is not there': "Failed to set 'userData' path",
      'ready after what the entry awaits': false,
      'schemes after ready': 'protocol.registerSchemesAsPrivileged should be called before app is ready',
    });
  });

  it('shows its page as its own handler answers, headers and all', async () => {
    expect({
      text: await page.locator('body').innerText(),
      secure: await page.evaluate(() => window.isSecureContext),
      requests: screen.requests.slice(0, 2).map(({ url, became, status, headers }) => [url, became, status, headers['x-asked']]),
      title: await waitFor('the title', async () => (await screen.window())?.title === 'Small' && 'Small'),
      bounds: (await screen.window())?.bounds,
    }).toEqual({
      text: expect.stringContaining('and its script'),
      secure: true,
      requests: [['small://place/', 'answered', 200, 'GET small://place/'], ['small://place/page.js', 'answered', 200, 'GET small://place/page.js']],
      title: 'Small',
      bounds: { x: 610, y: 270, width: 700, height: 500 },
    });
  });

  it('gives its page frozen copies, and nothing of the prototypes', async () => {
    expect(await page.evaluate(() => ({ number: window.small.number, list: window.small.list, frozen: Object.isFrozen(window.small) && Object.isFrozen(window.small.list) && Object.isFrozen(window.small.list[1]), thing: [Object.keys(window.small.thing), 'lost' in window.small.thing], replaced: Reflect.set(window, 'small', 1), process: typeof (globalThis as { process?: unknown }).process, require: typeof (globalThis as { require?: unknown }).require }))).toEqual({ number: 7, list: [1, { deep: true }], frozen: true, thing: [['kept'], false], replaced: false, process: 'undefined', require: 'undefined' });
  });
  it('carries functions and promises over the bridge, and of errors the message', async () => {
    const seen = await page.evaluate(async () => {
      const called: string[] = [];
      const answer = window.small.twice((said) => called.push(said));
      const before = [...called];
      const thrown = ((): unknown => {
        try {
          window.small.throws();
          return null;
        } catch (error) {
          return [(error as Error).message, (error as Error).name, 'code' in (error as Error)];
        }
      })();
      const rejected = await window.small.ask('fails').catch((error: Error) => error.message);
      return { answer, before, thrown, rejected, missing: await window.small.ask('nobody').catch((error: Error) => error.message), called };
    });
    expect(seen).toEqual({ answer: 'called', before: [], thrown: ['only this', 'Error', false], rejected: "Error invoking remote method 'fails': TypeError: on purpose", missing: "Error invoking remote method 'nobody': Error: No handler registered for 'nobody'", called: ['a', 'b'] });
  });
  it('gives its preload script no more than a sandbox has', async () => {
    expect(await page.evaluate(() => window.small.sandbox())).toEqual({ fs: 'module not found: fs', process: 'string', binding: expect.stringContaining("does not model a preload script's process.binding"), twice: expect.stringContaining('Cannot bind an API on top of an existing property'), fn: expect.stringContaining('could not be cloned') });
  });
  it('says who sends a message, and copies what is sent', async () => {
    expect(await page.evaluate(async () => ({ who: await window.small.ask('who'), copies: await window.small.ask('copies', { own: 1 }) }))).toEqual({ who: { same: true, origin: 'small://place', parent: null, url: 'small://place/' }, copies: { own: 1, changed: true } });
  });
  it('is heard by its page', async () => {
    await page.evaluate(() => {
      window.heard = [];
      window.small.onSaid((...said) => window.heard.push(said));
      window.small.say('one', 2);
    });
    await page.waitForFunction(() => window.heard.length === 1);
    expect(await page.evaluate(() => window.heard)).toEqual([['one', 2]]);
  });

  it('keeps messages of a port until it is started, and tells its end last', async () => {
    expect(await page.evaluate(() => window.small.ask('channel'))).toEqual(['started', 'one', 'two', 'closed']);
  });
  it('keeps what it tells a utility process until that listens', async () => {
    expect((await until('utility said'))[0]).toEqual([{ heard: 'said before anybody listens', argument: 'an argument', type: 'utility' }]);
  });

  it('lets its page talk to the utility process over a port', async () => {
    await openLine();
    await send('hello');
    expect(await heard(2)).toEqual(['ready', 'HELLO']);
  });
  it('tells its page that the other end of a port was closed', async () => {
    await openLine();
    await send('end');
    expect(await heard(2)).toEqual(['ready', 'closed']);
  });
  it('decides where its page goes', async () => {
    await page.locator('#out').click();
    await until('will-navigate');
    expect([await logged('will-frame-navigate'), await logged('will-navigate'), page.url(), screen.requests.at(-1)]).toEqual([[['https://elsewhere.example/']], [['https://elsewhere.example/', true]], 'https://place.small.invalid/', expect.objectContaining({ url: 'https://elsewhere.example/', became: 'prevented', by: 'will-navigate' })]);
  });
  it('decides which windows open', async () => {
    const opened = await page.evaluate(() => window.open('https://elsewhere.example/by-script'));
    await page.locator('#new').click();
    await waitFor('the link to be refused', async () => (await logged('open')).length === 2);
    expect([opened, await logged('open'), page.context().pages().length]).toEqual([null, [['https://elsewhere.example/by-script', 'foreground-tab'], ['https://elsewhere.example/new', 'foreground-tab']], 1]);
  });
  it('decides what its page loads, and nothing leaves for the network', async () => {
    const loads = (url: string): Promise<string> => page.evaluate((address) => fetch(address).then(() => 'loaded', () => 'failed'), url);
    expect([await loads('/cancelled'), await loads('https://elsewhere.example/data'), (await logged('asked')).slice(-2), screen.requests.slice(-2).map(({ url, became, by }) => [url, became, by])]).toEqual([
      'failed',
      'failed',
      [['small://place/cancelled', 'xhr', 'small://place'], ['https://elsewhere.example/data', 'xhr', 'small://place']],
      [['small://place/cancelled', 'cancelled', 'onBeforeRequest'], ['https://elsewhere.example/data', 'outside', 'the network']],
    ]);
  });
  it('decides what its page may do, and without a handler Electron grants it', async () => {
    expect(await page.evaluate(async () => Promise.all((['geolocation', 'notifications'] as const).map(async (name) => (await navigator.permissions.query({ name })).state)))).toEqual(['granted', 'denied']);
  });
  it('decides what its page downloads', async () => {
    for (const name of ['yes.txt', 'no.txt']) {
      await page.evaluate((filename) => {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob(['text']));
        link.download = filename;
        link.click();
      }, name);
      await waitFor(`the download of ${name}`, () => screen.downloads.some(({ filename }) => filename === name));
    }
    expect(screen.downloads.map(({ url, filename, path }) => [url.startsWith('blob:small://place/'), filename, path !== null])).toEqual([[true, 'yes.txt', true], [true, 'no.txt', false]]);
  });

  it('runs once for each folder, and hears of others', async () => {
    const again = await screen.startAgain();
    expect([again.status, await until('second-instance')]).toEqual([3, [[[expect.stringContaining('home')], { hello: 'again' }]]]);
  });
  it('changes its colours with the desktop', async () => {
    await screen.hands.setTheme('dark');
    await page.waitForFunction(() => window.matchMedia('(prefers-color-scheme: dark)').matches);
    expect(await screen.hands.themeState()).toEqual({ source: 'system', dark: true });
  });
});

describe('the end of a small application, and of what belongs to it', () => {
  beforeEach(async (context) => {
    if (browser === null) return context.skip(missing ?? 'There is no browser.');
    await start(browser);
    onTestFinished(end);
  });

  it('tells its utility process that the page closed its port, and that the page went', async () => {
    await openLine();
    await page.evaluate(() => (window as unknown as { closes(): void }).closes());
    await waitFor('the end of the line', async () => (await logged('utility said')).length === 2);
    await openLine();
    await page.reload().catch(() => {}); // The page asks to navigate, which is refused here.
    await screen.crashPage();
    page = await waitFor('the page anew', async () => {
      const shown = await screen.page();
      return shown !== page && (await shown.locator('h1').count()) === 1 && shown;
    });
    await waitFor('the end of the second line', async () => (await logged('utility said')).length === 3);
    expect(await logged('render-process-gone')).toEqual([['crashed']]);
  });
  it('tells its page when the utility process is killed', async () => {
    await openLine();
    await screen.killEngine();
    expect([await heard(2), await until('utility exit'), await until('child-process-gone')]).toEqual([['ready', 'closed'], [[9]], [['Utility', 'killed', 'small engine']]]);
  });

  it('shows its window once the page has painted, and may keep it', async () => {
    await page.evaluate(() => window.small.ask('keep', true));
    await screen.closeWindow();
    expect([await logged('ready-to-show'), await until('kept'), (await screen.window())?.visible]).toEqual([[[]], [[]], true]);
    await page.evaluate(() => window.small.ask('keep', false));
  });
  it('goes in the order that Electron documents when it quits', async () => {
    await screen.hands.quit();
    await screen.process.ended;
    expect([screen.process.output().stdout.split('\n'), await screen.process.ended]).toEqual([['before-quit', 'will-quit', 'quit', ''], { status: 0, signal: null }]);
  });
  it('is told when its last window went by itself', async () => {
    await screen.closeWindow();
    await waitFor('the event', () => screen.process.output().stdout.includes('window-all-closed'));
    expect(screen.process.isRunning()).toBe(true);
  });
  it('takes its utility process along when it is killed', async () => {
    const [engine] = await screen.hands.utilities();
    screen.process.signal('SIGKILL');
    await screen.process.ended;
    await waitFor('the end of the utility process', () => !isRunning(engine?.pid ?? 0));
    expect(engine?.name).toBe('small engine');
  });
});
