/**
 * The world of a preload script in its sandbox: what Electron gives it, one for each document of a page, and what it
 * exposes to that page. Nothing else of this process is within its reach.
 */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import * as timers from 'node:timers';
import * as url from 'node:url';
import { compileFunction, createContext, runInContext } from 'node:vm';
import { createCrossing, type Crossed, type Crossing, type CrossingMessage } from './crossing.ts';
import { createEvent, faithful } from './faithful.ts';
import { createPortEnds, type PortEnd } from './port-ends.ts';

/** A MessagePort of a page's world. */
class DomPort extends EventTarget {
  private end: PortEnd | null;
  private handlers: { message: ((event: MessageEvent) => void) | null; close: ((event: Event) => void) | null } = { message: null, close: null };

  constructor(end: PortEnd) {
    super();
    this.end = end;
    this.addEventListener('message', (event) => this.handlers.message?.(event as MessageEvent));
    this.addEventListener('close', (event) => this.handlers.close?.(event));
  }
  get onmessage(): ((event: MessageEvent) => void) | null {
    return this.handlers.message;
  }
  /** Setting it starts the port, unlike addEventListener. */
  set onmessage(handler: ((event: MessageEvent) => void) | null) {
    this.handlers.message = handler;
    this.start();
  }
  get onclose(): ((event: Event) => void) | null {
    return this.handlers.close;
  }
  set onclose(handler: ((event: Event) => void) | null) {
    this.handlers.close = handler;
  }
  postMessage(data: unknown, transfer: DomPort[] = []): void {
    this.end?.post(data, transfer.map(takeEnd));
  }
  start(): void {
    this.end?.listen((arrival) => {
      if (arrival === 'closed') this.dispatchEvent(new Event('close'));
      else this.dispatchEvent(Object.assign(new Event('message'), { data: arrival.data, ports: arrival.ports.map((end) => new DomPort(end)) }));
    });
  }
  close(): void {
    this.end?.close();
  }
  take(): PortEnd {
    const { end } = this;
    if (end === null || end.closed) throw new DOMException('A MessagePort could not be cloned because it was already transferred.', 'DataCloneError');
    end.listen(null);
    this.end = null;
    return end;
  }
}

function takeEnd(port: unknown): PortEnd {
  if (!(port instanceof DomPort)) throw new TypeError('Only a MessagePort can be transferred to the main process.');
  return port.take();
}

/** What the main process hears of a preload script. */
export interface HeardOfPreload {
  invoke(channel: string, args: unknown[]): Promise<unknown>;
  send(channel: string, args: unknown[], ports: PortEnd[]): void;
  /** For the page, once it asks. */
  tellPage(message: CrossingMessage): void;
}

export interface PreloadWorld {
  /** What the script exposed, as the page's world takes it in. */
  readonly exposed: { key: string; value: Crossed }[];
  /** The page calls a function that it was given. @throws what that function throws */
  call(id: number, args: Crossed[]): Crossed;
  /** From the main process: `webContents.send` and `postMessage`. */
  deliver(channel: string, args: unknown[], ports: PortEnd[]): void;
  /** The document is gone, and every port that it held with it. */
  end(): void;
}

type Bridge = Pick<Electron.ContextBridge, 'exposeInMainWorld'>;

/** @throws what the script throws */
export function startPreload(file: string, pageUrl: string, heard: HeardOfPreload): PreloadWorld {
  const ends = new Set<PortEnd>();
  const listeners = new EventEmitter();
  const exposed: { key: string; value: Crossed }[] = [];
  const nothing: Crossed = { kind: 'undefined' };
  const crossing: Crossing = createCrossing((id, args) => {
    heard.tellPage({ type: 'call', id, args });
    return nothing;
  }, heard.tellPage);

  class Channel {
    port1: DomPort;
    port2: DomPort;
    constructor() {
      const [one, two] = createPortEnds();
      ends.add(one).add(two);
      this.port1 = new DomPort(one);
      this.port2 = new DomPort(two);
    }
  }
  const giveAway = (port: unknown): PortEnd => {
    const end = takeEnd(port);
    ends.delete(end);
    return end;
  };

  const bridge = faithful('contextBridge', {
    exposeInMainWorld(key: string, api: unknown) {
      if (exposed.some((each) => each.key === key)) throw new Error(`Cannot bind an API on top of an existing property on the window object`);
      exposed.push({ key, value: crossing.out(api) });
    },
  } satisfies Bridge);
  const renderer = faithful('ipcRenderer', {
    invoke: (channel: string, ...args: unknown[]) => heard.invoke(channel, structuredClone(args)),
    send: (channel: string, ...args: unknown[]) => heard.send(channel, structuredClone(args), []),
    postMessage: (channel: string, message: unknown, transfer: unknown[] = []) => heard.send(channel, [structuredClone(message)], transfer.map(giveAway)),
    on: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.on(channel, listener);
    },
    once: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.once(channel, listener);
    },
    off: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.off(channel, listener);
    },
    removeListener: (channel: string, listener: (...args: unknown[]) => void) => {
      listeners.removeListener(channel, listener);
    },
    removeAllListeners: (channel?: string) => {
      listeners.removeAllListeners(channel);
    },
  } satisfies { [Name in keyof Pick<Electron.IpcRenderer, 'invoke' | 'send' | 'postMessage' | 'on' | 'once' | 'off' | 'removeListener' | 'removeAllListeners'>]: (...args: never[]) => unknown });

  const modules: Record<string, unknown> = { electron: faithful("electron, as a preload script in its sandbox has it", { contextBridge: bridge, ipcRenderer: renderer }), events: EventEmitter, timers, url };
  const require = (name: string): unknown => {
    const known = modules[name.replace(/^node:/, '').replace(/^electron\/renderer$/, 'electron')];
    if (known === undefined) throw new Error(`module not found: ${name}`);
    return known;
  };
  const { platform, arch, versions } = process;
  const ownProcess = faithful("a preload script's process", { platform, arch, versions: { ...versions }, type: 'renderer', sandboxed: true, contextIsolated: true, isMainFrame: true });
  const context = createContext({ console, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, structuredClone, URL, URLSearchParams, TextEncoder, TextDecoder, Event, EventTarget, MessageChannel: Channel, MessagePort: DomPort, location: new URL(pageUrl) });
  runInContext('globalThis.window = globalThis; globalThis.self = globalThis', context);
  const script = compileFunction(readFileSync(file, 'utf8'), ['require', 'process', 'Buffer', 'global', 'setImmediate', 'clearImmediate', 'exports', 'module'], { parsingContext: context, filename: file }) as (...args: unknown[]) => void;
  const module = { exports: {} };
  script(require, ownProcess, Buffer, runInContext('globalThis', context), setImmediate, clearImmediate, module.exports, module);

  return {
    exposed,
    call: (id, args) => crossing.call(id, args),
    deliver(channel, args, ports) {
      for (const end of ports) ends.add(end);
      listeners.emit(channel, createEvent({ sender: renderer, ports: ports.map((end) => new DomPort(end)) }), ...args);
    },
    end() {
      listeners.removeAllListeners();
      for (const end of ends) end.close();
    },
  };
}
