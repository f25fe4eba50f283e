/** Hooks for tests of the window: one browser a file, a fresh console and a fresh page a test. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { putFakeBridge, type FakeBridge } from './fake-bridge.ts';
import { launchBrowser, missingForWeb, openConsole, startFixtureConsole, type FixtureConsole, type OpenedPage } from './fixture-console.ts';

export interface ConsoleInTest extends OpenedPage {
  fixture: FixtureConsole;
  browser: Browser;
  /** The window around the page, where it was asked for. @throws Error where it was not */
  window(): FakeBridge;
}

/** Gives each test of the file a console of its own, in a browser or as in a window; skips them, saying why, where there is no browser. */
export function useConsole(options: Parameters<typeof startFixtureConsole>[0] & { start?: string; inWindow?: boolean } = {}): () => ConsoleInTest {
  const missing = missingForWeb();
  let browser: Browser | null = null;
  let current: ConsoleInTest | null = null;
  beforeAll(async () => {
    if (missing === null) browser = await launchBrowser();
  });
  beforeEach(async (context) => {
    if (missing !== null || browser === null) return context.skip(missing ?? 'There is no browser.');
    const fixture = await startFixtureConsole(options);
    let bridge: FakeBridge | null = null;
    const opened = await openConsole(browser, fixture, {}, async (page) => {
      if (options.inWindow === true) bridge = await putFakeBridge(page, fixture.engine);
    });
    const window = (): FakeBridge => {
      if (bridge === null) throw new Error('There is no window around this console.');
      return bridge;
    };
    current = { ...opened, fixture, browser, window };
    if (options.start !== undefined) await current.go(options.start);
  });
  afterEach(async () => {
    await current?.close();
    await current?.fixture.close();
    current = null;
  });
  afterAll(() => browser?.close());
  return () => {
    if (current === null) throw new Error('There is no console outside a test.');
    return current;
  };
}
