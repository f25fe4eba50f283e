/** Addresses that the desktop's window may go to, and those it may hand to the person's browser. */

/** An address as its parts, told apart without `URL.origin`: that is "null" for schemes of our own. */
interface Parts {
  protocol: string;
  hostname: string;
  port: string;
  username: string;
  password: string;
  pathname: string;
}

function isPlain({ port, username, password }: Parts): boolean {
  return port === '' && username === '' && password === '';
}

/** Whether this is the page itself, at the exact origin `scheme://host`, wherever within it one is (the part after #). */
export function isPageOf(origin: { scheme: string; host: string }, url: Parts & { search: string }): boolean {
  return url.protocol === `${origin.scheme}:` && url.hostname === origin.host && isPlain(url) && (url.pathname === '/' || url.pathname === '') && url.search === '';
}

/** The only places that are ever opened outside: documentation that the console refers to. */
const outside = [{ host: 'www.postgresql.org', under: '/docs/' }];

/** Whether an address may be opened in the person's browser. */
export function mayOpenOutside(url: Parts): boolean {
  return url.protocol === 'https:' && isPlain(url) && outside.some(({ host, under }) => url.hostname === host && url.pathname.startsWith(under));
}
