/** The engine of the desktop, in Electron's utility process: started and spoken to by the main process alone. */
import { openHome, type Home } from '#engine/home.ts';
import { createFileLogger } from '#engine/logging/file-logger.ts';
import { applicationScripts } from '#engine/node-scripts.ts';
import { systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { version } from '#engine/settings/app-room.ts';
import { toEngine, type ToEngine } from '#shared/contract/desktop.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import { createRemoteKeychain, type RemoteKeychain } from './keychain.ts';
import { openEngine, type Served } from './lines.ts';
import { parentPort, tell } from './parent-port.ts';
import { createPortChannel } from './port-channel.ts';
import { watchForWindow } from './watch.ts';

type Start = Extract<ToEngine, { type: 'start' }>;

const parent = parentPort();
type WindowLine = ReturnType<typeof createPortChannel>;

/** Lines of windows that came before there is anybody to serve them. */
let waiting: WindowLine[] = [];
let served: Served | null = null;
let keychain: RemoteKeychain | null = null;
let watching = new AbortController();

function portsOf(start: Start, home: Home): Ports & { logger: ReturnType<typeof createFileLogger> } {
  if (start.keychain !== null) keychain = createRemoteKeychain(parent, start.keychain);
  return {
    clock: systemClock,
    random: systemRandom,
    logger: createFileLogger({ folder: home.logs, clock: systemClock, host: 'desktop' }),
    keyWrapping: keychain?.wrapping ?? null,
    notifier: { notify: ({ title, body, place }) => tell(parent, { type: 'notify', title: title.slice(0, 500), body: body.slice(0, 2000), place }) },
    scripts: applicationScripts(start.scripts),
    notices: start.notices,
    host: 'desktop',
  };
}

async function open(start: Start): Promise<void> {
  const home = openHome(start.home);
  const ports = portsOf(start, home);
  const { logger } = ports;
  process.on('uncaughtException', (error) => {
    const scrub = served === null ? (text: string) => text : served.scrub;
    logger.error({ stack: scrub(error.stack ?? '') }, scrub(error.message));
    logger.close();
    process.exit(1);
  });
  await begin(home, ports);
}

async function begin(home: Home, ports: Ports): Promise<void> {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  served = null;
  const opened = await openEngine(home, ports, () => {
    if (!signal.aborted) begin(home, ports).catch(fail);
  });
  served = opened;
  ports.logger.info({ version, home: home.root, attached: opened.attached, node: process.versions.node }, 'The engine of the desktop stands.');
  tell(parent, { type: 'ready', attached: opened.attached });
  void watchForWindow(opened.client, (message) => tell(parent, message), { signal, logger: ports.logger });
  for (const line of waiting) opened.serve(line);
  waiting = [];
}

/** The main process ends this one: what is posted just before an exit may be lost. */
function fail(error: unknown): void {
  tell(parent, { type: 'failed', error: toErrorShape(error, systemRandom.id()) });
}

async function close(): Promise<void> {
  watching.abort();
  await served?.close();
  tell(parent, { type: 'closed' });
}

parent.on('message', ({ data, ports: [port] }) => {
  const message = toEngine.parse(data);
  if (message.type === 'start') {
    open(message).catch(fail);
  } else if (message.type === 'line' && port !== undefined) {
    const line = createPortChannel(port);
    if (served === null) waiting.push(line);
    else served.serve(line);
  } else if (message.type === 'answer') {
    keychain?.answer(message);
  } else if (message.type === 'power') {
    served?.power(message.event);
  } else if (message.type === 'close') {
    close().catch(fail);
  }
});
