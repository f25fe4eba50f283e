/** The desktop as it was built, on a data folder of its own, with Electron's double for Electron. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { projectRoot } from '../../../scripts/house/layers.ts';
import { startScreen, type Screen } from '#test/electron/screen.ts';
import type { StartOptions } from '#test/electron/browser-process.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { launchBrowser, missingForWeb } from '#test/web/fixture-console.ts';

export const builtDesktop = join(projectRoot, 'dist', 'desktop');

export function missingForDesktop(): string | null {
  return missingForWeb() ?? (existsSync(join(builtDesktop, 'entry.js')) ? null : 'The desktop is not built: npm run build');
}

export interface OpenDesktop {
  screen: Screen;
  page: Page;
  home: string;
  browser: Browser;
  close(): Promise<void>;
}

/** Starts it, and waits until its page shows something. The caller closes it. */
export async function openDesktop(options: Pick<StartOptions, 'surroundings' | 'env'> & { home?: string } = {}): Promise<OpenDesktop> {
  const home = options.home ?? (await makeTemporaryFolder('desktop-security'));
  const browser = await launchBrowser();
  const screen = startScreen(browser, { entry: join(builtDesktop, 'entry.js'), args: ['--home', home], ...options });
  const close = async (): Promise<void> => {
    await screen.end();
    await browser.close();
    if (options.home === undefined) rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    const page = await screen.page();
    await page.locator('h1').first().waitFor();
    return { screen, page, home, browser, close };
  } catch (error) {
    await close();
    throw error;
  }
}
