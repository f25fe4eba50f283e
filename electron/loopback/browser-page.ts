/**
 * Brings the console up in the person's browser without the one-time token on any command line: everybody on this
 * computer can read those. What is opened is a private file that leads on to the address.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openForPerson } from '#engine/children/open-address.ts';
import { runChild } from '#engine/children/run-child.ts';
import type { Home } from '#engine/home.ts';
import { browsersMayBeConfined, hasDesktop } from '#engine/platform/opening.ts';
import type { Random } from '#engine/ports.ts';

const pageName = /^open-[0-9a-f]{16}\.html$/;

/** Removes the pages of earlier starts. */
export function sweepPages(home: Home): void {
  for (const name of readdirSync(home.root)) if (pageName.test(name)) rmSync(join(home.root, name), { force: true });
}

/** Browsers from the snap store cannot read files in hidden folders, and show an error in place of the page. */
async function browserIsConfined(): Promise<boolean> {
  if (!browsersMayBeConfined()) return false;
  try {
    const { stdout } = await runChild({ command: 'xdg-settings', args: ['get', 'default-web-browser'], signal: AbortSignal.timeout(2000) });
    return /^([a-z0-9-]+)_\1\.desktop/.test(stdout.trim());
  } catch {
    return false; // Without xdg-settings nothing is known; the printed address works in any case.
  }
}

/**
 * Opens the address in the person's browser, where there is one.
 * @returns whether the desktop took it; the printed address is the way in otherwise
 */
export async function openInBrowser(link: string, home: Home, random: Random): Promise<boolean> {
  if (!hasDesktop(process.env, process.getuid?.()) || (await browserIsConfined())) return false;
  sweepPages(home);
  const file = join(home.root, `open-${random.bytes(8).toString('hex')}.html`);
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><title>Pilothouse</title><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${link}"><a href="${link}">Open Pilothouse</a>\n`, { mode: 0o600, flag: 'wx' });
  return openForPerson(file);
}
