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

/** Milliseconds that a start may take on a busy machine. */
const patienceMs = 40_000;
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

/** One data folder and what runs on it, until it is closed. */
async function makeDesktop(browser: Browser): Promise<DesktopInTest & { close(): Promise<void> }> {
  const home = await makeTemporaryFolder('desktop');
  const screens: Screen[] = [];
  const clients: AttachedClient[] = [];
  const start = (options: Partial<StartOptions> = {}): Screen => {
    const screen = startScreen(browser, { entry: builtEntry, args: ['--home', home], ...options });
    screens.push(screen);
    return screen;
  };
  return {
    home,
    browser,
    start,
    attach: async () => {
      const client = await waitFor('an engine to attach to', () => attach(openHome(home), 'test'), { within: patienceMs });
      clients.push(client);
      return client;
    },
    open: async (options) => {
      const screen = start(options);
      const page = await screen.page();
      await page.locator('h1').first().waitFor();
      return { screen, page };
    },
    close: async () => {
      for (const client of clients) client.close();
      for (const screen of screens) await screen.end();
      await removePractice(home);
    },
  };
}

function useBrowser(): () => Browser | null {
  const held: { browser: Browser | null } = { browser: null };
  beforeAll(async () => {
    if (missingForDesktop() === null) held.browser = await launchBrowser();
  });
  afterAll(() => held.browser?.close());
  return () => held.browser;
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('There is no desktop outside a test.');
  return value;
}

/** Gives each test of the file a data folder of its own; skips them, saying why, where there is no browser. */
export function useDesktop(): () => DesktopInTest {
  const browserOf = useBrowser();
  const held: { desktop: Awaited<ReturnType<typeof makeDesktop>> | null } = { desktop: null };
  beforeEach(async (context) => {
    const browser = browserOf();
    if (browser === null) return context.skip(missingForDesktop() ?? 'There is no browser.');
    held.desktop = await makeDesktop(browser);
  });
  afterEach(async () => {
    await held.desktop?.close();
    held.desktop = null;
  });
  return () => present(held.desktop);
}

/** Opens the application once for tests that leave it as others can use it. */
export function useOpenDesktop(): () => DesktopInTest & { screen: Screen; page: Page } {
  const browserOf = useBrowser();
  const held: { desktop: (Awaited<ReturnType<typeof makeDesktop>> & { screen: Screen; page: Page }) | null } = { desktop: null };
  beforeAll(async () => {
    const browser = browserOf();
    if (browser === null) return;
    const made = await makeDesktop(browser);
    held.desktop = { ...made, ...(await made.open()) };
  });
  beforeEach((context) => {
    if (held.desktop === null) context.skip(missingForDesktop() ?? 'There is no browser.');
  });
  afterAll(async () => {
    await held.desktop?.close();
    held.desktop = null;
  });
  return () => present(held.desktop);
}
