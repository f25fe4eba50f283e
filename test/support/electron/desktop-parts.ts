/** What the desktop around a window offers: notifications, power, displays, clipboard, other programs, crash dumps. */
import { readFileSync } from 'node:fs';
import { app } from './app.ts';
import { asReal, createEvent, Emitter, faithful, type Events, type PreventableEvent } from './faithful.ts';
import { surroundings, type DisplayOfTest } from './surroundings.ts';

interface NotificationEvents {
  show: [event: PreventableEvent];
  click: [event: PreventableEvent];
  close: [event: PreventableEvent & Electron.NotificationCloseEventParams];
  failed: [event: PreventableEvent, error: string];
}
const notificationEvents: Events<Electron.Notification['on'], NotificationEvents> = { show: true, click: true, close: true, failed: true };
const notifications: NotificationDouble[] = [];

class NotificationDouble extends Emitter<NotificationEvents> implements Pick<Electron.Notification, 'title' | 'body' | 'show' | 'close'> {
  title: string;
  body: string;
  open = false;
  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super('Notification', notificationEvents);
    if (!app.isReady()) throw new Error('Cannot create Notification before app is ready');
    this.title = options.title ?? '';
    this.body = options.body ?? '';
  }
  show(): void {
    this.open = true;
    notifications.push(this);
    setImmediate(() => this.tell('show', createEvent({})));
  }
  close(): void {
    this.open = false;
    setImmediate(() => this.tell('close', createEvent({ reason: 'applicationHidden' as const })));
  }
}
export const Notification = faithful('Notification', Object.assign(NotificationDouble, { isSupported: () => surroundings.notifications } satisfies Pick<typeof Electron.Notification, 'isSupported'>));

interface PowerEvents {
  suspend: [];
  resume: [];
  shutdown: [];
  'lock-screen': [];
  'unlock-screen': [];
  'on-ac': [];
  'on-battery': [];
}
const powerEvents: Events<Electron.PowerMonitor['on'], PowerEvents> = { suspend: true, resume: true, shutdown: true, 'lock-screen': true, 'unlock-screen': true, 'on-ac': true, 'on-battery': true };
export const powerMonitor = new Emitter<PowerEvents>('powerMonitor', powerEvents);

const blockers = new Map<number, 'prevent-app-suspension' | 'prevent-display-sleep'>();
let blockersGiven = 0;
export const powerSaveBlocker = faithful('powerSaveBlocker', {
  start(type: 'prevent-app-suspension' | 'prevent-display-sleep') {
    blockers.set(blockersGiven, type);
    blockersGiven += 1;
    return blockersGiven - 1;
  },
  stop: (id: number) => blockers.delete(id),
  isStarted: (id: number) => blockers.has(id),
} satisfies Pick<Electron.PowerSaveBlocker, 'start' | 'stop' | 'isStarted'>);

interface ScreenEvents {
  'display-added': [event: PreventableEvent, display: Electron.Display];
  'display-removed': [event: PreventableEvent, display: Electron.Display];
  'display-metrics-changed': [event: PreventableEvent, display: Electron.Display, changedMetrics: string[]];
}
const screenEvents: Events<Electron.Screen['on'], ScreenEvents> = { 'display-added': true, 'display-removed': true, 'display-metrics-changed': true };

class ScreenDouble extends Emitter<ScreenEvents> implements Pick<Electron.Screen, 'getAllDisplays' | 'getPrimaryDisplay'> {
  constructor() {
    super('screen', screenEvents);
  }
  private get displays(): Electron.Display[] {
    if (!app.isReady()) throw new Error('The "screen" module cannot be used before the app "ready" event');
    return surroundings.displays.map((display) => asReal<Electron.Display>(faithful('Display', { ...display, scaleFactor: 1 })));
  }
  getAllDisplays = (): Electron.Display[] => this.displays;
  getPrimaryDisplay(): Electron.Display {
    const [first] = this.displays;
    if (first === undefined) throw new Error('There is no display.');
    return first;
  }
}
export const screen = faithful('screen', new ScreenDouble());

const opened: { outside: string[]; paths: string[]; shown: string[] } = { outside: [], paths: [], shown: [] };
export const shell = faithful('shell', {
  openExternal: async (url: string) => void opened.outside.push(url),
  async openPath(path: string) {
    opened.paths.push(path);
    return '';
  },
  showItemInFolder: (path: string) => void opened.shown.push(path),
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>);

let copied = '';
export const clipboard = faithful('clipboard', {
  readText: async () => copied,
  writeText: async (text: string) => void (copied = text),
} satisfies Pick<Electron.Clipboard, 'readText' | 'writeText'>);

let reporting: Electron.CrashReporterStartOptions | null = null;
export const crashReporter = faithful('crashReporter', {
  start(options: Electron.CrashReporterStartOptions) {
    if (options.uploadToServer !== false && options.submitURL === undefined) throw new Error('submitURL must be specified when uploadToServer is true');
    reporting = options;
  },
  getUploadToServer: () => reporting?.uploadToServer !== false && reporting !== null,
  addExtraParameter: () => {},
} satisfies Pick<Electron.CrashReporter, 'start' | 'getUploadToServer' | 'addExtraParameter'>);

class NativeImageDouble implements Pick<Electron.NativeImage, 'isEmpty' | 'toPNG' | 'getSize'> {
  private readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  isEmpty = (): boolean => this.bytes.length === 0;
  toPNG = (): Buffer => Buffer.from(this.bytes);
  /** From the header of a PNG, in pixels. */
  getSize = (): Electron.Size => (this.isEmpty() ? { width: 0, height: 0 } : { width: this.bytes.readUInt32BE(16), height: this.bytes.readUInt32BE(20) });
}
const picture = (bytes: Buffer): Electron.NativeImage => asReal(faithful('NativeImage', new NativeImageDouble(bytes.subarray(1, 4).toString('latin1') === 'PNG' ? bytes : Buffer.alloc(0))));

function readOrNothing(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0); // Electron gives an empty image for a file that is none.
  }
}
export const nativeImage = faithful('nativeImage', {
  createEmpty: () => picture(Buffer.alloc(0)),
  createFromPath: (path: string) => picture(readOrNothing(path)),
  createFromBuffer: (buffer: Buffer) => picture(buffer),
} satisfies Pick<typeof Electron.NativeImage, 'createEmpty' | 'createFromPath' | 'createFromBuffer'>);

export const desktopHands = {
  notifications: () => notifications.map(({ title, body, open }) => ({ title, body, open })),
  /** The newest with this title. */
  clickNotification(title: string): void {
    const shown = notifications.findLast((each) => each.open && each.title === title);
    if (shown === undefined) throw new Error(`No notification "${title}" is shown.`);
    shown.open = false;
    shown.tell('click', createEvent({}));
  },
  /** Of these only the last takes an event, as the documentation says: whoever prevents it gets time. */
  power: (event: keyof PowerEvents) => void powerMonitor.emit(event, ...(event === 'shutdown' ? [createEvent({})] : [])),
  blockers: () => [...blockers.values()],
  opened: () => opened,
  clipboard: () => copied,
  crashReporting: () => reporting,
  changeDisplays: (displays: DisplayOfTest[]) => void (surroundings.displays = displays),
};
