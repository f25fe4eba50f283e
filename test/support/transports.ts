/** The ways in to an engine, each as a client and, where there is a wire, as raw frames. */
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { createClient, reviveError } from '#shared/contract/client.ts';
import { lineGreeting } from '#shared/contract/desktop.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Channel } from '#shared/contract/protocol.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { attach } from '#engine/attach/attach-client.ts';
import { startAttachServer } from '#engine/attach/attach-server.ts';
import { createMemoryChannels } from '#engine/dispatch/memory-channel.ts';
import { serveChannel } from '#engine/dispatch/serve-channel.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { writeManifest } from '#engine/console/manifest.ts';
import { createPortChannel } from '../../electron/utility/port-channel.ts';
import { startLoopbackServer, type LoopbackServer } from '../../electron/loopback/server.ts';
import { startCommand } from './command-line.ts';
import { MessageChannelMainDouble } from './electron/main-ports.ts';
import type { Probe } from './probe.ts';

export interface Wire {
  send(text: string): void;
  /** Resolves when the other side has closed it. */
  closed: Promise<void>;
  close(): void;
}

export interface Way {
  name: string;
  client(): Promise<EngineClient & { close(): void }>;
  /** Null: there is no wire to write anything on. */
  wire: (() => Promise<Wire>) | null;
  close(): Promise<void>;
}

/** A built console of three files, in a folder of the test's. */
export function writeConsole(folder: string): string {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><title>Pilothouse</title>');
  writeFileSync(join(folder, 'assets', 'main-Ab12_Cd9.js'), 'export {};');
  writeFileSync(join(folder, 'mark.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeManifest(folder);
  return folder;
}

export function startLoopbackOf(probe: Probe, consoleFolder: string): Promise<LoopbackServer> {
  return startLoopbackServer({ ports: probe.core.ports, dispatcher: probe.dispatcher, assets: loadAssets(writeConsole(consoleFolder)), port: 0 });
}

/** A browser's headers for a request to the console's own origin. */
export function browserHeaders(origin: string): Record<string, string> {
  return { origin, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'content-type': 'application/json' };
}

/** Exchanges the one-time token of a fresh link, as the window does. */
export async function openSessionOn(server: LoopbackServer): Promise<string> {
  const token = new URL(server.issueLink()).hash.slice('#token='.length);
  const response = await fetch(`${server.origin}/api/session`, { method: 'POST', headers: browserHeaders(server.origin), body: JSON.stringify({ token }) });
  return ((await response.json()) as { session: string }).session;
}

export async function openWebSocket(server: LoopbackServer, session: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/api/socket`, { origin: server.origin, perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ session }));
  return socket;
}

function channelOf(socket: WebSocket): Channel {
  return {
    send: (text) => socket.send(text),
    onMessage: (listener) => void socket.on('message', (data) => listener((data as Buffer).toString('utf8'))),
    onClose: (listener) => void socket.on('close', listener),
    close: () => socket.close(),
  };
}

export async function inMemory(probe: Probe): Promise<Way> {
  const open = (): Channel => {
    const [here, there] = createMemoryChannels();
    serveChannel(there, probe.dispatcher, 'test');
    return here;
  };
  return {
    name: 'in memory',
    client: async () => createClient(open()),
    wire: async () => {
      const channel = open();
      return { send: (text) => void channel.send(text), closed: new Promise((resolve) => channel.onClose(resolve)), close: () => channel.close() };
    },
    close: async () => {},
  };
}

export async function overWebSocket(probe: Probe): Promise<Way> {
  const server = await startLoopbackOf(probe, join(probe.core.home.root, 'console'));
  const session = await openSessionOn(server);
  return {
    name: 'over a WebSocket',
    client: async () => createClient(channelOf(await openWebSocket(server, session))),
    wire: async () => {
      const socket = await openWebSocket(server, session);
      socket.on('error', () => {});
      return { send: (text) => socket.send(text, () => {}), closed: new Promise((resolve) => socket.once('close', () => resolve())), close: () => socket.close() };
    },
    close: () => server.close(),
  };
}

export async function overAttachSocket(probe: Probe): Promise<Way> {
  const server = await startAttachServer({ home: probe.core.home, ports: probe.core.ports, dispatcher: probe.dispatcher });
  return {
    name: 'over the attach socket',
    client: async () => {
      const client = await attach(probe.core.home, 'test');
      if (client === null) throw new Error('Nobody answers on the attach socket.');
      return client;
    },
    wire: async () => {
      const socket = connect(server.path);
      await once(socket, 'connect');
      socket.on('error', () => {});
      socket.resume();
      socket.write('{"hello":"contract","caller":"test"}\n');
      return { send: (text) => void socket.write(`${text.replaceAll('\n', ' ')}\n`), closed: new Promise((resolve) => socket.once('close', () => resolve())), close: () => socket.destroy() };
    },
    close: () => server.close(),
  };
}

/** As a window's page reaches the engine: its preload script holds one end of a channel, the utility process serves the other. */
export async function overMessagePort(probe: Probe): Promise<Way> {
  const open = async (): Promise<Channel> => {
    const { port1: here, port2: there } = new MessageChannelMainDouble();
    const line = createPortChannel(there);
    serveChannel(line, probe.dispatcher, 'test');
    const listeners: ((text: string) => void)[] = [];
    // Of the end that closes itself nobody hears.
    const closed = Promise.withResolvers<void>();
    here.on('close', closed.resolve);
    const greeted = new Promise<void>((resolve) => {
      here.on('message', ({ data }: { data: unknown }) => {
        if (data === lineGreeting) return resolve();
        for (const listener of listeners) listener(String(data));
      });
    });
    here.start();
    line.greet();
    await greeted;
    return {
      send: (text) => here.postMessage(text),
      onMessage: (listener) => void listeners.push(listener),
      onClose: (listener) => void closed.promise.then(listener),
      close: () => {
        here.close();
        closed.resolve();
      },
    };
  };
  return {
    name: 'over a MessagePort',
    client: async () => createClient(await open()),
    wire: async () => {
      const channel = await open();
      return { send: (text) => void channel.send(text), closed: new Promise((resolve) => channel.onClose(resolve)), close: () => channel.close() };
    },
    close: async () => {},
  };
}

/** `call` of the command line, attached to the engine over its socket. */
export async function overCommandLine(probe: Probe): Promise<Way> {
  const server = await startAttachServer({ home: probe.core.home, ports: probe.core.ports, dispatcher: probe.dispatcher });
  const ask = async (name: string, input: unknown, signal: AbortSignal | undefined): Promise<Record<string, unknown>> => {
    const started = startCommand(['--home', probe.core.home.root, '--json', 'call', name], JSON.stringify(input));
    signal?.addEventListener('abort', started.interrupt, { once: true });
    const document = (await started.result).document();
    if ('error' in document) {
      // A document says null where there is nothing to say: scripts find every field.
      const { hint, correlationId, ...error } = document['error'] as Pick<ErrorShape, 'code' | 'message' | 'details'> & Record<'hint' | 'correlationId', string | null>;
      throw reviveError({ retryable: false, ...error, correlationId: correlationId ?? '', ...(hint === null ? {} : { hint }) });
    }
    return document;
  };
  return {
    name: 'over the command line',
    client: async () => ({
      call: ((method: string, input: unknown, options?: { signal?: AbortSignal }) => ask(method, input, options?.signal)) as EngineClient['call'],
      follow: async function* (stream: string, input: unknown, options?: { signal?: AbortSignal }) {
        const { items } = await ask(stream, input, options?.signal);
        yield* items as unknown[];
      } as unknown as EngineClient['follow'],
      close: () => {},
    }),
    wire: null,
    close: () => server.close(),
  };
}
