/** A throw-away shop on a Postgres of its own on this computer, to learn and to test on. */
import type { MethodOutput } from '#shared/contract/index.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { practiceMethods } from '#shared/contract/practice.ts';
import type { Database } from '#shared/contract/systems.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createDown } from './down.ts';
import { createParts, followServer, type PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { findProgramSource } from './programs.ts';
import { createRemove } from './remove.ts';
import { createReset } from './reset.ts';
import { planted } from './shop/faults.ts';
import { look } from './standing.ts';
import { endsWithEngine, startTraffic } from './traffic/daemon.ts';
import { runsInside, stopInside } from './traffic/inside.ts';
import { createUp } from './up.ts';

type Status = MethodOutput<'practice.status'>;

const nowhere: Omit<Status, 'state' | 'reason' | 'folder'> = { systemId: null, databaseId: null, port: null, hostId: null, hostPort: null, serverVersion: null, sizeBytes: null, traffic: false, trafficInside: false, planted: [] };

/** Why the practice system cannot run here, in words, with what to do; null where it can. */
function obstacle(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    return [error.message, error.hint].filter(Boolean).join(' ');
  }
}

/** A few small files and one row: cheap enough to ask at every look. */
async function readStatus(parts: PracticeParts): Promise<Status> {
  const reason = obstacle(() => parts.place()) ?? obstacle(() => findProgramSource());
  if (reason !== null) return { ...nowhere, state: 'unsupported', reason, folder: '' };
  const place = parts.place();
  const standing = await look(place);
  const registered = parts.registration.find(place);
  return {
    state: standing.state,
    reason: null,
    folder: place.folder,
    systemId: registered?.system.id ?? null,
    databaseId: registered?.database.id ?? null,
    port: standing.server?.port ?? null,
    hostId: parts.hostRegistration.find(place)?.id ?? null,
    hostPort: parts.host.running?.port ?? null,
    serverVersion: standing.built?.version ?? null,
    sizeBytes: standing.built === null ? null : (registered?.database.sizeBytes ?? null),
    // What waits for a server that is gone sells nothing.
    traffic: standing.server !== null && standing.traffic !== null,
    trafficInside: standing.server !== null && runsInside(place),
    planted: standing.built === null ? [] : [...planted],
  };
}

export interface PracticeRoom {
  handlers: Handlers<keyof typeof practiceMethods>;
  /** Whether this database is on the practice server, and that is stopped: nobody has to look for another cause then. */
  isStopped(database: Database): Promise<boolean>;
  /** The same of its SSH host. */
  isHostStopped(host: Host): Promise<boolean>;
  /** Lets the SSH host answer, and starts traffic that runs inside the engine, where the practice server runs, as it does without us. Never rejects. */
  start(): Promise<void>;
  /** The SSH host answers no more; its detached jobs go on. Traffic inside the engine has ended. */
  close(): Promise<void>;
}

export function createPracticeRoom(context: EngineContext): PracticeRoom {
  const parts = createParts(context);
  const procedures = {
    up: context.runner.register(createUp(parts)),
    down: context.runner.register(createDown(parts)),
    reset: context.runner.register(createReset(parts)),
    remove: context.runner.register(createRemove(parts)),
  };
  /** Traffic that ended with the engine before this one goes on. */
  const reopenShop = async (place: PracticePlace): Promise<void> => {
    if (!endsWithEngine(context.ports, place)) return;
    const { server, traffic } = await look(place);
    if (server !== null && traffic === null) await startTraffic(place, server.port, context.ports);
  };
  return {
    handlers: {
      'practice.status': () => readStatus(parts),
      'practice.plan': async ({ action }) => ({ plan: await procedures[action].plan(null) }),
    },
    async start() {
      try {
        if (obstacle(() => parts.place()) === null) await followServer(parts, parts.place());
      } catch (error) {
        context.ports.logger.warn({ error: String(error) }, 'The SSH host of the practice system does not answer.');
      }
      try {
        if (obstacle(() => parts.place()) === null) await reopenShop(parts.place());
      } catch (error) {
        context.ports.logger.warn({ error: String(error) }, 'The practice system is without its traffic.');
      }
    },
    async close() {
      await parts.host.stop();
      if (obstacle(() => parts.place()) === null) await stopInside(parts.place());
    },
    async isStopped({ connection: { password } }) {
      if (password.source !== 'passfile' || obstacle(() => parts.place()) !== null) return false;
      const place = parts.place();
      return password.path === place.passfile && (await look(place)).state === 'stopped';
    },
    async isHostStopped({ id }) {
      if (obstacle(() => parts.place()) !== null) return false;
      const place = parts.place();
      return parts.hostRegistration.find(place)?.id === id && (await look(place)).state === 'stopped';
    },
  };
}
