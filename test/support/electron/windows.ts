/** `BrowserWindow`: its bounds, what shows of it, and how it goes. */
import { app } from './app.ts';
import { asReal, createEvent, Emitter, faithful, type Events, type PreventableEvent } from './faithful.ts';
import { nativeTheme } from './native-theme.ts';
import { surroundings } from './surroundings.ts';
import { screenSide } from './to-screen.ts';
import { WebContentsDouble } from './web-contents.ts';

interface WindowEvents {
  'ready-to-show': [];
  show: [];
  hide: [];
  focus: [];
  blur: [];
  close: [event: PreventableEvent];
  closed: [];
  resize: [];
  resized: [];
  move: [];
  moved: [];
  maximize: [];
  unmaximize: [];
  minimize: [];
  restore: [];
  'enter-full-screen': [];
  'leave-full-screen': [];
  'page-title-updated': [event: PreventableEvent, title: string, explicitSet: boolean];
  unresponsive: [];
  responsive: [];
  'session-end': [event: Electron.WindowSessionEndEvent];
}
const windowEvents: Events<Electron.BrowserWindow['on'], WindowEvents> = {
  'ready-to-show': true, show: true, hide: true, focus: true, blur: true, close: true, closed: true, resize: true, resized: true, move: true, moved: true, maximize: true, unmaximize: true, minimize: true, restore: true,
  'enter-full-screen': true, 'leave-full-screen': true, 'page-title-updated': true, unresponsive: true, responsive: true, 'session-end': true,
};

type Modelled = Pick<
  Electron.BrowserWindow,
  | 'id' | 'loadURL' | 'reload' | 'show' | 'showInactive' | 'hide' | 'focus' | 'blur' | 'close' | 'destroy' | 'isDestroyed' | 'isVisible' | 'isFocused' | 'isMinimized' | 'isMaximized' | 'isFullScreen' | 'isNormal' | 'minimize' | 'restore'
  | 'maximize' | 'unmaximize' | 'setFullScreen' | 'getBounds' | 'setBounds' | 'getNormalBounds' | 'getSize' | 'getPosition' | 'setTitle' | 'getTitle' | 'title' | 'setBackgroundColor' | 'getBackgroundColor' | 'setOverlayIcon' | 'flashFrame'
  | 'setProgressBar' | 'setMenuBarVisibility' | 'setAutoHideMenuBar'
>;

const all = new Map<number, BrowserWindowDouble>();
let focused: BrowserWindowDouble | null = null;
const setFocused = (window: BrowserWindowDouble): void => void (focused = window);
const usualSize = { width: 800, height: 600 };

/** As Electron wants it before anything else: the class itself is modelled by `BrowserWindow` below. */
export class BrowserWindowDouble extends Emitter<WindowEvents> implements Modelled {
  readonly id: number;
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly contents: WebContentsDouble;
  title: string;
  overlay: { description: string; size: Electron.Size } | null = null;
  private bounds: Electron.Rectangle;
  private visible: boolean;
  private placed: 'normal' | 'maximized' | 'minimized' | 'full-screen' = 'normal';
  private gone = false;
  private painted = false;
  private ground: string;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super('BrowserWindow', windowEvents);
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    this.options = options;
    const { width = usualSize.width, height = usualSize.height } = options;
    const around = surroundings.displays[0]?.workArea ?? { x: 0, y: 0, width, height };
    // Without a place it stands in the middle of the first display.
    const x = options.x ?? Math.round(around.x + (around.width - width) / 2);
    const y = options.y ?? Math.round(around.y + (around.height - height) / 2);
    this.bounds = { x, y, width: Math.max(width, options.minWidth ?? 0), height: Math.max(height, options.minHeight ?? 0) };
    this.title = options.title ?? 'Electron';
    this.ground = options.backgroundColor ?? '#FFF';
    this.visible = options.show !== false;
    this.contents = new WebContentsDouble(options.webPreferences ?? {});
    this.id = this.contents.id;
    this.contents.onLook = () => this.redraw();
    all.set(this.id, this);
    void screenSide.openPage(this.id, this.look());
    app.tell('browser-window-created', createEvent({}), asReal(this));
    if (this.visible) this.takeFocus();
  }

  get webContents(): WebContentsDouble {
    if (this.gone) throw new TypeError('Object has been destroyed');
    return this.contents;
  }
  /** What the screen shows the page in. */
  private look(): Parameters<typeof screenSide.openPage>[1] {
    const { width, height } = this.getBounds();
    return { width, height, dark: nativeTheme.shouldUseDarkColors, zoom: this.contents.zoomFactor };
  }
  redraw(): void {
    if (!this.gone) void screenSide.changeLook(this.id, this.look());
  }

  loadURL = (url: string): Promise<void> => this.contents.loadURL(url);
  reload = (): void => this.contents.reload();

  private takeFocus(): void {
    if (focused === this) return;
    focused?.loseFocus();
    setFocused(this);
    this.contents.focused = true;
    this.tell('focus');
    app.tell('browser-window-focus', createEvent({}), asReal(this));
  }
  loseFocus(): void {
    if (focused !== this) return;
    focused = null;
    this.contents.focused = false;
    this.tell('blur');
    app.tell('browser-window-blur', createEvent({}), asReal(this));
  }
  show(): void {
    this.showInactive();
    this.takeFocus();
  }
  showInactive(): void {
    this.mustStand();
    if (this.visible) return;
    this.visible = true;
    this.tell('show');
  }
  hide(): void {
    this.mustStand();
    if (!this.visible) return;
    this.visible = false;
    this.loseFocus();
    this.tell('hide');
  }
  focus(): void {
    this.mustStand();
    if (this.visible && this.placed !== 'minimized') this.takeFocus();
  }
  blur = (): void => this.loseFocus();
  isVisible = (): boolean => this.visible && this.placed !== 'minimized';
  isFocused = (): boolean => focused === this;
  isDestroyed = (): boolean => this.gone;
  isMinimized = (): boolean => this.placed === 'minimized';
  isMaximized = (): boolean => this.placed === 'maximized';
  isFullScreen = (): boolean => this.placed === 'full-screen';
  isNormal = (): boolean => this.placed === 'normal';

  private place(placed: typeof this.placed, event: 'maximize' | 'unmaximize' | 'minimize' | 'restore' | 'enter-full-screen' | 'leave-full-screen'): void {
    this.mustStand();
    if (this.placed === placed) return;
    this.placed = placed;
    this.tell(event);
    this.redraw();
  }
  minimize(): void {
    this.place('minimized', 'minimize');
    this.loseFocus();
  }
  restore = (): void => this.place('normal', 'restore');
  /** Shows the window too, if it is not displayed already, as documented. */
  maximize(): void {
    this.place('maximized', 'maximize');
    this.showInactive();
  }
  unmaximize = (): void => this.place('normal', 'unmaximize');
  setFullScreen = (flag: boolean): void => this.place(flag ? 'full-screen' : 'normal', flag ? 'enter-full-screen' : 'leave-full-screen');

  getNormalBounds = (): Electron.Rectangle => ({ ...this.bounds });
  getBounds(): Electron.Rectangle {
    const display = surroundings.displays[0];
    if (display !== undefined && this.placed === 'maximized') return { ...display.workArea };
    if (display !== undefined && this.placed === 'full-screen') return { ...display.bounds };
    return this.getNormalBounds();
  }
  getSize = (): number[] => [this.getBounds().width, this.getBounds().height];
  getPosition = (): number[] => [this.getBounds().x, this.getBounds().y];
  setBounds(bounds: Partial<Electron.Rectangle>): void {
    this.mustStand();
    this.bounds = { ...this.bounds, ...bounds };
    this.tell('move');
    this.tell('resize');
    this.redraw();
  }
  setTitle(title: string): void {
    this.title = title;
  }
  getTitle = (): string => this.title;
  setBackgroundColor = (color: string): void => void (this.ground = color);
  getBackgroundColor = (): string => this.ground;
  setOverlayIcon = (overlay: Electron.NativeImage | null, description: string): void => void (this.overlay = overlay === null ? null : { description, size: overlay.getSize() });
  flashFrame = (): void => {};
  setProgressBar = (): void => {};
  setMenuBarVisibility = (): void => {};
  setAutoHideMenuBar = (): void => {};

  private mustStand(): void {
    if (this.gone) throw new TypeError('Object has been destroyed');
  }
  close(): void {
    if (this.gone) return;
    const event = createEvent({});
    this.tell('close', event);
    if (event.defaultPrevented) onKept();
    else setImmediate(() => this.destroy());
  }
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    if (focused === this) focused = null;
    all.delete(this.id);
    void screenSide.closePage(this.id);
    this.contents.destroy();
    this.tell('closed');
    if (all.size > 0) return;
    onLast();
    app.lastWindowClosed();
  }
  /** The page's own title becomes the window's, unless somebody keeps it. */
  pageTitled(title: string): void {
    const event = createEvent({});
    this.tell('page-title-updated', event, title, true);
    if (!event.defaultPrevented) this.title = title;
  }
  /** Told of what is hidden alone. Under Wayland nothing of that paints. */
  firstPaint(): void {
    if (this.painted || this.gone || (!this.visible && surroundings.paintsShownAlone)) return;
    this.painted = true;
    if (!this.visible) this.tell('ready-to-show');
  }
}

/** While the application quits: a window that stays ends that, the last one that goes lets it go on. */
let onKept = (): void => {};
let onLast = (): void => {};
app.windows = {
  closeAll: () =>
    new Promise((resolve) => {
      if (all.size === 0) return resolve(true);
      const settle = (went: boolean) => () => {
        onKept = onLast = () => {};
        resolve(went);
      };
      [onKept, onLast] = [settle(false), settle(true)];
      for (const window of [...all.values()]) window.close();
    }),
  destroyAll: () => [...all.values()].forEach((window) => window.destroy()),
  any: () => all.size > 0,
};

const statics = {
  getAllWindows: () => [...all.values()].map((window) => asReal<Electron.BrowserWindow>(window)),
  getFocusedWindow: () => (focused === null ? null : asReal<Electron.BrowserWindow>(focused)),
  fromId: (id: number) => asReal<Electron.BrowserWindow | null>(all.get(id) ?? (null as never)),
  fromWebContents: (contents: Electron.WebContents) => asReal<Electron.BrowserWindow | null>([...all.values()].find((window) => asReal<Electron.WebContents>(window.contents) === contents) ?? (null as never)),
} satisfies Pick<typeof Electron.BrowserWindow, 'getAllWindows' | 'getFocusedWindow' | 'fromId' | 'fromWebContents'>;

export const BrowserWindow = faithful('BrowserWindow', Object.assign(BrowserWindowDouble, statics));

nativeTheme.on('updated', () => {
  for (const window of all.values()) window.redraw();
});

/** @throws Error where there is no such window */
export function windowOf(id: number): BrowserWindowDouble {
  const window = all.get(id);
  if (window === undefined) throw new Error(`There is no window ${id}.`);
  return window;
}

export const focusedWindow = (): BrowserWindowDouble | null => focused;

export const windowHands = {
  windowStates: () =>
    [...all.values()].map((window) => ({
      id: window.id, title: window.title, url: window.contents.getURL(), visible: window.isVisible(), focused: window.isFocused(), minimized: window.isMinimized(), maximized: window.isMaximized(), fullScreen: window.isFullScreen(), bounds: window.getBounds(),
      normalBounds: window.getNormalBounds(), ground: window.getBackgroundColor(), overlay: window.overlay, options: window.options as Record<string, unknown>, webPreferences: { ...window.contents.preferences }, devTools: window.contents.isDevToolsOpened(), zoomLevel: window.contents.getZoomLevel(),
    })),
  closeWindow: (id: number) => windowOf(id).close(),
  focusWindow: (id: number) => windowOf(id).focus(),
  blurWindow: (id: number) => windowOf(id).blur(),
  /** What Windows tells each window when somebody logs off or shuts down. */
  endSession: () => [...all.values()].forEach((window) => window.tell('session-end', asReal(createEvent({ reasons: ['shutdown'] })))),
  minimizeWindow: (id: number) => windowOf(id).minimize(),
  maximizeWindow: (id: number) => windowOf(id).maximize(),
  unmaximizeWindow: (id: number) => windowOf(id).unmaximize(),
  moveWindow: (id: number, bounds: Partial<Electron.Rectangle>) => windowOf(id).setBounds(bounds),
};
