import { useEffect, useState, useSyncExternalStore } from 'react';
import { useConnection } from './engine-context.ts';
import { followOperation, type LogFollower, type OperationLog } from './operation-log.ts';

const nothing: OperationLog = { lines: [], phases: [], progress: null, prompt: null, result: null, error: null, version: 0 };
const never = () => () => {};

/** The live story of an operation. Null: nothing is followed. */
export function useOperationLog(operationId: string | null): OperationLog {
  const connection = useConnection();
  const [follower, setFollower] = useState<LogFollower | null>(null);
  useEffect(() => {
    if (operationId === null) return;
    const started = followOperation(connection.client, connection, operationId);
    setFollower(started);
    return () => {
      started.stop();
      setFollower(null);
    };
  }, [connection, operationId]);
  return useSyncExternalStore(follower?.subscribe ?? never, follower?.snapshot ?? (() => nothing));
}
