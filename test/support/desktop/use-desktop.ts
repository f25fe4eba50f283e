/** Hooks for tests of the desktop: one browser a file, the built application on a fresh data folder a test. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { attach, type AttachedClient } from '#engine/attach/attach-client.ts';
import { openHome } from '#engine/home.ts';
import type { DesktopBridge } from '#shared/contract/desktop.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { StartOptions } from '#test/electron/browser-process.ts';
import { startScreen, type Screen } from '#test/electron/screen.ts';
import { removePractice } from '#test/practice.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { launchBrowser, missingForWeb } from '#test/web/fixture-console.ts';

declare global {
  interface Window {
    readonly pilothouse?: DesktopBridge;
  }
}

export const builtEntry = fileURLToPath(new URL('../../../dist/desktop/entry.js', import.meta.url));

/** Why tests of the desktop cannot run here, or null. */
export function missingForDesktop(): string | null {
  return missingForWeb() ?? (existsSync(builtEntry) ? null : 'The desktop is not built: npm run build');
}

export interface DesktopInTest {
  home: string;
  browser: Browser;
  /** Starts the application on the data folder of the test; it is ended with the test. */
  start(options?: Partial<StartOptions>): Screen;
  /** Starts it and waits for the console in its window. */
  open(options?: Partial<StartOptions>): Promise<{ screen: Screen; page: Page }>;
  /** The engine that runs on the data folder, for what no screen has to show here. */
  attach(): Promise<EngineClient>;
}

/** Gives each test of the file a data folder of its own; skips them, saying why, where there is no browser. */
export function useDesktop(): () => DesktopInTest {
  const missing = missingForDesktop();
  let browser: Browser | null = null;
  let current: DesktopInTest | null = null;
  let screens: Screen[] = [];
  let clients: AttachedClient[] = [];
  beforeAll(async () => {
    if (missing === null) browser = await launchBrowser();
  });
  beforeEach(async (context) => {
    if (missing !== null || browser === null) return context.skip(missing ?? 'There is no browser.');
    const home = await makeTemporaryFolder('desktop');
    const shownIn = browser;
    const start = (options: Partial<StartOptions> = {}): Screen => {
      const screen = startScreen(shownIn, { entry: builtEntry, args: ['--home', home], ...options });
      screens.push(screen);
      return screen;
    };
    current = {
      home,
      browser,
      start,
      attach: async () => {
        const client = await waitFor('an engine to attach to', () => attach(openHome(home), 'test'));
        clients.push(client);
        return client;
      },
      open: async (options) => {
        const screen = start(options);
        const page = await screen.page();
        await page.locator('h1').first().waitFor();
        return { screen, page };
      },
    };
  });
  afterEach(async () => {
    for (const client of clients) client.close();
    for (const screen of screens) await screen.end();
    clients = [];
    screens = [];
    if (current !== null) await removePractice(current.home);
    current = null;
  });
  afterAll(() => browser?.close());
  return () => {
    if (current === null) throw new Error('There is no desktop outside a test.');
    return current;
  };
}
