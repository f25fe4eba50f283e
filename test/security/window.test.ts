/** The desktop's window as it was built: what its pages may do, whatever runs in them. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ipc } from '#shared/domain/desktop-channels.ts';
import type { Asked } from '#test/electron/pages.ts';
import { startScreen } from '#test/electron/screen.ts';
import { builtDesktop, missingForDesktop, openDesktop, type OpenDesktop } from '#test/security/open-desktop.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { settled, shots } from '#test/web/screenshots.ts';

const missing = missingForDesktop();
let at: OpenDesktop;
let window: number;
const origin = 'app://pilothouse';
const ours = { url: `${origin}/`, parent: null };

beforeAll(async () => {
  if (missing !== null) return;
  at = await openDesktop();
  window = (await at.screen.window())?.id ?? 0;
});
afterAll(() => at?.close());
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

describe('the window', () => {
  test.each([
    ['sandbox', true], ['contextIsolation', true], ['nodeIntegration', false], ['nodeIntegrationInWorker', false], ['nodeIntegrationInSubFrames', false], ['webSecurity', true],
    ['allowRunningInsecureContent', false], ['experimentalFeatures', false], ['webviewTag', false], ['plugins', false], ['navigateOnDragDrop', false],
  ])('is made with %s: %s', async (name, value) => {
    expect((await at.screen.window())?.webPreferences[name as 'sandbox']).toBe(value);
  });
  test('has no features of Blink switched on or off, no other session, and one preload script of ours', async () => {
    const { webPreferences = {} } = (await at.screen.window()) ?? {};
    const preferences = webPreferences as Record<string, unknown>;
    expect([preferences['enableBlinkFeatures'], preferences['disableBlinkFeatures'], preferences['additionalArguments'], preferences['partition'], preferences['session'], String(preferences['preload']).endsWith('/dist/desktop/preload.cjs')]).toEqual([undefined, undefined, undefined, undefined, undefined, true]);
  });
  test('is the only one, and every process of a page is in a sandbox', async () => {
    expect([(await at.screen.hands.windowStates()).length, (await at.screen.hands.appState()).sandbox]).toEqual([1, true]);
  });
});

describe('the page', () => {
  test.each(['process', 'require', 'module', 'exports', 'Buffer', 'global', '__dirname', 'setImmediate', 'electron', 'ipcRenderer'])('has no %s', async (name) => {
    expect(await at.page.evaluate((asked) => typeof (globalThis as Record<string, unknown>)[asked], name)).toBe('undefined');
  });
  test('has of the window seven functions and the name of the platform, frozen, and nothing else', async () => {
    const seen = await at.page.evaluate(() => {
      const bridge = (globalThis as unknown as Record<string, Record<string, unknown>>)['pilothouse'] ?? {};
      const property = Object.getOwnPropertyDescriptor(globalThis, 'pilothouse');
      return { types: Object.fromEntries(Object.entries(bridge).map(([name, value]) => [name, typeof value])), frozen: Object.isFrozen(bridge), writable: property?.writable, configurable: property?.configurable };
    });
    expect(seen).toEqual({ types: { connect: 'function', copyText: 'function', onEngineState: 'function', onWish: 'function', pickPath: 'function', platform: 'string', startEngine: 'function' }, frozen: true, writable: false, configurable: false });
  });
  test('is handed plain data by what it listens to: no event, no port, no sender', async () => {
    const told = await at.page.evaluate(() => new Promise<unknown[]>((resolve) => {
      const bridge = (globalThis as unknown as { pilothouse: { onEngineState(listener: (...said: unknown[]) => void): void } }).pilothouse;
      bridge.onEngineState((...said) => resolve(said.map((each) => (typeof each === 'object' && each !== null ? Object.keys(each).sort() : typeof each))));
    }));
    expect(told).toEqual([['attached', 'restartedAt', 'state']]);
  });
  test('asks for nothing but its own files, and its policy refuses none of them, on every page and in every dialog that an empty start has', async () => {
    const pages = ['/operations', '/history', '/settings', '/settings/vault', '/settings/data', '/settings/about', '/import/hosts', '/import/databases'];
    const dialogs = shots.filter(({ empty, name }) => empty === true || ['palette', 'shortcuts'].includes(name));
    for (const { path, act } of [...pages.map((each) => ({ path: each, act: undefined })), ...dialogs]) {
      await at.page.keyboard.press('Escape');
      await at.page.evaluate((to) => {
        globalThis.location.hash = to;
      }, path);
      await settled(at.page);
      await act?.(at.page);
      await settled(at.page);
    }
    const foreign = at.screen.requests.filter(({ url, became }) => !url.startsWith(`${origin}/`) || became !== 'answered').map(({ url, became }) => `${became} ${url}`);
    expect([foreign, at.screen.complaints, at.screen.requests.length > 3, dialogs.length]).toEqual([[], [], true, 5]);
  });
});

describe('a permission', () => {
  const every = ['clipboard-read', 'clipboard-sanitized-write', 'display-capture', 'fullscreen', 'geolocation', 'idle-detection', 'media', 'mediaKeySystem', 'midi', 'midiSysex', 'notifications', 'pointerLock', 'keyboardLock', 'openExternal', 'speaker-selection', 'storage-access', 'top-level-storage-access', 'window-management', 'unknown', 'fileSystem', 'hid', 'serial', 'usb', 'deprecated-sync-clipboard-read'];
  test.each(every)('is denied: %s', async (permission) => {
    expect(await at.screen.hands.isPermitted(window, permission, `${origin}/`)).toBe(false);
  });
  test('has a handler of ours on every way in which Electron asks', async () => {
    expect((await at.screen.hands.sessionState()).handlers).toEqual({ request: true, check: true, device: true, displayMedia: true });
  });
  test.each(['hid', 'serial', 'usb'] as const)('is given to no device: %s', async (type) => {
    expect(await at.screen.hands.deviceIsPermitted(type, origin)).toBe(false);
  });
  test('to look at screens is given to nobody', async () => {
    expect(await at.screen.hands.displayMedia()).toBe('denied');
  });
  test('is not given to the page itself where it asks Chromium', async () => {
    const got = await at.page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      place: await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('there'), ({ code }) => resolve(code))),
      clipboard: await navigator.clipboard.readText().then(() => 'there', (error: Error) => error.name),
    }));
    expect(got).toEqual({ notifications: 'denied', place: 1, clipboard: 'NotAllowedError' });
  });
});

/** A request as Chromium would make it for this page. */
const asked = (url: string, change: Partial<Asked> = {}): Asked => ({ url, method: 'GET', headers: {}, body: null, resourceType: 'xhr', initiatorOrigin: origin, referrer: '', navigates: false, byPage: true, place: ours, ...change });
const elsewhere = [
  'https://evil.example/', 'http://127.0.0.1:8080/', 'file:///etc/passwd', 'ftp://evil.example/', 'app://evil/', 'app://pilothouse.evil.example/', 'app://user@pilothouse/', 'app://pilothouse:8/', 'apps://pilothouse/', 'devtools://devtools/bundled/x.html',
  'chrome://gpu/', 'view-source:app://pilothouse/', 'blob:https://evil.example/1', 'ws://127.0.0.1:8080/', 'filesystem:app://pilothouse/x', 'about:srcdoc',
];

describe('a request', () => {
  test.each(elsewhere.filter((url) => !url.startsWith('devtools:')))('goes nowhere but to the files of the page: %s', async (url) => {
    expect(['cancelled', 'failed']).toContain((await at.screen.hands.request(window, asked(url))).became);
  });
  test.each(['https://evil.example/', 'http://127.0.0.1:8080/', 'file:///etc/passwd', 'app://evil/x'])('is cancelled before it leaves: %s', async (url) => {
    expect(await at.screen.hands.request(window, asked(url))).toEqual({ became: 'cancelled', by: 'onBeforeRequest' });
  });
  test('of the page for its own files is answered', async () => {
    expect((await at.screen.hands.request(window, asked(`${origin}/mark.svg`))).became).toBe('answered');
  });
});

const navigation = (url: string, parent: Asked['place'] | null = null): Asked => asked(url, { navigates: true, resourceType: parent === null ? 'mainFrame' : 'subFrame', place: { url: ours.url, parent } });

describe('the page goes', () => {
  test.each([...elsewhere, 'javascript:alert(1)', 'data:text/html,x', 'about:blank', `${origin}/mark.svg`, `${origin}/?next=1`, `blob:${origin}/1`, 'https://www.postgresql.org/docs/'])('nowhere by itself: %s', async (url) => {
    expect((await at.screen.hands.request(window, navigation(url))).became).toBe('prevented');
  });
  test('nowhere by a link, a form or a script, and stays what it was', async () => {
    const before = at.page.url();
    const acts: (() => void)[] = [
      () => globalThis.location.assign('https://evil.example/'),
      () => Object.assign(document.createElement('a'), { href: 'https://evil.example/link' }).click(),
      () => {
        const form = Object.assign(document.createElement('form'), { action: 'https://evil.example/form' });
        document.body.append(form);
        form.submit();
      },
      () => globalThis.location.replace('data:text/html,x'),
    ];
    for (const act of acts) await at.page.evaluate(act).catch(() => {}); // The browser of the tests may take the frame for gone.
    expect([at.page.url(), await at.page.locator('#root').count()]).toEqual([before, 1]);
  });
  test('on where it is, by its own addresses', async () => {
    expect((await at.screen.hands.request(window, navigation(`${origin}/#/settings`))).became).toBe('answered');
  });
  test.each([`${origin}/`, 'https://evil.example/', 'about:blank', 'data:text/html,x'])('into no frame: %s', async (url) => {
    expect((await at.screen.hands.request(window, navigation(url, ours)))).toEqual({ became: 'prevented', by: 'will-frame-navigate' });
  });
});

describe('a window that the page opens', () => {
  const opens = (url: string) => at.screen.hands.mayOpen(window, { url, frameName: '', features: '', disposition: 'foreground-tab', referrer: { url: '', policy: 'default' } });
  test.each([`${origin}/`, 'about:blank', 'https://evil.example/', 'https://www.postgresql.org/docs/', 'file:///etc/passwd'])('is none: %s', async (url) => {
    expect(await opens(url)).toBe(false);
  });
  test('is none though the page asks by a script', async () => {
    expect(await at.page.evaluate(() => globalThis.open('https://evil.example/'))).toBeNull();
    expect((await at.screen.hands.windowStates()).length).toBe(1);
  });
  test('and no web view is attached', async () => {
    expect(await at.screen.hands.mayAttachWebview(window)).toBe(false);
  });
  const handedOn = async (url: string): Promise<string[]> => {
    const before = (await at.screen.hands.opened()).outside.length;
    await opens(url);
    return (await at.screen.hands.opened()).outside.slice(before);
  };
  test.each(['https://www.postgresql.org/docs/18/', 'https://www.postgresql.org/docs/current/app-pgdump.html#X'])('is the person’s browser for documentation: %s', async (url) => {
    expect(await handedOn(url)).toEqual([url]);
  });
  test.each([
    'http://www.postgresql.org/docs/', 'https://www.postgresql.org@evil.example/docs/', 'https://user@www.postgresql.org/docs/', 'https://www.postgresql.org.evil.example/docs/', 'https://evil.example/www.postgresql.org/docs/', 'https://www.postgresql.org:444/docs/',
    'https://www.postgresql.org/docs/../download/', 'https://www.postgresql.org\\@evil.example/docs/', 'https://wwwwpostgresql.org/docs/', 'https://www.p\u043estgresql.org/docs/', 'file:///usr/bin/xterm', 'smb://evil.example/docs/', 'ms-msdt:/id', 'javascript:alert(1)', 'not an address', '',
  ])('is nobody’s for anything else: %s', async (url) => {
    expect(await handedOn(url)).toEqual([]);
  });
});

describe('a download', () => {
  test.each(['https://evil.example/x.exe', `${origin}/mark.svg`, 'blob:https://evil.example/1', 'data:text/plain,x', 'file:///etc/passwd', 'blob:app://pilothouse.evil.example/1'])('is none: %s', async (url) => {
    expect(await at.screen.hands.mayDownload(window, url, 'x')).toBeNull();
  });
  test('is what the page itself has made', async () => {
    expect(await at.screen.hands.mayDownload(window, `blob:${origin}/1`, 'history.json')).not.toBeNull();
  });
});

describe('the scheme of the window', () => {
  const answer = (url: string, method = 'GET') => at.screen.hands.answer({ url, method, headers: {}, body: null, resourceType: 'xhr', initiatorOrigin: origin, referrer: '' });

  test('is standard and secure, and may do nothing more', async () => {
    expect((await at.screen.hands.sessionState()).privileged).toEqual([{ scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
  });
  test('is the only one that anybody answers', async () => {
    expect((await at.screen.hands.sessionState()).schemes).toEqual(['app']);
  });
  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])('reads only: %s', async (method) => {
    expect((await answer(`${origin}/`, method))?.status).toBe(405);
  });
  test.each(['app://evil/', 'app://pilothouse.evil/', 'app://pilothouse:1/', 'app://pilothousf/mark.svg'])('has one host: %s', async (url) => {
    expect((await answer(url))?.status ?? 404).toBe(404);
  });
  test.each(['/../package.json', '/%2e%2e/desktop/main.js', '/..%2fdesktop%2fmain.js', '/assets/../../desktop/main.js', '/..%5cdesktop%5cmain.js', '/mark.svg%00.html', '//mark.svg', '/./mark.svg', '/mark.svg/', '/mark.svg?x', '/MARK.svg', '/index.html', '/manifest.json', '/assets/', '/%6dark.svg', '/etc/passwd', '/../renderer-sibling/index.html'])('finds nothing by %s', async (path) => {
    const found = await answer(`${origin}${path}`);
    // What Chromium makes of dots is a path of ours, or none.
    const isKnown = [`${origin}/mark.svg`, `${origin}/`].includes(new URL(`${origin}${path}`).href) && path.startsWith('/./');
    expect(found?.status === 200).toBe(isKnown);
  });
  test('finds nothing outside of its files by any other path', async () => {
    const piece = fc.constantFrom('..', '.', '%2e', '%2E%2e', '%252e', '\\', '%5c', '/', '%2f', '//', '%00', 'assets', 'desktop', 'main.js', 'renderer', 'package.json', 'index.html', ';', '#', '?', 'ÿ');
    const files = new Set(at.screen.requests.map(({ url }) => url.split('#')[0]));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 8 }), async (pieces) => {
        const url = `${origin}/${pieces.join('')}`;
        if (!URL.canParse(url)) return;
        const found = await answer(url);
        const text = found?.status === 200 ? found.body.toString('latin1') : '';
        expect([text.includes('ipcMain'), text.includes('devDependencies'), found?.status === 200 && !files.has(new URL(url).href.split('#')[0] ?? '') && new URL(url).pathname !== '/mark.svg']).toEqual([false, false, false]);
      }),
      { numRuns: 200 },
    );
  });
  const nonceOf = (headers: Record<string, string>): string => /'nonce-([^']+)'/.exec(headers['content-security-policy'] ?? '')?.[1] ?? '';
  const page = async () => {
    const found = await answer(`${origin}/`);
    return { headers: Object.fromEntries(found?.headers ?? []), body: found?.body.toString() ?? '' };
  };
  test('gives the page the policy that was promised', async () => {
    const { headers } = await page();
    expect(headers['content-security-policy']).toBe(`default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonceOf(headers)}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
  });
  test('gives it a nonce of 128 bits that is fresh for each load, and stands in the page', async () => {
    const loads = await Promise.all(Array.from({ length: 10 }, page));
    const nonces = loads.map(({ headers }) => nonceOf(headers));
    expect([new Set(nonces).size, nonces.every((nonce) => Buffer.from(nonce, 'base64').length === 16), loads.every(({ body }, index) => body.includes(`content="${nonces[index] ?? ''}"`))]).toEqual([10, true, true]);
  });
  test.each([['x-content-type-options', 'nosniff'], ['cross-origin-resource-policy', 'same-origin'], ['cross-origin-opener-policy', 'same-origin'], ['referrer-policy', 'no-referrer'], ['cache-control', 'no-store']])('says %s with every answer', async (name, value) => {
    const answers = await Promise.all([answer(`${origin}/`), answer(`${origin}/mark.svg`), answer(`${origin}/nothing`), answer(`${origin}/`, 'POST')]);
    expect(answers.map((each) => Object.fromEntries(each?.headers ?? [])[name])).toEqual([value, value, value, value]);
  });
});

describe('a link or a file that another program hands over', () => {
  test('opens nothing and leads nowhere', async () => {
    const before = [at.page.url(), (await at.screen.hands.windowStates()).length];
    await at.screen.hands.openUrl('pilothouse://operation.run?planId=1');
    await at.screen.hands.secondInstance(['pilothouse', '--home', '/elsewhere', 'pilothouse://operation.run'], '/', null);
    expect([at.page.url(), (await at.screen.hands.windowStates()).length]).toEqual(before);
  });
});

/** A dialog that opened would stand for ever. Milliseconds. */
const answeredWithin = 5000;

describe('a message to the main process', () => {
  /** What its sender hears. */
  const heardOf = (from: { window: number | null; place: Asked['place'] | null }, channel: string, args: unknown[]): Promise<{ value?: unknown; problem?: string }> =>
    Promise.race([at.screen.hands.forge({ ...from, kind: 'invoke', channel, args, ports: 0 }), new Promise<{ value: string }>((resolve) => setTimeout(() => resolve({ value: 'It was not refused, and a dialog may stand there.' }), answeredWithin).unref())]);
  const channels = [
    { channel: ipc.pickPath, args: [{ what: 'file', title: 'Choose' }] },
    { channel: ipc.copyText, args: ['text'] },
    { channel: ipc.engineState, args: [] },
    { channel: ipc.startEngine, args: [] },
  ];
  const senders: [string, () => { window: number | null; place: Asked['place'] | null }][] = [
    ['a frame in the page', () => ({ window, place: { url: `${origin}/`, parent: ours } })],
    ['a frame of somebody else in the page', () => ({ window, place: { url: 'https://evil.example/', parent: ours } })],
    ['a page of another origin in our window', () => ({ window, place: { url: 'https://evil.example/', parent: null } })],
    ['a page whose host begins like ours', () => ({ window, place: { url: 'app://pilothouse.evil.example/', parent: null } })],
    ['a page of our host over another scheme', () => ({ window, place: { url: 'https://pilothouse/', parent: null } })],
    ['a page of another port', () => ({ window, place: { url: 'app://pilothouse:1/', parent: null } })],
    ['a page without an origin', () => ({ window, place: { url: 'data:text/html,x', parent: null } })],
    ['a frame that is gone', () => ({ window, place: null })],
    ['a window that nobody knows', () => ({ window: null, place: ours })],
  ];
  test.each(senders.flatMap(([who, from]) => channels.map((message) => ({ who, from, ...message }))))('is refused from $who: $channel', async ({ from, channel, args }) => {
    expect((await heardOf(from(), channel, args)).problem ?? '').toContain('Refused: this is not the page of Pilothouse.');
  });
  test.each(senders)('brings no line to the engine from %s', async (_who, from) => {
    const before = (await at.screen.hands.forgedPorts()).length;
    await at.screen.hands.forge({ ...from(), kind: 'send', channel: ipc.connect, args: [null], ports: 1 });
    await waitFor('the port to be closed', async () => (await at.screen.hands.forgedPorts()).slice(before).every(({ closed }) => closed));
    expect((await at.screen.hands.forgedPorts()).length).toBe(before + 1);
  });
  test('brings one line at a time', async () => {
    const before = (await at.screen.hands.forgedPorts()).length;
    await at.screen.hands.forge({ window, place: ours, kind: 'send', channel: ipc.connect, args: [null], ports: 2 });
    await waitFor('both ports to be closed', async () => (await at.screen.hands.forgedPorts()).slice(before).every(({ closed }) => closed));
    expect((await at.screen.hands.forgedPorts()).length).toBe(before + 2);
  });
  const wrong: [string, string, unknown[]][] = [
    ['a word that is none', ipc.pickPath, [{ what: 'command', title: 'x' }]],
    ['a program', ipc.pickPath, [{ what: 'file', title: 'x', command: '/bin/sh', args: ['-c', 'id'], env: { A: 'b' } }]],
    ['a title that is too long', ipc.pickPath, [{ what: 'file', title: 'x'.repeat(201) }]],
    ['no title', ipc.pickPath, [{ what: 'file', title: '' }]],
    ['a text in place of a question', ipc.pickPath, ['file']],
    ['nothing', ipc.pickPath, []],
    ['two questions', ipc.pickPath, [{ what: 'file', title: 'x' }, { what: 'file', title: 'x' }]],
    ['a prototype', ipc.pickPath, [JSON.parse('{"__proto__":{"what":"file","title":"x"}}')]],
    ['text that is too long', ipc.copyText, ['x'.repeat(8 * 1024 * 1024 + 1)]],
    ['no text', ipc.copyText, [{ text: 'x' }]],
    ['a number', ipc.copyText, [7]],
    ['more than is asked', ipc.engineState, ['more']],
    ['a program to start', ipc.startEngine, [{ command: '/bin/sh' }]],
  ];
  test.each(wrong)('is refused with %s: %s', async (_what, channel, args) => {
    expect((await heardOf({ window, place: ours }, channel, args)).problem ?? '').toContain('Refused: ');
  });
  test.each(['pilothouse:run', 'pilothouse:connect', 'pilothouse:engine-state-changed', 'ELECTRON_BROWSER_REQUIRE', '__proto__', 'constructor', ''])('is nobody’s by another name: %s', async (channel) => {
    expect((await heardOf({ window, place: ours }, channel, [])).problem ?? '').toContain('No handler registered');
  });
  test('of the page itself is answered', async () => {
    expect(await heardOf({ window, place: ours }, ipc.engineState, [])).toMatchObject({ value: { state: 'running' } });
  });
  test('leaves the clipboard and the dialogs alone where it was refused', async () => {
    expect([await at.screen.hands.clipboard(), await at.screen.hands.dialogs()]).toEqual(['', []]);
  });
});

test('a packaged window has no tools for developers, and nothing is asked of them', async () => {
  const home = await temporaryFolder('packaged');
  const screen = startScreen(null, { entry: join(builtDesktop, 'entry.js'), args: ['--home', home], surroundings: { packaged: true } });
  onTestFinished(() => screen.end());
  const opened = await waitFor('the window', () => screen.window(), { within: 20_000 });
  const tools = await screen.hands.request(opened.id, asked('devtools://devtools/bundled/inspector.html'));
  expect([(opened.webPreferences as Record<string, unknown>)['devTools'], tools, JSON.stringify(await screen.hands.menu()).toLowerCase().includes('devtools')]).toEqual([false, { became: 'cancelled', by: 'onBeforeRequest' }, false]);
});
