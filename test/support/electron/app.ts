/** `app`: the life of the application, its folders, and the lock that lets it run once for each of them. */
import { readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createEvent, Emitter, faithful, type Events, type PreventableEvent } from './faithful.ts';
import { surroundings } from './surroundings.ts';
import { screenSide } from './to-screen.ts';

interface AppEvents {
  'will-finish-launching': [];
  ready: [event: PreventableEvent, launchInfo: object];
  'window-all-closed': [];
  'before-quit': [event: PreventableEvent];
  'will-quit': [event: PreventableEvent];
  quit: [event: PreventableEvent, exitCode: number];
  activate: [event: PreventableEvent, hasVisibleWindows: boolean];
  'open-url': [event: PreventableEvent, url: string];
  'open-file': [event: PreventableEvent, path: string];
  'second-instance': [event: PreventableEvent, argv: string[], workingDirectory: string, additionalData: unknown];
  'web-contents-created': [event: PreventableEvent, contents: Electron.WebContents];
  'browser-window-created': [event: PreventableEvent, window: Electron.BrowserWindow];
  'browser-window-focus': [event: PreventableEvent, window: Electron.BrowserWindow];
  'browser-window-blur': [event: PreventableEvent, window: Electron.BrowserWindow];
  'render-process-gone': [event: PreventableEvent, contents: Electron.WebContents, details: Electron.RenderProcessGoneDetails];
  'child-process-gone': [event: PreventableEvent, details: Electron.Details];
}
const appEvents: Events<Electron.App['on'], AppEvents> = {
  'will-finish-launching': true, ready: true, 'window-all-closed': true, 'before-quit': true, 'will-quit': true, quit: true, activate: true, 'open-url': true, 'open-file': true, 'second-instance': true,
  'web-contents-created': true, 'browser-window-created': true, 'browser-window-focus': true, 'browser-window-blur': true, 'render-process-gone': true, 'child-process-gone': true,
};

type FolderName = Parameters<Electron.App['getPath']>[0];

type Modelled = Pick<
  Electron.App,
  | 'whenReady' | 'isReady' | 'quit' | 'exit' | 'getPath' | 'setPath' | 'setAppLogsPath' | 'getAppPath' | 'getVersion' | 'getName' | 'setName' | 'name' | 'isPackaged' | 'enableSandbox' | 'dock' | 'focus' | 'getLocale'
  | 'requestSingleInstanceLock' | 'hasSingleInstanceLock' | 'releaseSingleInstanceLock' | 'setBadgeCount' | 'getBadgeCount' | 'badgeCount' | 'setAppUserModelId' | 'setAboutPanelOptions' | 'isDefaultProtocolClient'
>;

/** What windows do when the application ends; they are known to their own file. */
export interface Windows {
  /** Asks each to close. Resolves with whether all did. */
  closeAll(): Promise<boolean>;
  destroyAll(): void;
  any(): boolean;
}
const noWindows: Windows = { closeAll: async () => true, destroyAll: () => {}, any: () => false };

class AppDouble extends Emitter<AppEvents> implements Modelled {
  name = 'pilothouse';
  readonly isPackaged = surroundings.packaged;
  readonly dock = undefined;
  badgeCount = 0;
  /** What the application said of itself, for tests. */
  readonly said: { sandbox: boolean; userModelId: string | null; about: Electron.AboutPanelOptionsOptions | null } = { sandbox: false, userModelId: null, about: null };
  windows: Windows = noWindows;
  isQuitting = false;
  private isExiting = false;
  private exitCode = 0;
  private stands = false;
  private readonly folders = new Map<string, string>();
  private lock: string | null = null;
  private readonly readiness = Promise.withResolvers<void>();

  constructor() {
    super('app', appEvents);
  }

  isReady = (): boolean => this.stands;
  whenReady = (): Promise<void> => this.readiness.promise;

  /** Electron says that it is ready once, after what the application's entry awaits. */
  becomeReady(): void {
    if (this.stands) return;
    takeSignals();
    this.tell('will-finish-launching');
    this.stands = true;
    this.tell('ready', createEvent({}), {});
    this.readiness.resolve();
  }

  getVersion = (): string => surroundings.version;
  getName = (): string => this.name;
  setName = (name: string): void => void (this.name = name);
  getLocale = (): string => 'en-GB';
  focus = (): void => {};
  /** The folder of the package.json whose "main" was started. */
  getAppPath(): string {
    const started = resolve(process.argv[1] ?? '.');
    for (let folder = started; folder !== dirname(folder); folder = dirname(folder)) if (statSync(join(folder, 'package.json'), { throwIfNoEntry: false }) !== undefined) return folder;
    return dirname(started);
  }

  getPath(name: FolderName): string {
    const own = this.folders.get(name);
    if (own !== undefined) return own;
    const appData = process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config');
    switch (name) {
      case 'home': return homedir();
      case 'appData': return appData;
      case 'userData': return join(appData, this.name);
      case 'sessionData': return this.getPath('userData');
      case 'temp': return tmpdir();
      case 'exe': return process.execPath;
      case 'logs': return join(this.getPath('userData'), 'logs');
      case 'crashDumps': return join(this.getPath('userData'), 'Crashpad');
      case 'downloads': return join(homedir(), 'Downloads');
      case 'documents': return join(homedir(), 'Documents');
      case 'desktop': return join(homedir(), 'Desktop');
      default: throw new Error(`The double of Electron does not know the folder "${name}".`);
    }
  }

  setPath(name: string, path: string): void {
    this.getPath(name as FolderName);
    if (!path.startsWith('/')) throw new Error('Path must be absolute');
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw new Error(`Failed to set '${name}' path`);
    if (this.stands && (name === 'userData' || name === 'sessionData')) throw new Error(`${name} is set before the ready event: what Chromium keeps is in the other folder already.`);
    this.folders.set(name, path);
  }
  setAppLogsPath(path?: string): void {
    this.folders.set('logs', path ?? join(this.getPath('userData'), 'logs'));
  }

  enableSandbox(): void {
    if (this.stands) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.said.sandbox = true;
  }
  setAppUserModelId = (id: string): void => void (this.said.userModelId = id);
  setAboutPanelOptions = (options: Electron.AboutPanelOptionsOptions): void => void (this.said.about = options);
  isDefaultProtocolClient = (): boolean => false;

  setBadgeCount(count = 0): boolean {
    this.badgeCount = count;
    return true;
  }
  getBadgeCount = (): number => this.badgeCount;

  /** As Chromium does it: a link in the folder of `userData` that names the process. A folder that takes none gives no lock. */
  requestSingleInstanceLock(additionalData?: Record<string, unknown>): boolean {
    const folder = this.getPath('userData');
    const link = join(folder, 'SingletonLock');
    if (this.lock === link) return true;
    const owner = lockOwner(link);
    if (owner !== null) {
      void screenSide.secondInstance({ folder, argv: process.argv, workingDirectory: process.cwd(), additionalData });
      return false;
    }
    try {
      rmSync(link, { force: true });
      symlinkSync(`${hostname()}-${process.pid}`, link);
    } catch {
      return false; // Chromium answers the same whether another one runs or the lock cannot be made.
    }
    this.lock = link;
    return true;
  }
  hasSingleInstanceLock = (): boolean => this.lock !== null;
  releaseSingleInstanceLock(): void {
    if (this.lock !== null) rmSync(this.lock, { force: true });
    this.lock = null;
  }

  /** First whether it may, then the windows, then whether it may once more, then the end. */
  quit(): void {
    if (this.isQuitting) return;
    this.isQuitting = true;
    const event = createEvent({});
    this.tell('before-quit', event);
    if (event.defaultPrevented) this.isQuitting = false;
    else void this.closeAndEnd();
  }
  private async closeAndEnd(): Promise<void> {
    if (!(await this.windows.closeAll())) {
      this.isQuitting = false;
      return;
    }
    const event = createEvent({});
    this.tell('will-quit', event);
    if (event.defaultPrevented) this.isQuitting = false;
    else this.end();
  }
  exit(exitCode = 0): void {
    this.exitCode = exitCode;
    this.windows.destroyAll();
    this.end();
  }
  private end(): void {
    if (this.isExiting) return;
    this.isExiting = true;
    this.tell('quit', createEvent({}), this.exitCode);
    this.releaseSingleInstanceLock();
    process.exit(this.exitCode);
  }

  /** The last window went by itself: whoever listens decides, else it is the end. */
  lastWindowClosed(): void {
    if (this.isQuitting || this.isExiting) return;
    if (!this.tell('window-all-closed')) this.quit();
  }
}

function lockOwner(link: string): number | null {
  try {
    const pid = Number(readlinkSync(link).split('-').at(-1));
    return pid !== process.pid && isAlive(pid) ? pid : null;
  } catch {
    return null; // Nobody has it.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false; // What is left of the link is of a process that was killed.
  }
}

export const app = faithful('app', new AppDouble());

/** Chromium quits in order on these. Who listened before hears nothing any more, who listens later takes its place. */
function takeSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) app.quit();
    });
  }
}

export const appHands = {
  appState: () => ({ ...app.said, badge: app.badgeCount, ready: app.isReady(), folders: { userData: app.getPath('userData'), sessionData: app.getPath('sessionData'), logs: app.getPath('logs'), crashDumps: app.getPath('crashDumps') } }),
  quit: () => app.quit(),
  /** Never before the application is ready. */
  secondInstance: async (argv: string[], workingDirectory: string, additionalData: unknown) => {
    await app.whenReady();
    app.tell('second-instance', createEvent({}), argv, workingDirectory, additionalData);
  },
  activate: (hasVisibleWindows: boolean) => void app.tell('activate', createEvent({}), hasVisibleWindows),
  /** A fault of the application itself, in a turn of its own. */
  goWrong: (message: string) =>
    void setImmediate(() => {
      throw new Error(message);
    }),
  /** What the operating system does with a link of a scheme that an application has claimed. */
  openUrl: (url: string) => void app.tell('open-url', createEvent({}), url),
};
