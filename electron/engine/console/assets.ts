/** The built console: every file that may be served, known by its exact path before the first request. */
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { digestOf, readManifest } from './manifest.ts';

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

function damaged(file: string): PilothouseError {
  return new PilothouseError('internal', `The console is not what was built: ${file} was changed.`, { hint: 'Install Pilothouse anew, or build it with "npm run build".', details: { file } });
}

/**
 * Reads the built console into memory: the files that its manifest names, each with the very content that was built.
 * @param startCommand what a person types to start it again, which the page shows where the engine is gone
 * @throws internal when it has not been built, or is not what was built
 */
export function loadAssets(folder: string, startCommand = 'npm start'): Assets {
  const files = new Map<string, Asset>();
  let page: string | undefined;
  try {
    for (const [path, digest] of Object.entries(readManifest(folder).files)) {
      const body = readFileSync(join(folder, ...path.split('/')));
      if (digestOf(body) !== digest) throw damaged(join(folder, path));
      const mediaType = mediaTypes[extname(path)];
      if (path === '/index.html') page = body.toString('utf8');
      else if (mediaType !== undefined) files.set(path, { body, mediaType });
    }
  } catch (error) {
    throw isPilothouseError(error) ? error : notBuilt(folder, error);
  }
  if (page?.includes(noncePlace) !== true) throw notBuilt(folder, new Error(`index.html has no place for the nonce (${noncePlace})`));
  // A function, because in a text a $ would stand for something else.
  const whole = page.replaceAll(commandPlace, () => escaped(startCommand));
  return {
    page: (nonce) => Buffer.from(whole.replaceAll(noncePlace, nonce)),
    find: (path) => files.get(path),
  };
}
