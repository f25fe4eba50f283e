/** The built console: every file that may be served, known by its exact path before the first request. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';

export interface Asset {
  body: Buffer;
  mediaType: string;
}

export interface Assets {
  /** The page, with its nonce filled in. */
  page(nonce: string): Buffer;
  /** By the path of the request as it came, never decoded, never joined with anything. */
  find(path: string): Asset | undefined;
}

const mediaTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const noncePlace = '__CSP_NONCE__';
const commandPlace = '__START_COMMAND__';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function notBuilt(folder: string, cause: unknown): PilothouseError {
  return new PilothouseError('internal', `The console has not been built: ${folder} holds no page.`, { hint: 'Run "npm run build", or start with "npm start", which does it.', details: { folder }, cause });
}

/**
 * Reads the built console into memory. Links are left out: what is served is what was built.
 * @param startCommand what a person types to start it again, which the page shows where the engine is gone
 * @throws internal when it has not been built
 */
export function loadAssets(folder: string, startCommand = 'npm start'): Assets {
  const files = new Map<string, Asset>();
  let page: string;
  try {
    page = readFileSync(join(folder, 'index.html'), 'utf8');
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const mediaType = mediaTypes[extname(entry.name)];
      if (!entry.isFile() || mediaType === undefined) continue;
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(folder.length).replaceAll('\\', '/');
      files.set(path, { body: readFileSync(file), mediaType });
    }
  } catch (error) {
    throw notBuilt(folder, error);
  }
  if (!page.includes(noncePlace)) throw notBuilt(folder, new Error(`index.html has no place for the nonce (${noncePlace})`));
  // A function, because in a text a $ would stand for something else.
  page = page.replaceAll(commandPlace, () => escaped(startCommand));
  return {
    page: (nonce) => Buffer.from(page.replaceAll(noncePlace, nonce)),
    find: (path) => files.get(path),
  };
}
