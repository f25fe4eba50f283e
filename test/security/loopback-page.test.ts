/** The console in a browser: what a page that was injected into can do, and what a page of somebody else gets. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { waitFor } from '#test/wait-for.ts';
import { launchBrowser, missingForWeb, openConsole, startFixtureConsole, type FixtureConsole, type OpenedPage } from '#test/web/fixture-console.ts';

const missing = missingForWeb();
let browser: Browser;
let fixture: FixtureConsole;
let shown: OpenedPage;
beforeAll(async () => {
  if (missing !== null) return;
  browser = await launchBrowser();
  fixture = await startFixtureConsole();
  shown = await openConsole(browser, fixture);
});
afterAll(async () => {
  await browser?.close();
  await fixture?.close();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

/** Another server of this computer, which counts who asks it for anything. */
let other: { origin: string; asked: string[] };
beforeEach(async () => {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' }).end('<!doctype html><title>elsewhere</title>');
  });
  server.on('upgrade', (request, socket) => {
    asked.push(`UPGRADE ${request.url ?? ''}`);
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  other = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
});

/** Milliseconds after which what nobody refused counts as let through. */
const refusedWithinMs = 3000;

/** The first that the policy refuses when the page itself does something; "nothing" where it lets it through. */
function refusedBy(page: Page, act: string): Promise<string> {
  return page.evaluate(
    ([name, limit]) =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true });
        setTimeout(() => resolve('nothing'), limit);
        // In a turn of its own: what the tool evaluates may more than what a page runs.
        setTimeout(() => (window as unknown as Record<string, (name: string) => void>)['actForTest']?.(name), 0);
      }),
    [act, refusedWithinMs] as const,
  );
}

describe('in the page there is nothing of Node:', () => {
  test.each(['process', 'require', 'module', 'exports', 'Buffer', 'global', '__dirname', 'setImmediate'])('%s is not there', async (name) => {
    expect(await shown.page.evaluate((asked) => typeof (globalThis as Record<string, unknown>)[asked], name)).toBe('undefined');
  });
  test('and no bridge of a window where there is none', async () => {
    expect(await shown.page.evaluate(() => typeof (globalThis as Record<string, unknown>)['pilothouse'])).toBe('undefined');
  });
});

describe('what is injected into the page', () => {
  /** Runs as a script of the page, before any of its own. */
  beforeAll(async () => {
    if (missing !== null) return;
    const { page } = shown;
    await page.addInitScript(() => {
      const acts: Record<string, () => void> = {
        'inline script': () => document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.owned = true' })),
        'event handler': () => {
          const image = document.createElement('img');
          image.setAttribute('onerror', 'window.owned = true');
          image.src = 'data:,';
          document.body.append(image);
        },
        'eval': () => {
          try {
            (window as unknown as Record<string, (code: string) => void>)['eval']?.('window.owned = true');
          } catch {
            // Refused, as it should be.
          }
        },
        'function from text': () => {
          try {
            Reflect.construct(Function, ['window.owned = true'])();
          } catch {
            // Refused, as it should be.
          }
        },
        'script of a blob': () => document.head.append(Object.assign(document.createElement('script'), { src: URL.createObjectURL(new Blob(['window.owned = true'], { type: 'text/javascript' })) })),
        'script of data': () => document.head.append(Object.assign(document.createElement('script'), { src: 'data:text/javascript,window.owned=true' })),
        'worker of a blob': () => {
          try {
            void Reflect.construct(Worker, [URL.createObjectURL(new Blob(['fetch("/")'], { type: 'text/javascript' }))]);
          } catch {
            // Refused, as it should be.
          }
        },
        'inline style': () => document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { outline: 7px solid rgb(1, 2, 3) }' })),
        'style attribute': () => document.body.setAttribute('style', 'outline: 7px solid rgb(1, 2, 3)'),
        'base': () => document.head.append(Object.assign(document.createElement('base'), { href: 'http://127.0.0.1:1/' })),
        'frame': () => document.body.append(Object.assign(document.createElement('iframe'), { src: '/' })),
        'object': () => document.body.append(Object.assign(document.createElement('object'), { data: '/mark.svg' })),
      };
      (window as unknown as Record<string, unknown>)['actForTest'] = (name: string) => acts[name]?.();
    });
    await page.reload();
    await page.locator('h1').first().waitFor();
  });

  test.each([
    ['inline script', 'script-src-elem'],
    ['event handler', 'script-src-attr'],
    ['eval', 'script-src'],
    ['function from text', 'script-src'],
    ['script of a blob', 'script-src-elem'],
    ['script of data', 'script-src-elem'],
    ['worker of a blob', 'worker-src'],
    ['inline style', 'style-src-elem'],
    ['style attribute', 'style-src-attr'],
    ['base', 'base-uri'],
    ['frame', 'frame-src'],
    ['object', 'object-src'],
  ])('does nothing: %s (%s)', async (act, directive) => {
    const { page } = shown;
    expect(await refusedBy(page, act)).toBe(directive);
    const left = await page.evaluate(() => ({ owned: 'owned' in window, outlined: getComputedStyle(document.body).outlineWidth === '7px', base: document.baseURI.startsWith(window.location.origin) }));
    expect(left).toEqual({ owned: false, outlined: false, base: true });
  });
});

describe('a page that was taken over reaches nobody else:', () => {
  const ways: [string, (origin: string) => void][] = [
    ['fetch', (origin) => void fetch(`${origin}/fetch`, { mode: 'no-cors' }).catch(() => {})],
    ['a beacon', (origin) => void navigator.sendBeacon(`${origin}/beacon`, 'secret')],
    ['a picture', (origin) => void (new Image().src = `${origin}/picture`)],
    ['a socket', (origin) => void new WebSocket(`${origin.replace('http', 'ws')}/socket`)],
    ['an event source', (origin) => void new EventSource(`${origin}/events`)],
    ['a style sheet', (origin) => document.head.append(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${origin}/style` }))],
    ['a font', (origin) => void new FontFace('x', `url(${origin}/font)`).load().catch(() => {})],
    ['a script', (origin) => document.head.append(Object.assign(document.createElement('script'), { src: `${origin}/script` }))],
    ['a frame', (origin) => document.body.append(Object.assign(document.createElement('iframe'), { src: `${origin}/frame` }))],
    ['a form', (origin) => {
      const form = Object.assign(document.createElement('form'), { action: `${origin}/form`, method: 'post' });
      document.body.append(form);
      form.submit();
    }],
    ['a video', (origin) => document.body.append(Object.assign(document.createElement('video'), { src: `${origin}/video` }))],
  ];
  test.each(ways)('by %s', async (_way, go) => {
    const { page } = shown;
    const refused = page.evaluate(
      (limit) =>
        new Promise<string>((resolve) => {
          document.addEventListener('securitypolicyviolation', (event) => resolve(event.disposition), { once: true });
          setTimeout(() => resolve('let through'), limit);
        }),
      refusedWithinMs,
    );
    await page.evaluate(go, other.origin);
    expect([await refused, other.asked]).toEqual(['enforce', []]);
  });
});

describe('a page of another origin gets nothing of the console:', () => {
  async function openElsewhere(): Promise<Page> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(`${other.origin}/attack`);
    return page;
  }
  const ours = (): string => fixture.server.origin;

  test('not its page by fetch', async () => {
    const page = await openElsewhere();
    expect(await page.evaluate((origin) => fetch(origin).then((answer) => answer.text(), () => 'refused'), ours())).toBe('refused');
  });
  test('not the fact that it is there, without reading it', async () => {
    const page = await openElsewhere();
    expect(await page.evaluate((origin) => fetch(`${origin}/mark.svg`, { mode: 'no-cors' }).then(() => 'there', () => 'refused'), ours())).toBe('refused');
  });
  test('no session by a form or by fetch, with whatever token', async () => {
    const token = new URL(fixture.server.issueLink()).hash.slice('#token='.length);
    const page = await openElsewhere();
    const send = (headers: Record<string, string>) => page.evaluate(([origin = '', text = '', type = '']) => fetch(`${origin}/api/session`, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify({ token: text }) }).then((answer) => answer.text(), () => 'refused'), [ours(), token, headers['content-type'] ?? '']);
    expect([await send({ 'content-type': 'application/json' }), await send({ 'content-type': 'text/plain' })]).toEqual(['refused', 'refused']);
    // It was not even looked at: it is still good.
    const response = await fetch(`${ours()}/api/session`, { method: 'POST', headers: { origin: ours(), 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }, body: JSON.stringify({ token }) });
    expect(response.status).toBe(200);
  });
  test('no socket', async () => {
    const page = await openElsewhere();
    expect(await page.evaluate((origin) => new Promise((resolve) => {
      const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/socket`);
      socket.addEventListener('open', () => resolve('open'));
      socket.addEventListener('error', () => resolve('refused'));
    }), ours())).toBe('refused');
  });
  test('no frame of it', async () => {
    const page = await openElsewhere();
    await page.evaluate((origin) => document.body.append(Object.assign(document.createElement('iframe'), { src: origin })), ours());
    const frame = await waitFor('the frame', () => page.frames()[1]);
    await frame.waitForLoadState();
    expect(await frame.locator('#root').count()).toBe(0);
  });
  test('no script of it', async () => {
    const page = await openElsewhere();
    const script = await shown.page.evaluate(() => document.querySelector<HTMLScriptElement>('script[src]')?.src ?? '');
    expect(await page.evaluate((source) => new Promise((resolve) => {
      const element = Object.assign(document.createElement('script'), { src: source, type: 'module' });
      element.addEventListener('load', () => resolve('ran'));
      element.addEventListener('error', () => resolve('refused'));
      document.head.append(element);
    }), script)).toBe('refused');
  });
  test('no hold of its window', async () => {
    const page = await openElsewhere();
    const [opened] = await Promise.all([page.context().waitForEvent('page'), page.evaluate((origin) => {
      (window as unknown as Record<string, unknown>)['held'] = window.open(origin);
    }, ours())]);
    await opened.waitForLoadState();
    expect(await page.evaluate(() => ((window as unknown as Record<string, Window | null>)['held'])?.closed ?? true)).toBe(true);
  });
});

test('no cookie is set, read or sent', async () => {
  const { page } = shown;
  const sent: string[] = [];
  page.on('request', (request) => void (request.headers()['cookie'] !== undefined && sent.push(request.url())));
  await page.reload();
  await page.locator('h1').first().waitFor();
  expect([await page.context().cookies(), await page.evaluate(() => document.cookie), sent]).toEqual([[], '', []]);
});

test('a reload stays signed in, by what its own tab kept', async () => {
  const { page } = shown;
  await page.reload();
  await page.getByRole('main').locator('[data-primary]').first().waitFor();
  expect(await page.evaluate(() => [window.location.hash.includes('token'), window.sessionStorage.length])).toEqual([false, 1]);
});

test('the token is in no entry of the history of the tab', async () => {
  const { page } = shown;
  expect(await page.evaluate(() => (window as unknown as { navigation: { entries(): { url: string }[] } }).navigation.entries().filter(({ url }) => url.includes('token')).length)).toBe(0);
});

test('the token has left the address before anything is shown', async () => {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (document.querySelector('#root')?.hasChildNodes() !== true) return;
      observer.disconnect();
      (window as unknown as Record<string, unknown>)['addressAtFirst'] = window.location.href;
    });
    observer.observe(document, { subtree: true, childList: true });
  });
  await page.goto(fixture.server.issueLink());
  await page.locator('h1').first().waitFor();
  expect(await page.evaluate(() => (window as unknown as Record<string, string>)['addressAtFirst'])).toBe(`${fixture.server.origin}/#/`);
});
