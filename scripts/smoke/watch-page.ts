/** Watching a page: what it complains of, and whom it asks. */
import type { Page } from 'playwright-core';

export interface Watched {
  /** What its content security policy refused, and its errors, from now on. */
  complaints: string[];
  /** Origins that it asked for anything, whoever asked: the page, its styles, its sockets. */
  origins: Set<string>;
}

/** As URL has it, but for schemes of our own too, of which URL says that they have none. */
function originOf(address: string): string {
  const { protocol, host } = new URL(address);
  return `${protocol.replace(/^ws/, 'http')}//${host}`;
}

/** From the next load on also what its policy refuses. */
export async function watchPage(page: Page): Promise<Watched> {
  const watched: Watched = { complaints: [], origins: new Set() };
  page.on('request', (request) => {
    // What stands in the page itself is asked of nobody.
    if (!/^(?:data|blob):/.test(request.url())) watched.origins.add(originOf(request.url()));
  });
  page.on('websocket', (socket) => void watched.origins.add(originOf(socket.url())));
  page.on('pageerror', (error) => watched.complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') watched.complaints.push(message.text());
  });
  page.on('crash', () => watched.complaints.push('its process broke down'));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  });
  return watched;
}
