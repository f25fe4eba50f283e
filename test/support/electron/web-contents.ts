/** `webContents`: the page of a window, shown by the Chromium of the screen. */
import { app } from './app.ts';
import type { Crossed } from './crossing.ts';
import { asReal, createEvent, Emitter, type Events, type PreventableEvent } from './faithful.ts';
import { createFrame, type FramePlace } from './frames.ts';
import { ipcMain } from './ipc-main.ts';
import { portOf, takeEnds } from './main-ports.ts';
import { startPreload, type PreloadWorld } from './preload.ts';
import { screenSide } from './to-screen.ts';

interface ContentsEvents {
  'did-start-loading': [];
  'did-finish-load': [];
  'did-fail-load': [event: PreventableEvent, errorCode: number, errorDescription: string, validatedURL: string, isMainFrame: boolean];
  'dom-ready': [];
  'did-navigate': [event: PreventableEvent, url: string, httpResponseCode: number, httpStatusText: string];
  'did-navigate-in-page': [event: PreventableEvent, url: string, isMainFrame: boolean];
  'will-navigate': [details: PreventableEvent & Electron.WebContentsWillNavigateEventParams];
  'will-frame-navigate': [details: PreventableEvent & Electron.WebContentsWillFrameNavigateEventParams];
  'will-redirect': [details: PreventableEvent & Pick<Electron.WebContentsWillRedirectEventParams, 'url' | 'isMainFrame' | 'frame'>];
  'will-attach-webview': [event: PreventableEvent, webPreferences: Electron.WebPreferences, params: Record<string, string>];
  'render-process-gone': [event: PreventableEvent, details: Electron.RenderProcessGoneDetails];
  'preload-error': [event: PreventableEvent, preloadPath: string, error: Error];
  'console-message': [event: PreventableEvent & Electron.WebContentsConsoleMessageEventParams];
  'context-menu': [event: PreventableEvent, params: Electron.ContextMenuParams];
  unresponsive: [];
  responsive: [];
  destroyed: [];
}
const contentsEvents: Events<Electron.WebContents['on'], ContentsEvents> = {
  'did-start-loading': true, 'did-finish-load': true, 'did-fail-load': true, 'dom-ready': true, 'did-navigate': true, 'did-navigate-in-page': true, 'will-navigate': true, 'will-frame-navigate': true, 'will-redirect': true,
  'will-attach-webview': true, 'render-process-gone': true, 'preload-error': true, 'console-message': true, 'context-menu': true, unresponsive: true, responsive: true, destroyed: true,
};

type Modelled = Pick<
  Electron.WebContents,
  | 'id' | 'getURL' | 'getTitle' | 'isDestroyed' | 'isCrashed' | 'isLoading' | 'isFocused' | 'focus' | 'reload' | 'loadURL' | 'send' | 'postMessage' | 'mainFrame' | 'setWindowOpenHandler' | 'getType' | 'getZoomLevel' | 'setZoomLevel'
  | 'openDevTools' | 'closeDevTools' | 'toggleDevTools' | 'isDevToolsOpened' | 'setVisualZoomLevelLimits'
>;

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];
const zoomStep = 1.2;
let given = 0;

export class WebContentsDouble extends Emitter<ContentsEvents> implements Modelled {
  readonly id: number;
  readonly preferences: Electron.WebPreferences;
  title = '';
  focused = false;
  private url = '';
  private loading = false;
  private crashed = false;
  private dying = false;
  private gone = false;
  private devTools = false;
  private zoomLevel = 0;
  private openHandler: WindowOpenHandler | null = null;
  private document: { id: string; world: PreloadWorld | null } | null = null;
  /** Draws the page anew after a change of zoom; the window's own. */
  onLook: () => void = () => {};

  constructor(preferences: Electron.WebPreferences) {
    super('webContents', contentsEvents);
    given += 1;
    this.id = given;
    this.preferences = preferences;
    app.tell('web-contents-created', createEvent({}), asReal(this));
  }

  get mainFrame(): Electron.WebFrameMain {
    return createFrame({ url: this.url === '' ? 'about:blank' : this.url, parent: null });
  }
  getURL = (): string => this.url;
  getTitle = (): string => this.title;
  getType = (): 'window' => 'window';
  isDestroyed = (): boolean => this.gone;
  isCrashed = (): boolean => this.crashed;
  isLoading = (): boolean => this.loading;
  isFocused = (): boolean => this.focused;
  focus = (): void => {};
  getZoomLevel = (): number => this.zoomLevel;
  get zoomFactor(): number {
    return zoomStep ** this.zoomLevel;
  }
  setZoomLevel(level: number): void {
    this.zoomLevel = level;
    this.onLook();
  }
  setVisualZoomLevelLimits = async (): Promise<void> => {};
  openDevTools(): void {
    this.devTools = this.preferences.devTools !== false;
  }
  closeDevTools(): void {
    this.devTools = false;
  }
  toggleDevTools(): void {
    if (this.devTools) this.closeDevTools();
    else this.openDevTools();
  }
  isDevToolsOpened = (): boolean => this.devTools;
  setWindowOpenHandler = (handler: WindowOpenHandler): void => void (this.openHandler = handler);

  async loadURL(url: string): Promise<void> {
    this.beginLoading();
    const problem = await screenSide.load(this.id, url);
    if (problem === null || this.gone) return;
    this.loading = false;
    this.tell('did-fail-load', createEvent({}), -2, problem, url, true);
    throw new Error(`${problem} loading '${url}'`);
  }
  reload(): void {
    this.beginLoading();
    void screenSide.reload(this.id);
  }
  private beginLoading(): void {
    if (this.dying) throw new Error('What is loaded while a page is being told gone has ended the main process of more than one Electron: load it in a later turn.');
    this.loading = true;
    this.crashed = false;
    this.tell('did-start-loading');
  }

  send(channel: string, ...args: unknown[]): void {
    const copied = structuredClone(args);
    this.deliver(channel, copied, []);
  }
  postMessage(channel: string, message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    this.deliver(channel, [structuredClone(message)], transfer);
  }
  /** Lost where there is no document yet, or none any more. */
  private deliver(channel: string, args: unknown[], transfer: Electron.MessagePortMain[]): void {
    const ends = takeEnds(transfer);
    const { document } = this;
    setImmediate(() => {
      if (this.document === document) document?.world?.deliver(channel, args, ends);
    });
  }

  /** A document begins: the one before it is gone, and the preload script runs anew. @returns what it exposes */
  begin(document: string, url: string): PreloadWorld['exposed'] {
    this.leave();
    this.url = url;
    this.document = { id: document, world: null };
    const { preload } = this.preferences;
    if (preload === undefined) return [];
    const sender = { sender: asReal<Electron.WebContents>(this), senderFrame: this.mainFrame };
    try {
      this.document.world = startPreload(preload, url, {
        invoke: (channel, args) => new Promise((resolve, reject) => void setImmediate(() => void ipcMain.invoked(sender, channel, args).then(resolve, reject))),
        send: (channel, args, ends) => void setImmediate(() => ipcMain.sent(sender, channel, args, ends.map(portOf))),
        tellPage: (message) => {
          if (this.document?.id === document) void screenSide.tellPage(this.id, document, message);
        },
      });
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error));
      if (!this.tell('preload-error', createEvent({}), preload, problem)) process.stderr.write(`Unable to load preload script: ${preload}\n${problem.stack ?? ''}\n`);
    }
    return this.document.world?.exposed ?? [];
  }
  leave(): void {
    this.document?.world?.end();
    this.document = null;
  }
  callPreload(document: string, id: number, args: Crossed[]): Crossed {
    if (this.document?.id !== document || this.document.world === null) throw new Error('The document is gone.');
    return this.document.world.call(id, args);
  }

  navigated(url: string, inPage: boolean): void {
    this.url = url;
    if (inPage) this.tell('did-navigate-in-page', createEvent({}), url, true);
    else this.tell('did-navigate', createEvent({}), url, 200, 'OK');
  }
  loaded(): void {
    this.loading = false;
    this.tell('dom-ready');
    this.tell('did-finish-load');
  }
  /** A page, or a frame in it, wants to go somewhere. @returns the event that forbade it */
  wantsTo(url: string, place: FramePlace): 'will-frame-navigate' | 'will-navigate' | null {
    const isMainFrame = place.parent === null;
    const details = { url, isSameDocument: false, isMainFrame, frame: createFrame(place) };
    for (const name of ['will-frame-navigate', ...(isMainFrame ? (['will-navigate'] as const) : [])] as const) {
      const event = createEvent({ ...details });
      this.tell(name, event);
      if (event.defaultPrevented) return name;
    }
    return null;
  }
  mayRedirect(url: string, place: FramePlace): boolean {
    const event = createEvent({ url, isMainFrame: place.parent === null, frame: createFrame(place) });
    this.tell('will-redirect', event);
    return !event.defaultPrevented;
  }
  mayOpen(details: Electron.HandlerDetails): boolean {
    const { action } = this.openHandler?.(details) ?? { action: 'allow' };
    return action === 'allow';
  }
  mayAttachWebview(): boolean {
    const event = createEvent({});
    this.tell('will-attach-webview', event, {}, {});
    return this.preferences.webviewTag === true && !event.defaultPrevented;
  }
  crash(details: Electron.RenderProcessGoneDetails): void {
    this.crashed = true;
    this.loading = false;
    this.leave();
    this.dying = true;
    try {
      app.tell('render-process-gone', createEvent({}), asReal(this), details);
      this.tell('render-process-gone', createEvent({}), details);
    } finally {
      this.dying = false;
    }
  }
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    this.leave();
    this.tell('destroyed');
  }
}
