/**
 * The desktop's main process, in the order in which Electron wants it: what must stand before it is ready, then the
 * engine in a process of its own, then the window. It holds no knowledge of what the console is about.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { app, crashReporter, dialog, powerMonitor, type BrowserWindow } from 'electron';
import { defaultHome, openHome, type Home } from '#engine/home.ts';
import { createFileLogger } from '#engine/logging/file-logger.ts';
import { endingSignals } from '#engine/platform/signals.ts';
import { systemClock, type Logger } from '#engine/ports.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { ipc, type WindowWish } from '#shared/contract/desktop.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { containPages, containSession } from './containment.ts';
import { createEngineProcess } from './engine-process.ts';
import { answerPage } from './ipc.ts';
import { findKeychain } from './keychain.ts';
import { offerContextMenu, setMenu } from './menu.ts';
import { tellOfMishaps } from './mishaps.ts';
import { bringBackPage } from './page-gone.ts';
import { registerScheme, servePage } from './page.ts';
import { createPresence } from './presence.ts';
import { askBeforeQuitting } from './quitting.ts';
import { demandSandbox } from './sandbox.ts';
import { createWindow } from './window.ts';

/** `npm start` waits for this line: from then on somebody sees the window. */
const painted = 'Pilothouse: the window is open.';
/** To whoever wants the window while the engine cleans up: there is nothing to be done in it. */
const closing = { type: 'notify', title: 'Pilothouse is closing', body: 'What was under way is cancelled and cleaned up first. Start it again in a moment.', place: '/' } as const;

function wantedHome(): string {
  // Whatever else stands there (an address that a browser was led to, a switch of Chromium's) is not ours and is not read.
  const { values } = parseArgs({ args: process.argv.slice(process.defaultApp ? 2 : 1), options: { home: { type: 'string' } }, strict: false });
  return defaultHome(typeof values.home === 'string' ? values.home : undefined);
}

/** Everything that Electron and Chromium keep goes into the data folder; what the page's cache holds into a folder of its own. */
function placeFolders(home: Home): void {
  const folders = { userData: home.root, sessionData: join(home.root, 'window'), crashDumps: join(home.logs, 'crashes') };
  for (const [name, folder] of Object.entries(folders)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    app.setPath(name, folder);
  }
  app.setAppLogsPath(home.logs);
}

/** What cannot be shown in a window, because there will be none. */
async function refuse(error: unknown): Promise<void> {
  const [what, next] = isPilothouseError(error) ? [error.message, error.hint ?? ''] : [error instanceof Error ? error.message : String(error), ''];
  process.stderr.write(`${what}\n${next}\n`);
  await app.whenReady();
  // Where it was started from a terminal it has been said there, and somebody waits for the end.
  if (app.isPackaged) dialog.showErrorBox('Pilothouse cannot start', `${what}\n\n${next}`);
  app.exit(1);
}

function openDesktop(home: Home, logger: Logger): void {
  tellOfMishaps({ logger, logs: home.logs });
  let window: BrowserWindow | null = null;
  const current = (): BrowserWindow | null => (window === null || window.isDestroyed() ? null : window);
  const tellPage = (channel: string, what: unknown): void => current()?.webContents.send(channel, what);
  /** @param place where a window that has to be made opens */
  const show = (place = '/'): void => {
    if (quitting.isClosing()) return presence.tell(closing);
    const shown = current() ?? openWindow(place);
    if (shown.isMinimized()) shown.restore();
    shown.show();
    shown.focus();
  };
  const wish = (wanted: WindowWish): void => {
    const isThere = current() !== null;
    show(wanted.wish === 'go' ? wanted.place : '/');
    if (isThere) tellPage(ipc.wish, wanted);
  };

  const presence = createPresence({ window: current, onOpen: (place) => wish({ wish: 'go', place }) });
  const engine = createEngineProcess({ home, keychain: app.whenReady().then(() => findKeychain()), logger, onState: (state) => tellPage(ipc.engineStateChanged, state), onTold: presence.tell });
  /** What quitting would cancel: an engine that another process has started goes on without this window. */
  const atStake = (): readonly string[] => {
    const state = engine.state();
    return state.state === 'running' && state.attached ? [] : presence.working();
  };
  const quitting = askBeforeQuitting({ working: atStake, window: current, close: engine.close });

  const openWindow = (place: string): BrowserWindow => {
    const opened = createWindow({ home, logger, place, onPainted: () => process.stdout.write(`${painted}\n`) });
    window = opened;
    offerContextMenu(opened);
    bringBackPage(opened, { logger, logs: home.logs });
    // Elsewhere than on macOS the window is the application: closing it is quitting, which may be asked about first.
    opened.on('close', (event) => {
      if (process.platform === 'darwin' || quitting.isQuitting()) return;
      event.preventDefault();
      app.quit();
    });
    // Of a shutdown Windows tells its windows alone, and ends them soon after.
    opened.on('session-end', quitting.quitUnasked);
    return opened;
  };

  app.on('second-instance', () => show());
  app.on('activate', () => show());
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('child-process-gone', (_event, details) => logger.warn({ ...details }, 'A process of the window ended.'));

  const openWhenReady = async (): Promise<void> => {
    await app.whenReady();
    // Whoever started us from a terminal ends us from there, unasked; so does the system when it shuts down.
    for (const signal of endingSignals()) process.on(signal, quitting.quitUnasked);
    powerMonitor.on('shutdown', (event?: Electron.Event) => {
      event?.preventDefault();
      quitting.quitUnasked();
    });
    powerMonitor.on('suspend', () => engine.power('suspend'));
    powerMonitor.on('resume', () => engine.power('resume'));

    containSession();
    servePage();
    answerPage({ window: current, engineState: engine.state, startEngine: engine.start, line: engine.line, refused: (channel) => logger.warn({ channel }, 'What did not come from the page was refused.') });
    setMenu({ wish, logs: home.logs });
    engine.start();
    openWindow('/');
    logger.info({ version: packageJson.version, home: home.root, electron: process.versions.electron }, 'The window opens.');
  };
  openWhenReady().catch(refuse);
}

registerScheme();
app.enableSandbox();
// Windows shows notifications of what it knows by the name that the installer gave (electron-builder.yml).
if (process.platform === 'win32') app.setAppUserModelId('app.pilothouse');
containPages();
// Addresses and files that another program hands us are refused: nothing of ours is done by a link.
app.on('open-url', (event) => event.preventDefault());
app.on('open-file', (event) => event.preventDefault());
// A terminal that was closed takes nothing more; that is no reason to end.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  demandSandbox();
  const home = openHome(wantedHome());
  placeFolders(home);
  crashReporter.start({ uploadToServer: false });
  if (app.requestSingleInstanceLock()) {
    openDesktop(home, createFileLogger({ folder: home.logs, clock: systemClock, host: 'desktop', name: 'window' }));
  } else {
    // Where it is written to a pipe of Windows, it has not been said before it was taken.
    process.stdout.write('Pilothouse is open already: its window comes to the front.\n', () => app.exit(0));
  }
} catch (error) {
  // Not awaited: Electron is ready once this has been evaluated, and not before.
  void refuse(error);
}
