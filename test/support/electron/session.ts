/** `session` and `protocol`: what pages may ask for, who answers them, and what they may load. */
import { basename } from 'node:path';
import { app } from './app.ts';
import { asReal, createEvent, Emitter, faithful, type Events, type PreventableEvent } from './faithful.ts';
import { createFrame, originOf, type FramePlace } from './frames.ts';
import type { WebContentsDouble } from './web-contents.ts';

type Handler = Parameters<Electron.Protocol['handle']>[1];
type BeforeRequest = (details: Electron.OnBeforeRequestListenerDetails, callback: (response: Electron.CallbackResponse) => void) => void;

class DownloadItemDouble extends Emitter<{ done: [event: PreventableEvent, state: 'completed' | 'cancelled' | 'interrupted'] }> implements Pick<Electron.DownloadItem, 'getURL' | 'getFilename' | 'setSavePath' | 'getSavePath' | 'cancel'> {
  savePath = '';
  cancelled = false;
  private readonly url: string;
  private readonly filename: string;
  constructor(url: string, filename: string) {
    super('DownloadItem', { done: true });
    this.url = url;
    this.filename = filename;
  }
  getURL = (): string => this.url;
  getFilename = (): string => basename(this.filename);
  setSavePath = (path: string): void => void (this.savePath = path);
  getSavePath = (): string => this.savePath;
  cancel = (): void => void (this.cancelled = true);
}

interface SessionEvents {
  'will-download': [event: PreventableEvent, item: Electron.DownloadItem, contents: Electron.WebContents];
}
const sessionEvents: Events<Electron.Session['on'], SessionEvents> = { 'will-download': true };

type Modelled = Pick<Electron.Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler' | 'setDisplayMediaRequestHandler' | 'setSpellCheckerEnabled' | 'setBluetoothPairingHandler' | 'setUSBProtectedClassesHandler'>;

class SessionDouble extends Emitter<SessionEvents> implements Modelled {
  readonly handlers: {
    request: Parameters<Electron.Session['setPermissionRequestHandler']>[0];
    check: Parameters<Electron.Session['setPermissionCheckHandler']>[0];
    device: Parameters<Electron.Session['setDevicePermissionHandler']>[0];
    displayMedia: Parameters<Electron.Session['setDisplayMediaRequestHandler']>[0];
  } = { request: null, check: null, device: null, displayMedia: null };
  readonly schemes = new Map<string, Handler>();
  spellChecker = true;
  beforeRequest: BeforeRequest | null = null;

  constructor() {
    super('session', sessionEvents);
  }
  setPermissionRequestHandler = (handler: typeof this.handlers.request): void => void (this.handlers.request = handler);
  setPermissionCheckHandler = (handler: typeof this.handlers.check): void => void (this.handlers.check = handler);
  setDevicePermissionHandler = (handler: typeof this.handlers.device): void => void (this.handlers.device = handler);
  setDisplayMediaRequestHandler = (handler: typeof this.handlers.displayMedia): void => void (this.handlers.displayMedia = handler);
  setBluetoothPairingHandler = (): void => {};
  setUSBProtectedClassesHandler = (): void => {};
  setSpellCheckerEnabled = (enable: boolean): void => void (this.spellChecker = enable);

  readonly webRequest = faithful('webRequest', {
    onBeforeRequest: ((filterOrListener: unknown, listener?: BeforeRequest | null) => {
      if (typeof filterOrListener === 'object' && filterOrListener !== null) throw new Error('The double of Electron does not model filters of webRequest.');
      this.beforeRequest = (listener ?? filterOrListener) as BeforeRequest | null;
    }) as Electron.WebRequest['onBeforeRequest'],
  } satisfies Pick<Electron.WebRequest, 'onBeforeRequest'>);

  readonly protocol = faithful('session.protocol', {
    handle: (scheme: string, handler: Handler) => {
      if (this.schemes.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
      this.schemes.set(scheme, handler);
    },
    unhandle: (scheme: string) => {
      if (!this.schemes.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
    },
    isProtocolHandled: (scheme: string) => this.schemes.has(scheme),
  } satisfies Pick<Electron.Protocol, 'handle' | 'unhandle' | 'isProtocolHandled'>);
}

export const defaultSession = new SessionDouble();

function whenReady(what: string): SessionDouble {
  if (!app.isReady()) throw new Error(`${what} can only be used after app is ready`);
  return defaultSession;
}

export const session = faithful('session', {
  get defaultSession(): Electron.Session {
    return asReal(whenReady('Session'));
  },
} satisfies Pick<typeof Electron.Session, 'defaultSession'>);

let privileged: Electron.CustomScheme[] | null = null;

export const protocol = faithful('protocol', {
  registerSchemesAsPrivileged(schemes: Electron.CustomScheme[]) {
    if (app.isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    if (privileged !== null) throw new Error('protocol.registerSchemesAsPrivileged can be called only once');
    privileged = schemes;
  },
  handle: (scheme: string, handler: Handler) => whenReady('protocol.handle').protocol.handle(scheme, handler),
  unhandle: (scheme: string) => whenReady('protocol.unhandle').protocol.unhandle(scheme),
  isProtocolHandled: (scheme: string) => whenReady('protocol.isProtocolHandled').protocol.isProtocolHandled(scheme),
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'unhandle' | 'isProtocolHandled'>);

/** A request, as Chromium makes one for a page. */
export interface PageRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Buffer | null;
  resourceType: Electron.OnBeforeRequestListenerDetails['resourceType'];
  /** Absent: the browser itself asks. */
  initiatorOrigin: string | null;
  referrer: string;
}

export interface PageAnswer {
  status: number;
  headers: [string, string][];
  body: Buffer;
}

let requests = 0;

/** Whether `webRequest` lets it through. */
export function mayRequest(request: PageRequest, contents: WebContentsDouble | null, place: FramePlace | null): Promise<boolean> {
  const { beforeRequest } = defaultSession;
  if (beforeRequest === null) return Promise.resolve(true);
  const { url, method, resourceType, referrer, initiatorOrigin } = request;
  requests += 1;
  const details: Electron.OnBeforeRequestListenerDetails = {
    id: requests, url, method, resourceType, referrer, timestamp: Date.now(), uploadData: [],
    ...(initiatorOrigin === null ? {} : { initiatorOrigin }),
    ...(contents === null ? {} : { webContentsId: contents.id, webContents: asReal<Electron.WebContents>(contents) }),
    ...(place === null ? {} : { frame: createFrame(place) }),
  };
  return new Promise((resolve) => beforeRequest(details, ({ cancel, redirectURL }) => {
    if (redirectURL !== undefined) throw new Error('The double of Electron does not model redirectURL of webRequest.');
    resolve(cancel !== true);
  }));
}

/** What the handler of the scheme answers; null: nobody handles it. @throws what the handler throws */
export async function answerRequest({ url, method, headers, body, initiatorOrigin }: PageRequest): Promise<PageAnswer | null> {
  const handler = defaultSession.schemes.get(new URL(url).protocol.slice(0, -1));
  if (handler === undefined) return null;
  const request = Object.assign(new Request(url, { method, headers, ...(body === null ? {} : { body: new Uint8Array(body) }) }), initiatorOrigin === null ? {} : { initiatorOrigin });
  const response: Response = asReal(await handler(asReal(request)));
  return { status: response.status, headers: [...response.headers], body: Buffer.from(await response.arrayBuffer()) };
}

/** Electron lets a page do what nobody forbids: without a handler everything is granted. */
export function isPermitted(contents: WebContentsDouble, permission: string, url: string): boolean {
  const { check, request } = defaultSession.handlers;
  const details = { requestingUrl: url, isMainFrame: true, securityOrigin: originOf(url) };
  const real = asReal<Electron.WebContents>(contents);
  const checked = check?.(real, permission as never, originOf(url), details) ?? true;
  let granted = request === null;
  request?.(real, permission as never, (decision) => (granted = decision), details);
  return checked && granted;
}

/** @returns where the person gets it; null: it was forbidden */
export function mayDownload(contents: WebContentsDouble, url: string, filename: string): { savePath: string } | null {
  const item = new DownloadItemDouble(url, filename);
  const event = createEvent({});
  defaultSession.tell('will-download', event, asReal(item), asReal(contents));
  return event.defaultPrevented || item.cancelled ? null : { savePath: item.savePath };
}

export const sessionHands = {
  sessionState: () => ({
    privileged: privileged ?? [],
    schemes: [...defaultSession.schemes.keys()],
    handlers: Object.fromEntries(Object.entries(defaultSession.handlers).map(([name, handler]) => [name, handler !== null])),
    spellChecker: defaultSession.spellChecker,
  }),
  /** What the handler for devices and the one for screens decide, asked as Chromium would. */
  deviceIsPermitted: (deviceType: 'hid' | 'serial' | 'usb', origin: string) => defaultSession.handlers.device?.({ deviceType, origin, device: {} as never }) ?? true,
  displayMedia: () =>
    new Promise<'granted' | 'denied'>((resolve) => {
      const { displayMedia } = defaultSession.handlers;
      if (displayMedia === null) return resolve('denied');
      displayMedia({} as never, (streams) => resolve(streams === null || Object.keys(streams).length === 0 ? 'denied' : 'granted'));
    }),
};
