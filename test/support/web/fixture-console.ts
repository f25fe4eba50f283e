/** The built console over the real loopback server, on an engine of canned answers, and a browser that looks at it. */
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { loadAssets } from '#engine/console/assets.ts';
import { startLoopbackServer, type LoopbackServer } from '../../../electron/loopback/server.ts';
import { browserPath } from './browser-path.ts';
import { createFixtureEngine, type FixtureEngine } from './fixture-engine.ts';

export const builtConsole = fileURLToPath(new URL('../../../dist/renderer', import.meta.url));

/** Why tests of the window cannot run here, or null. */
export function missingForWeb(): string | null {
  if (browserPath() === null) return 'There is no Chromium: apt-get install chromium';
  return existsSync(`${builtConsole}/index.html`) ? null : 'The console is not built: npm run build';
}

/** @throws Error where there is none: `missingForWeb` */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath() ?? '', args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'] });
}

export interface FixtureConsole {
  engine: FixtureEngine;
  server: LoopbackServer;
  /** Stops the server and starts it again on the same port, with the same engine. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function startFixtureConsole({ startCommand, ...options }: Parameters<typeof createFixtureEngine>[0] & { startCommand?: string } = {}): Promise<FixtureConsole> {
  const engine = createFixtureEngine(options);
  const assets = loadAssets(builtConsole, startCommand);
  const start = (port: number) => startLoopbackServer({ ports: engine.ports, dispatcher: engine.dispatcher, assets, port });
  const fixture: FixtureConsole = {
    engine,
    server: await start(0),
    restart: async () => {
      const { port } = fixture.server;
      await fixture.server.close();
      fixture.server = await start(port);
    },
    close: () => fixture.server.close(),
  };
  return fixture;
}

export interface OpenedPage {
  page: Page;
  /** What the content security policy refused, and errors of the page, since it was opened. */
  complaints: string[];
  /** Origins that it asked for anything, whoever asked: the page, its styles, its sockets. */
  origins: Set<string>;
  /** Goes to a screen by its address within the console. */
  go(path: string): Promise<void>;
  close(): Promise<void>;
}

interface Look {
  theme?: 'light' | 'dark';
  width?: number;
  height?: number;
  reducedMotion?: boolean;
}

/** A zone in which it is early afternoon: what happened a few minutes ago happened today, whenever the tests run. */
function afternoonZone(): string {
  const ahead = 14 - new Date().getUTCHours();
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}

/** Opens the console by a fresh one-time address in a browser profile of its own. @param prepare the page, before anything of the console runs in it */
export async function openConsole(browser: Browser, fixture: Pick<FixtureConsole, 'server'>, look: Look = {}, prepare: (page: Page) => Promise<void> = async () => {}): Promise<OpenedPage> {
  const context = await browser.newContext({ colorScheme: look.theme ?? 'light', viewport: { width: look.width ?? 1440, height: look.height ?? 900 }, reducedMotion: look.reducedMotion === false ? 'no-preference' : 'reduce', timezoneId: afternoonZone() });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('request', (request) => {
    // Pictures that stand in the page itself are asked of nobody.
    if (!/^(?:data|blob):/.test(request.url())) origins.add(new URL(request.url()).origin);
  });
  page.on('websocket', (socket) => void origins.add(new URL(socket.url()).origin.replace(/^ws/, 'http')));
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  await prepare(page);
  await page.goto(fixture.server.issueLink());
  await page.locator('h1').first().waitFor();
  return {
    page,
    complaints,
    origins,
    go: async (path) => {
      await page.evaluate((to) => {
        window.location.hash = to;
      }, path);
      await page.locator('h1').first().waitFor();
    },
    close: () => context.close(),
  };
}
