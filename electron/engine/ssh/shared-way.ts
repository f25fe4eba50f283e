/** The way to a host over the connections that are shared: of twenty hosts behind a bastion, it is signed in to once. */
import { isDeepStrictEqual } from 'node:util';
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { connectChain, type ChainOptions, type SshConnection } from './chain.ts';
import type { Handshakes } from './handshakes.ts';
import type { SshPool } from './pool.ts';
import type { HostStanding } from './standing.ts';
import type { SshHop } from './types.ts';

export interface SharedWayOptions {
  /** The host through which one is reached, by its id; null where this computer reaches it. */
  viaOf: (hostId: string) => string | null;
  wayTo: (hostId: string) => Promise<[SshHop, ...SshHop[]]>;
  /** Every machine on the way and whom one trusts there, as it stands now. */
  wayNow: (hostId: string) => unknown;
  handshakes: Handshakes;
  pool: () => SshPool;
  /** Told of each machine that was signed in to or could not be, by itself: those before it have a connection, and a standing, of their own. */
  standing: HostStanding;
}

/** Whether it was a machine before that was gone, which the pool may not have known yet. */
const lostOnTheWay = (error: unknown): boolean => isPilothouseError(error) && error.code === 'ssh.connection-lost' && error.details['to'] !== undefined;

/** @returns how the pool connects. @throws what `wayTo` and `connectChain` throw */
export function createSharedWay({ viaOf, wayTo, wayNow, handshakes, pool, standing }: SharedWayOptions): (hostId: string, signal: AbortSignal) => Promise<SshConnection> {
  /** @param asOf what the way was when it was asked for: a failure of another one is none of the host as it is now */
  const signIn = async (hostId: string, way: [SshHop, ...SshHop[]], asOf: unknown, options: ChainOptions): Promise<SshConnection> => {
    try {
      return await connectChain(way, { ...options, handshakes });
    } catch (error) {
      const isOwn = isPilothouseError(error) && options.signal?.aborted !== true && !lostOnTheWay(error);
      if (isOwn && isDeepStrictEqual(wayNow(hostId), asOf)) standing.failed(hostId, toErrorShape(error, ''));
      throw error;
    }
  };
  const connectBehind = (hostId: string, way: [SshHop, ...SshHop[]], viaId: string, asOf: unknown, signal: AbortSignal): Promise<SshConnection> =>
    new Promise((resolve, reject) => {
      const held = pool().use(
        viaId,
        async (before) => {
          const connection = await signIn(hostId, way, asOf, { signal, over: { connection: before, machines: way.length - 1 } });
          resolve(connection);
          // As long as this one is open it needs the one before.
          await connection.closed;
        },
        signal,
        'tunnel',
      );
      held.catch(reject);
    });
  const connectOnce = async (hostId: string, asOf: unknown, signal: AbortSignal): Promise<SshConnection> => {
    const way = await wayTo(hostId);
    const viaId = viaOf(hostId);
    if (viaId === null) return signIn(hostId, way, asOf, { signal });
    try {
      return await connectBehind(hostId, way, viaId, asOf, signal);
    } catch (error) {
      if (!lostOnTheWay(error) || signal.aborted) throw error;
      return connectBehind(hostId, way, viaId, asOf, signal);
    }
  };
  return async (hostId, signal) => {
    for (;;) {
      const before = wayNow(hostId);
      const connection = await connectOnce(hostId, before, signal);
      // Signing in may wait for a person for minutes: a key that was revoked meanwhile is trusted no more.
      if (isDeepStrictEqual(wayNow(hostId), before)) {
        standing.reached(hostId);
        return connection;
      }
      connection.close();
    }
  };
}
