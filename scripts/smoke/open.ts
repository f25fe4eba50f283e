/** Starting an application for the smoke test: as Playwright does it, or by Chromium's port where that may not be. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { _electron, chromium } from 'playwright-core';
import type { Desktop } from './smoke.ts';

/** `args`: what comes before the data folder; a folder with the project where the binary is Electron's own. */
export interface Application {
  executable: string;
  args: string[];
  home: string;
}

const startMs = 60_000;

/** In a terminal of an editor Electron would be a Node without windows. */
function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined || name.toUpperCase() === 'ELECTRON_RUN_AS_NODE' ? [] : [[name, value]])));
}

/** Its sandbox stays on, which Playwright would switch off on Linux. */
export function openByPlaywright({ executable, args, home }: Application): Promise<Desktop> {
  return _electron.launch({ executablePath: executable, args: [...args, '--home', home], env: environment(), chromiumSandbox: true, timeout: startMs });
}

async function portOf(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('Nothing is heard of the application.');
  for await (const line of createInterface({ input: child.stderr, signal: AbortSignal.timeout(startMs) })) {
    const found = /^DevTools listening on (ws:\/\/\S+)$/.exec(line)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`The application did not open Chromium's port${child.exitCode === null ? '' : `; it ended with status ${child.exitCode}`}.`);
}

/**
 * For an application whose fuses keep debuggers out of its main process. Of the page everything is seen, of the main
 * process nothing.
 */
export async function openByPort({ executable, args, home }: Application): Promise<Desktop> {
  const child = spawn(executable, ['--remote-debugging-port=0', ...args, '--home', home], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  try {
    const browser = await chromium.connectOverCDP(await portOf(child));
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('The application shows no window.');
    return {
      evaluate: null,
      process: () => child,
      firstWindow: async (options) => context.pages()[0] ?? context.waitForEvent('page', options),
      close: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
