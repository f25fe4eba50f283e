/**
 * The screen: what a person sees of the application and does with it, in the process of the test. The application runs
 * in a process of its own (browser-process.ts), its pages in a real Chromium.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { waitFor } from '../wait-for.ts';
import { startBrowserProcess, type BrowserProcess, type StartOptions } from './browser-process.ts';
import type { ShownDialog } from './dialog.ts';
import { showPages, type ShownPages } from './shown-pages.ts';
import type { ErrorBox, ScreenSide } from './to-screen.ts';

export interface Screen extends Pick<ShownPages, 'requests' | 'downloads' | 'complaints'> {
  /** Everything else that can be seen and done, by the names of the double's hands. */
  hands: BrowserProcess['hands'];
  process: BrowserProcess;
  /** Boxes that only said something. */
  errorBoxes: readonly ErrorBox[];
  /** The page of the first window, once it is shown. */
  page(): Promise<Page>;
  /** The first window, as the desktop sees it; null: there is none. */
  window(): Promise<WindowState | null>;
  closeWindow(): Promise<void>;
  /** A menu item, by the labels on the way to it. */
  choose(...path: string[]): Promise<void>;
  /** Waits for a dialog and answers it. @returns what was asked */
  answerDialog(answer: object): Promise<ShownDialog>;
  killEngine(): Promise<void>;
  crashPage(): Promise<void>;
  /** Starts the application once more. It is over when that process has ended. */
  startAgain(args?: readonly string[]): Promise<{ status: number | null; output: { stdout: string; stderr: string } }>;
  /** Ends the application as an operating system that shuts down does, and waits for it; whoever stays is killed. */
  end(): Promise<void>;
}

export type WindowState = Awaited<ReturnType<BrowserProcess['hands']['windowStates']>>[number];

/** Half a minute is what the application itself gives its engine to clean up. */
const patienceMs = 40_000;

/** @param browser null: pages are shown in the dark, as loaded as they can be */
export function startScreen(browser: Browser | null, options: StartOptions): Screen {
  const errorBoxes: ErrorBox[] = [];
  const started: { process: BrowserProcess | null } = { process: null };
  const first = (): BrowserProcess => {
    if (started.process === null) throw new Error('It has not been started.');
    return started.process;
  };
  const pages = browser === null ? darkPages(() => first().hands) : showPages(browser, () => first().hands);
  const side: { [Name in keyof ScreenSide]: (...args: Parameters<ScreenSide[Name]>) => unknown } = {
    openPage: pages.openPage,
    load: pages.load,
    reload: pages.reload,
    changeLook: pages.changeLook,
    closePage: pages.closePage,
    tellPage: pages.tellPage,
    errorBox: (box) => void errorBoxes.push(box),
    secondInstance: ({ argv, workingDirectory, additionalData }) => first().hands.secondInstance(argv, workingDirectory, additionalData),
  };
  started.process = startBrowserProcess(options, side);
  const { hands } = started.process;

  const window = async (): Promise<WindowState | null> => (await hands.windowStates())[0] ?? null;
  /** Nothing comes any more of an application that has ended. */
  const until = async <T>(what: string, look: () => Promise<T>): Promise<NonNullable<T>> => {
    const found = await waitFor(what, async () => (first().isRunning() ? look() : 'ended'), { within: patienceMs });
    if (found === 'ended') throw new Error(`The application ended while this was waited for: ${what}.\n${first().output().stderr}`);
    return found as NonNullable<T>;
  };
  const standing = (): Promise<WindowState> => until('a window', window);
  return {
    hands,
    process: started.process,
    errorBoxes,
    requests: pages.requests,
    downloads: pages.downloads,
    complaints: pages.complaints,
    page: async () => {
      const shown = await until('a window that is shown', async () => (await hands.windowStates()).find(({ visible }) => visible));
      return pages.page(shown.id);
    },
    window,
    closeWindow: async () => hands.closeWindow((await standing()).id),
    choose: (...path) => hands.choose(path),
    answerDialog: async (answer) => {
      await until('a dialog', async () => (await hands.dialogs())[0]);
      return hands.answerDialog(answer);
    },
    killEngine: async () => {
      const engine = await until('the process of the engine', async () => (await hands.utilities())[0]);
      process.kill(engine.pid, 'SIGKILL');
    },
    crashPage: async () => pages.crash((await standing()).id),
    startAgain: async (args = options.args) => {
      const again = startBrowserProcess({ ...options, args }, side);
      const { status } = await again.ended;
      return { status, output: again.output() };
    },
    end: async () => {
      const program = first();
      const patience = new AbortController();
      if (program.isRunning()) program.signal('SIGTERM');
      const tooLong = pause(patienceMs, undefined, { signal: patience.signal }).then(
        () => program.signal('SIGKILL'),
        () => {}, // It ended in time.
      );
      await program.ended;
      patience.abort();
      await tooLong;
      await pages.close();
    },
  };
}

/** Where there is no Chromium: the main resource is fetched, and a window is painted once it was answered. */
function darkPages(hands: () => BrowserProcess['hands']): ShownPages {
  const requests: ShownPages['requests'] = [];
  const load = async (window: number, url: string): Promise<string | null> => {
    const outcome = await hands().request(window, { url, method: 'GET', headers: {}, body: null, resourceType: 'mainFrame', initiatorOrigin: null, referrer: '', navigates: true, byPage: false, place: { url, parent: null } });
    const status = outcome.became === 'answered' ? outcome.answer.status : null;
    requests.push({ url, method: 'GET', resourceType: 'document', became: outcome.became, by: outcome.became === 'answered' ? 'protocol.handle' : outcome.by, status, headers: {} });
    if (outcome.became !== 'answered') return 'net::ERR_FAILED';
    await hands().begin(window, `in the dark ${requests.length}`, url);
    await hands().navigated(window, url, false);
    await hands().loaded(window);
    await hands().painted(window);
    return null;
  };
  const none = (): never => {
    throw new Error('Nothing can be seen here: the application was started without a browser.');
  };
  return { requests, downloads: [], complaints: [], openPage: () => {}, load, reload: async () => {}, changeLook: () => {}, closePage: async () => {}, tellPage: () => {}, page: async () => none(), crash: async () => none(), close: async () => {} };
}
