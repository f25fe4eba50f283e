/** The one factory of windows. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import { z } from 'zod';
import type { Home } from '#engine/home.ts';
import type { Logger } from '#engine/ports.ts';
import { placeOnDisplays, smallestWindow, type WindowPlace } from '#shared/domain/window-place.ts';
import { pageAddress } from './page.ts';

/** The page's own ground, so that nothing flashes before it has painted (renderer/theme/tokens.css). */
const ground = { light: '#f3f4f6', dark: '#0f1113' };

const place = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number(), maximized: z.boolean() });

function readPlace(file: string): WindowPlace | null {
  try {
    return place.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null; // The first window of this data folder, or a file that somebody changed: the usual place will do.
  }
}

/**
 * The window with the console in it. It shows itself once it has painted or loaded, whichever is first, and calls
 * `onPainted` then.
 * @param options.place where in the console it opens; at `/` it goes to where one was last
 */
export function createWindow({ home, logger, place: wanted, onPainted }: { home: Home; logger: Logger; place: string; onPainted: () => void }): BrowserWindow {
  const file = join(home.root, 'window.json');
  const main = screen.getPrimaryDisplay();
  const displays = [main, ...screen.getAllDisplays().filter((display) => display.id !== main.id)];
  const { maximized, ...bounds } = placeOnDisplays(
    readPlace(file),
    displays.map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Pilothouse',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? ground.dark : ground.light,
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      safeDialogs: true,
      devTools: !app.isPackaged,
    },
  });
  let hasAppeared = false;
  const appear = (): void => {
    if (hasAppeared || window.isDestroyed()) return;
    hasAppeared = true;
    // Not before: it shows the window, and of one that is shown Electron never says that it has painted.
    if (maximized) window.maximize();
    window.show();
    onPainted();
  };
  window.once('ready-to-show', appear);
  // Under Wayland nothing paints that is not shown, and elsewhere somebody may have shown it: nobody would ever be told.
  window.webContents.once('did-finish-load', appear);
  window.on('close', () => {
    // Of a maximised window the place it goes back to.
    const kept: WindowPlace = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    try {
      writeFileSync(file, JSON.stringify(kept), { mode: 0o600 });
    } catch (error) {
      logger.warn({ file, error: String(error) }, 'Where the window stood could not be kept.');
    }
  });
  window.loadURL(wanted === '/' ? pageAddress : `${pageAddress}#${wanted}`).catch((error: unknown) => {
    logger.error({ error: String(error) }, 'The page of the window could not be loaded.');
    // Empty, but with a menu that leads to the log: nobody waits for a window that never comes.
    appear();
  });
  return window;
}
