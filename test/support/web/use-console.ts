/** Hooks for tests of the window: one browser a file, a fresh console and a fresh page a test. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { launchBrowser, missingForWeb, openConsole, startFixtureConsole, type FixtureConsole, type OpenedPage } from './fixture-console.ts';

export interface ConsoleInTest extends OpenedPage {
  fixture: FixtureConsole;
  browser: Browser;
}

/** Gives each test of the file a console of its own; skips them, saying why, where there is no browser. */
export function useConsole(options: Parameters<typeof startFixtureConsole>[0] & { start?: string } = {}): () => ConsoleInTest {
  const missing = missingForWeb();
  let browser: Browser | null = null;
  let current: ConsoleInTest | null = null;
  beforeAll(async () => {
    if (missing === null) browser = await launchBrowser();
  });
  beforeEach(async (context) => {
    if (missing !== null || browser === null) return context.skip(missing ?? 'There is no browser.');
    const fixture = await startFixtureConsole(options);
    current = { ...(await openConsole(browser, fixture)), fixture, browser };
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
