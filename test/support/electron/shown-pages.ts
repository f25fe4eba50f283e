/** The pages of an application in the Chromium of the tests: every request is its own to answer, and goes nowhere else. */
import type { Browser, BrowserContext, Frame, Page, Request, Route } from 'playwright-core';
import type { Caller } from './calls.ts';
import type { CrossingMessage } from './crossing.ts';
import type { Hands } from './double.ts';
import type { FramePlace } from './frames.ts';
import { callPath, pageScript, pullBinding, titleBinding } from './in-page.ts';
import type { Asked } from './pages.ts';
import { setPermissions } from './permissions.ts';
import { isShown, toOwn, toShown } from './shown-origin.ts';
import type { PageLook, ScreenSide } from './to-screen.ts';

/** Everything that a page asked for, and what became of it. `outside` would have left for the network. */
export interface RecordedRequest {
  url: string;
  method: string;
  resourceType: string;
  became: 'answered' | 'prevented' | 'cancelled' | 'outside' | 'failed' | 'refused-window';
  by: string;
  status: number | null;
  headers: Record<string, string>;
}

export interface Download {
  url: string;
  filename: string;
  /** Null: it was forbidden. */
  path: string | null;
}

interface Shown {
  page: Page;
  /** Where the main process sends it, until its request comes. */
  expected: boolean;
  address: string;
  look: PageLook;
}

const resourceTypes: Record<string, Asked['resourceType']> = { stylesheet: 'stylesheet', image: 'image', media: 'media', font: 'font', script: 'script', xhr: 'xhr', fetch: 'xhr', websocket: 'webSocket', ping: 'ping' };

export interface ShownPages extends Pick<ScreenSide, 'openPage' | 'changeLook' | 'tellPage'> {
  load(window: number, url: string): Promise<string | null>;
  reload(window: number): Promise<void>;
  closePage(window: number): Promise<void>;
  requests: RecordedRequest[];
  downloads: Download[];
  /** What the console and the policy of the pages complained of. */
  complaints: string[];
  /** The page of a window, once it stands. */
  page(window: number): Promise<Page>;
  crash(window: number): Promise<void>;
  close(): Promise<void>;
}

/** Null: it is the first request of a page that is not there yet. */
function pageOf(request: Request): Page | null {
  try {
    return request.frame().page();
  } catch {
    return null;
  }
}

export function showPages(browser: Browser, hands: () => Caller<Hands>): ShownPages {
  const windows = new Map<number, Promise<Shown>>();
  const requests: RecordedRequest[] = [];
  const downloads: Download[] = [];
  const complaints: string[] = [];
  const lines = new Map<string, { messages: CrossingMessage[]; wake: (() => void) | null }>();
  const ids = new Map<Page, number>();
  let context: Promise<BrowserContext> | null = null;

  const lineOf = (document: string) => {
    const line = lines.get(document) ?? { messages: [], wake: null };
    lines.set(document, line);
    return line;
  };
  const pull = async (document: string): Promise<CrossingMessage[]> => {
    const line = lineOf(document);
    if (line.messages.length === 0) await new Promise<void>((resolve) => (line.wake = resolve));
    return line.messages.splice(0);
  };
  const record = (request: Request, became: RecordedRequest['became'], by: string, status: number | null, headers: Record<string, string> = {}): void => {
    requests.push({ url: toOwn(request.url()), method: request.method(), resourceType: request.resourceType(), became, by, status, headers });
  };

  const answerCall = async (window: number, request: Request): Promise<unknown> => {
    const what = new URL(request.url()).pathname.slice(callPath.length);
    const said = request.postDataJSON() as { document: string; url: string; fn: number; args: never[]; name: string; features: string };
    if (what === 'begin') return { value: await hands().begin(window, said.document, toOwn(said.url)) };
    if (what === 'call') return hands().callPreload(window, said.document, said.fn, said.args);
    return { value: await opensWindow(window, request, { url: toOwn(said.url), frameName: said.name, features: said.features, disposition: 'foreground-tab' }) };
  };
  const opensWindow = async (window: number, request: Request | null, details: { url: string; frameName: string; features: string; disposition: 'foreground-tab' }): Promise<null> => {
    const allowed = await hands().mayOpen(window, { ...details, referrer: { url: '', policy: 'default' } });
    requests.push({ url: details.url, method: request?.method() ?? 'GET', resourceType: 'document', became: allowed ? 'outside' : 'refused-window', by: 'setWindowOpenHandler', status: null, headers: {} });
    return null;
  };

  const placeOf = (frame: Frame): FramePlace => {
    const parent = frame.parentFrame();
    return { url: toOwn(frame.url()) || 'about:blank', parent: parent === null ? null : placeOf(parent) };
  };
  const ask = async (window: number, shown: Shown, request: Request): Promise<Awaited<ReturnType<Hands['request']>>> => {
    const frame = request.frame();
    const navigates = request.isNavigationRequest();
    const isMain = frame.parentFrame() === null;
    const byPage = !(navigates && isMain && shown.expected);
    if (!byPage) shown.expected = false;
    const headers = Object.fromEntries(Object.entries(request.headers()).map(([name, value]) => [name, name === 'referer' || name === 'origin' ? toOwn(value) : value]));
    const from = toOwn(frame.url());
    return hands().request(window, {
      // Where the main process sends a page, Chromium asks for with what stands after #.
      url: byPage ? toOwn(request.url()) : shown.address, method: request.method(), headers, body: request.postDataBuffer(), navigates, byPage, place: placeOf(frame),
      resourceType: navigates ? (isMain ? 'mainFrame' : 'subFrame') : (resourceTypes[request.resourceType()] ?? 'other'),
      initiatorOrigin: byPage && URL.canParse(from) ? (/^[^:]+:\/\/[^/]+/.exec(from)?.[0] ?? 'null') : null,
      referrer: headers['referer'] ?? '',
    });
  };

  const answer = async (route: Route): Promise<void> => {
    const request = route.request();
    const page = pageOf(request);
    const window = page === null ? undefined : ids.get(page);
    const shown = window === undefined ? undefined : await windows.get(window);
    if (window === undefined || shown === undefined) {
      // A page that nobody made a window for: a link that opens one.
      const [opener = 0] = windows.keys();
      await opensWindow(opener, request, { url: toOwn(request.url()), frameName: '', features: '', disposition: 'foreground-tab' });
      return route.abort('aborted');
    }
    if (isShown(request.url()) && new URL(request.url()).pathname.startsWith(callPath)) return route.fulfill({ contentType: 'application/json', body: JSON.stringify(await answerCall(window, request)) });
    const outcome = await ask(window, shown, request);
    if (outcome.became !== 'answered') {
      record(request, outcome.became, outcome.by, null);
      return route.abort(outcome.became === 'failed' ? 'failed' : 'aborted');
    }
    const { status, headers, body } = outcome.answer;
    record(request, 'answered', 'protocol.handle', status, Object.fromEntries(headers));
    await route.fulfill({ status, headers: Object.fromEntries(headers.map(([name, value]) => [name, name === 'location' ? toShown(value) : value])), body: Buffer.from(body) });
  };

  /** What is asked of a process that ended meanwhile has no answer: the page's requests fail with it. */
  const unlessGone = async (route: Route): Promise<void> => {
    try {
      await answer(route);
    } catch {
      await route.abort('failed').catch(() => {});
    }
  };

  /** Pages that links open are closed again: whether they may is asked when they load. */
  let making = 0;
  const closeForeign = (page: Page): void => {
    if (making === 0) void page.close().catch(() => {}); // It went by itself.
  };
  const openContext = async (): Promise<BrowserContext> => {
    const made = await browser.newContext({ acceptDownloads: true, reducedMotion: 'reduce' });
    await made.exposeBinding(pullBinding, (_source, document: string) => pull(document));
    await made.exposeBinding(titleBinding, ({ page }, title: string) => hands().titled(ids.get(page) ?? 0, title).catch(() => {}));
    await made.addInitScript({ content: pageScript() });
    await made.addInitScript(() => document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`)));
    await made.route('**/*', unlessGone);
    made.on('page', closeForeign);
    await made.routeWebSocket('**', async (socket) => {
      requests.push({ url: toOwn(socket.url()), method: 'GET', resourceType: 'websocket', became: 'outside', by: 'the network', status: null, headers: {} });
      await socket.close();
    });
    return made;
  };
  const open = async (window: number, look: PageLook): Promise<Shown> => {
    context ??= openContext();
    const shownIn = await context;
    making += 1;
    const page = await shownIn.newPage().finally(() => (making -= 1));
    ids.set(page, window);
    page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && complaints.push(`console: ${message.text()}`));
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame() || !isShown(frame.url())) return;
      const inPage = frame.url().split('#')[0] === last.split('#')[0] && frame.url() !== last;
      last = frame.url();
      void hands().navigated(window, toOwn(frame.url()), inPage).catch(() => {});
    });
    page.on('load', () => {
      if (!isShown(page.url())) return;
      void (async () => {
        await hands().loaded(window);
        await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        await hands().painted(window);
      })().catch(() => {}); // The page, or the process, went meanwhile.
    });
    page.on('crash', () => void hands().crashed(window).catch(() => {}));
    page.on('download', (download) => {
      void (async () => {
        const decision = await hands().mayDownload(window, toOwn(download.url()), download.suggestedFilename());
        if (decision === null) await download.cancel();
        else if (decision.savePath !== '') await download.saveAs(decision.savePath);
        downloads.push({ url: toOwn(download.url()), filename: download.suggestedFilename(), path: decision === null ? null : decision.savePath || (await download.path()) });
      })().catch(() => {});
    });
    let last = '';
    await applyLook(page, look);
    return { page, expected: false, address: '', look };
  };
  const applyLook = async (page: Page, { width, height, dark }: PageLook): Promise<void> => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  };
  const shownAt = async (window: number): Promise<Shown> => {
    const shown = await windows.get(window);
    if (shown === undefined) throw new Error(`The screen shows no window ${window}.`);
    return shown;
  };
  const go = async (window: number, address: string): Promise<string | null> => {
    let shown = await shownAt(window);
    if (shown.page.isClosed() || crashed.has(shown.page)) {
      const fresh = await open(window, shown.look);
      await shown.page.close();
      windows.set(window, Promise.resolve(fresh));
      shown = fresh;
    }
    shown.address = address;
    shown.expected = true;
    await setPermissions(shown.page.context(), toShown(address), (permission) => hands().isPermitted(window, permission, address));
    try {
      await shown.page.goto(toShown(address));
      return null;
    } catch (error) {
      return error instanceof Error ? (/net::\w+/.exec(error.message)?.[0] ?? error.message) : String(error);
    }
  };
  const crashed = new Set<Page>();

  return {
    requests,
    downloads,
    complaints,
    openPage: (window, look) => void windows.set(window, open(window, look)),
    load: go,
    reload: async (window) => {
      const shown = await shownAt(window);
      if (crashed.has(shown.page)) await go(window, shown.address);
      else {
        shown.expected = true;
        shown.address = toOwn(shown.page.url());
        await shown.page.reload();
      }
    },
    changeLook: (window, look) => {
      void shownAt(window)
        .then(async (shown) => {
          shown.look = look;
          await applyLook(shown.page, look);
        })
        .catch(() => {}); // It closed meanwhile.
    },
    closePage: async (window) => {
      const shown = await windows.get(window);
      windows.delete(window);
      await shown?.page.close();
    },
    tellPage: (_window, document, message) => {
      const line = lineOf(document);
      line.messages.push(message);
      line.wake?.();
      line.wake = null;
    },
    page: async (window) => (await shownAt(window)).page,
    crash: async (window) => {
      const { page } = await shownAt(window);
      const gone = page.waitForEvent('crash');
      crashed.add(page);
      const session = await (await context)?.newCDPSession(page);
      session?.send('Page.crash').catch(() => {}); // Nobody answers any more.
      await gone;
    },
    close: async () => {
      await (await context)?.close();
    },
  };
}
