/** What the scheme of the desktop's window answers. Pure: the main process only hands requests in and answers out. */
import { appOrigin } from '#shared/contract/desktop.ts';
import type { Assets } from './assets.ts';
import { commonHeaders, pagePolicy } from './headers.ts';

export interface PageAnswer {
  status: 200 | 404 | 405;
  headers: Record<string, string>;
  body: Buffer;
}

function refuse(status: 404 | 405, reason: string, more: Record<string, string> = {}): PageAnswer {
  return { status, headers: { ...commonHeaders(), 'Content-Type': 'text/plain; charset=utf-8', ...more }, body: Buffer.from(reason) };
}

/**
 * Answers a request. Addresses are compared as they came, never decoded and never joined with anything: what the build
 * did not name is not there. What stands after # is the page's own: Chromium asks with it where a page is loaded anew.
 * @param nonce fresh for every load of the page
 */
export function answerForPage(assets: Assets, request: { method: string; url: string }, nonce: string): PageAnswer {
  if (request.method !== 'GET') return refuse(405, 'Files are only read.', { Allow: 'GET' });
  if (!request.url.startsWith(`${appOrigin}/`)) return refuse(404, 'There is nothing here.');
  const [path = ''] = request.url.slice(appOrigin.length).split('#', 1);
  if (path === '/') return { status: 200, headers: { ...commonHeaders(pagePolicy(nonce)), 'Content-Type': 'text/html; charset=utf-8' }, body: assets.page(nonce) };
  const asset = assets.find(path);
  if (asset === undefined) return refuse(404, 'There is nothing here.');
  return { status: 200, headers: { ...commonHeaders(), 'Content-Type': asset.mediaType }, body: asset.body };
}
