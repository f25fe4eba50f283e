/** What a request must look like before anything else of it is read. Pure: one table, tested row by row. */
import type { IncomingMessage } from 'node:http';

export interface Refusal {
  status: 400 | 403 | 404 | 405 | 413 | 415 | 417 | 421;
  reason: string;
  allow?: string;
}

export const sessionPath = '/api/session';
export const socketPath = '/api/socket';

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'rawHeaders'>;

function count(request: Request, name: string): number {
  return request.rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;
}

/** The names under which a header may stand only once: a second one is what a confused proxy or an attacker sends. */
const onceOnly = ['host', 'origin', 'sec-fetch-site', 'content-type', 'content-length'];

/**
 * What every request must satisfy. The Host header must be our own address by number, so that a name that was made to
 * resolve to 127.0.0.1 gets nothing; an Origin, where there is one, must be ours.
 * @param authority "127.0.0.1:PORT"
 */
function refuseAny(request: Request, authority: string): Refusal | null {
  if (request.url === undefined || !request.url.startsWith('/')) return { status: 400, reason: 'The address of a request begins with a slash here.' };
  for (const name of onceOnly) if (count(request, name) > 1) return { status: 400, reason: `The header ${name} came more than once.` };
  if (request.headers.host !== authority) return { status: 421, reason: 'This server answers by its own address only.' };
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${authority}`) return { status: 403, reason: 'Requests of other origins are refused.' };
  return null;
}

function refuseForeignSite(request: Request, required: boolean): Refusal | null {
  const site = request.headers['sec-fetch-site'];
  if (site === 'same-origin' || (site === undefined && !required)) return null;
  return { status: 403, reason: 'Requests of other sites are refused.' };
}

/** A page or a file of it. @returns null when it may be looked up */
export function refuseFile(request: Request, authority: string): Refusal | null {
  const refusal = refuseAny(request, authority);
  if (refusal !== null) return refusal;
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, reason: 'Files are only read.', allow: 'GET, HEAD' };
  // The page itself may be opened from anywhere (a link, the terminal); what belongs to it only by the page.
  const opensPage = request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
  return opensPage ? null : refuseForeignSite(request, false);
}

/** The exchange of a one-time token. Browsers always say where such a request comes from, so silence is refused. */
export function refuseSession(request: Request, authority: string, longestBody: number): Refusal | null {
  const refusal = refuseAny(request, authority);
  if (refusal !== null) return refusal;
  if (request.method !== 'POST') return { status: 405, reason: 'A session is asked for by POST.', allow: 'POST' };
  if (request.headers.origin === undefined) return { status: 403, reason: 'The Origin header is missing.' };
  const site = refuseForeignSite(request, true);
  if (site !== null) return site;
  if (!/^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(request.headers['content-type'] ?? '')) return { status: 415, reason: 'Only application/json is read here.' };
  if (request.headers['content-encoding'] !== undefined) return { status: 415, reason: 'Encoded bodies are not read here.' };
  if (Number(request.headers['content-length'] ?? 0) > longestBody) return { status: 413, reason: 'That is too long.' };
  return null;
}

/** The WebSocket. Some browsers do not say Sec-Fetch-Site with it; all of them say Origin. */
export function refuseSocket(request: Request, authority: string): Refusal | null {
  const refusal = refuseAny(request, authority);
  if (refusal !== null) return refusal;
  if (request.url !== socketPath) return { status: 404, reason: 'There is nothing here.' };
  if (request.method !== 'GET') return { status: 405, reason: 'A socket is opened by GET.', allow: 'GET' };
  if (request.headers.origin === undefined) return { status: 403, reason: 'The Origin header is missing.' };
  return refuseForeignSite(request, false);
}
