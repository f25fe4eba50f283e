import { createContext, use, useSyncExternalStore } from 'react';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Connection, ConnectionState } from './connection.ts';

export const ConnectionContext = createContext<Connection | null>(null);

export function useConnection(): Connection {
  const connection = use(ConnectionContext);
  if (connection === null) throw new Error('No connection is provided above this component.');
  return connection;
}

export function useEngine(): EngineClient {
  return useConnection().client;
}

const never = () => () => {};

/** When the engine was last heard, in milliseconds since the epoch; null while it is not lost. */
export function useLostSince(): number | null {
  const connection = use(ConnectionContext);
  return useSyncExternalStore(connection?.subscribe ?? never, connection?.lostSince ?? (() => null));
}

export function useConnectionState(): ConnectionState {
  const connection = useConnection();
  return useSyncExternalStore(connection.subscribe, connection.state);
}
