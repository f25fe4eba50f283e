/** What no page may do, whatever runs in it: one place for every window and for what a page might open. */
import { app, session, shell } from 'electron';
import { appOrigin, appScheme } from '#shared/contract/desktop.ts';
import { isPageOf, mayOpenOutside } from '#shared/domain/app-address.ts';

const page = { scheme: appScheme, host: 'pilothouse' };

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}

function isPage(address: string): boolean {
  const url = parse(address);
  return url !== null && isPageOf(page, url);
}

/** Opens documentation in the person's browser; anything else is left alone. */
export function openOutside(address: string): void {
  const url = parse(address);
  if (url !== null && mayOpenOutside(url)) void shell.openExternal(url.href);
}

/** Before Electron is ready: holds for every page there will ever be. */
export function containPages(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.on('will-navigate', (event) => {
      if (!isPage(event.url)) event.preventDefault();
    });
    // A page of ours has no frames: none of them goes anywhere.
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame || !isPage(event.url)) event.preventDefault();
    });
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openOutside(url);
      return { action: 'deny' };
    });
  });
}

/** Once Electron is ready: no permission, no device, no request that leaves, no download but what the page itself made. */
export function containSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.setDisplayMediaRequestHandler((_request, decide) => decide(null));
  defaultSession.setSpellCheckerEnabled(false);
  defaultSession.webRequest.onBeforeRequest((details, decide) => {
    const url = parse(details.url);
    const isOurs = details.url.startsWith(`${appOrigin}/`) || url?.protocol === 'data:' || details.url.startsWith(`blob:${appOrigin}/`);
    const isForDevelopers = !app.isPackaged && url?.protocol === 'devtools:';
    decide({ cancel: !isOurs && !isForDevelopers });
  });
  defaultSession.on('will-download', (event, item) => {
    if (!item.getURL().startsWith(`blob:${appOrigin}/`)) event.preventDefault();
  });
}
