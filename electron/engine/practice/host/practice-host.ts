/**
 * The SSH host of the practice system. The engine itself is the server, as long as the practice server runs: the
 * program of the console may start no second one of its kind.
 */
import { userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { HostKey } from '#shared/domain/host-trust.ts';
import type { EngineContext } from '../../engine-context.ts';
import { readHostKey } from '../../ssh/host-key.ts';
import type { PracticePlace } from '../place.ts';
import { practiceMajor } from '../programs.ts';
import { findServer } from '../server.ts';
import { look } from '../standing.ts';
import { hostStands, keepPort, makeHostFolder, readHostKeys, readKeptPort } from './keys.ts';
import { startHostServer, type HostServer } from './server.ts';

/** The host as it answers now. */
export interface RunningHost {
  port: number;
  user: string;
  /** The key by which it is known. */
  key: HostKey;
}

export interface PracticeHost {
  /** Null while it does not answer. */
  readonly running: RunningHost | null;
  /** Makes it where there is none, and lets it answer. @throws practice.start-failed */
  start(place: PracticePlace): Promise<RunningHost>;
  /** Cuts every connection to it and ends what runs for them; detached jobs go on. */
  stop(): Promise<void>;
}

/** Whoever runs the engine; a container may know its user by number alone. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'practice';
  }
}

const portAttempts = 20;

/** @param isTaken whether another key is known for a port of 127.0.0.1: somebody else's is not to be trusted less by us */
export function createPracticeHost({ ports, postgres }: Pick<EngineContext, 'ports' | 'postgres'>, isTaken: (port: number, key: HostKey) => boolean): PracticeHost {
  const user = userName();
  let current: { server: HostServer; running: RunningHost } | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  };

  /** The practice server's own programs first, then the client programs of this computer that fit it. */
  const environment = async (place: PracticePlace): Promise<Record<string, string>> => {
    const { built } = await look(place);
    const tool = (await postgres.findTools('pg_dump')).findLast(({ major }) => major >= practiceMajor);
    const folders = [...(built === null ? [] : [join(place.programs(built.version), 'bin')]), ...(tool === undefined ? [] : [dirname(tool.path)]), ...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
    return { HOME: place.host.home, PATH: [...new Set(folders)].filter((folder) => folder.startsWith('/')).join(delimiter), USER: user, LOGNAME: user, SHELL: '/bin/sh', LANG: 'C' };
  };

  const listen = async (place: PracticePlace, keys: ReturnType<typeof readHostKeys>, key: HostKey): Promise<HostServer> => {
    const options = { keys, user, home: place.host.home, environment: () => environment(place), forwardPort: async () => (await findServer(place.cluster))?.port ?? null, logger: ports.logger };
    for (let attempt = 1, wanted = readKeptPort(place) ?? 0; ; attempt += 1, wanted = 0) {
      try {
        const server = await startHostServer(wanted, options);
        if (!isTaken(server.port, key)) return server;
        await server.close();
      } catch (error) {
        if (wanted === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
      if (attempt >= portAttempts) throw new PilothouseError('practice.start-failed', 'There is no port for the practice host.', { hint: 'Start the practice system again.', retryable: true });
    }
  };

  return {
    get running() {
      return current?.running ?? null;
    },
    start: (place) =>
      inTurn(async () => {
        if (current !== null) return current.running;
        makeHostFolder(place);
        const keys = readHostKeys(place);
        const key = readHostKey(keys.hostKey.getPublicSSH());
        const server = await listen(place, keys, key);
        if (server.port !== readKeptPort(place)) keepPort(place, server.port);
        current = { server, running: { port: server.port, user, key } };
        return current.running;
      }),
    stop: () =>
      inTurn(async () => {
        const stopped = current;
        current = null;
        await stopped?.server.close();
      }),
  };
}

/** Whether it is to answer: where it was made, and the practice server runs. */
export async function isWanted(place: PracticePlace): Promise<boolean> {
  return hostStands(place) && (await look(place)).state === 'running';
}
