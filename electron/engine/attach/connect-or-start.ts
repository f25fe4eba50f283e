/** One engine per data folder: uses the one that runs, and starts one only where none does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { EngineClient } from '#shared/contract/index.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { createEngine, type Engine } from '../create-engine.ts';
import { openHome } from '../home.ts';
import type { Ports } from '../ports.ts';
import { attach } from './attach-client.ts';
import { startAttachServer, type AttachServer, type HostRequests } from './attach-server.ts';

/** Milliseconds for which an engine that holds the lock may be starting or closing before it is given up. */
const patienceMs = 15_000;
const lookEveryMs = 50;

export interface ServedEngine {
  engine: Engine;
  attachServer: AttachServer;
}

/**
 * Starts the engine of a data folder and lets others attach to it.
 * @throws store.locked when another engine has the folder, and what `createEngine` throws
 */
export async function startEngine(options: { root: string; ports: Ports; hostRequests?: HostRequests }): Promise<ServedEngine> {
  const engine = await createEngine(options);
  try {
    return { engine, attachServer: await startAttachServer({ ...options, home: engine.home, dispatcher: engine.dispatcher }) };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

export interface EngineConnection {
  client: EngineClient;
  /** Whether the engine belongs to another process, and goes on without us. */
  attached: boolean;
  /** Others who use the engine of this process; 0 when attached. */
  guests(): number;
  /** Leaves the engine. Where it is this process's own, waits for guests first (until `hurry` aborts: it cuts them off), then closes it. */
  close(hurry?: AbortSignal): Promise<void>;
}

/**
 * Attaches to the engine of a data folder, or starts one. Two who start at the same moment end with one engine.
 * @param caller recorded with every operation that is run through it
 * @throws store.locked when an engine holds the folder but does not answer, and what `createEngine` throws
 */
export async function connectOrStart(options: { root: string; ports: Ports; caller: string }): Promise<EngineConnection> {
  const home = openHome(options.root);
  const deadline = options.ports.clock.now() + patienceMs;
  for (;;) {
    const client = await attach(home, options.caller);
    if (client !== null) {
      return {
        client,
        attached: true,
        guests: () => 0,
        close() {
          client.close();
          return Promise.resolve();
        },
      };
    }
    try {
      const { engine, attachServer } = await startEngine(options);
      return {
        client: engine.client(options.caller),
        attached: false,
        guests: () => attachServer.attached(),
        async close(hurry) {
          hurry?.addEventListener('abort', () => void attachServer.close(), { once: true });
          await attachServer.drain();
          await engine.close();
        },
      };
    } catch (error) {
      if (!hasCode(error, 'store.locked') || options.ports.clock.now() > deadline) throw error;
    }
    await pause(lookEveryMs);
  }
}
