/** The scheme of the window: `app://pilothouse` and nothing else. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { protocol } from 'electron';
import { answerForPage } from '#engine/console/app-page.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { appOrigin, appScheme } from '#shared/contract/desktop.ts';

export const pageAddress = `${appOrigin}/`;

/** Before Electron is ready: the scheme is as good as https, so that it has an origin and storage of its own. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);
}

/** @throws internal when the page has not been built, or is not what was built */
export function servePage(): void {
  const assets = loadAssets(join(import.meta.dirname, '..', 'renderer'));
  protocol.handle(appScheme, ({ method, url }) => {
    const { status, headers, body } = answerForPage(assets, { method, url }, randomBytes(16).toString('base64'));
    return new Response(new Uint8Array(body), { status, headers });
  });
}
