/**
 * A stock Chromium knows no schemes of an application. Where they were registered as standard and secure, a secure
 * origin of https stands for them, at a name that no network knows.
 */
const shown = /^(blob:)?https:\/\/([^/?#]+)\.([a-z][a-z0-9-]*)\.invalid(?=[/?#]|$)/;
const own = /^(blob:)?([a-z][a-z0-9-]*):\/\/([^/?#]+)/;
const ofTheWeb: ReadonlySet<string> = new Set(['http', 'https', 'ws', 'wss', 'file', 'devtools', 'chrome']);

/** `app://host/…` as the browser shows it. */
export function toShown(url: string): string {
  return url.replace(own, (whole, blob: string | undefined, scheme: string, host: string) => (ofTheWeb.has(scheme) ? whole : `${blob ?? ''}https://${host}.${scheme}.invalid`));
}

/** An address of the browser's as the application knows it. */
export function toOwn(url: string): string {
  return url.replace(shown, (_whole, blob: string | undefined, host: string, scheme: string) => `${blob ?? ''}${scheme}://${host}`);
}

export function isShown(url: string): boolean {
  return shown.test(url);
}
