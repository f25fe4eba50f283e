/** Who serves the lines of windows: the engine of this process, or the one of another process on the same data folder. */
import { setTimeout as pause } from 'node:timers/promises';
import { attach, attachChannel } from '#engine/attach/attach-client.ts';
import { startEngine, type ServedEngine } from '#engine/attach/connect-or-start.ts';
import { serveChannel } from '#engine/dispatch/serve-channel.ts';
import type { Home } from '#engine/home.ts';
import type { Logger, Ports } from '#engine/ports.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Channel } from '#shared/contract/protocol.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import type { createPortChannel } from './port-channel.ts';

type WindowLine = ReturnType<typeof createPortChannel>;

/** Milliseconds for which another one that has the folder may be starting or closing: it may have work to cancel and clean up. */
const patienceMs = 30_000;
const lookEveryMs = 100;

export interface Served {
  /** Whether the engine is another process's. */
  attached: boolean;
  /** For what the window shows around the console. */
  client: EngineClient;
  serve(line: WindowLine): void;
  power(event: 'suspend' | 'resume'): void;
  /** Cancels what runs in an engine of ours and waits until it is cleaned up; one of others goes on. */
  close(): Promise<void>;
  /** Without the secrets that the engine knows. */
  scrub<T>(value: T): T;
}

/** What is said in either direction is handed on unread, until one of the two closes. */
function join(one: Channel, other: Channel): void {
  one.onMessage((text) => void other.send(text));
  other.onMessage((text) => void one.send(text));
  one.onClose(() => other.close());
  other.onClose(() => one.close());
}

function ownEngine({ engine, attachServer }: ServedEngine): Served {
  return {
    attached: false,
    client: engine.client('console'),
    serve: (line) => {
      serveChannel(line, engine.dispatcher, 'console');
      line.greet();
    },
    power: (event) => engine.power(event),
    close: async () => {
      await attachServer.close();
      await engine.close();
    },
    scrub: (value) => engine.scrub(value),
  };
}

/** @param onGone the other process's engine has ended: whoever is served next starts one here */
async function engineOfOthers(home: Home, logger: Logger, onGone: () => void): Promise<Served | null> {
  const client = await attach(home, 'console');
  if (client === null) return null;
  const serve = async (line: WindowLine): Promise<void> => {
    const channel = await attachChannel(home, 'console');
    if (channel === null) {
      onGone();
      return line.close();
    }
    join(line, channel);
    line.greet();
  };
  return {
    attached: true,
    client,
    serve: (line) => {
      serve(line).catch((error: unknown) => {
        // The window hears that its line closed, and asks for another one.
        logger.warn({ error: String(error) }, 'A line of the window could not be joined to the engine that runs already.');
        line.close();
      });
    },
    power: () => {},
    close: async () => client.close(),
    scrub: (value) => value,
  };
}

/**
 * Starts the engine of the data folder, or uses the one that runs there already.
 * @throws what `createEngine` throws; store.locked when whoever holds the folder does not answer for long
 */
export async function openEngine(home: Home, ports: Ports, onGone: () => void): Promise<Served> {
  const link = (): string => {
    throw new PilothouseError('operation.busy', 'Pilothouse is open on this data folder, in its own window.', { hint: 'Use that window, or close it first.' });
  };
  const deadline = ports.clock.now() + patienceMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return ownEngine(await startEngine({ root: home.root, ports, hostRequests: { link } }));
    } catch (error) {
      if (!hasCode(error, 'store.locked')) throw error;
      const others = await engineOfOthers(home, ports.logger, onGone);
      if (others !== null) return others;
      if (ports.clock.now() > deadline) throw error;
    }
    if (isFirst) ports.logger.info({ home: home.root }, 'Another Pilothouse has the data folder and does not answer: it is starting or closing, and is waited for.');
    await pause(lookEveryMs);
  }
}
