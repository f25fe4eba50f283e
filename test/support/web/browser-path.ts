import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first is Chromium without its own window: a page of its opens in three quarters of the time. */
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/Applications/Chromium.app/Contents/MacOS');

/** The browser of the tests; null where there is none. */
export function browserPath(): string | null {
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path)) ?? null;
}
